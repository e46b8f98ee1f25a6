"""The connector over real HTTP against a small server that answers as Mastodon does."""

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
    Capability,
    Login,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    TemporaryFault,
    Video,
)
from platforms.mastodon import connector as module
from platforms.mastodon import oauth
from platforms.mastodon.connector import MastodonConnector
from tests.mastodon.conftest import HANDLE
from tests.mastodon.server import Refusal
from tests.platforms.between import Between
from tests.platforms.contract import small_picture

POST = "POST /api/v1/statuses"


def a_post(text="Road closed.", **more):
    return PostToSend(key=str(uuid.uuid4()), text=text, **more)


def walk(connector, position=""):
    """Everything from `position` to the present, and the position after it."""
    found = []
    while True:
        page = connector.poll(position)
        found += page.messages
        position = page.position
        if not page.more:
            return found, position


def texts(messages, connector):
    return [connector.read(message).text for message in messages]


# Who we are


def test_checking_tells_the_limits_and_the_filters_of_this_very_server(mastodon, connector):
    mastodon.max_characters = 5000
    identity = connector.check()
    assert (identity.external_id, identity.handle) == ("1", "wealdshire@mastodon.example")
    assert identity.limits.post_length == 5000
    assert identity.limits.reply_length < 5000
    assert identity.limits.video_bytes == 103809024
    assert identity.settings["notifications from private_mentions"] == "accept"
    assert connector.limits.post_length == 500, "what a server allows that nobody has changed"


def test_an_old_server_is_asked_in_the_old_way(mastodon, connector):
    mastodon.version_2 = False
    mastodon.max_characters = 640
    mastodon.refuse_next = {"GET /api/v2/notifications/policy": Refusal(404, "Record not found")}
    identity = connector.check()
    assert identity.limits.post_length == 640
    assert identity.settings == {}


def test_a_token_of_another_account_is_refused(mastodon):
    connector = MastodonConnector(Login(mastodon.address, "@otherforce@mastodon.example", mastodon.secret))
    with pytest.raises(PermanentFault, match="belongs to @wealdshire"):
        connector.check()


def test_a_longer_post_goes_out_where_the_server_takes_it(mastodon, connector):
    mastodon.max_characters = 1000
    assert connector.send(a_post("x" * 900)).external_id
    with pytest.raises(PermanentFault, match="Text character limit of 1000 exceeded"):
        connector.send(a_post("x" * 1001))


def test_usage_is_what_the_headers_say(connector):
    assert connector.usage() == ()
    connector.check()
    (usage,) = connector.usage()
    assert (usage.limit, usage.remaining, usage.endpoint) == (300, 240, "account")
    assert usage.share_used == pytest.approx(0.2)
    assert timedelta() < usage.resets_at - clock.now() <= timedelta(minutes=5)


# Listening


def test_two_hundred_mentions_are_walked_from_the_oldest_without_a_gap(mastodon, connector):
    post = connector.send(a_post()).external_id
    written = [mastodon.write("resident", f"@wealdshire {n}", under=post) for n in range(230)]
    page = connector.poll("")
    assert page.more
    assert page.messages[0].external_id == written[0]
    found, position = walk(connector)
    assert [message.external_id for message in found] == written
    assert walk(connector, position) == ([], position)
    assert Counter(mastodon.calls)[f"GET /api/v1/statuses/{written[0]}/context"] == 1
    assert sum("context" in call for call in mastodon.calls) <= 2, (
        "one question for each post, not each reply"
    )


def test_a_reply_to_a_reply_knows_the_top_of_its_thread(mastodon, connector):
    post = connector.send(a_post()).external_id
    first = mastodon.write("resident", "@wealdshire one", under=post)
    unseen = mastodon.write("other", "not to the force", under=first)
    mastodon.write("resident", "@wealdshire two", under=unseen)
    comment = connector.read(walk(connector)[0][-1])
    assert (comment.parent_external_id, comment.root_external_id) == (unseen, post)


def test_what_the_accounts_own_filter_set_aside_is_heard_all_the_same(mastodon, connector):
    mastodon.write("newcomer", "@wealdshire help")
    mastodon.notifications[-1]["filtered"] = True
    assert texts(walk(connector)[0], connector) == ["@wealdshire help"]


