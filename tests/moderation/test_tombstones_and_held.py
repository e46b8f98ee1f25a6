"""What a platform holds back or no longer shows: stored, said in words, and worked on at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import connecting
from audit.models import Entry
from core import clock
from core.actors import System
from moderation import queries, tasks
from moderation.actions import desk, ingest, outcomes
from moderation.models import Clause, Comment, IngestSource
from platforms import registry
from platforms.contract import Identity, Page, Usage
from publishing.models import Delivery
from tests.embedded import made_at
from tests.moderation.feed import Feed, message

INGEST = System("ingest")
START = "2026-11-22T18:00:00+00:00"


@pytest.fixture
def feed(monkeypatch):
    fresh = Feed.able()
    monkeypatch.setattr(registry, "connector_class", lambda slug: fresh)
    monkeypatch.setattr(registry, "connect", lambda slug, login: fresh(login))
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


@pytest.fixture
def take_in(feed, force_account):
    def take(*messages):
        return ingest.take_in(
            actor=INGEST,
            official_account=force_account,
            messages=messages,
            source="poll",
            connector=feed(),
        )

    return take


def the(external_id: str) -> Comment:
    return Comment.objects.get(external_id=external_id)


def a_delivery(account, author, kind: str, target: str, state: str = "sent") -> Delivery:
    return Delivery.objects.create(
        official_account=account,
        author=author,
        kind=kind,
        state=state,
        target_external_id=target,
        due_at=clock.now(),
        created_at=clock.now(),
        sent_at=clock.now() if state == "sent" else None,
    )


# Gone


def test_who_removed_a_comment_is_kept_and_said(take_in, force_account, amira_hussain, client):
    take_in(*(message(f"c{n}") for n in range(5)))
    a_delivery(force_account, amira_hussain, "delete_comment", "c2")
    a_delivery(force_account, amira_hussain, "delete_comment", "c3", state="withdrawn")
    take_in(
        message("c0", deleted=True, removed_by="author"),
        message("c1", deleted=True, removed_by="platform"),
        message("c2", deleted=True, removed_by="author"),
        message("c3", deleted=True, removed_by="somebody"),
    )
    assert [the(f"c{n}").removal for n in range(5)] == [
        "Removed by its author",
        "Removed by the platform",
        "Removed by us",
        "Gone from the platform, nobody says why",
        "",
    ]
    told = Entry.objects.filter(event="comment.removed_upstream").order_by("pk")
    assert [entry.details["by"] for entry in told] == ["author", "platform", "us", "unknown"]
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:conversation", args=[the("c1").pk])).content.decode()
    assert "Removed by the platform, seen " in page
    assert the("c0").state == Comment.State.RESTRICTED, "its author deleted it, and nothing keeps it"
    assert "removed by its author, seen " not in page
    assert "Removed by us" in client.get(reverse("moderation:desk") + "?queue=open").content.decode()


def test_a_deletion_that_overtook_its_comment_says_by_whom_too(take_in):
    take_in(message("c1", deleted=True, removed_by="author"))
    take_in(message("c1"))
    assert the("c1").removal == "Removed by its author"


def test_the_database_knows_no_remover_of_what_stands(take_in):
    take_in(message("c1"))
    with pytest.raises(IntegrityError, match="comment_removed_by_whom"), transaction.atomic():
        Comment.objects.update(removed_by="author")


def test_a_sweep_asks_after_what_a_thread_no_longer_shows_and_marks_only_what_is_gone(still, feed, only):
    feed.pages = [Page([message("c1"), message("c2"), message("c3", at="2026-11-19T17:00:00+00:00")], "1")]
    tasks.poll_due()
    feed.threads = {"p1": [message("c1")]}
    tasks.sweep_due()
    assert feed.asked_after == ["c2"], "what is older than two days is not asked after"
    assert the("c2").removed_at is None, "silence in a list proves nothing"
    feed.gone_now = {"c2": ""}
    still.shift(timedelta(seconds=60))
    tasks.sweep_due()
    assert the("c2").removal == "Gone from the platform, nobody says why"
    assert Entry.objects.filter(event="comment.removed_upstream").count() == 1
    feed.threads = {"p1": [message("c1"), message("c2")]}
    still.shift(timedelta(seconds=60))
    tasks.sweep_due()
    assert the("c2").removed_at is None
    assert Entry.objects.filter(event="comment.back_upstream").count() == 1


def test_sweeps_leave_the_rest_of_an_allowance_to_polls_and_to_what_goes_out(still, feed, only):
    feed.pages = [Page([message("c1"), message("c2", root="p2")], "1")]
    tasks.poll_due()
    swept = []
    feed.sweep = lambda self, root: swept.append(root) or []
    anew = clock.now() + timedelta(minutes=15)
    feed.used = [Usage("GET /threads", share_used=0.7, resets_at=anew, limit=100, remaining=30)]
    tasks.sweep_due()
    assert len(swept) == 1, "what the first thread used up is known before the second"
    assert IngestSource.objects.get(official_account=only).next_sweep_at == anew
    feed.used = []
    still.move_to(anew)
    tasks.sweep_due()
    assert {swept[0], swept[1]} == {"p1", "p2"}, "the thread that was left out comes first"


# Held by the platform


def test_what_the_platform_holds_waits_in_a_queue_of_its_own_with_what_to_do(
    take_in, amira_hussain, pc_nair, client
):
    take_in(message("c1", "Buy now", held="likely spam"), message("c2", "Is the road open?"))
    assert (the("c1").held_why, the("c1").hidden_at is not None) == ("likely spam", True)
    client.force_login(amira_hussain)
    listed = client.get(reverse("moderation:desk") + "?queue=held").content.decode()
    assert "Held by the platform: likely spam." in listed
    assert "Is the road open?" not in listed
    page = client.get(reverse("moderation:conversation", args=[the("c1").pk])).content.decode()
    assert "keeps this from the public, as “likely spam”" in page
    assert "Show it to the public" in page
    client.force_login(pc_nair)
    assert "Buy now" not in client.get(reverse("moderation:desk") + "?queue=held").content.decode()


def test_showing_what_was_held_goes_out_and_clears_the_mark(take_in, amira_hussain):
    take_in(message("c1", held="held for review"))
    decision = desk.unhide(actor=amira_hussain, comment=the("c1"), revision_number=1)
    assert decision.delivery.kind == "unhide"
    assert the("c1").held_why == "held for review", "until it has arrived"
    Delivery.objects.update(state="sent", sent_at=clock.now())
    outcomes.note_outcome(decision=decision)
    assert (the("c1").held_why, the("c1").hidden_at, the("c1").state) == ("", None, "open")


def test_keeping_it_hidden_is_our_decision_under_a_clause_and_is_not_taken_for_the_platforms(
    take_in, amira_hussain
):
    take_in(message("c1", held="likely spam"))
    clause = Clause.objects.get(slug="abuse")
    decision = desk.hide(actor=amira_hussain, comment=the("c1"), revision_number=1, clause=clause)
    Delivery.objects.update(state="sent", sent_at=clock.now())
    outcomes.note_outcome(decision=decision)
    assert (the("c1").held_why, the("c1").hidden_at is not None) == ("", True)
    take_in(message("c1", held="held for review"))
    assert the("c1").held_why == "", "the platform tells of our own hiding in the same words"


def test_holding_and_letting_go_on_the_platform_are_followed(take_in):
    take_in(message("c1"))
    take_in(message("c1", held="likely spam"))
    assert (the("c1").held_why, the("c1").hidden_at is not None) == ("likely spam", True)
    take_in(message("c1", held="likely spam", hidden=True))
    take_in(message("c1", name="Later"))
    assert (the("c1").held_why, the("c1").hidden_at) == ("", None)


def test_the_platforms_own_filters_stand_on_the_channel_page_with_their_time(
    feed, force_account, ben_osei, client
):
    address = reverse("moderation:channel", args=[force_account.pk])
    client.force_login(ben_osei)
    assert "tells a program nothing of them, or was not tested yet" in client.get(address).content.decode()
    connecting.note_checked(
        actor=System("connections"),
        official_account=force_account,
        identity=Identity("1", "wealdshire-police", settings={"held words": "on"}),
    )
    page = client.get(address).content.decode()
    assert "Held words: on" in page
    assert "when the connection was last tested" in page


def test_the_queue_counts_what_is_held(take_in, amira_hussain):
    take_in(message("c1", held="likely spam"))
    held = next(one for one in queries.queues(amira_hussain).main if one.queue.slug == "held")
    assert held.count == 1
