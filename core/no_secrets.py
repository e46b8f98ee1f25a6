"""Words in which somebody may have written down a password: they are refused before they are stored.

The platform keeps where a secret lies, never the secret. Source: APP social media, "Security" (passwords and second
factors are stored securely). What is found is a guess on the careful side: a sentence made of plain words passes.
"""

from __future__ import annotations

import re

from core.errors import NotValid

SENTENCE = (
    "This reads like a password or a code. The platform never stores one: put it into the force’s vault, "
    "and write here only what the entry is called."
)
LEAST = 8
"""Letters and digits from which a word by itself is looked at."""

_NAMED = re.compile(
    r"\b(pass(?:word|wort|phrase|code)|pwd?|pin|passcode|recovery code|backup code|secret)s?\b"
    r"\s*(?:is|=|:|-|–)\s*[\"'“‘]?(\S+)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_APART = re.compile(r"[\s/\\\-–—_.,;:()\[\]{}“”‘’\"'|]+")
_SYMBOL = re.compile(r"[!@#$%^&*+=?~<>£€§]")
_CHANGES = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_PLAIN = frozenset(
    {"in", "kept", "stored", "held", "with", "at", "the", "under", "never", "not", "none", "unknown"}
)
"""What follows "the password is" where no password does."""


def reads_like_a_secret(text: str) -> bool:
    """Whether a password or a code may stand in the text."""
    for _, said in _NAMED.findall(text):
        if said.strip("\"'“”‘’.,;").lower() not in _PLAIN:
            return True
    return any(_made_up(word) for word in _APART.split(_ADDRESS.sub(" ", text)))


def refuse_secret(text: str, *, field: str | None = None) -> None:
    """Raises NotValid, beside that field, where a password or a code may stand in the text."""
    if reads_like_a_secret(text):
        raise NotValid(SENTENCE, field=field)


def _made_up(word: str) -> bool:
    if len(word) < LEAST or not re.search(r"[A-Za-z]", word) or not re.search(r"\d", word):
        return False
    return bool(_SYMBOL.search(word)) or len(_CHANGES.findall(word)) > 2
