"""The crowd of the surge bench writes what its phases say, and each comment once."""

from __future__ import annotations

import os

from platforms.exercise import mapping
from smmp import bench
from smmp.benches import surge
from smmp.drills import crowd


def test_a_crowd_writes_at_its_pace_and_shows_every_comment_once(monkeypatch):
    at = [100.0]
    monkeypatch.setattr(crowd.time, "monotonic", lambda: at[0])
    group = crowd.Crowd([("Is the road open?", False), ("Between us", True)])
    assert group.written() == 0
    group.begin(["a", "b", "c"], [(50, 10.0), (500, 2.0), (7, 0.0)])
    for moment, written in ((105.0, 250), (111.0, 1000), (112.0, 1507), (500.0, 1507)):
        at[0] = moment
        assert group.written() == written
    seen: set[str] = set()
    for token in ("a", "b", "c"):
        since, more = 0, True
        while more:
            page = group.page(token, since, 100)
            ids = [mapping.comment(one).external_id for one in page["messages"]]
            assert not seen & set(ids)
            seen.update(ids)
            since, more = int(page["position"]), page["more"]
        assert group.page(token, since, 100)["messages"] == []
    assert len(seen) == 1507


def test_a_surge_that_slows_the_desk_or_loses_a_comment_misses_its_targets(monkeypatch):
    found = surge.Found(100.0, 151.0, 501, 121.0, 1, 99_999, 10.0, {"web": 200.0, "scheduler": 600.0})
    monkeypatch.setattr(surge, "measure", lambda **_: found)
    missed = {figure.what for figure in bench.bench_surge_ingest() if not figure.met}
    assert missed == {
        "the same at 50 comments a second",
        "behind at its end",
        "500 comments a second drained after their end",
        "lost or doubled",
        "taken in altogether",
        "memory of the scheduler afterwards",
    }


def test_memory_is_that_of_a_process_and_what_it_started():
    assert os.getpid() in surge._family(os.getpid())
    assert surge._pss_kib(os.getpid()) > 1024
