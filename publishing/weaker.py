"""Where one version of the steps asks for less than another: worked out for every official account, kind and time."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import OfficialAccount
from publishing.models import Declaration, StepRule
from publishing.steps import Group, Need, Steps, demanded

Demand = tuple[int, tuple[tuple[Group, ...], ...]]
"""How many people, and for each rule that names people its groups."""

MOST_SENTENCES = 12
KINDS = {str(kind.value): str(kind.label) for kind in Declaration.Kind}
WHEN = {str(one.value): str(one.label).lower() for one in StepRule.When}


def sentences(before: Steps, after: Steps) -> list[str]:
    """Each place where it is weaker, as a sentence; empty where it is nowhere. At most MOST_SENTENCES, the last says how many more."""
    found = _of_numbers(before, after)
    accounts = list(
        OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED).order_by("name", "id")
    )
    told: dict[tuple[str, Demand, Demand], list[str]] = {}
    for account in [*accounts, _elsewhere()]:
        less: dict[tuple[Demand, Demand], list[tuple[str, str]]] = {}
        for kind in KINDS:
            for when in WHEN:
                one = demanded(before, [account], kind, when)[:2]
                other = demanded(after, [account], kind, when)[:2]
                if not _at_least(other, one):
                    less.setdefault((one, other), []).append((kind, when))
        for (one, other), places in less.items():
            told.setdefault((_what(places), one, other), []).append(account.name)
    for (what, one, other), names in told.items():
        where = "Every official account" if len(names) == len(accounts) + 1 else ", ".join(names[:3])
        if len(names) > 3 and where != "Every official account":
            where += f" and {len(names) - 3} more"
        found.append(f"{where}: {what}: {_words(*one)} before, {_words(*other)} now")
    if len(found) > MOST_SENTENCES:
        found = [*found[: MOST_SENTENCES - 1], f"And {len(found) - MOST_SENTENCES + 1} more"]
    return found


def _what(places: list[tuple[str, str]]) -> str:
    """Kinds of post and times in words: "every kind of post", "Arrest, at night", "Arrest and 3 more kinds, at any time"."""
    kinds = list(dict.fromkeys(kind for kind, _ in places))
    whens = list(dict.fromkeys(when for _, when in places))
    if len(kinds) == len(KINDS):
        name = "Every kind of post"
    elif len(kinds) > 3:
        name = f"{KINDS[kinds[0]]} and {len(kinds) - 1} more kinds"
    else:
        name = ", ".join(KINDS[kind] for kind in kinds)
    if len(whens) == len(WHEN):
        return name
    return f"{name}, {' and '.join(WHEN[when] for when in whens)}"


def _elsewhere() -> OfficialAccount:
    """An official account that does not exist yet: a rule for all of a force is for it as well."""
    return OfficialAccount(name="Official accounts to come", platform="")


def _of_numbers(before: Steps, after: Steps) -> list[str]:
    found = []
    less = [
        (
            "Fewer of the posts without prior approval are looked at",
            before.sample_percent,
            after.sample_percent,
            "%",
        ),
    ]
    more = [
        ("They are looked at later", before.sample_within_hours, after.sample_within_hours, " hours"),
        (
            "Urgent posts are looked at later",
            before.urgent_within_minutes,
            after.urgent_within_minutes,
            " minutes",
        ),
        ("Calls are confirmed later", before.telephone_within_hours, after.telephone_within_hours, " hours"),
    ]
    found += [f"{name}: {was}{unit} before, {now}{unit} now" for name, was, now, unit in less if now < was]
    found += [f"{name}: {was}{unit} before, {now}{unit} now" for name, was, now, unit in more if now > was]
    if after.two_by_telephone and not before.two_by_telephone:
        found.append("Two people on the telephone count as two")
    if after.deletion_by_one and not before.deletion_by_one:
        found.append("Taking down what stands takes one approver, whatever the steps say")
    if (before.day_begins, before.day_ends) != (after.day_begins, after.day_ends) and _depends_on_time(after):
        found.append("The hours of the day are others, so that rules hold at other times")
    return found


def _depends_on_time(steps: Steps) -> bool:
    return any(rule.when for rule in steps.rules)


def _at_least(other: Demand, one: Demand) -> bool:
    """Whether `other` asks for as much as `one` at least: as many people, and each group by one as narrow."""
    if other[0] < one[0]:
        return False
    return all(any(_covers(rule, wanted) for rule in other[1]) for wanted in one[1])


def _covers(rule: Sequence[Group], wanted: Sequence[Group]) -> bool:
    return all(any(group <= asked for group in rule) for asked in wanted)


def _words(count: int, groups: tuple[tuple[Group, ...], ...]) -> str:
    return Need(count, groups).in_words if count else "nobody beforehand"