def test_private_messages_are_heard_even_where_their_notifications_are_dropped(mastodon, connector):
    mastodon.drops_private_mentions = True
    first = mastodon.write("resident", "@wealdshire I saw it", visibility="direct")
    mastodon.write("resident", "@wealdshire and who did it", visibility="direct", under=first)
    found, position = walk(connector)
    comments = [connector.read(message) for message in found]
    assert [comment.text for comment in comments] == ["@wealdshire I saw it", "@wealdshire and who did it"]
    assert all(comment.private for comment in comments)
    assert comments[1].root_external_id == first
    later = mastodon.write("resident", "@wealdshire hello?", visibility="direct", under=first)
    assert [message.external_id for message in walk(connector, position)[0]] == [later]


def test_one_message_that_comes_by_two_ways_is_the_same_message(mastodon, connector):
    first = mastodon.write("resident", "@wealdshire psst", visibility="direct")
    found, _ = walk(connector)
    assert [message.external_id for message in found] == [first]
    post = connector.send(a_post()).external_id
    mastodon.write("resident", "@wealdshire one", under=post)
    polled, _ = walk(connector)
    assert polled[-1] == connector.sweep(post)[0]


def test_a_quote_is_marked_with_what_it_quotes(mastodon, connector):
    post = connector.send(a_post()).external_id
    mastodon.quote("resident", "What nonsense", post)
    comment = connector.read(walk(connector)[0][0])
    assert (comment.text, comment.quotes) == ("What nonsense", post)


def test_an_edit_is_seen_by_the_sweep(mastodon, connector):
    post = connector.send(a_post()).external_id
    reply = mastodon.write("resident", "@wealdshire Mill Lane", under=post)
    before = connector.sweep(post)
    mastodon.edit(reply, "@wealdshire Mill Road, sorry")
    after = connector.sweep(post)
    assert before != after
    comment = connector.read(after[0])
    assert comment.text == "@wealdshire Mill Road, sorry"
    assert comment.edited_at is not None


def test_counts_that_change_are_no_change_of_the_message(mastodon, connector):
    post = connector.send(a_post()).external_id
    reply = mastodon.write("resident", "@wealdshire hm", under=post)
    before = connector.sweep(post)
    mastodon.statuses[int(reply)] |= {"favourites_count": 99, "favourited": True}
    assert connector.sweep(post) == before


def test_nothing_is_swept_under_a_post_that_is_gone(mastodon, connector):
    post = connector.send(a_post()).external_id
    connector.delete(post)
    assert connector.sweep(post) == ()
    assert connector.read_back(post) is None


def test_one_broken_notification_stops_no_other(mastodon, connector):
    mastodon.write("resident", "@wealdshire one")
    mastodon.notifications[-1]["status"] = {"id": "7", "content": None}
    mastodon.write("resident", "@wealdshire two")
    found, _ = walk(connector)
    assert len(found) == 2
    with pytest.raises(ValueError):
        connector.read(found[0])
    assert connector.read(found[1]).text == "@wealdshire two"


# Writing


def test_the_same_key_makes_one_post_and_the_server_was_told_it(mastodon, connector):
    post = a_post()
    assert connector.send(post) == connector.send(post)
    assert len(mastodon.statuses) == 1
    assert list(mastodon.keys) == [post.key]


def test_after_the_server_forgot_the_key_the_account_is_read_before_anything_is_sent(mastodon, connector):
    began = clock.now()
    post = a_post()
    sent = connector.send(post)
    mastodon.keys.clear()
    mastodon.statuses[int(sent.external_id)]["created_at"] = began.isoformat()
    late = PostToSend(key=post.key, text=post.text, not_before=began - timedelta(hours=1))
    assert connector.send(late) == sent
    assert len(mastodon.statuses) == 1


def test_a_reply_names_the_person_once_and_reaches_no_more_people(mastodon, connector):
    reply = mastodon.write("resident@far.example", "@wealdshire quietly", visibility="unlisted")
    sent = connector.send(a_post("Thank you.", reply_to=reply, root=reply))
    standing = mastodon.statuses[int(sent.external_id)]
    assert mastodon.source[int(sent.external_id)] == "@resident@far.example Thank you."
    assert (standing["visibility"], standing["in_reply_to_id"]) == ("unlisted", reply)
    named = connector.send(a_post("@resident@far.example Thank you again.", reply_to=reply, root=reply))
    assert mastodon.source[int(named.external_id)] == "@resident@far.example Thank you again."


