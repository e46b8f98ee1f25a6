"""The work behind surges: hours counted, more than usual noticed, what says the same found. Each is safe to run twice.

No transaction is open while texts are compared: what is found is written by an action that looks again.
"""

from __future__ import annotations

import time
from datetime import timedelta

from core import clock
from core.actors import System
from moderation import queries_surges as queries
from moderation.actions import surges as actions
from moderation.alike import group
from moderation.models import Surge

SURGES = System("surges")
REST = 4
"""After a grouping so many times as long as it took pass before the next: it takes a fifth of one core at most."""

_took_s: dict[int, float] = {}


def watch() -> int:
    """Count the hours of every official account in use and suggest a surge where there is one. Answers how many."""
    found = 0
    for account in queries.accounts_to_watch():
        actions.count_hours(actor=SURGES, account=account)
        found += actions.watch(actor=SURGES, account=account) is not None
    return found


def group_due() -> int:
    """Group what every running surge holds, as often as that takes. Answers how many surges were grouped."""
    done = 0
    for surge in queries.running():
        rest = timedelta(seconds=_took_s.get(surge.pk, 0.0) * REST)
        if surge.grouped_at is None or clock.now() >= surge.grouped_at + rest:
            group_surge(surge)
            done += 1
    return done


def group_surge(surge: Surge) -> int:
    """What says the same in one surge, found anew from all that may be grouped now. Answers how many it looked at."""
    began = time.monotonic()
    rows = [] if queries.grouping_is_off() else queries.to_group(surge)
    found = group((pk, text) for pk, _, text in rows)
    actions.keep_groups(
        actor=SURGES, surge=surge, found=found, revisions={pk: revision for pk, revision, _ in rows}
    )
    _took_s[surge.pk] = time.monotonic() - began
    return len(rows)
