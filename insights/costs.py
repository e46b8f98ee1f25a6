"""What platforms charge, added up by month: estimates from the published prices, never an invoice.

Acts that left are priced by their words as they would be now; reading by what was taken in. A platform
that charges nothing has no line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from accounts.models import OfficialAccount
from accounts.queries import authority_of
from core import clock
from moderation.models import Comment
from platforms import registry
from platforms.contract import Connector, Login, PostToSend
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power

MONTHS_BACK = 24
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Line:
    """One kind of act on one official account in a month."""

    what: str
    count: int
    dollars: Decimal


@dataclass(frozen=True)
class OfAccount:
    """What one official account cost in a month, as far as prices are published."""

    account: OfficialAccount
    platform: str
    lines: list[Line]

    @property
    def dollars(self) -> Decimal:
        return sum((line.dollars for line in self.lines), NOTHING)


def of_month(viewer: StaffMember, month: date) -> list[OfAccount]:
    """Every official account of the viewer on a platform that charges, dearest first.

    month: its first day, on London clocks.
    """
    ids = authority_of(viewer).account_ids(Power.SEE_POSTS)
    found = []
    for account in OfficialAccount.objects.filter(pk__in=ids).order_by("name", "id"):
        connector = registry.connect(account.platform, Login(base_url="", handle="", secret=""))
        if connector.prices:
            lines = _sent([account], connector, month) + _read([account], connector, month)
            found.append(OfAccount(account, connector.name, lines))
    return sorted(found, key=lambda cost: cost.dollars, reverse=True)


def dollars_by_platform(month: date, platforms: set[str]) -> dict[str, Decimal]:
    """What each of these platforms cost the whole force in a month; one that charges nothing is left out.

    month: its first day, on London clocks. Two reads for each platform that charges.
    """
    found = {}
    for platform in sorted(platforms):
        connector = registry.connect(platform, Login(base_url="", handle="", secret=""))
        if connector.prices:
            on_it = OfficialAccount.objects.filter(platform=platform)
            lines = _sent(on_it, connector, month) + _read(on_it, connector, month)
            found[platform] = sum((line.dollars for line in lines), NOTHING)
    return found


def months(today: date) -> list[date]:
    """The present month and those before it, newest first."""
    return [clock.add_months(today.replace(day=1), -back) for back in range(MONTHS_BACK)]


Accounts = Sequence[OfficialAccount] | QuerySet[OfficialAccount]


def _sent(accounts: Accounts, connector: Connector, month: date) -> list[Line]:
    counts: Counter[str] = Counter()
    dollars: dict[str, Decimal] = {}
    start, end = _bounds(month)
    sent = Delivery.objects.filter(
        official_account__in=accounts, state=Delivery.State.SENT, sent_at__gte=start, sent_at__lt=end
    )
    for kind, text, private_to in sent.values_list("kind", "text", "private_to_external_id").iterator():
        if kind in (Delivery.Kind.POST, Delivery.Kind.REPLY):
            price = connector.cost(PostToSend(key="", text=text, private_to=private_to))
        else:
            price = connector.prices.get(kind)
        if price is None:
            continue
        what = f"{Delivery.Kind(kind).label} at ${price:.3f}"
        counts[what] += 1
        dollars[what] = dollars.get(what, Decimal(0)) + price
    return [Line(what.capitalize(), counts[what], dollars[what]) for what in sorted(counts)]


def _read(accounts: Accounts, connector: Connector, month: date) -> list[Line]:
    start, end = _bounds(month)
    taken = Comment.objects.filter(official_account__in=accounts, received_at__gte=start, received_at__lt=end)
    counted = taken.aggregate(
        privately=Count("pk", filter=Q(private=True)), publicly=Count("pk", filter=Q(private=False))
    )
    lines = []
    for name, what in (("publicly", "comment read"), ("privately", "private message read")):
        price = connector.prices.get(what)
        if price is not None and counted[name]:
            lines.append(Line(f"{what.capitalize()} at ${price:.3f}", counted[name], price * counted[name]))
    return lines


def _bounds(month: date) -> tuple[datetime, datetime]:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    start, end = (datetime(day.year, day.month, day.day, tzinfo=clock.LONDON) for day in (month, following))
    return start, end
