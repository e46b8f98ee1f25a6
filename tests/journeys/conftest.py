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


@pytest.fixture
def at_work(served, wealdshire):
    """The scheduler runs beside the web server and, having no broker, does the work itself."""
    ending = threading.Event()

    def work() -> None:
        scheduler = Scheduler()
        try:
            scheduler.run(stop=ending.is_set, rest=ending.wait)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield wealdshire
    ending.set()
    thread.join(timeout=30)


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
