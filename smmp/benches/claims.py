"""How many comments a second people pull, and whether any two ever get the same one.

Sixteen processes, one person each, pull the next comment through the whole action until nothing is left; beside
it the least that such a claim could be: one UPDATE of the same rows in the same order, by as many connections.
Everything stands in a scratch database that is gone afterwards.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import psycopg2
from django.db import connection

from accounts.models import Grant
from core import clock
from smmp.benches import queue
from smmp.local import children, scratch
from staff.models import StaffMember
from staff.roles import Role

CHILD = "import django; django.setup(); from smmp.drills.claim_worker import main; main()"
COMMENTS = 20_000
MOST_S = 900


@dataclass
class Found:
    """The figures of one run."""

    limit: float
    """Claims a second by hand-written SQL alone."""
    claims: float
    twice: int
    left: int
    """Comments that nobody got."""
    unaudited: int


def measure(*, workers: int, comments: int = COMMENTS) -> Found:
    """By hand first, then through the action; each on the same comments, all of them free again."""
    with scratch.database() as made:
        people = _people(workers)
        queue.fill(0, comments)
        queue.open_newest(comments)
        queue.settle(made.owner)
        limit, _ = _run(made, people, "sql")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE moderation_comment SET claimed_by_id = NULL, claimed_until = NULL")
        queue.settle(made.owner)
        rate, got = _run(made, people, "action")
        with contextlib.closing(psycopg2.connect(made.owner)) as server, server.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_entry WHERE event = 'comment.claimed'")
            row = cursor.fetchone()
        connection.close()
    times = Counter(got)
    return Found(
        limit=limit,
        claims=rate,
        twice=sum(n - 1 for n in times.values()),
        left=comments - len(times),
        unaudited=len(got) - (row[0] if row else 0),
    )


def _people(workers: int) -> list[StaffMember]:
    made, now = queue.make_force(), clock.now()
    people = StaffMember.objects.bulk_create(
        StaffMember(email=f"p{n}@bench.example", name=f"Person {n}", joined_at=now, password="!")  # noqa: S106
        for n in range(workers)
    )
    Grant.objects.bulk_create(
        Grant(
            person=person,
            role=Role.DESK_OPERATOR,
            since=now - timedelta(days=1),
            given_by=made,
            why="Bench",
        )
        for person in people
    )
    return people


def _run(made: scratch.Scratch, people: list[StaffMember], way: str) -> tuple[float, list[int]]:
    """All workers from one signal to the last claim: claims a second, and who got which."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", CHILD, way, str(person.pk)],
            cwd=children.BASE_DIR,
            env={**made.environment, "DJANGO_SETTINGS_MODULE": "smmp.settings.demo"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for person in people
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError("A worker did not begin.")
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.communicate(timeout=MOST_S)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    got = [pk for answer in answers for pk in answer["ids"]]
    taken = max(answer["ended"] for answer in answers) - min(answer["began"] for answer in answers)
    return len(got) / taken, got
