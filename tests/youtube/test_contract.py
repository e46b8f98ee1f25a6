"""What every connector must do, asked of the YouTube connector."""

from platforms.contract import Video
from tests.platforms.contract import ConnectorContract, key


class TestYouTubeConnector(ConnectorContract):
    sends_on = "upload_id="

    def a_post(self, text, **more):
        video = Video(b"\x00\x00\x00\x18ftypmp42" * 4, "video/mp4", title=f"A film {key()[:8]}")
        return super().a_post(text, **{"video": video, **more})
