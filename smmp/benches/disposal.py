"""How fast records are disposed of, beside deleting as many from the same tables plainly, and what the queue feels of it.

Both in the same run on a scratch database, by a thousand at a time, each with the VACUUM of the tables afterwards; the
plain deletion has the guards of retention switched off. Meanwhile a reader opens the queue page again and again.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg2
from django.db import connection, connections
from django.test.utils import override_settings

from core import clock
from retention import sql, tasks
from retention.actions import disposals, proposals
from retention.models import Proposal, ScheduleRow
from smmp.benches import queue
from smmp.local import scratch
from staff.roles import Role

REST, OPEN = 20_000, 2_000
"""Other comments, and how many of them are open."""
TABLES = (
    "moderation_note",
    "moderation_decision",
    "moderation_revision",
    "moderation_comment",
    "moderation_commenter",
    "moderation_conversation",
)
LOOKS = 20
SAY_EVERY_S = 15.0


@dataclass
class Found:
    """What was measured."""

    disposed: int
    disposed_s: float
    plain_s: float
    quiet_p95_ms: float
    meanwhile_p95_ms: float


def measure(*, rows: int) -> Found:
    """So many are deleted plainly and as many disposed of."""
    with scratch.database() as made, override_settings(RETENTION_BULK_LIMIT=10_000_000):
        queue.make_reader(Role.DESK_OPERATOR)
        queue.fill(0, REST)
        queue.open_newest(OPEN)
        for name in ("plain", "due"):
            _say(f"Writing {rows:,} comments")
            _fill(name, rows)
        queue.settle(made.owner)
        with queue.server(made) as address:
            client = queue.signed_in(address)
            quiet = queue.in_turn(client, {"queue": "/desk/"}, LOOKS)["queue"].p95_ms
            _, plain_s = _meanwhile(client, "Deleting plainly", lambda: _delete_plainly(made.owner))
            disposed_at: list[int] = []
            meanwhile, disposed_s = _meanwhile(
                client, "Disposing", lambda: disposed_at.append(_dispose(made.owner))
            )
        connection.close()
    return Found(disposed_at[0], disposed_s, plain_s, quiet, meanwhile)


_PEOPLE = """
INSERT INTO moderation_commenter (platform, external_id, handle, name, first_seen_at)
SELECT 'exercise', %(name)s || n, %(name)s || n, '', now() FROM generate_series(0, %(last)s / 3) n
"""
_THREADS = """
INSERT INTO moderation_conversation (official_account_id, root_external_id, root_text, root_url, private)
SELECT a.id, %(name)s || n, '', '', false
FROM generate_series(0, %(last)s / 50) n, (SELECT min(id) AS id FROM accounts_officialaccount WHERE name LIKE 'Bench %%') a
"""
_COMMENTS = """
INSERT INTO moderation_comment (platform, external_id, official_account_id, conversation_id, commenter_id,
    parent_external_id, text, revision_number, private, url, language, posted_at, received_at, state, priority,
    category, findings, triage_version, triage_broken, needs_case, decided_at)
SELECT 'exercise', %(name)s || n, c.official_account_id, c.id, p.id, '',
    (SELECT string_agg(w, ' ') FROM (SELECT 'w' || floor(4000 * power(random(), 4) + n * 0)::int AS w
     FROM generate_series(1, 14)) words), 1, false, '', 'en', at, at, 'decided', 5, 'question', '[]', 'bench', false, '', at
