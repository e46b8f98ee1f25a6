"""Policing areas in the shape of the data.police.uk API: read from a file or from its address. No writes here.

Shapes: https://data.police.uk/docs/ (neighbourhood list, specific neighbourhood, boundary; read 2026-11-29). Data
under the Open Government Licence v3.0. A file holds one neighbourhood, a list of them, or {"neighbourhoods": [...]},
each with its "boundary" beside the rest where there is one.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.html import strip_tags
from django.utils.text import slugify

from accounts import lookalikes
from accounts.models import Neighbourhood
from core.errors import NotValid
from core.typed import whole
from platforms.contract import Fault
from platforms.http import Http

LARGEST_BYTES = 8 * 1024 * 1024
MOST_AREAS = 200
MOST_CORNERS = 500
"""Of a boundary, evenly: enough for an outline, little enough for a page."""
WITHIN_S = 25.0
"""For all questions to the address together; longer lists come from a file."""
_PATH = re.compile(r"^/api/([a-z0-9-]{2,60})/([A-Za-z0-9_.&' -]{1,60}|neighbourhoods)/?$")
_DISTRICT = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}\b")
_URL = URLValidator(schemes=["https", "http"])


@dataclass
class Read:
    """One area as it was read: ready to be kept, or with what is wrong."""

    name: str
    code: str
    force: str = ""
    description: str = ""
    website: str = ""
    email: str = ""
    telephone: str = ""
    population: int | None = None
    centre: list[float] | None = None
    boundary: list[list[float]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    channels: list[dict[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    known: bool = False
    """Whether the register has a neighbourhood of that name."""


def from_file(content: bytes) -> list[Read]:
    """The areas of a file. Raises NotValid where it cannot be read at all."""
    if len(content) > LARGEST_BYTES:
        raise NotValid("The file is larger than 8 MB. Split it into several.", field="file")
    try:
        given = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotValid("The file is no JSON in UTF-8.", field="file") from None
    return plan(given)


def from_address(address: str) -> tuple[list[Read], str]:
    """The areas behind an address of the API, and the address in one form.

    https://data.police.uk/api/FORCE/neighbourhoods for all, .../FORCE/AREA for one. Only the hosts of
    settings.POLICE_DATA_HOSTS are asked. Raises NotValid (no such address; it does not answer as it should).
    """
    parts = urlsplit(address.strip())
    path = _PATH.match(parts.path)
    if (
        parts.scheme != "https"
        or parts.netloc not in settings.POLICE_DATA_HOSTS
        or path is None
        or parts.query
    ):
        raise NotValid(
            f"Give an address such as https://{settings.POLICE_DATA_HOSTS[0]}/api/wealdshire/neighbourhoods, "
            "or that of one neighbourhood.",
            field="address",
        )
    force, code = path.groups()
    http = Http(name=parts.netloc, base_url=f"https://{parts.netloc}")
    until = time.monotonic() + WITHIN_S
    try:
        if code == "neighbourhoods":
            listed = http.get(f"/api/{force}/neighbourhoods")
            if not isinstance(listed, list):
                raise NotValid(f"{parts.netloc} did not answer with a list.", field="address")
            codes = [str(one.get("id", "")) for one in listed if isinstance(one, dict)]
        else:
            codes = [code]
        if len(codes) > MOST_AREAS:
            raise NotValid(
                f"It lists {len(codes)} areas; at most {MOST_AREAS} are read at once.", field="address"
            )
        found: list[dict[str, Any]] = []
        for one in codes:
            if time.monotonic() > until:
                raise NotValid(
                    f"{parts.netloc} took more than {WITHIN_S:.0f} seconds for {len(found)} of {len(codes)} areas. "
                    "Save them to a file, or read them one by one.",
                    field="address",
                )
            if not re.fullmatch(r"[A-Za-z0-9_.&' -]{1,60}", one):
                raise NotValid("It lists an area without a usable id.", field="address")
            whole = http.get(f"/api/{force}/{one}")
            if not isinstance(whole, dict):
                raise NotValid(f"{parts.netloc} did not answer with a neighbourhood.", field="address")
            found.append({**whole, "boundary": http.get(f"/api/{force}/{one}/boundary"), "force": force})
    except Fault as fault:
        raise NotValid(f"{fault}", field="address") from None
    return plan(found), f"https://{parts.netloc}{parts.path}"


def plan(given: Any) -> list[Read]:
    """What each area comes to now. Raises NotValid where there is none, or too many."""
    if isinstance(given, dict):
        given = given["neighbourhoods"] if isinstance(given.get("neighbourhoods"), list) else [given]
    if not isinstance(given, list) or not given:
        raise NotValid("There is no neighbourhood in it.", field="file")
    if len(given) > MOST_AREAS:
        raise NotValid(f"At most {MOST_AREAS} areas are read at once.", field="file")
    known = {name.casefold() for name in Neighbourhood.objects.values_list("name", flat=True)}
    slugs = dict(Neighbourhood.objects.values_list("slug", "name"))
    found = [_read(one) for one in given]
    times = Counter(slug_of(one.name) for one in found)
    for one in found:
        one.known = one.name.casefold() in known
        slug = slug_of(one.name)
        if times[slug] > 1:
            one.wrong.append("It stands there more than once.")
        elif not one.known and slug in slugs:
            one.wrong.append(f"Its name is too much like that of {slugs[slug]}.")
    return found


def slug_of(name: str) -> str:
    """The name as it stands in an address."""
    return slugify(name.replace("’", "").replace("'", ""))[:60]


def _read(given: Any) -> Read:
    if not isinstance(given, dict):
        return Read("", "", wrong=["It is no neighbourhood."])
    contact = given.get("contact_details")
    contact = contact if isinstance(contact, dict) else {}
    row = Read(_text(given.get("name"), 120), _text(given.get("id"), 60), _text(given.get("force"), 60))
    if not slug_of(row.name):
        row.wrong.append("It has no name in letters.")
    row.description = _text(given.get("description") or given.get("welcome_message"), 4000)
    row.website = _address(given.get("url_force") or contact.get("web"), _URL, 300, row, "website")
    row.email = _address(contact.get("email"), validate_email, 254, row, "e-mail address")
    row.telephone = _text(contact.get("telephone"), 40)
    row.population = whole(_text(given.get("population"), 12), under=9) or None
    row.centre = _corner(given.get("centre"))
    row.boundary = _boundary(given.get("boundary"), row)
    row.places = _places(given)
    row.channels = _channels(contact, given)
    return row


def _text(value: Any, longest: int) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    text = strip_tags(value).replace("\x00", "")
    return " ".join(text.split())[:longest]


def _address(value: Any, check: Callable[[str], None], longest: int, row: Read, what: str) -> str:
    text = _text(value, 1000)
    if not text:
        return ""
    try:
        check(text)
    except ValidationError:
        text = "x" * 1001
    if len(text) > longest:
        row.notes.append(f"Its {what} cannot be used and is left out.")
        return ""
    return text


def _corner(value: Any) -> list[float] | None:
    if not isinstance(value, dict):
        return None
    try:
        lat, lng = float(value.get("latitude")), float(value.get("longitude"))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return [round(lat, 5), round(lng, 5)] if -90 <= lat <= 90 and -180 <= lng <= 180 else None


def _boundary(value: Any, row: Read) -> list[list[float]]:
    if not value:
        row.notes.append("It has no boundary.")
        return []
    corners = [corner for one in value if (corner := _corner(one))] if isinstance(value, list) else []
    if len(corners) < 3 or len(corners) != len(value):
        row.wrong.append("Its boundary is no list of latitudes and longitudes.")
        return []
    step = max(1, -(-len(corners) // MOST_CORNERS))
    return corners[::step]


def _places(given: dict[str, Any]) -> list[str]:
    """Names and postcode districts of its stations, and "places" where the file has them."""
    found: dict[str, None] = {}
    for one in given.get("places") or []:
        if text := _text(one, 120):
            found[text] = None
    locations = given.get("locations")
    for one in locations if isinstance(locations, list) else []:
        if isinstance(one, dict):
            for text in (_text(one.get("name"), 120),):
                if text:
                    found[text] = None
            postcode = f"{_text(one.get('postcode'), 12)} {_text(one.get('address'), 300)}".upper()
            for district in _DISTRICT.findall(postcode):
                found[district] = None
    return list(found)[:100]


def _channels(contact: dict[str, Any], given: dict[str, Any]) -> list[dict[str, str]]:
    """The accounts that the data lists: contact_details by platform, and engagement_methods."""
    found: dict[str, dict[str, str]] = {}
    methods = given.get("engagement_methods")
    listed = [
        (one.get("type") or one.get("title"), one.get("url"))
        for one in (methods if isinstance(methods, list) else [])
        if isinstance(one, dict)
    ]
    for what, url in [*contact.items(), *listed]:
        text = _text(url, 300)
        if not text.startswith(("https://", "http://")):
            continue
        host = (urlsplit(text).hostname or "").removeprefix("www.").removeprefix("m.")
        named = {"twitter": "x", "youtube": "youtube", "facebook": "facebook", "bebo": ""}.get(
            _text(what, 40).lower(), ""
        )
        platform = lookalikes.HOSTS.get(host, named)
        try:
            _URL(text)
        except ValidationError:
            continue
        if platform:
            found[lookalikes.plain_link(text)] = {"platform": platform, "url": text}
    return list(found.values())[:20]


def as_given(rows: list[Read]) -> str:
    """What was read, in the shape that it came in and without what is not used: for the form that imports it."""
    return json.dumps(
        {
            "neighbourhoods": [
                {
                    "name": row.name,
                    "id": row.code,
                    "force": row.force,
                    "description": row.description,
                    "url_force": row.website,
                    "contact_details": {"email": row.email, "telephone": row.telephone},
                    "population": row.population,
                    "centre": _as_corner(row.centre),
                    "boundary": [_as_corner(corner) for corner in row.boundary],
                    "places": row.places,
                    "engagement_methods": [
                        {"type": channel["platform"], "url": channel["url"]} for channel in row.channels
                    ],
                }
                for row in rows
            ]
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _as_corner(corner: list[float] | None) -> dict[str, float] | None:
    return {"latitude": corner[0], "longitude": corner[1]} if corner else None
