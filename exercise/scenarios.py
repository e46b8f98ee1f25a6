"""Reading scenarios: YAML files that say who writes what, when, and what a trainer expects of the desk.

A file that cannot be played is refused whole, with one sentence that names the file and the line.
Minutes and seconds count from the start of the scenario. Comments may stand in any order in the
file, but none may answer, edit or delete what has not been written by then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml

from core.errors import NotFound, NotValid
from exercise import limits

T = TypeVar("T")
N = TypeVar("N")
FOLDER = Path(__file__).parent / "scenarios"
LARGEST_FILE_BYTES = 1024 * 1024
COMMENT_LENGTH = 2000
CATEGORIES = frozenset(
    [
        "threat_to_life",
        "suicide_self_harm",
        "violence_in_progress",
        "missing_person",
        "domestic_abuse",
        "child_safeguarding",
        "hate_crime",
        "terrorism",
        "stalking_harassment",
        "vulnerable_adult",
        "medical_emergency_fire",
        "wrongly_named_vigilantism",
        "incitement_disorder",
        "operation_exposed",
        "crime_report",
        "intelligence",
        "asb",
        "traffic",
        "complaint_about_police",
        "misinformation",
        "contempt_risk",
        "information_request",
        "abuse_of_staff",
        "personal_data_posted",
        "spam",
        "scam_impersonation",
        "praise",
        "question",
        "none",
    ]
)
"""Slugs of moderation.categories, which lies above this room; a test holds the two together."""
RISKS = ("immediate", "high", "routine", "none")
WEATHERS = frozenset({"fair", "slow", "limited", "refusing", "lost", "gateway"})
"""Profile.Weather: how the network treats an official profile's connector for a while."""
MOST_LINES = 2000
NOTE_LENGTH = 300
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_AT = re.compile(r"(\d{1,3}):([0-5]\d)")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEY = re.compile(r"[a-z0-9_-]{1,40}")
_CLAUSE = re.compile(r"[a-z]+(_[a-z]+)*")


class ScenarioBroken(NotValid):
    """A scenario file that cannot be played. The sentence names the file and the line.

    line: where it is, counted from 1; 0 where it is about the whole. plain: the sentence without file and line.
    """

    def __init__(self, sentence: str, *, line: int = 0, plain: str = "") -> None:
        super().__init__(sentence, field="file")
        self.line = line
        self.plain = plain or sentence


@dataclass(frozen=True)
class Post:
    """What an official profile says."""

    key: str
    at_s: int
    account: str
    text: str


@dataclass(frozen=True)
class Edit:
    at_s: int
    text: str


@dataclass(frozen=True)
class Comment:
    """What a member of the public says, under something or privately, and the truth about it."""

    key: str
    at_s: int
    handle: str
    name: str
    text: str
    category: str
    risk: str
    under: str = ""
    private_to: str = ""
    hide_expected: str = ""
    edit: Edit | None = None
    delete_at_s: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Weather:
    """From here on the network treats an official profile's connector so."""

    at_s: int
    account: str
    weather: str


@dataclass(frozen=True)
class Scenario:
    """A whole scenario, ready to be played. Posts and comments stand in the order of their times."""

    name: str
    title: str
    summary: str
    minutes: int
    accounts: tuple[str, ...]
    posts: tuple[Post, ...]
    comments: tuple[Comment, ...]
    weather: tuple[Weather, ...] = ()
    version: int = 0
    """Of a scenario of the force's own; 0 for one that came with the platform."""


def shipped() -> list[Scenario]:
    """The scenarios that come with the platform, by title."""
    return sorted((load(path) for path in FOLDER.glob("*.yaml")), key=lambda scenario: scenario.title)


