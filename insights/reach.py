"""Asking platforms how many follow our official accounts and what came of our posts: of which, when, within which limits.

Listening and answering go first: an official account whose allowance is half used up is asked later. Posts are asked about
while something may still come of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Credential, OfficialAccount
from core import clock
from moderation import budget
from platforms import registry
from platforms.contract import Capability, Connector, PostNumbers
from publishing.models import Delivery

EVERY = timedelta(hours=6)
EVERY_WHERE_IT_COSTS = timedelta(hours=24)
"""On a platform that charges for reading."""
LATER = timedelta(hours=1)
LEASE = timedelta(minutes=10)
ASKED_ABOUT_FOR = timedelta(days=14)
"""A post is asked about for so long after it went out."""
MOST_POSTS = 100
"""Of one official account in one go, the newest."""


@dataclass(frozen=True)
class Told:
    """What a platform said of one official account and its posts."""

    followers: int | None
    posts: Sequence[tuple[Delivery, PostNumbers]]


def able(platform: str) -> bool:
    """Whether the platform tells."""
    return Capability.METRICS in registry.connector_class(platform).capabilities


def accounts() -> list[OfficialAccount]:
    """Official accounts that can be asked about: in use, connected, on a platform that tells."""
    return [
        account
        for account in OfficialAccount.objects.filter(
            status=OfficialAccount.Status.ACTIVE,
            pk__in=Credential.objects.filter(replaced_at=None).values("official_account"),
        ).order_by("id")
        if able(account.platform)
    ]


def next_time(account: OfficialAccount, now: datetime) -> datetime:
    """When it is asked again."""
    charges = bool(registry.connector_class(account.platform).prices)
    return now + (EVERY_WHERE_IT_COSTS if charges else EVERY)


def has_room(account: OfficialAccount) -> bool:
    """Whether what is left of its allowance is enough to ask for figures as well."""
    return not budget.too_low_to_sweep(budget.live(account))


def posts_to_ask_about(account: OfficialAccount) -> list[Delivery]:
    """Its newest posts that stand on the platform."""
    return list(
        Delivery.objects.filter(
            official_account=account,
            kind=Delivery.Kind.POST,
            state=Delivery.State.SENT,
            sent_at__gte=clock.now() - ASKED_ABOUT_FOR,
        )
        .exclude(external_id="")
        .order_by("-sent_at")[:MOST_POSTS]
    )


def ask(connector: Connector, posts: Sequence[Delivery]) -> Told:
    """Ask the platform. Never within a transaction. Raises the platform's faults."""
    followers = connector.followers()
    by_id = {post.external_id: post for post in posts}
    ids = list(by_id)
    told: list[tuple[Delivery, PostNumbers]] = []
    for first in range(0, len(ids), connector.numbers_at_once):
        told += [
            (by_id[one.external_id], one)
            for one in connector.numbers(ids[first : first + connector.numbers_at_once])
            if one.external_id in by_id
        ]
    return Told(followers, told)
