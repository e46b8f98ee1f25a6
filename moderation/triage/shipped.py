"""The model made from the examples that ship: made once per machine, then kept in a file beside the other working files.

The file is no source: it is made again wherever it is missing, and named by everything that it was made from.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from moderation.triage import exemplars
from moderation.triage.blend import Triage
from moderation.triage.encoder import RESOURCES, Encoder, EncoderMissing, encoder
from moderation.triage.exemplars import Lessons
from moderation.triage.model import Model, train
from moderation.triage.verdict import VERSION


def digest_of(lessons: Lessons) -> str:
    """Of all that a model comes from: examples, calibration, rules and code, encoder."""
    content = hashlib.sha256(lessons.digest.encode())
    for part in (VERSION, *sorted(RESOURCES.values())):
        content.update(part.encode() + b"\0")
    return content.hexdigest()


def model(folder: Path, *, with_encoder: Encoder) -> Model:
    """The shipped model, from its file in the folder or made now (about a minute of one core)."""
    lessons = exemplars.lessons()
    digest = digest_of(lessons)
    with contextlib.suppress(OSError, ValueError):
        return Model.from_bytes(_kept_at(folder, digest).read_bytes())
    made = train(with_encoder, lessons, digest=digest)
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time, nothing else
        keep(made, folder)
    return made


def keep(made: Model, folder: Path) -> None:
    """The model stands in the folder for what asks for one of its digest. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(made.as_bytes())
    os.replace(file.name, _kept_at(folder, made.digest))


def _kept_at(folder: Path, digest: str) -> Path:
    return folder / f"model-{digest[:16]}.npz"


def triage(folder: Path) -> Triage:
    """Rules and shipped model; rules alone, with the reason, where the encoder cannot be had."""
    try:
        ready = encoder()
        return Triage(model(folder, with_encoder=ready), ready, why_not="")
    except (EncoderMissing, OSError, ValueError) as missing:
        return Triage(why_not=str(missing))
