"""Reading the trail: for investigation alone, never for a feature.

Information security sees all of it; professional standards what is assigned to them. `in_sight` is
where every look begins, so that no page, count or export can go past an assignment.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model, load_backend
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.utils.text import capfirst

from audit import leaf
from audit.catalogue import EVENTS, RESTRICTED
from audit.models import Assignment, Entry, SavedSearch
from core import clock
from core.errors import NotPermitted

PAGE_LENGTH = 50
MOST_EXPORTED = 1_000_000
EXPORTED_AT_ONCE = 1_000
"""Entries of an export that are in memory at a time."""
OPENED = ("comment.viewed", "case.viewed", "commenter.history_viewed")
LISTED = ("comments.listed",)
OPENED_HERE = {"comment": OPENED, "case": ("case.viewed",), "file": ("file.viewed",)}
"""Events by which a record of a kind was opened."""
LISTED_HERE = {
    "comment": LISTED,
    "case": ("cases.listed",),
    "delivery": ("outbox.viewed",),
    "grant": ("service.looked",),
}
"""Events whose shown_ids are ids of records of the kind."""
SUBJECTS = {
    "comment": "moderation.comment",
    "commenter": "moderation.commenter",
    "case": "escalation.case",
    "post": "publishing.post",
    "delivery": "publishing.delivery",
    "file": "media.file",
    "staff member": "staff.staffmember",
    "official account": "accounts.officialaccount",
    "grant": "accounts.grant",
    "hold": "retention.hold",
}
KINDS = {label: kind for kind, label in SUBJECTS.items()}
PLATFORM_ITSELF = "platform"
NOT_SIGNED_IN = "public"
STAFF = "staff"
SERVICES = "service"
NOBODY_IN_PARTICULAR = (STAFF, SERVICES, PLATFORM_ITSELF, NOT_SIGNED_IN)
MOST_COMMENTS = 2_000
"""So many of one commenter's newest comments are looked for."""
SEE_ALL, SEE_ASSIGNED, SET_SAFEGUARDS = (
    "accounts.see_audit",
    "accounts.see_assigned_audit",
    "accounts.set_safeguards",
)


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:\+\d\d:\d\d|Z)$")
"""An instant among the details of an entry: people read it in London time."""


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
    return capfirst(said)


def event_name(name: str) -> str:
    """An event as a choice in a list, without anybody's name."""
    words = _Words(actor="Somebody", subject="…")
    return f"{EVENTS[name].sentence.format_map(words)}"


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; empty fields look for everything."""

    person: str = ""
    """Id of a staff member; "service-" and the id of a service identity; or one of NOBODY_IN_PARTICULAR."""
    event: str = ""
    operation: str = ""
    subject: str = ""
    """A key of SUBJECTS."""
    number: str = ""
    """Number of the subject; a case goes by its reference ("W-2041") or its number."""
    official_account: int | None = None
    commenter: int | None = None
    """Number of a commenter: what was done and seen of everything they wrote."""
    address: str = ""
    """A network address, or the beginning of some: "192.0.2." or "2001:db8:"."""
    since: datetime | None = None
    until: datetime | None = None

    def as_details(self) -> dict[str, Any]:
        """The filters as the trail notes them."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in dataclasses.asdict(self).items()
            if value not in ("", None)
        }


