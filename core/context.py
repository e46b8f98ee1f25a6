"""What belongs to the request or task at hand: its id and where it came from, for logs and audit entries,
and what was worked out once and holds until its end, and what was refused."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_source_address: ContextVar[str] = ContextVar("source_address", default="")
_kept: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)
_request_kept: ContextVar[dict[Any, Any] | None] = ContextVar("request_kept", default=None)
_refusals: ContextVar[list[Any] | None] = ContextVar("refusals", default=None)


def request_id() -> str:
    """The id of the present request or task, or an empty string outside of both."""
    return _request_id.get()


def source_address() -> str:
    """The network address that the present request came from, or an empty string where there is none."""
    return _source_address.get()


def kept() -> dict[Any, Any] | None:
    """What was worked out for the present request; None outside of one, and inside an action, which reads anew."""
    return _kept.get()


def forget(name: str) -> None:
    """What was kept under (name, …) counts no longer, also after the action that says so."""
    of_this_request = _request_kept.get() or {}
    for key in [key for key in of_this_request if key[0] == name]:
        del of_this_request[key]


def note_refusal(refusal: Any) -> None:
    """The present request was refused something for lack of permission. Nothing is noted outside of one."""
    noted = _refusals.get()
    if noted is not None:
        noted.append(refusal)


def refusals() -> list[Any]:
    """What the present request was refused for lack of permission, in order."""
    return list(_refusals.get() or ())


@contextmanager
def only_asking():
    """Inside, a refusal answers a question about somebody else and is none of whoever asks."""
    token = _refusals.set(None)
    try:
        yield
    finally:
        _refusals.reset(token)


@contextmanager
def anew():
    """Inside, nothing that was worked out before counts: what is decided here is decided on what holds now."""
    token = _kept.set(None)
    try:
        yield
    finally:
        _kept.reset(token)


@contextmanager
def request(identifier: str | None = None, *, source: str = ""):
    """Give everything inside one request id, a fresh one by default, and the address it came from."""
    token = _request_id.set(identifier or uuid4().hex)
    came_from = _source_address.set(source)
    of_this_request: dict[Any, Any] = {}
    worked_out, whole = _kept.set(of_this_request), _request_kept.set(of_this_request)
    refused = _refusals.set([])
    try:
        yield _request_id.get()
    finally:
        _refusals.reset(refused)
        _request_kept.reset(whole)
        _kept.reset(worked_out)
        _source_address.reset(came_from)
        _request_id.reset(token)
