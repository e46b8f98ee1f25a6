"""Bringing a backup back, so that nothing that was disposed of since comes back with it.

Step by step, each said on the way: the gate closes, the database is loaded, the end of the audit trail comes back from
the sinks, holds, the schedule and disposals since the backup are done again in their order, leavers leave again, what
waits to go out is kept back, and the restore itself is sealed. Then the gate opens. A run that dies leaves it closed,
and the command is given again from the beginning. Source: ICO on backups and erasure; docs/decisions/0051-backups.md.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.actions import end_grant_again
from accounts.models import Grant
from audit.actions import record, seals
from audit.models import Entry, SealKey, Segment
from audit.seal import export, journal, keys, sealer, tail
from audit.verifier import Checkpoint, Key, Report, kept_notes, told, verify
from core.acting import action
from core.actors import Actor, System
from core.commands import CommandRefused
from core.errors import Refused
from media import actions as media
from publishing.actions import lockdown
from retention import replay
from retention.actions import disposals
from smmp.backups import gate, making, tools
from staff.actions import members
from staff.models import StaffMember

RESTORE = System("restore")
NUMBERS_APART = 1_000_000
"""By so much every running number jumps, so that none given after the backup is ever given to something else."""
LEFT = "staff.member_left"
GRANT_ENDED = frozenset({"grant.ended", "grant.expired"})


@dataclass
class Restored:
    """What a restore did."""

    backup: str
    made_at: str
    brought_back: tail.Back | None = None
    done: replay.Done = field(default_factory=replay.Done)
    files_removed: int = 0
    """Files that the backup held and that had been disposed of since: their bytes are gone again."""
    left_again: int = 0
    grants_ended: int = 0
    since: dict[str, int] = field(default_factory=dict)
    """What the trail tells of the time since the backup: how many entries of each event, the commonest first."""
    lost: int = 0
    """Segments that the sinks know of and whose entries nobody has."""
    known_by_the_trail: bool = False
    segment: int | None = None
    verified: str = ""


def restore(
    folder: Path,
    *,
    by: str,
    reason: str,
    journals: Sequence[Path] = (),
    replace: bool = False,
    say: Callable[[str], None] = lambda words: None,
) -> Restored:
    """The backup in `folder` is the platform's database from now on.

    by: e-mail address of whoever of information security answers for it. journals: files and folders of what the sinks
    kept; without any, the folder of this installation. replace: whether a database that holds something may be replaced.
    Raises CommandRefused, with the gate closed where anything had been done.
    """
    address = tools.owner_address()
    manifest = checked(folder)
    reason = _reason(reason)
    _check_keys(manifest)
    there = tools.count_tables(address)
    if there and not replace:
        raise CommandRefused(
            f"The database holds {there} tables. Everything in it is replaced by the backup of {manifest['made_at']}: "
            "repeat the command with --yes if that is what you want."
        )
    places = [*journals] or _own_folder()
    result = Restored(manifest["name"], manifest["made_at"])
    say("The gate closes: nobody can sign in until this has ended well")
    gate.close(manifest["name"])
    connection.close()
    tools.empty(address)
    say(f"The database of {manifest['made_at']} is loaded")
    tools.load(address, folder / "database.dump")
    tools.manage("migrate", "--verbosity=0")
    _files_back(folder)
    _months()
    say("The end of the audit trail comes back from the sinks")
    last = Segment.objects.order_by("-number").first()
    try:
        found = journal.read(places, after=last.number + 1 if last else 0)
    except journal.JournalUnreadable as fault:
        raise CommandRefused(str(fault)) from None
    result.brought_back, pages = tail.bring_back(found)
    _check_known(manifest, result)
    _numbers_jump()
    say(f"{result.brought_back.entries:,} entries in {result.brought_back.segments:,} segments came back")
    say("Holds, the schedule and disposals since the backup are done again")
    entries = list(tail.told_by(pages))
    result.done = replay.replay(entries)
    result.since = dict(Counter(entry["event"] for entry, _ in entries).most_common())
    _people(entries, result)
    disposals.drop_months(actor=RESTORE)
    # The gate is closed: nobody is storing anything, so what came back a moment ago need not grow old first.
    result.files_removed = media.remove_left(actor=RESTORE, older_than_s=0)
    person = _answering(by)
    lockdown.start_after_restore(
        actor=RESTORE, person=person, why=f"Restored from the backup of {manifest['made_at']}"
    )
    say("The restore is sealed")
    _seal(result, person, reason, places)
    say("The gate opens")
    gate.open_again()
    return result


def checked(folder: Path) -> dict[str, Any]:
    """The manifest of a backup that is whole, file by file. Raises CommandRefused naming what is not."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != making.FORMAT:
            raise ValueError
        wanted, files = manifest["database"]["sha256"], manifest["media"]
    except (OSError, ValueError, KeyError, TypeError):
        whole = ", ".join(path.name for path in making.backups_in(folder)[-3:])
        raise CommandRefused(
            f"{folder} is no backup of this platform"
            + (
                f". The newest in it: {whole}. Name one of them."
                if whole
                else ": it has no manifest that can be read."
            )
        ) from None
    dump = folder / "database.dump"
    if not dump.is_file() or tools.sha256_of(dump) != wanted:
        raise CommandRefused(
            f"{dump} is not the file that was backed up. Take another backup; nothing was changed."
        )
    names = []
    for name, path in making.stored(folder / "media"):
        if tools.sha256_of(path) != name:
            raise CommandRefused(f"{path} is damaged. Take another backup; nothing was changed.")
        names.append(name)
    if making.digest_of_names(names) != files["sha256_of_names"]:
        raise CommandRefused(
            f"{folder} should hold {files['files']:,} files and holds others. Take another backup; nothing was changed."
        )
    return manifest


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 10 <= len(reason) <= 600:
        raise CommandRefused("Say in --reason, in 10 to 600 characters, why a backup is restored.")
    return reason


