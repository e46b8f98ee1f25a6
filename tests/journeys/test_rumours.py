"""A rumour from its third appearance to the correction on the network and the answer to who asked, each by their own hands."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from exercise.models import Message
from insights.models import Rumour
from moderation.models import Comment
from publishing.actions import templates
from tests.browser import PHONE, check_both_looks
from tests.journeys.test_appeals import until

pytestmark = pytest.mark.more

SAID = "Apparently the lad from Mill Lane was stabbed by three men from the hotel and police hide it"
ASKED = "Is it true the lad from Mill Lane was stabbed by three men from the hotel and police hide it?"
TRUTH = "Nobody was stabbed in Mill Lane last night. A man fell off his bike there and is well."
HOLDING = "We know what is said about [[where]]. We are looking into it and will say more by [[when]]."


def on_the_network(page: Page, words: str) -> None:
    until(page, "/exercise/", lambda: page.get_by_text(words).count() > 0)


def send_and_approve(writer: Page, approver: Page, words: str) -> None:
    """The draft that is open at the writer's goes for approval, and out."""
    writer.locator("#submit").click()
    expect(writer.get_by_text("Waiting for approval").first).to_be_visible()
    approver.goto("/publishing/approvals/")
    approver.get_by_role("button", name="Approve version").first.click()
    on_the_network(approver, words)


def test_command_sees_the_third_appearance_and_it_is_answered(
    at_work, browser_of, public, our_post, inspector_calder, leah_brandt, helen_achebe, amira_hussain
):
    statement = templates.write_template(
        actor=leah_brandt, kind="holding", name="We are looking into it", words=HOLDING
    )
    templates.approve_statement(actor=helen_achebe, template=statement)

    # Given a claim that three people write within a minute, one of them asking
    public(SAID, handle="dezza", name="Dez", under=our_post)
    public(f"{SAID}!!", handle="lil_fern", name="Fern", under=our_post)
    public(ASKED, handle="nan_of_six", name="Nan", under=our_post)

    # Then command finds it on the telephone's first page, within five minutes of the third
    command = browser_of(inspector_calder, **PHONE)
    link = command.get_by_role("link", name=re.compile("See what is said, and answer it"))
    until(command, "/", lambda: link.count() > 0, within_s=200)
    found = Rumour.objects.get()
    assert found.told_at is not None
    assert found.third_at is not None
    assert found.told_at - found.third_at < timedelta(minutes=5)
    # And so do the desk's operators, on their screen
    amira = browser_of(amira_hussain)
    amira.goto("/notices/")
    expect(amira.get_by_text("The same claim for the third time").first).to_be_visible()
    link.first.click()
    expect(command.get_by_role("heading", name=f"Rumour {found.reference}")).to_be_visible()
    check_both_looks(command)
    command.set_viewport_size(PHONE)  # type: ignore[arg-type]
    command.locator("#take_up [name=words]").fill("Somebody was stabbed in Mill Lane, and we hide it.")
    command.get_by_role("button", name="Take it up").click()
    command.get_by_role("button", name="Call communications for words").click()
    expect(command.locator(".toast").first).to_be_visible()

    # When communications put out a holding line whose words are approved already
    leah, helen = browser_of(leah_brandt), browser_of(helen_achebe)
    leah.goto("/notices/")
    leah.get_by_text(f"Words are wanted on the rumour {found.reference}").first.click()
    leah.goto(f"/insights/rumours/{found.pk}/")
    leah.locator("summary", has_text="We are looking into it").click()
    statement_form = leah.locator(f"#holding-{statement.pk}")
    statement_form.locator("[name=blank_0]").fill("Mill Lane")
    statement_form.locator("[name=blank_1]").fill("9 pm")
    statement_form.get_by_role("button", name="Draft it").click()
    send_and_approve(leah, helen, "We know what is said about Mill Lane.")

    # And the rumour is assessed, judged with evidence, and may be spoken of
    def step(name: str, button: str, **given: str) -> None:
        leah.goto(f"/insights/rumours/{found.pk}/")
        part = leah.locator(f"#{name}")
        for field, value in given.items():
            box = part.locator(f"[name={field}]")
            kind = box.first.evaluate("one => one.type")
            if kind == "radio":
                part.locator(f"[name={field}][value={value}]").check()
            elif kind == "select-one":
                box.select_option(value)
            else:
                box.fill(value)
        part.get_by_role("button", name=button).first.click()
        expect(leah.locator(".toast").first).to_be_visible()

    step("assess", "Keep it", harm="disorder", spread="growing")
    step("evidence", "Keep it for good", says="Control room: no such call, one fall.", speaks="against")
    step("authority", "Keep it", authority="command")
    step("proceedings", "Keep it", proceedings="no")
    step("judge", "This is so", verdict="false", kind="mis", truth=TRUTH)
    check_both_looks(leah)

    # Then the correction goes out through publishing
    leah.goto(f"/insights/rumours/{found.pk}/")
    leah.locator("summary", has_text="Draft the correction").click()
    expect(leah.get_by_label("The correction")).to_have_value(TRUTH)
    leah.get_by_role("button", name="Draft it").last.click()
    send_and_approve(leah, helen, TRUTH)

    # And who asked is offered an answer, which a person reads and sends
    amira.goto(f"/insights/rumours/{found.pk}/")
    amira.locator("summary", has_text="Keep a reply as my draft for each").click()
    amira.get_by_role("button", name="Keep the drafts").click()
    expect(amira.locator(".toast").first).to_be_visible()
    asked = Comment.objects.get(text=ASKED)
    amira.goto(f"/desk/comments/{asked.pk}/")
    expect(amira.locator("#reply-text")).to_have_value(re.compile("^Nobody was stabbed"))
    amira.get_by_role("button", name="Send public reply").click()
    until(amira, "/exercise/", lambda: Message.objects.filter(parent__text=ASKED).exists())

    # Then the page says how far each came
    until(
        leah,
        f"/insights/rumours/{found.pk}/",
        lambda: leah.get_by_text("1 of 1 answered").count() > 0,
    )
    expect(leah.get_by_role("heading", name="How far each came")).to_be_visible()
    check_both_looks(leah)
