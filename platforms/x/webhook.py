"""X calling us: the check of the address, the signature of each call, and having X call at all.

Source: docs.x.com "V2 Webhooks API", "X Activity API" and its event payloads (read 2026-11-28), OpenAPI
2.167. A webhook only wakes the poller. `secret` is the OAuth 2.0 client secret of the force's developer app;
an app with OAuth 1.0 keys alone is signed for with its consumer secret under the older header. Protected
accounts' posts are not delivered. Not tried against X.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from platforms.contract import Login, PermanentFault
from platforms.x.session import Calls, Ledger

SIGNATURES = ("x-twitter-webhooks-signature-oauth2", "x-twitter-webhooks-signature")
EVENTS = ("post.mention.create", "post.reply.create", "post.quote.create", "post.delete", "dm.received")
"""What each official account is subscribed to."""
LONGEST_TOKEN = 500
OF_OWN_POSTS = False


def challenge(params: Mapping[str, str], *, secret: str) -> str:
    """What the check of the address (GET ?crc_token=) is answered with, as JSON.

    Raises PermanentFault where it is no such check.
    """
    token = params.get("crc_token", "")
    if not secret or not token or len(token) > LONGEST_TOKEN:
        raise PermanentFault("This is not a check of the address by X.")
    return json.dumps({"response_token": _sign(token.encode(), secret)})


def genuine(headers: Mapping[str, str], body: bytes, *, secret: str) -> bool:
    """Whether X signed exactly these bytes; by the client secret where X sends both of its signatures."""
    found = {name.lower(): value for name, value in headers.items()}
    if not secret:
        return False
    given = next((found[name] for name in SIGNATURES if found.get(name)), "")
    return hmac.compare_digest(given.encode(), _sign(body, secret).encode())


def said(body: bytes) -> Any:
    """What a call says; None where it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def account_ids(payload: Any) -> set[str]:
    """The ids at X of the official accounts for which there is news."""
    found = set()
    for event in _events(payload):
        filtered = event.get("filter")
        if isinstance(filtered, dict) and isinstance(filtered.get("user_id"), str):
            found.add(filtered["user_id"])
        if isinstance(event.get("for_user_id"), str):
            found.add(event["for_user_id"])
    return found


def event_ids(body: bytes) -> str:
    """By what a call is known when it comes again: X's own id of the event, else the digest of the bytes."""
    ids = [
        str(event["event_uuid"])[:100]
        for event in _events(said(body))
        if isinstance(event.get("event_uuid"), str) and event["event_uuid"]
    ]
    known = ",".join(sorted(ids))
    return known if 0 < len(known) <= 200 else "sha256:" + hashlib.sha256(body).hexdigest()


def register(*, login: Login, address: str) -> str:
    """Give X the address to call (HTTPS, without a port); X checks it at once. Returns the webhook's id.

    Here and where a webhook is listed, checked again or given up, `login` holds the app's own bearer token.
    """
    answer = _calls(login).send("POST", "/2/webhooks", json={"url": address})
    return _text(_data(answer), "id")


def registered(*, login: Login) -> Mapping[str, bool]:
    """The addresses that X calls for the force's developer app, and whether X holds them good."""
    answer = _calls(login).get("/2/webhooks", **{"webhook_config.fields": "id,url,valid"})
    listed = answer.get("data") if isinstance(answer, dict) else None
    return {
        webhook["url"]: webhook.get("valid") is True
        for webhook in (listed if isinstance(listed, list) else [])
        if isinstance(webhook, dict) and isinstance(webhook.get("url"), str)
    }


def check_again(*, login: Login, webhook_id: str) -> None:
    """Have X check the address again, after which a webhook that it had given up is called again."""
    _calls(login).send("PUT", f"/2/webhooks/{_number(webhook_id)}")


def unregister(*, login: Login, webhook_id: str) -> None:
    """X calls the address no more."""
    _calls(login).send("DELETE", f"/2/webhooks/{_number(webhook_id)}")


def subscribe(*, login: Login, webhook_id: str) -> None:
    """Have X call for what is written to the official account. `login` holds its own access token."""
    calls = _calls(login)
    for event in EVENTS:
        calls.send(
            "POST",
            "/2/activity/subscriptions",
            json={
                "event_type": event,
                "filter": {"user_id": _number(login.account_id)},
                "webhook_id": _number(webhook_id),
            },
        )


def _calls(login: Login) -> Calls:
    return Calls(login, Ledger())


def _sign(message: bytes, secret: str) -> str:
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def _events(payload: Any) -> list[dict[str, Any]]:
    """The events in a call: the X Activity API wraps one in "data", the Account Activity API none."""
    data = payload.get("data") if isinstance(payload, dict) else None
    if isinstance(data, list):
        return [event for event in data if isinstance(event, dict)]
    if isinstance(data, dict):
        return [data]
    return [payload] if isinstance(payload, dict) else []


def _data(answer: Any) -> dict[str, Any]:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        raise PermanentFault("X did not say whether it took the address.")
    return data


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise PermanentFault("X did not say whether it took the address.")
    return value


def _number(value: str) -> str:
    if not value.isascii() or not value.isdigit() or len(value) > 19:
        raise PermanentFault("This is not an id of something on X.")
    return value
