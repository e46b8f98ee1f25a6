"""What is Instagram's own: containers, carousels, reels, answers one level deep, tags, and no doubles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from platforms.contract import (
    Capability,
    Login,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    TemporaryFault,
    Video,
)
from platforms.instagram.connector import InstagramConnector
from platforms.meta.reading import instant
from tests.instagram.conftest import APP
from tests.instagram.network import ACCOUNT, TOKEN
from tests.meta.graph import Refused
from tests.platforms.between import Between
from tests.platforms.contract import key, small_picture

ADDRESS = "https://media.wealdshire.example/signed.jpg"
A_PICTURE = Picture(small_picture(), "image/jpeg", "A blue square", ADDRESS)


def a_post(text="The road is closed.", *, pictures=(A_PICTURE,), **more):
    return PostToSend(key=key(), text=text, pictures=pictures, **more)


def everything(connector, position=""):
    found = {}
    for _ in range(200):
        page = connector.poll(position)
        for message in page.messages:
            comment = connector.read(message)
            found[comment.external_id] = comment
        position = page.position
        assert len(position) <= 300
        if not page.more:
            return found, position
    raise AssertionError("polling never came to an end")


def containers(instagram):
    return [n for n in instagram.nodes.values() if n["kind"] == "container"]


# Publishing


def test_instagram_fetches_the_picture_from_its_signed_address(instagram, connector):
    sent = connector.send(a_post())
    (container,) = containers(instagram)
    assert container["params"]["image_url"] == ADDRESS
    assert container["params"]["alt_text"] == "A blue square"
    assert sent.url == instagram.nodes[sent.external_id]["permalink"]


def test_several_pictures_become_one_carousel(instagram, connector):
    connector.send(a_post(pictures=[A_PICTURE] * 3))
    *children, carousel = containers(instagram)
    assert [c["params"]["alt_text"] for c in children] == ["A blue square"] * 3
    assert carousel["params"]["media_type"] == "CAROUSEL"
    assert len(connector.own_posts()) == 1


def test_a_video_becomes_a_reel(instagram, connector):
    video = Video(b"", "video/mp4", address="https://media.wealdshire.example/v.mp4")
    connector.send(a_post(pictures=(), video=video))
    (container,) = containers(instagram)
    assert container["params"]["media_type"] == "REELS"
    assert container["params"]["video_url"] == "https://media.wealdshire.example/v.mp4"


def test_it_waits_until_the_container_is_ready(instagram, connector):
    instagram.ready_after = 3
    assert connector.send(a_post()).external_id


def test_a_video_that_takes_long_is_not_begun_anew_with_each_try(instagram, connector, connector_at):
    instagram.ready_after = 12
    post = a_post()
    with pytest.raises(TemporaryFault) as fault:
        connector.send(post)
    assert fault.value.retry_after_s == 30
    assert connector.own_posts() == []
    assert connector_at(instagram.address).send(post).external_id
    assert len(containers(instagram)) == 1


@pytest.mark.parametrize(
    ("state", "words"), [("ERROR", "could not take"), ("EXPIRED", "Send the post again")]
)
def test_a_container_that_fails_is_refused_in_words_and_begun_anew(instagram, connector, state, words):
    instagram.container_state = state
    post = a_post()
    with pytest.raises(PermanentFault, match=words):
        connector.send(post)
    instagram.container_state = "FINISHED"
    assert connector.send(post).external_id


def test_an_answer_lost_between_container_and_publication_never_doubles(instagram, connector_at):
    connector = connector_at(instagram.address)
    with Between(instagram.address) as between:
        for only in ("/media_publish", "/media"):
            for mode in ("lost", "cut"):
                post = a_post(f"Once only, {only} {mode}")
                between.mode, between.only = mode, only
                with pytest.raises((OutcomeUnknown, TemporaryFault)):
                    connector_at(between.address).send(post)
                between.mode = "through"
                if connector.find_post(post) is None:
                    connector_at(between.address).send(post)
                # And should anybody try again all the same, without having looked:
                if only == "/media_publish":
                    assert connector_at(between.address).send(post).external_id
                assert [p.text for p in connector.own_posts()].count(post.text) == 1


def test_published_and_not_yet_shown_is_unknown_and_not_published_again(instagram, connector_at):
    post = a_post()
    with Between(instagram.address) as between:
        between.mode, between.only = "cut", "/media_publish"
        with pytest.raises(OutcomeUnknown):
            connector_at(between.address).send(post)
        between.mode = "through"
        medium = next(i for i, n in instagram.nodes.items() if n.get("on") == "media")
        instagram.nodes[medium]["on"] = "not shown yet"
        with pytest.raises(OutcomeUnknown, match="does not show it yet"):
            connector_at(between.address).send(post)
    assert len(instagram.asked("POST", "media_publish")) == 1


def test_a_container_whose_answer_is_lost_leaves_nothing_unknown(instagram, connector_at):
    with Between(instagram.address) as between:
        between.mode, between.only = "cut", f"/{ACCOUNT}/media"
        with pytest.raises(TemporaryFault):
            connector_at(between.address).send(a_post())
    assert connector_at(instagram.address).own_posts() == []


def test_the_count_of_the_day_is_asked_before_anything_is_uploaded(instagram, connector):
    instagram.quota = (100, 100)
    with pytest.raises(TemporaryFault, match="at most 100 posts"):
        connector.send(a_post())
    assert containers(instagram) == []


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (a_post(pictures=()), "words alone"),
        (a_post(pictures=[A_PICTURE] * 11), "at most 10"),
        (a_post(pictures=[Picture(b"x", "image/png", "x", ADDRESS)]), "JPEG only"),
        (a_post(pictures=[Picture(b"x", "image/jpeg", "x")]), "no address"),
        (a_post("#a " * 31), "30 hashtags"),
        (a_post("x" * 2201), "too long"),
        (a_post(reply_to="1790", root="1800"), "in a comment"),
        (a_post(video=Video(b"", "video/mp4")), "either pictures or a video"),
    ],
)
def test_what_instagram_would_not_take_is_refused_before_anything_is_asked(instagram, connector, post, words):
    with pytest.raises(PermanentFault, match=words):
        connector.send(post)
    assert instagram.calls == []


def test_what_stood_there_before_it_was_first_sent_is_not_it(instagram, connector):
    sent = connector.send(a_post("Same words"))
    written = instant(instagram.nodes[sent.external_id]["timestamp"])
    assert connector.find_post(a_post("Same words", not_before=written + timedelta(seconds=1))) is None
    found = connector.find_post(a_post("Same words", not_before=written - timedelta(seconds=1)))
    assert found.external_id == sent.external_id


# Comments


def test_an_answer_to_an_answer_goes_beside_it_and_is_found_again(instagram, connector):
    post = connector.send(a_post())
    top = instagram.comment(post.external_id, "When?", author="3003")
    below = instagram.comment(top, "Sure?", author="3004")
    answer = PostToSend(key=key(), text="At ten.", reply_to=below, root=post.external_id)
    sent = connector.send(answer)
    assert connector.find_post(answer).external_id == sent.external_id
    found, _ = everything(connector)
    assert found[sent.external_id].parent_external_id == top
    assert found[below].parent_external_id == top
    assert connector.read_back(sent.external_id).text == "At ten."


def test_reading_back_a_comment_asks_for_another_kind_after_media(instagram, connector):
    post = connector.send(a_post())
    comment = instagram.comment(post.external_id, "Ours", author=ACCOUNT)
    assert connector.read_back(comment).text == "Ours"
    assert connector.read_back("17999999") is None


def test_more_comments_and_answers_than_a_page_are_all_read_and_swept(instagram, connector):
    post = connector.send(a_post())
    top = instagram.comment(post.external_id, "The first", author="3003")
    made = {top, *(instagram.comment(top, f"Answer {n}", author="3004") for n in range(120))}
    made |= {instagram.comment(post.external_id, f"Comment {n}", author="3003") for n in range(120)}
    assert everything(connector)[0].keys() >= made
    assert {m.external_id for m in connector.sweep(post.external_id)} == made


def test_a_late_answer_under_an_old_comment_of_an_old_post_is_found_by_the_round(instagram, connector):
    old = connector.send(a_post("The oldest"))
    top = instagram.comment(old.external_id, "First", author="3003")
    for number in range(25):
        connector.send(a_post(f"Number {number}"))
    instagram.epoch += timedelta(hours=2)
    _, position = everything(connector)
    late = instagram.comment(top, "Only now", author="3004")
    found = set()
    for _ in range(8):
        page = connector.poll(position)
        found |= {m.external_id for m in page.messages}
        position = page.position
    assert late in found


def test_a_cursor_that_is_no_longer_taken_ends_the_round_and_the_next_begins(instagram, connector):
    page = connector.poll("1790000000|1790000000|1790000000|bm90LXRoZXJl")
    assert not page.more
    assert page.position.count("|") == 2


def test_a_hidden_comment_is_read_and_marked_as_held(instagram, connector):
    post = connector.send(a_post())
    held = instagram.comment(post.external_id, "Words", author="3003", hidden=True)
    found, _ = everything(connector)
    assert (found[held].hidden, found[held].held) == (True, "hidden on Instagram")


def test_a_post_that_tags_us_is_read_and_can_be_answered(instagram, connector):
    tagged = instagram.tag("Thanks @wealdshirepolice", author="3003")
    found, _ = everything(connector)
    assert found[tagged].text == "Thanks @wealdshirepolice"
    assert found[tagged].author.handle == "jo_h"
    assert [a.kind for a in found[tagged].attachments] == ["image"]
    answer = PostToSend(key=key(), text="A pleasure.", reply_to=tagged, root=tagged)
    assert connector.send(answer).external_id == connector.find_post(answer).external_id
    assert instagram.asked("POST", "mentions")[0]["media_id"] == tagged


def test_a_comment_is_answered_privately_once(instagram, connector):
    post = connector.send(a_post())
    comment = instagram.comment(post.external_id, "Call me?", author="3003")
    answer = PostToSend(
        key=key(), text="Please ring 101.", reply_to=comment, root=post.external_id, private_to="3003"
    )
    sent = connector.send(answer)
    assert connector.find_post(answer).external_id == sent.external_id
    assert connector.read_back(sent.external_id).text == "Please ring 101."
    with pytest.raises(PermanentFault, match="answered privately once"):
        connector.send(answer)


def test_a_private_message_that_is_too_long_in_bytes_is_refused(connector):
    with pytest.raises(PermanentFault, match="private message"):
        connector.send(PostToSend(key=key(), text="é" * 600, private_to="3003", reply_to="aWdf1"))


def test_a_private_message_outside_its_window_says_what_to_do(connector):
    with pytest.raises(PermanentFault, match="within 24 hours"):
        connector.send(PostToSend(key=key(), text="Hello", private_to="3003", reply_to="aWdf1"))


def test_without_the_permission_for_messages_comments_are_still_read(instagram, connector):
    post = connector.send(a_post())
    comment = instagram.comment(post.external_id, "Hello", author="3003")
    instagram.write("Privately", author="3003")
    instagram.without = {"instagram_manage_messages"}
    assert set(everything(connector)[0]) == {comment}
    assert connector.scopes[Capability.PRIVATE_MESSAGES] not in connector.check().scopes


# Who we are


def test_a_page_without_an_instagram_account_says_what_to_do(instagram, connector):
    del instagram.nodes["1001"]["instagram_business_account"]
    with pytest.raises(PermanentFault, match="Connect the two in the Page’s settings"):
        connector.check()


def test_a_credential_of_another_account_is_refused(instagram):
    with pytest.raises(PermanentFault, match="another account"):
        InstagramConnector(Login(instagram.address, "x", TOKEN, account_id="178410000", app=APP)).check()


def test_without_an_account_id_the_page_is_asked_for_it(instagram):
    connector = InstagramConnector(Login(instagram.address, "x", TOKEN, app=APP))
    assert connector.send(a_post()).external_id
    assert connector.check().external_id == ACCOUNT


def test_a_picture_that_cannot_be_fetched_says_why(instagram, connector):
    instagram.next_error = Refused(9004, "Only photo or video can be accepted.", subcode=2207052)
    instagram.refuse_on = "/media"
    with pytest.raises(PermanentFault, match="SMMP_ADDRESS"):
        connector.send(a_post())


@pytest.mark.parametrize("bad", ["", "..", "../me", "a/b", "me?fields=x"])
def test_an_id_that_is_no_id_stays_inside_its_path(instagram, connector, bad):
    with pytest.raises(PermanentFault):
        connector.is_hidden(comment_external_id=bad, root_external_id="")
    assert all(kind == "igcomment" for _, kind, _, _ in instagram.calls)
