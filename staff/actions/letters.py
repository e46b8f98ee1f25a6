"""Letters about one's own sign-in: queued with the change, sent after it is committed."""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from staff import letters
from staff.models import Letter, StaffMember

log = logging.getLogger(__name__)

MOST_TRIES = 6
WAIT_S = (60, 120, 300, 900, 3600, 3600)
"""Seconds until the next try after the first, second, ... failed one."""


def queue(member: StaffMember, kind: str, *, what: str = "", to: str = "") -> Letter:
    """A letter that leaves if and when the caller's transaction commits. to: another address than theirs.

    A part of the actions that change something, which audit.
    """
    return Letter.objects.create(
        member=member, kind=kind, to=to or member.email, what=what, made_at=clock.now(), due_at=clock.now()
    )


def send_due(*, actor: Actor, most: int = 20) -> int:
    """Letters that are due leave. Answers how many did. Safe beside itself: each is claimed first.

    A mail server that does not take one is asked again later, six times. Audits staff.letter_sent,
    staff.letter_failed.
    """
    sent = 0
    for letter in _claim(actor=actor, most=most):
        try:
            send_mail(letters.subject(letter), letters.text(letter), settings.DEFAULT_FROM_EMAIL, [letter.to])
        except (OSError, smtplib.SMTPException) as fault:
            log.warning("letter %s was not taken: %s", letter.pk, type(fault).__name__)
            if letter.tries >= MOST_TRIES:
                _give_up(actor=actor, letter=letter)
        else:
            _note_sent(actor=actor, letter=letter)
            sent += 1
    return sent


@action
def _claim(*, actor: Actor, most: int) -> list[Letter]:
    at = clock.now()
    due = list(
        Letter.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(sent_at=None, given_up_at=None, due_at__lte=at, tries__lt=MOST_TRIES)
        .select_related("member")
        .order_by("due_at", "pk")[:most]
    )
    for letter in due:
        Letter.objects.filter(pk=letter.pk).update(
            tries=F("tries") + 1, due_at=at + timedelta(seconds=WAIT_S[letter.tries])
        )
        letter.tries += 1
    return due


@action
def _note_sent(*, actor: Actor, letter: Letter) -> None:
    if Letter.objects.filter(pk=letter.pk, sent_at=None).update(sent_at=clock.now()):
        _record(actor, "staff.letter_sent", letter)


@action
def _give_up(*, actor: Actor, letter: Letter) -> None:
    if Letter.objects.filter(pk=letter.pk, sent_at=None, given_up_at=None).update(given_up_at=clock.now()):
        _record(actor, "staff.letter_failed", letter)


def _record(actor: Actor, event: str, letter: Letter) -> None:
    record(
        actor=actor,
        event=event,
        subject=letter.member,
        subject_name=letter.member.called,
        details={"kind": letter.kind},
    )
