"""The desk: when comments arrive and who is there, and how much people had to do. Never a person by themselves."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.coverage import DAYS, HOURS_OF_WEEK
from accounts.queries import may
from core import clock
from escalation.models import Shift
from insights import charts
from insights import queries_figures as figures
from insights.charts import Picture
from insights.pictures.reading import Reading
from insights.pictures.volume import gap_note
from moderation import queries_welfare
from moderation.models import Decision, Surge
from staff.roles import Power

MOST_ACCOUNTS = 10
"""Official accounts that are not always watched: those to which most came then."""
LATEST = 300


def rostered(r: Reading) -> dict[int, float]:
    """Hour of the week -> how many people stood on a rota then, on average over the days looked at."""
    start, end = r.hours.period.bounds
    end = min(end, clock.now())
    counted: Counter[int] = Counter()
    for starts, ends in Shift.objects.filter(
        withdrawn_at=None, rota__active=True, starts_at__lt=end, ends_at__gt=start
    ).values_list("starts_at", "ends_at"):
        at = max(starts, start).replace(minute=0, second=0, microsecond=0)
        while at < min(ends, end):
            local = clock.in_london(at)
            counted[local.weekday() * 24 + local.hour] += 1
            at += timedelta(hours=1)
    times = Counter(day.weekday() for day in r.hours.period.every_day if day <= clock.today())
    return {hour: n / max(1, times[hour // 24]) for hour, n in counted.items()}


def arrivals(r: Reading) -> Picture:
    """When comments arrive in the week, against who is there to read them."""
    people = rostered(r)
    watched = {hour for one in r.coverages.values() for hour in one.week}
    manned = {hour for hour, n in people.items() if n >= 0.5} | watched
    came = {day * 24 + hour: n for (day, hour), n in r.hours.arrivals.items()}
    unmet = {hour: n for hour, n in came.items() if n and hour not in manned}
    busiest = max(came, key=lambda hour: came[hour], default=None)
    says = (
        f"Most arrives on {DAYS[busiest // 24]} from {busiest % 24:02}:00. {sum(unmet.values()):,} arrived in "
        f"{len(unmet)} hours of the week in which nobody is on a rota and no team watches."
        if busiest is not None
        else "Nothing arrived."
    )
    return charts.week_grid(
        "arrivals",
        "Arrivals by weekday and hour, and who is there",
        says,
        r.hours.arrivals,
        marked={(hour // 24, hour % 24) for hour in range(HOURS_OF_WEEK) if hour not in manned},
        marked_means="nobody on a rota, and no team watches",
        note=(f"Of {r.hours.period} alone. " if r.hours.shortened else "")
        + f"On average {sum(people.values()) / HOURS_OF_WEEK:.1f} people stood on a rota. {gap_note(r)}".rstrip(),
    )


def unwatched(r: Reading) -> Picture:
    """What arrived in hours in which nobody watches, beside what is recorded about that risk."""
    came = figures.arrivals_by_account(r.scope, r.period)
    rows: list[tuple[Any, ...]] = []
    links: dict[int, str] = {}
    found = []
    for pk, coverage in r.coverages.items():
        if coverage.always:
            continue
        missed = sum(n for hour, n in came.get(pk, {}).items() if hour not in coverage.week)
        found.append((missed, coverage))
    found.sort(key=lambda pair: (-pair[0], pair[1].account.name))
    reachable = r.viewer is not None and may(r.viewer, Power.SEE_REGISTER)
    for missed, coverage in found[:MOST_ACCOUNTS]:
        if reachable:
            measured = f"Measured {r.period}: {missed:,} arrived in hours in which nobody watches."
            links[len(rows)] = (
                reverse("accounts:coverage_of", args=[coverage.account.pk])
                + "?"
                + urlencode({"measured": measured})
            )
        recorded = (
            f"recorded; review {coverage.risk.review_on:%-d %b %Y}"
            + (" (overdue)" if coverage.risk_is_due else "")
            if coverage.risk
            else "not recorded"
        )
        rows.append((coverage.account.name, missed, HOURS_OF_WEEK - coverage.watched_hours, recorded))
    total = sum(missed for missed, _ in found)
    silent = sum(coverage.lacks_record for _, coverage in found)
    return charts.bars(
        "unwatched",
        "What arrived while nobody watched",
        f"{total:,} arrived in hours in which their official account is not watched; for {silent:,} of "
        f"{len(found):,} such official accounts nobody has recorded that risk."
        if found
        else "Every official account is watched around the clock.",
        ("Official account", "Arrived then", "Hours of the week", "Risk"),
        rows,
        links=links,
        note="Each leads to its hours, where the form of the risk begins with these numbers.",
    )


def workload(r: Reading) -> Picture:
    """How much the desk did, day by day, altogether. No figure is about fewer than three people."""
    by_day = figures.events_by_day(r.scope, r.period, "decision")
    per_day = {day: sum(days.get(day, 0) for days in by_day.values()) for day in r.days}
    if 0 < _people(r) < queries_welfare.LEAST_PEOPLE:
        return charts.table(
            "workload",
            "Workload of the desk",
            "Fewer than three people decided on comments in this period, so nothing is told: it would be about them.",
            ("Day", "Decisions"),
            [],
        )
    total = sum(per_day.values())
    return charts.lines(
        "workload",
        "Workload of the desk",
        f"{r.many(total, 'decision', 'decisions')}, {total / max(1, len(per_day)):,.1f} a day.",
        r.days,
        [charts.Line("Decisions", per_day)],
        note="Altogether, never by person: what somebody did is in the trail, which is for other questions.",
    )


def _people(r: Reading) -> int:
    """How many people decided, among the latest decisions: enough to know whether a sum would be about somebody."""
    start, end = r.period.bounds
    latest = Decision.objects.filter(
        at__gte=start, at__lt=end, by__isnull=False, comment__official_account__in=r.scope.account_ids
    ).order_by("-at")
    return len(set(latest.values_list("by_id", flat=True)[:LATEST]))


def welfare(r: Reading) -> Picture:
    """What people met that weighs on them, as sums of at least three people."""
    days = queries_welfare.of_the_desk(r.viewer) if r.viewer is not None else []
    rows = [
        (day.day, day.comments, day.pictures) if day.shown else (day.day, "too few people", "too few people")
        for day in days
    ]
    told = [row for row in rows if isinstance(row[1], int)]
    return charts.bars(
        "welfare",
        "Distressing things that people met",
        f"{sum(row[1] + row[2] for row in told):,} in {queries_welfare.DAYS} days, over the whole desk.",
        ("Day", "Comments", "Pictures"),
        rows,
        tone="b",
        note=f"Always of the last {queries_welfare.DAYS} days. A sum of fewer than "
        f"{queries_welfare.LEAST_PEOPLE} people is not told.",
    )


def surges(r: Reading) -> Picture:
    """Surges that began in the period, with what became of them."""
    start, end = r.period.bounds
    rows: list[tuple[Any, ...]] = []
    links: dict[int, str] = {}
    for surge in (
        Surge.objects.filter(official_account__in=r.scope.account_ids, since__gte=start, since__lt=end)
        .select_related("official_account")
        .order_by("-since")[:20]
    ):
        report = surge.report
        links[len(rows)] = surge.address
        waited = report.get("grave_median_s")
        rows.append(
            (
                f"{surge.official_account.name}, {clock.in_london(surge.since):%-d %b %H:%M}",
                report.get("came"),
                surge.get_state_display(),
                report.get("busiest_hour"),
                report.get("grave"),
                f"{round(waited / 60)} min" if waited is not None else "–",
                report.get("cases"),
            )
        )
    return charts.bars(
        "surges",
        "Surges",
        f"{r.many(len(rows), 'surge', 'surges')} began." if rows else "No surge began.",
        ("Surge", "Came in", "State", "Busiest hour", "Grave", "Median wait of the grave", "In cases"),
        rows,
        links=links,
        note="Numbers stand there once a surge has ended." if rows else "",
    )
