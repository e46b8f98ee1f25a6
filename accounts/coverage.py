"""Who watches which official account when, and what is recorded where nobody does.

Source: APP social media: a force that cannot monitor around the clock records that risk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import OfficialAccount, UnwatchedRisk, WatchHours
from accounts.queries import account_ids
from core import clock
from core.errors import NotFound
from staff.models import StaffMember
from staff.roles import Power

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS_OF_WEEK = 7 * 24


def hours_of(watch: WatchHours) -> set[int]:
    """The hours of the week that it covers: 0 is Monday from 00:00 to 01:00."""
    length = (watch.until_hour - watch.from_hour) % 24 or 24
    return {(day * 24 + watch.from_hour + n) % HOURS_OF_WEEK for day in watch.days for n in range(length)}


@dataclass(frozen=True)
class Stretch:
    """Hours one after the other, on some days, that are alike."""

    days: str
    hours: str


@dataclass(frozen=True)
class Coverage:
    """One official account: who watches it, when nobody does, and what is recorded about that."""

    account: OfficialAccount
    watches: list[WatchHours]
    risk: UnwatchedRisk | None
    week: dict[int, list[str]]
    """Hour of the week -> the teams that watch."""

    @property
    def watched_hours(self) -> int:
        return len(self.week)

    @property
    def always(self) -> bool:
        return self.watched_hours == HOURS_OF_WEEK

    @property
    def watched(self) -> list[Stretch]:
        """When somebody watches, days that are alike together."""
        return self._stretches(watched=True)

    @property
    def unwatched(self) -> list[Stretch]:
        """When nobody watches, days that are alike together."""
        return self._stretches(watched=False)

    def _stretches(self, *, watched: bool) -> list[Stretch]:
        by_hours: dict[str, list[int]] = {}
        for day in range(7):
            alike = [hour for hour in range(24) if (day * 24 + hour in self.week) == watched]
            if alike:
                by_hours.setdefault(_as_words(alike), []).append(day)
        return [Stretch(_days(days), hours) for hours, days in by_hours.items()]

    @property
    def risk_is_due(self) -> bool:
        """Whether the recorded risk was to be looked at again by now."""
        return self.risk is not None and self.risk.review_on < clock.today()

    @property
    def lacks_record(self) -> bool:
        """Whether it is not watched around the clock and nobody has said what that risks."""
        return not self.always and self.risk is None


def coverages(viewer: StaffMember, *, power: str = Power.SEE_REGISTER) -> list[Coverage]:
    """Every official account in use that the viewer may see, those without a record first. Three reads."""
    found = _of(
        OfficialAccount.objects.filter(
            pk__in=account_ids(viewer, power), status=OfficialAccount.Status.ACTIVE
        ).order_by("exercise", "name", "id")
    )
    return sorted(found, key=lambda one: (not one.lacks_record, one.always))


def coverage(viewer: StaffMember, pk: int) -> Coverage:
    """One official account of the viewer's. Raises NotFound."""
    found = _of(OfficialAccount.objects.filter(pk=pk, pk__in=account_ids(viewer, Power.SEE_REGISTER)))
    if not found:
        raise NotFound("There is no such official account, or it is not one that you may see.")
    return found[0]


def coverages_of(accounts: Iterable[OfficialAccount]) -> dict[int, Coverage]:
    """Of each of these, by its number: for the public list, which names no team and no person. Two reads."""
    return {one.account.pk: one for one in _of(accounts)}


def watch_hours(viewer: StaffMember, account: OfficialAccount, pk: int) -> WatchHours:
    """Hours that still count. Raises NotFound."""
    row = WatchHours.objects.filter(pk=pk, official_account=account, ended_at=None).first()
    if row is None:
        raise NotFound("These hours are over already. Read the page once more.")
    return row


def unwatched_within(coverage: Coverage, since: datetime, hours: int) -> list[datetime]:
    """The full hours, from the one of `since` on, in which nobody watches it."""
    begins = since.replace(minute=0, second=0, microsecond=0)
    return [at for n in range(hours) if hour_of_week(at := begins + timedelta(hours=n)) not in coverage.week]


def hour_of_week(at: datetime) -> int:
    local = clock.in_london(at)
    return local.weekday() * 24 + local.hour


def _of(accounts: Iterable[OfficialAccount]) -> list[Coverage]:
    accounts = list(accounts)
    ids = [account.pk for account in accounts]
    watches: dict[int, list[WatchHours]] = {}
    for watch in WatchHours.objects.filter(official_account__in=ids, ended_at=None).select_related("team"):
        watches.setdefault(watch.official_account_id, []).append(watch)
    risks = {
        risk.official_account_id: risk
        for risk in UnwatchedRisk.objects.filter(official_account__in=ids, replaced_at=None).select_related(
            "borne_by", "recorded_by"
        )
    }
    return [
        Coverage(
            account, watches.get(account.pk, []), risks.get(account.pk), _week(watches.get(account.pk, []))
        )
        for account in accounts
    ]


def _week(watches: Iterable[WatchHours]) -> dict[int, list[str]]:
    week: dict[int, list[str]] = {}
    for watch in watches:
        for hour in hours_of(watch):
            if watch.team.name not in week.setdefault(hour, []):
                week[hour].append(watch.team.name)
    return week


def _as_words(hours: list[int]) -> str:
    """[0, 1, 2, 22, 23] as "00:00 to 03:00 and 22:00 to 24:00"."""
    parts: list[list[int]] = []
    for hour in hours:
        if parts and parts[-1][1] == hour:
            parts[-1][1] = hour + 1
        else:
            parts.append([hour, hour + 1])
    if parts == [[0, 24]]:
        return "the whole day"
    return " and ".join(f"{begins:02}:00 to {ends:02}:00" for begins, ends in parts)


def _days(days: list[int]) -> str:
    if days == list(range(7)):
        return "Every day"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]} to {DAYS[days[-1]]}"
    return ", ".join(DAYS[day] for day in days)


def days_in_words(watch: WatchHours) -> str:
    """When it begins, e.g. "Monday to Friday"."""
    return _days(sorted(watch.days))
