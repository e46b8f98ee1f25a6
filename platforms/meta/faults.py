"""What went wrong at Meta, as one of the three kinds of fault and in words for staff.

Sources, read as stored copies: Graph API "Handling Errors" and "Rate Limits", Messenger Platform
"Send API error codes", Instagram Platform "Error Codes" (June 2026). Codes marked (unconfirmed)
below come from third parties and were seen on no live platform.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core import clock
from platforms import http
from platforms.contract import Fault, OutcomeUnknown, PermanentFault, TemporaryFault, Usage

RATE = frozenset({4, 17, 32, 341, 613, 80001, 80002, 80006})
"""Calls by the app, the person, the Page; 80001 Pages, 80002 Instagram, 80006 Messenger by business use case."""
TRANSIENT = frozenset({-1, -2, 1, 2})
TOKEN = frozenset({102, 190})
GONE = frozenset({(100, 33), (803, None)})
NOT_ALLOWED = frozenset({3, 10, *range(200, 300)})
OUTSIDE_WINDOW = frozenset({2018278, 2018065, 2534022})
"""Subcodes of 10: a private message more than 24 hours after the person's last one."""
SPAM = 2207051
"""Subcode of 4 on Instagram: not a rate limit but a suspicion."""
DAY_S = 24 * 60 * 60.0
ROLLING_HOUR_S = 60 * 60.0
"""Platform rate limits count over a rolling hour; the header does not say when it ends."""
USUAL_WAIT_S = 5 * 60.0

_SCOPE = re.compile(r"\b(?:pages|instagram|business|read|publish)_[a-z_]+\b")

_TOKEN_WHY = {
    458: "the force's app was removed from it",
    459: "Meta wants the person who connected it to sign in and confirm something first",
    460: "the person who connected it has changed their password",
    463: "it has expired",
    464: "the person who connected it is not confirmed at Meta",
    467: "it was revoked",
}
_PERMANENT = {
    368: (
        "{name} has stopped this official account from doing this for a while, because it takes it to break its "
        "rules. Look at the account's quality page on {name}, appeal there if it is a mistake, and try again later."
    ),
    506: (
        "{name} says that a post with exactly these words was just made. Look whether it stands already; if this "
        "is meant as a second one, change the words."
    ),
    551: "The person cannot be written to on {name} at present. Answer them in public, or wait until they write again.",
    10900: "{name} lets a comment be answered privately once, and that has happened. Answer it in public.",
    10903: "{name} does not let this comment be answered privately. Answer it in public.",
    10904: "Private messages are switched off on this Page. Switch them on in its settings on {name}.",
    24: "{name} no longer has what was uploaded. Send the post again.",
    25: "{name} has restricted this official account. Sign in to it in the {name} app and do what it asks there.",
    352: "{name} does not take this kind of video. Convert it to MP4 (H.264 with AAC sound).",
    9004: (
        "{name} could not fetch the picture or video from here. Check that the address of this service can be "
        "reached from outside (SMMP_ADDRESS), then send it again."
    ),
    36000: "A picture is larger than {name} takes (8 MB). Make it smaller.",
    36001: "{name} takes pictures as JPEG only. Convert it.",
    36003: "A picture is too tall or too wide for {name}: between 4:5 and 1.91:1. Crop it.",
    36004: "The text is too long for {name}. Shorten it.",
}


class Gone(PermanentFault):
    """What was asked for is not there, or is closed to us: Graph says the same of both (100/33, 803)."""


class NotAllowed(PermanentFault):
    """The credential lacks a permission. Other calls with it may work."""


class UnknownField(PermanentFault):
    """The thing exists and is of another kind than was asked for (code 100, a field that its kind has not)."""


def judge(name: str, status: int, headers: Mapping[str, str], body: bytes, *, changing: bool) -> Any:
    """What an answer says: its JSON object, or the fault that it amounts to.

    headers: names in lower case. changing: whether the request could have changed something.
    """
    error = _error(body)
    if error is not None:
        raise _fault(name, status, headers, body, error, changing=changing)
    answer = http.judge(name, status, headers, body, changing=changing)
    if answer is True or answer is None:
        return {"success": True}  # as Graph answered changes before it answered objects
    if not isinstance(answer, dict):
        kind = OutcomeUnknown if changing else TemporaryFault
        raise kind(f"{name} answered with something that cannot be read.", raw=http.raw(body))
    if answer.get("success") is False:
        raise PermanentFault(
            f"{name} did not do it and gave no reason. Try it in {name}’s own pages.", raw=http.raw(body)
        )
    return answer


