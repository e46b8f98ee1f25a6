"""Doors: whoever acts passes one, and whoever ends their right to act closes it. Nobody jumps the queue.

A row lock alone lets the many starve the one: Postgres gives FOR SHARE to a newcomer at once while other
sharers hold the row, however long somebody has waited to change it. An advisory lock has a true queue:
whoever comes after the one who waits stands behind them (src/backend/storage/lmgr/README, "lock
conflicts ... with waiters"). So an end waits only for what had begun before it was asked for.

A door is taken before the row that it stands for, never after. It opens with the end of the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

_THROUGH = "SELECT pg_advisory_xact_lock_shared(hashtext(%s), %s)"
_CLOSE = "SELECT pg_advisory_xact_lock(hashtext(%s), %s)"


def read_behind(door: str, number: int, query: str, given: Iterable[Any], *, alone: bool) -> Any:
    """The first row of a query that is asked once the door is passed, or closed with `alone`; None for none.

    One message to the database; the query sees what was committed while this waited.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_CLOSE if alone else _THROUGH}; {query}", [door, _low(number), *given])
        return cursor.fetchone()


def close(door: str, numbers: Iterable[int]) -> None:
    """Nobody passes the door of any of these until the caller's transaction ends; those inside are waited for."""
    with connection.cursor() as cursor:
        for number in sorted(numbers):
            cursor.execute(_CLOSE, [door, _low(number)])


def _low(number: int) -> int:
    """The key of an advisory lock has 31 bits to spare; two rows that share one wait for each other, no more."""
    return number % 2**31
