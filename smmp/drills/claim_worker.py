"""One person who pulls comments until nothing is left, through the action or by hand; run in a process of its own.

Says "ready", waits for a line, and prints the ids that they got with the first and last moment.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from django.db import connection

from moderation.actions import desk
from staff.models import StaffMember

BY_HAND = """
UPDATE moderation_comment SET claimed_by_id = %s, claimed_until = now() + interval '15 minutes'
WHERE id = (SELECT id FROM moderation_comment WHERE state = 'open' AND claimed_by_id IS NULL
  ORDER BY priority, coalesce(answer_by, '9999-01-01T00:00:00+00:00'::timestamptz), received_at, id
  LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id
"""


def main() -> None:
    way, person = sys.argv[1], int(sys.argv[2])
    pull = _by_hand(person) if way == "sql" else _by_the_action(person)
    print("ready", flush=True)
    sys.stdin.readline()
    ids: list[int] = []
    began = time.time()
    ended = began
    misses = 0
    while misses < 3:  # everything may be in the hands of the others just then
        pk = pull()
        if pk is None:
            misses += 1
            time.sleep(0.05)
            continue
        misses = 0
        ended = time.time()
        ids.append(pk)
    print(json.dumps({"began": began, "ended": ended, "ids": ids}), flush=True)


def _by_hand(person: int) -> Callable[[], int | None]:
    def pull() -> int | None:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, [person])
            row = cursor.fetchone()
        return row[0] if row else None

    return pull


def _by_the_action(person: int) -> Callable[[], int | None]:
    member = StaffMember.objects.get(pk=person)

    def pull() -> int | None:
        comment = desk.pull_next(actor=member)
        return comment.pk if comment is not None else None

    return pull
