"""Edits, approvals, lockdowns and sends race, and a lockdown among due acts: small runs, and that a miss is told."""

from __future__ import annotations

import pytest

from smmp import bench, faults
from smmp.benches import lockdown
from smmp.drills import approvals


@pytest.mark.drill
def test_nothing_goes_out_that_was_not_approved_in_that_form(committed_db):
    told = approvals.approvals(steps=250, kills=2)
    assert told.faults == {}
    assert (told.not_approved, told.after_edit, told.under_lockdown, told.doubled) == (0, 0, 0, 0)
    assert (told.lacking, told.late_by_itself, told.unsettled) == (0, 0, 0)
    assert told.sent > 0
    assert all(told.tried[name] for name in ("approve", "call", "cover", "steps"))


@pytest.mark.drill
def test_no_request_begins_a_second_after_the_commit(committed_db):
    found = lockdown.measure(acts=60, workers=3)
    assert [figure.what for figure in bench.figures_of_lockdown(found) if not figure.met] == []


def test_a_race_in_which_something_else_went_out_misses_its_targets():
    told = approvals.Told(
        10,
        not_approved=1,
        after_edit=1,
        under_lockdown=1,
        lacking=1,
        late_by_itself=1,
        doubled=1,
        unsettled=1,
    )
    told.faults["edit"] += 1
    missed = {figure.what for figure in faults.figures_of_approvals(told, kills=1) if not figure.met}
    assert missed >= {
        "steps that raced",
        "sent",
        "begun in a form that nobody approved",
        "begun after an edit had replaced the form",
        "begun more than 1 s into a lockdown over it",
        "begun without somebody whom the steps asked for",
        "let go late without another time",
        "doubled",
        "silently unsettled",
        "broke off with a fault",
        "senders killed with -9",
    }


def test_a_lockdown_that_was_late_or_hid_something_misses_its_targets():
    found = lockdown.Found(10, before=5, last_s=1.4, late=1, between=2, not_listed=1, by_itself=1, kept=4)
    missed = {figure.what for figure in bench.figures_of_lockdown(found) if not figure.met}
    assert missed >= {
        "last request begun after the commit",
        "begun more than 1 s after the commit",
        "in between and not listed",
        "told to whoever locked",
        "begun by themselves after its end",
        "decided one by one",
        "sent in the end",
    }
