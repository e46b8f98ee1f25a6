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
from insights.models import AreaDay, CommentDay
from insights.phrases import phrases
from insights.rollups import COUNTS
from moderation.models import Comment, IngestGap, Place
from publishing.models import Concern
from tests.moderation.comments import a_comment

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


def counted() -> None:
    """As the scheduler does each minute and every ten."""
    tasks.refresh_figures()
    tasks.count_areas()


def at(day: int, hour: int = 10) -> datetime:
    return NOON.replace(hour=hour) - timedelta(days=day)


def wrote(account, text, day, category="asb", **given) -> Comment:
    when = given.pop("when", None) or at(day)
    return a_comment(account, text, posted_at=when, received_at=when, category=category, **given)


def test_counted_with_the_figures_and_elsewhere_where_a_place_is_named_each_once(
    wealdshire, force_account, harrowfield_account, saltmere_account, harrowfield, leah_brandt
):
    saltmere = wealdshire.neighbourhoods["Saltmere"]
    place, other = (
        Place.objects.create(name=name, matched=name.lower(), neighbourhood=harrowfield, added_at=clock.now())
        for name in ("The Weir", "Mill Lane")
    )
    first = wrote(harrowfield_account, "bikes", 1, named_places=[place.pk])
    wrote(force_account, "fire at the weir in Mill Lane", 1, named_places=[place.pk, other.pk])
    moves = wrote(force_account, "bikes at the weir", 1, named_places=[place.pk])
    wrote(force_account, "nowhere in particular", 1)
    wrote(saltmere_account, "bikes", 0)
    counted()
    assert tasks.count_areas() == 0
    assert {(row.neighbourhood_id, row.day): row.comments for row in AreaDay.objects.all()} == {
        (harrowfield.pk, date(2026, 11, 24)): 2
    }

    def raised(area):
        found = queries_areas.month(leah_brandt, area.slug, date(2026, 11, 1))
        return found.own, found.elsewhere, {one.category: one.comments for one in found.topics}

    assert raised(harrowfield) == (1, 2, {"asb": 3})
    assert raised(saltmere) == (1, 0, {"asb": 1})
    # The desk sorts both anew: each moves once.
    for one in (first, moves):
        one.category = "traffic"
        one.save()
    counted()
    assert raised(harrowfield) == (1, 2, {"traffic": 2, "asb": 1})
    # An official account that moves leaves what was written to it where it was, and so does a place that it names.
    harrowfield_account.neighbourhood = saltmere
    harrowfield_account.save()
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        counted()
        wrote(harrowfield_account, "boats", 0, when=clock.now())
        counted()
        assert raised(harrowfield) == (1, 2, {"traffic": 2, "asb": 1})
        assert raised(saltmere) == (2, 0, {"asb": 2})
    assert all("text" not in field.name for field in AreaDay._meta.get_fields())


@pytest.mark.parametrize("read", [queries_areas.READ, 1], ids=["among the newest", "further back"])
def test_examples_are_the_newest_to_the_area_and_of_its_places_within_sight(
    wealdshire, harrowfield_account, saltmere_account, harrowfield, leah_brandt, pc_nair, monkeypatch, read
):
    monkeypatch.setattr(queries_areas, "READ", read)
    weir = Place.objects.create(
        name="The Weir", matched="the weir", neighbourhood=harrowfield, added_at=clock.now()
    )
    wrote(harrowfield_account, "bikes again", 1, when=at(1, hour=9))
    wrote(saltmere_account, "fire at the weir", 1, when=at(1, hour=11), named_places=[weir.pk])
    wrote(saltmere_account, "hidden at the weir", 0, named_places=[weir.pk], hidden_at=clock.now())
    wrote(saltmere_account, "boats", 0)
    wrote(harrowfield_account, "last month", 40)
    wrote(harrowfield_account, "Bikes again ", 1, when=at(1, hour=12))
    counted()

    def shown(viewer):
        [topic] = queries_areas.month(viewer, harrowfield.slug, date(2026, 11, 1)).topics
        return [one.text for one in topic.examples]

    assert shown(leah_brandt) == ["Bikes again ", "fire at the weir"]
    # PC Nair may not see what is written to the other area's official account.
    assert shown(pc_nair) == ["Bikes again "]


