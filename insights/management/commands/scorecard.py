"""`manage.py scorecard`: where the force stands to the APP on social media, for people or, with --json, for programs."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand

from insights import scorecard


class Command(BaseCommand):
    help = "Print every duty of the APP on social media with its live state, and the minimums of each official account."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="as data, with figures and pages")

    def handle(self, *, json: bool, **options):
        sheet = scorecard.read()
        if json:
            self.stdout.write(_as_json(sheet))
            return
        for row in sheet.rows:
            gap = f": {row.gap}" if row.gap else ""
            self.stdout.write(f"{row.state.label:<18} {row.duty.slug:<28} {row.duty.says}{gap}")
        counts = ", ".join(f"{count} {state.label.lower()}" for state, count in sheet.counts.items() if count)
        self.stdout.write(f"\n{len(sheet.rows)} duties: {counts}; {len(sheet.matrix)} official accounts.")


def _as_json(sheet: scorecard.Sheet) -> str:
    return json.dumps(sheet.as_data(), indent=1, ensure_ascii=False)
