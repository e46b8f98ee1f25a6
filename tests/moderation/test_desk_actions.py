"""Claiming and deciding: what may happen, what is refused with which words, what is audited."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import cycle

import pytest
import time_machine
from django.db import connections

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from moderation import queries, tasks
from moderation.actions import desk, drafts, outcomes
from moderation.categories import Category, Priority
from moderation.models import Clause, Comment, Decision, ReplyDraft
from moderation.workflow import DESK
from notices.models import Notice
from publishing.actions import outbox
from publishing.models import Delivery
from smmp.seed import force
from tests.moderation.comments import a_comment, edited


def events(comment) -> list[str]:
    return list(
        Entry.objects.filter(subject_type="moderation.comment", subject_id=str(comment.pk))
        .order_by("id")
        .values_list("event", flat=True)
    )


def tomorrow():
    """Later than the grants of the cast began."""
    return clock.now() + timedelta(days=1)


def settle(decision: Decision, state: str, fault: str = "") -> None:
    """What the outbox would leave behind."""
    Delivery.objects.filter(pk=decision.delivery_id).update(
        state=state, fault=fault, sent_at=clock.now() if state == "sent" else None
    )


# Claims


def test_a_claim_lasts_fifteen_minutes_and_one_person_holds_it(amira_hussain, tom_beckett, comment):
    with time_machine.travel(tomorrow(), tick=False) as time:
        claimed = desk.claim(actor=amira_hussain, comment=comment)
        until = clock.in_london(clock.now() + timedelta(minutes=15))
        assert claimed.claimed_until == until
        with pytest.raises(TakenBySomeoneElse, match=f"Amira Hussain has this comment until {until:%H:%M}"):
            desk.claim(actor=tom_beckett, comment=comment)
        time.shift(timedelta(minutes=15))
        assert desk.claim(actor=tom_beckett, comment=comment).claimed_by == tom_beckett
    assert events(comment) == ["comment.claimed", "comment.claimed"]


def test_claiming_again_and_acting_renew_the_lease(amira_hussain, comment):
    with time_machine.travel(tomorrow(), tick=False) as time:
        desk.claim(actor=amira_hussain, comment=comment)
        time.shift(timedelta(minutes=10))
        desk.add_note(actor=amira_hussain, comment=comment, text="Rang the school.")
        comment.refresh_from_db()
        assert comment.claimed_until == clock.now() + timedelta(minutes=15)
        time.shift(timedelta(minutes=10))
        drafts.keep_draft(actor=amira_hussain, comment=comment, text="We are")
        comment.refresh_from_db()
        assert comment.claimed_until == clock.now() + timedelta(minutes=15)
        time.shift(timedelta(minutes=10))
        assert desk.claim(actor=amira_hussain, comment=comment).claimed_until == clock.now() + desk.LEASE


def test_a_supervisor_takes_over_with_a_reason_and_an_operator_does_not(
    amira_hussain, tom_beckett, sergeant_okafor, comment
):
    desk.claim(actor=amira_hussain, comment=comment)
    with pytest.raises(TakenBySomeoneElse):
        desk.claim(actor=tom_beckett, comment=comment, why="I am quicker")
    with pytest.raises(NotValid, match="Say why") as refused:
        desk.claim(actor=sergeant_okafor, comment=comment)
    assert refused.value.field == "why"
    taken = desk.claim(actor=sergeant_okafor, comment=comment, why="Amira is on another call")
    assert taken.claimed_by == sergeant_okafor
    entry = Entry.objects.filter(event="comment.claimed").order_by("id").last()
    assert (entry.reason, entry.details["taken_from"]) == ("Amira is on another call", "Amira Hussain")


def test_releasing_is_for_the_holder_and_twice_is_no_fault(amira_hussain, tom_beckett, comment):
    desk.claim(actor=amira_hussain, comment=comment)
    with pytest.raises(TakenBySomeoneElse):
        desk.release(actor=tom_beckett, comment=comment)
    assert desk.release(actor=amira_hussain, comment=comment).claimed_by is None
    desk.release(actor=amira_hussain, comment=comment)
    assert events(comment) == ["comment.claimed", "comment.released"]


def test_a_claim_that_ran_out_is_set_free_once_and_audited(amira_hussain, comment):
    with time_machine.travel(tomorrow(), tick=False) as time:
        desk.claim(actor=amira_hussain, comment=comment)
        assert tasks.release_claims() == 0
        time.shift(timedelta(minutes=15))
        assert tasks.release_claims() == 1
        assert tasks.release_claims() == 0
    comment.refresh_from_db()
    assert comment.claimed_by is None
    assert events(comment) == ["comment.claimed", "comment.claim_ran_out"]


def test_pull_next_gives_the_most_urgent_then_the_oldest_that_nobody_has(
    amira_hussain, tom_beckett, able_platform, force_account
):
    now = clock.now()
    routine = a_comment(force_account, received_at=now - timedelta(hours=3))
    urgent = a_comment(force_account, priority=1, received_at=now)
    older = a_comment(force_account, priority=2, received_at=now - timedelta(minutes=9))
    newer = a_comment(force_account, priority=2, received_at=now - timedelta(minutes=2))
    desk.claim(actor=tom_beckett, comment=urgent)
    pulled = [desk.pull_next(actor=amira_hussain) for _ in range(4)]
    assert pulled == [older, newer, routine, None]


def test_a_pull_asks_nothing_twice(
    amira_hussain, able_platform, force_account, django_assert_max_num_queries
):
    """Eight statements, of which the trail's is one, between a savepoint and its release (`manage.py bench claims`)."""
    for _ in range(2):
        a_comment(force_account)
    desk.pull_next(actor=amira_hussain)
    with django_assert_max_num_queries(10):
        assert desk.pull_next(actor=amira_hussain) is not None


