"""Policing areas as a drawing: boundaries of the register on a flat page, north up. Pure; every map uses it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import AreaDetails

DRAWN = 600
"""Units of a map, across; its height follows from what it shows."""
NARROW = 0.6
"""A degree of longitude beside one of latitude, at about 53 degrees north."""
MOST_CORNERS = 200
"""Of one outline, evenly."""


@dataclass(frozen=True)
class Outline:
    """One area: its corners as an SVG polygon has them, and where its name stands."""

    name: str
    points: str
    x: float
    y: float


@dataclass(frozen=True)
class Projection:
    """Where latitude and longitude lie on the page."""

    south: float
    north: float
    west: float
    east: float
    scale: float

    @property
    def height(self) -> int:
        """Units down."""
        return max(1, round((self.north - self.south) * self.scale))

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Units across and down."""
        return (
            round((longitude - self.west) * NARROW * self.scale, 1),
            round((self.north - latitude) * self.scale, 1),
        )

    def holds(self, point: Sequence[float]) -> bool:
        """Whether a latitude and longitude lie on the page."""
        return self.south <= point[0] <= self.north and self.west <= point[1] <= self.east

    def outline(self, area: AreaDetails) -> Outline:
        """The boundary of an area, drawn."""
        corners = area.boundary[:: max(1, len(area.boundary) // MOST_CORNERS)]
        drawn = [self.at(*corner) for corner in corners]
        return Outline(
            area.neighbourhood.name, " ".join(f"{x},{y}" for x, y in drawn), *self.at(*middle_of(area))
        )


def with_boundary() -> list[AreaDetails]:
    """The areas whose boundary is known, by name."""
    rows = AreaDetails.objects.select_related("neighbourhood").order_by("neighbourhood__name")
    return [one for one in rows if len(one.boundary) >= 3]


def projection(areas: Iterable[AreaDetails]) -> Projection:
    """A page that holds all of them. There is at least one with a boundary."""
    corners = [corner for one in areas for corner in one.boundary]
    south, north = min(c[0] for c in corners), max(c[0] for c in corners)
    west, east = min(c[1] for c in corners), max(c[1] for c in corners)
    across, down = (east - west) * NARROW, north - south
    return Projection(south, north, west, east, DRAWN / max(across, down / 3, 1e-6))


def middle_of(area: AreaDetails) -> list[float]:
    """Its centre as the register has it, else the middle of its corners."""
    if area.centre:
        return list(area.centre)
    return [sum(corner[axis] for corner in area.boundary) / len(area.boundary) for axis in (0, 1)]


def area_at(areas: Iterable[AreaDetails], latitude: float, longitude: float) -> AreaDetails | None:
    """The area in whose boundary a point lies; None for none. A ray to the east crosses its sides an odd number of times."""
    for area in areas:
        inside, last = False, area.boundary[-1]
        for corner in area.boundary:
            if (corner[0] > latitude) != (last[0] > latitude) and longitude < (last[1] - corner[1]) * (
                latitude - corner[0]
            ) / (last[0] - corner[0]) + corner[1]:
                inside = not inside
            last = corner
        if inside:
            return area
    return None
