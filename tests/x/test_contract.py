"""What every connector must do, asked of the X connector."""

from tests.platforms.contract import ConnectorContract


class TestXConnector(ConnectorContract):
    tells_what_is_hidden = False
    sends_on = "/2/tweets"
