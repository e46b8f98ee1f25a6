"""Saved replies and their gaps, who may be named, the preview, private messages and their first answer."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid
from moderation import private_messages, saved_replies, tasks, wording
from moderation.actions import desk, messaging
from moderation.actions import saved_replies as writing
from moderation.models import AutomaticAnswer, Comment, Decision, ReplyDraft, SavedReply
from platforms import registry
from publishing.models import Delivery
from tests.moderation.comments import a_comment, a_commenter, a_conversation
from tests.moderation.conftest import Able


def reply(actor, comment, text):
    return desk.reply(actor=actor, comment=comment, revision_number=1, text=text)


@pytest.fixture
def noise(helen_achebe):
    """A saved reply of the force."""
    return writing.add(
        actor=helen_achebe,
        level="force",
        title="Noise at night",
        text="Hello {first name}, the {neighbourhood} team knows of it under {incident number}.",
        categories=["asb"],
    )


def test_what_is_known_fills_a_saved_reply_and_what_is_not_keeps_it_from_being_sent(
    client, amira_hussain, able_platform, harrowfield_account, noise
):
    comment = a_comment(harrowfield_account, category="asb")
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "(1 suggested)" in page
    response = client.post(
        reverse("moderation:put_in", args=[comment.pk]),
        {"saved": noise.pk, "reply_text": "Sorry to hear it."},
    )
    assert response.status_code == 302
    draft = ReplyDraft.objects.get(comment=comment, by=amira_hussain)
    assert draft.text == (
        "Sorry to hear it.\n\nHello Jordan, the Harrowfield team knows of it under {incident number}."
    )
    response = client.post(
        reverse("moderation:reply", args=[comment.pk]), {"revision": 1, "reply_text": draft.text}
    )
    assert response.status_code == 422
    assert "still has {incident number} in it" in response.content.decode()
    with pytest.raises(NotValid, match=r"\[REF\]"):
        reply(amira_hussain, comment, "Your number is [REF]")
    assert ReplyDraft.objects.get(comment=comment).text == draft.text
    response = client.post(
        reverse("moderation:preview", args=[comment.pk]), {"revision": 1, "reply_text": draft.text}
    )
    assert "Still open: {incident number}." in response.content.decode()
    client.post(
        reverse("moderation:reply", args=[comment.pk]),
        {"revision": 1, "reply_text": draft.text.replace("{incident number}", "WP-2041")},
    )
    assert "under WP-2041" in Delivery.objects.get().text
    used = Entry.objects.get(event="saved_reply.used")
    assert used.details["reply"] == "Noise at night"


@pytest.mark.parametrize(
    ("name", "called"),
    [("Jordan P.", "Jordan"), ("Anne-Marie O’Neil", "Anne-Marie"), ("xX_99", ""), ("", "")],
)
def test_a_name_that_is_none_fills_nothing(db, name, called):
    assert wording.first_name(a_commenter(name)) == called


def test_the_forces_replies_are_changed_by_those_who_may_with_history(
    client, amira_hussain, sergeant_okafor, tom_beckett, noise
):
    change = {"reply": noise, "version": 1, "title": "Noise", "text": "Hello {first name}."}
    with pytest.raises(NotPermitted, match="communications approvers and desk supervisors"):
        writing.change(actor=amira_hussain, **change)
    with pytest.raises(NotPermitted):
        writing.add(actor=amira_hussain, level="force", title="x", text="y")
    with pytest.raises(NotValid, match=r"Nobody can fill \{badge\}"):
        writing.change(actor=sergeant_okafor, **{**change, "text": "I am {badge}"})
    writing.change(actor=sergeant_okafor, **change)
    with pytest.raises(ChangedSinceSeen):
        writing.change(actor=sergeant_okafor, **change)
    client.force_login(sergeant_okafor)
    address = reverse("moderation:saved_reply", args=[noise.pk])
    response = client.post(
        address, {"version": 2, "title": "Noise", "text": "Hi {first name}.", "categories": ["asb"]}
    )
    assert response.status_code == 302
    assert "Version 3, changed" in client.get(address).content.decode()
    client.post(reverse("moderation:withdraw_saved_reply", args=[noise.pk]))
    assert not saved_replies.offered(amira_hussain, Comment(category="asb")).any
    client.post(reverse("moderation:withdraw_saved_reply", args=[noise.pk]), {"do": "put_back"})
    assert saved_replies.offered(amira_hussain, Comment(category="asb")).suggested == [noise]
    mine = writing.add(actor=amira_hussain, level="personal", title="Mine", text="Soon")
    with pytest.raises(NotFound):
        saved_replies.one(tom_beckett, mine.pk)
    client.force_login(amira_hussain)
    response = client.post(
        reverse("moderation:new_saved_reply"), {"level": "team", "title": "Ours", "text": "Hello"}
    )
    assert response.status_code == 422
    team = saved_replies.teams_of(amira_hussain)[0]
    client.post(
        reverse("moderation:new_saved_reply"),
        {"level": "team", "team": team.pk, "title": "Ours", "text": "Hello"},
    )
    assert SavedReply.objects.get(title="Ours").team == team
    assert saved_replies.one(tom_beckett, SavedReply.objects.get(title="Ours").pk)
    page = client.get(reverse("moderation:saved_replies")).content.decode()
    assert "Ours" in page
    assert list(Entry.objects.filter(event__startswith="saved_reply.").values_list("event", flat=True))


# Who is written to


@pytest.mark.parametrize(
    "text", ["Is @jo_smith safe?", "See https://x.com/jo_smith/status/12", "Ask @JO_SMITH."]
)
def test_nobody_is_named_who_has_not_written_to_us_there(amira_hussain, comment, saltmere_account, text):
    with pytest.raises(NotValid, match="has not written to us on Exercise network") as refused:
        reply(amira_hussain, comment, text)
    assert refused.value.field == "reply_text"
    # Named by a third party, or having written to another official account, is not having written here.
    third = a_comment(comment.official_account, "You should talk to @jo_smith about that")
    assert third.pk
    stranger = a_commenter("Jo")
    stranger.handle = "jo_smith"
    stranger.save()
    a_comment(saltmere_account, commenter=stranger)
    with pytest.raises(NotValid, match="has not written to us"):
        reply(amira_hussain, comment, text)
    a_comment(comment.official_account, commenter=stranger)
    assert reply(amira_hussain, comment, text).kind == Decision.Kind.REPLY


def test_who_is_answered_and_our_own_accounts_may_be_named_and_an_address_is_no_name(
    amira_hussain, comment, saltmere_account
):
    text = f"@{comment.commenter.handle} write to help@wealdshire.example or see @{saltmere_account.handle}"
    assert reply(amira_hussain, comment, text).kind == Decision.Kind.REPLY


# Private messages


def decided(helen_achebe, account, **given):
    return messaging.decide(
        actor=helen_achebe,
        official_account=account,
        **{
            "run": True,
            "reasons": "Victims write here",
            "review_on": clock.today() + timedelta(days=100),
            "days": range(7),
            "from_time": time(7),
            "until_time": time(22),
            **given,
        },
    )


def test_where_they_are_not_run_they_are_not_answered_but_for_a_life(
    client, amira_hussain, helen_achebe, comment
):
    account = comment.official_account
    message = a_comment(account, private=True)
    page = reverse("moderation:conversation", args=[message.pk])
    client.force_login(amira_hussain)
    assert "Nobody has decided yet" in client.get(page).content.decode()
    with pytest.raises(NotPermitted):
        decided(amira_hussain, account)
    decided(helen_achebe, account, run=False)
    with pytest.raises(NotValid, match=r"Helen Achebe decided on .* that private messages are not run"):
        reply(amira_hussain, message, "Thank you")
    assert "that private messages are not run" in client.get(page).content.decode()
    assert reply(amira_hussain, a_comment(account, private=True, priority=1), "Ring 999 now")
    lost = a_comment(account, private=True, priority=3, category="missing_person")
    assert reply(amira_hussain, lost, "We are looking for her. Ring 999 if you see her.")


def test_a_platforms_window_is_shown_kept_and_bounds_the_sending(
    client, amira_hussain, force_account, able_platform, monkeypatch
):
    monkeypatch.setitem(private_messages.WINDOW, "exercise", timedelta(hours=24))
    open_yet = a_comment(force_account, private=True, posted_at=clock.now() - timedelta(hours=23))
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:conversation", args=[open_yet.pk])).content.decode()
    assert "takes an answer until" in page
    decision = reply(amira_hussain, open_yet, "Thank you")
    assert decision.delivery.cut_off_at == open_yet.posted_at + timedelta(hours=24)
    closed = a_comment(force_account, private=True, posted_at=clock.now() - timedelta(hours=25))
    with pytest.raises(NotValid, match="for 24 hours after somebody’s last message"):
        reply(amira_hussain, closed, "Thank you")
    a_comment(force_account, private=True, conversation=closed.conversation, commenter=closed.commenter)
    assert reply(amira_hussain, closed, "Thank you")


def test_whoever_writes_at_night_is_answered_once_honestly_and_the_message_stays_open(
    helen_achebe, amira_hussain, force_account, able_platform
):
    answer = "Nobody reads at the moment; we will again from {opens}. In danger ring 999, otherwise 101."
    with time_machine.travel(datetime(2026, 12, 5, 21, 50, tzinfo=clock.LONDON), tick=False) as at:
        with pytest.raises(NotValid, match="999 in an emergency, and 101"):
            decided(helen_achebe, force_account, automatic=True, answer="We are asleep")
        decided(helen_achebe, force_account, automatic=True, answer=answer)
        talk = a_conversation(force_account, private=True)
        person = a_commenter()

        def write(**given):
            return a_comment(force_account, private=True, conversation=talk, commenter=person, **given)

        write()
        assert tasks.answer_unread() == 0
        at.move_to(datetime(2026, 12, 5, 23, 30, tzinfo=clock.LONDON))
        first = write(priority=1)
        write()
        assert tasks.answer_unread() == 1
        assert tasks.answer_unread() == 0
        assert messaging.answer_unread(comment=first) is False
        delivery = Delivery.objects.get()
        assert delivery.text == (
            "Automatic answer: Nobody reads at the moment; we will again from 07:00 tomorrow. "
            "In danger ring 999, otherwise 101."
        )
        assert (delivery.author, delivery.private_to_external_id) == (helen_achebe, person.external_id)
        first.refresh_from_db()
        assert first.state == Comment.State.OPEN
        assert first.decisions.get().by_name == "automatic first answer"
        at.move_to(datetime(2026, 12, 6, 6, 30, tzinfo=clock.LONDON))
        write()
        assert tasks.answer_unread() == 0
        at.move_to(datetime(2026, 12, 6, 23, 30, tzinfo=clock.LONDON))
        write()
        assert tasks.answer_unread() == 1
    assert AutomaticAnswer.objects.count() == 2
    assert Entry.objects.filter(event="messaging.answered").count() == 2


def test_hours_over_midnight_and_over_the_change_of_the_clocks(helen_achebe, force_account, able_platform):
    """Fridays and Saturdays from 22:00 to 02:30; on 25 October 2026 at 02:00 the clocks went back to 01:00."""
    row = decided(helen_achebe, force_account, days=[4, 5], from_time=time(22), until_time=time(2, 30))

    def london(day, hour, minute=0, fold=0):
        return datetime(2026, 10, day, hour, minute, fold=fold, tzinfo=clock.LONDON)

    reads = [
        private_messages.reads_at(row, at) for at in (london(23, 21), london(24, 2, 29), london(24, 2, 30))
    ]
    assert reads == [False, True, False]
    assert private_messages.stretch_began(row, london(24, 12)) == london(24, 2, 30)
    assert private_messages.opens(row, london(24, 12)) == "22:00 today"
    # The second time that it is 01:45 the clock shows less than it will at the end, and the night is an hour longer.
    assert private_messages.reads_at(row, london(25, 1, 45, fold=1))
    assert private_messages.opens(row, london(25, 2, 30)) == "22:00 on Friday"


def test_what_has_gone_out_is_no_draft_that_was_not_sent(client, amira_hussain, comment):
    """On a slow line the last keeping of what was typed arrives after "Send"; and "Send" is pressed twice."""
    client.force_login(amira_hussain)
    address = reverse("moderation:reply", args=[comment.pk])
    words = {"revision": 1, "reply_text": "Yes, it is open."}
    assert client.post(address, words).status_code == 302
    client.post(reverse("moderation:draft", args=[comment.pk]), words)
    assert not ReplyDraft.objects.exists()
    assert (
        "not sent" not in client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    )
    again = client.post(address, words)
    assert again.status_code == 409
    assert "Your reply, not sent" not in again.content.decode()
    other = client.post(address, {**words, "reply_text": "And the bridge too."})
    assert "Your reply, not sent" in other.content.decode()
    desk.reopen(actor=amira_hussain, comment=comment)
    client.post(reverse("moderation:draft", args=[comment.pk]), words)
    assert ReplyDraft.objects.get().text == "Yes, it is open."


def test_the_decision_is_recorded_in_the_browser_and_read_by_others(
    client, helen_achebe, amira_hussain, force_account, able_platform
):
    address = reverse("moderation:messaging", args=[force_account.pk])
    given = {
        "run": "yes",
        "reasons": "Victims write here",
        "review_on": f"{clock.today() + timedelta(days=30):%Y-%m-%d}",
        "days": [0, 1],
        "from_time": "22:00",
        "until_time": "06:00",
    }
    client.force_login(amira_hussain)
    assert client.post(address, given).status_code == 403
    client.force_login(helen_achebe)
    response = client.post(address, {**given, "until_time": "22:00"})
    assert "begin and end at the same time" in response.content.decode()
    assert client.post(address, given).status_code == 302
    assert "22:00 to 06:00 on the next day" in client.get(address).content.decode()
    client.post(address, {**given, "from_time": "06:00", "until_time": "22:00"})
    assert "Somebody reads them Mon, Tue, 06:00 to 22:00." in client.get(address).content.decode()
    assert "Run" in client.get(reverse("moderation:private_messages")).content.decode()


def test_the_draft_says_how_long_the_platform_finds_it(client, amira_hussain, comment, monkeypatch):
    class Weighted(Able):
        def length(self, text):
            return 2 * len(text)

    monkeypatch.setattr(registry, "connector_class", lambda slug: Weighted)
    client.force_login(amira_hussain)
    response = client.post(reverse("moderation:draft", args=[comment.pk]), {"reply_text": "Hello"})
    assert "10 of 300 as the platform counts" in response.content.decode()
