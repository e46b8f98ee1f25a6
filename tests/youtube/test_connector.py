"""The connector over real HTTP against a small YouTube that is held against the API's own description."""

from __future__ import annotations

import hashlib
import uuid
from base64 import urlsafe_b64encode
from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core import clock
from platforms.contract import (
    Login,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    TemporaryFault,
    Video,
)
from platforms.youtube import connector as module
from platforms.youtube import mapping, oauth, session
from platforms.youtube.connector import YouTubeConnector
from tests.youtube import description
from tests.youtube.server import Refusal

FILM = b"\x00\x00\x00\x18ftypmp42" * 8


def a_video(text="An appeal for witnesses.", *, captions="", title="Appeal", **more):
    video = Video(FILM, "video/mp4", title=title, captions=captions)
    return PostToSend(key=str(uuid.uuid4()), text=text, video=video, **more)


def an_answer(text, to, **more):
    return PostToSend(key=str(uuid.uuid4()), text=text, reply_to=to, **more)


def walk(connector, position=""):
    """Everything from `position` to the present, and the position after it."""
    found = []
    while True:
        page = connector.poll(position)
        found += page.messages
        position = page.position
        if not page.more:
            return found, position


def read(connector, messages):
    return {one.external_id: connector.read(one) for one in messages}


# The description


def test_every_call_that_is_counted_is_one_of_the_description_and_within_the_one_scope():
    for name in session.COSTS:
        assert set(oauth.SCOPES) <= set(description.methods()[name]["scopes"]), name


def test_every_field_that_is_kept_is_one_of_the_description():
    known = description.document()["schemas"]["CommentSnippet"]["properties"]
    assert set(mapping._COMMENT_FIELDS) <= known.keys()
    assert set(mapping.STANDINGS) <= set(known["moderationStatus"]["enum"])


def test_the_description_finds_what_is_wrong():
    assert description.faults_of_query("comments.list", {"part": ["snippet"], "maxResults": ["101"]})
    assert description.faults_of_query("comments.list", {})
    assert description.faults_of_query("comments.list", {"part": ["snippet"], "since": ["1"]})
    assert description.faults_of_body("comments.insert", "request", {"snippet": {"words": "x"}})
    assert description.faults_of_body("comments.insert", "request", {"snippet": {"textOriginal": 7}})
    assert not description.method_of("GET", "/youtube/v3/everything")


# Listening


def test_what_youtube_held_back_is_read_and_marked(youtube, connector):
    video = connector.send(a_video()).external_id
    seen = youtube.write("resident", "Where was this?", under=video)
    held = youtube.write("resident", "You lot are ****", under=video, standing="heldForReview")
    spam = youtube.write("bot", "Buy followers", under=video, standing="likelySpam")
    for messages in (walk(connector)[0], connector.sweep(video)):
        found = read(connector, messages)
        assert {key: one.held for key, one in found.items()} == {
            seen: "",
            held: "held for review",
            spam: "likely spam",
        }
        assert {key for key, one in found.items() if one.hidden} == {held, spam}
    connector.unhide(comment_external_id=held, root_external_id=video)
    assert read(connector, connector.sweep(video))[held].held == ""


def test_poll_and_sweep_say_the_same_of_the_same_comment(youtube, connector):
    video = connector.send(a_video()).external_id
    top = youtube.write("resident", "One", under=video)
    youtube.write("other", "Two", under=top)
    polled = {message.external_id: message for message in walk(connector)[0]}
    assert polled == {message.external_id: message for message in connector.sweep(video)}


def test_a_walk_over_many_pages_goes_on_where_it_stopped_and_misses_nothing(youtube, connector, monkeypatch):
    monkeypatch.setattr(module, "PAGES_A_POLL", 2)
    youtube.page_size = 3
    video = connector.send(a_video()).external_id
    first = [youtube.write("resident", f"Number {n}", under=video) for n in range(20)]
    page = connector.poll("")
    assert page.more
    late = youtube.write("resident", "While you were reading", under=video)
    rest, position = walk(connector, page.position)
    assert {message.external_id for message in [*page.messages, *rest]} >= set(first)
    again, _ = walk(connector, position)
    assert late in {message.external_id for message in again}


