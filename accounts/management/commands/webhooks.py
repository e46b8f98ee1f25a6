"""`manage.py webhooks x`: have X call this platform when something is written to an official account."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import connections
from core.actors import System
from core.commands import CommandRefused
from core.errors import Refused


class Command(BaseCommand):
    help = (
        "Give X the address of this platform to call, and subscribe every official account on X that was connected "
        "and tested. Needs SMMP_X_APP_BEARER, and SMMP_ADDRESS to be reachable from outside over HTTPS."
    )

    def add_arguments(self, parser):
        parser.add_argument("platform", choices=["x"])

    def handle(self, *args, platform, **options):
        address = f"{settings.PUBLIC_ADDRESS}/hooks/{platform}/"
        if not address.startswith("https://"):
            raise CommandRefused("X calls HTTPS addresses alone. Set SMMP_ADDRESS to the public one.")
        try:
            count = connections.have_x_call(actor=System("webhooks command"), address=address)
        except Refused as refusal:
            raise CommandRefused(refusal.sentence) from None
        self.stdout.write(f"X calls {address} for {count} official accounts.")
