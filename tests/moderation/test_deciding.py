"""Grave acts and their second pair of eyes, blocks and their end, passing on, a second person's yes, THRIVE."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from escalation.actions.evidence import snapshot
from moderation import act_reviews, queries, tasks
from moderation.actions import act_reviews as reviewing
from moderation.actions import approving, assessing, blocks, desk, restricting
from moderation.models import ActReview, Block, Clause, Comment, Decision, ReplyDraft, ReplyRequest, Thrive
from notices.models import Notice
from platforms.contract import PermanentFault
from publishing import sending
from publishing.models import Delivery
from tests.moderation.comments import a_comment, edited
from tests.moderation.test_restricting import Platform, restrict
from tests.publishing.platform import raising
from tests.retention import going


@pytest.fixture
def platform(monkeypatch):
    there = Platform()
    monkeypatch.setattr(sending, "kept_connector", lambda official_account: there)
    return there


def events(prefix: str) -> list[str]:
    return list(Entry.objects.filter(event__startswith=prefix).order_by("id").values_list("event", flat=True))


# Deletions and blocks


def test_a_deletion_acts_at_once_and_waits_for_somebody_elses_look(
    amira_hussain, sergeant_okafor, comment, abuse, platform
):
    with time_machine.travel(datetime(2026, 12, 5, 3, 10, tzinfo=clock.LONDON), tick=False):
        with pytest.raises(NotValid, match="needs a note") as refused:
            restrict(amira_hussain, comment, abuse, "delete_comment", why=" ")
        assert refused.value.field == "why"
        decision = restrict(amira_hussain, comment, abuse, "delete_comment", why="Names her mother’s street")
        sending.send_due()
        tasks.note_outcomes()
        comment.refresh_from_db()
        assert (comment.state, comment.removed_by) == (Comment.State.DECIDED, Comment.RemovedBy.US)
        row = ActReview.objects.get(decision_id=decision.pk)
        assert row.due_at == datetime(2026, 12, 6, 18, tzinfo=clock.LONDON)
        assert [one.pk for one in act_reviews.waiting_for(sergeant_okafor)] == [row.pk]
        with pytest.raises(NotPermitted):
            reviewing.agree(actor=amira_hussain, row=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActReview.objects.filter(pk=row.pk).update(
            state="agreed", answered_by=amira_hussain, answered_at=clock.now()
        )
    with time_machine.travel(row.due_at + timedelta(minutes=1), tick=False):
        assert tasks.remind_act_reviews() == 1
        assert tasks.remind_act_reviews() == 0
        assert (
            Notice.objects.filter(to=sergeant_okafor, title__contains="waits for a second look").count() == 1
        )
        reviewing.overturn(actor=sergeant_okafor, row=row, words="It was her own street")
        with pytest.raises(TransitionNotAllowed, match="Sgt Daniel Okafor has looked at it already"):
            reviewing.agree(actor=sergeant_okafor, row=row)
    assert Notice.objects.filter(to=amira_hussain, body="It was her own street").count() == 1
    assert events("act_review") == ["act_review.asked", "act_review.overdue", "act_review.overturned"]
    assert "comment.deleted" in events("comment.")


def test_a_supervisor_does_not_look_at_their_own_act(sergeant_okafor, comment, abuse, platform):
    restrict(sergeant_okafor, comment, abuse, "delete_comment")
    row = ActReview.objects.get()
    with pytest.raises(NotPermitted, match="You did this yourself"):
        reviewing.agree(actor=sergeant_okafor, row=row)
    assert not act_reviews.waiting_for(sergeant_okafor).exists()


def test_a_deletion_that_the_platform_refuses_leaves_the_comment_open(
    amira_hussain, comment, abuse, platform
):
    platform.before = raising(PermanentFault("Not this one."))
    restrict(amira_hussain, comment, abuse, "delete_comment")
    sending.send_due()
    tasks.note_outcomes()
    comment.refresh_from_db()
    assert (comment.state, comment.removed_at) == (Comment.State.OPEN, None)


@pytest.mark.parametrize(("days", "says"), [(None, "last day"), (-1, "from today on"), (400, "at most 366")])
def test_nobody_is_blocked_for_good(amira_hussain, comment, abuse, days, says):
    until = None if days is None else clock.today() + timedelta(days=days)
    with pytest.raises(NotValid, match=says) as refused:
        restrict(amira_hussain, comment, abuse, "block", until=until)
    assert refused.value.field == "until"
    assert not Block.objects.exists()


def test_a_block_is_lifted_on_the_platform_at_its_end_once_whoever_restarts(
    amira_hussain, comment, abuse, platform
):
    until = clock.today() + timedelta(days=7)
    restrict(amira_hussain, comment, abuse, "block", until=until)
    sending.send_due()
    tasks.note_outcomes()
    assert tasks.end_blocks() == 0
    comment.refresh_from_db()
    assert comment.state == Comment.State.OPEN
    block = Block.objects.get()
    assert block.until == datetime.combine(until + timedelta(days=1), datetime.min.time(), clock.LONDON)
    with time_machine.travel(block.until, tick=False):
        tasks.end_blocks()
        tasks.end_blocks()
        assert Delivery.objects.filter(kind="unblock").count() == 1
        sending.send_due()
        assert platform.blocked == set()
        tasks.end_blocks()
        tasks.end_blocks()
    block.refresh_from_db()
    assert (block.lifted_by, block.lifted_why) == (None, "It came to its end")
    assert events("block.") == ["block.lifting", "block.lifted"]
    restrict(amira_hussain, comment, abuse, "block")


def test_a_block_that_cannot_be_lifted_from_here_is_put_in_front_of_people(
    client, amira_hussain, tom_beckett, comment, abuse, platform
):
    restrict(amira_hussain, comment, abuse, "block", until=clock.today())
    sending.send_due()
    tasks.note_outcomes()
    block = Block.objects.get()
    platform.before = raising(PermanentFault("The token may not unblock."))
    with time_machine.travel(block.until, tick=False):
        tasks.end_blocks()
        sending.send_due()
        tasks.end_blocks()
        block.refresh_from_db()
        assert block.by_hand_why == "The token may not unblock."
        tasks.end_blocks()
        assert Notice.objects.filter(to=tom_beckett, link=reverse("moderation:blocks")).count() == 1
        client.force_login(tom_beckett)
        assert "1 block to lift by hand" in client.get(reverse("home")).content.decode()
        page = client.get(reverse("moderation:blocks")).content.decode()
        assert "To be lifted by hand" in page
        client.post(reverse("moderation:blocks"), {"block": block.pk})
    block.refresh_from_db()
    assert block.lifted_by == tom_beckett
    with pytest.raises(TransitionNotAllowed):
        blocks.lifted_by_hand(actor=tom_beckett, block=block)


def test_a_block_made_by_somebody_who_left_is_lifted_by_a_colleague(
    amira_hussain, tom_beckett, comment, abuse, platform
):
    restrict(amira_hussain, comment, abuse, "block", until=clock.today())
    sending.send_due()
    amira_hussain.active, amira_hussain.left_at = False, clock.now()
    amira_hussain.save(update_fields=["active", "left_at"])
    block = Block.objects.get()
    with time_machine.travel(block.until, tick=False):
        tasks.end_blocks()
    lifting = Delivery.objects.get(kind="unblock")
    assert lifting.author_id not in (None, amira_hussain.pk)


def test_an_overturned_block_is_lifted_at_once_and_a_refused_one_stands_in_nobodys_way(
    amira_hussain, sergeant_okafor, comment, abuse, platform
):
    restrict(amira_hussain, comment, abuse, "block")
    sending.send_due()
    row = ActReview.objects.get()
    with pytest.raises(NotValid, match="what was wrong"):
        reviewing.overturn(actor=sergeant_okafor, row=row, words="")
    reviewing.overturn(actor=sergeant_okafor, row=row, words="Criticism, not abuse")
    sending.send_due()
    assert platform.blocked == set()
    tasks.end_blocks()
    assert Block.objects.get().lifted_by == sergeant_okafor
    platform.before = raising(PermanentFault("No."))
    restrict(amira_hussain, comment, abuse, "block")
    sending.send_due()
    tasks.note_outcomes()
    comment.refresh_from_db()
    assert comment.state == Comment.State.OPEN
    restrict(amira_hussain, comment, abuse, "block")


def test_what_no_program_may_do_is_done_there_and_said_here(
    client, amira_hussain, sergeant_okafor, mute_platform, harrowfield_account, abuse
):
    harrowfield_account.exercise = False
    harrowfield_account.platform = "nextdoor"
    harrowfield_account.save()
    comment = a_comment(harrowfield_account)
    with pytest.raises(NotValid, match="Where Nextdoor lets you, block them there, then say so here"):
        restrict(amira_hussain, comment, abuse, "block")
    restrict(amira_hussain, comment, abuse, "block", by_hand=True, until=clock.today())
    assert not Delivery.objects.exists()
    with pytest.raises(NotValid, match="knows no restricting"):
        restrict(amira_hussain, comment, abuse, "restrict", by_hand=True)
    restricting.restrict(
        actor=amira_hussain,
        comment=comment,
        revision_number=1,
        kind="report",
        why="Threats, rule 3",
        by_hand=True,
    )
    assert Entry.objects.get(event="comment.reported").details["to"] == "Nextdoor"
    with pytest.raises(TransitionNotAllowed, match="made on Nextdoor itself"):
        restricting.lift(actor=amira_hussain, comment=comment, kind="unblock")
    with time_machine.travel(Block.objects.get().until, tick=False):
        tasks.end_blocks()
    assert "lifted there" in Block.objects.get().by_hand_why
    client.force_login(sergeant_okafor)
    row = ActReview.objects.get()
    for name, args in (("act_reviews", []), ("act_review", [row.pk]), ("conversation", [comment.pk])):
        assert client.get(reverse(f"moderation:{name}", args=args)).status_code == 200
    response = client.post(reverse("moderation:act_review", args=[row.pk]), {"do": "agree"})
    assert response.status_code == 302
    assert ActReview.objects.get().state == ActReview.State.AGREED


def test_a_sensitive_clause_needs_a_note_also_for_a_hide(client, amira_hussain, comment):
    hate = Clause.objects.get(slug="hate")
    with pytest.raises(NotValid, match="“Hate” needs a note"):
        desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=hate)
    client.force_login(amira_hussain)
    response = client.post(
        reverse("moderation:hide", args=[comment.pk]), {"revision": 1, "clause": hate.pk, "why": "Slur"}
    )
    assert response.status_code == 302
    assert Decision.objects.get().why == "Slur"


# Passing on


def test_handled_elsewhere_says_where(amira_hussain, comment):
    with pytest.raises(NotValid, match="Say where") as refused:
        desk.handled_elsewhere(actor=amira_hussain, comment=comment, revision_number=1, where="  ")
    assert refused.value.field == "where"
    decision = desk.handled_elsewhere(
        actor=amira_hussain, comment=comment, revision_number=1, where="By telephone", why="Rang 14:20"
    )
    assert decision.why == "By telephone: Rang 14:20"
    assert queries.standing_decision(comment) == decision
    desk.reopen(actor=amira_hussain, comment=comment)


def test_a_comment_handed_to_a_team_stands_in_its_queue_and_they_are_told(
    client, amira_hussain, pc_nair, wealdshire, harrowfield_account, able_platform
):
    comment = a_comment(harrowfield_account)
    team = wealdshire.teams["Harrowfield neighbourhood team"]
    saltmere = wealdshire.teams["Saltmere neighbourhood team"]
    hand = {"actor": amira_hussain, "comment": comment, "revision_number": 1}
    with pytest.raises(NotValid, match="what is wanted"):
        desk.hand_over(**hand, team=team)
    with pytest.raises(NotValid, match="Nobody in Saltmere neighbourhood team may work on"):
        desk.hand_over(**hand, team=saltmere, why="Yours")
    desk.claim(actor=amira_hussain, comment=comment)
    desk.hand_over(**hand, team=team, why="They know the lane")
    comment.refresh_from_db()
    assert (comment.state, comment.claimed_by, comment.handed_to) == (Comment.State.OPEN, None, team)
    assert Notice.objects.filter(to=pc_nair, title__contains="was handed to").count() == 1
    with pytest.raises(TransitionNotAllowed, match="already"):
        desk.hand_over(**hand, team=team, why="Again")
    client.force_login(pc_nair)
    page = client.get(reverse("moderation:desk"), {"queue": f"handed-{team.pk}"}).content.decode()
    assert f'data-comment="{comment.pk}"' in page
    assert "1 comment was handed to Harrowfield" in client.get(reverse("home")).content.decode()
    address = reverse("moderation:hand_over", args=[comment.pk])
    client.post(address, {"revision": 1, "to_desk": "on", "why": "Not ours after all"})
    comment.refresh_from_db()
    assert comment.handed_to is None
    assert events("comment.handed_over") == ["comment.handed_over"] * 2


# A second person's yes


def ask(actor, comment, text="The road is open again."):
    return approving.ask(actor=actor, comment=comment, revision_number=1, text=text)


def test_whoever_says_yes_may_have_taken_the_comment_and_no_lock_stands_before_a_life(
    amira_hussain, tom_beckett, helen_achebe, comment
):
    row = ask(amira_hussain, comment)
    desk.claim(actor=helen_achebe, comment=comment)
    approving.approve(actor=helen_achebe, row=row, text_hash=row.text_hash)
    assert "despite_claim_of" not in Entry.objects.get(event="comment.replied").details
    cry = a_comment(comment.official_account, priority=1)
    desk.claim(actor=tom_beckett, comment=cry)
    row = ask(amira_hussain, cry)
    approving.approve(actor=helen_achebe, row=row, text_hash=row.text_hash)
    ordinary = a_comment(comment.official_account)
    row = ask(amira_hussain, ordinary)
    desk.claim(actor=tom_beckett, comment=ordinary)
    with pytest.raises(TakenBySomeoneElse, match="Tom Beckett"):
        approving.approve(actor=helen_achebe, row=row, text_hash=row.text_hash)


def test_a_reply_goes_out_with_a_second_persons_yes_to_exactly_these_words(
    client, amira_hussain, helen_achebe, tom_beckett, comment
):
    row = ask(amira_hussain, comment)
    comment.refresh_from_db()
    assert comment.state == Comment.State.OPEN
    assert Notice.objects.filter(to=helen_achebe, title__contains="waits for your yes").exists()
    with pytest.raises(TransitionNotAllowed, match="waits for a second person already"):
        ask(amira_hussain, comment)
    with pytest.raises(NotPermitted):
        approving.approve(actor=tom_beckett, row=row, text_hash=row.text_hash)
    with pytest.raises(ChangedSinceSeen, match="not the words that you read"):
        approving.approve(actor=helen_achebe, row=row, text_hash="0" * 64)
    client.force_login(helen_achebe)
    assert "A reply waits for your yes" in client.get(reverse("home")).content.decode()
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "Yes, send exactly this" in page
    client.post(reverse("moderation:approve_reply", args=[comment.pk]), {"words": row.text_hash})
    delivery = Delivery.objects.get(kind="reply")
    assert (delivery.text, delivery.author, delivery.approver) == (row.text, amira_hussain, helen_achebe)
    assert Decision.objects.get(kind="reply").by == amira_hussain
    row.refresh_from_db()
    assert (row.state, row.answered_by) == (ReplyRequest.State.APPROVED, helen_achebe)
    assert events("comment.reply_") == ["comment.reply_asked", "comment.reply_approved"]


def test_nobody_says_yes_to_their_own_words_and_a_changed_comment_is_not_answered(
    sergeant_okafor, helen_achebe, comment
):
    row = ask(sergeant_okafor, comment)
    with pytest.raises(NotPermitted, match="your own words"):
        approving.approve(actor=sergeant_okafor, row=row, text_hash=row.text_hash)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReplyRequest.objects.filter(pk=row.pk).update(state="approved", answered_by=sergeant_okafor)
    edited(comment, "I have found my dog, thanks")
    with pytest.raises(ChangedSinceSeen):
        approving.approve(actor=helen_achebe, row=row, text_hash=row.text_hash)
    row.refresh_from_db()
    assert row.state == ReplyRequest.State.ASKED


def test_a_reply_sent_back_or_taken_back_is_a_draft_again_and_another_decision_overtakes_it(
    client, amira_hussain, helen_achebe, comment
):
    row = ask(amira_hussain, comment)
    with pytest.raises(NotValid, match="different"):
        approving.send_back(actor=helen_achebe, row=row, answer="")
    approving.send_back(actor=helen_achebe, row=row, answer="Say which road")
    assert ReplyDraft.objects.get(comment=comment, by=amira_hussain).text == row.text
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "Say which road" in page
    row = ask(amira_hussain, comment, "Mill Lane is open again.")
    with pytest.raises(NotPermitted):
        approving.take_back(actor=helen_achebe, row=row)
    client.post(reverse("moderation:take_back", args=[comment.pk]))
    assert ReplyDraft.objects.get(comment=comment, by=amira_hussain).text == "Mill Lane is open again."
    row = ask(amira_hussain, comment)
    desk.no_action(actor=amira_hussain, comment=comment, revision_number=1)
    row.refresh_from_db()
    assert row.state == ReplyRequest.State.OVERTAKEN
    with pytest.raises(TransitionNotAllowed, match="waits no more"):
        approving.approve(actor=helen_achebe, row=row, text_hash=row.text_hash)


def test_a_reply_that_waited_for_a_yes_is_its_authors_draft_where_a_colleague_decided(
    client, amira_hussain, tom_beckett, comment
):
    row = ask(amira_hussain, comment, "Mill Lane is open again.")
    desk.no_action(actor=tom_beckett, comment=comment, revision_number=1)
    assert ReplyDraft.objects.get(comment=comment, by=amira_hussain).text == row.text
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "readonly>Mill Lane is open again.</textarea>" in page
    client.force_login(tom_beckett)
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "Mill Lane is open" not in page


# THRIVE


def test_what_stands_beside_a_comment_goes_with_it_when_it_is_disposed_of(
    amira_hussain, force_account, able_platform
):
    long_ago = clock.now() - timedelta(days=3000)
    comment = a_comment(force_account)
    assessing.assess(actor=amira_hussain, comment=comment, revision_number=1, said={"harm": "None"})
    ask(amira_hussain, comment)
    Comment.objects.filter(pk=comment.pk).update(state="decided", decided_at=long_ago)
    assert going.run() == 1
    assert not Comment.objects.filter(pk=comment.pk).exists()
    assert not Thrive.objects.exists()
    assert not ReplyRequest.objects.exists()


def test_thrive_is_signed_repeated_and_goes_into_the_case(client, amira_hussain, tom_beckett, comment):
    client.force_login(amira_hussain)
    address = reverse("moderation:assess", args=[comment.pk])
    response = client.post(address, {"revision": 1})
    assert response.status_code == 422
    assert "at least one of them" in response.content.decode()
    client.post(address, {"revision": 1, "threat": "Says he will come back", "risk": "Tonight"})
    assessing.assess(
        actor=tom_beckett, comment=comment, revision_number=1, said={"harm": "None so far", "unknown": "x"}
    )
    rows = list(Thrive.objects.all())
    assert [row.by for row in rows] == [tom_beckett, amira_hussain]
    assert rows[1].said == [("Threat", "Says he will come back"), ("Risk", "Tonight")]
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "Says he will come back" in page
    kept = snapshot(Comment.objects.select_related("conversation", "official_account").get(pk=comment.pk))
    assert [row["by"] for row in kept["thrive"]] == ["Amira Hussain", "Tom Beckett"]
    edited(comment, "Other words")
    with pytest.raises(ChangedSinceSeen):
        assessing.assess(actor=tom_beckett, comment=comment, revision_number=1, said={"harm": "x"})
    assert events("comment.assessed") == ["comment.assessed"] * 2
