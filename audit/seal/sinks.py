"""Where checkpoints go, outside the database: a folder that only grows, syslog, an HTTPS address.

Each takes checkpoints in order, before each the journal of its segment, and may be given one twice. Once a checkpoint has left this machine, the
trail up to it cannot be cut or written anew without somebody being able to tell.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx
from django.conf import settings

TIMEOUT_S = 5.0
JOURNAL = ".journal.jsonl"
"""How the file of a day's journal ends, beside that of its checkpoints; the verifier passes it by."""
PRIORITY = 13 * 8 + 5
"""Syslog facility 13 (log audit), severity 5 (notice): RFC 5424 section 6.2.1."""


@dataclass(frozen=True)
class Due:
    """One checkpoint to deliver."""

    segment: int
    sealed_at: datetime
    note: str
    journal: tuple[str, ...] = ()
    """Lines of the same segment's journal (audit.seal.journal), which go before its checkpoint."""

    @property
    def line(self) -> str:
        """One line of ASCII JSON."""
        return json.dumps({"segment": self.segment, "checkpoint": self.note}, separators=(", ", ": "))


class SinkFault(Exception):
    """The sink did not take them. The message names the kind of fault, no address and no secret."""


class Place(Protocol):
    """Somewhere that checkpoints are delivered to."""

    @property
    def name(self) -> str: ...

    def send(self, due: Sequence[Due]) -> None:
        """Deliver in order. Raises SinkFault; then nothing is known about any of them."""


@dataclass(frozen=True)
class Folder:
    """A file for each day (UTC), to which lines are added and nothing else is ever done."""

    path: Path
    name: str = "folder"

    def send(self, due: Sequence[Due]) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o750)
            for day in sorted({_day(one) for one in due}):
                of_day = [one for one in due if _day(one) == day]
                journal = [line for one in of_day for line in one.journal]
                if journal:
                    self._append(self.path / f"{day}{JOURNAL}", journal)
                self._append(self.path / f"{day}.jsonl", [one.line for one in of_day])
        except OSError as fault:
            raise SinkFault(f"the folder cannot be written: {fault.strerror}") from None

    def _append(self, path: Path, lines: Sequence[str]) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            size = os.fstat(descriptor).st_size
            # A line that was cut off (a crash, a full disk) must not swallow the next one.
            cut_off = size and os.pread(descriptor, 1, size - 1) != b"\n"
            data = (("\n" if cut_off else "") + "".join(f"{line}\n" for line in lines)).encode()
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class Syslog:
    """RFC 5424 lines over TLS (RFC 5425), TCP with octet counting (RFC 6587) or UDP (RFC 5426)."""

    address: str
    """tls://HOST:6514, tcp://HOST:PORT or udp://HOST:514."""
    authorities: str = ""
    """File of certificate authorities for TLS; empty means those of the system."""
    name: str = "syslog"

    def send(self, due: Sequence[Due]) -> None:
        parts = urlsplit(self.address)
        # A datagram has no room for a journal, and nobody would know which part of it was lost.
        with_journal = parts.scheme != "udp"
        messages = [
            self._message(one, kind, line)
            for one in due
            for kind, line in [
                *(("journal", line) for line in one.journal if with_journal),
                ("checkpoint", one.line),
            ]
        ]
        try:
            if parts.scheme == "udp":
                self._datagrams(parts.hostname or "", parts.port or 514, messages)
            else:
                self._stream(parts.scheme, parts.hostname or "", parts.port or 6514, messages)
        except ssl.SSLError as fault:
            raise SinkFault(f"TLS: {fault.reason or type(fault).__name__}") from None
        except OSError as fault:
            raise SinkFault(fault.strerror or type(fault).__name__) from None

    def _message(self, one: Due, kind: str, line: str) -> bytes:
        at = one.sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        host = socket.gethostname()[:255] or "-"
        return f"<{PRIORITY}>1 {at} {host} smmp {os.getpid()} {kind} - {line}".encode()

    def _datagrams(self, host: str, port: int, messages: Sequence[bytes]) -> None:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as sender:
            sender.settimeout(TIMEOUT_S)
            sender.connect(address)
            for message in messages:
                sender.send(message)

    def _stream(self, scheme: str, host: str, port: int, messages: Sequence[bytes]) -> None:
        with socket.create_connection((host, port), timeout=TIMEOUT_S) as plain:
            if scheme == "tls":
                context = ssl.create_default_context(cafile=self.authorities or None)
                context.minimum_version = ssl.TLSVersion.TLSv1_2
                with context.wrap_socket(plain, server_hostname=host) as wrapped:
                    self._write(wrapped, messages)
                    wrapped.unwrap()
            else:
                self._write(plain, messages)
                plain.shutdown(socket.SHUT_WR)
                # A receiver that has taken everything closes; one that has gone away resets.
                try:
                    while plain.recv(1024):
                        pass
                except TimeoutError:
                    pass

    def _write(self, stream: socket.socket, messages: Sequence[bytes]) -> None:
        stream.sendall(b"".join(b"%d %s" % (len(message), message) for message in messages))


@dataclass(frozen=True)
class Https:
    """JSON lines by POST. An answer of 2xx means that they are kept."""

    address: str
    token: str = ""
    name: str = "https"

    def send(self, due: Sequence[Due]) -> None:
        headers = {"Content-Type": "application/jsonl"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = "".join(f"{line}\n" for one in due for line in (*one.journal, one.line)).encode()
        try:
            answer = httpx.post(self.address, content=body, headers=headers, timeout=TIMEOUT_S)
        except httpx.HTTPError as fault:
            raise SinkFault(type(fault).__name__) from None
        if not answer.is_success:
            raise SinkFault(f"it answered {answer.status_code}")


def configured() -> list[Place]:
    """The sinks of this installation, from settings."""
    found: list[Place] = []
    if settings.SEAL_FOLDER:
        found.append(Folder(Path(settings.SEAL_FOLDER)))
    if settings.SEAL_SYSLOG:
        found.append(Syslog(settings.SEAL_SYSLOG, settings.SEAL_SYSLOG_CA))
    if settings.SEAL_HTTPS:
        found.append(Https(settings.SEAL_HTTPS, settings.SEAL_HTTPS_TOKEN))
    return found


def _day(one: Due) -> str:
    return f"{one.sealed_at.astimezone(UTC):%Y-%m-%d}"
