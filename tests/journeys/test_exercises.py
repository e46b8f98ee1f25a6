"""Journeys on the exercise network: what anybody sees there, and a trainer at work."""

from __future__ import annotations

import re

import pytest

from core.actors import System
from exercise import actions, scenarios
from exercise.actions.runs import FASTEST
from exercise.models import Message, Profile
from platforms import registry
from platforms.contract import Login, Picture, PostToSend
from smmp.seed import force
from tests.browser import check_both_looks, sign_in
from tests.platforms.contract import small_picture

TRAINER = System("trainer")


@pytest.fixture
def people(served):
    return force.make().people


@pytest.fixture
def market_street(people):
    """The whole scenario, said at once."""
    run = actions.start_run(actor=TRAINER, scenario=scenarios.named("market-street"), speed=FASTEST)
    while actions.advance_runs():
        pass
    return run


def test_the_public_reads_a_post_and_its_replies_until_one_is_hidden_and_a_trainer_the_private_messages(
    browser_page, people, market_street
):
    # Given a reply that anybody can read
    browser_page.goto("/exercise/")
    check_both_looks(browser_page)
    reply = Message.objects.get(text__startswith="My cousin is a nurse at Harrowfield General")
    browser_page.goto(f"/exercise/post/{reply.root_id}/")
    assert browser_page.get_by_text("My cousin is a nurse").is_visible()
    check_both_looks(browser_page)
    # When the police hide it
    police = Profile.objects.get(handle="wealdshire-police")
    actions.hide(actor=TRAINER, profile=police, message=reply)
    # Then it is not there at all
    browser_page.reload()
    assert browser_page.get_by_text("My cousin is a nurse").count() == 0
    # And only a trainer reads what was written to the police privately
    private = browser_page.get_by_role("heading", name="Private messages")
    browser_page.goto("/exercise/@wealdshire-police/")
    assert private.count() == 0
    sign_in(browser_page, people["sergeant_okafor"])
    browser_page.reload()
    assert private.is_visible()
    check_both_looks(browser_page)


def test_a_picture_is_shown_with_its_alternative_text(browser_page, served):
    _, token = actions.open_profile(actor=TRAINER, handle="wealdshire-police", name="Wealdshire Police")
    picture = Picture(small_picture(), "image/jpeg", "A blue square on Castle Green")
    sent = registry.connect("exercise", Login(served, "wealdshire-police", token)).send(
        PostToSend(key="p", text="Have you seen this square?", pictures=[picture])
    )
    browser_page.goto(f"/exercise/post/{sent.external_id}/")
    image = browser_page.get_by_alt_text("A blue square on Castle Green")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 16
    check_both_looks(browser_page)


def test_a_trainer_starts_a_scenario_writes_as_the_public_and_marks_the_desk(browser_page, people):
    page = browser_page
    sign_in(page, people["sergeant_okafor"])
    # When the sergeant starts a scenario
    page.goto("/exercise/control/")
    page.get_by_label("Speed of An ordinary Saturday").select_option("max")
    page.get_by_role("button", name="Start An ordinary Saturday").click()
    assert page.get_by_text("Playing now").first.is_visible()
    check_both_looks(page)
    while actions.advance_runs():
        pass
    page.get_by_text("lines played. Finished.").wait_for()
    # And writes under its last post as Jo
    page.goto("/exercise/")
    page.locator(".under a").first.click()
    page.get_by_label("Handle").fill("jo_h")
    page.get_by_label("Name").fill("Jo")
    page.get_by_label("Words").fill("Is the bus station open?")
    check_both_looks(page)
    page.get_by_role("button", name="Write as the public").click()
    # Then Jo's words stand there, and the run can be marked
    page.wait_for_url("**#m*")
    assert Message.objects.filter(author__handle="jo_h", text="Is the bus station open?").exists()
    page.goto("/exercise/control/")
    page.get_by_role("link", name="Marked sheet").first.click()
    assert page.get_by_role("heading", name="Marked sheet: An ordinary Saturday").is_visible()
    page.get_by_role("link", name="Every comment").click()
    check_both_looks(page)
    # And talked through, with the figures kept
    page.get_by_label("What to change").fill("Pair up on private messages.")
    page.get_by_role("button", name="Keep the debrief").click()
    assert page.get_by_text("The figures are kept as they stood then.").is_visible()


def test_a_trainer_without_scripts_can_do_the_same(new_page, people):
    page = new_page(scripts=False)
    sign_in(page, people["sergeant_okafor"])
    page.goto("/exercise/control/")
    page.get_by_role("button", name="Start An ordinary Saturday").click()
    assert page.get_by_text("Playing now").first.is_visible()
    page.get_by_role("button", name="Stop An ordinary Saturday").click()
    assert page.get_by_role("heading", name="Playing now").count() == 0
    # And write a scenario of the force's own from a copy, put it in use and start it
    page.get_by_role("link", name="Write scenarios").click()
    page.get_by_role("link", name="Copy An ordinary Saturday").click()
    page.get_by_label("Title").first.fill("A wet Saturday")
    page.get_by_label("Short name").first.fill("wet-saturday")
    page.get_by_role("button", name="Copy it to a draft").click()
    page.get_by_role("button", name=re.compile("Later ?: p1")).click()
    page.get_by_role("link", name="Edit p1").click()
    page.get_by_label("Words").fill("It will rain all day. Mind the river path.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Preview").click()
    assert page.get_by_text("Mind the river path").is_visible()
    page.go_back()
    page.get_by_role("button", name="Put version 1 in use").click()
    page.goto("/exercise/control/")
    page.get_by_role("button", name="Start A wet Saturday").click()
    assert page.get_by_text("Playing now").first.is_visible()
