"""What shifts leave behind, in a demonstration: hours of watching, a handover signed by both, a surge that is over,
and decisions of last month that were looked over. Fictional, made once.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from accounts.actions import coverage
from accounts.models import WatchHours
from core import clock
from escalation.actions import handover
from moderation.actions import quality
from moderation.models import (
    Clause,
    Comment,
    Commenter,
    Conversation,
    DipSample,
    HourCount,
    Revision,
    Surge,
)
from notices.actions import see
from notices.models import Notice
from smmp.seed.deciding import decision
from smmp.seed.force import SEED, Force
from staff.models import StaffMember

EVERY_DAY, WORKING_DAYS = range(7), range(5)
LAST_MONTH = (
    ("amira_hussain", "hide", "You lot are a disgrace, every one of you", "Abuse of officers"),
    ("amira_hussain", "no_action", "Why does it take two days to answer 101?", "Opinion on our service"),
    ("amira_hussain", "no_action", "Well done to the officer who helped my dad", "Praise"),
    ("tom_beckett", "hide", "I think the chief constable should resign", "Rude"),
    ("tom_beckett", "no_action", "Is the market on this Saturday?", "For the council"),
)
"""Whose, what, the public's words, why."""


@transaction.atomic
def make(force: Force) -> None:
    """Safe to run twice."""
    if WatchHours.objects.exists():
        return
    _hours(force)
    _a_surge_that_is_over(force)
    _looked_over(force)
    given = handover.hand_over(
        actor=force.people["tom_beckett"],
        incoming=force.people["amira_hussain"],
        note="The bridge team rings back before six. Nothing else is promised to anybody.",
    )
    handover.take_over(actor=force.people["amira_hussain"], handover=given)
    for person in force.people.values():
        see(actor=person, notices=Notice.objects.filter(to=person, link__contains="/handover/"))


def _hours(force: Force) -> None:
    """One official account is watched around the clock, one by day with the risk recorded, one without a record."""
    desk = force.teams["Digital desk"]
    coverage.add_hours(
        actor=SEED,
        account=force.accounts["wealdshire-police"],
        team=desk,
        days=EVERY_DAY,
        from_hour=0,
        until_hour=24,
    )
    for slug, team in (("harrowfield-police", "Harrowfield neighbourhood team"), ("saltmere-police", None)):
        coverage.add_hours(
            actor=SEED,
            account=force.accounts[slug],
            team=force.teams.get(team or "", desk),
            days=WORKING_DAYS,
            from_hour=8,
            until_hour=20,
        )
    coverage.record_risk(
        actor=SEED,
        account=force.accounts["harrowfield-police"],
        risk="A cry for help in the evening or at the weekend is read the next working morning.",
        instead="The profile names 999 and 101. What triage finds grave stands in the digital desk’s queue at once.",
        borne_by=force.people["victoria_lang"],
        review_on=clock.today() + timedelta(days=120),
    )


def _a_surge_that_is_over(force: Force) -> None:
    """Last week's, with the hours around it and its report."""
    account, tom = force.accounts["wealdshire-police"], force.people["tom_beckett"]
    begins = (clock.now() - timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
    for week in range(8):
        for hour, usual in enumerate((6, 9, 8, 7, 5, 4), -1):
            HourCount.objects.get_or_create(
                official_account=account,
                begins_at=begins - timedelta(weeks=week) + timedelta(hours=hour),
                defaults={"comments": usual * (60 if week == 0 and 0 <= hour <= 2 else 1)},
            )
    Surge.objects.create(
        official_account=account,
        state=Surge.State.ENDED,
        since=begins + timedelta(minutes=5),
        noticed_at=begins + timedelta(minutes=21),
        said={
            "came": 164,
            "minutes": 15,
            "usual": 2.3,
            "weeks": 8,
            "by_day": False,
            "since": (begins + timedelta(minutes=5)).isoformat(),
            "post": "The lower Weald is flooding. Leave now where you are told to.",
            "conversation": None,
            "share": 81,
            "words": [["flood", 44], ["bridge", 31], ["saltmere", 22], ["sandbags", 12]],
        },
        why="Flood warning for the lower Weald",
        started_by=tom,
        started_at=begins + timedelta(minutes=24),
        over_by=tom,
        over_at=begins + timedelta(hours=3),
        over_why="The water is falling and questions are few again",
        report={
            "came": 1409,
            "open": 12,
            "grave": 23,
            "cases": 4,
            "people": 1102,
            "decisions": [["No action", 1201], ["Replied", 148], ["Hidden", 44], ["Escalated", 4]],
            "in_groups": 866,
            "acts": 17,
            "staff": 3,
            "grave_answered": 23,
            "grave_median_s": 212,
            "busiest_hour": 540,
        },
    )


def _looked_over(force: Force) -> None:
    """Decisions of last month, drawn; one of them marked and answered."""
    if not settings.DEMO:
        return
    account = force.accounts["wealdshire-police"]
    at = clock.now().replace(day=1, hour=14, minute=10) - timedelta(days=4)
    thread, _ = Conversation.objects.get_or_create(
        official_account=account,
        root_external_id="demonstration-last-month",
        defaults={"root_text": "Our officers are at the market all day. Come and talk to us."},
    )
    for number, (slug, kind, words, why) in enumerate(LAST_MONTH):
        person: StaffMember = force.people[slug]
        author = Commenter.objects.create(
            platform=account.platform,
            external_id=f"demonstration-reader-{number}",
            handle=f"weald_reader_{number}",
            name=f"Weald Reader {number}",
            first_seen_at=at,
        )
        comment = Comment.objects.create(
            platform=account.platform,
            external_id=f"demonstration-last-month-{number}",
            official_account=account,
            conversation=thread,
            commenter=author,
            text=words,
            posted_at=at,
            received_at=at,
            state=Comment.State.DECIDED,
            decided_at=at + timedelta(minutes=9),
            priority=5,
        )
        Revision.objects.create(comment=comment, number=1, text=words, seen_at=at)
        clause = Clause.objects.get(slug="abuse") if kind == "hide" else None
        decision(comment, kind, person, at=at + timedelta(minutes=9), why=why, clause=clause)
    quality.draw_last_month(actor=SEED)
    tom, okafor = force.people["tom_beckett"], force.people["sergeant_okafor"]
    one = DipSample.objects.filter(person=tom, kind="hide").first()
    if one is not None:
        quality.mark(
            actor=okafor,
            sample=one,
            mark="wrong",
            sentence="Asking for somebody to resign is an opinion, and no clause of the guidelines speaks against it.",
        )
        quality.answer(actor=tom, sample=one, words="Agreed. I took it for abuse at the end of a long night.")
    for person in (tom, okafor):
        see(actor=person, notices=Notice.objects.filter(to=person, key__startswith="dip-"))
