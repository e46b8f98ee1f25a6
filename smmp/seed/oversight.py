"""What information security and professional standards find in a demonstration: fictional, and made once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts.actions import glass
from accounts.actions.requests import Wanted
from accounts.models import BreakGlass
from audit.actions import console, record
from audit.models import Assignment
from core import clock, context
from notices.actions import see
from notices.models import Notice
from smmp.seed.force import Force
from staff.roles import Role

FORCE_NETWORK, ELSEWHERE = "192.0.2.14", "203.0.113.77"


@transaction.atomic
def make(force: Force) -> None:
    """Sign-ins from two networks, refused second factors, a saved search, an assignment, and an emergency access.

    Safe to run twice. The alerts that follow from it are raised by the scheduler as any others are.
    """
    _emergency(force)
    if Assignment.objects.exists():
        return
    joan, kerr = force.people["joan_pritchard"], force.people["inspector_kerr"]
    tom, nair = force.people["tom_beckett"], force.people["pc_nair"]
    for source in (FORCE_NETWORK, ELSEWHERE):
        with context.request(source=source):
            record(
                actor=tom,
                event="staff.signed_in",
                subject=tom,
                subject_name=tom.called,
                details={"by": "authenticator app"},
            )
    for _ in range(5):
        with context.request(source=FORCE_NETWORK):
            record(actor=nair, event="staff.second_factor_refused", subject=nair, subject_name=nair.called)
    console.save_search(actor=joan, name="Every export", filters={"event": "audit.exported"})
    at = clock.now()
    console.assign(
        actor=joan,
        officer_id=kerr.pk,
        people_ids=[tom.pk],
        reference="PSD-0418",
        why="Complaint about a look at a neighbour’s messages",
        since=at - timedelta(days=7),
        until=at + timedelta(days=7),
        ends_at=at + timedelta(days=28),
    )


def _emergency(force: Force) -> None:
    """An emergency access that is over: asked for, agreed to, ended, and reviewed by information security."""
    if BreakGlass.objects.exists():
        return
    joan, price = force.people["joan_pritchard"], force.people["superintendent_price"]
    amira = force.people["amira_hussain"]
    asked = glass.ask(
        actor=amira,
        person=amira,
        wanted=Wanted(Role.COMMS_APPROVER),
        hours=1,
        why="Flood warning for Saltmere, and the approver on call could not be reached",
    )
    opened = glass.agree(actor=price, glass=asked)
    closed = glass.close(actor=amira, glass=opened, why="The warning is out")
    glass.review(
        actor=joan,
        glass=closed,
        outcome=BreakGlass.Outcome.RIGHT,
        note="One post was approved while it was open, the flood warning. The approver’s number is corrected.",
    )
    for person in force.people.values():
        see(actor=person, notices=Notice.objects.filter(to=person, link__contains="/emergency/"))
