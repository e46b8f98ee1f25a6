import pytest

from platforms.contract import Login
from platforms.youtube import session
from platforms.youtube.connector import YouTubeConnector
from tests.youtube.server import PublicVoice, Server

APP = {"client_id": "client-9", "client_secret": "secret-of-client-9"}


@pytest.fixture
def youtube():
    """A small YouTube of our own. Whatever the API's own description does not know fails the test."""
    server = Server()
    session._spent.clear()
    session._untold.clear()
    yield server
    server.stop()
    session._spent.clear()
    assert server.violations == []


@pytest.fixture
def network(youtube):
    return youtube.address


@pytest.fixture
def connector_at(youtube):
    return lambda address: YouTubeConnector(
        Login(address, "wealdshire", youtube.secret, refresh=youtube.refresh, app=APP)
    )


@pytest.fixture
def connector(network, connector_at):
    return connector_at(network)


@pytest.fixture
def connector_with_wrong_secret(youtube):
    return YouTubeConnector(Login(youtube.address, "wealdshire", "not the token"))


@pytest.fixture
def public_voice(youtube):
    return PublicVoice(youtube)
