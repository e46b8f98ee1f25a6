"""A platform is down by itself when several of its official accounts fail for a while, and back by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import actions as accounts
from accounts import continuity
from accounts.actions import outages
from accounts.models import Outage
from audit.models import Entry
from core import clock
from moderation import platforms_down, tasks
from moderation.models import IngestSource
from notices.models import Notice

pytestmark = pytest.mark.django_db


def failing(account, minutes: float, failures: int = 3) -> IngestSource:
    """It answered so long ago, and every try since has failed."""
    now = clock.now()
    return IngestSource.objects.update_or_create(
        official_account=account,
        defaults={
            "answered_at": now - timedelta(minutes=minutes),
            "failures": failures,
            "fault": "It did not answer." if failures else "",
            "next_poll_at": now,
            "next_sweep_at": now,
        },
    )[0]


def answers(account) -> None:
    IngestSource.objects.filter(official_account=account).update(
        failures=0, fault="", answered_at=clock.now()
    )


def test_several_that_fail_for_long_enough_bring_the_platform_down_once(
    force_account, harrowfield_account, amira_hussain
):
    failing(force_account, 11)
    assert tasks.watch_platforms() == 0
    failing(harrowfield_account, 9)
    assert tasks.watch_platforms() == 0
    failing(harrowfield_account, 10.5)
    assert tasks.watch_platforms() == 1
    assert tasks.watch_platforms() == 0
    outage = Outage.objects.get()
    assert outage.raised_by is None
    assert "2 official accounts have failed for 10 minutes" in outage.why
    assert Notice.objects.filter(to=amira_hussain, key=f"outage:{outage.pk}").count() == 1
    assert Entry.objects.get(event="outage.raised").actor_kind == "system"


def test_it_is_back_by_itself_when_fewer_fail_and_can_go_down_again(force_account, harrowfield_account):
    for account in (force_account, harrowfield_account):
        failing(account, 20)
    tasks.watch_platforms()
    answers(harrowfield_account)
    assert tasks.watch_platforms() == 1
    outage = Outage.objects.get()
    assert outage.ended_by is None
    assert "1 official account still fails" in outage.ended_why
    failing(harrowfield_account, 20)
    assert tasks.watch_platforms() == 1
    assert Outage.objects.filter(ended_at=None).count() == 1


def test_nobody_asking_is_no_fault_of_the_platform(force_account, harrowfield_account, ben_osei):
    for account in (force_account, harrowfield_account):
        failing(account, 600, failures=0)
    assert platforms_down.failing() == {}
    for account in (force_account, harrowfield_account):
        failing(account, 600)
    accounts.change_status(actor=ben_osei, official_account=force_account, status="suspended", why="Test")
    assert tasks.watch_platforms() == 0


def test_the_numbers_are_what_was_set(force_account, helen_achebe):
    failing(force_account, 4)
    assert tasks.watch_platforms() == 0
    outages.set_rule(actor=helen_achebe, accounts=1, minutes=3)
    assert tasks.watch_platforms() == 1


def test_what_a_person_said_only_a_person_takes_back(force_account, harrowfield_account, sergeant_okafor):
    said = outages.raise_outage(actor=sergeant_okafor, platform="exercise", why="The app shows nothing")
    for account in (force_account, harrowfield_account):
        failing(account, 20)
    assert tasks.watch_platforms() == 0
    for account in (force_account, harrowfield_account):
        answers(account)
    assert tasks.watch_platforms() == 0
    assert [one.pk for one in continuity.live_outages()] == [said.pk]
