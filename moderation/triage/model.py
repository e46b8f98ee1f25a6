"""The exemplar model: how like each category's exemplars a text is, against the ordinary comments of every day.

Two voices per category, each measured in standard deviations of ordinary comments: its nearest exemplars
(log-sum-exp over cosine), and a one-vs-rest logistic regression on all exemplars. One more regression tells
all high-risk categories from all else. The regressions weigh where a text points, what stood out at any of its words,
its words, the rules that fired, and how near it is to each text they were made from: what is danger only in
combination ("the dog will need a home") is in no single direction. It ranks with reasons; it decides nothing.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from moderation.categories import HIGH_RISK, Category
from moderation.triage import features, language
from moderation.triage.encoder import PEAKS, WIDTH, Encoder
from moderation.triage.exemplars import Exemplar, Lessons
from moderation.triage.text import plain
from moderation.triage.verdict import Verdict, judge

CATEGORIES = tuple(str(category) for category in Category if category != Category.NONE)
HIGH = np.array([category in HIGH_RISK for category in CATEGORIES])
HATE = CATEGORIES.index(Category.HATE_CRIME)
GRAVE = len(CATEGORIES)
"""The column of the regression that tells high risk from all else."""
SHARP = 20.0
"""How far the nearest exemplar outweighs the next in the log-sum-exp."""
LOOSE = 5.0
"""Inverse of the regressions' penalty."""
NEARBY, NARROW = 4.0, 6.0
"""How loud nearness to single texts is in the regressions beside the direction, and how soon it fades with the angle."""
STANDING_OUT = 1.0
"""How loud what stood out at any word is."""
TAUGHT_MOST, TAUGHT_SHARE = 6.0, 0.5
"""What people taught weighs so many times what ships, or so much of all that ships together where that is less."""
ROUNDS, CLOSE_ENOUGH = 80, 1e-3
INVERTED_WHOLE = 1_000
"""Rows of a matrix that is small enough for numpy to invert."""
LEAST_SPREAD = 1e-3
LEAST_ORDINARY = 50
"""Ordinary comments that a model is measured against, at least."""
SILENT = -9.0
"""The score of a category that is switched off."""
AS_A_WHOLE, AS_ITS_LIKEST = 4 / 3, 2 / 3
"""Weights of high risk as a whole and of the likeliest high-risk category, fitted on the development halves."""
BY_THE_NEAREST = 0.25
"""How much of the likeliest category the nearest exemplars say, and the regression the rest: names of groups of people
alone bring a comment near to hate. In what is shown, both count alike."""
PER_WINDOW = 0.9
"""The worst of many windows is worse by chance alone; so much is taken off per e-fold of windows."""
WATCHED, RAISED, SURFACED, SURE = 0.05, 0.10, 0.03, 0.01
"""Shares of ordinary comments above which risk is one half, a comment is raised to routine, to high where a rule
speaks for it too, and to high by the model alone."""
SURFACED_ABROAD, ABROAD_LEAST = 0.25, 40
"""The share of ordinary comments in other languages above which one of them is raised to high, and of how many at least
it is taken: nobody has read them, so more are looked at in vain than of those in English."""
FORMAT = 2


@dataclass(frozen=True)
class Scores:
    """What the model says of one comment, in windows the worst of them."""

    categories: np.ndarray
    """Per category of CATEGORIES: standard deviations above an ordinary comment, both voices together."""
    likely: list[float]
    """The same between 0 and 1, as it is shown."""
    grave: float
    """Standard deviations above an ordinary comment of high risk as a whole."""
    nearest: np.ndarray
    """Per category: the number of its nearest exemplar in the model, -1 where there is none."""
    likeness: np.ndarray
    """Per category: the cosine to it."""
    raw: float
    """High risk as a whole and its likeliest category together: what the ranking goes by."""


