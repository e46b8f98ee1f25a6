"""How long the console's searches of the audit trail take among so many entries.

Everything stands in a scratch database (smmp.local.scratch): 90 days of a force of 400, written as the
application writes, through the triggers. Each search is what the page does: one page, newest first.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg2
from django.db import connection

from audit import queries
from audit.queries import Filters
from core import clock
from smmp.local import scratch

AT_ONCE = 50_000
DAYS = 88
TRIES = 2
COMMENTS_OF_ONE = 50

_FILL = """
INSERT INTO audit_entry (at, event, operation, actor_kind, actor_id, actor_name, subject_type, subject_id,
  subject_name, official_account_id, shown_ids, details, reason, request_id, source_address)
SELECT now() - ((n * 7919 %% 1000003) / 1000003.0 * %s) * interval '1 day', e.event, e.operation,
  CASE WHEN e.event = 'comments.ingested' THEN 'system' WHEN n %% 1000 = 1 THEN 'public'
       WHEN n %% 100 = 2 THEN 'service' ELSE 'staff' END,
  CASE WHEN e.event = 'comments.ingested' OR n %% 1000 = 1 THEN NULL ELSE n %% 400 + 1 END,
  'Officer ' || n %% 400, e.subject, (n %% 300000)::text,
  CASE WHEN e.subject = 'escalation.case' THEN 'W-' || n %% 20000 ELSE '' END, n * 31 %% 100,
  CASE e.event WHEN 'comment.viewed' THEN ARRAY[n %% 300000]
    WHEN 'comments.listed' THEN ARRAY[n * 17 %% 300000, n * 23 %% 300000, n * 29 %% 300000]
    ELSE ARRAY[]::bigint[] END,
  jsonb_build_object('queue', 'now'), '', md5(n::text),
  CASE WHEN n %% 3 = 0 THEN '' ELSE '10.' || n %% 4 || '.' || n %% 250 || '.' || n %% 200 END
FROM (SELECT n, n * 104729 %% 10000 AS part FROM generate_series(%s::bigint, %s::bigint) n) x
JOIN (VALUES
  ('comments.listed', 'consultation', '', 0, 4500), ('comment.viewed', 'consultation', 'moderation.comment', 4500, 7500),
  ('comment.claimed', 'alteration', 'moderation.comment', 7500, 9000),
  ('comments.ingested', 'collection', 'accounts.officialaccount', 9000, 9600),
  ('case.viewed', 'consultation', 'escalation.case', 9600, 9800),
  ('staff.signed_in', '', 'staff.staffmember', 9800, 9999), ('records.disposed', 'erasure', '', 9999, 10000)
) e(event, operation, subject, low, high) ON x.part >= e.low AND x.part < e.high
"""


class _Reader:
    """Reads the whole trail, and nothing that professional standards keep to themselves."""

    pk = 0

    def has_perm(self, name: str) -> bool:
        return name == queries.SEE_ALL


def measure(entries: int) -> list[tuple[str, float]]:
    """Milliseconds of each search by name, the better of two tries, and of the page after it where there is one."""
    with scratch.database() as made:
        _fill(made.owner, entries)
        reader = _Reader()
        times: list[tuple[str, float]] = []
        for name, filters in _searches():
            times.append((name, _once_ms(lambda filters=filters: queries.page(reader, filters))))  # type: ignore[misc]
            _, onwards = queries.page(reader, filters)
            if onwards is not None:
                later = _once_ms(
                    lambda filters=filters, at=onwards: queries.page(reader, filters, before=at)  # type: ignore[misc]
                )
                times.append((f"{name}, next page", later))
        times.append(("commenter", _once_ms(lambda: _of_a_commenter(reader))))
        connection.close()
        return times


def _once_ms(search: Callable[[], object]) -> float:
    taken = []
    for _ in range(TRIES):
        began = time.perf_counter()
        search()
        taken.append((time.perf_counter() - began) * 1000)
    return min(taken)


def _of_a_commenter(reader: _Reader) -> list[object]:
    """Everything of somebody who wrote COMMENTS_OF_ONE comments; their rows are not part of the trail."""
    ids = [1000 + 40 * number for number in range(COMMENTS_OF_ONE)]
    found = queries.in_sight(reader).filter(queries.about(31, ids))
    return list(queries.newest_of_few(found)[: queries.PAGE_LENGTH + 1])


def _searches() -> Iterator[tuple[str, Filters]]:
    """Each filter by itself, common, rare and matching nothing, and those that are used together."""
    now = clock.now()
    since, until = now - timedelta(days=30), now - timedelta(days=29)
    yield "nothing chosen", Filters()
    yield "person", Filters(person="7")
    yield "platform", Filters(person="platform")
    yield "not signed in", Filters(person="public")
    yield "programs", Filters(person="service")
    yield "event, common", Filters(event="comment.viewed")
    yield "event, rare", Filters(event="records.disposed")
    yield "event, none", Filters(event="audit.exported")
    yield "operation, common", Filters(operation="consultation")
    yield "operation, rare", Filters(operation="erasure")
    yield "operation, none", Filters(operation="combination")
    yield "official account", Filters(official_account=7)
    yield "kind of record", Filters(subject="comment")
    yield "kind of record, none", Filters(subject="grant")
    yield "comment", Filters(subject="comment", number="412")
    yield "case by reference", Filters(subject="case", number="W-2041")
    yield "case by number", Filters(subject="case", number="2041")
    yield "case, none", Filters(subject="case", number="W-99999")
    yield "time", Filters(since=since, until=until)
    yield "time, none", Filters(since=now + timedelta(days=1))
    yield "address", Filters(address="10.1.101.101")
    yield "address, none", Filters(address="192.0.2.1")
    yield "beginning of addresses", Filters(address="10.1.")
    yield "beginning of addresses, none", Filters(address="192.0.2.")
    yield "person and event", Filters(person="7", event="case.viewed")
    yield "person and event, none", Filters(person="7", event="audit.exported")
    yield "person and time", Filters(person="7", since=since, until=until)
    yield "person and kind of record", Filters(person="7", subject="case")
    yield "person and operation, none", Filters(person="7", operation="disclosure")
    yield "staff and event that programs alone cause, none", Filters(person="staff", event="service.looked")
    yield "platform and operation, none", Filters(person="platform", operation="consultation")
    yield "event and official account", Filters(event="case.viewed", official_account=7)
    yield "event and operation, none", Filters(event="comment.viewed", operation="alteration")
    yield "event and address", Filters(event="comment.viewed", address="10.1.101.101")
    yield "official account and address, none", Filters(official_account=7, address="10.1.99.99")
    yield "official account and operation", Filters(official_account=7, operation="erasure")


def _fill(owner_address: str, entries: int) -> None:
    """Entries of DAYS days; the statistics are gathered as the server does by itself within a minute."""
    with contextlib.closing(psycopg2.connect(owner_address)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(
                "SELECT smmp_ensure_months('audit_entry', %s, 5)", [(clock.now() - timedelta(days=95)).date()]
            )
            for begins in range(0, entries, AT_ONCE):
                with connection.cursor() as written:
                    written.execute(_FILL, [DAYS, begins, min(begins + AT_ONCE, entries) - 1])
            cursor.execute("VACUUM ANALYZE audit_entry")
