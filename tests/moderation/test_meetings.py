"""A virtual community meeting: asked in by the public, read by staff, answered by named officers, published."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from core import clock, crowd
from core.actors import Stranger
from core.errors import (
    ChangedSinceSeen,
    NotPermitted,
    NotValid,
    TakenBySomeoneElse,
    TooMany,
    TransitionNotAllowed,
)
from moderation.actions import meetings as desk_actions
from moderation.models import Comment
from moderation.tasks import look_at_questions
from notices.models import Notice
from publishing import checks
from publishing.actions import campaigns, lockdown, meetings, posts, questions
from publishing.models import Campaign, Delivery, Lockdown, Meeting, Question
from publishing.workflow_campaigns import QUESTION
from tests import comments
from tests.embedded import made_at
from tests.publishing.platform import StubbornPlatform

SOMEBODY = Stranger("somebody of the public")
BINS = "Why are the streets by the market so dark?"


@pytest.fixture
@made_at("2026-03-02T09:00:00Z")
def clock_at():
    """A clock that moves only when told."""
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def measured(monkeypatch, able_platform):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())
    crowd.forget()
    yield
    crowd.forget()


@pytest.fixture
def meeting(clock_at, leah_brandt, pc_nair, amira_hussain, force_account):
    """A meeting of Leah's that runs now; Amira answers in it."""
    made = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.MEETING,
        name="Harrowfield listens",
        purpose="Hear what worries people in Harrowfield",
        account_ids=[force_account.pk],
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(hours=2),
    )
    campaigns.start_campaign(actor=leah_brandt, campaign=made)
    found = meetings.set_up(
        actor=leah_brandt,
        campaign=made,
        about="Ask your neighbourhood team.",
        hold_line="We have been called away and are back soon.",
        opens_at=clock.now(),
    )
    meetings.name_officer(
        actor=leah_brandt, meeting=found, person=amira_hussain, shown_as="Amira, digital desk"
    )
    return Meeting.objects.select_related("campaign").get(pk=found.pk)


def ask(meeting, words=BINS, *, key="k", name=""):
    return questions.ask_publicly(actor=SOMEBODY, meeting=meeting, words=words, name=name, source_key=key)


def fresh(question):
    return Question.objects.get(pk=question.pk)


def public(meeting, route="meeting"):
    crowd.forget()
    return Client().get(reverse(f"publishing_public:{route}", args=[meeting.slug])).content.decode()


def test_the_public_reads_a_question_only_once_staff_have_shown_it(meeting, tom_beckett):
    question = ask(meeting, name="Mo")
    assert BINS not in public(meeting)
    questions.show(actor=tom_beckett, question=question, words="Why are the streets so dark?", name="M.")
    shown = public(meeting)
    assert "Why are the streets so dark?" in shown
    assert BINS not in shown
    assert ">M.<" in shown
    assert ">Mo<" not in shown
    assert Entry.objects.get(event="question.shown").details["to"] == "the public"
    assert BINS not in str(list(Entry.objects.values("details", "subject_name", "reason")))


def test_what_tells_who_is_shown_only_with_a_reason(meeting, tom_beckett):
    question = ask(meeting, "Why is Colin Marsh of 14 Mill Lane still free?")
    with pytest.raises(NotValid, match="Colin Marsh"):
        questions.show(actor=tom_beckett, question=question, words=question.words)
    with pytest.raises(NotValid, match="Say why"):
        questions.decline(actor=tom_beckett, question=question, why="  ")
    questions.decline(actor=tom_beckett, question=question, why="Names a suspect")
    assert "Marsh" not in public(meeting)


def test_five_questions_an_hour_come_from_one_place(meeting, clock_at):
    for number in range(5):
        ask(meeting, f"Question {number}")
    with pytest.raises(TooMany):
        ask(meeting)
    ask(meeting, key="elsewhere")
    clock_at.shift(3601)
    ask(meeting)


@pytest.mark.parametrize("words", ["", " \n ", "\x00", "x" * 1001])
def test_a_question_that_says_nothing_or_too_much_is_refused(meeting, words):
    with pytest.raises(NotValid):
        ask(meeting, words)
    assert not Question.objects.exists()


