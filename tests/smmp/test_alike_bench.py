"""The surge bench misses where it is slow, holds much, or sweeps a cry for help along."""

from __future__ import annotations

from smmp import bench
from smmp.benches import alike


def test_a_swept_cry_misses(monkeypatch):
    found = alike.Found(100_000, 20.1, 1025, 1025, 5, 60_000, 0.9, 800, 1, 1, 400, 61, 1)
    monkeypatch.setattr(alike, "measure", lambda **_: found)
    assert {figure.what for figure in bench.bench_surge() if not figure.met} == {
        "100,000 comments read, compared and written as groups",
        "memory of the process at its highest",
        "of it for the grouping",
        "plain copies found",
        "planted inside a group",
        "turned grave after the grouping and still offered",
        "that took",
        "decided though grave by then",
    }
