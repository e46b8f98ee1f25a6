"""What leaves: exports that a stranger verifies, proofs, the pages and commands, and disposal that breaks nothing."""

from __future__ import annotations

import contextlib
import io
import json
import os
import zipfile
from datetime import UTC, date, datetime, timedelta

import psycopg2
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.utils import DatabaseError
from django.urls import reverse

from audit import verifier
from audit.actions import record
from audit.models import Entry, Place, Segment, Sink
from audit.seal import export, sealer, sinks
from audit.verifier import Export, check_proof, verify
from core import clock
from core.actors import System
from core.errors import NotFound, NotValid
from retention import tasks as retention
from tests.audit import sealing


@pytest.fixture
def signer(committed_db, settings, tmp_path):
    return sealing.begin(settings, tmp_path / "keys")


def owner(statement):
    """As somebody who owns the database and switches the triggers off."""
    from django.db import connection

    address = os.environ["SMMP_TEST_ADMIN"].replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    with psycopg2.connect(address) as server, server.cursor() as cursor:
        for table in ("audit_entry", "audit_place", "audit_segment"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        for table in ("audit_entry", "audit_place", "audit_segment"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    server.close()


def run(*arguments):
    out = io.StringIO()
    call_command("audit", *arguments, stdout=out)
    return out.getvalue()


def test_an_export_verifies_elsewhere_whole_and_in_part(signer, settings, tmp_path):
    settings.SEAL_FOLDER = str(tmp_path / "kept")
    sealing.seal_segments(signer, [3, 0, 4, 0, 2])
    for place in sinks.configured():
        sealer.deliver_due(place)
    told = json.loads(run("export", str(tmp_path / "out"), "--recipient", "DI Kerr", "--json"))
    assert (told["entries"], told["last_segment"]) == (10, 4)
    assert oct((tmp_path / "out" / "entries.jsonl").stat().st_mode & 0o777) == "0o600"
    report = verify(
        Export(tmp_path / "out"), trusted=[signer.key], kept=verifier.kept_notes(tmp_path / "kept")
    )
    assert report.passed, report.wrong
    assert (report.entries, report.checkpoints_compared) == (10, 5)
    disclosed = Entry.objects.get(event="audit.sealed_exported")
    assert (disclosed.operation, disclosed.details["to"], disclosed.details["count"]) == (
        "disclosure",
        "DI Kerr",
        10,
    )
    with pytest.raises(CommandError, match="not empty"):
        run("export", str(tmp_path / "out"))

    # A part from the middle stands on a signed checkpoint of what came before, and proves one entry of it.
    third = Segment.objects.get(number=2)
    part = export.chosen(third.sealed_at - timedelta(seconds=1), third.sealed_at + timedelta(seconds=1))
    # The silence before it was sealed at the same instant.
    assert (part.first, part.last) == (1, 3)
    export.write_folder(part, tmp_path / "part")
    entry = Place.objects.get(position=5).entry_id
    report = verify(Export(tmp_path / "part"), trusted=[signer.key], inclusion=entry)
    assert report.passed, report.wrong
    assert report.entries == 4
    assert report.proofs["inclusion"]["position"] == 5
    assert verify(Export(tmp_path / "part"), inclusion=1).wrong["kind"] == "absent"

    # Two checkpoints of the trail, and one that is of no such trail.
    notes = list(Segment.objects.order_by("number").values_list("checkpoint", flat=True))
    assert verify(Export(tmp_path / "out"), consistency=(notes[1], notes[4])).passed
    assert verify(Export(tmp_path / "part"), consistency=(notes[0], notes[2])).wrong["kind"] == "range"

    with pytest.raises(NotValid, match="beginning must come before"):
        export.chosen(clock.now(), clock.now() - timedelta(days=1))
    with pytest.raises(NotFound, match="Nothing has been sealed since"):
        export.chosen(clock.now() + timedelta(days=1), None)


def test_what_is_kept_back_is_counted_and_its_words_are_not_there(signer, tmp_path):
    sealing.seal_segments(signer, [2])
    sealing.write(1, event="staff.signed_in", details={"secret": "PSD only"})
    sealing.seal(signer)
    export.write_folder(export.whole(frozenset({"staff.signed_in"})), tmp_path / "out")
    assert "PSD only" not in (tmp_path / "out" / "entries.jsonl").read_text()
    report = verify(Export(tmp_path / "out"))
    assert (report.passed, report.withheld) == (True, 1)
    assert "withheld" in verifier.told(report)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (
            "UPDATE audit_entry SET actor_name = 'Somebody Else' WHERE id = (SELECT min(id) + 2 FROM audit_entry)",
            "changed",
        ),
        ("DELETE FROM audit_entry WHERE id = (SELECT min(id) + 2 FROM audit_entry)", "missing"),
        ("DELETE FROM audit_segment WHERE number = 2", "tail"),
        (
            "INSERT INTO audit_entry (id, at, event, operation, actor_kind, actor_name, subject_type, subject_id, subject_name, "
            "shown_ids, details, reason, request_id, transaction_id, leaf_hash) SELECT 900000, at, event, operation, "
            "actor_kind, 'Put In', '', '', '', '{}', '{}', '', '', transaction_id, leaf_hash FROM audit_entry "
            "ORDER BY id LIMIT 1",
            "unsealed",
        ),
    ],
)
def test_an_owner_who_falsifies_the_database_is_found(signer, settings, tmp_path, statement, kind):
    settings.SEAL_FOLDER = str(tmp_path / "kept")
    sealing.seal_segments(signer, [3, 2, 2])
    for place in sinks.configured():
        sealer.deliver_due(place)
    assert json.loads(run("verify", "--json"))["passed"]
    owner(statement)
    out = io.StringIO()
    with (
        time_machine.travel(clock.now() + timedelta(minutes=1), tick=True),
        pytest.raises(SystemExit) as ended,
    ):
        call_command("audit", "verify", "--json", stdout=out)
    assert ended.value.code == 1
    assert json.loads(out.getvalue())["wrong"]["kind"] == kind


