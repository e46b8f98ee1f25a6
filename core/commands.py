"""How a command refuses: one sentence on standard error, exit status 2, nothing done."""

from __future__ import annotations

from django.core.management.base import SystemCheckError


class CommandRefused(SystemCheckError):
    """Bad input to a command. The message is one sentence that says what would do.

    Of Django's command errors this is the one that is printed as it stands; before any other Django
    puts the name of its class.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)
