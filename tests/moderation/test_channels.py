"""Deaf channels: noted, told once, filled, and seen at a glance; the rate budget; what could not be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts import actions as accounts
from accounts.models import Allowance
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from moderation import budget, channels, pace, set_aside, tasks
from moderation.actions import ingest, quarantine, sources
from moderation.models import Comment, IngestGap, IngestSource, Quarantined, RawPayload
from notices.models import Notice
from platforms import registry
from platforms.contract import Capability, Page, PermanentFault, RawMessage, TemporaryFault, Usage
from tests.embedded import made_at
from tests.moderation.feed import Feed, message

INGEST = System("ingest")
START = "2026-11-22T18:00:00+00:00"
AWAY = "Exercise network did not answer (ConnectError)."


@pytest.fixture
def feed(monkeypatch):
    fresh = Feed.fresh()
    fresh.capabilities = frozenset(Capability)
    monkeypatch.setattr(registry, "connector_class", lambda slug: fresh)
    return fresh


@pytest.fixture
def only(ben_osei, harrowfield_account, saltmere_account, force_account):
    for account in (harrowfield_account, saltmere_account):
        accounts.change_status(actor=ben_osei, official_account=account, status="suspended", why="Test")
    return force_account


@pytest.fixture
@made_at(START)
def still():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def deaf_for(still, feed, minutes: int = 10) -> None:
    """It answered, and then did not for so long."""
    tasks.poll_due()
    until = clock.now() + timedelta(minutes=minutes)
    while clock.now() < until:
        still.shift(timedelta(seconds=30))
        feed.pages = [TemporaryFault(AWAY)]
        tasks.poll_due()
        tasks.watch_sources()
    feed.pages = []


def test_a_deaf_channel_is_noted_and_its_owner_and_the_desk_are_told_once(
    still, feed, only, tom_beckett, amira_hussain
):
    began = clock.now()
    deaf_for(still, feed)
    gap = IngestGap.objects.get()
    assert (gap.begins_at, gap.ends_at, gap.why) == (began, None, AWAY)
    told = {notice.to for notice in Notice.objects.filter(key=f"deaf:{gap.pk}")}
    assert only.owner in told
    assert amira_hussain not in told
    assert len(told) == Notice.objects.filter(title__contains="is deaf since 18:00").count()
    assert Entry.objects.filter(event="account.deaf").count() == 1


def test_a_short_silence_is_no_gap(still, feed, only):
    tasks.poll_due()
    still.shift(timedelta(seconds=pace.DEAF_AFTER_AT_LEAST_S))
    assert tasks.watch_sources() == 0
    tasks.poll_due()
    assert not IngestGap.objects.exists()


def test_a_gap_ends_with_the_first_answer_and_is_filled_when_nothing_more_waits(
    monkeypatch, still, feed, only
):
    monkeypatch.setattr(pace, "PAGES_A_TURN", 1)
    deaf_for(still, feed)
    still.move_to(IngestSource.objects.get(official_account=only).next_poll_at)
    feed.pages = [Page([message("c1")], "1", more=True)]
    source = sources.lease_due(actor=INGEST)
    sources.note_answer(actor=INGEST, source=source, more=True)
    gap = IngestGap.objects.get()
    assert (gap.ends_at, gap.filled_at) == (clock.now(), None)
    ended = clock.now()
    still.shift(timedelta(seconds=5))
    tasks.poll_due()
    gap.refresh_from_db()
    assert (gap.ends_at, gap.filled_at) == (ended, clock.now())
    assert tasks.watch_sources() == 0


def test_a_silence_that_nobody_was_there_to_note_stands_in_the_ledger_all_the_same(still, feed, only):
    tasks.poll_due()
    began = clock.now()
    still.shift(timedelta(hours=3))
    tasks.poll_due()
    gap = IngestGap.objects.get()
    assert (gap.begins_at, gap.ends_at, gap.filled_at) == (began, clock.now(), clock.now())


def test_after_a_gap_the_newest_thread_is_read_before_the_oldest_page(still, feed, only):
    feed.pages = [Page([message("old", root="p1", at="2026-11-22T17:00:00+00:00")], "1")]
    tasks.poll_due()
    feed.threads = {"p1": [message("danger", "They have knives outside my house", root="p1")]}
    still.shift(timedelta(hours=2))
    order = []
    feed.before_reading = lambda one: order.append(one.external_id)
    feed.pages = [Page([message("chatter", root="p1")], "2")]
    tasks.poll_due()
    assert order[0] == "danger"
    assert Comment.objects.count() == 3


# The budget


def allowance(account, **given) -> Allowance:
    now = clock.now()
    return Allowance(
        official_account=account,
        **{
            "endpoint": "GET /mentions",
            "share_used": 0.0,
            "resets_at": now + timedelta(seconds=600),
            "read_at": now,
            **given,
        },
    )


def test_polls_are_spread_evenly_over_what_is_left_and_a_fifth_is_kept(still, only):
    plenty = allowance(only, limit=1000, remaining=1000)
    tight = allowance(only, limit=100, remaining=40, share_used=0.6)
    gone = allowance(only, limit=100, remaining=20, share_used=0.8)
    assert budget.wait_s([plenty], now=clock.now()) < 2
    assert budget.wait_s([plenty, tight], now=clock.now()) == 60
    assert budget.wait_s([gone], now=clock.now()) == 600
    assert budget.wait_s([allowance(only, share_used=0.7)], now=clock.now()) == pytest.approx(60)
    assert budget.wait_s([], now=clock.now()) == 0


def test_a_poll_says_what_it_used_and_the_next_comes_as_late_as_that_asks(still, feed, only):
    feed.used = [Usage("GET /mentions", 0.6, clock.now() + timedelta(seconds=600), limit=100, remaining=40)]
    tasks.poll_due()
    assert Allowance.objects.get().remaining == 40
    source = IngestSource.objects.get(official_account=only)
    assert source.next_poll_at == clock.now() + timedelta(seconds=60)


def test_what_is_used_up_for_publishing_meanwhile_puts_the_poll_off(still, feed, only):
    tasks.poll_due()
    allowance(only, limit=100, remaining=20, share_used=0.8).save()
    still.shift(timedelta(seconds=10))
    tasks.poll_due()
    assert len(feed.asked) == 1
    source = IngestSource.objects.get(official_account=only)
    assert (source.lease_until, source.failures) == (None, 0)
    assert source.next_poll_at > clock.now() + timedelta(seconds=500)


def test_what_only_writing_uses_up_slows_no_poll(still, only):
    allowance(only, endpoint="POST /2/tweets", share_used=1.0).save()
    assert budget.live(only) == []


# The page


def test_the_page_says_which_channel_is_deaf_and_since_when(client, still, feed, only, amira_hussain):
    deaf_for(still, feed)
    client.force_login(amira_hussain)
    text = client.get(reverse("moderation:channels")).content.decode()
    assert "1 official account is deaf" in text
    assert AWAY in text
    one = client.get(reverse("moderation:channel", args=[only.pk])).content.decode()
    assert "it lasts" in one
    assert "Tries in vain" in one


def test_a_channel_that_is_heard_stands_so_and_one_without_an_answer_is_deaf(
    still, feed, only, amira_hussain
):
    assert channels.channel(amira_hussain, only.pk).state == "deaf"
    tasks.poll_due()
    assert channels.channel(amira_hussain, only.pk).state == "well"
    feed.pages = [PermanentFault("Exercise network refused (401): the token has expired.")]
    still.shift(timedelta(seconds=2))
    tasks.poll_due()
    found = channels.channel(amira_hussain, only.pk)
    assert (found.state, "expired" in found.words) == ("care", True)


def test_a_channel_beyond_ones_own_is_not_there(feed, pc_nair, force_account):
    with pytest.raises(NotFound):
        channels.channel(pc_nair, force_account.pk)


# What could not be read


@pytest.fixture
def unread(feed, only):
    ingest.take_in(
        actor=INGEST,
        official_account=only,
        messages=[RawMessage("bad", {"id": "bad", "text": 7})],
        source="poll",
        connector=feed(),
    )
    return Quarantined.objects.get()


GOOD = (
    '{"id": "bad", "text": "They have a knife", "author": "u1", "name": "Jordan P.", '
    '"at": "2026-11-22T17:00:00+00:00", "root": "p1"}'
)


def test_a_message_is_looked_at_mended_and_read_again(client, unread, amira_hussain):
    client.force_login(amira_hussain)
    assert "“text” is not text" in client.get(reverse("moderation:set_aside")).content.decode()
    address = reverse("moderation:set_aside_one", args=[unread.pk])
    assert "&quot;text&quot;: 7" in client.get(address).content.decode()
    assert Entry.objects.filter(event="quarantine.viewed").count() == 2
    assert client.post(address, {"payload": GOOD}).status_code == 302
    unread.refresh_from_db()
    assert unread.settled_at is not None
    assert Comment.objects.get().text == "They have a knife"
    assert Entry.objects.get(event="quarantine.replayed").shown_ids == [Comment.objects.get().pk]
    assert RawPayload.objects.count() == 2
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("{", "not JSON"),
        ("[]", "begins with {"),
        ('{"id": "bad", "text": 7}', "“text” is not text"),
        ("[" * 100_000, "not JSON"),
        (GOOD.replace('"bad"', '""'), "empty or too long"),
    ],
)
def test_what_still_cannot_be_read_says_where_and_stays(unread, amira_hussain, payload, words):
    with pytest.raises(NotValid, match=words):
        quarantine.replay(actor=amira_hussain, row=unread, payload=payload)
    unread.refresh_from_db()
    assert unread.settled_at is None
    assert not Comment.objects.exists()
    assert Quarantined.objects.count() == 1


def test_it_is_read_once_and_only_by_whoever_works_comments_there(unread, amira_hussain, pc_nair):
    with pytest.raises(NotPermitted):
        quarantine.replay(actor=pc_nair, row=unread, payload=GOOD)
    assert set_aside.waiting(pc_nair) == []
    quarantine.replay(actor=amira_hussain, row=unread, payload=GOOD)
    with pytest.raises(TransitionNotAllowed):
        quarantine.replay(actor=amira_hussain, row=unread, payload=GOOD)
