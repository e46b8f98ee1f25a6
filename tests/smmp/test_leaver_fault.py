"""Of what is in flight while a leaver is committed, nothing begun after it gets through or writes."""

from __future__ import annotations

from smmp import faults


def test_nothing_begun_after_the_commit_succeeds_or_writes(committed_db, wealdshire):
    person = wealdshire.people["amira_hussain"]
    comments = faults.comments_for_a_drill(wealdshire.accounts["wealdshire-police"], 6)
    outcome = faults.around_a_leaver(person, comments, requests=150, threads=4)
    figures = {figure.what: figure for figure in outcome.figures()}
    assert figures["requests made"].value == 150
    assert figures["succeeded before the leaving"].met
    assert figures["begun after the commit"].met
    assert figures["begun after the commit and succeeded"].value == 0
    assert figures["written by the leaver after the commit"].value == 0
    assert outcome.faults == []
    assert outcome.writes_at_commit > 0


def test_a_drill_that_finds_a_late_write_misses_its_target():
    outcome = faults.Outcome(2, [faults.Tried(0, 1, True), faults.Tried(5, 6, True)])
    outcome.begins_s, outcome.committed_s, outcome.writes_at_commit, outcome.writes_at_end = 2, 3, 4, 5
    met = {figure.what: figure.met for figure in outcome.figures()}
    assert not met["begun after the commit and succeeded"]
    assert not met["written by the leaver after the commit"]
    assert met["requests made"]
