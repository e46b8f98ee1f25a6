"""Connecting an Instagram account: through the Facebook Page that it hangs on, with that Page's token."""

from __future__ import annotations

from collections.abc import Mapping

from platforms.contract import Token
from platforms.meta import login

SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_metadata",
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_messages",
)
"""The first two and `instagram_basic`: to be told which account it is. The others each stand for an ability."""


def authorise_url(*, app: Mapping[str, str], redirect: str, state: str, challenge: str) -> str:
    """Where the person who runs the account agrees."""
    return login.authorise_url(app=app, redirect=redirect, state=state, challenge=challenge, scopes=SCOPES)


def exchange(*, base_url: str, app: Mapping[str, str], code: str, verifier: str, redirect: str) -> Token:
    """The token of the Page, in exchange for the code that came back. A code is taken once."""
    return login.exchange(
        name="Instagram",
        base_url=base_url,
        app=app,
        code=code,
        verifier=verifier,
        redirect=redirect,
        must_have="instagram_business_account",
    )
