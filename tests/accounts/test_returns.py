"""Somebody who left comes back: with nothing of before, and not while professional standards say no."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions
from accounts.actions import returns
from accounts.models import Grant
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff.actions import conduct, departures, teams
from staff.models import Allowance, ConductMatter, Membership, SignOnIdentity, StaffMember, Team
from staff.roles import Role


@pytest.fixture
def gone(ben_osei, amira_hussain) -> StaffMember:
    """Amira Hussain, who left with a grant, a team, an allowance and an identity at the provider."""
    actions.give_grant(actor=System("test"), person=amira_hussain, role=Role.COMMS_OFFICER, why="Surge")
    team = Team.objects.create(name="Surge team")
    teams.join_team(actor=ben_osei, team=team, member=amira_hussain)
    actions.give_grant(actor=System("test"), team=team, role=Role.COMMS_OFFICER, why="Surge")
    Allowance.objects.create(
        kind="device",
        email=amira_hussain.email,
        reason="Abroad",
        given_by=ben_osei,
        given_at=clock.now(),
        until=clock.now() + timedelta(days=20),
    )
    SignOnIdentity.objects.create(
        user=amira_hussain, issuer="https://sso.example", subject="a", bound_at=clock.now(), name="sso"
    )
    return departures.record_leaver(actor=ben_osei, member=amira_hussain, why="Resigned", kind="resigned")


def back(ben_osei, gone, **more) -> StaffMember:
    return returns.bring_back(
        actor=ben_osei, member=gone, why=more.pop("why", "Came back from leave"), **more
    )


def test_a_returner_has_nothing_of_before_and_gets_a_link(client, ben_osei, gone):
    client.force_login(ben_osei)
    assert reverse("accounts:bring_back", args=[gone.pk]) in client.get(f"/register/staff/{gone.pk}/").text
    page = client.get(reverse("accounts:bring_back", args=[gone.pk]))
    assert "No grant, team, passkey" in page.text
    answer = client.post(
        reverse("accounts:bring_back", args=[gone.pk]),
        {"email": "amira.new@wealdshire.example", "why": "Came back from leave"},
    )
    assert answer.status_code == 302
    epoch = gone.authentication_epoch
    gone = StaffMember.objects.get(pk=gone.pk)
    assert (gone.active, gone.left_at, gone.email) == (True, None, "amira.new@wealdshire.example")
    assert gone.authentication_epoch == epoch + 1
    assert not gone.has_usable_password()
    assert gone.get_all_permissions() == set()
    assert not Grant.objects.filter(person=gone, expiry_recorded=False).exists()
    assert not Membership.objects.filter(member=gone, until=None).exists()
    assert not SignOnIdentity.objects.filter(user=gone).exists()
    assert Allowance.objects.get().ended_at is not None
    entry = Entry.objects.get(event="staff.member_returned")
    assert (entry.actor_id, entry.subject_id, entry.reason) == (
        ben_osei.pk,
        str(gone.pk),
        "Came back from leave",
    )
    assert [letter.to for letter in mail.outbox] == [["amira.new@wealdshire.example"]]


@pytest.mark.parametrize("given", [{"why": ""}, {"why": "x" * 301}, {"email": "no address"}])
def test_bad_input_changes_nothing(client, ben_osei, gone, given):
    client.force_login(ben_osei)
    answer = client.post(
        reverse("accounts:bring_back", args=[gone.pk]), {"email": gone.email, "why": "Back"} | given
    )
    assert answer.status_code == 422
    gone.refresh_from_db()
    assert not gone.active
    assert not Entry.objects.filter(event="staff.member_returned").exists()


def test_an_address_of_somebody_else_is_refused_and_nothing_is_changed(ben_osei, gone, tom_beckett):
    with pytest.raises(NotValid, match="Another staff member"):
        back(ben_osei, gone, email=tom_beckett.email)
    gone.refresh_from_db()
    assert not gone.active


def test_twice_is_refused(ben_osei, gone):
    back(ben_osei, gone)
    with pytest.raises(TransitionNotAllowed, match="works here"):
        back(ben_osei, gone)
    assert Entry.objects.filter(event="staff.member_returned").count() == 1


def test_others_and_the_person_themselves_are_refused(client, ben_osei, gone, tom_beckett):
    with pytest.raises(NotPermitted, match="service administrators"):
        back(tom_beckett, gone)
    with pytest.raises(NotPermitted, match="yourself"):
        back(ben_osei, ben_osei)
    with pytest.raises(NotPermitted, match="has ended"):
        back(gone, gone)
    client.force_login(tom_beckett)
    assert client.post(reverse("accounts:bring_back", args=[gone.pk])).status_code == 403


@pytest.mark.parametrize("kind", ["at_once", "covert"])
def test_a_matter_that_stands_refuses_the_return_and_gives_nothing_away(
    client, ben_osei, amira_hussain, inspector_kerr, kind
):
    matter = conduct.decide(actor=inspector_kerr, member=amira_hussain, kind=kind, why="Secret reason")
    if kind == "covert":
        departures.record_leaver(actor=ben_osei, member=amira_hussain, why="Resigned", kind="resigned")
    client.force_login(ben_osei)
    given = {"email": amira_hussain.email, "why": "Back"}
    answer = client.post(reverse("accounts:bring_back", args=[amira_hussain.pk]), given)
    assert answer.status_code == 422
    assert "vetting office" in answer.text
    said = re.sub(
        r"<nav.*?</nav>", "", answer.text.split("<h1>")[1].split("</main>")[0], flags=re.S
    ).casefold()
    assert "secret" not in said
    assert "matter" not in said
    assert "audit" not in said
    if kind == "covert":
        assert "professional standards" not in said
    amira_hussain.refresh_from_db()
    assert not amira_hussain.active
    matter.refresh_from_db()
    assert matter.return_asked_at is not None
    assert not Entry.objects.filter(event="staff.member_returned").exists()
    assert Entry.objects.filter(event="conduct.return_refused").count() == 1

    client.force_login(inspector_kerr)
    assert "a return was asked for" in client.get("/register/conduct/").text
    page = client.get(reverse("accounts:matter", args=[matter.pk]))
    assert "Close the matter" in page.text
    assert client.post(reverse("accounts:close_matter", args=[matter.pk]), {"why": ""}).status_code == 422
    client.post(reverse("accounts:close_matter", args=[matter.pk]), {"why": "Cleared on appeal"})
    matter.refresh_from_db()
    assert (matter.closed_by, matter.closed_why) == (inspector_kerr, "Cleared on appeal")
    assert "Cleared on appeal" in client.get(reverse("accounts:matter", args=[matter.pk])).text

    client.force_login(ben_osei)
    assert client.post(reverse("accounts:bring_back", args=[amira_hussain.pk]), given).status_code == 302
    amira_hussain.refresh_from_db()
    assert amira_hussain.active
    assert not amira_hussain.enhanced_audit


def test_only_a_matter_by_which_somebody_left_is_closed_once_by_professional_standards(
    ben_osei, amira_hussain, inspector_kerr
):
    matter = conduct.decide(actor=inspector_kerr, member=amira_hussain, kind="covert", why="Leak")
    with pytest.raises(TransitionNotAllowed, match="nothing to close"):
        conduct.close_matter(actor=inspector_kerr, matter=matter, why="x")
    departures.record_leaver(actor=ben_osei, member=amira_hussain, why="Resigned", kind="resigned")
    with pytest.raises(NotPermitted):
        conduct.close_matter(actor=ben_osei, matter=matter, why="x")
    with pytest.raises(NotValid):
        conduct.close_matter(actor=inspector_kerr, matter=matter, why=" ")
    conduct.close_matter(actor=inspector_kerr, matter=matter, why="Done")
    with pytest.raises(TransitionNotAllowed):
        conduct.close_matter(actor=inspector_kerr, matter=matter, why="Again")
    assert Entry.objects.filter(event="conduct.closed").count() == 1


def test_a_matter_that_was_ended_before_they_left_stands_in_nobodys_way(
    ben_osei, amira_hussain, inspector_kerr
):
    matter = conduct.decide(actor=inspector_kerr, member=amira_hussain, kind="covert", why="Leak")
    conduct.end_matter(actor=inspector_kerr, matter=matter, why="Unfounded")
    departures.record_leaver(actor=ben_osei, member=amira_hussain, why="Resigned", kind="resigned")
    assert back(ben_osei, amira_hussain).active


def test_the_database_refuses_half_a_closure(amira_hussain, inspector_kerr):
    matter = conduct.decide(actor=inspector_kerr, member=amira_hussain, kind="covert", why="Leak")
    with pytest.raises(IntegrityError), transaction.atomic():
        ConductMatter.objects.filter(pk=matter.pk).update(closed_at=clock.now(), closed_by=inspector_kerr)
