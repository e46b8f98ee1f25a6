"""Rules and model together: one suggestion per comment, with its reasons, never below what the rules said.

The rules are the force's floor: the model may make a comment more urgent, never less, and first-person suicide
and direct threats surface whatever it says. Without a model everything here still works, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from moderation.categories import HIGH_RISK, USUAL_PRIORITY, Category
from moderation.triage import language
from moderation.triage.encoder import Encoder, EncoderMissing
from moderation.triage.model import CATEGORIES, HIGH, Model, Scores
from moderation.triage.rule import shown
from moderation.triage.verdict import Finding, Verdict, judge

_log = logging.getLogger(__name__)

ALWAYS = frozenset(
    {
        "life.first_person_suicide",
        "life.farewell",
        "life.someone_else_suicidal",
        "violence.threat_first_person",
        "violence.threat_reported",
    }
)
"""Rules whose comments surface whatever the model says."""
SURE = 0.6
"""The least risk of a comment on which one of ALWAYS fired."""
RULES_ALONE = {1: 0.8, 2: 0.6, 3: 0.2, 4: 0.1, 5: 0.05}
"""Risk by priority of the worst high-risk finding where there is no model."""
LOUD = {1: 1.0, 2: 0.8, 3: 0.6}
"""What a high-risk finding of that priority adds to the model's own score."""
UNREAD = 1.5
"""What it adds that a comment is in a language that nobody has read, with words of danger in it."""
FOREIGN = 0.4
"""What it adds that it is in another language at all."""
NAMED_FROM = 1.0
"""Standard deviations above ordinary from which the model names a category that no rule named."""
AS_REASON_FROM = 0.35
"""The cosine from which an exemplar is shown as what a comment is like."""
_LOW = np.where(HIGH, 0.0, -np.inf)
MODEL_RULE = "model.like"
HEARD_ALONE = frozenset({Category.SUICIDE_SELF_HARM})
"""What the model alerts the desk to by itself as soon as it does with a rule: despair seldom says its name."""


@dataclass(frozen=True)
class Suggestion:
    """What triage suggests for one comment, rules and model together. `risk` is comparable across comments."""

    category: str
    priority: int
    risk: float
    findings: list[Finding]
    categories: dict[str, float]
    """Per category between 0 and 1, how like it the comment is; empty without a model."""
    language: str
    broken: bool
    version: str
    without_model: str = ""
    """Why there was no model, as a sentence; empty where it spoke."""


