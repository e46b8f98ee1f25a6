"""The library's client over a transport of ours: time-outs, no redirects, bounded answers, and what came back.

google-api-python-client builds each request from the API's own description, which it carries with
it. Uploads take their address from that description and not from `api_endpoint`, so that the
description is given the address of the settings. Failures lose their headers in the library's
exceptions: the answer is kept as it came over the wire, and judged here.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httplib2
import httpx
from googleapiclient import discovery_cache
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import Error

from core import clock
from platforms.contract import Fault, Login, OutcomeUnknown, PermanentFault, TemporaryFault, Usage
from platforms.http import (
    ANSWER_BYTES,
    ANSWER_WITHIN_S,
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
    ask_first,
    judge,
    raw,
    refusal,
)

NAME = "YouTube"
UNITS_A_DAY = 10_000
"""The usual allowance of a project, until midnight in Los Angeles (developers.google.com/youtube/v3/determine_quota_cost)."""
COSTS = {
    "captions.insert": 400,
    "captions.list": 50,
    "channels.list": 1,
    "comments.delete": 50,
    "comments.insert": 50,
    "comments.list": 1,
    "comments.setModerationStatus": 50,
    "comments.update": 50,
    "commentThreads.list": 1,
    "playlistItems.list": 1,
    "search.list": 100,
    "videos.delete": 50,
    "videos.insert": 1600,
    "videos.list": 1,
    "videos.update": 50,
}
"""Units that each call takes, from the same page. Data that Google may change: `usage` is an estimate of ours."""

_RESET = ZoneInfo("America/Los_Angeles")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True)
class Answer:
    """What YouTube said to one request. Header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Transport:
    """What the library asks of httplib2.Http, over httpx: it follows nothing and reads no more than it must."""

    def __init__(self, login: Login) -> None:
        self._base = login.base_url.rstrip("/")
        self._secret = login.secret
        self._client = httpx.Client(
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
            trust_env=False,
        )
        self.answer: Answer | None = None
        self.failure: httpx.HTTPError | None = None

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_more: Any
    ) -> tuple[httplib2.Response, bytes]:
        self.answer, self.failure = None, None
        if not self._ours(uri):
            raise PermanentFault(f"{NAME} sent us to another address, which is not followed.")
        content = body.read() if hasattr(body, "read") else body
        ask_first(changing=method != "GET")
        said = {**(headers or {}), "Authorization": f"Bearer {self._secret}"}
        try:
            with self._client.stream(method, uri, content=content, headers=said) as response:
                whole = _whole(response)
        except httpx.HTTPError as failure:
            self.failure = failure
            raise
        names = {name.lower(): value for name, value in response.headers.items()}
        self.answer = Answer(response.status_code, names, whole)
        return httplib2.Response({**names, "status": str(response.status_code)}), whole

    def close(self) -> None:
        self._client.close()

    def _ours(self, uri: str) -> bool:
        """The token goes to the configured address alone, or to Google's own where that is configured."""
        if uri.startswith(self._base + "/"):
            return True
        base, asked = urlsplit(self._base), urlsplit(uri)
        google = (base.hostname or "").endswith(".googleapis.com")
        return google and asked.scheme == "https" and (asked.hostname or "").endswith(".googleapis.com")


class Client:
    """Calls to the API as one channel: `call` has the library build one, `ask` sends it and judges what came back."""

    def __init__(self, login: Login) -> None:
        self._transport = Transport(login)
        self._project = (login.base_url, login.app.get("client_id", ""))
        document = json.loads(discovery_cache.get_static_doc("youtube", "v3"))
        base = login.base_url.rstrip("/")
        document |= {"rootUrl": f"{base}/", "baseUrl": f"{base}/"}
        self._api = build_from_document(
            document, http=self._transport, client_options={"api_endpoint": f"{base}/"}
        )

    def call(self, name: str, **given: Any) -> Any:
        """A request that is not sent yet, by the API's own name for it ("comments.list")."""
        resource, _, method = name.partition(".")
        return getattr(getattr(self._api, resource)(), method)(**given)

    def ask(self, request: Any, *, changing: bool = False, absent: frozenset[str] = frozenset()) -> Any:
        """The JSON that a request brought, once and never again by itself.

        absent: YouTube's names for errors that mean there is no such thing; None is answered then.
        """
        spend(self._project, COSTS[request.methodId.removeprefix("youtube.")])
        self._transport.answer, self._transport.failure = None, None
        try:
            if request.resumable is None:
                request.execute(num_retries=0)
            else:
                self._upload(request)
        except (Error, httpx.HTTPError, ValueError, RecursionError):
            # The library's opinion of an answer is not asked: the answer itself is judged below.
            if self._transport.answer is None and self._transport.failure is None:
                raise
        if self._transport.failure is not None:
            raise _silence(self._transport.failure, changing=changing)
        answer = self._transport.answer
        if answer is None:
            raise TemporaryFault(f"{NAME} was not asked anything.")
        if 200 <= answer.status < 300:
            return judge(NAME, answer.status, answer.headers, answer.body, changing=changing)
        reason, words = _error(answer.body)
        if reason in absent:
            return None
        raise self._fault(answer, reason, words, changing=changing)

    def _upload(self, request: Any) -> None:
        """Send a file piece by piece. Each piece has its own time-out; a broken upload is not taken up again."""
        done = None
        while done is None:
            _, done = request.next_chunk(num_retries=0)

    def _fault(self, answer: Answer, reason: str, words: str, *, changing: bool) -> Fault:
        shown = raw(answer.body)
        if reason in {"quotaExceeded", "dailyLimitExceeded"}:
            exhaust(self._project)
            wait_s = max(60.0, (resets_at() - clock.now()).total_seconds())
            return TemporaryFault(
                f"{NAME} takes no more calls of the force today: the day's units are used up.",
                retry_after_s=wait_s,
                raw=shown,
            )
        if reason in {"rateLimitExceeded", "userRateLimitExceeded"}:
            return TemporaryFault(f"{NAME} asked us to slow down.", retry_after_s=60.0, raw=shown)
        if reason in {"processingFailure", "backendError"} and answer.status < 500:
            kind = OutcomeUnknown if changing else TemporaryFault
            return kind(f"{NAME} could not say whether it did this.", raw=shown)
        if reason in _PLAIN:
            return PermanentFault(_PLAIN[reason], raw=shown)
        if answer.status == 401:
            return PermanentFault(
                f"{NAME} does not accept the access token of this official account. Connect the official account again.",
                raw=shown,
            )
        if answer.status in {429, 308} or answer.status >= 500 or answer.status < 400:
            return refusal(NAME, answer.status, answer.headers, answer.body, changing=changing)
        told = f": {words}" if words else " and gave no reason."
        return PermanentFault(f"{NAME} refused ({answer.status}){told}", raw=shown)

    def usage(self) -> Usage:
        """Units used today by our own count: no header says it. Each server process counts its own calls, and
        says with `counted` what it has not said before, so that they can be added up."""
        used = spent(self._project)
        return Usage(
            endpoint="units a day",
            share_used=min(1.0, used / UNITS_A_DAY),
            resets_at=resets_at(),
            limit=UNITS_A_DAY,
            remaining=max(0, UNITS_A_DAY - used),
            counted=tell(self._project),
        )


