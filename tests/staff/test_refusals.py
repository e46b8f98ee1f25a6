"""Whoever is refused leaves an entry in the trail: who, where, for which right, how often; and no flood of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.actors import System
from staff.actions import refusals
from staff.models import RefusedAccess
from staff.roles import Role

pytestmark = pytest.mark.django_db


def entries(event="access.refused"):
    return list(
        Entry.objects.filter(event=event)
        .order_by("id")
        .values_list("actor_name", "details", "source_address")
    )


def test_a_refused_page_leaves_an_entry_with_the_right_and_nothing_of_what_was_typed(client, amira_hussain):
    client.force_login(amira_hussain)
    assert client.get(reverse("accounts:staff")).status_code == 403
    client.post(reverse("accounts:add_member"), {"name": "Nia New", "email": "nia@wealdshire.example"})
    assert entries() == [
        (
            "Amira Hussain",
            {"route": route, "times": 1, "power": "Add staff members and record leavers"},
            "127.0.0.1",
        )
        for route in ("accounts:staff", "accounts:add_member")
    ]


def test_a_refusal_that_answers_200_or_stands_beside_a_form_counts_as_well(client, ben_osei, amira_hussain):
    assert (
        client.force_login(amira_hussain)
        .get(reverse("accounts:staff"), headers={"HX-Request": "true"})
        .status_code
        == 200
    )
    answer = client.force_login(ben_osei).post(
        reverse("accounts:give_grant"),
        {"person": ben_osei.pk, "role": Role.COMMS_OFFICER, "why": "For myself"},
    )
    assert answer.status_code == 422
    assert [(name, said["route"], said["power"]) for name, said, _ in entries()] == [
        ("Amira Hussain", "accounts:staff", "Add staff members and record leavers"),
        ("Ben Osei", "accounts:give_grant", refusals.OWN_RULE),
    ]


def test_a_flood_is_one_entry_a_minute_with_its_number(client, amira_hussain):
    client.force_login(amira_hussain)
    began = clock.now()
    with time_machine.travel(began, tick=False) as traveller:
        for _ in range(5):
            client.get(reverse("accounts:staff"))
        assert [said["times"] for _, said, _ in entries()] == [1]
        assert refusals.note_counted(actor=System("access")) == 0
        traveller.move_to(began + timedelta(seconds=61))
        assert refusals.note_counted(actor=System("access")) == 1
        assert refusals.note_counted(actor=System("access")) == 0
        assert [(who, said["times"]) for who, said, _ in entries()] == [
            ("Amira Hussain", 1),
            ("Amira Hussain", 4),
        ]
        assert not RefusedAccess.objects.exists()
        client.get(reverse("accounts:staff"))
        traveller.move_to(began + timedelta(seconds=130))
        client.get(reverse("accounts:staff"))
        assert [said["times"] for _, said, _ in entries()] == [1, 4, 1, 1]


def test_walking_through_numbers_stands_out_and_an_unknown_address_does_not(client, pc_nair):
    client.force_login(pc_nair)
    for number in (990_001, 990_002):
        assert client.get(reverse("moderation:conversation", args=[number])).status_code == 404
    client.get("/no-such-page/")
    assert [said for _, said, _ in entries("access.not_found")] == [
        {"route": "moderation:conversation", "times": 1}
    ]
    assert RefusedAccess.objects.get().more == 1
    assert not entries()


def test_the_public_and_the_let_in_leave_none(client, ben_osei):
    client.get(reverse("accounts:staff"))
    client.get(reverse("exercise:profile", args=["nobody"]))
    assert client.force_login(ben_osei).get(reverse("accounts:staff")).status_code == 200
    assert not entries()
    assert not entries("access.not_found")


def test_that_professional_standards_were_at_their_own_pages_is_read_by_nobody_else(
    client, inspector_kerr, amira_hussain
):
    missing = reverse("accounts:matter", args=[990_001])
    assert client.force_login(inspector_kerr).get(missing).status_code == 404
    assert client.force_login(amira_hussain).get(missing).status_code == 403
    assert [name for name, _, _ in entries("conduct.refused")] == ["DI Siobhan Kerr"]
    assert [name for name, _, _ in entries()] == ["Amira Hussain"]
    assert not entries("access.not_found")
