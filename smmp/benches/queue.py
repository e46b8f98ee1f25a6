"""What a queue page costs beside the least that it could cost, among many comments and with many open.

As HTTP requests through the real web server (granian) on a scratch database, by a signed-in operator with 20 of 40
official accounts, page by page in turn with the floor page (smmp.benches.floor) of the same server. The words
of the comments are invented ones, as unequally frequent as in a language.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import psycopg2
from django.db import connection
from django.db.models import Q

from accounts.models import Grant, OfficialAccount
from core import clock
from core.commands import CommandRefused
from smmp.benches import floor
from smmp.local import children, scratch
from smmp.local.places import find
from smmp.local.services import running
from smmp.seed import force
from staff.models import StaffMember
from staff.roles import Role

ACCOUNTS, SEEN = 40, 20
READER = "amira_hussain"
AT_ONCE = 50_000
TRIES, WARM = 40, 4
READY_WITHIN_S = 120.0
COMMON, LESS_COMMON, RARE, NONE = "bridge", "lantern", "xanthic", "quokkazine"
"""In a fifth of the comments, in one of a hundred, in one of a hundred thousand, in none."""
CHATTY = 300
"""Comments by the one commenter whose history is opened."""


@dataclass
class Page:
    """One kind of page in one state of the database."""

    p50_ms: float
    p95_ms: float
    queries: int
    bytes: int


@dataclass
class State:
    """The pages by name, with so many comments of which so many are open."""

    rows: int
    open: int
    pages: dict[str, Page] = field(default_factory=dict)


def measure(*, rows: Sequence[int], open_: Sequence[int], tries: int = TRIES) -> list[State]:
    """Each number of comments with the first number of open ones, and the last with every further one.

    Takes a quarter of an hour and some six gigabytes of disk for five million.
    """
    sizes = sorted(rows)
    states = [(size, min(open_[0], size)) for size in sizes]
    states += [(sizes[-1], min(more, sizes[-1])) for more in open_[1:]]
    measured: list[State] = []
    with scratch.database() as made:
        reader = make_reader(Role.DESK_OPERATOR)
        filled = 0
        with server(made) as address:
            for size, waiting in states:
                fill(filled, size)
                filled = size
                open_newest(waiting)
                settle(made.owner)
                measured.append(_measure(address, reader, State(size, waiting), tries))
        connection.close()
    return measured


def make_force() -> StaffMember:
    """The cast and 40 official accounts; answers whoever gives grants."""
    owner = force.make().people["ben_osei"]
    OfficialAccount.objects.update(status=OfficialAccount.Status.SUSPENDED)
    OfficialAccount.objects.bulk_create(
        OfficialAccount(
            platform="exercise", handle=f"b{n}", name=f"Bench {n}", owner=owner, registered_at=clock.now()
        )
        for n in range(ACCOUNTS)
    )
    return owner


def make_reader(role: Role) -> StaffMember:
    """The cast, 40 official accounts, and somebody who has this role on 20 of them and nothing else."""
    owner, now = make_force(), clock.now()
    reader = force.find().people[READER]
    accounts = list(OfficialAccount.objects.filter(name__startswith="Bench ").order_by("id"))
    theirs = Q(person=reader) | Q(team__in=reader.membership_set.values("team"))
    Grant.objects.filter(theirs, until=None).update(until=now)
    Grant.objects.bulk_create(
        Grant(
            person=reader,
            role=role,
            official_account=account,
            since=now - timedelta(days=1),
            given_by=owner,
            why="Bench",
        )
        for account in accounts[:SEEN]
    )
    return reader


# The comments

_PEOPLE = """
INSERT INTO moderation_commenter (platform, external_id, handle, name, first_seen_at)
SELECT 'exercise', 'bench-' || n, 'bench' || n, 'Person ' || n, now() - interval '3 years'
FROM generate_series(%(begin)s / 3, %(end)s / 3 + 1) n ON CONFLICT DO NOTHING
"""
_THREADS = """
INSERT INTO moderation_conversation (official_account_id, root_external_id, root_text, root_url, private)
SELECT a.ids[n %% %(accounts)s + 1], 'bench-' || n, '', '', false
FROM generate_series(%(begin)s / 50, %(end)s / 50 + 1) n, (SELECT %(ids)s::bigint[] AS ids) a ON CONFLICT DO NOTHING
"""
_COMMENTS = """
INSERT INTO moderation_comment (platform, external_id, official_account_id, conversation_id, commenter_id,
  parent_external_id, text, revision_number, private, url, language, posted_at, received_at, state, priority,
  category, findings, triage_version, triage_broken, risk, needs_case, decided_at)