def test_a_closed_meeting_takes_no_question_and_an_opened_one_does(meeting, leah_brandt, clock_at):
    meetings.close_questions(actor=leah_brandt, meeting=meeting)
    with pytest.raises(TransitionNotAllowed):
        ask(Meeting.objects.get(pk=meeting.pk))
    meetings.close_questions(actor=leah_brandt, meeting=meeting, close=False)
    ask(Meeting.objects.get(pk=meeting.pk))
    clock_at.shift(timedelta(hours=3))
    with pytest.raises(TransitionNotAllowed):
        ask(Meeting.objects.get(pk=meeting.pk))


def test_only_named_officers_answer_and_one_at_a_time(meeting, leah_brandt, tom_beckett, amira_hussain):
    question = ask(meeting)
    with pytest.raises(TransitionNotAllowed):
        questions.take(actor=amira_hussain, question=question)
    questions.show(actor=tom_beckett, question=question, words=BINS)
    with pytest.raises(NotPermitted, match="officers named"):
        questions.answer(actor=tom_beckett, question=question, words="Because")
    meetings.name_officer(
        actor=leah_brandt, meeting=meeting, person=tom_beckett, shown_as="Tom, digital desk"
    )
    questions.take(actor=amira_hussain, question=question)
    with pytest.raises(TakenBySomeoneElse):
        questions.take(actor=tom_beckett, question=question)
    with pytest.raises(TakenBySomeoneElse):
        questions.answer(actor=tom_beckett, question=question, words="Because")
    questions.answer(actor=amira_hussain, question=question, words="The lamps are being changed.")
    questions.answer(actor=amira_hussain, question=question, words="The lamps are changed on Monday.")
    shown = public(meeting)
    assert "changed on Monday" in shown
    assert "being changed" not in shown
    assert "Amira, digital desk" in shown
    assert [one.words for one in question.changes.filter(event="answer")] == [
        "The lamps are being changed.",
        "The lamps are changed on Monday.",
    ]


def test_who_answers_no_more_leaves_what_they_had_to_others(meeting, leah_brandt, tom_beckett, amira_hussain):
    question = questions.show(actor=tom_beckett, question=ask(meeting), words=BINS)
    questions.take(actor=amira_hussain, question=question)
    meetings.remove_officer(actor=leah_brandt, officer=meeting.officers.get())
    assert (fresh(question).state, fresh(question).officer) == ("shown", None)
    with pytest.raises(NotPermitted):
        questions.answer(actor=amira_hussain, question=question, words="Because")


def test_who_may_not_reply_there_is_not_named(meeting, leah_brandt, pc_nair, joan_pritchard):
    for person in (pc_nair, joan_pritchard):
        with pytest.raises(NotValid, match="may not reply"):
            meetings.name_officer(actor=leah_brandt, meeting=meeting, person=person, shown_as="Somebody")


def test_a_lockdown_keeps_questions_and_answers_from_the_public_and_a_pause_does_not(
    meeting, tom_beckett, amira_hussain, sergeant_okafor
):
    question = ask(meeting)
    lockdown.start_lockdown(actor=sergeant_okafor, kind=Lockdown.Kind.PAUSE, why="An incident")
    questions.show(actor=tom_beckett, question=question, words=BINS)
    lockdown.start_lockdown(actor=sergeant_okafor, kind=Lockdown.Kind.COMPROMISE, why="An intruder")
    with pytest.raises(TransitionNotAllowed, match="An intruder"):
        questions.answer(actor=amira_hussain, question=question, words="Because")
    with pytest.raises(TransitionNotAllowed):
        questions.show(actor=tom_beckett, question=ask(meeting, "Another"), words="Another")


def test_the_transcript_is_published_by_somebody_else_once_all_is_answered(
    meeting, leah_brandt, helen_achebe, tom_beckett, amira_hussain
):
    assert Client().get(reverse("publishing_public:transcript", args=[meeting.slug])).status_code == 404
    question = questions.show(actor=tom_beckett, question=ask(meeting, name="Mo"), words=BINS, name="Mo")
    with pytest.raises(NotPermitted):
        meetings.publish_transcript(actor=leah_brandt, meeting=meeting)
    with pytest.raises(TransitionNotAllowed, match="1 of its questions is neither"):
        meetings.publish_transcript(actor=helen_achebe, meeting=meeting)
    questions.answer(actor=amira_hussain, question=question, words="The lamps are changed on Monday.")
    meetings.publish_transcript(actor=helen_achebe, meeting=meeting)
    text = public(meeting, "transcript")
    assert f"1. {BINS} (Mo)" in text
    assert "Amira, digital desk: The lamps are changed on Monday." in text
    with pytest.raises(TransitionNotAllowed, match="published"):
        questions.answer(actor=amira_hussain, question=fresh(question), words="Other words")
    with pytest.raises(TransitionNotAllowed):
        meetings.publish_transcript(actor=helen_achebe, meeting=meeting)


