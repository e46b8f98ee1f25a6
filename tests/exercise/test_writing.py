"""Scenarios that trainers write: in the browser, from a copy, from a file; in versions, and never from a hostile file."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Entry
from core.actors import System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from exercise import actions, library, scenarios
from exercise.models import OwnScenario, Profile, Run, ScenarioVersion
from exercise.scenarios import ScenarioBroken
from exercise.views_scenarios import SCHEMA

TRAINER = System("trainer")
LIBRARY = "/exercise/scenarios/"


def test_every_shipped_file_fits_the_schema_and_reads_back_as_the_same():
    for shipped in scenarios.shipped():
        jsonschema.validate(yaml.safe_load(scenarios.shipped_text(shipped.name)), SCHEMA)
        again = library.as_file(library.content_of(shipped))
        assert scenarios.parse(again, source="again") == shipped
        assert library.problems(library.content_of(shipped)) == []


def test_a_trainer_copies_a_scenario_changes_it_puts_it_in_use_and_plays_it(client, sergeant_okafor):
    client.force_login(sergeant_okafor)
    client.get(LIBRARY + "?copy=ordinary-saturday")
    form = {"do": "copy", "of": "ordinary-saturday", "title": "A wet Saturday", "name": "wet-saturday"}
    assert client.post(LIBRARY, form).url == "/exercise/scenarios/wet-saturday/"
    assert client.post(LIBRARY, form).status_code == 422
    assert client.post(LIBRARY, form | {"name": "ordinary-saturday"}).status_code == 422
    assert client.post(LIBRARY, form | {"name": "../x"}).status_code == 422
    address = "/exercise/scenarios/wet-saturday/"
    assert "Put version 1 in use" in client.get(address).content.decode()
    draft = ScenarioVersion.objects.get()
    post = draft.content["posts"][0]["key"]
    line = {
        "seen": 0,
        "at": "03:30",
        "where": f"under:{post}",
        "handle": "mo_h",
        "name": "Mo",
        "text": "i can't do this any more, nobody would miss me",
        "category": "suicide_self_harm",
        "risk": "immediate",
        "note": "The one cry for help.",
    }
    # A line that cannot stand is refused with the sentence, and what was typed stays
    wrong = client.post(address + "comments/new/", line | {"handle": "wealdshire-police"})
    assert wrong.status_code == 422
    assert "official profile; the public writes as others" in wrong.content.decode()
    assert client.post(address + "comments/new/", line | {"at": "3.30"}).status_code == 422
    saved = client.post(address + "comments/new/", line)
    key = saved.url.rpartition("#comments-")[2]
    draft.refresh_from_db()
    assert library.entry(draft.content, "comments", key)["note"] == "The one cry for help."
    # Somebody who opened it before that does not write over it
    late = client.post(f"{address}comments/{key}/", line | {"text": "older words"})
    assert late.status_code == 409
    assert "changed this draft since you opened it" in late.content.decode()
    assert client.get(f"{address}comments/{key}/").status_code == 200
    # It moves in time, with what comes after it, and its edit and deletion move with it
    before = len([one for one in library.timeline(draft.content) if one.at_s > 210])
    client.post(address, {"do": f"later:comments/{key}", "by": "300", "after": "on", "seen": 1})
    draft.refresh_from_db()
    assert library.entry(draft.content, "comments", key)["at"] == "08:30"
    assert len([one for one in library.timeline(draft.content) if one.at_s > 510]) >= before
    client.post(address, {"do": f"earlier:comments/{key}", "by": "60", "seen": 2})
    client.post(
        address + "weather/new/",
        {"seen": 3, "at": "02:00", "account": "wealdshire-police", "weather": "slow"},
    )
    # A draft with a mistake in it says so and cannot be put in use
    client.post(address, {"do": f"remove:posts/{post}", "seen": 4})
    page = client.get(address).content.decode()
    assert "This draft cannot be played yet" in page
    assert f"stands under “{post}”, which is not in this file" in page
    client.post(address, {"do": "use", "seen": 5})
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert client.get(address + "preview/").status_code == 409
    actions.give_up_draft(actor=sergeant_okafor, version=draft)
    # From the file that was taken away, mended, comes the next version
    text = client.get(address + "scenario.yaml?version=1").content.decode()
    mended = yaml.safe_load(text)
    mended["posts"].insert(0, {"key": post, "at": "00:00", "account": "wealdshire-police", "text": "Rain."})
    brought = SimpleUploadedFile("wet.yaml", yaml.safe_dump(mended, allow_unicode=True).encode())
    assert client.post(LIBRARY, {"do": "bring", "file": brought}).status_code == 302
    second = ScenarioVersion.objects.get(number=2)
    assert client.post(address, {"do": "use", "seen": 0}).status_code == 302
    second.refresh_from_db()
    assert second.state == "live"
    with pytest.raises(TransitionNotAllowed, match="no draft"):
        actions.remove_line(actor=sergeant_okafor, version=second, seen=0, section="posts", key=post)
    assert "Rain." in client.get(address + "preview/?minute=1").content.decode()
    assert "A wet Saturday" in client.get("/exercise/control/").content.decode()
    client.post("/exercise/control/start/", {"scenario": "wet-saturday", "speed": "max"})
    run = Run.objects.get()
    assert (run.scenario, run.version) == ("wet-saturday", 2)
    actions.advance_runs()
    assert run.lines.get(act="comment", key=key).note == "The one cry for help."
    assert run.lines.filter(played_at=None).count() == 0
    # The network was slow for a while, and is fair again
    assert Profile.objects.get(handle="wealdshire-police").weather == "fair"
    assert Entry.objects.filter(event="exercise.weather_set").count() == 2
    # The next version begins with what the last one holds; a retired one is offered no more
    client.post(address, {"do": "next"})
    assert ScenarioVersion.objects.get(number=3).content == second.content
    client.post(address, {"do": "drop"})
    client.post(address, {"do": "retire"})
    assert "A wet Saturday" not in [one.title for one in library.playable(TRAINER)]
    client.post(address, {"do": "return"})
    assert "A wet Saturday" in [one.title for one in library.playable(TRAINER)]
    assert client.get(address + "head/").status_code == 200
    assert client.get(LIBRARY).status_code == 200
    assert client.get(address + "?version=1").status_code == 200
    assert client.get(address + "?version=99").status_code == 404
    events = set(Entry.objects.values_list("event", flat=True))
    assert events >= {
        f"exercise.scenario_{what}"
        for what in ("begun", "changed", "imported", "exported", "in_use", "dropped", "retired", "returned")
    }


def test_a_scenario_from_nothing_says_what_it_still_needs(client, sergeant_okafor):
    client.force_login(sergeant_okafor)
    form = {
        "do": "begin",
        "title": "Flood",
        "name": "flood",
        "summary": "The river rises.",
        "minutes": "20",
        "accounts": ["wealdshire-police"],
    }
    assert client.post(LIBRARY, form | {"accounts": []}).status_code == 422
    assert client.post(LIBRARY, form | {"name": "format"}).status_code == 422
    assert client.post(LIBRARY, form).status_code == 302
    page = client.get("/exercise/scenarios/flood/").content.decode()
    assert "“posts” must be a list with something in it" in page
    post = {"seen": 0, "at": "00:00", "account": "wealdshire-police", "text": "The river is high."}
    assert client.post("/exercise/scenarios/flood/posts/new/", post).status_code == 302
    head = {
        "seen": 1,
        "title": "Flood",
        "summary": "It rises.",
        "minutes": "0",
        "accounts": ["wealdshire-police"],
    }
    assert client.post("/exercise/scenarios/flood/head/", head).status_code == 422
    assert client.post("/exercise/scenarios/flood/head/", head | {"minutes": "30"}).status_code == 302
    assert client.get("/exercise/scenarios/flood/weather/new/").status_code == 200
    assert client.get("/exercise/scenarios/flood/nonsense/new/").status_code == 404


DEEP = "[" * 100_000
HEAD = "name: x\ntitle: X\nsummary: S\nminutes: 5\naccounts: [wealdshire-police]\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "here a scenario was expected"),
        (b"PK\x03\x04\xff\xfe", "line 1"),
        (b"name: \xe9", "line 1: this is not text in UTF-8"),
        (b"name: x\x00", "character that no text has"),
        (DEEP.encode(), "nested far deeper"),
        (b"a: &a [x]\nb: [*a, *a]\n", "line 1: anchors and aliases"),
        (b"name: !!python/object/apply:os.system ['id']\n", "a scenario needs"),
        ((HEAD + "posts: [1]\ncomments: [1]\n").encode(), "line 6: here a post was expected"),
        ((HEAD + "evil: 1\n").encode(), "line 6: a scenario has no “evil”"),
        (b"---\nname: x\n---\nname: y\n", "one document"),
        (b" " * (1024 * 1024 + 1), "larger than 1 MB"),
    ],
)
def test_a_hostile_file_is_refused_with_its_line_and_a_sentence(client, sergeant_okafor, content, said):
    client.force_login(sergeant_okafor)
    brought = SimpleUploadedFile("../../etc/<b>.yaml", content or b" ")
    answer = client.post(LIBRARY, {"do": "bring", "file": brought})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<b>.yaml" not in page
    if said != "one document":
        assert said in page
    assert not OwnScenario.objects.exists()


def test_only_trainers_write_and_two_do_not_write_over_each_other(client, amira_hussain, sergeant_okafor):
    with pytest.raises(NotPermitted):
        actions.copy_scenario(actor=amira_hussain, of="market-street", name="mine", title="Mine")
    draft = actions.copy_scenario(actor=sergeant_okafor, of="market-street", name="mine", title="Mine")
    actions.remove_line(actor=sergeant_okafor, version=draft, seen=0, section="comments", key="c003")
    with pytest.raises(ChangedSinceSeen):
        actions.move_line(
            actor=sergeant_okafor, version=draft, seen=0, section="comments", key="c001", by_s=60
        )
    with pytest.raises(NotValid):
        actions.move_line(
            actor=sergeant_okafor, version=draft, seen=1, section="comments", key="c001", by_s=10**9
        )
    with pytest.raises(TransitionNotAllowed, match="is being worked on"):
        actions.import_scenario(
            actor=sergeant_okafor, content=library.text_of(TRAINER, "mine").encode(), source="mine.yaml"
        )
    with pytest.raises(ScenarioBroken):
        actions.import_scenario(actor=sergeant_okafor, content=b"[]", source="x")
    client.force_login(amira_hussain)
    for address in (LIBRARY, "/exercise/scenarios/mine/", "/exercise/scenarios/mine/scenario.yaml"):
        assert client.get(address).status_code == 403
    client.force_login(sergeant_okafor)
    schema = client.get(reverse("exercise:file_format") + "?as=json").content
    assert json.loads(schema)["required"][0] == "name"
    assert client.get(reverse("exercise:file_format")).status_code == 200
