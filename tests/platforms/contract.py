"""What every connector must do, told once and run against each of them over real HTTP.

A connector's own test module makes a subclass and gives it the fixtures named below. Whatever a
connector says it cannot do (`capabilities`) is checked for a reason in `why_not` instead.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

import pytest
from PIL import Image

from platforms.contract import (
    Capability,
    Connector,
    IncomingComment,
    Lacking,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    RawMessage,
    Sent,
    TemporaryFault,
)
from tests.platforms.between import Between

ACTS = {
    Capability.EDIT: ["edit"],
    Capability.HIDE: ["hide", "is_hidden"],
    Capability.UNHIDE: ["unhide"],
    Capability.DELETE_OWN: ["delete"],
    Capability.DELETE_OTHERS: ["delete_comment", "is_there"],
    Capability.BLOCK: ["block", "unblock", "is_blocked"],
    Capability.MUTE: ["mute", "unmute", "is_muted"],
    Capability.SEARCH_ACCOUNTS: ["search_accounts"],
    Capability.METRICS: ["followers", "numbers"],
}
"""What a connector must answer itself for a capability that it claims."""


class PublicVoice(Protocol):
    """A member of the public on the network under test."""

    def reply(self, under: Sent, text: str) -> str:
        """Write under one of our posts. Returns the external id."""

    def write_privately(self, text: str) -> str:
        """Write to the official account privately. Returns the external id."""

    def pretend(self, handle: str, name: str) -> str:
        """Open an account with this name. Returns its external id. Only on networks that can be searched."""

    def edit(self, external_id: str, text: str) -> None:
        """Change their own words."""

    def delete(self, external_id: str) -> None:
        """Delete their own message."""

    def sees(self, external_id: str, *, under: Sent) -> bool:
        """Whether anybody sees the message under our post."""


def key() -> str:
    """A fresh key, as the outbox makes one per intent."""
    return uuid4().hex


def small_picture() -> bytes:
    """A JPEG of a few hundred bytes."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16), (20, 60, 120)).save(out, "JPEG")
    return out.getvalue()


