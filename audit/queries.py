"""Reading the trail: for investigation alone, never for a feature. Holders of the right see all of it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from audit import leaf
from audit.catalogue import EVENTS, RESTRICTED
from audit.models import Entry
from core import clock
from core.errors import NotPermitted

PAGE_LENGTH = 50
MOST_EXPORTED = 10_000
MOST_LOOKS = 5_000
OPENED = ("comment.viewed", "case.viewed")
LISTED = ("comments.listed",)
SUBJECTS = {
    "comment": "moderation.comment",
    "case": "escalation.case",
    "post": "publishing.post",
    "delivery": "publishing.delivery",
    "file": "media.file",
}
PLATFORM_ITSELF = "platform"


class _Words(dict):
    """Values for a sentence; what an entry lacks is left out, never an error."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(entry: Entry) -> str:
    """What the entry says, in the words of the catalogue: "Insp Ruth Calder looked at case W-2041"."""
    event = EVENTS.get(entry.event)
    if event is None:
        return f"{entry.actor_name}: {entry.event}"
    words = _Words({key: _plain(value) for key, value in entry.details.items()})
    words["actor"] = entry.actor_name
    words["subject"] = entry.subject_name or _called(entry)
    said = event.sentence.format_map(words)
    return said[:1].upper() + said[1:]


