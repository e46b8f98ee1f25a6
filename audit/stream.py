"""The trail on its way to a force's security monitoring (SIEM): syslog over TLS, and JSON Lines over HTTPS.

At least once: a batch counts as arrived when the other side has taken all of it, and is sent again
otherwise; the entry's number tells doubles apart. Off until an address is set (smmp.env). What professional
standards keep to themselves never leaves (docs/decisions/0013-conduct.md).
Sources: RFC 5424 (message), RFC 5425 (TLS, octet counting), RFC 5612 (the enterprise number for examples).
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx
from django.conf import settings

from audit.catalogue import RESTRICTED
from audit.models import Entry
from audit.queries import as_json

TIMEOUT_S = 10.0
AT_ONCE = 500
PRIORITY = 13 * 8 + 5
"""Facility 13 (log audit), severity 5 (notice)."""
STRUCTURED = "smmp@32473"


class NotTaken(Exception):
    """The other side did not take the batch. The message names the kind of fault and no content."""


@dataclass(frozen=True)
class Stream:
    """One way out: the name under which its place in the trail is kept, and how a batch is sent."""

    name: str
    send: Callable[[Sequence[Entry]], None]


def streams() -> list[Stream]:
    """The ways that are switched on."""
    found = []
    if settings.SIEM_SYSLOG:
        found.append(Stream("siem-syslog", send_syslog))
    if settings.SIEM_HTTPS:
        found.append(Stream("siem-https", send_https))
    return found


def may_leave(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without the restricted ones."""
    return [entry for entry in entries if entry.event not in RESTRICTED]


def syslog_message(entry: Entry) -> bytes:
    """One entry as RFC 5424 has it, with its octet count in front (RFC 5425 section 4.3)."""
    at = entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    leaf = bytes(entry.leaf_hash or b"").hex()
    head = (
        f"<{PRIORITY}>1 {at} {_printable(settings.SIEM_HOSTNAME, 255)} smmp - {_printable(entry.event, 32)} "
        f'[{STRUCTURED} entry="{entry.pk}" leaf="{leaf}"] '
    )
    message = head.encode("ascii") + b"\xef\xbb\xbf" + json.dumps(as_json(entry), ensure_ascii=False).encode()
    return str(len(message)).encode("ascii") + b" " + message


def _printable(text: str, most: int) -> str:
    return "".join(c for c in text if 33 <= ord(c) <= 126)[:most] or "-"


def send_syslog(entries: Sequence[Entry]) -> None:
    """Send a batch over TLS and wait until the other side has closed after it. Raises NotTaken.

    Syslog answers nothing. Closing the TLS session in good order proves that everything before the close
    was read; a reset or silence proves nothing, so the batch counts as not taken.
    """
    assert settings.SIEM_SYSLOG is not None
    host, port = settings.SIEM_SYSLOG
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_S) as plain:
            with _context().wrap_socket(plain, server_hostname=host) as secure:
                secure.sendall(b"".join(syslog_message(entry) for entry in entries))
                _close_in_order(secure)
    except (OSError, ssl.SSLError) as fault:
        raise NotTaken(type(fault).__name__) from None


def _close_in_order(secure: ssl.SSLSocket) -> None:
    # Some collectors close the connection after our close without a close of their own.
    with contextlib.suppress(ssl.SSLEOFError):
        secure.unwrap()


def send_https(entries: Sequence[Entry]) -> None:
    """Send a batch as JSON Lines; taken when the answer is 2xx. Redirects are refused. Raises NotTaken."""
    lines = "".join(json.dumps(as_json(entry), ensure_ascii=False) + "\n" for entry in entries)
    headers = {"Content-Type": "application/x-ndjson; charset=utf-8"}
    if settings.SIEM_HTTPS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SIEM_HTTPS_TOKEN}"
    try:
        answer = httpx.post(
            settings.SIEM_HTTPS,
            content=lines.encode(),
            headers=headers,
            timeout=TIMEOUT_S,
            verify=_context(),
            follow_redirects=False,
            trust_env=False,
        )
    except (httpx.HTTPError, OSError, ssl.SSLError) as fault:
        raise NotTaken(type(fault).__name__) from None
    if not 200 <= answer.status_code < 300:
        raise NotTaken(f"answered {answer.status_code}")


def _context() -> ssl.SSLContext:
    """TLS 1.2 or later, the host's name checked, against SMMP_SIEM_CA or the machine's own authorities."""
    context = ssl.create_default_context(cafile=settings.SIEM_CA or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