def test_pull_next_stays_in_the_area_of_a_neighbourhood_officer(
    pc_nair, able_platform, force_account, harrowfield_account
):
    a_comment(force_account, priority=1)
    own = a_comment(harrowfield_account, priority=4)
    assert desk.pull_next(actor=pc_nair) == own
    assert desk.pull_next(actor=pc_nair) is None


def test_two_people_who_claim_at_once_do_not_both_get_it(committed_db):
    made = force.make()
    comment = a_comment(made.accounts["wealdshire-police"])
    people = [made.people["amira_hussain"], made.people["tom_beckett"]]
    start, outcome = threading.Barrier(2), []

    def try_it(person):
        try:
            start.wait(5)
            outcome.append(desk.claim(actor=person, comment=comment).claimed_by.name)
        except TakenBySomeoneElse as refused:
            outcome.append(refused.sentence.split(" has ")[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=try_it, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    comment.refresh_from_db()
    assert outcome == [comment.claimed_by.name] * 2
    assert Entry.objects.filter(event="comment.claimed").count() == 1


def test_two_people_who_pull_at_once_get_two_comments(committed_db):
    made = force.make()
    account = made.accounts["wealdshire-police"]
    mine = {a_comment(account, priority=1).pk, a_comment(account, priority=1).pk}
    start, got = threading.Barrier(2), []

    def pull(person):
        try:
            start.wait(5)
            got.append(desk.pull_next(actor=person).pk)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=pull, args=(made.people[slug],)) for slug in ("amira_hussain", "tom_beckett")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert set(got) == mine


# Decisions


def test_a_reply_goes_to_the_outbox_and_closes_the_comment(amira_hussain, comment):
    drafts.keep_draft(actor=amira_hussain, comment=comment, text="It is open")
    desk.claim(actor=amira_hussain, comment=comment)
    decision = desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text=" It is open again. ")
    comment.refresh_from_db()
    assert (comment.state, comment.claimed_by) == ("decided", None)
    delivery = decision.delivery
    assert (delivery.kind, delivery.text, delivery.author) == ("reply", "It is open again.", amira_hussain)
    assert delivery.target_external_id == comment.external_id
    assert delivery.root_external_id == comment.conversation.root_external_id
    assert delivery.private_to_external_id == ""
    assert not decision.outcome_noted
    assert not ReplyDraft.objects.exists()
    assert events(comment) == ["comment.draft_begun", "comment.claimed", "comment.replied"]


def test_a_private_message_is_answered_privately_to_its_author_alone(
    amira_hussain, able_platform, force_account
):
    comment = a_comment(force_account, private=True)
    delivery = desk.reply(
        actor=amira_hussain, comment=comment, revision_number=1, text="Tell us more here."
    ).delivery
    assert delivery.private_to_external_id == comment.commenter.external_id
    assert delivery.root_external_id == ""


@pytest.mark.parametrize(("text", "words"), [("  \n", "Write the reply"), ("x" * 301, "Shorten it by 1")])
def test_a_reply_that_is_empty_or_too_long_is_refused_with_the_number(amira_hussain, comment, text, words):
    with pytest.raises(NotValid, match=words) as refused:
        desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text=text)
    assert refused.value.field == "reply_text"
    assert not Delivery.objects.exists()