def event_name(name: str) -> str:
    """An event as a choice in a list, without anybody's name."""
    words = _Words(actor="Somebody", subject="…")
    return f"{EVENTS[name].sentence.format_map(words)}"


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; empty fields look for everything."""

    person: str = ""
    """Id of a staff member, or PLATFORM_ITSELF."""
    event: str = ""
    subject: str = ""
    """A key of SUBJECTS."""
    number: str = ""
    """Number of the subject; a case goes by its reference ("W-2041") or its number."""
    official_account: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def as_details(self) -> dict[str, Any]:
        """The filters as the trail notes them."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in dataclasses.asdict(self).items()
            if value not in ("", None)
        }


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it."""

    entry: Entry
    sentence: str
    whole: bool
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def when(self) -> str:
        """London wall clock to the second: "22 Nov 03:12:09", with the year when it is another year."""
        local = clock.in_london(self.entry.at)
        year = "" if local.year == clock.today().year else f" {local.year}"
        return f"{local.day} {local:%b}{year} {local:%H:%M:%S}"


def in_sight(viewer: Any) -> QuerySet[Entry]:
    """The entries that a reader of the trail may see, count or take away: every list begins here.

    What professional standards keep to themselves is left out for everybody else, as if it were not
    there (docs/decisions/0013-conduct.md).
    """
    if viewer.has_perm("accounts.handle_conduct"):
        return Entry.objects.all()
    return open_entries()


def open_entries() -> QuerySet[Entry]:
    """The entries that may go where no one reader is known, such as a stream to another system."""
    return Entry.objects.exclude(event__in=RESTRICTED)


def entries(viewer: Any, filters: Filters) -> QuerySet[Entry]:
    """The entries that match, newest first. Raises NotPermitted."""
    _check(viewer)
    found = in_sight(viewer).order_by("-at", "-id")
    if filters.person == PLATFORM_ITSELF:
        found = found.filter(actor_kind="system")
    elif filters.person:
        found = found.filter(actor_id=int(filters.person))
    if filters.event:
        found = found.filter(event=filters.event)
    if filters.subject:
        found = found.filter(subject_type=SUBJECTS[filters.subject])
        if filters.number:
            found = found.filter(_numbered(filters))
    if filters.official_account is not None:
        found = found.filter(official_account_id=filters.official_account)
    if filters.since is not None:
        found = found.filter(at__gte=filters.since)
    if filters.until is not None:
        found = found.filter(at__lt=filters.until)
    return found


def page(
    viewer: Any, filters: Filters, *, before: tuple[datetime, int] | None = None
) -> tuple[list[Line], tuple[datetime, int] | None]:
    """One page of the trail, newest first, and where the next one starts."""
    found = entries(viewer, filters)
    if before is not None:
        at, pk = before
        found = found.filter(Q(at__lt=at) | Q(at=at, id__lt=pk), at__lte=at)
    rows = list(found[: PAGE_LENGTH + 1])
    last = rows[PAGE_LENGTH - 1] if len(rows) > PAGE_LENGTH else None
    return [line(entry) for entry in rows[:PAGE_LENGTH]], (last.at, last.pk) if last else None


def line(entry: Entry) -> Line:
    """An entry ready to be shown."""
    facts = [(name.replace("_", " "), _plain(value)) for name, value in entry.details.items()]
    if entry.reason:
        facts.append(("reason", entry.reason))
    if entry.shown_ids:
        facts.append(("records", _numbers(entry.shown_ids)))
    if entry.request_id:
        facts.append(("request", entry.request_id))
    return Line(entry, sentence(entry), leaf.is_whole(entry), facts)


@dataclass
class Looker:
    """One staff member, and how they met the comment."""

    actor_id: int | None
    name: str
    first_at: datetime
    last_at: datetime
    opened: int = 0
    listed: int = 0
    did: Counter[str] = field(default_factory=Counter)

    @property
    def acts(self) -> list[tuple[str, int]]:
        """What they did to it, and how often."""
        return list(self.did.items())

    @property
    def saw(self) -> str:
        """What they saw, in words."""
        parts = []
        if self.opened:
            parts.append("opened it once" if self.opened == 1 else f"opened it {self.opened} times")
        if self.listed:
            times = "once" if self.listed == 1 else f"{self.listed} times"
            parts.append(f"had it in a list {times}")
        return ", ".join(parts) or "worked on it"


@dataclass(frozen=True)
class Looks:
    """Who saw one comment."""

    number: int
    people: Sequence[Looker]
    opened: int
    listed_only: int
    first_at: datetime | None
    last_at: datetime | None
    disposed_at: datetime | None
    capped: bool


def who_saw(viewer: Any, number: int) -> Looks:
    """Every staff member who opened a comment, had it in a list, or worked on it. Raises NotPermitted.

    Views on the platform itself, outside this system, cannot be known.
    """
    _check(viewer)
    seen = in_sight(viewer)
    looks = seen.filter(shown_ids__contains=[number], event__in=(*OPENED, *LISTED), actor_kind="staff")
    acts = seen.filter(subject_type=SUBJECTS["comment"], subject_id=str(number), actor_kind="staff")
    found = {
        entry.pk: entry for query in (looks, acts) for entry in query.order_by("at", "id")[: MOST_LOOKS + 1]
    }
    people: dict[int | None, Looker] = {}
    for entry in sorted(found.values(), key=lambda entry: (entry.at, entry.pk)):
        looker = people.setdefault(
            entry.actor_id, Looker(entry.actor_id, entry.actor_name, entry.at, entry.at)
        )
        looker.last_at = entry.at
        if entry.event in OPENED:
            looker.opened += 1
        elif entry.event in LISTED:
            looker.listed += 1
        else:
            looker.did[sentence(entry).removeprefix(f"{entry.actor_name} ")] += 1
    lookers = sorted(people.values(), key=lambda looker: (not looker.opened, looker.first_at))
    disposed = Entry.objects.filter(
        shown_ids__contains=[number], event="records.disposed", details__contains={"class": "routine_comment"}
    ).first()
    return Looks(
        number=number,
        people=lookers,
        opened=sum(1 for looker in lookers if looker.opened),
        listed_only=sum(1 for looker in lookers if looker.listed and not looker.opened),
        first_at=min((looker.first_at for looker in lookers), default=None),
        last_at=max((looker.last_at for looker in lookers), default=None),
        disposed_at=disposed.at if disposed else None,
        capped=len(found) > MOST_LOOKS,
    )


def people() -> list[tuple[str, str]]:
    """Staff members to choose from, leavers too, and the platform itself."""
    members = get_user_model()._default_manager.order_by("name")
    return [
        (PLATFORM_ITSELF, "The platform itself"),
        *((str(member.pk), str(member)) for member in members),
    ]


def official_accounts() -> list[tuple[str, str]]:
    """Official accounts to choose from. The trail copies ids: the register gives them names."""
    return [
        (str(account.pk), str(account))
        for account in apps.get_model("accounts.OfficialAccount")._default_manager.order_by("name", "id")
    ]


def _check(viewer: Any) -> None:
    if not viewer.has_perm("accounts.see_audit"):
        raise NotPermitted("The audit trail is read by information security and professional standards.")


def _numbered(filters: Filters) -> Q:
    if filters.subject == "case" and not filters.number.isdigit():
        return Q(subject_name__iexact=filters.number)
    if filters.subject == "case":
        return Q(subject_name=f"W-{filters.number}") | Q(subject_id=filters.number)
    return Q(subject_id=filters.number)


def _called(entry: Entry) -> str:
    if not entry.subject_type:
        return "…"
    return f"{entry.subject_type.rpartition('.')[2]} {entry.subject_id}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(part)}" for key, part in value.items())
    return "none" if value is None else str(value)


def _numbers(ids: Iterable[int], most: int = 60) -> str:
    numbers = list(ids)
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return ", ".join(str(number) for number in numbers[:most]) + more
