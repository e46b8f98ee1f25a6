"""How a command refuses: one sentence on standard error, exit status 2, nothing done."""

from __future__ import annotations

from django.core.management.base import CommandError


class CommandRefused(CommandError):
    """Bad input to a command. The message is one sentence that says what would do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)