CUT = """
DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_place WHERE position >= {position});
DELETE FROM audit_place WHERE position >= {position};
DELETE FROM audit_segment WHERE number >= {number};
"""


def cut_from(number):
    """As after a restore of a backup that held so many segments, and as after an attack."""
    first = Segment.objects.get(number=number).first_position
    owner(CUT.format(position=first, number=number))


def deliver():
    for place in sinks.configured():
        while sealer.deliver_due(place):
            pass
        Sink.objects.filter(name=place.name).update(delivered=0)


def verified(*arguments):
    """The report of the command, a minute from now, whether it passes or not."""
    out = io.StringIO()
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        with contextlib.suppress(SystemExit):
            call_command("audit", "verify", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def restored(signer, settings, tmp_path, joan_pritchard):
    """The sinks know seven segments; a backup of four was restored, and work went on."""
    settings.SEAL_FOLDER = str(tmp_path / "kept")
    sealing.seal_segments(signer, [3, 2, 0, 4, 2, 0, 5])
    deliver()
    cut_from(4)
    with time_machine.travel(Segment.objects.get(number=3).sealed_at + timedelta(minutes=5), tick=True):
        yield signer


def acknowledge(**given):
    at = given.get("at", 4)
    return run(
        "acknowledge-restore",
        *(["--at", str(at)] if at else []),
        "--by",
        given.get("by", "joan.pritchard@wealdshire.example"),
        "--reason",
        given.get("reason", "The disk of the database failed; restored the backup of 02:00"),
    )


@pytest.mark.parametrize("goes_on", [0, 1, 9])
def test_a_restore_is_acknowledged_by_somebody_and_every_check_says_what_was_lost(
    restored, tmp_path, joan_pritchard, goes_on
):
    sealing.seal_segments(restored, [1] * goes_on)
    before = verified()
    assert before["wrong"]["kind"] == ("fork" if goes_on else "tail")
    assert (before["gap"]["agreed"], before["gap"]["known"]) == (4, 7)
    with pytest.raises(CommandError, match="--at 4"):
        acknowledge(at=None)
    with pytest.raises(CommandError, match="--at 4"):
        acknowledge(at=3)
    with pytest.raises(CommandError, match="information security"):
        acknowledge(by="amira.hussain@wealdshire.example")
    with pytest.raises(CommandError, match="10 to 600"):
        acknowledge(reason="disk")
    assert not Entry.objects.filter(event="audit.restored").exists()
    assert not Segment.objects.filter(checkpoint__contains="restored").exists()
    assert "answered for by" in acknowledge()
    sealing.seal_segments(restored, [2, 0])
    deliver()
    report = verified()
    assert report["passed"], report["wrong"]
    (loss,) = report["restores"]
    assert (loss["agreed"], loss["known"], loss["entries"], loss["checkpoints"]) == (4, 7, 7, 3)
    assert (loss["by"], loss["reason"][:8]) == (str(joan_pritchard), "The disk")
    said = run("verify")
    assert said.index("ACKNOWLEDGED LOSS") < said.index("PASS")
    assert "from there up to segment 6 is lost, 7 entries" in said
    entry = Entry.objects.get(event="audit.restored")
    assert entry.reason.startswith("The disk")
    with pytest.raises(CommandError, match="nothing to acknowledge"):
        acknowledge()
    # A stranger reads the same, over the whole and over a part that begins after it.
    run("export", str(tmp_path / "whole"))
    whole = verify(
        Export(tmp_path / "whole"), trusted=[restored.key], kept=verifier.kept_notes(tmp_path / "kept")
    )
    assert (whole.passed, whole.restores[0]["by"]) == (True, str(joan_pritchard))
    part = export.Stored(Segment.objects.count() - 2, Segment.objects.count() - 1)
    export.write_folder(part, tmp_path / "part")
    report = verify(
        Export(tmp_path / "part"), trusted=[restored.key], kept=verifier.kept_notes(tmp_path / "kept")
    )
    assert (report.passed, len(report.restores)) == (True, 1), report.wrong


def test_who_cuts_after_an_acknowledged_restore_or_cuts_it_away_is_found(restored):
    sealing.seal_segments(restored, [1])
    acknowledge()
    at = Segment.objects.get(checkpoint__contains="\nrestored ").number
    sealing.seal_segments(restored, [2, 2, 3])
    deliver()
    assert verified()["passed"]
    cut_from(at + 2)
    cut = verified()
    assert (cut["passed"], cut["wrong"]["kind"]) == (False, "tail")
    assert len(cut["restores"]) == 1
    cut_from(at)
    away = verified()
    assert (away["passed"], away["restores"]) == (False, [])
    with pytest.raises(CommandError, match="not what a restore leaves"):
        acknowledge()


def test_a_second_restore_of_the_same_backup_tells_that_an_acknowledgement_was_lost_too(restored):
    sealing.seal_segments(restored, [1])
    acknowledge()
    sealing.seal_segments(restored, [2, 2, 3])
    deliver()
    cut_from(4)
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=True):
        sealing.seal_segments(restored, [1])
        acknowledge(reason="The second disk failed; the same backup again")
        deliver()
        report = verified()
        assert report["passed"], report["wrong"]
        assert (report["restores"][0]["earlier"], report["restores"][0]["agreed"]) == (1, 4)
        assert "An earlier acknowledgement" in run("verify")


