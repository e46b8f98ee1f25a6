"""Per platform: how soon what was sent can be read back.

Values are seconds. No platform publishes how long a new post may stay unseen in its own lists; these
are on the safe side of what we saw or were told, and SMMP_READ_BACK_DELAYS_S changes them
("x=45,youtube=300") without a release.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

READ_BACK_DELAY_S: dict[str, int] = {
    "exercise": 0,
    "bluesky": 5,
    "mastodon": 5,
    "x": 30,
    "facebook": 30,
    "instagram": 60,
    "youtube": 120,
}
OTHERWISE_S = 60


def read_back_delay(platform: str) -> timedelta:
    """After this long, what does not stand on the platform never went there."""
    seconds = settings.READ_BACK_DELAYS_S.get(platform, READ_BACK_DELAY_S.get(platform, OTHERWISE_S))
    return timedelta(seconds=seconds)
