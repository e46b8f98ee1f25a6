"""The drill of the ladder and its bench: what they count, and when they miss. The full runs are commands of their own."""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command

from core import clock
from escalation import tasks
from escalation.models import Case
from notices import tasks as notices
from notices import ways
from smmp import bench, faults
from smmp.benches import ladder as measuring
from smmp.drills import ladder, ladder_part
from tests import comments


def test_a_case_that_fell_silent_or_somebody_told_twice_misses_the_target(
    force_account, amira_hussain, tmp_path, monkeypatch
):
    comments.escalate(comments.write(force_account), amira_hussain)
    tasks.open_cases()
    Case.objects.update(title="Invented case 1")
    monkeypatch.setattr(ways, "send", ways.send)
    ladder_part.send_into(tmp_path)
    (tmp_path / "outage").touch()
    assert notices.send_due() == 0
    (tmp_path / "outage").unlink()
    from_now = clock.now() + timedelta(seconds=3)
    monkeypatch.setattr(clock, "now", lambda: from_now)
    assert notices.send_due() == 2
    told = ladder.Told(1)
    ladder._count(told, tmp_path)
    assert (told.opened, told.silent, told.twice, told.steps, told.sent) == (1, 0, 0, 1, 2)
    (tmp_path / "sent-again").write_text(next(tmp_path.glob("sent-*")).read_text())
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    told = ladder.Told(1)
    ladder._count(told, tmp_path)
    assert (told.silent, told.twice) == (1, 1)
    missed = {figure.what for figure in faults.figures_of_ladder(told) if not figure.met}
    assert missed >= {"unacknowledged cases that stopped climbing", "told twice for the same step"}


def test_the_commands_end_with_1_on_a_miss(monkeypatch):
    monkeypatch.setattr(
        ladder,
        "ladder",
        lambda *, number: ladder.Told(number, opened=number, silent=1, steps=number, killed=9),
    )
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("faults", "ladder", "--cases=5", "--json", stdout=out)
    assert ended.value.code == 1
    rows = {row["what"]: row for row in json.loads(out.getvalue())}
    assert rows["cases opened"]["met"]
    assert not rows["unacknowledged cases that stopped climbing"]["met"]
    monkeypatch.setattr(measuring, "measure", lambda **_: measuring.Found(9, 31.0, 40.0, 2.0, 3, 0, 5.0, 6.0))
    figures = {figure.what: figure.met for figure in bench.bench_ladder(scale=10)}
    assert not figures["written on the platform to the alert, 95th percentile"]
    assert figures["confirmed to the first message sent, 95th percentile"]


def test_a_scheduler_counts_as_up_when_it_has_loaded_and_not_before(tmp_path, monkeypatch):
    up = tmp_path / f"up-{os.getpid()}"

    class Loading:
        def __init__(self):
            assert not up.exists()

        def run(self, *, stop):
            assert not up.exists()
            assert stop() is False
            raise SystemExit

    monkeypatch.setattr(ladder_part, "Scheduler", Loading)
    monkeypatch.setattr(sys, "argv", ["ladder_part", "scheduler", "0", str(tmp_path)])
    monkeypatch.setattr(ways, "send", ways.send)
    monkeypatch.setattr(clock, "now", clock.now)
    with pytest.raises(SystemExit):
        ladder_part.main()
    assert up.exists()
