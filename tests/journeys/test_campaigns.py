"""A day of calls and a meeting with a neighbourhood, run on the exercise network from the comms officer's first page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock
from exercise.models import Message
from publishing.models import Campaign, LogLine, Meeting
from tests.browser import check_both_looks

pytestmark = pytest.mark.more


def plan(page: Page, kind: str, name: str) -> None:
    """From the first page to a campaign of this kind that runs, and on to the page that runs it."""
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Campaigns")).first.click()
    page.get_by_role("main").get_by_role("link", name=kind, exact=True).click()
    check_both_looks(page)
    page.get_by_label("Called").fill(name)
    page.get_by_label("What it is for").fill("Show what we do, and hear what people ask")
    page.get_by_label("Wealdshire Police (exercise)").check()
    until = clock.in_london(clock.now() + timedelta(hours=20))
    page.get_by_label("Until, London time").fill(until.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    check_both_looks(page)


def test_a_day_of_calls_goes_out_without_names_and_at_a_pace(at_work, browser_of, leah_brandt, helen_achebe):
    # Given a log that Leah plans and starts
    leah = browser_of(leah_brandt)
    plan(leah, "24-hour log", "A day of calls")
    leah.get_by_role("link", name="Run the log").click()
    check_both_looks(leah)
    leah.get_by_role("button", name="Start it").click()
    expect(leah.locator(".toast")).to_contain_text("“A day of calls” runs.")

    # When two calls come in, one of them twice
    for words in (
        "Colin Marsh of 14 Mill Lane rings 999 because his sink is blocked",
        "Sheep on the A41 near Harrowfield",
        "Sheep on the A41 near Harrowfield",
    ):
        leah.get_by_label("The line as it stands in the log").fill(words)
        leah.get_by_role("button", name="Add the line").click()
    expect(leah.locator(".toast")).to_contain_text("1 had come before.")
    assert LogLine.objects.count() == 2

    # Then the name and the address are out of what is suggested, and Leah sends both
    sink = leah.get_by_role("article").filter(has_text="sink")
    expect(sink.get_by_text("“Colin Marsh” is somebody’s name")).to_be_visible()
    check_both_looks(leah)
    sink.get_by_label("What goes out").fill("Colin Marsh rings 999 because of a blocked sink.")
    sink.get_by_role("button", name="Read: send it for approval").click()
    expect(sink.locator(".field .error")).to_contain_text("is somebody’s name. Take it out")
    sink.get_by_label("What goes out").fill("Somebody rings 999 because of a blocked sink. Please do not.")
    sink.get_by_role("button", name="Read: send it for approval").click()
    expect(leah.locator(".toast")).to_contain_text("Sent for approval.")
    leah.get_by_role("article").filter(has_text="Sheep").get_by_role(
        "button", name="Read: send it for approval"
    ).click()
    expect(leah.get_by_text("Nothing waits to be read.")).to_be_visible()

    # When Helen approves both from her first page
    helen = browser_of(helen_achebe)
    helen.goto("/")
    waits = helen.get_by_role("listitem").filter(has_text="2 posts of “A day of calls” wait for approval")
    waits.get_by_role("link", name="Read them").click()
    check_both_looks(helen)
    for box in helen.get_by_role("checkbox").all():
        box.check()
    helen.get_by_role("button", name="Approve what is ticked").click()
    expect(helen.locator(".toast")).to_contain_text("2 approved. They go out at the pace of the log.")

    # Then the first is on the network, the second waits for its place, and none of it says who
    leah.goto(f"/publishing/campaigns/{Campaign.objects.get().pk}/log/")
    out = leah.get_by_role("region", name="Out", exact=True)
    expect(
        until_shown(leah, out.get_by_text(re.compile("Somebody rings 999|Sheep on the A41")))
    ).to_be_visible()
    assert Message.objects.filter(text__regex="Somebody rings 999|Sheep on the A41").count() == 1
    assert not Message.objects.filter(text__contains="Marsh").exists()
    check_both_looks(leah)

    # And a stop keeps the second from going
    leah.get_by_text("Stop it", exact=True).click()
    leah.get_by_label("Why", exact=True).fill("A real incident")
    leah.get_by_role("button", name="Stop it now").click()
    expect(
        leah.get_by_role("region", name="Queue").get_by_text("The campaign is stopped: A real incident")
    ).to_be_visible()
    check_both_looks(leah)


def until_shown(page: Page, locator):
    """The part of the page, looked for anew until it is there."""
    for _ in range(60):
        if locator.first.is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    return locator.first


def test_a_neighbourhood_asks_and_is_answered_in_public(
    at_work, browser_of, new_page, leah_brandt, tom_beckett, amira_hussain, helen_achebe
):
    # Given a meeting that Leah sets up from her first page
    leah = browser_of(leah_brandt)
    plan(leah, "Virtual community meeting", "Harrowfield listens")
    leah.get_by_role("link", name="Run the meeting").click()
    leah.get_by_label("What the public reads about it").fill("Your team answers here this evening.")
    leah.get_by_label("Hold line").fill("We have been called away and are back soon.")
    leah.get_by_role("button", name="Set it up").click()
    leah.get_by_label("Staff member").select_option(label=amira_hussain.called)
    leah.get_by_label("Shown to the public as").fill("Amira, digital desk")
    leah.get_by_role("button", name="Name them").click()
    leah.get_by_role("button", name="Start it").click()
    expect(leah.locator(".toast")).to_contain_text("“Harrowfield listens” runs.")
    check_both_looks(leah)

    # When somebody without an account asks
    meeting = Meeting.objects.get()
    somebody = new_page()
    somebody.goto(f"/public/meetings/{meeting.slug}/")
    check_both_looks(somebody)
    somebody.get_by_role("link", name="Ask a question").click()
    somebody.get_by_role("button", name="Ask it").click()
    expect(somebody.locator(".field .error")).to_contain_text("Write your question.")
    check_both_looks(somebody)
    somebody.get_by_label("Your question").fill("Why does Colin Marsh keep the lamps by the market dark?")
    somebody.get_by_label("What may we call you?").fill("Mo")
    somebody.get_by_role("button", name="Ask it").click()
    expect(somebody.get_by_role("heading", level=1)).to_have_text("Thank you, we have your question")
    check_both_looks(somebody)

    # Then Tom reads it from his first page, takes the name out and shows it
    tom = browser_of(tom_beckett)
    tom.goto("/")
    waits = tom.get_by_role("listitem").filter(has_text="1 question for “Harrowfield listens” to be read")
    waits.get_by_role("link", name="Read them").click()
    check_both_looks(tom)
    tom.get_by_label("What the public reads").fill("Why are the lamps by the market dark?")
    tom.get_by_role("button", name="Show it", exact=True).click()
    expect(tom.locator(".toast")).to_contain_text("The public reads it now.")

    # And Amira answers it in public
    amira = browser_of(amira_hussain)
    amira.goto("/")
    waits = amira.get_by_role("listitem").filter(
        has_text="1 question of “Harrowfield listens” without an answer"
    )
    waits.get_by_role("link", name="Answer").click()
    amira.get_by_label("Your answer").fill(
        "They are changed on Monday. Our officers walk by each evening until then."
    )
    amira.get_by_role("button", name="Answer in public").click()
    expect(amira.locator(".toast")).to_contain_text("The public reads your answer now.")
    check_both_looks(amira)
    reader = new_page()
    reader.goto(f"/public/meetings/{meeting.slug}/")
    shown = until_shown(reader, reader.get_by_text("They are changed on Monday."))
    expect(shown).to_be_visible()
    expect(reader.get_by_text("Colin Marsh")).to_have_count(0)
    check_both_looks(reader)

    # When Helen publishes the transcript, the public can take it along
    helen = browser_of(helen_achebe)
    helen.goto(f"/desk/meetings/{meeting.campaign_id}/")
    helen.get_by_role("button", name=re.compile("^Publish the transcript")).click()
    expect(helen.locator(".toast")).to_contain_text("The transcript is published.")
    until_shown(reader, reader.get_by_role("link", name="Download the transcript"))
    with reader.expect_download() as given:
        reader.get_by_role("link", name="Download the transcript").click()
    text = given.value.path().read_text(encoding="utf-8")
    assert "1. Why are the lamps by the market dark? (Mo)" in text
    assert "Amira, digital desk: They are changed on Monday." in text
