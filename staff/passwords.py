"""What a password may not be: words that everybody here would guess first, and what is known to have leaked.

Source: ASVS 5.0, 6.1.2, 6.2.11 and 6.2.12; NIST SP 800-63B section 3.1.1.2 (context-specific words, breach corpuses).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError

from staff.models import Team

ALWAYS = (
    "smmp",
    "social media",
    "police",
    "constabulary",
    "heddlu",
    "force",
    "password",
    "passphrase",
    "welcome",
    "letmein",
    "admin",
    "administrator",
    "secret",
)
"""The product, the trade in English and Welsh, and what stands for a password on every list."""
SHORTEST_WORD = 4
LEFT_OVER = 8
"""Characters that a password must have beside all listed words."""

_LOOK_ALIKES = str.maketrans("0134578@$!€", "oieastbasie")
_LINE = re.compile(rb"([0-9A-Fa-f]{40})(?::|\s|$)")


def listed_words() -> set[str]:
    """Every word that a password may not be made of, in small letters without marks: ours, the force's name, its hosts
    and mail domains, the names of its teams (with the places in them), and SMMP_GUESSABLE_WORDS."""
    sources = [
        *ALWAYS,
        settings.FORCE_NAME,
        settings.PUBLIC_ADDRESS,
        *settings.FORCE_MAIL_DOMAINS,
        *settings.GUESSABLE_WORDS,
        *Team.objects.values_list("name", flat=True),
    ]
    found: set[str] = set()
    for source in sources:
        plain = _plain(source)
        found |= {word for word in re.findall(r"[a-z]+", plain) if len(word) >= SHORTEST_WORD}
        found |= {"".join(re.findall(r"[a-z]+", plain))} if " " in source else set()
    return {word for word in found if len(word) >= SHORTEST_WORD} - {"http", "https", "localhost"}


def _plain(text: str) -> str:
    whole = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in whole if not unicodedata.combining(c)).replace("’", "").replace("'", "")


class NoListedWords:
    """Refuse a password that is little but listed words, also with digits or signs in place of letters."""

    def validate(self, password: str, user: object = None) -> None:
        words = sorted(listed_words(), key=len, reverse=True)
        for spelt in {_plain(password), _plain(password).translate(_LOOK_ALIKES)}:
            left = re.sub("|".join(map(re.escape, words)), "", spelt)
            if left != spelt and len(left) < LEFT_OVER:
                raise ValidationError(
                    "This password is mostly made of words that anybody would try first here, such as the "
                    "force’s name or a place. Choose other words.",
                    code="password_listed_words",
                )

    def get_help_text(self) -> str:
        return "Not mostly made of the force’s name, its places or its teams."


class NotLeaked:
    """Refuse a password whose SHA-1 stands in the force's copy of a list of leaked passwords.

    SMMP_LEAKED_PASSWORDS names a file with one `HASH:count` a line, sorted by hash, as the downloader of Pwned
    Passwords writes it. It is looked up on disk by halving, some 30 reads for a thousand million lines, and
    nothing leaves the machine. Without a file nothing is checked.
    """

    def __init__(self, path: str | None = None) -> None:
        self.path = path

    def validate(self, password: str, user: object = None) -> None:
        path = settings.LEAKED_PASSWORDS if self.path is None else self.path
        if path and is_listed(Path(path), password):
            raise ValidationError(
                "This password stands in a list of passwords that leaked elsewhere. Choose one that you use "
                "nowhere else.",
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        return "Not one that leaked elsewhere."


def is_listed(path: Path, password: str) -> bool:
    """Whether the sorted file has the SHA-1 of this password. Raises ImproperlyConfigured for a file of another kind."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as lines:
        low, high = 0, lines.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            if middle:
                lines.seek(middle - 1)
                lines.readline()  # to the first line that begins at the middle or after it
            else:
                lines.seek(0)
            begins = lines.tell()
            line = lines.readline()
            if begins >= high or not line:
                high = middle
                continue
            found = _LINE.match(line)
            if found is None:
                raise ImproperlyConfigured(
                    f"SMMP_LEAKED_PASSWORDS names {path}, which has a line that is no SHA-1. Take the file of SHA-1 "
                    "hashes, sorted by hash."
                )
            here = found[1].upper()
            if here == wanted:
                return True
            if here < wanted:
                low = lines.tell()
            else:
                high = middle
    return False
