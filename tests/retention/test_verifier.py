"""The standalone verifier of certificates: its signatures are those of Ed25519, and it reads the trail's own proofs."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.models import Entry
from core import clock
from retention import certificate, tasks
from retention.actions import disposals
from retention.models import Disposal, ScheduleRow
from smmp.seed import reference
from tests.audit import sealing
from tests.retention import going

PATH = Path(__file__).resolve().parents[2] / "scripts/verify_certificate.py"
_spec = importlib.util.spec_from_file_location("verify_certificate", PATH)
verifier = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verifier)


def test_its_signatures_are_those_of_ed25519():
    for number in range(8):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public, message = key.public_key().public_bytes_raw(), b"seal %d" % number
        signature = key.sign(message)
        assert verifier.verify_ed25519(public, message, signature)
        assert not verifier.verify_ed25519(public, message + b"!", signature)
        for at in (0, 31, 32, 63):
            wrong = bytes(byte ^ (at == place) for place, byte in enumerate(signature))
            assert not verifier.verify_ed25519(public, message, wrong)
    assert not verifier.verify_ed25519(b"", b"", b"")


def test_a_certificate_carries_the_proof_that_the_trail_seals_it(committed_db, settings, tmp_path, capsys):
    reference.make()
    signer = sealing.begin(settings, tmp_path / "keys")
    row = ScheduleRow.objects.get(slug="routine_comment")
    done = disposals.carry_out(actor=tasks.RETENTION, proposal=going.proposal(row, clock.today()))
    sealing.seal(signer)
    sealing.seal_segments(signer, [2])
    path = tmp_path / "certificate.json"
    path.write_bytes(certificate.as_json(Disposal.objects.get(pk=done.pk)))
    given = json.loads(path.read_text())
    assert given["proof"], "the entry is sealed"
    assert verifier.main([str(path), "--key", signer.key.text]) == 0
    assert "says the same, signed by the key that you gave" in capsys.readouterr().out
    stranger = sealing.other_key(tmp_path / "strange")
    assert verifier.main([str(path), "--key", stranger.key.text]) == 1
    for change in (
        lambda proof: proof.update(entry=proof["entry"].replace(given["sha256"], "0" * 64)),
        lambda proof: proof["segment"].update(root="0" * 64),
        lambda proof: proof.update(checkpoint=proof["checkpoint"].replace("entries", "Entries", 1)),
    ):
        falsified = json.loads(json.dumps(given))
        change(falsified["proof"])
        path.write_text(json.dumps(falsified))
        assert verifier.main([str(path), "--key", signer.key.text]) == 1
    assert Entry.objects.filter(event="disposal.finished", pk=done.entry_id).exists()
