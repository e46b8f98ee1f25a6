"""What a leaver left goes to a named person, who is told once and finds all of it on one page."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from accounts import queries
from accounts.models import OfficialAccount
from audit.actions import record
from core.acting import action
from core.actors import Actor, System
from notices.actions import notify
from notices.models import Notice
from staff.actions.departures import note_handover
from staff.models import Departure, Handover, StaffMember
from staff.queries import departure_of
from staff.roles import Power

HANDOVER = System("handover")
"""Who hands over: the platform, within ten seconds of the leaving."""


@action
def hand_over(
    *,
    actor: Actor,
    departure: Departure,
    heir: StaffMember | None,
    subject: models.Model,
    subject_name: str,
    what_next: str,
    link: str = "",
    official_account_id: int | None = None,
) -> Handover:
    """The piece stands in the heir's list, and the heir is told, once for all that comes from one leaver.

    Where nobody may take it over, the service administrators are told. Within the transaction that
    locked the piece. Audits staff.work_handed_over and notice.given.
    """
    handover = note_handover(
        actor=actor,
        departure=departure,
        heir=heir,
        subject=subject,
        subject_name=subject_name,
        what_next=what_next,
        link=link,
        official_account_id=official_account_id,
    )
    leaver = departure.person.called
    if heir is not None:
        notify(
            actor=actor,
            to=[heir],
            urgency=Notice.Urgency.SOON,
            title=f"You take over from {leaver}",
            body=f"{leaver} has left. The page lists what came to you and what to do with each piece.",
            link=reverse("accounts:taken_over", args=[departure.pk]),
            key=f"handover {departure.pk}",
        )
    else:
        notify(
            actor=actor,
            to=queries.people_with(Power.MANAGE_STAFF),
            urgency=Notice.Urgency.SOON,
            title=f"Nobody could take over from {leaver}",
            body="Some of their open work needs a right that nobody else holds. The page says which.",
            link=reverse("accounts:departure", args=[departure.pk]),
            key=f"handover {departure.pk} nobody",
        )
    return handover


@action
def rehome_account(*, actor: Actor = HANDOVER, account: OfficialAccount) -> bool:
    """An official account whose owner has left is answered for by the heir. Safe to run twice.

    Answers False where there was nothing to do. Audits account.changed and staff.work_handed_over.
    """
    found = (
        OfficialAccount.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("owner")
        .filter(pk=account.pk, owner__active=False)
        .first()
    )
    departure = departure_of(found.owner) if found is not None else None
    if found is None or departure is None:
        return False
    candidates = queries.heirs(departure)
    if not candidates:
        return False
    leaver, found.owner = found.owner, candidates[0]
    found.save(update_fields=["owner"])
    record(
        actor=actor,
        event="account.changed",
        subject=found,
        subject_name=found.name,
        official_account_id=found.pk,
        details={"owner_was": leaver.called, "owner": found.owner.called},
    )
    hand_over(
        actor=actor,
        departure=departure,
        heir=found.owner,
        subject=found,
        subject_name=f"The official account {found.name}",
        what_next="You are its owner now. If somebody else should be, tell your service administrator.",
        link=reverse("accounts:account", args=[found.pk]),
        official_account_id=found.pk,
    )
    return True
