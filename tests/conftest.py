"""What every test may ask for: a database, the frozen clock, the cast (tests.cast)."""

from __future__ import annotations

import pytest
from django.db import connections

from tests import embedded

pytest_plugins = ["tests.cast", "tests.browser"]


STOPS_THE_CLOCK = {"clock_at", "friday", "still", "that_night"}
"""Fixtures before which the force must not have been made: their instant may lie before it."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Whoever asks for the cast works where the force stands already (tests.embedded)."""
    asked = set(getattr(item, "fixturenames", ()))
    ready = "wealdshire" in asked and not asked & STOPS_THE_CLOCK
    embedded.work_on(embedded.FORCE if ready else embedded.EMPTY)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """This worker's own databases, cloned from the templates; the tests act as the application role."""
    embedded.clone(embedded.EMPTY)
    embedded.clone(embedded.FORCE)
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
