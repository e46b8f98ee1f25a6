"""Sending notices. No lockdown stops this queue."""

from __future__ import annotations

import logging
import smtplib

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from core.actors import System
from notices import actions
from notices.models import NoticeDelivery

NOTICES = System("notices")
_log = logging.getLogger(__name__)


@shared_task(name="notices.send_due")
def send_due() -> int:
    """What is due leaves now, each by itself: one address that refuses delays nobody else.

    Each second. A worker that dies after sending may send the same e-mail again: twice is
    better than never. Answers how many left.
    """
    due = actions.claim_due(actor=NOTICES)
    sent = 0
    for delivery in due:
        try:
            _send(delivery)
        except (smtplib.SMTPException, OSError) as fault:
            _log.warning("A notice could not be sent by %s: %s", delivery.channel, type(fault).__name__)
            actions.record_fault(actor=NOTICES, delivery=delivery)
        else:
            actions.record_sent(actor=NOTICES, delivery=delivery)
            sent += 1
    return sent


def _send(delivery: NoticeDelivery) -> None:
    notice = delivery.notice
    lines = [notice.body, f"{settings.PUBLIC_ADDRESS}{notice.link}" if notice.link else ""]
    mark = "Act now: " if notice.urgency == notice.Urgency.PAGE else ""
    EmailMessage(
        subject=f"{mark}{notice.title}",
        body="\n\n".join(line for line in lines if line) or notice.title,
        to=[notice.to.email],
        headers={"X-Priority": "1"} if mark else {},
        connection=get_connection(),
    ).send()