def test_hiding_names_a_published_clause_and_nothing_else_will_do(amira_hussain, comment, abuse):
    Clause.objects.filter(pk=abuse.pk).update(published=False)
    with pytest.raises(NotValid, match="there is no other reason"):
        desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    Clause.objects.filter(pk=abuse.pk).update(published=True)
    decision = desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    comment.refresh_from_db()
    assert (decision.clause, decision.delivery.kind, comment.hidden_at) == (abuse, "hide", None)
    assert Entry.objects.get(event="comment.hidden").details["clause"] == abuse.title


def test_a_private_message_cannot_be_hidden(amira_hussain, able_platform, force_account, abuse):
    comment = a_comment(force_account, private=True)
    with pytest.raises(NotValid, match="private message"):
        desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)


def test_a_platform_that_cannot_says_what_to_do_instead(amira_hussain, mute_platform, force_account, abuse):
    comment = a_comment(force_account)
    with pytest.raises(NotValid, match="Report the comment there"):
        desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    with pytest.raises(NotValid, match="Answer on its own site"):
        desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text="Hello")


def test_a_neighbourhood_officer_answers_but_does_not_hide(
    pc_nair, able_platform, harrowfield_account, abuse
):
    comment = a_comment(harrowfield_account)
    with pytest.raises(NotPermitted, match="Hide comments"):
        desk.hide(actor=pc_nair, comment=comment, revision_number=1, clause=abuse)
    assert desk.reply(actor=pc_nair, comment=comment, revision_number=1, text="Yes, it is.").by == pc_nair


def test_nobody_decides_outside_their_area(pc_nair, comment):
    for decide in (
        lambda: desk.claim(actor=pc_nair, comment=comment),
        lambda: desk.no_action(actor=pc_nair, comment=comment, revision_number=1),
        lambda: desk.escalate(
            actor=pc_nair, comment=comment, revision_number=1, category="threat_to_life", why="x"
        ),
        lambda: desk.add_note(actor=pc_nair, comment=comment, text="x"),
        lambda: desk.retriage(actor=pc_nair, comment=comment, revision_number=1, category="spam", priority=5),
    ):
        with pytest.raises(NotPermitted):
            decide()
    assert events(comment) == []


def decisions(actor, comment, revision_number, clause):
    given = {"actor": actor, "comment": comment, "revision_number": revision_number}
    return [
        lambda: desk.reply(**given, text="Hello"),
        lambda: desk.hide(**given, clause=clause),
        lambda: desk.no_action(**given),
        lambda: desk.escalate(**given, category="missing_person", why="Child alone"),
    ]


@pytest.mark.parametrize("which", range(4))
def test_a_decision_on_words_that_have_changed_is_refused(amira_hussain, comment, abuse, which):
    edited(comment, "Actually I know who did it")
    with pytest.raises(ChangedSinceSeen, match="read the new words"):
        decisions(amira_hussain, comment, 1, abuse)[which]()
    assert not Decision.objects.exists()
    decisions(amira_hussain, comment, 2, abuse)[which]()
    assert Decision.objects.get().revision.number == 2


@pytest.mark.parametrize("which", range(3))
def test_a_comment_that_a_colleague_has_is_theirs_to_decide(
    amira_hussain, tom_beckett, comment, abuse, which
):
    desk.claim(actor=tom_beckett, comment=comment)
    with pytest.raises(TakenBySomeoneElse, match="Tom Beckett has this comment"):
        decisions(amira_hussain, comment, 1, abuse)[which]()


@pytest.mark.parametrize("which", range(4))
def test_deciding_twice_says_who_decided(amira_hussain, tom_beckett, comment, abuse, which):
    desk.no_action(actor=tom_beckett, comment=comment, revision_number=1)
    with pytest.raises(TransitionNotAllowed, match="Tom Beckett has decided on this comment already"):
        decisions(amira_hussain, comment, 1, abuse)[which]()
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("which", range(4))
def test_what_we_wrote_ourselves_is_not_decided_on(amira_hussain, able_platform, force_account, abuse, which):
    ours = a_comment(force_account, state="ours")
    with pytest.raises(TransitionNotAllowed, match="written by the official account"):
        decisions(amira_hussain, ours, 1, abuse)[which]()


