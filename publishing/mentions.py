"""Whom words tell that we speak of them: handles with an @, and addresses of somebody's own post, shown as a quote."""

from __future__ import annotations

import re

_NAMED = re.compile(r"(?<![\w./@＠-])[@＠](\w[\w.-]*(?:[@＠][\w.-]+)?)")
"""The wide @ too: X takes it for the narrow one."""
_LINKED = (
    re.compile(r"\b(?:x|twitter)\.com/(\w+)/status/", re.IGNORECASE),
    re.compile(r"\bbsky\.app/profile/([^/\s]+)/post/", re.IGNORECASE),
    re.compile(r"https?://[\w.-]+/@([\w.-]+)/"),
)


def named_people(text: str) -> list[str]:
    """The handles that a text names or whose posts it shows, without the @, each once."""
    found = [match.rstrip(".-").replace("＠", "@") for match in _NAMED.findall(text)]
    for pattern in _LINKED:
        found += pattern.findall(text)
    return list({handle.casefold(): handle for handle in found}.values())
