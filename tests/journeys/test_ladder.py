"""The ladder on a phone: every pathway run as an exercise from the browser, climbing until somebody has it.

Nobody waits for the minutes of a pathway here: the time of a level is moved to now, and the scheduler does the rest.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from django.db.models import F, Max
from playwright.sync_api import Page, expect

from core import clock
from escalation import tasks
from escalation.actions import cases
from escalation.models import Alert, Case, Pathway, PathwayVersion, Rota
from moderation.models import Comment
from smmp.seed import oncall
from tests import comments
from tests.browser import PATIENCE_MS, PHONE, check_one_look


def until(holds: Callable[[], bool], what: str) -> None:
    for _ in range(PATIENCE_MS // 100):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail(f"waited in vain: {what}")


def time_is_up(**which: object) -> None:
    """Nobody said it in time."""
    Case.objects.filter(state=Case.State.WAITING, **which).update(acknowledge_by=clock.now())


def begin_drill(page: Page, pathway: Pathway) -> Case:
    page.goto("/cases/drills/")
    page.get_by_label("Official account", exact=True).select_option(label="Wealdshire Police")
    page.get_by_label("Pathway", exact=True).select_option(str(pathway.pk))
    page.get_by_role("button", name="Begin the drill").click()
    page.wait_for_url(re.compile(r"/cases/\d+/$"))
    expect(page.locator(".badge", has_text="exercise").first).to_be_visible()
    return Case.objects.get(pk=int(page.url.rstrip("/").rpartition("/")[2]))


@pytest.mark.more
def test_every_pathway_is_run_as_an_exercise_and_climbs_to_its_last_level(
    browser_of, at_work, sergeant_okafor
):
    # Given rotas with people on call, and a supervisor who starts a drill of every pathway from the browser
    oncall.make(at_work)
    page = browser_of(sergeant_okafor, **PHONE)
    pathways = list(Pathway.objects.filter(versions__state=PathwayVersion.State.LIVE))
    assert len(pathways) >= 16
    drills = [begin_drill(page, pathway) for pathway in pathways]

    # When nobody says “I have it” in time, at any level
    last = Case.objects.annotate(last=Max("version__levels__position"))
    waiting = [case.pk for case in drills]
    while last.filter(pk__in=waiting, level__lt=F("last")).exists():
        before = sorted(last.filter(pk__in=waiting).values_list("pk", "level", "round"))
        time_is_up(pk__in=waiting)
        until(
            lambda seen=before: (
                not last.filter(pk__in=waiting, state="waiting", acknowledge_by__lte=clock.now()).exists()
                and sorted(last.filter(pk__in=waiting).values_list("pk", "level", "round")) != seen
            ),
            "the ladders to climb",
        )

    # Then the page of drills shows for each how far it climbed, level by level
    page.goto("/cases/drills/")
    for case in drills:
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=case.reference, exact=True))
        expect(row).to_contain_text(case.pathway.title)
        for level in case.version.levels.all():
            called = case.call_outs.filter(level=level.position).exists()
            passed = case.log.filter(event="nobody").exists()
            assert called or passed, (case.pathway.title, level.position)
            if called:
                expect(row).to_contain_text(f"level {level.position}:")
    assert not Case.objects.filter(pk__in=waiting, exercise=False).exists()
    check_one_look(page)

    # And each stops at an acknowledgement
    for case in drills:
        cases.acknowledge(actor=sergeant_okafor, case=case)
    called = {case.pk: case.call_outs.count() for case in drills}
    tasks.climb()
    assert {case.pk: case.call_outs.count() for case in drills} == called


def test_the_ladder_climbs_through_three_levels_on_a_phone_and_stops_at_i_have_it(
    browser_of, at_work, sergeant_okafor, inspector_calder
):
    # Given a drill of a threat to life, and Inspector Calder with her phone in her hand
    oncall.make(at_work)
    desk = browser_of(sergeant_okafor)
    case = begin_drill(desk, Pathway.objects.get(slug="threat_to_life"))
    phone = browser_of(inspector_calder, **PHONE, dark=True)
    phone.goto("/")
    phone.get_by_role("link", name=re.compile(case.reference)).first.click()
    live = phone.locator("#live")
    expect(live).to_contain_text("left to say “I have it”")
    expect(live.locator("li.hot")).to_contain_text("Duty command")

    # When the time of two levels goes by, then the page on her phone climbs by itself, without being touched
    for level, whom in ((2, "Digital desk supervisor"), (3, "Duty command")):
        time_is_up(pk=case.pk)
        until(lambda wanted=level: Case.objects.filter(pk=case.pk, level=wanted).exists(), f"level {level}")
        expect(live.locator("li.hot")).to_contain_text(whom)
        expect(live).to_contain_text("If nobody acts:")
        assert case.call_outs.filter(level=level).exists()

    # And when she says it with her thumb, the calls stop for good and everybody reads who has it
    button = phone.get_by_role("button", name="I have it")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] > PHONE["height"] / 2
    button.click()
    expect(live).to_contain_text("The calls have stopped.")
    expect(desk.locator("#live")).to_contain_text("Calder")
    case.refresh_from_db()
    assert (case.state, case.acknowledged_by, case.level) == ("acknowledged", inspector_calder, 3)
    called = case.call_outs.count()
    time_is_up(pk=case.pk)
    tasks.climb()
    assert case.call_outs.count() == called
    desk.goto("/cases/drills/")
    expect(desk.get_by_role("row").filter(has_text=case.reference)).to_contain_text("level 3:")


def test_the_pages_of_risk_have_no_violation(
    browser_of, at_work, sergeant_okafor, inspector_calder, amira_hussain, force_account
):
    # Given an alert at the desk, one case that waits, one that somebody has, and one with a referral on a clock of the law
    oncall.make(at_work)
    comments.write(
        force_account,
        "I will jump off the viaduct tonight",
        by="jordan.p",
        category="suicide_self_harm",
        priority=1,
    )
    until(lambda: Alert.objects.exists(), "the alert")
    waits = comments.escalate(comments.write(force_account, "They said goodbye", by="kit.r"), amira_hussain)
    asks = comments.escalate(
        comments.write(force_account, "What do you hold about me?", by="sam.d"),
        amira_hussain,
        "information_request",
        "Asks for their data",
    )
    until(lambda: not Comment.objects.exclude(needs_case="").exists(), "the cases")
    held = Case.objects.get(evidence__comment=asks)
    cases.acknowledge(actor=sergeant_okafor, case=held)
    waiting = Case.objects.get(evidence__comment=waits)

    # Then nothing on the pages of whoever answers for it is out of reach, on a phone at night or a wide screen by day
    pages = {
        inspector_calder: ["/", f"/cases/{waiting.pk}/", f"/cases/{held.pk}/", "/cases/board/"],
        sergeant_okafor: [
            "/cases/alerts/",
            f"/cases/alerts/{Alert.objects.latest('pk').pk}/",
            f"/cases/rotas/{Rota.objects.get(name='Duty command').pk}/",
            "/cases/handover/",
        ],
    }
    for person, paths in pages.items():
        page = browser_of(person)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            check_one_look(page)
