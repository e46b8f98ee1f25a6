"""What X's payloads say, and what they must not be able to do."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.x import mapping
from platforms.x.connector import LONGEST_STORED_TOKEN
from platforms.x.mapping import Position, Walk

US = "1700000000000000001"
USERS = {"users": [{"id": "18", "username": "jo_h", "name": "Jo", "public_metrics": {"followers_count": 1}}]}


def a_post(**more):
    return {
        "id": "1990000000000000000",
        "text": "@WealdshirePol For how long?",
        "author_id": "18",
        "created_at": "2026-11-27T12:00:00.000Z",
        "conversation_id": "1980000000000000000",
        "display_text_range": [15, 28],
        "edit_history_post_ids": ["1990000000000000000"],
        "referenced_posts": [{"type": "replied_to", "id": "1980000000000000000"}],
        **more,
    }


def read(post, includes=USERS):
    return mapping.comment(mapping.raw_post(post, includes, us=US).payload)


def test_an_answer_has_its_words_author_and_place():
    comment = read(a_post())
    assert comment.text == "For how long?"
    assert (comment.author.external_id, comment.author.handle, comment.author.name) == ("18", "jo_h", "Jo")
    assert comment.parent_external_id == comment.root_external_id == "1980000000000000000"
    assert comment.posted_at == datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert comment.edited_at is None


def test_both_ways_in_which_x_names_its_fields_are_read():
    post = a_post()
    post["referenced_tweets"] = post.pop("referenced_posts")
    post["edit_history_tweet_ids"] = post.pop("edit_history_post_ids")
    assert read(post) == read(a_post())


@pytest.mark.parametrize(
    "written", ["2026-11-27T12:00:00Z", "2026-11-27T12:00:00.5Z", "2026-11-27T13:00:00+01:00"]
)
def test_a_time_may_lack_its_fractions(written):
    assert read(a_post(created_at=written)).posted_at.replace(microsecond=0) == datetime(
        2026, 11, 27, 12, tzinfo=UTC
    )


def test_an_edit_is_the_same_comment_with_other_words():
    edited = read(
        a_post(
            id="1990000000500000000",
            edit_history_post_ids=["1990000000000000000", "1990000000500000000"],
            text="@WealdshirePol For how many days?",
        )
    )
    assert edited.external_id == "1990000000000000000"
    assert edited.text == "For how many days?"
    assert edited.edited_at == datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert edited.posted_at == mapping.time_of(1990000000000000000)


def test_a_long_post_is_read_whole():
    long = {
        "text": "a" * 4000 + " https://t.co/x",
        "entities": {"urls": [{"url": "https://t.co/x", "expanded_url": "https://a.example"}]},
    }
    for name in ("note_post", "note_tweet"):
        assert read(a_post(**{name: long})).text == "a" * 4000 + " https://a.example"


def test_names_that_are_part_of_the_words_stay():
    assert (
        read(a_post(text="Ask @WealdshirePol now", display_text_range=[0, 22])).text
        == "Ask @WealdshirePol now"
    )
    assert (
        read(a_post(text="Not a name at the start", display_text_range=[4, 23])).text
        == "Not a name at the start"
    )


def test_a_mention_of_its_own_answers_nothing():
    post = a_post(referenced_posts=None, conversation_id="1990000000000000000")
    comment = read(post)
    assert (comment.parent_external_id, comment.root_external_id) == ("", "")


def test_a_repost_and_our_own_post_are_no_comments():
    assert read(a_post(referenced_posts=[{"type": "retweeted", "id": "1"}])) is None
    assert read(a_post(author_id=US, referenced_posts=[])) is None
    assert read(a_post(author_id=US), {}).by_us


def test_an_author_whom_x_no_longer_names_is_known_by_id():
    comment = read(a_post(), {})
    assert (comment.author.external_id, comment.author.handle) == ("18", "18")


def test_pictures_and_videos_come_with_their_descriptions():
    includes = {
        **USERS,
        "media": [
            {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg", "alt_text": "A road"},
            {
                "media_key": "7_2",
                "type": "video",
                "preview_image_url": "https://pbs.example/2.jpg",
                "variants": [
                    {"content_type": "application/x-mpegURL", "url": "https://v.example/2.m3u8"},
                    {"content_type": "video/mp4", "bit_rate": 1, "url": "https://v.example/small.mp4"},
                    {"content_type": "video/mp4", "bit_rate": 9, "url": "https://v.example/large.mp4"},
                ],
            },
        ],
    }
    found = read(a_post(attachments={"media_keys": ["3_1", "7_2", "3_gone"]}), includes).attachments
    assert [(one.kind, one.address, one.alt_text) for one in found] == [
        ("image", "https://pbs.example/1.jpg", "A road"),
        ("video", "https://v.example/large.mp4", ""),
        ("other", "", ""),
    ]


def test_what_changes_by_itself_is_not_kept():
    once = mapping.raw_post(a_post(public_metrics={"like_count": 1}), USERS, us=US)
    other = {"users": [{**USERS["users"][0], "public_metrics": {"followers_count": 9}}]}
    again = mapping.raw_post(
        a_post(public_metrics={"like_count": 7}, edit_controls={"edits_remaining": 0}), other, us=US
    )
    assert once == again


def test_a_private_message_is_told_from_a_post_by_its_id():
    event = {
        "id": "1990000000000000000",
        "event_type": "MessageCreate",
        "text": "Please ring me &amp; quietly",
        "sender_id": "18",
        "created_at": "2026-11-27T12:00:00.000Z",
        "dm_conversation_id": "17-18",
    }
    message = mapping.raw_event(event, USERS, us=US)
    comment = mapping.comment(message.payload)
    assert message.external_id == comment.external_id == "dm:1990000000000000000"
    assert comment.private
    assert comment.text == "Please ring me & quietly"
    assert (comment.root_external_id, comment.parent_external_id) == ("", "")
    joined = mapping.raw_event({**event, "event_type": "ParticipantsJoin"}, USERS, us=US)
    assert mapping.comment(joined.payload) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(sorted(a_post())), json_values),
    json_values,
)
def test_any_payload_is_a_comment_or_a_value_error(changed, includes):
    message = mapping.raw_post(a_post(**changed), includes, us=US)
    assert "\x00" not in str(message.payload)
    with contextlib.suppress(ValueError):
        mapping.comment(message.payload)


@given(st.text(max_size=80))
def test_any_position_can_be_read_and_what_was_written_is_read_back(text):
    Position.read(text)
    position = Position(Walk(5, 9, 3, "token-a"), Walk(0, 7, 0, "token-b"), 1700000000)
    assert Position.read(str(position)) == position


def test_a_position_is_short():
    walk = Walk(10**19 - 1, 10**19 - 1, 10**19 - 1, "t" * LONGEST_STORED_TOKEN)
    assert len(str(Position(walk, walk, 1_800_000_000))) <= 300


def test_ids_tell_the_time():
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert mapping.time_of(mapping.id_at(at)) == at
    assert mapping.id_at(at) < mapping.id_at(datetime(2026, 11, 27, 12, 0, 1, tzinfo=UTC))
