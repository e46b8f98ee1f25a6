"""Typed reading of the environment: a wrong value is refused by name, in one sentence.

Every setting that a person may set comes through here, so that a typing mistake stops the
start with a sentence rather than surfacing later as a fault. `NAME_FILE` is read where
`NAME` is absent, so that secrets can come from files (Docker and systemd secrets).
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit


class WrongEnvironment(Exception):
    """A value in the environment cannot be used. The message names it and says what would do."""


_MISSING = object()


def text(name: str, default: object = _MISSING, *, choices: tuple[str, ...] = ()) -> str:
    """The value of `name`, or of the file that `NAME_FILE` points at.

    Raises WrongEnvironment where there is neither a value nor a default, where the file
    cannot be read, or where the value is not one of `choices`.
    """
    value = os.environ.get(name)
    path = os.environ.get(f"{name}_FILE")
    if value is None and path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongEnvironment(
                f"{name}_FILE points at {path}, which cannot be read: {error.strerror}."
            ) from error
        except UnicodeDecodeError:
            raise WrongEnvironment(f"{name}_FILE points at {path}, which is not UTF-8 text.") from None
    if value is None or value == "":
        if default is _MISSING:
            raise WrongEnvironment(f"{name} is not set. Set it, or {name}_FILE with its path.")
        return str(default)
    if choices and value not in choices:
        raise WrongEnvironment(f"{name} is {value!r}; it may be {', '.join(choices)}.")
    return value


def is_set(name: str) -> bool:
    """Whether `name` has a value of its own or a file that holds it."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number between `least` and `most`, both allowed."""
    raw = text(name, default)
    try:
        value = int(raw)
    except ValueError:
        raise WrongEnvironment(f"{name} is {raw!r}; it must be a whole number.") from None
    if not least <= value <= most:
        raise WrongEnvironment(f"{name} is {value}; it must be from {least} to {most}.")
    return value


def switch(name: str, default: bool) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off."""
    raw = text(name, "on" if default else "off").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise WrongEnvironment(f"{name} is {raw!r}; it may be on or off.")


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def seconds_by_name(name: str) -> dict[str, int]:
    """Pairs such as `x=45,youtube=300`: whole seconds by name, up to an hour each. Empty where it is not set."""
    found = {}
    for pair in names(name):
        key, _, seconds = pair.partition("=")
        if not key.strip() or not seconds.strip().isdecimal() or int(seconds) > 3600:
            raise WrongEnvironment(f"{name} holds {pair!r}; each entry must be such as x=45, in seconds.")
        found[key.strip()] = int(seconds)
    return found


def hours(name: str, default: str) -> tuple[int, int]:
    """A stretch of the day such as `08:00-18:00`, as minutes after midnight; it begins before it ends."""
    raw = text(name, default)
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)", raw)
    begins, ends = (
        (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    )
    if not begins < ends <= 24 * 60:
        raise WrongEnvironment(f"{name} is {raw!r}; it must be such as 08:00-18:00.")
    return begins, ends


def web_address(name: str, default: str) -> str:
    """An http or https address without its last slash: scheme, host, and a port and a path if need be."""
    raw = text(name, default)
    try:
        parts = urlsplit(raw)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        right = False
    if not right or parts.query or parts.fragment or "@" in parts.netloc or any(c.isspace() for c in raw):
        raise WrongEnvironment(
            f"{name} is {raw!r}; it must be an address such as https://smmp.wealdshire.example."
        )
    return raw.rstrip("/")


def networks(name: str) -> list[str]:
    """A comma-separated list of networks in CIDR notation; a single address is a network of one."""
    found = names(name)
    for network in found:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise WrongEnvironment(
                f"{name} holds {network!r}; each entry must be a network such as 10.0.0.0/8 or 192.0.2.7."
            ) from None
    return found


def sealing_keys(name: str) -> list[str]:
    """A comma-separated list of Fernet keys (32 bytes as URL-safe base64), newest first.

    A wrong one is named by its place in the list: the value is a secret.
    """
    found = names(name)
    for place, key in enumerate(found, start=1):
        try:
            length = len(base64.b64decode(key.encode("ascii"), altchars=b"-_", validate=True))
        except ValueError:
            length = 0
        if length != 32:
            raise WrongEnvironment(
                f"{name}: key {place} of {len(found)} is not 32 bytes as URL-safe base64. Make one with: "
                'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
            )
    return found


def broker(name: str) -> str:
    """The address of Redis or Valkey, or nothing where there is none. Its password is never repeated."""
    raw = text(name, "")
    try:
        parts = urlsplit(raw)
        right = (parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and (parts.port or 1) > 0) or (
            parts.scheme == "redis+socket" and bool(parts.path)
        )
    except ValueError:
        right = False
    if raw and not right:
        raise WrongEnvironment(
            f"{name} must be redis://HOST:PORT/NUMBER, rediss:// for TLS, or redis+socket:///PATH."
        )
    return raw


def host_and_port(name: str) -> tuple[str, int] | None:
    """A host with its port, such as `siem.example.org:6514`; None where it is not set."""
    raw = text(name, "")
    if not raw:
        return None
    parts = urlsplit(f"//{raw}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port or parts.path or "@" in raw:
        raise WrongEnvironment(
            f"{name} is {raw!r}; it must be a host and a port, such as siem.example.org:6514."
        )
    return host, port


def https_address(name: str) -> str:
    """An address that begins with https://; empty where it is not set. Secrets do not belong in it."""
    raw = text(name, "")
    if not raw:
        return ""
    parts = urlsplit(raw)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise WrongEnvironment(f"{name} must begin with https:// and a host, and hold no name or password.")
    return raw


