import pytest

from platforms.contract import Login
from platforms.instagram.connector import InstagramConnector, forget_containers
from tests.instagram.network import ACCOUNT, TOKEN, Instagram, PublicVoice
from tests.meta.graph import APP_ID, APP_SECRET

APP = {"client_id": APP_ID, "client_secret": APP_SECRET}

PROBES = ("GET igcomment/: no field caption", "GET igcomment/: no field permalink")
"""What is read back is asked for as media first: that a comment has no such fields is how it is told."""


@pytest.fixture
def instagram(monkeypatch):
    """An Instagram of our own. Every call to it must be one that Meta's tables know."""
    monkeypatch.setattr("platforms.instagram.connector.STATUS_EVERY_S", 0)
    forget_containers()
    network = Instagram()
    yield network
    network.stop()
    forget_containers()
    assert [c for c in network.complaints if c not in PROBES] == []


@pytest.fixture
def network(instagram):
    return instagram.address


@pytest.fixture
def connector_at(instagram):
    return lambda address: InstagramConnector(
        Login(address, "wealdshirepolice", TOKEN, account_id=ACCOUNT, app=APP)
    )


@pytest.fixture
def connector(network, connector_at):
    return connector_at(network)


@pytest.fixture
def connector_with_wrong_secret(instagram):
    return InstagramConnector(
        Login(instagram.address, "wealdshirepolice", "EAANotTheToken", account_id=ACCOUNT, app=APP)
    )


@pytest.fixture
def public_voice(instagram):
    return PublicVoice(instagram)
