"""Pages that everybody may ask for at once: answered again from memory, and asked for in measure.

A view marked `for_the_crowd` answers for nobody in particular. What it said is kept in this process for
`settings.PUBLIC_KEPT_FOR_S` and given to everybody who asks the same, before Django itself is woken. What is not
in memory yet may be asked for `settings.PUBLIC_ASKS_A_MINUTE` times a minute from one place.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import parse_etags, quote_etag

PREFIXES = ("/public/", "/.well-known/")
MOST_KEPT = 1000
LARGEST_BYTES = 512 * 1024
LONGEST_QUERY = 300
MOST_SOURCES = 20_000
GRACE_S = 3.0
"""While one request makes a page anew, the others are given the one before."""
_LEFT_OUT = frozenset({"Vary", "X-Request-ID", "Content-Length"})
_WITH_304 = frozenset({"ETag", "Cache-Control", "Access-Control-Allow-Origin"})
_STATUS = {200: "200 OK", 304: "304 Not Modified"}

View = Callable[..., HttpResponse]
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass
class _Kept:
    headers: list[tuple[str, str]]
    body: bytes
    etag: str
    until: float


_KEPT: dict[tuple[str, str, str, str], _Kept] = {}
_ASKS: dict[str, tuple[float, float]] = {}


def forget() -> None:
    """Everything kept and counted in this process is gone: for tests, which change the clock and the data."""
    _KEPT.clear()
    _ASKS.clear()


def for_the_crowd(view: View) -> View:
    """The same for everybody, whoever is signed in; it may stand in anybody's cache for half a minute."""

    @wraps(view)
    def alike(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.user = AnonymousUser()
        response = view(request, *args, **kwargs)
        if response.status_code == 200:
            response["Cache-Control"] = f"public, max-age={settings.PUBLIC_MAX_AGE_S}"
            response["X-Robots-Tag"] = response.get("X-Robots-Tag", "all")
            response.for_the_crowd = True  # type: ignore[attr-defined]
        return response

    return alike


class Crowd:
    """Makes and keeps the pages, and refuses a source that asks for new ones too often. Early among the middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
        key = _key(request.META, request.META["wsgi.url_scheme"])
        now = time.monotonic()
        kept = _KEPT.get(key)
        if kept is not None and kept.until > now:
            return _as_response(_again(request.META, kept))
        if not _may_ask(request.META.get("REMOTE_ADDR", ""), now):
            return _too_many(request)
        if kept is not None:
            kept.until = now + GRACE_S
        response = self.get_response(request)
        if _is_keepable(response) and len(key[3]) <= LONGEST_QUERY and settings.PUBLIC_KEPT_FOR_S:
            return _as_response(_again(request.META, _keep(key, response, now)))
        return response


class FromMemory:
    """Stands before Django and gives what is kept without waking it: most of what a crowd asks.

    Around the WSGI application (smmp.wsgi). `scheme_of` says whether the reader came by https, as the middleware
    that believes the proxy says it, so that nobody can have a page kept for others under a scheme of their choice.
    """

    def __init__(self, application: Application, *, scheme_of: Callable[[Environ], str]) -> None:
        self.application = application
        self.scheme_of = scheme_of

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and environ["PATH_INFO"].startswith(PREFIXES):
            kept = _KEPT.get(_key(environ, self.scheme_of(environ)))
            if kept is not None and kept.until > time.monotonic():
                status, headers, body = _again(environ, kept)
                start_response(_STATUS[status], headers)
                return [body]
        return self.application(environ, start_response)


def _key(environ: Environ, scheme: str) -> tuple[str, str, str, str]:
    return scheme, environ.get("HTTP_HOST", ""), environ["PATH_INFO"], environ.get("QUERY_STRING", "")


def _is_keepable(response: HttpResponse) -> bool:
    return (
        getattr(response, "for_the_crowd", False)
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and len(response.content) <= LARGEST_BYTES
    )


def _keep(key: tuple[str, str, str, str], response: HttpResponse, now: float) -> _Kept:
    headers = [(name, value) for name, value in response.items() if name not in _LEFT_OUT]
    kept = _Kept(headers, response.content, response.get("ETag", ""), now + settings.PUBLIC_KEPT_FOR_S)
    while len(_KEPT) >= MOST_KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    _KEPT.pop(key, None)
    _KEPT[key] = kept
    return kept


def _again(environ: Environ, kept: _Kept) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body: the page, or that the reader has it already."""
    asked = environ.get("HTTP_IF_NONE_MATCH", "")
    if asked and kept.etag:
        tags = parse_etags(asked)
        if "*" in tags or kept.etag in {quote_etag(tag).removeprefix("W/") for tag in tags}:
            return 304, [header for header in kept.headers if header[0] in _WITH_304], b""
    headers = [*kept.headers, ("Content-Length", str(len(kept.body)))]
    return 200, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else kept.body


def _as_response(given: tuple[int, list[tuple[str, str]], bytes]) -> HttpResponse:
    status, headers, body = given
    response = HttpResponse(body, status=status)
    del response["Content-Type"]
    for name, value in headers:
        response.headers[name] = value
    return response


def _may_ask(source: str, now: float) -> bool:
    """A bucket for each source: full at first, refilled evenly over a minute."""
    most = settings.PUBLIC_ASKS_A_MINUTE
    if not most:
        return True
    source = _network(source)
    left, at = _ASKS.get(source, (float(most), now))
    left = min(float(most), left + (now - at) * most / 60)
    if left < 1:
        return False
    if len(_ASKS) >= MOST_SOURCES:
        _ASKS.clear()
    _ASKS[source] = (left - 1, now)
    return True


def _network(source: str) -> str:
    """An IPv6 source counts as its /64 network."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else source


def _too_many(request: HttpRequest) -> HttpResponse:
    request.user = AnonymousUser()
    response = render(
        request,
        "refusal_public.html",
        {
            "sentence": "You have asked a great many times within a minute. Wait a minute, then ask again.",
            "status": 429,
        },
        status=429,
    )
    response["Retry-After"] = "60"
    response["Cache-Control"] = "no-store"
    return response
