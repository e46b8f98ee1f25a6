"""From all findings to one suggestion: every rule runs, the worst finding wins."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moderation.categories import Category
from moderation.triage.rule import Rule, shown
from moderation.triage.rules import RULES
from moderation.triage.screen import Screen
from moderation.triage.text import Reading

_log = logging.getLogger(__name__)

LONG_UNPLACED = 280
"""Characters from which a message that no rule could place is still read before the quick remarks."""


@dataclass(frozen=True)
class Finding:
    """One reason, as staff read it. Lower priorities are more urgent."""

    rule: str
    sentence: str
    category: str
    priority: int

    def as_data(self) -> dict[str, str | int]:
        """For Comment.findings."""
        return dict(vars(self))


@dataclass(frozen=True)
class Verdict:
    """What triage suggests for one text. `findings` stand worst first; `broken` means a rule failed."""

    category: str
    priority: int
    findings: list[Finding]
    broken: bool
    version: str


def _version() -> str:
    """A name that changes with any rule or with how text is read."""
    content = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        content.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    return f"rules-{content.hexdigest()[:10]}"


VERSION = _version()


@cache
def _screen() -> Screen:
    return Screen(RULES)


def judge(
    text: str, *, private: bool = False, account_name: str = "", rules: Sequence[Rule] = RULES
) -> Verdict:
    """Suggest category and priority for one comment, with every reason, worst first.

    private: messages written to the force alone are read one priority sooner than public
    remarks of the same kind, within the routine band (5 becomes 4, 4 becomes 3).
    A rule that fails sends the comment to people at priority 2 or sooner, marked broken.
    """
    reading = Reading(text, account_name)
    findings: list[Finding] = []
    broken = False
    screen = _screen() if rules is RULES else None
    for number, rule in screen.to_try(reading) if screen else enumerate(rules):
        try:
            words = screen.matches(number, reading) if screen else rule.matches(reading)
        except Exception as error:
            broken = True
            _log.error("triage rule %s failed: %s", rule.name, type(error).__name__)
            findings.append(
                Finding(
                    rule.name,
                    "A triage rule failed on this comment, so a person has to read it",
                    Category.NONE,
                    2,
                )
            )
            continue
        if words is not None:
            reason = f"{rule.sentence}: “{shown(words)}”" if words else rule.sentence
            findings.append(Finding(rule.name, reason, rule.category, rule.priority))
    findings.sort(key=lambda finding: (finding.priority, finding.category == Category.NONE))
    if findings:
        category, priority = findings[0].category, findings[0].priority
    elif len(text) >= LONG_UNPLACED:
        category, priority = Category.NONE, 4
        findings = [Finding("unplaced.long", "A long message that no rule could place", Category.NONE, 4)]
    else:
        category, priority = Category.NONE, 5
    if private and priority in (4, 5):
        priority -= 1
    return Verdict(str(category), priority, findings, broken, VERSION)
