"""The demonstration force has somebody who left, somebody who is leaving, and something to confirm."""

from __future__ import annotations

from django.urls import reverse

from accounts import tasks as accounts
from accounts.actions import recovery
from accounts.models import BreakGlass, Campaign, DepartureStep, GrantRequest
from moderation import tasks as moderation
from notices.models import Notice
from publishing import tasks as publishing
from publishing.models import Post
from smmp.seed import oversight, people
from staff.models import ConductMatter, Departure, StaffMember


def test_it_is_made_once_and_its_pages_are_full(wealdshire, client):
    people.make(wealdshire)
    people.make(wealdshire)
    assert StaffMember.objects.filter(email__in=[people.LEAVER, people.GUEST]).count() == 2
    # The directory let one of its people go, and another one whom it took back.
    assert Departure.objects.filter(person__directory=None).count() == 2
    assert Departure.objects.count() == 4
    assert Campaign.objects.count() == GrantRequest.objects.count() == ConductMatter.objects.count() == 1
    for room in (accounts, moderation, publishing):
        room.rehome()
    # Either of two approvers may inherit a draft: the other one can approve it.
    assert Post.objects.get().author == wealdshire.people["helen_achebe"]
    assert DepartureStep.objects.exists()
    client.force_login(wealdshire.people["ben_osei"])
    home = client.get("/").text
    assert "Marcus Webb has left" in home
    assert "PC Priya Nair asks for a role" in home
    for name in ("departures", "requests", "review", "teams", "confirm", "ask"):
        assert client.get(reverse(f"accounts:{name}")).status_code == 200
    client.force_login(wealdshire.people["sergeant_okafor"])
    assert "PC Dylan Frost" in client.get(reverse("accounts:confirm")).text
    client.force_login(wealdshire.people["inspector_kerr"])
    assert "PC Dylan Frost" in client.get(reverse("accounts:conduct")).text


def test_what_takes_two_people_can_be_shown_and_the_directory_has_a_history(wealdshire, client):
    people.make(wealdshire)
    for slug, power in (
        ("noor_haddad", "manage_staff"),
        ("ines_moreau", "manage_retention"),
        ("gwen_tallis", "approve_posts"),
    ):
        assert wealdshire.people[slug].has_perm(f"accounts.{power}")
        assert client.post(reverse("demo"), {"persona": slug})["Location"] == "/"
    ben, noor = wealdshire.people["ben_osei"], wealdshire.people["noor_haddad"]
    asked = recovery.ask(actor=ben, member=wealdshire.people["tom_beckett"], why="Phone lost")
    recovery.agree(actor=noor, recovery=asked)
    client.force_login(ben)
    page = client.get(reverse("accounts:directory")).text
    assert "Wealdshire directory" in page
    assert "Roads policing contact team" in page
    assert "joiners-of-the-month.csv" in client.get(reverse("accounts:staff_lists")).text
    femi, rosa = (StaffMember.objects.get(name=name) for name in ("Femi Adeyemi", "Rosa Lindqvist"))
    assert (femi.active, rosa.active) == (True, False)


def test_an_emergency_access_has_been_reviewed_and_nobody_is_called_for_it(wealdshire, client):
    oversight.make(wealdshire)
    oversight.make(wealdshire)
    glass = BreakGlass.objects.get()
    assert glass.state == "reviewed"
    told = Notice.objects.filter(link__contains="/emergency/")
    assert told.exists()
    assert not told.filter(seen_at=None).exists()
    client.force_login(wealdshire.people["joan_pritchard"])
    page = client.get(reverse("accounts:glass", args=[glass.pk]))
    assert "The approver’s number is corrected" in page.text
