"""Credentials: sealed in envelopes, in versions, renewed ahead of expiry, wrapped anew under a new key."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts import connections
from accounts.actions import credentials
from accounts.models import Credential
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid
from notices.models import Notice
from platforms import registry
from platforms.contract import PermanentFault, TemporaryFault, Token
from tests.embedded import made_before

TEST = System("test")


def live(account):
    return Credential.objects.get(official_account=account, replaced_at=None)


def test_a_replaced_token_leaves_a_version_without_a_secret(force_account):
    credentials.store_credential(actor=TEST, official_account=force_account, secret="first")
    before = live(force_account)
    credentials.store_credential(actor=TEST, official_account=force_account, secret=" second ")
    before.refresh_from_db()
    assert (bytes(before.sealed), bytes(before.wrapped_key)) == (b"", b"")
    assert before.replaced_at is not None
    assert live(force_account).number == before.number + 1
    assert credentials.open_token(force_account).secret == "second"


def test_it_is_never_replaced_by_an_empty_one_nor_by_an_endless_one(force_account):
    credentials.store_credential(actor=TEST, official_account=force_account, secret="sesame")
    for bad in ("", "   ", "x" * 20_000):
        with pytest.raises(NotValid):
            credentials.store_credential(actor=TEST, official_account=force_account, secret=bad)
    with pytest.raises(NotValid):
        credentials.store_token(actor=TEST, official_account=force_account, token=Token(secret=""))
    assert credentials.open_token(force_account).secret == "sesame"


def test_only_who_may_manage_the_register_stores_one(force_account, tom_beckett):
    with pytest.raises(NotPermitted):
        credentials.store_credential(actor=tom_beckett, official_account=force_account, secret="sesame")


def test_two_of_one_account_are_never_live_whatever_the_code_does(force_account):
    row = live(force_account)
    with pytest.raises(IntegrityError, match="credential_one_live"), transaction.atomic():
        Credential.objects.create(
            official_account=force_account, number=row.number + 1, sealed=b"x", stored_at=clock.now()
        )
    with pytest.raises(IntegrityError, match="credential_not_empty"), transaction.atomic():
        Credential.objects.filter(pk=row.pk).update(sealed=b"")


@pytest.fixture
@made_before
def still():
    """The clock stands until a test moves it."""
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False) as frozen:
        yield frozen


# A new installation key


def test_a_new_key_wraps_all_anew_while_the_old_one_still_opens(force_account, settings):
    old = list(settings.CREDENTIAL_KEYS)
    credentials.store_credential(actor=TEST, official_account=force_account, secret="sesame")
    sealed = bytes(live(force_account).sealed)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), *old]
    count = Credential.objects.filter(replaced_at=None).count()
    assert credentials.rotate(actor=TEST) == count
    assert credentials.rotate(actor=TEST) == 0
    assert bytes(live(force_account).sealed) == sealed
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    assert credentials.open_token(force_account).secret == "sesame"
    assert Entry.objects.filter(event="account.credentials_rotated").count() == 2


def test_one_sealed_before_there_were_envelopes_is_read_and_wrapped(force_account, settings):
    sealed = Fernet(settings.CREDENTIAL_KEYS[0]).encrypt(b"of long ago")
    Credential.objects.filter(pk=live(force_account).pk).update(sealed=sealed, wrapped_key=b"")
    assert credentials.open_token(force_account).secret == "of long ago"
    assert credentials.rotate(actor=TEST) >= 1
    assert bytes(live(force_account).wrapped_key)
    assert credentials.open_token(force_account).secret == "of long ago"


def test_rotating_with_a_key_lost_changes_nothing_and_says_whose(force_account, settings):
    before = bytes(live(force_account).wrapped_key)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match=force_account.name) as refused:
        call_command("credentials", "rotate")
    assert refused.value.returncode == 2
    assert bytes(live(force_account).wrapped_key) == before


# Renewal ahead of expiry


class Renewing:
    """A connector that gives a fresh token, or what it is told to raise."""

    answer: object = Token(secret="fresh", refresh="next", expires_at=None)
    asked_with: str = ""

    def __init__(self, login):
        type(self).asked_with = login.refresh

    def renew(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def renewing(monkeypatch):
    kind = type("Renewing", (Renewing,), {})
    monkeypatch.setattr(registry, "connector_class", lambda slug: kind)
    return kind


def store(account, *, lives: timedelta, gone: timedelta, freeze):
    start = clock.now()
    credentials.store_token(
        actor=TEST,
        official_account=account,
        token=Token(secret="old", refresh="refresh-1", expires_at=start + lives),
    )
    freeze.move_to(start + gone)


@pytest.mark.parametrize(
    ("lives", "gone", "due"),
    [
        (timedelta(hours=2), timedelta(minutes=80), False),
        (timedelta(hours=2), timedelta(minutes=91), True),
        (timedelta(hours=2), timedelta(hours=3), True),
        (timedelta(days=60), timedelta(days=52), False),
        (timedelta(days=60), timedelta(days=54), True),
    ],
)
def test_it_is_renewed_when_a_quarter_of_its_life_is_left(force_account, renewing, still, lives, gone, due):
    store(force_account, lives=lives, gone=gone, freeze=still)
    assert connections.renew_due() == int(due)
    assert credentials.open_token(force_account).secret == ("fresh" if due else "old")
    if due:
        assert renewing.asked_with == "refresh-1"
        assert credentials.open_token(force_account).refresh == "next"
        assert Entry.objects.filter(event="account.credential_renewed").count() == 1
    assert connections.renew_due() == 0


def test_a_refusal_for_good_reaches_the_owner_once_and_keeps_the_token(force_account, renewing, still):
    store(force_account, lives=timedelta(hours=2), gone=timedelta(minutes=100), freeze=still)
    renewing.answer = PermanentFault("X has forgotten us. Connect the official account again.")
    assert connections.renew_due() == 1
    assert connections.renew_due() == 0
    still.shift(timedelta(hours=1))
    assert connections.renew_due() == 0
    assert credentials.open_token(force_account).secret == "old"
    notice = Notice.objects.get(title__contains="has to be connected again")
    assert notice.to == force_account.owner
    assert "forgotten us" in notice.body


def test_a_passing_fault_is_tried_again_in_five_minutes(force_account, renewing, still):
    store(force_account, lives=timedelta(hours=2), gone=timedelta(minutes=100), freeze=still)
    renewing.answer = TemporaryFault("X did not answer.")
    assert connections.renew_due() == 1
    assert connections.renew_due() == 0
    renewing.answer = Token(secret="fresh", refresh="next")
    still.shift(timedelta(minutes=6))
    assert connections.renew_due() == 1
    assert credentials.open_token(force_account).secret == "fresh"


def test_two_workers_never_ask_for_one_renewal_at_once(force_account, renewing, still):
    store(force_account, lives=timedelta(hours=2), gone=timedelta(minutes=100), freeze=still)
    assert credentials.claim_renewal() is not None
    assert credentials.claim_renewal() is None
    still.shift(timedelta(minutes=3))  # the first one died
    assert credentials.claim_renewal() is not None


def test_a_suspended_account_is_not_renewed(force_account, renewing, still):
    store(force_account, lives=timedelta(hours=2), gone=timedelta(minutes=100), freeze=still)
    type(force_account).objects.filter(pk=force_account.pk).update(status="suspended")
    assert connections.renew_due() == 0
