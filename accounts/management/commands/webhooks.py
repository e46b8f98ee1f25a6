"""`manage.py webhooks PLATFORM`: have X or YouTube call this platform when there is news."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from accounts import calling
from core.actors import System
from core.commands import CommandRefused
from core.errors import Refused

CALLERS = {"x": calling.have_x_call, "youtube": calling.have_youtube_call}


class Command(BaseCommand):
    help = (
        "Give the platform our address to call for every official account there that was connected and tested. "
        "SMMP_ADDRESS has to be reachable from outside over HTTPS. X needs SMMP_X_APP_BEARER; YouTube, which "
        "calls of new videos alone, SMMP_YOUTUBE_CLIENT_SECRET."
    )

    def add_arguments(self, parser):
        parser.add_argument("platform", choices=sorted(CALLERS))

    def handle(self, *args, platform, **options):
        try:
            address = calling.address_of(platform)
            count = CALLERS[platform](actor=System("webhooks command"))
        except Refused as refusal:
            raise CommandRefused(refusal.sentence) from None
        name = {"x": "X", "youtube": "YouTube’s hub"}[platform]
        self.stdout.write(f"{name} calls {address} for {count} official accounts.")
