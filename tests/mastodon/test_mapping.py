"""Payloads of Mastodon, as they come and as they should not come."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest

from platforms.contract import Attachment
from platforms.mastodon import mapping
from platforms.mastodon.connector import MastodonConnector

STATUS = {
    "id": "103186126728896492",
    "created_at": "2026-11-23T07:49:01.940Z",
    "edited_at": None,
    "in_reply_to_id": "103186038209478945",
    "spoiler_text": "",
    "visibility": "public",
    "language": "en",
    "url": "https://far.example/@resident/103186126728896492",
    "content": '<p><span class="h-card"><a href="https://mastodon.example/@wealdshire" class="u-url mention">@<span>'
    "wealdshire</span></a></span> sup &amp; why?<br>Now &lt;b&gt;</p><p>Please</p>",
    "account": {
        "id": "971724",
        "username": "resident",
        "acct": "resident@far.example",
        "display_name": "R 🌳",
    },
    "media_attachments": [
        {"id": "1", "type": "image", "url": "https://files.example/a.png", "description": "A cat"},
        {"id": "2", "type": "gifv", "url": "https://files.example/b.mp4", "description": None},
        {"id": "3", "type": "audio", "url": None, "remote_url": "https://far.example/c.ogg"},
        {"id": "4", "type": "unknown", "url": None, "remote_url": None},
        {"id": "5", "type": "image", "url": "javascript:alert(1)"},
        "odd",
    ],
}


def payload(**changes):
    return mapping.raw_message(
        {**copy.deepcopy(STATUS), **changes}, us="1", root="103186038209478000"
    ).payload


def test_a_reply_says_who_wrote_what_under_which_post_and_with_which_pictures():
    comment = mapping.comment(payload())
    assert comment.external_id == "103186126728896492"
    assert (comment.author.external_id, comment.author.handle) == ("971724", "resident@far.example")
    assert comment.author.name == "R 🌳"
    assert comment.text == "@wealdshire sup & why?\nNow <b>\n\nPlease"
    assert comment.posted_at == datetime(2026, 11, 23, 7, 49, 1, 940000, tzinfo=UTC)
    assert comment.parent_external_id == "103186038209478945"
    assert comment.root_external_id == "103186038209478000"
    assert comment.attachments == (
        Attachment("image", "https://files.example/a.png", "A cat"),
        Attachment("video", "https://files.example/b.mp4"),
        Attachment("other", "https://far.example/c.ogg"),
    )
    assert not any([comment.by_us, comment.private, comment.deleted, comment.edited_at, comment.quotes])


def test_a_warning_is_read_before_the_words():
    assert mapping.comment(payload(spoiler_text="Blood", content="<p>Here</p>")).text == "Blood\n\nHere"


def test_only_what_is_seen_by_those_named_is_private():
    assert mapping.comment(payload(visibility="direct")).private
    assert not mapping.comment(payload(visibility="private")).private


def test_our_own_words_are_marked_and_our_own_posts_are_no_comments():
    us = {"id": "1", "acct": "wealdshire", "username": "wealdshire"}
    assert mapping.comment(payload(account=us)).by_us
    assert mapping.comment(payload(account=us, in_reply_to_id=None)) is None
    assert mapping.comment(payload(account=us, in_reply_to_id=None, visibility="direct")).by_us


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 7},
        {"id": "7; drop"},
        {"id": "٧"},
        {"account": None},
        {"account": {"id": "7"}},
        {"account": {"acct": "resident"}},
        {"content": None},
        {"visibility": None},
        {"created_at": "yesterday"},
        {"created_at": "2026-11-23T07:49:01"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"edited_at": "never"},
        {"in_reply_to_id": "../1"},
    ],
)
def test_a_malformed_payload_is_a_value_error(changes):
    with pytest.raises(ValueError):
        mapping.comment(payload(**changes))


@pytest.mark.parametrize("status", [None, 7, "words", ["a"], {}])
def test_what_is_no_object_at_all_is_kept_and_refused(status):
    message = mapping.raw_message(status, us="1")
    assert message.external_id == ""
    with pytest.raises(ValueError):
        mapping.comment(message.payload)


def test_words_that_the_database_cannot_hold_are_replaced():
    assert "\\u0000" not in json.dumps(payload(content="a\x00b", language="\x00"))


def test_hostile_markup_is_read_as_words_and_ends():
    for html in ("<p>" * 20_000 + "end", "<a href='x" + "y" * 10_000, "<!--", "<![CDATA[x", "&#0;&#x110000;"):
        assert isinstance(mapping.plain(html), str)
    assert mapping.plain("<script>alert(1)</script>") == "alert(1)"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("e\u0301 🇬🇧", 3),
        ("See https://example.org/a/very/long/path/of/many/words?and=more for it", 4 + 23 + 7),
        ("@resident@a.very.long.name.of.a.server.example hello", len("@resident hello")),
        ("mail me@wealdshire.example", len("mail me@wealdshire.example")),
        ("http://a", 8),
    ],
)
def test_length_counts_what_mastodon_counts(text, length):
    assert mapping.length(text) == length


def test_the_same_words_are_the_same_however_a_server_writes_names():
    assert mapping.same_words("Thank you @desk@wealdshire.example", "@resident Thank  you\n@desk")
    assert not mapping.same_words("Thank you", "@resident Thank you all")
    assert not mapping.same_words("mail a@b.example", "mail a@c.example")
    assert mapping.leading_mentions("@a @b@far.example  hello @c") == "@a @b@far.example  "


def test_a_position_reads_back_and_nonsense_is_the_beginning():
    position = mapping.Position(34975861, 103186126728896492)
    assert mapping.Position.read(str(position)) == position
    for nonsense in ("", "x", "1|", "|2", "1|2|3", "-1|2", "١|٢", "9" * 200 + "|1"):
        assert mapping.Position.read(nonsense) == mapping.Position()


def test_limits_that_a_server_does_not_tell_are_as_usual():
    usual = MastodonConnector.limits
    for odd in (
        None,
        [],
        {},
        {"configuration": []},
        {"configuration": {"statuses": {"max_characters": "many"}}},
    ):
        assert mapping.limits(odd, usual) == usual
