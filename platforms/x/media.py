"""Pictures, videos and captions on their way to X. Nothing here is seen by anybody until a post names it.

Source: OpenAPI 2.167 (POST /2/media/upload, .../initialize, .../{id}/append, .../{id}/finalize, GET
/2/media/upload, POST /2/media/metadata, POST /2/media/subtitles) and docs.x.com "Media best practices":
an image 5 MB, an animated GIF 15 MB, a video 512 MB and 140 s, alternative text 1,000 characters, segments
of at most 5 MB. Not tried against X itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from platforms.contract import PermanentFault, Picture, TemporaryFault, Video
from platforms.x.session import Calls

IMAGE_BYTES = 5 * 1024 * 1024
GIF_BYTES = 15 * 1024 * 1024
VIDEO_BYTES = 512 * 1024 * 1024
ALT_TEXT_LENGTH = 1000
SEGMENT_BYTES = 4 * 1024 * 1024
SEGMENTS_AT_MOST = 1000
READY_WITHIN_S = 120.0
USUAL_CHECK_S = 2.0
VIDEO_TYPES = frozenset({"video/mp4", "video/quicktime", "video/webm"})
LANGUAGE = "EN"


def upload_picture(calls: Calls, picture: Picture, *, private: bool) -> str:
    """Upload an image in one go and say what it shows. Returns its id at X."""
    kind = ("dm_" if private else "tweet_") + ("gif" if picture.content_type == "image/gif" else "image")
    answer = calls.send(
        "POST",
        "/2/media/upload",
        files={"media": ("picture", picture.content, picture.content_type)},
        data={"media_category": kind},
        changing=False,
    )
    media_id = _id(answer)
    _wait_until_ready(calls, media_id, answer)
    if picture.alt_text:
        calls.send(
            "POST",
            "/2/media/metadata",
            json={"id": media_id, "metadata": {"alt_text": {"text": picture.alt_text[:ALT_TEXT_LENGTH]}}},
            changing=False,
        )
    return media_id


def upload_video(calls: Calls, video: Video, *, private: bool) -> str:
    """Upload a video in segments, wait until X has prepared it, and add its captions. Returns its id."""
    kind = "dm_video" if private else "tweet_video"
    media_id = _in_segments(calls, video.content, video.content_type, kind)
    if video.captions and not private:
        track = _in_segments(calls, video.captions.encode(), "text/vtt", "subtitles")
        calls.send(
            "POST",
            "/2/media/subtitles",
            json={
                "id": media_id,
                "media_category": "TweetVideo",
                "subtitles": {"id": track, "language_code": LANGUAGE, "display_name": "English"},
            },
            changing=False,
        )
    return media_id


def _in_segments(calls: Calls, content: bytes, content_type: str, kind: str) -> str:
    answer = calls.send(
        "POST",
        "/2/media/upload/initialize",
        json={"media_category": kind, "media_type": content_type, "total_bytes": len(content)},
        changing=False,
    )
    media_id = _id(answer)
    for number, start in enumerate(range(0, len(content), SEGMENT_BYTES)):
        calls.send(
            "POST",
            f"/2/media/upload/{media_id}/append",
            files={"media": ("segment", content[start : start + SEGMENT_BYTES], "application/octet-stream")},
            data={"segment_index": str(number)},
            changing=False,
        )
    done = calls.send("POST", f"/2/media/upload/{media_id}/finalize", changing=False)
    _wait_until_ready(calls, media_id, done)
    return media_id


def _wait_until_ready(
    calls: Calls, media_id: str, answer: Any, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Until X has prepared what was uploaded. Raises TemporaryFault where it takes too long."""
    until = time.monotonic() + READY_WITHIN_S
    while True:
        processing = _data(answer).get("processing_info")
        if not isinstance(processing, dict) or processing.get("state") == "succeeded":
            return
        if processing.get("state") == "failed":
            raise PermanentFault(
                "X could not read the file. Save it anew (MP4 with H.264, or JPEG) and try again."
            )
        wait = processing.get("check_after_secs")
        wait = float(wait) if isinstance(wait, int) and wait >= 0 else USUAL_CHECK_S
        if time.monotonic() + wait > until:
            raise TemporaryFault("X is still preparing the file.", retry_after_s=READY_WITHIN_S)
        sleep(wait)
        answer = calls.get("/2/media/upload", media_id=media_id, command="STATUS")


def _data(answer: Any) -> dict[str, Any]:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        raise TemporaryFault("X answered with something that cannot be read.")
    return data


def _id(answer: Any) -> str:
    media_id = _data(answer).get("id")
    if not isinstance(media_id, str) or not media_id.isascii() or not media_id.isdigit():
        raise TemporaryFault("X did not say where it put the file.")
    return media_id
