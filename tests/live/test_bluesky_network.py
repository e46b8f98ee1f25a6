"""The connector against Bluesky's own server software, with real accounts on a network of this machine.

`make test-bluesky` brings the network up and runs this; plain runs leave it out.
"""

from __future__ import annotations

import os
import secrets
import time
import uuid
from io import BytesIO

import pytest
from atproto import Client, models
from PIL import Image

from platforms.bluesky import mapping, writing
from platforms.bluesky.connector import BlueskyConnector
from platforms.bluesky.faults import fault_of
from platforms.bluesky.session import forget_sessions
from platforms.contract import Login, PermanentFault, Picture, PostToSend, TemporaryFault

pytestmark = pytest.mark.live_bluesky
PATIENCE_S = 40


@pytest.fixture(scope="module")
def address():
    found = os.environ.get("SMMP_LIVE_BLUESKY")
    assert found, "This needs Bluesky's server software: run make test-bluesky."
    return found


class Person:
    """An account made on the network, with the library's own client where the public would use theirs."""

    def __init__(self, address: str, name: str) -> None:
        self.handle = f"{name}-{secrets.token_hex(3)}.test"
        self.secret = secrets.token_urlsafe(16)
        self.client = Client(base_url=address)
        self.client.com.atproto.server.create_account(
            models.ComAtprotoServerCreateAccount.Data(
                handle=self.handle, email=f"{self.handle}@example.invalid", password=self.secret
            )
        )
        self.client.login(self.handle, self.secret, fetch_bsky_profile=False)
        self.did = self.client._session.did
        self.login = Login(base_url=address, handle=self.handle, secret=self.secret)

    def write(self, text: str, *, under: str = "", root: str = ""):
        reply = None
        if under:
            reply = {"parent": self._strong(under), "root": self._strong(root or under)}
        return self.client.send_post(text, profile_identify=self.did, reply_to=reply).uri

    def _strong(self, uri: str):
        found = eventually(
            lambda: next(iter(self.client.app.bsky.feed.get_posts({"uris": [uri]}).posts), None)
        )
        return {"uri": uri, "cid": found.cid}


@pytest.fixture(scope="module")
def force(address):
    return Person(address, "wealdshire")


@pytest.fixture(scope="module")
def resident(address):
    return Person(address, "resident")


@pytest.fixture
def connector(force):
    return BlueskyConnector(force.login)


