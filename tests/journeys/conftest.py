"""Journeys: people in real browsers, the platform at work behind them, nothing simulated but the public."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from playwright.sync_api import Page

from core.actors import System
from exercise.actions import messages
from exercise.models import Message, Profile
from smmp.scheduler import Scheduler
from tests.browser import sign_in


class Work:
    """The scheduler beside the web server; having no broker, it does the work itself."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            Scheduler().run(stop=self._ending.is_set, rest=self._ending.wait)
        finally:
            connections.close_all()

    def end(self) -> None:
        """No more is done from now on: pages that nothing changes any more are faster to look at."""
        self._ending.set()
        self._thread.join(timeout=30)


@pytest.fixture
def work(served, wealdshire):
    """The platform at work behind its pages."""
    work = Work()
    yield work
    work.end()


@pytest.fixture
def at_work(work, wealdshire):
    """The demonstration force, with the platform at work."""
    return wealdshire


@pytest.fixture
def browser_of(new_page) -> Callable[..., Page]:
    """A browser of somebody's own, signed in with both factors."""

    def open_for(person, **how) -> Page:
        page = new_page(**how)
        sign_in(page, person)
        return page

    return open_for


@pytest.fixture
def public(at_work, sergeant_okafor):
    """Writes on the exercise network as a member of the public; answers the message."""

    def write(
        text: str, *, handle: str = "mo_k", name: str = "Mo K", under: Message | None = None
    ) -> Message:
        return messages.write_as_public(
            actor=sergeant_okafor, handle=handle, name=name, text=text, under=under
        )

    return write


@pytest.fixture
def our_post(at_work) -> Message:
    """A post of the force that people can reply to."""
    message, _new = messages.publish(
        actor=System("journey"),
        profile=Profile.objects.get(handle="wealdshire-police"),
        key="journey",
        text="Market Street is closed while we deal with an incident. Please find another way home.",
    )
    return message
