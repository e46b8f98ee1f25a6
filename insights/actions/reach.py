"""Keeping what platforms say of followers and reach: taken by one worker at a time, each answer a row of its own."""

from __future__ import annotations

from core import clock
from core.acting import action
from core.actors import Actor, System
from insights import reach
from insights.models import AccountReach, PostReach, ReachPull

REACH = System("reach")


@action
def claim(*, actor: Actor = REACH) -> ReachPull | None:
    """An official account whose time has come, for this worker alone until the lease ends; None where there is none."""
    now = clock.now()
    wanted = reach.accounts()
    ReachPull.objects.bulk_create(
        [ReachPull(official_account=account, next_at=now) for account in wanted], ignore_conflicts=True
    )
    row = (
        ReachPull.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account")
        .filter(official_account__in=wanted, next_at__lte=now)
        .exclude(lease_until__gt=now)
        .order_by("next_at", "id")
        .first()
    )
    if row is not None:
        row.lease_until = now + reach.LEASE
        row.save(update_fields=["lease_until"])
    return row


@action
def put_off(*, actor: Actor = REACH, pull: ReachPull, fault: str) -> None:
    """It could not be asked now, and is tried again in an hour."""
    ReachPull.objects.filter(pk=pull.pk).update(
        lease_until=None, next_at=clock.now() + reach.LATER, fault=fault[:300]
    )


@action
def keep(*, actor: Actor = REACH, pull: ReachPull, told: reach.Told) -> int:
    """What the platform said stands as it was said now, beside what it said before. Answers for how many posts."""
    now = clock.now()
    account = pull.official_account
    if told.followers is not None:
        AccountReach.objects.create(official_account=account, at=now, followers=told.followers)
    PostReach.objects.bulk_create(
        PostReach(
            delivery=delivery,
            official_account=account,
            at=now,
            seen=numbers.seen,
            likes=numbers.likes,
            replies=numbers.replies,
            shares=numbers.shares,
        )
        for delivery, numbers in told.posts
    )
    ReachPull.objects.filter(pk=pull.pk).update(
        lease_until=None, next_at=reach.next_time(account, now), read_at=now, fault=""
    )
    return len(told.posts)
