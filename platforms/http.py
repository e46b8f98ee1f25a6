"""The one HTTP layer under connectors: time-outs, faults judged beside the response, no secrets in errors.

Redirects are not followed, and the address always begins with the connector's base address. An answer
is read whole within a time and up to a size; one that is slower or larger is a fault, like no answer.
Libraries with a session of their own (`requests`, httplib2) take the time-outs and `judge` from here.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from core import clock
from platforms.contract import Fault, OutcomeUnknown, PermanentFault, TemporaryFault

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
ANSWER_WITHIN_S = 30.0
"""From the request to the last byte of its answer. A body that trickles in keeps no worker longer."""
ANSWER_BYTES = 8 * 1024 * 1024
"""The largest page of comments of any platform is far below; no answer of ours is a file."""
LONGEST_WAIT_S = 24 * 60 * 60.0
RAW_LENGTH = 2000

_SECRET = re.compile(
    r"(?i)(bearer\s+|oauth\s+|(?:access|refresh|id)_?token[\"'=:\s]+|client_secret[\"'=:\s]+|appsecret_proof=)"
    r"[A-Za-z0-9._~+/=%|-]{6,}"
)


_asked_first: ContextVar[Callable[[bool], None] | None] = ContextVar("asked_first", default=None)


@contextmanager
def asked_first(ask: Callable[[bool], None]) -> Iterator[None]:
    """Within it `ask` is called before each request of any connector, with whether the request changes something.

    It raises (contract.Withheld) where no further request may leave: an act of several requests is stopped between
    them too. Nothing that anybody sees exists before the last request of an upload, nor is undone here.
    """
    token = _asked_first.set(ask)
    try:
        yield
    finally:
        _asked_first.reset(token)


def ask_first(*, changing: bool) -> None:
    """Called by every session right before a request leaves."""
    if (ask := _asked_first.get()) is not None:
        ask(changing)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom we trust, read once a process: reading it anew takes longer than most answers."""
    return httpx.create_ssl_context(trust_env=False)


class Http:
    """A session towards one platform. `name` is how faults call it in front of staff."""

    def __init__(self, *, name: str, base_url: str, headers: dict[str, str] | None = None) -> None:
        self.name = name
        self.headers: dict[str, str] = {}
        """The headers of the last answer, names in lower case."""
        self._client = httpx.Client(
            base_url=base_url,
            headers=headers,
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
            trust_env=False,
            verify=_certificates(),
        )

    def get(self, path: str, **params: Any) -> Any:
        """Read JSON. Any failure to answer is temporary: reading changes nothing."""
        try:
            status, body = self._ask("GET", path, params=params)
        except httpx.HTTPError as error:
            raise TemporaryFault(f"{self.name} did not answer ({type(error).__name__}).") from None
        return judge(self.name, status, self.headers, body, changing=False)

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        files: Any = None,
        data: Any = None,
        params: Any = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        changing: bool = True,
        read: bool = True,
    ) -> Any:
        """Change something. A failure after the request may have left is an unknown outcome.

        changing: False where the call leaves nothing that anybody sees (an upload that no post names yet).
        read: False where only the status counts, whatever words come with it.
        """
        try:
            status, body = self._ask(
                method,
                path,
                json=json,
                files=files,
                data=data,
                params=params,
                content=content,
                headers=headers,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            raise TemporaryFault(f"{self.name} could not be reached.") from None
        except httpx.HTTPError as error:
            kind = OutcomeUnknown if changing else TemporaryFault
            raise kind(f"{self.name} did not answer in time ({type(error).__name__}).") from None
        if not read and 200 <= status < 300:
            return None
        return judge(self.name, status, self.headers, body, changing=changing)

    def _ask(self, method: str, path: str, **request: Any) -> tuple[int, bytes]:
        ask_first(changing=method != "GET")
        until = time.monotonic() + ANSWER_WITHIN_S
        with self._client.stream(method, path, **request) as response:
            self.headers = {name.lower(): value for name, value in response.headers.items()}
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > ANSWER_BYTES or time.monotonic() > until:
                    raise httpx.ReadError("the answer is too long or too slow")
            return response.status_code, bytes(body)


def judge(name: str, status: int, headers: Mapping[str, str], body: bytes, *, changing: bool) -> Any:
    """What an answer says: its JSON (None where it is empty), or the fault that it amounts to.

    headers: names in lower case. changing: whether the request could have changed something.
    """
    if 200 <= status < 300:
        if not body:
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            kind = OutcomeUnknown if changing else TemporaryFault
            raise kind(f"{name} answered with something that is not JSON.", raw=raw(body)) from None
    raise refusal(name, status, headers, body, changing=changing)


def refusal(name: str, status: int, headers: Mapping[str, str], body: bytes, *, changing: bool) -> Fault:
    """The fault that an answer other than 2xx amounts to, where the platform's own codes say no more."""
    if status == 429:
        return TemporaryFault(f"{name} asked us to slow down.", retry_after_s=wait_s(headers), raw=raw(body))
    if status >= 500:
        kind = OutcomeUnknown if changing else TemporaryFault
        return kind(
            f"{name} had a fault of its own ({status}).", retry_after_s=wait_s(headers), raw=raw(body)
        )
    if status < 400:
        return PermanentFault(f"{name} sent us to another address ({status}), which is not followed.")
    return PermanentFault(f"{name} refused ({status}): {_words(body)}", raw=raw(body))


def wait_s(headers: Mapping[str, str]) -> float | None:
    """How long the platform asks us to wait, in seconds, from whichever header it uses.

    Retry-After as seconds or as a date (RFC 9110), x-rate-limit-reset as seconds since 1970 (X),
    X-RateLimit-Reset as an ISO time (Mastodon) or as seconds since 1970. Never more than a day.
    """
    now = clock.now()
    after = headers.get("retry-after", "").strip()
    if after:
        seconds = _number(after)
        if seconds is None:
            try:
                seconds = (parsedate_to_datetime(after) - now).total_seconds()
            except (ValueError, TypeError):
                seconds = None
        if seconds is not None:
            return _bounded(seconds)
    for header in ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"):
        at = instant(headers.get(header, ""))
        if at is not None:
            return _bounded((at - now).total_seconds())
    return None


def instant(text: str) -> datetime | None:
    """A time in a header: seconds since 1970, or ISO 8601. None where it is neither."""
    seconds = _number(text)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC)
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError, OSError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def raw(body: bytes) -> str:
    """A platform's own answer for whoever looks into a fault: cut short, and tokens taken out."""
    text = body[: 4 * RAW_LENGTH].decode("utf-8", "replace")
    text = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)
    return _SECRET.sub(r"\1[removed]", text)[:RAW_LENGTH]


def _bounded(seconds: float) -> float:
    return max(0.0, min(seconds, LONGEST_WAIT_S))


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None


def _words(body: bytes) -> str:
    """The platform's own explanation, shortened; an HTML page is not one."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "it gave no reason"
    if isinstance(found, dict):
        for key in ("message", "error", "detail", "title"):
            if isinstance(found.get(key), str) and found[key]:
                return found[key][:300]
    return "it gave no reason"
