"""Disorder in Market Street, worked by three people at once and by keys alone, each in a browser of their own."""

from __future__ import annotations

import re

from django.db.models import Count
from playwright.sync_api import Page, expect

from escalation.models import Case
from exercise.models import Line, Message
from moderation.models import Comment, Decision
from tests.browser import PATIENCE_MS

TURNS = PATIENCE_MS // 500


def wait_for(page: Page, happened) -> None:
    """Give the platform's own work its time."""
    for _ in range(TURNS * 3):
        if happened():
            return
        page.wait_for_timeout(500)
    raise AssertionError("the platform did not get there")


def open_comment(page: Page, comment: Comment) -> None:
    page.goto(f"/desk/comments/{comment.pk}/")
    expect(page.get_by_role("region", name="Conversation")).to_be_visible()


def whole_story(page: Page) -> list[str]:
    """The sentences of the trail, newest first, over as many pages as it takes."""
    page.goto("/audit/")
    sentences: list[str] = []
    while True:
        sentences += page.locator("table tbody tr td:nth-child(2)").all_inner_texts()
        older = page.get_by_role("link", name="Older")
        if not older.count():
            return sentences
        older.click()
        page.wait_for_load_state()


def pull_next(page: Page) -> int:
    """`n`: the most urgent comment that nobody has is theirs and open. Its number."""
    before = page.evaluate("document.getElementById('open-comment')?.value ?? ''")
    page.keyboard.press("n")
    page.wait_for_function(
        "before => ![before, undefined].includes(document.getElementById('open-comment')?.value)", arg=before
    )
    return int(page.input_value("#open-comment"))


def escalate(page: Page, why: str) -> None:
    """`e`, a few words, Tab to the button, Enter: the kind of risk is filled in from triage."""
    page.keyboard.press("e")
    expect(page.locator("#escalate-why")).to_be_focused()
    page.keyboard.type(why)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#talk")).to_contain_text("Escalated by you")


def hide(page: Page, title: str) -> None:
    """`h`, arrows to the clause, Enter."""
    page.keyboard.press("h")
    expect(page.locator("input[name=clause]").first).to_be_focused()
    chosen = page.locator("input[name=clause]:checked")
    for _ in range(page.locator("input[name=clause]").count() + 1):
        page.keyboard.press("Space" if not chosen.count() else "ArrowDown")
        if title in chosen.first.locator("xpath=ancestor::label").inner_text():
            break
    page.keyboard.press("Enter")
    expect(page.locator("#talk")).to_contain_text("Hidden by you")