def readable_file(name: str) -> str:
    """The path of a file that can be read; empty where it is not set."""
    raw = text(name, "")
    if not raw:
        return ""
    try:
        with Path(raw).open("rb"):
            return raw
    except OSError as error:
        raise WrongEnvironment(f"{name} points at {raw}, which cannot be read: {error.strerror}.") from error


def file_of_sha1(name: str) -> str:
    """The path of a file whose first line is a SHA-1 in hexadecimal, alone or before a colon; empty where not set."""
    path = readable_file(name)
    if path:
        with Path(path).open("rb") as lines:
            if not re.match(rb"[0-9A-Fa-f]{40}(:|\s|$)", lines.readline(200)):
                raise WrongEnvironment(
                    f"{name} points at {path}, which does not begin with a SHA-1 hash. Take the file of SHA-1 "
                    "hashes, sorted by hash."
                )
    return path


def address(name: str, *, schemes: tuple[str, ...]) -> str:
    """`scheme://host[:port][/path]` of one of these schemes; empty where nothing is set.

    http is taken for this machine alone, whoever listens there.
    """
    raw = text(name, "")
    if not raw:
        return ""
    parts = urlsplit(raw)
    try:
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        port_is_number = False
    if parts.scheme not in schemes or not parts.hostname or not port_is_number:
        raise WrongEnvironment(
            f"{name} is no address: write {schemes[0]}://HOST or {schemes[0]}://HOST:PORT."
        )
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise WrongEnvironment(f"{name} must begin with https://.")
    return raw


def database(name: str) -> dict[str, object]:
    """A Django DATABASES entry from a `postgresql://person:password@host:port/name` address.

    A unix socket folder is given as `?host=/path`. Other query parameters become libpq options.
    """
    raw = text(name)
    try:
        parts = urlsplit(raw)
    except ValueError:
        raise WrongEnvironment(f"{name} is no address: its brackets or its host are wrong.") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise WrongEnvironment(f"{name} must begin with postgresql://.")
    options: dict[str, str] = {}
    host = parts.hostname or ""
    for pair in filter(None, parts.query.split("&")):
        key, _, value = pair.partition("=")
        if key == "host":
            host = unquote(value)
        else:
            options[key] = unquote(value)
    database_name = unquote(parts.path.lstrip("/"))
    if not database_name:
        raise WrongEnvironment(f"{name} names no database: end it with /NAME.")
    try:
        port = parts.port
    except ValueError:
        raise WrongEnvironment(f"{name} has a port that is not a number.") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
    }
