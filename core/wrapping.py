"""Keys of single secrets and files, wrapped under the installation's keys (CREDENTIAL_KEYS, newest first)."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

Unreadable = InvalidToken
"""Sealed under an installation key that is no longer configured, or not by us."""


class Wrapping:
    """Wrapping for one purpose. purpose: keys are derived for it alone, so that no other opens what it
    sealed; empty: the installation's keys themselves."""

    def __init__(self, purpose: str = "") -> None:
        self.purpose = purpose

    def wrap(self, key: bytes) -> bytes:
        """Under the newest installation key."""
        return self._all().encrypt(key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises Unreadable."""
        return self._all().decrypt(wrapped)

    def anew(self, wrapped: bytes) -> bytes:
        """The same key under the newest installation key. Raises Unreadable."""
        return self._all().rotate(wrapped)

    def under_newest(self, wrapped: bytes) -> bool:
        """Whether the newest installation key alone opens it."""
        try:
            self._one(settings.CREDENTIAL_KEYS[0]).decrypt(wrapped)
        except InvalidToken:
            return False
        return True

    def _all(self) -> MultiFernet:
        return MultiFernet([self._one(key) for key in settings.CREDENTIAL_KEYS])

    def _one(self, key: str) -> Fernet:
        if not self.purpose:
            return Fernet(key)
        derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=self.purpose.encode())
        return Fernet(base64.urlsafe_b64encode(derived.derive(base64.urlsafe_b64decode(key))))
