"""Leaving at once and at an announced second: who may, what is refused, what is over when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff import links, tasks
from staff.actions import departures, members, seen
from staff.models import Departure, LastSeen, Membership, StaffMember
from tests.embedded import made_at

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
@made_at(FRIDAY)
def friday():
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@action
def touch(*, actor: Actor) -> str:
    return "written"


def announced(ben_osei, amira_hussain, **more) -> Departure:
    return departures.announce_leaver(
        actor=ben_osei,
        member=amira_hussain,
        leaves_at=more.pop("leaves_at", FRIDAY + HOUR),
        why="Goes to a neighbouring force",
        kind="transferred",
        **more,
    )


def test_an_announced_leaver_is_out_at_that_second_though_no_scheduler_runs(
    friday, ben_osei, amira_hussain, client
):
    soon = FRIDAY + timedelta(minutes=10)
    announced(ben_osei, amira_hussain, leaves_at=soon)
    client.force_login(amira_hussain)
    friday.move_to(soon - timedelta(seconds=1))
    assert touch(actor=StaffMember.objects.get(pk=amira_hussain.pk)) == "written"
    assert client.get("/").status_code == 200
    friday.move_to(soon)
    with pytest.raises(NotPermitted, match="access to this platform has ended"):
        touch(actor=amira_hussain)
    assert client.get("/").status_code == 302
    assert not StaffMember.objects.get(pk=amira_hussain.pk).has_perm("accounts.see_comments")
    assert StaffMember.objects.get(pk=amira_hussain.pk).active, "nobody has recorded it yet"
    friday.move_to(FRIDAY + 5 * HOUR)
    assert tasks.carry_out_departures() == 1
    assert tasks.carry_out_departures() == 0
    left = StaffMember.objects.get(pk=amira_hussain.pk)
    assert not left.active
    departure = Departure.objects.get()
    assert departure.carried_out_at == FRIDAY + 5 * HOUR
    assert departure.leaves_at == soon
    entry = Entry.objects.get(event="staff.member_left")
    assert (entry.actor_kind, entry.reason) == ("system", "Goes to a neighbouring force")


def test_a_departure_is_changed_and_called_off(friday, ben_osei, amira_hussain, tom_beckett):
    first = announced(ben_osei, amira_hussain)
    second = announced(ben_osei, amira_hussain, leaves_at=FRIDAY + 2 * HOUR, heir=tom_beckett)
    assert first.pk == second.pk
    departure = departures.call_off(actor=ben_osei, departure=second, why="Stays")
    assert not departure.coming
    friday.move_to(FRIDAY + 3 * HOUR)
    assert tasks.carry_out_departures() == 0
    assert touch(actor=amira_hussain) == "written"
    with pytest.raises(TransitionNotAllowed, match="called off already"):
        departures.call_off(actor=ben_osei, departure=departure, why="Again")
    events = Entry.objects.filter(event__startswith="staff.leaving").order_by("id")
    assert [entry.event for entry in events] == [
        "staff.leaving_announced",
        "staff.leaving_announced",
        "staff.leaving_called_off",
    ]


def test_what_cannot_be_recorded_is_refused_with_a_sentence(friday, ben_osei, amira_hussain, tom_beckett):
    with pytest.raises(NotValid, match="has passed"):
        announced(ben_osei, amira_hussain, leaves_at=FRIDAY)
    with pytest.raises(NotValid, match="somebody else who works here"):
        announced(ben_osei, amira_hussain, heir=amira_hussain)
    with pytest.raises(NotValid, match="Choose how they leave"):
        members.record_leaver(actor=ben_osei, member=amira_hussain, why="x", kind="conduct")
    with pytest.raises(NotPermitted, match="yourself"):
        announced(ben_osei, ben_osei)
    with pytest.raises(NotPermitted, match="service administrators"):
        announced(tom_beckett, amira_hussain)
    with pytest.raises(NotPermitted, match="service administrators"):
        departures.call_off(actor=tom_beckett, departure=announced(ben_osei, amira_hussain), why="Fun")
    members.record_leaver(actor=ben_osei, member=tom_beckett, why="Gone")
    with pytest.raises(NotValid, match="somebody else who works here"):
        announced(ben_osei, amira_hussain, heir=tom_beckett)


def test_the_database_itself_refuses_two_coming_departures_and_ones_own(friday, ben_osei, amira_hussain):
    announced(ben_osei, amira_hussain)
    row = {"kind": "other", "recorded_at": FRIDAY, "leaves_at": FRIDAY}
    for wrong in (
        {"person": amira_hussain},
        {"person": ben_osei, "recorded_by": ben_osei},
        {"person": ben_osei, "heir": ben_osei},
        {"person": ben_osei, "carried_out_at": FRIDAY, "called_off_at": FRIDAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Departure.objects.create(**row, **wrong)


def test_leaving_at_once_carries_out_what_was_announced(friday, ben_osei, amira_hussain):
    announced(ben_osei, amira_hussain)
    members.record_leaver(actor=ben_osei, member=amira_hussain, why="Sooner", kind="resigned")
    departure = Departure.objects.get()
    assert (departure.kind, departure.carried_out_at) == ("resigned", FRIDAY)
    friday.move_to(FRIDAY + 2 * HOUR)
    assert tasks.carry_out_departures() == 0


def test_the_leader_of_the_team_takes_over_unless_somebody_is_named(
    friday, ben_osei, amira_hussain, tom_beckett, sergeant_okafor
):
    Membership.objects.filter(member=sergeant_okafor).update(leads=True)
    assert announced(ben_osei, amira_hussain).heir == sergeant_okafor
    assert announced(ben_osei, amira_hussain, heir=tom_beckett).heir == tom_beckett


def test_use_after_a_notice_to_leave_stands_in_the_trail_once_a_day(friday, ben_osei, amira_hussain, client):
    announced(ben_osei, amira_hussain, leaves_at=FRIDAY + 72 * HOUR)
    client.force_login(amira_hussain)
    for _ in range(3):
        client.get("/")
        friday.shift(600)
    assert Entry.objects.filter(event="staff.access_after_notice").count() == 1
    friday.move_to(FRIDAY + 13 * HOUR)
    client.force_login(amira_hussain)
    client.get("/")
    assert Entry.objects.filter(event="staff.access_after_notice").count() == 2
    assert not Entry.objects.filter(event="staff.access_after_notice").exclude(actor_id=amira_hussain.pk)


def test_somebody_is_seen_when_they_act_and_not_when_a_page_refreshes_itself(friday, amira_hussain, client):
    client.force_login(amira_hussain)
    client.get("/", headers={"X-Background": "1"})
    assert not LastSeen.objects.exists()
    client.get("/")
    assert LastSeen.objects.get().at == FRIDAY
    friday.shift(60)
    client.get("/")
    assert LastSeen.objects.get().at == FRIDAY
    friday.shift(600)
    client.get("/")
    assert LastSeen.objects.get().at == clock.now()
    assert not seen.note_seen(actor=amira_hussain)


def test_a_second_link_makes_the_first_worthless(friday, ben_osei):
    joiner = members.add_member(actor=ben_osei, email="nia@wealdshire.example", name="Nia New")
    first = links.make(joiner).rsplit("/", 2)[-2]
    assert links.owner(first) == joiner
    members.send_link(actor=ben_osei, member=joiner)
    with pytest.raises(NotValid, match="used already or is older"):
        links.owner(first)


def test_a_link_works_once_and_for_a_day(friday, ben_osei, mailoutbox, client):
    joiner = members.add_member(actor=ben_osei, email="nia@wealdshire.example", name="Nia New")
    members.send_link(actor=ben_osei, member=joiner)
    address = next(line for line in mailoutbox[0].body.splitlines() if "/enrol/" in line)
    token = address.rsplit("/", 2)[-2]
    friday.shift(24 * 3600 + 1)
    with pytest.raises(NotValid):
        links.owner(token)
    friday.move_to(FRIDAY)
    members.choose_first_password(token=token, password="walnut harbour tulip")
    with pytest.raises(NotValid):
        members.choose_first_password(token=token, password="walnut harbour tulip two")
    assert "used already" in client.get(reverse("staff:enrol", args=[token])).text
    assert Entry.objects.get(event="input.refused").details == {"what": "a one-use link"}
