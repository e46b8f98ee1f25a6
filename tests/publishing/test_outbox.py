"""The outbox: everything leaves exactly once, and only while what allowed it still stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import actions as accounts
from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from platforms.contract import Capability, OutcomeUnknown, PermanentFault, TemporaryFault
from publishing import may_leave, sending
from publishing.actions import machinery, outbox
from publishing.models import Delivery, DeliveryChange
from publishing.workflow import DELIVERY
from staff.models import StaffMember
from tests.publishing.platform import LOST_ANSWER, raising

State = Delivery.State
CRASH = KeyboardInterrupt("kill -9")


@pytest.fixture
def reply(clock_at, amira_hussain, force_account):
    """A reply by Amira, due now."""
    return outbox.queue(
        actor=amira_hussain,
        official_account=force_account,
        kind=Delivery.Kind.REPLY,
        author=amira_hussain,
        text="Thank you, we are on our way.",
        target_external_id="comment-1",
        root_external_id="post-1",
    )


def state_of(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def events_of(delivery: Delivery) -> list[str]:
    entries = Entry.objects.filter(subject_type="publishing.delivery", subject_id=str(delivery.pk))
    return list(entries.order_by("id").values_list("event", flat=True))


def test_a_reply_goes_out_once_and_its_story_is_told(reply, platform):
    assert sending.send_due() == 1
    assert sending.send_due() == 0
    assert state_of(reply) == State.SENT
    assert reply.external_id == f"post-{reply.key}"
    assert reply.external_url.startswith("https://")
    assert [post.text for post in platform.standing] == ["Thank you, we are on our way."]
    assert platform.standing[0].reply_to == "comment-1"
    assert events_of(reply) == ["delivery.queued", "delivery.sending", "delivery.sent"]
    states = DeliveryChange.objects.filter(delivery=reply).values_list("state", flat=True)
    assert list(states) == ["scheduled", "sending", "sent"]


def test_nothing_goes_before_it_is_due(clock_at, amira_hussain, force_account, platform):
    outbox.queue(
        actor=amira_hussain,
        official_account=force_account,
        kind=Delivery.Kind.REPLY,
        author=amira_hussain,
        text="Later",
        target_external_id="comment-1",
        due_at=clock.now() + timedelta(minutes=1),
    )
    assert sending.send_due() == 0
    clock_at.shift(60)
    assert sending.send_due() == 1
    assert platform.acts == 1


@pytest.mark.parametrize(
    ("kind", "text", "target", "refusal"),
    [
        (Delivery.Kind.REPLY, "  ", "comment-1", NotValid),
        (Delivery.Kind.REPLY, "Words", "", NotValid),
        (Delivery.Kind.HIDE, "", "", NotValid),
        (Delivery.Kind.POST, "", "", NotPermitted),
    ],
)
def test_what_cannot_be_sent_is_not_queued(amira_hussain, force_account, kind, text, target, refusal):
    with pytest.raises(refusal):
        outbox.queue(
            actor=amira_hussain,
            official_account=force_account,
            kind=kind,
            author=amira_hussain,
            text=text,
            target_external_id=target,
        )
    assert not Delivery.objects.exists()


def test_a_neighbourhood_officer_cannot_queue_beyond_their_area(pc_nair, saltmere_account):
    with pytest.raises(NotPermitted):
        outbox.queue(
            actor=pc_nair,
            official_account=saltmere_account,
            kind=Delivery.Kind.REPLY,
            author=pc_nair,
            text="Hello",
            target_external_id="comment-1",
        )


def test_nothing_is_queued_on_a_suspended_official_account(ben_osei, amira_hussain, force_account):
    accounts.change_status(
        actor=ben_osei, official_account=force_account, status=OfficialAccount.Status.SUSPENDED, why="Hijack"
    )
    with pytest.raises(TransitionNotAllowed, match="suspended"):
        outbox.queue(
            actor=amira_hussain,
            official_account=force_account,
            kind=Delivery.Kind.REPLY,
            author=amira_hussain,
            text="Hello",
            target_external_id="comment-1",
        )


# What allowed it is read again


def test_a_leavers_reply_is_held(reply, platform, amira_hussain):
    StaffMember.objects.filter(pk=amira_hussain.pk).update(active=False, left_at=clock.now())
    sending.send_due()
    assert state_of(reply) == State.SCHEDULED
    assert "Amira Hussain, who wrote it, has left" in reply.held_why
    assert platform.acts == 0
    assert events_of(reply)[-1] == "delivery.held"
    assert sending.send_due() == 0


def test_an_ended_grant_holds_what_was_queued_under_it(reply, platform, ben_osei, amira_hussain):
    accounts.end_grant(actor=ben_osei, grant=amira_hussain.grants.get(), why="Moved")
    sending.send_due()
    assert state_of(reply) == State.SCHEDULED
    assert reply.held_why
    assert platform.acts == 0


def test_a_suspended_official_account_holds_what_waits_on_it(reply, platform, ben_osei, force_account):
    accounts.change_status(
        actor=ben_osei, official_account=force_account, status=OfficialAccount.Status.SUSPENDED, why="Hijack"
    )
    sending.send_due()
    assert state_of(reply) == State.SCHEDULED
    assert "suspended" in reply.held_why
    assert platform.acts == 0


def test_what_is_later_than_its_cut_off_is_held_never_blurted(reply, platform, clock_at):
    clock_at.shift(4 * 3600)
    assert may_leave.why_not_now(reply) == ""
    clock_at.shift(1)
    sending.send_due()
    assert state_of(reply) == State.SCHEDULED
    assert "could not go out by 2 March at 13:00" in reply.held_why
    assert platform.acts == 0


def test_a_released_delivery_goes_out_with_a_new_cut_off(reply, platform, clock_at, amira_hussain):
    clock_at.shift(5 * 3600)
    sending.send_due()
    reply.refresh_from_db()
    released = outbox.release(actor=amira_hussain, delivery=reply)
    assert released.held_why == ""
    sending.send_due()
    assert state_of(reply) == State.SENT
    assert platform.acts == 1
    with pytest.raises(TransitionNotAllowed):
        outbox.release(actor=amira_hussain, delivery=reply)


def test_a_withdrawn_delivery_never_goes(reply, platform, amira_hussain, pc_nair):
    with pytest.raises(NotPermitted):
        outbox.withdraw(actor=pc_nair, delivery=reply, why="Curious")
    with pytest.raises(NotValid):
        outbox.withdraw(actor=amira_hussain, delivery=reply, why=" ")
    outbox.withdraw(actor=amira_hussain, delivery=reply, why="Answered by telephone")
    assert sending.send_due() == 0
    assert platform.acts == 0
    with pytest.raises(TransitionNotAllowed):
        outbox.withdraw(actor=amira_hussain, delivery=reply, why="Again")
    assert Entry.objects.get(event="delivery.withdrawn").reason == "Answered by telephone"


# What the platform says


def test_a_refusal_is_shown_and_not_retried(reply, platform, amira_hussain):
    platform.before = raising(PermanentFault("X refused this reply: the author has not mentioned us."))
    sending.send_due()
    assert state_of(reply) == State.REJECTED
    assert reply.fault == "X refused this reply: the author has not mentioned us."
    assert sending.send_due() == 0
    outbox.retry(actor=amira_hussain, delivery=reply)
    sending.send_due()
    assert state_of(reply) == State.SENT
    assert platform.acts == 1


def test_what_a_platform_cannot_do_is_refused_in_its_words(reply, platform):
    platform.capabilities = frozenset({Capability.PUBLISH_TEXT})
    platform.why_not = {Capability.REPLY: "Answer on the network itself."}
    sending.send_due()
    assert state_of(reply) == State.REJECTED
    assert reply.fault == "Answer on the network itself."
    assert platform.acts == 0


def test_a_temporary_fault_waits_longer_each_time_and_honours_retry_after(reply, platform, clock_at):
    platform.before = raising(TemporaryFault("Slow down.", retry_after_s=90))
    sending.send_due()
    assert state_of(reply) == State.SCHEDULED
    assert reply.due_at == clock.now() + timedelta(seconds=90)
    assert sending.send_due() == 0
    clock_at.shift(90)
    platform.before = raising(TemporaryFault("Not now."))
    sending.send_due()
    reply.refresh_from_db()
    assert reply.due_at == clock.now() + timedelta(seconds=15)
    clock_at.shift(15)
    sending.send_due()
    assert state_of(reply) == State.SENT
    assert platform.acts == 1


def test_after_eight_tries_a_person_looks(reply, platform, clock_at):
    platform.before = raising(TemporaryFault("The network could not be reached."), times=99)
    for _ in range(machinery.MOST_ATTEMPTS):
        sending.send_due()
        clock_at.shift(600)
    assert state_of(reply) == State.SCHEDULED
    assert reply.held_why == "Tried 8 times. The last answer: The network could not be reached."
    assert sending.send_due() == 0


def test_a_silent_platform_does_not_keep_the_others_waiting(
    clock_at, amira_hussain, force_account, saltmere_account, monkeypatch, platform
):
    made = [
        outbox.queue(
            actor=amira_hussain,
            official_account=account,
            kind=Delivery.Kind.REPLY,
            author=amira_hussain,
            text="Hello",
            target_external_id="comment-1",
        )
        for account in (force_account, force_account, saltmere_account)
    ]
    platform.before = raising(TemporaryFault("Not now."))
    sending.send_due()
    assert [state_of(delivery) for delivery in made] == [State.SCHEDULED, State.SCHEDULED, State.SENT]
    assert made[1].attempts == 0


# Unknown outcomes


def test_a_lost_answer_is_settled_by_finding_the_message(reply, platform, clock_at):
    platform.after = raising(LOST_ANSWER)
    sending.send_due()
    assert state_of(reply) == State.UNKNOWN
    assert sending.send_due() == 0
    assert sending.settle_due() == 0
    clock_at.shift(5)
    assert sending.settle_due() == 1
    assert state_of(reply) == State.SENT
    assert reply.external_id == f"post-{reply.key}"
    assert platform.acts == 1
    assert events_of(reply)[-2:] == ["delivery.unknown", "delivery.settled"]


def test_a_message_that_never_arrived_goes_again_only_after_two_reads(reply, platform, clock_at):
    key = reply.key
    platform.before = raising(OutcomeUnknown("Reset before an answer."))
    sending.send_due()
    clock_at.shift(5)
    sending.settle_due()
    assert state_of(reply) == State.UNKNOWN
    clock_at.shift(9)
    assert sending.settle_due() == 0
    assert sending.send_due() == 0
    clock_at.shift(1)
    sending.settle_due()
    assert state_of(reply) == State.SCHEDULED
    sending.send_due()
    assert state_of(reply) == State.SENT
    assert reply.key == key
    assert platform.acts == 1


def test_an_account_that_cannot_be_read_back_decides_nothing(reply, platform, clock_at):
    platform.before = raising(OutcomeUnknown("Reset before an answer."))
    sending.send_due()
    platform.on_read = raising(TemporaryFault("The network did not answer."), times=50)
    for read in range(1, 31):
        clock_at.shift(15 if read <= machinery.UNREADABLE_READS else 300)
        assert sending.settle_due() == 1
        assert bool(Delivery.objects.get().unsettled_why) == (read >= machinery.UNREADABLE_READS)
    assert state_of(reply) == State.UNKNOWN
    assert reply.not_found_reads == 0
    assert platform.acts == 0


def test_a_broken_answer_is_an_unknown_outcome(reply, platform, clock_at):
    platform.after = raising(KeyError("uri"))
    sending.send_due()
    assert state_of(reply) == State.UNKNOWN
    clock_at.shift(5)
    sending.settle_due()
    assert state_of(reply) == State.SENT
    assert platform.acts == 1


def test_a_hide_is_settled_by_looking_whether_it_is_hidden(clock_at, amira_hussain, force_account, platform):
    hide, unhide = (
        outbox.queue(
            actor=amira_hussain,
            official_account=force_account,
            kind=kind,
            author=amira_hussain,
            target_external_id=target,
            root_external_id="post-1",
        )
        for kind, target in ((Delivery.Kind.HIDE, "comment-1"), (Delivery.Kind.UNHIDE, "comment-2"))
    )
    platform.hidden = {"comment-2"}
    platform.after = raising(LOST_ANSWER, times=2)
    sending.send_due()
    sending.send_due()
    assert {state_of(hide), state_of(unhide)} == {State.UNKNOWN}
    clock_at.shift(5)
    sending.settle_due()
    assert {state_of(hide), state_of(unhide)} == {State.SENT}
    assert platform.hidden == {"comment-1"}
    assert platform.acts == 2


# A worker that dies


STEPS = [
    ("claim_next", "before"),
    ("claim_next", "after"),
    ("stopped_since", "before"),
    ("stopped_since", "after"),
    ("note_sent", "before"),
    ("note_sent", "after"),
]


@pytest.mark.parametrize(("step", "moment"), STEPS)
def test_a_worker_killed_between_any_two_steps_sends_exactly_one(
    reply, platform, clock_at, monkeypatch, step, moment
):
    real = getattr(machinery, step)

    def dies(*args, **kwargs):
        if moment == "after":
            real(*args, **kwargs)
        raise CRASH

    with monkeypatch.context() as patched:
        patched.setattr(machinery, step, dies)
        with pytest.raises(KeyboardInterrupt):
            sending.send_due()
    for _ in range(60):
        clock_at.shift(5)
        sending.send_due()
        sending.settle_due()
    assert state_of(reply) == State.SENT
    assert platform.acts == 1
    assert len(platform.standing) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_around_the_socket_sends_exactly_one(reply, platform, clock_at, moment):
    setattr(platform, moment, raising(CRASH))
    with pytest.raises(KeyboardInterrupt):
        sending.send_due()
    assert state_of(reply) == State.SENDING
    clock_at.shift(59)
    sending.send_due()
    assert state_of(reply) == State.SENDING
    for _ in range(30):
        clock_at.shift(5)
        sending.send_due()
        sending.settle_due()
    assert state_of(reply) == State.SENT
    assert platform.acts == 1


def test_a_slow_worker_whose_claim_was_given_up_sends_nothing(reply, platform, clock_at):
    claimed = machinery.claim_next()
    clock_at.shift(61)
    machinery.give_up_stale_claims()
    sending.deliver(claimed)
    assert platform.acts == 0
    assert state_of(reply) == State.UNKNOWN


def test_a_late_yes_is_still_a_yes(reply, platform, clock_at):
    claimed = machinery.claim_next()
    clock_at.shift(61)
    machinery.give_up_stale_claims()
    machinery.note_sent(delivery=claimed, external_id="post-9")
    assert state_of(reply) == State.SENT
    assert machinery.note_sent(delivery=claimed, external_id="post-10").external_id == "post-9"


@pytest.mark.parametrize(("state", "event"), [(s, e) for s in sorted(State) for e in sorted(DELIVERY.events)])
def test_the_table_of_a_delivery_allows_nothing_twice(state, event):
    final = {State.SENT, State.WITHDRAWN}
    assert not (state in final and DELIVERY.allows(state, event))
    if DELIVERY.allows(state, event) and DELIVERY.next(state, event) == State.SENDING:
        assert state == State.SCHEDULED