def test_what_goes_on_with_our_own_post_names_nobody_and_is_found_again(mastodon, connector):
    first = connector.send(a_post("The bridge is open. 1/2"))
    following = a_post("2/2 Thank you.", reply_to=first.external_id)
    sent = connector.send(following)
    assert connector.read_back(sent.external_id).text == "2/2 Thank you."
    assert connector.find_post(following) == sent


def test_a_reply_with_the_persons_name_before_it_is_found_again(mastodon, connector):
    reply = mastodon.write("resident@far.example", "@wealdshire where?")
    post = a_post(
        "At https://wealdshire.example/a?b=c and then\n\nask @desk@wealdshire.example", reply_to=reply
    )
    sent = connector.send(post)
    assert connector.find_post(post) == sent
    assert connector.find_post(a_post("At", reply_to=reply)) is None
    assert connector.find_post(a_post(post.text)) is None, "the same words, but not as an answer"


def test_a_private_answer_is_seen_by_that_person_alone_and_a_public_one_is_refused(mastodon, connector):
    private = mastodon.write("resident@far.example", "@wealdshire psst", visibility="direct")
    with pytest.raises(PermanentFault, match="Answer it privately"):
        connector.send(a_post("We heard you.", reply_to=private))
    author = mastodon.statuses[int(private)]["account"]["id"]
    post = a_post("We heard you.", reply_to=private, private_to=author)
    sent = connector.send(post)
    assert mastodon.statuses[int(sent.external_id)]["visibility"] == "direct"
    assert connector.find_post(post) == sent
    # A public mention of the same words is another post.
    assert connector.find_post(a_post("We heard you.", reply_to=private)) is None


def test_an_answer_to_what_is_gone_is_refused(mastodon, connector):
    for missing in ("999", "not an id", "../../admin"):
        with pytest.raises(PermanentFault):
            connector.send(a_post("Hello?", reply_to=missing))
    with pytest.raises(PermanentFault, match="no longer on Mastodon"):
        connector.send(a_post("Hello?", private_to="999"))
    assert not mastodon.statuses


def test_pictures_and_a_video_wait_until_the_server_has_read_them(mastodon, connector):
    mastodon.still_at_work = 3
    sent = connector.send(a_post(pictures=[Picture(small_picture(), "image/jpeg", "A blue square")]))
    (media,) = mastodon.statuses[int(sent.external_id)]["media_attachments"]
    assert (media["description"], media["type"]) == ("A blue square", "image")
    sent = connector.send(a_post(video=Video(b"\x00\x00\x00\x18ftypmp42", "video/mp4", "An appeal")))
    (media,) = mastodon.statuses[int(sent.external_id)]["media_attachments"]
    assert (media["description"], media["type"]) == ("An appeal", "video")


def test_a_file_that_is_never_ready_leaves_no_post(mastodon, connector, monkeypatch):
    monkeypatch.setattr(module, "MEDIA_READY_WITHIN_S", -1.0)
    mastodon.still_at_work = 9
    with pytest.raises(TemporaryFault, match="still at work"):
        connector.send(a_post(pictures=[Picture(small_picture(), "image/jpeg", "A blue square")]))
    assert not mastodon.statuses


def test_a_file_that_is_refused_is_a_permanent_fault_with_the_servers_words(mastodon, connector):
    words = "Validation failed: File content type is invalid, File is invalid"
    mastodon.refuse_next = {"POST /api/v2/media": Refusal(422, words)}
    with pytest.raises(PermanentFault, match="File content type is invalid"):
        connector.send(a_post(pictures=[Picture(b"x", "image/jpeg", "")]))
    mastodon.refuse_next = {
        "POST /api/v2/media": Refusal(500, "Error processing thumbnail for uploaded media")
    }
    with pytest.raises(TemporaryFault):
        connector.send(a_post(pictures=[Picture(small_picture(), "image/jpeg", "")]))


def test_an_edit_keeps_the_pictures_and_the_name_before_it(mastodon, connector):
    reply = mastodon.write("resident", "@wealdshire when?")
    sent = connector.send(
        a_post("At ten.", reply_to=reply, pictures=[Picture(small_picture(), "image/jpeg", "The hall")])
    )
    connector.edit(sent.external_id, "At eleven.")
    assert mastodon.source[int(sent.external_id)] == "@resident At eleven."
    assert len(mastodon.statuses[int(sent.external_id)]["media_attachments"]) == 1


