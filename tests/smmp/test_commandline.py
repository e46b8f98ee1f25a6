"""A command that was called wrongly: a sentence, exit status 2, nothing started and nothing done."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connection, transaction

from smmp import commandline
from smmp.local.places import BASE_DIR


@pytest.fixture
def joined(monkeypatch):
    """Commands run in the tests' own database instead of one they start."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(name, "postgresql:///none")
    monkeypatch.setenv("SMMP_DATABASE_ROLE", "app")
    monkeypatch.setenv("SMMP_SECRET_KEY", "tests-only")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "Unknown command: 'nonsense'"),
        (["migrate", "no_such_room"], "no_such_room"),
        (["triage", "explain"], "required: text"),
        (["exercise", "check", "/nowhere.yaml"], "nowhere.yaml cannot be read"),
    ],
)
def test_wrong_words_end_with_2(joined, db, capsys, words, said):
    assert commandline.run(["manage.py", *words]) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert "CommandRefused" not in errors


@pytest.mark.parametrize(("command", "words"), [("up", "takes no arguments"), ("reset", "takes --yes alone")])
def test_up_and_reset_take_nothing_that_they_do_not_know(tmp_path, command, words):
    state = tmp_path / "var"
    result = subprocess.run(
        [sys.executable, "manage.py", command, "8080"],
        cwd=BASE_DIR,
        env=os.environ | {"SMMP_VAR": str(state)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert not state.exists()


def test_a_database_without_tables_is_told_in_a_sentence(db, capsys, monkeypatch):
    def of_a_table_that_is_not_there(argv):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")

    monkeypatch.setattr("django.core.management.execute_from_command_line", of_a_table_that_is_not_there)
    assert commandline._execute(["manage.py", "audit", "state"]) == 2
    assert "manage.py migrate" in capsys.readouterr().err