def _fault(
    name: str, status: int, headers: Mapping[str, str], body: bytes, error: dict[str, Any], *, changing: bool
) -> Fault:
    code, subcode = _int(error.get("code")), _int(error.get("error_subcode"))
    words = _words(error.get("error_user_msg")) or _words(error.get("message"))
    raw = http.raw(body)
    after_leaving = OutcomeUnknown if changing else TemporaryFault
    if subcode == SPAM:
        return PermanentFault(_PERMANENT[368].format(name=name), raw=raw)
    if code == 9 and subcode == 2207042:
        return TemporaryFault(
            f"{name} takes no more posts from this official account today. It goes out when the day's count "
            "allows, or post it by hand in the app.",
            retry_after_s=ROLLING_HOUR_S,
            raw=raw,
        )
    if code == 9007:
        return TemporaryFault(
            f"{name} is not ready with the picture or video yet.", retry_after_s=30.0, raw=raw
        )
    if code in RATE:
        return TemporaryFault(f"{name} asked us to slow down.", retry_after_s=wait_s(headers), raw=raw)
    if code in TOKEN:
        why = _TOKEN_WHY.get(subcode or 0, "it has expired or was revoked")
        return PermanentFault(
            f"{name} no longer accepts the credential of this official account: {why}. Connect the account again.",
            raw=raw,
        )
    if (code, subcode) in GONE or (code == 803):
        return Gone(
            f"It is no longer on {name}, or this official account may not see it. Look at it on {name}.",
            raw=raw,
        )
    if code == 10 and subcode in OUTSIDE_WINDOW:
        return PermanentFault(
            f"{name} lets us write privately only within 24 hours of the person's last message. Answer them in "
            "public, or ask them to write again, use the contact form or call 101.",
            raw=raw,
        )
    if code in NOT_ALLOWED:
        scopes = sorted(set(_SCOPE.findall(str(error.get("message") or ""))))
        lacking = f" What it lacks: {', '.join(scopes)}." if scopes else ""
        return NotAllowed(
            f"{name} does not let this credential do that.{lacking} Connect the official account again and grant "
            f"it, or do it on {name}.",
            raw=raw,
        )
    if code in _PERMANENT:
        return PermanentFault(_PERMANENT[code].format(name=name), raw=raw)
    if code in TRANSIENT or error.get("is_transient") is True:
        return after_leaving(
            f"{name} had a fault of its own ({code}).", retry_after_s=http.wait_s(headers), raw=raw
        )
    if code is None or status >= 500:
        return (
            http.refusal(name, status, headers, body, changing=changing)
            if status >= 300
            else after_leaving(f"{name} answered with an error that cannot be read.", raw=raw)
        )
    kind = (
        UnknownField if code == 100 and "nonexisting field" in str(error.get("message")) else PermanentFault
    )
    because = f": {words}" if words else " and gave no reason"
    stop = "" if because.endswith((".", "!", "?")) else "."
    return kind(f"{name} refused ({code}){because}{stop}", raw=raw)


def wait_s(headers: Mapping[str, str]) -> float:
    """Seconds until calls are let through again.

    `estimated_time_to_regain_access` is in minutes. X-App-Usage says only how full the rolling hour is.
    """
    minutes = [u.resets_at for u in usage(headers) if u.resets_at is not None]
    if minutes:
        return max(1.0, min((max(minutes) - clock.now()).total_seconds(), DAY_S))
    asked = http.wait_s(headers)
    if asked is not None:
        return asked
    full = any(u.share_used >= 1.0 for u in usage(headers))
    return ROLLING_HOUR_S if full else USUAL_WAIT_S


def usage(headers: Mapping[str, str]) -> list[Usage]:
    """What the headers of an answer say about its allowances; nothing where they cannot be read.

    X-App-Usage and X-Page-Usage: {"call_count", "total_time", "total_cputime"} in per cent.
    X-Business-Use-Case-Usage: {"<id>": [the same with "type" and "estimated_time_to_regain_access"]}.
    """
    found: list[Usage] = []
    for header, endpoint in (("x-app-usage", "app"), ("x-page-usage", "page")):
        share = _share(_json(headers.get(header)))
        if share is not None:
            found.append(Usage(endpoint=endpoint, share_used=share))
    cases = _json(headers.get("x-business-use-case-usage"))
    for entries in cases.values() if isinstance(cases, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            share = _share(entry)
            if share is None:
                continue
            kind = entry.get("type")
            found.append(
                Usage(
                    endpoint=kind[:50] if isinstance(kind, str) and kind else "business use case",
                    share_used=share,
                    resets_at=_regained(entry.get("estimated_time_to_regain_access")),
                )
            )
    return found


def _share(entry: object) -> float | None:
    """The fullest of the counts, 0.0 to 1.0 and beyond; None where there is none."""
    if not isinstance(entry, dict):
        return None
    counts = [entry.get(key) for key in ("call_count", "total_time", "total_cputime")]
    numbers = [float(n) for n in counts if isinstance(n, (int, float)) and not isinstance(n, bool) and n >= 0]
    return max(numbers) / 100 if numbers else None


def _regained(minutes: object) -> datetime | None:
    if isinstance(minutes, bool) or not isinstance(minutes, (int, float)) or not 0 < minutes <= 7 * 24 * 60:
        return None
    return clock.now() + timedelta(minutes=float(minutes))


def _error(body: bytes) -> dict[str, Any] | None:
    found = _json(body)
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else None


def _json(text: str | bytes | None) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _words(message: object) -> str:
    """Meta's own explanation, cut short, without control characters and without its "(#100)"."""
    if not isinstance(message, str):
        return ""
    text = "".join(c for c in message if not unicodedata.category(c).startswith("C"))
    return http.raw(re.sub(r"^\(#-?\d+\)\s*", "", text).encode())[:300].strip()
