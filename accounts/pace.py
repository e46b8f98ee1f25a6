"""How far apart what an official account says leaves it, so that nothing ends in a burst.

The platform's own default, in seconds, where the official account has no value of its own. No platform
publishes what it takes for spam: posts far apart enough that nobody sees a burst, answers so that the desk
need not wait. SMMP_OUTBOX_APART_S changes them for the whole installation.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from accounts.models import OfficialAccount

POSTS = "post"
REPLIES = "reply"
OTHERWISE_S: dict[str, int] = {POSTS: 20, REPLIES: 1}
OF_PLATFORM_S: dict[str, dict[str, int]] = {
    "facebook": {POSTS: 60, REPLIES: 2},
    "instagram": {POSTS: 60, REPLIES: 2},
    "youtube": {POSTS: 60, REPLIES: 2},
}
LONGEST_S = 6 * 60 * 60


def default_s(platform: str, kind: str) -> int:
    """Seconds that an official account on the platform rests after an act of the kind; 0 for other kinds."""
    said = settings.OUTBOX_APART_S.get(kind)
    if said is not None:
        return said
    return OF_PLATFORM_S.get(platform, {}).get(kind, OTHERWISE_S.get(kind, 0))


def apart(official_account: OfficialAccount, kind: str) -> timedelta:
    """How long the official account rests after an act of the kind."""
    own = {POSTS: official_account.posts_apart_s, REPLIES: official_account.replies_apart_s}.get(kind)
    return timedelta(seconds=own if own is not None else default_s(official_account.platform, kind))