def test_what_its_author_removed_is_neither_answered_nor_hidden(amira_hussain, comment, abuse):
    Comment.objects.update(removed_at=clock.now())
    with pytest.raises(TransitionNotAllowed, match="gone from the platform"):
        desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text="Hello")
    with pytest.raises(TransitionNotAllowed, match="gone from the platform"):
        desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    desk.no_action(actor=amira_hussain, comment=comment, revision_number=1)


def test_an_escalation_states_that_a_case_is_needed_and_the_person_can_still_be_answered(
    amira_hussain, comment, abuse
):
    desk.escalate(
        actor=amira_hussain,
        comment=comment,
        revision_number=1,
        category="suicide_self_harm",
        why="Says goodbye",
    )
    comment.refresh_from_db()
    assert (comment.needs_case, comment.category, comment.priority) == (
        "suicide_self_harm",
        "suicide_self_harm",
        1,
    )
    desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text="Please ring 999 now.")
    desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    comment.refresh_from_db()
    assert (comment.state, comment.needs_case) == ("decided", "suicide_self_harm")
    assert events(comment) == ["comment.escalated", "comment.replied", "comment.hidden"]


@pytest.mark.parametrize(("category", "why"), [("missing_person", " "), ("dragons", "Fire")])
def test_an_escalation_says_what_is_feared(amira_hussain, comment, category, why):
    with pytest.raises(NotValid):
        desk.escalate(actor=amira_hussain, comment=comment, revision_number=1, category=category, why=why)
    comment.refresh_from_db()
    assert comment.needs_case == ""


def test_a_new_category_moves_the_clock_from_when_the_comment_came(amira_hussain, comment):
    desk.retriage(
        actor=amira_hussain, comment=comment, revision_number=1, category="missing_person", priority=2
    )
    comment.refresh_from_db()
    assert (comment.category, comment.priority) == ("missing_person", 2)
    assert comment.answer_by == comment.received_at + timedelta(minutes=30)
    decision = desk.retriage(
        actor=amira_hussain, comment=comment, revision_number=1, category="missing_person", priority=2
    )
    assert decision.why == "Accepted: Missing person, high"
    entry = Entry.objects.filter(event="comment.retriaged").order_by("id").last()
    assert entry.details["accepted"] is True


@pytest.mark.parametrize(
    ("stands", "becomes"),
    [(("question", 2), ("question", 3)), (("suicide_self_harm", 3), ("question", 3))],
    ids=["below high", "out of the high-risk categories"],
)
def test_what_was_taken_for_a_risk_is_lowered_with_a_reason(amira_hussain, comment, stands, becomes):
    Comment.objects.filter(pk=comment.pk).update(category=stands[0], priority=stands[1])
    answer = {
        "actor": amira_hussain,
        "comment": comment,
        "revision_number": 1,
        "category": becomes[0],
        "priority": becomes[1],
    }
    with pytest.raises(NotValid, match="why nobody is at risk") as refused:
        desk.retriage(**answer, why=" ")
    assert refused.value.field == "why"
    comment.refresh_from_db()
    assert (comment.category, comment.priority) == stands
    assert "comment.retriaged" not in events(comment)
    decision = desk.retriage(**answer, why="A line of a song")
    assert decision.why.endswith("A line of a song")
    entry = Entry.objects.filter(event="comment.retriaged").order_by("id").last()
    assert entry.details["out_of_risk"] is True


def test_ones_own_answer_is_taken_back_without_a_reason_a_colleagues_is_not(
    amira_hussain, tom_beckett, comment
):
    before = (comment.category, comment.priority, comment.answer_by)
    assert comment.priority > 2
    desk.retriage(
        actor=amira_hussain, comment=comment, revision_number=1, category=comment.category, priority=1
    )
    back = {"comment": comment, "revision_number": 1, "category": before[0], "priority": before[1]}
    with pytest.raises(NotValid):
        desk.retriage(actor=tom_beckett, **back)
    desk.retriage(actor=amira_hussain, **back)
    comment.refresh_from_db()
    assert (comment.category, comment.priority, comment.answer_by) == before
    entry = Entry.objects.filter(event="comment.retriaged").order_by("id").last()
    assert entry.details["takes_back"] is True
    # Once a colleague has answered since, there is nothing of hers to take back
    desk.retriage(
        actor=amira_hussain, comment=comment, revision_number=1, category=comment.category, priority=1
    )
    desk.retriage(actor=tom_beckett, comment=comment, revision_number=1, category="traffic", priority=2)
    with pytest.raises(NotValid):
        desk.retriage(actor=amira_hussain, **back)


