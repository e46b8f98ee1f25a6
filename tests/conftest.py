"""What every test may ask for: a database, the frozen clock, the cast (tests.cast)."""

from __future__ import annotations

import gc

import pytest
from django.db import connections

from tests import embedded

pytest_plugins = ["tests.cast", "tests.browser"]


STOPS_THE_CLOCK = {"clock_at", "friday", "still", "that_night"}
"""Fixtures before which the force must not have been made: their instant may lie before it.

Where one says its instant (made_at) and a template was made then, that is used, or that it lies ahead (made_before);
else the force is made each time.
"""


def _template(item) -> str:
    asked = set(getattr(item, "fixturenames", ()))
    if "wealdshire" not in asked:
        return embedded.EMPTY
    stopping = asked & STOPS_THE_CLOCK
    if not stopping:
        return embedded.FORCE
    (name, *others) = stopping
    function = item._fixtureinfo.name2fixturedefs[name][-1].func
    return embedded.EMPTY if others else getattr(function, "template", embedded.EMPTY)


def pytest_collection_finish():
    """What was read to find the tests stays, as in smmp.wsgi: it is not looked through again and again for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Whoever asks for the cast works where the force stands already (tests.embedded)."""
    embedded.work_on(_template(item))


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """This worker's own databases, cloned from the templates; the tests act as the application role."""
    for template in embedded.TEMPLATES:
        embedded.clone(template)
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """A database in which commits are real, for races and for several connections at once.

    Cloned afresh afterwards: Django's flush is a TRUNCATE, which the audit trail refuses.
    """
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        embedded.clone(embedded.working_on())
