"""How well triage does on comments written and labelled apart from its examples: the table of docs/triage.md.

Recall is read at the risk above which a given share of the set's ordinary comments lies, as the desk would
choose it. `label` is a category; what is not high risk counts as ordinary. `group` names whom it is about.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.categories import HIGH_RISK, SURFACED, Category
from moderation.triage.blend import Suggestion, Triage

SHARES = (0.10, 0.05)
BATCH = 64
EVERYDAY = frozenset({"ordinary_talk", "policing_talk", "wide_ordinary", "wide_policing"})
"""Sets that read like an ordinary day; the other ordinary comments were written to mislead."""
POLICING = frozenset({"policing_talk", "wide_policing"})
LANES: dict[str, tuple[tuple[str, ...], float, float]] = {
    "Suicide and self-harm": (("suicide_self_harm", "wide_suicide"), 0.93, 0.97),
    "Threat to a person": (("threat_to_life", "wide_threat"), 0.95, 0.99),
    "Violence happening": (("violence_in_progress", "wide_violence"), 0.80, 0.90),
    "Hate: hostile words": (("hate_hostility", "wide_hate_hostility"), 0.75, 0.90),
    "Hate: reported": (("hate_incident", "wide_hate_incident"), 0.75, 0.90),
    "People in need": (("people_in_need", "wide_need"), 0.75, 0.90),
}
"""What the issue sets a target for: its sets, and the recall asked for before and after the desk has labelled."""


@dataclass(frozen=True)
class Case:
    """One comment of a set, with what its writer says it is."""

    set_name: str
    text: str
    label: str
    group: str = ""
    language: str = "en"

    @property
    def risky(self) -> bool:
        return self.label in HIGH_RISK


def cases(folder: Path) -> list[Case]:
    """Every line of every set. Raises OSError, or ValueError for a label that is no category."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                given = json.loads(line)
                Category(given["label"])
                found.append(
                    Case(
                        path.stem,
                        given["text"],
                        given["label"],
                        given.get("group", ""),
                        given.get("language", "en"),
                    )
                )
    return found


def judged(triage: Triage, given: Sequence[Case]) -> list[Suggestion]:
    """What triage says of each."""
    said: list[Suggestion] = []
    for start in range(0, len(given), BATCH):
        said += triage.judge([case.text for case in given[start : start + BATCH]])
    return said


def threshold(given: Sequence[Case], said: Sequence[Suggestion], share: float) -> float:
    """The risk above which that share of the ordinary comments lies, at most."""
    ordinary = sorted(
        (one.risk for case, one in zip(given, said, strict=True) if not case.risky), reverse=True
    )
    return ordinary[min(int(len(ordinary) * share), len(ordinary) - 1)] if ordinary else 1.0


def table(given: Sequence[Case], said: Sequence[Suggestion]) -> str:
    """The whole of it as Markdown."""
    at = [threshold(given, said, share) for share in SHARES]
    pairs = list(zip(given, said, strict=True))
    risky = [(case, one) for case, one in pairs if case.risky]
    plain = [(case, one) for case, one in pairs if not case.risky]
    parts = [
        f"{len(given):,} comments, {len(risky):,} of them high risk, judged by `{said[0].version}`.",
        "### Found, by set and category",
        _rows(
            ("set", "category", "comments", "at 10 % flagged", "at 5 % flagged", "priority 1 or 2"),
            [
                (name, Category(label).label, *_shares(rows, at))
                for (name, label), rows in _grouped(risky, lambda case: (case.set_name, case.label))
            ]
            + [("all", "all", *_shares(risky, at))],
        ),
        *_everyday(pairs, risky),
        "### Ordinary comments flagged, by set",
        _rows(
            ("set", "comments", "at 10 %", "at 5 %", "priority 1 or 2"),
            [(name, *_shares(rows, at)) for name, rows in _grouped(plain, lambda case: case.set_name)],
        ),
        "### By group of people named",
        "Found: hate against the group. Flagged: ordinary comments that name it, counter-speech among them.",
        _rows(
            ("group", "hate", "found at 10 %", "ordinary", "flagged at 10 %"),
            [
                (
                    group,
                    str(len(hate := [pair for pair in rows if pair[0].risky])),
                    _share(hate, at[0]),
                    str(len(other := [pair for pair in rows if not pair[0].risky])),
                    _share(other, at[0]),
                )
                for group, rows in _grouped(
                    [pair for pair in pairs if pair[0].group], lambda case: case.group
                )
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _everyday(pairs: Pairs, risky: Pairs) -> list[str]:
    """The same against an ordinary day alone, by high-risk set; nothing where no such set is given."""
    day = [pair for pair in pairs if pair[0].set_name in EVERYDAY]
    if not day:
        return []
    at = [threshold([case for case, _ in day], [one for _, one in day], share) for share in SHARES]
    return [
        "### Against the targets",
        "At the risk above which that share of the ordinary day lies; the target is the one for an unlabelled desk.",
        _rows(("what", "comments", "target", "at 10 % flagged", "at 5 % flagged"), _lanes(pairs, at)),
        "### Found where that share of an ordinary day is flagged",
        "The threshold from ordinary talk and talk about policing alone, without the sets written to mislead.",
        _rows(
            ("set", "comments", "at 10 % flagged", "at 5 % flagged"),
            [(name, *_shares(rows, at)[:3]) for name, rows in _grouped(risky, lambda case: case.set_name)]
            + [("all", *_shares(risky, at)[:3])],
        ),
    ]


def by_lane(given: Sequence[Case], said: Sequence[Suggestion], share: float) -> dict[str, float]:
    """Of each lane with a target: what is found where that share of the ordinary day's comments is flagged."""
    pairs = list(zip(given, said, strict=True))
    day = [pair for pair in pairs if pair[0].set_name in EVERYDAY]
    at = threshold([case for case, _ in day], [one for _, one in day], share)
    found = {}
    for title, (sets, *_) in LANES.items():
        of = [one.risk > at for case, one in pairs if case.set_name in sets]
        if of:
            found[title] = sum(of) / len(of)
    return found


def _lanes(pairs: Pairs, at: Sequence[float]) -> list[tuple[str, ...]]:
    rows, found = [], []
    for title, (sets, target, _) in LANES.items():
        of = [pair for pair in pairs if pair[0].set_name in sets]
        if of:
            rows.append((title, str(len(of)), f"{target:.0%}", *(_share(of, bound) for bound in at)))
            found.append([sum(one.risk > bound for _, one in of) / len(of) for bound in at])
    if found:
        mean = [f"{sum(column) / len(found):.0%}" for column in zip(*found, strict=True)]
        rows.append(("mean of these", "", "75% (65%)", *mean))
    policing = [pair for pair in pairs if pair[0].set_name in POLICING]
    if policing:
        flagged = (_share(policing, bound) for bound in at)
        rows.append(("talk about policing, flagged", str(len(policing)), "12% at most", *flagged))
    return rows


Pairs = list[tuple[Case, Suggestion]]


def _grouped(pairs, key):
    found = defaultdict(list)
    for case, one in pairs:
        found[key(case)].append((case, one))
    return sorted(found.items())


def _shares(rows: Pairs, at: Sequence[float]) -> tuple[str, ...]:
    surfaced = sum(one.priority <= SURFACED for _, one in rows)
    return (str(len(rows)), *(_share(rows, bound) for bound in at), f"{surfaced / max(len(rows), 1):.0%}")


def _share(rows: Pairs, bound: float) -> str:
    return f"{sum(one.risk > bound for _, one in rows) / len(rows):.0%}" if rows else "–"


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
