import pytest

from platforms.contract import Login
from platforms.facebook.connector import FacebookConnector
from tests.facebook.network import PAGE, TOKEN, Facebook, PublicVoice
from tests.meta.graph import APP_ID, APP_SECRET

APP = {"client_id": APP_ID, "client_secret": APP_SECRET}


@pytest.fixture
def facebook():
    """A Facebook of our own. Every call to it must be one that Meta's tables know."""
    network = Facebook()
    yield network
    network.stop()
    assert network.complaints == []


@pytest.fixture
def network(facebook):
    return facebook.address


@pytest.fixture
def connector_at(facebook):
    return lambda address: FacebookConnector(
        Login(address, "wealdshirepolice", TOKEN, account_id=PAGE, app=APP)
    )


@pytest.fixture
def connector(network, connector_at):
    return connector_at(network)


@pytest.fixture
def connector_with_wrong_secret(facebook):
    return FacebookConnector(
        Login(facebook.address, "wealdshirepolice", "EAANotTheToken", account_id=PAGE, app=APP)
    )


@pytest.fixture
def public_voice(facebook):
    return PublicVoice(facebook)
