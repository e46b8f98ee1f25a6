"""What belongs to the request or task at hand: its id and where it came from, for logs and audit entries."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_source_address: ContextVar[str] = ContextVar("source_address", default="")


def request_id() -> str:
    """The id of the present request or task, or an empty string outside of both."""
    return _request_id.get()


def source_address() -> str:
    """The network address that the present request came from, or an empty string where there is none."""
    return _source_address.get()


@contextmanager
def request(identifier: str | None = None, *, source: str = ""):
    """Give everything inside one request id, a fresh one by default, and the address it came from."""
    token = _request_id.set(identifier or uuid4().hex)
    came_from = _source_address.set(source)
    try:
        yield _request_id.get()
    finally:
        _source_address.reset(came_from)
        _request_id.reset(token)
