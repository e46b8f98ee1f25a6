"""Following the trail: nothing is missed however transactions overlap, and a restored database goes on."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection, connections, transaction

from audit import following
from audit.actions import followers, record
from audit.models import Entry, Follower
from core.actors import System

DESK = System("desk")
START = following.Place(0, 0, 0)
INSERT = """
    INSERT INTO audit_entry (at, event, operation, actor_kind, actor_name, subject_type, subject_id,
        subject_name, shown_ids, details, reason, request_id {column})
    VALUES (now(), 'file.viewed', '', 'system', 'desk', '', '', '', '{{}}', '{{}}', '', '' {value})
    RETURNING id
"""


def insert(cursor, transaction_id: int | None = None) -> int:
    column, value = (
        ("", "") if transaction_id is None else (", transaction_id", f", '{transaction_id}'::xid8")
    )
    cursor.execute(INSERT.format(column=column, value=value))
    return cursor.fetchone()[0]


@contextmanager
def _former_life() -> Iterator[Any]:
    """As the owner, with the trigger off that gives each entry the transaction in which it is written."""
    address = os.environ["SMMP_TEST_ADMIN"].replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    owner = psycopg2.connect(address)
    with owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    owner.close()


def ids(batch) -> list[int]:
    return [entry.pk for entry in batch.entries]


def test_an_entry_that_commits_late_is_read_in_its_turn_and_none_twice(committed_db):
    late = connections.create_connection("default")
    late.set_autocommit(False)
    with late.cursor() as cursor:
        first = insert(cursor)
    second = record(actor=DESK, event="file.viewed").pk
    assert second > first
    batch = following.after(START, 100)
    assert ids(batch) == []
    late.commit()
    late.close()
    batch = following.after(batch.place, 100)
    assert ids(batch) == [first, second]
    assert ids(following.after(batch.place, 100)) == []


def test_batches_end_where_they_are_told_and_go_on_there(committed_db):
    made = [record(actor=DESK, event="file.viewed").pk for _ in range(5)]
    seen, place = [], START
    while (batch := following.after(place, 2)).entries:
        assert len(batch.entries) <= 2
        seen += ids(batch)
        place = batch.place
    assert seen == made
    assert following.waiting(START) == 5
    assert following.waiting(place) == 0


def test_many_writers_at_once_lose_nothing(committed_db):
    made: set[int] = set()
    over = threading.Event()
    seen: list[int] = []

    def write(_: int) -> None:
        for _ in range(20):
            with transaction.atomic():
                made.add(record(actor=DESK, event="file.viewed").pk)
        connection.close()

    def read() -> None:
        place = START
        while True:
            done = over.is_set()
            batch = following.after(place, 7)
            seen.extend(ids(batch))
            place = batch.place
            if done and not batch.entries:
                break
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    over.set()
    reader.join()
    assert len(seen) == len(set(seen)) == 80
    assert set(seen) == made


def test_a_restored_database_is_read_to_its_end_and_then_from_the_new_count_on(committed_db):
    with _former_life() as cursor:
        read, unread, older = (insert(cursor, xid) for xid in (9_000_000_000, 9_000_000_001, 700))
    fresh = record(actor=DESK, event="file.viewed").pk
    batch = following.after(following.Place(9_000_000_000, read, 0), 100)
    assert ids(batch) == [unread]
    batch = following.after(batch.place, 100)
    # Of the former life nothing comes again, but what was written after its newest row does.
    assert set(ids(batch)) - {older} == {fresh}
    assert batch.place.floor_id == unread
    later = record(actor=DESK, event="file.viewed").pk
    assert ids(following.after(batch.place, 100)) == [later]


def test_one_reader_holds_a_follower_and_a_fault_makes_it_pause(committed_db):
    held = followers.lease(actor=DESK, name="test", for_s=60)
    assert followers.lease(actor=DESK, name="test", for_s=60) is None
    paused = followers.pause(actor=DESK, follower=held, fault="x" * 500)
    assert (paused.failures, len(paused.fault), paused.lease_until) == (1, 200, None)
    assert followers.lease(actor=DESK, name="test", for_s=60) is None
    Follower.objects.update(try_at=None)
    again = followers.lease(actor=DESK, name="test", for_s=60)
    entry = record(actor=DESK, event="file.viewed")
    moved = followers.move(actor=DESK, follower=again, place=following.after(START, 10).place)
    assert moved.entry_id == entry.pk
    assert (moved.failures, moved.fault, moved.lease_until) == (0, "", None)
    assert Entry.objects.count() == 1
