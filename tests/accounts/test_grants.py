"""Grants: who may do what, until exactly when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import actions, queries
from accounts.models import AccountPermission
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff.roles import Power, Role


def test_a_neighbourhood_officer_replies_only_in_their_own_area(
    pc_nair, harrowfield_account, saltmere_account
):
    assert queries.may(pc_nair, Power.REPLY, harrowfield_account.pk)
    assert not queries.may(pc_nair, Power.REPLY, saltmere_account.pk)
    assert queries.account_ids(pc_nair) == [harrowfield_account.pk]


def test_a_grant_holds_from_its_first_second_and_not_at_its_last(ben_osei, joan_pritchard, force_account):
    start = clock.now() + timedelta(hours=1)
    end = start + timedelta(hours=2)
    actions.give_grant(
        actor=ben_osei,
        person=joan_pritchard,
        role=Role.DESK_OPERATOR,
        official_account=force_account,
        since=start,
        until=end,
        why="Cover for a night",
    )
    second = timedelta(seconds=1)
    answers = [
        queries.authority_of(joan_pritchard, at=at).holds(Power.REPLY, force_account.pk)
        for at in (start - second, start, end - second, end)
    ]
    assert answers == [False, True, True, False]


def test_an_ended_grant_is_gone_at_once_and_from_the_projection(ben_osei, amira_hussain, force_account):
    grant = amira_hussain.grants.get()
    actions.end_grant(actor=ben_osei, grant=grant, why="Moved to another post")
    assert not queries.may(amira_hussain, Power.SEE_COMMENTS, force_account.pk)
    assert not AccountPermission.objects.filter(user=amira_hussain).exists()
    assert Entry.objects.get(event="grant.ended").reason == "Moved to another post"
    with pytest.raises(TransitionNotAllowed):
        actions.end_grant(actor=ben_osei, grant=grant, why="Again")


def test_the_same_role_over_the_same_accounts_cannot_be_held_twice(ben_osei, amira_hussain):
    with pytest.raises(NotValid, match="already"):
        actions.give_grant(actor=ben_osei, person=amira_hussain, role=Role.DESK_OPERATOR, why="Twice")


def test_nobody_gives_themselves_a_grant(ben_osei):
    with pytest.raises(NotPermitted, match="yourself"):
        actions.give_grant(actor=ben_osei, person=ben_osei, role=Role.INFOSEC_AUDITOR, why="Curious")


def test_only_an_administrator_gives_grants(amira_hussain, tom_beckett):
    with pytest.raises(NotPermitted):
        actions.give_grant(actor=amira_hussain, person=tom_beckett, role=Role.DUTY_COMMAND, why="Fun")
    assert not Entry.objects.filter(event="grant.given", actor_id=amira_hussain.pk).exists()


def test_guardians_rows_say_what_live_grants_say(wealdshire):
    projected = {
        (row.user_id, row.content_object_id, row.permission.codename)
        for row in AccountPermission.objects.select_related("permission")
    }
    lived = {
        (person.pk, account, power)
        for person in wealdshire.people.values()
        for power, ids in queries.authority_of(person).accounts.items()
        for account in ids
    }
    assert projected == lived
