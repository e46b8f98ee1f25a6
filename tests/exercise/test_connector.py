"""The exercise connector keeps the contract over real HTTP."""

from __future__ import annotations

import httpx
import pytest

from core.actors import System
from exercise import actions
from exercise.models import Message, Profile
from platforms import registry
from platforms.contract import (
    Login,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    RawMessage,
    TemporaryFault,
)
from tests.platforms.contract import ConnectorContract, key, small_picture

TRAINER = System("trainer")


class Voice:
    """Jo, who writes on the exercise network through the trainer's own action."""

    def __init__(self, network: str, official: Profile) -> None:
        self.network, self.official = network, official

    def reply(self, under, text):
        post = Message.objects.get(pk=under.external_id)
        return str(actions.write_as_public(actor=TRAINER, handle="jo_h", name="Jo", text=text, under=post).pk)

    def write_privately(self, text):
        return str(
            actions.write_as_public(
                actor=TRAINER, handle="jo_h", name="Jo", text=text, private_to=self.official
            ).pk
        )

    def edit(self, external_id, text):
        actions.edit(actor=TRAINER, message=Message.objects.get(pk=external_id), text=text)

    def delete(self, external_id):
        actions.delete(actor=TRAINER, message=Message.objects.get(pk=external_id))

    def sees(self, external_id, *, under):
        page = httpx.get(f"{self.network}/exercise/post/{under.external_id}/", trust_env=False)
        assert page.status_code == 200
        return f'id="m{external_id}"' in page.text


class TestExerciseConnector(ConnectorContract):
    @pytest.fixture
    def official(self, network):
        return actions.open_profile(actor=TRAINER, handle="wealdshire-police", name="Wealdshire Police")

    @pytest.fixture
    def connector_at(self, official):
        return lambda address: registry.connect("exercise", Login(address, "wealdshire-police", official[1]))

    @pytest.fixture
    def connector_with_wrong_secret(self, network):
        return registry.connect("exercise", Login(network, "wealdshire-police", "not-the-token"))

    @pytest.fixture
    def public_voice(self, network, official):
        return Voice(network, official[0])

    # What only this network can do

    def test_a_credential_of_another_profile_is_refused(self, network, official):
        _, other = actions.open_profile(actor=TRAINER, handle="saltmere-police", name="Saltmere")
        with pytest.raises(PermanentFault, match="another profile"):
            registry.connect("exercise", Login(network, "wealdshire-police", other)).check()

    def test_lost_answers_do_the_thing_and_are_settled_by_reading(self, connector, official, public_voice):
        sent = connector.send(PostToSend(key=key(), text="Thank you."))
        reply = public_voice.reply(sent, "You fools")
        where = {"comment_external_id": reply, "root_external_id": sent.external_id}
        actions.set_weather(actor=TRAINER, profile=official[0], weather="lost")
        with pytest.raises(OutcomeUnknown):
            connector.hide(**where)
        assert connector.is_hidden(**where)
        with pytest.raises(OutcomeUnknown):
            connector.delete(sent.external_id)
        assert connector.read_back(sent.external_id) is None

    def test_each_weather_is_the_fault_that_it_says(self, connector, official, monkeypatch):
        monkeypatch.setattr("exercise.api.SLOW_S", 0.01)
        post = PostToSend(key=key(), text="In any weather")
        for weather, kind in (
            ("refusing", PermanentFault),
            ("limited", TemporaryFault),
            ("gateway", OutcomeUnknown),
            ("slow", None),
        ):
            actions.set_weather(actor=TRAINER, profile=official[0], weather=weather)
            if kind is None:
                assert connector.send(post).external_id
            else:
                with pytest.raises(kind):
                    connector.send(post)
                assert not Message.objects.exists()

    def test_a_private_message_is_never_answered_in_public(self, connector, public_voice):
        private = public_voice.write_privately("He reads my phone")
        with pytest.raises(PermanentFault, match="answer it privately"):
            connector.send(PostToSend(key=key(), text="Ring 999", reply_to=private))

    def test_a_key_sent_again_with_other_words_is_refused(self, connector):
        post = PostToSend(key=key(), text="First")
        connector.send(post)
        with pytest.raises(PermanentFault, match="already used"):
            connector.send(PostToSend(key=post.key, text="Second"))

    def test_a_mention_reaches_us_even_after_an_edit_takes_our_name_out(self, connector):
        message = actions.write_as_public(
            actor=TRAINER, handle="jo_h", name="Jo", text="Ask @Wealdshire-Police about it"
        )
        _, position = self.all_polled(connector)
        actions.edit(actor=TRAINER, message=message, text="Never mind")
        assert self.polled(connector, str(message.pk), position).text == "Never mind"

    def test_more_than_a_page_is_polled_and_swept_whole(self, connector, public_voice):
        sent = connector.send(PostToSend(key=key(), text="A busy day."))
        replies = {public_voice.reply(sent, f"Reply {number}") for number in range(205)}
        assert self.all_polled(connector)[0].keys() >= replies
        assert {message.external_id for message in connector.sweep(sent.external_id)} == replies

    def test_the_pictures_of_a_message_come_with_what_they_show(self, connector):
        picture = Picture(small_picture(), "image/jpeg", "A blue square")
        sent = connector.send(self.a_post("See", pictures=[picture]))
        reply = PostToSend(key=key(), text="And here", reply_to=sent.external_id, pictures=[picture])
        answer = connector.send(reply).external_id
        (message,) = [one for one in connector.sweep(sent.external_id) if one.external_id == answer]
        (attachment,) = connector.read(message).attachments
        assert (attachment.kind, attachment.alt_text) == ("image", "A blue square")
        assert "/exercise/" in attachment.address
        odd = RawMessage("x", {**message.payload, "pictures": "none"})
        with pytest.raises(ValueError):
            connector.read(odd)

    def test_an_id_that_is_no_id_stays_inside_its_path(self, connector):
        with pytest.raises(PermanentFault):
            connector.read_back("../me")
