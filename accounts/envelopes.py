"""Secrets in envelopes: each under a key of its own, and that key under the installation's.

A new installation key (the first of CREDENTIAL_KEYS) re-wraps the small keys; the secrets themselves
are not opened for it.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

Unreadable = InvalidToken
"""Sealed with an installation key that is no longer configured, or not by us."""


def seal(content: bytes) -> tuple[bytes, bytes]:
    """The wrapped key and the sealed content."""
    key = Fernet.generate_key()
    return _installation().encrypt(key), Fernet(key).encrypt(content)


def open_sealed(wrapped_key: bytes, sealed: bytes) -> bytes:
    """The content. Raises Unreadable. Without a wrapped key: sealed before there were envelopes."""
    if not wrapped_key:
        return _installation().decrypt(sealed)
    return Fernet(_installation().decrypt(wrapped_key)).decrypt(sealed)


def wrap_anew(wrapped_key: bytes) -> bytes:
    """The same key under the newest installation key. Raises Unreadable."""
    return _installation().rotate(wrapped_key)


def under_newest(wrapped_key: bytes) -> bool:
    """Whether the newest installation key alone opens it."""
    try:
        Fernet(settings.CREDENTIAL_KEYS[0]).decrypt(wrapped_key)
    except InvalidToken:
        return False
    return True


def _installation() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
