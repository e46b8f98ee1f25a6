"""Originals that must not be altered or read by the way: encrypted on their way to the store.

Each file has a key of its own (AES-256-GCM, so that a changed byte is found on opening); that key is kept
wrapped under the installation's (CREDENTIAL_KEYS, newest first), derived for this purpose alone, so that nothing
else that they seal opens a file. Without its row, and so without its key, what lies in the store is noise.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.wrapping import Unreadable, Wrapping
from media import storage

__all__ = ["Unreadable", "get", "keep", "under_newest", "wrap_anew"]

_NONCE_BYTES = 12
_KEYS = Wrapping("smmp evidence files")
wrap_anew = _KEYS.anew
under_newest = _KEYS.under_newest


def keep(content: bytes) -> tuple[str, str, bytes]:
    """Encrypt and store. Answers the SHA-256 of the content, the address in the store, and the wrapped key."""
    sha256 = hashlib.sha256(content).hexdigest()
    key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(_NONCE_BYTES)
    address = storage.put(nonce + AESGCM(key).encrypt(nonce, content, sha256.encode()))
    return sha256, address, _KEYS.wrap(key)


def get(*, sha256: str, address: str, wrapped_key: bytes | memoryview) -> bytes:
    """The content, proved to be what was received. Raises storage.Damaged or Unreadable."""
    stored = storage.get(address)
    key = _KEYS.unwrap(bytes(wrapped_key))
    try:
        content = AESGCM(key).decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], sha256.encode())
    except InvalidTag:
        raise storage.Damaged(f"what is stored under {address} is not what was stored there") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise storage.Damaged(f"what is stored under {address} is not what was received")
    return content
