"""What neighbourhoods raise: counted without words, said in sentences only when it is news, drawn no finer than a neighbourhood."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from accounts import outlines
from accounts.models import AreaDetails, Neighbourhood
from audit.models import Entry
from core import clock
from core.errors import NotFound
from insights import counting, queries_areas, queries_map, sentiment, tasks
from insights.map_drawing import draw
from insights.models import AreaDay
from insights.phrases import phrases
from moderation.models import Comment, IngestGap, Place
from publishing.models import Concern
from tests.moderation.comments import a_comment, a_conversation

NOON = datetime.combine(date(2026, 11, 25), time(12), clock.LONDON)
SQUARE = [[53.0, -1.0], [53.0, -0.9], [53.1, -0.9], [53.1, -1.0]]


@pytest.fixture(autouse=True)
def still(settings, db):
    settings.DEMO = True
    with time_machine.travel(NOON, tick=False) as clocks:
        yield clocks


@pytest.fixture
def harrowfield(wealdshire):
    return wealdshire.neighbourhoods["Harrowfield"]


def at(day: int, hour: int = 10) -> datetime:
    return NOON.replace(hour=hour) - timedelta(days=day)


def wrote(account, text, day, category="asb", **given) -> Comment:
    when = given.pop("when", None) or at(day)
    return a_comment(account, text, posted_at=when, received_at=when, category=category, **given)


def test_counted_for_the_area_of_the_account_and_for_places_named_once(
    wealdshire, force_account, harrowfield_account, saltmere_account, harrowfield
):
    saltmere = wealdshire.neighbourhoods["Saltmere"]
    place = Place.objects.create(
        name="The Weir", matched="the weir", neighbourhood=harrowfield, added_at=clock.now()
    )
    talk = a_conversation(harrowfield_account)
    first = wrote(harrowfield_account, "bikes", 1, named_places=[place.pk], conversation=talk)
    wrote(force_account, "fire at the weir", 1, named_places=[place.pk])
    wrote(force_account, "nowhere in particular", 1)
    wrote(saltmere_account, "bikes", 0)
    wrote(saltmere_account, "gone", 0, state=Comment.State.RESTRICTED)
    assert tasks.count_areas() > 0
    assert tasks.count_areas() == 0
    counts = {(row.neighbourhood_id, row.day): row.comments for row in AreaDay.objects.all()}
    assert counts == {
        (harrowfield.pk, date(2026, 11, 24)): 2,
        (saltmere.pk, date(2026, 11, 25)): 1,
    }
    # The desk sorts it anew: yesterday is counted again. An account that moves keeps the days before.
    first.category = "traffic"
    first.save()
    tasks.count_areas()
    assert AreaDay.objects.get(neighbourhood=harrowfield, category="traffic").comments == 1
    assert AreaDay.objects.get(neighbourhood=harrowfield, category="asb").comments == 1
    harrowfield_account.neighbourhood = saltmere
    harrowfield_account.save()
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        tasks.count_areas()
    assert AreaDay.objects.get(neighbourhood=harrowfield, category="traffic").comments == 1
    assert all("text" not in field.name for field in AreaDay._meta.get_fields())


def test_exercises_are_in_no_figures_outside_a_demonstration(settings, harrowfield_account):
    wrote(harrowfield_account, "bikes", 0)
    settings.DEMO = False
    assert tasks.count_areas() == 0


def test_a_day_of_25_hours_is_counted_whole(harrowfield_account):
    begins, ends = counting.bounds(date(2026, 10, 25), date(2026, 10, 25))
    assert ends - begins == timedelta(hours=24)  # wall clock; in UTC it is
    assert (ends.astimezone(clock.UTC) - begins.astimezone(clock.UTC)) == timedelta(hours=25)


def test_news_is_more_than_chance_and_a_gap_is_not_zero(harrowfield, harrowfield_account):
    days = AreaDay.objects
    for back in range(1, 36):
        days.create(
            neighbourhood=harrowfield,
            day=date(2026, 11, 25) - timedelta(days=back),
            category="asb",
            comments=5 if back <= 7 else 1,
        )
        days.create(
            neighbourhood=harrowfield,
            day=date(2026, 11, 25) - timedelta(days=back),
            category="traffic",
            comments=2 if back == 3 else 1,
        )
    week = queries_areas.week(harrowfield)
    assert [one.says for one in week.changes] == [
        "Antisocial behaviour: 35 comments, about 7 in a usual week."
    ]
    quiet = Neighbourhood.objects.exclude(pk=harrowfield.pk).first()
    assert "more than chance" in queries_areas.week(quiet).says
    IngestGap.objects.create(
        official_account=harrowfield_account, begins_at=at(2), ends_at=at(2, 23), why="away"
    )
    deaf = queries_areas.week(harrowfield)
    assert deaf.changes == []
    assert "could not read" in deaf.says
    early = queries_areas.week(harrowfield, today=date(2026, 10, 30))
    assert "not yet two weeks" in early.says


def test_phrases_stand_out_are_nobodys_alone_and_repeat_no_insult():
    here = [(n, f"quad bikes on castle green again {n}") for n in range(6)]
    here += [(99, "purple unicorn")] * 9
    here += [(n, "fucking pigs useless fucking pigs") for n in range(6)]
    elsewhere = [(n, "parking outside the school again") for n in range(40)]
    found = phrases(here, elsewhere)
    words = " ".join(one.words for one in found)
    assert "quad bikes" in words
    assert "unicorn" not in words
    assert "pigs" not in words
    assert phrases([], []) == []
    assert phrases([(1, "one comment alone")], []) == []


def test_the_month_in_a_minute_within_scope(
    client, wealdshire, harrowfield, harrowfield_account, force_account, pc_nair, leah_brandt, joan_pritchard
):
    for n in range(9):
        wrote(harrowfield_account, f"quad bikes on castle green again {n}", 2 + n)
    hateful = wrote(harrowfield_account, "something vile", 2, category="hate_crime")
    gone = wrote(harrowfield_account, "quad bikes, I deleted this", 1, removed_at=clock.now())
    wrote(harrowfield_account, "private words about bikes", 1, private=True)
    Concern.objects.create(
        neighbourhood=harrowfield,
        said="Quad bikes on Castle Green",
        action="Patrols",
        owner=pc_nair,
        due_on=date(2026, 12, 1),
        state=Concern.State.PUBLISHED,
        result="Two bikes were seized.",
        result_by=pc_nair,
        published_by=leah_brandt,
        published_at=at(1),
        raised_by=pc_nair,
        raised_at=at(5),
    )
    tasks.count_areas()
    client.force_login(pc_nair)
    assert client.get(reverse("insights:areas")).url == reverse("insights:area", args=["harrowfield"])
    page = client.get(reverse("insights:area", args=["harrowfield"])).text
    for words in (
        "antisocial behaviour (1",
        "Two bikes were seized.",
        "quad bikes",
        "one worry was answered",
    ):
        assert words in page, words
    for words in ("something vile", "I deleted this", "private words"):
        assert words not in page
    shown = Entry.objects.filter(event="area.viewed").latest("pk").shown_ids
    assert shown
    assert not {hateful.pk, gone.pk} & set(shown)
    assert client.get(reverse("insights:area", args=["saltmere"])).status_code == 404
    with pytest.raises(NotFound):
        queries_areas.area(pc_nair, "saltmere")
    assert (
        client.get(reverse("insights:area", args=["harrowfield"]), {"month": "' OR 1=1"}).status_code == 200
    )
    old = client.get(reverse("insights:area", args=["harrowfield"]), {"month": "2026-03"}).text
    assert "Nobody wrote to us" in old
    csv = client.get(reverse("insights:area_file", args=["harrowfield"])).text
    assert "Antisocial behaviour,1" in csv
    # Disposed of: in no example any more, and still in the number.
    Comment.objects.filter(official_account=harrowfield_account).update(state=Comment.State.RESTRICTED)
    later = client.get(reverse("insights:area", args=["harrowfield"])).text
    assert "castle green again" not in later
    assert "antisocial behaviour (1" in later
    client.force_login(joan_pritchard)
    assert client.get(reverse("insights:areas")).status_code == 403


def test_the_map_holds_back_small_numbers_and_is_no_finer_than_a_neighbourhood(
    client, wealdshire, harrowfield, harrowfield_account, saltmere_account, leah_brandt, pc_nair
):
    details, _ = AreaDetails.objects.update_or_create(
        neighbourhood=harrowfield,
        defaults={"boundary": SQUARE, "centre": None, "source": "file", "imported_at": clock.now()},
    )
    for n in range(3):
        wrote(harrowfield_account, f"bikes {n}", n)
    for n in range(8):
        wrote(saltmere_account, f"boats {n}", n % 3)
    tasks.count_areas()
    client.force_login(leah_brandt)
    page = client.get(reverse("insights:map"))
    assert page.status_code == 200
    assert "no boundary known" in page.text
    assert 'aria-label="Harrowfield: 3"' in page.text
    public = client.get(reverse("insights:map"), {"public": "yes"}).text
    assert 'aria-label="Harrowfield: few"' in public
    assert "fewer than 5" in public
    assert "in all neighbourhoods together" not in public
    csv = client.get(reverse("insights:map_file"), {"public": "yes"}).text
    assert "Harrowfield,fewer than 5" in csv
    for odd in (
        {"since": "never"},
        {"since": "2026-12-01", "until": "2026-11-01"},
        {"layer": "x", "category": "y"},
        {"since": "1900-01-01"},
        {"layer": "tips"},
        {"layer": "concerns"},
        {"layer": "disorder"},
    ):
        assert client.get(reverse("insights:map"), odd).status_code == 200
    client.force_login(pc_nair)
    own = client.get(reverse("insights:map")).text
    assert "Saltmere" not in own
    assert outlines.area_at([details], 53.05, -0.95) == details
    assert outlines.area_at([details], 53.05, -0.85) is None
    assert draw([], {}) is None
    held = draw([details], {harrowfield.pk: None})
    assert held.shapes[0].label == "few"
    assert held.shapes[0].radius == 0
    assert queries_map.asked(lambda _: "")[0].layer == "comments"


def test_how_it_sounds_stands_beside_how_often_that_is_told_rightly(capsys):
    figures = sentiment.kept()
    measured = sentiment.measure(Path(__file__).parent / "sentiment.yaml", on=date(2026, 11, 29))
    assert measured["right"] == figures["right"]
    assert measured["share"] > 0.6
    assert sentiment.sound([]) == []
    call_command("sentiment", "--json")
    assert '"classes"' in capsys.readouterr().out
    shipped = (sentiment.DATA / "sentiment.yaml").read_text()
    apart = (Path(__file__).parent / "sentiment.yaml").read_text().splitlines()
    assert not [line for line in apart if line.startswith("  - ") and line in shipped]
