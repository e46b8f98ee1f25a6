"""What every connector must do, asked of the Mastodon connector."""

from tests.platforms.contract import ConnectorContract


class TestMastodonConnector(ConnectorContract):
    can_edit = (
        False  # the public can, but nobody who is only mentioned is told: sweeps see it (test_connector)
    )
    addressed = "@wealdshire "
