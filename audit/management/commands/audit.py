"""`manage.py audit …`: export and verify the sealed trail, take out a proof, change its key, rehearse a forgery."""

from __future__ import annotations

import getpass
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from audit.actions import record, seals
from audit.models import SealKey, Segment
from audit.seal import drill, export, keys, queries, sealer
from audit.verifier import Export, Key, Wrong, kept_notes, told, verify
from core.acting import action
from core.actors import System
from core.clock import LONDON
from core.commands import CommandRefused
from core.errors import Refused

COMMAND = System("audit command")
DRILL_ENTRIES = 400
DRILL_SEGMENTS = 24


class Command(BaseCommand):
    help = (
        "Export, verify and look after the sealed audit trail. Exit status 1 where something in it is wrong."
    )

    def add_arguments(self, parser):
        what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")

        def command(name, words):
            # Django's own parser class asks for arguments that a subcommand does not have.
            made = what.add_parser(name, help=words)
            made.add_argument("--json", action="store_true", dest="as_json", help="answer in JSON")
            return made

        out = command("export", "write entries, segments, checkpoints and public keys into a new folder")
        out.add_argument("folder", type=Path)
        out.add_argument(
            "--from", dest="since", type=_moment, help="2026-11-28 or 2026-11-28T09:30, London time"
        )
        out.add_argument("--to", dest="until", type=_moment, help="the end, which is not inside")
        out.add_argument("--recipient", default="", help="to whom it is disclosed; stands in the trail")
        check = command(
            "verify", "check the whole trail in the database, and what the folder of checkpoints knows"
        )
        check.add_argument("--key", action="append", default=[], help="a public key that you were handed")
        check.add_argument(
            "--checkpoints", action="append", default=[], type=Path, help="checkpoints kept elsewhere"
        )
        restored = command(
            "acknowledge-restore",
            "record that a backup was restored, so that checks say what was lost and go on",
        )
        restored.add_argument(
            "--by", default="", help="e-mail address of whoever of information security answers for it"
        )
        restored.add_argument("--reason", default="", help="why, and which backup; stands in the trail")
        restored.add_argument(
            "--at", type=int, help="how many segments the backup held, as the command says without this"
        )
        restored.add_argument(
            "--checkpoints", action="append", default=[], type=Path, help="checkpoints kept elsewhere"
        )
        one = command("proof", "the proof that one entry is in the trail")
        one.add_argument("entry", type=int)
        command("state", "how the seal fares: last segment, key, sinks")
        command("new-key", "make a private key in the folder SMMP_SEAL_SIGNERS, without using it yet")
        change = command("rotate-key", "seal with another key from now on; the old one signs for it")
        change.add_argument(
            "--to",
            dest="key_id",
            default="",
            help="id of a key in the folder; else the one that has not been used yet, or a new one",
        )
        change.add_argument(
            "--lost", action="store_true", help="the present key is lost: nobody signs for the new one"
        )
        forge = command("tamper-drill", "falsify a copy of the trail many times, and verify each time")
        forge.add_argument("--edits", type=int, default=10_000)
        forge.add_argument(
            "--export", type=Path, help="a copy made before; else the newest part of the trail"
        )
        forge.add_argument("--seed", type=int, help="repeat the drill of that number")

    def handle(self, *args, what, as_json, **options):
        self.as_json = as_json
        try:
            getattr(self, what.replace("-", "_"))(options)
        except Refused as refusal:
            raise CommandRefused(refusal.sentence) from None
        except keys.KeyMissing as missing:
            raise CommandRefused(str(missing)) from None

    def export(self, options):
        source = export.chosen(options["since"], options["until"])
        if options["folder"].exists() and any(options["folder"].iterdir()):
            raise CommandRefused(f"{options['folder']} is not empty. Choose a new folder for the export.")
        count = source.count
        _record_export(actor=COMMAND, source=source, recipient=options["recipient"])
        export.write_folder(source, options["folder"])
        self._say(
            {
                "folder": str(options["folder"]),
                "entries": count,
                "first_segment": source.first,
                "last_segment": source.last,
                "key": source.keys()[0]["key"],
            },
            f"{count:,} entries in segments {source.first} to {source.last} are in {options['folder']}.\n"
            f"Hand this key over by another way: {source.keys()[0]['key']}\n"
            f"To verify: python {options['folder']}/verifier.py {options['folder']} --key KEY",
        )

    def verify(self, options):
        source = export.whole()
        try:
            trusted = [Key.read(_text(given)) for given in options["key"]]
        except ValueError as wrong:
            raise CommandRefused(str(wrong)) from None
        report = verify(source, trusted=trusted, kept=_kept(options["checkpoints"]))
        waiting = queries.state()
        answer = asdict(report) | {"unsealed": waiting.unsealed, "seal_late": waiting.late}
        words = told(report)
        if report.passed and waiting.late:
            words += f"\nThe sealer is late: {waiting.unsealed:,} entries wait for their seal."
        never = queries.never_sealed()
        if report.passed and never is not None:
            answer |= {"passed": False, "wrong": {"kind": "unsealed", "entry": never}}
            words = f"WRONG: Entry {never} lies behind the sealed part of the trail and was never sealed: it was put in."
        self._say(answer, words)
        if not answer["passed"]:
            raise SystemExit(1)

    def acknowledge_restore(self, options):
        report = verify(export.whole(), kept=_kept(options["checkpoints"]))
        if report.passed:
            raise CommandRefused(f"There is nothing to acknowledge.\n{told(report)}")
        gap = report.gap
        if gap is None or gap["agreed"] < 1:
            raise CommandRefused(f"This is not what a restore leaves behind. {told(report)}")
        span = (
            f"The trail agrees with the checkpoints kept elsewhere up to {gap['agreed']} segments; they know "
            f"{gap['known']}, the newest sealed at {gap['lost_to']}. What lies between is lost."
        )
        if options["at"] != gap["agreed"]:
            raise CommandRefused(
                f"{span}\nNothing is recorded yet. Where a backup of {gap['agreed']} segments was restored, repeat this with "
                f"--at {gap['agreed']} --by ADDRESS --reason TEXT. Where none was, somebody has cut or rewritten the trail."
            )
        person = get_user_model()._default_manager.filter(email__iexact=options["by"].strip()).first()
        if person is None:
            raise CommandRefused("Name who answers for it: --by with the e-mail address of a staff member.")
        signer = sealer.present_signer()
        entry = seals.record_restore(
            actor=COMMAND, person=person, by=_by()["by"], reason=options["reason"], gap=gap
        )
        segment = sealer.seal_restore(actor=COMMAND, signer=signer, entry=entry, gap=gap)
        if segment is None:
            raise CommandRefused(
                "The entry is written and could not be sealed: some transaction is open for long (pg_stat_activity). "
                "Repeat the command when it has ended."
            )
        self._say(
            {"segment": segment.number, "entry": entry.pk, **gap},
            f"{span}\nThat stands in the trail as entry {entry.pk}, answered for by {person}, and in the checkpoint of "
            f"segment {segment.number}, which leaves for the sinks. Every later check says so.",
        )

    def proof(self, options):
        record(
            actor=COMMAND,
            event="audit.proved",
            subject_name=str(options["entry"]),
            details=_by() | {"to": "the command line"},
        )
        self.stdout.write(json.dumps(export.proof(options["entry"]), indent=2, ensure_ascii=False))

    def state(self, options):
        now = queries.state()
        answer = queries.as_json(now)
        lines = [
            f"Sealed: {now.entries:,} entries in {now.last.number + 1:,} segments, the last {now.age_s:.0f} s ago"
            if now.last
            else "Nothing has been sealed yet.",
            f"Waiting for their seal: {now.unsealed:,} entries",
            f"Key: {now.key.text if now.key else 'none yet'}",
        ]
        for sink in now.sinks:
            age = "never" if sink.age_s is None else f"newest checkpoint there sealed {sink.age_s:.0f} s ago"
            fault = f"; failing: {sink.fault}" if sink.failing_since else ""
            lines.append(f"{sink.title}: {age}, {sink.waiting:,} waiting{fault}")
        if now.too_few_sinks:
            lines.append("Fewer than two sinks are set: see docs/operations.md.")
        self._say(answer, "\n".join(lines))

    def new_key(self, options):
        made = keys.make(Path(settings.SEAL_KEYS), settings.SEAL_NAME)
        self._say(
            {"id": made.id, "key": made.key.text},
            f"The key {made.id} is in {settings.SEAL_KEYS}: {made.key.text}",
        )

    def rotate_key(self, options):
        folder = Path(settings.SEAL_KEYS)
        present = seals.present_key()
        if present is None:
            raise CommandRefused("The trail has no key yet: the scheduler begins with the one in the folder.")
        name = Key.read(present.key).name
        before = None if options["lost"] else sealer.present_signer()
        if options["key_id"]:
            after = next((one for one in keys.read_all(folder, name) if one.id == options["key_id"]), None)
            if after is None:
                raise CommandRefused(f"There is no key {options['key_id']} in {folder}.")
        else:
            used = set(SealKey.objects.values_list("key", flat=True))
            waiting = [one for one in keys.read_all(folder, name) if one.key.text not in used]
            after = waiting[0] if len(waiting) == 1 else keys.make(folder, name)
        changed = seals.change_key(actor=COMMAND, before=before, after=after)
        self._say(
            {"key": changed.key, "id": after.id, "from_segment": changed.from_segment},
            f"From segment {changed.from_segment} on the key {after.id} seals the trail: {changed.key}\n"
            + (
                "Nobody signed for it. Tell whoever verifies both keys, and why."
                if options["lost"]
                else "The old key signed for it. Its private file may be destroyed; its public key stays in the trail."
            ),
        )

    def tamper_drill(self, options):
        seed = options["seed"] if options["seed"] is not None else secrets.randbelow(10**6)
        if options["edits"] < 1:
            raise CommandRefused("Give a number of edits from 1 on.")
        try:
            source = Export(options["export"]) if options["export"] else _newest_part()
            outcome = drill.run(drill.copy_of(source), edits=options["edits"], seed=seed)
        except (ValueError, Wrong, OSError) as fault:
            raise CommandRefused(str(fault)) from None
        answer = outcome.as_json() | {"seed": seed}
        lines = [
            f"{kind}: {outcome.found[kind]:,} of {outcome.attempts[kind]:,} found" for kind in drill.KINDS
        ]
        lines.append(
            f"{answer['found']:,} of {answer['attempts']:,} falsifications were found on a copy of {outcome.entries} "
            f"entries in {outcome.segments} segments; of {outcome.named:,} the very place was named (drill {seed})."
        )
        lines.append(
            f"A cut at the end can go unseen for {outcome.unseen_at_most_s:.1f} s at most: by then the next checkpoint "
            f"is missed. Longer silences, which the verifier reports: {outcome.outages}."
        )
        self._say(answer, "\n".join(lines))
        if not outcome.passed:
            raise SystemExit(1)

    def _say(self, answer, words):
        self.stdout.write(json.dumps(answer, indent=2) if self.as_json else words)


