"""Joiners and leavers: who may, what is refused, what stands in the trail."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction

from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff.actions import members
from staff.models import StaffMember


def test_an_administrator_adds_a_staff_member_who_may_do_nothing_yet(ben_osei):
    joiner = members.add_member(
        actor=ben_osei, email=" nia.new@wealdshire.example ", name="Nia New", rank="PC", phone="07700 900456"
    )
    assert joiner.email == "nia.new@wealdshire.example"
    assert not joiner.has_usable_password()
    assert joiner.get_all_permissions() == set()
    assert Entry.objects.get(event="staff.member_added").subject_name == "PC Nia New"


def test_only_an_administrator_adds_renews_or_records_a_leaver(amira_hussain, tom_beckett):
    count = StaffMember.objects.count()
    with pytest.raises(NotPermitted):
        members.add_member(actor=amira_hussain, email="x@wealdshire.example", name="X")
    with pytest.raises(NotPermitted):
        members.record_leaver(actor=amira_hussain, member=tom_beckett, why="Fun")
    with pytest.raises(NotPermitted):
        members.renew_sign_in(actor=amira_hussain, member=tom_beckett, why="Fun")
    with pytest.raises(NotPermitted):
        members.send_link(actor=amira_hussain, member=tom_beckett)
    assert StaffMember.objects.count() == count
    assert StaffMember.objects.get(pk=tom_beckett.pk).active


@pytest.mark.parametrize(
    ("email", "name", "field"),
    [
        ("", "Nia New", "email"),
        ("nia", "Nia New", "email"),
        ("nia@wealdshire.example", "  ", "name"),
        ("nia@wealdshire.example", "Nia \u202ewen", "name"),
        ("nia@wealdshire.example", "Nia\x00 New", "name"),
        ("AMIRA.HUSSAIN@wealdshire.example", "Another Amira", "email"),
        ("amira.hu\u017f\u017fain@wealdshire.example", "Amira with a long s", "email"),
        ("am\u0131ra.hussain@wealdshire.example", "Amira without a dot", "email"),
    ],
)
def test_a_joiner_needs_a_name_and_an_address_of_their_own(ben_osei, email, name, field):
    with pytest.raises(NotValid) as refusal:
        members.add_member(actor=ben_osei, email=email, name=name)
    assert refusal.value.field == field


def test_the_database_keeps_two_people_from_one_address_at_the_sign_in(amira_hussain):
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffMember.objects.create(
            email="amira.hu\u017f\u017fain@wealdshire.example", name="Another", joined_at=clock.now()
        )


def test_a_name_keeps_the_joiners_of_its_script(ben_osei):
    member = members.add_member(actor=ben_osei, email="nia@wealdshire.example", name="علی\u200cرضا  کریمی")
    assert member.name == "علی\u200cرضا کریمی"
    with pytest.raises(NotValid) as refusal:
        members.rename_member(actor=ben_osei, member=member, name="Nia New", rank="PC \u2067")
    assert refusal.value.field == "rank"


def test_a_leaver_keeps_nothing(ben_osei, amira_hussain):
    epoch = amira_hussain.authentication_epoch
    left = members.record_leaver(actor=ben_osei, member=amira_hussain, why="Retired")
    assert not left.active
    assert left.left_at is not None
    assert left.authentication_epoch == epoch + 1
    assert left.get_all_permissions() == set()
    assert Entry.objects.get(event="staff.member_left").reason == "Retired"
    with pytest.raises(TransitionNotAllowed, match="already"):
        members.record_leaver(actor=ben_osei, member=left, why="Again")
    with pytest.raises(TransitionNotAllowed):
        members.renew_sign_in(actor=ben_osei, member=left, why="Lost phone")
    with pytest.raises(TransitionNotAllowed):
        members.send_link(actor=ben_osei, member=left)
    assert mail.outbox == []


def test_reasons_are_asked_for_and_nobody_shuts_themselves_out(ben_osei, amira_hussain):
    with pytest.raises(NotValid, match="why"):
        members.record_leaver(actor=ben_osei, member=amira_hussain, why=" ")
    with pytest.raises(NotValid, match="why"):
        members.renew_sign_in(actor=ben_osei, member=amira_hussain, why=" ")
    with pytest.raises(NotPermitted, match="yourself"):
        members.record_leaver(actor=ben_osei, member=ben_osei, why="Bye")
    with pytest.raises(NotPermitted, match="your own"):
        members.renew_sign_in(actor=ben_osei, member=ben_osei, why="Lost phone")


def test_a_mail_server_that_is_down_is_said_and_nothing_claims_a_letter(ben_osei, amira_hussain, monkeypatch):
    def down(self, letters):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", down)
    with pytest.raises(NotValid, match="did not take the letter"):
        members.send_link(actor=ben_osei, member=amira_hussain)
    assert not Entry.objects.filter(event="staff.link_sent").exists()


def test_the_platform_itself_adds_the_first_people(db):
    assert members.add_member(actor=System("seed"), email="a@wealdshire.example", name="Ann").pk
