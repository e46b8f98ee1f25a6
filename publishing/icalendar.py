"""Posts as an iCalendar file (RFC 5545): lines of at most 75 bytes, text escaped, instants in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from publishing.models import Post

LASTS = timedelta(minutes=15)
"""A post takes no time; programs draw nothing for what lasts none."""


def _text(words: str) -> str:
    """RFC 5545, 3.3.11: backslash, semicolon, comma and line breaks are escaped; other control characters go."""
    kept = "".join(c for c in words if c == "\n" or (ord(c) >= 32 and ord(c) != 127))
    for one, other in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        kept = kept.replace(one, other)
    return kept


def _folded(line: str) -> Iterator[str]:
    """RFC 5545, 3.1: at most 75 bytes, and what goes on begins with a blank. No character is cut."""
    part, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > 75:
            yield part
            part, size = " ", 1
        part, size = part + character, size + width
    yield part


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def calendar(posts: Iterable[Post], *, name: str, host: str, page_of, now: datetime) -> str:
    """The file. Posts with `when` and `on` (publishing.queries_calendar). page_of: post -> its address here."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_text(host)}//Content calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for post in posts:
        where = ", ".join(account.name for account in post.on)  # type: ignore[attr-defined]
        began: datetime = post.when  # type: ignore[attr-defined]
        lines += [
            "BEGIN:VEVENT",
            f"UID:post-{post.pk}@{_text(host)}",
            f"SEQUENCE:{post.version}",
            f"DTSTAMP:{_instant(now)}",
            f"LAST-MODIFIED:{_instant(post.changed_at)}",
            f"DTSTART:{_instant(began)}",
            f"DTEND:{_instant(began + LASTS)}",
            f"SUMMARY:{_text(f'{post.title} ({post.get_state_display().lower()})')}",
            f"DESCRIPTION:{_text(f'On {where}')}",
            f"URL:{page_of(post)}",
            f"STATUS:{'CONFIRMED' if post.state in ('approved', 'published') else 'TENTATIVE'}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))
