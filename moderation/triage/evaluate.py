"""How well triage does on comments written and labelled apart from its examples: the table of docs/triage.md.

Recall is read at the risk above which a given share of the set's ordinary comments lies, as the desk would
choose it. `label` is a category; what is not high risk counts as ordinary. `group` names whom it is about.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.categories import HIGH_RISK, SURFACED, Category
from moderation.triage.blend import Suggestion, Triage
from moderation.triage.exemplars import LONGEST, Exemplar

SHARES = (0.10, 0.05)
BATCH = 64
POLICING = frozenset({"policing_talk", "wide_policing", "blind_policing", "blind_two_policing"})
EVERYDAY = POLICING | {"ordinary_talk", "wide_ordinary", "blind_ordinary", "blind_two_ordinary"}
"""Sets that read like an ordinary day; the other ordinary comments were written to mislead."""
BLIND = "blind_"
"""How the names of sets begin whose writer had seen neither rules nor examples nor any other set."""


@dataclass(frozen=True)
class Lane:
    """What the issue sets a target for: its sets, and the recall asked for before and after the desk has labelled."""

    sets: tuple[str, ...]
    before: float
    after: float


LANES = {
    "Suicide and self-harm": Lane(
        ("suicide_self_harm", "wide_suicide", "blind_suicide", "blind_two_suicide"), 0.93, 0.97
    ),
    "Threat to a person": Lane(
        ("threat_to_life", "wide_threat", "blind_threat", "blind_two_threat"), 0.95, 0.99
    ),
    "Violence happening": Lane(
        ("violence_in_progress", "wide_violence", "blind_violence", "blind_two_violence"), 0.80, 0.90
    ),
    "Hate: hostile words": Lane(
        ("hate_hostility", "wide_hate_hostility", "blind_hate_hostile", "blind_two_hate_hostile"), 0.75, 0.90
    ),
    "Hate: reported": Lane(
        ("hate_incident", "wide_hate_incident", "blind_hate_reported", "blind_two_hate_reported"), 0.75, 0.90
    ),
    "People in need": Lane(("people_in_need", "wide_need", "blind_need", "blind_two_need"), 0.75, 0.90),
}
ALL_LANES = {"before": "75% (65%)", "after": "90% (82%)"}
POLICING_MOST = {"before": "12% at most", "after": "8% at most"}


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


def judged_after_labels(
    taught: Callable[[Sequence[Exemplar]], Triage], given: Sequence[Case], most: int
) -> tuple[list[Suggestion], int]:
    """What triage says of each once the desk has labelled others of the same kind, and how many it had.

    Every second comment of a set is held back while triage learns from the rest, then the other way round, so each
    is judged by a version that has not seen it. most: labels of one category at a time.
    """
    place: Counter[str] = Counter()
    sides: list[int] = []
    for case in given:
        sides.append(place[case.set_name] % 2)
        place[case.set_name] += 1
    said: dict[int, Suggestion] = {}
    labels = 0
    for side in (0, 1):
        learnt = labels_of([case for case, at in zip(given, sides, strict=True) if at != side], most)
        labels = max(labels, len(learnt))
        held_back = [number for number, at in enumerate(sides) if at == side]
        said.update(
            zip(held_back, judged(taught(learnt), [given[number] for number in held_back]), strict=True)
        )
    return [said[number] for number in range(len(given))], labels


def labels_of(given: Sequence[Case], most: int) -> list[Exemplar]:
    """So many of each category at most, as the desk would label them: without regard to which set they are of."""
    taken: Counter[str] = Counter()
    found = []
    for case in sorted(given, key=lambda case: zlib.crc32(case.text.encode())):
        if taken[case.label] < most:
            taken[case.label] += 1
            found.append(Exemplar(case.text[:LONGEST], case.label, taught=True))
    return found


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
    at = _day(pairs)
    if not at:
        return []
    return [
        "### Against the targets",
        "At the risk above which that share of the ordinary day lies; the target is the one for an unlabelled desk.",
        _rows(LANE_HEAD, _lanes(pairs, "before")),
        *_blind(pairs, "before"),
        "### Found where that share of an ordinary day is flagged",
        "The threshold from ordinary talk and talk about policing alone, without the sets written to mislead.",
        _rows(
            ("set", "comments", "at 10 % flagged", "at 5 % flagged"),
            [(name, *_shares(rows, at)[:3]) for name, rows in _grouped(risky, lambda case: case.set_name)]
            + [("all", *_shares(risky, at)[:3])],
        ),
    ]


LANE_HEAD = ("what", "comments", "target", "at 10 % flagged", "at 5 % flagged")


def table_after_labels(given: Sequence[Case], said: Sequence[Suggestion], labels: int, most: int) -> str:
    """The same against the targets for a desk that has labelled. said: of `judged_after_labels`."""
    pairs = list(zip(given, said, strict=True))
    parts = [
        "### After labels",
        f"Every second comment held back, learnt from the others and the other way round: at most {most} labels of a "
        f"category, {labels} in all, as people's corrections weigh in `manage.py triage learn`.",
        _rows(LANE_HEAD, _lanes(pairs, "after")),
        *_blind(pairs, "after"),
    ]
    return "\n\n".join(parts) + "\n"


def _blind(pairs: Pairs, when: str) -> list[str]:
    """The lanes by the blind sets alone, at thresholds of their own; nothing where there are none."""
    rows = _lanes([pair for pair in pairs if pair[0].set_name.startswith(BLIND)], when)
    return (
        [
            "The blind sets alone, whose writer had seen neither rules nor examples nor any other set:",
            _rows(LANE_HEAD, rows),
        ]
        if rows
        else []
    )


def by_lane(given: Sequence[Case], said: Sequence[Suggestion], share: float) -> dict[str, float]:
    """Of each lane with a target: what is found where that share of the ordinary day's comments is flagged."""
    pairs = list(zip(given, said, strict=True))
    day = [pair for pair in pairs if pair[0].set_name in EVERYDAY]
    at = threshold([case for case, _ in day], [one for _, one in day], share)
    found = {}
    for title, lane in LANES.items():
        of = [one.risk > at for case, one in pairs if case.set_name in lane.sets]
        if of:
            found[title] = sum(of) / len(of)
    return found


def _lanes(pairs: Pairs, when: str) -> list[tuple[str, ...]]:
    """Rows of what is found, at the risk above which a share of these pairs' own ordinary day lies."""
    at = _day(pairs)
    rows, found = [], []
    for title, lane in LANES.items():
        of = [pair for pair in pairs if pair[0].set_name in lane.sets]
        if of and at:
            target = lane.before if when == "before" else lane.after
            rows.append((title, str(len(of)), f"{target:.0%}", *(_share(of, bound) for bound in at)))
            found.append([sum(one.risk > bound for _, one in of) / len(of) for bound in at])
    if found:
        mean = [f"{sum(column) / len(found):.0%}" for column in zip(*found, strict=True)]
        rows.append(("mean of these", "", ALL_LANES[when], *mean))
    policing = [pair for pair in pairs if pair[0].set_name in POLICING]
    if policing and at:
        flagged = (_share(policing, bound) for bound in at)
        rows.append(("talk about policing, flagged", str(len(policing)), POLICING_MOST[when], *flagged))
    return rows


def _day(pairs: Pairs) -> list[float]:
    """The risks above which the shares of the ordinary day lie; none where there is no such set."""
    day = [pair for pair in pairs if pair[0].set_name in EVERYDAY]
    return (
        [threshold([case for case, _ in day], [one for _, one in day], share) for share in SHARES]
        if day
        else []
    )


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
