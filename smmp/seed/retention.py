"""What the records manager of a demonstration finds: a proposal, a review, holds, a restriction, a change, a certificate."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import connection, transaction

from core import clock
from escalation.models import Case, LogEntry, Pathway
from moderation.actions import requests as desk_requests
from moderation.models import Comment, Commenter, Conversation, Decision, Revision
from retention import tasks
from retention.actions import (
    disposals,
    holds,
    proposals,
    restrictions,
    reviews,
    rights,
    rights_answer,
    rights_review,
    schedule,
)
from retention.actions.holds import Covers
from retention.actions.rights import Intake
from retention.models import Proposal, RightsRequest, ScheduleRow
from smmp.seed.deciding import decision
from smmp.seed.force import Force

ROUTINE = (
    "Lovely to see the dog unit at the summer fair",
    "What time does the front counter open? My neighbour Pat Quill (07700 900318, HX3 9ZZ) and @pat_quill ask too.",
    "Thank you!",
)
BEFORE = ("Which road is closed on Sunday?", "Good work last night", "Is the bike marking still on?")
GONE = "Sorry, wrong number typed"


@transaction.atomic
def make(force: Force) -> None:
    """Invented comments of years ago, and what came of them. Safe to run twice."""
    if Proposal.objects.exists():
        return
    graham, ines, nadia = (force.people[name] for name in ("graham_ellis", "ines_moreau", "nadia_rahman"))
    row = ScheduleRow.objects.get(slug="routine_comment")
    _comments(force, BEFORE, years=4)
    _gone(row)
    kept = _comments(force, ROUTINE, years=3)
    later = clock.today() + timedelta(days=60)
    holds.place_hold(
        actor=nadia,
        covers=Covers(kind="commenter", subject_id=kept[0].commenter_id),
        for_what="sar",
        reference="SAR 26/0041",
        reason="An open subject access request",
        review_on=later,
    )
    asked = holds.place_hold(
        actor=graham,
        covers=Covers(kind="query", words='"front counter"'),
        for_what="complaint",
        reference="CO/118/26",
        reason="A complaint about the opening hours of the front counter",
        review_on=later,
    )
    holds.ask_to_lift(actor=ines, hold=asked, reason="The complaint was withdrawn")
    proposals.propose(actor=tasks.RETENTION, row=row)
    _case(force)
    reviews.open_reviews(actor=tasks.RETENTION, row=ScheduleRow.objects.get(slug="case"))
    restrictions.restrict(
        actor=ines,
        subject_type="moderation.comment",
        subject_id=_comments(force, (GONE,), years=1)[0].pk,
        ground="accuracy",
        why="The writer says that they never wrote it (DP 26/007)",
    )
    _requests(force, kept)
    notice = ScheduleRow.objects.get(slug="notice")
    drafted = schedule.edit_row(
        actor=ines, row=notice, number=6, unit="years", version=notice.version, changes={}
    )
    schedule.put_forward(
        actor=ines,
        draft=drafted.draft,
        effective_on=clock.today() + timedelta(days=14),
        why="Notices are asked for in complaints up to six years later",
    )


def _requests(force: Force, kept: list[Comment]) -> None:
    """Requests under information law: one to review, one that waits for a second person, one that stands still, one answered."""
    graham, nadia, leah = (force.people[name] for name in ("graham_ellis", "nadia_rahman", "leah_brandt"))
    today, asked = clock.today(), "Everything that you hold about me, since I first wrote to you."

    def received(days: int, **given) -> RightsRequest:
        return rights.receive(
            actor=nadia,
            intake=Intake(
                **{
                    "kind": "subject_access",
                    "received_on": today - timedelta(days=days),
                    "requester": "Person 31 (invented)",
                    "wanted": asked,
                    "channel": "letter",
                    **given,
                }
            ),
        )

    theirs = received(
        24,
        commenter_id=kept[1].commenter_id,
        outside_reference="SAR/26/0112",
        contact="1 Example Street, Harrowfield",
    )
    rights.take(actor=nadia, request=theirs)
    rights.record_identity(
        actor=nadia,
        request=theirs,
        state="not_needed",
        how="Wrote from the same handle",
        on=today - timedelta(days=20),
    )
    rights_review.search(actor=nadia, request=theirs)
    foi = received(
        6,
        kind="foi",
        requester="Sam Quill (invented)",
        wanted="How many messages came in last year?",
        channel="email",
    )
    rights_answer.put_forward(
        actor=nadia,
        request=foi,
        outcome="done",
        words="The figures by month and platform stand in the table that comes with this letter.",
        why="From the figures page; no exemption holds",
    )
    still = received(9, kind="erasure", requester="Alex Moor (invented)", handle="alex_moor_invented")
    rights.record_identity(
        actor=nadia,
        request=still,
        state="asked",
        how="A message from the handle",
        on=today - timedelta(days=7),
    )
    done = received(40, kind="foi", requester="Robin Vale (invented)", wanted="Which platforms do you use?")
    rights_answer.put_forward(
        actor=nadia, request=done, outcome="done", words="They stand on our list.", why="Public register"
    )
    rights_answer.agree(actor=graham, request=done)
    rights_answer.answer(
        actor=nadia, request=done, to="Robin Vale (invented)", how="e-mail", on=today - timedelta(days=15)
    )
    asks = (
        Comment.objects.filter(category="information_request", state=Comment.State.OPEN)
        .order_by("pk")
        .first()
    )
    if asks is not None:
        desk_requests.take_in(actor=leah, comment=asks, kind="foi")


def _comments(force: Force, said: tuple[str, ...], *, years: int) -> list[Comment]:
    account, amira = force.accounts["wealdshire-police"], force.people["amira_hussain"]
    at = datetime.combine(clock.add_years(clock.today(), -years), time(12), tzinfo=clock.LONDON)
    made = []
    for number, text in enumerate(said):
        name = f"old.{years}.{number}"
        commenter = Commenter.objects.create(
            platform=account.platform,
            external_id=name,
            handle=name,
            name=f"Person {years}{number} (invented)",
            first_seen_at=at,
        )
        conversation, _ = Conversation.objects.get_or_create(
            official_account=account,
            root_external_id=f"old-post-{years}",
            defaults={"root_text": "Come and meet us at the fair.", "last_comment_at": at},
        )
        comment = Comment.objects.create(
            platform=account.platform,
            external_id=f"old-{years}-{number}",
            official_account=account,
            conversation=conversation,
            commenter=commenter,
            text=text,
            posted_at=at,
            received_at=at,
            state=Comment.State.DECIDED,
            decided_at=at,
            priority=5,
        )
        Revision.objects.create(comment=comment, number=1, text=text, seen_at=at)
        decision(comment, Decision.Kind.NO_ACTION, amira, at=at)
        made.append(comment)
    return made


def _gone(row: ScheduleRow) -> None:
    """What was due went already, so that there is a certificate."""
    proposal = proposals.propose(actor=tasks.RETENTION, row=row)
    if proposal is not None:
        Proposal.objects.filter(pk=proposal.pk).update(goes_at=clock.now())
        disposals.carry_out(actor=tasks.RETENTION, proposal=proposal)


def _case(force: Force) -> None:
    """A case that was closed eight years ago, for a review."""
    at = datetime.combine(clock.add_years(clock.today(), -8), time(12), tzinfo=clock.LONDON)
    pathway = Pathway.objects.get(slug="person_at_risk")
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('escalation_case_number')")
        number = cursor.fetchone()[0]
    case = Case.objects.create(
        number=number,
        title="Missing from Saltmere, found the same evening",
        pathway=pathway,
        version=pathway.versions.get(state="live"),
        official_account=force.accounts["wealdshire-police"],
        state=Case.State.CLOSED,
        opened_at=at,
        opened_by_name="Amira Hussain",
        closed_at=at,
        outcome="Found safe",
    )
    LogEntry.objects.create(
        case=case, at=at, event="closed", text="Found safe and well", by_name="Rob Calder"
    )