@dataclass
class Model:
    """Made by `train`, kept as bytes, the same wherever it is read."""

    directions: np.ndarray
    """Of each exemplar, then of each ordinary and neutral comment, one row of length 1."""
    texts: list[str]
    """Of the exemplars."""
    of_category: np.ndarray
    """Of each exemplar: the place of its category in CATEGORIES."""
    counter: np.ndarray
    duals: np.ndarray
    """How nearness to each of `directions` counts in the regressions."""
    weights: np.ndarray
    """(encoder's width + peaks + hashed words + hashed rules, categories + grave)"""
    bias: np.ndarray
    peaks: np.ndarray
    """What peaks are in all it was made from: rows mean, spread."""
    mean: np.ndarray
    spread: np.ndarray
    """Of ordinary comments: rows nearest exemplars, regression; columns categories, grave."""
    digest: str
    thresholds: dict[str, float]
    off: frozenset[str]

    @property
    def version(self) -> str:
        """A name that changes with anything it was made from."""
        return f"model-{self.digest[:10]}"

    @cached_property
    def _members(self) -> list[np.ndarray]:
        """Of each category: the numbers of its exemplars."""
        return [
            np.flatnonzero((self.of_category == place) & ~self.counter) for place in range(len(CATEGORIES))
        ]

    # Scoring

    def score(self, encoder: Encoder, texts: Sequence[str], verdicts: Sequence[Verdict]) -> list[Scores]:
        """Score comments, the long ones window by window. verdicts: what the rules said of each."""
        windows = [features.windows(text) or [""] for text in texts]
        flat = [window for group in windows for window in group]
        directions, peaks = encoder.read(flat)
        owner = np.repeat(np.arange(len(texts)), [len(group) for group in windows])
        hashed = [features.hashed(plain(window)) for window in flat]
        rules = [features.fired(verdict.findings) for verdict in verdicts]
        cosine = directions @ self.directions.T
        nearest, who, like = self._nearest(cosine)
        told = self._regress(directions, peaks, hashed, [rules[number] for number in owner])
        told += _nearby(cosine) @ self.duals
        both, grave, raw = self._standard(nearest, told)
        if len(flat) == len(texts):
            kept = zip(both, _likely(both), grave.tolist(), who, like, raw.tolist(), strict=True)
            return [Scores(*one) for one in kept]
        answer = []
        columns = np.arange(len(CATEGORIES))
        for number in range(len(texts)):
            rows = np.flatnonzero(owner == number)
            best = rows[both[rows].argmax(axis=0)]
            answer.append(
                Scores(
                    both[best, columns],
                    _likely(both[best, columns]),
                    float(grave[rows].max()),
                    who[best, columns],
                    like[best, columns],
                    float(raw[rows].max() - PER_WINDOW * np.log(len(rows))),
                )
            )
        return answer

    def _nearest(self, cosine: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        shape = (len(cosine), len(CATEGORIES))
        voice, who = np.full(shape, -1.0), np.full(shape, -1, dtype=np.int64)
        like = np.zeros(shape)
        for place, members in enumerate(self._members):
            if len(members) == 0:
                continue
            near = cosine[:, members]
            voice[:, place] = _soft_most(near)
            best = near.argmax(axis=1)
            who[:, place] = members[best]
            like[:, place] = near[np.arange(len(near)), best]
        return voice, who, like

    def _regress(
        self,
        directions: np.ndarray,
        peaks: np.ndarray,
        hashed: Sequence[np.ndarray],
        rules: Sequence[np.ndarray],
    ) -> np.ndarray:
        width = WIDTH + PEAKS
        told = directions @ self.weights[:WIDTH] + self.bias
        told += _standing_out(peaks, self.peaks) @ self.weights[WIDTH:width]
        told += _sums(self.weights, width, hashed) / np.sqrt([[max(len(places), 1)] for places in hashed])
        told += features.RULE_WEIGHT * _sums(self.weights, width + features.WORDS, rules)
        return told

    def _standard(self, nearest: np.ndarray, told: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Both voices per category together, high risk as a whole, and what the ranking goes by."""
        columns = len(CATEGORIES)
        near = (nearest - self.mean[0, :columns]) / self.spread[0, :columns]
        told = (told - self.mean[1]) / self.spread[1]
        said, grave = told[:, :columns], told[:, GRAVE]
        off = [category in self.off for category in CATEGORIES]
        both = (near + said) / 2
        ranked = BY_THE_NEAREST * near + (1 - BY_THE_NEAREST) * said
        both[:, off] = ranked[:, off] = SILENT
        return both, grave, AS_A_WHOLE * grave + AS_ITS_LIKEST * ranked[:, HIGH].max(axis=1)

    def risk(self, raw: float) -> float:
        """0 to 1, comparable across comments: one half is where `WATCHED` of ordinary comments lie above."""
        middle, watched = self.thresholds["middle"], self.thresholds["watched"]
        steps = 2 * (raw - watched) / max(watched - middle, LEAST_SPREAD)
        return 1 / (1 + math.exp(-min(max(steps, -30.0), 30.0)))

    def alerts_from(self, *, seconded: bool, tongue: str = "") -> float:
        """The raw score from which the model calls a comment high. seconded: a rule speaks for it too.

        tongue: of moderation.triage.language; each is measured against ordinary comments of its own.
        """
        surfaced = self.thresholds["surfaced"]
        sure = max(surfaced, self.thresholds.get("sure", surfaced))
        if tongue:
            return self.thresholds.get(tongue, sure)
        return surfaced if seconded else sure

    # Keeping

    def as_bytes(self) -> bytes:
        """For a file or a column; read again by `from_bytes`. Holds numbers and the exemplars' own words only."""
        kept = io.BytesIO()
        said = {
            "format": FORMAT,
            "texts": self.texts,
            "digest": self.digest,
            "thresholds": self.thresholds,
            "off": sorted(self.off),
            "categories": CATEGORIES,
        }
        np.savez_compressed(
            kept,
            said=np.frombuffer(json.dumps(said).encode(), dtype=np.uint8),
            directions=self.directions.astype(np.float16),
            of_category=self.of_category.astype(np.int16),
            counter=self.counter,
            duals=self.duals.astype(np.float16),
            peaks=self.peaks.astype(np.float32),
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
            mean=self.mean.astype(np.float32),
            spread=self.spread.astype(np.float32),
        )
        return kept.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Model:
        """Raises ValueError where the bytes are no model of this shape."""
        try:
            with np.load(io.BytesIO(kept), allow_pickle=False) as file:
                said: dict[str, Any] = json.loads(file["said"].tobytes())
                if said["format"] != FORMAT or tuple(said["categories"]) != CATEGORIES:
                    raise ValueError("a model of another shape")
                return cls(
                    directions=file["directions"].astype(np.float32),
                    texts=list(said["texts"]),
                    of_category=file["of_category"].astype(np.int64),
                    counter=file["counter"].astype(bool),
                    duals=file["duals"].astype(np.float32),
                    peaks=file["peaks"],
                    weights=file["weights"].astype(np.float32),
                    bias=file["bias"],
                    mean=file["mean"],
                    spread=file["spread"],
                    digest=said["digest"],
                    thresholds=said["thresholds"],
                    off=frozenset(said["off"]),
                )
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, json.JSONDecodeError) as error:
            raise ValueError("no model") from error


def _likely(both: np.ndarray) -> list[Any]:
    return (1 / (1 + np.exp(-1.5 * (both - 1.5)))).round(3).tolist()


def _nearby(cosine: np.ndarray) -> np.ndarray:
    near = NARROW * (cosine - 1)
    return NEARBY * np.exp(near, out=near)


def _sums(weights: np.ndarray, first: int, places: Sequence[np.ndarray]) -> np.ndarray:
    """Of each row: the sum of the weights at its places, counted from `first`."""
    sums = np.zeros((len(places), weights.shape[1]), dtype=weights.dtype)
    sizes = np.array([len(one) for one in places])
    filled = np.flatnonzero(sizes)
    if len(filled):
        starts = np.cumsum(sizes[filled]) - sizes[filled]
        sums[filled] = np.add.reduceat(weights[first + np.concatenate(places)], starts, axis=0)
    return sums


def _standing_out(peaks: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """What stood out beyond the usual, as rows of one length."""
    beyond = (peaks - usual[0]) / usual[1]
    return (
        np.sqrt(STANDING_OUT)
        * beyond
        / np.maximum(np.linalg.norm(beyond, axis=1, keepdims=True), LEAST_SPREAD)
    )


def _soft_most(near: np.ndarray) -> np.ndarray:
    top = near.max(axis=1)
    return top + np.log(np.exp(SHARP * (near - top[:, None])).sum(axis=1)) / SHARP


# Making


def train(encoder: Encoder, lessons: Lessons, *, digest: str = "") -> Model:
    """Make a model. Takes about a minute of one core and 3 GB of memory for what ships.

    Ordinary comments stand for what the desk sees all day: they are negatives of every category, and each
    category is measured against them, every one judged by a model that has not seen it (leave-one-out).
    Raises ValueError where there is too little to learn from.
    """
    said_of_groups = [Exemplar(text, Category.HATE_CRIME) for text in lessons.hateful]
    examples = [one for one in dict.fromkeys([*lessons.exemplars, *said_of_groups]) if one.text.strip()]
    ordinary = list(dict.fromkeys(text for text in lessons.ordinary if text.strip()))
    if len(examples) - len(said_of_groups) < 20 or len(ordinary) < LEAST_ORDINARY:
        raise ValueError("A model needs at least 20 exemplars and 50 ordinary comments.")
    texts = [*(one.text for one in examples), *ordinary, *lessons.neutral]
    read = [features.spoken(text) for text in texts]
    directions, peaks = encoder.read(read)
    usual = np.stack([peaks.mean(axis=0), peaks.std(axis=0) + LEAST_SPREAD])
    spread_out, tongues = _words_rules_and_tongues(texts, read)
    told_by = np.hstack([directions, _standing_out(peaks, usual), spread_out], dtype=np.float32)
    del spread_out, peaks
    day = slice(len(examples), len(examples) + len(ordinary))
    named = slice(day.stop, len(texts))
    cosine = directions @ directions.T
    of_day, of_named = cosine[day].copy(), cosine[named].copy()
    kernel = told_by @ told_by.T
    kernel += 1
    kernel += _nearby(cosine)
    del cosine  # thousands of texts squared: each such table is some hundred megabytes
    duals, held_out = _regressions(kernel, _truth(examples, len(texts)), _weights(examples, len(texts)))
    del kernel
    of_category = np.array(
        [CATEGORIES.index(one.category) if one.category in CATEGORIES else -1 for one in examples]
    )
    model = Model(
        directions=directions,
        texts=[one.text for one in examples],
        of_category=of_category,
        counter=np.array([one.counter for one in examples]),
        duals=duals,
        weights=told_by.T @ duals,
        bias=duals.sum(axis=0),
        peaks=usual,
        mean=np.zeros((2, len(CATEGORIES) + 1)),
        spread=np.ones((2, len(CATEGORIES) + 1)),
        digest=digest or lessons.digest,
        thresholds={},
        off=lessons.off,
    )
    near, _, _ = model._nearest(of_day)
    near_named, _, _ = model._nearest(of_named)
    hate_of_named = (near_named[:, HATE], held_out[named][:, HATE])
    _measure(model, near, held_out[day], tongues[day], hate_of_named if lessons.neutral else ())
    return model


def _words_rules_and_tongues(texts: Sequence[str], read: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Of each text: its hashed words and the rules that fired, and how the model stands to its language."""
    spread_out = np.zeros((len(texts), features.WORDS + features.RULES), dtype=np.float32)
    tongues = np.full(len(texts), language.ENGLISH, dtype=object)
    for row, text in enumerate(texts):
        places = features.hashed(plain(read[row]))
        if len(places):
            spread_out[row, places] = 1 / np.sqrt(len(places))
        findings = judge(text).findings
        spread_out[row, features.WORDS + features.fired(findings)] = features.RULE_WEIGHT
        tongues[row] = language.tongue(*language.heard(text, findings))
    return spread_out, tongues


def _measure(
    model: Model,
    near: np.ndarray,
    said: np.ndarray,
    tongues: np.ndarray,
    hate_of_named: Sequence[np.ndarray],
) -> None:
    """The model's measures are taken on ordinary comments: near and said of each by its two voices.

    hate_of_named: of each voice, what it says of hate in comments that name a group and mean no harm.
    """
    english = tongues == language.ENGLISH
    if english.sum() < LEAST_ORDINARY:
        english[:] = True
    for voice, values in enumerate((near[english], said[english])):
        width = values.shape[1]
        model.mean[voice, :width] = values.mean(axis=0)
        model.spread[voice, :width] = np.maximum(values.std(axis=0), LEAST_SPREAD)
    for voice, values in enumerate(hate_of_named):
        # Hate has a lane of its own.
        if values.mean() > model.mean[voice, HATE]:
            model.mean[voice, HATE] = (model.mean[voice, HATE] + values.mean()) / 2
            model.spread[voice, HATE] = max(model.spread[voice, HATE], values.std())
    _, _, raw = model._standard(near, said)
    shares = {"middle": 0.5, "watched": WATCHED, "raised": RAISED, "surfaced": SURFACED, "sure": SURE}
    model.thresholds = {name: float(np.quantile(raw[english], 1 - share)) for name, share in shares.items()}
    for tongue in (language.UNDERSTOOD, language.UNREAD):
        abroad = raw[tongues == tongue]
        if len(abroad) >= ABROAD_LEAST:
            model.thresholds[tongue] = float(np.quantile(abroad, 1 - SURFACED_ABROAD))


def _truth(examples: Sequence[Exemplar], size: int) -> np.ndarray:
    """1 where a text is of the column's category; counter-examples, ordinary and neutral ones are of none."""
    truth = np.zeros((size, len(CATEGORIES) + 1), dtype=np.float32)
    for row, one in enumerate(examples):
        if one.counter or one.category not in CATEGORIES:
            continue
        truth[row, CATEGORIES.index(one.category)] = 1
        truth[row, GRAVE] = one.category in HIGH_RISK
    return truth


def _weights(examples: Sequence[Exemplar], size: int) -> np.ndarray:
    """How much each text counts: what people taught more than what ships, lest a few labels drown in thousands."""
    taught = np.array([one.taught for one in examples] + [False] * (size - len(examples)))
    weights = np.ones(size, dtype=np.float32)
    if taught.any():
        weights[taught] = np.clip(TAUGHT_SHARE * (~taught).sum() / taught.sum(), 1, TAUGHT_MOST)
    return weights


def _regressions(kernel: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All logistic regressions at once: weights of the texts, and each text judged without itself.

    In the kernel's space with the bound 1/4 on the curvature (Böhning 1992), so that one matrix serves all.
    """
    penalty = np.float32(1 / LOOSE)
    root, weight = np.sqrt(weights)[:, None], weights[:, None]
    bounded = 0.25 * kernel.astype(np.float64)
    bounded *= root
    bounded *= root.T
    bounded[np.diag_indices(len(bounded))] += penalty
    _invert(bounded)
    own = np.diag(bounded).astype(np.float32)[:, None]
    bounded = bounded.astype(np.float32)
    duals = np.zeros_like(truth)
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-(kernel @ duals)))
        step = root * (bounded @ ((weight * (truth - chance) - penalty * duals) / root))
        duals += step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    held_back = 4 / (own * weight) - 4 * penalty / weight
    return duals, kernel @ duals - duals * held_back


def _invert(matrix: np.ndarray) -> None:
    """A symmetric positive definite matrix becomes its inverse, in place, half by half (Schur).

    numpy's own needs four such matrices at once: gigabytes for what ships. In single precision too little is left of it.
    """
    if len(matrix) <= INVERTED_WHOLE:
        matrix[:] = np.linalg.inv(matrix)
        return
    half = len(matrix) // 2
    first, beside, last = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    _invert(first)
    moved = first @ beside
    last -= beside.T @ moved
    _invert(last)
    beside[:] = -moved @ last
    first -= beside @ moved.T
    matrix[half:, :half] = beside.T
