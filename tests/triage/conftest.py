"""A small model, made once: three categories and a hundred ordinary comments are enough to see it work."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.triage.blend import Triage
from moderation.triage.encoder import Encoder, encoder
from moderation.triage.exemplars import Lessons, ordinary, shipped
from moderation.triage.model import train

TAUGHT = ("suicide_self_harm", "hate_crime", "praise")


@pytest.fixture(scope="session", autouse=True)
def read_once():
    """What the encoder found in a text is kept: a dozen tests make models from the same few hundred."""
    read, known = Encoder.read, {}

    def remembered(self, texts):
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, zip(*read(self, new), strict=True), strict=True))
        if not texts:
            return read(self, texts)
        directions, peaks = zip(*(known[text] for text in texts), strict=True)
        return np.stack(directions), np.stack(peaks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Encoder, "read", remembered)
        yield known


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
