"""Connecting a YouTube channel: Google's sign-in with PKCE, one scope, and a token renewed each hour.

Source: developers.google.com/identity/protocols/oauth2/web-server, from memory. Not tried
against Google. An app that Google has not audited gets tokens of seven days and private uploads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from core import clock
from platforms.contract import PermanentFault, TemporaryFault, Token
from platforms.http import Http

NAME = "YouTube"
SCOPES = ("https://www.googleapis.com/auth/youtube.force-ssl",)
"""Reading held comments, moderating, answering, publishing and captions all need this one, and no other."""
AUTHORISE = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS = "https://oauth2.googleapis.com"


def authorise_url(*, app: Mapping[str, str], redirect: str, state: str, challenge: str) -> str:
    """Where the person who runs the channel agrees. Google hands out what renews only when asked anew."""
    if not app.get("client_id"):
        raise PermanentFault("The force is not registered with Google yet (SMMP_YOUTUBE_CLIENT_ID).")
    asked = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": redirect,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
    }
    return f"{AUTHORISE}?{urlencode(asked)}"


def exchange(*, base_url: str, app: Mapping[str, str], code: str, verifier: str, redirect: str) -> Token:
    """The tokens in exchange for the code that came back. A code is taken once."""
    return _token(
        base_url,
        {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": app.get("client_id", ""),
            "client_secret": app.get("client_secret", ""),
            "redirect_uri": redirect,
            "code_verifier": verifier,
        },
    )


def refreshed(*, base_url: str, app: Mapping[str, str], refresh: str) -> Token:
    """A fresh access token. What renews stays the same unless Google hands out another."""
    return _token(
        base_url,
        {
            "grant_type": "refresh_token",
            "refresh_token": refresh,
            "client_id": app.get("client_id", ""),
            "client_secret": app.get("client_secret", ""),
        },
        refresh=refresh,
    )


def _token(base_url: str, form: dict[str, str], *, refresh: str = "") -> Token:
    # Tokens have an address of their own at Google; a local server has both at one address.
    google = (urlsplit(base_url).hostname or "").endswith(".googleapis.com")
    try:
        answer = Http(name=NAME, base_url=TOKENS if google else base_url).send(
            "POST", "/token", data=form, changing=False
        )
    except PermanentFault as fault:
        raise PermanentFault(
            "Google no longer renews the permission for this channel. Connect the official account again.",
            raw=fault.raw,
        ) from None
    found: dict[str, Any] = answer if isinstance(answer, dict) else {}
    secret, lasts, scope = found.get("access_token"), found.get("expires_in"), found.get("scope")
    if not isinstance(secret, str) or not secret or not isinstance(lasts, int):
        raise TemporaryFault("Google gave no access token. Try again later.")
    newer = found.get("refresh_token")
    return Token(
        secret=secret,
        refresh=newer if isinstance(newer, str) and newer else refresh,
        expires_at=clock.now() + timedelta(seconds=lasts),
        scopes=frozenset(scope.split()) if isinstance(scope, str) else None,
    )
