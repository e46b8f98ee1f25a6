"""Lists of staff: read and shown first, then applied exactly as shown, all of it or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from accounts import imports, queries
from accounts.actions import end_grant, give_grant, project_grants
from accounts.models import Grant, Neighbourhood, StaffImport
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from staff.actions import departures, members, teams
from staff.models import StaffMember, Team
from staff.roles import Power

KEPT_FOR = timedelta(hours=24)
"""How long a list that was read waits to be applied. Its rows are emptied then, or when it is applied."""
WHY = "By a list of staff"


@action
def read_list(*, actor: Actor, name: str, content: bytes) -> StaffImport:
    """A file is read and compared with who works here; nothing else happens yet.

    Raises NotPermitted, or NotValid with what to mend. Audits staff.list_read.
    """
    _require_manager(actor)
    rows = imports.rows_of(content)
    steps = imports.plan(rows, actor_id=actor.actor_id)
    kept = StaffImport.objects.create(
        name=name[:120],
        by=actor if isinstance(actor, StaffMember) else None,
        read_at=clock.now(),
        rows=rows,
        steps=imports.as_data(steps),
        counts=imports.counts(steps),
        fingerprint=imports.fingerprint(steps),
    )
    record(actor=actor, event="staff.list_read", subject=kept, details={"rows": len(rows)})
    return kept


@action
def apply_list(*, actor: Actor, kept: StaffImport) -> list[StaffMember]:
    """What was shown happens, all of it or nothing. Answers the joiners.

    Raises NotPermitted, NotValid (a row is refused), TransitionNotAllowed (applied, or emptied),
    ChangedSinceSeen where the same rows would come to something else by now: show it again.
    Audits staff.list_applied, and each change as if it were made by hand.
    """
    _require_manager(actor)
    with connection.cursor() as cursor:
        # Two lists at once: the second waits, and is then compared with what the first has done.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.staff_list'))")
    kept = StaffImport.objects.select_for_update().get(pk=kept.pk)
    if kept.by_id != actor.actor_id:
        raise NotPermitted("Somebody else read this list. Read it yourself, and look at what it comes to.")
    if kept.applied_at is not None:
        raise TransitionNotAllowed("This list has been applied already.")
    if not kept.rows:
        raise TransitionNotAllowed("This list was read more than a day ago. Read the file again.")
    if kept.counts["refused"]:
        raise NotValid("Mend the refused rows in the file and read it again. Nothing was changed.")
    StaffMember.objects.all_alone(step["member"] for step in kept.steps if step["member"])
    steps = imports.plan(kept.rows, actor_id=actor.actor_id)
    if imports.fingerprint(steps) != kept.fingerprint:
        raise ChangedSinceSeen(
            "Somebody changed one of these people, teams or roles after the list was read. Nothing was "
            "changed; read the file again to see what it comes to now."
        )
    joiners = [joiner for step in steps if (joiner := apply_step(actor, step)) is not None]
    project_grants(actor=actor)
    kept.applied_at = clock.now()
    kept.rows, kept.steps = [], []
    kept.save(update_fields=["applied_at", "rows", "steps"])
    record(actor=actor, event="staff.list_applied", subject=kept, details=kept.counts)
    return joiners


def apply_step(actor: Actor, step: imports.Step) -> StaffMember | None:
    """Do one step; answers the person where they are a joiner."""
    if step.outcome == "unchanged":
        return None
    if step.outcome == "join":
        member = members.add_member(actor=actor, email=step.email, name=step.name, rank=step.rank)
    else:
        member = StaffMember.objects.get(pk=step.member or 0)
    if step.outcome == "leave":
        departures.record_leaver(actor=actor, member=member, why=step.leaves)
        return None
    if (step.name, step.rank) != (member.name, member.rank):
        members.rename_member(actor=actor, member=member, name=step.name, rank=step.rank)
    if step.team:
        teams.join_team(actor=actor, team=Team.objects.get(pk=step.team), member=member)
    for pk in step.ends:
        end_grant(actor=actor, grant=Grant.objects.get(pk=pk), why=WHY, project=False)
    if step.role:
        give_grant(
            actor=actor,
            person=member,
            role=step.role,
            neighbourhood=Neighbourhood.objects.get(pk=step.neighbourhood) if step.neighbourhood else None,
            until=datetime.fromisoformat(step.until) if step.until else None,
            why=WHY,
            project=False,
        )
    return member if step.outcome == "join" else None


@action
def empty_lists(*, actor: Actor = System("scheduler")) -> int:  # noqa: B008
    """Lists that nobody applied within a day keep their counts and no person. Answers how many.

    Audits staff.lists_emptied where there were any.
    """
    emptied = (
        StaffImport.objects.filter(read_at__lt=clock.now() - KEPT_FOR)
        .exclude(rows=[])
        .update(rows=[], steps=[])
    )
    if emptied:
        record(actor=actor, event="staff.lists_emptied", details={"count": emptied})
    return emptied


def _require_manager(actor: Actor) -> None:
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.MANAGE_STAFF)
