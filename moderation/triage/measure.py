"""How well triage finds what is grave, measured on the exercise scenarios' marked comments.

The scenarios are ours and the rules were worked on with them in sight: these figures find what
got worse between two versions. What unseen comments would give is measured elsewhere, on comments
that nobody who writes rules has read.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from moderation.categories import SURFACED
from moderation.triage.verdict import VERSION, judge

GRAVE = frozenset({"immediate", "high"})


@dataclass(frozen=True)
class Marked:
    """A comment with the truth that its writer gave it."""

    scenario: str
    key: str
    text: str
    private: bool
    category: str
    risk: str


@dataclass
class Figures:
    """What a set of marked comments says about this version of the rules."""

    version: str
    comments: int
    grave: int
    found: int
    ordinary: int
    false_alarms: int
    category_right: int
    by_category: dict[str, dict[str, int]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.grave if self.grave else 1.0

    @property
    def false_alarm_rate(self) -> float:
        return self.false_alarms / self.ordinary if self.ordinary else 0.0

    def as_data(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "recall": round(self.recall, 3),
            "false_alarm_rate": round(self.false_alarm_rate, 3),
        }


def marked_comments(folder: Path) -> list[Marked]:
    """Every comment of every scenario, edits left aside. Raises OSError or yaml.YAMLError."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
        found += [
            Marked(
                scenario=scenario["name"],
                key=line["key"],
                text=line["text"],
                private=bool(line.get("private")),
                category=line["category"],
                risk=line["risk"],
            )
            for line in scenario["comments"]
        ]
    return found


def measure(comments: list[Marked]) -> Figures:
    """Judge each comment and count."""
    figures = Figures(VERSION, len(comments), 0, 0, 0, 0, 0)
    for comment in comments:
        verdict = judge(comment.text, private=comment.private)
        surfaced = verdict.priority <= SURFACED
        row = figures.by_category.setdefault(
            comment.category, {"grave": 0, "found": 0, "ordinary": 0, "false_alarms": 0}
        )
        if comment.risk in GRAVE:
            figures.grave += 1
            figures.found += surfaced
            row["grave"] += 1
            row["found"] += surfaced
            if not surfaced:
                figures.missed.append(f"{comment.scenario} {comment.key}")
        else:
            figures.ordinary += 1
            figures.false_alarms += surfaced
            row["ordinary"] += 1
            row["false_alarms"] += surfaced
        figures.category_right += verdict.category == comment.category
    return figures


def speed(comments: list[Marked], *, at_least_s: float = 2.0) -> float:
    """Comments judged per second of one core's time."""
    for comment in comments[:50]:
        judge(comment.text, private=comment.private)
    started, judged = time.process_time(), 0
    while time.process_time() - started < at_least_s:
        for comment in comments:
            judge(comment.text, private=comment.private)
        judged += len(comments)
    return judged / (time.process_time() - started)
