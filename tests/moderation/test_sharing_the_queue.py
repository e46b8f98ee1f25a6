"""Passing over, being seen at a comment, keeping it while one reads, and answering when a lock stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TakenBySomeoneElse
from moderation import presence, queries, queries_working, tasks
from moderation.actions import desk, working
from moderation.categories import Priority
from moderation.models import Comment, Presence, Skip
from notices.models import Notice
from staff.actions import seen
from tests.moderation.comments import a_comment, edited

HTMX = {"HTTP_HX_REQUEST": "true"}


def at_work(*people):
    for person in people:
        seen.note_seen(actor=person)


def test_what_one_passed_over_is_offered_to_others_alone(amira_hussain, tom_beckett, comment):
    at_work(amira_hussain, tom_beckett)
    assert desk.pull_next(actor=amira_hussain).pk == comment.pk
    working.skip(actor=amira_hussain, comment=comment, reason="conflict")
    comment.refresh_from_db()
    assert (comment.claimed_by, comment.skipped_by_all_at, comment.state) == (None, None, "open")
    assert desk.pull_next(actor=amira_hussain) is None
    assert desk.pull_next(actor=tom_beckett).pk == comment.pk
    with pytest.raises(TakenBySomeoneElse, match="Tom Beckett"):
        working.skip(actor=amira_hussain, comment=comment, reason="language")
    entry = Entry.objects.get(event="comment.skipped")
    assert entry.details["why"] == "I know the person or the matter"


@pytest.mark.parametrize(
    ("reason", "words", "says"),
    [("", "", "Choose why"), ("other", "  ", "few words"), ("other", "x" * 301, "300 characters")],
)
def test_passing_over_needs_a_reason(amira_hussain, comment, reason, words, says):
    with pytest.raises(NotValid, match=says):
        working.skip(actor=amira_hussain, comment=comment, reason=reason, words=words)
    assert not Skip.objects.exists()


def test_who_may_not_work_on_it_may_not_pass_it_over(inspector_calder, pc_nair, comment):
    with pytest.raises(NotPermitted):
        working.skip(actor=inspector_calder, comment=comment, reason="conflict")
    with pytest.raises(NotPermitted):
        working.skip(actor=pc_nair, comment=comment, reason="conflict")


def test_what_everybody_on_shift_passed_over_goes_to_the_supervisors(
    amira_hussain, tom_beckett, sergeant_okafor, comment
):
    at_work(amira_hussain, tom_beckett, sergeant_okafor)
    working.skip(actor=amira_hussain, comment=comment, reason="specialist")
    assert not Notice.objects.filter(to=sergeant_okafor).exists()
    working.skip(actor=tom_beckett, comment=comment, reason="other", words="It names my street")
    working.skip(actor=tom_beckett, comment=comment, reason="other", words="It names my street")
    notice = Notice.objects.get(to=sergeant_okafor)
    assert notice.urgency == Notice.Urgency.SOON
    assert notice.link == queries.address(comment)
    assert Entry.objects.filter(event="comment.skipped_by_all").count() == 1
    skipped = queries.queue(sergeant_okafor, "skipped")
    assert queries.page(sergeant_okafor, skipped).ids == [comment.pk]
    assert {c.queue.slug for c in queries.queues(sergeant_okafor).main} >= {"skipped"}
    assert desk.pull_next(actor=sergeant_okafor).pk == comment.pk


def test_when_the_last_one_goes_home_the_supervisors_are_told_by_the_clock(
    amira_hussain, tom_beckett, sergeant_okafor, comment
):
    now = clock.now()
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        at_work(tom_beckett)
    with time_machine.travel(now + timedelta(minutes=20), tick=False):
        at_work(amira_hussain)
        working.skip(actor=amira_hussain, comment=comment, reason="distress")
        assert tasks.pass_up_skipped() == 0
    with time_machine.travel(now + timedelta(minutes=25), tick=False):
        assert tasks.pass_up_skipped() == 1
        assert tasks.pass_up_skipped() == 0
    assert Notice.objects.filter(to=sergeant_okafor).count() == 1


def test_supervisors_hear_at_once_of_an_immediate_one(amira_hussain, tom_beckett, sergeant_okafor, comment):
    at_work(amira_hussain, tom_beckett)
    Comment.objects.filter(pk=comment.pk).update(priority=Priority.IMMEDIATE)
    working.skip(actor=amira_hussain, comment=comment, reason="distress")
    assert Notice.objects.get(to=sergeant_okafor).urgency == Notice.Urgency.PAGE


def test_being_here_keeps_a_claim_and_brings_no_lost_one_back(amira_hussain, tom_beckett, comment):
    start = clock.now() + timedelta(days=1)
    with time_machine.travel(start, tick=False) as time:
        desk.claim(actor=amira_hussain, comment=comment)
        time.shift(timedelta(minutes=14))
        assert working.note_here(actor=amira_hussain, comment=comment) == clock.now() + desk.LEASE
        # A colleague who only looks keeps nothing.
        assert working.note_here(actor=tom_beckett, comment=comment) is None
        time.shift(timedelta(minutes=16))
        assert working.note_here(actor=amira_hussain, comment=comment) is None
        assert desk.claim(actor=tom_beckett, comment=comment).claimed_by == tom_beckett
        time.shift(timedelta(hours=3))
        assert working.sweep_presence() == 2


def test_colleagues_see_who_is_at_it_in_the_list_and_beside_the_box(
    client, amira_hussain, tom_beckett, comment
):
    working.note_here(actor=tom_beckett, comment=comment, writing=True)
    client.force_login(amira_hussain)
    listed = client.get(reverse("moderation:desk"), {"queue": "open"}).content.decode()
    assert "Tom Beckett is writing" in listed
    address = reverse("moderation:here", args=[comment.pk])
    beat = client.post(address, {"writing": ""}, **HTMX)
    assert "Tom Beckett is writing" in beat.content.decode()
    assert client.post(address, {"known": "Tom Beckett is writing"}, **HTMX).status_code == 204
    assert Presence.objects.filter(comment=comment, by=amira_hussain, writing_at=None).exists()
    with time_machine.travel(clock.now() + presence.HERE_FOR, tick=False):
        assert queries_working.here(amira_hussain, comment.pk) == []


def test_a_lock_keeps_nobody_from_answering_where_a_life_may_be_at_risk(
    client, amira_hussain, tom_beckett, comment
):
    Comment.objects.filter(pk=comment.pk).update(priority=Priority.IMMEDIATE)
    desk.claim(actor=tom_beckett, comment=comment)
    client.force_login(amira_hussain)
    page = client.get(queries.address(comment)).content.decode()
    assert 'name="despite"' in page
    address = reverse("moderation:reply", args=[comment.pk])
    words = {"revision": 1, "reply_text": "Please ring 999 now. We are with you."}
    refused = client.post(address, words)
    assert refused.status_code == 409
    assert "Tom Beckett has this comment" in refused.content.decode()
    assert "We are with you" in refused.content.decode()
    assert client.post(address, {**words, "despite": "1", "revision": 2}).status_code == 409
    assert client.post(address, {**words, "despite": "1"}).status_code == 302
    entry = Entry.objects.get(event="comment.replied")
    assert entry.details["despite_claim_of"] == "Tom Beckett"


def test_an_ordinary_claim_is_respected_and_calling_for_help_never_waits(amira_hussain, tom_beckett, comment):
    desk.claim(actor=tom_beckett, comment=comment)
    with pytest.raises(TakenBySomeoneElse):
        desk.reply(
            actor=amira_hussain, comment=comment, revision_number=1, text="Yes, it is.", despite_claim=True
        )
    desk.escalate(
        actor=amira_hussain, comment=comment, revision_number=1, category="missing_person", why="A child"
    )
    comment.refresh_from_db()
    assert comment.needs_case == "missing_person"


def test_pass_over_and_take_the_next_in_one_step(client, amira_hussain, comment, force_account):
    second = a_comment(force_account)
    client.force_login(amira_hussain)
    desk.claim(actor=amira_hussain, comment=comment)
    address = reverse("moderation:skip", args=[comment.pk])
    asked = client.post(address, {"queue": "open"})
    assert asked.status_code == 302
    assert asked.url.startswith(queries.address(comment))
    there = client.post(address, {"reason": "language", "then": "next", "queue": "open"})
    assert there.url.startswith(queries.address(second))
    page = client.get(queries.address(comment)).content.decode()
    assert "Amira Hussain passed it over: i do not read the language" in page


def test_what_was_passed_over_is_offered_again_once_its_author_has_changed_it(
    amira_hussain, tom_beckett, comment
):
    at_work(amira_hussain)
    working.skip(actor=amira_hussain, comment=comment, reason="distress")
    comment.refresh_from_db()
    assert comment.skipped_by_all_at is not None
    edited(comment, "I can’t do this any more")
    assert not queries_working.skipped_by_all(comment)
    assert desk.pull_next(actor=amira_hussain).pk == comment.pk


def test_what_was_handed_to_a_team_is_pulled_by_others_once_its_time_is_over_or_somebody_is_at_risk(
    amira_hussain, leah_brandt, comment, wealdshire
):
    team = wealdshire.teams["Corporate communications"]
    desk.hand_over(
        actor=amira_hussain, comment=comment, revision_number=1, team=team, why="About the campaign"
    )
    assert desk.pull_next(actor=amira_hussain) is None
    assert desk.pull_next(actor=leah_brandt).pk == comment.pk
    desk.release(actor=leah_brandt, comment=comment)
    Comment.objects.filter(pk=comment.pk).update(priority=Priority.HIGH)
    assert desk.pull_next(actor=amira_hussain).pk == comment.pk
    desk.release(actor=amira_hussain, comment=comment)
    Comment.objects.filter(pk=comment.pk).update(priority=Priority.ROUTINE)
    with time_machine.travel(comment.answer_by, tick=False):
        assert desk.pull_next(actor=amira_hussain).pk == comment.pk
