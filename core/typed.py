"""What people and addresses give as text, read as what it is meant to be."""

from __future__ import annotations

from core.errors import NotValid


def whole(text: str, *, under: int = 18) -> int | None:
    """A whole number of fewer than so many digits, 0 to 9 alone; None for anything else, and for nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < under else None


def reason(why: str, sentence: str, *, most: int = 500) -> str:
    """What somebody gave as their reason. Raises NotValid: with the sentence where there is none, or that it is too long."""
    why = why.strip()
    if not why:
        raise NotValid(sentence, field="why")
    if len(why) > most:
        raise NotValid(f"Say it in at most {most} characters.", field="why")
    return why
