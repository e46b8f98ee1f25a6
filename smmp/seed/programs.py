"""A program of the demonstration force, with a grant and without a key: an administrator makes that."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import actions as accounts
from accounts.actions import services
from accounts.models import ServiceIdentity
from core import clock
from smmp.seed.force import SEED, Force
from staff.roles import Role


@transaction.atomic
def make(force: Force) -> None:
    """The contact centre's telephony reads what waits for Harrowfield. What is there already stays as it is."""
    if ServiceIdentity.objects.exists():
        return
    telephony = services.add_service(
        actor=SEED,
        name="Contact centre telephony",
        purpose="Shows call takers the comments that wait for their area",
        owner=force.people["victoria_lang"],
        networks=["192.0.2.0/24"],
    )
    accounts.give_grant(
        actor=SEED,
        person=telephony.member,
        role=Role.DESK_OPERATOR,
        official_account=force.accounts["harrowfield-police"],
        until=clock.now() + timedelta(days=90),
        why="Demonstration force",
    )
