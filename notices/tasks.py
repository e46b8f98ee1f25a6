"""Sending notices. No lockdown stops this queue."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from celery import shared_task

from core.actors import System
from notices import actions, ways
from notices.models import Notice, NoticeDelivery

NOTICES = System("notices")
AT_ONCE = 25
"""How many leave side by side: a service that hangs until its time-out (10 s) holds up the others no longer."""
TURN_S = 5.0
"""A turn that has lasted so long leaves the rest to the next one, which begins with what is new."""
_log = logging.getLogger(__name__)


@shared_task(name="notices.send_due")
def send_due() -> int:
    """What is due leaves now, each by itself: one address that refuses delays nobody else.

    Each second. A worker that dies after sending may send the same e-mail again, under the same
    Message-ID: twice is better than never. Answers how many left.
    """
    return _send(actions.claim_due(actor=NOTICES, most=AT_ONCE))


@shared_task(name="notices.send_pages")
def send_pages() -> int:
    """The same for what calls people now, and for that alone, as long as there is any. Each second, by a thread of its own.

    Answers how many left.
    """
    sent, until = 0, time.monotonic() + TURN_S
    while due := actions.claim_due(actor=NOTICES, most=AT_ONCE, urgency=Notice.Urgency.PAGE):
        sent += _send(due)
        if time.monotonic() > until:
            break
    return sent


def _send(due: list[NoticeDelivery]) -> int:
    sent = 0
    for delivery, tried in _all_at_once(due):
        if isinstance(tried, ways.NotSent):
            _log.warning("A notice could not be sent by %s: %s", delivery.channel, tried.why)
            actions.record_fault(actor=NOTICES, delivery=delivery, why=tried.why, for_good=tried.for_good)
        else:
            actions.record_sent(actor=NOTICES, delivery=delivery, reference=tried.reference)
            sent += 1
    return sent


def _all_at_once(due: list[NoticeDelivery]) -> Iterator[tuple[NoticeDelivery, ways.Left | ways.NotSent]]:
    """Each is tried in a thread of its own, which touches no database. What ends first comes first."""
    if len(due) < 2:
        yield from ((delivery, _try(delivery)) for delivery in due)
        return
    with ThreadPoolExecutor(len(due)) as threads:
        under_way = {threads.submit(_try, delivery): delivery for delivery in due}
        for ended in as_completed(under_way):
            yield under_way[ended], ended.result()


def _try(delivery: NoticeDelivery) -> ways.Left | ways.NotSent:
    try:
        return ways.send(delivery)
    except ways.NotSent as fault:
        return fault
    except Exception:
        _log.exception("Sending by %s broke off", delivery.channel)
        return ways.NotSent("Sending broke off.", for_good=False)


@shared_task(name="notices.check_arrivals")
def check_arrivals() -> int:
    """GOV.UK Notify is asked whether what it took has arrived (every 5 s). Answers how many are settled."""
    settled = 0
    for delivery in actions.claim_checks(actor=NOTICES):
        try:
            if ways.arrived(delivery):
                actions.record_arrival(actor=NOTICES, delivery=delivery)
                settled += 1
        except ways.NotSent as fault:
            if fault.for_good:
                actions.record_arrival(actor=NOTICES, delivery=delivery, fault=fault.why)
                settled += 1
    return settled
