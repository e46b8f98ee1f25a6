"""An official account becomes a connector, or says why it cannot."""

from __future__ import annotations

import pytest

from accounts import actions
from accounts.actions import credentials
from accounts.connections import connector_for
from core.actors import System
from core.errors import NotValid
from platforms import registry


class Listening:
    """A connector that only remembers how it was made."""

    def __init__(self, login):
        self.login = login


@pytest.fixture
def listening(monkeypatch, settings):
    settings.EXERCISE_ADDRESS = "http://exercise.example"
    settings.BLUESKY_ADDRESS = "http://bluesky.example"
    monkeypatch.setattr(registry, "connector_class", lambda slug: Listening)


def test_a_connector_gets_the_address_the_handle_and_the_token(force_account, listening):
    credentials.store_credential(actor=System("test"), official_account=force_account, secret="sesame")
    login = connector_for(force_account).login
    assert login.base_url == "http://exercise.example"
    assert login.handle == "wealdshire-police"
    assert login.secret == "sesame"
    assert "sesame" not in repr(login)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_nothing_speaks_for_an_official_account_that_is_not_active(force_account, listening, status):
    account = actions.change_status(
        actor=System("test"), official_account=force_account, status=status, why="Compromised"
    )
    with pytest.raises(NotValid, match=status):
        connector_for(account)


def test_nothing_speaks_without_a_token(victoria_lang, listening):
    account = actions.register_account(
        actor=System("test"),
        platform="bluesky",
        handle="wealdshire.example",
        name="Wealdshire on Bluesky",
        owner=victoria_lang,
    )
    with pytest.raises(NotValid, match="no stored token"):
        connector_for(account)
    credentials.store_credential(actor=System("test"), official_account=account, secret="sesame")
    account.refresh_from_db()
    assert connector_for(account).login.base_url == "http://bluesky.example"


def test_a_token_sealed_with_a_lost_key_is_said_kindly(force_account, listening, settings):
    settings.CREDENTIAL_KEYS = ["b2ZmaWNpYWwtYWNjb3VudHMtdGVzdC1rZXktMDAwMDI="]
    with pytest.raises(NotValid, match="Store it again"):
        connector_for(force_account)
