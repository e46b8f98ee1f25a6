"""The platform's own small tasks."""

from __future__ import annotations

from celery import shared_task
from django.urls import reverse

from accounts.queries import people_with
from audit.seal import queries as seal
from core import clock
from core.actors import System
from notices.actions import notify
from smmp import pulse
from smmp.actions import moving
from staff.roles import Power

SEAL_WATCH = System("seal watch")


@shared_task(name="smmp.worker_beat")
def worker_beat() -> None:
    """Proof that messages reach a worker and that it reaches the database."""
    pulse.beat("worker")


@shared_task(name="smmp.sweep_periods")
def sweep_periods() -> None:
    """Old claims of periods go."""
    pulse.sweep_periods()


@shared_task(name="smmp.empty_imports")
def empty_imports() -> int:
    """Files of other products that nobody brought in within a day lose their rows (every hour)."""
    return moving.empty_imports()


@shared_task(name="smmp.watch_seal")
def watch_seal() -> int:
    """Information security is told, once per occasion, of a sealer that is late and of a sink that lags.

    Answers how many occasions there are at present.
    """
    state = seal.state()
    found = []
    if state.late:
        last = state.last
        since = (
            f"The last seal is of {clock.in_london(last.sealed_at):%H:%M}."
            if last
            else "There is no seal yet."
        )
        found.append(
            (
                f"seal-late:{last.number if last else 'beginning'}",
                "The audit trail is not being sealed",
                f"{since} Entries are kept and will be sealed when the sealer runs again.",
            )
        )
    for sink in state.sinks:
        if sink.late:
            began = sink.failing_since or sink.sealed_at
            found.append(
                (
                    f"sink-late:{sink.name}:{began:%Y%m%dT%H%M%S}" if began else f"sink-late:{sink.name}",
                    f"Checkpoints do not reach the sink “{sink.title}”",
                    f"{sink.waiting:,} wait. Until they arrive, a cut at the end of the trail could go unseen there.",
                )
            )
    if found:
        told = people_with(Power.SEE_AUDIT)
        for key, title, body in found:
            notify(
                actor=SEAL_WATCH,
                to=told,
                urgency="soon",
                title=title,
                body=body,
                link=reverse("audit:seal"),
                key=key,
            )
    return len(found)
