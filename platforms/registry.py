"""Which platforms there are: an explicit table, slug -> where its connector lives."""

from __future__ import annotations

from functools import cache
from importlib import import_module

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
}

NAMES: dict[str, str] = {
    "exercise": "Exercise network",
    "x": "X",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "bluesky": "Bluesky",
    "youtube": "YouTube",
    "mastodon": "Mastodon",
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


def connect(slug: str, login: Login) -> Connector:
    """A connector that speaks for one official account."""
    return connector_class(slug)(login)
