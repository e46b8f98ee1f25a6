"""What the map shows: worries, tips, disorder and comments by category, each counted by neighbourhood in a stretch of days.

Nothing finer than a neighbourhood leaves this module: a place that somebody gave is looked up in the boundaries and
then forgotten, so that no home is ever shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Sum

from accounts import outlines
from accounts.models import AreaDetails, Neighbourhood
from core import clock
from insights import counting, queries_areas
from insights import queries_figures as figures
from insights.map_drawing import Drawing, draw
from insights.models import AreaDay
from insights.queries_figures import Period
from moderation import tips
from moderation.categories import Category
from publishing.models import Concern
from staff.models import StaffMember

FEW = 5
"""Fewer are held back on what is shown outside: a small number may tell who it was."""
LONGEST_DAYS = 366
USUAL_DAYS = 28
LAYERS = {
    "comments": "Comments",
    "disorder": "Disorder and antisocial behaviour",
    "concerns": "You said, we did: worries raised",
    "tips": "Tips on appeals",
}
SOURCES = {
    "comments": "Comments to an official account of the neighbourhood, or that name a place in it.",
    "disorder": "Comments that triage or the desk sorted under disorder, violence in progress or antisocial behaviour.",
    "concerns": "Worries that somebody wrote down for the neighbourhood.",
    "tips": "Tips whose sender gave a place, or that name one of the gazetteer.",
}


@dataclass(frozen=True)
class Asked:
    """What the map is asked for: a layer, a category for comments, days, and whether it is for showing outside."""

    layer: str
    category: str
    since: date
    until: date
    public: bool


@dataclass(frozen=True)
class Row:
    """An area in the table. number: None where it is held back."""

    place: Neighbourhood
    number: int | None
    drawn: bool
    deaf: bool


@dataclass(frozen=True)
class Map:
    """The drawing, the table behind it, and a sentence that says what both show."""

    asked: Asked
    drawing: Drawing | None
    rows: list[Row]
    says: str
    source: str
    nowhere: int | None
    """Tips without any place; None for other layers, and on what is shown outside."""
    problem: str
    categories: list[tuple[str, str]]


def asked(given: Callable[[str], str]) -> tuple[Asked, str]:
    """What an address asks for, each part within bounds, and a sentence on what could not be used."""
    layer = given("layer") if given("layer") in LAYERS else "comments"
    category = given("category") if given("category") in Category.values and layer == "comments" else ""
    today = clock.today()
    since, wrong_since = _day(given("since"), today - timedelta(days=USUAL_DAYS - 1))
    until, wrong_until = _day(given("until"), today)
    problem = (
        "A day is written 2026-11-29; the usual four weeks are shown." if wrong_since or wrong_until else ""
    )
    if given("category") and layer == "comments" and not category:
        problem = "There is no such category any more, so comments about everything are shown."
    until = min(max(until, figures.FIRST_DAY), today)
    if since > until:
        since, problem = until, "The first day was after the last, so one day is shown."
    if (until - since).days >= LONGEST_DAYS:
        since = until - timedelta(days=LONGEST_DAYS - 1)
        problem = "At most a year is shown: the last one of these days."
    return Asked(layer, category, since, until, given("public") == "yes"), problem


def _day(text: str, usual: date) -> tuple[date, bool]:
    if not text:
        return usual, False
    try:
        return date.fromisoformat(text[:10]), False
    except ValueError:
        return usual, True


def map_of(viewer: StaffMember, wanted: Asked, problem: str = "") -> Map:
    """The neighbourhoods that the viewer may see with their numbers."""
    places = queries_areas.areas(viewer)
    details = [
        one for one in outlines.with_boundary() if one.neighbourhood_id in {place.pk for place in places}
    ]
    nowhere = None
    if wanted.layer == "concerns":
        numbers = _concerns(wanted)
    elif wanted.layer == "tips":
        numbers, nowhere = _tips(viewer, wanted, details)
    else:
        numbers = _comments(viewer, wanted)
    shown: dict[int, int | None] = {
        place.pk: None if wanted.public and 0 < numbers[place.pk] < FEW else numbers[place.pk]
        for place in places
    }
    with_outline = {one.neighbourhood_id for one in details}
    counts_comments = wanted.layer in ("comments", "disorder")
    rows = [
        Row(
            place,
            shown[place.pk],
            place.pk in with_outline,
            counts_comments and bool(queries_areas.deaf_days(place, wanted.since, wanted.until)),
        )
        for place in places
    ]
    rows.sort(key=lambda row: (-(row.number if row.number is not None else FEW - 1), row.place.name))
    return Map(
        wanted,
        draw(details, shown),
        rows,
        _says(wanted, rows),
        SOURCES[wanted.layer],
        None if wanted.public else nowhere,
        problem,
        [(str(one), Category(one).label) for one in queries_areas.TOPICS],
    )


def _comments(viewer: StaffMember, wanted: Asked) -> Counter[int]:
    """As the pages of the neighbourhoods say: to their own official accounts, and elsewhere naming a place of theirs."""
    categories: tuple[str, ...] = (wanted.category,) if wanted.category else ()
    if wanted.layer == "disorder":
        categories = queries_areas.DISORDER
    own = figures.received_by_place(viewer, Period(wanted.since, wanted.until), *categories)
    rows = AreaDay.objects.filter(day__gte=wanted.since, day__lte=wanted.until)
    if categories:
        rows = rows.filter(category__in=categories)
    named = rows.order_by().values_list("neighbourhood_id").annotate(n=Sum("comments"))
    return Counter(own) + Counter(dict(named))


def _concerns(wanted: Asked) -> Counter[int]:
    begins, ends = counting.bounds(wanted.since, wanted.until)
    rows = Concern.objects.filter(raised_at__gte=begins, raised_at__lt=ends)
    if not settings.DEMO:
        rows = rows.filter(exercise=False)
    return Counter(
        dict(
            rows.order_by()
            .values("neighbourhood_id")
            .annotate(n=Count("pk"))
            .values_list("neighbourhood_id", "n")
        )
    )


def _tips(viewer: StaffMember, wanted: Asked, details: list[AreaDetails]) -> tuple[Counter[int], int]:
    begins, ends = counting.bounds(wanted.since, wanted.until)
    found: Counter[int] = Counter()
    nowhere = 0
    rows = tips.tips(viewer).filter(received_at__gte=begins, received_at__lt=ends).order_by()
    for area, latitude, longitude in rows.values_list("area_id", "latitude", "longitude"):
        place = area
        if latitude is not None and longitude is not None:
            inside = outlines.area_at(details, latitude, longitude)
            place = inside.neighbourhood_id if inside is not None else area
        if place is None:
            nowhere += 1
        else:
            found[place] += 1
    return found, nowhere


def _says(wanted: Asked, rows: list[Row]) -> str:
    what = LAYERS[wanted.layer].lower()
    if wanted.category:
        what = f"comments about {Category(wanted.category).label.lower()}"
    days = (
        f"on {wanted.since:%-d %B %Y}"
        if wanted.since == wanted.until
        else f"from {wanted.since:%-d %B %Y} to {wanted.until:%-d %B %Y}"
    )
    if not rows:
        return "You see comments of no neighbourhood, so there is nothing to show."
    if all(row.number == 0 for row in rows):
        return f"No {what.removeprefix('you said, we did: ')} {days}."
    first = rows[0]
    if first.number is None:
        return f"{what.capitalize()} {days}: fewer than {FEW} everywhere."
    said = f"{what.capitalize()} {days}: most in {first.place.name} ({first.number})"
    if wanted.public:
        return f"{said}. Numbers under {FEW} are held back."
    whole = sum(row.number or 0 for row in rows)
    return f"{said}, {whole} in all neighbourhoods together; one may count for two."
