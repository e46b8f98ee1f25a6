"""How much of a platform's rate limit listening may use, and how far it slows down to stay within it.

A fifth of every allowance is kept for publishing and reading back. Listening never stops: as its share
runs low, the polls that are left are spread evenly until the platform begins to count anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import Allowance, OfficialAccount
from core import clock

KEPT_BACK = 0.2
"""Of each allowance, for what goes out and for reading it back."""
SLOWEST_S = 900
"""Once in this time an official account is asked, whatever is left: X counts anew every 15 minutes."""
CALLS_OF_A_POLL = 2
"""Taken for one turn of one endpoint where the platform counts calls; most turns are one."""
SHARE_OF_A_POLL = 0.01
"""Taken for one turn where the platform names a share and no number."""

SWEPT_WITH = 0.5
"""Of listening's share: what sweeps may use up, so that polls always have the other half."""

_CHANGES = ("POST ", "PUT ", "PATCH ", "DELETE ")


def live(official_account: OfficialAccount) -> list[Allowance]:
    """What the platform last said of the allowances that reading uses up, as far as it still holds."""
    now = clock.now()
    return [
        allowance
        for allowance in Allowance.objects.filter(official_account=official_account)
        if not allowance.endpoint.upper().startswith(_CHANGES)
        and (
            allowance.resets_at > now
            if allowance.resets_at is not None
            else allowance.read_at > now - timedelta(seconds=SLOWEST_S)
        )
    ]


def wait_s(allowances: Iterable[Allowance], *, now: datetime) -> float:
    """Seconds between two polls that the tightest allowance leaves; 0 where none is tight."""
    return max((_wait_s(allowance, now) for allowance in allowances), default=0.0)


def left(allowance: Allowance) -> float:
    """The share of an allowance that is not used up yet, 0.0 to 1.0."""
    return max(0.0, 1.0 - allowance.share_used)


def too_low_to_sweep(allowances: Iterable[Allowance]) -> bool:
    """Whether so much is used up that the rest belongs to the polls and to what goes out."""
    return any(left(one) < KEPT_BACK + (1 - KEPT_BACK) * SWEPT_WITH for one in allowances)


def counted_anew_at(allowances: Iterable[Allowance]) -> datetime:
    """When the last of the allowances begins anew."""
    return max(
        (one.resets_at or one.read_at + timedelta(seconds=SLOWEST_S) for one in allowances),
        default=clock.now(),
    )


def _wait_s(allowance: Allowance, now: datetime) -> float:
    resets_at = allowance.resets_at or allowance.read_at + timedelta(seconds=SLOWEST_S)
    until_s = max(0.0, (resets_at - now).total_seconds())
    if allowance.limit is not None and allowance.remaining is not None:
        turns = (allowance.remaining - KEPT_BACK * allowance.limit) / CALLS_OF_A_POLL
    else:
        turns = (left(allowance) - KEPT_BACK) / SHARE_OF_A_POLL
    return min(SLOWEST_S, until_s) if turns < 1 else min(SLOWEST_S, until_s / turns)
