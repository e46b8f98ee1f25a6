"""`manage.py bench NAME`: measure, print beside the target, exit 1 on a miss."""

import json
import sys

from django.core.management.base import BaseCommand

from smmp.bench import BENCHES


class Command(BaseCommand):
    help = "Measure one part of the platform against its target; exit status 1 where it is missed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("name", choices=sorted(BENCHES), help="what to measure")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *, name, **options):
        figures = BENCHES[name]()
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    [
                        {
                            "what": figure.what,
                            "value": figure.value,
                            "unit": figure.unit,
                            "target": figure.target,
                            "met": figure.met,
                        }
                        for figure in figures
                    ],
                    indent=2,
                )
            )
        else:
            for figure in figures:
                bound = "at least" if figure.at_least else "at most"
                self.stdout.write(
                    f"{figure.what}: {figure.value:g} {figure.unit} "
                    f"(target: {bound} {figure.target:g}; {'met' if figure.met else 'MISSED'})"
                )
        if not all(figure.met for figure in figures):
            sys.exit(1)
