"""The first seconds, in which one press takes it back, and the pace at which things leave."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, TransitionNotAllowed
from publishing import sending
from publishing.actions import outbox
from publishing.models import Delivery
from tests.publishing.test_outbox_races import at_once, queue_replies

State = Delivery.State


def a_reply(author, account, **more):
    return outbox.queue(
        actor=author,
        official_account=account,
        kind=Delivery.Kind.REPLY,
        author=author,
        text="We are on our way.",
        target_external_id="comment-1",
        **more,
    )


@pytest.fixture
def window(settings):
    settings.OUTBOX_UNDO_S = 5


def test_a_reply_waits_a_few_seconds_and_is_taken_back_by_one_press(
    window, clock_at, amira_hussain, force_account, platform, client
):
    reply = a_reply(amira_hussain, force_account)
    assert sending.send_due() == 0
    client.force_login(amira_hussain)
    assert 'value="undo"' in client.get(reverse("publishing:outbox")).content.decode()
    client.post(reverse("publishing:delivery_step", args=[reply.pk]), {"do": "undo"})
    reply.refresh_from_db()
    assert reply.state == State.WITHDRAWN
    clock_at.shift(60)
    assert sending.send_due() == 0
    assert platform.acts == 0


def test_after_the_window_it_goes_and_undo_says_that_it_is_too_late(
    window, clock_at, amira_hussain, pc_nair, force_account, platform
):
    reply = a_reply(amira_hussain, force_account)
    with pytest.raises(NotPermitted):
        outbox.undo(actor=pc_nair, delivery=reply)
    clock_at.shift(5)
    assert sending.send_due() == 1
    with pytest.raises(TransitionNotAllowed, match="too late to undo: it is sent"):
        outbox.undo(actor=amira_hussain, delivery=reply)


def test_an_answer_where_life_is_at_risk_does_not_wait(
    window, clock_at, amira_hussain, force_account, platform
):
    assert a_reply(amira_hussain, force_account, urgent=True).undo_until is None
    assert sending.send_due() == 1


def test_what_was_planned_for_later_has_no_window(window, clock_at, amira_hussain, force_account):
    later = clock.now() + timedelta(hours=1)
    reply = a_reply(amira_hussain, force_account, due_at=later)
    assert (reply.due_at, reply.undo_until) == (later, None)


def test_after_an_outage_one_account_does_not_burst(
    clock_at, settings, amira_hussain, force_account, saltmere_account, platform
):
    settings.OUTBOX_PACED = True
    settings.OUTBOX_APART_S = {"reply": 10}
    queue_replies(amira_hussain, force_account, 3)
    queue_replies(amira_hussain, saltmere_account, 1)
    sending.send_due()
    assert platform.acts == 2
    for seconds, acts in ((9, 2), (1, 3), (9, 3), (1, 4)):
        clock_at.shift(seconds)
        sending.send_due()
        assert platform.acts == acts


def test_an_urgent_reply_passes_those_that_wait_their_turn(
    clock_at, settings, amira_hussain, force_account, platform
):
    settings.OUTBOX_PACED = True
    queue_replies(amira_hussain, force_account, 3)
    sending.send_due()
    a_reply(amira_hussain, force_account, urgent=True)
    sending.send_due()
    assert [post.text for post in platform.standing] == ["Answer 0", "We are on our way."]


def test_four_workers_keep_one_pace(committed_db, settings, amira_hussain, force_account, platform):
    settings.OUTBOX_PACED = True
    settings.OUTBOX_APART_S = {"reply": 3600}
    queue_replies(amira_hussain, force_account, 8)
    assert at_once(*[sending.send_due] * 4) == []
    assert platform.acts == 1


def test_an_official_account_has_a_pace_of_its_own(
    clock_at, settings, client, helen_achebe, leah_brandt, amira_hussain, force_account, platform
):
    settings.OUTBOX_PACED = True
    where = reverse("accounts:set_pace", args=[force_account.pk])
    client.force_login(leah_brandt)
    assert client.post(where, {"posts_apart_s": "30"}).status_code == 403
    assert (
        "Whoever approves posts on it can change this."
        in client.get(reverse("accounts:account", args=[force_account.pk])).content.decode()
    )
    client.force_login(helen_achebe)
    for wrong in ({"replies_apart_s": "-1"}, {"replies_apart_s": "21601"}, {"replies_apart_s": "soon"}, {}):
        assert client.post(where, wrong).status_code == 422
    assert client.post(where, {"posts_apart_s": "", "replies_apart_s": "30"}).status_code == 302
    page = client.get(reverse("accounts:account", args=[force_account.pk])).content.decode()
    assert "20 seconds lie between two posts (as everywhere on Exercise network) and 30 seconds" in page
    entry = Entry.objects.get(event="account.pace_set")
    assert (entry.details["replies_apart_s"], entry.details["replies_apart_s_was"]) == (30, None)
    queue_replies(amira_hussain, force_account, 2)
    sending.send_due()
    for seconds, acts in ((29, 1), (1, 2)):
        clock_at.shift(seconds)
        sending.send_due()
        assert platform.acts == acts
