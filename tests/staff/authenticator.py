"""An authenticator in software: it answers passkey ceremonies rightly, and wrongly where a test asks for it."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from staff import passkeys

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 1, 4, 8, 16, 64


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey. `count` goes up by one with each proof."""

    id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0

    def client_data(self, options: dict[str, Any], kind: str, **changes: Any) -> bytes:
        said = {
            "type": f"webauthn.{kind}",
            "challenge": options["challenge"],
            "origin": passkeys.address(),
            "crossOrigin": False,
            **changes,
        }
        return json.dumps({k: v for k, v in said.items() if v is not None}).encode()

    def public_key(self, **changes: Any) -> bytes:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return cbor2.dumps(cose | changes.get("cose", {}))

    def data(
        self,
        *,
        domain: str | None = None,
        flags: int = PRESENT | VERIFIED,
        count: int | None = None,
        tail: bytes = b"",
    ) -> bytes:
        rp = hashlib.sha256((domain or passkeys.domain()).encode()).digest()
        return rp + bytes([flags]) + struct.pack(">I", self.count if count is None else count) + tail

    def enrol(
        self,
        options: dict[str, Any],
        *,
        client: dict[str, Any] | None = None,
        cose: dict[int, Any] | None = None,
        fmt: str = "none",
        id: bytes | None = None,
        flags: int = PRESENT | VERIFIED | ATTESTED,
        attestation: bytes | None = None,
        **data: Any,
    ) -> dict[str, Any]:
        given_id = self.id if id is None else id
        attested = bytes(16) + struct.pack(">H", len(given_id)) + given_id + self.public_key(cose=cose or {})
        tail = attested if flags & ATTESTED else b""
        whole = cbor2.dumps(
            {"fmt": fmt, "attStmt": {}, "authData": self.data(flags=flags, tail=tail, **data)}
        )
        return {
            "id": b64(given_id),
            "rawId": b64(given_id),
            "type": "public-key",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": b64(self.client_data(options, "create", **(client or {}))),
                "attestationObject": b64(whole if attestation is None else attestation),
                "transports": ["usb"],
            },
        }

    def prove(
        self,
        options: dict[str, Any],
        *,
        client: dict[str, Any] | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
        **data: Any,
    ) -> dict[str, Any]:
        self.count += 1
        said = self.client_data(options, "get", **(client or {}))
        auth = self.data(**data)
        signature = (key or self.key).sign(auth + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": b64(self.id),
            "rawId": b64(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(said),
                "authenticatorData": b64(auth),
                "signature": b64(signature),
                "userHandle": None,
            },
        }
