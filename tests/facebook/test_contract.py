"""What every connector must do, asked of the Facebook connector."""

from tests.platforms.contract import ConnectorContract


class TestFacebookConnector(ConnectorContract):
    can_edit = False
    """The public can edit a comment, but Facebook does not tell when: see test_connector."""
    sends_on = "/feed"
