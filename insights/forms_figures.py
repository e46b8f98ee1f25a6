"""Of what and over which days figures are asked for, as it comes in an address: whatever is wrong gets a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Neighbourhood
from core import clock
from core.errors import NotValid
from core.typed import whole
from insights import queries_figures as figures
from insights.queries_figures import Period, Scope
from staff.models import StaffMember

SPANS = {
    "today": "Today",
    "week": "7 days",
    "month": "This month",
    "last_month": "Last month",
    "custom": "From and to",
}


@dataclass(frozen=True)
class Asked:
    """What an address asked for, as it was understood."""

    span: str
    period: Period
    scope: Scope
    place: str
    account: int | None

    @property
    def query(self) -> str:
        """The same as it stands in an address."""
        parts = [f"span={self.span}"]
        if self.span == "custom":
            parts += [f"first={self.period.first}", f"last={self.period.last}"]
        if self.place:
            parts.append(f"place={self.place}")
        if self.account:
            parts.append(f"account={self.account}")
        return "&".join(parts)


def period(given: Mapping[str, str], *, usual: str = "week") -> tuple[str, Period]:
    """The days that were asked for. Raises NotValid with what to write instead."""
    span = given.get("span", "")
    if not span:
        span = "custom" if given.get("first") or given.get("last") else usual
    # Days that were changed beside a period that was left as it stood are what is meant.
    if given.get("shown") and given["shown"] != f"{given.get('first')} {given.get('last')}":
        span = "custom"
    today = clock.today()
    if span == "today":
        return span, Period.today()
    if span == "week":
        return span, Period.last_days(7)
    if span == "month":
        return span, Period.month_of(today)
    if span == "last_month":
        return span, Period.month_of(today.replace(day=1) - timedelta(days=1))
    if span != "custom":
        raise NotValid("There is no such period. Choose one of those above.")
    first, last = _day(given, "first"), _day(given, "last")
    if first < figures.FIRST_DAY:
        raise NotValid(
            f"Nothing is counted before {figures.FIRST_DAY.year}. Choose a later first day.", field="first"
        )
    if first > today:
        raise NotValid("The period has not begun. Choose a first day that has come.", field="first")
    return span, Period(first, min(last, today))


def _day(given: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        raise NotValid(
            "Give the first and the last day of the period, such as 2026-11-01 and 2026-11-30.", field=name
        ) from None


def asked(
    viewer: StaffMember,
    given: Mapping[str, str],
    *,
    power: str,
    usual: str = "week",
    begin_with_place: bool = False,
) -> Asked:
    """Period and official accounts that an address asks for. Raises NotValid, NotFound."""
    span, days = period(given, usual=usual)
    places = {one.slug: one for one in figures.neighbourhoods(viewer, power=power)}
    place = given.get("place", "")
    if not place and begin_with_place and places and not given.get("account"):
        place = next(iter(places))
    found: Neighbourhood | None = None
    if place and place != "all":
        found = places.get(place)
        if found is None:
            raise NotValid(
                "There is no such neighbourhood among yours. Choose one from the list.", field="place"
            )
    account = whole(given.get("account", ""))
    scope = figures.scope(viewer, power=power, accounts=[account] if account else None, neighbourhood=found)
    return Asked(span, days, scope, place, account)
