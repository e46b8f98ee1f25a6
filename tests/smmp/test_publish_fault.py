"""Posts go out once each while workers are killed and the platform loses answers: a small run of the drill."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from core.commands import CommandRefused
from smmp import faults
from smmp.drills import publish


@pytest.mark.drill
def test_none_is_doubled_and_none_lost_while_workers_are_killed(committed_db):
    told = publish.publish(posts=60, kills=12, lost_replies=0.15, lease_s=6, workers=3, within_s=240)
    assert told.sentences == set()
    figures = {f.what: f for f in faults.figures_of_publishing(told, kills=1, timed=False)}
    assert (told.doubled, told.lost, told.unsettled, told.sent) == (0, 0, 0, 60)
    assert [figure.what for figure in figures.values() if not figure.met] == []


def test_a_drill_in_which_something_was_doubled_misses_its_target():
    told = publish.Told(10, sent=9, doubled=1, lost=1, unsettled=1, latest_s=61)
    missed = {f.what for f in faults.figures_of_publishing(told, kills=5, timed=True) if not f.met}
    assert missed >= {"doubled", "lost", "silently unsettled", "processes killed with -9", "latest"}


def test_the_command_prints_targets_and_ends_with_1_on_a_miss(monkeypatch):
    def drill(*, posts, kills, **_):
        return publish.Told(posts, sent=posts, doubled=1, died={"at random": kills})

    monkeypatch.setattr(publish, "publish", drill)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("faults", "publish", "--posts=5", "--kills=2", "--json", stdout=out)
    rows = {row["what"]: row for row in json.loads(out.getvalue())}
    assert ended.value.code == 1
    assert (rows["doubled"]["value"], rows["doubled"]["target"], rows["doubled"]["met"]) == (1, 0, False)
    assert rows["processes killed with -9"]["met"]


@pytest.mark.parametrize(
    "words", [["leaver", "--posts=5"], ["publish", "--posts=0"], ["publish", "--lost-replies=2"]]
)
def test_wrong_words_are_refused_in_a_sentence(words):
    with pytest.raises(CommandRefused):
        call_command("faults", *words)
