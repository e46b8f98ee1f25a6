"""What waits in cases, referrals and handovers of a shift."""

from __future__ import annotations

from django.db.models import Min

from accounts.queries import Authority
from core import clock
from escalation import handover, queries_referrals
from escalation.models import Case
from smmp.frame import address_of
from smmp.home.now import AT_MOST_EACH, HIGH, LIFE, MINE, SOON, Now, Waiting, count_up_to, number_of
from staff.models import StaffMember
from staff.roles import Power


def add_cases(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Cases that nobody has yet, for those who may say "I have it"; and those the viewer has."""
    seen = Case.objects.filter(official_account__in=may.account_ids(Power.SEE_CASES)).select_related(
        "official_account", "pathway"
    )
    if may.holds(Power.ACKNOWLEDGE_CASES):
        for case in seen.filter(
            state=Case.State.WAITING, official_account__in=may.account_ids(Power.ACKNOWLEDGE_CASES)
        ).order_by("priority", "acknowledge_by")[:AT_MOST_EACH]:
            now.cases_shown.append(case.pk)
            now.waiting.append(
                Waiting(
                    LIFE,
                    f"{case.reference}: {case.title}",
                    f"{_drill(case.exercise)}Nobody has it yet. {case.official_account}.",
                    "Open the case",
                    address_of("escalation:case", case.pk),
                    priority=case.priority,
                    until=case.acknowledge_by,
                    then="the next level is called",
                )
            )
    else:
        open_cases = seen.filter(state=Case.State.WAITING)
        if number := count_up_to(open_cases):
            now.waiting.append(
                Waiting(
                    HIGH,
                    number_of(number, "case is with nobody yet", "cases are with nobody yet"),
                    "The people on call are being called.",
                    "See cases",
                    address_of("escalation:cases"),
                    glyph="case",
                    until=open_cases.aggregate(next=Min("acknowledge_by"))["next"],
                    then="the next level is called",
                )
            )
    for case in seen.filter(state=Case.State.ACKNOWLEDGED, acknowledged_by=viewer).order_by(
        "acknowledged_at"
    )[:AT_MOST_EACH]:
        now.cases_shown.append(case.pk)
        now.waiting.append(
            Waiting(
                MINE,
                f"{case.reference}: {case.title}",
                f"{_drill(case.exercise)}You have it.{_resumes(case)}",
                "Go on with it",
                address_of("escalation:case", case.pk),
                priority=case.priority,
                since=case.acknowledged_at,
            )
        )


def add_referrals(now: Now, viewer: StaffMember) -> None:
    """What was referred to the viewer's team and is not answered."""
    waiting = queries_referrals.waiting_for(viewer)
    if not (number := count_up_to(waiting)):
        return
    due = waiting.order_by("due_at").values_list("due_at", flat=True)[0]
    now.waiting.append(
        Waiting(
            HIGH if due <= clock.now() else SOON,
            number_of(number, "referral waits for your team", "referrals wait for your team"),
            "The first one due stands first.",
            "See what was referred",
            address_of("escalation:referrals"),
            glyph="send",
            until=due,
            then="it is asked after",
        )
    )


def _resumes(case: Case) -> str:
    """What happens to a case that the viewer has if they do nothing more, and when."""
    if case.resumes_at is None:
        return ""
    at = f"{clock.in_london(case.resumes_at):%H:%M}"
    if case.act_by == case.resumes_at:
        return f" Unless something is recorded by {at}, the calls go on."
    return f" At {at} your shift ends and the calls go on."


def _drill(exercise: bool) -> str:
    return "Exercise. " if exercise else ""


def add_handovers(now: Now, viewer: StaffMember) -> None:
    """A shift that is handed over to the viewer; and for supervisors those that nobody has taken over in time."""
    for one in handover.waiting_for(viewer):
        now.waiting.append(
            Waiting(
                MINE,
                f"{one.outgoing.called} hands the shift over to you",
                "Read what stands now and sign that you have it.",
                "Read and sign",
                address_of("escalation:handover", one.pk),
                glyph="people",
                since=one.made_at,
            )
        )
    for one in handover.unsigned(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{one.incoming.called} has not signed a handover",
                f"Handed over by {one.outgoing.called}.",
                "Look at it",
                address_of("escalation:handover", one.pk),
                glyph="people",
                since=one.made_at,
            )
        )
