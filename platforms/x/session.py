"""Speaking to X: tweepy's client with our base address, time-outs and judgement, and the calls it lacks.

tweepy 4.17 keeps X's address as a local variable, sets no time-out, follows redirects, sleeps or raises
errors of its own that lose the answer, and keeps every client alive in a cache once it asked for its own id.
So an adapter under its session sends each request to the base address, reads the answer whole within time
and size, and raises the fault there; tweepy sees only answers that are good.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from platforms.contract import Login, OutcomeUnknown, TemporaryFault, Usage
from platforms.http import (
    ANSWER_BYTES,
    ANSWER_WITHIN_S,
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
    Http,
    ask_first,
    instant,
    judge,
)
from platforms.x.faults import NAME, OlderWords, refused

LIBRARY_ADDRESS = "https://api.twitter.com"
"""Where tweepy believes X to be."""

# At DEBUG tweepy writes the access token and the words of the public into the log.
logging.getLogger("tweepy").setLevel(logging.WARNING)

_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")

# OpenAPI 2.167 names what the pages of docs.x.com and tweepy still call a tweet a post, and gives the
# ids of a post's author and of what it refers to only by expansion.
_PRESENT_NAMES = {"tweet.fields": "post.fields"}
_PRESENT_FIELDS = {"note_tweet": "note_post"}
_BY_EXPANSION = {"author_id", "in_reply_to_user_id", "referenced_tweets", "edit_history_tweet_ids"}
_PRESENT_EXPANSIONS = {"referenced_tweets.id": "referenced_posts"}

_asked_in_older_words: set[str] = set()


class Ledger:
    """What X said about each of its allowances in its last answers (headers x-rate-limit-*)."""

    def __init__(self) -> None:
        self.known: dict[str, Usage] = {}

    def note(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        try:
            limit, left = int(headers["x-rate-limit-limit"]), int(headers["x-rate-limit-remaining"])
        except (KeyError, ValueError):
            return
        path = urlsplit(path).path
        endpoint = f"{method} {path[:2]}{_NUMBER.sub(':id', path[2:])}"  # the 2 at its head is the version
        self.known[endpoint] = Usage(
            endpoint=endpoint,
            share_used=min(1.0, max(0.0, 1 - left / limit)) if limit > 0 else 1.0,
            resets_at=instant(headers.get("x-rate-limit-reset", "")),
            limit=limit,
            remaining=left,
        )


class Exchange(HTTPAdapter):
    """Carries tweepy's requests to the base address and judges the answers."""

    def __init__(self, login: Login, ledger: Ledger) -> None:
        super().__init__(max_retries=0)
        self._base_url = login.base_url.rstrip("/")
        self._renewable = bool(login.refresh)
        self._ledger = ledger

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):  # type: ignore[no-untyped-def]
        path = (request.url or "").removeprefix(LIBRARY_ADDRESS)
        request.url = self._base_url + path
        changing = request.method != "GET"
        ask_first(changing=changing)
        try:
            response = super().send(
                request, stream=True, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S), verify=verify, cert=cert
            )
            body = _whole(response)
        except (requests.RequestException, HTTPError, OSError) as error:
            if _never_left(error):
                raise TemporaryFault("X could not be reached.") from None
            kind = OutcomeUnknown if changing else TemporaryFault
            raise kind(f"X did not answer in time ({type(error).__name__}).") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._ledger.note(request.method or "", path, headers)
        if fault := refused(response.status_code, headers, body, renewable=self._renewable):
            raise fault
        judge(NAME, response.status_code, headers, body, changing=changing)
        response._content, response._content_consumed = body or b"{}", True
        return response


class Client(tweepy.Client):
    """tweepy's client for one official account, with an OAuth 2.0 user token."""

    def __init__(self, login: Login, ledger: Ledger, us: Any) -> None:
        super().__init__(bearer_token=login.secret, return_type=dict, wait_on_rate_limit=False)
        self._us = us
        self._where = login.base_url
        self.session.trust_env = False
        exchange = Exchange(login, ledger)
        self.session.mount("https://", exchange)
        self.session.mount("http://", exchange)

    def request(self, method, route, params=None, json=None, user_auth=False):  # type: ignore[no-untyped-def]
        # Both documents of X are in force and they contradict each other: the present names first, and
        # the older ones from then on where X does not know them. A question changes nothing.
        present = in_present_words(params or {})
        if present == (params or {}) or self._where in _asked_in_older_words:
            return super().request(method, route, params, json, user_auth)
        try:
            return super().request(method, route, present, json, user_auth)
        except OlderWords:
            _asked_in_older_words.add(self._where)
            return super().request(method, route, params, json, user_auth)

    def _get_authenticating_user_id(self, *, oauth_1=False):  # type: ignore[no-untyped-def]
        return self._us()


class Calls(Http):
    """The calls that tweepy lacks, judged as X's answers are."""

    def __init__(self, login: Login, ledger: Ledger, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(
            name=NAME,
            base_url=login.base_url,
            headers=headers or {"Authorization": f"Bearer {login.secret}", "Accept": "application/json"},
        )
        self._renewable = bool(login.refresh)
        self._ledger = ledger

    def _ask(self, method: str, path: str, **request: Any) -> tuple[int, bytes]:
        status, body = super()._ask(method, path, **request)
        self._ledger.note(method, path, self.headers)
        if fault := refused(status, self.headers, body, renewable=self._renewable):
            raise fault
        return status, body


def in_present_words(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a question under the names of OpenAPI 2.167."""
    present = dict(params)
    if "tweet.fields" in present:
        asked = str(present.pop("tweet.fields")).split(",")
        present["post.fields"] = ",".join(
            _PRESENT_FIELDS.get(name, name) for name in asked if name not in _BY_EXPANSION
        )
        wanted = [name for name in str(present.get("expansions", "")).split(",") if name]
        expansions = [_PRESENT_EXPANSIONS.get(name, name) for name in wanted]
        for name, expansion in (
            ("author_id", "author_id"),
            ("in_reply_to_user_id", "in_reply_to_user_id"),
            ("referenced_tweets", "referenced_posts"),
            ("edit_history_tweet_ids", "edit_history_post_ids"),
        ):
            if name in asked and expansion not in expansions:
                expansions.append(expansion)
        if expansions:
            present["expansions"] = ",".join(expansions)
    return present


def forget_older_words() -> None:
    """Ask in the present words again everywhere (tests)."""
    _asked_in_older_words.clear()


def _whole(response: requests.Response) -> bytes:
    """The body, read within its time and size. Raises requests.ConnectionError where it is not."""
    until = time.monotonic() + ANSWER_WITHIN_S
    body = bytearray()
    try:
        for part in response.iter_content(64 * 1024):
            body += part
            if len(body) > ANSWER_BYTES or time.monotonic() > until:
                raise requests.ConnectionError("the answer is too long or too slow")
    finally:
        response.close()
    return bytes(body)


def _never_left(error: BaseException) -> bool:
    """Whether the request cannot have reached X."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.InvalidURL)):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
