"""What platforms say of followers and posts is kept as it was said each time, within their limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.actions import connecting
from accounts.models import Credential
from core import clock
from insights import reach, tasks
from insights.actions import reach as keeping
from insights.models import AccountReach, PostReach, ReachPull
from platforms import registry
from platforms.bluesky import mapping as bluesky
from platforms.contract import Capability, PostNumbers, TemporaryFault, Usage, count
from platforms.facebook import mapping as facebook
from platforms.x import mapping as x
from publishing.actions import outbox
from publishing.models import Delivery


class Telling:
    """A platform that tells figures, two posts at a time."""

    capabilities = frozenset({Capability.METRICS})
    prices: dict[str, object] = {}
    numbers_at_once = 2
    down = False

    def followers(self):
        if self.down:
            raise TemporaryFault("The platform is down.")
        return 1200

    def numbers(self, external_ids):
        assert len(external_ids) <= 2
        return [PostNumbers(one, seen=90, likes=7) for one in external_ids if one != "gone"]

    def usage(self):
        return ()


@pytest.fixture
def telling(monkeypatch):
    kind = Telling()
    monkeypatch.setattr(registry, "connector_class", lambda slug: Telling)
    monkeypatch.setattr(tasks, "connector_for", lambda account: kind)
    return kind


def posted(account, author, external_id, *, days_ago=1):
    delivery = outbox.queue(
        actor=keeping.REACH, official_account=account, kind="post", author=author, text="Words"
    )
    at = clock.now() - timedelta(days=days_ago)
    Delivery.objects.filter(pk=delivery.pk).update(state="sent", sent_at=at, external_id=external_id)
    return delivery


def test_what_a_platform_says_is_kept_beside_what_it_said_before(telling, force_account, leah_brandt):
    Credential.objects.exclude(official_account=force_account).update(
        replaced_at=clock.now(), sealed=b"", wrapped_key=b""
    )
    newest, second = (posted(force_account, leah_brandt, f"p{n}") for n in (1, 2))
    posted(force_account, leah_brandt, "gone")
    posted(force_account, leah_brandt, "old", days_ago=20)
    assert tasks.pull_reach() == 2
    assert tasks.pull_reach() == 0, "asked again before its time"
    assert {row.delivery_id: (row.seen, row.likes, row.replies) for row in PostReach.objects.all()} == {
        newest.pk: (90, 7, None),
        second.pk: (90, 7, None),
    }
    ReachPull.objects.update(next_at=clock.now())
    assert tasks.pull_reach() == 2
    assert AccountReach.objects.filter(official_account=force_account).count() == 2
    assert PostReach.objects.count() == 4

    # A fault, and an allowance that is half used up, put it off for an hour, and say why.
    telling.down = True
    ReachPull.objects.update(next_at=clock.now())
    assert tasks.pull_reach() == 0
    assert ReachPull.objects.get().fault == "The platform is down."
    connecting.note_usage(
        official_account=force_account,
        usage=[Usage("GET /x", 0.9, resets_at=clock.now() + timedelta(minutes=10))],
    )
    ReachPull.objects.update(next_at=clock.now())
    assert tasks.pull_reach() == 0
    pull = ReachPull.objects.get()
    assert "listening and answering go first" in pull.fault
    assert pull.next_at > clock.now() + timedelta(minutes=50)


def test_who_tells_says_so_and_who_does_not_says_why():
    for slug in registry.CONNECTORS:
        kind = registry.connector_class(slug)
        assert reach.able(slug) or kind.why_not[Capability.METRICS]


def test_payloads_are_read_and_nonsense_is_nothing():
    view = {
        "uri": "at://a/app.bsky.feed.post/b",
        "likeCount": 4,
        "replyCount": 2,
        "repostCount": 1,
        "quoteCount": 2,
    }
    assert bluesky.numbers(view) == PostNumbers(view["uri"], likes=4, replies=2, shares=3)
    assert bluesky.numbers({"uri": "at://a/app.bsky.feed.post/b", "likeCount": "x"}).likes is None
    told = {"impression_count": 50, "like_count": 3, "reply_count": 1, "retweet_count": 2, "quote_count": 1}
    assert x.numbers({"id": "9", "public_metrics": told}) == PostNumbers("9", 50, 3, 1, 3)
    assert x.numbers({"id": "9", "public_metrics": []}) == PostNumbers("9")
    summary = {"summary": {"total_count": 6}}
    assert facebook.numbers(
        {"id": "1_2", "likes": summary, "comments": {}, "shares": {"count": 2}}
    ) == PostNumbers("1_2", likes=6, shares=2)
    assert facebook.numbers(None) == PostNumbers("")
    assert [count(value) for value in (5, "12", -1, True, "1.5", None, "9" * 30)] == [
        5,
        12,
        None,
        None,
        None,
        None,
        None,
    ]
