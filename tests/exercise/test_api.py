"""The API refuses bad input with a sentence, tells nobody what is not theirs, and never breaks."""

from __future__ import annotations

import base64
import json

import pytest

from audit.models import Entry
from core.actors import System
from exercise import actions, api
from exercise.actions.messages import KeptAway
from exercise.models import Message, Picture
from tests.platforms.contract import small_picture

TRAINER = System("trainer")
BASE = "/exercise/api"


@pytest.fixture
def official(db):
    return actions.open_profile(actor=TRAINER, handle="wealdshire-police", name="Wealdshire Police")


@pytest.fixture
def call(client, official):
    """Ask the API as Wealdshire Police. Returns status and answer."""

    def ask(method, path, body=None, *, token=official[1], raw=None):
        content = raw if raw is not None else (json.dumps(body).encode() if body is not None else b"")
        response = client.generic(
            method,
            BASE + path,
            content,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return response.status_code, response.json()

    return ask


def reply(post_id, text="Hello", handle="jo_h"):
    return actions.write_as_public(
        actor=TRAINER, handle=handle, name="Jo", text=text, under=Message.objects.get(pk=post_id)
    )


def posted(call, key="k", text="News"):
    return call("POST", "/posts", {"key": key, "text": text})[1]["id"]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic abc", "Bearer \x00é"]
)
def test_without_a_good_token_nothing_is_told(client, official, header):
    headers = {} if header is None else {"Authorization": header}
    response = client.get(f"{BASE}/me", headers=headers)
    assert response.status_code == 401
    assert response.json()["error"] == "not_signed_in"
    assert "Bearer" in response["WWW-Authenticate"]


def test_the_token_of_a_member_of_the_public_opens_nothing(client, official):
    """Their hash is empty, and so is that of no token."""
    reply_to_nothing = actions.write_as_public(actor=TRAINER, handle="jo", name="Jo", text="Hi")
    assert reply_to_nothing.author.token_hash == ""
    assert client.get(f"{BASE}/me", headers={"Authorization": "Bearer "}).status_code == 401


def test_a_wrong_method_is_told_the_right_ones(client, call):
    response = client.post(f"{BASE}/inbox", headers={"Authorization": "Bearer x"})
    assert response.status_code == 401
    status, answer = call("PATCH", "/posts")
    assert (status, answer["error"]) == (405, "wrong_method")


def test_the_same_key_answers_with_the_same_post(call):
    first = call("POST", "/posts", {"key": "k1", "text": "Once"})
    again = call("POST", "/posts", {"key": "k1", "text": "Once"})
    assert (first[0], again[0]) == (201, 200)
    assert first[1]["id"] == again[1]["id"]
    assert Entry.objects.filter(event="exercise.published").count() == 1
    assert call("POST", "/posts", {"key": "k1", "text": "Other"})[0] == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 422),
        ({}, 422),
        ({"key": "k"}, 422),
        ({"key": 7, "text": "x"}, 422),
        ({"key": "", "text": "x"}, 422),
        ({"key": "k" * 65, "text": "x"}, 422),
        ({"key": "k\x00", "text": "x"}, 422),
        ({"key": "k", "text": ""}, 422),
        ({"key": "k", "text": "   \n "}, 422),
        ({"key": "k", "text": "x" * 501}, 422),
        ({"key": "k", "text": "x" + "\u0301" * 100_000}, 422),
        ({"key": "k", "text": "nul \x00"}, 422),
        ({"key": "k", "text": "half \ud800"}, 422),
        ({"key": "k", "text": "x", "reply_to": "abc"}, 422),
        ({"key": "k", "text": "x", "reply_to": ["1"]}, 422),
        ({"key": "k", "text": "x", "reply_to": "٣"}, 422),
        ({"key": "k", "text": "x", "reply_to": "9" * 30}, 422),
        ({"key": "k", "text": "x", "reply_to": "999999"}, 404),
        ({"key": "k", "text": "x", "private_to": "999999"}, 404),
        ({"key": "k", "text": "x", "pictures": "no"}, 422),
        ({"key": "k", "text": "x", "pictures": [1]}, 422),
        ({"key": "k", "text": "x", "pictures": [{}] * 5}, 422),
        ({"key": "k", "text": "x", "pictures": [{"content_base64": "!", "content_type": "image/png"}]}, 422),
        ({"key": "k", "text": "x", "pictures": [{"content_base64": "é", "content_type": "image/png"}]}, 422),
        (
            {"key": "k", "text": "x", "pictures": [{"content_base64": "AAAA", "content_type": "image/png"}]},
            422,
        ),
        (
            {"key": "k", "text": "x", "pictures": [{"content_base64": "AAAA", "content_type": "text/html"}]},
            422,
        ),
    ],
)
def test_what_cannot_be_published_is_refused_with_a_sentence(call, body, status):
    answered, answer = call("POST", "/posts", body)
    assert answered == status
    assert answer["message"].endswith(".")
    assert not Message.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b'"x"', b"NaN"])