FROM (SELECT n, now() - interval '4 years' + n * interval '1 second' AS at FROM generate_series(0, %(last)s) n) x
JOIN moderation_conversation c ON c.root_external_id = %(name)s || x.n / 50
JOIN moderation_commenter p ON p.platform = 'exercise' AND p.external_id = %(name)s || x.n / 3
"""
_HISTORY = (
    """INSERT INTO moderation_revision (comment_id, number, text, seen_at)
    SELECT id, 1, text, received_at FROM moderation_comment WHERE external_id ~ ('^' || %(name)s || '[0-9]+$')""",
    """INSERT INTO moderation_decision (comment_id, revision_id, kind, by_name, at, why, outcome_noted)
    SELECT c.id, r.id, 'no_action', 'Bench', c.decided_at, '', true
    FROM moderation_comment c JOIN moderation_revision r ON r.comment_id = c.id
    WHERE c.external_id ~ ('^' || %(name)s || '[0-9]+$')""",
)


def _fill(name: str, rows: int) -> None:
    with connection.cursor() as cursor:
        for statement in (_PEOPLE, _THREADS, _COMMENTS, *_HISTORY):
            cursor.execute(statement, {"name": f"{name}-", "last": rows - 1})


def _say(words: str) -> None:
    """How far it is, for whoever waits; the figures alone go to standard output."""
    print(words, file=sys.stderr, flush=True)


def _meanwhile(client, what: str, act: Callable[[], object]) -> tuple[float, float]:
    """The 95th percentile of the queue page while something is done, and how long that took, in s."""
    took: list[float] = []

    def work() -> None:
        began = time.perf_counter()
        try:
            act()
        finally:
            took.append(time.perf_counter() - began)
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    times: list[float] = []
    begun = said = time.perf_counter()
    while thread.is_alive() or len(times) < LOOKS:
        began = time.perf_counter()
        if began - said > SAY_EVERY_S:
            said = began
            _say(f"{what}: {began - begun:.0f} s")
        client.get("/desk/").raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    thread.join()
    ordered = sorted(times)
    return round(ordered[max(0, round(len(ordered) * 0.95) - 1)], 1), took[0]


def _delete_plainly(owner: str) -> None:
    with contextlib.closing(psycopg2.connect(owner)) as server, server.cursor() as cursor:
        for change in ("DISABLE", "ENABLE"):
            for table, trigger in sql.guarded():
                if table in TABLES:
                    cursor.execute(f"ALTER TABLE {table} {change} TRIGGER {trigger}")
            server.commit()
            if change == "DISABLE":
                _delete_batches(server, cursor)
    _vacuum(owner)


def _delete_batches(server, cursor) -> None:
    after = 0
    while True:
        cursor.execute(
            "SELECT array_agg(id), array_agg(DISTINCT commenter_id), array_agg(DISTINCT conversation_id), max(id) "
            "FROM (SELECT id, commenter_id, conversation_id FROM moderation_comment "
            "WHERE external_id LIKE 'plain-%%' AND id > %s ORDER BY id LIMIT %s) counted",
            [after, disposals.BATCH],
        )
        ids, authors, threads, last = cursor.fetchone()
        if not ids:
            return
        after = last
        for table in TABLES[:3]:
            cursor.execute(f"DELETE FROM {table} WHERE comment_id = ANY(%s)", [ids])  # noqa: S608 # nosec B608
        cursor.execute("DELETE FROM moderation_comment WHERE id = ANY(%s)", [ids])
        cursor.execute(
            "DELETE FROM moderation_commenter r WHERE id = ANY(%s) "
            "AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.commenter_id = r.id)",
            [authors],
        )
        cursor.execute(
            "DELETE FROM moderation_conversation v WHERE id = ANY(%s) "
            "AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.conversation_id = v.id)",
            [threads],
        )
        server.commit()


def _dispose(owner: str) -> int:
    proposal = proposals.propose(actor=tasks.RETENTION, row=ScheduleRow.objects.get(slug="routine_comment"))
    if proposal is None:
        raise RuntimeError("Nothing was due.")
    Proposal.objects.filter(pk=proposal.pk).update(goes_at=clock.now())
    done = disposals.carry_out(actor=tasks.RETENTION, proposal=proposal)
    _vacuum(owner)
    return done.disposed_count if done is not None else 0


def _vacuum(owner: str) -> None:
    with contextlib.closing(psycopg2.connect(owner)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(TABLES)}, retention_tombstone")
