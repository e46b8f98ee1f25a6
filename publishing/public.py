"""What was published for a policing area, as the public reads it on its page and in its feed.

It stands here so that the public is reached when a platform fails. Of the public list alone (accounts.public):
nothing of an exercise, nothing that was deleted from its platform or is being taken down, and the words as they stand there now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Neighbourhood
from accounts.public import Listed, Listing
from core import clock
from publishing.models import Correction, Delivery, TakeDown

SHOWN = 30
URGENT_FOR = timedelta(days=3)
"""How long an urgent post of the whole force stands on the page of every area."""


@dataclass(frozen=True)
class Published:
    """One post as the public reads it."""

    key: str
    words: str
    at: datetime
    changed_at: datetime
    account: Listed
    urgent: bool
    link: str


def published(found: Listing, area: Neighbourhood) -> list[Published]:
    """The newest posts of the area's official accounts, urgent ones of the whole force before them. Two reads."""
    ours = {one.pk: one for one in found.accounts if one.area_slug == area.slug}
    all_force = {one.pk: one for one in found.accounts if not one.area_slug}
    rows = Delivery.objects.filter(
        kind=Delivery.Kind.POST, state=Delivery.State.SENT, sent_at__isnull=False
    ).exclude(take_down__kind=TakeDown.Kind.DELETE)
    here = rows.filter(official_account__in=ours).order_by("-sent_at", "-id")[:SHOWN]
    urgent = rows.filter(
        official_account__in=all_force, urgent=True, sent_at__gt=clock.now() - URGENT_FOR
    ).order_by("-sent_at", "-id")[:SHOWN]
    chosen = [*urgent, *here]
    changes: dict[int, list[Correction]] = {}
    for change in Correction.objects.filter(
        standing__in=[row.pk for row in chosen], state=Correction.State.DONE
    ).order_by("done_at", "id"):
        changes.setdefault(change.standing_id, []).append(change)
    told = []
    for row in chosen:
        done = changes.get(row.pk, [])
        if any(change.kind == Correction.Kind.DELETE for change in done):
            continue
        last = done[-1] if done else None
        assert row.sent_at is not None
        told.append(
            Published(
                key=str(row.key),
                words=last.text if last else row.text,
                at=row.sent_at,
                changed_at=(last.done_at if last and last.done_at else row.sent_at),
                account=(ours | all_force)[row.official_account_id],
                urgent=row.urgent,
                link=row.external_url if row.external_url.startswith("https://") else "",
            )
        )
    return told
