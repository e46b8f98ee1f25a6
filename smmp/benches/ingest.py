"""How fast comments are taken in, beside what the same rows cost by hand-written SQL on this machine.

Everything stands in a scratch database with so many comments in it beforehand. The network is left out:
pages lie in memory in the exercise network's shape. All else is the real path: lease, token, raw payload,
reading, thread, commenter, triage rules, comment, revision, position, trail. One process, one account after
the other, as one worker works.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection, transaction
from psycopg2.extras import Json, execute_values

from accounts.actions import credentials
from accounts.models import OfficialAccount
from core import clock
from core.actors import System
from moderation import polling
from moderation.actions import arrivals, sources
from moderation.models import Comment, IngestSource
from moderation.places import Gazetteer
from moderation.triage.measure import marked_comments
from platforms import registry
from platforms.contract import IncomingPost, Page, RawMessage
from platforms.exercise.connector import PAGE, ExerciseConnector
from smmp.local import scratch
from smmp.seed import force

BENCH = System("bench")
ACCOUNTS = 20
FEW = 10_000
BATCH = 500
OPEN = 2_000
"""Of the comments stored beforehand so many wait for the desk; the others are decided."""
PEOPLE_PER_COMMENT, THREADS_PER_COMMENT = 3, 50
EMPTY_ROUNDS, WARM_UP_ROUNDS = 40, 10


@dataclass
class Found:
    """The figures of one run."""

    limit: float
    """Comments a second, all their rows by hand."""
    taken: float
    read_again: float
    empty_few_ms: float
    empty_many_ms: float
    lost: int


def measure(*, comments: int, stored: int) -> Found:
    """Fill, and measure. Takes minutes and some two gigabytes of disk for a million."""
    few = min(FEW, max(stored // 10, 1))
    with scratch.database() as made:
        accounts = official_accounts()
        inbox = Inbox(accounts, comments)
        with standing_in(inbox):
            fill(accounts, 0, few)
            settle(made.owner)
            empty_few_ms = _empty_poll_ms()
            fill(accounts, few, stored)
            settle(made.owner)
            empty_many_ms = _empty_poll_ms()
            half = comments // 2
            by_hand_s = _by_hand(accounts, 0, half)
            inbox.open = True
            began = time.perf_counter()
            _until_read(accounts, comments)
            taken_s = time.perf_counter() - began
            lost = comments - Comment.objects.filter(external_id__startswith="new-").count()
            by_hand_s += _by_hand(accounts, half, comments)
            IngestSource.objects.update(position="", next_poll_at=clock.now())
            began = time.perf_counter()
            _until_read(accounts, comments)
            again_s = time.perf_counter() - began
            lost += abs(comments - Comment.objects.filter(external_id__startswith="new-").count())
    return Found(
        limit=comments / by_hand_s,
        taken=comments / taken_s,
        read_again=comments / again_s,
        empty_few_ms=empty_few_ms,
        empty_many_ms=empty_many_ms,
        lost=lost,
    )


def official_accounts() -> list[OfficialAccount]:
    owner = force.make().people["ben_osei"]
    OfficialAccount.objects.update(status=OfficialAccount.Status.SUSPENDED)
    now = clock.now()
    accounts = OfficialAccount.objects.bulk_create(
        OfficialAccount(
            platform="exercise", handle=f"b{n}", name=f"Bench {n}", owner=owner, registered_at=now
        )
        for n in range(ACCOUNTS)
    )
    for account in accounts:
        credentials.store_credential(actor=BENCH, official_account=account, secret=f"bench {account.pk}")
    sources.ensure_sources(actor=BENCH)
    return accounts


# The platform


class Inbox:
    """What each official account has waiting; nothing until it is opened."""

    def __init__(self, accounts: list[OfficialAccount], comments: int) -> None:
        self.open = False
        self.counts = {
            account.handle: len(range(n, comments, len(accounts))) for n, account in enumerate(accounts)
        }
        self.texts = [
            (one.text, one.private)
            for one in marked_comments(Path(settings.BASE_DIR) / "exercise" / "scenarios")
        ]

    def page(self, handle: str, position: str) -> Page:
        since = int(position or 0)
        until = min(since + PAGE, self.counts[handle]) if self.open else since
        messages = [self.message("new", handle, n) for n in range(since, until)]
        return Page(messages, str(until), more=self.open and until < self.counts[handle])

    def message(self, kind: str, handle: str, number: int) -> RawMessage:
        text, private = self.texts[number % len(self.texts)]
        who = f"{kind}-{handle}-person-{number // PEOPLE_PER_COMMENT}"
        thread = f"{kind}-{handle}-post-{number // THREADS_PER_COMMENT}"
        external_id = f"{kind}-{handle}-{number}"
        return RawMessage(
            external_id,
            {
                "id": external_id,
                "author": {"id": who, "handle": who, "name": f"Person {number // PEOPLE_PER_COMMENT}"},
                "text": f"{text} ({number})",
                "created_at": "2026-11-22T17:00:00+00:00",
                "edited_at": None,
                "reply_to": None if private else thread,
                "root": None if private else thread,
                "private": private,
                "deleted": False,
                "hidden": False,
                "by_us": False,
                "url": f"https://exercise.example/{external_id}",
            },
        )


@contextlib.contextmanager
def standing_in(inbox: Inbox) -> Iterator[None]:
    class Bench(ExerciseConnector):
        def poll(self, position: str) -> Page:
            return inbox.page(self._handle, position)

        def own_posts(self) -> list[IncomingPost]:
            return []

        def read_back(self, external_id: str) -> IncomingPost:
            return IncomingPost(external_id, "The road is closed. Please stay away.", clock.now())

    before = registry.connector_class
    registry.connector_class = lambda slug: Bench  # type: ignore[assignment]
    try:
        yield
    finally:
        registry.connector_class = before


def _until_read(accounts: list[OfficialAccount], comments: int) -> None:
    wanted = {account.pk: str(len(range(n, comments, len(accounts)))) for n, account in enumerate(accounts)}
    while (
        dict(IngestSource.objects.filter(pk__gt=0).values_list("official_account_id", "position")) != wanted
    ):
        polling.poll_due()


def _empty_poll_ms() -> float:
    """One turn of all official accounts with nothing new, the median of some."""
    times = []
    for _ in range(WARM_UP_ROUNDS + EMPTY_ROUNDS):
        IngestSource.objects.update(next_poll_at=clock.now())
        began = time.perf_counter()
        if polling.poll_due() < ACCOUNTS:
            raise RuntimeError("Not every official account was polled.")
        times.append((time.perf_counter() - began) * 1000)
    return median(times[WARM_UP_ROUNDS:])


# What stands there, and what the machine can do


def fill(accounts: list[OfficialAccount], begin: int, end: int) -> None:
    """Comments from `begin` up to `end` with all their rows, spread over the official accounts."""
    ids = [account.pk for account in accounts]
    at_once = 100_000
    for first in range(begin, end, at_once):
        given: dict[str, Any] = {"a": first, "b": min(first + at_once, end) - 1, "ids": ids, "open": OPEN}
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in FILL:
                cursor.execute(statement, given)


FILL = [
    "INSERT INTO moderation_commenter (platform, external_id, handle, name, first_seen_at) "
    "SELECT 'exercise', 'old-person-' || n, 'old-person-' || n, 'Person ' || n, now() "
    "FROM generate_series(%(a)s / 3, %(b)s / 3) n ON CONFLICT DO NOTHING",
    "INSERT INTO moderation_conversation (official_account_id, root_external_id, root_text, root_url, private, "
    "root_posted_at, root_read_at, last_comment_at) "
    "SELECT (%(ids)s)[1 + n %% 20], 'old-post-' || n, 'The road is closed.', '', false, "
    "now() - interval '90 days', now(), now() - interval '90 days' "
    "FROM generate_series(%(a)s / 50, %(b)s / 50) n ON CONFLICT DO NOTHING",
    "INSERT INTO moderation_rawpayload (received_at, official_account_id, source, external_id, digest, payload) "
    "SELECT now(), (%(ids)s)[1 + (n / 50) %% 20], 'poll', 'old-' || n, md5(n::text) || md5((n + 1)::text), "
    "jsonb_build_object('id', 'old-' || n, 'text', 'Is the road open again by this evening? ' || n) "
    "FROM generate_series(%(a)s, %(b)s) n",
    "WITH made AS (INSERT INTO moderation_comment (platform, external_id, official_account_id, conversation_id, "
    "commenter_id, parent_external_id, text, revision_number, private, url, language, posted_at, received_at, "
    "state, priority, category, findings, triage_version, triage_broken, needs_case, decided_at) "
    "SELECT 'exercise', 'old-' || n, v.official_account_id, v.id, c.id, v.root_external_id, "
    "'Is the road open again by this evening? ' || n, 1, false, '', '', now() - interval '90 days', "
    "now() - interval '90 days', CASE WHEN n < %(open)s THEN 'open' ELSE 'decided' END, 5, 'none', '[]', '', "
    "false, '', CASE WHEN n < %(open)s THEN NULL ELSE now() - interval '80 days' END "
    "FROM generate_series(%(a)s, %(b)s) n "
    "JOIN moderation_conversation v ON v.root_external_id = 'old-post-' || n / 50 "
    "JOIN moderation_commenter c ON c.platform = 'exercise' AND c.external_id = 'old-person-' || n / 3 "
    "RETURNING id, text) "
    "INSERT INTO moderation_revision (comment_id, number, text, seen_at) "
    "SELECT id, 1, text, now() - interval '90 days' FROM made",
]


def settle(owner_address: str) -> None:
    """As the server does by itself after a while; the application role may not."""
    with contextlib.closing(psycopg2.connect(owner_address)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT") if _may_checkpoint(cursor) else None


def _may_checkpoint(cursor) -> bool:
    cursor.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'member')")
    return bool(cursor.fetchone()[0])


@dataclass
class _Rows:
    """What a batch comes to in each table; comments without the ids that the database gives."""

    people: list[tuple]
    threads: list[tuple]
    raws: list[tuple]
    comments: list[tuple]


def _by_hand(accounts: list[OfficialAccount], begin: int, end: int) -> float:
    """Seconds for the rows of so many comments in batches of 500; making the values is not counted."""
    inbox = Inbox(accounts, 0)
    spent_s = 0.0
    for first in range(begin, end, BATCH):
        account = accounts[first // BATCH % len(accounts)]
        rows = _rows(inbox, account, range(first, min(first + BATCH, end)))
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            _write(cursor, account, rows)
        spent_s += time.perf_counter() - began
    return spent_s


def _rows(inbox: Inbox, account: OfficialAccount, numbers: range) -> _Rows:
    now = clock.now()
    rows = _Rows([], [], [], [])
    people, threads = set(), set()
    for number in numbers:
        one = arrivals.arrival(inbox.message("hand", account.handle, number))
        incoming = ExerciseConnector.read(None, one.message)  # type: ignore[arg-type]
        if incoming is None:
            continue
        who, handle, name = arrivals.author(incoming)
        comment = arrivals.new_comment(account, incoming, one.external_id, now, Gazetteer(()))
        root = arrivals.root_of(incoming, one.external_id, lambda parent: None)
        if who not in people:
            rows.people.append(("exercise", who, handle, name, now))
        if root not in threads:
            rows.threads.append((account.pk, root, "", "", comment.private, comment.posted_at))
        people.add(who)
        threads.add(root)
        rows.raws.append((now, account.pk, "poll", one.external_id, one.digest, Json(one.payload)))
        rows.comments.append(
            (
                *(
                    "exercise",
                    one.external_id,
                    account.pk,
                    root,
                    who,
                    comment.parent_external_id,
                    comment.text,
                ),
                *(1, comment.private, comment.url, "", comment.posted_at, now, comment.state),
                *(comment.priority, comment.category, Json(comment.findings), comment.triage_version),
                *(comment.triage_broken, comment.answer_by, "", comment.hidden_at, comment.held_why),
                *(comment.model_due_at, comment.named_places),
            )
        )
    return rows


def _write(cursor, account: OfficialAccount, rows: _Rows) -> None:
    people = dict(
        execute_values(
            cursor,
            "INSERT INTO moderation_commenter (platform, external_id, handle, name, first_seen_at) VALUES %s "
            "ON CONFLICT (platform, external_id) DO UPDATE SET name = excluded.name RETURNING external_id, id",
            rows.people,
            page_size=BATCH,
            fetch=True,
        )
    )
    threads = dict(
        execute_values(
            cursor,
            "INSERT INTO moderation_conversation (official_account_id, root_external_id, root_text, root_url, "
            "private, last_comment_at) VALUES %s ON CONFLICT (official_account_id, root_external_id) "
            "DO UPDATE SET last_comment_at = excluded.last_comment_at RETURNING root_external_id, id",
            rows.threads,
            page_size=BATCH,
            fetch=True,
        )
    )
    raws = execute_values(
        cursor,
        "INSERT INTO moderation_rawpayload (received_at, official_account_id, source, external_id, digest, "
        "payload) VALUES %s RETURNING id",
        rows.raws,
        page_size=BATCH,
        fetch=True,
    )
    made = execute_values(
        cursor,
        "INSERT INTO moderation_comment (platform, external_id, official_account_id, conversation_id, "
        "commenter_id, parent_external_id, text, revision_number, private, url, language, posted_at, "
        "received_at, state, priority, category, findings, triage_version, triage_broken, answer_by, "
        "needs_case, hidden_at, held_why, model_due_at, named_places) VALUES %s RETURNING id",
        [(*row[:3], threads[row[3]], people[row[4]], *row[5:]) for row in rows.comments],
        page_size=BATCH,
        fetch=True,
    )
    execute_values(
        cursor,
        "INSERT INTO moderation_revision (comment_id, number, text, seen_at, raw_payload_id) VALUES %s",
        [(pk, 1, row[6], row[12], raw) for (pk,), row, (raw,) in zip(made, rows.comments, raws, strict=True)],
        page_size=BATCH,
    )
    cursor.execute(
        "INSERT INTO audit_entry (at, event, operation, actor_kind, actor_name, subject_type, subject_id, "
        "subject_name, official_account_id, shown_ids, details, reason, request_id) VALUES (now(), "
        "'comments.ingested', 'collection', 'system', 'bench', 'accounts.officialaccount', %s, '', %s, %s, '{}', "
        "'', '')",
        [str(account.pk), account.pk, [pk for (pk,) in made]],
    )