def span_around(instant: datetime) -> str:
    """The night (from 18:00 to 08:00 in London, named by its evening) or the day of an instant: "night-2026-11-22"."""
    local = clock.in_london(instant)
    if 8 <= local.hour < 18:
        return f"day-{local.date().isoformat()}"
    evening = local.date() if local.hour >= 18 else local.date() - timedelta(days=1)
    return f"night-{evening.isoformat()}"


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it."""

    entry: Entry
    sentence: str
    whole: bool
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def kind(self) -> str:
        """The kind of its record as the page of that record is addressed, where there is such a page."""
        known = KINDS.get(self.entry.subject_type, "")
        return known.replace(" ", "-") if self.entry.subject_id.isdigit() else ""

    @property
    def noun(self) -> str:
        """What kind of record it is about, in words."""
        return KINDS.get(self.entry.subject_type, "")

    @property
    def leads_on(self) -> bool:
        """Whether its reader may open what the actor did around it.

        Professional standards read what they keep to themselves without holding the rest of that night.
        """
        return self.by_staff and self.entry.event not in RESTRICTED

    @property
    def at_night(self) -> bool:
        return self.span.startswith("night")

    @property
    def by_staff(self) -> bool:
        """Whether a staff member did it, so that there is a page of what else they did."""
        return self.entry.actor_kind == "staff" and self.entry.actor_id is not None

    @property
    def span(self) -> str:
        """The night or day of it, as the page of its person is addressed."""
        return span_around(self.entry.at)

    @property
    def when(self) -> str:
        """London wall clock to the second: "22 Nov 03:12:09", with the year when it is another year."""
        local = clock.in_london(self.entry.at)
        year = "" if local.year == clock.today().year else f" {local.year}"
        return f"{local.day} {local:%b}{year} {local:%H:%M:%S}"


def in_sight(viewer: Any) -> QuerySet[Entry]:
    """The entries that a reader of the trail may see, count or take away: every list begins here.

    Professional standards: what is assigned to them now. What they keep to themselves is left out for
    everybody else, and for one of them what is about themselves, as if it were not there
    (docs/decisions/0013-conduct.md). Raises NotPermitted for whoever may read nothing.
    """
    conduct = viewer.has_perm("accounts.handle_conduct")
    about_oneself = Q(subject_type="staff.staffmember", subject_id=str(viewer.pk))
    known = Entry.objects.exclude(about_oneself, event__in=RESTRICTED) if conduct else open_entries()
    if viewer.has_perm(SEE_ALL):
        return known
    require_reader(viewer)
    allowed = Q(event__in=RESTRICTED) if conduct else Q(pk__in=[])
    for held in live_assignments(viewer):
        allowed |= Q(
            actor_kind="staff",
            actor_id__in=held.people_ids,
            at__gte=held.entries_since,
            at__lt=held.entries_until,
        )
    return known.filter(allowed)


def done_by(
    viewer: Any, person_id: int, *, since: datetime, until: datetime | None = None
) -> QuerySet[Entry]:
    """What somebody did since professional standards decided about them, or in a time they took, newest first.

    For them alone, without an assignment by anybody else; and never about oneself. Raises NotPermitted.
    """
    if not viewer.has_perm("accounts.handle_conduct") or viewer.pk == person_id:
        raise NotPermitted("This belongs to professional standards.")
    found = Entry.objects.filter(actor_kind="staff", actor_id=person_id, at__gte=since).order_by("-at", "-id")
    return found if until is None else found.filter(at__lt=until)


def events_of(person_ids: Iterable[int], *, since: datetime, events: Iterable[str]) -> dict[int, set[str]]:
    """Which of these events each person caused since then: for the review of access alone.

    The one question that a page outside the trail's own asks: it names no record and no content.
    """
    found: dict[int, set[str]] = {}
    rows = Entry.objects.filter(
        actor_kind="staff", actor_id__in=list(person_ids), at__gte=since, event__in=list(events)
    )
    for person_id, event in rows.order_by().values_list("actor_id", "event").distinct():
        if person_id is not None:
            found.setdefault(person_id, set()).add(event)
    return found


def open_entries() -> QuerySet[Entry]:
    """The entries that may go where no one reader is known, such as a stream to another system."""
    return Entry.objects.exclude(event__in=RESTRICTED)


def sees_all(viewer: Any) -> bool:
    """Whether the whole trail is open to the viewer, rather than what is assigned to them."""
    return bool(viewer.has_perm(SEE_ALL))


def live_assignments(viewer: Any) -> list[Assignment]:
    """What is assigned to the viewer now."""
    return list(Assignment.objects.filter(officer_id=viewer.pk, ended_at=None, ends_at__gt=clock.now()))


def require_reader(viewer: Any) -> None:
    """Refuse whoever may not read any of the trail. Raises NotPermitted."""
    if not (viewer.has_perm(SEE_ALL) or viewer.has_perm(SEE_ASSIGNED)):
        raise NotPermitted("The audit trail is read by information security and professional standards.")


def require_all(viewer: Any) -> None:
    """Refuse whoever may not read the whole trail. Raises NotPermitted."""
    if not viewer.has_perm(SEE_ALL):
        raise NotPermitted("Only information security assigns parts of the audit trail.")


def require_safeguards(viewer: Any) -> None:
    """Refuse whoever does not set reasons and thresholds. Raises NotPermitted."""
    if not viewer.has_perm(SET_SAFEGUARDS):
        raise NotPermitted("Safeguards are set by information security and the service administrator.")


def entries(viewer: Any, filters: Filters) -> QuerySet[Entry]:
    """The entries that match, newest first. Raises NotPermitted."""
    found = in_sight(viewer).order_by("-at", "-id")
    if filters.person == PLATFORM_ITSELF:
        found = found.filter(actor_kind="system")
    elif filters.person == NOT_SIGNED_IN:
        found = found.filter(actor_kind="public")
    elif filters.person in (STAFF, SERVICES):
        found = found.filter(actor_kind=filters.person)
    elif filters.person.startswith(f"{SERVICES}-"):
        found = found.filter(actor_kind="service", actor_id=int(filters.person.removeprefix(f"{SERVICES}-")))
    elif filters.person:
        found = found.filter(actor_kind="staff", actor_id=int(filters.person))
    if filters.event:
        found = found.filter(event=filters.event)
    if filters.operation:
        found = found.filter(operation=filters.operation)
    if filters.subject:
        found = found.filter(subject_type=SUBJECTS[filters.subject])
        if filters.number:
            found = found.filter(_numbered(filters))
    if filters.official_account is not None:
        found = found.filter(official_account_id=filters.official_account)
    if filters.commenter is not None:
        found = newest_of_few(found.filter(about_commenter(filters.commenter)))
    if filters.address.endswith((".", ":")):
        found = found.filter(source_address__startswith=filters.address)
    elif filters.address:
        found = found.filter(source_address=filters.address)
    if filters.since is not None:
        found = found.filter(at__gte=filters.since)
    if filters.until is not None:
        found = found.filter(at__lt=filters.until)
    return found


def newest_of_few(found: QuerySet[Entry]) -> QuerySet[Entry]:
    """Newest first, for filters that few entries match: matched by their own index, then sorted.

    Ordered by time as it is stored, Postgres would rather walk the whole trail backwards until it has
    enough, since it cannot know how rare one number in `shown_ids` is.
    """
    return found.annotate(
        sorted_at=ExpressionWrapper(F("at") + timedelta(0), output_field=DateTimeField())
    ).order_by("-sorted_at", "-id")


def about_commenter(number: int) -> Q:
    """What was done and seen of one commenter: of themselves, and of their newest MOST_COMMENTS comments."""
    return about(number, comments_of(number))


def about(number: int, ids: Sequence[int]) -> Q:
    """What was done and seen of a commenter whose comments have these numbers."""
    shown = Q(shown_ids__overlap=ids, event__in=(*OPENED, *LISTED)) if ids else Q(pk__in=[])
    return (
        shown
        | Q(subject_type=SUBJECTS["commenter"], subject_id=str(number))
        | Q(subject_type=SUBJECTS["comment"], subject_id__in=[str(pk) for pk in ids])
    )


def comments_of(commenter: int) -> list[int]:
    """Numbers of a commenter's comments, newest first, MOST_COMMENTS at most; none of their words."""
    comments = apps.get_model("moderation.Comment")._default_manager
    return list(
        comments.filter(commenter_id=commenter)
        .order_by("-posted_at")
        .values_list("pk", flat=True)[:MOST_COMMENTS]
    )


