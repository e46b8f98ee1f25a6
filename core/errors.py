"""Refusals: things that may not happen now, each with a sentence that staff can act on.

They are expected. `core.middleware.Refusals` turns them into pages; commands turn them into a
sentence and exit status 2. A programming mistake is never one of these.
"""

from __future__ import annotations

from core import context


class Refused(Exception):
    """Base of all refusals. `sentence` says what is wrong and what to do next."""

    status = 409

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TrailClosed(Exception):
    """The audit trail could not be written, so nothing may be shown or done: 503, for everybody.

    No refusal: nothing that catches refusals may go on without the entry.
    """


class NotPermitted(Refused):
    """The person may know of the thing but not do this to it.

    power: the right that is lacking, in words, where one is. Each is noted for the trail
    (staff.middleware.RefusalsInTrail), also where a page shows the sentence beside a form.
    """

    status = 403

    def __init__(self, sentence: str, *, power: str = "") -> None:
        super().__init__(sentence)
        self.power = power
        context.note_refusal(self)


class NotFound(Refused):
    """There is no such thing, or the viewer may not know of it: the two answers are the same."""

    status = 404


class TransitionNotAllowed(Refused):
    """The thing is not in a state from which this can happen."""


class ChangedSinceSeen(Refused):
    """Somebody changed it after this person last saw it. Show the new state and ask again."""


class TakenBySomeoneElse(Refused):
    """Another person holds it. The sentence names them and until when."""


class NotValid(Refused):
    """What was given cannot be used. `field` names the form field, where there is one."""

    status = 422

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class TooMany(Refused):
    """Too many tries in a short time. The sentence says when to try again."""

    status = 429