_PLAIN = {
    "commentsDisabled": "Comments are switched off under this video.",
    "commentNotFound": "The comment is no longer on YouTube.",
    "commentTextTooLong": "The comment is too long for YouTube, which takes at most 10,000 characters.",
    "parentCommentNotFound": "The comment that this answers is no longer on YouTube.",
    "parentCommentIsPrivate": "The comment that this answers is not public any more.",
    "insufficientPermissions": (
        "The access token was not given the permission for this. Connect the official account again and agree to all."
    ),
    "forbidden": "YouTube does not let this official account do that.",
    "ineligibleAccount": "The Google account has no channel on YouTube yet. Make one, then connect it.",
    "uploadLimitExceeded": "YouTube takes no more videos of this channel for now. Try again tomorrow.",
    "youtubeSignupRequired": "The Google account has no channel on YouTube yet. Make one, then connect it.",
    "videoNotFound": "The video is no longer on YouTube.",
}
"""Reasons as developers.google.com/youtube/v3/docs/errors lists them, in excerpts and from memory: not read live."""

_spent: dict[tuple[tuple[str, str], date], int] = {}
_untold: dict[tuple[str, str], int] = {}
"""Units that nobody who keeps allowances has been told of yet."""
_spent_lock = threading.Lock()


def spend(project: tuple[str, str], units: int) -> None:
    """Count units against today. Every call counts, a refused one too."""
    with _spent_lock:
        today = clock.now().astimezone(_RESET).date()
        for key in [key for key in _spent if key[1] != today]:
            del _spent[key]
        _spent[project, today] = _spent.get((project, today), 0) + units
        _untold[project] = _untold.get(project, 0) + units


def exhaust(project: tuple[str, str]) -> None:
    """YouTube itself says that nothing is left today."""
    spend(project, max(0, UNITS_A_DAY - spent(project)))


def tell(project: tuple[str, str]) -> int:
    """Units that were not told before, and are told now."""
    with _spent_lock:
        return _untold.pop(project, 0)


def spent(project: tuple[str, str]) -> int:
    """Units that this server process has counted today."""
    with _spent_lock:
        return _spent.get((project, clock.now().astimezone(_RESET).date()), 0)


def resets_at() -> datetime:
    """When the day of the units ends: the next midnight in Los Angeles."""
    here = clock.now().astimezone(_RESET)
    return (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _whole(response: httpx.Response) -> bytes:
    until = time.monotonic() + ANSWER_WITHIN_S
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > ANSWER_BYTES or time.monotonic() > until:
            raise httpx.ReadError("the answer is too long or too slow")
    return bytes(body)


def _silence(failure: httpx.HTTPError, *, changing: bool) -> Fault:
    if isinstance(failure, _NEVER_SENT):
        return TemporaryFault(f"{NAME} could not be reached.")
    kind = OutcomeUnknown if changing else TemporaryFault
    return kind(f"{NAME} did not answer in time ({type(failure).__name__}).")


def _error(body: bytes) -> tuple[str, str]:
    """YouTube's own name for an error and its words, from {"error": {"errors": [{"reason": …}], "message": …}}."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, Mapping):
        return "", ""
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else None
    reason = first.get("reason") if isinstance(first, dict) else None
    words = error.get("message")
    shown = "".join(c for c in words if c.isprintable())[:200] if isinstance(words, str) else ""
    return (reason if isinstance(reason, str) else ""), shown
