"""How often platforms are asked, in seconds, and how long a stretch of work may hold its lease.

Sources: Bluesky rate limits (3,000 requests per 5 minutes and address, docs.bsky.app, read 22 November
2026): 30 s for 100 official accounts stays under a tenth of it. YouTube gives 10,000 units a day for the
whole force, a poll takes three and a published video 1,600 (developers.google.com/youtube/v3/determine_quota_cost):
180 s takes 1,440 a day for each channel. The exercise network is our own.
"""

from __future__ import annotations

from accounts.models import OfficialAccount

POLL_EVERY_S: dict[str, int] = {"exercise": 2, "youtube": 180}
POLL_EVERY_S_ELSEWHERE = 30
SWEEP_EVERY_S: dict[str, int] = {"exercise": 60}
SWEEP_EVERY_S_ELSEWHERE = 3600
SWEPT_FOR_H = 48
"""Threads younger than this are swept whole."""
OWN_POSTS_EVERY_S: dict[str, int] = {"exercise": 15, "x": 3600, "youtube": 3600}
OWN_POSTS_EVERY_S_ELSEWHERE = 300
"""How soon something written on the platform itself is noticed. X charges for each post that is read, and YouTube
takes three units."""
BACK_OFF_AT_MOST_S = 300
LEASE_S = 30
"""Longer than one page can take: 13 s at the platform (platforms.http) and its storing. Each page begins it
anew. A worker that was killed keeps its official account from being polled for no longer than this."""
HINTED_AFTER_S = 2
"""A platform that calls while a turn is under way gets the next one so soon."""
DEAF_AFTER_TURNS = 4
DEAF_AFTER_AT_LEAST_S = 120
ASKED_AFTER_A_THREAD = 20
"""So many comments that a thread no longer shows are asked for one by one with each sweep of it."""
THREADS_FIRST = 10
"""After a gap so many of the newest threads are read whole before the poll goes on from where it stood."""
WRITTEN_TOGETHER = 500
"""So many messages are written at once where pages follow one another."""
PAGES_A_TURN = 20
ROOTS_A_TURN = 10
TRIES_OF_UNREADABLE = 3


def poll_every_s(official_account: OfficialAccount) -> int:
    """Seconds between two polls of an official account that answers."""
    return POLL_EVERY_S.get(official_account.platform, POLL_EVERY_S_ELSEWHERE)


def own_posts_every_s(official_account: OfficialAccount) -> int:
    """Seconds between two readings of an official account's own posts."""
    return OWN_POSTS_EVERY_S.get(official_account.platform, OWN_POSTS_EVERY_S_ELSEWHERE)


def deaf_after_s(official_account: OfficialAccount) -> int:
    """Seconds without an answer after which an official account counts as deaf."""
    return max(DEAF_AFTER_AT_LEAST_S, DEAF_AFTER_TURNS * poll_every_s(official_account))


def sweep_every_s(official_account: OfficialAccount) -> int:
    """Seconds between two sweeps of an official account's recent threads."""
    return SWEEP_EVERY_S.get(official_account.platform, SWEEP_EVERY_S_ELSEWHERE)


def back_off_s(official_account: OfficialAccount, failures: int) -> int:
    """Seconds until the next try after so many failures in a row: doubled each time, five minutes at most."""
    return min(BACK_OFF_AT_MOST_S, poll_every_s(official_account) * 2 ** min(failures, 12))
