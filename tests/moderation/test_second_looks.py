"""Why was my comment hidden? The author proves the handle, reads why, and somebody else looks again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import inquiries, tasks
from moderation.actions import desk
from moderation.actions import inquiries as actions
from moderation.models import Clause, Comment, Decision, Inquiry, Reconsideration
from moderation.views_public import PUBLIC
from tests import comments

ASK = reverse("moderation_public:why_hidden")
LINK = "https://www.exercise.example/p/77"


@pytest.fixture
def hidden(force_account, amira_hussain):
    """A comment that Amira Hussain has hidden for abuse, and that the platform hides."""
    comment = comments.write(force_account, "You are all useless clowns")
    Comment.objects.filter(pk=comment.pk).update(url="https://exercise.example/p/77")
    decision = desk.hide(
        actor=amira_hussain, comment=comment, revision_number=1, clause=Clause.objects.get(slug="abuse")
    )
    Decision.objects.filter(pk=decision.pk).update(outcome_noted=True)
    Comment.objects.filter(pk=comment.pk).update(hidden_at=clock.now())
    return Comment.objects.get(pk=comment.pk)


def ask(client, link=LINK):
    answer = client.post(ASK, {"link": link})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"], Inquiry.objects.latest("pk")


def send_code(inquiry, comment, words="{}"):
    return comments.write(
        comment.official_account,
        words.format(inquiry.code),
        by=comment.commenter.external_id,
    )


def test_the_author_proves_the_handle_reads_why_and_gets_it_back(client, hidden, helen_achebe):
    page, inquiry = ask(client)
    first = client.get(page).content.decode()
    assert inquiry.code in first
    assert "Abuse" not in first
    assert "have not seen your code" in client.post(page + "sent/").content.decode()
    send_code(inquiry, hidden, "here you go: {}".format(inquiry.code.lower().replace("-", " ")))
    assert tasks.prove_handles() == 1
    assert tasks.prove_handles() == 0
    told = client.get(page)
    assert "Abuse and insults" in told.content.decode()
    assert "useless" not in told.content.decode(), "the address may be passed on"
    assert told["Referrer-Policy"] == "same-origin"
    assert "Amira" not in told.content.decode()

    client.post(page + "second-look/", {"words": "It was <b>criticism</b>"})
    row = Reconsideration.objects.get()
    assert row.due_on == clock.today() + timedelta(days=28)
    assert client.post(page + "second-look/", {"words": "Again"}).status_code == 422

    client.force_login(helen_achebe)
    assert "1 author asks for a second look" in client.get("/").content.decode()
    one = reverse("moderation:second_look", args=[row.pk])
    shown = client.get(one).content.decode()
    assert "useless clowns" in shown
    assert "&lt;b&gt;criticism" in shown
    assert client.post(one, {"do": "overturn", "answer": " "}).status_code == 422
    assert client.post(one, {"do": "overturn", "answer": "It was criticism."}).status_code == 302
    assert client.post(one, {"do": "uphold", "answer": "No."}).status_code == 422
    client.logout()

    row.refresh_from_db()
    assert (row.state, row.answered_by) == ("overturned", helen_achebe)
    assert hidden.decisions.latest("at").kind == "unhide"
    assert "It was criticism." in client.get(page).content.decode()
    events = Entry.objects.filter(event__startswith="inquiry.") | Entry.objects.filter(
        event__startswith="reconsideration."
    )
    assert list(events.order_by("id").values_list("event", flat=True)) == [
        "inquiry.asked",
        "inquiry.answered",
        "reconsideration.asked",
        "reconsideration.viewed",
        "reconsideration.viewed",
        "reconsideration.overturned",
        "reconsideration.viewed",
    ]


def test_nobody_learns_anything_without_the_handle(client, hidden, force_account):
    page, inquiry = ask(client)
    nothing, unknown = ask(client, "https://exercise.example/p/1")
    assert unknown.comment_id is None
    told = [
        re.sub(r"[A-Z2-9]{4}-[A-Z2-9]{4}|why-hidden/[^/]+/|value=\"\w+\"|\d\d:\d\d[^<\"]*", "", words)
        for words in (client.get(one).content.decode().partition("<main")[2] for one in (page, nothing))
    ]
    assert told[0] == told[1]
    comments.write(force_account, inquiry.code, by="somebody-else")
    assert tasks.prove_handles() == 0
    with pytest.raises(NotPermitted, match="code"):
        actions.ask_again(actor=PUBLIC, inquiry=inquiry, words="")
    with time_machine.travel(clock.now() + inquiries.CODE_LIVES):
        send_code(inquiry, hidden)
        assert tasks.prove_handles() == 0
        assert client.get(page).status_code == 404
    assert client.get(reverse("moderation_public:inquiry", args=["guessed"])).status_code == 404


@pytest.mark.parametrize(
    "link", ["", "mill lane", "javascript:alert(1)", "https://", "http://[::1", "x" * 600]
)
def test_what_is_no_link_is_refused_with_what_to_do(client, db, link):
    answer = client.post(ASK, {"link": link})
    assert answer.status_code == 422
    assert "link" in answer.content.decode()
    assert not Inquiry.objects.exists()


def test_one_source_asks_five_times_an_hour(client, db):
    for _ in range(inquiries.MOST_PER_HOUR):
        ask(client)
    assert client.post(ASK, {"link": LINK}).status_code == 429
    assert client.post(ASK, {"link": LINK}, REMOTE_ADDR="203.0.113.9").status_code == 302
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        ask(client)


@pytest.fixture
def asked(client, hidden):
    """A second look that waits."""
    _, inquiry = ask(client)
    send_code(inquiry, hidden)
    assert tasks.prove_handles() == 1
    inquiry.refresh_from_db()
    return actions.ask_again(actor=PUBLIC, inquiry=inquiry, words="")


def test_nobody_looks_again_at_their_own_decision(asked, client, amira_hussain, leah_brandt, sergeant_okafor):
    with pytest.raises(NotPermitted, match="Look again"):
        actions.uphold(actor=amira_hussain, row=asked, answer="No.")
    Reconsideration.objects.filter(pk=asked.pk).update(decided_by=leah_brandt)
    with pytest.raises(NotPermitted, match="yourself"):
        actions.uphold(actor=leah_brandt, row=asked, answer="No.")
    assert not inquiries.waiting_for(leah_brandt).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reconsideration.objects.filter(pk=asked.pk).update(
            state="upheld", answer="No", answered_by=leah_brandt, answered_at=clock.now()
        )
    with pytest.raises(NotValid, match="sentence"):
        actions.uphold(actor=sergeant_okafor, row=asked, answer="")
    done = actions.uphold(actor=sergeant_okafor, row=asked, answer="It insults people.")
    assert done.state == "upheld"
    with pytest.raises(TransitionNotAllowed, match="Daniel Okafor"):
        actions.overturn(actor=sergeant_okafor, row=asked, answer="Yes.")
    client.force_login(sergeant_okafor)
    assert (
        "It insults people."
        in client.get(reverse("moderation:second_look", args=[asked.pk])).content.decode()
    )
    assert "The comment stays hidden" in client.get(reverse("moderation:second_looks")).content.decode()


def test_the_reason_is_withheld_and_given_again(asked, client, sergeant_okafor):
    decision = inquiries.hide_of(asked.comment_id)
    client.force_login(sergeant_okafor)
    where = reverse("moderation:withhold", args=[asked.pk])
    assert client.post(where, {"do": "withhold", "why": ""}).status_code == 422
    assert client.post(where, {"do": "withhold", "why": "Used in an investigation"}).status_code == 302
    assert client.post(where, {"do": "withhold", "why": "Twice"}).status_code == 422
    answer = inquiries.answer(asked.inquiry)
    assert answer.withheld
    assert answer.decision == decision
    assert client.post(where, {"do": "give"}).status_code == 302
    assert client.post(where, {"do": "give"}).status_code == 409
    assert not inquiries.answer(asked.inquiry).withheld


def test_the_figures_count_the_year_and_hide_small_numbers(asked, client):
    page = client.get(reverse("moderation_public:figures")).content.decode()
    assert "Abuse and insults" in page
    assert "fewer than 5" in page
    table = client.get(reverse("moderation_public:figures"), {"as": "csv", "year": clock.today().year})
    assert (
        f"{clock.today().year},hidden,Abuse and insults,Exercise network,fewer than 5"
        in table.content.decode()
    )
    assert client.get(reverse("moderation_public:figures"), {"year": "1999"}).status_code == 200


def test_a_hide_is_found_however_the_link_is_written(hidden):
    for link in (
        "http://exercise.example/p/77/",
        "https://m.exercise.example/p/77",
        "https://EXERCISE.example/p/77#top",
    ):
        assert inquiries.hidden_comment(link) == hidden
    assert inquiries.hidden_comment("https://exercise.example/p/7") is None
