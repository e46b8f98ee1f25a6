"""What is written on a platform itself: told from our own that is on its way, declared, or an alert."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import localtime

from accounts import actions as accounts
from accounts.actions import native as uses
from accounts.models import NativeUse
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from insights import watch
from insights.kinds import KINDS
from moderation import native, tasks
from moderation.actions import native as natively
from moderation.models import Comment, IngestSource, NativePost
from notices.models import Notice
from platforms import registry
from platforms.contract import IncomingPost, Page, TemporaryFault
from publishing.models import Delivery
from tests.moderation.feed import Feed, message

INGEST = System("ingest")


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


def a_post(external_id: str = "n1", text: str = "Free phones for all", **given) -> IncomingPost:
    return IncomingPost(external_id, text, given.pop("posted_at", clock.now()), **given)


def a_delivery(account, author, **given) -> Delivery:
    given = {"kind": "post", "state": "sent", "text": "Market Street is closed.", **given}
    if given["state"] == "sent":
        given["sent_at"] = clock.now()
    return Delivery.objects.create(
        official_account=account, author=author, due_at=clock.now(), created_at=clock.now(), **given
    )


def turn() -> None:
    """Every official account is asked, and its own posts are read."""
    IngestSource.objects.update(next_poll_at=clock.now(), own_read_at=None)
    tasks.poll_due()


def states() -> dict[str, str]:
    return dict(NativePost.objects.values_list("external_id", "state"))


def test_a_post_that_nobody_made_here_is_an_alert_to_owner_and_information_security(
    feed, only, victoria_lang, joan_pritchard, client
):
    feed.own = [
        a_post(url="https://example.org/n1"),
        a_post("old", posted_at=only.registered_at - timedelta(days=9)),
    ]
    turn()
    turn()
    assert states() == {"n1": "alerted"}, "once, and nothing of before it was connected"
    entry = Entry.objects.get(event="account.native_post")
    notice = Notice.objects.get(to=victoria_lang)
    assert "was not made here" in notice.title
    assert "Free phones" not in notice.body
    (found,) = watch.look([entry], {kind: {} for kind in KINDS if kind == "native_post"})
    assert (found.kind, found.count, found.exercise) == ("native_post", 1, True)
    client.force_login(joan_pritchard)
    page = client.get(reverse("moderation:channel", args=[only.pk])).content.decode()
    assert "Free phones for all" in page
    assert "Nobody declared it" in page


def test_what_left_through_the_outbox_is_none_by_its_id_or_by_our_key(feed, only, leah_brandt):
    a_delivery(only, leah_brandt, external_id="p1")
    kept = a_delivery(only, leah_brandt, state="withdrawn")
    feed.own = [
        a_post("p1"),
        a_post("p2", key=str(kept.key)),
        a_post("p3", key="no key of ours"),
        a_post("p4", played=True),
    ]
    turn()
    assert states() == {"p3": "alerted"}


def test_a_post_of_ours_whose_id_is_not_kept_yet_raises_no_alert_and_is_settled_later(
    feed, only, leah_brandt
):
    sending = a_delivery(only, leah_brandt, state="sending", opened_at=clock.now())
    feed.own = [a_post("p1", "Market Street is closed.")]
    turn()
    assert states() == {"p1": "waiting"}
    sending.external_id, sending.state, sending.sent_at = "p1", "sent", clock.now()
    sending.save()
    turn()
    assert states() == {"p1": "ours"}
    assert not Entry.objects.filter(event="account.native_post").exists()


def test_an_unknown_of_long_ago_covers_its_own_words_alone(feed, only, leah_brandt):
    a_delivery(only, leah_brandt, state="unknown", opened_at=clock.now() - timedelta(hours=2))
    feed.own = [a_post("p1", "Market  Street is closed."), a_post("p2", "Free phones for all")]
    turn()
    assert states() == {"p1": "waiting", "p2": "alerted"}
    Delivery.objects.update(state="rejected")
    turn()
    assert states() == {"p1": "alerted", "p2": "alerted"}, "it never went, so somebody else wrote it"


def test_answers_and_private_messages_written_there_are_noticed_and_marked(feed, only, amira_hussain, client):
    a_delivery(only, amira_hussain, kind="reply", target_external_id="c1", external_id="r1")
    now = clock.now().isoformat()
    feed.pages = [
        Page(
            [
                message("c1"),
                message("r1", "We are on it", by_us=True, at=now, parent="c1"),
                message("r2", "Go away", by_us=True, at=now, parent="c1"),
                message("r3", "Call me", by_us=True, at=now, private=True, root=""),
            ],
            "1",
        )
    ]
    turn()
    assert dict(NativePost.objects.values_list("external_id", "what")) == {
        "r2": "reply",
        "r3": "private message",
    }
    client.force_login(amira_hussain)
    page = client.get(
        reverse("moderation:conversation", args=[Comment.objects.get(external_id="c1").pk])
    ).content.decode()
    assert page.count("our reply, written on the platform itself") == 1


def test_a_declared_use_covers_its_account_and_its_time_and_nothing_else(
    feed, only, ben_osei, leah_brandt, victoria_lang
):
    now = clock.now()
    use = uses.declare(
        actor=ben_osei,
        official_account=only,
        person=leah_brandt,
        since=now - timedelta(minutes=10),
        until=now + timedelta(hours=2),
        why="Live stream of the memorial",
    )
    only.registered_at = now - timedelta(days=1)
    only.save()
    only.credentials.update(stored_at=now - timedelta(days=1))
    feed.own = [a_post("in"), a_post("before", posted_at=now - timedelta(hours=3))]
    turn()
    assert states() == {"in": "declared", "before": "alerted"}
    assert native.newest(only)[0].declaration == use
    uses.end(actor=ben_osei, use=use)
    feed.own = [a_post("after", posted_at=clock.now() + timedelta(seconds=1))]
    turn()
    assert states()["after"] == "alerted"
    with pytest.raises(TransitionNotAllowed):
        uses.end(actor=ben_osei, use=use)
    assert {"account.native_declared", "account.native_ended"} <= set(
        Entry.objects.values_list("event", flat=True)
    )


def test_a_declaration_needs_another_person_a_reason_and_an_end(
    ben_osei, leah_brandt, amira_hussain, force_account
):
    now = clock.now()
    good = {"person": leah_brandt, "since": None, "until": now + timedelta(hours=1), "why": "Live stream"}

    def declare(actor=ben_osei, **given):
        return uses.declare(actor=actor, official_account=force_account, **{**good, **given})

    for refusal, given in (
        (NotPermitted, {"actor": amira_hussain}),
        (NotPermitted, {"person": ben_osei}),
        (NotValid, {"why": " "}),
        (NotValid, {"until": now}),
        (NotValid, {"until": now + timedelta(days=40)}),
        (NotValid, {"since": now - timedelta(days=3)}),
    ):
        with pytest.raises(refusal):
            declare(**given)
    use = declare()
    with pytest.raises(IntegrityError, match="declared_by_another"), transaction.atomic():
        NativeUse.objects.filter(pk=use.pk).update(declared_by=leah_brandt)


def test_it_is_declared_and_ended_on_the_official_accounts_page(client, ben_osei, leah_brandt, force_account):
    client.force_login(ben_osei)
    address = reverse("accounts:declare_native", args=[force_account.pk])
    page = reverse("accounts:account", args=[force_account.pk])
    assert "Nobody may" in client.get(page).content.decode()
    refused = client.post(address, {"person": leah_brandt.pk, "why": ""})
    assert (refused.status_code, "Say why it cannot be written here." in refused.content.decode()) == (
        422,
        True,
    )
    until = localtime(clock.now() + timedelta(hours=3))
    client.post(
        address,
        {
            "person": leah_brandt.pk,
            "why": "Live stream",
            "until_0": f"{until:%Y-%m-%d}",
            "until_1": f"{until:%H:%M}",
            "until": f"{until:%Y-%m-%dT%H:%M}",
        },
    )
    shown = client.get(page).content.decode()
    assert "In force" in shown
    client.post(reverse("accounts:end_native", args=[NativeUse.objects.get().pk]))
    assert "Ended" in client.get(page).content.decode()


def test_own_posts_that_cannot_be_read_make_nobody_deaf(feed, only):
    def away(self):
        raise TemporaryFault("away")

    feed.own_posts = away
    turn()
    source = IngestSource.objects.get(official_account=only)
    assert (source.failures, source.own_read_at is not None) == (0, True)


def test_two_looks_at_once_note_it_once(feed, only):
    IngestSource.objects.get_or_create(
        official_account=only, defaults={"next_poll_at": clock.now(), "next_sweep_at": clock.now()}
    )
    written = native.of_posts([a_post()])
    assert natively.look(actor=INGEST, official_account=only, written=written) == 1
    assert natively.look(actor=INGEST, official_account=only, written=written) == 0