def test_what_is_not_json_is_refused(call, raw):
    assert call("POST", "/posts", raw=raw)[0] == 422


def test_more_than_four_pictures_weigh_is_too_large(call, monkeypatch):
    monkeypatch.setattr(api, "LARGEST_BODY_BYTES", 1000)
    assert call("POST", "/posts", {"key": "k", "text": "x" * 2000})[0] == 413


def test_four_pictures_go_out_past_djangos_limit_for_forms(call, client):
    picture = small_picture() + b"\x00" * 2_000_000
    assert len(picture) <= 2 * 1024 * 1024
    body = {
        "key": "k",
        "text": "Four",
        "pictures": [
            {
                "content_base64": base64.b64encode(picture).decode(),
                "content_type": "image/jpeg",
                "alt_text": f"A <square> {n}",
            }
            for n in range(4)
        ],
    }
    status, answer = call("POST", "/posts", body)
    assert status == 201
    assert [p["alt_text"] for p in answer["pictures"]] == [f"A <square> {n}" for n in range(4)]
    shown = client.get(f"/exercise/picture/{Picture.objects.first().pk}/")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    call("DELETE", f"/posts/{answer['id']}")
    assert client.get(f"/exercise/picture/{Picture.objects.first().pk}/").status_code == 404


def test_characters_are_counted_as_a_reader_counts_them(call):
    family = "👨‍👩‍👧‍👦"
    assert call("POST", "/posts", {"key": "k", "text": family * 500})[0] == 201
    assert call("POST", "/posts", {"key": "l", "text": family * 501})[0] == 422


@pytest.mark.parametrize(
    "query", ["since=x", "since=-1", "since=1.5", "limit=x", "since=" + "9" * 40, "since=%00", "limit=²"]
)
def test_a_position_that_is_no_number_is_refused(call, query):
    assert call("GET", f"/inbox?{query}")[0] == 422


def test_what_is_not_there_is_told_in_one_way(call):
    for method, path in (
        ("GET", "/posts/999"),
        ("GET", f"/posts/{10**30}"),
        ("DELETE", "/posts/999"),
        ("GET", "/posts/999/thread"),
    ):
        assert call(method, path)[0] == 404
    assert call("PUT", "/comments/999/hidden", {"hidden": True})[0] == 404
    assert call("GET", "/posts?key=none")[1] == {"messages": []}
    assert call("GET", "/posts?key=%00")[1] == {"messages": []}
    assert call("GET", "/posts")[1] == {"messages": []}


