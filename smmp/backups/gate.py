"""The gate that keeps everybody out while a backup is being restored.

It is the database's own: in a restored database the application's role has no right to the schema until the gate opens,
so that no page, worker or program reads a row, whatever it remembers. A restore that dies half way leaves it closed.
It stands in a schema of its own, which no backup holds.
"""

from __future__ import annotations

from django.db import Error as DatabaseError
from django.db import connection, transaction

SCHEMA = "smmp_restore"
APP_ROLE = "smmp_app"
SENTENCE = (
    "The platform is being brought back from a backup. Nobody can sign in until what was disposed of since is gone "
    "again and holds stand as they did. Try again in a quarter of an hour; the service desk knows."
)


def close(backup: str) -> None:
    """Nobody but the owner reaches a row from this commit on. Closing it twice changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.gate (backup text, closed_at timestamptz)")
        cursor.execute(f"TRUNCATE {SCHEMA}.gate")
        # The schema's name is ours.
        cursor.execute(f"INSERT INTO {SCHEMA}.gate VALUES (%s, now())", [backup])  # noqa: S608 # nosec B608
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'public'")
        if cursor.fetchone():
            cursor.execute(f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {APP_ROLE}")


def is_closed() -> bool:
    """Whether a restore is under way or was left half way. Answered to any role; False where the database is away."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA])
            return cursor.fetchone() is not None
    except DatabaseError:
        return False


def open_again() -> None:
    """Everybody may come back: the application has its rights, and nothing of the gate is left."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