class ConnectorContract:
    """Subclass it and provide these fixtures:

    network: the base address of the network under test.
    connector_at: given a base address, a connector with the right credential.
    connector_with_wrong_secret: a connector with a credential that the network does not know.
    public_voice: a PublicVoice.
    """

    patience_s = 0.0
    """How long a network may take until what was written can be read."""
    can_edit = True
    """Whether the public can change their words on this network."""
    addressed = ""
    """What a reply begins with on this network, by which its author says whom it is for."""
    tells_what_is_hidden = True
    """Whether the network says to a program that a reply is hidden. Where it does not, the connector must say so."""
    sends_on = ""
    """Part of the path of the request that publishes, where other requests must get through."""

    def a_post(self, text: str, **more) -> PostToSend:
        """A post of its own with these words; a platform that takes no words alone adds what it needs."""
        return PostToSend(key=key(), text=text, **more)

    @pytest.fixture
    def between(self, network: str) -> Iterator[Between]:
        with Between(network) as between:
            yield between

    @pytest.fixture
    def connector(self, network: str, connector_at: Callable[[str], Connector]) -> Connector:
        return connector_at(network)

    def eventually(self, look: Callable[[], object], what: str):
        """What `look` finds, once it finds something, within the network's patience."""
        until = time.monotonic() + self.patience_s
        while True:
            if found := look():
                return found
            if time.monotonic() >= until:
                raise AssertionError(f"{what} was not seen within {self.patience_s} s")
            time.sleep(0.2)

    def all_polled(self, connector: Connector, position: str = "") -> tuple[dict[str, IncomingComment], str]:
        """Everything after a position, the last word on each message, and the position after it."""
        found: dict[str, IncomingComment] = {}
        for _ in range(1000):
            page = connector.poll(position)
            for message in page.messages:
                comment = connector.read(message)
                if comment is not None:
                    found[comment.external_id] = comment
            position = page.position
            if not page.more:
                return found, position
        raise AssertionError("polling never came to an end")

    def polled(
        self, connector: Connector, external_id: str, position: str = "", **expected
    ) -> IncomingComment:
        def look():
            comment = self.all_polled(connector, position)[0].get(external_id)
            if comment and all(getattr(comment, name) == value for name, value in expected.items()):
                return comment
            return None

        return self.eventually(look, f"{external_id} with {expected}")

    # Who we are

    def test_what_it_lacks_it_explains(self, connector):
        lacking = frozenset(Capability) - connector.capabilities
        assert all(connector.why_not.get(capability, "").endswith(".") for capability in lacking)

    def test_what_it_cautions_about_it_can_do(self, connector):
        assert connector.cautions.keys() <= connector.capabilities
        assert all(sentence.endswith(".") for sentence in connector.cautions.values())

    def test_a_good_credential_says_whose_it_is(self, connector):
        identity = connector.check()
        assert identity.external_id
        assert identity.handle

    def test_what_it_says_it_can_do_it_does_itself(self, connector):
        for capability, names in ACTS.items():
            own = [getattr(type(connector), name) is not getattr(Lacking, name) for name in names]
            assert all(own) if capability in connector.capabilities else not any(own), capability

    def test_accounts_of_others_are_found_by_their_words(self, connector, public_voice):
        if Capability.SEARCH_ACCOUNTS not in connector.capabilities:
            with pytest.raises(PermanentFault) as fault:
                connector.search_accounts("Wealdshire Police")
            assert fault.value.sentence == connector.why_not[Capability.SEARCH_ACCOUNTS]
            return
        external_id = public_voice.pretend("wealdshirep0lice", "Wealdshire Police Help")

        def look():
            found = {one.external_id: one for one in connector.search_accounts("Wealdshire Police")}
            return found.get(external_id)

        one = self.eventually(look, "the account")
        assert one.name == "Wealdshire Police Help"
        assert "wealdshirep0lice" in one.handle
        assert one.url.startswith("https://")
        assert connector.search_accounts("nobody at all of that name") == []

    def test_what_it_lacks_it_refuses_in_its_own_words(self, connector):
        lacking = {
            Capability.BLOCK: "block",
            Capability.MUTE: "mute",
            Capability.DELETE_OTHERS: "delete_comment",
        }
        for capability, name in lacking.items():
            if capability not in connector.capabilities:
                with pytest.raises(PermanentFault) as fault:
                    getattr(connector, name)("somebody")
                assert fault.value.sentence == connector.why_not[capability]

    def test_a_wrong_credential_is_refused_for_good(self, connector_with_wrong_secret):
        with pytest.raises(PermanentFault):
            connector_with_wrong_secret.check()

    # Publishing

    def test_a_post_stands_and_can_be_read_back(self, connector):
        sent = connector.send(self.a_post("Cutler’s Cross is open again. 🙏"))
        back = self.eventually(lambda: connector.read_back(sent.external_id), "our post")
        assert back.text == "Cutler’s Cross is open again. 🙏"
        assert back.posted_at.tzinfo is not None

    def test_our_newest_posts_are_listed_whoever_made_them(self, connector):
        first = connector.send(self.a_post("The first of two."))
        second = connector.send(self.a_post("The second of two."))

        def both():
            listed = [post.external_id for post in connector.own_posts()]
            return listed[:2] == [second.external_id, first.external_id]

        self.eventually(both, "our two posts, the newest first")

    def test_what_came_of_a_post_is_told(self, connector):
        if Capability.METRICS not in connector.capabilities:
            assert connector.why_not[Capability.METRICS]
            return
        sent = connector.send(self.a_post("How many will see this?"))
        followers = connector.followers()
        assert followers is None or followers >= 0
        told = self.eventually(lambda: connector.numbers([sent.external_id]), "what came of our post")
        assert [one.external_id for one in told] == [sent.external_id]

    def test_the_same_key_never_makes_a_second_post(self, connector):
        if Capability.CHOSEN_KEY not in connector.capabilities:
            pytest.skip("this platform takes no key of ours")
        post = self.a_post("Once is enough.")
        assert connector.send(post).external_id == connector.send(post).external_id

    def test_a_post_that_was_sent_is_found_and_one_that_was_not_is_not(self, connector):
        post = self.a_post(f"Where are you, number {key()}?")
        assert connector.find_post(post) is None
        sent = connector.send(post)
        assert self.eventually(lambda: connector.find_post(post), "our post").external_id == sent.external_id

    def test_a_post_that_is_known_as_another_of_ours_is_not_taken_for_this_one(self, connector):
        if Capability.CHOSEN_KEY in connector.capabilities:
            pytest.skip("this platform knows a post by a key of ours, not by its words")
        post = self.a_post(f"The same words again, number {key()}.")
        sent = connector.send(post)
        self.eventually(lambda: connector.find_post(post), "our post")
        assert connector.find_post(replace(post, not_these=frozenset({sent.external_id}))) is None

    def test_a_picture_goes_out_with_its_alternative_text(self, connector):
        if Capability.PUBLISH_IMAGES not in connector.capabilities:
            pytest.skip("this platform takes no pictures")
        picture = Picture(small_picture(), "image/jpeg", "A blue square")
        sent = connector.send(self.a_post("See the picture", pictures=[picture]))
        assert self.eventually(lambda: connector.read_back(sent.external_id), "our post")

    def test_words_that_are_too_long_are_refused_for_good(self, connector):
        with pytest.raises(PermanentFault):
            connector.send(self.a_post("x" * (connector.limits.post_length + 1)))

    def test_the_longest_words_that_it_allows_go_out(self, connector):
        narrow = 0 < connector.limits.text_bytes < 2 * connector.limits.post_length
        text = ("x" if narrow else "é") * connector.limits.post_length
        assert connector.length(text) == connector.limits.post_length
        assert connector.send(self.a_post(text)).external_id

    def test_deleting_our_post_twice_is_no_fault(self, connector):
        sent = connector.send(self.a_post("This was a mistake."))
        connector.delete(sent.external_id)
        connector.delete(sent.external_id)
        self.eventually(lambda: connector.read_back(sent.external_id) is None, "the deletion")

    # Listening

    def test_a_reply_is_polled_with_its_author_and_its_place(self, connector, public_voice):
        sent = connector.send(self.a_post("The road is closed."))
        reply = public_voice.reply(sent, "For how long? 🚗")
        comment = self.polled(connector, reply)
        assert comment.text == f"{self.addressed}For how long? 🚗"
        assert comment.author.handle
        assert comment.author.external_id
        assert (comment.root_external_id, comment.parent_external_id) == (sent.external_id, sent.external_id)
        assert not comment.private
        assert not comment.by_us
        assert not comment.deleted

    def test_polling_goes_on_from_its_position_and_misses_nothing(self, connector, public_voice):
        sent = connector.send(self.a_post("Ask us anything."))
        first = public_voice.reply(sent, "Number one")
        self.polled(connector, first)
        _, position = self.all_polled(connector)
        second = public_voice.reply(sent, "Number two")
        assert self.polled(connector, second, position).text == f"{self.addressed}Number two"
        found, _ = self.all_polled(connector)
        assert {first, second} <= found.keys()

    def test_a_sweep_finds_every_reply_that_stands(self, connector, public_voice):
        sent = connector.send(self.a_post("Ask us anything."))
        replies = {public_voice.reply(sent, f"Question {number}") for number in "abc"}

        def swept():
            found = {message.external_id for message in connector.sweep(sent.external_id)}
            return replies <= found

        self.eventually(swept, "every reply")

    def test_our_own_answer_is_marked_as_ours(self, connector, public_voice):
        sent = connector.send(self.a_post("The fair is on Saturday."))
        reply = public_voice.reply(sent, "What time?")
        answer = connector.send(
            PostToSend(key=key(), text="From ten.", reply_to=reply, root=sent.external_id)
        )

        def ours():
            for message in connector.sweep(sent.external_id):
                comment = connector.read(message)
                if comment and comment.external_id == answer.external_id:
                    return comment
            return None

        comment = self.eventually(ours, "our answer")
        assert comment.by_us
        assert comment.parent_external_id == reply

    def test_an_edit_is_seen(self, connector, public_voice):
        if not self.can_edit:
            pytest.skip("the public cannot edit on this platform")
        sent = connector.send(self.a_post("Which street?"))
        reply = public_voice.reply(sent, "Mill Lane")
        _, position = self.all_polled(connector)
        public_voice.edit(reply, "Mill Road, sorry")
        comment = self.polled(connector, reply, position, text="Mill Road, sorry")
        assert comment.edited_at is not None

    def test_a_deletion_is_seen(self, connector, public_voice):
        sent = connector.send(self.a_post("Any witnesses?"))
        reply = public_voice.reply(sent, "I saw it all")
        self.polled(connector, reply)
        _, position = self.all_polled(connector)
        public_voice.delete(reply)

        def gone():
            told = self.all_polled(connector, position)[0].get(reply)
            swept = {message.external_id for message in connector.sweep(sent.external_id)}
            return (told is not None and told.deleted) or reply not in swept

        self.eventually(gone, "the deletion")

    def test_what_is_gone_is_told_from_what_stands(self, connector, public_voice):
        sent = connector.send(self.a_post("Who was there?"))
        gone, stands = public_voice.reply(sent, "I was"), public_voice.reply(sent, "So was I")
        self.polled(connector, stands)
        public_voice.delete(gone)

        def told():
            return connector.gone([gone, stands])

        assert self.eventually(told, "the deletion").keys() == {gone}

    def test_a_private_message_is_polled_and_answered_privately(self, connector, public_voice):
        if Capability.PRIVATE_MESSAGES not in connector.capabilities:
            pytest.skip("this platform gives us no private messages")
        private = public_voice.write_privately("Please do not put my name on this.")
        comment = self.polled(connector, private)
        assert comment.private
        sent = connector.send(
            PostToSend(
                key=key(),
                text="Thank you. This stays between us.",
                reply_to=private,
                private_to=comment.author.external_id,
            )
        )
        assert sent.external_id

    # Hiding

    def test_hiding_takes_a_reply_from_public_view_and_twice_is_no_fault(self, connector, public_voice):
        if Capability.HIDE not in connector.capabilities:
            pytest.skip("this platform hides nothing")
        sent = connector.send(self.a_post("Thank you to everyone."))
        reply = public_voice.reply(sent, "You are all useless")
        where = {"comment_external_id": reply, "root_external_id": sent.external_id}
        self.polled(connector, reply)
        assert public_voice.sees(reply, under=sent)
        if self.tells_what_is_hidden:
            assert not connector.is_hidden(**where)
        else:
            with pytest.raises(PermanentFault) as fault:
                connector.is_hidden(**where)
            assert fault.value.link
        connector.hide(**where)
        connector.hide(**where)
        if self.tells_what_is_hidden:
            self.eventually(lambda: connector.is_hidden(**where), "the hiding")
        self.eventually(lambda: not public_voice.sees(reply, under=sent), "the reply's absence")
        connector.unhide(**where)
        connector.unhide(**where)
        if self.tells_what_is_hidden:
            self.eventually(lambda: not connector.is_hidden(**where), "the showing")
        self.eventually(lambda: public_voice.sees(reply, under=sent), "the reply")

    # Others' words and people

    def test_a_comment_of_somebody_else_is_deleted_for_good_and_twice_is_no_fault(
        self, connector, public_voice
    ):
        if Capability.DELETE_OTHERS not in connector.capabilities:
            pytest.skip("this platform lets nobody delete the words of others")
        sent = connector.send(self.a_post("The market is open."))
        reply = public_voice.reply(sent, "Buy followers here")
        self.polled(connector, reply)
        assert connector.is_there(reply)
        connector.delete_comment(reply)
        connector.delete_comment(reply)
        self.eventually(lambda: not connector.is_there(reply), "the deletion")
        assert not public_voice.sees(reply, under=sent)

    @pytest.mark.parametrize(
        ("capability", "act", "undo", "look"),
        [
            (Capability.BLOCK, "block", "unblock", "is_blocked"),
            (Capability.MUTE, "mute", "unmute", "is_muted"),
        ],
    )
    def test_a_commenter_is_kept_away_and_let_back(
        self, connector, public_voice, capability, act, undo, look
    ):
        if capability not in connector.capabilities:
            pytest.skip("this platform has no such thing")
        sent = connector.send(self.a_post("We are listening."))
        author = self.polled(connector, public_voice.reply(sent, "Not to me")).author.external_id
        assert not getattr(connector, look)(author)
        for step in (act, act):
            getattr(connector, step)(author)
        self.eventually(lambda: getattr(connector, look)(author), act)
        for step in (undo, undo):
            getattr(connector, step)(author)
        self.eventually(lambda: not getattr(connector, look)(author), undo)

    def test_our_own_post_is_changed(self, connector):
        if Capability.EDIT not in connector.capabilities:
            pytest.skip("this platform changes no posts")
        sent = connector.send(self.a_post("On Saturday at ten."))
        changed = connector.edit(sent.external_id, "On Sunday at ten.")

        def reads():
            post = connector.read_back(changed.external_id)
            return post is not None and post.text == "On Sunday at ten."

        self.eventually(reads, "the changed words")

    # Faults

    def test_a_post_whose_answer_is_lost_has_an_unknown_outcome_and_is_found(self, between, connector_at):
        connector = connector_at(between.address)
        for mode in ("lost", "cut"):
            post = self.a_post(f"Did this go out? {key()}")
            between.mode, between.only = mode, self.sends_on
            with pytest.raises(OutcomeUnknown):
                connector.send(post)
            between.mode = "through"
            assert self.eventually(lambda post=post: connector.find_post(post), "our post")

    def test_a_network_that_cannot_be_reached_is_a_temporary_fault(self, connector_at):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(TemporaryFault):
                connector_at(nowhere).send(self.a_post("Hello?"))
            with pytest.raises(TemporaryFault):
                connector_at(nowhere).poll("")

    def test_a_rate_limit_is_temporary_and_says_how_long(self, between, connector_at):
        connector = connector_at(between.address)
        between.mode, between.only = "limited", self.sends_on
        before = between.changes_passed_on
        with pytest.raises(TemporaryFault) as fault:
            connector.send(self.a_post("Too fast"))
        assert fault.value.retry_after_s == 7
        assert self.sends_on or between.changes_passed_on == before

    def test_a_gateways_error_page_while_sending_is_an_unknown_outcome(self, between, connector_at):
        connector = connector_at(between.address)
        between.mode, between.only = "gateway", self.sends_on
        with pytest.raises(OutcomeUnknown) as fault:
            connector.send(self.a_post("Through the gateway"))
        assert "<" not in fault.value.sentence

    def test_a_gateways_error_page_while_polling_is_temporary(self, between, connector_at):
        connector = connector_at(between.address)
        between.mode = "gateway"
        with pytest.raises(TemporaryFault):
            connector.poll("")

    def test_a_captive_portal_is_never_taken_for_success(self, between, connector_at):
        connector = connector_at(between.address)
        between.mode, between.only = "garbage", self.sends_on
        with pytest.raises(OutcomeUnknown):
            connector.send(self.a_post("Welcome"))

    def test_a_malformed_payload_is_a_value_error(self, connector):
        for payload in ({}, {"id": 7}, {"unreadable": [1]}, {"author": None, "text": 3}):
            with pytest.raises(ValueError):
                connector.read(RawMessage(external_id="x", payload=payload))

    def test_a_fault_never_names_the_secret(self, between, connector_at):
        connector = connector_at(between.address)
        between.mode = "gateway"
        with pytest.raises((TemporaryFault, OutcomeUnknown)) as fault:
            connector.check()
        assert "Bearer" not in repr(fault.value)
        assert fault.value.sentence.endswith(".")
