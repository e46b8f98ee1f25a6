"""Lockdown: one switch stops everything, and nothing resumes by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from platforms.contract import OutcomeUnknown
from publishing import queries, sending
from publishing.actions import lockdown, outbox
from publishing.models import Delivery, Lockdown
from staff.roles import POWERS, Power
from tests.publishing.platform import raising

State = Delivery.State


def queue_reply(author, account, due_in_s=0):
    return outbox.queue(
        actor=author,
        official_account=account,
        kind=Delivery.Kind.REPLY,
        author=author,
        text="Hello",
        target_external_id="comment-1",
        due_at=clock.now() + timedelta(seconds=due_in_s),
    )


def test_nothing_goes_out_under_a_lockdown(clock_at, platform, sergeant_okafor, amira_hussain, force_account):
    delivery = queue_reply(amira_hussain, force_account)
    started = lockdown.start_lockdown(actor=sergeant_okafor, why="Our account may be in other hands")
    assert queries.lockdown() == started
    assert sending.send_due() == 0
    assert platform.acts == 0
    delivery.refresh_from_db()
    assert delivery.state == State.SCHEDULED
    assert Entry.objects.get(event="lockdown.started").reason == "Our account may be in other hands"


def test_a_second_switch_names_whoever_was_first(clock_at, sergeant_okafor, inspector_calder):
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    with pytest.raises(TransitionNotAllowed, match="Sgt Daniel Okafor started it at 09:00"):
        lockdown.start_lockdown(actor=inspector_calder, why="Hijack")
    assert Lockdown.objects.count() == 1


def test_lifting_holds_what_fell_due_and_leaves_what_is_still_to_come(
    clock_at, platform, sergeant_okafor, amira_hussain, force_account
):
    fell_due, later = (
        queue_reply(amira_hussain, force_account, 60),
        queue_reply(amira_hussain, force_account, 3600),
    )
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(600)
    lockdown.lift_lockdown(actor=sergeant_okafor, why="All ours again")
    fell_due.refresh_from_db()
    later.refresh_from_db()
    assert fell_due.held_why == "Held by the lockdown of 2 March at 09:00."
    assert later.held_why == ""
    assert sending.send_due() == 0
    outbox.release(actor=amira_hussain, delivery=fell_due)
    assert sending.send_due() == 1
    clock_at.shift(3600)
    assert sending.send_due() == 1
    assert platform.acts == 2
    assert Entry.objects.get(event="lockdown.lifted").details == {"held": 1}
    with pytest.raises(TransitionNotAllowed, match="No lockdown"):
        lockdown.lift_lockdown(actor=sergeant_okafor, why="Again")


def test_what_slipped_in_while_it_was_lifted_is_held_when_claimed(
    clock_at, platform, sergeant_okafor, amira_hussain, force_account
):
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(60)
    slipped = queue_reply(amira_hussain, force_account)
    clock_at.shift(60)
    lockdown.lift_lockdown(actor=sergeant_okafor, why="Over")
    Delivery.objects.filter(pk=slipped.pk).update(held_why="")
    sending.send_due()
    slipped.refresh_from_db()
    assert slipped.held_why == "Held by the lockdown of 2 March at 09:00."
    assert platform.acts == 0


def test_a_lockdown_between_claim_and_socket_stops_it(
    clock_at, platform, sergeant_okafor, amira_hussain, force_account, monkeypatch
):
    delivery = queue_reply(amira_hussain, force_account)
    claim = outbox.claim_next

    def claim_and_lock_down(**kwargs):
        claimed = claim(**kwargs)
        if claimed is not None:
            lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
        return claimed

    monkeypatch.setattr(outbox, "claim_next", claim_and_lock_down)
    sending.send_due()
    delivery.refresh_from_db()
    assert platform.acts == 0
    assert delivery.state == State.SCHEDULED
    assert delivery.held_why.startswith("Held by the lockdown")


def test_an_unknown_outcome_settled_after_a_lockdown_waits_for_a_person(
    clock_at, platform, sergeant_okafor, amira_hussain, force_account
):
    delivery = queue_reply(amira_hussain, force_account)
    platform.before = raising(OutcomeUnknown("Reset."))
    sending.send_due()
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(5)
    sending.settle_due()
    lockdown.lift_lockdown(actor=sergeant_okafor, why="Over")
    clock_at.shift(15)
    sending.settle_due()
    delivery.refresh_from_db()
    assert delivery.state == State.SCHEDULED
    assert delivery.held_why.startswith("Held by the lockdown")
    assert sending.send_due() == 0


def test_nothing_is_released_while_it_lasts(
    clock_at, platform, sergeant_okafor, amira_hussain, force_account
):
    delivery = queue_reply(amira_hussain, force_account)
    clock_at.shift(5 * 3600)
    sending.send_due()
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    with pytest.raises(TransitionNotAllowed, match="started a lockdown"):
        outbox.release(actor=amira_hussain, delivery=delivery)


def test_a_lockdown_says_why(sergeant_okafor):
    with pytest.raises(NotValid):
        lockdown.start_lockdown(actor=sergeant_okafor, why="  ")
    with pytest.raises(NotValid):
        lockdown.start_lockdown(actor=sergeant_okafor, why="x" * 401)


def test_only_those_who_may_lock_down_do(wealdshire):
    for person in wealdshire.people.values():
        role = person.grants.get().role
        if Power.LOCK_DOWN in POWERS[role]:
            lockdown.start_lockdown(actor=person, why="Rehearsal")
            lockdown.lift_lockdown(actor=person, why="Rehearsed")
        else:
            with pytest.raises(NotPermitted):
                lockdown.start_lockdown(actor=person, why="Rehearsal")
