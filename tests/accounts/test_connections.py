"""An official account becomes a connector, or says why it cannot."""

from __future__ import annotations

import threading

import pytest

from accounts import actions, connections
from accounts.actions import credentials
from accounts.connections import connector_for, forget_connector, kept_connector
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
    account = force_account
    account.status = status
    account.save(update_fields=["status"])
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


@pytest.fixture
def connected(force_account, listening, monkeypatch):
    monkeypatch.setattr(connections, "_OURS", threading.local())
    credentials.store_credential(actor=System("test"), official_account=force_account, secret="sesame")
    return force_account


def test_a_connector_is_used_again_and_a_new_credential_is_noticed_at_the_next_act(connected):
    first = kept_connector(connected)
    assert kept_connector(connected) is first
    credentials.store_credential(actor=System("test"), official_account=connected, secret="open")
    second = kept_connector(connected)
    assert (second.login.secret, first.login.secret) == ("open", "sesame")
    credentials.rotate(actor=System("test"))
    assert kept_connector(connected) is second


def test_a_kept_connector_is_dropped_for_another_address_a_registration_and_a_suspension(connected, settings):
    first = kept_connector(connected)
    settings.EXERCISE_ADDRESS = "http://elsewhere.example"
    second = kept_connector(connected)
    assert second is not first
    assert second.login.base_url == "http://elsewhere.example"
    settings.PLATFORM_APPS = {"exercise": {"client_id": "smmp"}}
    assert kept_connector(connected).login.app == {"client_id": "smmp"}
    actions.change_status(
        actor=System("test"), official_account=connected, status="suspended", why="Compromised"
    )
    connected.refresh_from_db()
    with pytest.raises(NotValid, match="suspended"):
        kept_connector(connected)


def test_a_kept_connector_is_not_used_after_a_pause_nor_after_a_fault(connected, monkeypatch):
    first = kept_connector(connected)
    forget_connector(connected)
    second = kept_connector(connected)
    assert second is not first
    at = connections.time.monotonic()
    monkeypatch.setattr(connections.time, "monotonic", lambda: at + connections.KEPT_IDLE_S + 1)
    assert kept_connector(connected) is not second
