"""What the month and the week of the content calendar cost among many posts, beside the floor page.

As HTTP requests through the real web server on a scratch database, by a signed-in comms officer who sees 20 of 40
official accounts, page by page in turn with the floor page of the desk (smmp.benches.floor) on the same server.
The posts are spread over a year around today, each on two official accounts; and once more with all in one month.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from django.db import connection

from accounts.models import OfficialAccount
from core import clock
from smmp.benches import floor, queue
from smmp.local import scratch
from staff.models import StaffMember
from staff.roles import Role

COMMENTS = 10_000
"""Behind the floor page: its cost follows the 50 that it shows."""
OPEN = 2_000
FEW = 100
TRIES = 40


@dataclass
class Found:
    """Pages by name, for few posts and for all."""

    floor_ms: float = 0
    few: dict[str, queue.Page] = field(default_factory=dict)
    many: dict[str, queue.Page] = field(default_factory=dict)
    crowded: dict[str, queue.Page] = field(default_factory=dict)


_POSTS = """
INSERT INTO publishing_post (title, author_id, state, version, words, publish_at, created_at, changed_at,
  reply_control, as_thread, language)
SELECT 'Bench post ' || n, %(author)s, (ARRAY['draft','submitted','approved'])[n %% 3 + 1], 1, 'Bench words ' || n,
  %(begins)s::timestamptz + ((n - %(first)s) * %(span)s::interval / %(count)s), now(), now(), '', false, ''
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
_VARIANTS = """
INSERT INTO publishing_variant (post_id, official_account_id, text, parts)
SELECT p.id, a.ids[(p.id + k * 7) %% array_length(a.ids, 1) + 1], p.words, '[]'::jsonb
FROM publishing_post p, generate_series(0, 1) k, (SELECT %(ids)s::bigint[] AS ids) a
WHERE p.title LIKE 'Bench post %%' AND NOT EXISTS (SELECT 1 FROM publishing_variant v WHERE v.post_id = p.id)
"""
_CROWD = """
UPDATE publishing_post SET publish_at = date_trunc('month', now()) + random() * interval '27 days'
WHERE title LIKE 'Bench post %%'
"""


def measure(*, posts: int, tries: int = TRIES) -> Found:
    """The pages with FEW posts, with so many over a year, and with so many in this month. Takes two minutes."""
    found = Found()
    with scratch.database() as made:
        reader = queue.make_reader(Role.COMMS_OFFICER)
        queue.fill(0, COMMENTS)
        queue.open_newest(OPEN)
        with queue.server(made) as address:
            client = queue.signed_in(address)
            _fill(reader, 1, FEW)
            queue.settle(made.owner)
            found.few = _pages(client, tries)
            _fill(reader, FEW + 1, posts)
            queue.settle(made.owner)
            found.many = _pages(client, tries)
            found.floor_ms = found.many["floor"].p50_ms
            with connection.cursor() as cursor:
                cursor.execute(_CROWD)
            queue.settle(made.owner)
            found.crowded = _pages(client, tries)
        connection.close()
    return found


def _fill(author: StaffMember, first: int, last: int) -> None:
    ids = list(
        OfficialAccount.objects.filter(name__startswith="Bench ").order_by("id").values_list("id", flat=True)
    )[: queue.SEEN]
    given: dict[str, Any] = {
        "author": author.pk,
        "first": first,
        "last": last,
        "count": last - first + 1,
        "begins": clock.now() - timedelta(days=182),
        "span": "365 days",
        "ids": ids,
    }
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, given)
        cursor.execute(_VARIANTS, given)


def _pages(client: httpx.Client, tries: int) -> dict[str, queue.Page]:
    """Every page in turn, so that whatever the machine does besides meets all of them alike."""
    rows = ",".join(queue.rows_of(client.get("/desk/").text))
    pages = {
        "floor": f"{floor.PATH}?ids={rows}",
        "month": "/publishing/calendar/",
        "week": "/publishing/calendar/?view=week",
        "list": "/publishing/calendar/?view=list",
    }
    return queue.in_turn(client, pages, tries)
