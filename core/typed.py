"""What people and addresses give as text, read as what it is meant to be."""

from __future__ import annotations


def whole(text: str, *, under: int = 18) -> int | None:
    """A whole number of fewer than so many digits, 0 to 9 alone; None for anything else, and for nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < under else None