def test_a_poll_reads_back_no_further_than_what_is_known(youtube, connector):
    video = connector.send(a_video()).external_id
    youtube.page_size = 2
    for n in range(12):
        external_id = youtube.write("resident", f"Number {n}", under=video)
        youtube.comments[external_id]["written"] = f"2026-11-22T{10 + n}:00:00Z"
    _, position = walk(connector)
    before = len(youtube.calls)
    assert [one.payload["snippet"]["textDisplay"] for one in walk(connector, position)[0]] == ["Number 11"]
    assert len(youtube.calls) - before == 3, "one page of each list"


def test_a_page_that_is_no_longer_taken_begins_the_walk_again(youtube, connector):
    video = connector.send(a_video()).external_id
    comment = youtube.write("resident", "Still here", under=video)
    youtube.refuse_next = {"commentThreads.list": Refusal(400, "invalidPageToken")}
    position = str(mapping.Position(which=0, token="4711"))
    assert [one.external_id for one in connector.poll(position).messages] == [comment]


def test_a_sweep_reads_all_replies_and_not_only_those_that_come_with_a_thread(youtube, connector):
    video = connector.send(a_video()).external_id
    top = youtube.write("resident", "A question", under=video)
    replies = [youtube.write("other", f"Reply {n}", under=top) for n in range(7)]
    found = read(connector, connector.sweep(video))
    assert set(found) == {top, *replies}
    assert (found[replies[0]].parent_external_id, found[replies[0]].root_external_id) == (top, video)


def test_nothing_is_swept_where_comments_are_off_or_the_video_is_gone(youtube, connector):
    video = connector.send(a_video()).external_id
    youtube.write("resident", "Hm", under=video)
    youtube.comments_off.add(video)
    assert connector.sweep(video) == []
    assert connector.sweep("v0000000999") == []


def test_a_picture_in_a_comment_is_told(youtube, connector):
    video = connector.send(a_video()).external_id
    address = "https://lh3.example/picture?signature=1"
    comment = youtube.write("resident", "Look", under=video, picture=address)
    (attachment,) = read(connector, walk(connector)[0])[comment].attachments
    assert (attachment.kind, attachment.address) == ("image", address)


# Writing


def test_a_video_is_uploaded_in_pieces_with_its_title_and_description(youtube, connector, monkeypatch):
    monkeypatch.setattr(module, "CHUNK_BYTES", 40)
    sent = connector.send(a_video("First line\n\nMore of it", title=""))
    video = youtube.videos[sent.external_id]
    assert youtube.files[sent.external_id] == FILM
    assert (video["snippet"]["title"], video["snippet"]["description"]) == (
        "First line",
        "First line\n\nMore of it",
    )
    assert video["status"]["privacyStatus"] == "public"
    assert youtube.calls.count("videos.insert") == 1 + -(-len(FILM) // 40)


def test_the_same_video_is_never_uploaded_twice(youtube, connector):
    post = a_video()
    assert connector.send(post) == connector.send(post)
    assert len(youtube.videos) == 1
    older = a_video(not_before=clock.now() + timedelta(days=9))
    assert connector.find_post(older) is None, "what stood there before the intent began is not it"
    assert connector.find_post(a_video(title="Another")) is None


def test_a_video_with_captions_is_public_only_once_they_are_there(youtube, connector):
    captions = "WEBVTT\n\n00:00.000 --> 00:02.000\nHave you seen this man?"
    post = a_video(captions=captions)
    youtube.refuse_next = {"captions.insert": Refusal(500, "backendError")}
    with pytest.raises(OutcomeUnknown):
        connector.send(post)
    (video,) = youtube.videos.values()
    assert video["status"]["privacyStatus"] == "private"
    assert connector.find_post(post) is None, "the public does not see it yet"
    assert connector.own_posts() == []
    sent = connector.send(post)
    assert len(youtube.videos) == 1
    assert youtube.captions[0]["content"] == captions
    assert youtube.videos[sent.external_id]["status"]["privacyStatus"] == "public"
    assert connector.find_post(post) == sent


def test_captions_that_are_there_already_are_no_fault(youtube, connector):
    post = a_video(captions="WEBVTT")
    youtube.refuse_next = {"videos.update": Refusal(503, "backendError")}
    with pytest.raises(OutcomeUnknown):
        connector.send(post)
    assert connector.send(post).external_id
    assert len(youtube.captions) == 1


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (PostToSend(key="k", text="Words alone"), "only with a video"),
        (PostToSend(key="k", text="x", pictures=[Picture(b"x", "image/jpeg", "")]), "no pictures"),
        (PostToSend(key="k", text="x", private_to="UCresident"), "no private messages"),
        (a_video("é" * 2501), "5,000 bytes"),
        (a_video("a < b"), "no “<”"),
        (a_video("", title=""), "needs a title"),
        (an_answer("x" * 10_001, "Ugx1"), "10,000"),
        (an_answer("Hello", "../../videos"), "not the id"),
    ],
)
def test_what_youtube_does_not_take_is_refused_before_anything_is_sent(youtube, connector, post, words):
    with pytest.raises(PermanentFault, match=words):
        connector.send(post)
    assert not youtube.videos
    assert "comments.insert" not in youtube.calls