def test_a_note_is_kept_for_colleagues_and_an_empty_one_is_refused(amira_hussain, comment):
    with pytest.raises(NotValid, match="Write the note"):
        desk.add_note(actor=amira_hussain, comment=comment, text=" ")
    with pytest.raises(NotValid, match="4,000 fit"):
        desk.add_note(actor=amira_hussain, comment=comment, text="x" * 4001)
    note = desk.add_note(actor=amira_hussain, comment=comment, text="Known to us.")
    assert (note.text, note.by) == ("Known to us.", amira_hussain)
    assert events(comment) == ["comment.noted"]


# Taking back


def test_reopening_brings_the_comment_back_with_its_old_clock(amira_hussain, comment):
    desk.no_action(actor=amira_hussain, comment=comment, revision_number=1)
    was = comment.answer_by
    desk.reopen(actor=amira_hussain, comment=comment)
    comment.refresh_from_db()
    assert (comment.state, comment.decided_at, comment.answer_by) == ("open", None, was)
    with pytest.raises(TransitionNotAllowed, match="open already"):
        desk.reopen(actor=amira_hussain, comment=comment)
    assert events(comment) == ["comment.no_action", "comment.reopened"]


def test_reopening_an_escalation_in_time_asks_for_no_case(amira_hussain, comment):
    desk.escalate(
        actor=amira_hussain, comment=comment, revision_number=1, category="missing_person", why="Lost child"
    )
    desk.reopen(actor=amira_hussain, comment=comment)
    comment.refresh_from_db()
    assert comment.needs_case == ""


def test_undoing_a_hide_that_has_not_left_withdraws_it(amira_hussain, comment, abuse):
    hidden = desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    desk.unhide(actor=amira_hussain, comment=comment, revision_number=1)
    comment.refresh_from_db()
    hidden.delivery.refresh_from_db()
    assert (comment.state, hidden.delivery.state) == ("open", "withdrawn")
    assert Delivery.objects.count() == 1
    assert tasks.note_outcomes() == 0


def test_undoing_a_hide_that_arrived_shows_the_comment_again(amira_hussain, comment, abuse):
    settle(desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse), "sent")
    assert tasks.note_outcomes() == 1
    comment.refresh_from_db()
    assert comment.hidden_at is not None
    with pytest.raises(TransitionNotAllowed, match="decided on this comment already"):
        desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    shown = desk.unhide(actor=amira_hussain, comment=comment, revision_number=1)
    assert shown.delivery.kind == "unhide"
    with pytest.raises(TransitionNotAllowed, match="hidden already"):
        desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse)
    settle(shown, "sent")
    assert tasks.note_outcomes() == 1
    assert tasks.note_outcomes() == 0
    comment.refresh_from_db()
    assert (comment.hidden_at, comment.state) == (None, "open")


@pytest.mark.parametrize("state", ["claimed", "sending", "unknown"])
def test_a_hide_on_its_way_cannot_be_undone_this_moment(amira_hussain, comment, abuse, state):
    settle(desk.hide(actor=amira_hussain, comment=comment, revision_number=1, clause=abuse), state)
    with pytest.raises(TransitionNotAllowed, match="this moment"):
        desk.unhide(actor=amira_hussain, comment=comment, revision_number=1)
    with pytest.raises(TransitionNotAllowed, match="this moment"):
        desk.reopen(actor=amira_hussain, comment=comment)
    assert tasks.note_outcomes() == 0


def test_a_comment_that_is_not_hidden_cannot_be_shown_again(amira_hussain, comment):
    with pytest.raises(TransitionNotAllowed, match="not hidden"):
        desk.unhide(actor=amira_hussain, comment=comment, revision_number=1)


def test_a_reply_that_the_platform_refused_comes_back_with_the_words_and_the_reason(amira_hussain, comment):
    decision = desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text="It is open.")
    settle(decision, "rejected", "the author has blocked us.")
    assert tasks.note_outcomes() == 1
    comment.refresh_from_db()
    last = comment.decisions.last()
    assert comment.state == "open"
    assert last.kind == "reopen"
    assert last.why == "Exercise network refused this reply: the author has blocked us."
    assert ReplyDraft.objects.get(comment=comment, by=amira_hussain).text == "It is open."
    assert "refused your reply" in Notice.objects.get(to=amira_hussain).title
    assert tasks.note_outcomes() == 0
    outcomes.note_outcome(decision=decision)
    assert comment.decisions.count() == 2


