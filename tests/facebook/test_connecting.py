"""Connecting a Page by consent, and being called by Meta."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.contract import Login, PermanentFault
from platforms.facebook import oauth, webhook
from platforms.facebook.connector import FacebookConnector
from platforms.instagram import oauth as instagram_oauth
from platforms.registry import connector_class
from tests.facebook.conftest import APP
from tests.facebook.network import PAGE, TOKEN
from tests.meta.graph import APP_SECRET, Refused

REDIRECT = "https://smmp.wealdshire.example/connect"


def exchange(facebook, module=oauth, **changed):
    asked = {"app": APP, "code": "the-code", "verifier": "v" * 43, "redirect": REDIRECT, **changed}
    return module.exchange(base_url=facebook.address, **asked)


@pytest.fixture
def consented(facebook):
    facebook.verifier = "v" * 43
    return facebook


def test_consent_asks_for_the_least_and_carries_state_and_challenge():
    address = oauth.authorise_url(app=APP, redirect=REDIRECT, state="s", challenge="c")
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith("https://www.facebook.com/v26.0/dialog/oauth?")
    assert (asked["state"], asked["code_challenge"], asked["code_challenge_method"]) == (
        ["s"],
        ["c"],
        ["S256"],
    )
    assert asked["redirect_uri"] == [REDIRECT]
    assert APP_SECRET not in address


@pytest.mark.parametrize("module", [oauth, instagram_oauth])
def test_every_ability_has_its_scope_among_those_asked_for(module):
    cls = connector_class(module.__name__.split(".")[1])
    assert set(cls.scopes) == cls.capabilities
    assert set(cls.scopes.values()) <= set(module.SCOPES)


def test_the_token_is_that_of_the_page_and_works(consented):
    token = exchange(consented)
    assert token.secret == TOKEN
    assert token.expires_at is None
    assert "pages_manage_posts" in token.scopes
    assert FacebookConnector(Login(consented.address, "x", token.secret, app=APP)).check().external_id == PAGE
    assert (
        consented.asked("POST", "subscribed_apps")[0]["subscribed_fields"] == '["feed","mention","messages"]'
    )


def test_the_page_is_connected_although_it_cannot_be_subscribed_to(consented):
    consented.next_error, consented.refuse_on = (
        Refused(200, "Permissions error", status=403),
        "subscribed_apps",
    )
    assert exchange(consented).secret == TOKEN


def test_more_than_one_page_is_one_too_many(consented):
    consented.nodes["1002"] = {"kind": "page", "name": "Saltmere Police"}
    consented.pages.append("1002")
    with pytest.raises(PermanentFault, match="Wealdshire Police, Saltmere Police"):
        exchange(consented)


def test_no_page_says_what_to_do(consented):
    consented.pages.clear()
    with pytest.raises(PermanentFault, match="choose the Page"):
        exchange(consented)


def test_instagram_takes_the_page_that_an_account_hangs_on(consented):
    with pytest.raises(PermanentFault, match="that an Instagram account hangs on"):
        exchange(consented, instagram_oauth)
    consented.nodes[PAGE]["instagram_business_account"] = {"id": "17841400000000001"}
    assert exchange(consented, instagram_oauth).secret == TOKEN


@pytest.mark.parametrize("changed", [{"code": "another"}, {"verifier": "w" * 43}])
def test_a_code_that_is_not_ours_is_refused(consented, changed):
    with pytest.raises(PermanentFault):
        exchange(consented, **changed)


def test_without_an_app_nothing_is_asked(facebook):
    with pytest.raises(PermanentFault, match="not configured"):
        oauth.authorise_url(app={}, redirect=REDIRECT, state="s", challenge="c")


# Being called


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def test_the_check_of_the_address_is_answered_where_the_word_is_right():
    word = webhook.verify_token(APP_SECRET)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": word}
    assert webhook.challenge(asked, secret=APP_SECRET) == "1158201444"
    for wrong in ({"hub.verify_token": "guess"}, {"hub.verify_token": "é"}, {"hub.mode": "unsubscribe"}):
        with pytest.raises(PermanentFault):
            webhook.challenge({**asked, **wrong}, secret=APP_SECRET)
    with pytest.raises(PermanentFault):
        webhook.challenge({**asked, "hub.verify_token": webhook.verify_token("")}, secret="")


def test_only_the_very_bytes_that_were_signed_are_genuine():
    body = b'{"object": "page", "entry": [{"id": "1001"}]}'
    assert webhook.genuine(signed(body), body, secret=APP_SECRET)
    assert webhook.genuine(
        {"x-hub-signature-256": signed(body)["X-Hub-Signature-256"]}, body, secret=APP_SECRET
    )
    assert not webhook.genuine(signed(body), body + b" ", secret=APP_SECRET)
    assert not webhook.genuine(signed(body, "another"), body, secret=APP_SECRET)
    assert not webhook.genuine(signed(body, ""), body, secret="")
    assert not webhook.genuine({}, body, secret=APP_SECRET)
    assert not webhook.genuine({"X-Hub-Signature-256": "sha256=é"}, body, secret=APP_SECRET)


def test_whose_news_it_is_and_which_was_there_before():
    payload = {"object": "page", "entry": [{"id": "1001"}, {"id": 7}, "x", {"id": "1002"}]}
    assert webhook.account_ids(payload) == {"1001", "1002"}
    for nothing in ({}, [], None, {"entry": "x"}):
        assert webhook.account_ids(nothing) == set()
    assert webhook.event_ids(b"one") == webhook.event_ids(b"one") != webhook.event_ids(b"two")
