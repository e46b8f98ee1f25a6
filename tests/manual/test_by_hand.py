"""Platforms that are worked by hand: everything here but the last step, and comments that are pasted."""

from __future__ import annotations

import io

import pytest
from django.db import IntegrityError
from django.urls import reverse

from accounts import actions
from accounts.connections import connector_for
from audit.models import Entry
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import by_hand, polling
from moderation.models import Comment, IngestSource
from notices.models import Notice
from platforms import registry
from platforms.contract import Capability, Login, PermanentFault, PostToSend
from publishing import sending
from publishing.actions import lockdown, outbox
from publishing.models import Delivery

TEST = System("test")
LINK = "https://nextdoor.example/p/abc123"


@pytest.fixture
def nextdoor(wealdshire, victoria_lang):
    """Wealdshire Police on Nextdoor."""
    return actions.register_account(
        actor=TEST,
        platform="nextdoor",
        handle="wealdshire",
        name="Wealdshire on Nextdoor",
        owner=victoria_lang,
    )


@pytest.fixture
def due(nextdoor, helen_achebe, leah_brandt):
    """A reply on Nextdoor that is due."""
    return outbox.queue(
        actor=leah_brandt,
        official_account=nextdoor,
        kind=Delivery.Kind.REPLY,
        author=leah_brandt,
        text="Thank you, we are on our way.",
        target_external_id="https://nextdoor.example/p/theirs",
    )


@pytest.mark.parametrize("slug", sorted(registry.BY_HAND))
def test_each_says_what_it_cannot_do_and_opens_no_socket(slug):
    connector = registry.connect(slug, Login(base_url="", handle="x", secret=""))
    lacking = frozenset(Capability) - connector.capabilities
    assert all(connector.why_not[capability].endswith(".") for capability in lacking)
    assert Capability.LISTEN in lacking
    with pytest.raises(PermanentFault):
        connector.send(PostToSend(key="k", text="x"))
    assert connector.poll("").messages == ()


def test_it_needs_no_token_and_is_never_polled(nextdoor):
    assert connector_for(nextdoor).slug == "nextdoor"
    polling.poll_due()
    assert not IngestSource.objects.filter(official_account=nextdoor).exists()


def test_what_is_due_waits_for_a_person_and_is_done_with_its_link(client, due, leah_brandt):
    assert sending.send_due() == 1
    due.refresh_from_db()
    assert due.state == Delivery.State.SCHEDULED
    assert "Answer on Nextdoor" in due.held_why
    assert Notice.objects.filter(to=leah_brandt, title__startswith="To be done by hand now").exists()
    client.force_login(leah_brandt)
    assert "It is done" in client.get(reverse("publishing:outbox")).text
    step = reverse("publishing:delivery_step", args=[due.pk])
    for bad in ("", "javascript:alert(1)", "ftp://x.example/y"):
        client.post(step, {"do": "by_hand", "link": bad})
        due.refresh_from_db()
        assert due.state == Delivery.State.SCHEDULED
    client.post(step, {"do": "by_hand", "link": LINK})
    due.refresh_from_db()
    assert (due.state, due.external_url) == (Delivery.State.SENT, LINK)
    assert Entry.objects.get(event="delivery.sent").details["by_hand"] is True
    with pytest.raises(TransitionNotAllowed):
        outbox.note_done_by_hand(actor=leah_brandt, delivery=due, link=LINK)


def test_one_link_is_never_two_posts(due, nextdoor, leah_brandt):
    other = outbox.queue(
        actor=leah_brandt,
        official_account=nextdoor,
        kind=Delivery.Kind.REPLY,
        author=leah_brandt,
        text="And another.",
        target_external_id="https://nextdoor.example/p/theirs",
    )
    sending.send_due()
    outbox.note_done_by_hand(actor=leah_brandt, delivery=due, link=LINK)
    with pytest.raises((NotValid, IntegrityError)):
        outbox.note_done_by_hand(actor=leah_brandt, delivery=other, link=LINK)


def test_what_was_done_in_a_lockdown_is_recorded_as_such(due, leah_brandt, superintendent_price):
    sending.send_due()
    lockdown.start_lockdown(actor=superintendent_price, why="A major incident")
    outbox.note_done_by_hand(actor=leah_brandt, delivery=due, link=LINK)
    assert "although" in Entry.objects.get(event="delivery.sent").details


