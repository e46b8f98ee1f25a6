"""Captions of a video as WebVTT, whatever of the two usual kinds they came in. Pure.

Source: W3C WebVTT (candidate recommendation 2019), "File structure"; SubRip has commas in its times and numbers
above them.
"""

from __future__ import annotations

import re

from core.errors import NotValid

MOST_BYTES = 300_000
_TIME = r"(?:\d{1,3}:)?[0-5]\d:[0-5]\d[.,]\d{3}"
_CUE = re.compile(rf"^({_TIME})[ \t]+-->[ \t]+({_TIME})([ \t].*)?$")


def webvtt(content: bytes) -> str:
    """The captions as WebVTT. Raises NotValid, with what to do, for anything else."""
    if len(content) > MOST_BYTES:
        raise NotValid(
            "The captions are larger than 300 KB. Choose the file with the captions alone.", field="captions"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotValid(
            "The captions are not written in UTF-8. Save the file as UTF-8 and choose it again.",
            field="captions",
        ) from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    cues = 0
    kept: list[str] = []
    for line in lines:
        found = _CUE.match(line.strip())
        if found is None:
            kept.append(line.rstrip())
            continue
        start, end = (_seconds(found[1]), _seconds(found[2]))
        if end <= start:
            raise NotValid(
                f"A caption ends before it begins: “{line.strip()[:60]}”. Mend the file.", field="captions"
            )
        cues += 1
        kept.append(f"{_dotted(found[1])} --> {_dotted(found[2])}{(found[3] or '').rstrip()}")
    if not cues:
        raise NotValid(
            "There are no captions in this file. Choose a WebVTT (.vtt) or SubRip (.srt) file.",
            field="captions",
        )
    body = "\n".join(kept).strip()
    return f"{body}\n" if body.startswith("WEBVTT") else f"WEBVTT\n\n{body}\n"


def spoken(captions: str) -> str:
    """The words of captions alone, for who reads instead of listening."""
    words = []
    for block in re.split(r"\n{2,}", captions.strip()):
        lines = block.split("\n")
        at = next((n for n, line in enumerate(lines) if "-->" in line), None)
        if at is not None:
            words.append(" ".join(re.sub(r"<[^>]*>", "", line).strip() for line in lines[at + 1 :]).strip())
    return "\n".join(word for word in words if word)


def _dotted(time: str) -> str:
    return time.replace(",", ".")


def _seconds(time: str) -> float:
    *above, seconds = _dotted(time).split(":")
    total = 0.0
    for part in above:
        total = total * 60 + int(part)
    return total * 60 + float(seconds)