@action
def _record_export(*, actor, source: export.Stored, recipient: str) -> None:
    record(
        actor=actor,
        event="audit.sealed_exported",
        details=_by()
        | {
            "count": source.count,
            "to": recipient or "nobody named",
            "segments": [source.first, source.last],
            "since": source.since.isoformat() if source.since else None,
            "until": source.until.isoformat() if source.until else None,
        },
    )


def _by() -> dict[str, str]:
    """Who is signed in to the machine on which the command runs."""
    try:
        return {"by": getpass.getuser()}
    except (KeyError, OSError):
        return {"by": "unknown"}


def _newest_part() -> export.Stored:
    """The newest segments, far enough back to hold some hundred entries."""
    last = Segment.objects.order_by("-number").first()
    if last is None:
        raise CommandRefused("Nothing has been sealed yet: the sealer runs with the scheduler.")
    numbers = list(Segment.objects.order_by("-number").values_list("number", "count")[:5000])
    begin = seen = 0
    for begin, count in numbers:
        seen += count
        if seen >= DRILL_ENTRIES and last.number - begin >= DRILL_SEGMENTS:
            break
    return export.Stored(begin, last.number)


def _kept(given: list[Path]) -> Iterator[str]:
    """The checkpoints in these places; without any, those in the folder of this installation."""
    places = [*given]
    if not places and settings.SEAL_FOLDER and Path(settings.SEAL_FOLDER).is_dir():
        places.append(Path(settings.SEAL_FOLDER))
    return (note for place in places for note in kept_notes(place))


def _moment(text: str) -> datetime:
    """An instant from London wall clock or with its own offset. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=LONDON)).astimezone(UTC)


def _text(given: str) -> str:
    path = Path(given)
    return path.read_text(encoding="utf-8") if path.is_file() else given
