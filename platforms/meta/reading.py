"""Reading Meta's payloads: times, and values that must be of a kind. ValueError where they are not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def instant(value: object) -> datetime:
    """A time as Graph writes it ("2026-11-28T18:49:07+0000"), in UTC. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not a time")
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


def mapping_of(container: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under a key. Raises ValueError."""
    value = container.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"“{key}” is missing or is not an object")
    return value


def text_of(container: dict[str, Any], key: str) -> str:
    """The text under a key. Raises ValueError."""
    value = container.get(key)
    if not isinstance(value, str):
        raise ValueError(f"“{key}” is missing or is not text")
    return value


def web_address(value: object) -> str:
    """A web address, or nothing where it is none."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def storable(value: Any) -> Any:
    """The same value with NUL characters replaced: Postgres keeps none, and one must not stop a batch."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {storable(k): storable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [storable(v) for v in value]
    return value
