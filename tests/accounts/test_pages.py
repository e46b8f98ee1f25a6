"""The register's pages: what each person sees of it, and what bad input is answered with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import actions, queries
from accounts.actions import credentials
from accounts.models import AccountPermission, Credential, Grant, Neighbourhood, OfficialAccount
from accounts.tasks import expire_grants, project_grants
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff.models import StaffMember
from staff.roles import Power, Role


@pytest.fixture
def ben(client, ben_osei):
    """Ben, the service administrator, at his browser."""
    return client.force_login(ben_osei)


def form_of_an_account(owner, /, **more):
    return {
        "platform": "bluesky",
        "handle": "@wealdshire.example",
        "name": "Wealdshire on Bluesky",
        "owner": owner.pk,
        **more,
    }


def test_each_person_sees_their_own_part_of_the_register(
    client, pc_nair, saltmere_account, harrowfield_account
):
    client.force_login(pc_nair)
    page = client.get(reverse("accounts:register"))
    assert harrowfield_account.name in page.text
    assert saltmere_account.name not in page.text
    assert client.get(reverse("accounts:account", args=[harrowfield_account.pk])).status_code == 200
    assert client.get(reverse("accounts:account", args=[saltmere_account.pk])).status_code == 404
    assert client.get(reverse("accounts:account", args=[10**15])).status_code == 404
    refused = client.post(
        reverse("accounts:store_credential", args=[harrowfield_account.pk]), {"secret": "x"}
    )
    assert refused.status_code == 403


def test_an_official_account_is_registered_and_its_token_never_shown(ben, ben_osei, victoria_lang):
    answer = ben.post(reverse("accounts:register_new"), form_of_an_account(victoria_lang))
    account = OfficialAccount.objects.get(platform="bluesky")
    assert answer["Location"] == reverse("accounts:account", args=[account.pk])
    assert "nothing is read or sent" in ben.get(answer["Location"]).text
    ben.post(reverse("accounts:store_credential", args=[account.pk]), {"secret": "open sesame"})
    page = ben.get(answer["Location"])
    assert "Version 1, stored" in page.text
    assert "open sesame" not in page.text
    account.refresh_from_db()
    assert credentials.open_token(account).secret == "open sesame"
    empty = ben.post(reverse("accounts:store_credential", args=[account.pk]), {"secret": "  "})
    assert empty.status_code == 422
    assert credentials.open_token(OfficialAccount.objects.get(pk=account.pk)).secret == "open sesame"
    assert b"sesame" not in bytes(Credential.objects.get(official_account=account, replaced_at=None).sealed)
    assert not Entry.objects.filter(details__icontains="sesame").exists()
    twice = ben.post(
        reverse("accounts:register_new"), form_of_an_account(victoria_lang, handle="wealdshire.example")
    )
    assert twice.status_code == 422
    assert "registered already" in twice.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"platform": "myspace"},
        {"platform": ""},
        {"handle": " "},
        {"name": ""},
        {"owner": "0"},
        {"owner": "x"},
        {"handle": "a" * 121},
        {"handle": "a\x00b"},
        {"profile_url": "javascript:alert(1)"},
        {"neighbourhood": "99999999999999999999"},
    ],
)
def test_a_bad_entry_is_not_registered(ben, victoria_lang, wrong):
    count = OfficialAccount.objects.count()
    answer = ben.post(reverse("accounts:register_new"), form_of_an_account(victoria_lang, **wrong))
    assert answer.status_code == 422
    assert OfficialAccount.objects.count() == count


def test_suspending_needs_a_reason_and_one_person_closes_nothing(ben, force_account):
    where = reverse("accounts:change_status", args=[force_account.pk])
    assert ben.post(where, {"status": "suspended", "why": ""}).status_code == 422
    assert ben.post(where, {"status": "gone", "why": "x"}).status_code == 422
    assert ben.post(where, {"status": "active", "why": "Again"}).status_code == 422
    assert ben.post(where, {"status": "suspended", "why": "Password leaked"}).status_code == 302
    assert ben.post(where, {"status": "closed", "why": "Not used"}).status_code == 422
    entries = Entry.objects.filter(event="account.changed").order_by("id")
    assert [entry.details["status"] for entry in entries] == ["suspended"]
    OfficialAccount.objects.filter(pk=force_account.pk).update(status="closed")
    assert ben.post(where, {"status": "active", "why": "Back"}).status_code == 422
    assert "closed for good" in ben.get(reverse("accounts:account", args=[force_account.pk])).text
    with pytest.raises(NotValid):
        actions.change_status(actor=System("x"), official_account=force_account, status="gone", why="x")


def test_neighbourhoods_are_added_once(ben):
    where = reverse("accounts:neighbourhoods")
    assert ben.post(where, {"name": "St Anne’s  Ward"}).status_code == 302
    assert Neighbourhood.objects.get(slug="st-annes-ward").name == "St Anne’s Ward"
    for name in ("St Anne’s Ward", "St Annes Ward", "", "???"):
        assert ben.post(where, {"name": name}).status_code == 422
    assert Entry.objects.filter(event="neighbourhood.added").count() == 1


def test_somebody_over_one_neighbourhood_does_not_change_the_register_as_a_whole(
    ben_osei, tom_beckett, wealdshire
):
    actions.give_grant(
        actor=ben_osei,
        person=tom_beckett,
        role=Role.SERVICE_ADMINISTRATOR,
        neighbourhood=wealdshire.neighbourhoods["Harrowfield"],
        why="Area lead",
    )
    with pytest.raises(NotPermitted, match="over all"):
        actions.add_neighbourhood(actor=tom_beckett, name="Elsewhere")
    with pytest.raises(NotPermitted, match="over all"):
        actions.register_account(
            actor=tom_beckett, platform="bluesky", handle="x", name="X", owner=tom_beckett
        )


def test_a_grant_is_given_listed_and_ended(ben, tom_beckett, force_account):
    coming = (clock.in_london(clock.now()) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = ben.post(
        reverse("accounts:give_grant"),
        {
            "person": tom_beckett.pk,
            "role": Role.DUTY_COMMAND,
            "official_account": force_account.pk,
            "since": coming,
            "why": "Weekend cover",
        },
    )
    assert answer.status_code == 302
    grant = Grant.objects.get(why="Weekend cover")
    assert clock.in_london(grant.since).strftime("%Y-%m-%dT%H:%M") == coming
    assert "Weekend cover" in ben.get(reverse("accounts:grants") + "?state=coming").text
    assert "Weekend cover" not in ben.get(reverse("accounts:grants")).text
    end = reverse("accounts:end_grant", args=[grant.pk])
    assert ben.get(end).status_code == 200
    assert ben.post(end, {"why": ""}).status_code == 422
    assert ben.post(end, {"why": "Swapped"}).status_code == 302
    assert ben.post(end, {"why": "Again"}).status_code == 422
    grant.refresh_from_db()
    assert grant.until == grant.since
    assert not queries.may(tom_beckett, Power.ACKNOWLEDGE_CASES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "king"},
        {"role": ""},
        {"why": " "},
        {"person": ""},
        {"team": "1"},
        {"person": "0"},
        {"since": "yesterday"},
        {"since": "0001-01-01T00:00"},
        {"since": "9999-12-31T23:59"},
        {"until": "2021-01-01T00:00"},
        {"since": "2026-03-29T01:30"},  # a time that London clocks skip
    ],
)
def test_a_bad_grant_is_not_given(ben, tom_beckett, wrong):
    count = Grant.objects.count()
    given = {"person": tom_beckett.pk, "role": Role.DUTY_COMMAND, "why": "Cover", **wrong}
    assert ben.post(reverse("accounts:give_grant"), given).status_code == 422
    assert Grant.objects.count() == count


def test_giving_oneself_a_grant_is_refused_on_the_page(ben, ben_osei):
    answer = ben.post(
        reverse("accounts:give_grant"),
        {"person": ben_osei.pk, "role": Role.INFOSEC_AUDITOR, "why": "Curious"},
    )
    assert answer.status_code == 422
    assert "cannot give yourself" in answer.text


@pytest.mark.parametrize(
    "query", ["?state=none", "?before=x", "?before=99999999999", "?state=ended&before=-1", "?before=٣"]
)
def test_no_address_breaks_the_grants_page(ben, query):
    assert ben.get(reverse("accounts:grants") + query).status_code == 200


def test_grants_go_on_on_a_next_page(ben, ben_osei, tom_beckett, monkeypatch):
    monkeypatch.setattr(queries, "GRANTS_SHOWN", 5)
    seen, before = [], None
    while True:
        page, before = queries.grants(ben_osei, "live", before=before)
        seen += [grant.pk for grant in page]
        if before is None:
            break
    assert len(seen) == len(set(seen)) == Grant.objects.count()
    assert "Older" in ben.get(reverse("accounts:grants")).text


def test_the_auditor_reads_grants_and_changes_none(client, joan_pritchard, amira_hussain):
    client.force_login(joan_pritchard)
    page = client.get(reverse("accounts:grants"))
    assert "Amira Hussain" in page.text
    assert reverse("accounts:give_grant") not in page.text
    assert client.get(reverse("accounts:give_grant")).status_code == 403
    client.force_login(amira_hussain)
    assert client.get(reverse("accounts:grants")).status_code == 403


def test_the_powers_page_shows_every_role_and_right(client, sergeant_mayhew):
    client.force_login(sergeant_mayhew)
    page = client.get(reverse("accounts:powers")).text
    for role in Role:
        assert role.label in page
    for power in Power:
        assert power.label in page


def test_a_joiner_is_added_and_written_to(ben):
    answer = ben.post(
        reverse("accounts:add_member"), {"name": "Nia New", "rank": "PC", "email": "nia@wealdshire.example"}
    )
    joiner = StaffMember.objects.get(email="nia@wealdshire.example")
    assert answer["Location"] == reverse("accounts:member", args=[joiner.pk])
    assert "/enrol/" in mail.outbox[0].body
    assert "none set up" in ben.get(answer["Location"]).text
    assert ben.post(reverse("accounts:send_link", args=[joiner.pk])).status_code == 302
    assert len(mail.outbox) == 2
    twice = ben.post(reverse("accounts:add_member"), {"name": "Nia", "email": "NIA@wealdshire.example"})
    assert twice.status_code == 422
    assert "in the list already" in twice.text
    assert "PC Nia New" in ben.get(reverse("accounts:staff") + "?q=nia").text
    assert "Nobody of that name" in ben.get(reverse("accounts:staff") + "?q=%00zz").text


def test_a_leaver_is_recorded_and_their_grants_end_with_an_entry(ben, amira_hussain, client):
    where = reverse("accounts:record_leaver", args=[amira_hussain.pk])
    assert ben.post(where, {"kind": "resigned", "why": ""}).status_code == 422
    assert ben.post(where, {"kind": "resigned", "why": "Last day"}).status_code == 302
    expire_grants()
    expire_grants()
    grant = Grant.objects.get(person=amira_hussain)
    assert grant.until is not None
    assert grant.ended_why == "Left the force"
    assert Entry.objects.filter(event="grant.ended").count() == 1
    assert not AccountPermission.objects.filter(user=amira_hussain).exists()
    assert ben.post(where, {"kind": "resigned", "why": "Again"}).status_code == 422
    assert "Amira Hussain" in ben.get(reverse("accounts:staff") + "?left=1").text
    assert "Amira Hussain" not in ben.get(reverse("accounts:staff")).text


def test_nobody_asks_to_renew_their_own_sign_in_or_without_a_reason(ben, amira_hussain, ben_osei):
    where = reverse("accounts:renew_sign_in", args=[amira_hussain.pk])
    assert ben.post(where, {"renewal-why": " "}).status_code == 422
    oneself = ben.post(reverse("accounts:renew_sign_in", args=[ben_osei.pk]), {"renewal-why": "x"})
    assert oneself.status_code == 422


def test_expired_and_begun_grants_reach_guardians_rows(ben_osei, joan_pritchard, force_account):
    at = clock.now()
    actions.give_grant(
        actor=ben_osei,
        person=joan_pritchard,
        role=Role.DESK_OPERATOR,
        official_account=force_account,
        since=at - timedelta(seconds=30),
        why="Cover",
    )
    AccountPermission.objects.filter(user=joan_pritchard, permission__codename=Power.REPLY).delete()
    expire_grants()
    assert AccountPermission.objects.filter(user=joan_pritchard, permission__codename=Power.REPLY).exists()
    AccountPermission.objects.all().delete()
    project_grants()
    assert AccountPermission.objects.exists()


def test_the_first_administrator_is_made_once_and_enters_by_the_link(client, db, capsys, settings):
    settings.PUBLIC_ADDRESS = "http://testserver"
    assert not Grant.objects.exists()
    call_command("first_administrator", email="ada@wealdshire.example", name="Ada First")
    link = next(line for line in capsys.readouterr().out.splitlines() if "/enrol/" in line)
    assert client.get(link.removeprefix("http://testserver")).status_code == 200
    ada = StaffMember.objects.get()
    assert ada.has_perm("accounts.give_grants")
    events = set(Entry.objects.values_list("event", flat=True))
    assert {"staff.member_added", "grant.given", "staff.first_administrator_made"} <= events
    with pytest.raises(CommandError, match="already") as refusal:
        call_command("first_administrator", email="b@wealdshire.example", name="Bob Second")
    assert refusal.value.returncode == 2
    assert StaffMember.objects.count() == 1
    # In an empty register she can enter the first official account.
    client.force_login(ada)
    answer = client.post(reverse("accounts:register_new"), form_of_an_account(ada))
    assert answer.status_code == 302


@pytest.mark.parametrize(("email", "name"), [("nonsense", "Ada"), ("a@b.example", " ")])
def test_a_first_administrator_without_name_or_address_is_refused(db, email, name):
    with pytest.raises(CommandError) as refusal:
        call_command("first_administrator", email=email, name=name)
    assert refusal.value.returncode == 2
    assert not StaffMember.objects.exists()


def test_one_person_alone_closes_nothing_and_closed_stays_closed(ben_osei, force_account):
    with pytest.raises(NotValid, match="two people"):
        actions.change_status(actor=ben_osei, official_account=force_account, status="closed", why="Done")
    OfficialAccount.objects.filter(pk=force_account.pk).update(status="closed")
    with pytest.raises(TransitionNotAllowed):
        actions.change_status(actor=ben_osei, official_account=force_account, status="active", why="Undo")
