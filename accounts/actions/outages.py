"""A platform is down: said by itself or by a person, told once, and over again by itself or by a person."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import continuity
from accounts.models import OfficialAccount, Outage, OutageRule
from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power

WATCH = System("watch over platforms")
TOLD = (Power.REPLY, Power.WRITE_POSTS, Power.APPROVE_POSTS)
"""Whoever holds one of these on an official account of the platform is told."""
WHY_AT_MOST = 400


@action
def raise_outage(*, actor: Actor, platform: str, why: str) -> Outage:
    """The banner stands over every page of those who work on the platform, and they are told, once.

    By a person who may stop what goes out or keeps the plans, or by the watch over the platforms' health, which
    alone takes down by itself what it raised. Raises NotPermitted, NotValid (no reason, no official account
    there), TransitionNotAllowed (it is down already). Audits outage.raised, notice.given.
    """
    _require(actor)
    if platform not in registry.NAMES or not _accounts(platform):
        raise NotValid("The force has no official account there, so nobody would be told.", field="platform")
    why = reason(
        why,
        "Say what you see, in a few words: colleagues read it at the top of every page.",
        most=WHY_AT_MOST,
    )
    try:
        with transaction.atomic():
            outage = Outage.objects.create(
                platform=platform,
                began_at=clock.now(),
                raised_by=actor if isinstance(actor, StaffMember) else None,
                why=why,
            )
    except IntegrityError:
        raise TransitionNotAllowed(f"{registry.NAMES[platform]} is down already: reload the page.") from None
    people = _people(platform)
    plan = continuity.ContinuityPlan.objects.filter(platform=platform).select_related("owner").first()
    if plan is not None:
        people.setdefault(plan.owner_id, plan.owner)
    notify(
        actor=actor,
        to=people.values(),
        urgency=Notice.Urgency.SOON,
        title=f"{outage.name} is down",
        body=f"{why} The plan says what to do and what is used instead.",
        link=reverse("accounts:continuity_plan", args=[platform]),
        key=f"outage:{outage.pk}",
    )
    outage.people_told = len(people)
    outage.save(update_fields=["people_told"])
    _record(actor, "outage.raised", outage, why, people=len(people))
    return outage


@action
def end_outage(*, actor: Actor, outage: Outage, why: str) -> Outage:
    """It is back: the banner goes, and whoever was told is told so.

    The watch ends only what it raised itself. Raises NotPermitted, NotValid (no reason), TransitionNotAllowed
    (it is over). Audits outage.ended, notice.given.
    """
    _require(actor)
    row = Outage.objects.select_for_update().get(pk=outage.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("It is over already. Reload the page.")
    if not isinstance(actor, StaffMember) and row.raised_by_id is not None:
        raise TransitionNotAllowed("A person said that it is down, so a person says that it is back.")
    row.ended_why = reason(why, "Say how you know that it is back, in a few words.", most=WHY_AT_MOST)
    row.ended_at = clock.now()
    row.ended_by = actor if isinstance(actor, StaffMember) else None
    row.save(update_fields=["ended_at", "ended_by", "ended_why"])
    notify(
        actor=actor,
        to=StaffMember.objects.filter(notices__key=f"outage:{row.pk}").distinct(),
        urgency=Notice.Urgency.FYI,
        title=f"{row.name} is back",
        body=f"{row.ended_why} Look through what was held or is unknown in the outbox.",
        link=reverse("accounts:continuity_plan", args=[row.platform]),
        key=f"outage:{row.pk}:over",
    )
    _record(actor, "outage.ended", row, row.ended_why)
    return row


@action
def set_rule(*, actor: StaffMember, accounts: int, minutes: int) -> OutageRule:
    """From now on a platform counts as down when so many of its official accounts have failed for so many minutes.

    accounts: 1 to 100; minutes: 1 to 1,440. The row before is kept. Raises NotPermitted, NotValid. Audits outage.rule_set.
    """
    require(actor, Power.SET_POLICIES)
    if not 1 <= accounts <= 100:
        raise NotValid("Choose 1 to 100 official accounts.", field="accounts")
    if not 1 <= minutes <= 1440:
        raise NotValid("Choose 1 to 1,440 minutes.", field="minutes")
    row = OutageRule.objects.create(accounts=accounts, minutes=minutes, set_by=actor, set_at=clock.now())
    record(
        actor=actor,
        event="outage.rule_set",
        subject=row,
        subject_name=str(row),
        details={"accounts": accounts, "minutes": minutes},
    )
    return row


def _require(actor: Actor) -> None:
    if not isinstance(actor, StaffMember):
        if actor.actor_kind != "system":
            raise NotPermitted("A person says that a platform is down, or the watch does.")
    elif not continuity.may_raise(actor):
        require(actor, Power.LOCK_DOWN)


def _accounts(platform: str) -> list[int]:
    rows = OfficialAccount.objects.filter(platform=platform).exclude(status=OfficialAccount.Status.CLOSED)
    return list(rows.values_list("pk", flat=True))


def _people(platform: str) -> dict[int, StaffMember]:
    """Those who would work there; where it has very many official accounts, whoever holds such a power anywhere."""
    accounts = _accounts(platform)
    places: list[int | None] = list(accounts) if len(accounts) <= 12 else [None]
    return {
        person.pk: person
        for place in places
        for power in TOLD
        for person in people_with(power, official_account_id=place)
    }


def _record(actor: Actor, event: str, row: Outage, why: str, **details: object) -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=row.name,
        reason=why,
        details={"platform": row.platform, **details},
    )
