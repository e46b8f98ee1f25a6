"""The ceremonies of a passkey (WebAuthn level 3, sections 7.1 and 7.2), judged without the database.

Everything here comes from a browser that may lie. Whatever is wrong with it is a `CeremonyRefused`
with one word for the trail and one sentence for the person.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest
from django_otp_webauthn.helpers import WebAuthnHelper
from webauthn import base64url_to_bytes, verify_authentication_response, verify_registration_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import RegistrationCredential
from webauthn.registration.verify_registration_response import VerifiedRegistration

LONGEST_ANSWER = 20_000
"""Letters of an authenticator's answer; a real one has fewer than 4,000."""

LONGEST_ID = 1023
"""Bytes of a credential id, and of a public key (WebAuthn level 3, 4)."""

HIGHEST_COUNT = 2**31 - 1
"""What the column of the counter holds. Authenticators count to 2**32 and do not come near it."""

AGAIN = "The passkey was not accepted. Try again, or use another of your second factors."
SENTENCES = {
    "late": "That took longer than five minutes, or was answered already. Try again.",
    "unknown": "That passkey is not one of yours on this platform. Use another one.",
    "counter": "This passkey answered as a copy would. It was not accepted: use another of your second factors, "
    "and tell information security.",
    "origin": "The passkey was used at another address than this platform's. Open the platform by the address "
    "that your force gave you.",
    "twice": "This passkey is set up already. It stands in the list of whoever holds it.",
    "malformed": "What the browser sent cannot be read. Try again; if it happens again, use another browser.",
}
"""What the person reads; every other word reads AGAIN."""

_WORDS = (
    ("challenge", "challenge"),
    ("origin", "origin"),
    ("RP ID", "domain"),
    ("signature", "signature"),
    ("sign count", "counter"),
    ("not present", "presence"),
    ("client data type", "type"),
    ("alg", "algorithm"),
)
"""Words in py_webauthn's messages -> the word in the trail."""


class CeremonyRefused(Exception):
    """`why`: one word for the trail."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    @property
    def sentence(self) -> str:
        return SENTENCES.get(self.why, AGAIN)


def address() -> str:
    """The one address at which passkeys work. A number is no domain: 127.0.0.1 is reached as localhost."""
    parts = urlsplit(settings.PUBLIC_ADDRESS)
    if parts.hostname in {"127.0.0.1", "::1"}:
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit((parts.scheme, f"localhost{port}", "", "", ""))
    return f"{parts.scheme}://{parts.netloc}"


def domain(request: HttpRequest | None = None) -> str:
    """The relying party: passkeys are bound to it for good."""
    return urlsplit(address()).hostname or ""


def works_here(request: HttpRequest) -> bool:
    """Whether the page was opened at the address at which passkeys work."""
    return urlsplit(f"//{request.get_host()}").hostname == domain()


class Helper(WebAuthnHelper):
    """django-otp-webauthn's options, for this platform's one address."""

    def get_relying_party_domain(self) -> str:
        return domain()

    def get_relying_party_name(self) -> str:
        return settings.FORCE_NAME

    def get_allowed_origins(self) -> list[str]:
        return [address()]

    def get_credential_display_name(self, user: Any) -> str:
        return user.called


def answer(text: str) -> dict[str, Any]:
    """The authenticator's answer as the form carried it. Raises CeremonyRefused."""
    if len(text) > LONGEST_ANSWER:
        raise CeremonyRefused("malformed")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise CeremonyRefused("malformed") from None
    if not isinstance(given, dict):
        raise CeremonyRefused("malformed")
    return given


def credential_id(given: dict[str, Any]) -> bytes:
    """Which passkey answers. Raises CeremonyRefused."""
    try:
        return parse_authentication_credential_json(given).raw_id
    except Exception as fault:
        raise _refused(fault) from None


def judge_enrolment(
    given: dict[str, Any], *, challenge: str
) -> tuple[RegistrationCredential, VerifiedRegistration]:
    """A new passkey, proved. Raises CeremonyRefused."""
    try:
        credential = parse_registration_credential_json(given)
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=domain(),
            expected_origin=[address()],
            supported_pub_key_algs=Helper(HttpRequest()).get_supported_key_algorithms() or [],
        )
        # Without an attestation nothing has used the key yet: a point off its curve would lie there, useless.
        decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
    # Hostile bytes make the libraries below raise nearly anything; none of it is a fault of ours,
    # and nothing here touches the database.
    except Exception as fault:
        raise _refused(fault) from None
    if len(verified.credential_id) > LONGEST_ID or len(verified.credential_public_key) > LONGEST_ID:
        raise CeremonyRefused("malformed")
    if verified.sign_count > HIGHEST_COUNT:
        raise CeremonyRefused("counter")
    return credential, verified


def judge_proof(
    given: dict[str, Any], *, challenge: str, public_key: bytes, count: int
) -> VerifiedAuthentication:
    """An answer by a known passkey, proved. Raises CeremonyRefused."""
    try:
        verified = verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=domain(),
            expected_origin=[address()],
            credential_public_key=bytes(public_key),
            credential_current_sign_count=count,
        )
    except Exception as fault:
        raise _refused(fault) from None
    if verified.new_sign_count > HIGHEST_COUNT:
        raise CeremonyRefused("counter")
    return verified


def _refused(fault: Exception) -> CeremonyRefused:
    said = str(fault)
    return CeremonyRefused(next((word for part, word in _WORDS if part in said), "malformed"))
