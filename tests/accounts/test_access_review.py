"""Moves, roles that are asked for, teams, and the review of who may do what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions, queries, reviews, tasks
from accounts.actions import requests
from accounts.actions import reviews as reviewing
from accounts.models import AccessPolicy, Campaign, Confirmation, Grant, GrantRequest
from audit.actions import record
from audit.models import Entry
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from smmp.seed.force import SEED
from staff.actions import leading, seen, teams
from staff.models import Membership, StaffMember
from staff.roles import Power, Role
from tests.embedded import made_at

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
@made_at(FRIDAY)
def friday():
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def okafor_leads(friday, wealdshire, ben_osei, sergeant_okafor):
    leading.lead_team(
        actor=ben_osei, team=wealdshire.teams["Digital desk"], member=sergeant_okafor, leads=True
    )
    return sergeant_okafor


# Moves and requests


def test_a_mover_keeps_nothing_and_the_new_post_is_asked_for(friday, ben_osei, pc_nair, wealdshire):
    old = pc_nair.grants.get()
    asked = requests.record_move(
        actor=ben_osei,
        member=pc_nair,
        why="Digital desk from today",
        rank="Sgt",
        team=wealdshire.teams["Digital desk"],
        again=[old],
        wanted=[requests.Wanted(Role.DESK_OPERATOR)],
    )
    old.refresh_from_db()
    assert old.until == FRIDAY
    assert not queries.may(pc_nair, Power.REPLY)
    assert [place.team.name for place in queries.live_places(pc_nair)] == ["Digital desk"]
    assert [(one.role, one.scope_name) for one in asked] == [
        (Role.NEIGHBOURHOOD_OFFICER, "Harrowfield"),
        (Role.DESK_OPERATOR, "all official accounts"),
    ]
    assert not Grant.objects.filter(person=pc_nair, until=None).exists()
    requests.answer(actor=ben_osei, request=asked[1], give=True, why="")
    assert queries.may(pc_nair, Power.REPLY)
    requests.answer(actor=ben_osei, request=asked[0], give=False, why="Not in the new post")
    assert Entry.objects.get(event="staff.moved").details["rank"] == "Sgt"
    assert Entry.objects.filter(event="grant.refused").count() == 1
    assert {notice.title for notice in Notice.objects.filter(to=pc_nair)} == {
        "You have the role of Digital desk operator",
        "You were not given the role of Neighbourhood officer",
    }
    with pytest.raises(TransitionNotAllowed, match="answered already"):
        requests.answer(actor=ben_osei, request=asked[0], give=True, why="")


def test_nobody_answers_their_own_request_or_moves_themselves(friday, ben_osei, amira_hussain, tom_beckett):
    own = requests.ask_for_grant(
        actor=ben_osei, person=ben_osei, wanted=requests.Wanted(Role.DESK_SUPERVISOR), why="Cover"
    )
    with pytest.raises(NotPermitted, match="yourself"):
        requests.answer(actor=ben_osei, request=own, give=True, why="")
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantRequest.objects.filter(pk=own.pk).update(answered_by=ben_osei, answered_at=FRIDAY)
    with pytest.raises(NotPermitted, match="of your own"):
        requests.record_move(actor=ben_osei, member=ben_osei, why="Up")
    with pytest.raises(NotPermitted):
        requests.record_move(actor=tom_beckett, member=amira_hussain, why="Up")
    with pytest.raises(NotPermitted):
        requests.ask_for_grant(
            actor=tom_beckett, person=amira_hussain, wanted=requests.Wanted(Role.DESK_SUPERVISOR), why="x"
        )
    with pytest.raises(NotPermitted):
        requests.answer(actor=tom_beckett, request=own, give=True, why="")


def test_asked_twice_it_waits_once(friday, amira_hussain):
    wanted = requests.Wanted(Role.COMMS_OFFICER)
    first = requests.ask_for_grant(actor=amira_hussain, person=amira_hussain, wanted=wanted, why="Cover")
    again = requests.ask_for_grant(actor=amira_hussain, person=amira_hussain, wanted=wanted, why="Please")
    assert first == again
    with pytest.raises(NotValid, match="has passed"):
        requests.ask_for_grant(
            actor=amira_hussain,
            person=amira_hussain,
            wanted=requests.Wanted(Role.DESK_SUPERVISOR, until=FRIDAY - DAY),
            why="x",
        )


def test_a_role_is_asked_for_in_the_browser_and_given_for_a_day(friday, client, amira_hussain, ben_osei):
    client.force_login(amira_hussain)
    assert reverse("accounts:ask") in client.get("/").text
    refused = client.post(reverse("accounts:ask"), {"role": "", "why": ""})
    assert refused.status_code == 422
    assert "Choose a role" in refused.text
    client.post(
        reverse("accounts:ask"), {"role": Role.DESK_SUPERVISOR, "lasts": "1d", "why": "Okafor is ill"}
    )
    client.force_login(ben_osei)
    assert "asks for a role" in client.get("/").text
    page = client.get(reverse("accounts:requests"))
    assert "Okafor is ill" in page.text
    pk = GrantRequest.objects.get().pk
    no_reason = client.post(reverse("accounts:answer_request", args=[pk]), {"do": "refuse"}, follow=True)
    assert "Say why it is refused" in no_reason.text
    client.post(reverse("accounts:answer_request", args=[pk]), {"do": "give"})
    grant = Grant.objects.get(person=amira_hussain, role=Role.DESK_SUPERVISOR)
    assert grant.until == FRIDAY + DAY


def test_a_guest_is_given_three_weeks_by_choosing_so(friday, client, ben_osei, joan_pritchard):
    client.force_login(ben_osei)
    where = reverse("accounts:give_grant")
    given = {"person": joan_pritchard.pk, "role": Role.NEIGHBOURHOOD_OFFICER, "why": "Mutual aid"}
    both = client.post(where, {**given, "lasts": "3w", "until": "2026-12-01T10:00"})
    assert both.status_code == 422
    assert "not both" in both.text
    assert client.post(where, {**given, "lasts": "3w"}).status_code == 302
    assert Grant.objects.get(person=joan_pritchard, why="Mutual aid").until == FRIDAY + 21 * DAY


def test_a_move_is_recorded_from_the_browser(friday, client, ben_osei, pc_nair):
    client.force_login(ben_osei)
    assert (
        reverse("accounts:record_move", args=[pc_nair.pk])
        in client.get(reverse("accounts:member", args=[pc_nair.pk])).text
    )
    where = reverse("accounts:record_move", args=[pc_nair.pk])
    assert client.post(where, {"why": ""}).status_code == 422
    grant = pc_nair.grants.get()
    answer = client.post(where, {"why": "Saltmere", "rank": "PC", "again": [grant.pk]})
    assert answer["Location"] == reverse("accounts:requests")
    assert GrantRequest.objects.get().person == pc_nair


# Teams


def test_a_team_is_kept_in_the_browser_and_nobody_changes_their_own_place(
    friday, client, ben_osei, wealdshire, pc_nair, sergeant_okafor
):
    client.force_login(ben_osei)
    assert "Digital desk" in client.get(reverse("accounts:teams")).text
    desk = wealdshire.teams["Digital desk"]
    where = reverse("accounts:change_place", args=[desk.pk])
    client.post(where, {"member": pc_nair.pk, "do": "join"})
    client.post(where, {"member": sergeant_okafor.pk, "do": "lead"})
    page = client.get(reverse("accounts:team", args=[desk.pk])).text
    assert "PC Priya Nair" in page
    assert "leads it" in page
    client.post(where, {"member": pc_nair.pk, "do": "leave"})
    assert (
        "PC Priya Nair"
        not in client.get(reverse("accounts:team", args=[desk.pk])).text.split("Put somebody in")[0]
    )
    refused = client.post(where, {"member": ben_osei.pk, "do": "join"}, follow=True)
    assert "cannot put yourself" in refused.text
    assert not Membership.objects.filter(member=ben_osei, team=desk).exists()
    with pytest.raises(NotValid, match="not in the team"):
        leading.lead_team(actor=ben_osei, team=desk, member=ben_osei, leads=True)
    with pytest.raises(NotPermitted):
        leading.lead_team(actor=pc_nair, team=desk, member=sergeant_okafor, leads=False)
    assert client.post(reverse("accounts:teams"), {"name": "Digital desk"}).status_code == 422


# The review


def test_the_review_shows_who_was_not_here_and_who_holds_more_than_they_use(
    friday, ben_osei, amira_hussain, tom_beckett, helen_achebe, client
):
    old = FRIDAY - 100 * DAY
    StaffMember.objects.update(joined_at=old)
    Grant.objects.update(since=old)
    for person in StaffMember.objects.exclude(pk=tom_beckett.pk):
        seen.note_seen(actor=person)
    record(actor=helen_achebe, event="post.approved")
    assert list(reviews.dormant(ben_osei)) == [tom_beckett]
    unused = {line.person: line.powers for line in reviews.more_than_they_use(ben_osei)}
    assert "Reply as the official account" in unused[amira_hussain]
    assert "Approve posts of others" not in unused[helen_achebe]
    assert "Write posts and send them for approval" in unused[helen_achebe]
    assert not any("Stop everything" in power for powers in unused.values() for power in powers)
    client.force_login(ben_osei)
    page = client.get(reverse("accounts:review")).text
    assert "Tom Beckett" in page
    assert "Approve posts of others" not in page.split("Helen Achebe")[1].split("</tr>")[0]


def test_the_policy_is_data(friday, client, ben_osei, amira_hussain):
    client.force_login(ben_osei)
    given = {
        "policy-dormant_after_days": 30,
        "policy-grants_end_within_days": 7,
        "policy-unused_after_days": 60,
        "policy-confirm_within_days": 14,
        "policy-unconfirmed": "end",
    }
    where = reverse("accounts:change_policy")
    assert client.post(where, {**given, "policy-dormant_after_days": 1}).status_code == 422
    assert client.post(where, given).status_code == 302
    policy = AccessPolicy.objects.get()
    assert (policy.dormant_after_days, policy.unconfirmed, policy.each_quarter) == (30, "end", False)
    assert Entry.objects.get(event="access.policy_changed").details["dormant_after_days"] == 30
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessPolicy.objects.create()
    client.force_login(amira_hussain)
    assert client.get(reverse("accounts:review")).status_code == 403


# Recertification


@pytest.fixture
def campaign(okafor_leads, ben_osei):
    return reviewing.open_campaign(actor=ben_osei, title="Quarter 4 of 2026")


def test_leaders_are_asked_for_their_people_and_administrators_for_the_rest(
    campaign, okafor_leads, amira_hussain, tom_beckett, ben_osei, joan_pritchard
):
    asked = {row.grant.person: row.leader for row in Confirmation.objects.filter(campaign=campaign)}
    assert asked[amira_hussain] == asked[tom_beckett] == okafor_leads
    assert asked[okafor_leads] == ben_osei, "nobody confirms their own"
    assert asked[joan_pritchard] == ben_osei
    assert ben_osei not in asked, "there is nobody else who could confirm the only administrator"
    assert Notice.objects.filter(to=okafor_leads, link=reverse("accounts:confirm")).count() == 1
    with pytest.raises(TransitionNotAllowed, match="open already"):
        reviewing.open_campaign(actor=ben_osei, title="Another")
    with pytest.raises(NotPermitted):
        reviewing.open_campaign(actor=okafor_leads, title="Another")


def test_a_leader_keeps_and_ends_from_their_first_page(
    campaign, okafor_leads, amira_hussain, tom_beckett, client, ben_osei
):
    client.force_login(okafor_leads)
    assert "grants of your people" in client.get("/").text
    page = client.get(reverse("accounts:confirm")).text
    assert "Amira Hussain" in page
    rows = {row.grant.person: row for row in reviews.asked_of(okafor_leads)}
    decide = lambda person: reverse("accounts:decide_confirmation", args=[rows[person].pk])  # noqa: E731
    client.post(decide(amira_hussain), {"verdict": "keep"})
    no_reason = client.post(decide(tom_beckett), {"verdict": "end"}, follow=True)
    assert "Say why the grant ends" in no_reason.text
    client.post(decide(tom_beckett), {"verdict": "end", "why": "Back to the front office"})
    assert queries.may(amira_hussain, Power.REPLY)
    assert not queries.may(tom_beckett, Power.REPLY)
    assert "Sgt Daniel Okafor" in tom_beckett.grants.get().ended_why
    assert Entry.objects.filter(event="recertification.decided").count() == 2
    assert client.post(decide(tom_beckett), {"verdict": "keep"}).status_code == 409
    client.force_login(amira_hussain)
    assert client.post(decide(amira_hussain), {"verdict": "keep"}).status_code == 404
    client.force_login(ben_osei)
    assert "Back to the front office" in client.get(reverse("accounts:campaign", args=[campaign.pk])).text


def test_nobody_confirms_a_grant_of_their_own(campaign, okafor_leads, ben_osei, amira_hussain, wealdshire):
    actions.give_grant(actor=ben_osei, person=okafor_leads, role=Role.SERVICE_ADMINISTRATOR, why="Deputy")
    own = Confirmation.objects.get(campaign=campaign, grant__person=okafor_leads)
    with pytest.raises(NotPermitted, match="of their own"):
        reviewing.decide(actor=okafor_leads, confirmation=own, verdict="keep")
    other = Confirmation.objects.get(campaign=campaign, grant__person=amira_hussain)
    with pytest.raises(NotPermitted, match="was asked"):
        reviewing.decide(actor=amira_hussain, confirmation=other, verdict="keep")
    with pytest.raises(NotFound):
        reviews.confirmation(amira_hussain, other.pk)


@pytest.mark.parametrize("unconfirmed", ["end", "flag"])
def test_what_nobody_confirms_by_the_due_date_is_settled_as_the_policy_says(
    friday, okafor_leads, ben_osei, amira_hussain, unconfirmed, client
):
    AccessPolicy.objects.update(unconfirmed=unconfirmed)
    campaign = reviewing.open_campaign(actor=ben_osei, title="Quarter 4 of 2026")
    AccessPolicy.objects.update(unconfirmed="flag" if unconfirmed == "end" else "end")
    friday.move_to(campaign.due_at - 2 * DAY)
    tasks.review_access()
    tasks.review_access()
    assert Notice.objects.filter(to=okafor_leads, title__contains="still to confirm").count() == 1
    assert Notice.objects.filter(to=ben_osei, title__contains="have not confirmed everything").count() == 1
    assert queries.may(amira_hussain, Power.REPLY)
    friday.move_to(campaign.due_at)
    tasks.review_access()
    tasks.review_access()
    row = Confirmation.objects.get(campaign=campaign, grant__person=amira_hussain)
    assert row.verdict == ("ended" if unconfirmed == "end" else "flagged")
    assert queries.may(amira_hussain, Power.REPLY) == (unconfirmed == "flag")
    assert Entry.objects.filter(event="recertification.settled").count() == 1
    assert Campaign.objects.get().settled_at == campaign.due_at
    client.force_login(ben_osei)
    page = client.get(reverse("accounts:review")).text
    assert ("Nobody confirmed these" in page) == (unconfirmed == "flag")


@pytest.mark.parametrize(
    ("day", "title"),
    [("2026-10-03", "Quarter 4 of 2026"), ("2027-01-07", "Quarter 1 of 2027"), ("2026-10-08", "")],
)
def test_a_quarter_opens_its_own_in_its_first_week(wealdshire, day, title):
    with time_machine.travel(f"{day}T12:00:00Z", tick=False):
        tasks.review_access()
        tasks.review_access()
        assert list(Campaign.objects.values_list("title", flat=True)) == ([title] if title else [])


def test_one_grant_that_ran_out_meanwhile_is_no_failing_of_anybody(
    friday, okafor_leads, ben_osei, amira_hussain
):
    actions.give_grant(
        actor=SEED, person=amira_hussain, role=Role.COMMS_OFFICER, until=FRIDAY + DAY, why="A day"
    )
    campaign = reviewing.open_campaign(actor=ben_osei, title="Quarter 4 of 2026")
    row = Confirmation.objects.get(
        campaign=campaign, grant__role=Role.COMMS_OFFICER, grant__person=amira_hussain
    )
    assert row in reviews.asked_of(row.leader)
    friday.move_to(FRIDAY + DAY)
    assert row not in reviews.asked_of(row.leader)
    with pytest.raises(TransitionNotAllowed, match="nothing to keep"):
        reviewing.decide(actor=row.leader, confirmation=row, verdict="keep")
    friday.move_to(campaign.due_at)
    tasks.review_access()
    row.refresh_from_db()
    assert row.verdict == "ran_out"


def test_a_team_of_this_name_is_there_once(friday, ben_osei):
    teams.add_team(actor=ben_osei, name="Night desk")
    with pytest.raises(NotValid, match="already"):
        teams.add_team(actor=ben_osei, name=" Night  desk ")
