"""The demonstration force has somebody who left, somebody who is leaving, and something to confirm."""

from __future__ import annotations

from django.urls import reverse

from accounts import tasks as accounts
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
    assert Departure.objects.count() == 2
    assert Campaign.objects.count() == GrantRequest.objects.count() == ConductMatter.objects.count() == 1
    for room in (accounts, moderation, publishing):
        room.rehome()
    # Helen is the only approver, so that the draft goes to somebody whom she can approve.
    assert Post.objects.get().author == wealdshire.people["leah_brandt"]
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