def _check_keys(manifest: dict[str, Any]) -> None:
    """Before anything is touched: what was sealed then can be opened, and the restore can be sealed."""
    missing = [one for one in manifest["keys"]["credentials"] if one not in making.key_ids()]
    if missing:
        raise CommandRefused(
            f"Platform tokens and files in this backup were sealed under keys that are not here ({', '.join(missing)}). "
            "Put them into SMMP_CREDENTIAL_KEYS, after the present one, and repeat the command."
        )
    sealing = manifest["keys"]["seal"]
    here = {one.id for one in keys.read_all(Path(settings.SEAL_KEYS), settings.SEAL_NAME)}
    if sealing and not here:
        raise CommandRefused(
            f"The restore is sealed in the audit trail, and {settings.SEAL_KEYS} holds no key. Run this where the scheduler "
            "runs, or point SMMP_SEAL_SIGNERS at a copy of its keys."
        )


def _own_folder() -> list[Path]:
    return (
        [Path(settings.SEAL_FOLDER)] if settings.SEAL_FOLDER and Path(settings.SEAL_FOLDER).is_dir() else []
    )


def _files_back(folder: Path) -> None:
    """Files that the store lacks; each stands under its own hash, so nothing is written over."""
    store = Path(settings.MEDIA_STORE)
    for name, path in making.stored(folder / "media"):
        target = store / name[:2] / name[2:4] / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = target.with_name(f".part-{os.getpid()}-{name[:8]}")
            shutil.copyfile(path, half)
            half.chmod(0o600)
            half.replace(target)


def _months() -> None:
    """The month in which the restore happens may be younger than any that the backup had made ready."""
    with connection.cursor() as cursor:
        for parent in ("audit_entry", "moderation_rawpayload"):
            cursor.execute("SELECT smmp_ensure_months(%s, current_date, 4)", [parent])


def _check_known(manifest: dict[str, Any], result: Restored) -> None:
    """The trail that came back tells of the backup by its digest. Raises CommandRefused where it is another's."""
    digests = Entry.objects.filter(event="backup.made", subject_name=manifest["name"]).values_list(
        "details", flat=True
    )
    known = {one["sha256"] for one in digests}
    if known and making.digest(manifest) not in known:
        raise CommandRefused(
            "The audit trail tells of another backup under this name: somebody has changed this one. The gate stays closed. "
            "Restore another backup, and call information security."
        )
    result.known_by_the_trail = bool(known)


def _numbers_jump() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(
                "SELECT setval(%s::regclass, last_value + %s) FROM pg_sequences "
                "WHERE schemaname = 'public' AND sequencename = %s",
                [f'public."{name}"', NUMBERS_APART, name],
            )


