"""The seal: nothing is passed by, one sealer at a time, silence is proved, keys change, the database forbids."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
import time_machine
from django.db import DatabaseError, connection, connections, transaction

from audit.actions import record, seals
from audit.models import Entry, Place, SealKey, Segment
from audit.seal import export, keys, queries, sealer, tree
from audit.verifier import Frontier, Key, is_consistent, unhex, verify
from core import clock
from core.actors import System
from core.errors import NotValid
from tests.audit import sealing

BASE = Path(__file__).resolve().parents[2]


@pytest.fixture
def signer(committed_db, settings, tmp_path):
    return sealing.begin(settings, tmp_path / "keys")


def whole(**given):
    report = verify(export.whole(), **given)
    assert report.passed, report.wrong
    return report


# Sealing


def test_entries_are_sealed_in_order_and_verify(signer):
    made = sealing.seal_segments(signer, [3, 0, 5])
    assert [(one.number, one.count) for one in made] == [(0, 4), (1, 0), (2, 5)]
    assert made[2].previous_head == made[1].head
    report = whole(trusted=[signer.key])
    assert (report.entries, report.segments, report.size) == (9, 3, 3)
    assert list(Place.objects.values_list("entry_id", flat=True)) == list(
        Entry.objects.order_by("id").values_list("id", flat=True)
    )


def test_a_second_round_at_once_seals_nothing(signer):
    sealing.write(2)
    assert sealing.seal(signer).count == 3
    assert sealing.seal(signer) is None
    assert sealer.seal_due() == 0


def test_after_a_minute_of_silence_there_is_a_seal_without_entries(signer):
    sealing.seal(signer)
    with time_machine.travel(clock.now() + seals.HEARTBEAT - timedelta(seconds=1), tick=False):
        assert sealing.seal(signer) is None
    with time_machine.travel(clock.now() + seals.HEARTBEAT, tick=False):
        assert sealing.seal(signer).count == 0
    assert whole().longest_silence_s < 60


def test_a_backlog_is_sealed_a_thousand_at_a_time(signer, monkeypatch):
    monkeypatch.setattr(seals, "MOST", 4)
    with transaction.atomic():
        sealing.write(11)
    assert sealer.seal_due() == 12
    assert list(Segment.objects.values_list("count", flat=True)) == [4, 4, 4]
    assert whole().entries == 12


def test_an_entry_that_commits_late_is_not_passed_by(signer):
    """Its number is lower than that of an entry sealed before it: whoever walks numbers would miss it."""
    begun, finish = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            record(actor=System("slow"), event="comment.viewed")
            begun.set()
            finish.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(20)
    quick = sealing.write()[0]
    sealing.seal(signer)
    assert not Place.objects.filter(entry_id=quick.pk).exists()
    finish.set()
    thread.join()
    sealing.seal(signer)
    late = Entry.objects.get(actor_name="slow")
    assert late.pk < quick.pk
    assert Place.objects.filter(entry_id__in=[late.pk, quick.pk]).count() == 2
    assert queries.never_sealed() is None


def test_many_writers_and_four_sealers_miss_nothing(signer):
    stop = threading.Event()
    faults: list[BaseException] = []

    def guarded(work):
        try:
            work()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    def write():
        for number in range(25):
            with transaction.atomic():
                record(actor=System("writer"), event="comment.viewed", shown_ids=[number])
                time.sleep(0.002)

    def seal():
        while not stop.is_set():
            sealing.seal(signer)

    writers = [threading.Thread(target=guarded, args=(write,)) for _ in range(8)]
    sealers = [threading.Thread(target=guarded, args=(seal,)) for _ in range(4)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    sealing.seal(signer)
    assert not faults
    assert whole().entries == Entry.objects.count() == Place.objects.count() == 201


def test_a_rolled_back_entry_leaves_no_gap_in_the_sealed_order(signer):
    with transaction.atomic():
        sealing.write(2)
        transaction.set_rollback(True)
    sealing.write()
    sealing.seal(signer)
    assert whole().entries == 2


def test_after_a_restore_into_a_new_server_everything_is_still_sealed_once(signer, monkeypatch):
    """Transactions of a new server count from the beginning: what was written in the old one lies ahead of them."""
    sealing.seal_segments(signer, [3])
    sealing.write(2)
    real = seals._last

    def from_another_server():
        last = real()
        last.horizon += 10**9
        return last

    monkeypatch.setattr(seals, "_last", from_another_server)
    assert sealing.seal(signer).count == 2
    monkeypatch.undo()
    sealing.write()
    assert sealing.seal(signer).count == 1
    assert whole().entries == 7


def test_an_entry_cannot_claim_another_transaction_than_its_own(signer):
    sealing.run(
        "INSERT INTO audit_entry (at, event, operation, actor_kind, actor_name, subject_type, subject_id, subject_name, "
        "shown_ids, details, reason, request_id, transaction_id) VALUES (now(), 'comment.viewed', '', 'staff', 'x', '', '', "
        "'', '{}', '{}', '', '', '3')"
    )
    assert sealing.run("SELECT count(*) FROM audit_entry WHERE transaction_id = '3'") == [(0,)]
    sealing.seal(signer)
    assert whole().entries == 2


def test_a_clock_that_goes_back_does_not_break_the_order(signer):
    sealing.seal_segments(signer, [1])
    sealing.write()
    with time_machine.travel(clock.now() - timedelta(hours=1), tick=False):
        later = sealing.seal(signer)
    assert later.sealed_at == Segment.objects.get(number=0).sealed_at
    whole()


KILLED = """
import os, django
django.setup()
from django.conf import settings
from pathlib import Path
settings.SEAL_KEYS = Path(os.environ["KEYS"])
from audit.actions import seals
from audit.seal import sealer
placed = seals._place
def and_die(first, rows):
    placed(first, rows)
    os.kill(os.getpid(), 9)
