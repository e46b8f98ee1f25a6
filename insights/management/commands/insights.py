"""Count figures anew, compare them with the facts, or take in at once what has changed."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict

from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from core.errors import Refused
from insights.actions import rollups


class Command(BaseCommand):
    """`manage.py insights rebuild | check | refresh`."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["rebuild", "check", "refresh"])
        parser.add_argument("--json", action="store_true", help="figures of the run as JSON")

    def handle(self, *args: object, what: str, **options: object) -> None:
        """Status 0 when done or equal, 1 when the check found a difference, 2 when it could not run."""
        started = time.monotonic()
        try:
            if what == "check":
                checked = rollups.check()
                found = asdict(checked)
                says = (
                    f"{checked.rows:,} rows are what the facts say."
                    if not checked.differing
                    else f"{checked.differing:,} of {checked.rows:,} rows differ. Run “manage.py insights rebuild”, "
                    "and tell whoever looks after the platform.\n" + "\n".join(checked.examples)
                )
            else:
                counted = rollups.rebuild() if what == "rebuild" else rollups.refresh()
                found = asdict(counted) if counted is not None else {"hours": 0, "whole": False}
                says = (
                    f"{found['hours']:,} rows of hours were counted anew."
                    if counted is not None
                    else "The figures are being counted already; nothing was done."
                )
        except Refused as refusal:
            raise CommandRefused(str(refusal)) from None
        found = {"what": what, **found, "took_s": round(time.monotonic() - started, 2)}
        self.stdout.write(json.dumps(found, indent=1) if options["json"] else says)
        if found.get("differing"):
            raise SystemExit(1)
