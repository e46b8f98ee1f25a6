"""The connector over real HTTP against a small network that answers as Bluesky does."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from io import BytesIO

import pytest
from PIL import Image

from platforms.bluesky import session
from platforms.bluesky.connector import HIDDEN_AT_MOST, BlueskyConnector
from platforms.contract import (
    Capability,
    Login,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    TemporaryFault,
)
from tests.bluesky.network import BLOCK, GATE, POST, Refusal


def a_post(text="Road closed.", **more):
    return PostToSend(key=str(uuid.uuid4()), text=text, **more)


def walk(connector, position=""):
    """Pages from `position` to the present."""
    pages = [connector.poll(position)]
    while pages[-1].more:
        pages.append(connector.poll(pages[-1].position))
    return pages


def ids(pages):
    return [message.external_id for page in pages for message in page.messages]


# Signing in


def test_one_sign_in_serves_every_connector_of_the_account(bluesky):
    login = Login(bluesky.address, bluesky.handle, bluesky.secret)
    for _ in range(5):
        connector = BlueskyConnector(login)
        connector.check()
        connector.poll("")
    assert Counter(bluesky.calls)["com.atproto.server.createSession"] == 1


def test_threads_that_begin_together_sign_in_once(bluesky, connector_at):
    connectors = [connector_at(bluesky.address) for _ in range(8)]
    threads = [threading.Thread(target=connector.check) for connector in connectors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(bluesky.calls)["com.atproto.server.createSession"] == 1


def test_a_token_that_runs_out_soon_is_renewed_without_signing_in_again(bluesky, connector):
    bluesky.token_lives_s = 60
    connector._us()
    bluesky.token_lives_s = 7200
    connector.check()
    connector.check()
    calls = Counter(bluesky.calls)
    assert calls["com.atproto.server.refreshSession"] == 1
    assert calls["com.atproto.server.createSession"] == 1


def test_a_token_that_bluesky_withdrew_is_replaced_and_the_act_done_once(bluesky, connector):
    connector.check()
    bluesky.refuse_next = {
        "com.atproto.repo.putRecord": Refusal(400, "ExpiredToken", "Token has expired"),
        "com.atproto.server.refreshSession": Refusal(400, "ExpiredToken", "Token has been revoked"),
    }
    sent = connector.send(a_post())
    assert connector.read_back(sent.external_id)
    assert Counter(bluesky.calls)["com.atproto.server.createSession"] == 2


def test_a_renewal_that_fails_in_the_middle_of_sending_is_no_unknown_outcome(bluesky, connector):
    bluesky.token_lives_s = 60
    connector._us()
    bluesky.refuse_next = {"com.atproto.server.refreshSession": Refusal(502, "UpstreamFailure")}
    with pytest.raises(TemporaryFault):
        connector.delete(f"at://{bluesky.did}/{POST}/3k")
    assert not bluesky.records


def test_a_refused_password_is_not_tried_at_every_poll(bluesky, connector_with_wrong_secret, monkeypatch):
    for _ in range(5):
        with pytest.raises(PermanentFault, match="does not accept the app password"):
            connector_with_wrong_secret.poll("")
    assert Counter(bluesky.calls)["com.atproto.server.createSession"] == 1
    now = time.monotonic()
    monkeypatch.setattr(session.time, "monotonic", lambda: now + session.REFUSED_FOR_S + 1)
    with pytest.raises(PermanentFault):
        connector_with_wrong_secret.poll("")
    assert Counter(bluesky.calls)["com.atproto.server.createSession"] == 2


def test_a_new_app_password_is_tried_at_once(bluesky, connector, connector_with_wrong_secret):
    with pytest.raises(PermanentFault):
        connector_with_wrong_secret.check()
    connector.check()


def test_a_rate_limit_on_signing_in_is_waited_out(bluesky, connector):
    limit = Refusal(429, "RateLimitExceeded", headers={"ratelimit-reset": str(int(time.time()) + 240)})
    bluesky.refuse_next = {"com.atproto.server.createSession": limit}
    with pytest.raises(TemporaryFault) as first:
        connector.check()
    assert 200 < first.value.retry_after_s <= 240
    with pytest.raises(TemporaryFault):
        connector.check()
    assert Counter(bluesky.calls)["com.atproto.server.createSession"] == 1


def test_a_main_password_with_a_second_factor_is_explained(bluesky, connector):
    bluesky.refuse_next = {"com.atproto.server.createSession": Refusal(401, "AuthFactorTokenRequired")}
    with pytest.raises(PermanentFault, match="Make an app password"):
        connector.check()


def test_a_closed_account_is_told_apart_from_a_bad_password(bluesky, connector):
    bluesky.closed = True
    with pytest.raises(PermanentFault, match="suspended or closed"):
        connector.check()
    session.forget_sessions()
    bluesky.refuse_next = {"com.atproto.server.createSession": Refusal(401, "AccountTakedown")}
    with pytest.raises(PermanentFault, match="suspended or closed"):
        connector.check()


def test_the_session_goes_to_the_accounts_server_but_never_from_an_encrypted_to_an_open_one(bluesky):
    made = session.Session(Login("https://bluesky.invalid", "a.test", "secret"))
    made._update_pds_endpoint("http://evil.invalid")
    assert made._base_url == "https://bluesky.invalid/xrpc"
    made._update_pds_endpoint("https://morel.example")
    assert made._base_url == "https://morel.example/xrpc"
    assert made.request._client.follow_redirects is False
    assert made.request._client.timeout.read == 10


# Polling


def test_nothing_is_skipped_however_many_come_between_two_polls(bluesky, connector):
    bluesky.page_size = 7
    post = connector.send(a_post()).external_id
    _, position = [bluesky.write("early", "first", under=post)], walk(connector)[-1].position
    written = [bluesky.write(f"person{n}", f"Question {n}", under=post) for n in range(150)]
    first = connector.poll(position)
    assert first.more
    # While the walk back is under way, more arrive.
    late = bluesky.write("late", "One more", under=post)
    pages = [first, *walk(connector, first.position)]
    assert len(pages) > 2
    assert set(written) <= set(ids(pages))
    after = walk(connector, pages[-1].position)
    assert late in ids([*pages, *after])
    quiet = connector.poll(after[-1].position)
    assert not quiet.more
    assert quiet.position == after[-1].position


def test_a_page_is_oldest_first_and_likes_are_left_out(bluesky, connector):
    post = connector.send(a_post()).external_id
    first, second = (bluesky.write("resident", text, under=post) for text in "ab")
    like = bluesky.write("fan", "", record={"$type": "app.bsky.feed.like", "subject": {"uri": post}})
    bluesky.notify(like, "like")
    page = connector.poll("")
    assert ids([page]) == [first, second]
    # A like moves the position on all the same, or each poll would page back past all of them.
    assert page.position.startswith(bluesky.notifications[-1]["indexedAt"].rstrip("Z"))


def test_a_cursor_that_bluesky_no_longer_takes_begins_the_walk_again(bluesky, connector):
    bluesky.page_size = 2
    post = connector.send(a_post()).external_id
    written = [bluesky.write("resident", str(n), under=post) for n in range(50)]
    first = connector.poll("")
    bluesky.refuse_next = {
        "app.bsky.notification.listNotifications": Refusal(400, "InvalidRequest", "Malformed cursor")
    }
    assert set(written) <= set(ids([first, *walk(connector, first.position)]))


def test_one_malformed_notification_does_not_stop_the_others(bluesky, connector):
    post = connector.send(a_post()).external_id
    good = bluesky.write("resident", "words", under=post)
    bluesky.notifications += [
        {"reason": "reply", "indexedAt": "2026-11-22T12:00:30.000Z", "record": "?", "uri": 7},
        {"reason": "mention", "indexedAt": "soon"},
    ]
    page = connector.poll("")
    assert len(page.messages) == 3
    read = []
    for message in page.messages:
        try:
            read.append(connector.read(message).external_id)
        except ValueError:
            read.append("malformed")
    assert sorted(read) == sorted([good, "malformed", "malformed"])


@pytest.mark.parametrize("answer", [{}, {"notifications": 7}, []])
def test_an_answer_without_notifications_is_a_temporary_fault(bluesky, connector, monkeypatch, answer):
    monkeypatch.setattr(bluesky, "_listNotifications", lambda _query: answer)
    with pytest.raises(TemporaryFault):
        connector.poll("")


# Sweeping


def test_a_post_that_is_not_indexed_yet_or_gone_has_no_replies(bluesky, connector):
    post = connector.send(a_post()).external_id
    bluesky.refuse_next = {"app.bsky.feed.getPostThread": Refusal(400, "NotFound", "Post not found")}
    assert connector.sweep(post) == ()
    connector.delete(post)
    assert connector.sweep(post) == ()


def test_what_people_say_to_each_other_is_not_taken_in(bluesky, connector):
    theirs = bluesky.write("resident", "Does anyone know @wealdshire.test?")
    bluesky.write("other", "A private matter between us", under=theirs)
    assert connector.sweep(theirs) == ()


def test_a_poll_and_a_sweep_keep_the_same_payload(bluesky, connector):
    post = connector.send(a_post()).external_id
    bluesky.write("resident", "one", under=post)
    bluesky.notifications[0]["indexedAt"] = bluesky.notifications[0]["record"]["createdAt"]
    assert list(connector.poll("").messages) == list(connector.sweep(post))


def test_a_sweep_finds_answers_to_answers_and_says_what_is_hidden(bluesky, connector):
    post = connector.send(a_post()).external_id
    reply = bluesky.write("resident", "one", under=post)
    below = bluesky.write("other", "two", under=reply)
    connector.hide(comment_external_id=below, root_external_id=post)
    found = [connector.read(message) for message in connector.sweep(post)]
    assert [(c.external_id, c.hidden) for c in found] == [(reply, False), (below, True)]
    assert found[1].root_external_id == post


# Sending


def test_a_picture_is_uploaded_with_its_words_and_its_shape(bluesky, connector):
    out = BytesIO()
    Image.new("RGB", (40, 20)).save(out, "PNG")
    sent = connector.send(a_post(pictures=[Picture(out.getvalue(), "image/png", "A map")]))
    image = bluesky._found(sent.external_id)["value"]["embed"]["images"][0]
    assert image["alt"] == "A map"
    assert image["aspectRatio"] == {"width": 40, "height": 20}
    assert image["image"]["mimeType"] == "image/png"


def test_a_picture_that_cannot_be_measured_still_goes_out(bluesky, connector):
    sent = connector.send(a_post(pictures=[Picture(b"not an image", "image/png", "A map")]))
    assert "aspectRatio" not in bluesky._found(sent.external_id)["value"]["embed"]["images"][0]


def test_an_upload_that_fails_has_published_nothing(bluesky, connector):
    bluesky.refuse_next = {"com.atproto.repo.uploadBlob": Refusal(502, "UpstreamFailure")}
    with pytest.raises(TemporaryFault):
        connector.send(a_post(pictures=[Picture(b"x", "image/png", "A map")]))


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (a_post("x" * 301), "301 characters"),
        (a_post("👩‍👩‍👧‍👦" * 130), "3,000 bytes"),
        (a_post(pictures=[Picture(b"x", "image/png", "a")] * 5), "at most 4 images"),
        (a_post(pictures=[Picture(b"x" * 2_000_001, "image/png", "a")]), "2 MB"),
        (a_post(private_to="did:plc:resident"), "Private messages on Bluesky"),
    ],
)
def test_what_bluesky_would_refuse_is_refused_before_it_is_asked(bluesky, connector, post, words):
    with pytest.raises(PermanentFault, match=words):
        connector.send(post)
    assert not bluesky.calls


def test_another_post_under_the_same_key_is_never_overwritten(bluesky, connector):
    post = a_post()
    sent = connector.send(post)
    with pytest.raises(PermanentFault, match="other words"):
        connector.send(PostToSend(key=post.key, text="Something else"))
    assert connector.read_back(sent.external_id).text == post.text


def test_a_post_that_got_there_by_another_way_meanwhile_is_found_and_not_written_twice(bluesky, connector):
    post = a_post()
    bluesky.before["com.atproto.repo.putRecord"] = lambda: connector.send(post)
    assert connector.send(post) == connector.find_post(post)
    assert len(bluesky.records) == 1


def test_an_answer_names_the_top_of_the_thread_as_bluesky_knows_it(bluesky, connector):
    post = connector.send(a_post()).external_id
    reply = bluesky.write("resident", "one", under=post)
    below = bluesky.write("other", "two", under=reply)
    sent = connector.send(a_post("Answer", reply_to=below, root="at://did:plc:wrong/app.bsky.feed.post/3k"))
    reference = bluesky._found(sent.external_id)["value"]["reply"]
    assert reference["root"]["uri"] == post
    assert reference["parent"] == {"uri": below, "cid": bluesky._found(below)["cid"]}
    del bluesky.records[tuple(below.removeprefix("at://").split("/"))]
    with pytest.raises(PermanentFault, match="no longer on Bluesky"):
        connector.send(a_post("Answer", reply_to=below))


# Hiding


def test_hiding_at_the_same_moment_as_somebody_else_loses_neither(bluesky, connector):
    post = connector.send(a_post()).external_id
    mine, theirs = (bluesky.write("resident", text, under=post) for text in "ab")
    connector.hide(comment_external_id=mine, root_external_id=post)
    connector.unhide(comment_external_id=mine, root_external_id=post)

    def somebody_else():
        connector.hide(comment_external_id=theirs, root_external_id=post)

    bluesky.before["com.atproto.repo.putRecord"] = somebody_else
    connector.hide(comment_external_id=mine, root_external_id=post)
    assert connector.is_hidden(comment_external_id=mine, root_external_id=post)
    assert connector.is_hidden(comment_external_id=theirs, root_external_id=post)


def test_who_may_reply_is_said_before_the_post_stands_and_hiding_keeps_it(bluesky, connector):
    for asked, allowed in (("nobody", []), ("mentioned", [{"$type": f"{GATE}#mentionRule"}])):
        post = connector.send(a_post(replies=asked)).external_id
        gate = bluesky.records[bluesky.did, GATE, post.rpartition("/")[2]]["value"]
        assert (gate["post"], gate["allow"]) == (post, allowed)
    comment = bluesky.write("resident", "Liar", under=post)
    connector.hide(comment_external_id=comment, root_external_id=post)
    gate = bluesky.records[bluesky.did, GATE, post.rpartition("/")[2]]["value"]
    assert gate["allow"] == allowed
    assert gate["hiddenReplies"] == [comment]
    open_to_all = connector.send(a_post()).external_id
    assert (bluesky.did, GATE, open_to_all.rpartition("/")[2]) not in bluesky.records


def test_the_300th_is_hidden_and_one_more_is_refused_with_what_to_do(bluesky, connector):
    post = connector.send(a_post()).external_id
    rkey = post.rpartition("/")[2]
    hidden = [f"at://did:plc:p{n}/{POST}/3k" for n in range(HIDDEN_AT_MOST - 1)]
    bluesky._store(bluesky.did, GATE, rkey, {"$type": GATE, "post": post, "hiddenReplies": hidden})
    for name in ("last", "onemore"):
        comment = f"at://did:plc:{name}/{POST}/3k"
        if name == "last":
            connector.hide(comment_external_id=comment, root_external_id=post)
            continue
        with pytest.raises(PermanentFault, match="at most 300"):
            connector.hide(comment_external_id=comment, root_external_id=post)
    connector.hide(comment_external_id=hidden[0], root_external_id=post)


def test_only_replies_under_our_own_posts_can_be_hidden(bluesky, connector):
    comment = f"at://did:plc:resident/{POST}/3k"
    for root in ("", comment, "nonsense"):
        for act in (connector.hide, connector.unhide, connector.is_hidden):
            with pytest.raises(PermanentFault):
                act(comment_external_id=comment, root_external_id=root)
    assert not bluesky.records


def test_what_a_stranger_wrote_is_not_deleted(bluesky, connector):
    theirs = bluesky.write("resident", "My own words")
    with pytest.raises(PermanentFault, match="not written by our official account"):
        connector.delete(theirs)
    assert bluesky._standing(theirs)
    with pytest.raises(PermanentFault):
        connector.read_back(theirs)


# People


def test_a_block_is_one_record_that_says_whom_and_goes_again(bluesky, connector):
    connector.block("did:plc:resident")
    connector.block("did:plc:resident")
    ((key, found),) = bluesky.records.items()
    assert (key[1], found["value"]["subject"]) == (BLOCK, "did:plc:resident")
    assert not connector.is_blocked("did:plc:other")
    connector.unblock("did:plc:resident")
    assert not bluesky.records
    assert "public" in connector.cautions[Capability.BLOCK]


def test_a_block_that_was_made_in_the_app_is_seen_and_not_doubled_and_can_be_lifted(bluesky, connector):
    bluesky._store(bluesky.did, BLOCK, "3kapp", {"$type": BLOCK, "subject": "did:plc:resident"})
    assert connector.is_blocked("did:plc:resident")
    connector.block("did:plc:resident")
    assert len(bluesky.records) == 1
    connector.unblock("did:plc:resident")
    assert not connector.is_blocked("did:plc:resident")


def test_somebody_without_a_profile_can_be_blocked_all_the_same(bluesky, connector):
    connector.block("did:plc:gone")
    assert connector.is_blocked("did:plc:gone")
    connector.unblock("did:plc:gone")
    assert not connector.is_blocked("did:plc:gone")


def test_a_mute_leaves_no_record(bluesky, connector):
    connector.mute("did:plc:resident")
    assert connector.is_muted("did:plc:resident")
    assert not bluesky.records
    for act in (connector.mute, connector.block, connector.is_blocked):
        with pytest.raises(PermanentFault, match="not the name"):
            act("resident.test")


# Faults


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (Refusal(400, "InvalidRequest", "grapheme too big (maximum 300)"), PermanentFault, "too long"),
        (Refusal(401, "AuthenticationRequired", "Invalid repo"), PermanentFault, "does not let this"),
        (Refusal(403, "Forbidden"), PermanentFault, "does not let this"),
        (Refusal(401, "AccountTakedown"), PermanentFault, "suspended or closed"),
        (Refusal(413, "PayloadTooLarge"), PermanentFault, "larger than Bluesky takes"),
        (Refusal(400, "InvalidRequest", "odd\x1b[31m thing " + "x" * 999), PermanentFault, r"\(400\): odd"),
        (Refusal(302, "Moved", headers={"Location": "http://evil.invalid/"}), PermanentFault, "another addr"),
        (Refusal(500, "InternalServerError"), OutcomeUnknown, "fault of its own"),
        (Refusal(502, "UpstreamFailure"), OutcomeUnknown, "fault of its own"),
        (Refusal(503, "NotEnoughResources"), OutcomeUnknown, "fault of its own"),
        (Refusal(429, "RateLimitExceeded"), TemporaryFault, "slow down"),
    ],
)
def test_each_refusal_is_told_in_plain_words(bluesky, connector, refusal, kind, words):
    bluesky.refuse_next = {"com.atproto.repo.putRecord": refusal}
    with pytest.raises(kind, match=words) as fault:
        connector.send(a_post())
    assert type(fault.value) is kind
    assert len(fault.value.sentence) < 300
    assert "\x1b" not in fault.value.sentence
    assert bluesky.secret not in fault.value.sentence


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"ratelimit-reset": "in 3000 s"}, 2000, 3000),
        ({"retry-after": "17"}, 17, 17),
        ({}, 60, 60),
        ({"ratelimit-reset": "99999999999999999999"}, 1, 86400),
        ({"ratelimit-reset": "1"}, 1, 1),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(bluesky, connector, headers, least, most):
    if headers.get("ratelimit-reset") == "in 3000 s":
        headers = {"ratelimit-reset": str(int(time.time()) + 3000)}
    bluesky.refuse_next = {"com.atproto.repo.putRecord": Refusal(429, "RateLimitExceeded", headers=headers)}
    with pytest.raises(TemporaryFault) as fault:
        connector.send(a_post())
    assert least <= fault.value.retry_after_s <= most


def test_silence_while_writing_is_an_unknown_outcome_and_while_reading_a_temporary_fault(
    bluesky, connector, monkeypatch
):
    connector.check()
    sessions = session.open_session(Login(bluesky.address, bluesky.handle, bluesky.secret))
    sessions.request._client.timeout = 0.15
    bluesky.before["com.atproto.repo.putRecord"] = lambda: time.sleep(0.5)
    post = a_post()
    with pytest.raises(OutcomeUnknown):
        connector.send(post)
    time.sleep(0.5)
    assert connector.find_post(post), "it had gone out all the same"
    bluesky.before["com.atproto.repo.getRecord"] = lambda: time.sleep(0.5)
    with pytest.raises(TemporaryFault):
        connector.find_post(post)


def test_an_address_that_is_none_is_a_permanent_fault():
    connector = BlueskyConnector(Login("http://bluesky.invalid:port", "a.test", "secret"))
    with pytest.raises(PermanentFault, match="SMMP_BLUESKY_ADDRESS"):
        connector.check()
