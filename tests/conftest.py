"""What every test may ask for: a database, the frozen clock, the cast (tests.cast)."""

from __future__ import annotations

import pytest
from django.db import connections

from tests import embedded

pytest_plugins = ["tests.cast", "tests.browser"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """This worker's own database, cloned from the migrated template; the tests act as the application role."""
    embedded.clone()
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
        embedded.clone()
