"""The pages of a departure: the form, the checklist that is signed, what was handed over to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions, queries
from accounts.actions import checklists, credentials
from accounts.models import DepartureStep, OfficialAccount
from accounts.tasks import rehome
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, TransitionNotAllowed
from notices.models import Notice
from smmp.seed.force import SEED
from staff.actions import members
from staff.models import Departure, Handover, Membership
from staff.roles import Power, Role


@pytest.fixture
def ben(client, ben_osei):
    return client.force_login(ben_osei)


def leaves(member, **more):
    members.record_leaver(actor=SEED, member=member, why="Resigned", **more)
    return Departure.objects.get(person=member)


def test_somebody_leaves_from_the_browser_and_the_administrator_signs_the_checklist(
    ben, leah_brandt, sergeant_okafor, force_account, ben_osei
):
    page = ben.get(reverse("accounts:member", args=[leah_brandt.pk])).text
    where = reverse("accounts:record_leaver", args=[leah_brandt.pk])
    assert where in page
    answer = ben.post(where, {"kind": "resigned", "why": "Last day today", "heir": sergeant_okafor.pk})
    departure = Departure.objects.get()
    assert answer["Location"] == reverse("accounts:departure", args=[departure.pk])
    assert departure.heir == sergeant_okafor
    rehome()
    rehome()
    steps = list(DepartureStep.objects.filter(departure=departure))
    assert [step.kind for step in steps].count("devices") == 1
    assert {step.official_account_id for step in steps if step.kind == "remove"} == set(
        OfficialAccount.objects.values_list("pk", flat=True)
    )
    assert not [step for step in steps if step.kind == "rotate"], "Leah stored no secret"
    home = ben.get("/").text
    assert "Leah Brandt has left" in home
    assert f"{len(steps)} steps by hand are not signed yet" in home
    for step in steps:
        ben.post(reverse("accounts:sign_step", args=[step.pk]), {"note": "Asked the platform’s support"})
    assert "Leah Brandt has left" not in ben.get("/").text
    signed = DepartureStep.objects.filter(departure=departure)[0]
    assert (signed.signed_by, signed.note) == (ben_osei, "Asked the platform’s support")
    assert Entry.objects.filter(event="departure.step_signed").count() == len(steps)
    assert "all signed" in ben.get(answer["Location"]).text
    again = ben.post(reverse("accounts:sign_step", args=[steps[0].pk]), {})
    assert again.status_code == 409
    assert "has signed this step already" in again.text


def test_a_secret_that_the_leaver_could_know_is_to_be_renewed(ben_osei, force_account, victoria_lang):
    credentials.store_credential(actor=ben_osei, official_account=force_account, secret="a token")
    departure = leaves(ben_osei)
    rehome()
    rotate = DepartureStep.objects.filter(departure=departure, kind="rotate")
    assert force_account.pk in rotate.values_list("official_account_id", flat=True)


def test_a_guest_of_one_day_appears_in_the_checklist_after_their_grant_ran_out(wealdshire, joan_pritchard):
    actions.give_grant(
        actor=SEED,
        person=joan_pritchard,
        role=Role.NEIGHBOURHOOD_OFFICER,
        neighbourhood=wealdshire.neighbourhoods["Harrowfield"],
        until=clock.now() + timedelta(days=1),
        why="A day at Harrowfield",
    )
    departure = leaves(joan_pritchard)
    rehome()
    remove = DepartureStep.objects.filter(departure=departure, kind="remove")
    assert [step.official_account.handle for step in remove] == ["harrowfield-police"]


def test_an_owner_who_leaves_is_followed_by_the_heir_who_is_told_once(
    victoria_lang, helen_achebe, client, amira_hussain
):
    owned = OfficialAccount.objects.filter(owner=victoria_lang).count()
    departure = leaves(victoria_lang, heir=helen_achebe)
    assert rehome() == owned
    assert rehome() == 0
    assert OfficialAccount.objects.filter(owner=helen_achebe).count() == owned
    assert Handover.objects.filter(departure=departure, heir=helen_achebe).count() == owned
    notice = Notice.objects.get(to=helen_achebe)
    assert notice.title == "You take over from Victoria Lang"
    client.force_login(helen_achebe)
    page = client.get(notice.link)
    assert "You are its owner now" in page.text
    assert "Wealdshire Police" in page.text
    client.force_login(amira_hussain)
    assert client.get(notice.link).status_code == 404


def test_who_takes_over_is_worked_out_from_data(
    amira_hussain, tom_beckett, sergeant_okafor, helen_achebe, force_account, inspector_calder
):
    departure = leaves(amira_hussain, heir=inspector_calder)
    found = queries.heirs(departure, Power.WORK_COMMENTS, [force_account.pk])
    assert found[0] == sergeant_okafor, "the named heir may not work on comments; the supervisor comes next"
    Membership.objects.filter(member=tom_beckett).update(leads=True)
    assert queries.heirs(departure, Power.WORK_COMMENTS, [force_account.pk])[0] == tom_beckett
    found = queries.heirs(departure, Power.WORK_COMMENTS, [force_account.pk], excluding=[tom_beckett.pk])
    assert tom_beckett not in found
    assert amira_hussain not in found
    assert queries.heirs(departure)[0] == inspector_calder


def test_only_administrators_see_and_sign(client, sergeant_okafor, amira_hussain, ben_osei):
    departure = leaves(amira_hussain)
    rehome()
    step = DepartureStep.objects.filter(departure=departure)[0]
    client.force_login(sergeant_okafor)
    for name, args in (("departures", []), ("departure", [departure.pk]), ("record_leaver", [ben_osei.pk])):
        assert client.get(reverse(f"accounts:{name}", args=args)).status_code == 403
    assert client.post(reverse("accounts:sign_step", args=[step.pk])).status_code == 403
    with pytest.raises(NotPermitted):
        checklists.sign_step(actor=sergeant_okafor, step=step)
    checklists.sign_step(actor=ben_osei, step=step)
    with pytest.raises(TransitionNotAllowed):
        checklists.sign_step(actor=ben_osei, step=step)
    with pytest.raises(IntegrityError), transaction.atomic():
        DepartureStep.objects.filter(pk=step.pk).update(signed_by=None)


def test_a_departure_is_announced_and_called_off_from_the_browser(ben, amira_hussain):
    where = reverse("accounts:record_leaver", args=[amira_hussain.pk])
    wrong = ben.post(where, {"kind": "retired", "why": "Age", "leaves_at": "2021-01-01T10:00"})
    assert wrong.status_code == 422
    assert "That time has passed" in wrong.text
    answer = ben.post(where, {"kind": "retired", "why": "Age", "leaves_at": "2060-01-01T10:00"})
    page = ben.get(answer["Location"]).text
    assert "1 Jan 2060" in page or "1 January 2060" in page
    assert "Amira Hussain" in ben.get(reverse("accounts:departures")).text
    assert "their access ends" in ben.get(reverse("accounts:member", args=[amira_hussain.pk])).text
    pk = Departure.objects.get().pk
    off = reverse("accounts:call_off_departure", args=[pk])
    assert ben.post(off, {"why": ""}).status_code == 422
    assert ben.post(off, {"why": "Stays"}).status_code == 302
    assert ben.post(off, {"why": "Stays"}).status_code == 422
    amira_hussain.refresh_from_db()
    assert amira_hussain.access_until is None
