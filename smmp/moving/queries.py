"""Reading what was brought in, and what a file would come to."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.queries import may, require, require_over_all
from core.errors import NotFound, NotValid
from smmp.models import Import, Imported, SavedMapping
from smmp.moving import fields
from smmp.moving.fields import Step
from smmp.moving.kinds import KINDS, files_of
from staff.models import StaffMember
from staff.roles import Power

SHOWN = 50


def kinds_for(viewer: StaffMember) -> list[tuple[str, str, str]]:
    """Kind, its name and what happens, of those that the viewer may bring in."""
    return [
        (kind, str(Import.Kind(kind).label), plan.says)
        for kind, plan in KINDS.items()
        if all(may(viewer, power) for power in plan.needs)
    ]


def require_kind(viewer: StaffMember, kind: str) -> None:
    """Refuse unless they may bring in this kind. Raises NotPermitted, or NotValid for no kind."""
    if kind not in KINDS:
        raise NotValid("Choose what you bring in.", field="kind")
    for power in KINDS[kind].needs:
        if power == Power.MANAGE_REGISTER:
            require_over_all(viewer, power)
        else:
            require(viewer, power)


def imports(viewer: StaffMember) -> list[Import]:
    """The viewer's own files, the newest first."""
    return list(Import.objects.filter(by=viewer).defer("rows", "steps", "files")[:SHOWN])


def one_import(viewer: StaffMember, pk: int) -> Import:
    """One of the viewer's own files: what it says may be for nobody else. Raises NotFound."""
    found = Import.objects.filter(by=viewer, pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound("You have read no such file. Read it anew.")
    return found


def saved_mappings(viewer: StaffMember) -> list[SavedMapping]:
    """Mappings that were kept, for kinds that the viewer may bring in."""
    mine = [kind for kind, _, _ in kinds_for(viewer)]
    return list(SavedMapping.objects.filter(kind__in=mine).order_by("kind", "product"))


def plan_of(kept: Import, viewer: StaffMember) -> list[Step]:
    """What each row comes to now, by the mapping that is kept with it."""
    kind = KINDS[kept.kind]
    rows = [{**fields.mapped(kind.fields, kept.mapping, row), "line": row["line"]} for row in kept.rows]
    steps = kind.plan(rows, actor=viewer, files=files_of(kept))
    come = set(
        Imported.objects.filter(
            kind=kept.kind, undone_at=None, key__in=[step.key for step in steps if step.key]
        ).values_list("key", flat=True)
    )
    for step in steps:
        if step.outcome == "new" and step.key in come:
            step.outcome, step.words, step.given = "known", ["It came in with an earlier file."], {}
    return steps


def came_from(subject_type: str, ids: Iterable[int]) -> dict[int, Import]:
    """Of these records, those that came in from another product, and with which file."""
    rows = Imported.objects.filter(
        subject_type=subject_type, subject_id__in=list(ids), undone_at=None
    ).select_related("source")
    return {row.subject_id: row.source for row in rows}
