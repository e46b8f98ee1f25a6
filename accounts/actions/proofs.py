"""That somebody looked whether an account is proved to be ours, and what they found."""

from __future__ import annotations

from accounts import proofs
from accounts.models import OfficialAccount, ProofCheck
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid
from staff.models import StaffMember
from staff.roles import Power


@action
def note_look(
    *, actor: StaffMember, official_account: OfficialAccount, kind: str, found: proofs.Found
) -> ProofCheck:
    """What a look found is kept; the latest counts. found: as proofs.look answers, which asks the network before.

    Raises NotPermitted, NotValid (the platform does not offer it). Audits account.proof_checked.
    """
    require(actor, Power.MANAGE_REGISTER, official_account.pk)
    if not proofs.offers(official_account, kind):
        raise NotValid("This platform does not offer that.")
    row = ProofCheck.objects.create(
        official_account=official_account,
        kind=kind,
        holds=found.holds,
        says=found.says[:300],
        checked_at=clock.now(),
        checked_by=actor,
    )
    record(
        actor=actor,
        event="account.proof_checked",
        subject=official_account,
        subject_name=official_account.name,
        official_account_id=official_account.pk,
        details={"way": row.get_kind_display(), "outcome": "it holds" if row.holds else "it does not hold"},
    )
    return row
