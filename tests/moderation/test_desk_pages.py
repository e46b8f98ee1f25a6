"""The desk as it is seen and used: lists, conversations, refusals, and what nobody may see."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotFound
from core.prepared import Shape
from moderation import queries, queries_talk
from moderation.actions import desk, drafts
from moderation.models import Comment, ReplyDraft, Revision
from publishing.models import Delivery
from tests.moderation.comments import a_comment, a_commenter, a_conversation, edited

HTMX = {"HTTP_HX_REQUEST": "true"}


def page_of(comment, name: str = "conversation") -> str:
    return reverse(f"moderation:{name}", args=[comment.pk])


def text_of(response) -> str:
    return response.content.decode()


def seen_in(text: str) -> str:
    """The signed list that a page's refresh sends back."""
    return json.loads(re.search(r"hx-vals='(\{[^']*\})'", text)[1])["seen"]


def ids_in(text: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-comment="(\d+)"', text)]


# The list


def test_the_list_shows_the_most_urgent_first_and_records_what_it_showed(client, amira_hussain, comment):
    urgent = a_comment(
        comment.official_account,
        "I’m so tired of everything",
        priority=1,
        category="suicide_self_harm",
        findings=[
            {
                "rule": "life.first_person",
                "sentence": "Says goodbye",
                "category": "suicide_self_harm",
                "priority": 1,
            }
        ],
    )
    client.force_login(amira_hussain)
    text = text_of(client.get(reverse("moderation:desk"), {"queue": "open"}))
    assert ids_in(text) == [urgent.pk, comment.pk]
    assert "Says goodbye" in text
    assert "Immediate" in text
    entry = Entry.objects.get(event="comments.listed")
    assert entry.shown_ids == sorted([urgent.pk, comment.pk])


def test_an_empty_list_is_no_viewing_and_says_what_to_do(client, amira_hussain):
    client.force_login(amira_hussain)
    assert "Nothing urgent waits" in text_of(client.get(reverse("moderation:desk")))
    assert not Entry.objects.filter(event="comments.listed").exists()


def test_every_queue_counts_what_its_list_shows(
    amira_hussain, tom_beckett, able_platform, force_account, saltmere_account
):
    now = clock.now()
    a_comment(force_account, priority=1, category="threat_to_life")
    a_comment(force_account, priority=2, category="missing_person")
    a_comment(saltmere_account, category="spam", priority=5, answer_by=None)
    a_comment(saltmere_account, triage_broken=True, answer_by=now + timedelta(hours=1))
    a_comment(saltmere_account, answer_by=now + timedelta(minutes=20))
    a_comment(force_account, state="decided", priority=1)
    a_comment(force_account, state="ours")
    desk.claim(actor=tom_beckett, comment=a_comment(force_account, priority=1))
    desk.claim(actor=amira_hussain, comment=a_comment(force_account))
    counts = queries.queues(amira_hussain)
    counted = {c.queue.slug: c.count for c in (*counts.main, *counts.risks, *counts.others, *counts.accounts)}
    assert counted["now"] == 5
    assert counted["mine"] == 1
    assert counted["unclaimed"] == 5
    assert counted["open"] == 7
    for slug, count in counted.items():
        page = queries.page(amira_hussain, queries.queue(amira_hussain, slug))
        assert len(page.rows) == count, slug
    # A category stands among the risks for what is in it now: Tom's urgent comment has none of its own.
    assert [(c.queue.slug, c.queue.risk) for c in counts.risks] == [
        ("category-threat_to_life", 1),
        ("category-none", 1),
        ("category-missing_person", 2),
    ]


def test_counts_stop_at_a_thousand(amira_hussain, able_platform, force_account, monkeypatch):
    monkeypatch.setattr(queries, "COUNT_TO", 3)
    for _ in range(4):
        a_comment(force_account)
    counted = queries.queues(amira_hussain).main[3]
    assert (counted.count, counted.more) == (3, True)


@pytest.mark.parametrize(
    "slug", ["dragons", "account-999999", "account-x", "category-dragons", "account-" + "9" * 40]
)
def test_a_queue_that_is_not_there_is_a_kind_404(client, amira_hussain, slug):
    client.force_login(amira_hussain)
    response = client.get(reverse("moderation:desk"), {"queue": slug})
    assert response.status_code == 404
    assert "no such queue" in text_of(response)


@pytest.mark.parametrize("after", ["x", "MS4y", "A" * 300, "LTEuMC4w", "é"])
def test_a_place_in_the_list_that_cannot_be_read_starts_at_the_top(client, amira_hussain, comment, after):
    client.force_login(amira_hussain)
    response = client.get(reverse("moderation:desk"), {"queue": "open", "after": after})
    assert ids_in(text_of(response)) == [comment.pk]


def test_pages_miss_nothing_and_repeat_nothing_while_comments_arrive(
    amira_hussain, able_platform, force_account
):
    now = clock.now()
    was = [
        a_comment(force_account, priority=1 + n % 5, received_at=now - timedelta(seconds=n // 3)).pk
        for n in range(queries.PAGE * 2 + 5)
    ]
    chosen = queries.queue(amira_hussain, "open")
    got, after = [], ""
    while True:
        page = queries.page(amira_hussain, chosen, after)
        got += page.ids
        a_comment(force_account, priority=1, received_at=now - timedelta(hours=1))
        if not page.next_after:
            break
        after = page.next_after
    assert sorted(got) == sorted(was)
    assert len(got) == len(set(got))


def test_the_list_reads_the_index_of_open_comments(
    amira_hussain, able_platform, force_account, saltmere_account
):
    one = a_comment(force_account)
    now = clock.now()
    Comment.objects.bulk_create(
        Comment(
            platform="exercise",
            external_id=f"bulk-{n}",
            official_account=(force_account, saltmere_account)[n % 2],
            conversation=one.conversation,
            commenter=one.commenter,
            text="Old",
            posted_at=now,
            received_at=now - timedelta(seconds=n),
            state="open" if n % 20 == 0 else "decided",
        )
        for n in range(6000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE moderation_comment")
    for slug in ("now", "unclaimed", "open"):
        found = queries.for_list(
            queries.open_comments(amira_hussain).filter(queries.queue(amira_hussain, slug).where)
        ).order_by(*queries.ORDER)[:31]
        plan = found.explain()
        assert "comment_open_" in plan or "comment_unclaimed" in plan, plan
        assert "Seq Scan on moderation_comment" not in plan, plan


def test_a_page_of_the_desk_asks_twelve_times_at_most(client, amira_hussain, able_platform, force_account):
    for _ in range(3):
        a_comment(force_account, priority=2)
    client.force_login(amira_hussain)
    for slug in ("now", "open~risk.2"):
        client.get(reverse("moderation:desk"), {"queue": slug})
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("moderation:desk"), {"queue": slug}).status_code == 200
        # A test's own transaction adds savepoints; every other statement counts, the entry in the trail too.
        counted = [one["sql"] for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]
        assert len(counted) <= 12, "\n".join(counted)


# Live


def test_a_refresh_with_nothing_new_says_nothing_and_audits_nothing(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    seen = seen_in(text_of(client.get(reverse("moderation:desk"), {"queue": "open"})))
    response = client.get(reverse("moderation:refresh"), {"seen": seen}, **HTMX)
    assert response.status_code == 204
    assert Entry.objects.filter(event="comments.listed").count() == 1


def test_new_comments_wait_above_and_rows_keep_their_places(client, amira_hussain, tom_beckett, comment):
    other = a_comment(comment.official_account)
    client.force_login(amira_hussain)
    before = text_of(client.get(reverse("moderation:desk"), {"queue": "unclaimed"}))
    fresh = a_comment(comment.official_account, "Help", priority=1)
    desk.claim(actor=tom_beckett, comment=comment)
    desk.no_action(actor=amira_hussain, comment=other, revision_number=1)
    response = client.get(reverse("moderation:refresh"), {"seen": seen_in(before)}, **HTMX)
    text = text_of(response)
    assert ids_in(text) == ids_in(before)
    assert "1 new above, 1 immediate" in text
    assert "Tom Beckett has it" in text
    assert "No action by you" in text
    assert f'data-comment="{fresh.pk}"' not in text
    assert Entry.objects.filter(event="comments.listed").count() == 1
    again = client.get(reverse("moderation:refresh"), {"seen": seen_in(text)}, **HTMX)
    assert again.status_code == 204


def test_a_refresh_audits_words_that_the_page_had_not_shown(client, amira_hussain, comment):
    other = a_comment(comment.official_account)
    client.force_login(amira_hussain)
    seen = seen_in(text_of(client.get(reverse("moderation:desk"), {"queue": "open"})))
    edited(other, "Something else entirely")
    assert "Something else entirely" in text_of(
        client.get(reverse("moderation:refresh"), {"seen": seen}, **HTMX)
    )
    assert Entry.objects.filter(event="comments.listed").order_by("id").last().shown_ids == [other.pk]


def test_an_empty_list_fills_by_itself_and_audits_it(client, amira_hussain, able_platform, force_account):
    client.force_login(amira_hussain)
    seen = seen_in(text_of(client.get(reverse("moderation:desk"))))
    fresh = a_comment(force_account, priority=1)
    assert ids_in(text_of(client.get(reverse("moderation:refresh"), {"seen": seen}, **HTMX))) == [fresh.pk]
    assert Entry.objects.get(event="comments.listed").shown_ids == [fresh.pk]


def test_a_refresh_of_something_else_is_refused_kindly(client, amira_hussain, tom_beckett, comment):
    client.force_login(amira_hussain)
    seen = seen_in(text_of(client.get(reverse("moderation:desk"), {"queue": "open"})))
    assert client.get(reverse("moderation:refresh"), {"seen": "forged"}).status_code == 422
    assert client.get(reverse("moderation:refresh")).status_code == 422
    client.force_login(tom_beckett)
    assert client.get(reverse("moderation:refresh"), {"seen": seen}).status_code == 422


# Who sees what


def test_a_neighbourhood_officer_sees_harrowfield_and_nothing_else(
    client, pc_nair, able_platform, force_account, harrowfield_account
):
    elsewhere = a_comment(force_account, "Elsewhere", priority=1)
    here = a_comment(harrowfield_account, "Here", priority=1)
    person = a_commenter("Same person")
    Comment.objects.update(commenter=person)
    counts = queries.queues(pc_nair)
    assert [c.count for c in counts.main] == [1, 0, 1, 1, 0]
    assert [c.queue.title for c in counts.accounts] == [harrowfield_account.name]
    client.force_login(pc_nair)
    assert ids_in(text_of(client.get(reverse("moderation:desk")))) == [here.pk]
    assert client.get(page_of(elsewhere)).status_code == 404
    assert client.get(reverse("moderation:desk"), {"queue": f"account-{force_account.pk}"}).status_code == 404
    for name in ("claim", "release", "reply", "no_action", "escalate", "sort", "note", "reopen", "draft"):
        assert client.post(page_of(elsewhere, name), {"revision": 1}).status_code == 404, name
    assert client.post(page_of(elsewhere, "hide"), {"revision": 1}).status_code == 403
    assert "Elsewhere" not in text_of(client.get(page_of(here)))
    assert not Entry.objects.filter(shown_ids__contains=[elsewhere.pk]).exists()
    with pytest.raises(NotFound):
        queries_talk.talk(pc_nair, elsewhere.pk)


def test_an_auditor_has_no_desk(client, joan_pritchard, comment):
    client.force_login(joan_pritchard)
    assert client.get(reverse("moderation:desk")).status_code == 403
    assert client.get(page_of(comment)).status_code == 403


def test_nobody_who_is_not_signed_in_sees_anything(client, comment):
    for address in (reverse("moderation:desk"), page_of(comment), reverse("moderation:refresh")):
        assert client.get(address).status_code == 302


# The conversation


def test_a_conversation_shows_the_thread_in_order_and_records_who_saw_it(
    client, amira_hussain, able_platform, force_account
):
    thread = a_conversation(force_account, root_url="javascript:alert(1)")
    now = clock.now()
    first = a_comment(
        force_account, "How long will it be shut?", conversation=thread, posted_at=now - timedelta(minutes=9)
    )
    focus = a_comment(
        force_account,
        "Go by Mill Lane",
        conversation=thread,
        posted_at=now - timedelta(minutes=5),
        parent_external_id=first.external_id,
    )
    ours = a_comment(
        force_account,
        "Thank you, that is right.",
        conversation=thread,
        posted_at=now - timedelta(minutes=2),
        parent_external_id=focus.external_id,
        state="ours",
    )
    elsewhere = a_comment(
        force_account, "Earlier words", commenter=focus.commenter, posted_at=now - timedelta(days=9)
    )
    client.force_login(amira_hussain)
    text = text_of(client.get(page_of(focus)))
    places = [
        text.index(words)
        for words in ("Market Street is closed", "How long will", "Mill Lane</bdi></p>", "Thank you, that")
    ]
    assert places == sorted(places)
    assert "our reply" in text
    assert "Earlier words" in text
    assert "javascript:" not in text
    entry = Entry.objects.get(event="comment.viewed")
    assert entry.shown_ids == sorted([first.pk, focus.pk, ours.pk, elsewhere.pk])
    assert entry.subject_id == str(focus.pk)


def test_a_long_thread_shows_what_is_close_and_says_how_much_is_not(
    amira_hussain, able_platform, force_account
):
    thread = a_conversation(force_account)
    now = clock.now()
    said = [
        a_comment(force_account, conversation=thread, posted_at=now - timedelta(minutes=n)) for n in range(60)
    ]
    talk = queries_talk.talk(amira_hussain, said[30].pk)
    assert len(talk.thread) + talk.left_out == 60
    assert len(talk.thread) < 30
    times = [s.comment.posted_at for s in talk.thread]
    assert times == sorted(times)


def test_a_thread_that_answers_itself_in_a_ring_is_still_shown(amira_hussain, able_platform, force_account):
    thread = a_conversation(force_account)
    one = a_comment(force_account, conversation=thread)
    two = a_comment(force_account, conversation=thread, parent_external_id=one.external_id)
    Comment.objects.filter(pk=one.pk).update(parent_external_id=two.external_id)
    assert len(queries_talk.talk(amira_hussain, one.pk).thread) == 2


def test_an_edited_comment_shows_what_changed(client, amira_hussain, comment):
    edited(comment, "Is the bridge open again?")
    client.force_login(amira_hussain)
    text = text_of(client.get(page_of(comment)))
    assert "<del>road</del><ins>bridge</ins>" in text
    assert 'name="revision" value="2"' in text


HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "direction": "\u202eevil\u202c \u2066abc",
    "zalgo": "H" + "\u0321\u0334" * 200 + "elp",
    "control": "a\x07b\x1bc",
    "emoji": "🚔🚔🚔",
    "template": "{{ request.user }}{% now 'Y' %}",
    "nothing": "   ",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_words_of_the_public_cannot_deface_the_page(
    client, amira_hussain, able_platform, force_account, kind
):
    hostile = a_comment(force_account, HOSTILE[kind], commenter=a_commenter(HOSTILE[kind][:200]))
    client.force_login(amira_hussain)
    for address in (page_of(hostile), reverse("moderation:desk") + "?queue=open"):
        response = client.get(address)
        assert response.status_code == 200
        text = text_of(response)
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "\u202e" not in text
        assert "\x07" not in text
        assert "\u0321\u0334" * 5 not in text


def test_a_comment_of_a_hundred_thousand_letters_is_folded(
    client, amira_hussain, able_platform, force_account
):
    long = a_comment(force_account, "All work and no play. " * 4600)
    client.force_login(amira_hussain)
    text = text_of(client.get(page_of(long)))
    assert f"Show all {len(long.text):,} characters" in text
    assert len(text_of(client.get(reverse("moderation:desk"), {"queue": "open"}))) < 60_000


# Working without JavaScript


def test_a_reply_is_written_sent_and_shown(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    response = client.post(
        page_of(comment, "reply"), {"revision": 1, "reply_text": "Yes, since noon.", "queue": "open"}
    )
    assert response.status_code == 302
    assert response["Location"] == f"{page_of(comment)}?queue=open"
    text = text_of(client.get(response["Location"]))
    assert "Yes, since noon." in text
    assert "Replied by you" in text
    assert Delivery.objects.get().text == "Yes, since noon."


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"revision": "1", "reply_text": "y" * 301}, 422, "Shorten it by 1"),
        ({"revision": "2", "reply_text": "My careful words"}, 409, "changed this comment since you read it"),
        ({"revision": "x", "reply_text": "My careful words"}, 422, "lost its place"),
        ({"reply_text": "My careful words"}, 422, "lost its place"),
        ({"revision": "9" * 30, "reply_text": "My careful words"}, 422, "Ensure this value"),
    ],
)
def test_a_refused_reply_leaves_the_words_in_the_box(client, amira_hussain, comment, given, status, sentence):
    client.force_login(amira_hussain)
    response = client.post(page_of(comment, "reply"), given)
    assert response.status_code == status
    assert sentence in text_of(response)
    assert given["reply_text"] in text_of(response)
    assert ReplyDraft.objects.get(by=amira_hussain).text == given["reply_text"]
    assert given["reply_text"] in text_of(client.get(page_of(comment)))


def test_words_come_back_when_a_colleague_was_quicker(client, amira_hussain, tom_beckett, comment):
    desk.no_action(actor=tom_beckett, comment=comment, revision_number=1)
    client.force_login(amira_hussain)
    response = client.post(page_of(comment, "reply"), {"revision": 1, "reply_text": "My careful words"})
    assert response.status_code == 409
    assert "Tom Beckett has decided on this comment already" in text_of(response)
    assert ReplyDraft.objects.get().text == "My careful words"
    desk.reopen(actor=tom_beckett, comment=comment)
    assert "My careful words" in text_of(client.get(page_of(comment)))


def test_a_note_that_is_too_long_comes_back_in_its_box(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    response = client.post(page_of(comment, "note"), {"note_text": "z" * 4001})
    assert response.status_code == 422
    assert "z" * 4001 in text_of(response)


def test_a_claim_pressed_while_typing_keeps_the_words(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    client.post(page_of(comment, "claim"), {"reply_text": "Half a sen"})
    text = text_of(client.get(page_of(comment)))
    assert "You have it until" in text
    assert "Half a sen</textarea>" in text


def test_a_note_half_typed_survives_another_button(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    client.post(page_of(comment, "claim"), {"note_text": "Rang the sch"})
    assert "Rang the sch</textarea>" in text_of(client.get(page_of(comment)))
    client.post(page_of(comment, "note"), {"note_text": "Rang the school."})
    assert "Rang the sch</textarea>" not in text_of(client.get(page_of(comment)))


def test_an_open_conversation_says_when_it_has_changed(client, amira_hussain, tom_beckett, comment):
    client.force_login(amira_hussain)
    stands = queries_talk.news(amira_hussain, comment.pk)
    assert client.get(page_of(comment, "news"), {"news": stands}, **HTMX).status_code == 204
    desk.add_note(actor=tom_beckett, comment=comment, text="I know this one")
    text = text_of(client.get(page_of(comment, "news"), {"news": stands}, **HTMX))
    assert "Something here has changed" in text
    edited(comment, "New words")
    text = text_of(client.get(page_of(comment, "news"), {"news": stands}, **HTMX))
    assert "The author has changed this comment" in text
    assert "New words" not in text
    response = client.post(page_of(comment, "look_again"), {"reply_text": "Half a sen"}, follow=True)
    assert "New words" in text_of(response)
    assert "Half a sen</textarea>" in text_of(response)


def test_a_draft_is_kept_while_typing(client, amira_hussain, tom_beckett, comment):
    client.force_login(amira_hussain)
    response = client.post(page_of(comment, "draft"), {"reply_text": "Half a sen"}, **HTMX)
    assert "draft kept" in text_of(response)
    client.force_login(tom_beckett)
    assert "Half a sen" not in text_of(client.get(page_of(comment)))


def test_hiding_undoing_and_escalating_by_plain_forms(client, amira_hussain, comment, abuse):
    client.force_login(amira_hussain)
    refused = client.post(page_of(comment, "hide"), {"revision": 1})
    assert refused.status_code == 422
    assert "Choose the clause" in text_of(refused)
    assert client.post(page_of(comment, "hide"), {"revision": 1, "clause": "999999"}).status_code == 422
    client.post(page_of(comment, "hide"), {"revision": 1, "clause": abuse.pk})
    text = text_of(client.get(page_of(comment)))
    assert "Hidden by you" in text
    assert "Undo" in text
    client.post(page_of(comment, "unhide"), {"revision": 1})
    client.post(
        page_of(comment, "escalate"), {"revision": 1, "category": "missing_person", "why": "Child alone"}
    )
    comment.refresh_from_db()
    assert comment.needs_case == "missing_person"
    text = text_of(client.get(page_of(comment)))
    assert "Its case" in text
    assert "It can still be answered" in text
    client.post(page_of(comment, "reopen"), {})
    client.post(page_of(comment, "sort"), {"revision": 1, "category": "spam", "priority": 5, "why": "A joke"})
    client.post(page_of(comment, "no_action"), {"revision": 1, "why": "Harmless"})
    comment.refresh_from_db()
    assert (comment.category, comment.state) == ("spam", "decided")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("sort", {}),
        ("sort", {"category": "dragons", "priority": "1"}),
        ("sort", {"category": "spam", "priority": "nine"}),
        ("escalate", {"revision": "1", "category": "dragons", "why": "x"}),
        ("escalate", {"revision": "1", "category": "missing_person"}),
        ("no_action", {"revision": "0"}),
        ("no_action", {"revision": "1", "why": "w" * 501}),
        ("note", {"note_text": "\x00"}),
        ("claim", {"why": "w" * 501}),
    ],
)
def test_a_form_that_makes_no_sense_is_answered_with_a_sentence(client, amira_hussain, comment, name, given):
    client.force_login(amira_hussain)
    response = client.post(page_of(comment, name), given)
    assert response.status_code == 422
    assert 'role="alert"' in text_of(response)


def test_pull_next_opens_it_or_says_that_nothing_waits(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    response = client.post(reverse("moderation:pull_next"), {"queue": "open"})
    assert response["Location"].startswith(page_of(comment))
    response = client.post(reverse("moderation:pull_next"), {"queue": "open"}, follow=True)
    assert "Nothing waits that nobody has" in text_of(response)


def test_a_supervisor_is_offered_to_take_over(client, sergeant_okafor, tom_beckett, amira_hussain, comment):
    desk.claim(actor=tom_beckett, comment=comment)
    client.force_login(sergeant_okafor)
    assert "Take over" in text_of(client.get(page_of(comment)))
    assert client.post(page_of(comment, "claim"), {"why": ""}).status_code == 422
    client.post(page_of(comment, "claim"), {"why": "Tom is off sick"})
    comment.refresh_from_db()
    assert comment.claimed_by == sergeant_okafor
    client.force_login(amira_hussain)
    text = text_of(client.get(page_of(comment)))
    assert "Take over" not in text
    assert "Sgt Daniel Okafor has it until" in text


def test_what_a_platform_cannot_do_is_said_in_place_of_the_button(
    client, amira_hussain, mute_platform, force_account
):
    comment = a_comment(force_account)
    client.force_login(amira_hussain)
    text = text_of(client.get(page_of(comment)))
    assert "Report the comment there instead" in text
    assert "Answer on its own site" in text
    assert "Hide this comment" not in text
    assert 'name="reply_text"' not in text


def test_a_private_message_is_offered_a_private_reply_and_no_hiding(
    client, amira_hussain, able_platform, force_account
):
    comment = a_comment(force_account, private=True)
    client.force_login(amira_hussain)
    text = text_of(client.get(page_of(comment)))
    assert "Send private reply" in text
    assert "Only" in text
    assert "will read this, as a private message" in text
    assert "Hide this comment" not in text


def test_htmx_gets_the_conversation_alone_and_the_list_looks_again(client, amira_hussain, comment):
    client.force_login(amira_hussain)
    response = client.get(page_of(comment), **HTMX, HTTP_HX_TARGET="talk")
    assert response["HX-Trigger"] == "look-again"
    assert "<html" not in text_of(response)
    refused = client.post(
        page_of(comment, "reply"), {"revision": 7, "reply_text": "Words"}, **HTMX, HTTP_HX_TARGET="talk"
    )
    assert refused.status_code == 200
    assert "Words</textarea>" in text_of(refused)
    part = client.get(reverse("moderation:desk"), {"queue": "open"}, **HTMX, HTTP_HX_TARGET="list")
    assert "<html" not in text_of(part)


def test_the_whole_conversation_takes_few_queries(
    client, amira_hussain, able_platform, force_account, django_assert_max_num_queries
):
    thread = a_conversation(force_account)
    said = [a_comment(force_account, conversation=thread) for _ in range(30)]
    for one in said:
        desk.add_note(actor=amira_hussain, comment=one, text="Seen")
    assert Revision.objects.count() == 30
    drafts.keep_draft(actor=amira_hussain, comment=said[9], text="Hm")
    with django_assert_max_num_queries(40):
        queries_talk.talk(amira_hussain, said[9].pk)
    client.force_login(amira_hussain)
    with django_assert_max_num_queries(110):
        client.get(page_of(said[9]))


@pytest.mark.parametrize("lost", ["lease", "late", "gone"])
def test_the_words_of_a_reply_that_could_not_be_sent_are_kept_and_shown(
    client, amira_hussain, tom_beckett, comment, able_platform, lost
):
    words = "The road opens at six."
    desk.claim(actor=amira_hussain, comment=comment)
    Comment.objects.filter(pk=comment.pk).update(claimed_until=clock.now() - timedelta(seconds=1))
    if lost == "lease":
        desk.claim(actor=tom_beckett, comment=comment)
    elif lost == "late":
        desk.no_action(actor=tom_beckett, comment=comment, revision_number=1)
    else:
        Comment.objects.filter(pk=comment.pk).update(removed_at=clock.now())
    client.force_login(amira_hussain)
    refused = client.post(page_of(comment, "reply"), {"revision": 1, "reply_text": words})
    assert refused.status_code in (409, 422)
    assert f"readonly>{words}</textarea>" in text_of(refused)
    assert ReplyDraft.objects.get().text == words
    # Pressing something else on this page, where there is no box, throws nothing away.
    client.post(page_of(comment, "note"), {"revision": 1, "note_text": "I had begun an answer"})
    assert f"readonly>{words}</textarea>" in text_of(client.get(page_of(comment)))
    client.force_login(tom_beckett)
    assert words not in text_of(client.get(page_of(comment)))
    # Once it can be answered again, they stand in the box.
    Comment.objects.filter(pk=comment.pk).update(
        claimed_by=None, claimed_until=None, state="open", decided_at=None, removed_at=None
    )
    client.force_login(amira_hussain)
    again = text_of(client.get(page_of(comment)))
    assert f">{words}</textarea>" in again
    assert "unsent-text" not in again


def test_a_shape_makes_instances_of_rows_with_what_is_joined_and_annotated(force_account, comment):
    asked = queries.for_list(Comment.objects.filter(pk=comment.pk)).order_by("pk")
    shape = Shape(asked)
    with connection.cursor() as cursor:
        cursor.execute(*shape.statement())
        rows = cursor.fetchall()
    with CaptureQueriesContext(connection) as context:
        (made,) = shape.objects(rows)
        assert made.official_account == force_account
        assert made.claimed_by is None
        assert made.findings == comment.findings
        assert made.came_with == []
        assert made.opening == comment.text
    assert not context.captured_queries
    assert made == comment
    assert shape.objects([]) == []
    assert Shape(Comment.objects.filter(pk__in=[])).statement() == ("", [])
