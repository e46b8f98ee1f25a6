"""What the records manager of a demonstration finds, made once."""

from __future__ import annotations

from retention.models import (
    Disposal,
    FoundItem,
    Hold,
    Proposal,
    Restriction,
    Review,
    RightsRequest,
    ScheduleDraft,
)
from smmp.seed import force, retention


def test_each_page_of_retention_has_something_to_show(wealdshire):
    force.make_seconds(wealdshire)
    for _ in range(2):
        retention.make(wealdshire)
    done = Disposal.objects.get()
    assert (done.disposed_count, bool(done.digest)) == (3, True)
    waiting = Proposal.objects.get(state="waiting")
    assert (waiting.due_count, waiting.held_count) == (1, 2)
    assert Review.objects.get().state == "open"
    assert Hold.objects.filter(lift_asked_by__isnull=False).count() == 1
    assert Restriction.objects.count() == 1
    assert ScheduleDraft.objects.get().state == "put"
    assert set(RightsRequest.objects.values_list("state", "stopped")) == {
        ("open", ""),
        ("put", ""),
        ("open", "identity"),
        ("closed", ""),
    }
    assert FoundItem.objects.filter(decision="").exists()
