"""`manage.py audit_stream`: where each stream to another system has come, and skipping what is old."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from audit import following, stream
from audit.actions import streaming
from audit.models import Follower
from core.actors import System
from core.commands import CommandRefused


class Command(BaseCommand):
    help = "Say how far each stream of the audit trail has come; with --from-now, send only what is to come."

    def add_arguments(self, parser):
        parser.add_argument(
            "--from-now", action="store_true", help="what is in the trail until now is not sent"
        )

    def handle(self, *args, from_now, **options):
        ways = stream.streams()
        if not ways:
            raise CommandRefused("No stream is switched on. Set SMMP_SIEM_SYSLOG or SMMP_SIEM_HTTPS.")
        for way in ways:
            if from_now and streaming.skip_to_now(actor=System("command line"), name=way.name) is None:
                raise CommandRefused(f"{way.name} is being sent at this moment. Try again in a minute.")
            held = Follower.objects.filter(name=way.name).first() or Follower(name=way.name)
            behind = following.waiting(following.place_of(held))
            fault = f"; the last try failed ({held.fault}), {held.failures} in a row" if held.failures else ""
            self.stdout.write(f"{way.name}: {behind:,} entries to send{fault}")