def test_what_is_of_no_listed_topic_is_told_so_that_the_topics_add_up(
    client, harrowfield_account, harrowfield, leah_brandt
):
    wrote(harrowfield_account, "bikes again", 1)
    for number in range(2):
        wrote(harrowfield_account, f"Hello {number}", 1, category="none")
    counted()
    found = queries_areas.month(leah_brandt, harrowfield.slug, date(2026, 11, 1))
    assert (found.comments, found.beside) == (3, 2)
    client.force_login(leah_brandt)
    page = client.get(reverse("insights:area", args=[harrowfield.slug]), {"month": "2026-11"})
    assert "2 comments are of other topics or of none." in page.text


def test_exercises_are_in_no_figures_outside_a_demonstration(
    settings, harrowfield, saltmere_account, leah_brandt
):
    place = Place.objects.create(
        name="The Weir", matched="the weir", neighbourhood=harrowfield, added_at=clock.now()
    )
    wrote(saltmere_account, "bikes at the weir", 0, named_places=[place.pk])
    settings.DEMO = False
    counted()
    assert not AreaDay.objects.exists()
    assert queries_areas.month(leah_brandt, "saltmere", date(2026, 11, 1)).comments == 0


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23)])
def test_a_day_of_25_or_23_hours_is_counted_whole(force_account, harrowfield, day, hours):
    place = Place.objects.create(
        name="The Weir", matched="the weir", neighbourhood=harrowfield, added_at=clock.now()
    )
    begins, ends = (at.astimezone(clock.UTC) for at in counting.bounds(day, day))
    assert ends - begins == timedelta(hours=hours)
    for hour in range(-1, hours + 1):
        when = begins + timedelta(hours=hour, minutes=30)
        wrote(force_account, f"bikes {hour}", 0, when=when, named_places=[place.pk])
    counted()
    assert list(AreaDay.objects.order_by("day").values_list("comments", flat=True)) == [1, hours, 1]


def test_nothing_and_one_comment_are_told_as_such(client, harrowfield, harrowfield_account, pc_nair):
    client.force_login(pc_nair)
    address = reverse("insights:area", args=["harrowfield"])
    assert "Nobody wrote to us about Harrowfield" in client.get(address).text
    wrote(harrowfield_account, "bikes", 0)
    counted()
    page = client.get(address).text
    assert "One comment: most of what worried people was antisocial behaviour (1)." in page
    assert "1 comment: 1 to its official accounts, 0 elsewhere" in page


def test_news_is_more_than_chance_and_a_gap_is_not_zero(harrowfield, harrowfield_account, leah_brandt):
    CommentDay.objects.create(
        day=date(2026, 10, 1),
        official_account=harrowfield_account,
        category="none",
        priority=5,
        **dict.fromkeys(COUNTS, 0),
    )
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
    week = queries_areas.week(leah_brandt, harrowfield)
    assert [one.says for one in week.changes] == [
        "Antisocial behaviour: 35 comments, about 7 in a usual week."
    ]
    quiet = Neighbourhood.objects.exclude(pk=harrowfield.pk).first()
    assert "more than chance" in queries_areas.week(leah_brandt, quiet).says
    IngestGap.objects.create(
        official_account=harrowfield_account, begins_at=at(2), ends_at=at(2, 23), why="away"
    )
    deaf = queries_areas.week(leah_brandt, harrowfield)
    assert deaf.changes == []
    assert "could not read" in deaf.says
    early = queries_areas.week(leah_brandt, harrowfield, today=date(2026, 10, 12))
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
    counted()
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
    counted()
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
        {"until": "0001-01-01"},
        {"since": "0001-01-01", "until": "9999-12-31"},
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
