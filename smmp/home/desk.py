"""What waits at the desk: comments, what follows from decisions, and the guidelines."""

from __future__ import annotations

from django.db.models import Min, Q

from accounts.queries import Authority
from core import clock
from moderation import (
    act_reviews,
    beside,
    guidelines,
    inquiries,
    queries_quality,
    restrictions,
    saved_replies,
)
from moderation.categories import Priority
from moderation.models import Comment
from smmp.frame import address_of
from smmp.home.now import AT_MOST_EACH, HIGH, LATER, LIFE, MINE, SOON, Now, Waiting, count_up_to, number_of
from staff.models import StaffMember
from staff.roles import Power


def add_claims(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Open comments that the viewer has claimed."""
    mine = (
        Comment.objects.filter(
            state=Comment.State.OPEN,
            claimed_by=viewer,
            claimed_until__gt=clock.now(),
            official_account__in=may.account_ids(Power.WORK_COMMENTS),
        )
        .select_related("official_account")
        .order_by("priority", "claimed_until")
    )
    for comment in mine[:AT_MOST_EACH]:
        now.comments_shown.append(comment.pk)
        now.waiting.append(
            Waiting(
                MINE if comment.priority > Priority.IMMEDIATE else LIFE,
                comment.get_category_display(),
                f"You have it. {comment.official_account}.",
                "Decide",
                address_of("moderation:conversation", comment.pk),
                priority=comment.priority,
                until=comment.claimed_until,
                then="it goes back to the queue",
            )
        )


def add_queue(now: Now, may: Authority) -> None:
    """How many comments of each priority wait for somebody to claim them."""
    ids = may.account_ids(Power.WORK_COMMENTS)
    if not ids:
        return
    free = Comment.objects.filter(state=Comment.State.OPEN, official_account__in=ids).filter(
        Q(claimed_by=None) | Q(claimed_until__lte=clock.now())
    )
    kinds = (
        (LIFE, Priority.IMMEDIATE, "immediate comment", "immediate comments", "Open the first"),
        (HIGH, Priority.HIGH, "high-risk comment", "high-risk comments", "Open the desk"),
        (SOON, Priority.ROUTINE, "routine comment", "routine comments", "Open the desk"),
    )
    for urgency, priority, one, several, step in kinds:
        wanted = free.filter(priority=priority)
        if number := count_up_to(wanted):
            now.waiting.append(
                Waiting(
                    urgency,
                    number_of(number, f"{one} waits", f"{several} wait"),
                    "Nobody has claimed them." if number > 1 else "Nobody has claimed it.",
                    step,
                    address_of("moderation:desk"),
                    priority=priority,
                    until=wanted.aggregate(first=Min("answer_by"))["first"],
                    then="the answer is late",
                )
            )


def add_second_looks(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Authors of hidden comments who ask for a second look, where this person did not decide."""
    if not may.holds(Power.LOOK_AGAIN):
        return
    waiting = inquiries.waiting_for(viewer)
    if not (number := count_up_to(waiting)):
        return
    due = waiting.aggregate(first=Min("due_on"))["first"]
    overdue = due < clock.today()
    now.waiting.append(
        Waiting(
            SOON if overdue else LATER,
            number_of(number, "author asks for a second look", "authors ask for a second look"),
            f"At a hidden comment. The first answer {'was' if overdue else 'is'} due on {due:%-d %B}.",
            "Look again",
            address_of("moderation:second_looks"),
            glyph="eye",
        )
    )


def add_acts(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Deletions and blocks that a colleague made alone, for somebody else's look by the next evening."""
    if not may.holds(Power.LOOK_AGAIN):
        return
    waiting = act_reviews.waiting_for(viewer)
    if not (number := count_up_to(waiting)):
        return
    due = waiting.aggregate(first=Min("due_at"))["first"]
    now.waiting.append(
        Waiting(
            SOON,
            number_of(number, "deletion or block to look at", "deletions and blocks to look at"),
            "A colleague acted alone.",
            "Look at it" if number == 1 else "Look at them",
            address_of("moderation:act_reviews"),
            glyph="eye",
            until=due,
            then="it is overdue",
        )
    )


def add_replies(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Replies of colleagues that wait for this person's yes."""
    if not may.holds(Power.LOOK_AGAIN):
        return
    for asked in beside.requests_waiting(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                "A reply waits for your yes",
                f"By {asked.asked_by.called}, on {asked.comment.official_account}.",
                "Read it",
                address_of("moderation:conversation", asked.comment_id),
                glyph="seal",
                since=asked.asked_at,
            )
        )


def add_handed(now: Now, viewer: StaffMember, may: Authority) -> None:
    """What was handed to a team of the viewer's."""
    ids = may.account_ids(Power.WORK_COMMENTS)
    for team in saved_replies.teams_of(viewer) if ids else []:
        handed = Comment.objects.filter(state=Comment.State.OPEN, handed_to=team, official_account__in=ids)
        if number := count_up_to(handed):
            now.waiting.append(
                Waiting(
                    SOON,
                    number_of(number, "comment was handed to", "comments were handed to") + f" {team.name}",
                    "Any of you can take it." if number == 1 else "Any of you can take them.",
                    "Open the queue",
                    f"{address_of('moderation:desk')}?queue=handed-{team.pk}",
                    glyph="people",
                    until=handed.aggregate(first=Min("answer_by"))["first"],
                    then="the answer is late",
                )
            )


def add_blocks(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Blocks that have come to their end and that only a person can lift."""
    if not may.holds(Power.RESTRICT_COMMENTERS):
        return
    if number := count_up_to(restrictions.to_lift_by_hand(viewer)):
        now.waiting.append(
            Waiting(
                SOON,
                number_of(number, "block to lift by hand", "blocks to lift by hand"),
                "On the platform itself, which lets no program do it.",
                "See blocks",
                address_of("moderation:blocks"),
                glyph="lock",
            )
        )


def add_samples(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Closed decisions that were drawn and that this person may look over."""
    if may.holds(Power.CHECK_DECISIONS) and (number := count_up_to(queries_quality.unmarked(viewer))):
        now.waiting.append(
            Waiting(
                LATER,
                number_of(number, "closed decision to look over", "closed decisions to look over"),
                "Drawn at random; whose they are is shown afterwards.",
                "Look them over",
                address_of("moderation:samples"),
                glyph="seal",
            )
        )


def add_guidelines(now: Now, viewer: StaffMember, may: Authority) -> None:
    """A version of the community guidelines that somebody else wrote and that is ready to be approved."""
    if not may.holds(Power.APPROVE_GUIDELINES):
        return
    draft = guidelines.to_come()
    if draft is None or not guidelines.ready(draft) or viewer.pk in guidelines.writer_ids(draft):
        return
    now.waiting.append(
        Waiting(
            LATER,
            f"Version {draft.number} of the community guidelines waits for your approval",
            draft.changes,
            "Read it",
            address_of("moderation:guidelines_draft", draft.number),
            glyph="page",
        )
    )
