"""What the publishing tests share: a platform that obeys the test, and a clock that stands still."""

from __future__ import annotations

import pytest
import time_machine

from publishing import sending
from tests.embedded import made_at
from tests.publishing.platform import StubbornPlatform

MONDAY_MORNING = "2026-03-02T09:00:00Z"


@pytest.fixture
def platform(monkeypatch):
    """The platform behind every official account."""
    stubborn = StubbornPlatform()
    monkeypatch.setattr(sending, "kept_connector", lambda official_account: stubborn)
    return stubborn


@pytest.fixture
@made_at(MONDAY_MORNING)
def clock_at():
    """A clock that moves only when told: clock_at.shift(60)."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as traveller:
        yield traveller
