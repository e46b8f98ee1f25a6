"""What shifts leave behind in the demonstration: made once, and of each sort."""

from __future__ import annotations

from accounts import coverage
from escalation.models import HandoverSignature
from moderation import queries_surges
from moderation.models import DipSample, Surge
from notices.models import Notice
from smmp.seed import shifts


def test_the_demonstration_shows_each_sort_once(wealdshire, settings, ben_osei, amira_hussain):
    settings.DEMO = True
    shifts.make(wealdshire)
    shifts.make(wealdshire)
    found = {one.account.handle: one for one in coverage.coverages(ben_osei)}
    assert found["wealdshire-police"].always
    assert (found["harrowfield-police"].risk is not None, found["saltmere-police"].lacks_record) == (
        True,
        True,
    )
    assert list(HandoverSignature.objects.values_list("side", flat=True)) == ["outgoing", "incoming"]
    assert DipSample.objects.count() == 5
    assert DipSample.objects.exclude(answer="").count() == 1
    surge = Surge.objects.get()
    assert max(hour.came for hour in queries_surges.by_the_hour(surge)) > 400
    assert queries_surges.under_way(amira_hussain) == []
    assert not Notice.objects.filter(seen_at=None).exists()
