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
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import inquiries, queries, tasks
from moderation.actions import desk
from moderation.actions import inquiries as actions
from moderation.models import Clause, Comment, Decision, Inquiry, Reconsideration
from moderation.views_public import PUBLIC
from notices.models import Notice
from retention.actions.restrictions import restrict_deleted
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
    page = reverse("moderation:second_look", args=[asked.pk])
    assert "The reason is withheld." in client.get(page).text
    assert client.post(where, {"do": "give"}).status_code == 302
    assert "The reason is withheld." not in client.get(page).text
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


@pytest.mark.parametrize(
    ("platform", "external_id", "link"),
    [
        ("x", "1990000000000000001", "https://twitter.com/someone/status/1990000000000000001?s=20&t=abc"),
        (
            "facebook",
            "1220000000_8860000001",
            "https://m.facebook.com/story.php?id=1&comment_id=8860000001&__tn__=R",
        ),
        (
            "facebook",
            "1220000000_8860000002",
            "https://facebook.com/x/posts/pfbid0?comment_id=8860000001&reply_comment_id=8860000002",
        ),
        ("youtube", "UgzAbCdEfGh.9iJk", "https://www.youtube.com/watch?v=abc&lc=UgzAbCdEfGh.9iJk&si=def"),
    ],
)
def test_a_hide_is_found_by_the_platforms_own_number_in_a_link_that_was_copied(
    hidden, platform, external_id, link
):
    Comment.objects.filter(pk=hidden.pk).update(platform=platform, external_id=external_id, url="")
    assert inquiries.hidden_comment(link) == hidden
    assert (
        inquiries.hidden_comment(link.replace("0001", "0003").replace("0002", "0004").replace("9iJk", "9"))
        is None
    )


def test_a_reason_is_withheld_before_its_author_asks(client, hidden, amira_hussain, sergeant_okafor, pc_nair):
    conversation = reverse("moderation:conversation", args=[hidden.pk])
    where = reverse("moderation:keep_reason", args=[hidden.pk])
    client.force_login(pc_nair)
    assert client.post(where, {"why": "Nosy"}).status_code == 403
    client.force_login(amira_hussain)
    assert "Withhold the reason" in client.get(conversation).content.decode()
    assert client.post(where, {"why": " "}).status_code == 422
    assert client.post(where, {"why": "Read aloud in court next week"}).status_code == 302
    assert client.post(where, {"why": "Twice"}).status_code == 409
    assert "Reason withheld" in client.get(conversation).content.decode()
    assert client.post(where, {"do": "give"}).status_code == 403
    client.logout()
    page, inquiry = ask(client)
    send_code(inquiry, hidden)
    tasks.prove_handles()
    told = client.get(page).content.decode()
    assert "cannot tell you the reason" in told
    assert "Abuse and insults" not in told
    client.force_login(sergeant_okafor)
    assert client.post(where, {"do": "give"}).status_code == 302
    assert not inquiries.answer(Inquiry.objects.get(pk=inquiry.pk)).withheld


def test_what_is_hidden_anew_is_asked_about_on_the_same_page(asked, sergeant_okafor, amira_hussain):
    actions.overturn(actor=sergeant_okafor, row=asked, answer="It was criticism.")
    Comment.objects.filter(pk=asked.comment_id).update(hidden_at=None, state="open")
    desk.hide(
        actor=amira_hussain,
        comment=Comment.objects.get(pk=asked.comment_id),
        revision_number=1,
        clause=Clause.objects.get(slug="spam"),
    )
    Comment.objects.filter(pk=asked.comment_id).update(hidden_at=clock.now())
    assert inquiries.answer(asked.inquiry).may_ask
    again = actions.ask_again(actor=PUBLIC, inquiry=asked.inquiry, words="And this?")
    assert (again.inquiry, again.clause.slug) == (asked.inquiry, "spam")
    assert not inquiries.answer(asked.inquiry).may_ask


def test_an_answer_about_an_earlier_hide_leaves_a_newer_one_in_force(
    client, asked, sergeant_okafor, amira_hussain
):
    Comment.objects.filter(pk=asked.comment_id).update(hidden_at=None, state="open")
    desk.hide(
        actor=amira_hussain,
        comment=Comment.objects.get(pk=asked.comment_id),
        revision_number=1,
        clause=Clause.objects.get(slug="spam"),
    )
    Comment.objects.filter(pk=asked.comment_id).update(hidden_at=clock.now())
    client.force_login(sergeant_okafor)
    one = reverse("moderation:second_look", args=[asked.pk])
    assert "leaves the newer one in force" in client.get(one).content.decode()
    told = client.post(one, {"do": "overturn", "answer": "It was criticism."}, follow=True).content.decode()
    assert "stays hidden, by the newer decision" in told
    comment = Comment.objects.get(pk=asked.comment_id)
    assert comment.decisions.latest("at").kind == "hide"
    answer = inquiries.answer(asked.inquiry)
    assert (answer.state, answer.may_ask) == ("hidden", True)


def test_whoever_looks_something_over_reads_no_restricted_words(client, asked, hidden, sergeant_okafor):
    client.force_login(sergeant_okafor)
    one = reverse("moderation:second_look", args=[asked.pk])
    assert "useless clowns" in client.get(one).content.decode()
    restrict_deleted(actor=System("ingest"), subject_type="moderation.comment", subject_id=hidden.pk)
    page = client.get(one).content.decode()
    assert "useless clowns" not in page
    assert "kept from sight by a restriction" in page
    assert queries.looked_over(asked.decision_id) is None


def test_whoever_may_answer_is_told_before_the_promised_day_and_once_it_is_over(asked, sergeant_okafor):
    def told():
        return list(
            Notice.objects.filter(to=sergeant_okafor, key__startswith=f"second-look-{asked.pk}-")
            .order_by("id")
            .values_list("key", flat=True)
        )

    assert tasks.remind_second_looks() == 0
    with time_machine.travel(clock.midnight(asked.due_on - timedelta(days=3)), tick=False) as at:
        assert tasks.remind_second_looks() == 1
        assert tasks.remind_second_looks() == 0
        at.move_to(clock.midnight(asked.due_on + timedelta(days=1)))
        assert tasks.remind_second_looks() == 1
        assert tasks.remind_second_looks() == 0
    assert told() == [f"second-look-{asked.pk}-due", f"second-look-{asked.pk}-overdue"]
    assert Entry.objects.filter(event="reconsideration.overdue").count() == 2
