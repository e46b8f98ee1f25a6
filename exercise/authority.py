"""Who may run an exercise. This room lies below the grants, so it asks Django's question."""

from __future__ import annotations

from core.actors import Actor, System
from core.errors import NotPermitted


def is_trainer(actor: Actor) -> bool:
    """Whether the actor may start scenarios and write as the public: a trainer, or the platform itself."""
    if isinstance(actor, System):
        return True
    has_perm = getattr(actor, "has_perm", None)
    return bool(has_perm and has_perm("accounts.run_exercises"))


def require_trainer(actor: Actor) -> None:
    """Refuse, with NotPermitted, anyone who may not run exercises."""
    if not is_trainer(actor):
        raise NotPermitted(
            "You may not do this: it needs the right “Start and stop exercises”. Ask your service administrator."
        )
