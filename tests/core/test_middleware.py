"""Whose address a request came from, and what a log line may carry."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.http import HttpResponse

from core import context
from core.logs import FaultsOnly, JsonFormatter
from core.middleware import RequestId, TrustedProxy


def seen(
    settings, rf, *, trusted: list[str], remote: str, forwarded: str = "", proto: str = ""
) -> tuple[str, str]:
    """Remote address and scheme as views see them."""
    settings.TRUSTED_PROXIES = trusted
    found = {}

    def view(request):
        found["it"] = (request.META["REMOTE_ADDR"], request.scheme)
        return HttpResponse()

    headers = {"REMOTE_ADDR": remote}
    if forwarded:
        headers["HTTP_X_FORWARDED_FOR"] = forwarded
    if proto:
        headers["HTTP_X_FORWARDED_PROTO"] = proto
    TrustedProxy(view)(rf.get("/", **headers))
    return found["it"]


def test_nobody_is_believed_by_default(settings, rf):
    assert seen(settings, rf, trusted=[], remote="192.0.2.1", forwarded="203.0.113.9", proto="https") == (
        "192.0.2.1",
        "http",
    )


def test_a_trusted_proxy_is_believed_about_address_and_scheme(settings, rf):
    answer = seen(
        settings, rf, trusted=["10.0.0.0/8"], remote="10.1.2.3", forwarded="203.0.113.9", proto="https"
    )
    assert answer == ("203.0.113.9", "https")


def test_what_a_visitor_wrote_before_the_proxy_is_not_believed(settings, rf):
    address, _ = seen(
        settings,
        rf,
        trusted=["10.0.0.0/8"],
        remote="10.1.2.3",
        forwarded="198.51.100.1, 203.0.113.9, 10.9.9.9",
    )
    assert address == "203.0.113.9"


@pytest.mark.parametrize("nonsense", ["not an address", "<script>", ",,,", "203.0.113.9:80"])
def test_nonsense_in_the_header_leaves_the_proxys_own_address(settings, rf, nonsense):
    address, _ = seen(settings, rf, trusted=["10.0.0.0/8"], remote="10.1.2.3", forwarded=nonsense)
    assert address == "10.1.2.3"


def line(message: str, *, fault: bool = False, **more) -> dict:
    try:
        raise ValueError("somebody’s words") if fault else StopIteration
    except (ValueError, StopIteration):
        info = sys.exc_info() if fault else None
    record = logging.LogRecord("smmp.test", logging.ERROR, __file__, 1, message, None, info)
    record.__dict__.update(more)
    return json.loads(JsonFormatter().format(record))


def test_a_log_line_names_the_fault_and_its_path_but_never_its_message():
    said = line("It failed", fault=True)
    assert "ValueError at test_middleware.py" in said["exc_info"]
    assert "somebody" not in json.dumps(said)


def test_a_log_line_carries_the_request_id_and_no_line_breaks():
    with context.request("abcdef12"):
        said = line("first\nsecond\x1b[31m", request=object())
    assert said["request_id"] == "abcdef12"
    assert "\n" not in said["message"]
    assert "\x1b" not in said["message"]
    assert "request" not in said


@pytest.mark.parametrize(
    ("status", "kept"), [(404, False), (403, False), (503, False), (500, True), (None, True)]
)
def test_answers_are_no_faults(status, kept):
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "x", None, None)
    if status is not None:
        record.status_code = status
    assert FaultsOnly().filter(record) is kept


@pytest.mark.parametrize(
    ("remote", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_the_address_of_a_request_has_one_written_form_and_ends_with_it(rf, remote, kept):
    found = []

    def view(request):
        found.append(context.source_address())
        return HttpResponse()

    RequestId(view)(rf.get("/", REMOTE_ADDR=remote))
    assert found == [kept]
    assert context.source_address() == ""