def test_an_answer_to_a_reply_stands_beside_it_and_is_found_again(youtube, connector):
    video = connector.send(a_video()).external_id
    top = youtube.write("resident", "A question", under=video)
    reply = youtube.write("other", "I know!", under=top)
    post = an_answer("Thank you both.", reply, root=video)
    assert connector.find_post(post) is None
    sent = connector.send(post)
    assert youtube.comments[sent.external_id]["top"] == top
    assert connector.send(post) == connector.find_post(post) == sent
    assert connector.read_back(sent.external_id).text == "Thank you both."
    assert connector.edit(sent.external_id, "Thank you all.").external_id == sent.external_id
    assert connector.read_back(sent.external_id).text == "Thank you all."
    connector.delete(sent.external_id)
    assert connector.read_back(sent.external_id) is None


def test_an_edit_of_a_video_keeps_its_title(youtube, connector):
    sent = connector.send(a_video())
    connector.edit(sent.external_id, "He was found.")
    snippet = youtube.videos[sent.external_id]["snippet"]
    assert (snippet["title"], snippet["description"]) == ("Appeal", "He was found.")


def test_what_a_stranger_wrote_is_neither_changed_nor_deleted(youtube, connector):
    video = connector.send(a_video()).external_id
    theirs = youtube.write("resident", "My own words", under=video)
    youtube.videos["v0000009999"] = {**youtube.videos[video], "channel": "UCother"}
    for external_id in (theirs, "v0000009999"):
        for act in (connector.delete, connector.read_back):
            with pytest.raises(PermanentFault, match="not written by our official account"):
                act(external_id)
    assert theirs in youtube.comments


def test_a_hidden_reply_is_told_from_a_shown_one_and_from_one_that_is_gone(youtube, connector):
    video = connector.send(a_video()).external_id
    top = youtube.write("resident", "A question", under=video)
    reply = youtube.write("other", "Rude", under=top)
    where = {"comment_external_id": reply, "root_external_id": video}
    assert not connector.is_hidden(**where)
    connector.hide(**where)
    assert connector.is_hidden(**where)
    assert not connector.is_hidden(comment_external_id=top, root_external_id=video)
    del youtube.comments[reply]
    assert not connector.is_hidden(**where)


# Units of the day, faults


