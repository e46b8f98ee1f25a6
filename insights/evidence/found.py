"""What an evidence function answers: a state, a sentence, figures, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.urls import NoReverseMatch, reverse


class State(StrEnum):
    """Where a duty stands. UNREAD: its evidence could not be read, which never counts as met."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    WAIVED = "waived"
    UNJUDGED = "unjudged"
    UNREAD = "unread"

    @property
    def label(self) -> str:
        return _LABELS[self.value]

    @property
    def mark(self) -> str:
        """The state of the same look, as pages draw states."""
        return _MARKS[self.value]


_LABELS = {
    "met": "Met",
    "partly": "Partly met",
    "not_met": "Not met",
    "waived": "Waived",
    "unjudged": "Not yet judged",
    "unread": "Could not be read",
}
_MARKS = {
    "met": "ok",
    "partly": "review",
    "not_met": "failed",
    "waived": "ended",
    "unjudged": "pending",
    "unread": "unknown",
}
STRICTEST = (State.NOT_MET, State.UNREAD, State.UNJUDGED, State.PARTLY, State.MET)
"""From the worst to the best: where two speak of one duty, the worse counts."""


@dataclass(frozen=True)
class Where:
    """The page that shows the same in full, and the powers of which one opens it; none: everybody."""

    route: str
    powers: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Empty where this installation does not mount it: public pages may stand on a host of their own."""
        try:
            return reverse(self.route)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class Found:
    """The evidence for one duty, as it was when it was read."""

    state: State
    says: str
    figures: tuple[tuple[str, str], ...] = ()
    where: Where | None = None


def share(
    done: int, of: int, says: str, where: Where | None, *figures: tuple[str, str], least: float = 1.0
) -> Found:
    """Met where so many of so many are done (`least` as a share), partly where some are, else not.

    Where there is nothing to judge nobody can say that it is met.
    """
    if not of:
        return Found(State.UNJUDGED, "There is nothing to judge it by yet.", figures, where)
    state = State.MET if done >= of * least else State.PARTLY if done else State.NOT_MET
    return Found(state, says, figures, where)


def out_of(done: int, of: int) -> str:
    """ "18 of 20"."""
    return f"{done:,} of {of:,}"
