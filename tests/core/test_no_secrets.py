"""What reads like a password is refused before it is stored; what people write in earnest passes."""

from __future__ import annotations

import pytest

from core.errors import NotValid
from core.no_secrets import reads_like_a_secret, refuse_secret


@pytest.mark.parametrize(
    "text",
    [
        "Tr0ub4dor&3",
        "social/threads/force hunter2hunter2x9",
        "Password: correct-horse",
        "the password is Wealdshire",
        "pw=harrow",
        "PIN 4711 is not said, but pin: 4711",
        "backup codes: 8813-2210",
        "Vault entry 4, Xk9#mQ2!vL",
        "a1b2c3d4e5",
    ],
)
def test_a_password_or_a_code_is_found(text):
    assert reads_like_a_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "social/threads/force",
        "Social-Media/Force-2026/X",
        "Security keys 4 and 7 in the safe of communications; codes to the shared mailbox",
        "social.threads@wealdshire.example",
        "https://vault.wealdshire.example/entries/8f3a9c21d7b4",
        "The password is kept in the vault, entry 12.",
        "The password is never written down.",
        "Duty telephone 07700 900123, Sgt Okafor, room B12",
        "Reviewed 2026-11-29 by PSD-0418",
        "Covid19 leaflets",
        "пароль",
    ],
)
def test_what_people_write_in_earnest_passes(text):
    assert not reads_like_a_secret(text)


def test_the_refusal_stands_beside_its_field_and_does_not_repeat_the_secret():
    with pytest.raises(NotValid, match="never stores one") as refused:
        refuse_secret("Tr0ub4dor&3", field="vault_entry")
    assert refused.value.field == "vault_entry"
    assert "Tr0ub" not in refused.value.sentence
