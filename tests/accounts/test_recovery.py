"""A lost second factor needs two administrators; the database refuses one person in two places."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import IntegrityError, connections, transaction
from django.urls import reverse

from accounts import actions
from accounts.actions import recovery
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from staff.actions import members
from staff.models import Recovery
from staff.roles import Role
from staff.tasks import send_letters


@pytest.fixture
def nia(wealdshire, victoria_lang):
    """A second service administrator."""
    person = members.add_member(actor=System("seed"), email="nia.new@wealdshire.example", name="Nia New")
    actions.give_grant(actor=System("seed"), person=person, role=Role.SERVICE_ADMINISTRATOR, why="Cover")
    return person


@pytest.fixture
def amira(amira_hussain):
    amira_hussain.set_password("four quiet herons wading")
    amira_hussain.save()
    return amira_hussain


def test_one_asks_another_agrees_and_the_link_goes_out(client, ben_osei, nia, amira):
    client.force_login(ben_osei)
    page = reverse("accounts:member", args=[amira.pk])
    asked = client.post(reverse("accounts:renew_sign_in", args=[amira.pk]), {"renewal-why": "Phone stolen"})
    assert asked["Location"] == page
    amira.refresh_from_db()
    assert amira.has_usable_password()
    assert Notice.objects.filter(to=nia, link=f"/register/staff/{amira.pk}/").count() == 1
    send_letters()
    assert mail.outbox[-1].to == [amira.email]
    assert "Ben Osei asked to renew your sign-in" in mail.outbox[-1].body
    own = client.get(page)
    assert "Another administrator has to agree" in own.text
    assert "Agree, and send the link" not in own.text
    assert client.post(reverse("accounts:agree_renewal", args=[amira.pk])).status_code == 403
    client.force_login(nia)
    assert "Renew the sign-in of Amira Hussain" in client.get(reverse("accounts:staff")).text
    assert "Agree, and send the link" in client.get(page).text
    assert client.post(reverse("accounts:agree_renewal", args=[amira.pk]))["Location"] == page
    amira.refresh_from_db()
    assert not amira.has_usable_password()
    assert "/enrol/" in mail.outbox[-1].body
    assert client.post(reverse("accounts:agree_renewal", args=[amira.pk])).status_code == 404
    events = list(
        Entry.objects.filter(event__startswith="staff.").order_by("pk").values_list("event", flat=True)
    )
    assert (
        events.index("staff.recovery_asked")
        < events.index("staff.sign_in_renewed")
        < events.index("staff.link_sent")
    )


def test_it_is_refused_or_taken_back_for_a_reason(client, ben_osei, nia, amira):
    asked = recovery.ask(actor=ben_osei, member=amira, why="Phone stolen")
    client.force_login(nia)
    refuse = reverse("accounts:refuse_renewal", args=[amira.pk])
    assert client.post(refuse, {"refusal-why": ""}).status_code == 422
    assert client.post(refuse, {"refusal-why": "She did not call"}).status_code == 302
    assert Notice.objects.filter(to=ben_osei, title__contains="refused").exists()
    with pytest.raises(TransitionNotAllowed, match="answered already"):
        recovery.agree(actor=nia, recovery=asked)
    again = recovery.ask(actor=ben_osei, member=amira, why="She called now")
    assert recovery.refuse(actor=ben_osei, recovery=again, why="Found it").agreed is False
    amira.refresh_from_db()
    assert amira.has_usable_password()
    assert Entry.objects.filter(event="staff.recovery_refused").count() == 2


def test_who_may_not_and_when_not(ben_osei, nia, amira, tom_beckett):
    with pytest.raises(NotPermitted):
        recovery.ask(actor=tom_beckett, member=amira, why="Fun")
    with pytest.raises(NotPermitted, match="your own"):
        recovery.ask(actor=ben_osei, member=ben_osei, why="Lost")
    with pytest.raises(NotValid, match="why"):
        recovery.ask(actor=ben_osei, member=amira, why=" ")
    asked = recovery.ask(actor=ben_osei, member=nia, why="Lost")
    with pytest.raises(NotPermitted, match="your own"):
        recovery.agree(actor=nia, recovery=asked)
    with pytest.raises(NotPermitted):
        recovery.agree(actor=tom_beckett, recovery=asked)
    with pytest.raises(NotPermitted, match="You asked"):
        recovery.agree(actor=ben_osei, recovery=asked)
    with pytest.raises(TransitionNotAllowed, match="asked for this already"):
        recovery.ask(actor=ben_osei, member=nia, why="Lost")
    members.record_leaver(actor=ben_osei, member=tom_beckett, why="Left")
    with pytest.raises(TransitionNotAllowed):
        recovery.ask(actor=ben_osei, member=tom_beckett, why="Lost")


def test_an_ask_runs_out_after_a_day_and_is_asked_anew(ben_osei, nia, amira):
    asked = recovery.ask(actor=ben_osei, member=amira, why="Phone stolen")
    Recovery.objects.filter(pk=asked.pk).update(asked_at=clock.now() - recovery.VALID_FOR * 2)
    with pytest.raises(TransitionNotAllowed, match="24 hours"):
        recovery.agree(actor=nia, recovery=asked)
    again = recovery.ask(actor=nia, member=amira, why="Phone stolen")
    assert again.pk != asked.pk
    assert Entry.objects.filter(event="staff.recovery_ran_out").count() == 1
    recovery.agree(actor=ben_osei, recovery=again)


@pytest.mark.parametrize(
    "case", ["asks for oneself", "agrees alone", "agrees for oneself", "two open", "by nobody"]
)
def test_the_database_refuses_one_person_in_two_places(ben_osei, nia, amira, case):
    row = {"member": amira, "why": "x", "asked_by": ben_osei, "asked_at": clock.now()}
    done = {"agreed": True, "answered_at": clock.now()}
    if case == "asks for oneself":
        row |= {"asked_by": amira}
    elif case == "agrees alone":
        row |= {**done, "answered_by": ben_osei}
    elif case == "agrees for oneself":
        row |= {**done, "answered_by": amira}
    elif case == "by nobody":
        row |= done
    else:
        Recovery.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.create(**row)
    if case != "two open":
        Recovery.objects.create(**{**row, "asked_by": ben_osei, **done, "answered_by": nia})


def test_two_who_agree_at_once_renew_once(committed_db, wealdshire, nia, ben_osei, amira, victoria_lang):
    actions.give_grant(
        actor=System("seed"), person=victoria_lang, role=Role.SERVICE_ADMINISTRATOR, why="Cover"
    )
    asked = recovery.ask(actor=ben_osei, member=amira, why="Phone stolen")

    def agree(person):
        try:
            recovery.agree(actor=person, recovery=asked)
            return "agreed"
        except TransitionNotAllowed:
            return "told"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(agree, [nia, victoria_lang])) == ["agreed", "told"]
    assert Entry.objects.filter(event="staff.sign_in_renewed").count() == 1
