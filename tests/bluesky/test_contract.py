"""What every connector must do, asked of the Bluesky connector."""

from tests.platforms.contract import ConnectorContract


class TestBlueskyConnector(ConnectorContract):
    can_edit = False
    sends_on = "putRecord"
