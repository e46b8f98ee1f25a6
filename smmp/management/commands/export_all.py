"""`manage.py export-all DIR`: everything in open, documented formats; `--verify DIR`: whether it is whole."""

import dataclasses
import getpass
import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from smmp.export import verify


class Command(BaseCommand):
    help = (
        "Write everything in open, documented formats into a folder, or verify such a folder. "
        "Exit status 1 where something is wrong with it, 2 where nothing was written."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("dir", type=Path, help="the folder: not there yet or empty, or the one to verify")
        parser.add_argument("--verify", action="store_true", help="compare the folder with its manifest")
        parser.add_argument(
            "--reason", default="Everything is moved out", help="why, as the audit trail is to say it"
        )
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *, dir, **options):
        if options["verify"]:
            self._verify(dir, as_json=options["json"])
        else:
            self._write(dir, reason=options["reason"].strip(), as_json=options["json"])

    def _verify(self, folder, *, as_json):
        read, wrong = verify.verify(folder)
        if as_json:
            self.stdout.write(json.dumps({**read, "wrong": wrong, "whole": not wrong}, indent=2))
        else:
            for sentence in wrong:
                self.stdout.write(sentence)
            self.stdout.write(f"{read['files']} files, {read['rows']} rows, {read['bytes']} bytes.")
            self.stdout.write("The export is whole." if not wrong else "Something is wrong with this export.")
        if wrong:
            sys.exit(1)

    def _write(self, folder, *, reason, as_json):
        from core.actors import System
        from smmp.actions import exporting
        from smmp.export import writing

        if not reason:
            raise CommandRefused("Say why everything is exported: --reason TEXT.")
        writing.check(folder)
        actor = System(f"export-all ({getpass.getuser()})"[:120])
        exporting.begin(actor=actor, to=str(folder.absolute()), reason=reason)
        try:
            done = writing.write(folder)
        except BaseException:
            exporting.note_failed(actor=actor, to=str(folder.absolute()))
            raise
        exporting.note_finished(
            actor=actor,
            to=str(done.folder),
            rows=done.rows,
            files=done.stored_files,
            missing=len(done.missing),
            manifest_sha256=done.manifest_sha256,
        )
        if as_json:
            self.stdout.write(json.dumps({**dataclasses.asdict(done), "folder": str(done.folder)}, indent=2))
        else:
            self.stdout.write(
                f"{done.rows:,} rows of {done.tables} tables and {done.stored_files:,} stored files stand in "
                f"{done.folder}; {done.sealed} sealed files were withheld. Manifest: SHA-256 "
                f"{done.manifest_sha256}."
            )
            for one in done.missing:
                self.stdout.write(f"Missing: {one['why']}.")
        if done.missing:
            sys.exit(1)
