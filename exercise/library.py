"""Every scenario that can be played: those that came with the platform, and those that the force wrote or brought.

A scenario of the force's own is kept as its file has it (`content`), so that what is edited in the browser, taken
away and brought in again is one and the same thing, judged by one reader (exercise.scenarios).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml
from django.utils.text import capfirst

from core.actors import Actor
from core.errors import NotFound
from exercise import scenarios
from exercise.authority import require_trainer
from exercise.models import OwnScenario, ScenarioVersion
from exercise.scenarios import Comment, Scenario

SECTIONS = ("posts", "comments", "weather")
_WIDTH = 110


@dataclass(frozen=True)
class Problem:
    """What keeps a draft from being played, and which of its lines it is about, where it is about one."""

    sentence: str
    section: str = ""
    key: str = ""


# Reading


def playable(viewer: Actor) -> list[Scenario]:
    """Whatever can be started, by title. Raises NotPermitted for anyone but a trainer.

    Of the force's own, the version in use of each that is not retired.
    """
    require_trainer(viewer)
    in_use = ScenarioVersion.objects.filter(state="live", scenario__retired_at=None).select_related(
        "scenario"
    )
    own = [scenario_of(version) for version in in_use]
    return sorted([*scenarios.shipped(), *own], key=lambda one: one.title)


def named(viewer: Actor, name: str) -> Scenario:
    """One that can be started. Raises NotPermitted, NotFound with the names that there are."""
    found = playable(viewer)
    for one in found:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in found)
    raise NotFound(f"There is no scenario “{name[:60]}”. There are: {names}.")


def own(viewer: Actor) -> list[OwnScenario]:
    """Every scenario of the force's own with its versions, by title. Raises NotPermitted."""
    require_trainer(viewer)
    return list(OwnScenario.objects.prefetch_related("versions").order_by("retired_at", "title", "pk"))


def version(viewer: Actor, slug: str, number: int | None = None) -> ScenarioVersion:
    """One version of a scenario of the force's own; without a number the draft, else the newest.

    Raises NotPermitted, NotFound.
    """
    require_trainer(viewer)
    found = ScenarioVersion.objects.filter(scenario__slug=slug).select_related("scenario")
    if number is not None:
        found = found.filter(number=min(number, 2**31 - 1))
    row = found.order_by("-number").first()
    if row is None:
        raise NotFound("There is no such scenario of the force’s own, or no such version of it.")
    return row


def versions(viewer: Actor, of: OwnScenario) -> list[ScenarioVersion]:
    """All of them, the newest first. Raises NotPermitted."""
    require_trainer(viewer)
    return list(of.versions.defer("content").order_by("-number"))


def text_of(viewer: Actor, name: str, number: int | None = None) -> str:
    """The file of a scenario, shipped or own. Raises NotPermitted, NotFound."""
    require_trainer(viewer)
    if name in scenarios.shipped_names():
        return scenarios.shipped_text(name)
    return as_file(version(viewer, name, number).content)


def content_for(viewer: Actor, name: str) -> dict[str, Any]:
    """What a copy of a scenario begins with. Raises NotPermitted, NotFound."""
    require_trainer(viewer)
    if name in scenarios.shipped_names():
        return content_of(scenarios.named(name))
    return dict(version(viewer, name).content)


def scenario_of(row: ScenarioVersion) -> Scenario:
    """A version ready to be played. Raises ScenarioBroken where it cannot be."""
    found = scenarios.parse(as_file(row.content), source=row.scenario.slug)
    return replace(found, version=row.number)


def problems(content: dict[str, Any]) -> list[Problem]:
    """Everything that keeps it from being played; each in a sentence, with the line that it is about."""
    text, where = _written(content)
    found = []
    for broken in scenarios.problems(text, source="the scenario"):
        section, key = next(
            ((section, key) for first, section, key in reversed(where) if first <= broken.line), ("", "")
        )
        found.append(Problem(_sentence(broken.plain, key), section, key))
    return found


def _sentence(plain: str, key: str) -> str:
    """As it stands beside its line: “It answers p2 before that is written.”"""
    said = f"it {plain.removeprefix(f'{key} ')}" if key and plain.startswith(f"{key} ") else plain
    return capfirst(said)


# The file and what is kept


def read_file(content: bytes, *, source: str) -> dict[str, Any]:
    """The content of a file that somebody brings. Raises ScenarioBroken with the line and a sentence."""
    return content_of(scenarios.parse(scenarios.decoded(content, source=source), source=source))


def as_file(content: dict[str, Any]) -> str:
    """A scenario as a YAML file that reads back as the same."""
    return _written(content)[0]


