"""What pages of figures cost among many comments, how long figures need to take in new ones, and whether they are right.

As HTTP requests through the real web server on a scratch database, by somebody who may open every dashboard over all 40
official accounts. The comments are spread over three years, a quarter with a decision, some with a changed category.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection

from accounts.models import Grant, Neighbourhood, OfficialAccount
from core import clock
from insights import counting, report_paper
from insights.actions import reports, rollups
from insights.dashboards import DASHBOARDS
from insights.models_reports import Kind
from insights.reports import latest
from moderation.models import Place
from smmp.benches import queue
from smmp.local import scratch
from smmp.seed import force
from staff.models import StaffMember
from staff.roles import Role

NEW = 50_000
TRIES = 20
AT_ONCE = 100_000
ROLES = (Role.COMMS_APPROVER, Role.DESK_SUPERVISOR, Role.DUTY_COMMAND)


@dataclass
class Found:
    """Pages by name; seconds; rows that differ between what was kept and what the facts say."""

    pages: dict[str, queue.Page] = field(default_factory=dict)
    built_s: float = 0
    refreshed_s: float = 0
    areas_s: float = 0
    """Counting what names a place of a neighbourhood, a year back: as it is done once."""
    areas_again_s: float = 0
    """The same of two days, as it is done every ten minutes."""
    brief_s: float = 0
    """The daily brief, from the figures to the PDF."""
    new: int = 0
    rows: int = 0
    differing: int = 0


_COMMENTS = """
INSERT INTO moderation_comment (platform, external_id, official_account_id, conversation_id, commenter_id,
  parent_external_id, text, revision_number, private, url, language, posted_at, received_at, state, priority,
  category, findings, triage_version, triage_broken, risk, needs_case, decided_at, answer_by, named_places)
SELECT 'exercise', 'bench-' || x.n, c.official_account_id, c.id, p.id, '', 'Words ' || x.n, 1, x.n %% 20 = 0, '', 'en',
  at, at, CASE WHEN waits THEN 'open' ELSE 'decided' END, priority, category, '[]'::jsonb, 'bench', false, 0.1, '',
  CASE WHEN waits THEN NULL ELSE at + took END,
  at + (ARRAY[interval '5 minutes', interval '30 minutes', interval '2 hours', interval '72 hours', NULL])[priority],
  CASE WHEN x.n %% 50 = 7 THEN ARRAY[%(place)s::bigint] END
FROM (
  SELECT n, %(since)s::timestamptz + (n - %(first)s) * (%(span)s::interval / %(count)s) AS at,
    n > %(all)s - 2000 AND n %% 2 = 0 AS waits,
    (ARRAY['none','none','none','question','traffic','asb','praise','none','crime_report','complaint_about_police',
           'information_request','none','abuse_of_staff','spam','suicide_self_harm','none'])[n %% 16 + 1] AS category,
    CASE WHEN n %% 16 = 14 THEN 1 WHEN n %% 16 = 8 THEN 3 WHEN n %% 16 IN (4, 5) THEN 4 ELSE 5 END AS priority,
    (power(random(), 4) * 4000) * interval '1 minute' AS took
  FROM generate_series(%(begin)s::bigint, %(end)s::bigint) n
) x
JOIN moderation_conversation c ON c.root_external_id = 'bench-' || (x.n %% %(threads)s) AND c.official_account_id = ANY(%(ids)s)
JOIN moderation_commenter p ON p.platform = 'exercise' AND p.external_id = 'bench-' || (x.n %% %(people)s)
"""
_PEOPLE = """
INSERT INTO moderation_commenter (platform, external_id, handle, name, first_seen_at)
SELECT 'exercise', 'bench-' || n, 'bench' || n, 'Person ' || n, now() - interval '4 years'
FROM generate_series(0, %(people)s - 1) n
"""
_THREADS = """
INSERT INTO moderation_conversation (official_account_id, root_external_id, root_text, root_url, private)
SELECT (%(ids)s::bigint[])[n * n %% %(accounts)s + 1], 'bench-' || n, '', '', false FROM generate_series(0, %(threads)s - 1) n
"""
_DECISIONS = """
WITH chosen AS (
  SELECT id, text, received_at, decided_at, category FROM moderation_comment
  WHERE platform = 'exercise' AND external_id = ANY(SELECT 'bench-' || n FROM generate_series(%(begin)s::bigint, %(end)s::bigint) n WHERE n %% 4 = 0)
    AND decided_at IS NOT NULL
), words AS (
  INSERT INTO moderation_revision (comment_id, number, text, seen_at) SELECT id, 1, text, received_at FROM chosen
  RETURNING id, comment_id
)
INSERT INTO moderation_decision (comment_id, revision_id, kind, clause_id, why, by_id, by_name, at, outcome_noted)
SELECT s.id, w.id, CASE WHEN s.category = 'spam' THEN 'hide' WHEN s.id %% 3 = 0 THEN 'reply' ELSE 'no_action' END,
  CASE WHEN s.category = 'spam' THEN %(clause)s END, '', %(by)s, 'Bench', s.decided_at, true
