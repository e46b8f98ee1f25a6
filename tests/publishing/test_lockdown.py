"""Pause and lockdown: one control stops what it covers, two people end it, and nothing resumes by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from platforms.contract import OutcomeUnknown
from publishing import queries_lockdown, sending
from publishing.actions import lockdown, machinery, outbox
from publishing.models import Delivery, Lockdown, LockdownStop
from staff.roles import POWERS, Power
from tests.publishing.platform import raising

State = Delivery.State
Kind = Lockdown.Kind


def end_by_two(lock, one, two, why="All ours again"):
    """One asks, another confirms."""
    asked = lockdown.ask_release(actor=one, lockdown=lock, why=why)
    return lockdown.confirm_release(actor=two, release=asked)


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
    assert queries_lockdown.live() == [started]
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


def test_ending_it_holds_all_that_waited_whenever_it_is_due(
    clock_at, platform, sergeant_okafor, inspector_calder, amira_hussain, force_account
):
    fell_due, later = (
        queue_reply(amira_hussain, force_account, 60),
        queue_reply(amira_hussain, force_account, 3600),
    )
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(600)
    end_by_two(lock, sergeant_okafor, inspector_calder)
    for row in (fell_due, later):
        row.refresh_from_db()
        assert row.held_why == "Held by the lockdown of 2 March at 09:00."
    clock_at.shift(3600)
    assert sending.send_due() == 0
    assert Entry.objects.get(event="lockdown.lifted").details == {
        "held": 2,
        "asked_by": sergeant_okafor.called,
    }
    outbox.release(actor=amira_hussain, delivery=fell_due)
    assert sending.send_due() == 1
    stop = LockdownStop.objects.get(delivery=fell_due)
    assert (stop.decision, stop.decided_by) == ("send", amira_hussain)
    with pytest.raises(TransitionNotAllowed, match="is over"):
        lockdown.ask_release(actor=sergeant_okafor, lockdown=lock, why="Again")


def test_what_slipped_in_while_it_was_lifted_is_held_when_claimed(
    clock_at, platform, sergeant_okafor, inspector_calder, amira_hussain, force_account
):
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(120)
    end_by_two(lock, sergeant_okafor, inspector_calder)
    slipped = queue_reply(amira_hussain, force_account, -60)
    sending.send_due()
    slipped.refresh_from_db()
    assert slipped.held_why == "Held by the lockdown of 2 March at 09:00."
    assert platform.acts == 0
    assert [stop.delivery for stop in queries_lockdown.to_decide(amira_hussain)] == [slipped]


def test_a_lockdown_between_claim_and_socket_stops_it(
    clock_at, platform, sergeant_okafor, amira_hussain, force_account, monkeypatch
):
    delivery = queue_reply(amira_hussain, force_account)
    claim = machinery.claim_next

    def claim_and_lock_down(**kwargs):
        claimed = claim(**kwargs)
        if claimed is not None:
            lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
        return claimed

    monkeypatch.setattr(machinery, "claim_next", claim_and_lock_down)
    sending.send_due()
    delivery.refresh_from_db()
    assert platform.acts == 0
    assert delivery.state == State.SCHEDULED
    assert delivery.held_why.startswith("Held by the lockdown")
    between = queries_lockdown.stops_between(Lockdown.objects.get())
    assert [(stop.how, queries_lockdown.outcome_between(stop)) for stop in between] == [
        ("caught", "Stopped before it left")
    ]


def test_an_unknown_outcome_settled_after_a_lockdown_waits_for_a_person(
    clock_at, platform, sergeant_okafor, inspector_calder, amira_hussain, force_account
):
    delivery = queue_reply(amira_hussain, force_account)
    platform.before = raising(OutcomeUnknown("Reset."))
    sending.send_due()
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(5)
    sending.settle_due()
    end_by_two(lock, inspector_calder, sergeant_okafor)
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
            lock = lockdown.start_lockdown(actor=person, why="Rehearsal", drill=True)
            lockdown.end_drill(actor=person, lockdown=lock, why="Rehearsed")
        else:
            with pytest.raises(NotPermitted):
                lockdown.start_lockdown(actor=person, why="Rehearsal")
