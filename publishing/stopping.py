"""What a pause or lockdown covers, as one condition on deliveries: read in the statement that claims an act.

Source of the two kinds: NYC emergency communications rule on pausing scheduled posts (domain.md, section 9), and
an intruder in the publishing tool itself (Metropolitan Police, MyNewsDesk, July 2019).

Unknown means stop. A kind that this code does not know stops everything; only what is surely a pause and surely
not a post passes a pause; where the database does not answer, the claim fails and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import ExpressionWrapper

from accounts.models import Neighbourhood, OfficialAccount
from core import clock
from core.errors import NotValid
from publishing.models import Delivery, Lockdown, LockdownException, PostTag, Tag
from staff.models import Team

PAUSED = (Delivery.Kind.POST,)
"""What a pause holds. Replies, corrections, hiding and take-downs go on: somebody may need the answer, and
what is wrong must come down."""

WHAT: dict[str, tuple[str, tuple[str, ...]]] = {
    "posts": ("Posts", (Delivery.Kind.POST,)),
    "replies": ("Replies and private messages", (Delivery.Kind.REPLY,)),
    "corrections": ("Changes and deletions of our posts", (Delivery.Kind.EDIT, Delivery.Kind.DELETE)),
    "acts": (
        "Hiding, deleting, blocking and muting",
        (
            Delivery.Kind.HIDE,
            Delivery.Kind.UNHIDE,
            Delivery.Kind.DELETE_COMMENT,
            Delivery.Kind.BLOCK,
            Delivery.Kind.UNBLOCK,
            Delivery.Kind.MUTE,
            Delivery.Kind.UNMUTE,
        ),
    ),
}
"""Kinds of content that a lockdown can be bound to: slug -> name, kinds of act."""


@dataclass(frozen=True)
class Scope:
    """Where and what. Empty: everywhere, everything."""

    official_accounts: tuple[int, ...] = ()
    neighbourhoods: tuple[int, ...] = ()
    teams: tuple[int, ...] = ()
    what: tuple[str, ...] = ()
    campaigns: tuple[int, ...] = ()
    names: tuple[str, ...] = field(default=(), compare=False)

    @property
    def key(self) -> str:
        """The same scope in the same words, whoever chose it in which order."""
        numbers = {
            "account": self.official_accounts,
            "neighbourhood": self.neighbourhoods,
            "team": self.teams,
            "campaign": self.campaigns,
        }
        parts = [f"{name}={','.join(map(str, sorted(set(ids))))}" for name, ids in numbers.items() if ids]
        return " ".join([*parts, *(f"what={slug}" for slug in sorted(set(self.what)))])

    @property
    def kinds(self) -> list[str]:
        return [str(kind) for slug in sorted(set(self.what)) for kind in WHAT[slug][1]]

    @property
    def in_words(self) -> str:
        """Empty for the whole force."""
        words = ", ".join(self.names)
        return words if len(words) <= 400 else f"{words[:396]} …"


FORCE = Scope()


def scope_of(
    *,
    official_accounts: Iterable[int] = (),
    neighbourhoods: Iterable[int] = (),
    teams: Iterable[int] = (),
    what: Iterable[str] = (),
    campaigns: Iterable[int] = (),
) -> Scope:
    """A scope from what was chosen. Raises NotValid for what does not exist: a lockdown of nothing stops nothing."""
    names: list[str] = []
    found: dict[str, tuple[int, ...]] = {}
    for name, model, ids in (
        ("official_accounts", OfficialAccount, official_accounts),
        ("neighbourhoods", Neighbourhood, neighbourhoods),
        ("teams", Team, teams),
        ("campaigns", Tag, campaigns),
    ):
        wanted = sorted(set(ids))
        rows = {row.pk: str(row) for row in model.objects.filter(pk__in=wanted)} if wanted else {}
        if set(wanted) - set(rows):
            raise NotValid("Part of what was chosen is not there any more. Choose again.", field="scope")
        found[name] = tuple(wanted)
        names += [rows[pk] for pk in wanted]
    kinds = tuple(sorted(set(what)))
    if set(kinds) - set(WHAT):
        raise NotValid("Choose what it stops from the list.", field="what")
    names += [WHAT[slug][0].lower() for slug in kinds]
    if len(found["official_accounts"]) > 100:
        raise NotValid("Choose at most 100 official accounts, or stop the whole force.", field="scope")
    return Scope(what=kinds, names=tuple(names), **found)


def live() -> QuerySet[Lockdown]:
    """Pauses and lockdowns that hold something now; exercises left out."""
    return Lockdown.objects.filter(lifted_at=None, drill=False)


def covered(by: QuerySet[Lockdown]) -> Q:
    """The condition that one of these lockdowns covers a delivery and nobody has let it pass by name."""
    everywhere = Q(official_account_ids=[], neighbourhood_ids=[], team_ids=[])
    here = (
        Q(official_account_ids__contains=[OuterRef("official_account_id")])
        | Q(neighbourhood_ids__contains=[OuterRef("official_account__neighbourhood_id")])
        | Q(team_ids__contains=[OuterRef("official_account__team_id")])
    )
    in_campaign = (
        PostTag.objects.filter(post_id=OuterRef(OuterRef("variant__post_id")), removed_at=None)
        .annotate(
            stopped=ExpressionWrapper(
                OuterRef("campaign_ids"), output_field=ArrayField(models.BigIntegerField())
            )
        )
        .filter(stopped__contains=[F("tag_id")])  # type: ignore[misc]
    )
    anything = Q(kinds=[], campaign_ids=[])
    this = Q(kinds__contains=[OuterRef("kind")]) | (~Q(campaign_ids=[]) & Exists(in_campaign))
    passes = LockdownException.objects.filter(lockdown=OuterRef("pk"), delivery=OuterRef(OuterRef("pk")))
    covering = by.filter(everywhere | here).filter(anything | this).filter(~Exists(passes)).order_by()
    pausing = covering.filter(kind=Lockdown.Kind.PAUSE)
    return Q(Exists(covering.exclude(kind=Lockdown.Kind.PAUSE))) | (Q(kind__in=PAUSED) & Q(Exists(pausing)))


def stopped() -> Q:
    """The condition that a delivery may not go out now."""
    return covered(live())


def over(delivery: Delivery, by: QuerySet[Lockdown]) -> Lockdown | None:
    """The first of these lockdowns that covers the delivery; a lockdown before a pause."""
    for lockdown in by.select_related("started_by").order_by("kind", "started_at", "id"):
        only = Lockdown.objects.filter(pk=lockdown.pk)
        if Delivery.objects.filter(covered(only), pk=delivery.pk).exists():
            return lockdown
    return None


def over_now(delivery: Delivery) -> Lockdown | None:
    """What stops it now."""
    return over(delivery, live())


def over_at_its_time() -> Q:
    """The condition that a lockdown, ended since, covered a delivery when it fell due."""
    return covered(
        Lockdown.objects.filter(
            drill=False, started_at__lte=OuterRef("due_at"), lifted_at__gt=OuterRef("due_at")
        )
    )


def that_was_over(delivery: Delivery) -> Lockdown | None:
    """The lockdown, ended since, that covered it when it fell due."""
    return over(
        delivery,
        Lockdown.objects.filter(drill=False, started_at__lte=delivery.due_at, lifted_at__gt=delivery.due_at),
    )


def over_since(delivery: Delivery, since) -> Lockdown | None:
    """What stops it now, or has stopped it since then."""
    now = clock.now()
    return over(
        delivery, Lockdown.objects.filter(drill=False, started_at__lte=now).exclude(lifted_at__lte=since)
    )


def under(lockdown: Lockdown) -> QuerySet[Delivery]:
    """Every delivery that it covers, whatever has become of it. For a drill: that it would cover."""
    return Delivery.objects.filter(covered(Lockdown.objects.filter(pk=lockdown.pk)))


def accounts_in(lockdown: Lockdown) -> QuerySet[OfficialAccount]:
    """The official accounts that it covers."""
    found = OfficialAccount.objects.all()
    if not (lockdown.official_account_ids or lockdown.neighbourhood_ids or lockdown.team_ids):
        return found
    return found.filter(
        Q(pk__in=lockdown.official_account_ids)
        | Q(neighbourhood_id__in=lockdown.neighbourhood_ids)
        | Q(team_id__in=lockdown.team_ids)
    )
