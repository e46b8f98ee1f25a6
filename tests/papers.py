"""What stands in a PDF, for tests."""

from __future__ import annotations

import re
import zlib


def pdf_text(content: bytes) -> str:
    """What a PDF says, and everything else in it that can be read: its streams are unpacked."""
    packed = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
    said = [packed.sub(b"", content).decode("latin-1")]
    for stream in packed.findall(content):
        try:
            said.append(zlib.decompress(stream).decode("latin-1"))
        except zlib.error:
            continue
    return "\n".join(said)


def pdf_words(content: bytes) -> str:
    """Its words in their order, lines and cells set apart by blanks: for words that a line may break."""
    said = re.findall(r"\(((?:[^()\\]|\\.)*)\) Tj", pdf_text(content))
    return re.sub(r"\\([()\\])", r"\1", " ".join(said))
