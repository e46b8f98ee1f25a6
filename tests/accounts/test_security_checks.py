"""How an official account is secured: what somebody saw there is recorded, and the ten minimums are judged by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions as register
from accounts import minimums
from accounts.actions import particulars, security
from accounts.models import ConnectedApp, DepartureStep, Mandate, OfficialAccount, SecurityCheck
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid
from smmp.seed.force import SEED
from staff.models import Departure

ALL_WELL = {
    "password": "yes",
    "factor": "key",
    "alerts": "yes",
    "apps": "yes",
    "personal": "none",
    "elsewhere": "never",
    "devices": "yes",
}


def _states(account) -> dict[str, str]:
    account = OfficialAccount.objects.select_related("mandate").get(pk=account.pk)
    return {cell.slug: cell.state for cell in minimums.cells(minimums.sights([account])[0])}


def _why(account, slug: str) -> str:
    account = OfficialAccount.objects.select_related("mandate").get(pk=account.pk)
    return next(cell.why for cell in minimums.cells(minimums.sights([account])[0]) if cell.slug == slug)


@pytest.fixture
def kept(wealdshire, ben_osei, helen_achebe):
    """An official account on a platform that lets programs in, with its particulars and one administrator."""
    account = register.register_account(
        actor=SEED, platform="bluesky", handle="weald.example", name="Wealdshire", owner=helen_achebe
    )
    particulars.change_particulars(
        actor=ben_osei,
        mandate=Mandate.objects.get(official_account=account),
        vault_entry="social/bluesky/force",
        mailbox="social.bluesky@wealdshire.example",
        force_device_only=True,
    )
    particulars.note_administrator(
        actor=ben_osei, official_account=account, name="Helen A", role="Owner", person=helen_achebe
    )
    return account


def test_nothing_recorded_is_not_met_and_each_gap_says_why(kept):
    states = _states(kept)
    assert len(states) == 10
    assert states["leavers"] == "met"
    assert {slug for slug, state in states.items() if state != "not_met"} == {"leavers"}
    assert _why(kept, "two_factor") == "Nobody has recorded a look at it yet."


def test_a_look_together_meets_what_it_saw_and_grows_old(kept, joan_pritchard, helen_achebe):
    security.check_security(
        actor=joan_pritchard, official_account=kept, together_with=helen_achebe, **ALL_WELL
    )
    assert {slug for slug, state in _states(kept).items() if state != "met"} == {"platform"}
    with time_machine.travel(clock.now() + timedelta(days=91), tick=False):
        states = _states(kept)
        assert states["two_factor"] == states["devices"] == states["leavers"] == "partly"
        assert "over 90 days ago" in _why(kept, "alerts")
        assert states["consultation"] == "met"
    with time_machine.travel(clock.now() + timedelta(days=366), tick=False):
        assert _states(kept)["consultation"] == "partly"


@pytest.mark.parametrize(
    ("seen", "slug", "state"),
    [
        ({"password": "no"}, "password", "not_met"),
        ({"password": "unknown"}, "password", "not_met"),
        ({"factor": "message"}, "two_factor", "partly"),
        ({"factor": "none"}, "two_factor", "not_met"),
        ({"factor": "app"}, "two_factor", "met"),
        ({"alerts": "no"}, "alerts", "not_met"),
        ({"apps": "no"}, "apps", "not_met"),
        ({"personal": "named"}, "personal", "met"),
        ({"personal": "others"}, "personal", "not_met"),
        ({"elsewhere": "left"}, "off_network", "not_met"),
        ({"elsewhere": "clean"}, "off_network", "partly"),
        ({"devices": "no"}, "devices", "not_met"),
        ({"devices": "unknown"}, "devices", "not_met"),
    ],
)
def test_what_was_seen_decides(kept, ben_osei, seen, slug, state):
    security.check_security(actor=ben_osei, official_account=kept, **{**ALL_WELL, **seen})
    states = _states(kept)
    assert states[slug] == state
    assert all(states[other] == "met" for other in ("alerts", "devices") if other != slug)


def test_the_rules_of_the_particulars_count_as_well(kept, ben_osei):
    security.check_security(actor=ben_osei, official_account=kept, **{**ALL_WELL, "elsewhere": "clean"})
    mandate = Mandate.objects.get(official_account=kept)
    particulars.change_particulars(actor=ben_osei, mandate=mandate, force_device_only=False)
    assert "nobody is named" in _why(kept, "off_network")
    particulars.change_particulars(
        actor=ben_osei, mandate=mandate, off_network="Helen Achebe, on call at home"
    )
    assert _states(kept)["off_network"] == "met"
    particulars.change_particulars(actor=ben_osei, mandate=mandate, vault_entry="", mailbox="")
    assert _states(kept)["password"] == _states(kept)["personal"] == "not_met"


def test_programs_leavers_and_open_steps_count_as_well(kept, ben_osei, helen_achebe, leah_brandt):
    security.check_security(actor=ben_osei, official_account=kept, **ALL_WELL)
    ConnectedApp.objects.create(official_account=kept, name="Old Scheduler", noted_at=clock.now())
    assert "Old Scheduler" in _why(kept, "apps")
    left = Departure.objects.create(
        person=leah_brandt, kind="retired", recorded_at=clock.now(), leaves_at=clock.now()
    )
    step = DepartureStep.objects.create(departure=left, kind="remove", official_account=kept, what="Remove")
    assert "not signed yet" in _why(kept, "leavers")
    step.signed_at, step.signed_by = clock.now(), ben_osei
    step.save()
    assert _states(kept)["leavers"] == "met"


def test_text_that_reads_like_a_password_is_refused_wherever_secrets_are_spoken_of(kept, ben_osei):
    mandate = Mandate.objects.get(official_account=kept)
    for field in ("vault_entry", "recovery", "off_network", "continuity"):
        with pytest.raises(NotValid, match="never stores one") as refused:
            particulars.change_particulars(
                actor=ben_osei, mandate=mandate, force_device_only=False, **{field: "Tr0ub4dor&3"}
            )
        assert refused.value.field == field
    with pytest.raises(NotValid, match="never stores one"):
        security.check_security(
            actor=ben_osei, official_account=kept, words="password: harrowfield", **ALL_WELL
        )
    assert not SecurityCheck.objects.exists()
    assert not Entry.objects.filter(details__icontains="Tr0ub").exists()


def test_who_may_record_a_look_and_that_none_is_edited(
    kept, ben_osei, joan_pritchard, helen_achebe, leah_brandt
):
    with pytest.raises(NotPermitted):
        security.check_security(actor=leah_brandt, official_account=kept, **ALL_WELL)
    with pytest.raises(NotValid, match="one of the answers"):
        security.check_security(actor=ben_osei, official_account=kept, **{**ALL_WELL, "factor": "sms"})
    with pytest.raises(NotValid, match="somebody else"):
        security.check_security(actor=ben_osei, official_account=kept, together_with=ben_osei, **ALL_WELL)
    row = security.check_security(
        actor=joan_pritchard, official_account=kept, words="Looked with the vault open.", **ALL_WELL
    )
    entry = Entry.objects.get(event="account.security_checked")
    assert (entry.subject_name, "vault open" in str(entry.details)) == ("Wealdshire", False)
    with pytest.raises(IntegrityError), transaction.atomic():
        SecurityCheck.objects.create(
            official_account=kept, by=ben_osei, together_with=ben_osei, at=clock.now(), **ALL_WELL
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('smmp_app', 'accounts_securitycheck', 'UPDATE')")
        assert cursor.fetchone() == (False,)
    assert minimums.history(kept) == [row]


def test_the_page_shows_rules_minimums_and_looks_and_keeps_what_was_typed(
    client, kept, ben_osei, leah_brandt, pc_nair
):
    where = reverse("accounts:security_of", args=[kept.pk])
    client.force_login(ben_osei)
    assert "How it is secured" in client.get(reverse("accounts:account", args=[kept.pk])).text
    page = client.get(where).text
    assert "social/bluesky/force" in page
    assert "1 of 10 minimums met" in page
    wrong = client.post(where, {**ALL_WELL, "words": "pw: harrow"})
    assert wrong.status_code == 422
    assert "never stores one" in wrong.text
    assert "pw: harrow" in wrong.text
    done = client.post(where, {**ALL_WELL, "words": "All as it should be"}, follow=True).text
    assert "All as it should be" in done
    client.force_login(leah_brandt)
    assert "Record a look" not in client.get(where).text
    assert client.post(where, ALL_WELL).status_code == 403
    client.force_login(pc_nair)
    assert client.get(where).status_code == 404


def test_the_reads_do_not_grow_with_the_accounts(wealdshire, helen_achebe):
    def count(of: int) -> int:
        rows = list(OfficialAccount.objects.filter(platform="mastodon").select_related("mandate")[:of])
        assert len(rows) == of
        with CaptureQueriesContext(connection) as caught:
            minimums.sights(rows)
        return len(caught)

    for n in range(20):
        register.register_account(
            actor=SEED, platform="mastodon", handle=f"a{n}@weald.example", name=f"A{n}", owner=helen_achebe
        )
    assert count(2) == count(20) == 6
