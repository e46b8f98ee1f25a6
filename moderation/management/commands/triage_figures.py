"""`manage.py triage_figures`: what triage finds in comments that it was not made from."""

import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from core import clock
from core.commands import CommandRefused
from moderation import measured
from moderation.triage import evaluate, shipped


class Command(BaseCommand):
    help = "Measure triage, as it ships, on comments written apart from its rules and examples. JSON on standard output."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--write", action="store_true", help="keep the figures for the pages that show them"
        )

    def handle(self, *, write, **options):
        folder = Path(settings.BASE_DIR) / "tests" / "triage" / "evaluation"
        comments = evaluate.cases(folder)
        if not comments:
            raise CommandRefused(
                f"There are no comments to measure on in {folder}. They come with the source code."
            )
        triage = shipped.triage(settings.VAR_DIR / "triage")
        if triage.why_not:
            self.stderr.write(f"{triage.why_not} The rules are measured alone.")
        said = evaluate.judged(triage, comments)
        taken = measured.take(
            comments, [one.priority for one in said], version=said[0].version, on=clock.now().date()
        )
        if write:
            measured.write(taken)
        self.stdout.write(json.dumps(taken, indent=1, ensure_ascii=False))
