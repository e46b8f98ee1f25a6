"""Incidents on our own pages: two people for each update, in order, withdrawn in the open, and no platform needed."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions as accounts
from accounts import public as register
from accounts.models import Neighbourhood
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from publishing import incidents
from publishing.actions import check_settings
from publishing.actions import incidents as actions
from publishing.models import Incident, IncidentUpdate
from smmp.seed.force import SEED
from staff.roles import Role

SAFE = {"live": "no"}
"""It says nothing of where officers are."""
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def harrowfield(wealdshire, harrowfield_account):
    return harrowfield_account.neighbourhood


@pytest.fixture
def fire(leah_brandt, harrowfield):
    """A fire whose first update waits."""
    return actions.begin(
        actor=leah_brandt,
        title="Fire in Mill Lane",
        words="Keep windows shut.",
        answers=SAFE,
        neighbourhood=harrowfield,
    )


@pytest.fixture
def told(fire, helen_achebe):
    """The same, approved."""
    actions.approve(actor=helen_achebe, update=fire.updates.get())
    return fire


def page(client, path="/public/areas/harrowfield/"):
    register.forget()
    return client.get(path).text


def test_nothing_is_public_before_a_second_person_says_yes(client, fire, helen_achebe):
    assert "Fire in Mill Lane" not in page(client)
    assert Notice.objects.filter(to=helen_achebe, title__contains="Fire in Mill Lane").exists()
    actions.approve(actor=helen_achebe, update=fire.updates.get())
    shown = page(client)
    assert "Fire in Mill Lane" in shown
    assert "Keep windows shut." in shown
    assert "Leah" not in shown
    assert "Helen" not in shown
    assert Entry.objects.filter(event="incident.update_published").count() == 1


def test_nobody_approves_their_own_update_not_even_in_the_database(fire, leah_brandt, helen_achebe):
    mine = fire.updates.get()
    IncidentUpdate.objects.update(author=helen_achebe)
    with pytest.raises(NotValid, match="Nobody else can approve"):
        actions.submit(actor=helen_achebe, incident=fire, words="Mill Lane is shut.", answers=SAFE)
    with pytest.raises(NotPermitted, match="You wrote it"):
        actions.approve(actor=helen_achebe, update=mine)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentUpdate.objects.filter(pk=mine.pk).update(
            state="published", decided_by=helen_achebe, decided_at=clock.now(), published_at=clock.now()
        )


def test_updates_stand_in_order_the_newest_first(client, told, leah_brandt, helen_achebe):
    second = actions.submit(actor=leah_brandt, incident=told, words="The fire is out.", answers=SAFE)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        actions.approve(actor=helen_achebe, update=second)
    shown = page(client)
    assert shown.index("The fire is out.") < shown.index("Keep windows shut.")
    feed = ElementTree.fromstring(client.get("/public/areas/harrowfield/feed.atom").content)
    assert [one.findtext(f"{ATOM}title") for one in feed.iter(f"{ATOM}entry")] == [
        "Fire in Mill Lane: The fire is out.",
        "Fire in Mill Lane: Keep windows shut.",
    ]


def test_a_withdrawn_update_says_that_it_was_and_shows_no_words(client, told, leah_brandt):
    update = told.updates.get()
    with pytest.raises(NotValid):
        actions.withdraw(actor=leah_brandt, update=update, why=" ")
    actions.withdraw(actor=leah_brandt, update=update, why="The wrong street")
    shown = page(client)
    assert "Keep windows shut." not in shown
    assert "The wrong street" not in shown
    assert "This update was withdrawn" in shown
    assert "withdrawn" in client.get("/public/areas/harrowfield/feed.atom").content.decode()
    with pytest.raises(TransitionNotAllowed):
        actions.withdraw(actor=leah_brandt, update=update, why="Again")


def test_a_returned_update_goes_nowhere_and_its_author_learns_why(client, fire, leah_brandt, helen_achebe):
    actions.send_back(actor=helen_achebe, update=fire.updates.get(), why="Name no house")
    assert "Fire in Mill Lane" not in page(client)
    assert Notice.objects.filter(to=leah_brandt, body="Name no house").exists()


def test_each_area_sees_its_own_and_those_of_the_whole_force(client, told, leah_brandt, helen_achebe):
    assert "Fire in Mill Lane" not in page(client, "/public/areas/saltmere/")
    flood = actions.begin(
        actor=leah_brandt, title="Flood", words="Leave the lower Weald.", answers=SAFE, neighbourhood=None
    )
    actions.approve(actor=helen_achebe, update=flood.updates.get())
    assert "Leave the lower Weald." in page(client, "/public/areas/saltmere/")
    everything = page(client, "/public/updates/")
    assert "Fire in Mill Lane" in everything
    assert "Flood" in everything
    assert client.get("/public/updates/feed.atom").status_code == 200


def test_what_is_over_stays_for_three_days_and_is_ended_by_nobody_with_an_update_waiting(
    client, told, leah_brandt, helen_achebe
):
    waiting = actions.submit(actor=leah_brandt, incident=told, words="It is out.", answers=SAFE)
    with pytest.raises(TransitionNotAllowed, match="waits"):
        actions.end(actor=leah_brandt, incident=told)
    actions.approve(actor=helen_achebe, update=waiting)
    actions.end(actor=leah_brandt, incident=told)
    assert "Over since" in page(client)
    with pytest.raises(TransitionNotAllowed, match="over"):
        actions.submit(actor=leah_brandt, incident=told, words="More", answers=SAFE)
    later = clock.now() + timedelta(days=3, minutes=1)
    with time_machine.travel(later, tick=False):
        assert incidents.of_area(told.neighbourhood) == []
        assert [one.title for one in incidents.of_force()] == ["Fire in Mill Lane"]
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert incidents.of_force() == []


def test_the_etag_changes_with_an_update_and_the_page_may_be_kept_less_than_a_minute(
    client, told, leah_brandt, helen_achebe, settings
):
    first = client.get("/public/areas/harrowfield/")["ETag"]
    assert client.get("/public/areas/harrowfield/")["ETag"] == first
    actions.approve(
        actor=helen_achebe,
        update=actions.submit(actor=leah_brandt, incident=told, words="Out.", answers=SAFE),
    )
    assert client.get("/public/areas/harrowfield/")["ETag"] != first
    from smmp.settings import base

    assert base.PUBLIC_KEPT_FOR_S <= 60


def test_who_writes_for_no_account_there_may_not(pc_nair, amira_hussain, harrowfield, wealdshire):
    saltmere = Neighbourhood.objects.get(slug="saltmere")
    actions.begin(actor=pc_nair, title="A", words="B", answers=SAFE, neighbourhood=harrowfield)
    for area in (saltmere, None):
        with pytest.raises(NotPermitted):
            actions.begin(actor=pc_nair, title="A", words="B", answers=SAFE, neighbourhood=area)
    with pytest.raises(NotPermitted):
        actions.begin(actor=amira_hussain, title="A", words="B", answers=SAFE, neighbourhood=harrowfield)


def test_words_are_bounded_and_shown_as_words(client, fire, leah_brandt, helen_achebe):
    for words in ("", "  \n", "x" * 2001):
        with pytest.raises(NotValid):
            actions.submit(actor=leah_brandt, incident=fire, words=words, answers=SAFE)
    odd = actions.submit(actor=leah_brandt, incident=fire, words="<script>alert(1)</script>", answers=SAFE)
    actions.approve(actor=helen_achebe, update=odd)
    assert "<script>alert" not in page(client)


def test_the_whole_way_in_the_browser(client, leah_brandt, helen_achebe, harrowfield):
    client.force_login(leah_brandt)
    where = reverse("publishing:incidents")
    empty = client.post(where, {"title": "", "words": ""})
    assert empty.status_code == 422
    begun = client.post(
        where,
        {"title": "Fire", "words": "Stay away.", "neighbourhood": harrowfield.pk, "q_live": "no"},
        follow=True,
    )
    assert "Nothing is public before their yes" in begun.text
    here = reverse("publishing:incident", args=[Incident.objects.get().pk])
    update = IncidentUpdate.objects.get()
    refused = client.post(here, {"do": "approve", "update": update.pk})
    assert refused.status_code == 403
    client.force_login(helen_achebe)
    assert "Waiting for your yes" in client.get(where).text
    kept = client.post(here, {"do": "return", "update": update.pk, "why": ""})
    assert kept.status_code == 422
    assert "It is public" in client.post(here, {"do": "approve", "update": update.pk}, follow=True).text
    assert client.post(here, {"do": "approve", "update": update.pk}).status_code == 409
    assert client.post(here, {"do": "approve", "update": 999_999}).status_code == 404
    assert "It is over" in client.post(here, {"do": "end"}, follow=True).text


@pytest.mark.parametrize(
    ("title", "words", "answers", "says"),
    [
        ("Fire", "Ring Colin on 07700 900123.", SAFE, "07700 900123"),
        ("Fire", "Stay away.", {}, "where officers are now"),
        ("Fire", "Stay away.", {"live": "yes"}, "has not agreed"),
        ("Fire", "Stay away.", {"live": "nonsense"}, "Choose one of the answers"),
        ("Fire", "Adam Sutton, 34, has been arrested over it.", SAFE, "Say it in a post"),
        ("Crash: AB12 CDE hit a wall", "Stay away.", SAFE, "AB12 CDE"),
    ],
)
def test_what_a_post_would_be_stopped_for_stops_an_update(
    harrowfield, leah_brandt, title, words, answers, says
):
    with pytest.raises(NotValid, match=says):
        actions.begin(actor=leah_brandt, title=title, words=words, answers=answers, neighbourhood=harrowfield)
    assert not Incident.objects.exists()


def test_what_is_found_is_kept_with_the_words_and_judged_anew_at_the_yes(
    client, told, leah_brandt, helen_achebe, ben_osei
):
    update = actions.submit(
        actor=leah_brandt, incident=told, words="The NHS helps. See https://odd.example/a", answers=SAFE
    )
    assert {one["slug"] for one in update.findings} == {"partner", "link-site"}
    assert len(update.judged_against) == 64
    client.force_login(helen_achebe)
    shown = client.get(reverse("publishing:incident", args=[told.pk])).text
    assert "odd.example is not on the list" in shown
    for slug, level in (("link-site", "stop"), ("partner", "second")):
        check_settings.set_check(actor=ben_osei, slug=slug, level=level, override_by="", why="Just now")
    with pytest.raises(TransitionNotAllowed, match="odd"):
        actions.approve(actor=helen_achebe, update=update)


def test_where_a_check_asks_for_two_nothing_is_public_before_the_second_yes(
    client, told, leah_brandt, helen_achebe, tom_beckett, ben_osei
):
    accounts.give_grant(actor=SEED, person=tom_beckett, role=Role.COMMS_APPROVER, why="Holiday cover")
    today = clock.today()
    check_settings.add_period(
        actor=ben_osei, name="Council", first_on=today, last_on=today + timedelta(days=9)
    )
    update = actions.submit(actor=leah_brandt, incident=told, words="The fire is out.", answers=SAFE)
    second = tom_beckett
    actions.approve(actor=helen_achebe, update=update)
    assert "The fire is out." not in page(client)
    assert Notice.objects.filter(to=second, title__contains="second yes").exists()
    with pytest.raises(NotPermitted, match="first yes"):
        actions.approve(actor=helen_achebe, update=update)
    client.force_login(second)
    assert "said the first yes" in client.get(reverse("publishing:incident", args=[told.pk])).text
    actions.approve(actor=second, update=update)
    assert "The fire is out." in page(client)
    assert Entry.objects.filter(event="incident.update_agreed").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentUpdate.objects.filter(pk=update.pk).update(first_yes_by=second, first_yes_at=clock.now())
