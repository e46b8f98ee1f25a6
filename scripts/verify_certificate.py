#!/usr/bin/env python3
"""Check a certificate of disposal on any machine: one file, plain Python 3.11 or later, nothing else.

    python verify_certificate.py CERTIFICATE.json                 the certificate is whole
    python verify_certificate.py CERTIFICATE.json --record 412    ... and record 412 is (or is not) on it
    python verify_certificate.py CERTIFICATE.json --key KEY       ... and the sealed audit trail says the same

What is checked: its numbers add up (as many distinct hashes as records disposed of); its digest is that of what it
says; and, where it carries the proof, that the entry "disposal.finished" of the audit trail names this digest, leads
to the root of its segment and to the head of a checkpoint (RFC 9162 trees), and that the checkpoint is signed
(Ed25519, RFC 8032) by the key of the trail. KEY is the verifier key that the force handed to you, as NAME+ID+KEY:
without it the checkpoint is checked against the key that the certificate itself names, which proves that the parts
belong together and not whose they are.

Exit status: 0 all that was asked holds, 1 something is wrong, 2 it cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

FORMAT = "smmp-disposal-certificate/1"


class Wrong(Exception):
    """The certificate is not what it says."""


def canonical(document: dict[str, Any]) -> bytes:
    """The bytes that the digest is of."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_document(given: dict[str, Any]) -> dict[str, Any]:
    """The certificate by itself. Raises Wrong."""
    document = given["document"]
    if document["format"] != FORMAT:
        raise Wrong(f"The form {document['format']!r} is not known.")
    if hashlib.sha256(canonical(document)).hexdigest() != given["sha256"]:
        raise Wrong("The digest is not that of the certificate: something in it was changed.")
    hashes = document["records"]
    if hashes != sorted(set(hashes)):
        raise Wrong("A record stands on the certificate twice, or out of order.")
    # Months of raw payloads and of the trail go whole: their certificates list no single records.
    if hashes and len(hashes) != document["disposed"]:
        raise Wrong(f"{document['disposed']} records are said to have gone, and {len(hashes)} are listed.")
    return document


def lists(document: dict[str, Any], number: int) -> bool:
    """Whether a record of this number is on the certificate."""
    return hashlib.sha256(f"{document['salt']}:{number}".encode()).hexdigest() in document["records"]


# The proof that the trail says the same


def check_proof(given: dict[str, Any], handed: str) -> str:
    """The proof that the certificate carries. Answers the name of the key; raises Wrong."""
    proof = given["proof"]
    content = proof["entry"].encode()
    entry = json.loads(content)
    said = _find(entry, "certificate_sha256")
    if "disposal.finished" not in _texts(entry) or said != given["sha256"]:
        raise Wrong("The entry of the trail is about another certificate.")
    leaf = _leaf(bytes([proof["version"]]) + content)
    segment = proof["segment"]
    path = [bytes.fromhex(step) for step in proof["segment_path"]]
    if _root(proof["position"] - segment["first"], segment["count"], leaf, path).hex() != segment["root"]:
        raise Wrong("The entry does not lead to the root of its segment.")
    record = (
        f"smmp-segment/1\n{segment['number']}\n{segment['first']}\n{segment['count']}\n{segment['root']}\n"
        f"{segment['previous_head']}\n{segment['sealed_at']}\n"
    )
    text, _, below = proof["checkpoint"].partition("\n\n")
    lines = text.split("\n")
    path = [bytes.fromhex(step) for step in proof["tree_path"]]
    head = _root(segment["number"], int(lines[1]), _leaf(record.encode()), path)
    if base64.b64encode(head).decode() != lines[2]:
        raise Wrong("The segment does not lead to the head of the checkpoint.")
    keys = [handed] if handed else [one["key"] for one in proof["keys"]]
    for key in keys:
        if _signed(key, f"{text}\n".encode(), below):
            return key.partition("+")[0]
    raise Wrong("The checkpoint is not signed by that key.")


def _find(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        if name in value:
            return value[name]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            if (found := _find(one, name)) is not None:
                return found
    return None


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*(_texts(one) for one in value))
    return {value} if isinstance(value, str) else set()


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _root(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The root that a path of inclusion leads to (RFC 9162 section 2.1.3.2). Raises Wrong."""
    if not 0 <= index < size:
        raise Wrong("The leaf lies outside the tree.")
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise Wrong("The path is too long.")
        if at & 1 or at == last:
            found = _node(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = _node(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise Wrong("The path is too short.")
    return found


def _signed(key: str, message: bytes, below: str) -> bool:
    name, _, rest = key.strip().partition("+")
    number, _, body = rest.partition("+")
    raw = base64.b64decode(body, validate=True)
    for line in below.strip("\n").split("\n"):
        _, signer, signature = [*line.split(" "), "", ""][:3]
        found = base64.b64decode(signature, validate=True)
        if signer == name and found[:4].hex() == number:
            return verify_ed25519(raw[1:], message, found[4:])
    return False


# Ed25519 (RFC 8032 section 5.1), the plain way: it checks one signature, and time does not matter

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _add(a: _Point, b: _Point) -> _Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    t, z = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = n - m, z - t, z + t, n + m
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _point(raw: bytes) -> _Point | None:
    y = int.from_bytes(raw, "little")
    odd, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of the message is that of the key."""
    if len(public) != 32 or len(signature) != 64 or _BASE is None:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    left, right = _times(s, _BASE), _add(r, _times(h, a))
    return (
        not (left[0] * right[2] - right[0] * left[2]) % _P
        and not (left[1] * right[2] - right[1] * left[2]) % _P
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("certificate", type=Path)
    parser.add_argument("--record", type=int, action="append", default=[], help="is this number on it?")
    parser.add_argument("--key", default="", help="the trail's verifier key, NAME+ID+KEY")
    asked = parser.parse_args(arguments)
    try:
        given = json.loads(asked.certificate.read_text(encoding="utf-8"))
        document = check_document(given)
        print(
            f"The certificate is whole: number {document['certificate']}, {document['disposed']} records of "
            f"{document['title']} ({document['record_class']}), {document['kept_by_a_hold']} kept by a hold, by "
            f"version {document['rule_version']} of its rule: {document['rule']}."
        )
        for number in asked.record:
            print(f"Record {number} is {'' if lists(document, number) else 'not '}on it.")
        if given.get("proof"):
            name = check_proof(given, asked.key)
            whose = "the key that you gave" if asked.key else "the key that it names itself"
            print(f"The audit trail of {name} says the same, signed by {whose}.")
        elif asked.key:
            raise Wrong(
                "It carries no proof. Download it again once its entry is sealed, which takes seconds."
            )
        else:
            print("It carries no proof that the audit trail says the same.")
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        print(f"It cannot be read as a certificate: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
