"""Blocking, muting and deleting on the platform: for a published reason, told, and undone where it can be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from moderation import tasks
from moderation.actions import restricting
from notices.models import Notice
from platforms.contract import PermanentFault
from publishing import sending
from publishing.models import Delivery
from tests.moderation.comments import a_comment
from tests.publishing.platform import LOST_ANSWER, StubbornPlatform, raising

ACTS = ["block", "mute", "delete_comment"]


class Platform(StubbornPlatform):
    """Who is blocked and muted there, and what is deleted."""

    def __init__(self):
        super().__init__()
        self.blocked, self.muted = set(), set()

    def _do(self, change, what):
        self.before()
        self.acts += 1
        change(what)
        self.after()

    def block(self, commenter_external_id):
        self._do(self.blocked.add, commenter_external_id)

    def unblock(self, commenter_external_id):
        self._do(self.blocked.discard, commenter_external_id)

    def is_blocked(self, commenter_external_id):
        return commenter_external_id in self.blocked

    def mute(self, commenter_external_id):
        self._do(self.muted.add, commenter_external_id)

    def unmute(self, commenter_external_id):
        self._do(self.muted.discard, commenter_external_id)

    def is_muted(self, commenter_external_id):
        return commenter_external_id in self.muted

    def delete_comment(self, external_id):
        self._do(self.deleted.add, external_id)

    def is_there(self, comment_external_id):
        return comment_external_id not in self.deleted

    def done(self, kind):
        return {"block": self.blocked, "mute": self.muted, "delete_comment": self.deleted}[kind]


@pytest.fixture
def platform(monkeypatch):
    there = Platform()
    monkeypatch.setattr(sending, "kept_connector", lambda official_account: there)
    return there


def restrict(actor, comment, clause, kind="block", revision_number=1, **given):
    if kind == "block":
        given.setdefault("until", clock.today() + timedelta(days=30))
    given.setdefault("why", "Calls a colleague names")
    return restricting.restrict(
        actor=actor, comment=comment, revision_number=revision_number, kind=kind, clause=clause, **given
    )


@pytest.mark.parametrize("kind", ACTS)
def test_it_is_done_on_the_platform_for_a_published_reason_and_told(
    amira_hussain, sergeant_okafor, comment, abuse, platform, kind
):
    delivery = restrict(amira_hussain, comment, abuse, kind).delivery
    sending.send_due()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.SENT
    wanted = comment.external_id if kind == "delete_comment" else comment.commenter.external_id
    assert platform.done(kind) == {wanted}
    assert Entry.objects.get(event="delivery.queued").reason == f"Under “{abuse.title}”"
    assert Notice.objects.filter(to=sergeant_okafor, title__contains="by Amira Hussain").count() == 1
    comment.refresh_from_db()
    assert comment.state == ("decided" if kind == "delete_comment" else "open")
    with pytest.raises(TransitionNotAllowed, match="already"):
        restrict(amira_hussain, comment, abuse, kind)


@pytest.mark.parametrize("kind", ACTS)
def test_a_lost_answer_is_settled_by_asking_whether_it_is_so(amira_hussain, comment, abuse, platform, kind):
    delivery = restrict(amira_hussain, comment, abuse, kind).delivery
    platform.after = raising(LOST_ANSWER)
    sending.send_due()
    Delivery.objects.update(next_check_at=delivery.created_at)
    sending.settle_due()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.SENT
    assert platform.acts == 1


@pytest.mark.parametrize(("kind", "back"), [("block", "unblock"), ("mute", "unmute")])
def test_it_is_undone_from_the_same_place(amira_hussain, comment, abuse, platform, kind, back):
    restrict(amira_hussain, comment, abuse, kind)
    sending.send_due()
    restricting.lift(actor=amira_hussain, comment=comment, kind=back)
    sending.send_due()
    assert platform.done(kind) == set()
    with pytest.raises(TransitionNotAllowed, match="nothing to undo"):
        restricting.lift(actor=amira_hussain, comment=comment, kind=back)
    restrict(amira_hussain, comment, abuse, kind)


def test_a_block_that_has_not_left_never_will(amira_hussain, comment, abuse, platform):
    delivery = restrict(amira_hussain, comment, abuse).delivery
    restricting.lift(actor=amira_hussain, comment=comment, kind="unblock")
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.WITHDRAWN
    assert sending.send_due() == 0


def test_a_block_that_the_platform_refused_is_not_in_force(amira_hussain, comment, abuse, platform):
    platform.before = raising(PermanentFault("No."))
    restrict(amira_hussain, comment, abuse)
    sending.send_due()
    tasks.note_outcomes()
    restrict(amira_hussain, comment, abuse)
    assert Delivery.objects.count() == 2


def test_who_may_not_hide_may_not_block(pc_nair, able_platform, harrowfield_account, abuse):
    with pytest.raises(NotPermitted):
        restrict(pc_nair, a_comment(harrowfield_account), abuse)


def test_words_that_were_not_seen_and_reasons_that_are_not_published_are_refused(
    amira_hussain, comment, abuse
):
    with pytest.raises(ChangedSinceSeen):
        restrict(amira_hussain, comment, abuse, revision_number=2)
    with pytest.raises(NotValid, match="Choose what to do"):
        restrict(amira_hussain, comment, abuse, "hide")
    with pytest.raises(NotValid, match="Choose what to do"):
        restrict(amira_hussain, comment, abuse, "unblock")
    abuse.published = False
    abuse.save()
    with pytest.raises(NotValid, match="clause"):
        restrict(amira_hussain, comment, abuse)
    assert not Delivery.objects.exists()


def test_the_desk_offers_it_where_the_platform_can(client, amira_hussain, comment, abuse, platform):
    client.force_login(amira_hussain)
    address = reverse("moderation:conversation", args=[comment.pk])
    assert "Block the commenter" in client.get(address).content.decode()
    answer = client.post(
        reverse("moderation:restrict", args=[comment.pk]),
        {
            "revision": 1,
            "do": "block",
            "clause": abuse.pk,
            "why": "Names",
            "until": f"{clock.today() + timedelta(days=7):%Y-%m-%d}",
        },
    )
    assert answer.status_code == 302
    page = client.get(address).content.decode()
    assert "The commenter is blocked by Amira Hussain" in page
    assert "Unblock the commenter" in page
    client.post(reverse("moderation:lift", args=[comment.pk]), {"do": "unblock"})
    assert "Unblock the commenter" not in client.get(address).content.decode()


def test_without_a_clause_the_page_says_so(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    answer = client.post(reverse("moderation:restrict", args=[comment.pk]), {"revision": 1, "do": "block"})
    assert answer.status_code == 422
    assert "Choose a clause" in answer.content.decode()


def test_where_the_platform_cannot_the_page_says_why(
    client, amira_hussain, force_account, mute_platform, abuse
):
    comment = a_comment(force_account)
    with pytest.raises(NotValid, match="offers no way"):
        restrict(amira_hussain, comment, abuse)


def test_two_who_block_somebody_at_once_block_them_once(
    amira_hussain, tom_beckett, comment, abuse, monkeypatch
):
    restrict(amira_hussain, comment, abuse)
    other = a_comment(comment.official_account, commenter=comment.commenter)
    # As it stands for whoever looked before the other had committed.
    monkeypatch.setattr(restricting.restrictions, "standing_block", lambda comment: None)
    monkeypatch.setattr(restricting.restrictions, "in_force", lambda comment, kind: None)
    with pytest.raises(TransitionNotAllowed, match="A colleague has blocked them this moment"):
        restrict(tom_beckett, other, abuse)
    assert Delivery.objects.filter(kind="block").count() == 1
