"""The registry of checks: what each is called, where it comes from, how grave it is, and how a post is judged by all.

A check is a function of a prepared post and the force's policy. All run, whatever the others find. One that breaks
decides nothing: the post then needs two approvers, and the page says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from publishing.checks.prepared import Policy, Prepared, digest

log = logging.getLogger(__name__)

STOP, SECOND, ADVICE = "stop", "second", "advice"
LEVELS = {STOP: "Stop", SECOND: "Two approvers", ADVICE: "Advice"}
GRAVITY = {STOP: 0, SECOND: 1, ADVICE: 2}

ACCESSIBILITY = "For everybody to read"
LAW = "Law and policy"
PEOPLE = "People"
SECURITY = "Safety of staff and operations"
LINKS = "Links"
GROUPS = (LAW, PEOPLE, SECURITY, LINKS, ACCESSIBILITY)


@dataclass(frozen=True)
class Found:
    """What a check says of a post. level: where it is milder here than the check can be; do: what to do about it."""

    sentence: str
    do: str = ""
    level: str = ""
    where: str = ""
    asks: tuple[str, ...] = ()
    """Questions (publishing.checks.questions) that settle it."""


LONGEST = 400
"""Characters of a sentence, which may quote the words."""

Rule = Callable[[Prepared, Policy], Iterable[Found]]


@dataclass(frozen=True)
class Check:
    """One check. level: the gravest that it comes to."""

    slug: str
    name: str
    group: str
    level: str
    source: str
    sentence: str
    rule: Rule


@dataclass(frozen=True)
class Finding:
    """What one check found, as it is kept."""

    slug: str
    name: str
    group: str
    level: str
    sentence: str
    do: str = ""
    source: str = ""
    where: str = ""
    asks: tuple[str, ...] = ()
    follow_up: bool = False
    """An ordinary post would have been stopped; this one is urgent, and it is put right afterwards."""
    override_by: str = ""

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "asks": list(self.asks)}


REGISTRY: dict[str, Check] = {}


def check(
    *, slug: str, name: str, group: str, level: str, source: str, sentence: str
) -> Callable[[Rule], Rule]:
    """Enter a check in the registry under its slug, which is never given to another."""

    def enter(rule: Rule) -> Rule:
        if slug in REGISTRY:
            raise ValueError(f"two checks are called {slug}")
        REGISTRY[slug] = Check(slug, name, group, level, source, sentence, rule)
        return rule

    return enter


def judge(post: Prepared, policy: Policy) -> list[Finding]:
    """What all checks find, the gravest first."""
    found = [finding for one in REGISTRY.values() for finding in _of(one, post, policy)]
    order = {slug: number for number, slug in enumerate(REGISTRY)}
    return sorted(found, key=lambda f: (GRAVITY[f.level], GROUPS.index(f.group), order[f.slug]))


def digest_of_checks() -> str:
    """Which checks there are, in which words and at which level; that a rule works otherwise shows in RULES_VERSION."""
    return digest([RULES_VERSION, [[c.slug, c.level, c.sentence, c.source] for c in REGISTRY.values()]])


RULES_VERSION = 2
"""Raise it with every change of what a rule finds."""


def _of(one: Check, post: Prepared, policy: Policy) -> list[Finding]:
    try:
        found = list(one.rule(post, policy))
    except Exception:
        # A mistake of ours must neither stop a warning nor pass for a yes.
        log.exception("a check of posts broke", extra={"check": one.slug})
        found = [
            Found(
                "This check could not be made.",
                "Look for it yourself: " + one.sentence,
                level=SECOND,
            )
        ]
    return [_finding(one, each, post, policy) for each in found]


def _finding(one: Check, found: Found, post: Prepared, policy: Policy) -> Finding:
    level = found.level or one.level
    least = policy.levels.get(one.slug, "")
    if least and GRAVITY[least] < GRAVITY[level]:
        level = least
    follow_up = post.urgent and one.group == ACCESSIBILITY and level == STOP
    return Finding(
        slug=one.slug,
        name=one.name,
        group=one.group,
        level=ADVICE if follow_up else level,
        sentence=found.sentence if len(found.sentence) <= LONGEST else found.sentence[: LONGEST - 1] + "…",
        do=found.do,
        source=one.source,
        where=found.where,
        asks=found.asks,
        follow_up=follow_up,
        override_by=_override_by(one, found, policy) if level == STOP and not follow_up else "",
    )


def _override_by(one: Check, found: Found, policy: Policy) -> str:
    """What only waits for an answer is answered, not overridden."""
    return "" if found.asks else policy.override_by.get(one.slug, "")
