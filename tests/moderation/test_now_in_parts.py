"""What "Needs me now" counts in parts is what it lists by its one condition, whatever a comment is like."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from core import clock
from moderation import queries
from moderation.models import Comment
from tests import comments


def test_the_parts_are_the_whole_and_share_nothing(wealdshire, force_account, amira_hussain, ben_osei):
    now = clock.now()
    deadlines = (None, now - timedelta(hours=1), now + queries.DUE_SOON, now + timedelta(hours=5))
    claims = (
        (None, None),
        (amira_hussain, now + timedelta(minutes=5)),
        (ben_osei, now + timedelta(minutes=5)),
        (ben_osei, now - timedelta(seconds=1)),
    )
    for priority, due, (who, until), broken in product(range(1, 6), deadlines, claims, (False, True)):
        one = comments.write(force_account, "words")
        Comment.objects.filter(pk=one.pk).update(
            priority=priority, answer_by=due, claimed_by=who, claimed_until=until, triage_broken=broken
        )
    everything = queries.open_comments(amira_hussain)
    listed = set(everything.filter(queries.queue(amira_hussain, "now").where).values_list("pk", flat=True))
    at = clock.now()
    parts = [
        set(everything.filter(where).values_list("pk", flat=True))
        for where in queries._now_in_parts(amira_hussain, at)
    ]
    assert all(parts)
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert set().union(*parts) == listed
    assert 0 < len(listed) < everything.count()
    counted = next(one for one in queries.queues(amira_hussain).main if one.queue.slug == "now")
    assert counted.count == len(listed)
