"""The private keys that sign checkpoints: files in a folder, never rows in the database.

Each file is an Ed25519 key in PKCS #8 PEM. Which one signs now is the last row of `SealKey`; other files
in the folder are keys that have been retired or are yet to begin.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from audit.verifier import Key, signature_line
from core.errors import NotValid

NAME = re.compile(r"[!-*,-~]{1,200}")
"""What C2SP lets a key be called: no spaces and no plus."""


class KeyMissing(Exception):
    """No file holds the key that is wanted. The message says which, and what to do."""


@dataclass(frozen=True)
class Signer:
    """A private key, under the name that stands in the checkpoints."""

    key: Key
    private: Ed25519PrivateKey

    @property
    def id(self) -> str:
        return self.key.id.hex()

    def line(self, text: str) -> str:
        """The line of signature under a checkpoint's text."""
        return signature_line(self.key, self.private.sign(text.encode()))


def signer(name: str, private: Ed25519PrivateKey) -> Signer:
    """A signer of that name. Raises NotValid for a name that no key may have."""
    if not NAME.fullmatch(name):
        raise NotValid(f"{name!r} cannot be the name of a key: no spaces, no plus, at most 200 characters.")
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer(Key(name, public), private)


def read_all(folder: Path, name: str) -> list[Signer]:
    """Every key in the folder, whatever the files are called. A file that is no such key is passed over."""
    found = []
    for path in sorted(folder.glob("*.pem")) if folder.is_dir() else []:
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(private, Ed25519PrivateKey):
            found.append(signer(name, private))
    return found


def holding(folder: Path, wanted: Key) -> Signer:
    """The private half of a key. Raises KeyMissing."""
    for found in read_all(folder, wanted.name):
        if found.key == wanted:
            return found
    raise KeyMissing(
        f"No file in {folder} holds the key {wanted.id.hex()} that seals the audit trail. Put it back, or where it "
        "is lost for good run `manage.py audit rotate-key --lost`."
    )


def make(folder: Path, name: str) -> Signer:
    """A new key in a file of its own that nobody else may read (mode 0600). Raises NotValid."""
    private = Ed25519PrivateKey.generate()
    made = signer(name, private)
    path = folder / f"{made.id}.pem"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise NotValid(f"{path} cannot be written ({fault.strerror}). Choose a folder that can.") from None
    return made


def only_one(found: Sequence[Signer], folder: Path) -> Signer:
    """The one key to begin with. Raises KeyMissing where there is none or more than one."""
    if len(found) != 1:
        raise KeyMissing(
            f"The folder {folder} holds {'no key' if not found else f'{len(found)} keys'}; put exactly one there "
            "before the trail is sealed for the first time (`manage.py audit new-key` makes one)."
        )
    return found[0]
