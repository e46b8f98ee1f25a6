"""Shifts as they come in a file: CSV or iCalendar, with what is wrong of each row in a sentence.

CSV: a first line with the columns `email`, `starts`, `ends`; times as 2026-11-29 19:00, in London, or ISO 8601
with an offset. iCalendar (RFC 5545): one event per shift; the person is its attendee's or organiser's
address, or an address in its summary. Repeating events are unrolled for a year, with the shifts that were
swapped, added or cancelled.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from dateutil import rrule
from icalendar import Calendar

from accounts import queries as accounts
from core import clock
from core.errors import NotValid
from escalation.models import Rota
from staff.models import StaffMember
from staff.roles import Power

MOST_ROWS = 5000
MOST_BYTES = 2_000_000
AHEAD = timedelta(days=366)
LONGEST = timedelta(days=14)
Row = dict[str, Any]


def rows_of(content: bytes) -> list[Row]:
    """The rows of a file: [{row, email, starts, ends, problem}], instants in UTC. Raises NotValid."""
    if len(content) > MOST_BYTES:
        raise NotValid("The file is larger than 2 MB. Export a shorter stretch.", field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotValid("The file is no text. Export the rota as CSV or iCalendar.", field="file") from None
    if "\0" in text:
        raise NotValid("The file is no text. Export the rota as CSV or iCalendar.", field="file")
    rows = list(_calendar(text) if text.lstrip().upper().startswith("BEGIN:VCALENDAR") else _csv(text))
    if not rows:
        raise NotValid("There is no shift in this file.", field="file")
    if len(rows) > MOST_ROWS:
        raise NotValid(
            f"The file has more than {MOST_ROWS:,} shifts. Export a shorter stretch.", field="file"
        )
    return rows


def plan(rows: list[Row], rota: Rota) -> list[Row]:
    """Each row with whom it is, and why it cannot be taken; those that are over are left out."""
    people = {person.email.casefold(): person for person in StaffMember.objects.filter(kind="person")}
    takers = {person.pk for person in accounts.people_with(Power.ACKNOWLEDGE_CASES)}
    now = clock.now()
    found: list[Row] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        line = {**row, "person": None, "called": "", "problem": row.get("fault", "")}
        if not line["problem"]:
            starts, ends = datetime.fromisoformat(row["starts"]), datetime.fromisoformat(row["ends"])
            if ends <= now:
                continue
            person = people.get(row["email"].casefold())
            if person is not None:
                line["person"], line["called"] = person.pk, person.called
            line["problem"] = _problem(row, person, takers, starts, ends, seen)
        found.append(line)
    return found


def _problem(
    row: Row,
    person: StaffMember | None,
    takers: set[int],
    starts: datetime,
    ends: datetime,
    seen: set[tuple[str, str]],
) -> str:
    if ends <= starts:
        return "It ends before it begins."
    if ends - starts > LONGEST:
        return "It is longer than 14 days."
    if person is None:
        return f"Nobody here has the address {row['email']}." if row["email"] else "It names nobody."
    if not person.active:
        return f"{person.called} has left."
    if person.access_until is not None and person.access_until <= starts:
        return f"{person.called} leaves before it begins."
    if person.pk not in takers:
        return f"{person.called} holds no role that may have cases."
    key = (row["email"].casefold(), row["starts"])
    if key in seen:
        return "The same person begins at the same time in another row."
    seen.add(key)
    return ""


def _csv(text: str) -> Iterator[Row]:
    try:
        sample = text[:2000]
        delimiter = ";" if sample.count(";") > sample.count(",") else ","
        reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        names = {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}
        lacking = [name for name in ("email", "starts", "ends") if name not in names]
        if lacking:
            raise NotValid(
                f"The first line must name the columns email, starts and ends; it lacks {', '.join(lacking)}.",
                field="file",
            )
        for number, row in enumerate(reader, start=2):
            given = {key: str(row.get(names[key]) or "").strip()[:254] for key in ("email", "starts", "ends")}
            if not any(given.values()):
                continue
            starts, ends = _instant(given["starts"]), _instant(given["ends"])
            fault = ""
            if starts is None or ends is None:
                wrong = given["starts"] if starts is None else given["ends"]
                fault = f"“{wrong[:40]}” is no time such as 2026-11-29 19:00."
            yield _row(number, given["email"], starts, ends, fault)
    except csv.Error:
        raise NotValid("The file is no CSV that can be read.", field="file") from None


def _instant(text: str) -> datetime | None:
    for pattern in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=clock.LONDON).astimezone(UTC)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=clock.LONDON)).astimezone(UTC)


def _calendar(text: str) -> Iterator[Row]:
    try:
        calendar = Calendar.from_ical(text)
        events = list(calendar.walk("VEVENT"))
    except (ValueError, KeyError, IndexError):
        raise NotValid("The file is no iCalendar that can be read.", field="file") from None
    changed: dict[str, set[datetime]] = {}
    for event in events:
        if (instead := _instead_of(event)) is not None:
            changed.setdefault(str(event.get("UID", "")), set()).add(instead)
    for number, event in enumerate(events, start=1):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        try:
            yield from _event(number, event, changed.get(str(event.get("UID", "")), set()))
        except (ValueError, KeyError, TypeError, AttributeError):
            yield _row(number, "", None, None, "This event cannot be read.")


def _instead_of(event: Any) -> datetime | None:
    """Which shift of a repeating event this one stands in for: somebody swapped it, or it was cancelled."""
    try:
        return _as_instant(event.decoded("RECURRENCE-ID"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _event(number: int, event: Any, changed: set[datetime]) -> Iterator[Row]:
    starts = _as_instant(event.decoded("DTSTART"))
    ends = _as_instant(event.decoded("DTEND")) if "DTEND" in event else starts + event.decoded("DURATION")
    email = _email_of(event)
    if "RECURRENCE-ID" in event and "RANGE" in event["RECURRENCE-ID"].params:
        yield _row(number, email, None, None, "It changes all that follow at once. Write them as one event.")
        return
    added = {_wall(at) for at in _instants(event.get("RDATE"))}
    if "RRULE" not in event and not added:
        yield _row(number, email, starts, ends, "")
        return
    # Repeats begin and end at their London wall-clock times over the change of the clocks: a night shift until 7 in
    # the morning ends at 7 on that morning too, though it is an hour longer or shorter.
    first, length = _wall(starts), _wall(ends) - _wall(starts)
    left_out = _instants(event.get("EXDATE")) | changed
    now = _wall(clock.now())
    repeats: Iterable[datetime] = [first]
    if "RRULE" in event:
        text = event["RRULE"].to_ical().decode()
        text = re.sub(r"UNTIL=(\d{8})(?![T\d])", r"UNTIL=\1T235959", text)
        text = re.sub(r"UNTIL=(\d{8}T\d{6})Z", _until, text)
        if re.search(r"FREQ=(SECOND|MINUTE|HOUR)LY", text):
            yield _row(number, email, None, None, "It repeats more often than once a day.")
            return
        rule = rrule.rrulestr(text, dtstart=first).xafter(now - LONGEST, inc=True)
        repeats = takewhile(lambda at: at <= now + AHEAD, islice(rule, MOST_ROWS + 1))
    for at in sorted({*repeats, *added}):
        begins = _in_utc(at)
        if begins not in left_out:
            yield _row(number, email, begins, _in_utc(at + length), "")


def _until(found: re.Match[str]) -> str:
    """The end of a rule, which is written in UTC, on the wall clock by which it repeats."""
    at = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return f"UNTIL={_wall(at):%Y%m%dT%H%M%S}"


def _wall(at: datetime) -> datetime:
    return at.astimezone(clock.LONDON).replace(tzinfo=None)


def _in_utc(wall: datetime) -> datetime:
    return wall.replace(tzinfo=clock.LONDON).astimezone(UTC)


def _instants(given: Any) -> set[datetime]:
    """Those of a list of dates, as EXDATE and RDATE hold them."""
    return {_as_instant(one.dt) for part in _listed(given) for one in getattr(part, "dts", ())}


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given] if given is not None else []


def _as_instant(given: date | datetime) -> datetime:
    if not isinstance(given, datetime):
        given = clock.midnight(given)
    return (given if given.tzinfo else given.replace(tzinfo=clock.LONDON)).astimezone(UTC)


def _email_of(event: Any) -> str:
    places = [*_listed(event.get("ATTENDEE")), *_listed(event.get("ORGANIZER")), event.get("SUMMARY") or ""]
    places.append(event.get("DESCRIPTION") or "")
    for place in places:
        if found := re.search(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+", str(place)):
            return found[0][:254]
    return ""


def _row(number: int, email: str, starts: datetime | None, ends: datetime | None, fault: str) -> Row:
    return {
        "row": number,
        "email": email,
        "starts": starts.isoformat() if starts else "",
        "ends": ends.isoformat() if ends else "",
        "fault": fault,
    }
