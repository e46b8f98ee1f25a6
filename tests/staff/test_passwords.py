"""What a password may not be: the force's own words, and what leaked elsewhere."""

from __future__ import annotations

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError

from smmp import env
from staff import passwords
from staff.models import Team

LEAKED = ["correct horse battery", "monkey barrel lantern", "tulip walnut harbour"]


def test_a_password_of_the_forces_own_words_is_refused_and_one_among_others_is_not(db, settings):
    settings.GUESSABLE_WORDS = ["Kingsmere"]
    Team.objects.create(name="Harrowfield neighbourhood team")
    Team.objects.create(name="Digital desk")
    for guessed in (
        "Wealdshire2026!",
        "wealdshirepolice",
        "W3aldsh1re-P0l1ce",
        "Harrowfield-2026",
        "Digital-Desk-01!",
        "SMMP-password-1",
        "kingsmere-2026",
        "Wéaldshire-99!!",
    ):
        with pytest.raises(ValidationError, match="try first here"):
            passwords.NoListedWords().validate(guessed)
    for chosen in ("otter lantern at wealdshire", "walnut harbour tulip", "9f!kQ2zT7-vXpw"):
        validate_password(chosen)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_leaked_password_is_found_wherever_it_stands_in_the_list(tmp_path, settings, db, line_end):
    hashes = sorted(
        hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()
        for word in [*LEAKED, *(f"filler {n}" for n in range(300))]
    )
    listed = tmp_path / "leaked.txt"
    listed.write_bytes(line_end.join(f"{line}:{n}".encode() for n, line in enumerate(hashes)))
    settings.LEAKED_PASSWORDS = str(listed)
    for word in [*LEAKED, *(f"filler {n}" for n in range(300))]:
        assert passwords.is_listed(listed, word), word
    with pytest.raises(ValidationError, match="leaked elsewhere"):
        validate_password(LEAKED[0])
    validate_password("walnut harbour tulip")
    settings.LEAKED_PASSWORDS = ""
    validate_password(LEAKED[0])


def test_a_file_of_another_kind_is_refused_by_name_at_the_start(tmp_path, monkeypatch):
    other = tmp_path / "words.txt"
    other.write_text("hunter2\npassword\n")
    monkeypatch.setenv("SMMP_LEAKED_PASSWORDS", str(other))
    with pytest.raises(env.WrongEnvironment, match="SMMP_LEAKED_PASSWORDS"):
        env.file_of_sha1("SMMP_LEAKED_PASSWORDS")
    with pytest.raises(ImproperlyConfigured):
        passwords.is_listed(other, "walnut")