SELECT 'exercise', 'bench-' || n, c.official_account_id, c.id, p.id, '',
  (SELECT string_agg(w, ' ') FROM (SELECT 'w' || floor(4000 * power(random(), 4) + n * 0)::int AS w
     FROM generate_series(1, 14)) words)
    || CASE WHEN n %% 5 = 0 THEN ' %(common)s' ELSE '' END || CASE WHEN n %% 97 = 0 THEN ' %(less)s' ELSE '' END
    || CASE WHEN n %% 100003 = 7 THEN ' %(rare)s' ELSE '' END,
  1, false, '', 'en', at, at, 'decided', 5, x.category, '[]'::jsonb, 'bench', false, 0.1, '', at
FROM (SELECT n, now() - interval '3 years' + n * (interval '3 years' / 5000001) AS at,
    (ARRAY['traffic','asb','praise','question','none','crime_report','complaint_about_police'])[n %% 7 + 1] AS category
  FROM generate_series(%(begin)s::bigint, %(end)s::bigint) n) x
JOIN moderation_conversation c ON c.root_external_id = 'bench-' || x.n / 50 AND c.official_account_id = ANY(%(ids)s)
JOIN moderation_commenter p ON p.platform = 'exercise'
  AND p.external_id = 'bench-' || CASE WHEN x.n < %(chatty)s THEN 0 ELSE x.n / 3 END
"""


def fill(filled: int, size: int) -> None:
    """Comments up to that number, decided; the first CHATTY by one commenter on official accounts of the reader's too."""
    ids = list(
        OfficialAccount.objects.filter(name__startswith="Bench ").order_by("id").values_list("id", flat=True)
    )
    words = {"common": COMMON, "less": LESS_COMMON, "rare": RARE}
    statement = _COMMENTS
    for name, word in words.items():
        statement = statement.replace(f"%({name})s", word)
    for begins in range(filled, size, AT_ONCE):
        given: dict[str, Any] = {
            "begin": begins,
            "end": min(begins + AT_ONCE, size) - 1,
            "ids": ids,
            "accounts": len(ids),
            "chatty": CHATTY,
        }
        with connection.cursor() as cursor:
            for one in (_PEOPLE, _THREADS, statement):
                cursor.execute(one, given)


_OPEN = """
UPDATE moderation_comment c SET state = 'open', decided_at = NULL, priority = x.priority,
  answer_by = c.received_at + (now() - (SELECT max(received_at) FROM moderation_comment)) + (ARRAY[interval '5 minutes', interval '30 minutes', interval '2 hours',
    interval '72 hours', NULL])[x.priority]
FROM (SELECT id, CASE WHEN id %% 100 = 0 THEN 1 WHEN id %% 100 < 5 THEN 2 WHEN id %% 100 < 40 THEN 3
    WHEN id %% 100 < 70 THEN 4 ELSE 5 END AS priority
  FROM moderation_comment ORDER BY received_at DESC LIMIT %s) x
WHERE x.id = c.id AND c.state <> 'open'
"""