def author_of(comment: int) -> int | None:
    """The number of whoever wrote a comment; None once it is disposed of."""
    comments = apps.get_model("moderation.Comment")._default_manager
    return comments.filter(pk=comment).values_list("commenter_id", flat=True).first()


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
    if entry.source_address:
        facts.append(("address", entry.source_address))
    if entry.request_id:
        facts.append(("request", entry.request_id))
    return Line(entry, sentence(entry), leaf.is_whole(entry), facts)


def people() -> list[tuple[str, str]]:
    """All staff, the platform itself, and each staff member and service identity to choose from, leavers too."""
    return [
        (STAFF, "Any staff member"),
        (SERVICES, "Any service identity"),
        (PLATFORM_ITSELF, "The platform itself"),
        (NOT_SIGNED_IN, "Somebody not signed in"),
        *members(),
        *(
            (f"{SERVICES}-{one.pk}", f"{one} (service identity)")
            for one in get_user_model().everyone.filter(kind="service").order_by("name")  # type: ignore[attr-defined]
        ),
    ]


def members() -> list[tuple[str, str]]:
    """Each staff member to choose from, leavers too; no programs."""
    found = get_user_model()._default_manager.order_by("name")
    return [(str(member.pk), str(member)) for member in found]


def official_accounts() -> list[tuple[str, str]]:
    """Official accounts to choose from. The trail copies ids: the register gives them names."""
    return [
        (str(account.pk), str(account))
        for account in apps.get_model("accounts.OfficialAccount")._default_manager.order_by("name", "id")
    ]


