"""A small model, made once: three categories and a hundred ordinary comments are enough to see it work."""

from __future__ import annotations

import pytest

from moderation.triage.blend import Triage
from moderation.triage.encoder import encoder
from moderation.triage.exemplars import Lessons, ordinary, shipped
from moderation.triage.model import train

TAUGHT = ("suicide_self_harm", "hate_crime", "praise")


@pytest.fixture(scope="session")
def lessons():
    examples = [one for one in shipped() if one.category in TAUGHT and one.language == "en"]
    return Lessons(tuple(examples), ordinary()[:100])


@pytest.fixture(scope="session")
def model(lessons):
    return train(encoder(), lessons)


@pytest.fixture
def triage(model):
    return Triage(model, encoder(), why_not="")
