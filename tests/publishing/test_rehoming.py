"""What a leaver wrote, queued, approved or was asked to approve: held at once, then somebody else's."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from accounts import actions as accounts
from audit.models import Entry
from core.errors import NotPermitted
from publishing import checks, sending, tasks
from publishing.actions import machinery, outbox, posts, rehoming
from publishing.models import Approval, Delivery, Post
from smmp.seed.force import SEED
from staff.actions import members
from staff.models import Departure, Handover
from staff.roles import Role
from tests.publishing.platform import StubbornPlatform


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


def write(author, account, title="Witness appeal"):
    return posts.draft_post(actor=author, account_ids=[account.pk], words="Did you see it?", title=title)


def leaves(member, **more):
    members.record_leaver(actor=SEED, member=member, why="Resigned", **more)
    return Departure.objects.get(person=member)


@pytest.fixture
def draft(clock_at, leah_brandt, force_account):
    return write(leah_brandt, force_account)


@pytest.fixture
def approved(draft, leah_brandt, helen_achebe):
    posts.submit_post(actor=leah_brandt, post=draft, version_seen=1)
    return posts.approve_post(actor=helen_achebe, post=draft, version_seen=1)


@pytest.fixture
def second_approver(wealdshire, tom_beckett):
    accounts.give_grant(actor=SEED, person=tom_beckett, role=Role.COMMS_APPROVER, why="Holiday cover")
    return tom_beckett


def handed(subject) -> Handover:
    return Handover.objects.get(subject_type=subject._meta.label_lower, subject_id=subject.pk)


def test_what_a_leaver_queued_is_held_and_somebody_else_releases_it(
    approved, leah_brandt, second_approver, platform
):
    delivery = Delivery.objects.get()
    departure = leaves(leah_brandt, heir=second_approver)
    assert sending.send_due() == 1
    delivery.refresh_from_db()
    assert "Leah Brandt, who wrote it, has left" in delivery.held_why
    assert platform.acts == 0
    assert tasks.rehome() == 2, "the delivery and its post"
    assert tasks.rehome() == 0
    delivery.refresh_from_db()
    approved.refresh_from_db()
    assert delivery.author == approved.author == second_approver
    assert "Tom Beckett answers for it now" in delivery.held_why
    assert handed(delivery).departure == handed(approved).departure == departure
    outbox.release(actor=second_approver, delivery=delivery)
    assert sending.send_due() == 1
    assert platform.acts == 1
    assert Entry.objects.filter(event="staff.work_handed_over").count() == 2


def test_what_a_leaver_approved_is_approved_anew_by_whoever_releases_it(
    approved, leah_brandt, helen_achebe, second_approver, platform, sergeant_okafor
):
    leaves(helen_achebe, heir=second_approver)
    assert tasks.rehome() == 1
    delivery = Delivery.objects.get()
    assert "Helen Achebe, who approved it, has left" in delivery.held_why
    with pytest.raises(NotPermitted, match="written some of it"):
        outbox.release(actor=leah_brandt, delivery=delivery)
    with pytest.raises(NotPermitted, match="Somebody who may approve"):
        outbox.release(actor=sergeant_okafor, delivery=delivery)
    outbox.release(actor=second_approver, delivery=delivery)
    delivery.refresh_from_db()
    assert delivery.approver == second_approver
    assert Approval.objects.filter(post=approved, approver=second_approver, version=1).exists()
    assert sending.send_due() == 1
    assert platform.acts == 1


def test_the_heir_is_never_the_one_who_approved_it(approved, leah_brandt, helen_achebe, platform):
    leaves(leah_brandt, heir=helen_achebe)
    tasks.rehome()
    assert Delivery.objects.get().author != helen_achebe
    approved.refresh_from_db()
    assert approved.author != helen_achebe


def test_a_post_waiting_for_approval_goes_to_somebody_who_leaves_an_approver_over(
    draft, leah_brandt, helen_achebe, amira_hussain, wealdshire
):
    posts.submit_post(actor=leah_brandt, post=draft, version_seen=1)
    accounts.give_grant(actor=SEED, person=amira_hussain, role=Role.COMMS_OFFICER, why="Cover")
    leaves(leah_brandt, heir=helen_achebe)
    tasks.rehome()
    draft.refresh_from_db()
    assert draft.author == amira_hussain, "Helen is the only approver: she must stay one"
    posts.approve_post(actor=helen_achebe, post=draft, version_seen=1)
    assert Post.objects.get(pk=draft.pk).state == Post.State.APPROVED


def test_an_approval_asked_of_a_leaver_is_asked_of_their_heir(
    draft, leah_brandt, helen_achebe, second_approver
):
    posts.submit_post(actor=leah_brandt, post=draft, version_seen=1)
    leaves(helen_achebe, heir=second_approver)
    assert tasks.rehome() == 1
    assert tasks.rehome() == 0
    handover = handed(draft)
    assert (handover.heir, handover.what_next) == (second_approver, "Read it, then approve or return it.")


def test_work_that_nobody_may_take_over_is_said_to_the_administrators(draft, leah_brandt, helen_achebe):
    leaves(helen_achebe)
    leaves(leah_brandt)
    tasks.rehome()
    assert tasks.rehome() == 0
    assert handed(draft).heir is None


def test_a_leaver_between_claim_and_socket_sends_nothing(approved, leah_brandt, platform):
    claimed = machinery.claim_next()
    assert claimed.state == Delivery.State.SENDING
    leaves(leah_brandt)
    after = sending.deliver(claimed)
    assert after.state == Delivery.State.SCHEDULED
    assert "has left" in after.held_why
    assert platform.acts == 0


def test_two_at_once_hand_each_piece_over_once(committed_db, leah_brandt, helen_achebe, force_account):
    post = write(leah_brandt, force_account)
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=1)
    leaves(leah_brandt)
    delivery = Delivery.objects.get()
    start, done, faults = threading.Barrier(2), [], []

    def run() -> None:
        try:
            start.wait(20)
            done.append(rehoming.rehome_delivery(delivery=delivery))
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert sorted(done) == [False, True]
    assert Handover.objects.filter(subject_type="publishing.delivery").count() == 1
