"""Keeping a post of the force's own with a case."""

from __future__ import annotations

from accounts import queries as accounts
from core import clock
from core.acting import action
from core.errors import NotValid
from escalation import queries_own_posts
from escalation.actions import log
from escalation.actions.taking import locked, note_act, refuse_if_closed
from escalation.models import Case, OwnPost
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power


@action
def keep_post(*, actor: StaffMember, case: Case, delivery: Delivery, why: str = "") -> OwnPost:
    """The post stands in the case as it is on the platform now, whatever is done with it there later.

    A second time changes nothing. Raises NotPermitted, NotValid (not one that went out and that they may see),
    TransitionNotAllowed (closed). Audits case.own_post_added.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    if had := OwnPost.objects.filter(case=case, delivery=delivery).first():
        return had
    refuse_if_closed(case, "add to it")
    found = queries_own_posts.sent(actor).filter(pk=delivery.pk).first()
    if found is None:
        raise NotValid(
            "Choose a post that went out, of an official account whose posts you may see.", field="post"
        )
    why = " ".join(why.split())
    if len(why) > 300:
        raise NotValid("Keep the reason under 300 characters.", field="why")
    kept = OwnPost.objects.create(
        case=case,
        delivery=found,
        snapshot=queries_own_posts.snapshot(found),
        why=why,
        added_at=clock.now(),
        added_by_name=actor.called,
    )
    log.write(
        actor=actor,
        case=case,
        event="post",
        text=f"Our post on {found.official_account.name} is kept with the case.{f' {why}' if why else ''}",
    )
    note_act(case)
    log.audit(actor, "case.own_post_added", case, delivery=found.pk)
    return kept
