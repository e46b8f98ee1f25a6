"""Journeys on the exercise network: what anybody sees there, and a trainer at work."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db.models import F, Q
from playwright.sync_api import Page, expect

from core.actors import System
from exercise import actions, scenarios
from exercise.actions.runs import FASTEST
from exercise.models import Line, Message, Profile, Run
from moderation.models import Comment
from platforms import registry
from platforms.contract import Login, Picture, PostToSend
from smmp.seed import force
from tests.browser import check_one_look, sign_in
from tests.journeys.test_appeals import until
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
    check_one_look(browser_page)
    reply = Message.objects.get(text__startswith="My cousin is a nurse at Harrowfield General")
    browser_page.goto(f"/exercise/post/{reply.root_id}/")
    assert browser_page.get_by_text("My cousin is a nurse").is_visible()
    check_one_look(browser_page)
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
    check_one_look(browser_page)


def test_a_picture_is_shown_with_its_alternative_text(browser_page, served):
    _, token = actions.open_profile(actor=TRAINER, handle="wealdshire-police", name="Wealdshire Police")
    picture = Picture(small_picture(), "image/jpeg", "A blue square on Castle Green")
    sent = registry.connect("exercise", Login(served, "wealdshire-police", token)).send(
        PostToSend(key="p", text="Have you seen this square?", pictures=[picture])
    )
    browser_page.goto(f"/exercise/post/{sent.external_id}/")
    image = browser_page.get_by_alt_text("A blue square on Castle Green")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 16
    check_one_look(browser_page)


def test_a_trainer_starts_a_scenario_writes_as_the_public_and_marks_the_desk(browser_page, people):
    page = browser_page
    sign_in(page, people["sergeant_okafor"])
    # When the sergeant starts a scenario
    page.goto("/exercise/control/")
    page.get_by_label("Speed of An ordinary Saturday").select_option("max")
    page.get_by_role("button", name="Start An ordinary Saturday").click()
    assert page.get_by_text("Playing now").first.is_visible()
    check_one_look(page)
    while actions.advance_runs():
        pass
    page.get_by_text("lines played. Finished.").wait_for()
    # And writes under its last post as Jo
    page.goto("/exercise/")
    page.locator(".under a").first.click()
    page.get_by_label("Handle").fill("jo_h")
    page.get_by_label("Name").fill("Jo")
    page.get_by_label("Words").fill("Is the bus station open?")
    check_one_look(page)
    page.get_by_role("button", name="Write as the public").click()
    # Then Jo's words stand there, and the run can be marked
    page.wait_for_url("**#m*")
    assert Message.objects.filter(author__handle="jo_h", text="Is the bus station open?").exists()
    page.goto("/exercise/control/")
    page.get_by_role("link", name="Marked sheet").first.click()
    assert page.get_by_role("heading", name="Marked sheet: An ordinary Saturday").is_visible()
    page.get_by_role("link", name="Every comment").click()
    check_one_look(page)
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


def played(page: Page, words: str, *, within_s: float = 240) -> None:
    """The run, looked at until the page of exercises says so."""
    until(page, "/exercise/control/", lambda: page.get_by_text(words).count() > 0, within_s=within_s)


@pytest.mark.more
def test_an_outage_is_played_and_the_desk_is_debriefed_from_the_marked_sheet(
    at_work, browser_of, sergeant_okafor, amira_hussain
):
    """The network is slow, busy, down, loses answers and refuses, by itself; the desk works on."""
    # Given a trainer who starts it: 75 minutes in 75 seconds
    daniel, amira = browser_of(sergeant_okafor), browser_of(amira_hussain)
    daniel.goto("/exercise/control/")
    daniel.get_by_label("Speed of Silent Saturday").select_option("60")
    daniel.get_by_role("button", name="Start Silent Saturday").click()
    assert daniel.get_by_text("Playing now").first.is_visible()

    def arrived(words: str) -> Comment:
        until(amira, "/desk/", lambda: Comment.objects.filter(text__startswith=words).exists(), within_s=240)
        comment = Comment.objects.get(text__startswith=words)
        amira.goto(f"/desk/comments/{comment.pk}/")
        return comment

    # When the desk escalates one at risk, hides abuse, and answers while the network fails
    arrived("get the horses out")
    amira.locator("summary", has_text="Hide").first.click()
    amira.locator("input[name=clause]").first.check()
    amira.get_by_role("button", name="Hide this comment").click()
    expect(amira.get_by_role("status").filter(has_text="by you").first).to_be_visible()
    arrived("is it you or my tablet")
    amira.locator("#reply-text").fill("It is the network, not your tablet. Ring 999 if it is urgent.")
    amira.get_by_role("button", name="Send public reply").click()
    arrived("My carer didn't come")
    amira.locator("summary", has_text="Escalate").first.click()
    amira.locator("#escalate-why").fill("Cannot get up, alone")
    amira.get_by_role("button", name=re.compile("^Escalate")).last.click()

    # Then, when the network is back, everything that was written has arrived, and the reply stands there once
    played(daniel, "Finished")
    run = Run.objects.get(scenario="silent-saturday")
    written = Line.objects.filter(run=run, act=Line.Act.COMMENT, message__isnull=False)
    until(
        daniel,
        f"/insights/exercises/{run.pk}/?show=all",
        lambda: (
            Comment.objects.filter(
                external_id__in=[str(pk) for pk in written.values_list("message_id", flat=True)]
            ).count()
            == written.filter(message__deleted_at=None).count()
        ),
        within_s=240,
    )
    assert not Profile.objects.exclude(weather="fair").exists()
    until(
        amira,
        "/exercise/",
        lambda: Message.objects.filter(text__startswith="It is the network, not").exists(),
    )
    assert Message.objects.filter(text__startswith="It is the network, not").count() == 1

    # And the marked sheet says what was right, what was missed, and what came late: how late hangs on this machine
    late = Comment.objects.exclude(
        Q(text__startswith="My carer")
        | Q(text__startswith="get the horses")
        | Q(text__startswith="is it you")
    )
    late.filter(external_id__in=[str(pk) for pk in written.values_list("message_id", flat=True)]).update(
        received_at=F("received_at") + timedelta(minutes=2)
    )
    daniel.goto(f"/insights/exercises/{run.pk}/")
    check_one_look(daniel)
    expect(daniel.get_by_text("It never became a case.").first).to_be_visible()
    daniel.get_by_role("link", name="Every comment").click()
    row = daniel.get_by_role("row").filter(has_text="My carer didn't come")
    expect(row).to_contain_text("Right")
    expect(row).to_contain_text("Amira Hussain")
    expect(daniel.get_by_role("row").filter(has_text="get the horses out")).to_contain_text(
        "Taken from sight"
    )
    expect(daniel.get_by_text(re.compile(r"^Arrived .* after it was written")).first).to_be_visible()
    for kind in ("PDF", "CSV"):
        with daniel.expect_download() as begun:
            daniel.get_by_role("link", name=kind, exact=True).click()
        assert begun.value.path().stat().st_size > 1000
    daniel.get_by_label("What to change").fill("Ring round while the network is down.")
    daniel.get_by_role("button", name="Keep the debrief").click()
    expect(daniel.get_by_text("The figures are kept as they stood then.")).to_be_visible()

    # And the next run is set beside it, as it was debriefed
    again = actions.start_run(actor=TRAINER, scenario=scenarios.named("silent-saturday"), speed=FASTEST)
    while actions.advance_runs():
        pass
    daniel.goto(f"/insights/exercises/{again.pk}/")
    expect(daniel.get_by_text("as debriefed")).to_be_visible()
