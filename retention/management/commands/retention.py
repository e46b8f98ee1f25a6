"""`manage.py retention due|run`: what is due today, and the daily run by hand."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand

from core import clock
from core.actors import System
from core.commands import CommandRefused
from retention import queries
from retention.actions import disposals


class Command(BaseCommand):
    help = (
        "Show what the daily run would dispose of today, or run it now. Running twice a day changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["due", "run"])
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")

    def handle(self, *args, what, as_json, **options):
        today = clock.today()
        rows = queries.disposable_rows()
        if not rows:
            raise CommandRefused("The schedule has no class that is disposed of: run `manage.py seed` first.")
        lines = [self._due(row, today) if what == "due" else self._run(row, today) for row in rows]
        if as_json:
            self.stdout.write(json.dumps({"on": today.isoformat(), "classes": lines}, indent=2))
            return
        for line in lines:
            self.stdout.write(line["sentence"])

    def _due(self, row, today):
        count, held = queries.due(row, on=today).count(), queries.held_count(row, on=today)
        return {
            "class": row.slug,
            "kept_for": row.period,
            "due": count,
            "held": held,
            "sentence": f"{row.title}: {count} due, {held} kept by a hold (kept for {row.period})",
        }

    def _run(self, row, today):
        done = disposals.dispose(actor=System("retention command"), row=row, on=today)
        return {
            "class": row.slug,
            "certificate": done.pk,
            "disposed": done.disposed_count,
            "held": done.held_count,
            "sentence": f"{row.title}: {done.disposed_count} gone, {done.held_count} kept by a hold "
            f"(certificate {done.pk})",
        }