def _people(entries: Sequence[tuple[dict[str, Any], Any]], result: Restored) -> None:
    """Whoever left since has left, and a grant that ended since is over: nobody comes back with the backup."""
    for entry, _ in entries:
        if entry["event"] == LEFT:
            person = StaffMember.objects.filter(pk=entry["subject_id"], active=True).first()
            if person is not None:
                members.record_leaver(
                    actor=RESTORE, member=person, why="Had left before the backup was restored"
                )
                result.left_again += 1
        elif entry["event"] in GRANT_ENDED:
            grant = Grant.objects.filter(pk=entry["subject_id"]).first()
            if grant is not None and end_grant_again(actor=RESTORE, grant=grant):
                result.grants_ended += 1
    Session.objects.all().delete()


def _answering(by: str) -> StaffMember:
    person = StaffMember.objects.filter(email__iexact=by.strip(), active=True).first()
    if person is None or not person.has_perm("accounts.see_audit"):
        raise CommandRefused(
            "Name in --by the e-mail address of somebody of information security, as the backup knows them: whoever "
            "answers for a restore reads the whole trail. The gate stays closed; repeat the command."
        )
    return person


def _seal(result: Restored, person: StaffMember, reason: str, places: Sequence[Path]) -> None:
    """The trail says about itself that a backup was restored, and the whole of it verifies. Raises CommandRefused."""
    if SealKey.objects.order_by("-from_segment").first() is None:
        return
    try:
        signer = sealer.present_signer()
    except keys.KeyMissing as missing:
        raise CommandRefused(f"{missing} The gate stays closed.") from None
    report = _verified(places)
    gap = report.gap
    if gap is None and not report.passed:
        raise CommandRefused(f"The trail does not verify, and the gate stays closed. {told(report)}")
    if gap is not None:
        result.lost = gap["known"] - gap["agreed"]
    entry = _note(person, reason, result, gap)
    segment = sealer.seal_restore(actor=RESTORE, signer=signer, entry=entry, gap=gap or _no_gap())
    if segment is None:
        raise CommandRefused(
            "The restore could not be sealed: some transaction is open for long (pg_stat_activity). The gate stays closed; "
            "repeat the command when it has ended."
        )
    result.segment = segment.number
    report = _verified(places)
    result.verified = told(report)
    if not report.passed:
        raise CommandRefused(f"The trail does not verify, and the gate stays closed. {result.verified}")


def _verified(places: Sequence[Path]) -> Report:
    trusted = [Key.read(row.key) for row in SealKey.objects.all()]
    return verify(export.whole(), trusted=trusted, kept=_notes(places))


def _notes(places: Sequence[Path]) -> Iterator[str]:
    """The checkpoints of this trail among what the sinks kept."""
    origin = export.origin()
    for place in places:
        for note in kept_notes(place):
            try:
                if Checkpoint.read(note).origin == origin:
                    yield note
            except ValueError:
                continue


def _note(person: StaffMember, reason: str, result: Restored, gap: dict[str, Any] | None) -> Entry:
    try:
        if gap is not None:
            return seals.record_restore(actor=RESTORE, person=person, by="restore", reason=reason, gap=gap)
        return _record_whole(actor=RESTORE, person=person, reason=reason, result=result)
    except Refused as refusal:
        raise CommandRefused(f"{refusal.sentence} The gate stays closed.") from None


@action
def _record_whole(*, actor: Actor, person: StaffMember, reason: str, result: Restored) -> Entry:
    """A backup was restored and nothing of the trail is lost. Audits backup.restored."""
    back, done = result.brought_back, result.done
    assert back is not None
    return record(
        actor=actor,
        event="backup.restored",
        subject=person,
        subject_name=str(person),
        reason=reason,
        details={
            "person": str(person),
            "backup": result.backup,
            "agreed": back.size,
            "known": back.size,
            "entries": 0,
            "brought_back": back.entries,
            "lost_from": "",
            "lost_to": "",
            "holds": done.holds,
            "disposed": done.disposed,
            "certificates": done.certificates,
            "kept": done.kept,
        },
    )


def _no_gap() -> dict[str, Any]:
    """The trail agrees with the sinks to its end: what the restored segment says is that nothing is lost."""
    entry = (
        Entry.objects.filter(event="backup.restored")
        .order_by("-at", "-id")
        .values_list("details", flat=True)[0]
    )
    last = Segment.objects.get(number=entry["known"] - 1)
    return {"agreed": entry["agreed"], "known": entry["known"], "head": bytes(last.head).hex()}
