"""What every connector must do, asked of the Instagram connector."""

from dataclasses import replace

from platforms.contract import Picture, PostToSend
from tests.platforms.contract import ConnectorContract, key, small_picture


class TestInstagramConnector(ConnectorContract):
    can_edit = False
    sends_on = "/media_publish"

    def a_post(self, text, **more):
        pictures = more.pop("pictures", None) or [Picture(small_picture(), "image/jpeg", "A blue square")]
        pictures = [replace(p, address="https://media.wealdshire.example/signed.jpg") for p in pictures]
        return PostToSend(key=key(), text=text, pictures=pictures, **more)
