"""What a new version would change: before and after, on what people labelled and on what came lately.

Pure functions over what two versions say; the numbers are counts, with shares where they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from moderation.categories import HIGH_RISK, SURFACED
from moderation.triage.blend import Suggestion
from moderation.triage.exemplars import group_names

EXAMPLES = 40
"""Comments that a report names, the most changed first."""


@dataclass(frozen=True)
class Seen:
    """One comment with the truth, where a person told it."""

    comment_id: int
    text: str
    category: str = ""
    priority: int = 0


def labelled(
    seen: Sequence[Seen], before: Sequence[Suggestion], after: Sequence[Suggestion]
) -> dict[str, Any]:
    """Per category and per group named in the words: how many were of it, and how many each version surfaced."""
    categories: dict[str, dict[str, int]] = {}
    groups: dict[str, dict[str, int]] = {}
    for one, was, now in zip(seen, before, after, strict=True):
        risky = one.category in HIGH_RISK
        row = categories.setdefault(one.category, {"labelled": 0, "before": 0, "after": 0})
        row["labelled"] += 1
        if risky:
            row["before"] += was.priority <= SURFACED
            row["after"] += now.priority <= SURFACED
        else:
            row["before"] += was.category == one.category
            row["after"] += now.category == one.category
        if not risky:
            for group in groups_named(one.text):
                row = groups.setdefault(group, {"ordinary": 0, "before": 0, "after": 0})
                row["ordinary"] += 1
                row["before"] += was.priority <= SURFACED
                row["after"] += now.priority <= SURFACED
    return {"categories": categories, "groups": groups}


def changes(
    seen: Sequence[Seen], before: Sequence[Suggestion], after: Sequence[Suggestion]
) -> dict[str, Any]:
    """What a dry run shows: how many comments would stand otherwise, and which the most."""
    higher = lower = renamed = 0
    surfaced_before = surfaced_after = 0
    changed: list[tuple[float, dict[str, Any]]] = []
    for one, was, now in zip(seen, before, after, strict=True):
        surfaced_before += was.priority <= SURFACED
        surfaced_after += now.priority <= SURFACED
        higher += now.priority < was.priority
        lower += now.priority > was.priority
        renamed += now.category != was.category and now.priority == was.priority
        if (now.priority, now.category) != (was.priority, was.category):
            changed.append(
                (
                    abs(now.priority - was.priority) + abs(now.risk - was.risk),
                    {
                        "comment": one.comment_id,
                        "was": [was.category, int(was.priority), round(was.risk, 3)],
                        "now": [now.category, int(now.priority), round(now.risk, 3)],
                        "because": now.findings[0].rule if now.findings else "",
                    },
                )
            )
    changed.sort(key=lambda pair: -pair[0])
    return {
        "comments": len(seen),
        "higher": higher,
        "lower": lower,
        "renamed": renamed,
        "surfaced_before": surfaced_before,
        "surfaced_after": surfaced_after,
        "examples": [row for _, row in changed[:EXAMPLES]],
    }


def groups_named(text: str) -> list[str]:
    """The groups of people, of those that identities.yaml lists, that the words name."""
    return sorted({found.casefold() for found in _groups().findall(text)})


@cache
def _groups() -> re.Pattern[str]:
    names = sorted(group_names(), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b", re.IGNORECASE)
