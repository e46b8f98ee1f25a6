"""Fetching what somebody put into a message, from an address that is theirs and hostile.

Only http and https, only to addresses of the public internet, each pinned where it is connected to, so that a
name cannot answer differently the second time. A redirect is looked at like a first address, three at most.
Nothing of ours goes along: no cookie, no credential. What comes is bounded in bytes and in seconds, must not be
compressed, and is known by its own first bytes, never by what the server calls it.
Sources: OWASP SSRF prevention cheat sheet; ASVS 5.0 1.3.6.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

CONNECT_WITHIN_S = 3.0
READ_WITHIN_S = 10.0
WHOLE_WITHIN_S = 60.0
"""From the first request to the last byte, redirects included: a body that trickles keeps no worker longer."""
MOST_BYTES = 64 * 1024 * 1024
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 2000
_PORTS = {"https": 443, "http": 80}

IMAGES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


class NotFetched(Exception):
    """It could not be had. `sentence` is for staff; `kind` says what becomes of it."""

    LATER, GONE, TOO_BIG, REFUSED = "later", "gone", "too_big", "refused"

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind, self.sentence = kind, sentence


@dataclass(frozen=True)
class Fetched:
    """The bytes as they came, and what their first bytes say that they are."""

    content: bytes = field(repr=False)
    content_type: str


def fetch(address: str, *, stand_in: str = "", most_bytes: int = MOST_BYTES) -> Fetched:
    """What stands at an address. Raises NotFetched.

    stand_in: the configured base address of the platform. Where it is a private one, because a local server
    stands in for the platform, files may come from that very server too, and from no other private address.
    """
    until = time.monotonic() + WHOLE_WITHIN_S
    for _ in range(MOST_REDIRECTS + 1):
        answer = _one(address, stand_in, most_bytes, until)
        if isinstance(answer, Fetched):
            return answer
        if urlsplit(address).scheme == "https" and urlsplit(answer).scheme == "http":
            raise NotFetched(NotFetched.REFUSED, "Its address leads from a secured to an open one.")
        address = answer
    raise NotFetched(NotFetched.REFUSED, "Its address leads from one place to the next without an end.")


def read(address: str, *, stand_in: str = "", most_bytes: int = 1024 * 1024) -> bytes:
    """What a page or a file of words at an address says, as it came and as hostile. Raises NotFetched as `fetch` does."""
    until = time.monotonic() + WHOLE_WITHIN_S
    for _ in range(MOST_REDIRECTS + 1):
        answer = _one(address, stand_in, most_bytes, until, pictures=False)
        if isinstance(answer, Fetched):
            return answer.content
        if urlsplit(address).scheme == "https" and urlsplit(answer).scheme == "http":
            raise NotFetched(NotFetched.REFUSED, "Its address leads from a secured to an open one.")
        address = answer
    raise NotFetched(NotFetched.REFUSED, "Its address leads from one place to the next without an end.")


def kind_of(content: bytes) -> str:
    """The type that the first bytes say; empty for anything but pictures and videos."""
    for mark, content_type in IMAGES.items():
        if content.startswith(mark):
            return content_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "video/quicktime" if content[8:10] == b"qt" else "video/mp4"
    if content.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm"
    return ""


def _one(
    address: str, stand_in: str, most_bytes: int, until: float, *, pictures: bool = True
) -> Fetched | str:
    """The file, or the address that this one leads to."""
    request = place(address, stand_in=stand_in)
    try:
        with (
            httpx.Client(
                timeout=httpx.Timeout(READ_WITHIN_S, connect=CONNECT_WITHIN_S),
                follow_redirects=False,
                trust_env=False,
            ) as client,
            client.stream(
                "GET",
                request.pinned,
                headers={
                    "Host": request.host,
                    "Accept-Encoding": "identity",
                    "Accept": "image/*, video/*" if pictures else "application/json, text/*",
                },
                extensions={"sni_hostname": request.name},
            ) as response,
        ):
            if response.status_code in (301, 302, 303, 307, 308):
                return urljoin(address, response.headers.get("Location", ""))
            _judge(response, most_bytes)
            content = bytearray()
            for piece in response.iter_raw():
                content += piece
                if len(content) > most_bytes:
                    raise _too_big(most_bytes)
                if time.monotonic() > until:
                    raise NotFetched(NotFetched.LATER, "It came too slowly.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
        raise NotFetched(NotFetched.LATER, f"Its server did not answer ({type(fault).__name__}).") from None
    content_type = kind_of(bytes(content[:64]))
    if pictures and not content_type:
        raise NotFetched(NotFetched.REFUSED, "What stands at its address is neither a picture nor a video.")
    return Fetched(bytes(content), content_type)


def _judge(response: httpx.Response, most_bytes: int) -> None:
    if response.status_code in (404, 410):
        raise NotFetched(NotFetched.GONE, "It is gone from its server.")
    if response.status_code in (401, 403):
        raise NotFetched(NotFetched.GONE, "Its server does not give it out any more.")
    if response.status_code != 200:
        raise NotFetched(NotFetched.LATER, f"Its server answered {response.status_code}.")
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise NotFetched(NotFetched.REFUSED, "Its server sends it packed, which was not asked for.")
    said = response.headers.get("Content-Length", "")
    if said.isdigit() and int(said[:18]) > most_bytes:
        raise _too_big(most_bytes)


def _too_big(most_bytes: int) -> NotFetched:
    return NotFetched(NotFetched.TOO_BIG, f"It is larger than {most_bytes // (1024 * 1024)} MB.")


@dataclass(frozen=True)
class Place:
    """Where exactly to connect."""

    pinned: str
    """The address with the number of the machine in place of its name."""
    host: str
    name: str


def place(address: str, *, stand_in: str = "") -> Place:
    """Where exactly to connect. Raises NotFetched for what must not be asked.

    stand_in: as `fetch` has it.
    """
    refused = NotFetched(NotFetched.REFUSED, "Its address is not one that is fetched from.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise refused from None
    name = parts.hostname or ""
    if (
        len(address) > LONGEST_ADDRESS
        or parts.scheme not in _PORTS
        or not name
        or "%" in name
        or "@" in parts.netloc
        or not address.isprintable()
    ):
        raise refused
    wanted = port or _PORTS[parts.scheme]
    ours = _origin(stand_in) == (parts.scheme, name, wanted)
    if wanted != _PORTS[parts.scheme] and not ours:
        raise refused
    try:
        found = {row[4][0] for row in socket.getaddrinfo(name, wanted, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise NotFetched(NotFetched.LATER, "Its server cannot be found.") from None
    if not ours and not all(_public(str(one)) for one in found):
        raise refused
    number = str(sorted(found, key=lambda one: ":" in str(one))[0])
    bracketed = f"[{number}]" if ":" in number else number
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = name if wanted == _PORTS[parts.scheme] else f"{name}:{wanted}"
    return Place(f"{parts.scheme}://{bracketed}:{wanted}{path}", host, name)


def _origin(base: str) -> tuple[str, str, int] | None:
    if not base:
        return None
    parts = urlsplit(base)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _public(number: str) -> bool:
    """Whether a machine's number belongs to the public internet, also where it wraps an older one."""
    try:
        one = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(one, ipaddress.IPv6Address):
        inner = one.ipv4_mapped or one.sixtofour or (one.teredo[1] if one.teredo else None)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if one in ipaddress.ip_network("64:ff9b::/96"):
            return _public(str(ipaddress.IPv4Address(int(one) & 0xFFFFFFFF)))
    return one.is_global and not one.is_multicast
