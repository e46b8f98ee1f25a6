"""X calling us: checks of the address, signatures, who has news."""

import base64
import hashlib
import hmac
import json

import pytest

from platforms.contract import Login, PermanentFault
from platforms.x import webhook
from tests.x.network import asked

SECRET = "client-secret"
BODY = json.dumps(
    {
        "data": {
            "event_uuid": "2080761390344937796",
            "filter": {"user_id": "1700000000000000001"},
            "event_type": "post.mention.create",
            "payload": {"id": "1", "text": "Help"},
        }
    }
).encode()


def signed(body, secret=SECRET):
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_the_check_of_the_address_is_answered_with_the_token_signed():
    answer = json.loads(webhook.challenge({"crc_token": "abc"}, secret=SECRET))
    assert answer == {"response_token": signed(b"abc")}


@pytest.mark.parametrize("params", [{}, {"crc_token": ""}, {"crc_token": "a" * 501}])
def test_what_is_no_check_is_refused(params):
    with pytest.raises(PermanentFault):
        webhook.challenge(params, secret=SECRET)


def test_a_check_is_never_answered_without_a_secret():
    with pytest.raises(PermanentFault):
        webhook.challenge({"crc_token": "abc"}, secret="")
    assert not webhook.genuine({webhook.SIGNATURES[0]: signed(BODY, "")}, BODY, secret="")


def test_only_the_signed_bytes_are_genuine():
    headers = {"X-Twitter-Webhooks-Signature-OAuth2": signed(BODY)}
    assert webhook.genuine(headers, BODY, secret=SECRET)
    assert not webhook.genuine(headers, BODY + b" ", secret=SECRET)
    assert not webhook.genuine(headers, BODY, secret="another")
    assert not webhook.genuine({}, BODY, secret=SECRET)
    assert not webhook.genuine({"X-Twitter-Webhooks-Signature-OAuth2": "sha256=ü"}, BODY, secret=SECRET)


def test_the_older_signature_counts_where_the_newer_is_absent_and_never_beside_it():
    older = {"x-twitter-webhooks-signature": signed(BODY)}
    assert webhook.genuine(older, BODY, secret=SECRET)
    forged = {**older, "x-twitter-webhooks-signature-oauth2": signed(BODY, "forged")}
    assert not webhook.genuine(forged, BODY, secret=SECRET)


def test_who_has_news_and_by_what_a_call_is_known_again():
    assert webhook.account_ids(json.loads(BODY)) == {"1700000000000000001"}
    assert webhook.account_ids({"for_user_id": "17", "tweet_create_events": []}) == {"17"}
    assert webhook.event_ids(BODY) == "2080761390344937796"
    assert webhook.event_ids(b"not JSON") == webhook.event_ids(b"not JSON") != webhook.event_ids(b"other")


@pytest.mark.parametrize("payload", [None, [], 7, "x", {"data": 7}, {"data": {"filter": []}}, {"data": [7]}])
def test_an_odd_payload_is_news_for_nobody(payload):
    assert webhook.account_ids(payload) == set()


def test_x_is_told_where_to_call_and_what_for(x):
    login = Login(x.address, x.handle, x.secret, account_id=x.us)
    number = webhook.register(login=login, address="https://police.wealdshire.example/hooks/x")
    assert webhook.registered(login=login) == {"https://police.wealdshire.example/hooks/x": True}
    webhook.check_again(login=login, webhook_id=number)
    webhook.subscribe(login=login, webhook_id=number)
    assert {one["event_type"] for one in x.subscriptions} == set(webhook.EVENTS)
    assert all(one["filter"] == {"user_id": x.us} for one in x.subscriptions)
    webhook.unregister(login=login, webhook_id=number)
    assert webhook.registered(login=login) == {}
    with pytest.raises(PermanentFault):
        webhook.unregister(login=login, webhook_id="../users/me")
    assert all("users" not in one["path"] for one in asked(x, "webhooks"))
