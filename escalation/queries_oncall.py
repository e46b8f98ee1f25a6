"""Who is on call at an instant, until when, and where a rota has nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import OfficialAccount
from accounts.queries import may, people_with
from core import clock
from core.errors import NotFound
from escalation.models import Level, PathwayVersion, Post, Rota, RotaImport, Shift
from notices import ways
from notices.models import NoticeDelivery
from staff.models import StaffMember
from staff.roles import Power

AHEAD = timedelta(days=14)
"""How far ahead a gap is told."""


def on_call(rota: Rota, at: datetime | None = None) -> list[StaffMember]:
    """Whom the rota names at that instant; those who cover, where somebody does. Leavers are left out."""
    covering, named = _named(rota, at)
    return covering or named


def _named(rota: Rota, at: datetime | None) -> tuple[list[StaffMember], list[StaffMember]]:
    """Who covers the rota at that instant, and who stands on it beside them."""
    at = at or clock.now()
    shifts = list(
        Shift.objects.filter(rota=rota, withdrawn_at=None, starts_at__lte=at, ends_at__gt=at)
        .filter(_still_here(at))
        .select_related("person")
        .order_by("person__name", "id")
    )
    covering = {shift.person_id: shift.person for shift in shifts if shift.cover}
    named = {shift.person_id: shift.person for shift in shifts if not shift.cover}
    return list(covering.values()), list(named.values())


def on_shift_until(person: StaffMember, at: datetime | None = None) -> datetime | None:
    """When the person goes off shift, over shifts that follow one another; None where they are on none.

    Somebody whose shift another covers for them is off shift while that lasts.
    """
    at = at or clock.now()
    own = list(
        Shift.objects.filter(person=person, withdrawn_at=None, ends_at__gt=at, rota__active=True)
        .select_related("rota")
        .order_by("starts_at", "id")
    )
    until: datetime | None = None
    here = at
    for shift in own:
        if shift.starts_at > here:
            break
        if until is None and not shift.cover and _covered(shift, at):
            continue
        until = here = max(here, shift.ends_at)
    return until


def _covered(shift: Shift, at: datetime) -> bool:
    return (
        Shift.objects.filter(
            rota=shift.rota, withdrawn_at=None, cover=True, starts_at__lte=at, ends_at__gt=at
        )
        .exclude(person=shift.person_id)
        .filter(_still_here(at))
        .exists()
    )


def _still_here(at: datetime) -> Q:
    return Q(person__active=True) & (Q(person__access_until=None) | Q(person__access_until__gt=at))


@dataclass
class Whom:
    """Whom one level comes to at an instant, or why to nobody."""

    people: list[StaffMember] = field(default_factory=list)
    post: Post | None = None
    nobody_because: str = ""

    def __bool__(self) -> bool:
        return bool(self.people) or self.post is not None


def whom(level: Level, official_account: OfficialAccount, at: datetime | None = None) -> Whom:
    """Who is called when the level is called; with `at`, as rotas stand for then."""
    if level.kind == Level.Kind.POST and level.post is not None:
        if level.post.active and addresses(level, level.post):
            return Whom(post=level.post)
        return Whom(nobody_because=f"{level.post.name} has no way to be reached that this level uses.")
    if level.kind == Level.Kind.ROTA and level.rota is not None:
        when = f"at {clock.in_london(at):%H:%M}" if at is not None else "at the moment"
        covering, beneath = _named(level.rota, at)
        for group in (covering, beneath):
            # A cover who may not have the case covers nobody: whoever stands on the rota is called after all.
            able = [person for person in group if may(person, Power.ACKNOWLEDGE_CASES, official_account.pk)]
            if able:
                return Whom(able)
        named = covering or beneath
        why = f"Nobody is on call on the rota “{level.rota.name}” {when}."
        if named:
            names = ", ".join(person.called for person in named)
            why = (
                f"{names}, on call on the rota “{level.rota.name}”, may not have cases of {official_account}."
            )
        return Whom(nobody_because=why)
    people = holders(role=level.role, official_account_id=official_account.pk)
    return Whom(
        people,
        nobody_because=""
        if people
        else f"Nobody holds the role “{level.get_role_display()}” for {official_account} at the moment.",
    )


def holders(power: str | None = None, **where: Any) -> list[StaffMember]:
    """People who hold a power or a role, as accounts.queries.people_with: a service identity cannot be called."""
    return [person for person in people_with(power, **where) if person.kind == StaffMember.Kind.PERSON]


def addresses(level: Level | None, post: Post) -> dict[str, str]:
    """By which channels of the level the post can be reached, and where."""
    wanted = level.ways if level else [NoticeDelivery.Channel.EMAIL, NoticeDelivery.Channel.SMS]
    found = {}
    if NoticeDelivery.Channel.EMAIL in wanted and post.email:
        found["email"] = post.email
    if NoticeDelivery.Channel.SMS in wanted and ways.available("sms") and ways.number(post.mobile):
        found["sms"] = post.mobile
    return found


@dataclass(frozen=True)
class Gap:
    """A stretch for which a rota has nobody."""

    rota: Rota
    starts_at: datetime
    ends_at: datetime


def gaps(rota: Rota, *, since: datetime | None = None, until: datetime | None = None) -> list[Gap]:
    """Where the rota has nobody, earliest first. A leaver on it, or somebody without the role, counts as nobody."""
    since = since or clock.now()
    until = until or since + AHEAD
    able = {person.pk for person in takers()}
    shifts = (
        Shift.objects.filter(rota=rota, withdrawn_at=None, ends_at__gt=since, starts_at__lt=until)
        .filter(_still_here(since))
        .order_by("starts_at", "id")
    )
    found: list[Gap] = []
    here = since
    for shift in shifts:
        if shift.person_id not in able:
            continue
        ends = min(shift.ends_at, shift.person.access_until or shift.ends_at)
        if shift.starts_at > here:
            found.append(Gap(rota, here, min(shift.starts_at, until)))
        here = max(here, ends)
    if here < until:
        found.append(Gap(rota, here, until))
    return found


def needed_rotas() -> QuerySet[Rota]:
    """Rotas that a live pathway calls."""
    return Rota.objects.filter(active=True, levels__version__state=PathwayVersion.State.LIVE).distinct()


def rotas() -> QuerySet[Rota]:
    """Every rota that is in use, by name."""
    return Rota.objects.filter(active=True)


def rota(pk: int) -> Rota:
    """One rota. Raises NotFound."""
    try:
        return Rota.objects.get(pk=pk)
    except Rota.DoesNotExist:
        raise NotFound("There is no such rota.") from None


def posts() -> QuerySet[Post]:
    """Every post, by name."""
    return Post.objects.order_by("name")


def post(pk: int) -> Post:
    """One post. Raises NotFound."""
    try:
        return Post.objects.get(pk=pk)
    except Post.DoesNotExist:
        raise NotFound("There is no such post.") from None


def coming(rota: Rota, *, most: int = 60) -> list[Shift]:
    """The shifts that run or come, earliest first."""
    return list(
        Shift.objects.filter(rota=rota, withdrawn_at=None, ends_at__gt=clock.now())
        .select_related("person", "source")
        .order_by("starts_at", "-cover", "id")[:most]
    )


def shift(pk: int) -> Shift:
    """One shift that stands. Raises NotFound."""
    try:
        return Shift.objects.select_related("rota", "person").get(pk=pk, withdrawn_at=None)
    except Shift.DoesNotExist:
        raise NotFound("There is no such shift, or it was withdrawn.") from None


def rota_import(rota: Rota, pk: int) -> RotaImport:
    """One file that was read for this rota. Raises NotFound."""
    try:
        return RotaImport.objects.select_related("made_by").get(rota=rota, pk=pk)
    except RotaImport.DoesNotExist:
        raise NotFound("No such file was read for this rota.") from None


def takers() -> list[StaffMember]:
    """Who may have a case somewhere: those that a rota can name."""
    return holders(Power.ACKNOWLEDGE_CASES)


def levels_of(rota: Rota) -> Iterable[Level]:
    """The levels of live pathways that call this rota."""
    return (
        Level.objects.filter(rota=rota, version__state=PathwayVersion.State.LIVE)
        .select_related("version__pathway")
        .order_by("version__pathway__title", "position")
    )


def until_words(shift: Shift) -> str:
    """ "until 07:00 on 29 November"."""
    return f"until {clock.in_london(shift.ends_at):%H:%M on %-d %B}"


def shown(kept: RotaImport) -> list[dict[str, object]]:
    """The rows of a file as the page shows them, those with a problem first."""
    rows = [
        {
            **row,
            "starts": datetime.fromisoformat(row["starts"]) if row["starts"] else None,
            "ends": datetime.fromisoformat(row["ends"]) if row["ends"] else None,
        }
        for row in kept.rows
    ]
    return sorted(rows, key=lambda row: (not row["problem"], row["row"]))
