"""What rules switched off or on would change on the comments of the last days, before anybody switches them live.

Nothing is written and no word is shown: a report names comments by their numbers. What a person has changed on a
comment since counts as triage first had it, as in the dry run of a version (moderation.teaching).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import NotValid
from moderation import queries_triage as queries
from moderation.categories import HIGH_RISK, Category, Priority
from moderation.models import Comment
from moderation.triage import Verdict, judge
from moderation.triage.blend import Suggestion, Triage, without
from moderation.triage.report import Seen, changes
from moderation.triage.rule import Rule
from moderation.triage.rules import RULES

FLOORS = (Priority.IMMEDIATE, Priority.HIGH, Priority.ROUTINE, Priority.LOW)
MOST_DAYS = 90


@dataclass(frozen=True)
class Wish:
    """What is to be tried: rules by name or whole categories, off or on, and floors by category."""

    off: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    floors: Mapping[str, int] = field(default_factory=dict)
    """Category -> the priority at or above which it would alert the desk."""


def wish(off: Iterable[str], on: Iterable[str], floors: Iterable[str], *, gone: frozenset[str]) -> Wish:
    """What was asked for, as far as it would change anything. floors: "category=priority".

    gone: categories that are off now. Raises NotValid with a sentence.
    """
    made = Wish(frozenset(off), frozenset(on), dict(map(_floor, floors)))
    if not (made.off or made.on or made.floors):
        raise NotValid(
            "Say what to try: --off or --on with a rule or a category, or --floor category=priority."
        )
    rules = {rule.name: rule.category for rule in RULES}
    for name in sorted(made.off | made.on):
        if name not in rules and (name not in Category.values or name == Category.NONE):
            raise NotValid(
                f"There is no rule and no category “{name}”. Rules are named as on the page How triage works."
            )
        category = rules.get(name, name)
        if name in made.off and category in gone:
            raise NotValid(f"“{name}” says nothing already: {Category(category).label} is switched off.")
        if name in made.on and category not in gone:
            raise NotValid(f"“{name}” is on already.")
        if name in made.off and name in made.on:
            raise NotValid(f"Try “{name}” either off or on.")
    return made


def _floor(text: str) -> tuple[str, int]:
    category, _, priority = text.partition("=")
    if category not in HIGH_RISK or priority not in {str(int(one)) for one in FLOORS}:
        raise NotValid(
            f"“{text}” is no floor: name a high-risk category and a priority from 1 to 4, such as "
            f"{Category.MISSING_PERSON.value}=2."
        )
    return category, int(priority)


def tried(
    wished: Wish, triage: Triage, *, days: int, on_the_way: Callable[[int], None] = lambda percent: None
) -> dict[str, Any]:
    """What the comments of so many days would be, before and after: RECENT_MOST at most, evenly spread.

    on_the_way: told after each lot how many percent are done. Only comments of which the rules say something else are read by the model again. Raises NotValid.
    """
    if not 1 <= days <= MOST_DAYS:
        raise NotValid(f"Try it on the comments of 1 to {MOST_DAYS} days.")
    seen: list[Seen] = []
    was: list[Suggestion] = []
    now: list[Suggestion] = []
    ids = queries.recent(days)
    for comments in queries.in_lots(ids):
        before = [without(_verdict(comment), triage.off) for comment in comments]
        after = [_otherwise(comment, wished, triage.off) for comment in comments]
        texts = [comment.text for comment in comments]
        first = triage.follow_up(texts, before)
        moved = [n for n, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
        again = dict(
            zip(moved, triage.follow_up([texts[n] for n in moved], [after[n] for n in moved]), strict=True)
        )
        seen += [Seen(comment.pk, comment.text) for comment in comments]
        was += first
        now += [again.get(n, one) for n, one in enumerate(first)]
        on_the_way(100 * len(seen) // max(len(ids), 1))
    touched = {one.category for pair in zip(was, now, strict=True) if pair[0] != pair[1] for one in pair}
    return {
        "days": days,
        "off": sorted(wished.off),
        "on": sorted(wished.on),
        "without_model": triage.why_not,
        **changes(seen, was, now),
        "reaching": {
            category: {
                str(int(floor)): [_reach(was, category, floor), _reach(now, category, floor)]
                for floor in FLOORS
            }
            for category in Category.values
            if category in HIGH_RISK and (category in touched or category in wished.floors)
        },
        "floors": {
            category: {
                "priority": floor,
                "alerts": _reach(now, category, floor),
                "per_shift": round(_reach(now, category, floor) / (days * 2), 1),
            }
            for category, floor in wished.floors.items()
        },
    }


def _verdict(comment: Comment, rules: Sequence[Rule] = RULES) -> Verdict:
    return judge(
        comment.text, private=comment.private, account_name=comment.official_account.name, rules=rules
    )


def _otherwise(comment: Comment, wished: Wish, gone: frozenset[str]) -> Verdict:
    """What the rules would say. A rule that is tried on by its name speaks though its category stays off."""
    rules = tuple(rule for rule in RULES if rule.name not in wished.off)
    silent = (gone - wished.on) | {one for one in wished.off if one in Category.values}
    rules = tuple(rule for rule in rules if rule.category not in silent or rule.name in wished.on)
    return without(_verdict(comment, rules), silent - {rule.category for rule in rules})


def _reach(said: Iterable[Suggestion], category: str, floor: int) -> int:
    return sum(one.category == category and one.priority <= floor for one in said)
