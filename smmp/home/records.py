"""What waits in retention and in requests under information law."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from accounts.queries import Authority
from core import clock
from retention.models import Hold, Proposal, Review, RightsRequest, ScheduleDraft, ScheduleRow
from smmp.frame import address_of
from smmp.home.now import AT_MOST_EACH, HIGH, LATER, MINE, SOON, Now, Waiting, count_up_to, number_of
from staff.models import StaffMember
from staff.roles import Power

HOLD_REVIEW_SOON = timedelta(days=7)


def _disposal(now: Now, viewer: StaffMember) -> None:
    """What waits for this records manager: changes and large disposals of others, lifts, reviews, what goes on soon."""
    others = ScheduleDraft.objects.filter(state=ScheduleDraft.State.PUT).exclude(made_by=viewer)
    lifts = Hold.objects.filter(lifted_at=None, lift_asked_by__isnull=False).exclude(lift_asked_by=viewer)
    large = Proposal.objects.filter(state=Proposal.State.WAITING, needs_two=True, second_by=None).exclude(
        first_by=viewer
    )
    going = Proposal.objects.filter(state=Proposal.State.WAITING, needs_two=False)
    reviews = Review.objects.filter(
        Q(state=Review.State.OPEN) | (Q(state=Review.State.SECOND) & ~Q(decided_by=viewer))
    )
    for rows, one, many, says, step, place, urgency in (
        (
            others,
            "change of the schedule waits",
            "changes of the schedule wait",
            "For a second person to approve.",
            "Compare and approve",
            "drafts",
            SOON,
        ),
        (
            lifts,
            "hold is to be lifted",
            "holds are to be lifted",
            "Somebody says that it is no longer needed.",
            "Lift or keep",
            "holds",
            SOON,
        ),
        (
            large,
            "large disposal waits",
            "large disposals wait",
            "Two people have to stand for it.",
            "Look at it",
            "proposals",
            SOON,
        ),
        (
            reviews,
            "record waits for review",
            "records wait for review",
            "At the end of its period.",
            "Review",
            "reviews",
            LATER,
        ),
        (
            going,
            "disposal goes on by itself",
            "disposals go on by themselves",
            "Unless somebody stops it.",
            "See what would go",
            "proposals",
            LATER,
        ),
    ):
        if number := count_up_to(rows):
            now.waiting.append(
                Waiting(
                    urgency,
                    number_of(number, one, many),
                    says,
                    step,
                    address_of(f"retention:{place}"),
                    glyph="box",
                )
            )


def add_retention(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Holds whose review is due, what falls due, and periods that nobody has confirmed."""
    if may.holds(Power.PLACE_HOLDS) and may.holds(Power.SEE_RETENTION):
        due = Hold.objects.filter(lifted_at=None, review_on__lte=clock.today() + HOLD_REVIEW_SOON)
        if number := count_up_to(due):
            now.waiting.append(
                Waiting(
                    SOON,
                    f"{number_of(number, 'hold is', 'holds are')} due for review",
                    f"The first on {due.order_by('review_on')[0].review_on:%-d %B %Y}.",
                    "Review holds",
                    address_of("retention:holds"),
                    glyph="hold",
                )
            )
    if may.holds(Power.MANAGE_RETENTION):
        _disposal(now, viewer)
    if may.holds(Power.MANAGE_RETENTION) and (
        number := count_up_to(ScheduleRow.objects.filter(confirmed_at=None))
    ):
        now.waiting.append(
            Waiting(
                LATER,
                f"{number_of(number, 'retention period is', 'retention periods are')} not confirmed",
                "Each was taken from national guidance; the force decides.",
                "Read the schedule",
                address_of("retention:schedule"),
                glyph="box",
            )
        )


def add_information_requests(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Requests under information law that this person has or that nobody has, by deadline, and answers to agree to."""
    if not may.holds(Power.HANDLE_REQUESTS):
        return
    at = clock.now()
    unanswered = RightsRequest.objects.exclude(state=RightsRequest.State.CLOSED)
    mine = unanswered.filter(Q(handler=viewer) | Q(handler=None), stopped="").exclude(
        state=RightsRequest.State.PUT, put_by=viewer
    )
    agrees = unanswered.filter(state=RightsRequest.State.PUT).exclude(put_by=viewer)
    for one in agrees.order_by("due_at", "id")[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"An answer to {one.reference} waits for a second person",
                f"{one.get_kind_display()}: {one.get_outcome_display().lower()}.",
                "Read and agree",
                address_of("retention:request", one.pk),
                glyph="case",
                until=one.due_at,
                then="it is a case",
                since=one.put_at,
            )
        )
    shown = mine.exclude(pk__in=agrees.values("pk"))
    for one in shown.order_by("due_at", "id")[:AT_MOST_EACH]:
        late = one.due_at <= at
        now.waiting.append(
            Waiting(
                HIGH if late else MINE if one.handler_id == viewer.pk else SOON,
                f"{one.reference}, {one.get_kind_display().lower()}" + (", is over its time" if late else ""),
                "Nobody has it yet." if one.handler_id is None else "You have it.",
                "Work on it",
                address_of("retention:request", one.pk),
                glyph="case",
                until=one.due_at,
                then="it is a case",
                since=one.taken_in_at,
            )
        )
