"""`manage.py first_administrator`: the one person whom nobody in the browser could have added."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from accounts import actions
from core.actors import System
from core.commands import CommandRefused
from core.errors import Refused
from staff import links


class Command(BaseCommand):
    help = "Add the first service administrator and print a link, good once and for 24 hours. Works once."

    def add_arguments(self, parser):
        parser.add_argument("--email", required=True, help="work e-mail address")
        parser.add_argument("--name", required=True, help="name by which colleagues know the person")

    def handle(self, *args, email, name, **options):
        try:
            member = actions.make_first_administrator(
                actor=System("first_administrator"), email=email, name=name
            )
        except Refused as refusal:
            raise CommandRefused(refusal.sentence) from None
        self.stdout.write(
            f"{member.called} is the first service administrator. Open this link within 24 hours to choose "
            f"a password and set up the authenticator app; it works once:\n\n{links.make(member)}\n"
        )
