"""`manage.py restore DIR`: bring a backup back, and what was disposed of since is gone again before anybody can sign in."""

import json
from dataclasses import asdict
from pathlib import Path

from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from core.errors import Refused
from smmp.backups import restoring


class Command(BaseCommand):
    help = (
        "Replace the database by a backup, bring the end of the audit trail back from the sinks, and do holds and "
        "disposals since the backup again, before anybody can sign in. Repeat it where it was interrupted."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="one backup: the folder with manifest.json")
        parser.add_argument(
            "--by", required=True, help="e-mail address of whoever of information security answers for it"
        )
        parser.add_argument("--reason", required=True, help="why; stands in the audit trail")
        parser.add_argument(
            "--journal",
            action="append",
            default=[],
            type=Path,
            help="what a sink kept: a folder or a file of its lines; without any, SMMP_SEAL_FOLDER",
        )
        parser.add_argument("--yes", action="store_true", help="replace a database that holds something")
        parser.add_argument("--json", action="store_true", dest="as_json", help="answer in JSON")

    def handle(self, *, folder, by, reason, journal, yes, as_json, **options):
        for place in journal:
            if not place.exists():
                raise CommandRefused(f"There is no {place}. Name what a sink kept, a folder or a file.")
        say = (lambda words: None) if as_json else lambda words: self.stdout.write(f"{words} …")
        try:
            made = restoring.restore(folder, by=by, reason=reason, journals=journal, replace=yes, say=say)
        except Refused as refusal:
            raise CommandRefused(f"{refusal.sentence} The gate stays closed.") from None
        if as_json:
            self.stdout.write(json.dumps(asdict(made), indent=2, default=str))
            return
        done, back = made.done, made.brought_back
        assert back is not None
        lines = [
            f"The backup {made.backup} of {made.made_at} is back.",
            f"Trail: {back.entries:,} entries came back from the sinks"
            + (
                f"; {made.lost:,} segments are lost, which stands in the trail."
                if made.lost
                else "; none is lost."
            ),
            f"Disposed of again: {done.disposed:,} records, of {done.tombstones:,} that went since the backup; "
            f"{done.certificates:,} certificates, {done.holds:,} changes of holds, {done.schedule:,} of the schedule.",
            f"Files of theirs removed from the store again: {made.files_removed:,}.",
            f"Left again: {made.left_again:,} staff members; {made.grants_ended:,} grants are over again.",
        ]
        lines += [
            f"Could not go and is out of sight: {one}. Look at it under Retention, Restricted."
            for one in done.kept
        ]
        lines += [f"Left out, what it points at is not in the backup: {one}." for one in done.left_out]
        if not made.known_by_the_trail:
            lines.append(
                "The trail does not tell of this backup: no sink had got so far. Compare it with what you know."
            )
        lines += [
            made.verified,
            "Nothing goes out: a lockdown keeps back what waits, since the backup does not know what has gone out. Two "
            "people release it under Publishing, Lockdown.",
            "Not brought back, by what the trail tells of it: "
            + (
                ", ".join(f"{name} ({count:,})" for name, count in list(made.since.items())[:12]) or "nothing"
            ),
        ]
        self.stdout.write("\n".join(lines))
