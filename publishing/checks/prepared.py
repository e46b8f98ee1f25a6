"""A post as the checks read it, and what the force's policy is: data alone, so that every check is pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from publishing import fingerprint


@dataclass(frozen=True)
class Said:
    """The words for one official account."""

    account_id: int
    name: str
    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pictured:
    sha256: str
    alt_text: str


@dataclass(frozen=True)
class Filmed:
    sha256: str
    title: str
    alt_text: str
    captions: str
    no_captions_why: str


@dataclass(frozen=True)
class Prepared:
    """Everything about a post that a check may go by. `answers`: publishing.checks.questions, slug -> answer."""

    said: tuple[Said, ...] = ()
    pictures: tuple[Pictured, ...] = ()
    video: Filmed | None = None
    kind: str = "general"
    answers: Mapping[str, str] = field(default_factory=dict)
    urgent_why: str = ""
    language: str = ""
    reply_control: str = ""
    publish_at: str = ""
    """ISO 8601; empty where it goes out on approval."""
    goes_out_on: date = date.min
    """The London day on which it goes out, as far as is known. No part of the content."""

    @property
    def urgent(self) -> bool:
        return bool(self.urgent_why)

    @property
    def has_media(self) -> bool:
        return bool(self.pictures) or self.video is not None

    def answer(self, question: str) -> str:
        return str(self.answers.get(question, "")).strip()

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        """Each text once, with the names of the official accounts that it is for; empty where it is for all."""
        names: dict[str, list[str]] = {}
        for one in self.said:
            if one.text.strip():
                names.setdefault(one.text, []).append(one.name)
        return [(text, "" if len(names) == 1 else ", ".join(where)) for text, where in names.items()]

    @cached_property
    def links(self) -> list[str]:
        return sorted({link for text, _ in self.texts for link in fingerprint.links(text)})

    @cached_property
    def everything_said(self) -> str:
        """The words everywhere, and what is said of and in its media."""
        said = [text for text, _ in self.texts] + [picture.alt_text for picture in self.pictures]
        if self.video is not None:
            said += [self.video.title, self.video.alt_text]
        return "\n".join(said)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over what goes out, when, where and as what it was declared. An approval is for this."""
        content = {
            "said": [[one.account_id, one.text, list(one.parts)] for one in self.said],
            "pictures": [[one.sha256, one.alt_text] for one in self.pictures],
            "video": [
                self.video.sha256,
                self.video.title,
                self.video.alt_text,
                self.video.captions,
                self.video.no_captions_why,
            ]
            if self.video
            else None,
            "kind": self.kind,
            "answers": dict(self.answers),
            "urgent_why": self.urgent_why,
            "language": self.language,
            "reply_control": self.reply_control,
            "publish_at": self.publish_at,
        }
        return digest(content)


@dataclass(frozen=True)
class Policy:
    """What the force has set, as it stands at the moment of judging."""

    levels: Mapping[str, str] = field(default_factory=dict)
    """Check -> at least this level."""
    override_by: Mapping[str, str] = field(default_factory=dict)
    """Check -> "approver" or "command"; nobody where it has no line."""
    periods: tuple[tuple[str, date, date], ...] = ()
    domains: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    """As +44…"""
    places: frozenset[str] = frozenset()
    """Names of neighbourhoods and official accounts, which are no names of people."""
    handles: frozenset[str] = frozenset()
    """Our own and those that the force lists, without the @ and in small letters."""

    @cached_property
    def digest(self) -> str:
        return digest(
            [
                dict(self.levels),
                dict(self.override_by),
                [[name, first.isoformat(), last.isoformat()] for name, first, last in self.periods],
                sorted(self.domains),
                sorted(self.numbers),
                sorted(self.places),
                sorted(self.handles),
            ]
        )


def digest(content: object) -> str:
    """SHA-256 over data, in hexadecimal digits, the same for the same data."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
