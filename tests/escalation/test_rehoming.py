"""A case that a leaver had is called again, the heir first: it is never silently somebody's who is asleep."""

from __future__ import annotations

import pytest
from django.db.models import Q

from accounts.models import Grant
from accounts.queries import people_with
from core import clock
from escalation import tasks
from escalation.actions import cases
from escalation.models import CallOut, Case
from notices.models import Notice
from smmp.seed.force import SEED
from staff.actions import members
from staff.models import Handover
from staff.roles import Power
from tests import comments


@pytest.fixture
def case(force_account, amira_hussain, inspector_calder):
    comments.escalate(comments.write(force_account), amira_hussain)
    tasks.open_cases()
    return cases.acknowledge(actor=inspector_calder, case=Case.objects.get())


def test_the_heir_and_the_first_level_are_called_until_somebody_has_it(
    case, inspector_calder, sergeant_okafor, superintendent_price
):
    members.record_leaver(actor=SEED, member=inspector_calder, why="Retired", heir=sergeant_okafor)
    assert tasks.rehome() == 1
    assert tasks.rehome() == 0
    case.refresh_from_db()
    assert (case.state, case.acknowledged_by, case.round) == (Case.State.WAITING, None, 2)
    assert case.acknowledge_by is not None
    called = CallOut.objects.filter(case=case, round=2).values_list("person", flat=True)
    assert set(called) == {sergeant_okafor.pk, superintendent_price.pk}
    assert Notice.objects.filter(to=sergeant_okafor, urgency="page").exists()
    assert Handover.objects.get().heir == sergeant_okafor
    assert "has left. It goes to Sgt Daniel Okafor" in case.log.get(event="handed over").text
    cases.acknowledge(actor=sergeant_okafor, case=case)
    assert tasks.rehome() == 0


def test_whoever_may_not_have_it_any_more_has_it_no_more(case, inspector_calder, superintendent_price):
    assert tasks.rehome() == 0
    # Moved to another post: what let her have cases has ended.
    held = Q(person=inspector_calder) | Q(team__membership__member=inspector_calder)
    Grant.objects.filter(held).update(until=clock.now())
    assert inspector_calder not in people_with(Power.ACKNOWLEDGE_CASES)
    assert tasks.rehome() == 1
    assert tasks.rehome() == 0
    case.refresh_from_db()
    assert (case.state, case.acknowledged_by, case.round) == (Case.State.WAITING, None, 2)
    assert "Insp Ruth Calder may not have cases of" in case.log.get(event="resumed").text
    assert [call.person for call in case.call_outs.filter(round=2)] == [superintendent_price]


def test_without_anybody_who_may_the_ladder_calls_on(
    case, inspector_calder, superintendent_price, sergeant_okafor
):
    for person in (superintendent_price, sergeant_okafor, inspector_calder):
        members.record_leaver(actor=SEED, member=person, why="Retired")
    assert tasks.rehome() == 1
    case.refresh_from_db()
    assert case.state == Case.State.WAITING
    assert Handover.objects.get().heir is None
