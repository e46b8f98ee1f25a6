"""What the actions of the rumour desk share: finding one under lock, who may, and its story in the trail and its case."""

from __future__ import annotations

from accounts.queries import require
from audit.actions import record
from core import clock
from core.actors import Actor
from core.errors import NotPermitted, TransitionNotAllowed
from escalation.actions import log
from escalation.models import Case
from insights import queries_rumours as queries
from insights.models import Rumour, RumourChange
from staff.models import StaffMember


def locked(rumour: Rumour) -> Rumour:
    """The row as it is now, held until the end."""
    return Rumour.objects.select_for_update(of=("self",)).select_related("official_account").get(pk=rumour.pk)


def require_work(actor: StaffMember, rumour: Rumour, *powers: str) -> None:
    """They hold one of the powers where it appeared. Raises NotPermitted."""
    if not queries.may(actor, rumour, *powers):
        require(actor, powers[0], rumour.official_account_id)
        raise NotPermitted("You may not do this on an official account where the rumour appeared.")


def opened(rumour: Rumour) -> Rumour:
    """The same of one that is not closed. Raises TransitionNotAllowed."""
    rumour = locked(rumour)
    if rumour.state == Rumour.State.CLOSED:
        raise TransitionNotAllowed("It is closed. Open it again first, and say why.")
    return rumour


def at_work(actor: StaffMember, rumour: Rumour) -> Rumour:
    """The same of one that somebody has taken up, by whoever may assess it. Raises NotPermitted, TransitionNotAllowed."""
    rumour = opened(rumour)
    require_work(actor, rumour, *queries.WORKS)
    if rumour.state == Rumour.State.SEEN:
        raise TransitionNotAllowed("Take it up first, in our own words.")
    return rumour


def move(rumour: Rumour, actor: StaffMember, after: str, says: str, *, fields: list[str]) -> Rumour:
    """It comes into another state. Audits rumour.moved."""
    was, rumour.state = rumour.state, after
    rumour.save(update_fields=["state", *fields])
    note(rumour, actor, "moved", says, "rumour.moved", details={"was": was, "becomes": after})
    return rumour


def note(
    rumour: Rumour,
    actor: Actor,
    event: str,
    says: str,
    audited: str,
    *,
    details: dict[str, object] | None = None,
) -> None:
    """Its own story, the trail, and the log of its case while that is open."""
    RumourChange.objects.create(
        rumour=rumour, event=event, says=says[:700], by_name=actor.actor_name[:200], at=clock.now()
    )
    audit(rumour, actor, audited, details or {})
    if rumour.case_number is None:
        return
    case = (
        Case.objects.select_for_update()
        .filter(number=rumour.case_number)
        .exclude(state=Case.State.CLOSED)
        .first()
    )
    if case is not None:
        log.write(actor=actor, case=case, event="noted", text=f"Rumour {rumour.reference}: {says}"[:4000])
        log.audit(actor, "case.noted", case)


def audit(rumour: Rumour, actor: Actor, event: str, details: dict[str, object]) -> None:
    """One entry of the trail about it."""
    record(
        actor=actor,
        event=event,
        subject=rumour,
        subject_name=rumour.reference,
        official_account_id=rumour.official_account_id,
        details=details,
    )
