"""A backup is made, life goes on, and the backup is restored: what was disposed of since is gone for good."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection, connections
from django.test import Client

from audit.models import Entry, Segment
from audit.seal import keys, sealer, sinks
from core import clock
from core.actors import System
from core.commands import CommandRefused
from media import actions as media
from media import storage
from media.fetching import Fetched
from media.models import SealedFile
from moderation.models import Attachment, Comment
from publishing.models import Lockdown
from retention import certificate
from retention.actions.holds import ask_to_lift, lift_hold, place_hold
from retention.models import Disposal, Hold, ScheduleRow, Tombstone
from smmp.backups import gate, making, restoring
from staff.actions import members
from staff.models import StaffMember
from tests import comments, embedded
from tests.audit import sealing
from tests.retention import going

BASE = Path(__file__).resolve().parents[2]
OLD = datetime(2020, 1, 15, 12, tzinfo=UTC)
WHY = ("--reason", "The disk of the database failed")


@pytest.fixture
def sink(settings, tmp_path):
    return sinks.Folder(tmp_path / "sink")


@pytest.fixture
def stood(committed_db, wealdshire, settings, tmp_path, monkeypatch):
    """A force at work on committed rows, whose trail is sealed, and whose owner may be asked for a backup."""
    address = os.environ["SMMP_TEST_ADMIN"].replace(
        "/postgres?", f"/{embedded.database_name(embedded.working_on())}?"
    )
    monkeypatch.setenv("DATABASE_OWNER_URL", address)
    monkeypatch.setenv("SMMP_SEAL_SIGNERS", str(tmp_path / "keys"))
    monkeypatch.setenv("SMMP_MEDIA", str(tmp_path / "store"))
    settings.MEDIA_STORE = tmp_path / "store"
    settings.SEAL_NAME = "wealdshire.example/audit"
    settings.SEAL_KEYS = tmp_path / "keys"
    keys.make(tmp_path / "keys", settings.SEAL_NAME)
    signer = sealer.present_signer()
    sealing.seal(signer)
    return signer
    # The clone that is made afresh afterwards is dropped with whatever is left of a gate.


def hold_on(comment, actor, reference):
    return place_hold(
        actor=actor,
        subject_type="moderation.comment",
        subject_id=comment.pk,
        reason="A request under FOIA",
        reference=reference,
        review_on=clock.today() + timedelta(days=30),
    )


def deliver(signer, sink):
    while sealing.seal(signer):
        pass
    while sealer.deliver_due(sink):
        pass


def command(*words):
    return [sys.executable, "-W", "ignore", "manage.py", *words]


def environment():
    return {**os.environ, "DATABASE_URL": os.environ["DATABASE_URL"], "PYTHONUNBUFFERED": "1"}


def test_a_restored_backup_brings_nothing_back_that_was_disposed_of(
    stood, sink, settings, tmp_path, force_account, amira_hussain, graham_ellis, ines_moreau
):
    def old(words):
        return comments.decide(comments.write(force_account, words, at=OLD), amira_hussain, at=OLD)

    gone, kept, freed, later = old("long gone"), old("wanted"), old("held then"), old("held late")
    hold = hold_on(freed, graham_ellis, "FOI 1")
    picture = storage.put(b"a picture as it is stored")
    came_with = media.seal_received(actor=amira_hussain, received=Fetched(b"their picture", "image/png"))
    Attachment.objects.create(
        comment=gone, number=1, kind="image", address="https://x.example.org/1", state="kept", file=came_with
    )
    deliver(stood, sink)
    made = making.make(tmp_path / "backups", keep=2)

    # Life goes on: one is held, one freed, what is due goes, one hold comes too late, somebody leaves.
    kept_by = hold_on(kept, graham_ellis, "FOI 2")
    lift_hold(actor=ines_moreau, hold=ask_to_lift(actor=graham_ellis, hold=hold, reason="Answered"))
    hold_on(later, graham_ellis, "FOI 3")
    young = comments.decide(comments.write(force_account, "came after", at=OLD), amira_hussain, at=OLD)
    disposal = going.dispose(ScheduleRow.objects.get(slug="routine_comment"), clock.today())
    assert disposal.disposed_ids == [gone.pk, freed.pk, young.pk]
    members.record_leaver(actor=System("test"), member=ines_moreau, why="Left")
    deliver(stood, sink)
    head, size = bytes(Segment.objects.order_by("-number")[0].head), Segment.objects.count()
    entries = Entry.objects.count()

    shutil.rmtree(tmp_path / "store")

    # Without --yes nothing is touched; with a damaged file neither.
    words = ["restore", str(made.path), "--by", "joan.pritchard@wealdshire.example", *WHY]
    words += ["--journal", str(tmp_path / "sink")]
    asked = {"by": "joan.pritchard@wealdshire.example", "reason": WHY[1], "journals": [tmp_path / "sink"]}
    with pytest.raises(CommandRefused, match="--yes"):
        restoring.restore(made.path, **asked)
    dump = made.path / "database.dump"
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-1])
    with pytest.raises(CommandRefused, match="not the file that was backed up"):
        restoring.restore(made.path, **asked, replace=True)
    dump.write_bytes(whole)
    settings.CREDENTIAL_KEYS, keys_of_then = [Fernet.generate_key().decode()], settings.CREDENTIAL_KEYS
    with pytest.raises(CommandRefused, match="SMMP_CREDENTIAL_KEYS"):
        restoring.restore(made.path, **asked, replace=True)
    settings.CREDENTIAL_KEYS = keys_of_then
    assert not gate.is_closed()

    # The first restore is killed half way: the gate stays closed, whoever asks.
    connections.close_all()
    killed = subprocess.Popen(command(*words, "--yes"), cwd=BASE, env=environment(), stdout=subprocess.PIPE)
    for line in killed.stdout:
        if b"done again" in line:
            os.kill(killed.pid, signal.SIGKILL)
            break
    assert killed.wait() == -signal.SIGKILL
    assert gate.is_closed()
    browser = Client(raise_request_exception=False, headers={"host": "localhost"})
    answer = browser.post(
        "/sign-in/", {"email": "amira.hussain@wealdshire.example", "password": "x"}, secure=True
    )
    assert (answer.status_code, gate.SENTENCE in answer.content.decode()) == (503, True)
    assert browser.get("/sign-in/", secure=True).status_code in (200, 503)
    connections.close_all()

    again = subprocess.run(
        command(*words, "--yes", "--json"),
        cwd=BASE,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert not gate.is_closed()

    # Gone is gone, held is held, and what came after the backup cannot come in again.
    there = set(
        Comment.objects.filter(pk__in=[gone.pk, kept.pk, freed.pk, later.pk]).values_list("pk", flat=True)
    )
    assert there == {kept.pk, later.pk}
    assert Hold.objects.filter(lifted_at=None).count() == 2
    assert Hold.objects.get(pk=kept_by.pk).reference == "FOI 2"
    assert set(Tombstone.objects.values_list("subject_id", flat=True)) == {gone.pk, freed.pk, young.pk}
    assert told["done"]["disposed"] == 2
    assert told["done"]["tombstones"] == 3
    again_there = Disposal.objects.get(pk=disposal.pk)
    assert certificate.digest(certificate.document(again_there)) == again_there.digest
    assert again_there.entry_id == disposal.entry_id
    assert not StaffMember.objects.get(pk=ines_moreau.pk).active
    assert Lockdown.objects.filter(lifted_at=None, drill=False).count() == 1
    assert Comment.objects.filter(text="long gone").count() == 0
    assert storage.get(picture) == b"a picture as it is stored"
    assert not SealedFile.objects.exists()
    with pytest.raises(storage.Damaged):
        storage.get(came_with.stored_sha256)
    assert told["files_removed"] == 1

    # The trail is as it was sealed, says that a backup was restored, and goes on.
    assert bytes(Segment.objects.get(number=size - 1).head) == head
    assert Entry.objects.count() > entries
    assert told["known_by_the_trail"]
    assert told["lost"] == 0
    assert told["verified"].startswith("RESTORED: ")
    assert "nothing of it is lost" in told["verified"]
    new = comments.write(force_account, "the day after", at=clock.now())
    assert new.pk > young.pk + 1000
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('smmp_app', 'audit_entry', 'UPDATE')")
        assert cursor.fetchone() == (False,)
