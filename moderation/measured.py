"""How well triage, as it ships, finds what is grave in comments it was not made from.

The comments are those of tests/triage/evaluation, written and labelled apart from rules and exemplars.
`manage.py triage_figures --write` measures them and keeps the figures beside this file; the pages that
explain triage show the kept ones and say so where another version is live by now.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from moderation.categories import SURFACED, Category
from moderation.triage.evaluate import Case

KEPT = Path(__file__).parent / "measured.json"

GRAVE = {
    "suicide_self_harm": "Suicide and self-harm",
    "wide_suicide": "Suicide and self-harm, as forums and other countries write it",
    "blind_suicide": "Suicide and self-harm, by another writer",
    "blind_two_suicide": "Suicide and self-harm, hard ones, by a third writer",
    "threat_to_life": "Threats to a person",
    "wide_threat": "Threats as readers of news sites write them",
    "blind_threat": "Threats to a person, by another writer",
    "blind_two_threat": "Threats to a person, hard ones, by a third writer",
    "violence_in_progress": "Violence happening now",
    "wide_violence": "Violence happening, in short posts",
    "blind_violence": "Violence happening, told by bystanders, by another writer",
    "blind_two_violence": "Violence happening, told by bystanders, hard ones, by a third writer",
    "hate_hostility": "Hate: hostile words about a group",
    "wide_hate_hostility": "Hate: hostile words, blunt ones",
    "blind_hate_hostile": "Hate: hostile words, by another writer",
    "blind_two_hate_hostile": "Hate: hostile words, hard ones, by a third writer",
    "hate_incident": "Hate: reported by those it was aimed at",
    "wide_hate_incident": "Hate: reported, in other voices",
    "blind_hate_reported": "Hate: reported, by another writer",
    "blind_two_hate_reported": "Hate: reported, hard ones, by a third writer",
    "people_in_need": "People in need: missing, abused, children, vulnerable, hurt",
    "wide_need": "People in need, disasters among it",
    "blind_need": "People in need, by another writer",
    "blind_two_need": "People in need, hard ones, by a third writer",
    "other_high_risk": "Terrorism, stalking, wrongly named, incitement, operations exposed",
}
"""File of comments that ought to be found, and its title. Another writer: one who knew neither the other sets nor the examples."""
CALM = {
    "policing_talk": "Talk about policing, complaints among it",
    "identity_mentions": "Comments that mention a group of people",
    "figurative_and_past": "Figures of speech, news, lyrics, banter, the past",
    "long_and_hard": "Look-alikes and longer comments",
    "ordinary_talk": "Ordinary talk",
    "wide_policing": "Talk about policing, in other voices",
    "blind_policing": "Talk about policing, by another writer",
    "blind_two_policing": "Talk about policing, hard ones, by a third writer",
    "wide_ordinary": "Ordinary talk as on forums, under news and in posts",
    "blind_ordinary": "Ordinary talk, by another writer",
    "blind_two_ordinary": "Ordinary talk, hard ones, by a third writer",
}
"""File of comments that ought not to be, and its title."""
GROUP_FROM = 5
"""Comments from which a share of one group is worth showing."""


def take(comments: Sequence[Case], priorities: Sequence[int], *, version: str, on: date) -> dict[str, Any]:
    """Count what was found and what was flagged for nothing. priorities: what each comment was given."""
    judged = [(one, priority <= SURFACED) for one, priority in zip(comments, priorities, strict=True)]
    grave = [(one, found) for one, found in judged if one.risky]
    calm = [(one, found) for one, found in judged if not one.risky]
    groups = sorted({one.group for one, _ in calm if one.group})
    labels = sorted({one.label for one, _ in grave})
    return {
        "version": version,
        "measured_on": on.isoformat(),
        "grave": _share(grave),
        "calm": _share(calm),
        "grave_sets": [
            {"title": title, **_share([p for p in grave if p[0].set_name == name])}
            for name, title in GRAVE.items()
        ],
        "calm_sets": [
            {"title": title, **_share([p for p in calm if p[0].set_name == name])}
            for name, title in CALM.items()
        ],
        "categories": [
            {"title": Category(label).label, **_share([p for p in grave if p[0].label == label])}
            for label in labels
        ],
        "groups": [
            {"title": group.replace("_", " "), **shared}
            for group in groups
            if (shared := _share([p for p in calm if p[0].group == group]))["comments"] >= GROUP_FROM
        ],
        "other_languages": _share([p for p in grave if p[0].language != "en"]),
    }


def _share(pairs: list[tuple[Case, bool]]) -> dict[str, Any]:
    flagged = sum(found for _, found in pairs)
    return {
        "comments": len(pairs),
        "flagged": flagged,
        "share": round(flagged / len(pairs), 3) if pairs else 0.0,
    }


@cache
def kept() -> dict[str, Any] | None:
    """The figures last written, None where none are."""
    try:
        return json.loads(KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write(figures: dict[str, Any]) -> None:
    """Keep them beside the rules that they speak of."""
    KEPT.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    kept.cache_clear()
