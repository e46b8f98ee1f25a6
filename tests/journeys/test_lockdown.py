"""Everything stops, one life-saving post passes, two people end it, and each act is looked at: in real browsers."""

from __future__ import annotations

from playwright.sync_api import expect

from publishing.actions import posts
from publishing.models import Delivery, Lockdown
from tests.browser import check_one_look


def approved(author, approver, account, words):
    post = posts.draft_post(actor=author, account_ids=[account.pk], words=words)
    posts.submit_post(actor=author, post=post, version_seen=post.version)
    return posts.approve_post(actor=approver, post=post, version_seen=post.version)


def test_a_lockdown_from_the_press_to_the_last_decision(
    browser_of, force_account, leah_brandt, helen_achebe, sergeant_okafor, inspector_calder
):
    # Given two approved posts
    approved(leah_brandt, helen_achebe, force_account, "Missing: have you seen her? Call 999.")
    approved(leah_brandt, helen_achebe, force_account, "The market at Saltmere is on.")

    # When Daniel stops everything, from any page, saying why
    daniel = browser_of(sergeant_okafor)
    daniel.goto("/")
    daniel.get_by_role("link", name="No lockdown").click()
    check_one_look(daniel)
    daniel.get_by_label("Why", exact=True).fill("Somebody else is in our account")
    daniel.get_by_role("button", name="Stop everything that goes out").click()
    expect(daniel.get_by_role("heading", level=1)).to_contain_text("Compromise lockdown, the whole force")
    check_one_look(daniel)

    # Then everybody reads on every page what it means for them
    leah = browser_of(leah_brandt)
    leah.goto("/")
    expect(leah.get_by_label("Lockdown", exact=True)).to_contain_text("Nothing of yours goes out")
    check_one_look(leah)

    # And what saves a life passes by name
    missing = daniel.locator("article", has_text="Missing: have you seen her?")
    missing.get_by_text("A life may depend on it").click()
    missing.get_by_label("Whose life").fill("A child of nine is missing")
    missing.get_by_role("button", name="Let this one pass").click()
    expect(daniel.get_by_role("heading", name="Let pass by name")).to_be_visible()

    # When he asks to end it and Ruth confirms
    daniel.get_by_label("Why it can end").fill("Every session is closed, and the password is new")
    daniel.get_by_role("button", name="Ask to end it").click()
    expect(daniel.get_by_text("You asked, so you cannot")).to_be_visible()
    lock = Lockdown.objects.get()
    ruth = browser_of(inspector_calder)
    ruth.goto(f"/publishing/lockdown/{lock.pk}/")
    check_one_look(ruth)
    ruth.get_by_role("button", name="Confirm: end it").click()

    # Then nothing resumes by itself, and Helen looks at what was kept back
    expect(ruth.get_by_role("heading", level=1)).to_have_text("Kept back by a lockdown")
    helen = browser_of(helen_achebe)
    helen.goto("/publishing/lockdown/kept-back/")
    check_one_look(helen)
    market = helen.locator("article", has_text="The market at Saltmere is on.")
    market.get_by_role("button", name="Drop it").click()
    expect(helen.get_by_text("Say why it is withdrawn")).to_be_visible()
    market.get_by_label("Why").fill("The market is over")
    market.get_by_role("button", name="Drop it").click()
    assert Delivery.objects.get(text__startswith="The market").state == Delivery.State.WITHDRAWN
    helen.goto("/publishing/lockdown/history/")
    expect(helen.get_by_role("link", name="Compromise lockdown, the whole force")).to_be_visible()
    check_one_look(helen)
