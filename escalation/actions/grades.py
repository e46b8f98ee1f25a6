"""The force's own scheme of grades."""

from __future__ import annotations

from django.utils.text import slugify

from accounts import queries as accounts
from audit.actions import record
from core.acting import action
from core.errors import NotValid
from escalation.models import Assessment, Grade
from staff.models import StaffMember
from staff.roles import Power

MOST = 12
_APART = 20_000
"""Where positions stand while they are dealt out anew: each is unique at every moment."""


@action
def save_grade(
    *,
    actor: StaffMember,
    grade: Grade | None,
    name: str,
    target: str = "",
    immediate: bool = False,
    source: str = "",
    place: int = 1,
    active: bool = True,
) -> Grade:
    """The grade stands in the scheme at this place, 1 the most urgent. Answers it.

    What an assessment was signed with keeps its name: another name, or another word on whether it is immediate,
    makes a grade that stands in its place, and the old one is not offered any more. At least one immediate grade
    stays in use. Raises NotPermitted, NotValid. Audits grade.saved.
    """
    accounts.require(actor, Power.SET_PATHWAYS)
    scheme = list(Grade.objects.select_for_update().order_by("position"))
    name, target, source = (" ".join(text.split()) for text in (name, target, source))
    if not name or len(name) > 120:
        raise NotValid("Name the grade, in up to 120 characters.", field="name")
    if len(target) > 200 or len(source) > 300:
        raise NotValid("Keep the target under 200 and the source under 300 characters.", field="target")
    own = grade.pk if grade is not None else None
    if any(one.active and one.pk != own and one.name.casefold() == name.casefold() for one in scheme):
        raise NotValid("Another grade has this name.", field="name")
    if grade is None and sum(one.active for one in scheme) >= MOST:
        raise NotValid(
            f"{MOST} grades are enough for anybody to choose from. Take one out of use first.", field="name"
        )
    others = [one for one in scheme if one.pk != own]
    if not (active and immediate) and not any(one.active and one.immediate for one in others):
        raise NotValid(
            "One grade in use has to be immediate: its cases name the force incident manager.",
            field="immediate",
        )
    present = next((one for one in scheme if one.pk == own), None)
    signed = present is not None and Assessment.objects.filter(grade=present).exists()
    if present is None or (signed and (present.name, present.immediate) != (name, immediate)):
        made = Grade(slug=_slug(name, {one.slug for one in scheme}), position=_APART)
        retired = present
    else:
        made, retired = present, None
    made.name, made.target, made.immediate, made.source, made.active = name, target, immediate, source, active
    made.save()
    rest = [one for one in scheme if one.pk not in {made.pk, retired.pk if retired else None}]
    before = [one for one in rest if one.active][: max(place, 1) - 1]
    index = rest.index(before[-1]) + 1 if before else 0
    order = [*rest[:index], made, *([retired] if retired else []), *rest[index:]]
    if retired is not None:
        retired.active = False
        retired.save(update_fields=["active"])
    for offset in (_APART + 1, 1):
        for number, one in enumerate(order):
            Grade.objects.filter(pk=one.pk).update(position=offset + number)
    made.refresh_from_db()
    record(
        actor=actor,
        event="grade.saved",
        subject=made,
        subject_name=made.name,
        details={
            "place": made.position,
            "immediate": immediate,
            "active": active,
            "in_place_of": retired.name if retired else "",
        },
    )
    return made


def _slug(name: str, taken: set[str]) -> str:
    plain = slugify(name)[:34] or "grade"
    slug, number = plain, 2
    while slug in taken:
        slug, number = f"{plain}-{number}", number + 1
    return slug
