"""The named cast: one fixture per person of the demonstration force, made as the seed makes them."""

from __future__ import annotations

import time

import pytest
import time_machine

from smmp.seed import force
from tests import embedded


@pytest.fixture
def wealdshire(request):
    """The whole demonstration force: teams, people, official accounts and grants.

    It stands in the database already (tests.embedded), made when the run began; where a fixture has
    stopped the clock (tests.conftest), it is made at that instant.
    """
    request.getfixturevalue("committed_db" if "committed_db" in request.fixturenames else "db")
    if embedded.working_on() == embedded.EMPTY:
        return force.make()
    if embedded.working_on() == embedded.FORCE:
        hatch = time_machine.escape_hatch
        assert not hatch.is_travelling() or time.time() > hatch.time.time(), (
            "name the fixture in tests.conftest.STOPS_THE_CLOCK: the force would not have been made yet"
        )
    return force.find()


def _person(slug: str):
    @pytest.fixture(name=slug)
    def fixture(wealdshire):
        return wealdshire.people[slug]

    return fixture


leah_brandt = _person("leah_brandt")
helen_achebe = _person("helen_achebe")
amira_hussain = _person("amira_hussain")
tom_beckett = _person("tom_beckett")
sergeant_okafor = _person("sergeant_okafor")
pc_nair = _person("pc_nair")
inspector_calder = _person("inspector_calder")
superintendent_price = _person("superintendent_price")
joan_pritchard = _person("joan_pritchard")
graham_ellis = _person("graham_ellis")
nadia_rahman = _person("nadia_rahman")
sergeant_mayhew = _person("sergeant_mayhew")
inspector_kerr = _person("inspector_kerr")
constable_whitlock = _person("constable_whitlock")
victoria_lang = _person("victoria_lang")
ben_osei = _person("ben_osei")


@pytest.fixture
def force_account(wealdshire):
    """Wealdshire Police on the exercise network."""
    return wealdshire.accounts["wealdshire-police"]


@pytest.fixture
def harrowfield_account(wealdshire):
    """Harrowfield neighbourhood team on the exercise network; PC Nair's own area."""
    return wealdshire.accounts["harrowfield-police"]


@pytest.fixture
def saltmere_account(wealdshire):
    """Saltmere neighbourhood team on the exercise network; outside PC Nair's area."""
    return wealdshire.accounts["saltmere-police"]
