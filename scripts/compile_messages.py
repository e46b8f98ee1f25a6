"""Compile every locale/*/LC_MESSAGES/*.po into the .mo beside it, without the gettext tools.

The compiled files are committed, so that a newcomer needs no gettext. A test compares the two.
Only what our catalogues use is read: comments, msgid and msgstr, each in one or several quoted lines.
"""

from __future__ import annotations

import ast
import struct
import sys
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def read(source: str) -> dict[str, str]:
    """Message -> translation, out of a .po file. Raises ValueError, with the line, for anything else in it."""
    messages: dict[str, str] = {}
    key, value, into = "", "", ""
    for number, line in enumerate([*source.splitlines(), 'msgid ""'], start=1):
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "msgid":
            if into and value:
                messages[key] = value
            key, value, into = ast.literal_eval(rest), "", "key"
        elif word == "msgstr":
            value, into = ast.literal_eval(rest), "value"
        elif word.startswith('"') and into:
            more = ast.literal_eval(line.strip())
            key, value = (key + more, value) if into == "key" else (key, value + more)
        else:
            raise ValueError(f"line {number} is neither a message nor a comment")
    return messages


def compiled(messages: dict[str, str]) -> bytes:
    """The same as gettext's machine object: header, sorted tables of places, strings ended by a zero."""
    keys = sorted(messages, key=str.encode)
    texts = [key.encode() for key in keys], [messages[key].encode() for key in keys]
    start = 28 + 16 * len(keys)
    tables, strings = b"", b""
    for column in texts:
        for text in column:
            tables += struct.pack("<II", len(text), start + len(strings))
            strings += text + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start) + tables + strings


def main() -> int:
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        try:
            messages = read(source.read_text(encoding="utf-8"))
        except (ValueError, SyntaxError) as fault:
            sys.stderr.write(f"{source}: {fault}\n")
            return 2
        source.with_suffix(".mo").write_bytes(compiled(messages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
