"""A case that somebody had who has left: it is nobody's until somebody says “I have it” anew."""

from __future__ import annotations

from django.urls import reverse

from accounts.actions.handing_over import HANDOVER, hand_over
from accounts.queries import heirs
from core import clock
from core.acting import action
from core.actors import Actor
from escalation.actions import ladder, log
from escalation.models import Case
from escalation.workflow import CASE
from staff.queries import departure_of
from staff.roles import Power


@action
def rehome_case(*, actor: Actor = HANDOVER, case: Case) -> bool:
    """The heir is called for the case, together with its first level; the ladder runs until somebody has it.

    It is not simply given to the heir: they may be asleep, and a case must never be silent.
    Safe to run twice; answers False where there was nothing to do. Audits staff.work_handed_over.
    """
    found = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "version", "official_account", "acknowledged_by")
        .filter(pk=case.pk, state=Case.State.ACKNOWLEDGED, acknowledged_by__active=False)
        .first()
    )
    leaver = found.acknowledged_by if found is not None else None
    departure = departure_of(leaver) if leaver is not None else None
    if found is None or departure is None:
        return False
    heir = next(iter(heirs(departure, Power.ACKNOWLEDGE_CASES, [found.official_account_id])), None)
    found.state = CASE.next(found.state, "hand_over")
    found.round += 1
    found.level = 1
    ladder.let_go(found)
    found.acknowledge_by = clock.now()
    found.save()
    goes_to = f"It goes to {heir.called}." if heir is not None else "Nobody is named to take it over."
    log.write(
        actor=actor,
        case=found,
        event="handed over",
        text=f"{departure.person.called}, who had it, has left. {goes_to} Somebody has to say “I have it”.",
    )
    ladder.call_first_level(case=found, besides=heir)
    if not departure.handovers.filter(subject_type="escalation.case", subject_id=found.pk).exists():
        hand_over(
            actor=actor,
            departure=departure,
            heir=heir,
            subject=found,
            subject_name=f"Case {found.reference}",
            what_next="Say “I have it”, or that you cannot take it."
            if heir is not None
            else "Nobody else may have it at the moment; its ladder is called.",
            link=reverse("escalation:case", args=[found.pk]),
            official_account_id=found.official_account_id,
        )
    return True
