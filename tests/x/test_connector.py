"""The connector over real HTTP against a small network that answers as X does."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta

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
from platforms.x import media
from platforms.x.connector import XConnector
from tests.platforms.contract import key, small_picture
from tests.x import openapi
from tests.x.network import PROBLEM, asked, parsed


def a_post(text="Road closed.", **more):
    return PostToSend(key=key(), text=text, **more)


def walk(connector, position=""):
    """Pages from `position` to the present."""
    pages = [connector.poll(position)]
    while pages[-1].more:
        pages.append(connector.poll(pages[-1].position))
    return pages


def ids(pages):
    return [message.external_id for page in pages for message in page.messages]


@pytest.fixture
def later(monkeypatch):
    """The clock of the connector, moved on by hand."""
    moved = [timedelta()]
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + moved[0])

    def move(**by):
        moved[0] += timedelta(**by)

    return move


def test_where_xs_document_is_absent_the_exchanges_go_unchecked():
    if openapi.place() is None:
        pytest.skip(openapi.ABSENT)
    assert openapi.document().version


# Polling


def test_nothing_is_skipped_however_many_come_and_whenever_the_poller_dies(x, connector):
    x.page_size = 7
    jo = x.person("jo_h")
    _, position = x.write(jo, "@WealdshirePol first"), walk(connector)[-1].position
    written = [x.write(jo, f"@WealdshirePol number {n}") for n in range(60)]
    first = connector.poll(position)
    assert first.more
    # Killed here: what was stored is the position of the first page. More arrive meanwhile.
    late = x.write(jo, "@WealdshirePol one more")
    fresh = XConnector(Login(x.address, x.handle, x.secret))
    rest = walk(fresh, first.position)
    assert set(written) <= set(ids([first, *rest]))
    assert late in ids(walk(connector, rest[-1].position))
    assert all(len(page.position) <= 300 for page in [first, *rest])


def test_a_poller_that_dies_before_storing_a_page_reads_it_again(x, connector):
    x.page_size = 5
    written = [x.write(x.person("jo_h"), f"@WealdshirePol {n}") for n in range(12)]
    first = connector.poll("")
    again = connector.poll("")
    assert ids([first]) == ids([again])
    assert set(ids(walk(connector, ""))) == set(written)


def test_a_page_is_oldest_first_and_a_quiet_poll_reads_nothing_twice(x, connector, later):
    jo = x.person("jo_h")
    written = [x.write(jo, f"@WealdshirePol {n}") for n in "abc"]
    page = connector.poll("")
    assert ids([page]) == written
    later(minutes=6)
    quiet = connector.poll(page.position)
    assert ids([quiet]) == []
    assert not quiet.more
    assert parsed(asked(x, "/mentions")[-1]["query"])["since_id"] == written[-1]


def test_a_mention_that_appears_late_behind_a_newer_one_is_not_missed(x, connector):
    jo = x.person("jo_h")
    x.write(jo, "@WealdshirePol newer")
    position = walk(connector)[-1].position
    slow = x.write(jo, "@WealdshirePol written earlier", at=datetime.now(UTC) - timedelta(minutes=2))
    assert slow in ids(walk(connector, position))


def test_a_token_that_x_no_longer_takes_begins_the_walk_again(x, connector):
    x.page_size = 3
    written = [x.write(x.person("jo_h"), f"@WealdshirePol {n}") for n in range(10)]
    first = connector.poll("")
    x._pages.clear()
    assert set(ids([first, *walk(connector, first.position)])) == set(written)


def test_a_page_with_errors_alone_moves_nothing_and_one_beside_data_stands(x, connector):
    x.write(x.person("jo_h"), "@WealdshirePol help")
    error = {"title": "Forbidden", "detail": "Suspended.", "type": PROBLEM + "resource-not-found"}
    x.twist("/mentions", lambda status, body: (200, {"errors": [error]}, {}))
    with pytest.raises(TemporaryFault, match="part only"):
        connector.poll("")
    x.twist("/mentions", lambda status, body: (200, {**body, "errors": [error]}, {}))
    assert len(connector.poll("").messages) == 1


def test_one_malformed_post_does_not_stop_the_others(x, connector):
    good = x.write(x.person("jo_h"), "@WealdshirePol help")
    x.twist("/mentions", lambda status, body: (200, {**body, "data": [7, {"id": "x"}, *body["data"]]}, {}))
    page = connector.poll("")
    assert good in ids([page])
    assert len(page.messages) == 3
    for message in page.messages:
        if message.external_id != good:
            with pytest.raises(ValueError, match=r"."):
                connector.read(message)


def test_times_without_fractions_are_read(x, connector):
    x.fractions = False
    x.write(x.person("jo_h"), "@WealdshirePol help")
    assert connector.read(connector.poll("").messages[0]).posted_at.tzinfo is not None


def test_an_x_that_speaks_in_older_words_is_understood(x, connector, public_voice):
    x.older = True
    sent = connector.send(a_post())
    reply = public_voice.reply(sent, "For how long?")
    public_voice.edit(reply, "For how many days?")
    comment = connector.read(connector.poll("").messages[-1])
    assert comment.external_id == reply
    assert comment.text == "For how many days?"
    assert comment.root_external_id == sent.external_id
    refused = [one for one in x.log if one["status"] == 400]
    assert len(refused) == 1
    assert connector.read_back(sent.external_id).text == "Road closed."
    assert len([one for one in x.log if one["status"] == 400]) == 1


def test_who_may_reply_goes_with_a_post_and_never_with_an_answer(x, connector):
    first = connector.send(a_post(replies="mentioned"))
    connector.send(a_post("2/2 Open again.", reply_to=first.external_id, replies="mentioned"))
    bodies = [
        json.loads(one["body"]) if isinstance(one["body"], str | bytes) else one["body"]
        for one in x.log
        if one["path"] == "/2/tweets"
    ]
    assert bodies[0]["reply_settings"] == "mentionedUsers"
    assert "reply_settings" not in bodies[1]


def test_private_messages_are_asked_for_no_oftener_than_x_allows(x, connector, later):
    position = connector.poll("").position
    private = "dm:" + x.message(x.person("jo_h"), x.us, "Ring me quietly")
    for _ in range(3):
        page = connector.poll(position)
        assert private not in ids([page])
        position = page.position
    assert len(asked(x, "/2/dm_events")) == 1
    later(seconds=76)
    assert private in ids([connector.poll(position)])


def test_private_messages_page_back_whole_and_only_to_what_is_known(x, connector, later):
    x.page_size = 4
    jo = x.person("jo_h")
    first = [x.message(jo, x.us, f"Number {n}") for n in range(10)]
    pages = walk(connector)
    assert set(ids(pages)) == {f"dm:{n}" for n in first}
    later(minutes=10)
    before = len(asked(x, "/2/dm_events"))
    new = x.message(jo, x.us, "One more")
    assert f"dm:{new}" in ids(walk(connector, pages[-1].position))
    assert len(asked(x, "/2/dm_events")) - before <= 2


@pytest.mark.parametrize(("status", "wait_s"), [(403, 15 * 60), (429, 300), (503, 300)])
def test_private_messages_that_cannot_be_read_hold_up_no_mention_and_skip_nothing(
    x, connector, later, status, wait_s
):
    private = "dm:" + x.message(x.person("jo_h"), x.us, "Ring me quietly")
    mention = x.write(x.person("jo_h"), "@WealdshirePol help")
    body = {"title": "No", "detail": "No.", "type": "about:blank", "status": status}
    x.twist("/2/dm_events", lambda *_: (status, body, {"retry-after": "300"}))
    page = connector.poll("")
    assert ids([page]) == [mention]
    assert not page.more
    later(seconds=wait_s - 5)
    page = connector.poll(page.position)
    assert private not in ids([page])
    later(seconds=10)
    assert private in ids([connector.poll(page.position)])


def test_a_sweep_and_a_poll_bring_the_same_payload(x, connector, public_voice):
    sent = connector.send(a_post("See https://wealdshire.example/a for more."))
    reply = public_voice.reply(sent, "I read https://news.example/x?a=1&b=2 first")
    polled = [m for m in connector.poll("").messages if m.external_id == reply]
    swept = [m for m in connector.sweep(sent.external_id) if m.external_id == reply]
    assert polled == swept
    assert connector.read(swept[0]).text == "I read https://news.example/x?a=1&b=2 first"


def test_a_sweep_finds_answers_to_answers_and_quotes_and_pages_whole(x, connector, public_voice):
    x.page_size = 10
    sent = connector.send(a_post())
    replies = {public_voice.reply(sent, f"Question {n}") for n in range(25)}
    deep = x.write(x.person("sam"), "And then?", under=min(replies))
    quote = x.write(x.person("sam"), "Look at this", quoting=sent.external_id)
    other = connector.send(a_post("Another post."))
    public_voice.reply(other, "Not under the first")
    swept = [message.external_id for message in connector.sweep(sent.external_id)]
    assert set(swept) == {*replies, deep, quote}
    quoted = [connector.read(m) for m in connector.sweep(sent.external_id) if m.external_id == quote]
    assert [comment.quotes for comment in quoted] == [sent.external_id]
    assert swept == sorted(swept, key=int)


@pytest.mark.parametrize("status", [403, 429, 503])
def test_answers_are_swept_where_quotes_cannot_be_read(x, connector, public_voice, status):
    sent = connector.send(a_post())
    reply = public_voice.reply(sent, "Why?")
    x.twist("quote_tweets", lambda *_: (status, {"title": "No", "detail": "Not now."}, {}))
    assert [message.external_id for message in connector.sweep(sent.external_id)] == [reply]


# Sending


def test_the_words_read_back_as_they_were_written(connector):
    words = "Tea & cake <3 at https://wealdshire.example/fair?a=1&b=2 🙏"
    sent = connector.send(a_post(words))
    assert sent.url == f"https://x.com/WealdshirePol/status/{sent.external_id}"
    assert connector.read_back(sent.external_id).text == words


def test_an_answer_that_x_takes_only_on_x_says_so_with_the_link(x, connector, public_voice):
    x.only_summoned = True
    sent = connector.send(a_post())
    uninvited = x.write(public_voice.jo, "For how long?", under=sent.external_id)
    with pytest.raises(PermanentFault, match="Answer on X") as fault:
        connector.send(a_post("Until noon.", reply_to=uninvited, root=sent.external_id))
    assert fault.value.link == f"https://x.com/i/status/{uninvited}"
    assert "not been mentioned" in fault.value.raw
    invited = x.write(public_voice.jo, "@WealdshirePol for how long?", under=sent.external_id)
    assert connector.send(a_post("Until noon.", reply_to=invited, root=sent.external_id))


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (
            {"detail": "Your account is suspended and is not permitted to access this feature."},
            "Sign in on X",
        ),
        ({"detail": "Your account is temporarily locked."}, "Sign in on X"),
        ({"detail": "No.", "type": PROBLEM + "client-forbidden"}, "developer account"),
    ],
)
def test_a_refusal_that_has_nothing_to_do_with_the_person_answered_says_so(x, connector, problem, says):
    comment = x.write(x.person("jo_h"), "@WealdshirePol help")
    x.twist("/2/tweets", lambda *_: (403, {"title": "Forbidden", "status": 403, **problem}, {}))
    with pytest.raises(PermanentFault, match=says) as fault:
        connector.send(a_post("We are coming.", reply_to=comment))
    assert fault.value.link == ""


def test_an_answer_to_somebody_who_is_suspended_is_no_suspension_of_ours(x, connector):
    comment = x.write(x.person("jo_h"), "@WealdshirePol help")
    x.twist("/2/tweets", lambda *_: (403, {"title": "Forbidden", "detail": "User has been suspended."}, {}))
    with pytest.raises(PermanentFault, match="Answer on X"):
        connector.send(a_post("We are coming.", reply_to=comment))


def test_the_same_words_are_ours_only_from_when_they_were_first_sent(x, connector):
    now = datetime.now(UTC)
    sent = connector.send(a_post("Mill Lane is closed."))
    newest = connector.send(a_post("Something else."))
    again = a_post("Mill Lane is closed.", not_before=now - timedelta(seconds=5))
    assert connector.send(again).external_id == sent.external_id != newest.external_id
    for not_before in (None, now + timedelta(minutes=5)):
        with pytest.raises(PermanentFault, match="same words twice"):
            connector.send(a_post("Mill Lane is closed.", not_before=not_before))
    assert len([p for p in x.posts.values() if p["words"] == "Mill Lane is closed."]) == 1


def test_a_post_is_found_by_its_words_and_its_place_and_is_never_just_the_newest(x, connector, public_voice):
    sent = connector.send(a_post())
    one, other = (public_voice.reply(sent, question) for question in ("When?", "Where?"))
    thanks = connector.send(a_post("Thank you for asking.", reply_to=one, root=sent.external_id))
    connector.send(a_post("Newer than all."))
    find = connector.find_post
    assert find(a_post("Thank you for asking.", reply_to=one)).external_id == thanks.external_id
    assert find(a_post("Thank you for asking.", reply_to=other)) is None
    assert find(a_post("Thank you for asking.")) is None
    assert find(a_post("Newer than")) is None


def test_a_post_from_before_it_was_sent_is_not_it(x, connector):
    x.write(x.us, "Closed again.", at=datetime.now(UTC) - timedelta(hours=3))
    assert (
        connector.find_post(a_post("Closed again.", not_before=datetime.now(UTC) - timedelta(hours=1)))
        is None
    )
    assert connector.find_post(a_post("Closed again.", not_before=datetime.now(UTC) - timedelta(hours=4)))


def test_a_post_is_found_behind_a_hundred_newer_ones(x, connector):
    x.page_size = 20
    wanted = x.write(x.us, "Find me & https://wealdshire.example")
    for n in range(50):
        x.write(x.us, f"Later {n}")
    found = connector.find_post(a_post("Find me & https://wealdshire.example"))
    assert found.external_id == wanted


def test_what_cannot_be_looked_through_is_not_said_to_be_absent(x, connector):
    x.page_size = 1
    for n in range(12):
        x.write(x.us, f"Later {n}")
        x.message(x.us, x.person("jo_h"), f"Later {n}")
    for post in (a_post("Where am I?"), a_post("Where am I?", private_to=x.person("jo_h"))):
        with pytest.raises(TemporaryFault, match="cannot be looked through"):
            connector.find_post(post)


def test_a_private_answer_is_found_behind_newer_ones_and_never_from_before(x, connector):
    x.page_size = 3
    jo = x.person("jo_h")
    x.message(x.us, jo, "Thank you.", at=datetime.now(UTC) - timedelta(hours=3))
    wanted = x.message(x.us, jo, "Until noon.")
    for n in range(7):
        x.message(jo, x.us, f"And {n}?")
    since = datetime.now(UTC) - timedelta(hours=1)
    assert (
        connector.find_post(a_post("Until noon.", private_to=jo, not_before=since)).external_id
        == f"dm:{wanted}"
    )
    assert connector.find_post(a_post("Thank you.", private_to=jo, not_before=since)) is None
    assert connector.find_post(a_post("And 1?", private_to=jo, not_before=since)) is None


def test_the_post_of_somebody_else_is_not_read_back_as_ours(x, connector):
    theirs = x.write(x.person("sam"), "Seen at the fair")
    with pytest.raises(PermanentFault, match="not written by our official account"):
        connector.read_back(theirs)


def test_pictures_go_out_with_their_words(x, connector):
    pictures = [Picture(small_picture(), "image/jpeg", f"Picture {n}") for n in range(4)]
    sent = connector.send(a_post(pictures=pictures))
    held = [x.media[number] for number in x.posts[sent.external_id]["media"]]
    assert [one["alt"] for one in held] == [f"Picture {n}" for n in range(4)]
    assert all(one["content"] == small_picture() for one in held)
    assert connector.read_back(sent.external_id).text == "Road closed."
    assert connector.find_post(a_post(pictures=pictures)).external_id == sent.external_id


def test_a_video_goes_up_in_segments_with_its_captions(x, connector, monkeypatch):
    monkeypatch.setattr(media, "SEGMENT_BYTES", 1000)
    film = bytes(range(256)) * 11
    sent = connector.send(
        a_post(video=Video(film, "video/mp4", captions="WEBVTT\n\n00:00.000 --> 00:01.000\nHello"))
    )
    held = x.media[x.posts[sent.external_id]["media"][0]]
    assert held["content"] == film
    assert sorted(held["segments"]) == [0, 1, 2]
    track = x.media[held["subtitles"]["id"]]
    assert track["content"].startswith(b"WEBVTT")
    assert (held["category"], track["category"]) == ("tweet_video", "subtitles")


def test_a_video_that_x_cannot_read_is_refused_and_nothing_is_posted(x, connector):
    failed = {"data": {"id": "1", "processing_info": {"state": "failed"}}}
    x.twist("finalize", lambda *_: (200, failed, {}))
    with pytest.raises(PermanentFault, match="could not read the file"):
        connector.send(a_post(video=Video(b"film", "video/mp4")))
    assert x.posts == {}


def test_a_video_that_x_is_slow_with_waits_for_another_time(x, connector, monkeypatch):
    monkeypatch.setattr(media, "READY_WITHIN_S", 0.0)
    waiting = {"data": {"id": "1", "processing_info": {"state": "pending", "check_after_secs": 5}}}
    x.twist("finalize", lambda *_: (200, waiting, {}))
    with pytest.raises(TemporaryFault, match="still preparing"):
        connector.send(a_post(video=Video(b"film", "video/mp4")))


def test_a_lost_upload_is_no_unknown_outcome(x, connector):
    x.twist("media/upload", lambda *_: (502, b"<html>", {"Content-Type": "text/html"}))
    with pytest.raises(TemporaryFault):
        connector.send(a_post(pictures=[Picture(small_picture(), "image/jpeg", "A square")]))
    assert x.posts == {}


@pytest.mark.parametrize(
    ("post", "says"),
    [
        ({"text": "  "}, "nothing to send"),
        ({"text": "日" * 141}, "too long"),
        ({"pictures": [Picture(b"x", "image/jpeg", "")] * 5}, "at most 4 images"),
        ({"pictures": [Picture(b"x" * (5 * 1024 * 1024 + 1), "image/jpeg", "")]}, "5 MB"),
        ({"pictures": [Picture(b"x", "image/jpeg", "a" * 1001)]}, "1,000 characters"),
        ({"pictures": [Picture(b"x", "image/gif", "")] * 2}, "moving picture alone"),
        ({"pictures": [Picture(b"x", "image/jpeg", "")], "video": Video(b"x", "video/mp4")}, "alone"),
        ({"video": Video(b"x", "video/x-msvideo")}, "Save it anew"),
        ({"private_to": "18", "text": "a" * 10_001}, "10,000"),
        ({"private_to": "18", "pictures": [Picture(b"x", "image/jpeg", "")] * 2}, "one file"),
        ({"reply_to": "dm:18"}, "answer it privately"),
        ({"reply_to": "../me"}, "not the id"),
    ],
)
def test_what_x_would_refuse_is_refused_before_anything_leaves(x, connector, post, says):
    with pytest.raises(PermanentFault, match=says):
        connector.send(a_post(**post))
    assert x.log == []


def test_a_private_answer_is_found_after_its_reply_was_lost(x, connector):
    post = a_post("This stays between us.", private_to=x.person("jo_h"))
    assert connector.find_post(post) is None
    x.twist("/messages", lambda *_: (500, b"", {}))
    with pytest.raises(OutcomeUnknown):
        connector.send(post)
    assert connector.find_post(post).external_id == f"dm:{next(iter(x.events))}"
    assert connector.find_post(a_post("This stays between us.", private_to=x.person("sam"))) is None


def test_a_private_message_takes_one_picture(x, connector):
    connector.send(
        a_post(private_to=x.person("jo_h"), pictures=[Picture(small_picture(), "image/jpeg", "A map")])
    )
    (event,) = x.events.values()
    assert x.media[event["media"][0]]["category"] == "dm_image"


# Changing and taking back


def test_an_edit_has_another_id_and_the_old_one_leads_to_it(x, connector):
    sent = connector.send(a_post("On Saturday."))
    changed = connector.edit(sent.external_id, "On Sunday.")
    assert changed.external_id != sent.external_id
    assert connector.read_back(sent.external_id).text == "On Sunday."
    assert [post.external_id for post in connector.own_posts()] == [changed.external_id]
    connector.delete(changed.external_id)
    assert connector.read_back(sent.external_id) is None


def test_what_x_lets_nobody_edit_is_refused_with_what_to_do(x, connector, public_voice, later):
    sent = connector.send(a_post("On Saturday."))
    reply = public_voice.reply(sent, "What time?")
    answer = connector.send(a_post("At ten.", reply_to=reply, root=sent.external_id))
    picture = connector.send(a_post("Look", pictures=[Picture(small_picture(), "image/jpeg", "A square")]))
    for number, says in ((answer, "lets nobody change"), (picture, "pictures or videos")):
        with pytest.raises(PermanentFault, match=says):
            connector.edit(number.external_id, "Other words")
    with pytest.raises(PermanentFault, match="too long"):
        connector.edit(sent.external_id, "x" * 281)
    for n in range(5):
        connector.edit(sent.external_id, f"Change {n}")
    with pytest.raises(PermanentFault, match="that is over"):
        connector.edit(sent.external_id, "One too many")
    late = connector.send(a_post("Too late"))
    later(minutes=31)
    with pytest.raises(PermanentFault, match="that is over"):
        connector.edit(late.external_id, "Later")
    with pytest.raises(PermanentFault, match="not on X any more"):
        connector.edit("1", "Gone")


def test_the_words_of_others_are_never_deleted(x, connector, public_voice):
    sent = connector.send(a_post())
    reply = public_voice.reply(sent, "Mine")
    with pytest.raises(PermanentFault):
        connector.delete(reply)
    assert reply in x.posts
    with pytest.raises(PermanentFault, match="take a private message back"):
        connector.delete("dm:1")
    with pytest.raises(PermanentFault) as fault:
        connector.delete_comment(reply)
    assert fault.value.sentence == (
        "X does not let an organisation delete others' replies: hide it, or report it on X."
    )


def test_a_deletion_that_x_denies_is_no_success(x, connector):
    sent = connector.send(a_post())
    x.delete = lambda number: None
    x.twist(sent.external_id, lambda *_: (200, {"data": {"deleted": False}}, {}))
    with pytest.raises(PermanentFault) as fault:
        connector.delete(sent.external_id)
    assert fault.value.link.endswith(sent.external_id)


def test_only_answers_under_our_own_posts_are_hidden(x, connector):
    theirs = x.write(x.person("sam"), "@WealdshirePol are useless")
    under = x.write(x.person("jo_h"), "@WealdshirePol agreed", under=theirs)
    with pytest.raises(PermanentFault, match="own posts") as fault:
        connector.hide(comment_external_id=under, root_external_id=theirs)
    assert fault.value.link.endswith(under)
    for comment, root in ((theirs, ""), ("dm:5", "1")):
        with pytest.raises(PermanentFault, match="stands elsewhere"):
            connector.hide(comment_external_id=comment, root_external_id=root)
    assert x.hidden == set()


def test_a_person_can_be_kept_from_writing_privately_and_let_back(x, connector):
    jo = x.person("jo_h")
    connector.block_messages(jo)
    assert x.dm_blocked == {jo}
    connector.unblock_messages(jo)
    assert x.dm_blocked == set()


def test_blocking_is_explained(connector):
    with pytest.raises(PermanentFault, match="taken blocking out of its API"):
        connector.block("18")


# Faults


def test_used_up_credit_is_waited_out_and_says_who_can_help(x, connector):
    x.credit = False
    with pytest.raises(TemporaryFault, match="credit with X is used up") as fault:
        connector.send(a_post())
    assert fault.value.retry_after_s == 15 * 60


@pytest.mark.parametrize(
    ("headers", "body", "least", "most"),
    [
        ({"x-rate-limit-reset": "in 200 s"}, {}, 190, 200),
        ({"x-rate-limit-reset": "soon"}, {}, None, None),
        (
            {
                "x-user-limit-24hour-remaining": "0",
                "x-user-limit-24hour-reset": "in 9000 s",
                "x-rate-limit-reset": "in 200 s",
            },
            {},
            8900,
            9000,
        ),
        ({}, {"title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly product cap"}, 3600, 3600),
    ],
)
def test_every_kind_of_limit_says_how_long(x, connector, headers, body, least, most):
    now = int(datetime.now(UTC).timestamp())
    given = {
        name: str(now + int(value.split()[1])) if value.startswith("in ") else value
        for name, value in headers.items()
    }
    x.twist("/2/tweets", lambda *_: (429, {"title": "Too Many Requests", **body}, given))
    with pytest.raises(TemporaryFault) as fault:
        connector.send(a_post())
    wait = fault.value.retry_after_s
    assert wait is None if least is None else least <= wait <= most


def test_what_is_left_of_each_allowance_is_known(x, connector):
    connector.poll("")
    connector.send(a_post(pictures=[Picture(small_picture(), "image/jpeg", "A square")]))
    known = {usage.endpoint: usage for usage in connector.usage()}
    assert {
        "GET /2/users/:id/mentions",
        "GET /2/dm_events",
        "POST /2/tweets",
        "POST /2/media/upload",
    } <= known.keys()
    mentions = known["GET /2/users/:id/mentions"]
    assert (mentions.limit, mentions.remaining) == (300, 299)
    assert 0 < mentions.share_used < 0.01
    assert mentions.resets_at > clock.now()


@pytest.mark.parametrize(
    ("status", "body", "reading", "sending"),
    [
        (302, b"", PermanentFault, PermanentFault),
        (500, b"<html>", TemporaryFault, OutcomeUnknown),
        (200, b'{"data": [{"id": "1', TemporaryFault, OutcomeUnknown),
        (200, b"<html>Welcome</html>", TemporaryFault, OutcomeUnknown),
        (200, b"[]", TemporaryFault, OutcomeUnknown),
        (200, b'"words"', TemporaryFault, OutcomeUnknown),
        (200, b'{"data": {}}', TemporaryFault, OutcomeUnknown),
        (200, b"x" * (9 * 1024 * 1024), TemporaryFault, OutcomeUnknown),
        (403, b"<html>Blocked by a proxy</html>", PermanentFault, PermanentFault),
        (403, b'["odd"]', PermanentFault, PermanentFault),
        (404, b'{"errors": "odd"}', PermanentFault, PermanentFault),
    ],
)
def test_odd_answers_are_faults_and_never_success(x, connector, status, body, reading, sending):
    connector._us()
    more = {"Location": f"{x.address}/2/users/me"} if status == 302 else {}
    x.twist("/mentions", lambda *_: (status, body, more))
    with pytest.raises(reading) as fault:
        connector.poll("")
    assert "<" not in fault.value.sentence
    x.twist("/2/tweets", lambda *_: (status, body, more))
    with pytest.raises(sending):
        connector.send(a_post())
    assert len(asked(x, "/2/users/me")) == 1


def test_an_id_that_is_no_id_stays_inside_its_path(x, connector):
    for act in (
        connector.read_back,
        connector.delete,
        connector.mute,
        connector.sweep,
        connector.block_messages,
    ):
        with pytest.raises(PermanentFault, match="not the id"):
            act("../users/me")
    assert x.log == []


def test_one_official_account_is_asked_for_its_id_once(x, connector_at):
    for _ in range(3):
        connector_at(x.address).poll("")
    assert len(asked(x, "/2/users/me")) == 1
    connector_at(x.address, account_id=x.us).poll("")
    assert len(asked(x, "/2/users/me")) == 1


def test_neither_the_token_nor_the_publics_words_reach_the_log(x, connector, caplog, public_voice):
    caplog.set_level(logging.DEBUG)
    sent = connector.send(a_post())
    public_voice.reply(sent, "My daughter is missing")
    connector.poll("")
    assert "daughter" not in caplog.text
    assert x.secret not in caplog.text


def test_proxies_and_passwords_of_the_machine_are_left_alone(connector):
    assert connector._client.session.trust_env is False


def test_an_account_with_x_premium_may_write_longer_once_x_has_said_so(x, connector, connector_at):
    assert connector.check().limits is None
    with pytest.raises(PermanentFault):
        connector.send(PostToSend(key=key(), text="a" * 281))
    x.subscription = "Premium"
    said = connector.check()
    assert (said.limits.post_length, said.settings) == (25_000, {"X Premium": "Premium"})
    sent = connector_at(x.address, limits=said.limits).send(PostToSend(key=key(), text="a" * 281))
    assert sent.external_id
