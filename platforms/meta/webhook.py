"""Calls from Meta: the check of an address, the signature, and whose news it is.

Source: Graph API "Webhooks / Getting Started" (stored copy): a GET with hub.mode, hub.challenge and
hub.verify_token; POSTs signed with X-Hub-Signature-256 = "sha256=" + hex(HMAC-SHA256(app secret, raw
body)). Notifications come unordered and repeated, for up to 36 hours, so nothing is believed of them
but that there is news: the poller reads it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from platforms.contract import PermanentFault

FIELDS = {"page": ("feed", "mention", "messages"), "instagram": ("comments", "mentions", "messages")}
"""What is subscribed to, per kind of object."""
OF_OWN_POSTS = False


def verify_token(secret: str) -> str:
    """The word that is entered at Meta beside the address (Webhooks, "Verify token").

    It follows from the app's secret, so that there is no second secret to keep; it tells nothing of it.
    """
    return hmac.new(secret.encode(), b"webhook verify token", hashlib.sha256).hexdigest()


def challenge(params: Mapping[str, str], *, secret: str) -> str:
    """What the check of an address is answered with. Raises PermanentFault where it is not genuine."""
    given = params.get("hub.verify_token", "")
    if not secret or params.get("hub.mode") != "subscribe" or not _same(given, verify_token(secret)):
        raise PermanentFault("This call does not come from the force’s app at Meta.")
    return params.get("hub.challenge", "")


def genuine(headers: Mapping[str, str], body: bytes, *, secret: str) -> bool:
    """Whether Meta signed the raw body with the force's app, compared in constant time."""
    given = next((v for k, v in headers.items() if k.lower() == "x-hub-signature-256"), "")
    if not secret or not given.startswith("sha256="):
        return False
    return _same(given, "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest())


def said(body: bytes) -> Any:
    """What a call says; None where it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def account_ids(payload: Any) -> set[str]:
    """The Pages or Instagram accounts that have news."""
    entries = payload.get("entry") if isinstance(payload, dict) else None
    found = [e.get("id") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    return {i for i in found if isinstance(i, str) and 0 < len(i) <= 300}


def event_ids(body: bytes) -> str:
    """An id by which a replay is known. Meta gives notifications none: the bytes themselves are it."""
    return hashlib.sha256(body).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