def test_whoever_answered_does_not_publish_the_transcript(meeting, leah_brandt, helen_achebe, tom_beckett):
    meetings.name_officer(actor=leah_brandt, meeting=meeting, person=helen_achebe, shown_as="Helen Achebe")
    question = questions.show(actor=tom_beckett, question=ask(meeting), words=BINS)
    questions.answer(actor=helen_achebe, question=question, words="On Monday.")
    with pytest.raises(NotPermitted, match="answered some of it"):
        meetings.publish_transcript(actor=helen_achebe, meeting=meeting)


def test_a_cry_for_help_reaches_the_desk_without_its_words(meeting, amira_hussain):
    ask(meeting, "I want to kill myself tonight, nobody answers me")
    ask(meeting, "When is the next market?")
    assert look_at_questions() == 2
    assert look_at_questions() == 0
    notice = Notice.objects.get(to=amira_hussain, title__contains="safety")
    assert notice.urgency == "page"
    assert "kill" not in notice.title + notice.body
    assert set(Question.objects.values_list("priority", flat=True)) >= {1}


def test_a_question_shown_by_nobody_cannot_be_stored(meeting):
    question = ask(meeting)
    with pytest.raises(IntegrityError, match="question_shown_by_someone"), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(state="shown")


def test_every_move_of_a_question_is_in_the_table():
    for state in QUESTION.states:
        for event in QUESTION.events:
            if not QUESTION.allows(state, event):
                with pytest.raises(TransitionNotAllowed):
                    QUESTION.next(state, event)


# Comments under its posts


@pytest.fixture
def under_its_post(meeting, leah_brandt, helen_achebe, force_account):
    """A comment under a post of the meeting."""
    post = campaigns.draft_for(actor=leah_brandt, campaign=meeting.campaign, words="Ask us anything.")
    posts.submit_post(actor=leah_brandt, post=post, version_seen=post.version)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)
    Delivery.objects.update(state="sent", external_id="post-1", sent_at=clock.now())
    return comments.write(force_account, BINS)


def test_a_comment_becomes_a_question_once_and_is_answered_under_the_post(
    client, meeting, under_its_post, tom_beckett, amira_hussain
):
    client.force_login(tom_beckett)
    page = reverse("moderation:meeting", args=[meeting.campaign_id])
    assert BINS in client.get(page).content.decode()
    conversation = client.get(reverse("moderation:conversation", args=[under_its_post.pk])).content.decode()
    assert "A question for “Harrowfield listens”" in conversation
    to = reverse("moderation:meeting_take", args=[meeting.campaign_id, under_its_post.pk])
    assert client.post(to, {"revision": 7}).status_code == 409
    client.post(to, {"revision": 1})
    client.post(to, {"revision": 1})
    question = Question.objects.get()
    questions.show(actor=tom_beckett, question=question, words=BINS)
    client.force_login(amira_hussain)
    step = reverse("moderation:question", args=[question.pk])
    field = f"q{question.pk}"
    empty = client.post(step, {"do": "answer", f"{field}-words": " ", f"{field}-reply_too": "on"})
    assert empty.status_code == 422
    client.post(
        step, {"do": "answer", f"{field}-words": "The lamps come on Monday.", f"{field}-reply_too": "on"}
    )
    assert fresh(question).state == "answered"
    reply = Delivery.objects.get(kind="reply")
    assert (reply.text, reply.target_external_id) == ("The lamps come on Monday.", under_its_post.external_id)
    assert Comment.objects.get(pk=under_its_post.pk).state == Comment.State.DECIDED


