"""Pictures and videos of another product become assets of the library, with rights, consent and alternative text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.posting import day_of
from core import clock
from media.models import File
from publishing.models import Asset
from smmp.moving.fields import Field, Step, faults, key_of
from staff.models import StaffMember
from staff.roles import Power

NEEDS = (Power.PLAN_POSTS,)
FIELDS = (
    Field(
        "file", "Name of the file", True, also=("filename", "file name", "image", "media", "asset"), most=200
    ),
    Field("title", "Title", also=("name", "caption"), most=120),
    Field(
        "alt_text",
        "What it shows",
        True,
        also=("alt text", "alternative text", "alt", "description"),
        most=1000,
    ),
    Field(
        "rights",
        "Whose it is",
        True,
        also=("copyright", "licence", "license"),
        choices=tuple((value, str(label)) for value, label in Asset.Rights.choices),
    ),
    Field("credit", "Credit", also=("author", "photographer", "owner"), most=200),
    Field(
        "consent",
        "Consent",
        True,
        also=("release", "model release"),
        choices=tuple((value, str(label)) for value, label in Asset.Consent.choices),
    ),
    Field("consent_note", "Where consent or reasons are kept", also=("consent reference",), most=300),
    Field("expires_on", "Last day", also=("expires", "expiry date", "expiration date"), most=10),
)


def plan(rows: Sequence[Mapping[str, str]], *, actor: StaffMember, files: Mapping[str, Any]) -> list[Step]:
    """What each row comes to. files: what came along, by name in small letters."""
    names = Counter(row["file"].lower() for row in rows)
    stored = File.objects.in_bulk([one["file"] for one in files.values() if "file" in one])
    here = set(Asset.objects.filter(retired_at=None, file__in=stored).values_list("file__sha256", flat=True))
    return [_step(row, names, files, stored, here) for row in rows]


def _step(
    row: Mapping[str, str],
    names: Counter[str],
    files: Mapping[str, Any],
    stored: Mapping[int, File],
    here: set[str],
) -> Step:
    wrong = faults(FIELDS, row)
    line, what = int(row["line"]), row["file"] or "no file"
    came = files.get(row["file"].replace("\\", "/").rpartition("/")[2].lower())
    if names[row["file"].lower()] > 1:
        wrong.append("This file stands in more than one row.")
    if row["file"] and came is None:
        wrong.append("No file of this name came along.")
    elif came is not None and "wrong" in came:
        wrong.append(came["wrong"])
    if row["rights"] and row["rights"] != Asset.Rights.OURS and not row["credit"]:
        wrong.append("Name whose it is, as it has to be credited.")
    if row["consent"] and row["consent"] != Asset.Consent.NOT_NEEDED and not row["consent_note"]:
        wrong.append("Say where the consent or the reasons are kept.")
    expires = day_of(row["expires_on"]) if row["expires_on"] else None
    if row["expires_on"] and expires is None:
        wrong.append("The last day is no date such as 31/12/2026.")
    elif expires is not None and expires < clock.today():
        wrong.append("Its last day has passed: it may not be used any more.")
    if wrong or came is None:
        return Step(line, what, "refused", wrong)
    file = stored[came["file"]]
    if file.sha256 in here:
        return Step(line, what, "known", ["The library has this picture or video already."])
    return Step(
        line,
        what,
        "new",
        ["It stands in the library."],
        key_of("media", file.sha256),
        {
            "file": file.pk,
            "title": row["title"] or row["file"][:120],
            "alt_text": row["alt_text"],
            "rights": row["rights"],
            "consent": row["consent"],
            "credit": row["credit"],
            "consent_note": row["consent_note"],
            "expires_on": expires.isoformat() if expires else "",
        },
    )