def test_a_trail_written_anew_beside_the_lost_one_is_no_restore(restored):
    with time_machine.travel(Segment.objects.get(number=3).sealed_at, tick=True):
        sealing.seal_segments(restored, [1])
    report = verified()
    assert (report["wrong"]["kind"], report["gap"]) == ("fork", None)
    with pytest.raises(CommandError, match="not what a restore leaves"):
        acknowledge()


def test_nobody_acknowledges_without_the_key_or_without_a_proof_of_who(restored, tmp_path):
    sealing.seal_segments(restored, [1])
    acknowledge()
    deliver()
    run("export", str(tmp_path / "out"))
    kept = list(verifier.kept_notes(tmp_path / "kept"))

    def falsified(change):
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        change(manifest)
        source = Export(tmp_path / "out")
        source.manifest = lambda: manifest
        return verify(source, trusted=[restored.key], kept=kept)

    assert falsified(lambda manifest: None).passed
    assert falsified(lambda manifest: manifest.pop("restores")).wrong["kind"] == "restore"
    assert falsified(lambda manifest: manifest["restores"][0].pop("proof")).wrong["kind"] == "restore"
    stranger = sealing.other_key(tmp_path / "strange")

    def signed_by_another(manifest):
        note = manifest["restores"][0]["checkpoint"]
        text = verifier.Checkpoint.read(note).text.replace("restored 4 7", "restored 1 7")
        manifest["restores"].append({"checkpoint": text + "\n" + stranger.line(text), "proof": None})

    assert falsified(signed_by_another).wrong["kind"] == "signature"

    def another_person(manifest):
        proof = manifest["restores"][0]["proof"]
        proof["entry"] = proof["entry"].replace("Joan", "John")

    assert falsified(another_person).wrong["kind"] == "proof"


def test_the_drill_finds_every_falsification_of_a_trail_that_was_restored(restored):
    sealing.seal_segments(restored, [2, 1])
    acknowledge()
    sealing.seal_segments(restored, [2, 2])
    drilled = json.loads(run("tamper-drill", "--edits", "60", "--seed", "5", "--json"))
    assert (drilled["passed"], drilled["found"]) == (True, 60)