def person(pk: int) -> Any | None:
    """A staff member by number, leavers too."""
    return get_user_model()._default_manager.filter(pk=pk).first()


def officers() -> list[Any]:
    """Who holds the role of professional standards now, by name."""
    backend: Any = load_backend(settings.AUTHENTICATION_BACKENDS[0])
    return list(backend.with_perm(SEE_ASSIGNED).order_by("name", "pk"))


def in_words(filters: Filters) -> list[tuple[str, str]]:
    """The filters as people read them: ("Who", "Amira Hussain")."""
    words: list[tuple[str, str]] = []
    if filters.person in NOBODY_IN_PARTICULAR or filters.person.startswith(f"{SERVICES}-"):
        words.append(("Who", dict(people()).get(filters.person, filters.person)))
    elif filters.person:
        words.append(("Who", str(person(int(filters.person)) or f"number {filters.person}")))
    if filters.event:
        words.append(("What happened", event_name(filters.event)))
    if filters.operation:
        words.append(("Kind of processing", filters.operation))
    if filters.subject:
        words.append(("To what", f"{filters.subject} {filters.number}".strip()))
    if filters.official_account is not None:
        names = dict(official_accounts())
        words.append(
            ("Official account", names.get(str(filters.official_account), str(filters.official_account)))
        )
    if filters.commenter is not None:
        words.append(("Commenter’s reference", str(filters.commenter)))
    if filters.address:
        words.append(("Network address", filters.address))
    for label, instant in (("From", filters.since), ("Up to", filters.until)):
        if instant is not None:
            words.append((label, f"{clock.in_london(instant):%-d %b %Y %H:%M}"))
    return words


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as one line for another system, its sentence beside its fields."""
    return {
        "entry": entry.pk,
        "at": entry.at.isoformat(),
        "sentence": sentence(entry),
        "event": entry.event,
        "operation": entry.operation,
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name},
        "subject": {"type": entry.subject_type, "id": entry.subject_id, "name": entry.subject_name},
        "official_account": entry.official_account_id,
        "shown": entry.shown_ids,
        "details": entry.details,
        "reason": entry.reason,
        "request": entry.request_id,
        "address": entry.source_address,
        "leaf_hash": bytes(entry.leaf_hash or b"").hex(),
    }


def saved_searches(viewer: Any) -> QuerySet[SavedSearch]:
    """The viewer's own saved searches, by name."""
    return SavedSearch.objects.filter(owner_id=viewer.pk)


def assignments(viewer: Any) -> list[Assignment]:
    """Assignments, live ones first: all of them for information security, their own for professional standards."""
    require_reader(viewer)
    found = Assignment.objects.all() if sees_all(viewer) else Assignment.objects.filter(officer_id=viewer.pk)
    return sorted(found[:200], key=lambda held: not held.live)


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
    if isinstance(value, str) and _INSTANT.match(value):
        with contextlib.suppress(ValueError):
            return f"{clock.in_london(datetime.fromisoformat(value)):%-d %b %Y %H:%M:%S}"
    return "none" if value is None else str(value)


def _numbers(ids: Iterable[int], most: int = 60) -> str:
    numbers = list(ids)
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return ", ".join(str(number) for number in numbers[:most]) + more
