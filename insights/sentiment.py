"""How words sound: pleased, displeased or neither, as far as software can tell. A display aid; nothing is decided by it.

Each text is laid beside examples that were written for it (data/sentiment.yaml) with the sentence encoder of triage; the
class whose three nearest examples are nearer wins, and where two are close it is neither. It knows no irony, and what
sounds displeased may be fear, grief or a report of a crime. `manage.py sentiment --write` measures it on texts written
apart from the examples (tests/insights/sentiment.yaml) and keeps the figures that every page shows beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from moderation.triage.encoder import encoder

DATA = Path(__file__).parent / "data"
KEPT = DATA / "sentiment_measured.json"
NEAREST = 3
CLEAR_BY = 0.02
"""By so much the nearest class has to be nearer than neither, or it is neither."""


class Sound(StrEnum):
    PLEASED = "pleased"
    NEUTRAL = "neutral"
    DISPLEASED = "displeased"


def sound(texts: Sequence[str]) -> list[Sound]:
    """How each sounds. Raises EncoderMissing."""
    if not texts:
        return []
    vectors = encoder().encode(list(texts))
    names, examples = _examples()
    scores = np.stack(
        [np.sort(vectors @ rows.T, axis=1)[:, -NEAREST:].mean(axis=1) for rows in examples], axis=1
    )
    neutral = names.index(Sound.NEUTRAL)
    best = scores.argmax(axis=1)
    clear = scores[np.arange(len(texts)), best] - scores[:, neutral] >= CLEAR_BY
    return [names[b] if ok else Sound.NEUTRAL for b, ok in zip(best, clear, strict=True)]


@cache
def _examples() -> tuple[list[Sound], list[np.ndarray]]:
    rows = yaml.safe_load((DATA / "sentiment.yaml").read_text(encoding="utf-8"))
    names = list(Sound)
    return names, [encoder().encode(rows[str(name)]) for name in names]


# Measured


def measure(path: Path, *, on: date) -> dict[str, Any]:
    """Right and wrong on texts that were written apart, class by class. Raises EncoderMissing, OSError."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    pairs = [(Sound(name), text) for name, texts in rows.items() for text in texts]
    said = sound([text for _, text in pairs])
    classes = {}
    for name in Sound:
        of = [got for (true, _), got in zip(pairs, said, strict=True) if true == name]
        called = [true for (true, _), got in zip(pairs, said, strict=True) if got == name]
        classes[str(name)] = {
            "texts": len(of),
            "found": sum(got == name for got in of),
            "called_so": len(called),
            "rightly": sum(true == name for true in called),
        }
    right = sum(true == got for (true, _), got in zip(pairs, said, strict=True))
    return {
        "measured_on": on.isoformat(),
        "texts": len(pairs),
        "right": right,
        "share": round(right / len(pairs), 3) if pairs else 0.0,
        "classes": classes,
    }


@cache
def kept() -> dict[str, Any] | None:
    """The figures last written; None where none are: then nothing is shown of how anything sounds."""
    try:
        return json.loads(KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write(figures: dict[str, Any]) -> None:
    """Keep them beside the examples that they speak of."""
    KEPT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    kept.cache_clear()
