"""From X to the desk and back: the poller, the store and the outbox with the real connector."""

from __future__ import annotations

import pytest

from accounts import actions as accounts
from accounts.actions import credentials
from accounts.connections import connector_for
from accounts.models import Allowance
from core import clock
from core.actors import System
from moderation import polling
from moderation.models import Comment, Conversation, IngestSource, Quarantined
from platforms.contract import PostToSend
from tests.platforms.contract import key

TEST = System("test")


@pytest.fixture
def on_x(x, settings, ben_osei, victoria_lang, harrowfield_account, saltmere_account, force_account):
    """Wealdshire Police on X, the only official account that is asked."""
    settings.X_ADDRESS = x.address
    for account in (harrowfield_account, saltmere_account, force_account):
        accounts.change_status(actor=ben_osei, official_account=account, status="suspended", why="Test")
    account = accounts.register_account(
        actor=ben_osei, platform="x", handle=x.handle, name="Wealdshire Police on X", owner=victoria_lang
    )
    credentials.store_credential(actor=TEST, official_account=account, secret=x.secret)
    return account


def poll_again(account):
    """Poll now, as if what the rate limit leaves had been spread over time already."""
    Allowance.objects.filter(official_account=account).update(resets_at=clock.now())
    IngestSource.objects.filter(official_account=account).update(next_poll_at="2026-01-01T00:00:00Z")
    assert polling.poll_due() == 1


def test_what_people_write_on_x_stands_at_the_desk_once(x, on_x):
    sent = connector_for(on_x).send(PostToSend(key=key(), text="Mill Lane is closed."))
    jo = x.person("jo_h")
    reply = x.write(jo, "For how long? https://news.example/a?b=1&c=2", under=sent.external_id)
    private = x.message(jo, x.us, "Ring me quietly")
    poll_again(on_x)
    poll_again(on_x)
    x.edit(reply, "For how many days?")
    poll_again(on_x)
    comments = {comment.external_id: comment for comment in Comment.objects.all()}
    assert set(comments) == {reply, f"dm:{private}"}
    assert comments[reply].text == "For how many days?"
    assert comments[f"dm:{private}"].private
    conversation = Conversation.objects.get(private=False)
    assert conversation.root_external_id == sent.external_id
    assert conversation.root_text == "Mill Lane is closed."
    assert not Quarantined.objects.exists()
    source = IngestSource.objects.get(official_account=on_x)
    assert 0 < len(source.position) <= 300


def test_a_sweep_brings_the_quote_that_names_nobody(x, on_x):
    sent = connector_for(on_x).send(PostToSend(key=key(), text="Mill Lane is closed."))
    x.write(x.person("jo_h"), "For how long?", under=sent.external_id)
    quote = x.write(x.person("sam"), "Look at this lot", quoting=sent.external_id)
    poll_again(on_x)
    assert not Comment.objects.filter(external_id=quote).exists()
    polling.sweep_due()
    assert Comment.objects.get(external_id=quote).text == "Look at this lot"
    assert not Quarantined.objects.exists()
