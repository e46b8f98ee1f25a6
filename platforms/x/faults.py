"""What X's refusals mean, in words for staff. What is the same on every platform is in `platforms.http`.

Sources: docs.x.com "Response codes" and "Rate limits", the changelog entry of 23 February 2026 (answers from
outside X only to people who mentioned or quoted us), X's OpenAPI document 2.167 (problem types). X's own
words in a 403 are the only thing that tells its kinds apart; they are matched loosely.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping

from core import clock
from platforms.contract import Fault, PermanentFault, TemporaryFault
from platforms.http import instant, raw, wait_s

NAME = "X"
RENEWAL_WAIT_S = 60.0
CREDIT_WAIT_S = 15 * 60.0
CAP_WAIT_S = 60 * 60.0
WAIT_AT_MOST_S = 24 * 60 * 60.0


class Duplicate(PermanentFault):
    """X says that the same words already stand on the official account."""


class Forbidden(PermanentFault):
    """X does not let this official account do this."""


class NotInContract(Forbidden):
    """X does not let the force's developer account make the call at all."""


class OlderWords(PermanentFault):
    """X does not know a parameter by its present name, and is to be asked by the older one."""


def refused(status: int, headers: Mapping[str, str], body: bytes, *, renewable: bool) -> Fault | None:
    """The fault that a refusal amounts to where X's own answer says more than its status; else None.

    headers: names in lower case. renewable: whether a new access token can be had, so that a refused one
    is no reason to give an act up.
    """
    if status == 429:
        return _slow_down(headers, body)
    if status == 401:
        if renewable:
            return TemporaryFault(
                "X does not accept the access token at this moment. It is renewed by itself; if this stays, "
                "connect the official account again.",
                retry_after_s=RENEWAL_WAIT_S,
                raw=raw(body),
            )
        return PermanentFault(
            "X does not accept the access token of this official account. Connect it again.", raw=raw(body)
        )
    if status == 402:
        return TemporaryFault(
            "The force’s credit with X is used up. Ask whoever manages the force’s developer account with X "
            "to add credit.",
            retry_after_s=CREDIT_WAIT_S,
            raw=raw(body),
        )
    if status == 400 and any(
        name in body for name in (b"post.fields", b"referenced_posts", b"edit_history_post_ids")
    ):
        return OlderWords("X does not know this question by its present name.", raw=raw(body))
    if status == 403:
        return _forbidden(body)
    if status == 404:
        return Forbidden("It is not on X any more, or is closed to this official account.", raw=raw(body))
    if 400 <= status < 500:
        said = words(body)
        return PermanentFault(
            f"X refused ({status}): {said}" if said else f"X refused ({status}) and gave no reason.",
            raw=raw(body),
        )
    return None


def _forbidden(body: bytes) -> Fault:
    said, answer = words(body), raw(body)
    lower = said.lower() + answer.lower()
    if "duplicate content" in lower:
        return Duplicate(
            "X refuses the same words twice, and they already stand on this official account. Change them.",
            raw=answer,
        )
    if "your account" in lower and ("suspended" in lower or "locked" in lower):
        return PermanentFault(
            "X has suspended or locked this official account. Sign in on X to see why.", raw=answer
        )
    if "client-forbidden" in lower or "client-not-enrolled" in lower:
        return NotInContract(
            "X does not let the force’s developer account make this call. Ask your service administrator.",
            raw=answer,
        )
    return Forbidden(
        "X does not let this official account do that"
        + (f": {said}" if said else ", and gave no reason.")
        + ("" if not said or said.endswith(".") else "."),
        raw=answer,
    )


def _slow_down(headers: Mapping[str, str], body: bytes) -> Fault:
    """A rate limit: of 15 minutes, of a day (headers x-user-limit-24hour-*, which X sends and
    "Rate limits" does not name), or the month's cap."""
    if b"usage-capped" in body or b"UsageCapExceeded" in body:
        return TemporaryFault(
            "The posts that the force’s contract lets it read from X this month are used up.",
            retry_after_s=CAP_WAIT_S,
            raw=raw(body),
        )
    wait = wait_s(headers)
    for whose in ("user", "app"):
        if headers.get(f"x-{whose}-limit-24hour-remaining") == "0":
            at = instant(headers.get(f"x-{whose}-limit-24hour-reset", ""))
            if at is not None:
                left = (at - clock.now()).total_seconds()
                wait = max(wait or 0.0, min(max(left, 0.0), WAIT_AT_MOST_S))
    return TemporaryFault("X asked us to slow down.", retry_after_s=wait, raw=raw(body))


def words(body: bytes) -> str:
    """X's own explanation, cut short and without control characters; empty where it gave none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    errors = found.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    for part in (found, first):
        for key in ("detail", "error_description", "message", "title"):
            if isinstance(part.get(key), str) and part[key]:
                clean = "".join(c for c in part[key] if not unicodedata.category(c).startswith("C"))
                return clean[:200]
    return ""