def shipped_names() -> list[str]:
    """The names of those that come with the platform."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def shipped_text(name: str) -> str:
    """The file of one that came with the platform. Raises NotFound."""
    named(name)
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def named(name: str) -> Scenario:
    """A shipped scenario. Raises NotFound with the names that there are."""
    names = shipped_names()
    if name not in names:
        raise NotFound(f"There is no scenario “{name[:60]}”. There are: {', '.join(names)}.")
    return load(FOLDER / f"{name}.yaml")


def load(path: Path) -> Scenario:
    """The scenario in a file. Raises ScenarioBroken."""
    try:
        stat = path.stat()
        if stat.st_size > LARGEST_FILE_BYTES:
            raise ScenarioBroken(f"{path.name} is larger than 1 MB, which no scenario needs.")
        return _load(path, stat.st_mtime_ns, stat.st_size)
    except OSError:
        raise ScenarioBroken(
            f"{path.name} cannot be read: there is no such file, or it is not open to us."
        ) from None


@lru_cache(maxsize=32)
def _load(path: Path, _changed_ns: int, _size: int) -> Scenario:
    try:
        return parse(path.read_text(encoding="utf-8"), source=path.name)
    except UnicodeDecodeError:
        raise ScenarioBroken(f"{path.name} is not text in UTF-8.") from None


def parse(text: str, *, source: str) -> Scenario:
    """The scenario in a text. `source` is how sentences call it. Raises ScenarioBroken."""
    return _Reader(source).scenario(_composed(text, source))


def problems(text: str, *, source: str) -> list[ScenarioBroken]:
    """Everything that keeps the text from being played, in the order of its lines; empty where nothing does.

    Beyond the first of them a fault may be a consequence of an earlier one.
    """
    reader = _Reader(source, gathers=True)
    try:
        reader.scenario(_composed(text, source))
    except ScenarioBroken as broken:
        reader.found.append(broken)
    return sorted(reader.found, key=lambda one: one.line)


def decoded(content: bytes, *, source: str) -> str:
    """The text of a file that came as bytes. Raises ScenarioBroken where it is too large or not UTF-8."""
    if len(content) > LARGEST_FILE_BYTES:
        raise ScenarioBroken(f"{source} is larger than 1 MB, which no scenario needs.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise ScenarioBroken(
            f"{source}, line {line}: this is not text in UTF-8. Save the file as UTF-8.", line=line
        ) from None


def _composed(text: str, source: str) -> yaml.Node | None:
    try:
        if refusal := _unread(text):
            line, plain = refusal
            raise ScenarioBroken(f"{source}, line {line}: {plain}", line=line, plain=plain)
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise ScenarioBroken(
            f"{source}, line {line}: this is not YAML ({fault.problem}).", line=line
        ) from None
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise ScenarioBroken(
            f"{source}, line {line}: there is a character that no text has.", line=line
        ) from None
    except (yaml.YAMLError, RecursionError, UnicodeError):
        raise ScenarioBroken(f"{source} is not YAML.") from None


def _unread(text: str) -> tuple[int, str] | None:
    """The line and sentence of what no scenario needs and a hostile file would use. Asked first, of the parser
    that does not recurse: composing a hundred thousand brackets would overflow the stack and end the server."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if getattr(event, "anchor", None):
            return line, "anchors and aliases (& and *) are not read. Write the words out."
        if isinstance(event, yaml.DocumentStartEvent) and depth:
            return line, "one file holds one scenario."
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > 20:
                return line, "this is nested far deeper than any scenario."
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


