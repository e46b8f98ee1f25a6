"""Secrets in envelopes: each under a key of its own, and that key under the installation's.

A new installation key (the first of CREDENTIAL_KEYS) re-wraps the small keys; the secrets themselves
are not opened for it.
"""

from __future__ import annotations

from cryptography.fernet import Fernet

from core.wrapping import Unreadable, Wrapping

__all__ = ["Unreadable", "open_sealed", "seal", "under_newest", "wrap_anew"]

_KEYS = Wrapping()
wrap_anew = _KEYS.anew
under_newest = _KEYS.under_newest


def seal(content: bytes) -> tuple[bytes, bytes]:
    """The wrapped key and the sealed content."""
    key = Fernet.generate_key()
    return _KEYS.wrap(key), Fernet(key).encrypt(content)


def open_sealed(wrapped_key: bytes, sealed: bytes) -> bytes:
    """The content. Raises Unreadable. Without a wrapped key: sealed before there were envelopes."""
    if not wrapped_key:
        return _KEYS.unwrap(sealed)
    return Fernet(_KEYS.unwrap(wrapped_key)).decrypt(sealed)
