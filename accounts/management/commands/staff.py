"""`manage.py staff import FILE [--apply]`: what a list of staff comes to, and, if wanted, doing it."""

from __future__ import annotations

import json
from pathlib import Path

from django.core.management.base import BaseCommand

from accounts.actions import imports
from accounts.imports import LARGEST_BYTES
from core.actors import System
from core.commands import CommandRefused
from core.errors import Refused


class Command(BaseCommand):
    help = "Read a list of staff (CSV) and say what each row comes to. With --apply all of it happens, or nothing."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["import"])
        parser.add_argument("file")
        parser.add_argument("--apply", action="store_true", help="do it, where no row is refused")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")

    def handle(self, *args, what, file, apply, as_json, **options):
        actor = System("staff command")
        try:
            with Path(file).open("rb") as opened:
                content = opened.read(LARGEST_BYTES + 1)
        except OSError as fault:
            raise CommandRefused(f"{file} cannot be read: {fault.strerror}.") from None
        try:
            kept = imports.read_list(actor=actor, name=Path(file).name, content=content)
            steps, counts = kept.steps, kept.counts
            if apply and not counts["refused"]:
                imports.apply_list(actor=actor, kept=kept)
        except Refused as refusal:
            raise CommandRefused(refusal.sentence) from None
        applied = bool(apply and not counts["refused"])
        if as_json:
            rows = [{key: step[key] for key in ("line", "email", "outcome", "words")} for step in steps]
            self.stdout.write(json.dumps({"applied": applied, "counts": counts, "rows": rows}, indent=2))
        else:
            for step in steps:
                self.stdout.write(
                    f"{step['line']}: {step['email']}: {step['outcome']} {' '.join(step['words'])}".rstrip()
                )
            numbers = ", ".join(f"{number} {word}" for word, number in counts.items())
            self.stdout.write(f"{'Applied' if applied else 'Nothing was changed'}: {numbers}.")
        if apply and counts["refused"]:
            raise CommandRefused(f"{counts['refused']} rows are refused, so nothing was changed.")
