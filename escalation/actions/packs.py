"""What leaves with a case for somebody who is named: recorded before it is handed over."""

from __future__ import annotations

import re

from accounts import queries as accounts
from core.acting import action
from core.errors import NotValid
from escalation.actions import log
from escalation.actions.taking import locked, note_act
from escalation.models import Case
from staff.models import StaffMember
from staff.roles import Power


@action
def give_sheet(*, actor: StaffMember, case: Case, to: str) -> Case:
    """The threat-to-life sheet leaves for whoever asks a platform for data; the log says so.

    Raises NotPermitted, NotValid (nobody named, no comment that identifies anybody). Audits case.sheet_given.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    to = recipient(to)
    if not case.evidence.exists():
        raise NotValid(
            "The case holds no comment, so there is no account to ask about. Add the comment first.",
            field="to",
        )
    _given(actor, case, "case.sheet_given", f"Threat-to-life sheet given to {to}.", to=to)
    return case


@action
def give_exhibits(
    *, actor: StaffMember, case: Case, to: str, mark: str, sha256: str, exhibits: int, left_out: int
) -> Case:
    """The exhibit pack leaves for somebody who is named; its hash stands in the log and the trail.

    sha256: of the pack as it is handed over. Raises NotPermitted, NotValid. Audits case.exhibits_given.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    to = recipient(to)
    checked_mark(mark)
    if not exhibits:
        raise NotValid(
            "The case holds neither a comment nor a post, so there is nothing to exhibit.", field="to"
        )
    without = f"; {left_out} could not go along, named in its manifest" if left_out else ""
    _given(
        actor,
        case,
        "case.exhibits_given",
        f"Exhibit pack ({exhibits} exhibits, {mark}/1 on) given to {to}{without}. SHA-256 {sha256}.",
        to=to,
        sha256=sha256,
        exhibits=exhibits,
    )
    return case


def checked_mark(mark: str) -> str:
    """The initials of the exhibits. Raises NotValid."""
    if not re.fullmatch(r"[A-Z]{2,4}", mark):
        raise NotValid(
            "Write the initials of whoever produces the exhibits: two to four letters.", field="mark"
        )
    return mark


def recipient(to: str) -> str:
    """Who gets what leaves, by name. Raises NotValid."""
    to = " ".join(to.split())
    if len(to) < 3 or len(to) > 200:
        raise NotValid("Name who gets it, in 3 to 200 characters.", field="to")
    return to


def _given(actor: StaffMember, case: Case, event: str, says: str, **details: object) -> None:
    log.write(actor=actor, case=case, event="given", text=says)
    note_act(case)
    shown = list(case.evidence.values_list("comment_id", flat=True))
    log.audit(actor, event, case, shown_ids=shown, **details)
