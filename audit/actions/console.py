"""What information security does beside reading: saved searches, assignments, reasons for access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from audit import queries, reasons
from audit.actions import record
from audit.models import Assignment, ReasonRule, SavedSearch
from core import clock
from core.acting import action
from core.errors import NotFound, NotPermitted, NotValid

MOST_SAVED = 50
LONGEST_ASSIGNMENT = timedelta(days=184)
MOST_PEOPLE = 50


@action
def save_search(*, actor: Any, name: str, filters: Mapping[str, Any]) -> SavedSearch:
    """These filters of the trail have a name, for the actor alone. An earlier one of that name is replaced.

    filters: as the search form takes them. Raises NotValid for one that looks for a member of the
    public: that would be a watch list, and this platform keeps none. Audits audit.search_saved.
    """
    queries.require_reader(actor)
    name = " ".join(name.split())
    if not name:
        raise NotValid("Give the search a name.", field="name")
    if len(name) > 60:
        raise NotValid("Give it a name of 60 characters at most.", field="name")
    kept = {key: str(value) for key, value in filters.items() if value not in ("", None)}
    if kept.get("commenter") or kept.get("subject") in ("comment", "commenter"):
        raise NotValid(
            "A search for one member of the public, or for their words, cannot be saved: this platform keeps no "
            "watch lists of people. Search for it again when you need it.",
            field="name",
        )
    if not kept:
        raise NotValid("Choose what to look for first: this search finds everything.", field="name")
    if SavedSearch.objects.filter(owner_id=actor.pk).exclude(name=name).count() >= MOST_SAVED:
        raise NotValid(
            f"You have {MOST_SAVED} saved searches. Delete one that you no longer use.", field="name"
        )
    saved, _ = SavedSearch.objects.update_or_create(
        owner_id=actor.pk, name=name, defaults={"filters": kept, "saved_at": clock.now()}
    )
    record(
        actor=actor, event="audit.search_saved", subject=saved, subject_name=name, details={"filters": kept}
    )
    return saved


@action
def delete_search(*, actor: Any, pk: int) -> None:
    """A saved search of one's own is gone. Raises NotFound. Audits audit.search_deleted."""
    saved = SavedSearch.objects.select_for_update().filter(owner_id=actor.pk, pk=pk).first()
    if saved is None:
        raise NotFound("There is no such saved search of yours. It may be deleted already.")
    record(actor=actor, event="audit.search_deleted", subject=saved, subject_name=saved.name)
    saved.delete()


@action
def assign(
    *,
    actor: Any,
    officer_id: int,
    people_ids: Iterable[int],
    reference: str,
    why: str,
    since: datetime,
    until: datetime,
    ends_at: datetime,
) -> Assignment:
    """Somebody of professional standards may read what these people did in this time, until it ends.

    since, until: of the entries; ends_at: of the assignment, at most half a year ahead.
    Raises NotPermitted, NotValid. Audits audit.assigned (a disclosure: to whom, of whom, why).
    """
    queries.require_all(actor)
    officer = next((person for person in queries.officers() if person.pk == officer_id), None)
    if officer is None:
        raise NotValid("Choose somebody who holds the role of professional standards now.", field="officer")
    if officer.pk == actor.pk:
        raise NotPermitted("Nobody assigns part of the trail to themselves. Ask a colleague.")
    chosen = sorted(set(people_ids))
    people = {person.pk: person for person in get_user_model()._default_manager.filter(pk__in=chosen)}
    if not chosen or len(people) != len(chosen):
        raise NotValid("Choose whose acts are looked into.", field="people")
    if len(chosen) > MOST_PEOPLE:
        raise NotValid(f"Choose {MOST_PEOPLE} people at most.", field="people")
    if officer.pk in people:
        raise NotValid("Nobody looks into their own acts. Choose another officer.", field="officer")
    at = clock.now()
    if since >= until:
        raise NotValid("The time looked into ends before it begins.", field="until")
    if not at < ends_at <= at + LONGEST_ASSIGNMENT:
        raise NotValid(
            "Let the assignment end within the next six months; it can be made anew.", field="ends"
        )
    made = Assignment.objects.create(
        reference=reference,
        officer_id=officer.pk,
        officer_name=str(officer),
        people_ids=chosen,
        people_names=[str(people[pk]) for pk in chosen],
        entries_since=since,
        entries_until=until,
        why=why,
        made_by_id=actor.pk,
        made_by_name=actor.actor_name,
        made_at=at,
        ends_at=ends_at,
    )
    record(
        actor=actor,
        event="audit.assigned",
        subject=officer,
        subject_name=str(officer),
        reason=why,
        details={
            "reference": reference,
            "people": chosen,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "ends": ends_at.isoformat(),
        },
    )
    return made


@action
def end_assignment(*, actor: Any, pk: int) -> Assignment:
    """The assignment opens nothing from now on; ended already it stays as it is.

    Raises NotPermitted, NotFound. Audits audit.assignment_ended.
    """
    queries.require_all(actor)
    held = Assignment.objects.select_for_update().filter(pk=pk).first()
    if held is None:
        raise NotFound("There is no such assignment.")
    if held.live:
        held.ended_at = clock.now()
        held.ended_by_name = actor.actor_name
        held.save(update_fields=["ended_at", "ended_by_name"])
        record(
            actor=actor,
            event="audit.assignment_ended",
            subject=held,
            subject_name=held.officer_name,
            details={"reference": held.reference},
        )
    return held


@action
def set_reason(*, actor: Any, of: str, mode: str) -> ReasonRule | None:
    """Whether a reason is asked before this kind of access, from the next one on.

    Raises NotPermitted, NotValid. Audits safeguard.reason_set where it changes something.
    """
    queries.require_safeguards(actor)
    if of not in reasons.ASKED or mode not in ReasonRule.Mode.values:
        raise NotValid(
            "Choose whether a reason is asked. Reload the page if the choice is missing.", field="mode"
        )
    was = reasons.mode(of)
    if was == mode:
        return ReasonRule.objects.filter(action=of).first()
    given = {"mode": mode, "set_by_name": actor.actor_name, "set_at": clock.now()}
    rule, _ = ReasonRule.objects.update_or_create(action=of, defaults=given)
    record(
        actor=actor,
        event="safeguard.reason_set",
        subject=rule,
        subject_name=reasons.ASKED[of].title,
        details={"was": was, "becomes": mode},
    )
    return rule
