"""Connecting an official account on X: OAuth 2.0 with PKCE, in the name of the account itself.

Source: docs.x.com "OAuth 2.0 Authorization Code Flow with PKCE" (read 2026-11-28): the force's developer
app is a confidential client (Basic authentication), an access token lasts two hours, a refresh token comes
with the scope offline.access and is good once: each renewal answers with the next. Not tried against X.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from core import clock
from platforms.contract import Login, PermanentFault, TemporaryFault, Token
from platforms.x.session import Calls, Ledger

AUTHORISE_ADDRESS = "https://x.com/i/oauth2/authorize"
USUAL_LIFE = timedelta(hours=2)

SCOPES = (
    "tweet.read",
    "users.read",
    "tweet.write",
    "tweet.moderate.write",
    "media.write",
    "mute.read",
    "mute.write",
    "dm.read",
    "dm.write",
    "offline.access",
)
"""The least that the abilities offered here need (`XConnector.scopes`); not follows, likes, lists or blocks."""


def authorise_url(*, app: Mapping[str, str], redirect: str, state: str, challenge: str) -> str:
    """Where somebody signed in to X as the official account is sent to allow it.

    challenge: base64url of SHA-256 of the verifier (S256). The page stands on x.com, not on the API's host;
    where app["base_url"] is on this machine (a stand-in) it serves the page itself.
    """
    base_url = app.get("base_url", "")
    local = base_url.startswith(("http://127.0.0.1", "http://localhost"))
    query = urlencode(
        {
            "response_type": "code",
            "client_id": app.get("client_id", ""),
            "redirect_uri": redirect,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        },
        quote_via=quote,
    )
    return f"{base_url.rstrip('/') + '/i/oauth2/authorize' if local else AUTHORISE_ADDRESS}?{query}"


def exchange(*, base_url: str, app: Mapping[str, str], code: str, verifier: str, redirect: str) -> Token:
    """The credential that a code of X stands for. A code is good once and for half a minute.

    Raises PermanentFault where X takes the code no more.
    """
    return _token(
        base_url,
        app,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
            "client_id": app.get("client_id", ""),
        },
        refused="X did not take the code. Connect the official account again.",
    )


def renew(login: Login) -> Token:
    """The next access token, and the refresh token that takes the place of the one used.

    Where the answer is lost the old refresh token may be spent: the next renewal then says so.
    Raises PermanentFault where the official account has to be connected again, else TemporaryFault.
    """
    return _token(
        login.base_url,
        login.app,
        {
            "grant_type": "refresh_token",
            "refresh_token": login.refresh,
            "client_id": login.app.get("client_id", ""),
        },
        refused="X does not renew the access of this official account any more. Connect it again.",
    )


def _token(base_url: str, app: Mapping[str, str], form: dict[str, str], *, refused: str) -> Token:
    client_id, secret = app.get("client_id", ""), app.get("client_secret", "")
    if not client_id:
        raise PermanentFault(
            "The force’s developer app with X is not set up here (SMMP_X_CLIENT_ID, SMMP_X_CLIENT_SECRET)."
        )
    headers = {"Accept": "application/json"}
    if secret:
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    calls = Calls(Login(base_url=base_url, handle="", secret=""), Ledger(), headers=headers)
    try:
        answer = calls.send("POST", "/2/oauth2/token", data=form, changing=False)
    except PermanentFault as fault:
        raise PermanentFault(refused, raw=fault.raw) from None
    return _read(answer)


def _read(answer: Any) -> Token:
    secret = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(secret, str) or not secret:
        raise TemporaryFault("X answered without an access token.")
    life, refresh, scope = answer.get("expires_in"), answer.get("refresh_token"), answer.get("scope")
    lasts = timedelta(seconds=life) if isinstance(life, int) and 0 < life < 10**9 else USUAL_LIFE
    return Token(
        secret=secret,
        refresh=refresh if isinstance(refresh, str) else "",
        expires_at=clock.now() + lasts,
        scopes=frozenset(scope.split()) if isinstance(scope, str) else None,
    )
