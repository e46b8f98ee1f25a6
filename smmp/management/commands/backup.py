"""`manage.py backup DIR`: database, files and key ids in a new folder of DIR; the oldest beyond --keep go."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from smmp.backups import making


class Command(BaseCommand):
    help = "Back up database, files and the ids of their keys into a new folder, and remove the oldest ones."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="where the backups lie, each in a folder of its own")
        parser.add_argument(
            "--keep", type=int, default=making.KEEP, help="how many stay, this one included (14)"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="answer in JSON")

    def handle(self, *, folder, keep, as_json, **options):
        if not 1 <= keep <= 400:
            raise CommandRefused("Keep from 1 to 400 backups: --keep 14.")
        made = making.make(folder, keep=keep)
        if as_json:
            self.stdout.write(
                json.dumps(
                    {"backup": str(made.path), "removed": list(made.removed), **made.manifest}, indent=2
                )
            )
            return
        manifest = made.manifest
        self.stdout.write(
            f"{made.path}: the database ({manifest['database']['bytes']:,} bytes), {manifest['media']['files']:,} files, "
            f"{manifest['trail']['segments']:,} segments of the audit trail, {manifest['database']['holds']:,} holds in force."
        )
        self.stdout.write(
            f"{len(made.removed)} older than the newest {keep} removed. The keys are not in it: keep SMMP_CREDENTIAL_KEYS "
            f"({', '.join(manifest['keys']['credentials'])}) and the keys of the seal apart from it."
        )
