"""A leaver is out at commit; two actions that lock crosswise both get through."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted
from smmp.seed.force import SEED
from staff.actions import directory, members
from staff.models import StaffMember, Team

PATIENCE = 20
"""Seconds until a thread that should have gone on counts as stuck."""


@action
def rename_team(*, actor: Actor, team: Team, name: str) -> None:
    Team.objects.filter(pk=team.pk).update(name=name)


@pytest.fixture
def team(db):
    return Team.objects.create(name="Before")


def test_what_a_leaver_tries_is_refused_and_nothing_is_written(team, amira_hussain):
    stale = StaffMember.objects.get(pk=amira_hussain.pk)
    members.record_leaver(actor=SEED, member=amira_hussain, why="Resigned")
    with pytest.raises(NotPermitted, match="Your access to this platform has ended"):
        rename_team(actor=stale, team=team, name="After")
    team.refresh_from_db()
    assert team.name == "Before"
    assert not stale.active


def test_a_part_of_the_platform_needs_no_row(team):
    rename_team(actor=System("test"), team=team, name="After")
    team.refresh_from_db()
    assert team.name == "After"


def test_an_action_without_an_actor_is_a_programming_mistake():
    with pytest.raises(TypeError, match="needs a parameter `actor`"):
        action(lambda team: team)


def _in_thread(function) -> threading.Thread:
    def run() -> None:
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_recording_a_leaver_waits_for_what_they_have_begun(committed_db, amira_hussain):
    team = Team.objects.create(name="Before")
    begun, go_on, order = threading.Event(), threading.Event(), []

    @action
    def slow(*, actor: Actor) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        Team.objects.filter(pk=team.pk).update(name="During")
        order.append("written")

    def leave() -> None:
        members.record_leaver(actor=SEED, member=amira_hussain, why="Resigned")
        order.append("left")

    working = _in_thread(lambda: slow(actor=StaffMember.objects.get(pk=amira_hussain.pk)))
    assert begun.wait(PATIENCE)
    leaving = _in_thread(leave)
    leaving.join(0.2)
    assert leaving.is_alive(), "the leaver was recorded while an action of theirs was under way"
    go_on.set()
    working.join(PATIENCE)
    leaving.join(PATIENCE)
    assert order == ["written", "left"]
    with pytest.raises(NotPermitted):
        slow(actor=amira_hussain)


def test_of_two_that_wait_for_each_other_both_get_through(committed_db):
    first, second = Team.objects.create(name="First"), Team.objects.create(name="Second")
    met, tries, faults = threading.Barrier(2), [], []

    @action
    def lock_both(*, actor: Actor, teams: tuple[Team, Team]) -> None:
        tries.append(teams[0].pk)
        Team.objects.select_for_update().get(pk=teams[0].pk)
        if len(tries) <= 2:
            met.wait(PATIENCE)
        Team.objects.select_for_update().get(pk=teams[1].pk)

    def run(teams: tuple[Team, Team]) -> None:
        try:
            lock_both(actor=System("test"), teams=teams)
        except Exception as fault:  # whatever it is, the test must see it
            faults.append(fault)

    threads = [_in_thread(lambda t=teams: run(t)) for teams in ((first, second), (second, first))]
    for thread in threads:
        thread.join(PATIENCE)
    assert not faults
    assert len(tries) >= 3


def test_inside_another_transaction_an_action_is_part_of_it(team):
    with transaction.atomic():
        rename_team(actor=System("test"), team=team, name="After")
        transaction.set_rollback(True)
    team.refresh_from_db()
    assert team.name == "Before"


def _until(waiters: int) -> None:
    """So many transactions stand at a door. By what the database says, not by the clock; fails when they never do."""
    with connection.cursor() as cursor:
        for _ in range(PATIENCE * 100):
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
                "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
            )
            if cursor.fetchone()[0] == waiters:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    pytest.fail(f"there never were {waiters} that wait")


def test_what_somebody_begins_while_their_leave_waits_stands_behind_it(committed_db, amira_hussain):
    """A stream of actions, each begun before the last has ended, cannot keep the leave waiting."""
    team = Team.objects.create(name="Before")
    begun, go_on, outcomes = threading.Event(), threading.Event(), []

    @action
    def under_way(*, actor: Actor) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        outcomes.append("written")

    def leave() -> None:
        members.record_leaver(actor=SEED, member=amira_hussain, why="Resigned")
        outcomes.append("left")

    def another() -> None:
        try:
            rename_team(actor=StaffMember.objects.get(pk=amira_hussain.pk), team=team, name="After")
        except NotPermitted:
            outcomes.append("refused")

    threads = [_in_thread(lambda: under_way(actor=StaffMember.objects.get(pk=amira_hussain.pk)))]
    assert begun.wait(PATIENCE)
    threads.append(_in_thread(leave))
    _until(1)
    for others in (2, 3, 4):
        threads.append(_in_thread(another))
        _until(others)
    assert outcomes == []
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert outcomes[:1] == ["written"]
    assert sorted(outcomes[1:]) == ["left", "refused", "refused", "refused"]
    team.refresh_from_db()
    assert team.name == "Before"


def test_what_a_key_begins_while_its_end_waits_stands_behind_it(committed_db, ben_osei):
    key, _ = directory.make_key(actor=ben_osei, name="Entra ID", days=90)
    team = Team.objects.create(name="Before")
    begun, go_on, outcomes = threading.Event(), threading.Event(), []

    @action
    def under_way(*, actor: Actor) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    def another() -> None:
        try:
            rename_team(actor=key, team=team, name="After")
        except NotPermitted:
            outcomes.append("refused")

    threads = [_in_thread(lambda: under_way(actor=key))]
    assert begun.wait(PATIENCE)
    threads.append(_in_thread(lambda: directory.revoke_key(actor=ben_osei, key=key, why="Seen")))
    _until(1)
    threads.append(_in_thread(another))
    _until(2)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert outcomes == ["refused"]


def test_several_are_locked_at_once_and_who_does_not_exist_is_left_out(db, amira_hussain, tom_beckett):
    found = StaffMember.objects.all_alone([tom_beckett.pk, amira_hussain.pk, tom_beckett.pk, 2**40])
    assert {member.pk for member in found} == {amira_hussain.pk, tom_beckett.pk}
    with pytest.raises(StaffMember.DoesNotExist):
        StaffMember.objects.alone(2**40)
