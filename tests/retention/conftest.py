"""Ines Moreau, the second records manager: what takes two people takes her."""

from __future__ import annotations

import pytest

from accounts.actions import give_grant
from core import clock
from smmp.seed.force import SEED
from staff.models import StaffMember
from staff.roles import Role


@pytest.fixture
def ines_moreau(wealdshire):
    person = StaffMember.objects.create(
        email="ines.moreau@wealdshire.example", name="Ines Moreau", joined_at=clock.now()
    )
    give_grant(actor=SEED, person=person, role=Role.RECORDS_MANAGER, why="Deputy")
    return person
