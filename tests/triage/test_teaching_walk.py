"""A supervisor in a browser: an example added, tried on what came lately, live, and back again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core import clock
from core.actors import System
from moderation import teaching
from moderation.actions import triage as actions
from moderation.models import Exemplar, TriageSwitch, TriageVersion
from moderation.triage import exemplars as files
from tests.browser import check_both_looks, sign_in
from tests.moderation.comments import a_comment

pytestmark = pytest.mark.more

NEW_WORDS = "ready to go to sleep and never get up again"


def test_a_supervisor_adds_an_example_sees_what_it_changes_and_switches_it_live_and_back(
    browser_page, sergeant_okafor, force_account, model, lessons, monkeypatch
):
    # Given a version that is live, made from few examples, and comments of the last days
    monkeypatch.setattr(files, "shipped", lambda: list(lessons.exemplars))
    monkeypatch.setattr(files, "ordinary", lambda: lessons.ordinary)
    monkeypatch.setattr(files, "neutral", tuple)
    monkeypatch.setattr(files, "hateful", tuple)
    monkeypatch.setattr(teaching, "ensure_shipped", lambda: None)
    actions.seed_exemplars(actor=System("triage"))
    old = TriageVersion.objects.create(
        **teaching.made_from(model, lessons),
        kind="exemplars",
        made_by_name="test",
        made_at=clock.now(),
        live=True,
    )
    a_comment(force_account, "so ready to go to sleep and not ever get up")
    a_comment(force_account, "the horses were lovely today")

    # When the supervisor adds an example, it stands there with who added it, and is not live
    page = browser_page
    sign_in(page, sergeant_okafor)
    page.goto("/desk/triage/examples/")
    page.get_by_role("link", name="Suicide").first.click()
    page.get_by_label("The words").fill(NEW_WORDS)
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("row", name=re.compile(NEW_WORDS))
    expect(row).to_contain_text("Okafor")
    assert Exemplar.objects.get(text=NEW_WORDS).added_by == sergeant_okafor

    # And asks for a version of it, they see how far it has come, and then what it would change
    page.get_by_role("link", name="Versions").click()
    expect(page.locator("main")).to_contain_text("not in the live one yet")
    page.get_by_role("button", name="Make it and try it").click()
    expect(page.get_by_role("status").first).to_contain_text("Waiting, 0 %")
    assert teaching.work_job() == 1
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("main .answer-first")).to_contain_text("2 comments")
    check_both_looks(page)
    assert TriageVersion.objects.get(live=True) == old

    # And they switch it live with a reason, and back with another
    for why, then in (("It hears quiet despair", None), ("Too many alarms", old)):
        if then is not None:
            page.get_by_role("link", name=then.name, exact=True).first.click()
        page.get_by_label("Why, in a sentence").fill(why)
        page.get_by_role("button", name=re.compile("Make .* live")).click()
        expect(page.locator("main")).to_contain_text(why)
    assert TriageVersion.objects.get(live=True) == old
    assert [one.why for one in TriageSwitch.objects.order_by("id")] == [
        "It hears quiet despair",
        "Too many alarms",
    ]
