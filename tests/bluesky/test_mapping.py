"""Payloads of Bluesky, as they come and as they should not come."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest

from platforms.bluesky import mapping, writing

US = "did:plc:wealdshire"
POST = "at://did:plc:wealdshire/app.bsky.feed.post/3ktop"
REPLY = "at://did:plc:resident/app.bsky.feed.post/3kreply"
NOTIFICATION = {
    "uri": REPLY,
    "cid": "bafyreib",
    "author": {
        "did": "did:plc:resident",
        "handle": "resident.test",
        "displayName": "Resident 🌳",
        "viewer": {"muted": False, "blockedBy": False},
        "labels": [],
        "createdAt": "2026-01-05T10:00:00.000Z",
        "indexedAt": "2026-01-05T10:00:00.000Z",
    },
    "reason": "reply",
    "reasonSubject": POST,
    "record": {
        "$type": "app.bsky.feed.post",
        "createdAt": "2026-11-22T17:05:00.123Z",
        "langs": ["en"],
        "reply": {"parent": {"cid": "bafyreia", "uri": POST}, "root": {"cid": "bafyreia", "uri": POST}},
        "text": "Is the road open?",
    },
    "isRead": False,
    "indexedAt": "2026-11-22T17:05:01.500Z",
    "labels": [],
}


def payload(**changes):
    view = copy.deepcopy(NOTIFICATION)
    view["record"].update(changes)
    return mapping.raw_message(view, us=US).payload


def test_a_reply_says_who_wrote_what_under_which_post():
    comment = mapping.comment(payload())
    assert comment.external_id == REPLY
    assert (comment.author.external_id, comment.author.handle) == ("did:plc:resident", "resident.test")
    assert comment.author.name == "Resident 🌳"
    assert comment.text == "Is the road open?"
    assert comment.posted_at == datetime(2026, 11, 22, 17, 5, 0, 123000, tzinfo=UTC)
    assert (comment.parent_external_id, comment.root_external_id) == (POST, POST)
    assert comment.language == "en"
    assert comment.url == "https://bsky.app/profile/did:plc:resident/post/3kreply"
    assert not any([comment.by_us, comment.hidden, comment.private, comment.deleted])


def test_our_own_words_are_marked_as_ours():
    view = copy.deepcopy(NOTIFICATION)
    view["author"]["did"] = US
    assert mapping.comment(mapping.raw_message(view, us=US).payload).by_us


def test_the_payload_stays_the_same_when_only_counts_and_marks_change():
    later = copy.deepcopy(NOTIFICATION)
    later["isRead"] = True
    later["likeCount"] = 9
    later["author"]["viewer"] = {"muted": True}
    assert mapping.raw_message(later, us=US) == mapping.raw_message(NOTIFICATION, us=US)
    assert mapping.raw_message(later, us=US, hidden=True) != mapping.raw_message(NOTIFICATION, us=US)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-22T17:05:00.123Z", "2026-11-22T17:05:00.123+00:00"),
        ("2026-11-22T18:05:00+01:00", "2026-11-22T17:05:00+00:00"),
        ("1999-01-01T00:00:00Z", "2026-11-22T17:05:01.500+00:00"),
        ("2099-01-01T00:00:00Z", "2026-11-22T17:05:01.500+00:00"),
        ("yesterday", "2026-11-22T17:05:01.500+00:00"),
        ("2026-11-22T17:05:00", "2026-11-22T17:05:01.500+00:00"),
        (None, "2026-11-22T17:05:01.500+00:00"),
        ("0001-01-01T00:00:00+14:00", "2026-11-22T17:05:01.500+00:00"),
    ],
)
def test_a_forged_time_of_writing_is_not_believed(written, expected):
    assert mapping.comment(payload(createdAt=written)).posted_at == datetime.fromisoformat(expected)


LINK = "bafkreig" + "a" * 51
IMAGES = {
    "$type": "app.bsky.embed.images",
    "images": [
        {
            "alt": "A cat",
            "image": {"$type": "blob", "ref": {"$link": LINK}, "mimeType": "image/jpeg", "size": 7},
        },
        {"alt": 7, "image": {"ref": {"$link": LINK}}},
        {"alt": "", "image": {"ref": {"$link": "../../evil"}}},
        "odd",
    ],
}
QUOTE = {"$type": "app.bsky.embed.record", "record": {"uri": POST, "cid": "bafyreia"}}


def test_pictures_and_a_video_have_the_address_where_bluesky_shows_them():
    picture, without_words = mapping.comment(payload(embed=IMAGES)).attachments
    assert (picture.kind, picture.alt_text) == ("image", "A cat")
    assert picture.address == f"https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:resident/{LINK}"
    assert without_words.alt_text == ""
    video = {"$type": "app.bsky.embed.video", "video": {"ref": {"$link": LINK}}, "alt": "The crash"}
    (attachment,) = mapping.comment(payload(embed=video)).attachments
    assert (attachment.kind, attachment.alt_text) == ("video", "The crash")
    assert attachment.address == f"https://video.bsky.app/watch/did:plc:resident/{LINK}/playlist.m3u8"


def test_a_quote_is_marked_with_what_it_quotes():
    assert mapping.comment(payload(embed=QUOTE)).quotes == POST
    both = {"$type": "app.bsky.embed.recordWithMedia", "record": QUOTE, "media": IMAGES}
    comment = mapping.comment(payload(embed=both))
    assert comment.quotes == POST
    assert len(comment.attachments) == 2
    assert mapping.comment(payload()).quotes == ""


@pytest.mark.parametrize(
    "embed",
    [
        None,
        7,
        [],
        {},
        {"$type": "app.bsky.embed.images", "images": "none"},
        {"$type": "app.bsky.embed.video", "video": None},
        {"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:x/app.bsky.graph.list/3k"}},
        {"$type": "app.bsky.embed.record", "record": {"uri": 7}},
        {"$type": "app.bsky.embed.recordWithMedia", "record": None, "media": 7},
        {"$type": "app.bsky.embed.external", "external": {"uri": "https://example.org/"}},
    ],
)
def test_what_shows_nothing_of_ours_is_neither(embed):
    comment = mapping.comment(payload(embed=embed))
    assert (tuple(comment.attachments), comment.quotes) == ((), "")


def test_a_like_is_no_comment():
    view = {**NOTIFICATION, "reason": "like", "record": {"$type": "app.bsky.feed.like"}}
    assert mapping.comment(mapping.raw_message(view, us=US).payload) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"record": None},
        {"record": []},
        {"record": {"$type": "app.bsky.feed.post"}},
        {"record": {**NOTIFICATION["record"], "text": 7}},
        {"record": {**NOTIFICATION["record"], "reply": "there"}},
        {"record": {**NOTIFICATION["record"], "reply": {"parent": {"uri": POST}}}},
        {"record": {**NOTIFICATION["record"], "reply": {"parent": {"uri": "x"}, "root": {"uri": POST}}}},
        {"author": None},
        {"author": {"did": "did:plc:resident"}},
        {"author": {"handle": "resident.test"}},
        {"uri": None},
        {"uri": "https://example.org/"},
        {"uri": "at://did:plc:resident/app.bsky.feed.post/" + "3" * 300},
        {"indexedAt": "never", "record": {**NOTIFICATION["record"], "createdAt": "never"}},
    ],
)
def test_a_malformed_payload_is_a_value_error(changes):
    raw = mapping.raw_message({**NOTIFICATION, **changes}, us=US)
    with pytest.raises(ValueError):
        mapping.comment(raw.payload)


@pytest.mark.parametrize("view", [None, 7, "words", ["a"], {}])
def test_what_is_no_object_at_all_is_kept_and_refused(view):
    raw = mapping.raw_message(view, us=US)
    assert raw.external_id == ""
    with pytest.raises(ValueError):
        mapping.comment(raw.payload)


def test_words_that_the_database_cannot_hold_are_replaced():
    raw = mapping.raw_message(
        {**NOTIFICATION, "record": {**NOTIFICATION["record"], "text": "a\x00b", "k\x00": ["\x00"]}}, us=US
    )
    assert "\\u0000" not in json.dumps(raw.payload)
    assert mapping.comment(raw.payload).text == "a\ufffdb"


def test_hostile_words_come_through_as_they_are():
    text = "\u202egnp.exe <script>alert(1)</script> z̷̢̛a̸l̶g̵o̶ " + "x" * 100_000
    assert mapping.comment(payload(text=text)).text == text
    assert mapping.comment(payload(text="🙏")).text == "🙏"
    assert mapping.comment(payload(langs=[7])).language == ""
    assert mapping.comment(payload(langs="en")).language == ""


def test_a_position_reads_back_and_nonsense_is_the_beginning():
    known = datetime(2026, 11, 22, 17, 5, 1, 500000, tzinfo=UTC)
    for position in (
        mapping.Position(),
        mapping.Position(known=known),
        mapping.Position(known=known, newest=known, cursor="a|b::c"),
        mapping.Position(newest=known, cursor="2026-11-22T17:05:01.500Z"),
    ):
        assert mapping.Position.read(str(position)) == position
    longest = mapping.Position(known=known, newest=known, cursor="c" * 200)
    assert len(str(longest)) <= 300
    for nonsense in ("x", "||", "2026|x|", "\x00", "2026-11-22T17:05:00|"):
        assert mapping.Position.read(nonsense).known is None


def test_a_thread_yields_every_post_below_the_top():
    def node(name, *replies):
        return {"post": {"uri": name}, "replies": list(replies)}

    thread = node("top", node("a", node("b")), {"$type": "x#blockedPost", "blocked": True}, node("c"), None)
    assert {post["uri"] for post in mapping.thread_posts(thread)} == {"a", "b", "c"}
    deep = node("end")
    for _ in range(5000):
        deep = node("x", deep)
    assert sum(1 for _ in mapping.thread_posts(deep)) == 5000
    assert list(mapping.thread_posts({"post": {}, "replies": "none"})) == []
    assert list(mapping.thread_posts(None)) == []


def test_a_record_key_follows_from_the_key_alone():
    keys = [f"0d9b4f3e-0000-4000-8000-{n:012}" for n in range(2000)]
    made = [writing.record_key(key) for key in keys]
    assert made == [writing.record_key(key) for key in keys]
    assert len(set(made)) == len(keys)
    assert all(len(rkey) == 13 and set(rkey) <= set(writing._ALPHABET) for rkey in made)
    assert all(rkey[0] == "2" for rkey in made), "its time part lies in the past"


def test_links_and_hashtags_have_their_places_in_bytes_and_nobody_is_summoned():
    text = "Café 🔥 @resident.test see https://example.org/a?b=ü. #Harrowfield"
    link, tag = writing.facets(text)
    words = text.encode()
    where = slice(link["index"]["byteStart"], link["index"]["byteEnd"])
    assert words[where].decode() == link["features"][0]["uri"] == "https://example.org/a?b=ü"
    where = slice(tag["index"]["byteStart"], tag["index"]["byteEnd"])
    assert words[where].decode() == "#Harrowfield"
    assert "did" not in json.dumps([link, tag])


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("🇬🇧", 1),
        ("👩‍👩‍👧‍👦", 1),
        ("e\u0301", 1),
        ("y Ddraig Goch 🏴󠁧󠁢󠁷󠁬󠁳󠁿", 15),
        ("a\r\nb", 3),
    ],
)
def test_length_counts_what_a_reader_counts(text, length):
    assert writing.graphemes(text) == length
