"""The first page of each role: what waits for that person, within their own scope."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import actions as accounts
from accounts.queries import authority_of
from audit.models import Entry
from core import clock
from core.actors import System
from escalation import tasks as cases
from escalation.actions.cases import acknowledge
from escalation.models import Case
from notices.actions import notify
from retention.models import ScheduleRow
from smmp import home, pulse
from staff.roles import Role
from tests import comments

HOURS = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _alive(db):
    for part in ("worker", "scheduler"):
        pulse.beat(part)


def titles(person) -> list[str]:
    return [waiting.title for waiting in home.for_person(person, authority_of(person)).waiting]


def test_nothing_waits_for_an_operator_on_a_quiet_day(client, amira_hussain):
    page = client.force_login(amira_hussain).get("/")
    assert page.status_code == 200
    assert "Nothing waits for you" in page.content.decode()


def test_the_records_manager_is_told_of_periods_nobody_confirmed(graham_ellis, amira_hussain):
    number = ScheduleRow.objects.filter(confirmed_at=None).count()
    assert number
    assert any("not confirmed" in title for title in titles(graham_ellis))
    assert not any("not confirmed" in title for title in titles(amira_hussain))


def test_a_notice_that_asks_at_once_stands_above_one_for_information(inspector_calder, ben_osei):
    notify(actor=System("tests"), to=[inspector_calder], urgency="fyi", title="A quiet word", key="one")
    waiting = home.for_person(inspector_calder, authority_of(inspector_calder)).waiting
    assert [w.urgency for w in waiting] == [home.LATER]
    notify(actor=System("tests"), to=[inspector_calder], urgency="page", title="Come now", key="two")
    waiting = home.for_person(inspector_calder, authority_of(inspector_calder)).waiting
    assert [w.urgency for w in waiting] == [home.HIGH]
    assert "2 notices" in waiting[0].title


def test_a_grant_that_ends_within_a_week_is_shown_to_its_holder_and_to_who_gives_grants(
    ben_osei, tom_beckett, amira_hussain
):
    accounts.give_grant(
        actor=ben_osei,
        person=tom_beckett,
        role=Role.DESK_SUPERVISOR,
        until=clock.now() + 24 * HOURS,
        why="Cover for one night",
    )
    assert "Your grant as digital desk supervisor ends" in titles(tom_beckett)
    assert "The grant of Tom Beckett as digital desk supervisor ends" in titles(ben_osei)
    assert not any("grant" in title for title in titles(amira_hussain))


def test_a_silent_worker_is_said_to_those_who_watch_the_platform_alone(sergeant_okafor, amira_hussain):
    later = clock.now() - timedelta(hours=2)
    pulse.Heartbeat.objects.filter(name="worker").update(beat_at=later)
    assert "No sign of life from the worker" in titles(sergeant_okafor)
    assert not any("sign of life" in title for title in titles(amira_hussain))


def test_a_page_that_shows_no_comment_and_no_case_records_no_viewing(client, joan_pritchard):
    client.force_login(joan_pritchard).get("/")
    assert not Entry.objects.filter(event__in=["comments.listed", "cases.listed"]).exists()


def test_nobody_is_told_anything_before_signing_in(client):
    assert client.get("/").status_code == 302


def test_figures_leave_exercises_out_where_the_force_is_real(amira_hussain, force_account, settings):
    comments.write(force_account, "Is the road open yet?")
    with_exercises = {
        f.label: f.value for f in home.for_person(amira_hussain, authority_of(amira_hussain)).figures
    }
    settings.DEMO = False
    figures = {f.label: f.value for f in home.for_person(amira_hussain, authority_of(amira_hussain)).figures}
    assert with_exercises["Comments received today"] == "1"
    assert figures["Comments received today"] == "0"
    assert figures["Comments open now"] == "1"


def test_an_empty_first_page_fills_by_itself_and_a_full_one_is_never_moved(
    client, inspector_calder, superintendent_price, force_account, amira_hussain
):
    client.force_login(inspector_calder)
    changed, empty = reverse("home_changed"), home.Now().version
    assert client.get(changed, {"v": empty}).status_code == 204
    comments.escalate(comments.write(force_account, "help"), amira_hussain)
    cases.open_cases()
    assert not Entry.objects.filter(event="cases.listed").exists()
    filled = client.get(changed, {"v": empty})
    assert filled["HX-Retarget"] == "#now"
    assert "Nobody has it yet" in filled.content.decode()
    assert Entry.objects.filter(event="cases.listed").count() == 1

    before = home.for_person(inspector_calder, authority_of(inspector_calder)).version
    assert client.get(changed, {"v": before}).status_code == 204
    acknowledge(actor=superintendent_price, case=Case.objects.get())
    told = client.get(changed, {"v": before})
    assert "HX-Retarget" not in told.headers
    assert "This has changed: show it" in told.content.decode()
    now = home.for_person(inspector_calder, authority_of(inspector_calder)).version
    assert client.get(changed, {"v": f"{now}.told"}).status_code == 204
    assert Entry.objects.filter(event="cases.listed").count() == 1