def test_units_are_counted_as_googles_table_says(youtube, connector):
    assert connector.usage()[0].remaining == 10_000
    connector.send(a_video())
    (usage,) = connector.usage()
    calls = {call for call in youtube.calls if call}
    assert calls == {"channels.list", "playlistItems.list", "videos.insert"}
    assert usage.limit - usage.remaining == 1600 + 1 + 1
    assert timedelta() < usage.resets_at - clock.now() <= timedelta(hours=25)
    connector.check()
    assert connector.usage()[0].remaining == usage.remaining, "the channel is asked once"


def test_a_used_up_day_is_waited_for_until_midnight_in_los_angeles(youtube, connector):
    youtube.refuse_next = {"channels.list": Refusal(403, "quotaExceeded", "The request cannot be completed")}
    with pytest.raises(TemporaryFault, match="used up") as fault:
        connector.check()
    assert 60 <= fault.value.retry_after_s <= 25 * 3600
    assert connector.usage()[0].share_used == 1.0


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (
            Refusal(401, "authError", "Invalid Credentials"),
            PermanentFault,
            "Connect the official account again",
        ),
        (Refusal(403, "forbidden"), PermanentFault, "does not let this"),
        (Refusal(403, "insufficientPermissions"), PermanentFault, "agree to all"),
        (Refusal(403, "rateLimitExceeded"), TemporaryFault, "slow down"),
        (Refusal(400, "processingFailure"), OutcomeUnknown, "could not say"),
        (Refusal(400, "oddThing", "odd\x1b[31m thing " + "x" * 999), PermanentFault, r"\(400\): odd"),
        (Refusal(404, "commentNotFound"), PermanentFault, "no longer on YouTube"),
        (
            Refusal(302, "moved", headers={"Location": "http://evil.invalid/"}),
            PermanentFault,
            "another address",
        ),
        (Refusal(500, "backendError"), OutcomeUnknown, "fault of its own"),
        (Refusal(429, "tooMany", headers={"Retry-After": "17"}), TemporaryFault, "slow down"),
    ],
)
def test_each_refusal_is_told_in_plain_words(youtube, connector, refusal, kind, words):
    video = connector.send(a_video()).external_id
    comment = youtube.write("resident", "Hm", under=video)
    youtube.refuse_next = {"comments.setModerationStatus": refusal}
    with pytest.raises(kind, match=words) as fault:
        connector.hide(comment_external_id=comment, root_external_id=video)
    assert type(fault.value) is kind
    assert len(fault.value.sentence) < 300
    assert "\x1b" not in fault.value.sentence
    assert youtube.secret not in fault.value.sentence + fault.value.raw


def test_nothing_is_tried_a_second_time_by_itself(youtube, connector):
    youtube.refuse_next = {"channels.list": Refusal(503, "backendError")}
    with pytest.raises(TemporaryFault):
        connector.check()
    assert Counter(youtube.calls)["channels.list"] == 1


def test_the_token_goes_to_the_configured_address_alone(youtube, connector):
    transport = connector._client._transport
    for elsewhere in (
        "http://evil.invalid/x",
        "https://www.googleapis.com/x",
        f"{youtube.address}.evil.invalid/",
    ):
        with pytest.raises(PermanentFault, match="another address"):
            transport.request(elsewhere)
    google = session.Transport(Login("https://youtube.googleapis.com", "a", "secret"))
    assert google._ours("https://www.googleapis.com/upload/youtube/v3/videos?upload_id=1")
    assert not google._ours("http://www.googleapis.com/upload")
    assert not google._ours("https://googleapis.com.evil.invalid/upload")


def test_a_huge_answer_is_not_read_to_its_end(connector, monkeypatch):
    monkeypatch.setattr(session, "ANSWER_BYTES", 50)
    with pytest.raises(TemporaryFault):
        connector.check()


# Connecting


