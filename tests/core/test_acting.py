"""A leaver is out at commit; two actions that lock crosswise both get through."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted
from smmp.seed.force import SEED
from staff.actions import members
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
    assert len(tries) == 3


def test_inside_another_transaction_an_action_is_part_of_it(team):
    with transaction.atomic():
        rename_team(actor=System("test"), team=team, name="After")
        transaction.set_rollback(True)
    team.refresh_from_db()
    assert team.name == "Before"