FROM chosen s JOIN words w ON w.comment_id = s.id
"""
_LABELS = """
INSERT INTO moderation_label (comment_id, revision_number, category, priority, was_category, was_priority, triage_version,
  by_id, at)
SELECT id, 1, category, priority, 'question', 4, 'bench', %(by)s, decided_at FROM moderation_comment
WHERE platform = 'exercise' AND external_id = ANY(SELECT 'bench-' || n FROM generate_series(%(begin)s::bigint, %(end)s::bigint) n WHERE n %% 40 = 8)
  AND decided_at IS NOT NULL
"""


def measure(*, comments: int, tries: int = TRIES) -> Found:
    """Fill, count, take in 50,000 more, look at every dashboard, compare. Takes ten minutes for five million."""
    found = Found(new=min(NEW, comments))
    with scratch.database() as made:
        reader = _reader()
        _fill(reader, 0, comments)
        queue.settle(made.owner)
        found.built_s = _timed(rollups.refresh)
        queue.settle(made.owner)
        _fill(reader, comments, comments + found.new)
        found.refreshed_s = _timed(rollups.refresh)
        found.areas_s = _timed(counting.count)
        found.areas_again_s = _timed(counting.count)
        found.brief_s = _timed(_brief)
        checked = rollups.check()
        found.rows, found.differing = checked.rows, checked.differing
        with queue.server(made) as address:
            found.pages = queue.in_turn(queue.signed_in(address), _addresses(), tries)
        connection.close()
    return found


def _addresses() -> dict[str, str]:
    today = clock.today()
    quarter = f"span=custom&first={today - timedelta(days=91)}&last={today}"
    return {
        f"{one.title}, {name}": f"/insights/figures/{one.slug}/?{query}"
        for one in DASHBOARDS.values()
        for name, query in (("7 days", "span=week"), ("month", "span=last_month"), ("92 days", quarter))
    } | {
        "Areas": "/insights/areas/",
        "One area": f"/insights/areas/{Neighbourhood.objects.earliest('pk').slug}/",
        "Map, a year": f"/insights/map/?since={today - timedelta(days=365)}",
        "Rumours": "/insights/rumours/",
        "Reports": "/insights/reports/",
    }


def _reader() -> StaffMember:
    reader = queue.make_reader(ROLES[0])
    owner = force.find().people["ben_osei"]
    Grant.objects.bulk_create(
        Grant(
            person=reader,
            role=role,
            since=clock.now() - timedelta(days=1),
            given_by=owner,
            why="Bench",
        )
        for role in ROLES[1:]
    )
    place = Neighbourhood.objects.earliest("pk")
    Place.objects.create(name="The Weir", matched="the weir", neighbourhood=place, added_at=clock.now())
    of_place = OfficialAccount.objects.filter(name__startswith="Bench ").order_by("id").values("id")[:10]
    OfficialAccount.objects.filter(pk__in=list(of_place.values_list("pk", flat=True))).update(
        neighbourhood=place
    )
    return reader


def _fill(by: StaffMember, begin: int, end: int) -> None:
    """Comments by number; those of the first filling over three years, further ones over the last two days."""
    ids = list(
        OfficialAccount.objects.filter(name__startswith="Bench ").order_by("id").values_list("id", flat=True)
    )
    now = clock.now()
    since = now - timedelta(days=1095) if begin == 0 else now - timedelta(days=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM moderation_clause WHERE published ORDER BY id LIMIT 1")
        given: dict[str, Any] = {
            "clause": cursor.fetchone()[0],
            "place": Place.objects.latest("pk").pk,
            "by": by.pk,
            "ids": ids,
            "accounts": len(ids),
            "threads": 5_000,
            "people": 20_000,
            "since": since,
            "span": now - since,
            "first": begin,
            "count": end - begin,
            "all": end,
        }
        if begin == 0:
            cursor.execute(_PEOPLE, given)
            cursor.execute(_THREADS, given)
        for at in range(begin, end, AT_ONCE):
            part = {**given, "begin": at, "end": min(at + AT_ONCE, end) - 1}
            for statement in (_COMMENTS, _DECISIONS, _LABELS):
                cursor.execute(statement, part)


def _brief() -> None:
    period = latest(Kind.DAILY, clock.now())
    report_paper.pdf(reports.make_scheduled(actor=reports.REPORTS, kind=Kind.DAILY, period=period))


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
