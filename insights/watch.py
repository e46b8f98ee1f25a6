"""What in the trail is worth an alert: each kind looks at the entries that are new and counts around them.

Counting is anew for every occasion and from the trail alone, so that reading an entry twice finds the
same thing. What professional standards keep to themselves is left out (audit.queries.open_entries): an
alert must not give it away. Records of exercise accounts are counted apart from real ones.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from accounts import glass as glasses
from accounts.models import BreakGlass, OfficialAccount
from audit.catalogue import RESTRICTED
from audit.models import Entry
from audit.queries import open_entries
from core import clock
from escalation.models import Case
from insights.kinds import KINDS
from insights.models import AlertRule
from moderation.models import Comment, Commenter
from staff.models import StaffMember

OLDEST = timedelta(days=31)
"""Older entries raise nothing, such as those of a long trail that is read for the first time."""
VIEWED = ("comment.viewed", "case.viewed", "commenter.history_viewed", "file.viewed")
REFUSED = ("staff.step_up_refused", "staff.second_factor_refused")
SIGNED_IN = "staff.signed_in"
LOOKED_UP = "commenter.history_viewed"
ANNOUNCED, CALLED_OFF, LEFT = "staff.leaving_announced", "staff.leaving_called_off", "staff.member_left"
OPENED_IN_EMERGENCY = "accounts.break_glass_opened"
RESTORED = frozenset({"audit.restored", "backup.restored"})
WRITTEN_NATIVELY = "account.native_post"
OF_THE_PLATFORM = frozenset({"trail_restored", "native_post"})
"""Kinds that look at what no staff member did while signed in."""
MOST_READ = 20_000

Numbers = Mapping[str, int]
Record = tuple[str, str]


@dataclass(frozen=True)
class Found:
    """One occasion, as an alert will say it. `key` is the same however often it is found."""

    kind: str
    key: str
    sentence: str
    count: int
    first_at: datetime
    last_at: datetime
    person_id: int | None = None
    person_name: str = ""
    subject_type: str = ""
    subject_id: str = ""
    exercise: bool = False


def rules() -> dict[str, Numbers]:
    """The numbers that hold now, for the kinds that are on."""
    held = {rule.kind: rule for rule in AlertRule.objects.all()}
    found: dict[str, Numbers] = {}
    for kind, known in KINDS.items():
        rule = held.get(kind)
        if rule is None or rule.on:
            given = rule.numbers if rule else {}
            found[kind] = {name: int(given.get(name, n.default)) for name, n in known.numbers.items()}
    return found


def look(entries: Sequence[Entry], numbers: Mapping[str, Numbers]) -> list[Found]:
    """Everything that these entries give reason to raise, each occasion once: the last time it was met."""
    since = clock.now() - OLDEST
    fresh = [entry for entry in entries if entry.at >= since and entry.event not in RESTRICTED]
    by_staff = [entry for entry in fresh if entry.actor_kind == "staff" and entry.actor_id is not None]
    found: dict[str, Found] = {}
    for kind, watch in _WATCHES.items():
        if kind in numbers:
            for one in watch(fresh if kind in OF_THE_PLATFORM else by_staff, numbers[kind]):
                found[one.key] = one
    return list(found.values())


def _of(entry: Entry) -> QuerySet[Entry]:
    return open_entries().filter(actor_kind="staff", actor_id=entry.actor_id)


def _bulk_viewing(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    nights = {
        (entry.actor_id, night): entry
        for entry in entries
        if entry.event in VIEWED and (night := _night(entry.at, numbers)) is not None
    }
    for (person, night), entry in nights.items():
        since, until = _hours(night, numbers)
        rows = list(
            _of(entry)
            .filter(at__gte=since, at__lt=until)
            .exclude(subject_id="")
            .order_by("at")
            .values_list("event", "subject_type", "subject_id", "at")[:MOST_READ]
        )
        opened = {(kind, pk): at for event, kind, pk, at in reversed(rows) if event in VIEWED}
        worked = {(kind, pk) for event, kind, pk, _ in rows if event not in VIEWED}
        unworked = {record: at for record, at in opened.items() if record not in worked}
        invented = _exercise(unworked)
        for exercise in (False, True):
            times = [at for record, at in unworked.items() if (record in invented) == exercise]
            if len(times) >= numbers["records"]:
                yield Found(
                    "bulk_viewing",
                    f"bulk_viewing:{person}:{night}:{'exercise' if exercise else 'real'}",
                    f"{entry.actor_name} opened {len(times)} records in the night of {_day(night)} "
                    "and worked on none of them",
                    len(times),
                    min(times),
                    max(times),
                    person,
                    entry.actor_name,
                    exercise=exercise,
                )


def _exercise(records: Iterable[Record]) -> set[Record]:
    """Those that belong to an exercise."""
    ids: dict[str, list[int]] = {}
    for kind, pk in records:
        if pk.isdigit():
            ids.setdefault(kind, []).append(int(pk))
    found: set[Record] = set()
    for kind, rows in (
        ("moderation.comment", Comment.objects.filter(official_account__exercise=True)),
        ("moderation.commenter", Commenter.objects.filter(platform="exercise")),
        ("escalation.case", Case.objects.filter(exercise=True)),
    ):
        wanted = ids.get(kind, [])
        found |= {(kind, str(pk)) for pk in rows.filter(pk__in=wanted).values_list("pk", flat=True)}
    return found


def _night(at: datetime, numbers: Numbers) -> date | None:
    """The date on which the night of an instant begins; None outside the hours."""
    local = clock.in_london(at)
    begins, ends = numbers["from_hour"], numbers["to_hour"]
    if begins < ends:
        return local.date() if begins <= local.hour < ends else None
    if local.hour >= begins:
        return local.date()
    return local.date() - timedelta(days=1) if local.hour < ends else None


def _hours(night: date, numbers: Numbers) -> tuple[datetime, datetime]:
    begins, ends = numbers["from_hour"], numbers["to_hour"]
    last = night if begins < ends else night + timedelta(days=1)
    return (
        datetime.combine(night, time(begins), tzinfo=clock.LONDON),
        datetime.combine(last, time(ends), tzinfo=clock.LONDON),
    )


def _export_spike(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    for entry in entries:
        if not entry.event.endswith(".exported"):
            continue
        exports = list(
            _of(entry)
            .filter(at__gt=entry.at - timedelta(hours=24), at__lte=entry.at, event__endswith=".exported")
            .values_list("at", "details")
        )
        records = sum(_whole(details.get("count")) for _, details in exports)
        if len(exports) >= numbers["exports"] or records >= numbers["records"]:
            yield Found(
                "export_spike",
                f"export_spike:{entry.actor_id}:{clock.in_london(entry.at).date()}",
                f"{entry.actor_name} exported {len(exports)} times within 24 hours, {records:,} records in all",
                len(exports),
                min(at for at, _ in exports),
                entry.at,
                entry.actor_id,
                entry.actor_name,
            )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _repeated_lookups(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    for entry in entries:
        if entry.event != LOOKED_UP or not entry.details.get("counted"):
            continue
        times = list(
            open_entries()
            .filter(
                subject_type=entry.subject_type,
                subject_id=entry.subject_id,
                event=LOOKED_UP,
                details__counted=True,
                at__gt=entry.at - timedelta(days=numbers["days"]),
                at__lte=entry.at,
            )
            .order_by("at")
            .values_list("at", "actor_id")[:MOST_READ]
        )
        exercise = bool(_exercise([(entry.subject_type, entry.subject_id)]))
        month = f"{clock.in_london(entry.at):%Y-%m}"
        theirs = [at for at, actor in times if actor == entry.actor_id]
        about = f"commenter {entry.subject_id}"
        within = f"within {numbers['days']} days"
        if len(theirs) >= numbers["times"]:
            yield Found(
                "repeated_lookups",
                f"repeated_lookups:{entry.actor_id}:{entry.subject_id}:{month}",
                f"{entry.actor_name} looked up {about} {len(theirs)} times {within}",
                len(theirs),
                theirs[0],
                entry.at,
                entry.actor_id,
                entry.actor_name,
                entry.subject_type,
                entry.subject_id,
                exercise,
            )
        if len(times) >= numbers["force"]:
            people = len({actor for _, actor in times})
            yield Found(
                "repeated_lookups",
                f"repeated_lookups:force:{entry.subject_id}:{month}",
                f"The force looked up {about} {len(times)} times {within}, {people} staff members in all",
                len(times),
                times[0][0],
                entry.at,
                None,
                "",
                entry.subject_type,
                entry.subject_id,
                exercise,
            )


def _failed_step_ups(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    for entry in entries:
        if entry.event not in REFUSED:
            continue
        since = entry.at - timedelta(minutes=numbers["minutes"])
        times = list(
            _of(entry)
            .filter(event__in=REFUSED, at__gt=since, at__lte=entry.at)
            .order_by("at")
            .values_list("at", flat=True)
        )
        if len(times) >= numbers["times"]:
            hour = f"{clock.in_london(entry.at):%Y-%m-%dT%H}"
            yield Found(
                "failed_step_ups",
                f"failed_step_ups:{entry.actor_id}:{hour}",
                f"The second factor of {entry.actor_name} was refused {len(times)} times within "
                f"{numbers['minutes']} minutes",
                len(times),
                times[0],
                entry.at,
                entry.actor_id,
                entry.actor_name,
            )


def _leaving_access(entries: Sequence[Entry], numbers: Numbers) -> Iterable[Found]:
    people = {str(entry.actor_id) for entry in entries}
    notices = list(
        open_entries()
        .filter(
            subject_type="staff.staffmember",
            subject_id__in=people,
            event__in=(ANNOUNCED, CALLED_OFF, LEFT),
        )
        .order_by("at", "id")
        .values_list("subject_id", "event", "at")
    )
    if not notices:
        return
    here = set(
        StaffMember.objects.filter(pk__in=[int(pk) for pk in people], active=True).values_list(
            "pk", flat=True
        )
    )
    for entry in entries:
        stands = [(event, at) for pk, event, at in notices if pk == str(entry.actor_id) and at < entry.at]
        if not stands:
            continue
        event, noticed_at = stands[-1]
        day = clock.in_london(entry.at).date()
        if event == LEFT and entry.actor_id not in here:
            yield Found(
                "leaving_access",
                f"leaving_access:left:{entry.actor_id}:{day}",
                f"{entry.actor_name} did something after they had left",
                1,
                entry.at,
                entry.at,
                entry.actor_id,
                entry.actor_name,
            )
        elif event == ANNOUNCED and (entry.event in VIEWED or entry.event.endswith(".exported")):
            yield from _after_notice(entry, noticed_at, day, numbers)


def _after_notice(entry: Entry, noticed_at: datetime, day: date, numbers: Numbers) -> Iterable[Found]:
    midnight = clock.midnight(day)
    rows = list(
        _of(entry)
        .filter(at__gte=max(midnight, noticed_at), at__lte=entry.at)
        .filter(Q(event__in=VIEWED) | Q(event__endswith=".exported"))
        .order_by("at")
        .values_list("event", "subject_type", "subject_id", "at")[:MOST_READ]
    )
    opened = {(kind, pk) for event, kind, pk, _ in rows if event in VIEWED}
    exports = sum(1 for event, *_ in rows if event not in VIEWED)
    if exports or len(opened) >= numbers["records"]:
        took = f" and exported {exports} times" if exports else ""
        yield Found(
            "leaving_access",
            f"leaving_access:{entry.actor_id}:{day}",
            f"{entry.actor_name}, whose leaving is announced, opened {len(opened)} records on {_day(day)}{took}",
            len(opened) + exports,
            rows[0][3],
            entry.at,
            entry.actor_id,
            entry.actor_name,
        )


def _new_network(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    for entry in entries:
        network = network_of(entry.source_address)
        if entry.event != SIGNED_IN or not network:
            continue
        earlier = _of(entry).filter(event=SIGNED_IN, at__lt=entry.at).exclude(source_address="")
        lately = earlier.filter(at__gte=entry.at - timedelta(days=numbers["days"]))
        known = {
            network_of(address) for address in lately.values_list("source_address", flat=True).distinct()
        }
        if network in known or not (known or earlier.exists()):
            continue
        yield Found(
            "new_network",
            f"new_network:{entry.actor_id}:{network}:{clock.in_london(entry.at).date()}",
            f"{entry.actor_name} signed in from {network}, where they have not been for {numbers['days']} days",
            1,
            entry.at,
            entry.at,
            entry.actor_id,
            entry.actor_name,
        )


def _break_glass(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    """Every emergency access as it opens. Its name stands in the row: the entry names who agreed."""
    opened = {
        int(entry.subject_id): entry
        for entry in entries
        if entry.event == OPENED_IN_EMERGENCY and entry.subject_id.isdigit()
    }
    for glass in BreakGlass.objects.filter(pk__in=opened).select_related("person"):
        entry = opened[glass.pk]
        yield _emergency(
            glass,
            "opened",
            f"{glass.person.called} was given emergency access as {glass.get_role_display()}, "
            f"agreed by {entry.actor_name}",
            entry.at,
            entry.at,
        )


def _trail_restored(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    for entry in entries:
        if entry.event in RESTORED:
            details = entry.details
            yield Found(
                "trail_restored",
                f"trail_restored:{entry.pk}",
                f"{details.get('person')} answers for the restore of the backup {details['backup']}: nothing of the trail is lost"
                if "backup" in details
                else f"{details.get('person')} acknowledged on the command line (signed in there: {details.get('by')}) that "
                f"{_whole(details.get('entries')):,} entries of the trail are lost",
                max(1, _whole(details.get("entries"))),
                entry.at,
                entry.at,
            )


def _native_post(entries: Iterable[Entry], numbers: Numbers) -> Iterable[Found]:
    """One alert a day and official account: its figures grow with each further one."""
    for entry in entries:
        if entry.event != WRITTEN_NATIVELY:
            continue
        day = clock.in_london(entry.at).date()
        begun = clock.midnight(day)
        times = list(
            open_entries()
            .filter(event=WRITTEN_NATIVELY, subject_id=entry.subject_id, at__gte=begun, at__lte=entry.at)
            .order_by("at")
            .values_list("at", flat=True)
        )
        yield Found(
            "native_post",
            f"native_post:{entry.subject_id}:{day}",
            f"Something was written as {entry.subject_name} on the platform itself, and nobody had declared it",
            max(1, len(times)),
            times[0] if times else entry.at,
            entry.at,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            exercise=OfficialAccount.objects.filter(
                pk=entry.official_account_id or 0, exercise=True
            ).exists(),
        )


def overdue_reviews(numbers: Mapping[str, Numbers]) -> list[Found]:
    """Emergency accesses that are over and that nobody reviewed in time: the trail has no entry for what is not done."""
    if "break_glass" not in numbers:
        return []
    found = []
    for glass in glasses.unreviewed(
        ended_before=clock.now() - timedelta(hours=numbers["break_glass"]["hours"])
    ):
        if glass.ends_at is None:
            continue
        found.append(
            _emergency(
                glass,
                "review",
                f"Nobody has reviewed the emergency access of {glass.person.called}, which ended on "
                f"{_day(clock.in_london(glass.ends_at).date())}",
                glass.ends_at,
                clock.now(),
            )
        )
    return found


def _emergency(glass: BreakGlass, what: str, sentence: str, first_at: datetime, last_at: datetime) -> Found:
    return Found(
        "break_glass",
        f"break_glass:{glass.pk}:{what}",
        sentence,
        1,
        first_at,
        last_at,
        glass.person_id,
        glass.person.called,
        glass._meta.label_lower,
        str(glass.pk),
    )


def network_of(address: str) -> str:
    """The network that an address belongs to: 24 bits of IPv4, 48 of IPv6 (one site's usual share)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


_WATCHES = {
    "bulk_viewing": _bulk_viewing,
    "export_spike": _export_spike,
    "repeated_lookups": _repeated_lookups,
    "failed_step_ups": _failed_step_ups,
    "leaving_access": _leaving_access,
    "new_network": _new_network,
    "break_glass": _break_glass,
    "trail_restored": _trail_restored,
    "native_post": _native_post,
}
