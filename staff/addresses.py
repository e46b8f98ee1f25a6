"""Which e-mail addresses a staff member may have: one way to write each, so that nobody passes for another."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email


def check(address: str) -> None:
    """Refuse what is no e-mail address, or is not written in ASCII. Raises ValidationError.

    A long s, a Kelvin sign or a dotless i is the same letter as s, k or i once the case is left out of
    account, so that such an address would name two people at the sign-in. A domain in another script has a
    form in ASCII (RFC 5891).
    """
    if not address.isascii():
        raise ValidationError("An address is written in plain letters.", code="invalid")
    validate_email(address)
