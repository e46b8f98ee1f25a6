"""`manage.py faults NAME`: let something go wrong on a scratch database, and count; exit 1 on a miss."""

import json
import sys

from django.core.management.base import BaseCommand

from smmp.faults import FAULTS


class Command(BaseCommand):
    help = "Play one fault on a scratch database and print what it did beside its target; exit 1 on a miss."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("name", choices=sorted(FAULTS), help="what goes wrong")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *, name, **options):
        figures = FAULTS[name]()
        if options["json"]:
            rows = [
                {"what": f.what, "value": f.value, "unit": f.unit, "target": f.target, "met": f.met}
                for f in figures
            ]
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            for figure in figures:
                bound = "at least" if figure.at_least else "at most"
                self.stdout.write(
                    f"{figure.what}: {figure.value:g} {figure.unit} "
                    f"(target: {bound} {figure.target:g}; {'met' if figure.met else 'MISSED'})"
                )
        if not all(figure.met for figure in figures):
            sys.exit(1)
