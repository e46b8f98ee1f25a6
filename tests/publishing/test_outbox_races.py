"""The outbox with several workers, and with everything going wrong at once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta

import time_machine
from django.db import connections

from core import clock
from platforms.contract import OutcomeUnknown, PermanentFault, TemporaryFault
from publishing import sending
from publishing.actions import lockdown, outbox
from publishing.models import Delivery, Lockdown

State = Delivery.State


def queue_replies(author, account, number):
    return [
        outbox.queue(
            actor=author,
            official_account=account,
            kind=Delivery.Kind.REPLY,
            author=author,
            text=f"Answer {n}",
            target_external_id=f"comment-{n}",
        )
        for n in range(number)
    ]


def at_once(*works):
    """Run each in a thread with its own connection, all starting together; answers what they raised."""
    start, faults = threading.Barrier(len(works)), []

    def run(work):
        try:
            start.wait()
            work()
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_four_workers_send_each_message_once(committed_db, amira_hussain, force_account, platform):
    queue_replies(amira_hussain, force_account, 40)
    assert at_once(*[sending.send_due] * 4) == []
    times_sent = Counter(post.key for post in platform.standing)
    assert len(times_sent) == 40
    assert set(times_sent.values()) == {1}
    assert not Delivery.objects.exclude(state=State.SENT).exists()


def test_two_switches_at_once_start_one_lockdown(committed_db, sergeant_okafor, inspector_calder):
    faults = at_once(
        lambda: lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack"),
        lambda: lockdown.start_lockdown(actor=inspector_calder, why="Hijack"),
    )
    assert Lockdown.objects.filter(lifted_at=None).count() == 1
    assert len(faults) == 1
    assert "in force already" in faults[0].sentence


def test_a_withdrawal_and_a_sending_never_both_happen(committed_db, amira_hussain, force_account, platform):
    made = queue_replies(amira_hussain, force_account, 12)

    def withdraw_all():
        for delivery in made:
            try:
                outbox.withdraw(actor=amira_hussain, delivery=delivery, why="Answered by telephone")
            except Exception as refusal:
                assert hasattr(refusal, "sentence")  # noqa: PT017 - it was taken up first

    assert at_once(withdraw_all, sending.send_due) == []
    sent = {post.text for post in platform.standing}
    for delivery in Delivery.objects.all():
        assert (delivery.state == State.SENT) == (delivery.text in sent)
        assert delivery.state in (State.SENT, State.WITHDRAWN)


def test_with_faults_and_crashes_none_is_doubled_and_none_lost(amira_hussain, force_account, platform):
    """Answers lost, requests lost, a platform that asks to wait, and workers killed, all at once."""
    dice = random.Random(41)

    def misbehave(options):
        def act():
            if dice.random() < 0.35:
                raise dice.choice(options)

        return act

    platform.before = misbehave(
        [OutcomeUnknown("Reset."), TemporaryFault("Slow down."), KeyboardInterrupt("kill -9")]
    )
    platform.after = misbehave([OutcomeUnknown("Time-out."), KeyboardInterrupt("kill -9")])
    platform.on_read = misbehave([TemporaryFault("No answer.")])
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False) as traveller:
        queue_replies(amira_hussain, force_account, 25)
        for _ in range(4000):
            for work in (sending.send_due, sending.settle_due):
                try:
                    work()
                except KeyboardInterrupt:
                    continue
            for held in Delivery.objects.filter(state=State.SCHEDULED).exclude(held_why=""):
                outbox.release(actor=amira_hussain, delivery=held)
            if not Delivery.objects.exclude(state=State.SENT).exists():
                break
            traveller.shift(5)
    assert not Delivery.objects.exclude(state=State.SENT).exists()
    times_sent = Counter(post.key for post in platform.standing)
    assert len(times_sent) == 25
    assert set(times_sent.values()) == {1}


def test_a_refusal_of_one_does_not_stop_the_others(clock_at, amira_hussain, force_account, platform):
    made = queue_replies(amira_hussain, force_account, 3)
    turns = iter([PermanentFault("No."), None, None])

    def refuse_the_first():
        if fault := next(turns):
            raise fault

    platform.before = refuse_the_first
    sending.send_due()
    states = [Delivery.objects.get(pk=delivery.pk).state for delivery in made]
    assert states == [State.REJECTED, State.SENT, State.SENT]
