"""An entry's leaf hash, worked out again outside the database that made it.

The canonical form is that of the trigger: a version byte and a JSON object as Postgres writes
jsonb: keys by length and then by bytes, one space after comma and colon. Version 1
(audit/migrations/0001) names what version 2 (0002) names, but for the source address. The entry
says by which version it was hashed; a number that is no version makes no hash.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from audit.models import Entry

LEAF = b"\x00"
VERSIONS = (1, 2)
PLAIN = (
    "event",
    "operation",
    "actor_kind",
    "actor_id",
    "actor_name",
    "subject_type",
    "subject_id",
    "subject_name",
    "official_account_id",
    "reason",
    "request_id",
)
"""Columns that stand in the canonical form of every version as they are."""


def leaf_hash(entry: Entry) -> bytes:
    """What the trigger must have stored for an entry that says this."""
    if entry.leaf_version not in VERSIONS:
        return b""
    version = bytes([entry.leaf_version])
    return hashlib.sha256(LEAF + version + canonical(_content(entry)).encode()).digest()


def is_whole(entry: Entry) -> bool:
    """Whether the entry still says what it said when it was written."""
    expected = leaf_hash(entry)
    return bool(expected) and bytes(entry.leaf_hash or b"") == expected


def canonical(value: Any) -> str:
    """A JSON value as Postgres writes jsonb."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(", ", ": "))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _sorted(value[key]) for key in keys}
    if isinstance(value, list):
        return [_sorted(entry) for entry in value]
    return value


def _content(entry: Entry) -> dict[str, Any]:
    later = {"source_address": entry.source_address} if entry.leaf_version >= 2 else {}
    return later | {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        **{name: getattr(entry, name) for name in (*PLAIN, "shown_ids", "details")},
    }
