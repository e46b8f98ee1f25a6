"""`manage.py credentials rotate`: every platform credential under the newest installation key."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand

from accounts.actions import credentials, hooks
from core.actors import System
from core.commands import CommandRefused
from core.errors import Refused
from media import actions as media


class Command(BaseCommand):
    help = (
        "Put every platform credential and sealed file under the first key of SMMP_CREDENTIAL_KEYS, while the platform runs. "
        "Put the new key first and keep the old one behind it, restart, run this, then take the old one away."
    )

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["rotate"])
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")

    def handle(self, *args, what, as_json, **options):
        try:
            done = credentials.rotate(actor=System("credentials command"))
            secrets = hooks.wrap_secrets_anew(actor=System("credentials command"))
            files = media.wrap_anew(actor=System("credentials command"))
        except Refused as refusal:
            raise CommandRefused(refusal.sentence) from None
        if as_json:
            self.stdout.write(
                json.dumps(
                    {"wrapped_anew": done, "secrets_wrapped_anew": secrets, "files_wrapped_anew": files}
                )
            )
        else:
            self.stdout.write(
                f"{done} credentials, {secrets} secrets of webhooks and {files} sealed files were put under the newest key; the others were already."
            )
