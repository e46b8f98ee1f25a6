"""What went wrong at Bluesky, as one of the three kinds of fault and in words for staff.

Sources: the lexicons com.atproto.repo.* and com.atproto.server.createSession, and answers seen from
Bluesky's own server software (`make test-bluesky`): a text of 301 graphemes is a 400 that says
"grapheme too big", one of more than 3,000 bytes a 400 that says "string too big ... at
$.record.text"; a write to somebody else's record is a 401 although our token is good.
"""

from __future__ import annotations

import unicodedata

import httpx
from atproto.exceptions import (
    AtProtocolError,
    RateLimitExceededError,
    RequestErrorBase,
)

from core import clock
from platforms.contract import Fault, OutcomeUnknown, PermanentFault, TemporaryFault

CALL_ERRORS = (AtProtocolError, httpx.HTTPError, httpx.InvalidURL, ValueError)
"""What a call through the library can raise. ValueError: an answer that calls itself JSON and is not."""

STALE_TOKEN = frozenset({"ExpiredToken", "InvalidToken"})
"""The token was refused before anything was done, and a new one may be had by signing in again."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_CLOSED = frozenset({"AccountTakedown", "AccountDeactivated", "AccountSuspended"})
LONGEST_WAIT_S = 24 * 60 * 60.0
SHORTEST_WAIT_S = 1.0
USUAL_WAIT_S = 60.0


def error_name(error: BaseException) -> str:
    """Bluesky's own name for an error ("RecordNotFound"); empty where it gave none."""
    content = error.response.content if isinstance(error, RequestErrorBase) and error.response else None
    name = getattr(content, "error", "")
    return name if isinstance(name, str) else ""


def fault_of(error: Exception, *, changing: bool) -> Fault:
    """The fault that a failed call amounts to.

    changing: whether the call could have changed something at Bluesky; a failure after it may
    have left is then an unknown outcome, and otherwise nothing has happened.
    """
    if isinstance(error, Fault):
        return error
    after_leaving = OutcomeUnknown if changing else TemporaryFault
    if isinstance(error, httpx.InvalidURL):
        return PermanentFault("The address of Bluesky in the settings (SMMP_BLUESKY_ADDRESS) cannot be used.")
    if isinstance(error, _NEVER_SENT) or isinstance(error.__cause__, _NEVER_SENT):
        return TemporaryFault("Bluesky could not be reached.")
    response = error.response if isinstance(error, RequestErrorBase) else None
    if response is None:
        if isinstance(error, (RequestErrorBase, httpx.HTTPError)):
            return after_leaving("Bluesky did not answer in time, or the connection broke.")
        return after_leaving("Bluesky answered with something that cannot be read.")
    if isinstance(error, RateLimitExceededError) or response.status_code == 429:
        return TemporaryFault("Bluesky asked us to slow down.", retry_after_s=_wait(error))
    if response.status_code >= 500:
        return after_leaving(f"Bluesky had a fault of its own ({response.status_code}).")
    if response.status_code < 400:
        return PermanentFault("Bluesky sent us to another address, which is not followed.")
    return PermanentFault(_refusal(response.status_code, error_name(error), _words(response.content)))


def sign_in_fault(error: Exception) -> Fault:
    """The fault that a failed sign-in amounts to. Nothing was changed at Bluesky."""
    name = error_name(error)
    fault = fault_of(error, changing=False)
    if name == "AuthFactorTokenRequired":
        return PermanentFault(
            "Bluesky asks for a second factor. Make an app password in Bluesky's settings and store that here."
        )
    response = error.response if isinstance(error, RequestErrorBase) else None
    if response is not None and response.status_code in {400, 401, 403} and name not in _CLOSED:
        return PermanentFault(
            "Bluesky does not accept the app password of this official account. Make a new one in "
            "Bluesky's settings and store it here."
        )
    return fault


def _refusal(status: int, name: str, words: str) -> str:
    lower = words.lower()
    if "grapheme" in lower or ("too big" in lower and "record.text" in lower):
        return "The text is too long for Bluesky, which takes at most 300 characters."
    if status == 413 or name in {"BlobTooLarge", "PayloadTooLarge"}:
        return "An image is larger than Bluesky takes."
    if name in _CLOSED:
        return "Bluesky has suspended or closed this official account. Ask Bluesky why, then sign in again."
    if name in {"RecordNotFound", "NotFound"}:
        return "It is no longer on Bluesky."
    if status in {401, 403}:
        # Not "the token is bad": a write to somebody else's record is answered in the same way.
        return "Bluesky does not let this official account do that."
    return (
        f"Bluesky refused ({status}): {words}" if words else f"Bluesky refused ({status}) and gave no reason."
    )


def _words(content: object) -> str:
    """Bluesky's own explanation, cut short and without control characters."""
    message = getattr(content, "message", None) or getattr(content, "error", None)
    if not isinstance(message, str):
        return ""
    return "".join(c for c in message if not unicodedata.category(c).startswith("C"))[:200]


def _wait(error: Exception) -> float:
    """Seconds until the rate limit allows another try (headers retry-after, else ratelimit-reset)."""
    wait = getattr(error, "retry_after", None)
    if wait is None:
        try:
            reset_at = getattr(error, "reset_at", None)
        except (ValueError, OverflowError, OSError):
            reset_at = None
        wait = (reset_at - clock.now()).total_seconds() if reset_at is not None else USUAL_WAIT_S
    return min(max(wait, SHORTEST_WAIT_S), LONGEST_WAIT_S)
