"""Everything leaves in open formats, whole or not at all, without what must not leave."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import BinaryField

from audit.models import Entry
from core import clock
from core.commands import CommandRefused
from media import storage, vault
from media.models import File, SealedFile
from moderation.models import Attachment, ChildSeal, RawPayload
from notices.models import Notice
from retention.actions import restrictions
from smmp.export import tables, verify, writing
from tests.comments import write

SECRET_WORDS = ("secret", "password", "digest", "token", "wrapped", "_hash")
NO_SECRETS = {
    ("accounts.hook", "secret_made_at"),
    ("audit.entry", "leaf_hash"),
    ("escalation.referral", "token"),  # a form sent twice; it opens nothing
    ("moderation.quarantined", "digest"),  # of a payload
    ("moderation.rawpayload", "digest"),
    ("moderation.replyrequest", "text_hash"),  # of words that stand beside it
    ("moderation.triageversion", "digest"),
    ("publishing.approval", "content_hash"),
    ("publishing.judgement", "content_hash"),
    ("accounts.securitycheck", "password"),  # whether it is strong and in the vault
    ("moderation.paperline", "digest"),  # of a line, by which it is known again
    ("publishing.correctionapproval", "content_hash"),
    ("publishing.requirement", "content_hash"),
    ("publishing.telephoneapproval", "content_hash"),
    ("retention.tombstone", "remote_hash"),  # salted; the salt stays
    ("retention.disposal", "digest"),  # of a certificate, which whoever reads it makes anew
    ("retention.archiveoffer", "digest"),  # of its manifest, which the archive has
    ("publishing.override", "content_hash"),
    ("audit.place", "leaf_hash"),
}


def _models():
    return {
        model._meta.label_lower: model
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
    }


def test_every_table_is_exported_or_withheld_with_its_reason():
    assert tables.EXPORTED.isdisjoint(tables.WITHHELD)
    assert tables.EXPORTED | tables.WITHHELD.keys() == _models().keys()
    assert all(why.endswith(".") for why in tables.WITHHELD.values())


def test_the_database_has_no_table_that_nobody_decided_on(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        there = {name for (name,) in cursor.fetchall()}
    assert there == {model._meta.db_table for model in _models().values()} | tables.NOT_OF_A_MODEL.keys()


def test_withheld_columns_exist_and_no_other_looks_like_a_secret():
    for label, column in tables.WITHHELD_COLUMNS:
        assert label in tables.EXPORTED
        assert column in {field.column for field in apps.get_model(label)._meta.concrete_fields}
    secrets = {
        (table.label, column)
        for table in tables.exported()
        for column in table.columns
        if any(word in column for word in SECRET_WORDS)
    }
    assert secrets == NO_SECRETS
    for table in tables.exported():
        for field in table.model._meta.concrete_fields:
            if isinstance(field, BinaryField) and field.column in table.columns:
                assert table.label.startswith(
                    (
                        "audit.",
                        "exercise.picture",
                        "moderation.triageversion",
                        "retention.tombstone",
                        "notices.noticedelivery",
                    )
                )


@pytest.fixture
def stored(committed_db, wealdshire, force_account, settings, tmp_path):
    """A comment with hostile words, a picture of ours, one of the public's, and one that is sealed."""
    settings.MEDIA_STORE = str(tmp_path / "store")
    comment = write(force_account, 'quote " backslash \\ line\nbreak \u2028 end')
    sha256 = storage.put(b"a picture of ours")
    File.objects.create(
        sha256=sha256,
        kind="copy",
        name="ours.jpg",
        content_type="image/jpeg",
        size_bytes=17,
        stored_at=clock.now(),
    )
    for number, content in enumerate((b"quince paste", b"nobody sees this")):
        digest, address, key = vault.keep(content)
        file = SealedFile.objects.create(
            sha256=digest,
            stored_sha256=address,
            wrapped_key=key,
            content_type="image/jpeg",
            size_bytes=len(content),
            received_at=clock.now(),
        )
        row = Attachment.objects.create(
            comment=comment,
            number=number,
            kind="image",
            address="https://hostile.example/1",
            state="kept",
            file=file,
            settled_at=clock.now(),
        )
    ChildSeal.objects.create(attachment=row, file=file, by=wealdshire.people["amira_hussain"], at=clock.now())
    return comment


def _export(folder: Path, **options):
    out = io.StringIO()
    call_command("export_all", folder, stdout=out, **options)
    return out.getvalue()


def _rows(folder: Path, label: str):
    """Of the general part and of the restricted one."""
    paths = sorted(folder.glob(f"*/{label}.jsonl"))
    assert paths, label
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def test_everything_is_written_and_verified(stored, tmp_path):
    folder = tmp_path / "out"
    figures = json.loads(_export(folder, json=True, reason="The contract ends"))
    assert figures["sealed"] == 1
    assert figures["stored_files"] == 2
    assert not figures["missing"]
    [row] = [row for row in _rows(folder, "moderation.comment") if row["id"] == stored.pk]
    assert row["text"] == 'quote " backslash \\ line\nbreak \u2028 end'
    assert row["received_at"].endswith("+00:00")
    for label, model in _models().items():
        if label in tables.EXPORTED and not label.startswith(("audit.", "notices.")):
            assert len(_rows(folder, label)) == model._base_manager.count(), label
    read, wrong = verify.verify(folder)
    assert wrong == []
    assert read["rows"] == figures["rows"] + figures["stored_files"]
    readme = (folder / "README.md").read_text()
    assert all(f"### {label}" in readme for label in tables.EXPORTED)
    begun, finished = Entry.objects.filter(event__startswith="export.").order_by("id")
    assert begun.event == "export.begun"
    assert begun.reason == "The contract ends"
    assert finished.details["manifest_sha256"] == figures["manifest_sha256"]
    assert Notice.objects.filter(title="Everything is being exported").exists()


