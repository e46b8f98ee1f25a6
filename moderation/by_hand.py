"""Comments from platforms that are worked by hand, as somebody pasted or imported them.

CSV: a header row with author, text and posted_at, and if wanted name, link and under (the link of our
post that it stands under). Times are on London clocks ("28/11/2026 18:40") or ISO 8601 with a zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from core import clock, sheets
from core.errors import NotValid
from platforms.contract import RawMessage
from platforms.manual import mapping

MOST_ROWS = 2_000
LARGEST_BYTES = 2 * 1024 * 1024
LONGEST_TEXT = 20_000
NEEDED = ("author", "text", "posted_at")
KNOWN = (*NEEDED, "name", "link", "under")
SHAPE = sheets.Shape("comments", MOST_ROWS, LARGEST_BYTES, known=KNOWN, needed=NEEDED)
FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
AHEAD = timedelta(minutes=15)


def message(
    *, author: str, text: str, posted_at: datetime, link: str = "", under: str = "", name: str = ""
) -> RawMessage:
    """One comment as it was pasted. Raises NotValid with the field."""
    author, text = " ".join(author.split()).lstrip("@"), text.strip()
    if not author or len(author) > 200:
        raise NotValid(
            "Give the name or handle under which it was written, up to 200 characters.", field="author"
        )
    if not text:
        raise NotValid("Paste the words.", field="text")
    if len(text) > LONGEST_TEXT:
        raise NotValid("Those are more than 20,000 characters. Paste the comment alone.", field="text")
    if posted_at > clock.now() + AHEAD:
        raise NotValid("That time is yet to come.", field="posted_at")
    for field, value in (("link", link), ("under", under)):
        if len(value) > 290 or (field == "link" and value and not value.startswith(("https://", "http://"))):
            raise NotValid("Paste a link that begins with https://, up to 290 characters.", field=field)
    return mapping.raw_message(
        author=author,
        name=" ".join(name.split())[:200],
        text=text,
        posted_at=posted_at,
        link=link,
        under=under,
    )


def read_list(content: bytes) -> Sequence[RawMessage]:
    """Every row of a CSV file, or none: each fault is told with its line. Raises NotValid."""
    sheet = sheets.read(content, SHAPE)
    found: list[RawMessage] = []
    faults: list[str] = []
    for row in sheet:
        try:
            found.append(
                message(
                    author=row["author"],
                    text=row["text"],
                    posted_at=instant(row["posted_at"]),
                    link=row["link"],
                    under=row["under"],
                    name=row["name"],
                )
            )
        except NotValid as refusal:
            faults.append(f"Line {row['line']}: {refusal.sentence}")
    if faults:
        more = f" And {len(faults) - 5} more." if len(faults) > 5 else ""
        raise NotValid(" ".join(faults[:5]) + more + " Nothing was imported.", field="file")
    return found


def instant(text: str) -> datetime:
    """A time as people write it, on London clocks unless it names a zone. Raises NotValid."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found
    except ValueError:
        pass
    for shape in FORMATS:
        try:
            return datetime.strptime(text, shape).replace(tzinfo=clock.LONDON)
        except ValueError:
            continue
    raise NotValid("Give the time as 28/11/2026 18:40 on London clocks.", field="posted_at")
