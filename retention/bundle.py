"""The bundle of a request: what goes out as a PDF and as JSON, in a ZIP with a manifest of their hashes.

Made from the burned texts alone (retention.redaction): what was redacted is in none of its files and in none of their
metadata. What is withheld is not named either; the letter says of it what the law wants said.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from core import clock
from core.errors import NotFound, NotValid
from core.paper import Paper, utc
from retention import pictures
from retention.models import FoundItem, RightsRequest
from retention.redaction import Span, burn

FORMAT = "smmp-disclosure/1"
MANIFEST_FORMAT = "smmp-disclosure-manifest/1"
CONTENT_TYPE = "application/zip"


@dataclass(frozen=True)
class Built:
    """A bundle before it is stored."""

    content: bytes
    manifest: dict[str, Any]
    redactions: int
    pictures: int


MOST_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Picture:
    """One picture or video as it goes in."""

    name: str
    content: bytes
    content_type: str
    covered: int
    """How many squares of it are black."""


def digest(items: Sequence[FoundItem]) -> str:
    """SHA-256 of what was decided on the items, and of what they say: any change makes another."""
    said = [
        # What has no pictures says what it said before there were any.
        [one.pk, one.decision, one.exemption, one.why, one.spans, one.parts]
        + ([one.files, one.given] if one.files else [])
        for one in sorted(items, key=lambda item: item.pk)
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def spans_of(item: FoundItem, part: int) -> list[Span]:
    """What is redacted in one part of a record."""
    return [Span(start, end, what) for of, start, end, what in item.spans if of == part]


def burned(item: FoundItem) -> list[tuple[str, str]]:
    """What a record says once its redactions are burned in."""
    return [(name, burn(text, spans_of(item, part))) for part, (name, text) in enumerate(item.parts)]


def build(request: RightsRequest, items: Sequence[FoundItem], *, at: datetime) -> Built:
    """The ZIP of those items that go in. Raises NotValid where a picture cannot be had, or all are too large."""
    included = [one for one in items if one.decision == FoundItem.Decision.INCLUDE]
    shown = {one.pk: _pictures(one, number) for number, one in enumerate(included, start=1)}
    going = [picture for of in shown.values() for picture in of]
    if sum(len(one.content) for one in going) > MOST_BYTES:
        raise NotValid(
            f"The pictures and videos come to more than {MOST_BYTES // (1024 * 1024)} MB. Leave the largest out and "
            "hand them over apart."
        )
    stem = request.reference
    files = {
        f"{stem}-records.pdf": _pdf(request, included, shown, at),
        f"{stem}-records.json": _json(request, included, shown, at),
        **{one.name: one.content for one in going},
    }
    manifest = {
        "format": MANIFEST_FORMAT,
        "force": settings.FORCE_NAME,
        "reference": request.reference,
        "made_at": at.isoformat(),
        "files": [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        ],
    }
    files["manifest.json"] = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    return Built(_zipped(files, at), manifest, sum(len(one.spans) for one in included), len(going))


def _pictures(item: FoundItem, number: int) -> list[Picture]:
    """What was decided to go in, as it goes in: named by its record alone, since its words may name somebody."""
    made = []
    for kept in pictures.of(item):
        if not kept.how:
            continue
        if kept.barred:
            raise NotValid(
                f"A picture of {item.noun.lower()} {item.subject_id} was sealed since. Decide on it again."
            )
        try:
            content, content_type = pictures.content(kept, kept.covered)
        except NotFound as gone:
            raise NotValid(f"{item.noun} {item.subject_id}: {gone}") from None
        name = f"pictures/{number:04}-{kept.number + 1}.{pictures.ending(content_type)}"
        made.append(Picture(name, content, content_type, len(kept.covered)))
    return made


Shown = Mapping[int, Sequence[Picture]]


def _json(request: RightsRequest, items: Sequence[FoundItem], shown: Shown, at: datetime) -> bytes:
    whole = {
        "format": FORMAT,
        "force": settings.FORCE_NAME,
        "reference": request.reference,
        "kind": request.get_kind_display(),
        "made_at": at.isoformat(),
        "records": [
            {
                "number": number,
                "kind": one.noun,
                "at": one.occurred_at.isoformat(),
                "parts": [{"name": name, "text": text} for name, text in burned(one)],
                "redactions": len(one.spans),
                "pictures": [
                    {
                        "file": picture.name,
                        "type": picture.content_type,
                        "sha256": hashlib.sha256(picture.content).hexdigest(),
                        "partly_covered": bool(picture.covered),
                    }
                    for picture in shown[one.pk]
                ],
            }
            for number, one in enumerate(items, start=1)
        ],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()


def _pdf(request: RightsRequest, items: Sequence[FoundItem], shown: Shown, at: datetime) -> bytes:
    paper = Paper(
        f"{request.reference}: what we hold", head=f"{settings.FORCE_NAME}, {request.reference}", at=at
    )
    paper.facts(
        [
            ("Request", f"{request.get_kind_display()}, received {request.received_on:%-d %B %Y}"),
            ("Your reference", request.outside_reference),
            ("Records", str(len(items))),
            ("Pictures", str(number) if (number := sum(map(len, shown.values()))) else ""),
            ("Made", utc(at)),
        ]
    )
    paper.text_block(
        "Where a text says [redacted], something about somebody else or something that the law lets us keep back stood "
        "there. It is not in this file. Where a picture is black, nothing lies under it. A letter that no type here has "
        "stands as its number, such as [U+4E2D]."
    )
    for number, one in enumerate(items, start=1):
        paper.heading(f"{number}. {one.noun}, {clock.in_london(one.occurred_at):%-d %B %Y, %H:%M}")
        for name, text in burned(one):
            if len(text) < 80 and "\n" not in text:
                paper.facts([(name, text)])
            else:
                paper.facts([(name, ":")])
                paper.text_block(text, exact=True)
        for place, picture in enumerate(shown[one.pk], start=1):
            paper.facts([(f"Picture {place}", picture.name)])
            if picture.content_type.startswith("image/"):
                paper.picture(picture.content, f"Picture {place} of record {number}")
    return paper.whole()


def _zipped(files: dict[str, bytes], at: datetime) -> bytes:
    out = io.BytesIO()
    local = clock.in_london(at)
    stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), content, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