def test_no_secret_and_nothing_sealed_is_in_it(stored, amira_hussain, tmp_path):
    folder = tmp_path / "out"
    _export(folder)
    whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"nobody sees this" not in whole
    assert b"quince paste" in whole
    assert amira_hussain.password.encode() not in whole
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["withheld"]["sealed_files"]["count"] == 1
    assert "staff.staffmember.password" in manifest["withheld"]["columns"]
    assert "accounts.credential" in manifest["withheld"]["tables"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*"))


def test_restricted_comments_stand_apart_with_all_that_hangs_on_them(
    stored, force_account, graham_ellis, tmp_path
):
    kept = write(force_account, "Marzipan by the quay", by="quay")
    for one, file in ((kept, SealedFile.objects.first()), (stored, None)):
        RawPayload.objects.create(
            official_account_id=force_account.pk,
            external_id=one.external_id,
            source="poll",
            digest="0" * 64,
            payload={"text": one.text},
            received_at=clock.now(),
        )
        if file is not None:
            Attachment.objects.filter(comment=stored, file=file).update(comment=one)
    restrictions.restrict(
        actor=graham_ellis,
        subject_type="moderation.comment",
        subject_id=kept.pk,
        ground="accuracy",
        why="Contested",
    )
    folder = tmp_path / "out"
    _export(folder)
    general = [path for path in folder.rglob("*") if path.is_file() and "restricted" not in path.parts]
    for secret in (b"Marzipan by the quay", b"quince paste"):
        assert [path.name for path in general if secret in path.read_bytes()] == []
    apart = {path.name for path in (folder / "restricted").glob("*.jsonl") if path.stat().st_size}
    assert {
        f"moderation.{name}.jsonl" for name in ("comment", "revision", "attachment", "rawpayload")
    } <= apart
    assert [row["id"] for row in _rows(folder, "moderation.comment")].count(kept.pk) == 1
    assert b"quince paste" in b"".join(
        path.read_bytes() for path in (folder / "restricted/evidence").glob("*/*")
    )
    assert verify.verify(folder)[1] == []
    assert (
        "rows of restricted comments in `restricted/moderation.note.jsonl`"
        in (folder / "README.md").read_text()
    )


@pytest.mark.parametrize("harm", ["changed", "gone", "more", "no manifest", "list cut"])
def test_the_verifier_finds_what_was_done_to_it(stored, tmp_path, harm):
    folder = tmp_path / "out"
    _export(folder)
    [picture] = (folder / "media").glob("*/*")
    if harm == "changed":
        picture.write_bytes(b"another picture !")
    elif harm == "gone":
        picture.unlink()
    elif harm == "more":
        (folder / "tables" / "more.jsonl").write_text("{}\n")
    elif harm == "list cut":
        (folder / "files.jsonl").write_text("")
    else:
        (folder / "manifest.json").unlink()
    _, wrong = verify.verify(folder)
    assert wrong
    with pytest.raises(SystemExit) as end:
        _export(folder, verify=True)
    assert end.value.code == 1


def test_the_script_in_the_export_needs_nothing_of_ours(stored, tmp_path):
    folder = tmp_path / "out"
    _export(folder)
    whole = subprocess.run(
        [sys.executable, "-I", folder / "verify.py"], capture_output=True, text=True, cwd="/"
    )
    assert whole.returncode == 0, whole.stdout
    assert whole.stdout.endswith("The export is whole.\n")


def test_a_folder_with_something_in_it_is_refused_and_untouched(stored, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(CommandRefused, match="is not empty"):
        _export(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    assert not Entry.objects.filter(event="export.begun").exists()


def test_an_empty_folder_is_taken(stored, tmp_path):
    (tmp_path / "out").mkdir()
    _export(tmp_path / "out")
    assert verify.verify(tmp_path / "out")[1] == []


def test_a_run_that_breaks_off_leaves_nothing(stored, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.formats, "readme", full)
    monkeypatch.setattr(writing, "_text", full)
    with pytest.raises(CommandRefused, match="No space left"):
        _export(tmp_path / "out")
    assert not list(tmp_path.glob("out*"))
    assert Entry.objects.filter(event="export.failed").count() == 1


def test_what_a_killed_run_left_is_cleared_by_the_next_and_never_looks_whole(stored, tmp_path):
    left = tmp_path / "out.unfinished"
    (left / "tables").mkdir(parents=True)
    (left / ".unfinished").touch()
    (left / "tables" / "half.jsonl").write_text("{")
    assert verify.verify(left)[1]
    _export(tmp_path / "out")
    assert not left.exists()
    assert verify.verify(tmp_path / "out")[1] == []


def test_two_at_once_do_not_write_into_one_another(stored, tmp_path):
    with writing._unfinished(tmp_path / "out"), pytest.raises(CommandRefused, match="Another export"):
        writing.write(tmp_path / "out")


def test_a_damaged_file_is_named_and_the_rest_is_written(stored, tmp_path, settings):
    File.objects.create(
        sha256="0" * 64,
        kind="copy",
        name="gone.jpg",
        content_type="image/jpeg",
        size_bytes=1,
        stored_at=clock.now(),
    )
    with pytest.raises(SystemExit) as end:
        _export(tmp_path / "out", json=True)
    assert end.value.code == 1
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [one["sha256"] for one in manifest["missing"]] == ["0" * 64]
    assert verify.verify(tmp_path / "out")[1] == []