def open_newest(waiting: int) -> None:
    """The newest so many wait for the desk, of every priority, as if the last had come just now; no other does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE moderation_comment SET state = 'decided', answer_by = NULL, priority = 5 WHERE state = 'open'"
        )
        cursor.execute(_OPEN, [waiting])


def settle(owner_address: str) -> None:
    """As the server does by itself within a minute; the application role may not."""
    with contextlib.closing(psycopg2.connect(owner_address)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


# The pages


@contextlib.contextmanager
def server(made: scratch.Scratch) -> Iterator[str]:
    """The web server alone, with one worker, as `manage.py up` starts it."""
    if (running(find()) or {}).get("address"):
        raise CommandRefused(
            "The platform is up in this checkout. Stop it first: it would take part of the machine."
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        children.web_command(host="127.0.0.1", port=port),
        cwd=children.BASE_DIR,
        env={
            **made.environment,
            "DJANGO_SETTINGS_MODULE": "smmp.settings.bench",
            "SMMP_ADDRESS": address,
            "PYTHONWARNINGS": "ignore",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + READY_WITHIN_S
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/healthz", trust_env=False, timeout=10).status_code == 200:
                    break
            if time.monotonic() > until:
                raise RuntimeError("The web server did not become ready.")
            time.sleep(0.2)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def _measure(address: str, reader: StaffMember, state: State, tries: int) -> State:
    """Every page in turn, so that whatever the machine does besides meets all of them alike."""
    client = signed_in(address)
    top = client.get("/desk/").text
    rows = ",".join(rows_of(top))
    seen = re.search(r"hx-vals='\{\"seen\": \"([^\"]+)\"", top)
    if not rows or seen is None:
        raise RuntimeError("The queue shows no comments.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(received_at) FROM moderation_comment")
        day = clock.in_london(cursor.fetchone()[0]).date() - timedelta(days=1)
        cursor.execute("SELECT id FROM moderation_commenter WHERE external_id = 'bench-0'")
        chatty = cursor.fetchone()[0]
    search = "/desk/search/?q="
    pages = {
        "floor": f"{floor.PATH}?ids={rows}",
        "queue": "/desk/",
        "all open": "/desk/?queue=open",
        "filtered": "/desk/?queue=open~category.traffic~risk.2",
        "counts and live refresh": f"/desk/refresh/?seen={seen.group(1)}",
        "date range": f"/desk/search/?since={day - timedelta(days=1)}&until={day}",
        "date range and category": f"/desk/search/?since={day - timedelta(days=60)}&until={day}&category=traffic",
        "search, common word": f"{search}{COMMON}",
        "search, less common word": f"{search}{LESS_COMMON}",
        "search, rare word": f"{search}{RARE}",
        "search, no match": f"{search}{NONE}",
        "search, common words that never stand together": f"{search}%22{COMMON}+w1+{COMMON}%22",
        "search, common and rare word": f"{search}{COMMON}+{RARE}",
        "commenter’s history": f"/desk/commenters/{chatty}/",
    }
    state.pages |= in_turn(client, pages, tries, well=(200, 204))
    return state


def in_turn(
    client: httpx.Client, pages: Mapping[str, str], tries: int, *, well: Sequence[int] = (200,)
) -> dict[str, Page]:
    """What each address costs, name by name, asked in turn: whatever the machine does besides meets all alike.

    Raises RuntimeError where one answers with another status than `well`.
    """
    times: dict[str, list[float]] = {name: [] for name in pages}
    last: dict[str, httpx.Response] = {}
    for turn in range(WARM + tries):
        for name, path in pages.items():
            began = time.perf_counter()
            answer = client.get(path)
            taken = (time.perf_counter() - began) * 1000
            if answer.status_code not in well:
                raise RuntimeError(f"{name} answered {answer.status_code}.")
            last[name] = answer
            if turn >= WARM:
                times[name].append(taken)
    measured = {}
    for name, answer in last.items():
        ordered = sorted(times[name])
        measured[name] = Page(
            round(ordered[len(ordered) // 2], 1),
            round(ordered[max(0, round(len(ordered) * 0.95) - 1)], 1),
            int(answer.headers[floor.HEADER]),
            len(answer.content),
        )
    return measured


def rows_of(page: str) -> list[str]:
    """The comments that a page of the desk shows, as the floor page takes them: 50."""
    return re.findall(r'data-comment="(\d+)"', page)[:50]


def signed_in(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, trust_env=False, timeout=120, follow_redirects=True)
    token = client.get("/demo/").text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    client.post(
        "/demo/",
        data={"csrfmiddlewaretoken": token, "persona": READER},
        headers={"Referer": f"{address}/demo/"},
    ).raise_for_status()
    client.follow_redirects = False
    return client
