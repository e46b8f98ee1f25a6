"""Polling and sweeping: whose turn it is, faults with their pace, the tops of threads."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from accounts import actions as accounts
from audit.models import Entry
from core import clock
from core.actors import System
from moderation import pace, polling, tasks
from moderation.actions import sources
from moderation.models import Comment, Conversation, IngestSource, Quarantined
from platforms import registry
from platforms.contract import IncomingPost, Page, PermanentFault, RawMessage, TemporaryFault
from publishing.models import Delivery
from smmp.seed import force
from tests.embedded import made_at
from tests.moderation.feed import Feed, message

INGEST = System("ingest")
START = "2026-11-22T18:00:00+00:00"


@pytest.fixture
def feed(monkeypatch):
    fresh = Feed.fresh()
    monkeypatch.setattr(registry, "connector_class", lambda slug: fresh)
    return fresh


@pytest.fixture
def only(ben_osei, harrowfield_account, saltmere_account, force_account):
    """Wealdshire Police alone is active, so that a page belongs to it."""
    for account in (harrowfield_account, saltmere_account):
        accounts.change_status(actor=ben_osei, official_account=account, status="suspended", why="Test")
    return force_account


@pytest.fixture
@made_at(START)
def still():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def the_source(account) -> IngestSource:
    return IngestSource.objects.get(official_account=account)


def test_every_active_official_account_is_polled_and_a_suspended_one_is_not(still, feed, only):
    assert tasks.poll_due() == 1
    assert IngestSource.objects.count() == 1
    assert tasks.poll_due() == 0
    still.shift(timedelta(seconds=2))
    assert tasks.poll_due() == 1


def test_a_poll_reads_page_after_page_and_goes_on_from_where_it_got_to(still, feed, only):
    feed.pages = [
        Page([message("c1")], "1", more=True),
        Page([message("c2")], "2", more=True),
        Page([message("c3")], "3"),
    ]
    tasks.poll_due()
    assert feed.asked == ["", "1", "2"]
    assert Comment.objects.count() == 3
    source = the_source(only)
    assert (source.position, source.lease_until, source.failures) == ("3", None, 0)
    assert source.answered_at == clock.now()
    assert source.next_poll_at == clock.now() + timedelta(seconds=2)
    still.shift(timedelta(seconds=2))
    tasks.poll_due()
    assert feed.asked[-1] == "3"


def test_a_turn_has_an_end_and_the_next_comes_at_once(monkeypatch, still, feed, only):
    monkeypatch.setattr(pace, "PAGES_A_TURN", 2)
    feed.pages = [Page([message(f"c{n}")], str(n), more=True) for n in range(1, 4)]
    tasks.poll_due()
    assert Comment.objects.count() == 3
    assert the_source(only).position == "3"


def test_a_platform_that_says_more_without_moving_on_is_not_asked_for_ever(still, feed, only):
    feed.pages = [Page([message("c1")], "", more=True)] * 3
    tasks.poll_due()
    assert feed.asked == [""]


def test_an_unreachable_platform_is_asked_ever_less_often_and_recovers(still, feed, only):
    waits = []
    for _ in range(10):
        feed.pages = [TemporaryFault("Exercise network did not answer (ConnectError).")]
        tasks.poll_due()
        source = the_source(only)
        waits.append((source.next_poll_at - clock.now()).total_seconds())
        still.move_to(source.next_poll_at)
    assert waits == [4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert source.fault == "Exercise network did not answer (ConnectError)."
    assert source.failures == 10
    assert Entry.objects.filter(event="platform.fault").count() == 1
    feed.pages = [Page([message("c1")], "1")]
    tasks.poll_due()
    source = the_source(only)
    assert (source.failures, source.fault) == (0, "")
    assert Entry.objects.get(event="platform.recovered").details == {"failures": 10}
    assert Comment.objects.count() == 1


def test_an_expired_token_waits_five_minutes_at_once_and_stands_on_the_health_page(still, feed, only):
    feed.pages = [PermanentFault("Exercise network refused (401): the token has expired.")]
    tasks.poll_due()
    source = the_source(only)
    assert source.next_poll_at == clock.now() + timedelta(minutes=5)
    assert "expired" in source.fault
    assert Entry.objects.get(event="platform.fault").details == {"lasting": True}


def test_a_platform_that_asks_us_to_slow_down_is_obeyed(still, feed, only):
    feed.pages = [TemporaryFault("Exercise network asked us to slow down.", retry_after_s=900)]
    tasks.poll_due()
    assert the_source(only).next_poll_at == clock.now() + timedelta(seconds=900)


def test_an_official_account_without_a_token_says_so(still, feed, only, monkeypatch):
    only.credentials.update(sealed=b"not ours")
    tasks.poll_due()
    assert "Store it again" in the_source(only).fault


def test_a_connector_that_breaks_marks_its_source_and_delays_nobody_else(still, feed, wealdshire):
    feed.pages = [KeyError("messages"), Page([message("c1")], "1"), Page([message("c2")], "1")]
    assert tasks.poll_due() == 3
    assert Comment.objects.count() == 2
    broken = IngestSource.objects.get(failures=1)
    assert "could not be understood" in broken.fault
    assert "messages" not in broken.fault


def test_a_fault_on_the_second_page_keeps_the_first(still, feed, only):
    feed.pages = [Page([message("c1")], "1", more=True), TemporaryFault("gone")]
    tasks.poll_due()
    assert (Comment.objects.count(), the_source(only).position, the_source(only).failures) == (1, "1", 1)


def test_pages_are_written_together_and_still_each_once(monkeypatch, still, feed, only):
    monkeypatch.setattr(pace, "WRITTEN_TOGETHER", 3)
    feed.pages = [
        Page([message(f"c{2 * n}"), message(f"c{2 * n + 1}")], str(n), more=n < 4) for n in range(5)
    ]
    feed.pages[1] = Page([message("c2"), message("c0"), message("c3")], "1", more=True)
    tasks.poll_due()
    written = [
        entry.details["new"] for entry in Entry.objects.filter(event="comments.ingested").order_by("pk")
    ]
    assert written == [4, 4, 2]
    assert (Comment.objects.count(), the_source(only).position) == (10, "4")


def test_a_worker_that_died_loses_its_turn_after_its_lease(still, feed, only):
    sources.ensure_sources(actor=INGEST)
    assert sources.lease_due(actor=INGEST) is not None
    assert tasks.poll_due() == 0
    still.shift(timedelta(seconds=pace.LEASE_S))
    assert tasks.poll_due() == 1


def test_a_turn_ends_though_polling_is_slower_than_its_pace(still, feed, only, monkeypatch):
    """Or else a surge would catch every worker in it, one a second, and nothing else would be done."""
    asked = []

    def slow(source):
        asked.append(source.pk)
        assert len(asked) < 20
        still.shift(timedelta(seconds=pace.poll_every_s(source.official_account) + 1))
        sources.note_answer(actor=INGEST, source=source)
        IngestSource.objects.update(next_poll_at=clock.now())

    monkeypatch.setattr(polling, "_poll", slow)
    assert tasks.poll_due() == 1
    assert tasks.poll_due() == 1
    assert len(asked) == 2


def test_a_worker_that_lost_its_lease_moves_nothing(still, feed, only):
    sources.ensure_sources(actor=INGEST)
    late = sources.lease_due(actor=INGEST)
    still.shift(timedelta(seconds=pace.LEASE_S))
    feed.pages = [Page([message("c1")], "9")]
    tasks.poll_due()
    sources.note_fault(actor=INGEST, source=late, sentence="gone")
    assert not sources.extend_lease(actor=INGEST, source=late)
    assert (the_source(only).failures, the_source(only).position) == (0, "9")


def test_two_pollers_at_once_ask_each_official_account_once(committed_db, monkeypatch):
    force.make()
    fresh = Feed.fresh()
    monkeypatch.setattr(registry, "connector_class", lambda slug: fresh)
    sources.ensure_sources(actor=INGEST)
    together = threading.Barrier(4)
    counts: list[int] = []

    def work() -> None:
        try:
            together.wait(timeout=10)
            counts.append(polling.poll_due())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert sum(counts) == len(fresh.asked) == 3


# The tops of threads


def test_the_top_of_a_thread_that_we_published_comes_from_the_outbox(still, feed, only, leah_brandt):
    Delivery.objects.create(
        official_account=only,
        kind="post",
        state="sent",
        author=leah_brandt,
        text="Market Street is closed.",
        external_id="p1",
        external_url="/exercise/p1",
        due_at=clock.now(),
        created_at=clock.now(),
        sent_at=clock.now(),
    )
    feed.pages = [Page([message("c1")], "1")]
    tasks.poll_due()
    conversation = Conversation.objects.get()
    assert (conversation.root_text, conversation.root_url) == ("Market Street is closed.", "/exercise/p1")
    assert conversation.root_posted_at == clock.now()
    assert feed.read_back_of == []


def test_the_top_of_another_thread_is_read_back_once(still, feed, only):
    feed.posts = {"p1": IncomingPost("p1", "Posted by hand", clock.now() - timedelta(hours=1))}
    feed.pages = [Page([message("c1")], "1"), Page([message("c2")], "2")]
    tasks.poll_due()
    still.shift(timedelta(seconds=5))
    tasks.poll_due()
    assert Conversation.objects.get().root_text == "Posted by hand"
    assert feed.read_back_of == ["p1"]


def test_a_top_that_is_gone_is_looked_for_again_only_with_the_sweep(still, feed, only):
    feed.pages = [Page([message("c1")], "1")]
    tasks.poll_due()
    assert Conversation.objects.get().root_read_at is not None
    feed.posts = {"p1": IncomingPost("p1", "There after all", clock.now())}
    tasks.sweep_due()
    assert Conversation.objects.get().root_text == "There after all"


# Sweeps


def test_a_sweep_finds_what_polls_missed_and_moves_no_position(still, feed, only):
    feed.pages = [Page([message("c1")], "7")]
    tasks.poll_due()
    feed.threads = {"p1": [message("c1"), message("c2", "They have knives outside my house, please hurry")]}
    assert tasks.sweep_due() == 1
    assert Comment.objects.count() == 2
    assert the_source(only).position == "7"
    assert Conversation.objects.get().swept_at == clock.now()
    assert tasks.sweep_due() == 0
    still.shift(timedelta(seconds=60))
    assert tasks.sweep_due() == 1


def test_a_thread_of_three_days_ago_is_not_swept(still, feed, only):
    feed.pages = [Page([message("c1", at="2026-11-19T17:00:00+00:00")], "1")]
    tasks.poll_due()
    assert tasks.sweep_due() == 0


def test_a_post_of_ours_without_any_comment_is_swept(still, feed, only, leah_brandt):
    Delivery.objects.create(
        official_account=only,
        kind="post",
        state="sent",
        author=leah_brandt,
        external_id="p9",
        due_at=clock.now(),
        created_at=clock.now(),
        sent_at=clock.now(),
    )
    feed.threads = {"p9": [message("c1", root="p9")]}
    tasks.poll_due()
    assert tasks.sweep_due() == 1
    assert Comment.objects.get().conversation.root_external_id == "p9"


def test_a_thread_that_is_refused_leaves_the_others_to_be_swept(still, feed, only):
    feed.pages = [Page([message("c1"), message("c2", root="p2")], "1")]
    tasks.poll_due()

    def sweep(self, root):
        if root == "p2":
            raise PermanentFault("gone")
        return [message("c3")]

    feed.sweep = sweep
    assert tasks.sweep_due() == 1
    assert Comment.objects.filter(external_id="c3").exists()


def test_a_sweep_stops_at_a_platform_that_is_away_and_the_poll_says_so(still, feed, only):
    feed.pages = [Page([message("c1")], "1")]
    tasks.poll_due()

    def sweep(self, root):
        raise TemporaryFault("away")

    feed.sweep = sweep
    assert tasks.sweep_due() == 0
    assert the_source(only).failures == 0


def test_what_was_set_aside_is_tried_again_with_the_sweep(still, feed, only):
    feed.pages = [Page([RawMessage("bad", {"id": "bad"})], "1")]
    tasks.poll_due()
    tasks.sweep_due()
    assert Quarantined.objects.get().tries == 2
