"""The Graph API through `facebook-business`, made safe: calls in, JSON objects or faults out.

What the library does by itself and is undone here: it reads whatever comes back as if it were JSON
(an HTML error page becomes a success or a TypeError), waits for ever, follows redirects, trusts a
bundle of certificates of its own and the proxies of the environment, puts the token into the query
string, and keeps one address and one default session for the whole process. Here every connector
has its own session and address, and answers are judged before the library sees them. The token goes
in the Authorization header (Instagram Platform "Content Publishing" and "Private Replies" show it so);
`appsecret_proof` proves with each call that it comes from the force's own app.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookError
from facebook_business.session import FacebookSession
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from platforms.contract import Fault, Login, OutcomeUnknown, PermanentFault, TemporaryFault, Usage
from platforms.http import ANSWER_BYTES, ANSWER_WITHIN_S, CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ask_first
from platforms.meta import faults
from platforms.meta.faults import Gone

UPLOAD_TIMEOUT_S = 120.0
"""Until the first byte of the answer where a video goes along, or is fetched from us before Meta answers."""
A_PAGE = 100
MOST_PAGES = 1000

Answer = dict[str, Any]


@dataclass(frozen=True)
class _Answered:
    """As much of an answer as the library looks at."""

    text: str
    status_code: int
    headers: Mapping[str, str]


class _Wire(requests.Session):
    """One connection to Meta: time-outs, no redirects, a bounded answer, faults."""

    def __init__(self, name: str, token: str, answer_within_s: float) -> None:
        super().__init__()
        self.name = name
        self.answer_within_s = answer_within_s
        self.trust_env = False
        self.answered: dict[str, str] = {}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method, url, **asked):  # type: ignore[no-untyped-def, override]
        """Called by the library. Raises a Fault; returns what it may read."""
        changing = method != "GET"
        ask_first(changing=changing)
        until = time.monotonic() + self.answer_within_s
        try:
            with super().request(method, url, allow_redirects=False, stream=True, **asked) as response:
                self.answered = {key.lower(): value for key, value in response.headers.items()}
                body = bytearray()
                for part in response.iter_content(64 * 1024):
                    body += part
                    if len(body) > ANSWER_BYTES or time.monotonic() > until:
                        raise requests.exceptions.ReadTimeout("the answer is too long or too slow")
        except requests.exceptions.RequestException as error:
            if _never_sent(error):
                raise TemporaryFault(f"{self.name} could not be reached.") from None
            kind = OutcomeUnknown if changing else TemporaryFault
            raise kind(f"{self.name} did not answer in time, or the connection broke.") from None
        answer = faults.judge(self.name, response.status_code, self.answered, bytes(body), changing=changing)
        return _Answered(text=json.dumps(answer), status_code=200, headers=self.answered)


class _Session(FacebookSession):
    """The library's session with an address and a connection of its own."""

    requests: requests.Session

    def __init__(self, *, name: str, base_url: str, token: str, app_secret: str, timeout_s: float) -> None:
        super().__init__(
            app_secret=app_secret or None, access_token=token, timeout=(CONNECT_TIMEOUT_S, timeout_s)
        )
        proof = self.requests.params.get("appsecret_proof") if app_secret and token else None
        self.GRAPH = base_url.rstrip("/")
        self.requests = _Wire(name, token, ANSWER_WITHIN_S - READ_TIMEOUT_S + timeout_s)
        if proof:
            self.requests.params = {"appsecret_proof": proof}


class Graph:
    """Calls with one credential to one address. `name` is how faults call the platform."""

    def __init__(self, *, name: str, login: Login) -> None:
        self._name = name
        self._api = self._open(name, login, READ_TIMEOUT_S)
        self._uploads = self._open(name, login, UPLOAD_TIMEOUT_S)
        self._usage: dict[str, Usage] = {}

    @staticmethod
    def _open(name: str, login: Login, timeout_s: float) -> FacebookAdsApi:
        # Not FacebookAdsApi.init: that sets the default of the whole process and reports crashes to Meta.
        return FacebookAdsApi(
            _Session(
                name=name,
                base_url=login.base_url,
                token=login.secret,
                app_secret=login.app.get("client_secret", ""),
                timeout_s=timeout_s,
            )
        )

    @property
    def usage(self) -> list[Usage]:
        """The last word on each allowance."""
        return list(self._usage.values())

    def get(self, *path: str, **params: Any) -> Answer:
        """Read. Raises Gone where it is not there, and other faults."""
        return self._call("GET", path, params)

    def find(self, *path: str, **params: Any) -> Answer | None:
        """Read what may not be there: None where Graph says that it is gone or closed to us."""
        try:
            return self.get(*path, **params)
        except Gone:
            return None

    def post(
        self,
        *path: str,
        changing: bool = True,
        slow: bool = False,
        files: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Answer:
        """Change something.

        changing: False where the call leaves nothing that anybody sees (an upload that no post names yet).
        slow: True where Meta works on a file before it answers.
        """
        try:
            return self._call("POST", path, params, files=files, slow=slow or bool(files))
        except OutcomeUnknown as fault:
            if changing:
                raise
            raise TemporaryFault(
                fault.sentence, retry_after_s=fault.retry_after_s, link=fault.link, raw=fault.raw
            ) from None

    def delete(self, *path: str, **params: Any) -> None:
        """Delete. What is gone already is no fault."""
        try:
            self._call("DELETE", path, params)
        except Gone:
            return

    def pages(self, *path: str, after: str = "", **params: Any) -> Iterator[tuple[list[Any], str]]:
        """Each page of an edge, with the cursor of the next ("" at the end).

        `cursors.after` is there on the last page too: only `next` says that there is more.
        """
        for _ in range(MOST_PAGES):
            entries, after = self.page_of(self.get(*path, **params, **({"after": after} if after else {})))
            yield entries, after
            if not after:
                return

    def page_of(self, answer: object) -> tuple[list[Any], str]:
        """The entries of a page and the cursor of the next. Raises TemporaryFault where it is no page."""
        entries = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(entries, list):
            raise TemporaryFault(f"{self._name} answered with something that cannot be read.")
        paging = answer.get("paging")
        cursors = paging.get("cursors") if isinstance(paging, dict) else None
        after = cursors.get("after") if isinstance(cursors, dict) else None
        more = isinstance(paging, dict) and bool(paging.get("next")) and isinstance(after, str)
        return entries, after if more and isinstance(after, str) else ""

    def _call(
        self,
        method: str,
        path: tuple[str, ...],
        params: dict[str, Any],
        files: Mapping[str, Any] | None = None,
        slow: bool = False,
    ) -> Answer:
        api = self._uploads if slow else self._api
        if any(part in {"", ".", ".."} for part in path):
            raise PermanentFault(f"This is not the id of something on {self._name}.")
        path = tuple(quote(part, safe="") for part in path)
        try:
            return api.call(method, path, params=params, files=dict(files) if files else None).json()
        except Fault:
            raise
        except (FacebookError, TypeError, ValueError, AttributeError):
            # The library tripped over an answer that we took for good. Nothing of it is shown: it may hold a token.
            kind = TemporaryFault if method == "GET" else OutcomeUnknown
            raise kind(f"{self._name} answered with something that cannot be read.") from None
        finally:
            for seen in faults.usage(api._session.requests.answered):
                self._usage[seen.endpoint] = seen


def _never_sent(error: requests.exceptions.RequestException) -> bool:
    """Whether the connection was never made, so that nothing can have happened."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return True
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(
        cause.reason, (NewConnectionError, ConnectTimeoutError)
    )
