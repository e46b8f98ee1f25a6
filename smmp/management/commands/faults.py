"""`manage.py faults NAME`: let something go wrong on a scratch database, and count; exit 1 on a miss."""

import inspect
import json
import sys

from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from smmp.faults import FAULTS

OWN = (
    "cases",
    "comments",
    "posts",
    "kills",
    "races",
    "lost_replies",
    "redis_dead",
    "steps",
    "two_schedulers",
)
"""Options that some faults take and others do not."""


class Command(BaseCommand):
    help = "Play one fault on a scratch database and print what it did beside its target; exit 1 on a miss."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("name", choices=sorted(FAULTS), help="what goes wrong")
        parser.add_argument("--cases", type=int, help="ladder: how many cases (1200)")
        parser.add_argument("--comments", type=int, help="ingest: how many comments (6000)")
        parser.add_argument("--posts", type=int, help="publish: how many posts (2000)")
        parser.add_argument("--steps", type=int, help="approvals: how many steps race (10000)")
        parser.add_argument(
            "--kills", type=int, help="how many workers are killed (publish: 200, ingest: 20, approvals: 10)"
        )
        parser.add_argument("--races", type=int, help="disposal: how many steps race (10000)")
        parser.add_argument("--lost-replies", type=float, help="publish: share of lost answers (0.1)")
        parser.add_argument(
            "--redis-dead", action="store_true", default=None, help="publish: the broker does not answer"
        )
        parser.add_argument(
            "--two-schedulers", action="store_true", default=None, help="publish: two, the first is killed"
        )
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *, name, **options):
        fault = FAULTS[name]
        own = {key: options[key] for key in OWN if options.get(key) is not None}
        if foreign := sorted(set(own) - set(inspect.signature(fault).parameters)):
            raise CommandRefused(f"The fault {name} takes no --{foreign[0].replace('_', '-')}.")
        if (
            min(own.get(name, 1) for name in ("posts", "comments", "cases", "steps", "races")) < 1
            or own.get("kills", 0) < 0
            or not 0 <= own.get("lost_replies", 0) <= 0.5
        ):
            raise CommandRefused(
                "Give at least one post, comment, case or step, no fewer than 0 kills, and a share from 0 to 0.5."
            )
        figures = fault(**own)
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
