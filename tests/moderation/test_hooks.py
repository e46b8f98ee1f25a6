"""Platforms calling us: only what they signed, once, kept before it is answered, and never more than a hint."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import calling
from accounts.models import OfficialAccount, PlatformLink
from core import clock
from core.actors import System
from moderation import tasks
from moderation.actions import sources
from moderation.models import Comment, IngestSource, RawPayload
from platforms import registry
from platforms.contract import Page
from tests.moderation.feed import Feed, message
from tests.youtube.hub import FEED, Hub

SECRET = "the app's own"
EVENT = {"data": {"event_uuid": "e-1", "event_type": "post.mention.create", "filter": {"user_id": "4711"}}}


@pytest.fixture
def on_x(db, settings, force_account):
    settings.PLATFORM_APPS = {"x": {"client_id": "a", "client_secret": SECRET}}
    OfficialAccount.objects.filter(pk=force_account.pk).update(platform="x", exercise=False)
    force_account.refresh_from_db()
    PlatformLink.objects.create(official_account=force_account, external_id="4711")
    sources.ensure_sources(actor=System("ingest"))
    later = clock.now() + timedelta(hours=1)
    IngestSource.objects.update(next_poll_at=later, position="5")
    return force_account


def call(client, body: bytes, *, secret: str = SECRET, platform: str = "x"):
    signed = "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return client.post(
        reverse("moderation_hooks:hook", args=[platform]),
        body,
        content_type="application/json",
        headers={"x-twitter-webhooks-signature-oauth2": signed},
    )


def the_source(account) -> IngestSource:
    return IngestSource.objects.get(official_account=account)


def test_a_signed_call_is_kept_and_wakes_the_poller_without_moving_its_position(client, on_x):
    assert call(client, json.dumps(EVENT).encode()).status_code == 200
    kept = RawPayload.objects.get(source="webhook")
    assert (kept.official_account_id, kept.payload) == (on_x.pk, EVENT)
    source = the_source(on_x)
    assert (source.position, source.next_poll_at <= clock.now(), source.hinted_at is not None) == (
        "5",
        True,
        True,
    )
    assert not Comment.objects.exists()


def test_a_replay_is_answered_and_changes_nothing(client, on_x):
    body = json.dumps(EVENT).encode()
    call(client, body)
    later = clock.now() + timedelta(hours=1)
    IngestSource.objects.update(next_poll_at=later)
    assert call(client, body).status_code == 200
    assert RawPayload.objects.count() == 1
    assert the_source(on_x).next_poll_at == later


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 5000, b'{"data": {"event_uuid": 7}}'])
def test_a_signed_call_that_says_nothing_is_kept_and_wakes_nobody(client, on_x, body):
    assert call(client, body).status_code == 200
    assert RawPayload.objects.get().official_account_id == 0
    assert the_source(on_x).next_poll_at > clock.now()


def test_what_the_platform_did_not_sign_is_refused_and_not_kept(client, on_x):
    body = json.dumps(EVENT).encode()
    assert call(client, body, secret="somebody else's").status_code == 403
    assert (
        client.post(reverse("moderation_hooks:hook", args=["x"]), body, content_type="x/y").status_code == 403
    )
    assert not RawPayload.objects.exists()


def test_the_address_is_checked_as_the_platform_asks(client, on_x):
    address = reverse("moderation_hooks:hook", args=["x"])
    expected = base64.b64encode(hmac.new(SECRET.encode(), b"abc", hashlib.sha256).digest()).decode()
    assert client.get(address, {"crc_token": "abc"}).json() == {"response_token": "sha256=" + expected}
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("platform", ["bluesky", "nowhere", "exercise"])
def test_a_platform_that_calls_nobody_has_no_such_address(client, on_x, platform):
    assert call(client, b"{}", platform=platform).status_code == 404


def test_without_the_forces_registration_there_is_no_such_address(client, on_x, settings):
    settings.PLATFORM_APPS = {"x": {"client_id": "", "client_secret": ""}}
    assert call(client, b"{}", secret="").status_code == 404


def test_an_official_account_whose_platform_is_away_is_not_asked_sooner(client, on_x):
    IngestSource.objects.update(failures=3)
    call(client, json.dumps(EVENT).encode())
    assert the_source(on_x).next_poll_at > clock.now()


def test_a_turn_that_no_call_told_of_is_counted_once_calls_have_come(client, on_x, monkeypatch):
    fresh = Feed.fresh()
    monkeypatch.setattr(registry, "connector_class", lambda slug: fresh)
    OfficialAccount.objects.exclude(pk=on_x.pk).update(status="suspended")

    def turn(external_id: str) -> int:
        IngestSource.objects.update(next_poll_at=clock.now())
        fresh.pages = [Page([message(external_id)], external_id)]
        tasks.poll_due()
        return the_source(on_x).hints_missed

    assert turn("c1") == 0
    call(client, json.dumps(EVENT).encode())
    assert turn("c2") == 0
    assert turn("c3") == 1
    assert Comment.objects.count() == 3


CHANNEL = "UC" + "w" * 22


@pytest.fixture
def on_youtube(db, settings, force_account):
    settings.PLATFORM_APPS = {"youtube": {"client_id": "a", "client_secret": SECRET}}
    OfficialAccount.objects.filter(pk=force_account.pk).update(platform="youtube", exercise=False)
    force_account.refresh_from_db()
    PlatformLink.objects.create(official_account=force_account, external_id=CHANNEL)
    sources.ensure_sources(actor=System("ingest"))
    later = clock.now() + timedelta(hours=1)
    IngestSource.objects.update(next_poll_at=later, own_read_at=clock.now())
    return force_account


def test_a_new_video_on_the_channel_has_our_own_posts_read_at_once(client, on_youtube, settings):
    settings.PUBLIC_ADDRESS = "https://smmp.example"
    with Hub() as hub:
        settings.YOUTUBE_HUB_ADDRESS = hub.address
        assert calling.renew_calls() == 1
    asked = hub.taken[0]
    path, params = Hub.check(asked)
    answer = client.get(path, params)
    assert (answer.status_code, answer.content) == (200, b"a-challenge")
    assert client.get(path, params | {"token": "guessed"}).status_code == 403
    body, signed = Hub.call(asked, FEED.format(video="abcdefghijk", channel=CHANNEL))
    assert client.post(path, body, content_type="application/atom+xml", headers=signed).status_code == 200
    source = the_source(on_youtube)
    assert (source.own_read_at, source.next_poll_at <= clock.now()) == (None, True)
    assert source.hinted_at is None, "it tells nothing of comments, so none is missed for want of a call"
    assert RawPayload.objects.get(source="webhook").official_account_id == on_youtube.pk
    unsigned = client.post(path, body, content_type="application/atom+xml")
    assert unsigned.status_code == 403