def test_a_token_is_had_for_a_code_and_renewed(youtube, connector):
    challenge = urlsafe_b64encode(hashlib.sha256(b"the-verifier").digest()).decode().rstrip("=")
    redirect = "https://smmp.example/connect/back"
    app = {"client_id": "client-9", "client_secret": "secret-of-client-9"}
    address = urlsplit(oauth.authorise_url(app=app, redirect=redirect, state="abc", challenge=challenge))
    asked = {key: value[0] for key, value in parse_qs(address.query).items()}
    assert address.netloc == "accounts.google.com"
    assert (asked["code_challenge_method"], asked["access_type"], asked["scope"]) == (
        "S256",
        "offline",
        oauth.SCOPES[0],
    )
    given = {"base_url": youtube.address, "app": app, "redirect": redirect}
    token = oauth.exchange(**given, code="good-code", verifier="the-verifier")
    assert (token.secret, token.refresh) == ("ya29.newer", youtube.refresh)
    assert timedelta(minutes=50) < token.expires_at - clock.now() <= timedelta(hours=1)
    with pytest.raises(PermanentFault, match="Connect the official account again"):
        oauth.exchange(**given, code="good-code", verifier="another")
    renewed = connector.renew()
    assert (renewed.secret, renewed.refresh) == ("ya29.newer", youtube.refresh)
    with pytest.raises(PermanentFault):
        YouTubeConnector(Login(youtube.address, "wealdshire", "x", refresh="1//revoked", app=app)).renew()
    with pytest.raises(PermanentFault):
        YouTubeConnector(Login(youtube.address, "wealdshire", "x")).renew()


def test_a_token_of_another_channel_is_refused(youtube):
    login = Login(youtube.address, "wealdshire", youtube.secret, account_id="UCotherforce")
    with pytest.raises(PermanentFault, match="another YouTube channel"):
        YouTubeConnector(login).check()


# Payloads


def a_payload(**changes):
    snippet = {
        "authorChannelId": {"value": "UCresident"},
        "authorDisplayName": "@resident",
        "publishedAt": "2026-11-22T17:05:00Z",
        "updatedAt": "2026-11-22T17:05:00Z",
        "textDisplay": "Is the road open?",
        **changes.pop("snippet", {}),
    }
    comment = {"id": "Ugx1", "snippet": snippet, **changes}
    return mapping.raw_message(comment, us="UCus", video="v0000000001", standing="published").payload


def test_an_author_whose_channel_is_closed_is_known_by_name():
    comment = mapping.comment(a_payload(snippet={"authorChannelId": None}))
    assert comment.author.external_id == "name:@resident"
    assert not comment.by_us


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "a/b"},
        {"snippet": {"authorDisplayName": None}},
        {"snippet": {"textDisplay": 7}},
        {"snippet": {"publishedAt": "yesterday"}},
        {"snippet": {"publishedAt": "2026-11-22T17:05:00"}},
        {"snippet": {"updatedAt": 7}},
        {"snippet": {"parentId": ["x"]}},
    ],
)
def test_a_malformed_payload_is_a_value_error(changes):
    with pytest.raises(ValueError):
        mapping.comment(a_payload(**changes))


@pytest.mark.parametrize("comment", [None, 7, "words", ["a"], {}])
def test_what_is_no_object_at_all_is_kept_and_refused(comment):
    message = mapping.raw_message(comment, us="UCus", video="", standing="published")
    with pytest.raises(ValueError):
        mapping.comment(message.payload)


def test_a_position_reads_back_and_nonsense_is_the_beginning():
    at = mapping.instant("2026-11-22T17:05:01.500Z")
    for position in (mapping.Position(), mapping.Position(at), mapping.Position(at, at, 2, "a|b")):
        assert mapping.Position.read(str(position)) == position
    assert len(str(mapping.Position(at, at, 2, "t" * module.LONGEST_STORED_TOKEN))) <= 300
    for nonsense in ("x", "|||", "a|b|c|d", "||9|x", "||-1|x"):
        assert mapping.Position.read(nonsense) == mapping.Position()


def test_a_title_is_cut_at_a_word():
    title = mapping.title_of("word " * 40, "")
    assert len(title) <= 100
    assert title.endswith("word…")
    assert len(mapping.title_of("x" * 300, "")) <= 100
