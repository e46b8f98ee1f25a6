"""The menu says where somebody is, also on pages whose address lies under another place's."""

from __future__ import annotations

import re

import pytest

from staff.actions import departures
from staff.models import Departure


def here(client, address: str) -> list[str]:
    """The names of the menu's entries that are marked as the present page."""
    page = client.get(address).content.decode()
    rail = page[page.index('<nav class="rail"') : page.index("</nav>", page.index('<nav class="rail"'))]
    return re.findall(r'aria-current="page".*?<span>([^<]*)', rail, re.DOTALL)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/register/", "Register"),
        ("/register/new/", "Register"),
        ("/register/neighbourhoods/", "Register"),
        ("/register/grants/", "Grants"),
        ("/register/requests/", "Grants"),
        ("/register/review/", "Grants"),
        ("/register/powers/", "Grants"),
        ("/register/staff/new/", "Staff"),
        ("/register/teams/", "Staff"),
        ("/register/departures/", "Staff"),
        ("/devices/", "Staff"),
        ("/register/emergency/new/", "Now"),
        ("/register/ask/", "Now"),
    ],
)
def test_the_menu_marks_the_place_that_a_page_belongs_to(client, ben_osei, address, place):
    client.force_login(ben_osei)
    assert here(client, address) == [place]


def test_the_page_of_one_departure_and_of_somebodys_sessions_belong_to_staff(client, ben_osei, tom_beckett):
    client.force_login(ben_osei)
    assert here(client, f"/sessions/of/{tom_beckett.pk}/") == ["Staff"]
    left = departures.record_leaver(actor=ben_osei, member=tom_beckett, why="Retired", kind="retired")
    assert not left.active
    departure = Departure.objects.get(person=left)
    assert here(client, f"/register/departures/{departure.pk}/") == ["Staff"]


def test_a_place_that_is_not_theirs_marks_nothing_else(client, leah_brandt):
    client.force_login(leah_brandt)
    assert here(client, "/register/") == ["Register"]
    assert here(client, "/register/powers/") == []
