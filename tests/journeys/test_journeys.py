"""The main jobs, told as the control room would tell them: given, when, then, in real Chromium."""

from __future__ import annotations

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from moderation.models import Comment
from tests.browser import PATIENCE_MS, check_accessibility

PASSWORD = "harbour-lantern-thistle-42"


def code_of(device: TOTPDevice) -> str:
    """What the person's authenticator app shows now."""
    app = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    return f"{app.token():0{device.digits}d}"


def test_amira_signs_in_with_password_and_authenticator(new_page, amira_hussain):
    # Given Amira has a password and an authenticator app
    amira_hussain.set_password(PASSWORD)
    amira_hussain.save()
    device = TOTPDevice.objects.create(user=amira_hussain, name="phone", confirmed=True)
    page = new_page(width=390, height=844, dark=True)

    # When she opens the desk without being signed in
    page.goto("/desk/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    check_accessibility(page)
    page.get_by_label("E-mail").fill(amira_hussain.email)
    page.get_by_label("Password").fill("not her password")
    page.get_by_role("button", name="Sign in").click()

    # Then a wrong password says nothing about whether she exists
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    wrong = page.locator("main").inner_text()
    page.get_by_label("E-mail").fill("nobody@wealdshire.example")
    page.get_by_label("Password").fill("not her password")
    page.get_by_role("button", name="Sign in").click()
    assert page.locator("main").inner_text() == wrong

    # And the right one, with the code of her app, takes her to the desk she asked for
    page.get_by_label("E-mail").fill(amira_hussain.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    check_accessibility(page)
    page.get_by_label("code").fill(code_of(device))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/desk/")


def test_an_abusive_comment_arrives_and_is_hidden_from_the_public(
    browser_of, new_page, amira_hussain, public, our_post
):
    # Given Amira is at the desk, and the public can read the post
    desk = browser_of(amira_hussain)
    desk.goto("/desk/?queue=open")
    street = new_page(width=390, height=844)

    # When somebody abuses an officer under our post
    public("You pathetic useless scum, I hope that fat copper gets what is coming to him", under=our_post)
    street.goto(f"/exercise/post/{our_post.pk}/")
    expect(street.get_by_text("pathetic useless scum")).to_be_visible()

    # Then it comes to the desk by itself, and she opens and claims it
    waiting = (
        desk.locator("#waiting").get_by_role("link").or_(desk.locator("a[data-row]", has_text="pathetic"))
    )
    expect(waiting.first).to_be_visible()
    desk.goto("/desk/?queue=open")
    desk.get_by_role("link", name="pathetic useless scum").click()
    expect(desk.get_by_role("region", name="Conversation")).to_contain_text("pathetic useless scum")
    desk.get_by_role("button", name="Claim").click()
    expect(desk.get_by_text("You have it until")).to_be_visible()
    check_accessibility(desk)

    # And when she hides it under a clause of the published guidelines
    desk.locator("summary", has_text="Hide").click()
    desk.get_by_role("radio", name="Abuse and insults We hide").check()
    desk.get_by_role("button", name="Hide this comment").click()
    expect(desk.locator("#talk")).to_contain_text("Hidden by you")

    # Then the public no longer sees it, and nothing of it is left on the page
    for _ in range(PATIENCE_MS // 500):
        street.reload()
        if not street.get_by_text("pathetic useless scum").count():
            break
        street.wait_for_timeout(500)
    expect(street.get_by_text("pathetic useless scum")).to_have_count(0)
    desk.wait_for_timeout(1500)
    desk.reload()
    expect(desk.get_by_text("Hidden from the public")).to_be_visible()


def test_a_cry_for_help_reaches_duty_command_who_has_it(
    browser_of, amira_hussain, inspector_calder, public, our_post
):
    # Given Amira is at the desk, and Inspector Calder has her phone in her hand
    desk = browser_of(amira_hussain)
    phone = browser_of(inspector_calder, width=390, height=844, dark=True)
    phone.goto("/")

    # When somebody writes that they want to end their life
    public(
        "I'm sat up at the viaduct, I can't do this any more. Tell my mum I'm sorry, I want to die",
        under=our_post,
    )

    # Then it stands at the top of what needs the desk now, with its reason
    for _ in range(PATIENCE_MS // 500):
        desk.goto("/desk/")
        if desk.get_by_role("link", name="viaduct").count():
            break
        desk.wait_for_timeout(500)
    first = desk.locator("tr.row").first
    expect(first).to_contain_text("Immediate")
    expect(first).to_contain_text("viaduct")
    first.get_by_role("link").click()

    # And when Amira escalates it
    desk.locator("summary", has_text="Escalate").click()
    desk.get_by_label("What you fear").select_option("suicide_self_harm")
    desk.get_by_label("Why, in a few words").fill("At a height, says goodbye")
    desk.get_by_role("button", name="Escalate now").click()
    expect(desk.locator("#talk")).to_contain_text("Escalated by you")

    # Then duty command is called to a case with a clock
    for _ in range(PATIENCE_MS // 500):
        phone.goto("/cases/")
        if phone.locator("a.big").count():
            break
        phone.wait_for_timeout(500)
    phone.locator("a.big").first.click()
    expect(phone.get_by_text("If nobody acts:")).to_be_visible()
    expect(phone.locator("#live")).to_contain_text("viaduct")
    check_accessibility(phone)

    # And "I have it" stops the clock, and the desk can see who has it
    phone.get_by_role("button", name="I have it").click()
    expect(phone.get_by_text("Somebody has it")).to_be_visible()
    comment = Comment.objects.get(text__contains="viaduct")
    desk.goto(f"/cases/comment/{comment.pk}/")
    expect(desk.locator("main")).to_contain_text("Calder")
    check_accessibility(phone)


def test_a_post_is_approved_by_another_and_appears_on_the_exercise_network(
    browser_of, new_page, leah_brandt, helen_achebe, at_work
):
    # Given Leah writes for the force, on a phone
    writer = browser_of(leah_brandt, width=390, height=844)
    writer.goto("/publishing/compose/")
    writer.get_by_label("Wealdshire Police").first.check()
    writer.get_by_label("Words for all").fill("Saltmere viaduct is open again. Thank you for your patience.")
    writer.get_by_label("Called").fill("Viaduct open")
    check_accessibility(writer)
    writer.locator("#submit").click()
    expect(writer.get_by_text("Waiting for approval").first).to_be_visible()

    # Then she cannot approve it herself
    writer.goto("/publishing/approvals/")
    assert writer.get_by_role("button", name="Approve").count() == 0

    # When Helen approves the version she read
    approver = browser_of(helen_achebe)
    approver.goto("/publishing/approvals/")
    expect(approver.get_by_role("link", name="Viaduct open")).to_be_visible()
    check_accessibility(approver)
    approver.get_by_role("button", name="Approve version").click()

    # Then the public reads it on the network, once
    street = new_page()
    for _ in range(PATIENCE_MS // 500):
        street.goto("/exercise/")
        if street.get_by_text("Saltmere viaduct is open again").count():
            break
        street.wait_for_timeout(500)
    expect(street.get_by_text("Saltmere viaduct is open again")).to_have_count(1)
