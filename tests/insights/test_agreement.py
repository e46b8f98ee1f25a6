"""One number says the same wherever it stands: pages, areas, map, reports, PDF, CSV, API and the figures of requests."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import services
from core import clock
from insights import dashboards, queries_areas, queries_map, report_paper, rights_figures, tasks
from insights import queries_figures as figures
from insights.actions import reports
from insights.models_reports import Kind
from insights.pictures.reading import Reading
from insights.queries_figures import Period
from insights.reports import written_of
from moderation.models import Comment, IngestGap, Place
from publishing.models import Delivery
from smmp.seed.force import SEED
from staff.roles import Role
from tests.comments import decide
from tests.moderation.comments import a_comment
from tests.papers import pdf_words

NOON = datetime.combine(date(2026, 11, 25), time(12), clock.LONDON)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
MONTH = Period(date(2026, 11, 1), date(2026, 11, 25))


@pytest.fixture(autouse=True)
def still(db):
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture(autouse=True)
def busy(still, settings, wealdshire, force_account, harrowfield_account, saltmere_account, leah_brandt):
    """A month with late decisions, a changed category, withheld and private words, places named elsewhere, an account
    that moves, a gap, replies and posts."""
    settings.DEMO = True
    harrowfield = harrowfield_account.neighbourhood
    weir = Place.objects.create(
        name="The Weir", matched="the weir", neighbourhood=harrowfield, added_at=clock.now()
    )
    made: list[Comment] = []
    for day in range(24):
        at = NOON - timedelta(days=day, hours=day % 5)
        for account, many in ((harrowfield_account, 3), (saltmere_account, 1), (force_account, 2)):
            for n in range(many):
                made.append(
                    a_comment(
                        account,
                        f"words {day} {n}",
                        posted_at=at,
                        received_at=at,
                        category=("asb", "traffic", "none")[(day + n) % 3],
                        priority=4,
                        private=n == 2,
                        named_places=[weir.pk] if day % 4 == 0 else None,
                        answer_by=at + timedelta(hours=2),
                    )
                )
    tasks.refresh_figures()
    for number, comment in enumerate(made):
        if number % 3 == 0:
            decide(comment, leah_brandt, at=comment.received_at + timedelta(minutes=40 * (number % 5)))
    Comment.objects.filter(pk=made[5].pk).update(category="crime_report")
    Comment.objects.filter(pk=made[7].pk).update(state=Comment.State.RESTRICTED)
    IngestGap.objects.create(
        official_account=harrowfield_account,
        begins_at=NOON - timedelta(days=6),
        ends_at=NOON - timedelta(days=6, hours=-5),
        why="away",
    )
    for n, kind in enumerate(("post", "reply", "reply", "post", "reply")):
        at = NOON - timedelta(days=4 + n)
        Delivery.objects.create(
            official_account=harrowfield_account,
            kind=kind,
            author=leah_brandt,
            text="Ours",
            state=Delivery.State.SENT,
            private_to_external_id="somebody" if n == 2 else "",
            external_id=f"ours-{n}",
            created_at=at,
            due_at=at,
            sent_at=at,
        )
    # From today on it belongs elsewhere; all of this stays where it was.
    saltmere_account.neighbourhood = harrowfield
    saltmere_account.save()
    tasks.refresh_figures()
    tasks.count_areas()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def days(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


@pytest.fixture
def key(ben_osei, victoria_lang):
    service = services.add_service(
        actor=ben_osei, name="Power BI", purpose="Board report", owner=victoria_lang, networks=["127.0.0.0/8"]
    )
    accounts.give_grant(
        actor=SEED,
        person=service.member,
        role=Role.DESK_SUPERVISOR,
        until=clock.now() + timedelta(days=30),
        why="Figures alone",
    )
    return services.make_key(actor=ben_osei, service=service, until=clock.now() + timedelta(days=30))[1]


def test_what_a_neighbourhood_received_is_one_number(client, key, leah_brandt, harrowfield_account):
    place = harrowfield_account.neighbourhood
    told: dict[str, int] = {}
    client.force_login(leah_brandt)
    asked = {"span": "custom", **days(WEEK), "place": place.slug}
    scope = figures.scope(leah_brandt, neighbourhood=place)
    reading = Reading(leah_brandt, scope, WEEK)
    told["reading"] = reading.now.total.received
    told["by day"] = sum(one.received for one in reading.now.by_day.values())
    told["by account"] = sum(one.received for one in reading.now.by_account.values())
    told["by hour"] = sum(reading.hours.arrivals.values())
    page = client.get(reverse("insights:dashboard", args=["neighbourhood"]), asked).text
    assert f"{told['reading']} came in" in page
    for name, column in (("categories", "Received"), ("in-and-out", "Came in"), ("accounts", "Received")):
        table = client.get(reverse("insights:picture", args=["neighbourhood", name]), asked).text
        told[f"CSV of {name}"] = sum(int(row[column]) for row in rows_of(table) if row[column] != "gap")
    headers = {"Authorization": f"Bearer {key}"}
    program = {**days(WEEK), "neighbourhood": place.slug}
    address = reverse("api:figure", args=["neighbourhood", "categories"])
    answer = client.get(address, program, headers=headers).json()
    told["API"] = sum(row["received"] for row in answer["rows"])
    as_csv = client.get(address, program | {"format": "csv"}, headers=headers).text
    told["API as CSV"] = sum(int(row["Received"]) for row in rows_of(as_csv))
    week = reports.make_scheduled(actor=reports.REPORTS, kind=Kind.WEEKLY, period=WEEK, place_id=place.pk)
    written = written_of(week)
    told["weekly report"] = int(written.heads[0][1])
    categories = next(one for one in written.parts if one.title == "What people wrote about")
    told["its categories"] = sum(row[1] for row in categories.rows)
    assert f"Received {written.heads[0][1]}" in pdf_words(report_paper.pdf(week))
    assert set(told.values()) == {3 * 7}, told
    # Beside them, and said so: what named a place of it elsewhere. Map, area and their CSV add both.
    on_map = queries_map.map_of(
        leah_brandt, queries_map.Asked("comments", "", WEEK.first, WEEK.last, public=False)
    )
    row = next(one for one in on_map.rows if one.place == place)
    elsewhere = queries_areas.raised(leah_brandt, place, WEEK.first, WEEK.last).elsewhere
    assert row.number == told["reading"] + sum(elsewhere.values())
    assert sum(elsewhere.values()) == 2 * 2 + 2
    in_file = client.get(
        reverse("insights:map_file"), {"since": str(WEEK.first), "until": str(WEEK.last)}
    ).text
    assert f"{place.name},{row.number}," in in_file


def test_the_month_of_an_area_is_that_of_the_figures(client, leah_brandt, pc_nair, harrowfield_account):
    place = harrowfield_account.neighbourhood
    for viewer in (leah_brandt, pc_nair):
        month = queries_areas.month(viewer, place.slug, MONTH.first)
        reading = Reading(viewer, figures.scope(viewer, neighbourhood=place), MONTH)
        assert month.own == reading.now.total.received == 3 * 24 + 1
        heads = {one.label: one.value for one in dashboards.heads(reading)}
        assert month.done.replies_sent == int(heads["Replies sent"]) == 3
        assert month.done.posts_sent == reading.of("sent")["post"] == 2
        assert month.done.decisions == sum(reading.of("decision").values())
        whole = queries_map.map_of(
            viewer, queries_map.Asked("comments", "", MONTH.first, MONTH.last, public=False)
        )
        row = next(one for one in whole.rows if one.place == place)
        assert row.number == month.comments == month.own + month.elsewhere
        for topic in month.topics:
            found = queries_map.map_of(
                viewer, queries_map.Asked("comments", topic.category, MONTH.first, MONTH.last, public=False)
            )
            assert next(one for one in found.rows if one.place == place).number == topic.comments
            assert sum(topic.weeks) == topic.comments
    client.force_login(leah_brandt)
    page = client.get(reverse("insights:area", args=[place.slug])).text
    assert f"{month.comments} comments: {month.own} to its official accounts" in page
    table = rows_of(client.get(reverse("insights:area_file", args=[place.slug])).text)
    assert {row["topic"]: int(row["comments"]) for row in table} == {
        topic.name: topic.comments for topic in month.topics
    }


def test_the_force_received_the_same_for_the_board_for_command_and_for_requesters(
    leah_brandt, sergeant_okafor, nadia_rahman
):
    total = figures.figures(figures.force(), MONTH).total.received
    assert total == 6 * 24
    board = written_of(reports.make_scheduled(actor=reports.REPORTS, kind=Kind.MONTHLY, period=MONTH))
    assert board.heads[0][1] == str(total)
    for title, column in (("The mix of channels", 1), ("By official account", 1)):
        part = next(one for one in board.parts if one.title == title)
        assert sum(row[column] for row in part.rows) == total, title
    responses = next(one for one in board.parts if one.title == "Response times against target")
    assert sum(row[3] for row in responses.rows) == total
    reading = Reading(sergeant_okafor, figures.scope(sergeant_okafor), MONTH)
    assert reading.now.total.received == total
    asked = rights_figures.read(nadia_rahman, months=1)
    assert asked.received == total
    assert asked.answered == 3
    drawn = {one.slug: one for one in rights_figures.pictures(asked)}
    assert drawn["messages"].rows == ((f"{MONTH.first:%B %Y}", total, 3),)
    assert sum(row[2] for row in drawn["platforms"].rows) == total
    # What is open on the page is what waits in the backlog, which knows no period.
    opened = sum(figures.backlog(figures.force()).by_priority.values())
    assert opened == reading.now.total.open
