"""Connecting an official account on Mastodon: each server knows the force by a registration of its own.

Sources: docs.joinmastodon.org, methods/apps and methods/oauth (PKCE with S256 from 4.3 on; an older
server leaves the challenge aside), in excerpts. Not tried on a live server. A token lasts until it is revoked.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from platforms.contract import PermanentFault, TemporaryFault, Token
from platforms.http import Http

NAME = "Mastodon"
SCOPES = (
    "read:accounts",
    "read:follows",
    "read:notifications",
    "read:statuses",
    "write:blocks",
    "write:media",
    "write:mutes",
    "write:statuses",
)


def register(*, base_url: str, redirect: str, client_name: str) -> dict[str, str]:
    """Make the force known to a server: what `app` is for that server from then on.

    Registering again is harmless: the server hands out another pair.
    """
    answer = Http(name=NAME, base_url=base_url).send(
        "POST",
        "/api/v1/apps",
        data={"client_name": client_name, "redirect_uris": redirect, "scopes": " ".join(SCOPES)},
        changing=False,
    )
    given = answer if isinstance(answer, dict) else {}
    client_id, client_secret = given.get("client_id"), given.get("client_secret")
    if not (isinstance(client_id, str) and isinstance(client_secret, str) and client_id and client_secret):
        raise TemporaryFault("The Mastodon server gave no registration. Try again later.")
    return {"base_url": base_url, "client_id": client_id, "client_secret": client_secret}


def authorise_url(*, app: Mapping[str, str], redirect: str, state: str, challenge: str) -> str:
    """Where the person who runs the official account agrees. `app` is what `register` answered."""
    if not app.get("base_url") or not app.get("client_id"):
        raise PermanentFault("The force is not registered with this Mastodon server yet.")
    asked = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": redirect,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "force_login": "true",
    }
    return f"{app['base_url'].rstrip('/')}/oauth/authorize?{urlencode(asked)}"


def exchange(*, base_url: str, app: Mapping[str, str], code: str, verifier: str, redirect: str) -> Token:
    """The token in exchange for the code that came back. A code is taken once."""
    answer = Http(name=NAME, base_url=base_url).send(
        "POST",
        "/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "client_id": app.get("client_id", ""),
            "client_secret": app.get("client_secret", ""),
            "redirect_uri": redirect,
            "code_verifier": verifier,
        },
        changing=False,
    )
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        raise TemporaryFault("The Mastodon server gave no access token. Connect the official account again.")
    scopes = answer.get("scope")
    return Token(secret=token, scopes=frozenset(scopes.split()) if isinstance(scopes, str) else None)
