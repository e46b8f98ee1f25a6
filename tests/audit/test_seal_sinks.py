"""Checkpoints leave the host: each sink takes them at least once, and one that is down stops nothing."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine

from audit.actions import seals
from audit.models import Entry, Segment, Sink
from audit.seal import queries, sealer, sinks
from audit.verifier import Checkpoint, kept_notes
from core import clock
from notices.models import Notice
from smmp import tasks
from tests.audit import sealing

AT = clock.now()


def due(count):
    return [
        sinks.Due(number, AT + timedelta(seconds=number), f"note {number} —\n\nsigned\n")
        for number in range(count)
    ]


@contextmanager
def listening(answer):
    """A TCP server that hands each connection to `answer`; yields its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                answer(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()


def everything(connection):
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def test_a_folder_is_only_added_to_and_reads_back_after_a_line_was_cut_off(tmp_path):
    folder = sinks.Folder(tmp_path / "kept")
    folder.send(due(3))
    (file,) = (tmp_path / "kept").iterdir()
    before = file.read_bytes()
    with file.open("ab") as cut:
        cut.write(b'{"segment": 3, "check')
    folder.send(due(5)[3:])
    assert file.read_bytes().startswith(before)
    assert list(kept_notes(tmp_path / "kept")) == [one.note for one in due(5)]


def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(sinks.SinkFault, match="cannot be written"):
        sinks.Folder(tmp_path / "file").send(due(1))


def test_syslog_lines_are_those_of_rfc_5424_counted_in_octets():
    got = []
    with listening(lambda connection: got.append(everything(connection))) as port:
        sinks.Syslog(f"tcp://127.0.0.1:{port}").send(due(2))
    (stream,) = got
    messages = []
    while stream:
        length, _, stream = stream.partition(b" ")
        messages.append(stream[: int(length)].decode("ascii"))
        stream = stream[int(length) :]
    assert len(messages) == 2
    head, _, said = messages[1].partition(" - ")
    priority, at, _, app, _, kind = head.split(" ")
    assert (priority, app, kind) == ("<109>1", "smmp", "checkpoint")
    assert at.endswith("Z")
    assert json.loads(said) == {"segment": 1, "checkpoint": due(2)[1].note}


def test_syslog_over_udp_is_a_datagram_each():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        sinks.Syslog(f"udp://127.0.0.1:{receiver.getsockname()[1]}").send(due(2))
        assert [receiver.recv(4096).startswith(b"<109>1 ") for _ in range(2)] == [True, True]


def test_syslog_without_a_listener_or_without_tls_is_a_fault():
    with listening(lambda connection: None) as port:
        with pytest.raises(sinks.SinkFault):
            sinks.Syslog(f"tls://127.0.0.1:{port}").send(due(1))
    with pytest.raises(sinks.SinkFault):
        sinks.Syslog(f"tcp://127.0.0.1:{port}").send(due(1))


@pytest.mark.parametrize(("status", "well"), [(201, True), (500, False), (302, False)])
def test_https_counts_as_delivered_only_when_it_says_so(status, well):
    got = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["Authorization"], body))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    place = sinks.Https(f"http://127.0.0.1:{server.server_port}/seal", "secret")
    try:
        if well:
            place.send(due(2))
        else:
            with pytest.raises(sinks.SinkFault, match=str(status)):
                place.send(due(2))
    finally:
        server.shutdown()
        server.server_close()
    (authorization, body), *more = got
    assert (authorization, len(body.splitlines()), more) == ("Bearer secret", 2, [])


class Shaky:
    """A sink that fails when told to."""

    name = "syslog"

    def __init__(self):
        self.down = False
        self.got: list[int] = []

    def send(self, due):
        if self.down:
            raise sinks.SinkFault("Connection refused")
        self.got += [one.segment for one in due]


def test_a_sink_that_is_down_is_tried_again_reported_and_stops_nothing(
    committed_db, settings, tmp_path, joan_pritchard, client, monkeypatch
):
    signer = sealing.begin(settings, tmp_path / "keys")
    place = Shaky()
    monkeypatch.setattr(sinks, "configured", lambda: [place])
    sealing.seal_segments(signer, [1, 2])
    assert sealer.deliver_due(place) == 2
    assert sealer.deliver_due(place) == 0
    place.down = True
    sealing.seal_segments(signer, [1])
    assert sealer.deliver_due(place) == 0
    assert sealer.deliver_due(place) == 0, "it rests"
    row = Sink.objects.get(name="syslog")
    assert (row.failures, row.fault, row.delivered) == (1, "Connection refused", 2)
    assert Entry.objects.filter(event="seal.sink_failed").count() == 1
    assert sealing.seal_segments(signer, [1])[0].count == 2, "sealing goes on"
    now = clock.now()
    with time_machine.travel(now + timedelta(seconds=queries.SINK_LATE_S + 5), tick=False):
        assert sealer.deliver_due(place) == 0
        assert Sink.objects.get(name="syslog").failures == 2
        assert queries.state().sinks[0].late
        # The sealer does not run in this test, so it is late as well.
        assert tasks.watch_seal() == 2 == tasks.watch_seal()
        told = Notice.objects.filter(to=joan_pritchard, link="/audit/seal/")
        assert sorted(notice.title for notice in told) == [
            "Checkpoints do not reach the sink “Syslog”",
            "The audit trail is not being sealed",
        ]
        figures = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
        assert b'smmp_audit_sink_late{sink="syslog"} 1.0' in figures.content
        trail = client.get("/readyz").json()["trail"]
        assert trail["sinks"]["syslog"] == {
            "late": True,
            "age_s": trail["sinks"]["syslog"]["age_s"],
            "waiting": 2,
            "failing": True,
        }
        assert trail["late"] is True
    place.down = False
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        assert sealer.deliver_due(place) == 2
    assert place.got == [0, 1, 2, 3]
    assert Entry.objects.filter(event="seal.sink_recovered").count() == 1
    assert Sink.objects.get(name="syslog").failing_since is None


def test_a_delivery_that_was_not_noted_is_made_again(committed_db, settings, tmp_path):
    signer = sealing.begin(settings, tmp_path / "keys")
    sealing.seal_segments(signer, [1])
    folder = sinks.Folder(tmp_path / "kept")
    assert seals.lease_sink(actor=sealer.SEALER, name="folder") is not None
    folder.send([sinks.Due(0, AT, Segment.objects.get().checkpoint)])
    assert sealer.deliver_due(folder) == 0, "whoever died with the lease still holds it"
    with time_machine.travel(clock.now() + seals.LEASE + timedelta(seconds=1), tick=False):
        assert sealer.deliver_due(folder) == 1
    notes = list(kept_notes(tmp_path / "kept"))
    assert len(notes) == 2
    assert {Checkpoint.read(note).size for note in notes} == {1}
    assert Sink.objects.get().delivered == 1
