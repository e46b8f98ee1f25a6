"""Connecting to X, and keeping the connection."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core import clock
from platforms.contract import Capability, Login, PermanentFault, TemporaryFault
from platforms.x import oauth
from platforms.x.connector import XConnector
from tests.x.network import asked


def renewing(x, refresh=None):
    return XConnector(Login(x.address, x.handle, x.secret, refresh=refresh or x.refresh, app=x.app))


def test_the_way_to_x_names_the_least_scopes_and_the_challenge():
    url = oauth.authorise_url(
        app={"client_id": "wealdshire-app", "base_url": "https://api.x.com", "handle": "WealdshirePol"},
        redirect="https://smmp.wealdshire.example/back",
        state="the-state",
        challenge="the-challenge",
    )
    assert url.startswith("https://x.com/i/oauth2/authorize?")
    query = {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}
    assert query == {
        "response_type": "code",
        "client_id": "wealdshire-app",
        "redirect_uri": "https://smmp.wealdshire.example/back",
        "scope": " ".join(oauth.SCOPES),
        "state": "the-state",
        "code_challenge": "the-challenge",
        "code_challenge_method": "S256",
    }


def test_every_ability_with_a_scope_is_asked_for():
    assert set(XConnector.scopes.values()) <= set(oauth.SCOPES)
    assert set(XConnector.scopes) == set(XConnector.capabilities)
    assert not {"follows.write", "like.write", "block.write", "list.write"} & set(oauth.SCOPES)
    assert Capability.BLOCK not in XConnector.capabilities


def test_a_code_becomes_a_credential_with_its_end_and_scopes(x):
    token = oauth.exchange(
        base_url=x.address, app=x.app, code="the-code", verifier="v" * 64, redirect="https://back.example/"
    )
    assert token.secret in x.tokens
    assert token.refresh == x.refresh
    assert timedelta(minutes=119) < token.expires_at - clock.now() <= timedelta(hours=2)
    assert "offline.access" in token.scopes
    assert x.token_form["code_verifier"] == "v" * 64
    assert "token" not in repr(token).replace("Token(", "")


def test_a_used_code_and_a_wrong_app_are_refused_for_good(x):
    for app, code in ((x.app, "used"), ({**x.app, "client_secret": "wrong"}, "the-code")):
        with pytest.raises(PermanentFault, match="Connect the official account again"):
            oauth.exchange(
                base_url=x.address, app=app, code=code, verifier="v", redirect="https://b.example/"
            )
    with pytest.raises(PermanentFault, match="not set up"):
        oauth.exchange(base_url=x.address, app={}, code="c", verifier="v", redirect="https://b.example/")


def test_a_renewal_answers_with_the_next_refresh_token_and_the_used_one_is_spent(x):
    used = x.refresh
    token = renewing(x).renew()
    assert token.secret in x.tokens
    assert token.refresh not in ("", used)
    with pytest.raises(PermanentFault, match="Connect it again"):
        renewing(x, used).renew()


def test_an_access_token_without_a_refresh_token_is_not_renewed(connector, x):
    assert connector.renew() is None
    assert asked(x, "oauth2") == []


def test_a_lost_renewal_is_tried_again(x):
    x.twist("oauth2", lambda status, body: (502, b"<html>", {"Content-Type": "text/html"}))
    with pytest.raises(TemporaryFault):
        renewing(x).renew()


def test_a_refused_access_token_that_can_be_renewed_gives_no_act_up_but_fails_the_check(x):
    connector = renewing(x)
    x.tokens = {"the next one"}
    with pytest.raises(TemporaryFault) as fault:
        connector.poll("")
    assert fault.value.retry_after_s == 60
    with pytest.raises(PermanentFault):
        connector.check()


def test_a_token_of_another_account_is_not_stored(x):
    with pytest.raises(PermanentFault, match="belongs to @WealdshirePol"):
        XConnector(Login(x.address, "@SaltmerePol", x.secret)).check()
    with pytest.raises(PermanentFault, match="belongs to"):
        XConnector(Login(x.address, x.handle, x.secret, account_id="1")).check()
