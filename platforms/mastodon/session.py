"""The library's client over a session of ours: time-outs, no redirects, bounded answers, and what came back.

Mastodon.py casts what it reads to classes of its own and turns failures into exceptions that have
lost the headers. Both are left aside: the answer is kept as it came over the wire, and judged there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from mastodon import Mastodon
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, SSLError

from platforms.contract import Fault, Login, OutcomeUnknown, PermanentFault, TemporaryFault
from platforms.http import (
    ANSWER_BYTES,
    ANSWER_WITHIN_S,
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
    ask_first,
    judge,
    raw,
)

NAME = "Mastodon"
LIBRARY_THINKS = "4.3.0"
"""The version that the library is told, so that it asks no server for it before each call. Everything
that is called here is older (docs.joinmastodon.org, version histories); 404s are met where it matters."""
PIECE_BYTES = 64 * 1024

_NEVER_SENT = (NewConnectionError, ConnectTimeoutError, NameResolutionError, SSLError)


@dataclass(frozen=True)
class Answer:
    """What a server said to one request. Header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire(requests.Session):
    """A session that never follows a redirect, reads no more than it must, and keeps the last answer."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.answer: Answer | None = None
        self.failure: requests.RequestException | None = None
        self.also: dict[str, str] = {}
        """Query parameters that the library has no argument for."""

    def request(self, method: Any, url: Any, **given: Any) -> requests.Response:  # type: ignore[override]
        given |= {"timeout": (CONNECT_TIMEOUT_S, READ_TIMEOUT_S), "allow_redirects": False, "stream": True}
        if self.also:
            given["params"] = {**(given.get("params") or {}), **self.also}
        self.answer, self.failure = None, None
        ask_first(changing=str(method).upper() != "GET")
        try:
            response = super().request(method, url, **given)
            response._content = _whole(response)
        except requests.RequestException as failure:
            self.failure = failure
            raise
        self.answer = Answer(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            response.content,
        )
        return response


class Client:
    """Calls to one server, as one official account."""

    def __init__(self, login: Login) -> None:
        self._wire = Wire()
        self._library = Mastodon(
            access_token=login.secret,
            api_base_url=login.base_url.rstrip("/"),
            ratelimit_method="throw",
            version_check_mode="created",
            mastodon_version=LIBRARY_THINKS,
            session=self._wire,
            user_agent="smmp",
        )
        self.headers: dict[str, str] = {}
        """The headers of the last answer."""

    def ask(
        self, call: Callable[[Mastodon], Any], *, changing: bool = False, also: dict[str, str] | None = None
    ) -> Any:
        """The JSON that a call of the library brought. Raises the fault that its answer amounts to."""
        self._wire.answer, self._wire.failure, self._wire.also = None, None, also or {}
        try:
            call(self._library)
        except Exception:
            # Its opinion of an answer is not asked: the answer itself is judged below.
            if self._wire.answer is None and self._wire.failure is None:
                raise
        if self._wire.failure is not None:
            raise _silence(self._wire.failure, changing=changing)
        answer = self._wire.answer
        if answer is None:
            raise TemporaryFault(f"{NAME} was not asked anything.")
        self.headers = answer.headers
        if answer.status in _PLAIN:
            raise PermanentFault(_PLAIN[answer.status], raw=raw(answer.body))
        return judge(NAME, answer.status, answer.headers, answer.body, changing=changing)

    def find(self, call: Callable[[Mastodon], Any], *, changing: bool = False) -> Any:
        """As `ask`; None where the server answers that there is no such thing (404, or 410 for gone)."""
        try:
            return self.ask(call, changing=changing)
        except PermanentFault:
            if self._wire.answer is not None and self._wire.answer.status in {404, 410}:
                return None
            raise


_PLAIN = {
    401: (
        "Mastodon does not accept the access token of this official account. Connect the official account again."
    ),
    403: "Mastodon does not let this official account do that. Look on the server whether it is limited or locked.",
    404: "It is no longer on Mastodon, or is closed to this official account.",
    410: "It is no longer on Mastodon.",
    413: "A file is larger than this Mastodon server takes.",
}
"""docs.joinmastodon.org/api/guidelines: what these answers mean everywhere. 422 carries its own words."""


def _whole(response: requests.Response) -> bytes:
    until = time.monotonic() + ANSWER_WITHIN_S
    body = bytearray()
    for piece in response.iter_content(PIECE_BYTES):
        body += piece
        if len(body) > ANSWER_BYTES or time.monotonic() > until:
            response.close()
            raise requests.exceptions.ReadTimeout("the answer is too long or too slow")
    return bytes(body)


def _silence(failure: requests.RequestException, *, changing: bool) -> Fault:
    """The fault that a request without an answer amounts to. The exception names the address, so it is not shown."""
    if isinstance(failure, (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
        return PermanentFault("The address of this Mastodon server cannot be used. Look at the handle.")
    reason = getattr(failure.args[0], "reason", None) if failure.args else None
    if isinstance(failure, requests.exceptions.ConnectTimeout) or isinstance(reason, _NEVER_SENT):
        return TemporaryFault(f"{NAME} could not be reached.")
    kind = OutcomeUnknown if changing else TemporaryFault
    return kind(f"{NAME} did not answer in time, or the connection broke.")
