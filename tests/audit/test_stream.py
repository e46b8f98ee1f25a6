"""The trail on its way to a SIEM, against real TLS servers on this machine."""

from __future__ import annotations

import io
import json
import re
import socket
import ssl
import struct
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command

from audit import stream, tasks
from audit.actions import record
from audit.models import Entry, Follower
from core.actors import System
from core.commands import CommandRefused
from smmp import env

DESK = System("desk")
LINE = re.compile(
    rb"<109>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) smmp\.wealdshire\.example smmp - (\S{1,32}) "
    rb'\[smmp@32473 entry="(\d+)" leaf="([0-9a-f]{64})"\] \xef\xbb\xbf(\{.*\})',
    re.S,
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of its own authority for localhost: its file with the key, and without."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=400))
        .not_valid_after(at + timedelta(days=4000))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    public = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(public)
    (folder / "both.pem").write_bytes(private + public)
    return folder


def server_context(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "both.pem")
    return context


class Collector:
    """A syslog collector over TLS: takes what comes until the sender closes, or breaks off in the middle."""

    def __init__(self, certificate) -> None:
        self.context = server_context(certificate)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.taken: list[bytes] = []
        self.break_off = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while True:
            try:
                plain, _ = self.listening.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(plain, server_side=True) as secure:
                    if self.break_off:
                        secure.recv(10)
                        secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        continue
                    whole = b""
                    while part := secure.recv(65_536):
                        whole += part
                    self.taken += list(frames(whole))
                    secure.unwrap()
            except OSError:
                continue

    def close(self) -> None:
        self.listening.close()


def frames(whole: bytes):
    """RFC 5425: the length in octets, a space, the message."""
    reader = io.BytesIO(whole)
    while digits := reader.read(1):
        while (one := reader.read(1)) != b" ":
            digits += one
        message = reader.read(int(digits))
        assert len(message) == int(digits)
        yield message


@pytest.fixture
def collector(certificate, settings):
    made = Collector(certificate)
    settings.SIEM_SYSLOG = ("localhost", made.port)
    settings.SIEM_CA = str(certificate / "ca.pem")
    settings.SIEM_HOSTNAME = "smmp.wealdshire.example"
    yield made
    made.close()


@pytest.fixture
def receiver(certificate, settings):
    """An HTTPS receiver; `answers` holds the status of each coming answer, then 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = server.answers.pop(0) if server.answers else 200
            server.got.append((dict(self.headers), body, status))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "https://elsewhere.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.answers = [], []
    server.socket = server_context(certificate).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings.SIEM_HTTPS = f"https://localhost:{server.server_address[1]}/in"
    settings.SIEM_HTTPS_TOKEN = "a-token"
    settings.SIEM_CA = str(certificate / "ca.pem")
    yield server
    server.shutdown()
    server.server_close()


def entry(name="Łódź “quoted” ] \n"):
    return record(actor=DESK, event="file.viewed", subject_name=name)


def numbers(messages: list[bytes]) -> list[int]:
    return [int(LINE.fullmatch(message)[3]) for message in messages]


def ready_again() -> None:
    Follower.objects.update(try_at=None)


def test_it_is_off_until_an_address_is_set(committed_db):
    entry()
    assert tasks.send_on() == 0
    assert not Follower.objects.exists()
    with pytest.raises(CommandRefused):
        call_command("audit_stream")


def test_entries_leave_as_rfc_5424_over_tls_once(committed_db, collector):
    first, second = entry(), entry("two")
    assert tasks.send_on() == 2
    collector.thread.join(0.2)
    assert numbers(collector.taken) == [first.pk, second.pk]
    said = LINE.fullmatch(collector.taken[0])
    kept = Entry.objects.get(pk=first.pk)
    assert said[2] == b"file.viewed"
    assert said[4].decode() == bytes(kept.leaf_hash).hex()
    assert json.loads(said[5])["subject"]["name"] == first.subject_name
    assert tasks.send_on() == 0
    assert len(collector.taken) == 2


def test_a_collector_that_breaks_off_is_sent_the_same_again(committed_db, collector):
    made = [entry(str(n)).pk for n in range(3)]
    collector.break_off = True
    assert tasks.send_on() == 0
    held = Follower.objects.get(name="siem-syslog")
    assert (held.failures, held.entry_id) == (1, 0)
    assert held.try_at is not None
    collector.break_off = False
    assert tasks.send_on() == 0  # the pause lasts
    ready_again()
    assert tasks.send_on() == 3
    assert numbers(collector.taken)[-3:] == made
    assert Follower.objects.get(name="siem-syslog").failures == 0


def test_nobody_else_is_told(committed_db, collector, settings, tmp_path, certificate):
    entry()
    settings.SIEM_CA = ""
    assert tasks.send_on() == 0
    assert Follower.objects.get().fault == "SSLCertVerificationError"
    assert collector.taken == []
    collector.close()
    settings.SIEM_CA = str(certificate / "ca.pem")
    settings.SIEM_SYSLOG = ("localhost", 1)
    ready_again()
    assert tasks.send_on() == 0
    assert Follower.objects.get().failures == 2


def test_json_lines_over_https_until_they_are_taken(committed_db, receiver):
    made = [entry(str(n)).pk for n in range(2)]
    receiver.answers = [503, 302]
    for _ in range(2):
        assert tasks.send_on() == 0
        ready_again()
    assert Follower.objects.get(name="siem-https").fault == "answered 302"
    assert tasks.send_on() == 2
    assert [status for *_, status in receiver.got] == [503, 302, 200]
    headers, body, _ = receiver.got[-1]
    assert headers["Authorization"] == "Bearer a-token"
    assert headers["Content-Type"].startswith("application/x-ndjson")
    assert [json.loads(line)["entry"] for line in body.decode().splitlines()] == made


def test_what_professional_standards_keep_to_themselves_never_leaves(committed_db, receiver, monkeypatch):
    monkeypatch.setattr(stream, "RESTRICTED", frozenset({"lockdown.started"}))
    record(actor=DESK, event="lockdown.started")
    open_one = entry()
    assert tasks.send_on() == 2
    (_, body, _), *more = receiver.got
    assert more == []
    assert [json.loads(line)["entry"] for line in body.decode().splitlines()] == [open_one.pk]


def test_a_stream_may_begin_with_what_is_to_come(committed_db, receiver, capsys):
    entry("old")
    call_command("audit_stream")
    call_command("audit_stream", "--from-now")
    assert "siem-https: 1 entries to send" in capsys.readouterr().out
    new = entry("new")
    tasks.send_on()
    sent = [json.loads(line)["entry"] for _, body, _ in receiver.got for line in body.decode().splitlines()]
    assert new.pk in sent
    assert "old" not in receiver.got[-1][1].decode()


def test_the_lag_stands_on_the_health_figures(committed_db, client, receiver, settings):
    settings.METRICS_TOKEN = "t" * 20
    receiver.answers = [500]
    entry()
    tasks.send_on()
    page = client.get(
        "/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    ).content.decode()
    assert 'smmp_audit_stream_failures{stream="siem-https"} 1.0' in page
    lag = re.search(r'smmp_audit_stream_lag_seconds\{stream="siem-https"\} ([0-9.e-]+)', page)
    assert float(lag[1]) > 0
    ready_again()
    tasks.send_on()
    page = client.get(
        "/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    ).content.decode()
    assert 'smmp_audit_stream_lag_seconds{stream="siem-https"} 0.0' in page
    assert "smmp_alerts_open 0.0" in page


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (env.host_and_port, "siem.example"),
        (env.host_and_port, "siem.example:port"),
        (env.host_and_port, "siem.example:99999"),
        (env.host_and_port, "a@siem.example:6514"),
        (env.https_address, "http://siem.example/"),
        (env.https_address, "https://name:secret@siem.example/"),
        (env.readable_file, "/nowhere/ca.pem"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(monkeypatch, read, given):
    monkeypatch.setenv("SMMP_SIEM", given)
    with pytest.raises(env.WrongEnvironment, match="SMMP_SIEM"):
        read("SMMP_SIEM")
    monkeypatch.delenv("SMMP_SIEM")
    assert not read("SMMP_SIEM")


def test_right_settings_are_read(monkeypatch):
    monkeypatch.setenv("SMMP_SIEM", "[2001:db8::1]:6514")
    assert env.host_and_port("SMMP_SIEM") == ("2001:db8::1", 6514)
    monkeypatch.setenv("SMMP_SIEM", "https://siem.example/in")
    assert env.https_address("SMMP_SIEM") == "https://siem.example/in"
