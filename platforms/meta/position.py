"""How far an account at Meta has been read, where there is neither an inbox of comments nor a since id.

Comments are listed under each post alone, and an old post can be commented on at any time. So every
poll reads the newest posts, and one page further of a walk through all older ones (a round). What
came since the last poll is found in the first, what came since the last round in the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

OVERLAP = timedelta(minutes=15)
"""A comment can be listed some time after the instant it bears; what comes later still, the next round finds."""
ROUND_BACK = timedelta(days=90)
"""Posts older than this are walked through once, when the official account is first read."""
LONGEST_CURSOR = 250
"""A longer one cannot be kept with the position; the round is then walked to its end at once."""


@dataclass(frozen=True)
class Position:
    """known: up to this instant the newest posts have been read. `cursor`: the next page of the round
    under way, empty between rounds; `began`: what was known when it began; `since`: when the one
    before it began, from where on it reports (none: everything)."""

    known: datetime | None = None
    since: datetime | None = None
    began: datetime | None = None
    cursor: str = ""

    def __str__(self) -> str:
        instants = [str(int(i.timestamp())) if i else "" for i in (self.known, self.since, self.began)]
        return "|".join([*instants, self.cursor]).rstrip("|")

    @classmethod
    def read(cls, text: str) -> Position:
        """The position that `text` says; the beginning where it says nothing that can be read."""
        parts = [*text.split("|", 3), "", "", "", ""]
        try:
            known, since, began = (datetime.fromtimestamp(int(p), UTC) if p else None for p in parts[:3])
        except (ValueError, OverflowError, OSError):
            return cls()
        return cls(known, since, began, parts[3])

    @property
    def first_round(self) -> bool:
        """Whether everything is still being read for the first time."""
        return self.since is None and bool(self.cursor)

    def after(self, *, newest: datetime | None, first_next: str, round_next: str | None) -> Position:
        """The position after a poll.

        newest: the latest instant seen. first_next: the cursor after the newest posts.
        round_next: the cursor after the round's page; None where no round was under way.
        """
        known = max((i for i in (newest, self.known) if i is not None), default=None)
        if round_next is None:  # a round begins
            return Position(known, self.began, known, first_next)
        if round_next:
            return Position(known, self.since, self.began, round_next)
        return Position(known, self.since, self.began, "")


def back(instant: datetime | None) -> datetime | None:
    """The instant less the overlap: what is older need not be reported again."""
    return instant - OVERLAP if instant else None
