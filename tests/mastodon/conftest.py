import pytest

from platforms.contract import Login
from platforms.mastodon import connector as module
from platforms.mastodon.connector import MastodonConnector
from tests.mastodon.server import PublicVoice, Server

HANDLE = "@wealdshire@mastodon.example"


@pytest.fixture
def mastodon(monkeypatch):
    """A small server of our own that answers as Mastodon does."""
    monkeypatch.setattr(module, "MEDIA_ASKED_EVERY_S", 0.0)
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def network(mastodon):
    return mastodon.address


@pytest.fixture
def connector_at(mastodon):
    return lambda address: MastodonConnector(Login(address, HANDLE, mastodon.secret))


@pytest.fixture
def connector(network, connector_at):
    return connector_at(network)


@pytest.fixture
def connector_with_wrong_secret(mastodon):
    return MastodonConnector(Login(mastodon.address, HANDLE, "not the token"))


@pytest.fixture
def public_voice(mastodon):
    return PublicVoice(mastodon)
