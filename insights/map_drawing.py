"""A map of neighbourhoods shaded by a number, with the number as a disc in the middle of each. Pure; north up, no tiles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts import outlines
from accounts.models import AreaDetails
from insights import charts

LEAST_DISC, LARGEST_DISC = 9.0, 30.0


@dataclass(frozen=True)
class Shape:
    """An area as it is drawn. shade: 0 (none) to 5 (most). radius: of its disc, 0 where there is none."""

    pk: int
    slug: str
    name: str
    points: str
    x: float
    y: float
    shade: int
    radius: float
    label: str


@dataclass(frozen=True)
class Drawing:
    """The whole map."""

    shapes: Sequence[Shape]
    width: int
    height: int


def draw(details: Sequence[AreaDetails], numbers: Mapping[int, int | None]) -> Drawing | None:
    """Areas with a boundary, shaded. numbers: by neighbourhood; None is a number that is held back.

    None where no boundary is known. An area without one stands in the table alone.
    """
    if not details:
        return None
    plan = outlines.projection(details)
    most = max([n for n in numbers.values() if n] + [1])
    shapes = []
    for one in details:
        number = numbers.get(one.neighbourhood_id, 0)
        drawn = plan.outline(one)
        shapes.append(
            Shape(
                one.neighbourhood_id,
                one.neighbourhood.slug,
                drawn.name,
                drawn.points,
                drawn.x,
                drawn.y,
                charts.step(number, most),
                _radius(number, most),
                "few" if number is None else str(number),
            )
        )
    return Drawing(shapes, outlines.DRAWN, plan.height)


def _radius(number: int | None, most: int) -> float:
    """The area of a disc grows with its number."""
    if not number:
        return 0.0
    return round(max(LEAST_DISC, LARGEST_DISC * math.sqrt(number / most)), 1)