class _Reader:
    """Reads nodes one by one, so that each refusal can name its line."""

    def __init__(self, source: str, *, gathers: bool = False) -> None:
        self.source = source
        self.gathers = gathers
        self.found: list[ScenarioBroken] = []

    def broken(self, node: yaml.Node | None, sentence: str) -> ScenarioBroken:
        line = node.start_mark.line + 1 if node is not None else 1
        return ScenarioBroken(f"{self.source}, line {line}: {sentence}", line=line, plain=sentence)

    def each(self, nodes: Iterable[N], read: Callable[[N], T]) -> list[T]:
        """What is read of each; where all faults are gathered, those that cannot be read are left out."""
        kept = []
        for node in nodes:
            try:
                kept.append(read(node))
            except ScenarioBroken as broken:
                if not self.gathers:
                    raise
                self.found.append(broken)
        return kept

    def scenario(self, node: yaml.Node | None) -> Scenario:
        fields = self.fields(
            node,
            "a scenario",
            ("name", "title", "summary", "minutes", "accounts", "posts", "comments"),
            ("weather",),
        )
        name = self.text(fields["name"], "name", 60)
        if not _SLUG.fullmatch(name):
            raise self.broken(
                fields["name"], f"the name “{name}” must be small letters, figures and hyphens."
            )
        minutes = self.number(fields["minutes"], "minutes", 1, 999)
        accounts = tuple(self.handle(item) for item in self.items(fields["accounts"], "accounts"))
        seen: dict[str, tuple[int, str, bool]] = {}
        posts = self.each(
            self.items(fields["posts"], "posts"), lambda item: self.post(item, minutes, accounts, seen)
        )
        read = self.each(
            self.items(fields["comments"], "comments"),
            lambda item: (item, self.comment(item, minutes, accounts, seen)),
        )
        if len(posts) + len(read) > MOST_LINES:
            raise self.broken(
                fields["comments"], f"a scenario has at most {MOST_LINES:,} posts and comments together."
            )
        self.each(read, lambda pair: self.hangs_together(pair[0], pair[1], seen))
        weather = self.each(
            self.items(fields["weather"], "weather") if "weather" in fields else [],
            lambda item: self.weather(item, minutes, accounts),
        )
        return Scenario(
            name=name,
            title=self.text(fields["title"], "title", 120),
            summary=self.text(fields["summary"], "summary", 1000),
            minutes=minutes,
            accounts=accounts,
            posts=tuple(sorted(posts, key=lambda post: post.at_s)),
            comments=tuple(sorted((comment for _, comment in read), key=lambda comment: comment.at_s)),
            weather=tuple(sorted(weather, key=lambda one: one.at_s)),
        )

    def weather(self, node, minutes, accounts) -> Weather:
        fields = self.fields(node, "a change of weather", ("at", "account", "weather"))
        return Weather(
            at_s=self.at(fields["at"], "at", minutes),
            account=self.account(fields["account"], accounts),
            weather=self.choice(fields["weather"], "weather", WEATHERS),
        )

    def post(self, node, minutes, accounts, seen) -> Post:
        fields = self.fields(node, "a post", ("key", "at", "account", "text"))
        account = self.account(fields["account"], accounts)
        post = Post(
            key=self.key(fields["key"], seen),
            at_s=self.at(fields["at"], "at", minutes),
            account=account,
            text=self.text(fields["text"], "text", limits.POST_LENGTH),
        )
        seen[post.key] = (post.at_s, account, False)
        return post

    def comment(self, node, minutes, accounts, seen) -> Comment:
        fields = self.fields(
            node,
            "a comment",
            ("key", "at", "by", "text", "category", "risk"),
            ("under", "private", "account", "edit", "delete_at", "hide_expected", "note"),
        )
        private = "private" in fields and self.switch(fields["private"], "private")
        if private == ("under" in fields) or private != ("account" in fields):
            raise self.broken(
                node, "a comment stands either “under” something, or is “private: true” to an “account”."
            )
        by = self.fields(fields["by"], "“by”", ("handle", "name"))
        handle = self.handle(by["handle"])
        if handle in accounts:
            raise self.broken(
                by["handle"], f"“{handle}” is an official profile; the public writes as others."
            )
        comment = Comment(
            key=self.key(fields["key"], seen),
            at_s=self.at(fields["at"], "at", minutes),
            handle=handle,
            name=self.text(by["name"], "name", limits.NAME_LENGTH),
            text=self.text(fields["text"], "text", COMMENT_LENGTH),
            category=self.choice(fields["category"], "category", CATEGORIES),
            risk=self.choice(fields["risk"], "risk", RISKS),
            under=self.text(fields["under"], "under", 40) if "under" in fields else "",
            private_to=self.account(fields["account"], accounts) if private else "",
            hide_expected=self.clause(fields["hide_expected"]) if "hide_expected" in fields else "",
            edit=self.edit(fields["edit"], minutes) if "edit" in fields else None,
            delete_at_s=self.at(fields["delete_at"], "delete_at", minutes) if "delete_at" in fields else None,
            note=self.text(fields["note"], "note", NOTE_LENGTH) if "note" in fields else "",
        )
        if comment.edit is not None and comment.edit.at_s <= comment.at_s:
            raise self.broken(fields["edit"], f"{comment.key} is edited before it is written.")
        if comment.delete_at_s is not None and comment.delete_at_s <= max(
            comment.at_s, comment.edit.at_s if comment.edit else 0
        ):
            raise self.broken(fields["delete_at"], f"{comment.key} is deleted before it is written.")
        seen[comment.key] = (comment.at_s, handle, private)
        return comment

    def edit(self, node, minutes) -> Edit:
        fields = self.fields(node, "“edit”", ("at", "text"))
        return Edit(
            at_s=self.at(fields["at"], "at", minutes), text=self.text(fields["text"], "text", COMMENT_LENGTH)
        )

    def hangs_together(self, node, comment: Comment, seen: Mapping[str, tuple[int, str, bool]]) -> None:
        if not comment.under:
            return
        if comment.under not in seen:
            raise self.broken(
                node, f"{comment.key} stands under “{comment.under}”, which is not in this file."
            )
        at_s, _, private = seen[comment.under]
        if private:
            raise self.broken(node, f"{comment.key} answers {comment.under} in public, which is private.")
        if at_s >= comment.at_s:
            raise self.broken(node, f"{comment.key} answers {comment.under} before that is written.")

    # One kind of value each

    def fields(self, node, what: str, required, optional=()) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.broken(node, f"here {what} was expected, with {', '.join(required)}.")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in required and name not in optional:
                raise self.broken(key, f"{what} has no “{name[:40]}”.")
            if name in found:
                raise self.broken(key, f"“{name}” stands here twice.")
            found[name] = value
        for name in required:
            if name not in found:
                raise self.broken(node, f"{what} needs “{name}”.")
        return found

    def items(self, node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.broken(node, f"“{what}” must be a list with something in it.")
        return node.value

    def text(self, node, what: str, most: int) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.broken(node, f"“{what}” must be text.")
        try:
            return limits.words(node.value, most=most)
        except NotValid as refusal:
            raise self.broken(node, f"“{what}”: {refusal.sentence}") from None

    def number(self, node, what: str, least: int, most: int) -> int:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if not re.fullmatch(r"[0-9]{1,6}", value) or not least <= int(value) <= most:
            raise self.broken(node, f"“{what}” must be a whole number from {least} to {most}.")
        return int(value)

    def switch(self, node, what: str) -> bool:
        if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
            raise self.broken(node, f"“{what}” must be true or false.")
        return node.value == "true"

    def at(self, node, what: str, minutes: int) -> int:
        found = _AT.fullmatch(node.value) if isinstance(node, yaml.ScalarNode) else None
        if found is None:
            raise self.broken(node, f"“{what}” must be minutes and seconds, such as 07:30.")
        seconds = int(found[1]) * 60 + int(found[2])
        if seconds > minutes * 60:
            raise self.broken(node, f"“{what}” is {found[0]}, after the end at {minutes} minutes.")
        return seconds

    def handle(self, node) -> str:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        try:
            kept = limits.handle(value)
        except NotValid as refusal:
            raise self.broken(node, refusal.sentence) from None
        if kept != value:
            raise self.broken(node, f"write the handle “{value[:40]}” in small letters and without @.")
        return kept

    def account(self, node, accounts) -> str:
        handle = self.handle(node)
        if handle not in accounts:
            raise self.broken(node, f"“{handle}” is not among the accounts at the head of the file.")
        return handle

    def key(self, node, seen) -> str:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if not _KEY.fullmatch(value):
            raise self.broken(node, "a key is 1 to 40 small letters, figures, hyphens and underscores.")
        if value in seen:
            raise self.broken(node, f"the key “{value}” is used twice.")
        return value

    def choice(self, node, what: str, allowed) -> str:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if value not in allowed:
            raise self.broken(
                node, f"“{value[:40]}” is not a {what}; there are {', '.join(sorted(allowed))}."
            )
        return value

    def clause(self, node) -> str:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if not _CLAUSE.fullmatch(value) or len(value) > 40:
            raise self.broken(node, f"“{value[:40]}” is not the short name of a clause of the guidelines.")
        return value
