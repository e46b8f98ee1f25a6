"""What the demonstration shows of listening: made once, and of each sort."""

from __future__ import annotations

from accounts.models import ConnectedApp, NativeUse
from exercise import api, queries
from exercise.models import Profile
from moderation.models import Attachment, Comment, IngestGap, NativePost, Quarantined
from moderation.native import of_posts, unknown
from platforms.exercise import mapping
from smmp.seed import listening


def test_the_demonstration_shows_each_sort_once(wealdshire, settings, tmp_path):
    settings.MEDIA_STORE = tmp_path
    listening.make(wealdshire)
    listening.make(wealdshire)
    assert [gap.filled_at is None for gap in IngestGap.objects.order_by("begins_at")] == [False, True]
    assert Quarantined.objects.count() == 1
    gone = Comment.objects.exclude(removed_at=None)
    assert sorted(gone.values_list("removed_by", flat=True)) == ["", "author", "platform", "us"]
    assert [app.lacks == "" for app in ConnectedApp.objects.order_by("-name")] == [True, False]
    assert NativeUse.objects.count() == 1
    assert not NativePost.objects.exists(), "what is noticed is noticed by the platform itself"
    assert not Attachment.objects.exists(), "the picture comes with the first poll"
    account = wealdshire.accounts["wealdshire-police"]
    profile = Profile.objects.get(handle=account.handle)
    posts = [mapping.post(api.as_read(post, profile)) for post in queries.newest_posts(profile)]
    assert [one.text[:16] for one in unknown(account, of_posts(posts))] == ["Win a free phone"]