seals._place = and_die
sealer.seal_due()
"""


def test_a_sealer_killed_half_way_leaves_nothing_half_done(signer, settings):
    sealing.write(5)
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=BASE,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "smmp.settings.test", "KEYS": str(settings.SEAL_KEYS)},
        capture_output=True,
    )
    assert done.returncode == -9, done.stderr
    assert (Segment.objects.count(), Place.objects.count()) == (0, 0)
    # The server may take a moment to notice the death, and holds the dead sealer's lock until then.
    deadline = time.monotonic() + 60
    while not (sealed := sealer.seal_due()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert sealed == 6
    assert whole().entries == 6


# The tree in the database


def test_proofs_come_from_a_few_rows(signer):
    made = sealing.seal_segments(signer, [1, 0, 2, 1, 0, 3, 1, 1, 0, 2, 1])
    heads = [bytes(one.head) for one in made]
    grown = Frontier()
    for number, one in enumerate(export.whole().segments()):
        grown.append(export._sealed(made[number]).leaf)
        assert grown.root() == heads[number] == unhex(one["head"])
        assert tree.frontier(number + 1).hashes == grown.hashes
    for old in range(1, len(made) + 1):
        for new in range(old, len(made) + 1):
            proof = tree.consistency(old, new)
            assert is_consistent(old, new, heads[old - 1], heads[new - 1], proof)


# Keys


def test_a_key_is_changed_and_old_checkpoints_still_verify(signer, settings):
    sealing.seal_segments(signer, [2, 1])
    after = sealing.other_key(settings.SEAL_KEYS)
    seals.change_key(actor=System("infosec"), before=signer, after=after)
    sealing.write()
    with pytest.raises(NotValid, match="not the one that seals"):
        sealing.seal(signer)
    assert sealer.present_signer().key == after.key
    sealing.seal_segments(after, [2])
    for trusted in ([], [signer.key], [after.key]):
        whole(trusted=trusted)
    assert Entry.objects.filter(event="seal.key_changed").count() == 1
    stranger = sealing.other_key(settings.SEAL_KEYS / "elsewhere")
    assert not verify(export.whole(), trusted=[stranger.key]).passed


def test_a_lost_key_is_replaced_in_the_open(signer, settings):
    sealing.seal_segments(signer, [2])
    for file in settings.SEAL_KEYS.glob("*.pem"):
        file.unlink()
    with pytest.raises(keys.KeyMissing, match="rotate-key --lost"):
        sealer.present_signer()
    after = sealing.other_key(settings.SEAL_KEYS)
    seals.change_key(actor=System("infosec"), before=None, after=after)
    sealing.seal_segments(after, [1])
    for trusted in ([], [signer.key], [after.key]):
        report = verify(export.whole(), trusted=trusted)
        assert report.wrong["kind"] == "keys"
        assert "did not say so" in report.wrong["sentence"]
    whole(trusted=[signer.key, after.key])
    assert Entry.objects.filter(event="seal.key_lost").count() == 1


def test_a_key_cannot_be_changed_twice_to_the_same_or_before_it_sealed(signer, settings):
    with pytest.raises(NotValid, match="sealed already"):
        seals.change_key(actor=System("infosec"), before=signer, after=signer)
    after = sealing.other_key(settings.SEAL_KEYS)
    with pytest.raises(NotValid, match="not sealed anything"):
        seals.change_key(actor=System("infosec"), before=None, after=after)


def test_the_key_is_a_file_of_its_owner_alone_and_not_in_the_database(signer, settings):
    (file,) = settings.SEAL_KEYS.glob("*.pem")
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE KEY" in file.read_bytes()
    assert Key.read(SealKey.objects.get().key) == signer.key
    settings.DEMO = False
    settings.SEAL_KEYS = settings.SEAL_KEYS / "none"
    with pytest.raises(keys.KeyMissing):
        sealer.present_signer()


def test_outside_a_demonstration_no_key_is_made_by_itself(committed_db, settings, tmp_path):
    settings.SEAL_KEYS, settings.DEMO = tmp_path, False
    with pytest.raises(keys.KeyMissing, match="holds no key"):
        sealer.seal_due()
    for _ in range(2):
        keys.make(tmp_path, sealing.NAME)
    with pytest.raises(keys.KeyMissing, match="holds 2 keys"):
        sealer.seal_due()
    assert not SealKey.objects.exists()


# What the database forbids


CLOSED = {
    "audit_segment": "number",
    "audit_place": "position",
    "audit_sealkey": "from_segment",
    "audit_entry": "id",
}
"""Tables that nobody changes, each with a column to try it on."""


def test_the_application_cannot_change_what_is_sealed(signer):
    sealing.seal_segments(signer, [2])
    for table, column in CLOSED.items():
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                sealing.run(f"SET LOCAL smmp.disposing = 'audit'; {statement}")
    assert sealing.run("SELECT current_user") == [("smmp_app",)]
    whole()


def test_even_the_owner_meets_a_trigger(signer):
    sealing.seal_segments(signer, [2])
    address = os.environ["SMMP_TEST_ADMIN"].replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    owner = psycopg2.connect(address)
    owner.autocommit = True
    with owner.cursor() as cursor:
        for table, column in CLOSED.items():
            for statement in (
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
            ):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="cannot be changed"):
                    cursor.execute(statement)
    owner.close()


def test_a_segment_that_does_not_stand_on_the_last_is_refused(signer):
    sealing.seal_segments(signer, [2])
    good = Segment.objects.get()
    for changes in (
        {"number": 5},
        {"number": 1, "first_position": 1},
        {"number": 1, "previous_head": b"0" * 32},
        {"number": 1, "sealed_at": good.sealed_at - timedelta(seconds=1)},
    ):
        values = {field.attname: getattr(good, field.attname) for field in Segment._meta.fields}
        values |= {"first_position": 3, "previous_head": bytes(good.head)} | changes
        with pytest.raises(DatabaseError), transaction.atomic():
            Segment(**values).save(force_insert=True)
