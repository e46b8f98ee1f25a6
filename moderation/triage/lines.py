"""JSON Lines in, JSON Lines out: triage for whoever wants to measure it, or to use it on its own.

In: `id`, `text`, optional `platform`, `official_account`, `private`. A line that cannot be read gets an
error object of its own on the second stream, and the others go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO

from moderation.triage.blend import Suggestion, Triage

BATCH = 64
"""Comments that the model reads together."""
CHUNK = 1 << 16
LONGEST = 4 << 20
"""Bytes of one line. Nothing that a platform lets people write comes near."""


@dataclass(frozen=True)
class Asked:
    """One line as it was read."""

    id: str | int
    text: str
    official_account: str
    private: bool


def run(triage: Triage, incoming: BinaryIO, out: TextIO, errors: TextIO) -> int:
    """Answer line by line as they come. Returns how many lines could not be read."""
    bad = 0
    number = 0
    for lines in _batches(incoming):
        asked: list[Asked] = []
        for line in lines:
            number += 1
            if not line.strip():
                continue
            try:
                asked.append(_asked(line))
            except ValueError as error:
                bad += 1
                errors.write(json.dumps({"line": number, "error": str(error)}, ensure_ascii=True) + "\n")
        for one, suggestion in zip(asked, _answers(triage, asked), strict=True):
            out.write(json.dumps(as_data(one.id, suggestion), ensure_ascii=True) + "\n")
        out.flush()
    return bad


def as_data(asked_id: str | int, suggestion: Suggestion) -> dict[str, Any]:
    """One answer as it is written."""
    data: dict[str, Any] = {
        "id": asked_id,
        "category": suggestion.category,
        "priority": int(suggestion.priority),
        "risk": suggestion.risk,
        "categories": suggestion.categories,
        "findings": [
            {
                "rule": finding.rule,
                "category": str(finding.category),
                "priority": int(finding.priority),
                "sentence": finding.sentence,
            }
            for finding in suggestion.findings
        ],
        "language": suggestion.language,
        "version": suggestion.version,
    }
    if suggestion.without_model:
        data["without_model"] = suggestion.without_model
    return data


def _answers(triage: Triage, asked: list[Asked]) -> list[Suggestion]:
    return triage.judge(
        [one.text for one in asked],
        private=[one.private for one in asked],
        names=[one.official_account for one in asked],
    )


def _batches(incoming: BinaryIO) -> Iterator[list[bytes]]:
    """Whole lines as they arrive, BATCH at most: what waits in a pipe is answered before more is waited for."""
    rest = b""
    read = getattr(incoming, "read1", incoming.read)
    while chunk := read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from _cut(lines)
        if len(rest) > LONGEST:
            yield [rest[: LONGEST + 1]]
            rest = _skip_line(read)
    if rest:
        yield [rest]


def _skip_line(read: Any) -> bytes:
    while chunk := read(CHUNK):
        _, found, rest = chunk.partition(b"\n")
        if found:
            return rest
    return b""


def _cut(lines: list[bytes]) -> Iterable[list[bytes]]:
    return (lines[start : start + BATCH] for start in range(0, len(lines), BATCH))


def _asked(line: bytes) -> Asked:
    """Raises ValueError with a sentence for whoever wrote the line."""
    if len(line) > LONGEST:
        raise ValueError(f"The line is longer than {LONGEST} bytes.")
    try:
        given = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("The line is not UTF-8.") from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("The line is not JSON.") from None
    if not isinstance(given, dict):
        raise ValueError('The line is not an object such as {"id": "1", "text": "..."}.')
    asked_id, text = given.get("id"), given.get("text")
    if not isinstance(asked_id, str | int) or isinstance(asked_id, bool):
        raise ValueError("The object needs an id: text or a whole number.")
    if not isinstance(text, str):
        raise ValueError("The object needs a text.")
    account = given.get("official_account")
    if account is not None and not isinstance(account, str):
        raise ValueError("official_account is the name of the official account, as text.")
    return Asked(asked_id, text, account or "", given.get("private") is True)
