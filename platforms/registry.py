"""Which platforms there are: an explicit table, slug -> where its connector lives."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from core.errors import NotValid
from platforms.contract import Connector, Login

CONNECTORS: dict[str, str] = {
    "exercise": "platforms.exercise.connector.ExerciseConnector",
    "x": "platforms.x.connector.XConnector",
    "facebook": "platforms.facebook.connector.FacebookConnector",
    "instagram": "platforms.instagram.connector.InstagramConnector",
    "bluesky": "platforms.bluesky.connector.BlueskyConnector",
    "youtube": "platforms.youtube.connector.YouTubeConnector",
    "mastodon": "platforms.mastodon.connector.MastodonConnector",
    "nextdoor": "platforms.manual.connector.NextdoorConnector",
    "threads": "platforms.manual.connector.ThreadsConnector",
    "tiktok": "platforms.manual.connector.TikTokConnector",
    "whatsapp": "platforms.manual.connector.WhatsAppConnector",
    "linkedin": "platforms.manual.connector.LinkedInConnector",
    "manual": "platforms.manual.connector.ManualConnector",
}

BY_HAND = frozenset({"nextdoor", "threads", "tiktok", "whatsapp", "linkedin", "manual"})
"""Platforms on which a person does the last step and pastes what the public writes."""

NAMES: dict[str, str] = {
    "exercise": "Exercise network",
    "x": "X",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "bluesky": "Bluesky",
    "youtube": "YouTube",
    "mastodon": "Mastodon",
    "nextdoor": "Nextdoor",
    "threads": "Threads",
    "tiktok": "TikTok",
    "whatsapp": "WhatsApp channel",
    "linkedin": "LinkedIn",
    "manual": "Another platform, by hand",
}


@cache
def connector_class(slug: str) -> type[Connector]:
    """The connector of a platform. Raises NotValid for a platform that has none."""
    try:
        path = CONNECTORS[slug]
    except KeyError:
        raise NotValid(f"There is no connector for “{slug}”.") from None
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def webhook(slug: str) -> ModuleType | None:
    """How the platform calls us (platforms/<slug>/webhook.py); None where it calls nobody."""
    if slug not in CONNECTORS:
        return None
    try:
        return import_module(f"platforms.{slug}.webhook")
    except ModuleNotFoundError:
        return None


def connect(slug: str, login: Login) -> Connector:
    """A connector that speaks for one official account."""
    return connector_class(slug)(login)
