"""JSON Lines in, JSON Lines out: whatever comes, every readable line is answered and nothing crashes."""

from __future__ import annotations

import io
import json
import sys

import pytest
from django.core.management import call_command

from moderation.categories import Category, parent
from moderation.management.commands.triage import Command
from moderation.triage import lines
from moderation.triage.blend import Triage


class Slow(io.RawIOBase):
    """A pipe that gives a little at a time, and tells how much had been answered by then."""

    def __init__(self, parts, out):
        self.parts, self.out, self.answered = list(parts), out, []

    def read1(self, size):
        self.answered.append(self.out.getvalue().count("\n"))
        return self.parts.pop(0) if self.parts else b""


def answer(given: bytes, triage=None):
    out, errors = io.StringIO(), io.StringIO()
    bad = lines.run(triage or Triage(why_not="left out"), io.BytesIO(given), out, errors)
    return (
        [json.loads(line) for line in out.getvalue().splitlines()],
        [json.loads(line) for line in errors.getvalue().splitlines()],
        bad,
    )


def test_each_line_is_answered_in_order_with_all_that_was_promised(triage):
    (first, second), errors, bad = answer(
        b'{"id": "a", "text": "I will kill myself tonight", "platform": "x", "official_account": "Wealdshire"}\n'
        b'{"id": 2, "text": "lovely horses"}',
        triage,
    )
    assert (errors, bad) == ([], 0)
    assert (first["id"], first["category"], first["priority"]) == ("a", "suicide_self_harm", 1)
    assert second["id"] == 2
    assert first["risk"] > second["risk"]
    assert set(first["categories"]) == set(Category.values) - {"none"}
    assert first["findings"][0]["rule"] == "life.first_person_suicide"
    assert first["language"] == "en"
    assert first["version"].startswith("model-")
    assert "without_model" not in first


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[1]",
        b"null",
        b'{"id": 1}',
        b'{"text": "a"}',
        b'{"id": 1, "text": 5}',
        b'{"id": true, "text": ""}',
        b'{"id": 1, "text": "a", "official_account": 5}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": 1, "text": "' + b"a" * (lines.LONGEST + 10) + b'"}',
    ],
    ids=lambda line: line[:20].decode("latin-1"),
)
def test_a_bad_line_gets_an_error_object_and_the_others_are_answered(line):
    good = b'{"id": 9, "text": "hello"}'
    answers, errors, bad = answer(good + b"\n" + line + b"\n\n" + good + b"\n")
    assert [one["id"] for one in answers] == [9, 9]
    assert bad == 1
    assert errors[0]["line"] == 2
    assert errors[0]["error"].endswith(".")


def test_what_has_come_is_answered_before_more_is_waited_for():
    out = io.StringIO()
    line = b'{"id": 1, "text": "a"}\n'
    pipe = Slow([line, line[:5], line[5:] + line], out)
    assert lines.run(Triage(why_not="left out"), pipe, out, io.StringIO()) == 0
    assert pipe.answered == [0, 1, 1, 3]


def test_the_command_answers_and_its_status_tells_of_bad_lines(monkeypatch):
    given = io.TextIOWrapper(io.BytesIO(b'{"id": 1, "text": "I will kill you"}\nbad\n'))
    out, errors = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", given)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", errors)
    with pytest.raises(SystemExit) as end:
        call_command("triage", "--jsonl", "--rules-only")
    assert end.value.code == 1
    answered = json.loads(out.getvalue())
    assert (answered["priority"], answered["without_model"]) == (1, "The model was left out.")
    assert json.loads(errors.getvalue())["line"] == 2


def test_help_lists_every_category_with_its_parent():
    shown = Command().create_parser("manage.py", "triage").format_help()
    for category in Category:
        (line,) = [line for line in shown.splitlines() if line.split()[:1] == [category.value]]
        assert line.split()[1] == parent(category)