def test_a_reply_that_is_refused_leaves_the_answer_unsaid_as_well(
    meeting, under_its_post, tom_beckett, amira_hussain
):
    question = desk_actions.take_comment(
        actor=tom_beckett, meeting=meeting, comment=under_its_post, revision_number=1
    )
    questions.show(actor=tom_beckett, question=question, words=BINS)
    Comment.objects.filter(pk=under_its_post.pk).update(revision_number=2)
    with pytest.raises(ChangedSinceSeen):
        desk_actions.answer(actor=amira_hussain, question=question, words="On Monday.", reply_too=True)
    assert fresh(question).answer == ""
    desk_actions.answer(actor=amira_hussain, question=question, words="On Monday.")
    assert fresh(question).answer == "On Monday."


def test_what_is_hidden_or_private_is_no_question(meeting, under_its_post, tom_beckett):
    Comment.objects.filter(pk=under_its_post.pk).update(hidden_at=clock.now())
    with pytest.raises(TransitionNotAllowed, match="does not stand in public"):
        desk_actions.take_comment(
            actor=tom_beckett, meeting=meeting, comment=under_its_post, revision_number=1
        )


# Pages


def test_the_page_says_that_something_new_came_and_nothing_otherwise(client, meeting, tom_beckett):
    ask(meeting)
    client.force_login(tom_beckett)
    page = client.get(reverse("moderation:meeting", args=[meeting.campaign_id])).content.decode()
    news = reverse("moderation:meeting_news", args=[meeting.campaign_id])
    address = news + page.partition(f'hx-get="{news}')[2].partition('"')[0]
    assert client.get(address).status_code == 204
    ask(meeting, "Another")
    assert "There is something new" in client.get(address).content.decode()


def test_a_meeting_is_set_up_and_run_from_its_campaign(
    clock_at, client, leah_brandt, amira_hussain, force_account
):
    client.force_login(leah_brandt)
    plan = reverse("publishing:campaign_new", args=["meeting"])
    typed = {
        "name": "Ask us",
        "purpose": "Hear people",
        "accounts": [force_account.pk],
        "ends_at": "2026-03-02T20:00",
    }
    assert client.post(plan, {**typed, "ends_at": ""}).status_code == 422
    answer = client.post(plan, typed)
    campaign = Campaign.objects.get()
    assert answer["Location"] == reverse("publishing:campaign", args=[campaign.pk])
    run = reverse("moderation:meeting", args=[campaign.pk])
    assert run in client.get(answer["Location"]).content.decode()
    assert "Set the meeting up" in client.get(run).content.decode()
    set_up = reverse("moderation:meeting_set_up", args=[campaign.pk])
    wrong = client.post(set_up, {"about": "About it", "hold_line": "", "opens_at": ""})
    assert wrong.status_code == 422
    assert "About it" in wrong.content.decode()
    client.post(set_up, {"about": "About it", "hold_line": "Back soon", "opens_at": ""})
    step = reverse("moderation:meeting_step", args=[campaign.pk])
    client.post(step, {"do": "officer", "person": amira_hussain.pk, "shown_as": "Amira"})
    client.post(reverse("publishing:campaign_step", args=[campaign.pk]), {"do": "start", "from": "meeting"})
    browser = Client()
    asking = reverse("publishing_public:ask", args=["ask-us"])
    assert browser.get(asking).status_code == 200
    assert browser.post(asking, {"words": ""}).status_code == 422
    asked = browser.post(asking, {"words": BINS, "name": "Mo"}, follow=True)
    assert "we have your question" in asked.content.decode()
    assert "1 question for “Ask us” to be read" in client.get("/").content.decode()
    question = Question.objects.get()
    shown = {"do": "show", f"q{question.pk}-words": BINS}
    client.post(reverse("moderation:question", args=[question.pk]), shown)
    client.force_login(amira_hussain)
    assert "1 question of “Ask us” without an answer" in client.get("/").content.decode()
    for path in (run, reverse("publishing:campaigns")):
        assert client.get(path).status_code == 200


def test_a_page_that_is_not_there_says_so(db):
    for route in ("meeting", "ask", "asked", "transcript"):
        answer = Client().get(reverse(f"publishing_public:{route}", args=["no-such"]))
        assert answer.status_code == 404
        assert "no such meeting" in answer.content.decode()
