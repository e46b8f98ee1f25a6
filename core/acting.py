"""Actions: one transaction each, under a lock on the row of whoever acts.

The lock is shared, so that one person's actions do not wait for one another, but recording a
leaver waits for what they have begun and refuses everything after it: "a leaver is out at commit".
Actions that come while a leaver waits stand behind it (core.doors), so it waits for no more than that.
Source: DPA 2018 s.62 asks that the trail names who acted.
"""

from __future__ import annotations

import inspect
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg2.errors import DeadlockDetected

from core import context

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 3
"""How often an outermost action is begun where the database ends it as one side of a deadlock."""
BEFORE_NEXT_TRY_S = (0.02, 0.2)
"""The wait before the next try, drawn between these."""


def action(function: Callable[P, R]) -> Callable[P, R]:
    """A change made by `actor` (a keyword): all of it or nothing, and only while they work here.

    An actor with a `hold` (a staff member, a service identity) is locked FOR SHARE first and read
    again; `hold` raises NotPermitted where their access has ended. Inside another transaction the
    action is part of that one. An outermost action that the database picked to end a deadlock is run
    again, twice at most, so it must have no effect but on the database. Raises TypeError, at import, for
    a function without an `actor`.
    """
    return _acting(function, alone=False)


def action_on_oneself(function: Callable[P, R]) -> Callable[P, R]:
    """An action that changes the actor's own row: it is locked for the change from the start.

    Two shared holders who both wanted to change the row would wait for each other.
    """
    return _acting(function, alone=True)


def _acting(function: Callable[P, R], *, alone: bool) -> Callable[P, R]:
    if "actor" not in inspect.signature(function).parameters:
        raise TypeError(f"{function.__qualname__} is an action, so it needs a parameter `actor`.")

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for left in reversed(range(1 if connection.in_atomic_block else TRIES)):
            try:
                with transaction.atomic(), context.anew():
                    _hold(kwargs.get("actor"), alone=alone)
                    return function(*args, **kwargs)
            except OperationalError as fault:
                if not left or not isinstance(fault.__cause__, DeadlockDetected):
                    raise
                # At once it could take its first lock again before the other, who waits for it, has both.
                time.sleep(random.uniform(*BEFORE_NEXT_TRY_S))  # noqa: S311 # nosec B311
        raise AssertionError("unreachable: the last try answers or raises")

    run.acts = True  # type: ignore[attr-defined]
    return run


def _hold(actor: Any, *, alone: bool) -> None:
    if hold := getattr(actor, "hold", None):
        hold(alone=alone)
