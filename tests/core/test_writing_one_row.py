"""One row at a time by statements that are made once: as Django itself would have written it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.rows import change_one, write_one

pytestmark = pytest.mark.django_db

HOSTILE = "'); DELETE FROM audit_entry; -- %s %(x)s \\ “ü” 🚓"


def entry(**more) -> Entry:
    given = {
        "at": clock.now(),
        "event": "post.published",
        "operation": "",
        "actor_kind": "system",
        "actor_name": HOSTILE,
        "shown_ids": [],
        "details": {"words": HOSTILE, "number": 1.5, "nothing": None},
    }
    return Entry(**given | more)


@pytest.mark.parametrize("shown", [[], [7], [2**40, 3]])
def test_a_row_is_written_as_save_would_have_written_it(shown):
    rows = [entry(shown_ids=shown, official_account_id=None) for _ in range(3)]
    for row in rows:
        write_one(row)
    for row in rows:
        kept = Entry.objects.get(pk=row.pk)
        assert (kept.at, kept.actor_name, kept.shown_ids) == (row.at, HOSTILE, shown)
        assert (kept.details, kept.official_account_id) == (row.details, None)
    assert len({row.pk for row in rows}) == 3
    rows[0].refresh_from_db()


def test_what_the_database_refuses_is_raised_as_djangos_own(force_account):
    for _ in range(3):
        copy = OfficialAccount.objects.get(pk=force_account.pk)
        copy.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            write_one(copy)


def test_a_row_is_changed_only_while_it_is_as_it_was(force_account):
    changed, pk = {"purpose": HOSTILE}, force_account.pk
    before = force_account.purpose
    assert not change_one(OfficialAccount, pk, changed, still={"handle": "another"})
    force_account.refresh_from_db()
    assert force_account.purpose == before
    for _ in range(3):
        assert change_one(OfficialAccount, pk, changed, still={"handle": force_account.handle})
    assert change_one(OfficialAccount, pk, {"neighbourhood_id": None}, still={})
    force_account.refresh_from_db()
    assert (force_account.purpose, force_account.neighbourhood_id) == (HOSTILE, None)
    assert not change_one(OfficialAccount, 0, changed, still={})