def test_a_reply_withdrawn_in_the_outbox_opens_the_comment_again(amira_hussain, helen_achebe, comment):
    decision = desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text="It is open.")
    outbox.withdraw(actor=helen_achebe, delivery=decision.delivery, why="Not true any more")
    assert tasks.note_outcomes() == 1
    comment.refresh_from_db()
    assert comment.state == "open"
    assert "Helen Achebe withdrew the reply" in comment.decisions.last().why
    assert "Not true any more" in comment.decisions.last().why


def test_reopening_withdraws_a_reply_that_has_not_left_and_keeps_its_words(amira_hussain, comment):
    decision = desk.reply(actor=amira_hussain, comment=comment, revision_number=1, text="It is open.")
    desk.reopen(actor=amira_hussain, comment=comment)
    decision.delivery.refresh_from_db()
    assert decision.delivery.state == "withdrawn"
    assert ReplyDraft.objects.get().text == "It is open."


# Drafts and the table


def test_a_draft_is_kept_replaced_and_forgotten_when_emptied(amira_hussain, comment):
    drafts.keep_draft(actor=amira_hussain, comment=comment, text="One")
    drafts.keep_draft(actor=amira_hussain, comment=comment, text="One two")
    assert ReplyDraft.objects.get().text == "One two"
    assert drafts.keep_draft(actor=amira_hussain, comment=comment, text=" ") is None
    assert not ReplyDraft.objects.exists()
    assert events(comment) == ["comment.draft_begun"]


def test_the_table_of_the_desk_pair_by_pair():
    allowed = {
        "claim": {"open": "open"},
        "sort": {"open": "open"},
        "reply": {"open": "decided"},
        "hide": {"open": "decided"},
        "delete": {"open": "decided"},
        "handle_elsewhere": {"open": "decided"},
        "no_action": {"open": "decided"},
        "escalate": {"open": "decided"},
        "hand_over": {"open": "open"},
        "unhide": {"open": "open", "decided": "open"},
        "reopen": {"decided": "open"},
        "reply_after_escalation": {"decided": "decided"},
        "hide_after_escalation": {"decided": "decided"},
        "delete_after_escalation": {"decided": "decided"},
    }
    assert DESK.events == set(allowed)
    for state in Comment.State.values:
        for event, ends in allowed.items():
            if state in ends:
                assert DESK.next(state, event) == ends[state]
            else:
                with pytest.raises(TransitionNotAllowed):
                    DESK.next(state, event)


def test_every_priority_and_category_can_be_chosen(amira_hussain, comment):
    for category, priority in zip(Category, cycle(Priority)):
        desk.retriage(
            actor=amira_hussain,
            comment=comment,
            revision_number=1,
            category=category,
            priority=priority,
            why="Read again",
        )
        comment.refresh_from_db()
        assert (comment.category, comment.priority) == (category, priority)
    with pytest.raises(NotValid, match="priority"):
        desk.retriage(actor=amira_hussain, comment=comment, revision_number=1, category="spam", priority=6)


def test_undo_on_a_page_that_is_no_longer_true_takes_nothing_of_a_colleagues_back(
    amira_hussain, tom_beckett, comment
):
    seen = desk.no_action(actor=amira_hussain, comment=comment, revision_number=1)
    desk.reopen(actor=tom_beckett, comment=comment)
    desk.escalate(
        actor=tom_beckett,
        comment=comment,
        revision_number=1,
        category="missing_person",
        why="A child is gone",
    )
    with pytest.raises(ChangedSinceSeen, match="Tom Beckett has decided on this comment since"):
        desk.reopen(actor=amira_hussain, comment=comment, standing=seen.pk)
    comment.refresh_from_db()
    assert (comment.state, comment.needs_case) == ("decided", "missing_person")
    now = queries.standing_decision(comment)
    assert now is not None
    assert desk.reopen(actor=tom_beckett, comment=comment, standing=now.pk).kind == "reopen"


def test_words_that_changed_since_are_not_sorted_unread(amira_hussain, force_account, comment):
    Comment.objects.filter(pk=comment.pk).update(revision_number=2)
    with pytest.raises(ChangedSinceSeen):
        desk.retriage(
            actor=amira_hussain, comment=comment, revision_number=1, category=comment.category, priority=5
        )
    assert "comment.retriaged" not in events(comment)
