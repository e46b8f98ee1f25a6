"""That somebody searched is recorded before they read what was found. What they typed is kept as a keyed hash alone."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from audit.actions import record
from core.acting import action
from moderation.models import Commenter
from moderation.queries_search import Wanted
from staff.models import StaffMember

SALT = "moderation.search"


def keyed(text: str) -> str:
    """What stands in the trail for something searched: whoever knows the words can ask whether they were looked for."""
    return salted_hmac(SALT, " ".join(text.lower().split()), algorithm="sha256").hexdigest()


@action
def record_search(*, actor: StaffMember, wanted: Wanted, ids: Iterable[int], capped: bool) -> None:
    """The person was shown these comments for what they searched, in full or as far as the search came.

    Source: DPA 2018 s.62 (consultation). Audits comments.searched.
    """
    looked_for = " ".join([wanted.words, *wanted.phrases])
    narrowed = {
        "from": wanted.since.isoformat() if wanted.since else "",
        "up_to": wanted.until.isoformat() if wanted.until else "",
        "category": wanted.category,
        "state": wanted.state,
    }
    record(
        actor=actor,
        event="comments.searched",
        official_account_id=wanted.account,
        shown_ids=ids,
        details={
            "looked_for": keyed(looked_for) if looked_for.strip() else "",
            "capped": capped,
            **{name: value for name, value in narrowed.items() if value},
        },
    )


@action
def record_handle_search(*, actor: StaffMember, handle: str, found: Iterable[Commenter]) -> None:
    """The person searched for somebody by their handle; what that one wrote is behind the surveillance guard.

    Source: RIPA 2000 s.26(2); moderation.guard. Audits commenter.searched.
    """
    people = list(found)
    record(
        actor=actor,
        event="commenter.searched",
        subject=people[0] if len(people) == 1 else None,
        subject_name=f"commenter {people[0].pk}" if len(people) == 1 else "",
        details={"handle": keyed(handle.removeprefix("@")), "found": len(people)},
    )
