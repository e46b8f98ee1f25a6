"""Every role, every power, every scope: all answers agree, at every second."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from guardian.shortcuts import get_objects_for_user
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from accounts import actions, queries
from accounts.models import Grant, OfficialAccount
from core import clock
from smmp.seed.force import SEED
from staff.models import Membership, StaffMember
from staff.roles import FORCE_WIDE, POWERS, Power, Role

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def newcomer(wealdshire):
    """Somebody who holds nothing."""
    return StaffMember.objects.create(email="new@wealdshire.example", name="Nia New", joined_at=NOW)


@pytest.mark.parametrize("role", Role.values)
def test_a_role_gives_its_powers_over_its_scope_and_for_its_time(newcomer, wealdshire, role):
    """The grid: own, other and expired scope for every power of every role."""
    own = wealdshire.accounts["harrowfield-police"]
    other = wealdshire.accounts["saltmere-police"]
    with time_machine.travel(NOW, tick=False) as clock:
        actions.give_grant(
            actor=SEED,
            person=newcomer,
            role=role,
            neighbourhood=wealdshire.neighbourhoods["Harrowfield"],
            until=NOW + 10 * SECOND,
            why="Grid",
        )
        for at, live in ((NOW, True), (NOW + 9 * SECOND, True), (NOW + 10 * SECOND, False)):
            clock.move_to(at)
            for power in Power:
                holds = live and power in POWERS[role]
                force_wide = power in FORCE_WIDE
                asked = {
                    "own": queries.may(newcomer, power, own.pk),
                    "other": queries.may(newcomer, power, other.pk),
                    "anywhere": queries.may(newcomer, power),
                }
                if not force_wide:
                    assert queries.may_on(newcomer, power, own) == holds
                    assert not queries.may_on(newcomer, power, other)
                assert asked == {"own": holds, "other": holds and force_wide, "anywhere": holds}, power


def test_every_role_and_every_power_stand_in_the_table():
    assert set(POWERS) == set(Role)
    used = set().union(*POWERS.values())
    assert used == set(Power), "a power that no role holds could never be used"


def test_only_service_administrators_decide_who_may_do_what():
    for power in (Power.GIVE_GRANTS, Power.MANAGE_STAFF, Power.MANAGE_REGISTER):
        assert [role for role, powers in POWERS.items() if power in powers] == [Role.SERVICE_ADMINISTRATOR]


def test_nobody_who_changes_grants_reads_the_publics_words():
    assert not POWERS[Role.SERVICE_ADMINISTRATOR] & {Power.SEE_COMMENTS, Power.REPLY, Power.SEE_CASES}


SCOPES = st.sampled_from(["all", "account", "neighbourhood", "empty neighbourhood"])
MOMENTS = st.integers(min_value=-3, max_value=3)
GRANTS = st.lists(
    st.tuples(
        st.sampled_from(["person", "team", "old team", "leaver"]),
        st.sampled_from(Role.values),
        SCOPES,
        MOMENTS,
        st.none() | MOMENTS,
    ),
    max_size=5,
)


@given(grants=GRANTS, powers=st.sets(st.sampled_from(Power.values), min_size=1, max_size=2))
@example(grants=[("old team", Role.DESK_OPERATOR, "all", -3, None)], powers={Power.REPLY})
@example(grants=[("leaver", Role.DESK_SUPERVISOR, "all", -3, None)], powers={Power.REPLY, Power.LOCK_DOWN})
@example(grants=[("person", Role.NEIGHBOURHOOD_OFFICER, "empty neighbourhood", -1, 2)], powers={Power.REPLY})
@settings(
    max_examples=8,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_all_answers_agree_at_every_second(wealdshire, grants, powers):
    """authority_of, has_perm, account_ids, people_with and guardian's rows, whatever was granted."""
    with transaction.atomic():
        people = _people(wealdshire)
        _give(wealdshire, people, grants)
        register = list(OfficialAccount.objects.all())
        for moment in range(-3, 5):
            with time_machine.travel(NOW + moment * SECOND, tick=False):
                actions.project_grants()
                for power in powers:
                    _agree(people, register, power)
        transaction.set_rollback(True)


def _people(wealdshire) -> dict[str, StaffMember]:
    """One who was in one team and is in another, and one who has left."""
    made = {
        name: StaffMember.objects.create(
            email=f"{name}@wealdshire.example",
            name=name.title(),
            joined_at=NOW - timedelta(days=9),
            active=name != "leaver",
            left_at=NOW if name == "leaver" else None,
        )
        for name in ("person", "leaver")
    }
    Membership.objects.create(
        team=wealdshire.teams["Force intelligence"], member=made["person"], since=NOW - SECOND
    )
    Membership.objects.create(
        team=wealdshire.teams["Professional standards"],
        member=made["person"],
        since=NOW - timedelta(days=1),
        until=NOW,
    )
    return made


def _give(wealdshire, people, grants) -> None:
    empty = wealdshire.neighbourhoods["Cutler’s Cross"]
    scopes = {
        "all": {},
        "account": {"official_account": wealdshire.accounts["wealdshire-police"]},
        "neighbourhood": {"neighbourhood": wealdshire.neighbourhoods["Harrowfield"]},
        "empty neighbourhood": {"neighbourhood": empty},
    }
    holders = {
        "person": {"person": people["person"]},
        "leaver": {"person": people["leaver"]},
        "team": {"team": wealdshire.teams["Force intelligence"]},
        "old team": {"team": wealdshire.teams["Professional standards"]},
    }
    for holder, role, scope, since, until in grants:
        times = {"since": NOW + since * SECOND, "until": None if until is None else NOW + until * SECOND}
        if times["until"] is not None and times["until"] <= times["since"]:
            continue
        # Straight into the table: the action would refuse a leaver, who had theirs before they left.
        with contextlib.suppress(IntegrityError), transaction.atomic():
            Grant.objects.create(role=role, why="Any", **holders[holder], **scopes[scope], **times)


def _agree(people, register, power) -> None:
    anywhere = queries.people_with(power)
    on_account = {
        account.pk: queries.people_with(power, official_account_id=account.pk) for account in register
    }
    for person in people.values():
        authority = queries.authority_of(person)
        ids = authority.account_ids(power)
        assert queries.account_ids(person, power) == sorted(ids)
        assert (person in anywhere) == authority.holds(power) == person.has_perm(f"accounts.{power}")
        for account in register:
            assert (person in on_account[account.pk]) == authority.holds(power, account.pk)
        if power not in FORCE_WIDE:
            assert person.has_perm(f"accounts.{power}", register[0]) == (register[0].pk in ids)
            projected = get_objects_for_user(
                person, power, OfficialAccount, use_groups=False, accept_global_perms=False
            )
            assert {account.pk for account in projected} == ids
            assert {account.pk for account in register if queries.may_on(person, power, account)} == ids


def test_whoever_is_out_since_this_second_is_not_called(tom_beckett, force_account):
    assert tom_beckett in queries.people_with(Power.REPLY, official_account_id=force_account.pk)
    StaffMember.objects.filter(pk=tom_beckett.pk).update(access_until=clock.now())
    assert tom_beckett not in queries.people_with(Power.REPLY, official_account_id=force_account.pk)
    StaffMember.objects.filter(pk=tom_beckett.pk).update(access_until=clock.now() + timedelta(hours=1))
    assert tom_beckett in queries.people_with(Power.REPLY, official_account_id=force_account.pk)
