"""The demonstration shows an appeal with tips, one that is overdue, and one that is seen to be gone."""

from __future__ import annotations

from moderation.models import Tip
from publishing.models import Appeal, TakeDown
from smmp.seed import appeals, outbox


def test_the_demonstration_has_one_of_each_and_is_made_once(wealdshire):
    outbox.make(wealdshire)
    appeals.make(wealdshire)
    appeals.make(wealdshire)
    states = dict(Appeal.objects.values_list("title", "state"))
    assert states == {
        "Jonas Peverell, Saltmere": "live",
        "Grey van at the viaduct": "under_review",
        "Pearl Amberley, Cutler’s Cross": "verified",
    }
    assert Appeal.objects.get(state="live").on.count() == 4
    assert Tip.objects.filter(like=None).count() == 2
    assert Tip.objects.count() == 3
    assert {one.result for one in TakeDown.objects.all()} == {"Verified gone"}
