"""The outbox where answers contradict each other: claims by number, ids once, and people who decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from notices.models import Notice
from platforms.contract import Capability, Fault, IncomingPost, OutcomeUnknown, PermanentFault, Sent
from publishing import fingerprint, sending
from publishing.actions import lockdown, machinery, outbox
from publishing.models import Delivery
from tests.publishing.platform import LOST_ANSWER, raising
from tests.publishing.test_outbox import events_of, state_of

State = Delivery.State


def a_reply(author, account, number=1):
    return outbox.queue(
        actor=author,
        official_account=account,
        kind=Delivery.Kind.REPLY,
        author=author,
        text="Thank you, we are on our way: https://wealdshire.example/way",
        target_external_id=f"comment-{number}",
        root_external_id="post-1",
    )


@pytest.fixture
def reply(clock_at, amira_hussain, force_account):
    return a_reply(amira_hussain, force_account)


@pytest.fixture
def stuck(reply, platform):
    """A reply of which the platform will not tell whether it stands there."""
    platform.before = raising(OutcomeUnknown("No answer.", raw="<html>Bad gateway</html>"))
    sending.send_due()
    platform.on_read = raising(PermanentFault("The network tells no one."), times=99)
    Delivery.objects.filter(pk=reply.pk).update(next_check_at=clock.now())
    sending.settle_due()
    platform.on_read = lambda: None
    reply.refresh_from_db()
    return reply


# Claims by number


def test_the_intent_is_kept_with_its_fingerprint_before_the_socket_opens(reply, platform):
    seen = []
    platform.before = lambda: seen.append(Delivery.objects.get())
    sending.send_due()
    intent = seen[0]
    assert intent.fingerprint == fingerprint.of(reply.text)
    assert intent.content == {"links": ["https://wealdshire.example/way"], "media": []}
    assert intent.opened_at == intent.first_opened_at == clock.now()
    assert intent.fence == 1


def test_a_second_try_tells_the_platform_since_when_it_can_stand_there(reply, platform, clock_at):
    platform.before = raising(OutcomeUnknown("Reset."))
    first = clock.now()
    sending.send_due()
    clock_at.shift(5)
    sending.settle_due()
    clock_at.shift(15)
    sending.settle_due()
    sending.send_due()
    assert platform.standing[0].not_before == first - sending.CLOCKS_APART
    reply.refresh_from_db()
    assert (reply.fence, reply.first_opened_at, reply.opened_at) == (2, first, first + timedelta(seconds=20))


@pytest.mark.parametrize("step", ["note_refused", "note_deferred", "note_unknown"])
def test_a_worker_that_comes_back_after_another_has_claimed_changes_nothing(reply, clock_at, step):
    stopped = machinery.claim_next()
    clock_at.shift(61)
    machinery.give_up_stale_claims()
    for wait in (5, 15):
        clock_at.shift(wait)
        machinery.note_not_found(delivery=machinery.claim_unsettled())
    other = machinery.claim_next()
    with pytest.raises(TakenBySomeoneElse):
        getattr(machinery, step)(delivery=stopped, fault=Fault("Late."))
    with pytest.raises(TakenBySomeoneElse):
        machinery.put_back(delivery=stopped, why="Late.")
    assert state_of(reply) == State.SENDING
    assert reply.fence == other.fence == 2


def test_the_database_lets_no_fence_go_back(reply):
    machinery.claim_next()
    with pytest.raises(IntegrityError, match="never goes back"), transaction.atomic():
        Delivery.objects.filter(pk=reply.pk).update(fence=0)


def test_a_reading_that_lost_its_lease_decides_nothing(reply, platform, clock_at):
    platform.before = raising(OutcomeUnknown("Reset."))
    sending.send_due()
    clock_at.shift(5)
    slow = machinery.claim_unsettled()
    clock_at.shift(61)
    machinery.note_not_found(delivery=machinery.claim_unsettled())
    machinery.note_not_found(delivery=slow)
    reply.refresh_from_db()
    assert (reply.state, reply.not_found_reads) == (State.UNKNOWN, 1)


def test_a_yes_that_comes_after_another_id_is_told_to_the_author(reply, amira_hussain, clock_at):
    stopped = machinery.claim_next()
    machinery.note_sent(delivery=stopped, external_id="post-1")
    machinery.note_sent(delivery=stopped, external_id="post-1")
    assert "delivery.contradicted" not in events_of(reply)
    machinery.note_sent(delivery=stopped, external_id="post-2")
    reply.refresh_from_db()
    assert reply.external_id == "post-1"
    assert events_of(reply)[-1] == "delivery.contradicted"
    assert Notice.objects.filter(to=amira_hussain, title__startswith="May stand there twice").exists()


# One delivery for each id


def test_what_is_found_and_belongs_to_another_delivery_is_not_ours(
    reply, platform, clock_at, amira_hussain, force_account, monkeypatch
):
    sending.send_due()
    reply.refresh_from_db()
    second = a_reply(amira_hussain, force_account, 2)
    platform.before = raising(OutcomeUnknown("Reset."))
    sending.send_due()
    monkeypatch.setattr(platform, "find_post", lambda post: Sent(reply.external_id))
    clock_at.shift(5)
    sending.settle_due()
    assert state_of(second) == State.UNKNOWN
    assert second.unsettled_why == machinery.NOT_OURS
    assert second.external_id == ""
    assert events_of(second)[-2:] == ["delivery.unknown", "delivery.unsettled"]


def test_an_answer_with_the_id_of_another_delivery_is_no_yes(
    reply, platform, amira_hussain, force_account, monkeypatch
):
    sending.send_due()
    reply.refresh_from_db()
    second = a_reply(amira_hussain, force_account, 2)
    monkeypatch.setattr(platform, "send", lambda post: Sent(reply.external_id))
    sending.send_due()
    assert state_of(second) == State.UNKNOWN
    assert second.unsettled_why == machinery.NOT_OURS


def test_the_database_gives_an_id_to_one_delivery_alone(reply, platform, amira_hussain, force_account):
    sending.send_due()
    reply.refresh_from_db()
    second = a_reply(amira_hussain, force_account, 2)
    with pytest.raises(IntegrityError, match="delivery_remote_id_once"), transaction.atomic():
        Delivery.objects.filter(pk=second.pk).update(external_id=reply.external_id)


def test_a_worker_killed_right_after_the_answer_needs_no_reading_back(reply, platform, clock_at, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(machinery, "note_sent", lambda **_: raising(KeyboardInterrupt("kill -9"))())
        with pytest.raises(KeyboardInterrupt):
            sending.send_due()
    reply.refresh_from_db()
    assert (reply.state, reply.external_id) == (State.SENDING, f"post-{reply.key}")
    clock_at.shift(61)
    machinery.give_up_stale_claims()
    clock_at.shift(5)
    sending.settle_due()
    assert state_of(reply) == State.SENT
    assert (platform.acts, platform.reads) == (1, 0)


def test_two_with_the_same_words_are_never_matched_to_one_post(
    reply, platform, clock_at, amira_hussain, force_account, monkeypatch
):
    """A platform without keys knows a post by its words; it keeps both, and answers neither."""
    platform.capabilities = frozenset(set(Capability) - {Capability.CHOSEN_KEY})
    second = a_reply(amira_hussain, force_account, 1)
    Delivery.objects.filter(pk=second.pk).update(text=reply.text)
    platform.after = raising(LOST_ANSWER, times=2)
    sending.send_due()
    sending.send_due()

    def by_words(post):
        ids = [f"post-{there.key}" for there in platform.standing if there.text == post.text]
        return next((Sent(one) for one in ids if one not in post.not_these), None)

    monkeypatch.setattr(platform, "find_post", by_words)
    clock_at.shift(5)
    assert sending.settle_due() == 2
    assert (state_of(reply), state_of(second)) == (State.SENT, State.SENT)
    assert reply.text == second.text
    assert {reply.external_id, second.external_id} == {f"post-{p.key}" for p in platform.standing}


def test_a_lost_answer_is_waited_for_from_the_latest_moment_at_which_it_can_have_left(
    reply, platform, clock_at, settings
):
    settings.READ_BACK_DELAYS_S = {"exercise": 60}
    stopped = machinery.claim_next()
    clock_at.shift(61)
    machinery.give_up_stale_claims()
    reply.refresh_from_db()
    assert reply.opened_at - stopped.opened_at == timedelta(seconds=machinery.SEND_WITHIN_S)


# The platform's own delay


def test_not_being_shown_says_nothing_before_the_platforms_delay_has_passed(
    reply, platform, clock_at, settings
):
    settings.READ_BACK_DELAYS_S = {"exercise": 60}
    platform.before = raising(OutcomeUnknown("Reset."))
    sending.send_due()
    clock_at.shift(5)
    sending.settle_due()
    reply.refresh_from_db()
    assert reply.not_found_reads == 0
    clock_at.shift(54)
    assert sending.settle_due() == 0
    for wait, state in ((1, State.UNKNOWN), (15, State.SCHEDULED)):
        clock_at.shift(wait)
        assert sending.settle_due() == 1
        assert state_of(reply) == state


def test_what_is_shown_late_is_found_and_not_sent_again(reply, platform, clock_at, settings):
    settings.READ_BACK_DELAYS_S = {"exercise": 60}
    platform.after = raising(LOST_ANSWER)
    sending.send_due()
    hidden, platform.standing = platform.standing, []
    clock_at.shift(5)
    sending.settle_due()
    platform.standing = hidden
    clock_at.shift(55)
    sending.settle_due()
    assert state_of(reply) == State.SENT
    assert platform.acts == 1


# A person decides


def test_a_person_is_asked_once_where_reading_back_cannot_tell(stuck, amira_hussain):
    assert stuck.unsettled_why == "It was read back once and cannot be told: The network tells no one."
    assert events_of(stuck).count("delivery.unsettled") == 1
    assert Notice.objects.filter(to=amira_hussain, title__startswith="Somebody has to look").count() == 1


def test_it_is_settled_without_the_person_where_reading_back_can_tell_after_all(stuck, platform, clock_at):
    platform.standing.append(sending.post_to_send(platform, stuck))
    clock_at.shift(300)
    assert sending.settle_due() == 1
    assert state_of(stuck) == State.SENT
    assert stuck.unsettled_why == ""


def shown_there(platform, text, external_id="far-1", minutes=1):
    platform.shown.append(
        IncomingPost(
            external_id=external_id,
            text=text,
            posted_at=clock.now() + timedelta(minutes=minutes),
            url=f"https://network.example/{external_id}",
        )
    )


def test_both_pieces_of_evidence_stand_side_by_side(stuck, platform, client, amira_hussain):
    shown_there(platform, "Thank you, we are on our way: https://t.example/1")
    shown_there(platform, "Good morning, Wealdshire", "far-2")
    shown_there(platform, "From before", "far-3", minutes=-30)
    client.force_login(amira_hussain)
    page = client.get(reverse("publishing:outbox"), {"look": stuck.pk}).content.decode()
    assert "100% alike" in page
    assert page.index("100% alike") < page.index("Good morning, Wealdshire")
    assert "From before" not in page
    assert stuck.fingerprint[:12] in page
    assert "It stands there: this one" in page
    assert "It never went: send again" in page
    assert "Bad gateway" not in page


def decide(client, delivery, **answer):
    return client.post(
        reverse("publishing:delivery_step", args=[delivery.pk]),
        {"fence": delivery.fence, **answer},
        follow=True,
    )


def test_a_person_says_which_post_it_is(stuck, platform, client, amira_hussain):
    shown_there(platform, stuck.text)
    client.force_login(amira_hussain)
    answer = decide(client, stuck, do="stands", external_id="far-1")
    assert "it stands there. Nothing is sent again" in answer.content.decode()
    assert state_of(stuck) == State.SENT
    assert (stuck.external_id, stuck.external_url) == ("far-1", "https://network.example/far-1")
    assert events_of(stuck)[-1] == "delivery.settled"
    assert platform.acts == 0


@pytest.mark.parametrize("external_id", ["", "far-gone"])
def test_what_does_not_stand_there_is_not_taken_for_it(stuck, platform, client, amira_hussain, external_id):
    client.force_login(amira_hussain)
    decide(client, stuck, do="stands", external_id=external_id)
    assert state_of(stuck) == State.UNKNOWN


def test_what_is_another_delivery_is_not_taken_for_it(stuck, platform, amira_hussain, force_account):
    second = a_reply(amira_hussain, force_account, 2)
    sending.send_due()
    second.refresh_from_db()
    with pytest.raises(NotValid, match="another delivery"):
        outbox.settle_as_standing(
            actor=amira_hussain, delivery=stuck, fence_seen=stuck.fence, external_id=second.external_id
        )


def test_a_person_says_that_it_never_went_and_it_goes_again_with_the_same_key(
    stuck, platform, client, amira_hussain
):
    client.force_login(amira_hussain)
    decide(client, stuck, do="again", why=" ")
    assert state_of(stuck) == State.UNKNOWN
    decide(client, stuck, do="again", why="Looked at the profile")
    assert state_of(stuck) == State.SCHEDULED
    sending.send_due()
    assert state_of(stuck) == State.SENT
    assert [post.key for post in platform.standing] == [str(stuck.key)]


def test_a_person_gives_it_up(stuck, platform, client, amira_hussain):
    client.force_login(amira_hussain)
    decide(client, stuck, do="give_up", why="Answered by telephone")
    assert state_of(stuck) == State.WITHDRAWN
    assert sending.send_due() == 0
    machinery.note_sent(delivery=stuck, external_id="post-late")
    assert state_of(stuck) == State.WITHDRAWN
    assert events_of(stuck)[-1] == "delivery.contradicted"


def test_a_decision_on_what_has_moved_meanwhile_is_refused(stuck, amira_hussain, platform):
    with pytest.raises(ChangedSinceSeen):
        outbox.settle_as_never_sent(
            actor=amira_hussain, delivery=stuck, fence_seen=stuck.fence - 1, again=True, why="Looked"
        )
    machinery.note_sent(delivery=stuck, external_id="post-9", found=True)
    with pytest.raises(ChangedSinceSeen, match="is sent now"):
        outbox.settle_as_never_sent(
            actor=amira_hussain, delivery=stuck, fence_seen=stuck.fence, again=True, why="Looked"
        )


def test_nobody_decides_what_reading_back_may_still_settle(reply, platform, amira_hussain, pc_nair):
    platform.after = raising(LOST_ANSWER)
    sending.send_due()
    reply.refresh_from_db()
    with pytest.raises(TransitionNotAllowed, match="still being read back"):
        outbox.settle_as_never_sent(
            actor=amira_hussain, delivery=reply, fence_seen=reply.fence, again=True, why="Impatient"
        )
    with pytest.raises(NotPermitted):
        outbox.settle_as_never_sent(
            actor=pc_nair, delivery=reply, fence_seen=reply.fence, again=True, why="Curious"
        )


def test_under_a_lockdown_nothing_is_sent_again(stuck, amira_hussain, sergeant_okafor):
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    with pytest.raises(TransitionNotAllowed, match="Nothing goes out"):
        outbox.settle_as_never_sent(
            actor=amira_hussain, delivery=stuck, fence_seen=stuck.fence, again=True, why="Looked"
        )


# The bare answer


def test_the_bare_answer_is_kept_apart_and_shown_to_who_looks_after_the_platform(
    reply, platform, client, amira_hussain, sergeant_okafor
):
    platform.before = raising(
        PermanentFault(
            "The network refused it.", link="https://network.example/answer", raw='{"code": 87, "<b>": 1}'
        )
    )
    sending.send_due()
    reply.refresh_from_db()
    assert (reply.fault, reply.fault_raw) == ("The network refused it.", '{"code": 87, "<b>": 1}')
    client.force_login(amira_hussain)
    page = client.get(reverse("publishing:outbox")).content.decode()
    assert "The network refused it." in page
    assert 'href="https://network.example/answer"' in page
    assert "&quot;code&quot;" not in page
    client.force_login(sergeant_okafor)
    page = client.get(reverse("publishing:outbox")).content.decode()
    assert "{&quot;code&quot;: 87, &quot;&lt;b&gt;&quot;: 1}" in page


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://network.example/"])
def test_a_link_that_is_not_https_is_not_kept(reply, platform, link):
    platform.before = raising(PermanentFault("No.", link=link))
    sending.send_due()
    reply.refresh_from_db()
    assert reply.fault_link == ""


def test_the_schema_holds_the_constraints(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname = 'publishing_delivery_fence'")
        assert cursor.fetchone()


def test_who_looks_after_the_platform_reads_what_is_stuck_without_words(
    stuck, client, ben_osei, platform, amira_hussain, force_account
):
    Delivery.objects.filter(pk=stuck.pk).update(fault_raw=f'{{"error": "{stuck.text}", "code": 7}}')
    client.force_login(ben_osei)
    page = client.get(reverse("publishing:outbox")).content.decode()
    assert "What is stuck, without words" in page
    assert "The network tells no one." in page
    assert "[the words]" in page
    assert "code" in page
    assert stuck.text not in page
    assert "It never went" not in page
    step = reverse("publishing:delivery_step", args=[stuck.pk])
    assert client.post(step, {"do": "again", "fence": stuck.fence, "why": "x"}).status_code == 403
    client.force_login(amira_hussain)
    assert "What is stuck, without words" not in client.get(reverse("publishing:outbox")).content.decode()
