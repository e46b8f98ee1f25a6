"""What the register does by the clock."""

from __future__ import annotations

from celery import shared_task

from accounts import (
    actions,
    calling,
    connections,
    continuity,
    envelopes,
    hooks,
    lapses,
    queries,
    reviews,
    searching,
)
from accounts.actions import checklists, connecting, glass, handing_over, imports, services
from accounts.actions import continuity as planning
from accounts.actions import hooks as telling
from accounts.actions import lapses as lapsing
from accounts.actions import reviews as reviewing
from accounts.actions import searching as finding
from core.actors import System
from core.errors import Refused
from platforms.contract import Fault

TRAINING = System("training")


@shared_task(name="accounts.expire_grants")
def expire_grants() -> None:
    """Grants that ran out and grants of leavers are recorded; those that began reach the projection.

    Emergency access that is over with them goes to information security for review.
    """
    actions.record_expired_grants()
    glass.settle()
    actions.project_what_began()


@shared_task(name="accounts.project_grants")
def project_grants() -> None:
    """The whole projection is compared with the grants, whatever was missed during an outage."""
    actions.project_grants()


@shared_task(name="accounts.review_access")
def review_access() -> None:
    """A quarter's recertification opens, leaders are reminded, and what is overdue is settled (every 10 minutes)."""
    if title := reviews.quarter_to_open():
        reviewing.open_campaign(actor=reviewing.REVIEWS, title=title)
    for campaign in reviews.campaigns_at_work():
        if reviewing.settle(campaign=campaign) == 0 and reviews.is_close(campaign):
            reviewing.remind(campaign=campaign)


@shared_task(name="accounts.rehome")
def rehome() -> int:
    """What a leaver answered for goes to somebody else, and a checklist says what is to be done by hand.

    Every 3 seconds. The checklist first: it asks whose the official accounts were.
    """
    for departure in queries.departures_without_checklist():
        checklists.make_checklist(departure=departure)
    orphaned = queries.accounts_of_leavers()
    plans, actions_of_plans, contacts = continuity.left_by_leavers()
    for contact in contacts:
        planning.strike_contact(actor=handing_over.HANDOVER, contact=contact)
    return (
        sum(handing_over.rehome_account(account=account) for account in orphaned)
        + sum(planning.rehome_plan(plan=plan) for plan in plans)
        + sum(planning.rehome_action(row=row) for row in actions_of_plans)
    )


@shared_task(name="accounts.remind_continuity")
def remind_continuity() -> int:
    """Owners of plans, and of what came out of tests, are told what is overdue, once (every 10 minutes)."""
    told = sum(planning.remind(plan=plan) for plan in continuity.overdue_plans())
    return told + sum(planning.remind_of_action(row=row) for row in continuity.overdue_actions())


@shared_task(name="accounts.renew_credentials")
def renew_credentials() -> int:
    """Credentials that will expire are renewed ahead of it (every 30 seconds)."""
    return connections.renew_due()


@shared_task(name="accounts.renew_calls")
def renew_calls() -> int:
    """Platforms whose calls end by themselves are asked for them again (each day)."""
    return calling.renew_calls()


@shared_task(name="accounts.sweep_attempts")
def sweep_attempts() -> None:
    """Attempts to connect that are a day old are gone."""
    connecting.sweep_attempts()


@shared_task(name="accounts.sweep_answers")
def sweep_answers() -> None:
    """Answers kept for repeated requests through the API go after a day."""
    services.sweep_answers()


@shared_task(name="accounts.empty_lists")
def empty_lists() -> None:
    """Lists of staff that nobody applied within a day lose their rows."""
    imports.empty_lists()


@shared_task(name="accounts.note_register")
def note_register() -> int:
    """Changes of the register are put in line for programs that want to know of them (every 5 seconds)."""
    return telling.note_changes()


@shared_task(name="accounts.tell_programs")
def tell_programs() -> int:
    """What is due is told, each by itself and outside of any transaction (every 2 seconds). Answers how many took it."""
    told = 0
    for call in telling.claim_calls():
        try:
            tried = hooks.send(hooks.message(call))
        except envelopes.Unreadable:
            tried = hooks.Tried(why="Its secret was sealed with a key that is no longer configured.")
        telling.note_tried(call=call, tried=tried)
        told += not tried.why
    return told


@shared_task(name="accounts.search_impostors")
def search_impostors() -> int:
    """A platform whose time has come is searched for accounts that look like ours (every 10 minutes, each daily).

    Answers how many were found. What the platform refuses is put off for an hour and shown beside the impostors.
    """
    search = finding.claim_search()
    if search is None:
        return 0
    account = searching.account_to_search_with(search.platform)
    if account is None:
        finding.put_off(
            search=search, fault="Its allowance is nearly used up; listening and answering go first."
        )
        return 0
    try:
        connector = connections.connector_for(account)
        searched = searching.search(search.platform, connector, searching.words_for(search.platform))
    except (Fault, Refused) as fault:
        finding.put_off(search=search, fault=fault.sentence)
        return 0
    return len(finding.note_search(search=search, searched=searched))


@shared_task(name="accounts.tell_lapses")
def tell_lapses() -> int:
    """What people need to publish runs out, is lacking, or keeps their posts back: each stage is told once (hourly)."""
    due = lapses.due()
    for told in due:
        lapsing.tell(actor=TRAINING, told=told)
    return len(due)
