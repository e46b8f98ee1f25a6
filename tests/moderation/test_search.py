"""Searching the comments: by words and phrases, within scope, the newest first, honest where it stopped; and by handle."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from audit.models import Entry
from core import clock
from moderation import queries_search
from moderation.actions.searching import keyed
from moderation.models import Comment
from moderation.queries_search import Wanted, read, search
from tests.moderation.comments import a_comment, a_commenter, edited


def found(viewer, **wanted) -> list[int]:
    return [comment.pk for comment in search(viewer, Wanted(**wanted)).found]


def came(comment, **ago):
    """It came so long ago."""
    Comment.objects.filter(pk=comment.pk).update(received_at=clock.now() - timedelta(**ago))
    return comment


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("bridge closed", ("bridge closed", (), "")),
        ('the "old  bridge" now', ("the now", ("old bridge",), "")),
        ("@jo_harrow", ("", (), "jo_harrow")),
        ('"never ended', ("", ("never ended",), "")),
        ("a@b.example @", ("a@b.example @", (), "")),
        ("", ("", (), "")),
    ],
)
def test_what_is_typed_is_words_phrases_and_a_handle(typed, means):
    assert read(typed) == means


def test_words_in_any_form_and_phrases_exactly_the_newest_first(
    amira_hussain, able_platform, force_account, saltmere_account
):
    old = came(a_comment(force_account, "Are the bridges closed?"), days=3)
    new = came(a_comment(saltmere_account, "The old bridge is closing again"), days=1)
    a_comment(force_account, "Nice day for it")
    assert found(amira_hussain, words="bridge closed") == [new.pk, old.pk]
    assert found(amira_hussain, words="closed", phrases=("OLD bridge",)) == [new.pk]
    assert found(amira_hussain, phrases=("bridge old",)) == []
    assert found(amira_hussain, words="viaduct") == []
    # Nothing but words that stand in every text: looked for as they are.
    assert found(amira_hussain, phrases=("for it",)) == [Comment.objects.get(text__startswith="Nice").pk]


def test_an_edited_comment_is_found_by_its_new_words_alone(amira_hussain, comment):
    edited(comment, "Never mind, found the ferry")
    assert found(amira_hussain, words="ferry") == [comment.pk]
    assert found(amira_hussain, words="road") == []


def test_nobody_finds_what_they_may_not_see(pc_nair, force_account, harrowfield_account, able_platform):
    a_comment(force_account, "Fire at the mill")
    own = a_comment(harrowfield_account, "Fire at the barn")
    assert found(pc_nair, words="fire") == [own.pk]
    assert found(pc_nair, words="fire", account=force_account.pk) == []


def test_filters_narrow_by_day_category_and_state(client, amira_hussain, able_platform, force_account):
    hit = came(a_comment(force_account, "Noise again", category="asb", state="decided"), days=40)
    came(a_comment(force_account, "Noise again", category="asb", state="open"), days=40)
    came(a_comment(force_account, "Noise again", category="asb", state="decided"), days=10)
    day = clock.in_london(clock.now() - timedelta(days=40)).date().isoformat()
    client.force_login(amira_hussain)
    given = {"q": "noise", "since": day, "until": day, "category": "asb", "state": "decided"}
    page = client.get(reverse("moderation:search"), given).content.decode()
    assert f"/desk/comments/{hit.pk}/" in page
    assert page.count("/desk/comments/") == 1
    entry = Entry.objects.get(event="comments.searched")
    assert entry.shown_ids == [hit.pk]
    assert entry.details["looked_for"] == keyed("Noise")
    assert "noise" not in str(entry.details).lower()
    wrong = client.get(reverse("moderation:search"), {"q": "x", "since": "2026-02-01", "until": "2026-01-01"})
    assert wrong.status_code == 422
    assert "before “From”" in wrong.content.decode()


def test_a_common_word_is_walked_to_and_says_where_it_stopped(
    client, amira_hussain, able_platform, force_account, monkeypatch
):
    for days in range(8):
        came(a_comment(force_account, "The bridge is closed"), days=days)
    monkeypatch.setattr(queries_search, "RARE", -1)
    monkeypatch.setattr(queries_search, "ROWS_LOOKED_AT", 3)
    first = search(amira_hussain, Wanted(words="bridge"))
    assert (len(first.found), first.way) == (3, "walk")
    assert first.looked_back_to is not None
    seen, onwards = [comment.pk for comment in first.found], first.onwards
    while onwards:
        answer = search(amira_hussain, Wanted(words="bridge"), onwards=onwards)
        seen += [comment.pk for comment in answer.found]
        onwards = answer.onwards
    assert seen == list(Comment.objects.order_by("-received_at", "-id").values_list("id", flat=True))
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:search"), {"q": "bridge"}).content.decode()
    assert "This is not all" in page
    assert "Look further back" in page


def test_pages_go_on_where_the_last_one_ended(amira_hussain, able_platform, force_account, monkeypatch):
    monkeypatch.setattr(queries_search, "PAGE", 2)
    for hours in range(5):
        came(a_comment(force_account, "Lantern parade"), hours=hours)
    seen, onwards = [], ""
    for size in (2, 2, 1):
        answer = search(amira_hussain, Wanted(words="lantern"), onwards=onwards)
        assert (len(answer.found), answer.way, answer.looked_back_to) == (size, "index", None)
        seen += [comment.pk for comment in answer.found]
        onwards = answer.onwards
    assert not onwards
    assert len(set(seen)) == 5


def test_a_look_up_that_takes_too_long_becomes_a_walk(amira_hussain, comment, monkeypatch):
    monkeypatch.setattr(queries_search._Asked, "by_index", lambda self: None)
    assert search(amira_hussain, Wanted(words="road")).way == "walk"


@pytest.mark.parametrize("typed", ["'; DROP TABLE", "& | ! <->", "%_\\", "a" * 300, "\x00", '"%"', "é 𝔰 👍"])
def test_anything_may_be_typed(client, amira_hussain, comment, typed):
    client.force_login(amira_hussain)
    status = client.get(reverse("moderation:search"), {"q": typed, "before": "x"}).status_code
    assert status == (422 if "\x00" in typed else 200)


def test_a_person_is_found_by_their_whole_handle_behind_the_guard(
    client, amira_hussain, pc_nair, able_platform, force_account
):
    jordan = a_commenter("Jordan P.")
    a_comment(force_account, "It was me", commenter=jordan)
    client.force_login(amira_hussain)
    answer = client.get(reverse("moderation:search"), {"q": f"@{jordan.handle.upper()}"})
    assert answer.url == reverse("moderation:history", args=[jordan.pk]) + "?via=search"
    client.get(answer.url)
    assert Entry.objects.get(event="commenter.history_viewed").details["via"] == "search"
    entry = Entry.objects.get(event="commenter.searched")
    assert entry.details == {"handle": keyed(jordan.handle), "found": 1}
    assert jordan.handle not in str(entry.details)
    nobody = client.get(reverse("moderation:search"), {"q": "@nobody_at_all"}).content.decode()
    assert "Nobody of that handle" in nobody
    client.force_login(pc_nair)
    assert (
        "Nobody of that handle"
        in client.get(reverse("moderation:search"), {"q": f"@{jordan.handle}"}).content.decode()
    )


def test_the_words_go_with_their_comment(comment, wealdshire):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT confdeltype FROM pg_constraint WHERE conname LIKE 'moderation_%%_goes_with_comment'"
        )
        assert [kind for (kind,) in cursor.fetchall()] == ["c"] * 3
        cursor.execute("SELECT words::text FROM moderation_commentwords WHERE comment_id = %s", [comment.pk])
        assert cursor.fetchone()[0] == "'open':4 'road':3"
