"""Reviews: a person looks at one record at the end of its period and decides, with the national criteria."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason as typed_reason
from retention import queries, registry
from retention.models import Review, ScheduleRow
from retention.models.schedule import Outcome
from retention.nrac import QUESTIONS
from staff.models import StaffMember
from staff.roles import Power

State, Decision = Review.State, Review.Decision
MOST_OPENED = 500
"""Reviews begun by one run for one class: the queue fills over the days, and the desk is not held up."""


@action
def open_reviews(*, actor: Actor, row: ScheduleRow) -> int:
    """Each record of a reviewed class that is due, and whose next review is not later, stands in the queue.

    Answers how many were begun. Audits reviews.opened.
    """
    if row.outcome == Outcome.DISPOSE or not queries.is_disposable(row):
        return 0
    row = ScheduleRow.objects.select_for_update().get(pk=row.pk)
    subject = registry.record_class(row.slug).subject
    if subject is None:
        return 0
    found = list(queries.to_review(row, on=clock.today()).order_by("pk")[:MOST_OPENED])
    made = Review.objects.bulk_create(
        Review(
            row=row,
            subject_type=subject.label,
            subject_id=one.pk,
            subject_name=registry.name_of(one),
            due_on=clock.today(),
            two_people=row.two_people
            or (subject.mopi_group is not None and subject.mopi_group(one) in (1, 2)),
            made_at=clock.now(),
        )
        for one in found
    )
    if made:
        record(
            actor=actor,
            event="reviews.opened",
            subject=row,
            subject_name=row.title,
            shown_ids=[one.pk for one in found],
            details={"count": len(made)},
        )
    return len(made)


@action
def decide(
    *,
    actor: StaffMember,
    review: Review,
    decision: str,
    answers: Mapping[str, bool],
    why: str,
    next_on: date | None = None,
) -> Review:
    """What happens to the record is decided and recorded with its reasons; MoPI groups 1 and 2 wait for a second person.

    answers: to every question of NRAC, yes or no. next_on: London day of the next review, needed to keep it.
    Raises NotPermitted, NotValid (a question open, a yes and yet disposed of, no next day), TransitionNotAllowed.
    Audits review.decided.
    """
    require(actor, Power.MANAGE_RETENTION)
    review = Review.objects.select_for_update(of=("self",)).select_related("row").get(pk=review.pk)
    if review.state != State.OPEN:
        raise TransitionNotAllowed(f"The {review} has been decided on already. Look again.")
    why = typed_reason(why, "Say why, in a sentence that another reviewer will understand.", most=600)
    if decision not in Decision:
        raise NotValid("Choose what happens to it.", field="decision")
    if missing := QUESTIONS.keys() - answers.keys():
        raise NotValid("Answer every question with yes or no.", field=min(missing))
    if decision == Decision.DISPOSE and any(answers.values()):
        raise NotValid(
            "One of the answers is yes, so it is kept. Choose to keep it, or look at the answer again.",
            field="decision",
        )
    if decision == Decision.KEEP and (next_on is None or next_on <= clock.today()):
        raise NotValid("Choose a later day on which it is looked at again.", field="next_on")
    review.decision, review.why, review.answers = (
        decision,
        why,
        {slug: bool(answers[slug]) for slug in QUESTIONS},
    )
    review.next_on = next_on if decision != Decision.DISPOSE else None
    review.decided_by, review.decided_at = actor, clock.now()
    review.sent_back_why = ""
    review.state = State.SECOND if review.two_people else State.SETTLED
    review.save()
    _record(actor, "review.decided", review, why)
    return review


@action
def open_record(*, actor: StaffMember, review: Review) -> list[tuple[str, str]]:
    """Whoever reviews reads the record: what it says, as names and values. Audited before it is shown.

    Raises NotPermitted, TransitionNotAllowed (it is gone, or is a kind that is looked at where it stands). Audits
    review.record_opened.
    """
    require(actor, Power.MANAGE_RETENTION)
    subject = registry.subject(review.subject_type)
    found = registry.rows_of(review.subject_type).filter(pk=review.subject_id).first()
    if found is None or subject.snapshot is None:
        raise TransitionNotAllowed(
            f"{review.subject_name} cannot be shown here: it is gone, or stands on its own page."
        )
    record(
        actor=actor,
        event="review.record_opened",
        subject=review,
        subject_name=review.subject_name,
        details={"record": f"{review.subject_type} {review.subject_id}"},
    )
    return subject.snapshot(found)


@action
def agree(*, actor: StaffMember, review: Review) -> Review:
    """A second person stands for the decision. Raises NotPermitted, TransitionNotAllowed. Audits review.agreed."""
    review = _second(actor, review)
    review.second_by, review.second_at, review.state = actor, clock.now(), State.SETTLED
    review.save(update_fields=["second_by", "second_at", "state"])
    _record(actor, "review.agreed", review, "")
    return review


@action
def send_back(*, actor: StaffMember, review: Review, why: str) -> Review:
    """A second person does not agree: it is decided anew. Raises as agree, and NotValid. Audits review.sent_back."""
    review = _second(actor, review)
    why = typed_reason(why, "Say what should be looked at again.", most=300)
    review.state, review.decision, review.why, review.next_on = State.OPEN, "", "", None
    review.decided_by = review.decided_at = None
    review.sent_back_why = why
    review.save()
    _record(actor, "review.sent_back", review, why)
    return review


def _second(actor: StaffMember, review: Review) -> Review:
    require(actor, Power.MANAGE_RETENTION)
    review = Review.objects.select_for_update(of=("self",)).select_related("row").get(pk=review.pk)
    if review.state != State.SECOND:
        raise TransitionNotAllowed(f"The {review} does not wait for a second person. Look again.")
    if review.decided_by_id == actor.pk:
        raise NotPermitted("You decided it, so somebody else has to look at it. Nothing happens until then.")
    return review


def _record(actor: StaffMember, event: str, review: Review, why: str) -> None:
    record(
        actor=actor,
        event=event,
        subject=review,
        subject_name=review.subject_name,
        reason=why,
        details={
            "class": review.row.slug,
            "decision": review.decision,
            "record": f"{review.subject_type} {review.subject_id}",
            "next_on": review.next_on.isoformat() if review.next_on else "",
        },
    )
