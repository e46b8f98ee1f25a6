"""Workflow tables: which event takes a thing from which state to which, and nothing else does.

    DECIDING = Workflow("comment", {("open", "decide"): "decided", ("decided", "reopen"): "open"})
    comment.state = DECIDING.next(comment.state, "decide")

The table is the whole rule: actions ask it, pages ask `allows` to offer only what can happen,
and tests walk it pair by pair.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import TransitionNotAllowed


class Workflow:
    """A transition table with a noun that its refusals use."""

    def __init__(self, noun: str, table: Mapping[tuple[str, str], str]) -> None:
        self.noun = noun
        self.table = dict(table)

    @property
    def states(self) -> set[str]:
        """Every state that the table names."""
        return {state for state, _ in self.table} | set(self.table.values())

    @property
    def events(self) -> set[str]:
        """Every event that the table names."""
        return {event for _, event in self.table}

    def allows(self, state: str, event: str) -> bool:
        """Whether `event` may happen to a thing in `state`."""
        return (state, event) in self.table

    def next(self, state: str, event: str) -> str:
        """The state after `event`. Raises TransitionNotAllowed with a sentence for staff."""
        try:
            return self.table[state, event]
        except KeyError:
            raise TransitionNotAllowed(
                f"This {self.noun} is {state.replace('_', ' ')}, so it cannot be "
                f"{_past(event)} now. Reload the page to see where it stands."
            ) from None


def _past(event: str) -> str:
    words = event.replace("_", " ")
    verb, _, rest = words.partition(" ")
    irregular = {
        "withdraw": "withdrawn",
        "hide": "hidden",
        "unhide": "shown again",
        "send": "sent",
        "hold": "held",
        "give": "given",
        "take": "taken",
        "stand": "stood",
    }
    if verb in irregular:
        past = irregular[verb]
    elif verb.endswith("e"):
        past = verb + "d"
    elif verb.endswith("y") and verb[-2:-1] not in "aeiou":
        past = verb[:-1] + "ied"
    else:
        past = verb + "ed"
    return f"{past} {rest}".strip()