def test_both_cries_for_help_are_found_and_acknowledged_a_rumour_answered_and_abuse_hidden(
    browser_of,
    new_page,
    at_work,
    sergeant_okafor,
    amira_hussain,
    tom_beckett,
    inspector_calder,
    joan_pritchard,
):
    # Given Sgt Okafor starts the exercise as fast as it goes, and all of it has reached the desk
    sergeant = browser_of(sergeant_okafor)
    sergeant.goto("/exercise/control/")
    form = sergeant.locator("form", has=sergeant.locator("input[value='market-street']"))
    form.get_by_label("Speed").select_option("max")
    form.get_by_role("button", name="Start").click()
    wait_for(sergeant, lambda: Line.objects.exists() and not Line.objects.filter(played_at=None).exists())
    written = Line.objects.filter(act="comment").count()
    assert written > 300
    standing = Message.objects.filter(author__official=False, deleted_at=None).count()
    wait_for(sergeant, lambda: Comment.objects.exclude(state="ours").count() >= standing)

    # And Amira sees both cries for help at the top of what needs the desk now, among hundreds
    cries = {
        line.true_category: Comment.objects.get(external_id=str(line.message_id))
        for line in Line.objects.filter(act="comment", true_risk="immediate")
    }
    assert len(cries) == 2
    amira, tom = browser_of(amira_hussain), browser_of(tom_beckett)
    amira.goto("/desk/")
    for comment in cries.values():
        row = amira.locator(f"tr[data-comment='{comment.pk}']")
        expect(row).to_be_visible()
        expect(row).to_contain_text("Immediate")

    # When Amira pulls the most urgent one after another and escalates both, without touching a mouse
    left = {comment.pk for comment in cries.values()}
    for _ in range(10):
        if (pulled := pull_next(amira)) in left:
            escalate(amira, "Needs somebody now")
            left.discard(pulled)
        if not left:
            break
    assert not left, "a cry was not among the first ten"

    # And meanwhile Tom answers a rumour and hides abuse
    rumour = Comment.objects.filter(
        state="open",
        external_id__in=[
            str(pk)
            for pk in Line.objects.filter(true_category="misinformation", act="comment").values_list(
                "message_id", flat=True
            )
        ],
    ).first()
    abuse = Comment.objects.filter(
        state="open",
        external_id__in=[
            str(pk)
            for pk in Line.objects.filter(hide_expected="abuse", act="comment").values_list(
                "message_id", flat=True
            )
        ],
    ).first()
    assert rumour is not None
    assert abuse is not None
    open_comment(tom, rumour)
    tom.keyboard.press("c")
    expect(tom.locator("#talk")).to_contain_text("You have it until")
    words = "Nobody has died. The boy is in hospital with an injury to his arm."
    tom.keyboard.press("r")
    tom.keyboard.type(words)
    expect(tom.locator("#draft-kept")).to_contain_text("draft kept")
    # Sgt Okafor comes to the same one meanwhile: it says who has it, and there is no box to answer in a second time.
    open_comment(sergeant, rumour)
    expect(sergeant.locator("#talk")).to_contain_text("Tom Beckett has it until")
    expect(sergeant.locator("#reply-text")).to_have_count(0)
    # And a page that is lost loses no word.
    tom.reload()
    assert tom.input_value("#reply-text") == words
    tom.keyboard.press("r")
    tom.keyboard.press("Control+Enter")
    expect(tom.locator("#talk")).to_contain_text("Replied by you")
    open_comment(tom, abuse)
    hide(tom, "Abuse and insults")
    assert not (
        Decision.objects.filter(kind="reply")
        .values("comment")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .exists()
    )

    # Then Inspector Calder is called to both, and has them
    phone = browser_of(inspector_calder, width=390, height=844, dark=True)
    wait_for(phone, lambda: Case.objects.filter(state="waiting").count() == 2)
    for case in Case.objects.filter(state="waiting"):
        phone.goto(f"/cases/{case.pk}/")
        phone.get_by_role("button", name="I have it").click()
        expect(phone.get_by_text("Somebody has it")).to_be_visible()
    assert Case.objects.filter(state="acknowledged", acknowledged_by=inspector_calder).count() == 2

    # And the public sees the answer and no longer the abuse
    street = new_page(width=390, height=844)
    hidden = Message.objects.get(pk=int(abuse.external_id))
    wait_for(street, lambda: Message.objects.filter(pk=hidden.pk, hidden_at__isnull=False).exists())
    wait_for(
        street,
        lambda: Message.objects.filter(author__official=True, text__startswith="Nobody has died").exists(),
    )
    answered = Message.objects.get(pk=int(rumour.external_id))
    street.goto(f"/exercise/post/{(answered.root or answered).pk}/")
    street.goto(f"/exercise/post/{hidden.root_id}/")
    assert hidden.text not in street.locator("main").inner_text()

    # And the audit trail tells the story in order
    auditor = browser_of(joan_pritchard)
    told = "\n".join(reversed(whole_story(auditor)))
    places = [
        told.find("Amira Hussain escalated a comment"),
        told.find("Tom Beckett wrote a reply"),
        told.find("Tom Beckett hid a comment"),
        told.rfind("Insp Ruth Calder said “I have it”"),
    ]
    assert -1 not in places, told
    assert places == sorted(places)

    # And the sergeant debriefs from the marked sheet, where both are right and the hide is what it should be
    sergeant.goto("/exercise/control/")
    sergeant.get_by_role("link", name=re.compile("Marked sheet ?: Disorder in Market Street")).click()
    sergeant.get_by_role("link", name="At risk").click()
    for cry in cries.values():
        row = sergeant.get_by_role("row").filter(has_text=cry.text[:40])
        expect(row).to_contain_text("Right")
        expect(row).to_contain_text("Escalated, Amira Hussain")
        expect(row).to_contain_text("Insp Ruth Calder had it after")
    sergeant.get_by_role("link", name="Every comment").click()
    expect(sergeant.get_by_role("row").filter(has_text=abuse.text[:40])).to_contain_text(
        "Hidden, Tom Beckett"
    )
    sergeant.get_by_label("What went well").fill("Both cries for help were found within minutes.")
    sergeant.get_by_role("button", name="Keep the debrief").click()
    expect(sergeant.get_by_text("The figures are kept as they stood then.")).to_be_visible()
