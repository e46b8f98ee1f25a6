"""Opening the cases that people asked for, and calling on when nobody has one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task

from core.actors import System
from escalation import queries, queries_alerts, queries_referrals, queries_requests
from escalation.actions import (
    alerts,
    appeals,
    cases,
    deadlines,
    ladder,
    referrals,
    rehoming,
    requests,
    rotas,
)
from moderation import tips
from publishing import queries_appeals
from retention import queries_rights

ESCALATION = System("escalation")
_log = logging.getLogger(__name__)


@shared_task(name="escalation.open_cases")
def open_cases() -> int:
    """Comments for which a person wants a case are in one. Each second; each comment by itself.

    One that fails stays waiting, is logged and tried again, and holds up no other.
    """
    opened = 0
    for comment in queries.comments_wanting_a_case():
        try:
            opened += cases.open_for_comment(actor=ESCALATION, comment=comment) is not None
        except Exception:
            _log.exception("A case could not be opened for comment %s", comment.pk)
    return opened


@shared_task(name="escalation.climb")
def climb() -> int:
    """Cases that nobody has in time are called on, and those whose holder did nothing or went home. Each second.

    Each case by itself: one that fails is logged, tried again, and holds up no other. Somebody whom no way
    reached is a reason to call on before the time is up.
    """
    climbed = 0
    for call_out in queries.unreached():
        climbed += _each("could not be noted as unreached", ladder.note_unreached, call_out=call_out)
    for case in queries.overdue():
        climbed += _each("could not be called on", ladder.climb, case=case)
    for case in queries.to_resume():
        climbed += _each("could not be resumed", ladder.resume, case=case)
    return climbed


@shared_task(name="escalation.chase")
def chase() -> int:
    """Referrals that are overdue are asked after, deadlines of cases that near are called out, and the ladders of
    their cases go on (every 5 s).
    """
    asked = sum(
        _each("could not be asked after", referrals.chase, referral=referral)
        for referral in queries_referrals.to_chase()
    )
    return asked + sum(
        _each("could not be called to its deadline", deadlines.chase, case=case)
        for case in queries.nearing_deadlines()
    )


def _each(what: str, act: Callable[..., bool], **about: Any) -> int:
    try:
        return int(act(actor=ESCALATION, **about))
    except Exception:
        # By its kind and number: the name of a call is that of whoever was called.
        kind, found = next(iter(about.items()))
        _log.exception("%s %s %s", kind, found.pk, what)
        return 0


@shared_task(name="escalation.rehome")
def rehome() -> int:
    """Cases that people who have left had are put in front of their heirs, and those of people who may not have them
    any more are called for anew (every 3 seconds).
    """
    return sum(rehoming.rehome_case(case=case) for case in queries.cases_of_leavers()) + sum(
        _each("could not be called for anew", ladder.resume_without_right, case=case)
        for case in queries.held_without_right()
    )


@shared_task(name="escalation.raise_alerts")
def raise_alerts() -> int:
    """Machine findings at or above a floor stand in front of the desk. Each second, over all that is open.

    It is its own safety net: what an outage missed is found by the next look.
    """
    raised = 0
    versions = queries_alerts.floors()
    for comment in queries_alerts.comments_to_alert(versions):
        version = next(
            v for v in versions if comment.category in v.categories and comment.priority <= v.floor
        )
        try:
            raised += alerts.raise_alert(comment=comment, version=version) is not None
        except Exception:
            _log.exception("An alert could not be raised for comment %s", comment.pk)
    return raised


@shared_task(name="escalation.pass_on")
def pass_on() -> int:
    """Alerts that the desk has left are cases now. Each second; each alert by itself."""
    passed = 0
    for alert in queries_alerts.left_unseen():
        try:
            passed += alerts.pass_on(actor=ESCALATION, alert=alert) is not None
        except Exception:
            _log.exception("Alert %s could not be passed on", alert.pk)
    return passed


@shared_task(name="escalation.sweep_alerts")
def sweep_alerts() -> int:
    """Alerts of comments that were disposed of go (hourly)."""
    return alerts.sweep(actor=ESCALATION)


@shared_task(name="escalation.tell_gaps")
def tell_gaps() -> int:
    """Gaps in the rotas are told before they come (every ten minutes)."""
    return rotas.tell_gaps(actor=ESCALATION)


@shared_task(name="escalation.open_for_appeals")
def open_for_appeals() -> int:
    """Overdue reviews of appeals, posts that still stand and tips that were passed on are in cases (every 2 seconds)."""
    opened = 0
    for appeal in queries_appeals.reviews_wanting_a_case():
        opened += _opened("for its overdue review", appeals.open_for_review, appeal=appeal)
    for take_down in queries_appeals.take_downs_wanting_a_case():
        opened += _opened("for what still stands", appeals.open_for_take_down, take_down=take_down)
    for tip in tips.wanting_a_case():
        opened += _opened("for what was told", appeals.open_for_tip, tip=tip)
    return opened


@shared_task(name="escalation.open_for_requests")
def open_for_requests() -> int:
    """Overdue requests under information law are in cases, and answered ones answer their referral (every 10 seconds)."""
    opened = 0
    for request in queries_rights.wanting_a_case():
        opened += _opened("for an overdue request", requests.open_for_request, request=request)
    for referral, request in queries_requests.answered():
        _opened("though its request was answered", requests.settle, referral=referral, request=request)
    return opened


def _opened(why: str, act: Callable[..., Any], **about: Any) -> int:
    try:
        return int(act(actor=ESCALATION, **about) is not None)
    except Exception:
        _log.exception("A case could not be opened %s: %s", why, next(iter(about.values())).pk)
        return 0
