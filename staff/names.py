"""How a colleague's name is written: every page, letter and audit sentence shows it, so nothing in it may hide or turn."""

from __future__ import annotations

import unicodedata

from core.errors import NotValid

_JOINERS = "\u200c\u200d"
"""Names in Persian, Urdu and Indian scripts are spelt with these."""


def hides_something(text: str) -> bool:
    """Whether it holds control characters or marks that turn the direction of the words after it.

    "Ann" after U+202E reads "nnA", and so does the rest of the sentence that names her.
    """
    return any(
        unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") for sign in text if sign not in _JOINERS
    )


def written(text: str, *, field: str) -> str:
    """The text with single spaces. Raises NotValid where it holds something that nobody can see."""
    text = " ".join(text.split())
    if hides_something(text):
        raise NotValid(
            "This holds a character that cannot be seen and changes how the words after it read. "
            "Type it anew instead of copying it.",
            field=field,
        )
    return text
