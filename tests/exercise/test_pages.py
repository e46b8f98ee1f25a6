"""What the public sees on the exercise network, and the pages from which trainers run exercises."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from core import clock
from core.actors import System
from exercise import actions, scenarios
from exercise.models import Message, Profile, Run

TRAINER = System("trainer")
HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "\u202egnp.exe evil \u2066 turned round",
    "Z\u0335\u0321\u0322" + "\u0335\u0321" * 300 + "algo",
    "👨‍👩‍👧‍👦" * 50,
    "{{ settings.SECRET_KEY }} {% url 'home' %}",
]


@pytest.fixture
def official(wealdshire):
    return Profile.objects.get(handle="wealdshire-police")


@pytest.fixture
def post(official):
    return actions.publish(actor=TRAINER, profile=official, key="p", text="The bridge is shut.")[0]


def say(text, **where):
    return actions.write_as_public(actor=TRAINER, handle="jo_h", name="Jo <b>H</b>", text=text, **where)


# What the public sees


def test_hostile_words_stay_words(client, post):
    for text in HOSTILE:
        say(text, under=post)
    page = client.get(f"/exercise/post/{post.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "onerror=alert(2)>" not in page
    assert "<b>H</b>" not in page
    assert "\u202e" not in page
    assert "\u0321" * 10 not in page
    assert "{{ settings.SECRET_KEY }}" in page
    assert page.count("<article") == 1 + len(HOSTILE)


def test_a_message_of_100_kb_is_shown_whole_and_breaks_nothing(client, post):
    say("a" * 100_000, under=post)
    assert client.get(f"/exercise/post/{post.pk}/").content.count(b"a" * 100_000) == 1


def test_hidden_and_deleted_replies_are_not_there_at_all(client, official, post):
    shown, hidden, deleted = say("Shown", under=post), say("Hidden", under=post), say("Deleted", under=post)
    under_hidden = say("Under the hidden one", under=hidden)
    actions.hide(actor=TRAINER, profile=official, message=hidden)
    actions.delete(actor=TRAINER, message=deleted)
    page = client.get(f"/exercise/post/{post.pk}/").content.decode()
    assert f'id="m{shown.pk}"' in page
    assert f'id="m{under_hidden.pk}"' in page
    assert "Hidden" not in page
    assert "Deleted" not in page
    for gone in (hidden, deleted):
        assert client.get(f"/exercise/post/{gone.pk}/").status_code == 404
    assert "2 replies" in client.get("/exercise/").content.decode()


def test_a_deleted_post_takes_its_thread_with_it(client, official, post):
    reply = say("Still here?", under=post)
    actions.delete(actor=TRAINER, message=post, by=official)
    for pk in (post.pk, reply.pk):
        assert client.get(f"/exercise/post/{pk}/").status_code == 404
    assert b"The bridge" not in client.get("/exercise/").content


def test_private_messages_are_on_no_public_page(client, official):
    private = say("For your ears alone", private_to=official)
    for address in ("/exercise/", "/exercise/@wealdshire-police/", "/exercise/@jo_h/"):
        assert b"your ears" not in client.get(address).content
    assert client.get(f"/exercise/post/{private.pk}/").status_code == 404


def test_the_address_of_a_reply_leads_to_its_thread(client, post):
    reply = say("Hello", under=post)
    response = client.get(f"/exercise/post/{reply.pk}/")
    assert response.url == f"/exercise/post/{post.pk}/#m{reply.pk}"


@pytest.mark.parametrize(
    "address",
    ["@nobody/", "@%00/", "post/999/", f"post/{10**30}/", "picture/999/", f"picture/{10**30}/"],
)
def test_what_is_not_there_is_a_kind_404(client, wealdshire, address):
    response = client.get(f"/exercise/{address}")
    assert response.status_code == 404
    assert b"exercise network" in response.content or b"no such picture" in response.content


@pytest.mark.parametrize("query", ["before=x", "before=-1", "before=" + "9" * 40, "after=%00", "answer=x"])
def test_a_place_in_the_list_that_makes_no_sense_is_the_beginning(client, post, query):
    assert client.get(f"/exercise/?{query}").status_code == 200
    assert client.get(f"/exercise/post/{post.pk}/?{query}").status_code == 200


def test_long_threads_come_in_parts(client, post):
    replies = [say(f"Number {n}", under=post) for n in range(102)]
    first = client.get(f"/exercise/post/{post.pk}/").content.decode()
    assert f"?after={replies[99].pk}" in first
    rest = client.get(f"/exercise/post/{post.pk}/?after={replies[99].pk}").content.decode()
    assert "Number 101" in rest
    assert "Number 99<" not in rest


def test_outside_a_demonstration_the_pages_are_for_staff_who_are_signed_in(
    client, post, settings, amira_hussain
):
    settings.DEMO = False
    for address in ("/exercise/", f"/exercise/post/{post.pk}/", "/exercise/@wealdshire-police/"):
        response = client.get(address)
        assert response.status_code == 302
        assert "next=" in response.url
        assert b"bridge" not in response.content
    client.force_login(amira_hussain)
    assert client.get("/exercise/").status_code == 200


# Trainers


def test_a_session_that_has_run_out_shows_nothing_of_the_trainer(client, sergeant_okafor, official, post):
    say("For your ears alone", private_to=official)
    client.force_login(sergeant_okafor)
    address = "/exercise/@wealdshire-police/"
    page = client.get(address)
    assert b"your ears" in page.content
    assert page["Cache-Control"] == "no-store"
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert b"your ears" not in client.get(address).content
        assert b"Only trainers" not in client.get(f"/exercise/post/{post.pk}/").content


def test_a_trainer_writes_as_the_public_under_a_post(client, sergeant_okafor, post):
    client.force_login(sergeant_okafor)
    assert b"Only trainers see this form" in client.get(f"/exercise/post/{post.pk}/").content
    response = client.post(
        f"/exercise/post/{post.pk}/write/", {"handle": "@Jo_H", "name": "Jo", "text": "Since when?"}
    )
    written = Message.objects.get(text="Since when?")
    assert response.url == f"/exercise/post/{post.pk}/#m{written.pk}"
    assert (written.author.handle, written.parent) == ("jo_h", post)
    answer = client.get(f"/exercise/post/{post.pk}/?answer={written.pk}").content.decode()
    assert f"/exercise/post/{written.pk}/write/" in answer


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"handle": "", "text": "x"}, "Give the handle"),
        ({"handle": "Not allowed!", "text": "x"}, "cannot be a handle"),
        ({"handle": "wealdshire-police", "text": "x"}, "official profile"),
        ({"handle": "jo", "text": ""}, "Write something"),
        ({"handle": "jo", "text": "   "}, "no words"),
        ({"handle": "jo", "text": "x" * 120_001}, "at most 120,000"),
        ({"handle": "jo", "text": "kept words", "name": "n" * 81}, "80"),
    ],
)
def test_what_a_trainer_cannot_write_is_refused_beside_the_field_and_kept(
    client, sergeant_okafor, post, typed, said
):
    client.force_login(sergeant_okafor)
    response = client.post(f"/exercise/post/{post.pk}/write/", typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert typed["text"] in page
    assert Message.objects.count() == 1


def test_a_trainer_plays_both_ends_of_a_private_conversation(client, sergeant_okafor, official):
    client.force_login(sergeant_okafor)
    client.post(
        "/exercise/@wealdshire-police/write/", {"handle": "jo_h", "name": "Jo", "text": "He reads my phone"}
    )
    asked = Message.objects.get(private_to=official)
    actions.publish(
        actor=TRAINER,
        profile=official,
        key="a",
        text="Can you ring us?",
        reply_to=asked.pk,
        private_to=asked.author_id,
    )
    page = client.get("/exercise/@wealdshire-police/").content.decode()
    assert "He reads my phone" in page
    assert "Can you ring us?" in page


def test_writing_is_for_trainers_alone(client, amira_hussain, post):
    form = {"handle": "jo", "name": "Jo", "text": "Hello"}
    for address in (f"/exercise/post/{post.pk}/write/", "/exercise/@wealdshire-police/write/"):
        assert client.post(address, form).status_code in (302, 403)
    client.force_login(amira_hussain)
    assert b"Only trainers" not in client.get(f"/exercise/post/{post.pk}/").content
    for address in (f"/exercise/post/{post.pk}/write/", "/exercise/@wealdshire-police/write/"):
        assert client.post(address, form).status_code == 403
    assert Message.objects.count() == 1


def test_the_control_page_starts_stops_and_marks(client, sergeant_okafor):
    client.force_login(sergeant_okafor)
    address = reverse("exercise:control")
    page = client.get(address).content.decode()
    for scenario in scenarios.shipped():
        assert scenario.title in page
    client.post(reverse("exercise:start"), {"scenario": "market-street", "speed": "max"})
    run = Run.objects.get()
    assert run.started_by_name == sergeant_okafor.actor_name
    assert "Playing now" in client.get(address).content.decode()
    again = client.post(reverse("exercise:start"), {"scenario": "market-street", "speed": "1"})
    assert again.status_code == 409
    client.post(reverse("exercise:stop", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "stopped"
    assert client.post(reverse("exercise:stop", args=[run.pk])).status_code == 409
    actions.start_run(actor=TRAINER, scenario=scenarios.named("ordinary-saturday"), speed=1_000_000)
    actions.advance_runs()
    finished = Run.objects.get(scenario="ordinary-saturday")
    marked = client.get(reverse("insights:marked_sheet", args=[finished.pk]))
    assert marked.status_code == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"scenario": "market-street"}, 422),
        ({"scenario": "market-street", "speed": "0"}, 422),
        ({"scenario": "market-street", "speed": "nan"}, 422),
        ({"scenario": "market-street", "speed": "1e999"}, 422),
        ({"scenario": "../../etc", "speed": "1"}, 422),
        ({"scenario": "no-such", "speed": "1"}, 404),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(client, sergeant_okafor, form, status):
    client.force_login(sergeant_okafor)
    assert client.post(reverse("exercise:start"), form).status_code == status
    assert not Run.objects.exists()


def test_the_weather_is_set_from_the_control_page(client, sergeant_okafor, official):
    client.force_login(sergeant_okafor)
    client.post(reverse("exercise:weather"), {"handle": "wealdshire-police", "weather": "lost"})
    official.refresh_from_db()
    assert official.weather == "lost"
    assert b"Lost answers" in client.get(reverse("exercise:control")).content
    for form, status in (
        ({}, 422),
        ({"handle": "wealdshire-police", "weather": "hail"}, 422),
        ({"handle": "nobody", "weather": "fair"}, 404),
    ):
        assert client.post(reverse("exercise:weather"), form).status_code == status


def test_the_control_pages_are_for_trainers_alone(client, amira_hussain):
    client.force_login(amira_hussain)
    for address in (
        reverse("exercise:control"),
        reverse("insights:marked_sheet", args=[1]),
        reverse("exercise:progress", args=[1]),
    ):
        assert client.get(address).status_code == 403
    for address in (
        reverse("exercise:start"),
        reverse("exercise:stop", args=[1]),
        reverse("exercise:weather"),
    ):
        assert client.post(address, {}).status_code == 403
