"""What the evidence reads, each once: however many official accounts there are, the number of reads stays the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from accounts import minimums, naming, posting
from accounts.coverage import Coverage, coverages_of
from accounts.minimums import Cell, Sight
from accounts.models import OfficialAccount
from accounts.posting import Lapse
from core import clock
from escalation.models import Case
from insights.models import ScorecardMeeting, Strategy, StrategyChannel
from moderation.categories import ANSWER_WITHIN_MINUTES
from moderation.models import Comment
from publishing.models import Delivery
from staff.models import StaffMember

QUARTER = timedelta(days=90)
YEAR = timedelta(days=365)
WEEK = timedelta(days=7)


def real(rows: QuerySet, through: str = "official_account__") -> QuerySet:
    """Without what belongs to the exercise network, but in a demonstration, which has nothing else."""
    return rows if settings.DEMO else rows.filter(**{f"{through}exercise": False})


class Facts:
    """One reading. Made anew for every page; each property asks the database when it is first wanted."""

    def __init__(self) -> None:
        self.now: datetime = clock.now()
        self.today = clock.today()

    @cached_property
    def accounts(self) -> list[OfficialAccount]:
        """Every official account in use on a platform of the world, with its particulars."""
        return list(
            OfficialAccount.objects.filter(exercise=False)
            .exclude(status=OfficialAccount.Status.CLOSED)
            .select_related(
                "owner", "mandate__deputy", "mandate__asset_owner", "mandate__officer", "mandate__owner"
            )
            .order_by("name", "platform", "id")
        )

    @cached_property
    def sights(self) -> list[Sight]:
        return minimums.sights(self.accounts)

    @cached_property
    def matrix(self) -> list[tuple[OfficialAccount, tuple[Cell, ...]]]:
        """Each official account with its ten cells."""
        return [(sight.account, minimums.cells(sight)) for sight in self.sights]

    @cached_property
    def coverages(self) -> list[Coverage]:
        return list(coverages_of(self.accounts).values())

    @cached_property
    def planned(self) -> int:
        """How many have a continuity plan."""
        return sum(sight.mandate is not None and bool(sight.mandate.continuity) for sight in self.sights)

    @cached_property
    def misnamed(self) -> int:
        """How many break a rule of names and profiles."""
        rules = naming.rules()
        return sum(
            bool(naming.broken(rules, naming.Face.of(account, getattr(account, "mandate", None))))
            for account in self.accounts
        )

    @cached_property
    def lapses(self) -> dict[StaffMember, list[Lapse]]:
        """Everybody who publishes, with what they lack."""
        return posting.lapses_of_all()

    @cached_property
    def strategy(self) -> Strategy | None:
        return Strategy.objects.filter(state=Strategy.State.LIVE).select_related("owner").first()

    @cached_property
    def channels(self) -> list[StrategyChannel]:
        if self.strategy is None:
            return []
        return list(StrategyChannel.objects.filter(strategy=self.strategy, left_out=False))

    @cached_property
    def meetings(self) -> list[ScorecardMeeting]:
        """The latest two."""
        return list(ScorecardMeeting.objects.defer("snapshot")[:2])

    @cached_property
    def answered(self) -> dict[str, tuple[int, int]]:
        """Platform -> of the comments of the last seven days whose time is up, how many were dealt with in time."""
        return answered_in_time(self.now)

    @cached_property
    def acknowledged(self) -> tuple[int, int]:
        """Cases of the last 90 days that somebody had before the clock of the first call ran out, of those that
        somebody had or whose clock is up."""
        rows = Case.objects.filter(
            opened_at__gte=self.now - QUARTER, first_acknowledge_by__isnull=False, drill=False
        )
        if not settings.DEMO:
            rows = rows.filter(exercise=False)
        judged = rows.filter(Q(first_acknowledged_at__isnull=False) | Q(first_acknowledge_by__lt=self.now))
        in_time = Q(first_acknowledged_at__lte=F("first_acknowledge_by"))
        counted = judged.aggregate(all=Count("pk"), kept=Count("pk", filter=in_time))
        return counted["kept"], counted["all"]


def answered_in_time(now: datetime, since: timedelta = WEEK) -> dict[str, tuple[int, int]]:
    """By platform: how many comments of that time were dealt with within the desk's clock for their priority, of how
    many whose time is up or that are dealt with. Those without a clock are left out. One read, over a few days alone."""
    clocks = [
        When(priority=priority, then=Value(timedelta(minutes=minutes)))
        for priority, minutes in ANSWER_WITHIN_MINUTES.items()
        if minutes is not None
    ]
    within = models.Case(*clocks, output_field=DurationField())
    due = ExpressionWrapper(F("received_at") + F("within"), output_field=models.DateTimeField())
    rows = (
        real(Comment.objects.filter(received_at__gte=now - since, received_at__lte=now))
        .exclude(state=Comment.State.OURS)
        .annotate(within=within)
        .filter(within__isnull=False)
        .annotate(due=due)
        .filter(Q(due__lt=now) | Q(decided_at__isnull=False))
        .values("platform")
        .annotate(all=Count("pk"), kept=Count("pk", filter=Q(decided_at__lte=F("due"))))
        .order_by("platform")
    )
    return {row["platform"]: (row["kept"], row["all"]) for row in rows}


def written_first(most: int) -> tuple[int, int]:
    """Of the latest private messages that the force sent, how many went to somebody who had written there first.

    Read from the newest backwards, so that it costs the same however many there are.
    """
    from_them = Comment.objects.filter(
        official_account_id=OuterRef("official_account_id"),
        commenter__external_id=OuterRef("private_to_external_id"),
        received_at__lte=OuterRef("created_at"),
    ).exclude(state=Comment.State.OURS)
    latest = (
        real(Delivery.objects.filter(state=Delivery.State.SENT))
        .exclude(private_to_external_id="")
        .annotate(wrote=Exists(from_them))
        .order_by("-pk")
        .values_list("wrote", flat=True)[:most]
    )
    found = list(latest)
    return sum(found), len(found)
