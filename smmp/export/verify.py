"""Whether an export is whole: every file that the manifest names is there and is what was written.

Python 3.11 and its standard library alone, so that this very file stands in the export as verify.py:
`python3 verify.py [DIR]`. Exit status 0 where it is whole, 1 where it is not. Files are read in pieces.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PIECE = 1024 * 1024
MANIFEST = "manifest.json"
FILES = "files.jsonl"
MOST_SAID = 50


def verify(folder: Path) -> tuple[dict[str, int], list[str]]:
    """What was read (files, rows, bytes), and what is wrong with it in sentences, the first MOST_SAID of them."""
    read = {"files": 0, "rows": 0, "bytes": 0}
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        written = manifest["written"]
        stored_to_be = int(manifest["stored_files"])
    except FileNotFoundError:
        return read, [f"There is no {MANIFEST}: this is no export, or one that was never finished."]
    except (OSError, ValueError, KeyError, TypeError):
        return read, [f"{MANIFEST} cannot be read."]
    wrong: list[str] = []
    expected = {MANIFEST}
    for entry in written:
        expected.add(entry["file"])
        wrong += _compared(folder, entry, read)
    stored = 0
    for entry in _lines(folder / FILES):
        stored += 1
        expected.add(str(entry.get("file", "")))
        wrong += _compared(folder, entry, read)
        if len(wrong) > MOST_SAID:
            break
    if not wrong and stored != stored_to_be:
        wrong.append(f"{FILES} names {stored} files; the manifest says {stored_to_be}.")
    if len(wrong) <= MOST_SAID:
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        wrong += [f"{name} stands there and belongs to nothing." for name in sorted(there - expected)]
    return read, wrong[:MOST_SAID]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of the list of files; what cannot be read has been said where its hash was compared."""
    try:
        with path.open("rb") as lines:
            for line in lines:
                entry = json.loads(line)
                if isinstance(entry, dict):
                    yield entry
    except (OSError, ValueError):
        return


def _compared(folder: Path, entry: dict[str, Any], read: dict[str, int]) -> list[str]:
    name = str(entry.get("file", ""))
    path = folder / name
    if not name or ".." in Path(name).parts or Path(name).is_absolute():
        return [f"“{name}” is no name of a file of an export."]
    digest, size, rows, last = hashlib.sha256(), 0, 0, b"\n"
    try:
        with path.open("rb") as content:
            while piece := content.read(PIECE):
                digest.update(piece)
                size += len(piece)
                rows += piece.count(b"\n")
                last = piece
    except FileNotFoundError:
        return [f"{name} is missing."]
    except OSError as fault:
        return [f"{name} cannot be read: {fault.strerror}."]
    read["files"] += 1
    read["bytes"] += size
    if digest.hexdigest() != entry.get("sha256"):
        return [f"{name} is not what was written: its SHA-256 is another."]
    if "rows" in entry:
        read["rows"] += rows
        if rows != entry["rows"] or not last.endswith(b"\n"):
            return [f"{name} has {rows} lines; the manifest says {entry['rows']}."]
    return []


def main(arguments: list[str]) -> int:
    """The script: prints what it read and what is wrong."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    read, wrong = verify(folder)
    said = [
        *wrong,
        f"{read['files']} files, {read['rows']} rows and {read['bytes']} bytes were read.",
        "Something is wrong with this export." if wrong else "The export is whole.",
    ]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
