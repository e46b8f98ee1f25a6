"""What belongs to the request or task at hand: its id, for logs and audit entries."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the present request or task, or an empty string outside of both."""
    return _request_id.get()


@contextmanager
def request(identifier: str | None = None):
    """Give everything inside one request id, a fresh one by default."""
    token = _request_id.set(identifier or uuid4().hex)
    try:
        yield _request_id.get()
    finally:
        _request_id.reset(token)