@dataclass
class Triage:
    """Rules and, where there is one, a model with its encoder. Judges comments in batches."""

    model: Model | None = None
    encoder: Encoder | None = None
    why_not: str = "No model has been made yet."
    off: frozenset[str] = field(default_factory=frozenset)
    """Categories that are switched off; all of them: everything is simply by time."""

    def judge(
        self,
        texts: Sequence[str],
        *,
        private: Sequence[bool] | None = None,
        names: Sequence[str] | None = None,
    ) -> list[Suggestion]:
        """One suggestion per text, in order. private, names: of each, as `moderation.triage.judge` takes them."""
        verdicts = [
            without(
                judge(
                    text,
                    private=bool(private and private[number]),
                    account_name=names[number] if names else "",
                ),
                self.off,
            )
            for number, text in enumerate(texts)
        ]
        return self.follow_up(texts, verdicts)

    def follow_up(self, texts: Sequence[str], verdicts: Sequence[Verdict]) -> list[Suggestion]:
        """What the model adds to verdicts of the rules that are there already."""
        scores: Sequence[Scores | None] = [None] * len(texts)
        why_not = self.why_not
        if self.model is not None and self.encoder is not None and texts:
            why_not = ""
            try:
                scores = self.model.score(self.encoder, texts, verdicts)
            except EncoderMissing as missing:
                why_not = str(missing)
            except Exception as error:  # a fault never becomes a decision: the rules carry on
                _log.error("triage model failed: %s", type(error).__name__)
                why_not = f"The model failed on these comments ({type(error).__name__})."
        return [
            self._one(text, verdict, one, why_not)
            for text, verdict, one in zip(texts, verdicts, scores, strict=True)
        ]

    def _one(self, text: str, verdict: Verdict, scores: Scores | None, why_not: str) -> Suggestion:
        urgent = min((f.priority for f in verdict.findings if f.category in HIGH_RISK), default=5)
        fired = {finding.rule for finding in verdict.findings}
        danger_abroad = "languages.urgent_words" in fired
        spoken, foreign = language.heard(text, verdict.findings)
        if scores is None or self.model is None:
            risk = RULES_ALONE[urgent]
            if danger_abroad:
                risk = max(risk, RULES_ALONE[2])
            return Suggestion(
                verdict.category,
                verdict.priority,
                risk,
                verdict.findings,
                {},
                spoken,
                verdict.broken,
                verdict.version,
                why_not,
            )
        raw = scores.raw + LOUD.get(urgent, 0.0) + (UNREAD if danger_abroad else 0.0)
        risk = self.model.risk(raw + (FOREIGN if foreign and not danger_abroad else 0.0))
        if fired & ALWAYS:
            risk = max(risk, SURE + 0.3 * risk)
        findings = list(verdict.findings)
        category, priority = verdict.category, verdict.priority
        reason = self._reason(scores, raw, seconded=urgent < 5, tongue=language.tongue(spoken, foreign))
        if reason is not None:
            findings.append(reason)
            findings.sort(key=lambda finding: (finding.priority, finding.category == Category.NONE))
            if reason.priority < priority or category == Category.NONE:
                category = reason.category
            priority = min(priority, reason.priority)
        return Suggestion(
            category,
            priority,
            round(risk, 6),
            findings,
            dict(zip(CATEGORIES, scores.likely, strict=True)),
            spoken,
            verdict.broken,
            self.model.version,
        )

    def _reason(self, scores: Scores, raw: float, *, seconded: bool, tongue: str) -> Finding | None:
        """What the model has to say, as a finding: like which exemplar, and how soon to look.

        seconded: a rule of high risk fired too. By itself the model alerts the desk only where it is sure: on a
        bad evening most that it took for high was not. tongue: of moderation.triage.language.
        """
        assert self.model is not None
        grave = int((scores.categories + _LOW).argmax())
        place = int(scores.categories.argmax())
        if raw >= self.model.thresholds["raised"] and scores.categories[grave] > 0:
            place = grave
            heard = seconded or CATEGORIES[grave] in HEARD_ALONE
            priority = 2 if raw >= self.model.alerts_from(seconded=heard, tongue=tongue) else 3
        elif scores.categories[place] >= NAMED_FROM and not HIGH[place]:
            priority = USUAL_PRIORITY[CATEGORIES[place]]
        else:
            return None
        category = CATEGORIES[place]
        label = Category(category).label
        nearest = int(scores.nearest[place])
        if tongue == language.UNREAD:
            sentence = f"Perhaps {label.lower()}, in a language that the model hardly reads: somebody who reads it has to look"
        elif nearest >= 0 and scores.likeness[place] >= AS_REASON_FROM:
            sentence = f"{label}, because it is like: “{shown(self.model.texts[nearest])}”"
        else:
            sentence = f"{label}, by its words as a whole; no single example is close"
        return Finding(MODEL_RULE, sentence, category, priority)


def without(verdict: Verdict, off: frozenset[str]) -> Verdict:
    """The verdict where some categories are switched off: their findings are not made.

    A rule that broke still sends its comment to people. With every category off nothing is sorted: 3 for all.
    """
    if not off or verdict.broken:
        return verdict
    if off >= set(CATEGORIES):
        return replace(verdict, category=str(Category.NONE), priority=3, findings=[])
    findings = [finding for finding in verdict.findings if finding.category not in off]
    if len(findings) == len(verdict.findings):
        return verdict
    first = findings[0] if findings else None
    return replace(
        verdict,
        category=str(first.category) if first else str(Category.NONE),
        priority=first.priority if first else 5,
        findings=findings,
    )
