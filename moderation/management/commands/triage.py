"""`manage.py triage measure` and `manage.py triage explain TEXT`."""

import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from moderation.categories import Category, Priority
from moderation.triage import judge
from moderation.triage.measure import marked_comments, measure


class Command(BaseCommand):
    help = "Measure triage on the exercise scenarios, or explain what it says of a text."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parts = parser.add_subparsers(dest="part", required=True)
        measuring = parts.add_parser("measure", help="recall and false alarms per category")
        measuring.add_argument("--json", action="store_true", help="print the figures as JSON")
        explaining = parts.add_parser("explain", help="every finding on one text, worst first")
        explaining.add_argument("text")
        explaining.add_argument("--private", action="store_true", help="as a private message")
        explaining.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *, part, **options):
        if part == "measure":
            self._measure(as_json=options["json"])
        else:
            self._explain(options["text"], private=options["private"], as_json=options["json"])

    def _measure(self, *, as_json):
        folder = Path(settings.BASE_DIR) / "exercise" / "scenarios"
        comments = marked_comments(folder)
        if not comments:
            raise CommandRefused(f"There are no scenarios in {folder}.")
        figures = measure(comments)
        if as_json:
            self.stdout.write(json.dumps(figures.as_data(), indent=2))
            return
        self.stdout.write(f"{figures.version}, {figures.comments} marked comments of the exercise scenarios")
        self.stdout.write(
            f"Grave ones at priority 1 or 2: {figures.found} of {figures.grave} ({figures.recall:.0%})"
        )
        self.stdout.write(
            f"Ordinary ones at priority 1 or 2: {figures.false_alarms} of {figures.ordinary} "
            f"({figures.false_alarm_rate:.1%})"
        )
        self.stdout.write(f"Category as marked: {figures.category_right} of {figures.comments}\n\n")
        self.stdout.write(f"{'category':<28}{'grave found':>14}{'false alarms':>16}")
        for category, row in sorted(figures.by_category.items()):
            found = f"{row['found']} of {row['grave']}" if row["grave"] else "none"
            alarms = f"{row['false_alarms']} of {row['ordinary']}" if row["ordinary"] else "none"
            self.stdout.write(f"{Category(category).label:<28}{found:>14}{alarms:>16}")
        if figures.missed:
            self.stdout.write("\nGrave and not surfaced: " + ", ".join(figures.missed))

    def _explain(self, text, *, private, as_json):
        verdict = judge(text, private=private)
        if as_json:
            found = [
                {"rule": one.rule, "priority": int(one.priority), "sentence": one.sentence}
                for one in verdict.findings
            ]
            answer = {"priority": int(verdict.priority), "category": str(verdict.category), "findings": found}
            self.stdout.write(
                json.dumps({**answer, "version": verdict.version}, ensure_ascii=False, indent=2)
            )
            return
        self.stdout.write(
            f"{Priority(verdict.priority).label} ({verdict.priority}), {Category(verdict.category).label}; {verdict.version}"
        )
        for finding in verdict.findings:
            self.stdout.write(f"  {finding.priority}  {finding.sentence}  [{finding.rule}]")
        if not verdict.findings:
            self.stdout.write("  No rule found anything.")