def test_commands_say_the_state_rotate_the_key_and_drill(signer, settings):
    sealing.seal_segments(signer, [3, 2, 4, 2])
    state = json.loads(run("state", "--json"))
    assert (state["entries"], state["segments"], state["key"]) == (12, 4, signer.id)
    assert "Fewer than two sinks" in run("state")
    drilled = json.loads(run("tamper-drill", "--edits", "60", "--seed", "5", "--json"))
    assert (drilled["passed"], drilled["found"], drilled["attempts"]) == (True, 60, 60)
    proof = json.loads(run("proof", str(Place.objects.get(position=4).entry_id)))
    assert check_proof(proof, verifier.Keys(proof["keys"], [signer.key]), sealing.NAME)
    made = json.loads(run("new-key", "--json"))
    changed = json.loads(run("rotate-key", "--json"))
    assert changed["id"] == made["id"] != signer.id
    sealing.seal_segments(sealer.present_signer(), [1])
    assert json.loads(run("verify", "--json", "--key", signer.key.text))["passed"]
    for wrong in (
        ["rotate-key", "--to", "00000000"],
        ["tamper-drill", "--edits", "0"],
        ["verify", "--key", "x"],
    ):
        with pytest.raises(CommandError):
            run(*wrong)


# Disposal


def keep_from(day):
    """A period under which today's run keeps what is of this day or later, as if it had been delivered so."""
    owner(
        "ALTER TABLE retention_schedulerow DISABLE TRIGGER USER; UPDATE retention_schedulerow SET keep_for_years = NULL, "
        f"keep_for_days = {(clock.today() - day).days} WHERE slug = 'audit_entry'; "
        "ALTER TABLE retention_schedulerow ENABLE TRIGGER USER"
    )


def test_months_that_go_by_the_schedule_break_no_verification(committed_db, settings, tmp_path):
    owner("SELECT smmp_ensure_months('audit_entry', '2019-09-01', 3)")
    with time_machine.travel(datetime(2019, 9, 20, 12, tzinfo=UTC), tick=True):
        signer = sealing.begin(settings, tmp_path / "keys")
        sealing.write(3)
        sealing.seal(signer)
    # One segment reaches from October, which goes, into November, which stays.
    with time_machine.travel(datetime(2019, 10, 31, 23, 59, 59, tzinfo=UTC), tick=False):
        sealing.write(2)
    with time_machine.travel(datetime(2019, 11, 1, 0, 0, 1, tzinfo=UTC), tick=True):
        sealing.write(1)
        sealing.seal(signer)
    sealing.write(2)
    sealing.seal(signer)
    kept = list(Segment.objects.order_by("number").values_list("checkpoint", flat=True))
    keep_from(date(2019, 11, 15))
    assert retention.drop_months() == 2
    assert Entry.objects.filter(at__year=2019).count() == 1
    assert list(Place.objects.order_by("position").values_list("position", flat=True)) == [4, 5, 6, 7, 8]
    assert Segment.objects.count() == 3
    disposed = list(Entry.objects.filter(event="records.disposed").order_by("id"))
    assert [(one.details["count"], one.details["segments"]) for one in disposed] == [(4, [0, 0]), (2, [0, 1])]
    assert not verify(export.whole()).passed, "the disposal itself is not sealed yet"
    sealing.seal(signer)
    report = verify(export.whole(), trusted=[signer.key], kept=kept)
    assert report.passed, report.wrong
    assert (report.disposed, report.checkpoints_compared) == (6, 3)
    export.write_folder(export.whole(), tmp_path / "out")
    assert verify(Export(tmp_path / "out"), trusted=[signer.key]).disposed == 6
    assert "disposed of by the retention schedule" in verifier.told(report)
    assert retention.drop_months() == 0
    # What is gone anywhere else is still missing.
    youngest = Place.objects.order_by("-position").values_list("entry_id", flat=True)[0]
    owner(f"DELETE FROM audit_entry WHERE id = {youngest}")
    assert verify(export.whole()).wrong["kind"] == "missing"


def test_the_trail_is_never_kept_for_less_than_half_a_year(signer):
    keep_from(clock.today() - timedelta(days=100))
    with pytest.raises(DatabaseError, match="half a year"):
        retention.drop_months()


