"""A scratch database is whole, is the application's own, and is gone afterwards."""

from __future__ import annotations

import os

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Entry
from core.commands import CommandRefused
from retention.models import ScheduleRow
from smmp.local import scratch


def _databases() -> set[str]:
    with psycopg2.connect(os.environ["SMMP_TEST_ADMIN"]) as server, server.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.drill
def test_work_goes_to_the_scratch_database_and_back(committed_db, monkeypatch):
    monkeypatch.delenv(scratch.TEMPLATE, raising=False)
    ours = connection.settings_dict["NAME"]
    left_behind = f"{scratch.PREFIX}999999999"
    scratch._run(os.environ["SMMP_TEST_ADMIN"], scratch.sql.SQL(f"CREATE DATABASE {left_behind}"))
    with scratch.database() as made:
        assert left_behind not in _databases()
        assert made.name in _databases()
        assert ScheduleRow.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database(), current_user")
            assert cursor.fetchone() == (made.name, "smmp_app")
        with pytest.raises(DatabaseError), transaction.atomic():
            Entry.objects.all().delete()
    assert made.name not in _databases()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (ours,)


def test_without_the_owners_address_it_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.delenv("DATABASE_OWNER_URL")
    with pytest.raises(CommandRefused, match="DATABASE_OWNER_URL is not set"):
        with scratch.database():
            pass