def test_a_profile_hides_and_deletes_only_under_its_own_posts(call):
    _, other = actions.open_profile(actor=TRAINER, handle="saltmere-police", name="Saltmere")
    post = posted(call)
    comment = reply(post)
    assert call("PUT", f"/comments/{comment.pk}/hidden", {"hidden": True}, token=other)[0] == 403
    assert call("DELETE", f"/posts/{post}", token=other)[0] == 403
    assert call("DELETE", f"/posts/{comment.pk}", token=other)[0] == 403
    assert call("PUT", f"/comments/{post}/hidden", {"hidden": True})[0] == 403
    assert call("PUT", f"/comments/{comment.pk}/hidden", {"hidden": "yes"})[0] == 422
    assert call("GET", f"/posts/{post}/thread", token=other)[0] == 404
    comment.refresh_from_db()
    assert comment.hidden_at is None
    assert call("DELETE", f"/posts/{comment.pk}")[1]["removed_by"] == "us"


def test_whom_a_profile_blocks_cannot_write_to_it_and_whom_it_mutes_it_is_not_shown(call):
    post = posted(call)
    comment = reply(post)
    person = comment.author_id
    assert call("PUT", f"/people/{person}/muted", {"excluded": True})[1] == {"excluded": True}
    assert call("GET", "/inbox")[1]["messages"] == []
    assert call("PUT", f"/people/{person}/muted", {"excluded": False})[1] == {"excluded": False}
    assert len(call("GET", "/inbox")[1]["messages"]) == 1
    assert call("PUT", f"/people/{person}/blocked", {"excluded": "yes"})[0] == 422
    call("PUT", f"/people/{person}/blocked", {"excluded": True})
    with pytest.raises(KeptAway):
        reply(post)
    assert call("GET", f"/people/{person}/blocked")[1] == {"excluded": True}
    assert call("GET", f"/people/{10**9}/blocked")[0] == 404


def test_private_messages_are_for_their_two_ends_alone(call, official):
    _, other = actions.open_profile(actor=TRAINER, handle="saltmere-police", name="Saltmere")
    private = actions.write_as_public(
        actor=TRAINER, handle="jo", name="Jo", text="Hush, @saltmere-police", private_to=official[0]
    )
    assert call("GET", f"/posts/{private.pk}")[0] == 200
    assert call("GET", f"/posts/{private.pk}", token=other)[0] == 404
    assert call("GET", "/inbox", token=other)[1]["messages"] == []
    assert (
        call("POST", "/posts", {"key": "k", "text": "x", "reply_to": str(private.pk)}, token=other)[0] == 404
    )
    assert call("POST", "/posts", {"key": "k", "text": "x", "reply_to": str(private.pk)})[0] == 422


def test_deleted_words_are_not_given_out_again(call):
    comment = reply(posted(call), "My number is secret")
    actions.delete(actor=TRAINER, message=comment)
    (told,) = call("GET", "/inbox")[1]["messages"]
    assert (told["deleted"], told["text"]) == (True, "")


def test_nobody_answers_what_is_gone(call):
    comment = reply(posted(call))
    actions.delete(actor=TRAINER, message=comment)
    assert call("POST", "/posts", {"key": "r", "text": "x", "reply_to": str(comment.pk)})[0] == 404
    assert call("PUT", f"/comments/{comment.pk}/hidden", {"hidden": True})[0] == 404


def test_hiding_twice_is_one_change_and_one_audit_entry(call):
    comment = reply(posted(call))
    for _ in range(2):
        assert call("PUT", f"/comments/{comment.pk}/hidden", {"hidden": True})[1]["hidden"] is True
    assert Entry.objects.filter(event="exercise.hidden").count() == 1
    entry = Entry.objects.get(event="exercise.hidden")
    assert entry.actor_name == "@wealdshire-police on the exercise network"
    for _ in range(2):
        assert call("PUT", f"/comments/{comment.pk}/hidden", {"hidden": False})[1]["hidden"] is False
    assert Entry.objects.filter(event="exercise.unhidden").count() == 1


def test_the_audit_trail_holds_no_words(call):
    comment = reply(posted(call, text="Words of ours"), "Words of theirs")
    actions.edit(actor=TRAINER, message=comment, text="Words again")
    for entry in Entry.objects.all():
        assert "Words" not in f"{entry.subject_name}{entry.details}{entry.reason}"
