"""`manage.py retention due|run|canary`: what is due today, the daily run by hand, and whether anything is left of what went."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from django.core.management.base import BaseCommand

from core import clock
from core.commands import CommandRefused
from retention import queries, tasks
from smmp.drills import canary


class Command(BaseCommand):
    help = "Show what is due today, or do the daily run now, or plant and seek a canary."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["due", "run", "canary"])
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")

    def handle(self, *args, what, as_json, **options):
        if what == "canary":
            self._canary(as_json)
            return
        today = clock.today()
        rows = queries.disposable_rows()
        if not rows:
            raise CommandRefused("The schedule has no class that is disposed of: run `manage.py seed` first.")
        lines = [self._due(row, today) for row in rows] if what == "due" else self._run(rows)
        if as_json:
            self.stdout.write(json.dumps({"on": today.isoformat(), "classes": lines}, indent=2))
            return
        for line in lines:
            self.stdout.write(line["sentence"])

    def _canary(self, as_json):
        """On a scratch database: a phrase is planted, its comment disposed of, and it is looked for. Exit 1 if found."""
        told = canary.canary()
        clean = bool(told.before and told.files_before and told.disposed and told.kept_out) and not (
            told.after or told.in_dump or told.in_files
        )
        if as_json:
            self.stdout.write(json.dumps({**asdict(told), "passed": clean}, indent=2))
        else:
            self.stdout.write(
                f"Planted in {len(told.before)} tables and {told.files_before} files; after the disposal found in {len(told.after)} tables, "
                f"{told.in_dump} times in a dump, in {len(told.in_files)} files; the platform "
                f"{'was kept from bringing' if told.kept_out else 'BROUGHT'} it back: {'passed' if clean else 'FAILED'}"
            )
        if not clean:
            sys.exit(1)

    def _due(self, row, today):
        count, held = queries.due(row, on=today).count(), queries.held_count(row, on=today)
        return {
            "class": row.slug,
            "kept_for": row.period,
            "due": count,
            "held": held,
            "sentence": f"{row.title}: {count} due, {held} kept by a hold (kept for {row.period})",
        }

    def _run(self, rows):
        tasks.run_daily()
        lines = []
        for row in rows:
            proposal = row.proposals.select_related("disposal").first()
            done = proposal.disposal if proposal is not None else None
            lines.append(
                {
                    "class": row.slug,
                    "proposal": proposal.pk if proposal is not None else None,
                    "certificate": done.pk if done is not None else None,
                    "disposed": done.disposed_count if done is not None else 0,
                    "held": done.held_count if done is not None else 0,
                    "sentence": self._sentence(row, proposal, done),
                }
            )
        return lines

    def _sentence(self, row, proposal, done):
        if proposal is None:
            return f"{row.title}: nothing is proposed"
        if done is None:
            return f"{row.title}: proposal {proposal.pk} of {proposal.due_count} records is {proposal.get_state_display().lower()}"
        return (
            f"{row.title}: {done.disposed_count} gone, {done.held_count} kept by a hold (certificate {done.pk}, "
            f"{done.run_on:%d %B %Y})"
        )
