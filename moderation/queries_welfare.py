"""Reading what distressing things people met: each their own, supervisors sums of at least three people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from accounts.queries import people_with
from core import clock
from moderation.categories import HIGH_RISK, Category, Priority
from moderation.models import Comfort, Comment, Exposure, WelfareRule
from staff.models import StaffMember
from staff.roles import Power

DAYS = 14
LEAST_PEOPLE = 3
"""A sum of fewer people would be a figure about somebody."""


def is_distressing(comment: Comment) -> bool:
    """Whether reading it may weigh on somebody: grave by priority or category, or abuse of staff."""
    return (
        comment.priority <= Priority.HIGH
        or comment.category in HIGH_RISK
        or comment.category == Category.ABUSE_OF_STAFF
    )


def comfort_of(person: StaffMember) -> Comfort:
    """Their settings, or everything on."""
    return Comfort.objects.filter(person=person).first() or Comfort(person=person)


def rule() -> WelfareRule:
    return WelfareRule.objects.filter(pk=1).first() or WelfareRule(pk=1)


def met_on(person: StaffMember, day: date) -> int:
    """How many distressing things the person met on that day."""
    return Exposure.objects.filter(person=person, day=day).count()


@dataclass(frozen=True)
class Day:
    """What was met on one day. `people` is None for one's own; a sum of too few people has no numbers."""

    day: date
    comments: int
    pictures: int
    people: int | None = None

    @property
    def shown(self) -> bool:
        return self.people is None or self.people >= LEAST_PEOPLE


def own(viewer: StaffMember) -> list[Day]:
    """What the viewer met, day by day, the latest first."""
    rows = Exposure.objects.filter(person=viewer)
    return [Day(day, n["comment"], n["picture"]) for day, n in _by_day(rows).items()]


def of_the_desk(viewer: StaffMember) -> list[Day]:
    """What the people at the desk met altogether, for who looks after them. The caller's gate has asked for the power."""
    people = people_with(Power.WORK_COMMENTS)
    rows = Exposure.objects.filter(person__in=people)
    since = clock.today() - timedelta(days=DAYS - 1)
    how_many = dict(
        rows.filter(day__gte=since).order_by().values_list("day").annotate(n=Count("person", distinct=True))
    )
    return [Day(day, n["comment"], n["picture"], how_many.get(day, 0)) for day, n in _by_day(rows).items()]


def _by_day(rows) -> dict[date, dict[str, int]]:
    today = clock.today()
    days = {today - timedelta(days=n): {"comment": 0, "picture": 0} for n in range(DAYS)}
    counts = (
        rows.filter(day__gt=today - timedelta(days=DAYS))
        .order_by()
        .values_list("day", "what")
        .annotate(n=Count("pk"))
    )
    for day, what, n in counts:
        if day in days:
            days[day][what] = n
    return days
