import pytest

from platforms.bluesky.connector import BlueskyConnector
from platforms.bluesky.session import forget_sessions
from platforms.contract import Login
from tests.bluesky.network import Network, PublicVoice


@pytest.fixture
def bluesky():
    """A small network of our own that answers as Bluesky does."""
    network = Network()
    forget_sessions()
    yield network
    network.stop()
    forget_sessions()


@pytest.fixture
def network(bluesky):
    return bluesky.address


@pytest.fixture
def connector_at(bluesky):
    return lambda address: BlueskyConnector(Login(address, bluesky.handle, bluesky.secret))


@pytest.fixture
def connector(network, connector_at):
    return connector_at(network)


@pytest.fixture
def connector_with_wrong_secret(bluesky):
    return BlueskyConnector(Login(bluesky.address, bluesky.handle, "not the app password"))


@pytest.fixture
def public_voice(bluesky):
    return PublicVoice(bluesky)
