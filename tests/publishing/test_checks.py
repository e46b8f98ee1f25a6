"""What each platform says of a post before it can go: its own length, its own server's limits, its price."""

from __future__ import annotations

import pytest

from accounts import actions
from accounts.models import PlatformLink
from core.actors import System
from publishing import checks
from publishing.models import Post, Variant

TEST = System("test")


@pytest.fixture
def said(wealdshire, victoria_lang):
    """Given a platform and words, every sentence of the checks by kind."""

    def ask(platform, words, *, limits=None):
        account = actions.register_account(
            actor=TEST, platform=platform, handle="@w@m.example", name="Wealdshire there", owner=victoria_lang
        )
        if limits:
            PlatformLink.objects.create(official_account=account, limits=limits)
        post = Post(title="Road closed", author=victoria_lang)
        found = checks.of_post(post, [Variant(post=post, official_account=account, text=words)], [])
        return {
            kind: [check.sentence for check in found if check.kind == kind]
            for kind in ("stop", "advice", "passed")
        }

    return ask


def test_a_server_that_takes_more_is_believed(said):
    words = "x" * 900
    assert "400 characters too long" in said("mastodon", words)["stop"][0]


def test_a_server_that_was_asked_counts_instead_of_the_usual(said):
    limits = {"post_length": 1000, "reply_length": 1000, "a_field_of_long_ago": 7}
    assert said("mastodon", "x" * 900, limits=limits)["stop"] == []


def test_bytes_count_where_the_platform_counts_them(said):
    family = "👨‍👩‍👧‍👦"
    assert "3,000 bytes" in " ".join(said("bluesky", family * 200)["stop"])


def test_a_link_on_x_is_said_to_cost_far_more(said):
    assert "$0.200" in said("x", "See https://wealdshire.example/news")["advice"][0]


def test_words_alone_are_no_post_on_instagram(said):
    assert "no words alone" in " ".join(said("instagram", "Good morning")["stop"])