def test_what_a_stranger_wrote_is_neither_changed_nor_deleted(mastodon, connector):
    theirs = mastodon.write("resident", "My own words")
    for act in (connector.delete, connector.read_back, lambda one: connector.edit(one, "Ours")):
        with pytest.raises(PermanentFault, match="not written by our official account"):
            act(theirs)
    assert int(theirs) in mastodon.statuses


# Faults


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (Refusal(401, "The access token is invalid"), PermanentFault, "Connect the official account again"),
        (Refusal(403, "This action is not allowed"), PermanentFault, "does not let this"),
        (Refusal(422, "Validation failed: odd"), PermanentFault, r"\(422\): Validation failed: odd"),
        (Refusal(302, "", {"Location": "http://evil.invalid/"}), PermanentFault, "another address"),
        (Refusal(500, "Oops"), OutcomeUnknown, "fault of its own"),
        (Refusal(503, "Down for maintenance"), OutcomeUnknown, "fault of its own"),
        (Refusal(429, "Too many requests"), TemporaryFault, "slow down"),
    ],
)
def test_each_refusal_is_told_in_plain_words(mastodon, connector, refusal, kind, words):
    mastodon.refuse_next = {POST: refusal}
    with pytest.raises(kind, match=words) as fault:
        connector.send(a_post())
    assert type(fault.value) is kind
    assert mastodon.secret not in fault.value.sentence + fault.value.raw


def test_the_iso_reset_says_how_long_to_wait(mastodon, connector):
    mastodon.refuse_next = {POST: Refusal(429, "Too many requests")}
    with pytest.raises(TemporaryFault) as fault:
        connector.send(a_post())
    assert 180 < fault.value.retry_after_s <= 240


def test_a_huge_answer_is_not_read_to_its_end(mastodon, connector, monkeypatch):
    monkeypatch.setattr("platforms.mastodon.session.ANSWER_BYTES", 100)
    with pytest.raises(TemporaryFault):
        connector.check()
    with pytest.raises(OutcomeUnknown):
        connector.send(a_post())


@pytest.mark.parametrize("answer", [["odd"], {"id": 7}, {}, "words", None])
def test_an_answer_of_another_shape_is_no_success(mastodon, connector_at, answer):
    with Between(mastodon.address) as between:
        between.mode, between.payload = "answer", answer
        with pytest.raises(OutcomeUnknown):
            connector_at(between.address).send(a_post())
        with pytest.raises(TemporaryFault):
            connector_at(between.address).check()


def test_an_address_that_is_none_is_a_permanent_fault():
    connector = MastodonConnector(Login("http://bad.invalid:port", HANDLE, "secret"))
    with pytest.raises((PermanentFault, TemporaryFault)) as fault:
        connector.check()
    assert "secret" not in fault.value.sentence


# Connecting


def test_a_server_is_told_of_the_force_and_gives_a_token_for_the_code(mastodon):
    redirect = "https://smmp.example/connect/back"
    app = oauth.register(base_url=mastodon.address, redirect=redirect, client_name="Wealdshire Police")
    assert app["client_id"] == "client-9"
    challenge = urlsafe_b64encode(hashlib.sha256(b"the-verifier").digest()).decode().rstrip("=")
    address = urlsplit(oauth.authorise_url(app=app, redirect=redirect, state="abc", challenge=challenge))
    asked = {key: value[0] for key, value in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{mastodon.address}/oauth/authorize"
    assert (asked["state"], asked["code_challenge"], asked["code_challenge_method"]) == (
        "abc",
        challenge,
        "S256",
    )
    assert asked["redirect_uri"] == redirect
    given = {"base_url": mastodon.address, "app": app, "redirect": redirect}
    token = oauth.exchange(**given, code="good-code", verifier="the-verifier")
    assert (token.secret, token.expires_at) == (mastodon.secret, None)
    assert "write:statuses" in token.scopes
    with pytest.raises(PermanentFault):
        oauth.exchange(**given, code="good-code", verifier="another")
    with pytest.raises(PermanentFault, match="not registered"):
        oauth.authorise_url(app={}, redirect=redirect, state="abc", challenge=challenge)


def test_every_scope_that_an_ability_needs_is_asked_for():
    needed = {scope for scopes in MastodonConnector.scopes.values() for scope in scopes.split()}
    assert needed <= set(oauth.SCOPES)
    assert set(MastodonConnector.scopes) <= MastodonConnector.capabilities
    assert Capability.HIDE not in MastodonConnector.capabilities
