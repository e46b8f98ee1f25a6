"""The HTTP layer judges each answer once, beside the response, and tells no secret."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from platforms import http
from platforms.contract import OutcomeUnknown, PermanentFault, TemporaryFault
from platforms.http import Http


class Answer:
    """What the platform says next."""

    status = 200
    body = b"{}"
    headers: dict[str, str] = {}
    wait: threading.Event | None = None


@pytest.fixture
def answer():
    return Answer()


@pytest.fixture
def platform(answer):
    class Handler(BaseHTTPRequestHandler):
        def say(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if answer.wait is not None:
                answer.wait.wait(5)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = say

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield Http(
        name="Chatter",
        base_url=f"http://127.0.0.1:{server.server_port}",
        headers={"Authorization": "Bearer hush-hush"},
    )
    server.shutdown()
    server.server_close()


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr(http.clock, "now", lambda: datetime(2026, 11, 28, 12, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("status", "body", "reading", "changing"),
    [
        (400, b'{"message": "No."}', PermanentFault, PermanentFault),
        (401, b"", PermanentFault, PermanentFault),
        (403, b"<html>no</html>", PermanentFault, PermanentFault),
        (404, b"[]", PermanentFault, PermanentFault),
        (302, b"", PermanentFault, PermanentFault),
        (429, b"{}", TemporaryFault, TemporaryFault),
        (500, b"{}", TemporaryFault, OutcomeUnknown),
        (502, b"<html>bad gateway</html>", TemporaryFault, OutcomeUnknown),
        (503, b"", TemporaryFault, OutcomeUnknown),
        (200, b"<html>hotel</html>", TemporaryFault, OutcomeUnknown),
        (200, b"\xff\xfe", TemporaryFault, OutcomeUnknown),
    ],
)
def test_each_answer_is_one_kind_of_fault(platform, answer, status, body, reading, changing):
    answer.status, answer.body = status, body
    with pytest.raises(reading) as read:
        platform.get("/x")
    with pytest.raises(changing) as changed:
        platform.send("POST", "/x", json={})
    for fault in (read.value, changed.value):
        assert type(fault) in (PermanentFault, TemporaryFault, OutcomeUnknown)
        assert "hush" not in f"{fault.sentence}{fault!r}"
        assert "<html" not in fault.sentence
        assert fault.sentence.startswith("Chatter")


def test_an_empty_answer_to_a_change_is_success(platform, answer):
    answer.status, answer.body = 204, b""
    assert platform.send("POST", "/x") is None


def test_a_rate_limit_says_how_long_where_the_platform_does(platform, answer):
    answer.status = 429
    for header, seconds in (("12", 12.0), ("soon", None), (None, None)):
        answer.headers = {"Retry-After": header} if header else {}
        with pytest.raises(TemporaryFault) as fault:
            platform.get("/x")
        assert fault.value.retry_after_s == seconds


def test_the_platforms_own_reason_is_told_and_kept_short(platform, answer):
    answer.status, answer.body = 400, b'{"message": "' + b"x" * 5000 + b'"}'
    with pytest.raises(PermanentFault, match="xxx") as fault:
        platform.get("/x")
    assert len(fault.value.sentence) < 400


def test_silence_is_unknown_while_changing_and_temporary_while_reading(platform, answer, monkeypatch):
    platform._client.timeout = httpx.Timeout(0.05)
    answer.wait = threading.Event()
    with pytest.raises(OutcomeUnknown):
        platform.send("POST", "/x", json={})
    with pytest.raises(TemporaryFault):
        platform.get("/x")
    answer.wait.set()


def test_a_redirect_is_not_followed_with_the_credential(platform, answer):
    answer.status, answer.headers = 307, {"Location": "http://192.0.2.1/steal"}
    with pytest.raises(PermanentFault):
        platform.send("POST", "/x", json={})


def test_what_a_platform_says_of_its_limits_is_kept(platform, answer):
    answer.headers = {"X-RateLimit-Remaining": "41"}
    platform.get("/x")
    assert platform.headers["x-ratelimit-remaining"] == "41"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "Sat, 28 Nov 2026 12:01:00 GMT"}, 60.0),
        ({"x-rate-limit-reset": "1795867320"}, 120.0),
        ({"x-ratelimit-reset": "2026-11-28T12:03:00.000000Z"}, 180.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "1e12"}, http.LONGEST_WAIT_S),
        ({"retry-after": "nan"}, None),
        ({"x-ratelimit-reset": "tomorrow"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_from_whichever_header_says_it(at_noon, headers, seconds):
    assert http.wait_s(headers) == seconds


def test_an_answer_of_a_hundred_megabytes_is_not_read_to_its_end(platform, answer, monkeypatch):
    monkeypatch.setattr(http, "ANSWER_BYTES", 1000)
    answer.body = b'"' + b"x" * 2000 + b'"'
    with pytest.raises(TemporaryFault):
        platform.get("/x")
    with pytest.raises(OutcomeUnknown):
        platform.send("POST", "/x", json={})


def test_an_answer_that_trickles_is_given_up(platform, answer, monkeypatch):
    monkeypatch.setattr(http, "ANSWER_WITHIN_S", -1.0)
    with pytest.raises(TemporaryFault):
        platform.get("/x")


def test_the_raw_answer_is_kept_apart_without_tokens(platform, answer):
    answer.status = 400
    answer.body = b'{"message": "No.", "access_token": "EAAB-secret-token", "was": "Bearer abcdef123456"}'
    with pytest.raises(PermanentFault) as fault:
        platform.get("/x")
    assert "secret-token" not in fault.value.raw
    assert "abcdef123456" not in fault.value.raw
    assert "No." in fault.value.raw


def test_every_call_has_a_time_out():
    made = Http(name="Chatter", base_url="http://127.0.0.1:1")._client.timeout
    assert (made.connect, made.read) == (http.CONNECT_TIMEOUT_S, http.READ_TIMEOUT_S)
