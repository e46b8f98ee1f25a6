"""Telling people, and whoever answers for them, that what they need to publish runs out or keeps their posts back."""

from __future__ import annotations

from django.urls import reverse

from accounts import lapses
from accounts.lapses import Told
from audit.actions import record
from core.acting import action
from core.actors import Actor
from notices.actions import notify
from notices.models import Notice


@action
def tell(*, actor: Actor, told: Told) -> int:
    """The person is told what runs out for them and how it is renewed, and whoever answers for them is told too.

    Once per stage and person, however often it is called. What keeps posts back already also leaves by e-mail.
    Answers for how many people a notice stands. Audits training.lapse_told.
    """
    urgency = Notice.Urgency.SOON if told.stage == lapses.BLOCKED else Notice.Urgency.FYI
    given = notify(
        actor=actor,
        to=[told.person],
        urgency=urgency,
        title=told.title(own=True),
        body=told.body(own=True),
        link=told.address,
        key=told.key,
    )
    given += notify(
        actor=actor,
        to=told.supervisors,
        urgency=urgency,
        title=told.title(own=False),
        body=told.body(own=False),
        link=reverse("accounts:policies"),
        key=told.key_over,
    )
    record(
        actor=actor,
        event="training.lapse_told",
        subject=told.person,
        subject_name=told.person.called,
        details={"what": told.what, "stage": told.stage, "others": len(told.supervisors)},
    )
    return len(given)