def test_only_who_may_answer_says_so_and_only_for_what_is_by_hand(
    due, joan_pritchard, leah_brandt, force_account
):
    with pytest.raises(TransitionNotAllowed):
        outbox.note_done_by_hand(actor=leah_brandt, delivery=due, link=LINK)  # not due yet
    sending.send_due()
    with pytest.raises(NotPermitted):
        outbox.note_done_by_hand(actor=joan_pritchard, delivery=due, link=LINK)


# Comments


def test_a_pasted_comment_is_triaged_and_in_the_queue_once(client, nextdoor, leah_brandt):
    client.force_login(leah_brandt)
    assert "Add comments of Wealdshire on Nextdoor" in client.get(reverse("moderation:desk")).text
    address = reverse("moderation:add_by_hand", args=[nextdoor.pk])
    given = {
        "what": "pasted",
        "author": "@Jo H",
        "text": "I am going to kill myself tonight",
        "posted_at": "2026-11-20T18:40",
        "link": "https://nextdoor.example/p/1",
    }
    assert "One comment is in the queue" in client.post(address, given, follow=True).text
    assert "known already" in client.post(address, given, follow=True).text
    comment = Comment.objects.get(official_account=nextdoor)
    assert comment.priority == 1
    assert comment.commenter.handle == "Jo H"
    assert Entry.objects.filter(event="comments.ingested", actor_name=leah_brandt.actor_name).count() == 1


def test_a_list_is_taken_whole_or_not_at_all(client, nextdoor, leah_brandt):
    client.force_login(leah_brandt)
    address = reverse("moderation:add_by_hand", args=[nextdoor.pk])

    def send(text, encoding="utf-8"):
        file = io.BytesIO(text.encode(encoding))
        file.name = "comments.csv"
        return client.post(address, {"what": "list", "file": file}, follow=True)

    good = "author,text,posted_at,link\nJo,Where is the van?,20/11/2026 18:40,https://n.example/1\n"
    bad = good + "Sam,,20/11/2026 18:41,\nSam,Words,yesterday,\n"
    page = send(bad)
    assert "Line 3" in page.text
    assert "Line 4" in page.text
    assert not Comment.objects.exists()
    assert "One comment is in the queue" in send("﻿" + good).text
    assert "not UTF-8" in send("author,text,posted_at\nJosé,Où,20/11/2026 18:40\n", "latin-1").text
    assert "lacks “author”" in send("who,what\na,b\n").text
    assert "no row of comments below" in send("author,text,posted_at\n").text
    assert Comment.objects.count() == 1
    row = Comment.objects.get()
    assert row.posted_at.isoformat() == "2026-11-20T18:40:00+00:00"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"author": " "}, "author"),
        ({"text": " "}, "text"),
        ({"text": "x" * 30_000}, "text"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"under": "x" * 400}, "under"),
    ],
)
def test_what_cannot_be_a_comment_is_told_at_its_field(given, field):
    whole = {"author": "Jo", "text": "Words", "posted_at": by_hand.instant("20/11/2026 18:40"), **given}
    with pytest.raises(NotValid) as refused:
        by_hand.message(**whole)
    assert refused.value.field == field


def test_formulas_and_hostile_words_are_only_words(nextdoor, leah_brandt, client):
    client.force_login(leah_brandt)
    given = {
        "what": "pasted",
        "author": '=HYPERLINK("x")',
        "text": "<script>alert(1)</script>\x00",
        "posted_at": "2026-11-20T18:40",
    }
    page = client.post(reverse("moderation:add_by_hand", args=[nextdoor.pk]), given, follow=True)
    assert page.status_code in (200, 422)
    assert "<script>alert" not in page.text


def test_others_and_other_platforms_have_no_such_page(
    client, nextdoor, force_account, joan_pritchard, leah_brandt
):
    client.force_login(leah_brandt)
    assert client.get(reverse("moderation:add_by_hand", args=[force_account.pk])).status_code == 404
    assert client.get(reverse("moderation:add_by_hand", args=[10**15])).status_code == 404
    client.force_login(joan_pritchard)
    assert client.get(reverse("moderation:add_by_hand", args=[nextdoor.pk])).status_code in (403, 404)
