"""Connecting a Facebook Page: least permissions, and the token of that one Page."""

from __future__ import annotations

from collections.abc import Mapping

from platforms.contract import Token
from platforms.meta import login

SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_messaging",
)
"""`pages_show_list`: to be told which Page was chosen. The others each stand for an ability (connector)."""


def authorise_url(*, app: Mapping[str, str], redirect: str, state: str, challenge: str) -> str:
    """Where the person who runs the Page agrees."""
    return login.authorise_url(app=app, redirect=redirect, state=state, challenge=challenge, scopes=SCOPES)


def exchange(*, base_url: str, app: Mapping[str, str], code: str, verifier: str, redirect: str) -> Token:
    """The token of the Page, in exchange for the code that came back. A code is taken once."""
    return login.exchange(
        name="Facebook", base_url=base_url, app=app, code=code, verifier=verifier, redirect=redirect
    )
