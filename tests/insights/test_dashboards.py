"""Dashboards: each role's own, of official accounts that are theirs, with a sentence and a table behind every picture."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import services
from core import clock
from insights import charts, dashboards
from insights import queries_figures as figures
from insights.actions import rollups
from insights.charts import Line
from insights.pictures import volume
from insights.pictures.reading import Reading
from insights.queries_figures import Period
from moderation.models import IngestGap
from smmp.seed.force import SEED
from staff.roles import Role
from tests import comments

AT = datetime(2026, 10, 14, 9, 20, tzinfo=UTC)
OCTOBER = "span=custom&first=2026-10-01&last=2026-10-31"


@pytest.fixture
def october(wealdshire, settings, amira_hussain):
    """Wealdshire Police and Harrowfield with comments of one week, most dealt with, and a gap."""
    settings.DEMO = True
    rollups.refresh()
    force_account, harrowfield = (
        wealdshire.accounts[f"{name}-police"] for name in ("wealdshire", "harrowfield")
    )
    for n in range(12):
        at = AT + timedelta(hours=9 * n)
        comment = comments.write(
            force_account if n % 3 else harrowfield,
            f"October {n}",
            at=at,
            by=f"person.{n}",
            category="traffic" if n % 2 else "suicide_self_harm",
            priority=4 if n % 2 else 1,
            answer_by=at + timedelta(minutes=5),
        )
        if n < 10:
            comments.decide(comment, amira_hussain, at=at + timedelta(minutes=3 + n))
    begins = datetime(2026, 10, 20, 0, 0, tzinfo=UTC)
    for account in wealdshire.accounts.values():
        IngestGap.objects.create(
            official_account=account, begins_at=begins, ends_at=begins + timedelta(hours=22), why="down"
        )
    rollups.refresh()
    return force_account


def test_every_role_opens_its_own_and_no_other(
    client,
    october,
    leah_brandt,
    helen_achebe,
    sergeant_okafor,
    pc_nair,
    superintendent_price,
    nadia_rahman,
    graham_ellis,
):
    for person, opened in (
        (leah_brandt, {"communications", "neighbourhood", "scrutiny"}),
        (helen_achebe, {"communications", "neighbourhood", "command", "scrutiny"}),
        (sergeant_okafor, {"desk", "neighbourhood", "command", "scrutiny"}),
        (pc_nair, {"neighbourhood"}),
        (superintendent_price, {"neighbourhood", "command"}),
        (graham_ellis, {"scrutiny"}),
    ):
        assert {one.slug for one in dashboards.open_to(person)} == opened, person
        client.force_login(person)
        for slug in dashboards.DASHBOARDS:
            page = client.get(reverse("insights:dashboard", args=[slug]) + f"?{OCTOBER}")
            assert page.status_code == (200 if slug in opened else 403), (person, slug)
            if slug in opened:
                shown = set(re.findall(r'<section class="panel figure(?: wide)?" id="([a-z-]+)"', page.text))
                assert shown == set(dashboards.DASHBOARDS[slug].pictures)
                assert "style=" not in page.text.partition("<main")[2].partition("</main>")[0]
    client.force_login(pc_nair)
    assert client.get(reverse("insights:figures")).headers["Location"].endswith("/neighbourhood/")
    assert client.get(reverse("insights:dashboard", args=["no-such"])).status_code == 404


def test_numbers_are_those_of_what_the_viewer_may_see(client, october, sergeant_okafor, pc_nair):
    client.force_login(sergeant_okafor)
    page = client.get(reverse("insights:dashboard", args=["desk"]) + f"?{OCTOBER}").text
    assert "12 came in" in page
    assert "gap: nothing could be read" in page
    # Of three that waited five minutes at most, the first three made it.
    assert "at most 15 minutes" in page
    rows = list(
        csv.reader(
            io.StringIO(
                client.get(
                    reverse("insights:picture", args=["desk", "in-and-out"]) + f"?{OCTOBER}"
                ).text.lstrip("\ufeff")
            )
        )
    )
    assert rows[0] == ["Day", "Came in", "Went out", "Came in, the period before"]
    by_day = {row[0]: row[1] for row in rows[1:]}
    assert by_day["2026-10-20"] == "gap"
    assert by_day["2026-10-21"] == "0"
    assert sum(int(n) for n in by_day.values() if n != "gap") == 12

    client.force_login(pc_nair)
    page = client.get(reverse("insights:dashboard", args=["neighbourhood"]) + f"?{OCTOBER}").text
    assert "Harrowfield" in page
    assert "4 came in" in page


def test_what_cannot_be_asked_gets_a_sentence_and_the_usual_days(client, october, sergeant_okafor):
    client.force_login(sergeant_okafor)
    for query, words in (
        ("span=custom&first=2026-10-31&last=2026-10-01", "ends before it begins"),
        ("span=custom&first=yesterday", "Give the first and the last day"),
        ("span=custom&first=2020-01-01&last=2026-10-01", "at most 366 days"),
        ("span=custom&first=0001-01-01&last=0001-01-01", "Nothing is counted before"),
        ("span=century", "no such period"),
        ("place=atlantis", "no such neighbourhood"),
        (f"span=custom&first={clock.today() + timedelta(days=9)}&last=2030-01-01", "has not begun"),
    ):
        page = client.get(reverse("insights:dashboard", args=["desk"]) + f"?{query}")
        assert page.status_code == 422, query
        assert words in page.text
        assert "Shown instead" in page.text
    assert client.get(reverse("insights:dashboard", args=["desk"]) + "?account=999999").status_code == 404
    # Days that were changed are meant, also where the period beside them was left at seven days.
    changed = "?span=week&shown=2026-11-01+2026-11-07&first=2026-10-14&last=2026-10-14"
    assert "14 October 2026" in client.get(reverse("insights:dashboard", args=["desk"]) + changed).text
    assert client.get(reverse("insights:picture", args=["desk", "in-and-out"]) + "?span=x").status_code == 422
    # No data, and one day.
    page = client.get(
        reverse("insights:dashboard", args=["desk"]) + "?span=custom&first=2025-01-01&last=2025-01-01"
    )
    assert "Nothing that has a clock was dealt with yet" in page.text


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23)])
def test_a_single_day_has_the_hours_that_the_clocks_gave_it(force_account, settings, day, hours):
    settings.DEMO = True
    period = Period(day, day)
    begins, _ = period.bounds
    with time_machine.travel(begins + timedelta(days=2), tick=False):
        rollups.refresh()
        for hour in range(hours):
            comments.write(force_account, f"{day} {hour}", at=begins + timedelta(hours=hour, minutes=5))
        rollups.refresh()
        drawn = volume.in_and_out(Reading(None, figures.force(), period))
    assert [row[1] for row in drawn.rows] == [1] * hours
    named = [row[0] for row in drawn.rows]
    assert len(set(named)) == hours
    assert ("01:00 BST" in named) == ("01:00 GMT" in named) == (hours == 25)
    assert ("01:00" in named) is False


def test_an_hour_that_could_not_be_read_or_is_to_come_is_not_nothing(force_account, settings):
    settings.DEMO = True
    day = date(2026, 10, 14)
    scope = figures.force(accounts=[force_account.pk])
    with time_machine.travel(datetime(2026, 10, 14, 14, 30, tzinfo=UTC), tick=False):
        rollups.refresh()
        comments.write(force_account, "One", at=datetime(2026, 10, 14, 9, 20, tzinfo=UTC))
        IngestGap.objects.create(
            official_account=force_account,
            begins_at=datetime(2026, 10, 14, 2, 0, tzinfo=UTC),
            ends_at=datetime(2026, 10, 14, 5, 0, tzinfo=UTC),
            why="down",
        )
        rollups.refresh()
        drawn = volume.in_and_out(Reading(None, scope, Period(day, day)))
        told = dict(drawn.rows)
    assert told["10:00"] == 1
    assert [hour for hour, n in told.items() if n == "gap"] == ["03:00", "04:00", "05:00"]
    assert [hour for hour, n in told.items() if n is None] == [f"{hour}:00" for hour in range(16, 24)]
    assert sum(n == 0 for n in told.values()) == 24 - 1 - 3 - 8
    assert drawn.drawing.count('class="gap"') == 3
    assert drawn.drawing.count('class="tone-a"') == 1
    assert "could not be read" in drawn.note


def test_figures_for_scrutiny_tell_no_small_number(client, october, graham_ellis):
    client.force_login(graham_ellis)
    page = client.get(reverse("insights:picture", args=["scrutiny", "categories"]) + f"?{OCTOBER}").text
    rows = list(csv.reader(io.StringIO(page.lstrip("\ufeff"))))[1:]
    assert {row[1] for row in rows} == {"5"}  # six, to the next five
    assert {row[3] for row in rows} == {"fewer than 5"}  # one still open
    assert {row[4] for row in rows} == {""}  # a share of fewer than twenty
    reading = Reading(None, figures.force(), Period(date(2026, 10, 1), date(2026, 10, 31)), public=True)
    for drawn in dashboards.drawn(dashboards.DASHBOARDS["scrutiny"], reading):
        for row in drawn.rows:
            assert not any(
                isinstance(cell, int) and not isinstance(cell, bool) and cell % 5 for cell in row
            ), drawn.slug


def test_programs_read_the_same_figures_by_key(client, october, ben_osei, victoria_lang, harrowfield_account):
    service = services.add_service(
        actor=ben_osei, name="Power BI", purpose="Board report", owner=victoria_lang, networks=["127.0.0.0/8"]
    )
    accounts.give_grant(
        actor=SEED,
        person=service.member,
        role=Role.DESK_SUPERVISOR,
        official_account=harrowfield_account,
        until=clock.now() + timedelta(days=30),
        why="Figures alone",
    )
    key = services.make_key(actor=ben_osei, service=service, until=clock.now() + timedelta(days=90))[1]
    headers = {"Authorization": f"Bearer {key}"}
    tables = client.get(reverse("api:figures"), headers=headers).json()
    assert "desk/responses" in {one["name"] for one in tables["tables"]}
    assert not any(one["name"].startswith("communications/") for one in tables["tables"])
    address = reverse("api:figure", args=["neighbourhood", "categories"])
    query = "?first=2026-10-01&last=2026-10-31"
    told = client.get(address + query, headers=headers).json()
    assert (told["first"], told["of"]) == ("2026-10-01", "all official accounts")
    assert [row["received"] for row in told["rows"]] == [2, 2]
    assert told["columns"][2] == {"name": "period_before", "title": "Period before"}
    as_csv = client.get(f"{address}{query}&format=csv", headers=headers)
    assert as_csv.headers["Content-Type"].startswith("text/csv")
    assert (
        as_csv.text.splitlines()[0].lstrip("\ufeff") == "Category,Received,Period before,Still open,In time"
    )
    accepted = client.get(address + query, headers={**headers, "Accept": "text/csv"})
    assert accepted.content == as_csv.content
    for wrong, status in (
        ("?format=xml", 422),
        ("?first=2026-10-01", 422),
        ("?neighbourhood=atlantis", 422),
        ("?first=x", 422),
    ):
        problem = client.get(address + wrong, headers=headers)
        assert (problem.status_code, problem.json()["status"]) == (status, status), wrong
    refused = client.get(reverse("api:figure", args=["communications", "categories"]), headers=headers)
    assert refused.status_code == 403
    assert client.get(reverse("api:figure", args=["desk", "nothing"]), headers=headers).status_code == 404
    assert client.get(address).status_code == 401
    assert json.dumps(told)


def test_a_line_breaks_at_a_gap_and_never_falls_to_nothing():
    days = [date(2026, 10, n) for n in range(1, 6)]
    drawn = charts.lines(
        "x", "X", "Says.", days, [Line("In", {days[0]: 4, days[2]: 9, days[4]: 2})], gaps={days[2]}
    )
    assert drawn.rows[2] == (days[2], "gap")
    assert drawn.drawing.count("<polyline") == 2
    assert drawn.top == "4"
    assert ("gap", "gap: nothing could be read") in drawn.key
    one = charts.lines("x", "X", "Says.", days[:1], [Line("In", {days[0]: 4})])
    assert one.drawing.count("<polyline") == 1
    assert charts.lines("x", "X", "Says.", [], [Line("In", {})]).rows == ()
    hostile = charts.bars("x", "X", '"><script>', ("A", "B"), [("<b>", 1)])
    assert "<script>" not in hostile.drawing
    assert [charts.percent(share) for share in (None, 0, 0.001, 0.5, 0.999, 1)] == [
        "–", "0 %", "under 1 %", "50 %", "over 99 %", "100 %"
    ]  # fmt: skip
