"""Who receives which report in the demonstration, the year before as it was published, and a brief of today."""

from __future__ import annotations

from django.db import transaction

from core import clock
from insights.actions import reports, rollups
from insights.models import ReportReceiver
from insights.models_reports import Kind
from smmp.seed.force import Force

RECEIVERS = (
    (Kind.DAILY, "inspector_calder", ""),
    (Kind.DAILY, "superintendent_price", ""),
    (Kind.WEEKLY, "pc_nair", "Harrowfield"),
    (Kind.MONTHLY, "victoria_lang", ""),
)


@transaction.atomic
def make(force: Force) -> None:
    """All of it. Safe to run twice."""
    if ReportReceiver.objects.exists():
        return
    helen = force.people["helen_achebe"]
    for kind, person, place in RECEIVERS:
        reports.add_receiver(
            actor=helen,
            kind=kind,
            person=force.people[person],
            place=force.neighbourhoods[place] if place else None,
        )
    rollups.refresh()
    year = clock.today().replace(year=clock.today().year - 1, month=7, day=1)
    reports.publish(actor=helen, report=reports.make_now(actor=helen, kind=Kind.YEARLY, day=year))
    reports.make_now(actor=helen, kind=Kind.DAILY, day=clock.today())