def test_a_month_that_is_not_sealed_or_too_young_stays(signer):
    old = datetime(2018, 5, 20, 12, tzinfo=UTC)
    owner("SELECT smmp_ensure_months('audit_entry', '2018-05-01', 1)")
    with time_machine.travel(old, tick=True):
        sealing.write(3)
    assert retention.drop_months() == 0
    sealing.seal(signer)
    assert retention.drop_months() == 0, "sealed only now: its seal is younger than the period"
    assert Entry.objects.filter(at__lt=old + timedelta(days=1)).count() == 3


def test_an_invented_disposal_of_young_entries_is_none(signer):
    sealing.seal_segments(signer, [2])
    record(
        actor=System("retention"),
        event="records.disposed",
        details={
            "class": "audit_entry",
            "count": 2,
            "segments": [0, 0],
            "before": verifier.written(clock.now()),
        },
    )
    sealing.seal(signer)
    owner("DELETE FROM audit_entry WHERE id = (SELECT min(entry_id) FROM audit_place)")
    assert verify(export.whole()).wrong["kind"] == "disposal"


# In the browser


def test_the_pages_of_the_seal(signer, client, joan_pritchard, inspector_kerr, amira_hussain):
    for name in ("seal", "sealed_export"):
        client.force_login(amira_hussain)
        assert client.get(reverse(f"audit:{name}")).status_code == 403
    client.force_login(joan_pritchard)
    assert "Nothing has been sealed yet" in client.get(reverse("audit:seal")).content.decode()
    assert (
        client.post(reverse("audit:sealed_export"), {"to": "DI Kerr", "reason": "PSD-0418"}).status_code
        == 422
    )
    waiting = Entry.objects.order_by("-id").first()
    assert "Not sealed yet" in client.get(reverse("audit:proof", args=[waiting.pk])).content.decode()

    sealing.seal(signer)
    page = client.get(reverse("audit:seal")).content.decode()
    assert "The trail is sealed." in page
    assert signer.key.text in page
    assert "No sink is set" in page

    for given, sentence in (
        ({"to": "", "reason": "PSD-0418"}, "Say who receives it"),
        ({"to": "DI Kerr", "reason": ""}, "Why is this export needed?"),
        (
            {"to": "DI Kerr", "reason": "PSD-0418", "since": "2026-02-01T00:00", "until": "2026-01-01T00:00"},
            "after the beginning",
        ),
        (
            {"to": "DI Kerr", "reason": "PSD-0418", "since": "2199-01-01T00:00"},
            "Nothing has been sealed since",
        ),
        (
            {"to": "DI Kerr", "reason": "PSD-0418", "until": "2001-01-01T00:00"},
            "for the first time after that",
        ),
        ({"to": "DI Kerr", "reason": "PSD-0418", "since": "soon"}, "Give a date and a time"),
    ):
        answer = client.post(reverse("audit:sealed_export"), given)
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True), given

    answer = client.post(reverse("audit:sealed_export"), {"to": "DI Kerr", "reason": "PSD-0418"})
    packed = io.BytesIO(b"".join(answer.streaming_content))
    names = {name.rpartition("/")[2] for name in zipfile.ZipFile(packed).namelist()}
    assert {
        "entries.jsonl",
        "segments.jsonl",
        "checkpoints.jsonl",
        "keys.json",
        "verifier.py",
        "README.txt",
    } <= names
    entry = Entry.objects.get(event="audit.sealed_exported")
    assert (entry.details["to"], entry.reason) == ("DI Kerr", "PSD-0418")

    first = Place.objects.order_by("position").values_list("entry_id", flat=True)[0]
    assert "is in the sealed trail" in client.get(reverse("audit:proof", args=[first])).content.decode()
    proof = json.loads(client.get(reverse("audit:proof_file", args=[first])).content)
    check_proof(proof, verifier.Keys(proof["keys"], [signer.key]), sealing.NAME)
    assert Entry.objects.get(event="audit.proved").subject_name == str(first)
    assert client.get(reverse("audit:proof", args=[10**12])).status_code == 404
    assert reverse("audit:proof", args=[first]) in client.get(reverse("audit:trail")).content.decode()
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        assert "The sealer is late." in client.get(reverse("audit:seal")).content.decode()


def test_a_zip_from_the_browser_verifies(signer, tmp_path):
    sealing.seal_segments(signer, [3, 0, 2])
    with (tmp_path / "out.zip").open("wb") as file:
        export.write_zip(export.whole(), file, name="sealed-trail")
    assert verifier.main([str(tmp_path / "out.zip"), "--key", signer.key.text]) == 0
