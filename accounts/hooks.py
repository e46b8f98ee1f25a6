"""Telling a program that the register changed: what is sent, how it is signed, and where it may go.

Only https addresses of the public internet are asked, each pinned where it is connected to (media.fetching), or one of
`settings.HOOKS_INSIDE`, which whoever runs the server has named. Nothing but the status of the answer is read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings

from accounts import envelopes
from accounts.models import HookCall
from core import clock
from media import fetching
from notices.ways import signature

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
"""After which try how long until the next: eight tries in a little under a day."""
STOPS_AFTER = 10
"""Tries in a row that failed, of whatever it was told, after which it is switched off."""
TIMEOUT_S = 10.0
FORMER_FOR = timedelta(hours=24)
"""How long the secret before a new one goes on signing as well."""
VERSION = 1
EVENT, TEST = "register.changed", "register.test"


@dataclass(frozen=True)
class Tried:
    """What came of one try. `status` None: no answer. `why` empty: it was taken."""

    status: int | None = None
    why: str = ""
    for_good: bool = False


@dataclass(frozen=True)
class Message:
    """One try, read from the database before it, so that the network is touched outside of any transaction."""

    call: HookCall
    address: str
    secrets: tuple[str, ...]


def message(call: HookCall) -> Message:
    """What is to be sent now. Raises envelopes.Unreadable where the installation's key is not there any more."""
    hook = call.hook
    found = [envelopes.open_sealed(bytes(hook.wrapped_key), bytes(hook.sealed)).decode()]
    if hook.former_until is not None and hook.former_until > clock.now():
        found.append(
            envelopes.open_sealed(bytes(hook.former_wrapped_key), bytes(hook.former_sealed)).decode()
        )
    return Message(call, hook.address, tuple(found))


def allowed(address: str) -> str:
    """Why the address is none that may be told; empty where it may. Asks the name server, so outside of transactions."""
    found = _look_up(address)
    return found.why if isinstance(found, Tried) and found.for_good else ""


def _look_up(address: str) -> fetching.Place | Tried:
    """Where to connect, from one question to the name server; or how the try ends there."""
    inside = _inside(address)
    try:
        place = fetching.place(address, stand_in=inside)
    except fetching.NotFetched as refused:
        if refused.kind == fetching.NotFetched.LATER:
            return Tried(why="Its server cannot be found.")
        return Tried(
            why="This address is not one that can be told: an https address of the public internet, "
            "or one that whoever runs the server has allowed.",
            for_good=True,
        )
    if not address.startswith("https://") and not inside:
        return Tried(why="Give an address that begins with https://.", for_good=True)
    return place


def _inside(address: str) -> str:
    """The address of the force's own network that it belongs to, where one is allowed."""
    return next(
        (one for one in settings.HOOKS_INSIDE if address == one or address.startswith(f"{one.rstrip('/')}/")),
        "",
    )


def send(one: Message) -> Tried:
    """One try. Touches no database."""
    place = _look_up(one.address)
    if isinstance(place, Tried):
        return place
    body = json.dumps(one.call.payload, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = str(int(clock.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "Smmp-Event": str(one.call.payload["event"]),
        "Smmp-Version": str(VERSION),
        "Smmp-Delivery": str(one.call.key),
        "Smmp-Timestamp": timestamp,
        "Smmp-Signature": signature(one.secrets[0], timestamp, body),
    }
    if len(one.secrets) > 1:
        headers["Smmp-Signature-Former"] = signature(one.secrets[1], timestamp, body)
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST",
                place.pinned,
                content=body,
                headers={**headers, "Host": place.host},
                extensions={"sni_hostname": place.name},
            ) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
        return Tried(why=f"Its server did not answer ({type(fault).__name__}).")
    if 200 <= status < 300:
        return Tried(status)
    gone = 300 <= status < 500 and status not in (404, 408, 425, 429)
    return Tried(status, f"It answered {status}.", for_good=gone)


def payload(change: str, entry: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    """What a program is told of one official account."""
    return {
        "event": EVENT,
        "version": VERSION,
        "at": clock.now().isoformat(),
        "change": change,
        "changed": fields,
        "official_account": entry,
    }


WEBHOOKS: dict[str, Any] = {
    EVENT: {
        "post": {
            "summary": "The register changed",
            "description": (
                "Sent to each webhook of a service (Services, the service, Webhooks), for official accounts that the "
                "service may see. Headers: Smmp-Event, Smmp-Version, Smmp-Delivery (the same in every try and when it is "
                "sent again), Smmp-Timestamp (seconds since 1970), Smmp-Signature (“sha256=” and the hexadecimal "
                "HMAC-SHA256 of the timestamp, a full stop and the body as it came, with the webhook’s secret) and, for "
                "24 hours after a new secret, Smmp-Signature-Former with the one before. Refuse timestamps older than "
                "five minutes. Answer 2xx once it is kept; 404, 408, 425, 429 and 5xx are tried again, eight times in a "
                "day; anything else is taken as refused. Ten tries in a row that fail switch the webhook off."
            ),
            "requestBody": {
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {
                                "event": {"type": "string", "enum": [EVENT, TEST]},
                                "version": {"type": "integer", "enum": [VERSION]},
                                "at": {"type": "string", "format": "date-time"},
                                "change": {"type": "string", "enum": ["added", "changed"]},
                                "changed": {
                                    "type": "array",
                                    "items": {"type": "string"},
                                    "description": "Names of what changed in official_account.",
                                },
                                "official_account": {
                                    "$ref": "#/components/schemas/Account",
                                },
                            },
                        }
                    }
                }
            },
            "responses": {"2XX": {"description": "It is kept."}},
        }
    }
}
