import pytest

from platforms.contract import Login
from platforms.x.connector import XConnector, forget_ids
from platforms.x.session import forget_older_words
from tests.x import openapi
from tests.x.network import Network, PublicVoice


@pytest.fixture
def x():
    """A small network of our own that answers as X does; every exchange is checked where X's document is."""
    network = Network()
    forget_ids()
    forget_older_words()
    yield network
    network.stop()
    forget_ids()
    forget_older_words()
    if openapi.place() is not None:
        assert complaints(network) == []


def complaints(network):
    """What X's own document has against the exchanges of a test, each once."""
    document, found = openapi.document(), []
    for one in network.log:
        if one["path"] in openapi.NOT_IN_IT or not one["checked"]:
            continue
        found += document.request(one["method"], one["path"], one["query"], one["kind"], one["body"])
        found += document.answer(one["method"], one["path"], one["status"], one["answer"])
    return list(dict.fromkeys(found))


@pytest.fixture
def network(x):
    return x.address


@pytest.fixture
def connector_at(x):
    return lambda address, **more: XConnector(Login(address, x.handle, x.secret, app=x.app, **more))


@pytest.fixture
def connector(network, connector_at):
    return connector_at(network)


@pytest.fixture
def connector_with_wrong_secret(x):
    return XConnector(Login(x.address, x.handle, "not the access token"))


@pytest.fixture
def public_voice(x):
    return PublicVoice(x)
