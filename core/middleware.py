"""What surrounds every request: whose address it came from, its id, and refusals as pages."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import context
from core.errors import Refused

CERTIFICATE_VERIFIED = "smmp.certificate_verified"
"""In request.META: the trusted proxy verified a client certificate of the force."""

_SAFE_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")


class TrustedProxy:
    """Believe X-Forwarded-For, -Proto and X-Client-Certificate only from SMMP_TRUSTED_PROXIES.

    X-Client-Certificate says SUCCESS where the proxy verified a client certificate that the force's
    own authority issued (nginx: $ssl_client_verify).
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.networks = [ipaddress.ip_network(net) for net in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        scheme = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        certificate = request.META.pop("HTTP_X_CLIENT_CERTIFICATE", "")
        request.META.pop(CERTIFICATE_VERIFIED, None)
        if self._trusted(request.META.get("REMOTE_ADDR", "")):
            request.META[CERTIFICATE_VERIFIED] = certificate == "SUCCESS"
            hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
            while hops and self._trusted(hops[-1]):
                hops.pop()
            if hops and _is_address(hops[-1]):
                request.META["REMOTE_ADDR"] = hops[-1]
            if scheme == "https":
                request.META["wsgi.url_scheme"] = "https"
        return self.get_response(request)

    def scheme_of(self, environ: dict[str, Any]) -> str:
        """By which scheme a reader came, of a request that this middleware has not seen."""
        if environ.get("HTTP_X_FORWARDED_PROTO") == "https" and self._trusted(environ.get("REMOTE_ADDR", "")):
            return "https"
        return str(environ["wsgi.url_scheme"])

    def _trusted(self, address: str) -> bool:
        if not self.networks or not _is_address(address):
            return False
        parsed = ipaddress.ip_address(address)
        return any(parsed in network for network in self.networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def plain_address(text: str) -> str:
    """A network address in its one written form; empty for what is none, such as a unix socket."""
    if not _is_address(text):
        return ""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address).partition("%")[0]


class RequestId:
    """Give each request an id, taken from X-Request-ID where that is harmless, and send it back.

    Where the request came from goes with it into the audit trail (core.context).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        source = plain_address(request.META.get("REMOTE_ADDR", ""))
        with context.request(given if _SAFE_ID.match(given) else None, source=source) as identifier:
            response = self.get_response(request)
        response["X-Request-ID"] = identifier
        return response


class Refusals:
    """Turn a refusal raised anywhere below into a page that says what to do next.

    An htmx request gets the sentence alone, aimed at the page's notice region, so that the
    list or the form under the person's cursor stays where it is.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusal_page(request, exception) if isinstance(exception, Refused) else None


def refusal_page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The answer to a refusal: a page, or the sentence alone for htmx."""
    request.refused_with = refusal  # type: ignore[attr-defined]
    if getattr(request, "htmx", False):
        response = render(request, "_refusal.html", {"sentence": refusal.sentence})
        response["HX-Retarget"] = "#notice"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(
        request,
        "refusal.html",
        {"sentence": refusal.sentence, "status": refusal.status},
        status=refusal.status,
    )
