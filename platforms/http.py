"""The one HTTP layer under connectors: time-outs, faults judged beside the response, no secrets in errors.

Redirects are not followed, and the address always begins with the connector's base address.
"""

from __future__ import annotations

from typing import Any

import httpx

from platforms.contract import OutcomeUnknown, PermanentFault, TemporaryFault

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0


class Http:
    """A session towards one platform. `name` is how faults call it in front of staff."""

    def __init__(self, *, name: str, base_url: str, headers: dict[str, str] | None = None) -> None:
        self.name = name
        self.usage: dict[str, str] = {}
        self._client = httpx.Client(
            base_url=base_url,
            headers=headers,
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
            trust_env=False,
        )

    def get(self, path: str, **params: Any) -> Any:
        """Read JSON. Any failure to answer is temporary: reading changes nothing."""
        try:
            response = self._client.get(path, params=params)
        except httpx.HTTPError as error:
            raise TemporaryFault(f"{self.name} did not answer ({type(error).__name__}).") from None
        return self._judge(response, changing=False)

    def send(self, method: str, path: str, *, json: Any = None, files: Any = None, data: Any = None) -> Any:
        """Change something. A failure after the request may have left is an unknown outcome."""
        try:
            response = self._client.request(method, path, json=json, files=files, data=data)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise TemporaryFault(f"{self.name} could not be reached.") from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"{self.name} did not answer in time ({type(error).__name__}).") from None
        return self._judge(response, changing=True)

    def _judge(self, response: httpx.Response, *, changing: bool) -> Any:
        self.usage = {k: v for k, v in response.headers.items() if "ratelimit" in k or "rate-limit" in k}
        status = response.status_code
        if 200 <= status < 300:
            if not response.content:
                return None
            try:
                return response.json()
            except ValueError:
                kind = OutcomeUnknown if changing else TemporaryFault
                raise kind(f"{self.name} answered with something that is not JSON.") from None
        if status == 429:
            raise TemporaryFault(
                f"{self.name} asked us to slow down.",
                retry_after_s=_seconds(response.headers.get("retry-after")),
            )
        if status >= 500:
            kind = OutcomeUnknown if changing else TemporaryFault
            raise kind(f"{self.name} had a fault of its own ({status}).")
        raise PermanentFault(f"{self.name} refused ({status}): {_words(response)}")


def _seconds(value: str | None) -> float | None:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None


def _words(response: httpx.Response) -> str:
    """The platform's own explanation, shortened; an HTML page is not one."""
    try:
        body = response.json()
    except ValueError:
        return "it gave no reason"
    if isinstance(body, dict):
        for key in ("message", "error", "detail", "title"):
            if isinstance(body.get(key), str) and body[key]:
                return body[key][:300]
    return "it gave no reason"
