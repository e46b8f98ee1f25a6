"""How a command refuses: one sentence on standard error, exit status 2, nothing done."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError, SystemCheckError


class CommandRefused(SystemCheckError):
    """Bad input to a command. The message is one sentence that says what would do.

    Of Django's command errors this is the one that is printed as it stands; before any other Django
    puts the name of its class.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


def keep_page(page: Path, written: str, *, check: bool, command: str) -> None:
    """A page that the code writes is written; with `check`, compared only.

    Raises CommandError (status 1: it is out of date, run `command`), CommandRefused (it cannot be written).
    """
    if not check:
        try:
            page.write_text(written, encoding="utf-8")
        except OSError as error:
            raise CommandRefused(f"{page} could not be written: {error.strerror}.") from None
    elif not page.exists() or page.read_text(encoding="utf-8") != written:
        raise CommandError(f"docs/{page.name} is out of date. Run manage.py {command}.")
