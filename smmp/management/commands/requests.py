"""`manage.py requests`: requests under information law by kind and on time; messages in and answered by month and platform."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from insights import rights_figures


class Command(BaseCommand):
    help = "Figures of requests under information law, and the monthly counts that requesters ask for."

    def add_arguments(self, parser):
        parser.add_argument("--months", type=int, default=rights_figures.MONTHS, help="how many months back")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")

    def handle(self, *args, months, as_json, **options):
        if not 1 <= months <= rights_figures.MOST_MONTHS:
            raise CommandRefused(f"Give between 1 and {rights_figures.MOST_MONTHS} months.")
        asked = rights_figures.read(None, months=months)
        if as_json:
            self.stdout.write(json.dumps(rights_figures.as_data(asked), indent=2))
            return
        for one in (*asked.requests.by_kind, asked.requests.all):
            self.stdout.write(
                f"{one.kind}: {one.received} received, {one.answered} answered ({one.on_time} on time), "
                f"{one.open} open, {one.late} late"
            )
        for row in asked.messages:
            self.stdout.write(f"{row.month:%Y-%m} {row.platform}: {row.received} in, {row.answered} answered")
