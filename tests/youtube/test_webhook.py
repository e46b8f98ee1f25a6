"""YouTube's hub: what it is asked for, whose checks and calls are believed, and whose news it is."""

import pytest

from platforms.contract import PermanentFault, TemporaryFault
from platforms.youtube import webhook
from tests.youtube.hub import FEED, Hub

SECRET = "secret-of-client-9"
CHANNEL = "UC" + "a" * 22
ADDRESS = "https://smmp.example/hooks/youtube/"


@pytest.fixture
def asked():
    with Hub() as hub:
        webhook.subscribe(hub=hub.address, address=ADDRESS, channel=CHANNEL, secret=SECRET)
    return hub.taken[0]


def test_the_hub_is_asked_for_the_channel_with_secrets_that_are_not_the_apps_own(asked):
    assert asked["hub.topic"] == f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={CHANNEL}"
    assert asked["hub.callback"].startswith(f"{ADDRESS}?token=")
    assert SECRET not in "".join(asked.values())
    assert asked["hub.secret"] not in asked["hub.callback"]


@pytest.mark.parametrize("channel", ["", "UC", "@wealdshire", "UC" + "a" * 23, "UC" + "ä" * 22])
def test_what_is_no_channel_is_never_asked_for(channel):
    with Hub() as hub, pytest.raises(PermanentFault, match="Test the connection"):
        webhook.subscribe(hub=hub.address, address=ADDRESS, channel=channel, secret=SECRET)
    assert not hub.taken


def test_a_hub_that_refuses_or_is_away_is_a_fault():
    with Hub(refuses=(CHANNEL,)) as hub, pytest.raises(PermanentFault):
        webhook.subscribe(hub=hub.address, address=ADDRESS, channel=CHANNEL, secret=SECRET)
    with pytest.raises(TemporaryFault):
        webhook.subscribe(hub=hub.address, address=ADDRESS, channel=CHANNEL, secret=SECRET)


def test_a_check_that_we_asked_for_is_answered(asked):
    _, params = Hub.check(asked)
    assert webhook.challenge(params, secret=SECRET) == "a-challenge"


@pytest.mark.parametrize(
    "instead",
    [
        {"token": ""},
        {"token": "ü"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "denied"},
        {"hub.topic": "https://elsewhere.example/feed"},
        {"hub.topic": "https://www.youtube.com/xml/feeds/videos.xml"},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 501},
    ],
)
def test_any_other_check_is_refused(asked, instead):
    _, params = Hub.check(asked, **instead)
    with pytest.raises(PermanentFault):
        webhook.challenge(params, secret=SECRET)


def test_nothing_is_believed_without_a_secret(asked):
    _, params = Hub.check(asked)
    with pytest.raises(PermanentFault):
        webhook.challenge(params, secret="")
    body, headers = Hub.call(asked, "x")
    assert not webhook.genuine(headers, body, secret="")


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha512"])
def test_a_signed_call_is_genuine_by_each_method_of_the_protocol(asked, method):
    body, headers = Hub.call(asked, "words", method)
    assert webhook.genuine(headers, body, secret=SECRET)
    assert not webhook.genuine(headers, body + b" ", secret=SECRET)
    assert not webhook.genuine(headers, body, secret="another")


@pytest.mark.parametrize("header", ["", "sha1", "sha1=", "md5=abc", "=", "sha1=ü"])
def test_a_call_without_a_good_signature_is_not(header):
    assert not webhook.genuine({"X-Hub-Signature": header}, b"words", secret=SECRET)


def test_the_channels_with_news_are_read_and_nothing_else():
    assert webhook.account_ids(webhook.said(FEED.format(video="v", channel=CHANNEL).encode())) == {CHANNEL}
    deleted = f"<at:by><uri>https://www.youtube.com/channel/{CHANNEL}</uri></at:by>".encode()
    assert webhook.account_ids(webhook.said(deleted)) == {CHANNEL}
    for odd in (b"", b"\xff\xfe", b"<yt:channelId>UC</yt:channelId>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>" * 50):
        assert webhook.account_ids(webhook.said(odd)) == set()
    assert webhook.account_ids(None) == set()


def test_a_call_is_known_again():
    assert webhook.event_ids(b"one") == webhook.event_ids(b"one") != webhook.event_ids(b"two")
