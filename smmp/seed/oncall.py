"""Who is on call in the demonstration: two weeks of shifts, with one gap that the rota says in advance.

Invented people. Made once: what is there already stays as it is.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction

from core import clock
from escalation.models import Rota, Shift
from smmp.seed.force import SEED, Force

DAYS = 14
GAP_DAY = 9
"""The night of this day has nobody."""


@transaction.atomic
def make(force: Force) -> None:
    """Command takes turns, one by day and one by night; one night has nobody yet."""
    if Shift.objects.exists():
        return
    for number, slug in enumerate(("inspector_calder", "superintendent_price", "sergeant_okafor"), start=201):
        person = force.people[slug]
        if not person.phone:
            # Ofcom's numbers for drama.
            person.phone = f"07700 900{number}"
            person.save(update_fields=["phone"])
    command = [force.people["inspector_calder"], force.people["superintendent_price"]]
    for day in range(-1, DAYS):
        _shift("Duty command", command[0], day, time(7), 12)
        if day != GAP_DAY:
            _shift("Duty command", command[1], day, time(19), 12)


def _shift(rota: str, person, day: int, at: time, hours: int) -> None:
    on = clock.today() + timedelta(days=day)
    starts = datetime.combine(on, at, tzinfo=clock.LONDON).astimezone(clock.now().tzinfo)
    Shift.objects.create(
        rota=Rota.objects.get(name=rota),
        person=person,
        starts_at=starts,
        ends_at=starts + timedelta(hours=hours),
        given_by_name=SEED.actor_name,
        given_at=clock.now(),
    )