def eventually(look):
    """The first true answer; the network indexes what was written a little later."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if found := look():
                return found
        except TemporaryFault:
            pass
        time.sleep(0.4)
    raise AssertionError("the network did not show it in time")


def a_post(text="Road closed at Market Street until 18:00.", **more) -> PostToSend:
    return PostToSend(key=str(uuid.uuid4()), text=text, **more)


def polled(connector, position=""):
    """Every message from `position` to the present, and the position after it."""
    messages, more = [], True
    while more:
        page = connector.poll(position)
        messages += page.messages
        position, more = page.position, page.more
    return messages, position


def swept(connector, post, reply):
    """The reply as a sweep of the thread finds it."""
    return eventually(lambda: next((m for m in connector.sweep(post) if m.external_id == reply), None))


def test_the_app_password_is_checked(connector, force):
    connector.check()
    with pytest.raises(PermanentFault, match="does not accept the app password"):
        BlueskyConnector(Login(force.login.base_url, force.handle, "wrong")).check()


def test_a_post_carries_its_link_and_its_image_with_alternative_text(connector, force):
    picture = BytesIO()
    Image.new("RGB", (40, 20), "navy").save(picture, "PNG")
    post = a_post(
        "Café fire 🔥 details: https://example.org/appeal #Wealdshire",
        pictures=[Picture(picture.getvalue(), "image/png", "Map of the closed streets")],
    )
    sent = connector.send(post)
    record = force.client.app.bsky.feed.post.get(force.did, mapping.uri_parts(sent.external_id).rkey).value
    image = record.embed.images[0]
    assert image.alt == "Map of the closed streets"
    assert (image.aspect_ratio.width, image.aspect_ratio.height) == (40, 20)
    link, tag = record.facets
    assert link.features[0].uri == "https://example.org/appeal"
    words = post.text.encode()
    assert words[link.index.byte_start : link.index.byte_end] == b"https://example.org/appeal"
    assert tag.features[0].tag == "Wealdshire"
    shown = eventually(lambda: force.client.app.bsky.feed.get_posts({"uris": [sent.external_id]}).posts)
    assert shown[0].embed.images[0].alt == "Map of the closed streets"


def test_the_same_key_sent_twice_is_one_post(connector, force):
    post = a_post()
    first, second = connector.send(post), connector.send(post)
    assert first == second == connector.find_post(post)
    listed = force.client.com.atproto.repo.list_records(
        {"repo": force.did, "collection": mapping.POST, "limit": 100}
    )
    assert [r.uri for r in listed.records].count(first.external_id) == 1
    assert connector.find_post(a_post()) is None
    other = PostToSend(key=post.key, text="Other words")
    with pytest.raises(PermanentFault, match="other words"):
        connector.send(other)


def test_a_text_of_300_characters_is_taken_and_one_more_is_refused(connector):
    flags = "🇬🇧" * 60
    sent = connector.send(a_post(flags + "é" * 240))
    assert connector.read_back(sent.external_id).text == flags + "é" * 240
    with pytest.raises(PermanentFault, match="301 characters"):
        connector.send(a_post("x" * 301))


def test_bluesky_itself_says_that_a_text_is_too_long(connector, monkeypatch):
    monkeypatch.setattr(connector, "_refuse_unsendable", lambda post: None)
    for text in ("x" * 301, "👩‍👩‍👧‍👦" * 130):
        with pytest.raises(PermanentFault, match="too long for Bluesky"):
            connector.send(a_post(text))


def test_replies_arrive_by_notification_and_by_sweep(connector, resident):
    _, position = polled(connector)
    post = connector.send(a_post()).external_id
    reply = resident.write("Is the footpath open? 🙂", under=post)
    below = resident.write("Asking for my nan.", under=reply, root=post)

    def both():
        messages, _ = polled(connector, position)
        return {reply, below} <= {m.external_id for m in messages} and messages

    found = {}
    for message in swept(connector, post, reply), swept(connector, post, below):
        found[message.external_id] = connector.read(message)
    assert found[reply].text == "Is the footpath open? 🙂"
    assert found[reply].author.external_id == resident.did
    assert found[reply].author.handle == resident.handle
    assert (found[below].parent_external_id, found[below].root_external_id) == (reply, post)
    assert not found[reply].by_us
    assert not found[reply].hidden

    messages = eventually(both)
    assert {connector.read(m) for m in messages if m.external_id == reply} == {found[reply]}
    assert [m for m in messages if m.external_id == reply] == [swept(connector, post, reply)]
    ordered = [m.external_id for m in messages]
    assert ordered.index(reply) < ordered.index(below)
    _, later = polled(connector, position)
    again, _ = polled(connector, later)
    assert {reply, below} <= {m.external_id for m in again}, "an overlap is read again"


def test_a_mention_arrives_by_notification(connector, force, resident):
    _, position = polled(connector)
    text = f"@{force.handle} there is a fight outside"
    mention = {
        "index": {"byteStart": 0, "byteEnd": len(force.handle) + 1},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": force.did}],
    }
    uri = resident.client.send_post(text, profile_identify=resident.did, facets=[mention]).uri
    found = eventually(
        lambda: next((m for m in polled(connector, position)[0] if m.external_id == uri), None)
    )
    comment = connector.read(found)
    assert (comment.text, comment.parent_external_id, comment.root_external_id) == (text, "", "")
    with pytest.raises(PermanentFault, match="only replies under our own posts"):
        connector.hide(comment_external_id=uri, root_external_id="")


def test_our_answer_hangs_under_the_comment(connector, resident):
    post = connector.send(a_post()).external_id
    comment = resident.write("When does it open again?", under=post)
    swept(connector, post, comment)
    answer = a_post("At 18:00.", reply_to=comment, root=post)
    sent = eventually(lambda: connector.send(answer))
    mine = connector.read(swept(connector, post, sent.external_id))
    assert (mine.parent_external_id, mine.root_external_id, mine.by_us) == (comment, post, True)
    assert connector.send(answer) == sent
    assert connector.read_back(sent.external_id).text == "At 18:00."


def test_answering_a_comment_that_is_gone_is_refused(connector, resident):
    post = connector.send(a_post()).external_id
    comment = resident.write("Gone in a moment", under=post)
    swept(connector, post, comment)
    resident.client.delete_post(comment)

    def refused():
        try:
            connector.send(a_post("Hello?", reply_to=comment, root=post))
        except PermanentFault as fault:
            return "no longer on Bluesky" in fault.sentence

    assert eventually(refused)


def test_a_reply_is_hidden_and_shown_again_and_others_stay_hidden(connector, force, resident):
    post = connector.send(a_post()).external_id
    abuse, rude = (resident.write(words, under=post) for words in ("abuse", "rude"))
    swept(connector, post, abuse)
    swept(connector, post, rude)
    for _ in range(2):
        connector.hide(comment_external_id=abuse, root_external_id=post)
    connector.hide(comment_external_id=rude, root_external_id=post)
    assert connector.is_hidden(comment_external_id=abuse, root_external_id=post)
    assert connector.read(swept(connector, post, abuse)).hidden

    def hidden_for_the_public():
        gate = resident.client.get_post_thread(post).threadgate
        return set(gate.record.hidden_replies or ()) if gate else set()

    assert eventually(lambda: hidden_for_the_public() == {abuse, rude})

    for _ in range(2):
        connector.unhide(comment_external_id=abuse, root_external_id=post)
    assert not connector.is_hidden(comment_external_id=abuse, root_external_id=post)
    assert connector.is_hidden(comment_external_id=rude, root_external_id=post)
    assert not connector.read(swept(connector, post, abuse)).hidden


def test_a_rule_about_who_may_reply_survives_hiding(connector, force, resident):
    post = connector.send(a_post()).external_id
    rude = resident.write("rude", under=post)
    rkey = mapping.uri_parts(post).rkey
    gate = {
        "$type": "app.bsky.feed.threadgate",
        "post": post,
        "allow": [{"$type": "app.bsky.feed.threadgate#mentionRule"}],
        "createdAt": force.client.get_current_time_iso(),
    }
    where = {"repo": force.did, "collection": "app.bsky.feed.threadgate", "rkey": rkey}
    force.client.com.atproto.repo.create_record({**where, "record": gate})
    connector.hide(comment_external_id=rude, root_external_id=post)
    value = force.client.com.atproto.repo.get_record(where).value
    assert value.hidden_replies == [rude]
    assert len(value.allow) == 1


def test_our_post_is_deleted_and_deleting_twice_is_no_fault(connector):
    post = a_post()
    sent = connector.send(post).external_id
    assert connector.read_back(sent).text == post.text
    connector.delete(sent)
    connector.delete(sent)
    assert connector.read_back(sent) is None
    assert connector.find_post(post) is None
    assert eventually(lambda: connector.sweep(sent) == ())


def test_what_a_stranger_wrote_cannot_be_deleted(connector, force, resident):
    theirs = resident.write("My own words")
    with pytest.raises(PermanentFault, match="not written by our official account"):
        connector.delete(theirs)
    # Bluesky itself says 401, and that must not read as a bad token.
    with pytest.raises(Exception, match="401") as refusal:
        force.client.com.atproto.repo.delete_record(
            {"repo": resident.did, "collection": mapping.POST, "rkey": mapping.uri_parts(theirs).rkey}
        )
    fault = fault_of(refusal.value, changing=True)
    assert isinstance(fault, PermanentFault)
    assert "does not let this official account do that" in fault.sentence


def test_sessions_are_shared_and_renewed(connector, force):
    sessions = []
    for _ in range(3):
        connector.check()
        sessions.append(connector._us())
    assert set(sessions) == {force.did}
    forget_sessions()
    connector.check()
    writing_session = BlueskyConnector(force.login)
    before = writing_session.send(a_post()).external_id
    assert writing.graphemes(writing_session.read_back(before).text) > 0


def test_a_person_is_blocked_and_muted_and_let_back(connector, resident):
    assert not connector.is_blocked(resident.did)
    for _ in range(2):
        connector.block(resident.did)
        assert connector.is_blocked(resident.did)
    for _ in range(2):
        connector.unblock(resident.did)
    eventually(lambda: not connector.is_blocked(resident.did))
    connector.mute(resident.did)
    eventually(lambda: connector.is_muted(resident.did))
    connector.unmute(resident.did)
    eventually(lambda: not connector.is_muted(resident.did))
