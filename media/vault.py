"""Originals that must not be altered or read by the way: encrypted on their way to the store.

Each file has a key of its own (AES-256-GCM, so that a changed byte is found on opening); that key is kept
wrapped under the installation's (CREDENTIAL_KEYS, newest first), derived for this purpose alone, so that nothing
else that they seal opens a file. Without its row, and so without its key, what lies in the store is noise.
"""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from media import storage

_NONCE_BYTES = 12
Unreadable = InvalidToken
"""Sealed under an installation key that is no longer configured."""


def keep(content: bytes) -> tuple[str, str, bytes]:
    """Encrypt and store. Answers the SHA-256 of the content, the address in the store, and the wrapped key."""
    sha256 = hashlib.sha256(content).hexdigest()
    key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(_NONCE_BYTES)
    address = storage.put(nonce + AESGCM(key).encrypt(nonce, content, sha256.encode()))
    return sha256, address, _installation().encrypt(key)


def get(*, sha256: str, address: str, wrapped_key: bytes | memoryview) -> bytes:
    """The content, proved to be what was received. Raises storage.Damaged or Unreadable."""
    stored = storage.get(address)
    key = _installation().decrypt(bytes(wrapped_key))
    try:
        content = AESGCM(key).decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], sha256.encode())
    except InvalidTag:
        raise storage.Damaged(f"what is stored under {address} is not what was stored there") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise storage.Damaged(f"what is stored under {address} is not what was received")
    return content


def wrap_anew(wrapped_key: bytes) -> bytes:
    """The same key under the newest installation key. Raises Unreadable."""
    return _installation().rotate(wrapped_key)


def under_newest(wrapped_key: bytes) -> bool:
    """Whether the newest installation key alone opens it."""
    try:
        _derived(settings.CREDENTIAL_KEYS[0]).decrypt(wrapped_key)
    except InvalidToken:
        return False
    return True


def _installation() -> MultiFernet:
    return MultiFernet([_derived(key) for key in settings.CREDENTIAL_KEYS])


def _derived(key: str) -> Fernet:
    raw = base64.urlsafe_b64decode(key)
    purpose = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"smmp evidence files")
    return Fernet(base64.urlsafe_b64encode(purpose.derive(raw)))
