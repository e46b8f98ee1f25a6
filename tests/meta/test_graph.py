"""The library's traps do not reach a connector: HTML, huge and slow answers, redirects, proxies, defaults."""

from __future__ import annotations

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from platforms.contract import Login, OutcomeUnknown, PermanentFault, TemporaryFault
from platforms.meta import graph as graph_module
from platforms.meta.graph import Graph

APP = {"client_id": "1", "client_secret": "hush-hush"}


class Answer:
    status = 200
    body = b"{}"
    headers: dict[str, str] = {}
    wait: threading.Event | None = None
    seen: list[tuple[str, str, str]]
    cut = False


@pytest.fixture
def answer():
    found = Answer()
    found.seen = []
    return found


@pytest.fixture
def address(answer):
    class Handler(BaseHTTPRequestHandler):
        def say(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer.seen.append((self.path, self.headers.get("Authorization", ""), body.decode()))
            if answer.wait is not None:
                answer.wait.wait(5)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + (50 if answer.cut else 0)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_DELETE = say

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def graph(address):
    return Graph(name="Facebook", login=Login(address, "x", "EAAtoken", app=APP))


@pytest.mark.parametrize(
    ("status", "body"),
    [(502, b"<html>bad</html>"), (200, b"<html>hotel</html>"), (200, b'{"id": "1'), (200, b"[]"), (500, b"")],
)
def test_what_is_no_answer_is_a_fault(graph, answer, status, body):
    answer.status, answer.body = status, body
    with pytest.raises(TemporaryFault):
        graph.get("me")
    with pytest.raises(OutcomeUnknown):
        graph.post("me", "feed", message="x")
    with pytest.raises(OutcomeUnknown):
        graph.delete("5")
    with pytest.raises(TemporaryFault):
        graph.post("me", "photos", changing=False)


def test_an_answer_that_breaks_off_is_unknown_after_a_change(graph, answer):
    answer.body, answer.cut = b'{"id": "1"', True
    with pytest.raises(TemporaryFault):
        graph.get("me")
    with pytest.raises(OutcomeUnknown):
        graph.post("me", "feed", message="x")


def test_a_huge_answer_is_not_read_to_its_end(graph, answer, monkeypatch):
    monkeypatch.setattr(graph_module, "ANSWER_BYTES", 1000)
    answer.body = b'{"id": "' + b"x" * 200_000 + b'"}'
    with pytest.raises(TemporaryFault):
        graph.get("me")
    with pytest.raises(OutcomeUnknown):
        graph.post("me", "feed", message="x")


def test_silence_is_unknown_after_a_change(address, answer, monkeypatch):
    monkeypatch.setattr(graph_module, "READ_TIMEOUT_S", 0.05)
    graph = Graph(name="Facebook", login=Login(address, "x", "EAAtoken", app=APP))
    answer.wait = threading.Event()
    with pytest.raises(TemporaryFault):
        graph.get("me")
    with pytest.raises(OutcomeUnknown):
        graph.post("me", "feed", message="x")
    answer.wait.set()


def test_a_redirect_is_not_followed(graph, answer):
    answer.status, answer.headers = 302, {"Location": "/elsewhere"}
    with pytest.raises(PermanentFault, match="another address"):
        graph.get("me")
    assert len(answer.seen) == 1


def test_the_token_goes_in_a_header_and_the_app_is_proved(graph, answer):
    graph.get("me", fields="id")
    graph.post("me", "feed", message="x")
    proof = hmac.new(b"hush-hush", b"EAAtoken", hashlib.sha256).hexdigest()
    for path, authorization, body in answer.seen:
        assert authorization == "Bearer EAAtoken"
        assert f"appsecret_proof={proof}" in path
        assert "EAAtoken" not in path + body
        assert "hush-hush" not in path + body


def test_without_an_app_nothing_is_proved(address, answer):
    Graph(name="Facebook", login=Login(address, "x", "EAAtoken")).get("me")
    assert "appsecret_proof" not in answer.seen[0][0]


def test_nothing_of_the_process_is_touched(graph, address, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert graph.get("me") == {}
    assert FacebookAdsApi.get_default_api() is None
    assert FacebookSession.GRAPH == "https://graph.facebook.com"


def test_certificates_are_checked_against_the_usual_authorities(graph):
    assert graph._api._session.requests.verify is True


def test_a_fault_of_the_library_itself_names_nothing(graph, monkeypatch):
    def trip(*_args, **_kwargs):
        raise TypeError("params: {'access_token': 'EAAtoken'}")

    monkeypatch.setattr(FacebookAdsApi, "call", trip)
    with pytest.raises(OutcomeUnknown) as fault:
        graph.post("me", "feed")
    assert "EAAtoken" not in repr(fault.value)
    assert fault.value.__cause__ is None
