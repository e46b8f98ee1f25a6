"""Platforms that can do everything or little, and comments to work on."""

from __future__ import annotations

import pytest

from moderation.models import Clause
from platforms import registry
from platforms.contract import Capability, Limits
from tests.moderation.comments import a_comment


class Able:
    """A platform that can do everything; replies take 300 characters."""

    slug = "exercise"
    name = "Exercise network"
    capabilities = frozenset(Capability)
    limits = Limits(post_length=300, reply_length=300)
    why_not: dict[Capability, str] = {}

    def __init__(self, login):
        self.login = login

    def length(self, text):
        return len(text)


class Mute(Able):
    """A platform that can only be read."""

    capabilities = frozenset()
    why_not = {
        Capability.HIDE: "This platform has no hiding. Report the comment there instead.",
        Capability.REPLY: "This platform takes no replies from here. Answer on its own site.",
    }


@pytest.fixture
def able_platform(monkeypatch):
    monkeypatch.setattr(registry, "connector_class", lambda slug: Able)


@pytest.fixture
def mute_platform(monkeypatch):
    monkeypatch.setattr(registry, "connector_class", lambda slug: Mute)


@pytest.fixture
def comment(able_platform, force_account):
    """An ordinary open comment on Wealdshire Police."""
    return a_comment(force_account)


@pytest.fixture
def abuse(db):
    """The clause on abuse of the published guidelines."""
    return Clause.objects.get(slug="abuse")