def content_of(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain data in the shape of its file."""
    return {
        "name": scenario.name,
        "title": scenario.title,
        "summary": scenario.summary,
        "minutes": scenario.minutes,
        "accounts": list(scenario.accounts),
        "posts": [
            {"key": post.key, "at": clock_words(post.at_s), "account": post.account, "text": post.text}
            for post in scenario.posts
        ],
        "comments": [_comment(comment) for comment in scenario.comments],
        "weather": [
            {"at": clock_words(one.at_s), "account": one.account, "weather": one.weather}
            for one in scenario.weather
        ],
    }


def _comment(comment: Comment) -> dict[str, Any]:
    kept: dict[str, Any] = {"key": comment.key, "at": clock_words(comment.at_s)}
    if comment.under:
        kept["under"] = comment.under
    else:
        kept |= {"private": True, "account": comment.private_to}
    kept |= {
        "by": {"handle": comment.handle, "name": comment.name},
        "text": comment.text,
        "category": comment.category,
        "risk": comment.risk,
    }
    if comment.hide_expected:
        kept["hide_expected"] = comment.hide_expected
    if comment.note:
        kept["note"] = comment.note
    if comment.edit is not None:
        kept["edit"] = {"at": clock_words(comment.edit.at_s), "text": comment.edit.text}
    if comment.delete_at_s is not None:
        kept["delete_at"] = clock_words(comment.delete_at_s)
    return kept


def clock_words(seconds: int) -> str:
    """Seconds of the scenario as minutes and seconds: "07:30"."""
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def seconds_of(words: str) -> int:
    """The same back; 0 for what is none, so that a draft with a mistake in it can still be put in order."""
    minutes, _, seconds = words.partition(":")
    return int(minutes) * 60 + int(seconds) if minutes.isdigit() and seconds.isdigit() else 0


def _written(content: dict[str, Any]) -> tuple[str, list[tuple[int, str, str]]]:
    """The file, and at which line each of its posts, comments and changes of weather begins."""
    parts = [_dump({name: value for name, value in content.items() if name not in SECTIONS})]
    line = 1 + parts[0].count("\n")
    where: list[tuple[int, str, str]] = []
    for section in SECTIONS:
        rows = content.get(section, [])
        if not rows and section == "weather":
            continue
        where.append((line, section, ""))
        parts.append(f"{section}:\n" if rows else f"{section}: []\n")
        line += 1
        for number, row in enumerate(rows, 1):
            written = _dump([row])
            where.append((line, section, str(row.get("key", number))))
            parts.append(written)
            line += written.count("\n")
    return "".join(parts), where


def _dump(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=_WIDTH)


# One line of a draft


@dataclass(frozen=True)
class Entry:
    """One line of a draft as the timeline shows it."""

    section: str
    key: str
    at_s: int
    row: dict[str, Any]
    problems: tuple[str, ...] = ()

    @property
    def at_words(self) -> str:
        return clock_words(self.at_s)

    @property
    def truly(self) -> str:
        """What a comment truly is and how grave: "Suicide self harm, immediate"; empty for other lines."""
        if self.section != "comments":
            return ""
        return f"{_named(self.row.get('category', ''))}, {self.row.get('risk', '')}"

    @property
    def to_hide(self) -> str:
        """The clause under which it should be hidden, in words; empty where it should stay in sight."""
        return _named(self.row.get("hide_expected", ""))


def _named(slug: str) -> str:
    return slug.replace("_", " ").capitalize()


def timeline(content: dict[str, Any]) -> list[Entry]:
    """Every post, comment and change of weather in the order of their times, each with what is wrong with it."""
    wrong: dict[tuple[str, str], list[str]] = {}
    for problem in problems(content):
        wrong.setdefault((problem.section, problem.key), []).append(problem.sentence)
    entries = [
        Entry(section, key, seconds_of(str(row.get("at", ""))), row, tuple(wrong.get((section, key), ())))
        for section, key, row in rows_of(content)
    ]
    return sorted(entries, key=lambda one: (one.at_s, SECTIONS.index(one.section)))


def rows_of(content: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(section, key, row) of each line; a change of weather is called by its place."""
    for section in SECTIONS:
        for number, row in enumerate(content.get(section, []), 1):
            yield section, str(row.get("key", number)), row


def entry(content: dict[str, Any], section: str, key: str) -> dict[str, Any]:
    """One line. Raises NotFound."""
    for found_in, found_key, row in rows_of(content):
        if (found_in, found_key) == (section, key):
            return row
    raise NotFound("There is no such line in this version. It may have been removed meanwhile.")


@dataclass(frozen=True)
class Shown:
    """A post or comment as the public would see it at one moment, with what stands under it."""

    name: str
    handle: str
    text: str
    at_words: str
    edited: bool
    depth: int
    private: bool = False


def preview(scenario: Scenario, *, until_s: int) -> list[Shown]:
    """What the network would show once so many seconds are played and nobody has hidden anything: threads in order,
    private messages last."""
    shown: list[Shown] = []
    under: dict[str, list[Comment]] = {}
    for comment in scenario.comments:
        gone = comment.delete_at_s is not None and comment.delete_at_s <= until_s
        if comment.at_s <= until_s and not gone:
            under.setdefault(comment.under, []).append(comment)

    def walk(key: str, depth: int) -> None:
        for comment in under.get(key, []):
            edited = comment.edit is not None and comment.edit.at_s <= until_s
            words = comment.edit.text if edited and comment.edit else comment.text
            shown.append(
                Shown(
                    comment.name,
                    comment.handle,
                    words,
                    clock_words(comment.at_s),
                    edited,
                    min(depth, 4),
                    private=not comment.under,
                )
            )
            walk(comment.key, depth + 1)

    for post in scenario.posts:
        if post.at_s <= until_s:
            shown.append(Shown(post.account, post.account, post.text, clock_words(post.at_s), False, 0))
            walk(post.key, 1)
    walk("", 1)
    return shown
