"""Comments are stored once each while workers are killed and the platform is at its worst: a small run of the drill."""

from __future__ import annotations

import pytest

from smmp import faults
from smmp.drills import ingest


@pytest.mark.drill
def test_none_is_lost_and_none_doubled_while_workers_are_killed(committed_db):
    told = ingest.ingest(comments=400, kills=2)
    assert (told.lost, told.doubled, told.poison_wrong) == (0, 0, 0)
    assert told.stored == 400 - told.poison
    assert told.poison > 0


def test_a_drill_in_which_something_was_lost_misses_its_target():
    told = ingest.Told(10, stored=9, lost=1, doubled=1, poison_wrong=1)
    missed = {f.what for f in faults.figures_of_ingest(told, kills=1) if not f.met}
    assert missed >= {"stored", "lost", "doubled", "unreadable, lost or doubled", "workers killed with -9"}
