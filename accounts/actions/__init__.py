"""Registering official accounts, sealing their credentials, giving and ending grants."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify

from accounts import governance, pace, queries
from accounts.models import (
    AccountPermission,
    BreakGlass,
    Grant,
    Mandate,
    MandateStep,
    Neighbourhood,
    OfficialAccount,
)
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from staff.actions import members
from staff.models import Membership, StaffMember, Team
from staff.roles import FORCE_WIDE, POWERS, Power, Role

HELPERS_AT_MOST = timedelta(hours=72)
"""How long a surge helper may help by one grant; the database holds it too (grant_helper_ends)."""


@action
def register_account(
    *,
    actor: Actor,
    platform: str,
    handle: str,
    name: str,
    owner: StaffMember,
    purpose: str = "",
    profile_url: str = "",
    team: Team | None = None,
    neighbourhood: Neighbourhood | None = None,
    use: str = "open",
    project: bool = True,
) -> OfficialAccount:
    """An official account that exists stands in the register; grants over all or its neighbourhood reach it at once.

    A new one is asked for and opened by two people (accounts.actions.mandates). Its first review is due within
    30 days. Source: APP social media, "publish the list of all official accounts".
    Raises NotPermitted, or NotValid (unknown platform, handle already registered, an investigation account).
    Audits account.registered.
    """
    _require_over_all(actor, Power.MANAGE_REGISTER)
    if use not in ("", "open"):
        raise NotValid(
            "Only accounts that speak openly in the force’s name are registered here. An account for "
            "investigation, research or covert work would stand in a list that the public reads, its comments "
            "would be seen at the desk, and using it needs its own authorisation (RIPA 2000). Ask the force’s "
            "covert authorities bureau.",
            field="use",
        )
    account = enter(
        actor=actor,
        platform=platform,
        handle=handle,
        name=name,
        owner=owner,
        purpose=purpose,
        profile_url=profile_url,
        team=team,
        neighbourhood=neighbourhood,
        project=project,
    )
    now = clock.now()
    by = actor if isinstance(actor, StaffMember) else None
    due_on = clock.today() + governance.FIRST_REVIEW_AFTER
    mandate = Mandate.objects.create(
        official_account=account,
        state=Mandate.State.ACTIVE,
        due_on=due_on,
        kind=Mandate.Kind.TEAM if team or neighbourhood else Mandate.Kind.FORCE,
        platform=account.platform,
        handle=account.handle,
        name=account.name,
        purpose=account.purpose,
        profile_url=account.profile_url,
        neighbourhood=neighbourhood,
        team=team,
        owner=owner,
        reasons="It existed before the register knew it",
        requested_by=by,
        requested_at=now,
        changed_at=now,
    )
    MandateStep.objects.create(
        mandate=mandate, event="enter", state=mandate.state, due_on=due_on, by=by, at=now
    )
    return account


@action
def enter(
    *,
    actor: Actor,
    platform: str,
    handle: str,
    name: str,
    owner: StaffMember,
    purpose: str = "",
    profile_url: str = "",
    team: Team | None = None,
    neighbourhood: Neighbourhood | None = None,
    project: bool = True,
) -> OfficialAccount:
    """A row of the register, whose mandate the caller writes: it has asked whether the actor may.

    project: False where the caller projects grants once for many.
    Raises NotValid (unknown platform, handle already registered). Audits account.registered.
    """
    if platform not in registry.CONNECTORS:
        raise NotValid(f"There is no connector for “{platform}”.", field="platform")
    handle = handle.strip().removeprefix("@")
    if not handle or not name.strip():
        raise NotValid("Give the handle and the name of the official account.", field="handle")
    account = OfficialAccount(
        platform=platform,
        handle=handle,
        name=name.strip(),
        owner=owner,
        purpose=purpose.strip(),
        profile_url=profile_url.strip(),
        team=team,
        neighbourhood=neighbourhood,
        exercise=platform == "exercise",
        registered_at=clock.now(),
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise NotValid(
            f"@{handle} on {registry.NAMES[platform]} is registered already.", field="handle"
        ) from None
    record(
        actor=actor,
        event="account.registered",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={"platform": platform, "handle": handle},
    )
    if project:
        project_grants()
    return account


@action
def change_status(
    *, actor: Actor, official_account: OfficialAccount, status: str, why: str
) -> OfficialAccount:
    """The official account is active or suspended; a suspended one neither polls nor sends.

    One person suspends, at once: an account may be in wrong hands. Closing takes two (accounts.actions.mandates).
    Raises NotPermitted, NotValid (no reason given), TransitionNotAllowed (closed stays closed).
    Audits account.changed.
    """
    _require(actor, Power.MANAGE_REGISTER, official_account.pk)
    # Its mandate first, as everywhere, so that no two wait for one another.
    list(
        Mandate.objects.select_for_update(of=("self",))
        .filter(official_account=official_account.pk)
        .values_list("pk")
    )
    account = OfficialAccount.objects.select_for_update().get(pk=official_account.pk)
    if status == OfficialAccount.Status.CLOSED:
        raise NotValid(
            "Closing takes two people: ask for it under “From request to closure”, on the page of the account.",
            field="status",
        )
    if status not in OfficialAccount.Status.values:
        raise NotValid("Choose active or suspended.", field="status")
    if account.status == OfficialAccount.Status.CLOSED:
        raise TransitionNotAllowed(
            "This official account is closed for good. Register it anew if it is to be used."
        )
    if account.status == status:
        raise TransitionNotAllowed(f"{account.name} is {account.get_status_display().lower()} already.")
    if not why.strip():
        raise NotValid("Say why, in a few words.", field="why")
    return set_status(actor=actor, account=account, status=status, why=why)


@action
def set_status(*, actor: Actor, account: OfficialAccount, status: str, why: str) -> OfficialAccount:
    """The status is changed, and the mandate says so. The caller holds the row, and has asked whether the actor may.

    Audits account.changed.
    """
    was, account.status = account.status, OfficialAccount.Status(status)
    account.save(update_fields=["status"])
    mandate = Mandate.objects.select_for_update(of=("self",)).filter(official_account=account).first()
    if mandate is not None and mandate.state in (Mandate.State.ACTIVE, Mandate.State.SUSPENDED):
        event = "suspend" if status == OfficialAccount.Status.SUSPENDED else "resume"
        mandate.state = Mandate.State(governance.COURSE.next(mandate.state, event))
        mandate.due_on, mandate.changed_at = governance.due_on(mandate.state), clock.now()
        mandate.save(update_fields=["state", "due_on", "changed_at"])
        MandateStep.objects.create(
            mandate=mandate,
            event=event,
            words=why.strip()[:1000],
            state=mandate.state,
            due_on=mandate.due_on,
            by=actor if isinstance(actor, StaffMember) else None,
            at=mandate.changed_at,
        )
    record(
        actor=actor,
        event="account.changed",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        reason=why.strip(),
        details={"status_was": was, "status": status},
    )
    return account


@action
def set_pace(
    *,
    actor: Actor,
    official_account: OfficialAccount,
    posts_apart_s: int | None,
    replies_apart_s: int | None,
) -> OfficialAccount:
    """So many seconds lie between two posts, and two replies, that leave the official account; None: the platform's.

    Whoever approves posts there sets it. Raises NotPermitted, or NotValid (out of bounds, nothing differs).
    Audits account.pace_set.
    """
    _require(actor, Power.APPROVE_POSTS, official_account.pk)
    account = OfficialAccount.objects.select_for_update().get(pk=official_account.pk)
    for field, seconds in (("posts_apart_s", posts_apart_s), ("replies_apart_s", replies_apart_s)):
        if seconds is not None and not 0 <= seconds <= pace.LONGEST_S:
            raise NotValid(f"Give seconds from 0 to {pace.LONGEST_S:,} (six hours).", field=field)
    was = (account.posts_apart_s, account.replies_apart_s)
    if was == (posts_apart_s, replies_apart_s):
        raise NotValid("That is its pace already.")
    account.posts_apart_s, account.replies_apart_s = posts_apart_s, replies_apart_s
    account.save(update_fields=["posts_apart_s", "replies_apart_s"])
    record(
        actor=actor,
        event="account.pace_set",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={
            "posts_apart_s": posts_apart_s,
            "replies_apart_s": replies_apart_s,
            "posts_apart_s_was": was[0],
            "replies_apart_s_was": was[1],
        },
    )
    return account


@action
def add_neighbourhood(*, actor: Actor, name: str) -> Neighbourhood:
    """A policing area stands in the register; official accounts and grants can be tied to it.

    Raises NotPermitted, or NotValid (no name, name taken). Audits neighbourhood.added.
    """
    _require_over_all(actor, Power.MANAGE_REGISTER)
    name = " ".join(name.split())
    slug = slugify(name.replace("’", "").replace("'", ""))[:60]
    if not slug:
        raise NotValid("Give the neighbourhood a name in letters.", field="name")
    neighbourhood = Neighbourhood(name=name, slug=slug)
    try:
        with transaction.atomic():
            neighbourhood.save(force_insert=True)
    except IntegrityError:
        raise NotValid(f"There is a neighbourhood called {name} already.", field="name") from None
    record(actor=actor, event="neighbourhood.added", subject=neighbourhood, subject_name=name)
    return neighbourhood


@action
def make_first_administrator(*, actor: System, email: str, name: str) -> StaffMember:
    """The first service administrator of an installation can sign in, by a link that works once.

    Raises NotValid where anybody holds or held that role: from then on administrators add people.
    Audits staff.member_added, grant.given and staff.first_administrator_made.
    """
    with connection.cursor() as cursor:
        # Two commands at once: the second waits here, then finds the first one's grant.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.first_administrator'))")
    if Grant.objects.filter(role=Role.SERVICE_ADMINISTRATOR).exists():
        raise NotValid(
            "There has been a service administrator here already. Administrators add people in the "
            "browser, under Staff."
        )
    member = members.add_member(actor=actor, email=email, name=name)
    give_grant(
        actor=actor, person=member, role=Role.SERVICE_ADMINISTRATOR, why="First administrator, by command"
    )
    record(
        actor=actor,
        event="staff.first_administrator_made",
        subject=member,
        subject_name=member.called,
    )
    return member


@action
def give_grant(
    *,
    actor: Actor,
    role: str,
    why: str,
    person: StaffMember | None = None,
    team: Team | None = None,
    official_account: OfficialAccount | None = None,
    neighbourhood: Neighbourhood | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    project: bool = True,
) -> Grant:
    """A person or a team holds a role over one official account, one neighbourhood or all, for a time.

    It holds from `since` (now by default) up to but not including `until` (open by default).
    project: False where the caller projects once for many. Nobody gives themselves a grant. Raises NotPermitted, or NotValid (no reason, no or two
    holders, left already, ends before it starts, overlaps one that is held). Audits grant.given.
    """
    _require(actor, Power.GIVE_GRANTS)
    return _give(
        actor=actor,
        role=role,
        why=why,
        person=person,
        team=team,
        official_account=official_account,
        neighbourhood=neighbourhood,
        since=since,
        until=until,
        project=project,
    )


@action
def open_in_emergency(*, actor: StaffMember, glass: BreakGlass) -> Grant:
    """The person holds what the emergency access names until its end; whoever agreed is the giver.

    The agreement of two people stands in for the power to give grants, so that accounts.actions.glass
    alone calls this, with the row locked and agreed to. Raises what `give_grant` raises. Audits grant.given.
    """
    if actor.pk != glass.agreed_by_id or actor.pk in {glass.asked_by_id, glass.person_id}:
        raise NotPermitted("Emergency access opens when a second person agrees to it.")
    if glass.until is None or glass.grant_id is not None:
        raise TransitionNotAllowed("This was opened already.")
    return _give(
        actor=actor,
        person=glass.person,
        role=glass.role,
        official_account=glass.official_account,
        neighbourhood=glass.neighbourhood,
        since=glass.agreed_at,
        until=glass.until,
        why=f"Break-glass, emergency access {glass.pk}: {glass.why}",
    )


def _give(
    *,
    actor: Actor,
    role: str,
    why: str,
    person: StaffMember | None = None,
    team: Team | None = None,
    official_account: OfficialAccount | None = None,
    neighbourhood: Neighbourhood | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    project: bool = True,
) -> Grant:
    if (person is None) == (team is None):
        raise NotValid("Choose a person or a team, one of the two.", field="person")
    if official_account is not None and neighbourhood is not None:
        raise NotValid("Choose an official account or a neighbourhood, not both.", field="official_account")
    if not why.strip():
        raise NotValid("Say why this grant is needed.", field="why")
    if person is not None:
        person = StaffMember.everyone.alone(person.pk)
        if not person.active:
            raise NotValid(f"{person.called} has left the force.", field="person")
        if isinstance(actor, StaffMember) and actor.pk == person.pk:
            raise NotPermitted("You cannot give yourself a grant. Ask another administrator.")
    if team is not None and isinstance(actor, StaffMember) and queries.in_team(actor, team):
        raise NotPermitted(
            f"You are in the team {team.name}, so its grant would be yours. Ask another administrator."
        )
    start = since or clock.now()
    if until is not None and until <= start:
        raise NotValid("The grant would end before it starts. Choose a later end.", field="until")
    if role == Role.SURGE_HELPER and (until is None or until > start + HELPERS_AT_MOST):
        raise NotValid(
            "A surge helper helps for a time: choose an end within three days of the start.", field="until"
        )
    if role == Role.GUEST_WRITER and until is None:
        raise NotValid("A guest writes for a time: choose an end.", field="until")
    grant = Grant(
        person=person,
        team=team,
        role=Role(role),
        official_account=official_account,
        neighbourhood=neighbourhood,
        since=start,
        until=until,
        given_by=actor if isinstance(actor, StaffMember) else None,
        why=why.strip(),
    )
    try:
        with transaction.atomic():
            grant.save(force_insert=True)
    except IntegrityError:
        raise NotValid(
            "They hold this role over this already for part of that time. End that grant first.", field="role"
        ) from None
    record(
        actor=actor,
        event="grant.given",
        subject=grant,
        subject_name=str(person or team),
        official_account_id=official_account.pk if official_account else None,
        reason=why.strip(),
        details={
            "role": grant.get_role_display(),
            "scope": grant.scope_name,
            "since": start.isoformat(),
            "until": until.isoformat() if until else None,
        },
    )
    if project:
        project_grants()
    if Power.HANDLE_CONDUCT in POWERS[grant.role]:
        _tell_professional_standards(actor, grant)
    return grant


def _tell_professional_standards(actor: Actor, grant: Grant) -> None:
    """Whoever already reads matters of conduct learns at once that somebody else can."""
    holders = queries.people_with(Power.HANDLE_CONDUCT)
    notify(
        actor=actor,
        to=[person for person in holders if person.pk != grant.person_id],
        urgency=Notice.Urgency.SOON,
        title=f"{grant.person or grant.team} can now read matters of conduct",
        body=f"The role of {grant.get_role_display()} was given by "
        f"{grant.given_by.called if grant.given_by else 'the platform'}: {grant.why}",
        link=reverse("accounts:conduct"),
        key=f"grant {grant.pk} conduct",
    )


@action
def end_grant(*, actor: Actor, grant: Grant, why: str, project: bool = True) -> Grant:
    """The grant ends now: the next request of its holder is answered without it.

    project: False where the caller projects once for many. Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (ended already). Audits grant.ended.
    """
    _require(actor, Power.GIVE_GRANTS)
    return _end(actor=actor, grant=grant, why=why, project=project)


@action
def end_emergency(*, actor: StaffMember, glass: BreakGlass, why: str) -> Grant:
    """What emergency access opened ends now. accounts.actions.glass has asked whether they may.

    Raises NotValid (no reason), TransitionNotAllowed (over already). Audits grant.ended.
    """
    if glass.grant is None:
        raise TransitionNotAllowed("It is not open, so there is nothing to end.")
    return _end(actor=actor, grant=glass.grant, why=why)


def _end(*, actor: Actor, grant: Grant, why: str, project: bool = True) -> Grant:
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if not why.strip():
        raise NotValid("Say why the grant ends.", field="why")
    at = clock.now()
    # One that was ended before it began is over too, though its time is still to come.
    if grant.expiry_recorded or (grant.until is not None and grant.until <= at):
        raise TransitionNotAllowed("This grant has ended already.")
    grant.until = max(at, grant.since)
    grant.ended_by = actor if isinstance(actor, StaffMember) else None
    grant.ended_why = why.strip()
    grant.expiry_recorded = True
    grant.save(update_fields=["until", "ended_by", "ended_why", "expiry_recorded"])
    record(
        actor=actor,
        event="grant.ended",
        subject=grant,
        subject_name=str(grant.person or grant.team),
        reason=why.strip(),
        details={"role": grant.get_role_display(), "scope": grant.scope_name},
    )
    if project:
        project_grants()
    return grant


@action
def end_grant_again(*, actor: Actor, grant: Grant) -> bool:
    """A grant that had ended before a backup was restored is over again. False where it is over already.

    Audits grant.ended.
    """
    try:
        _end(actor=actor, grant=grant, why="Had ended before the backup was restored")
    except TransitionNotAllowed:
        return False
    return True


@action
def record_expired_grants(*, actor: Actor = System("scheduler")) -> int:  # noqa: B008
    """Grants whose time has run out, and grants of leavers, are recorded as over. Safe to repeat.

    Authority does not wait for this: accounts.queries compares times, and asks whether the person is
    still here, at every question. Answers how many were recorded. Audits grant.expired and grant.ended.
    """
    unrecorded = (
        Grant.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("person", "team", "official_account", "neighbourhood")
        .filter(expiry_recorded=False)
    )
    at = clock.now()
    expired = list(unrecorded.filter(until__lte=at))
    for grant in expired:
        _record_over(actor=actor, grant=grant, event="grant.expired")
    of_leavers = list(unrecorded.filter(person__active=False).exclude(until__lte=at))
    for grant in of_leavers:
        grant.until = max(at, grant.since)
        grant.ended_why = "Left the force"
        _record_over(actor=actor, grant=grant, event="grant.ended")
    if expired or of_leavers:
        project_grants()
    return len(expired) + len(of_leavers)


def _record_over(*, actor: Actor, grant: Grant, event: str) -> None:
    grant.expiry_recorded = True
    grant.save(update_fields=["expiry_recorded", "until", "ended_why"])
    record(
        actor=actor,
        event=event,
        subject=grant,
        subject_name=str(grant.person or grant.team),
        reason=grant.ended_why,
        details={"role": grant.get_role_display(), "scope": grant.scope_name},
    )


_JUST_NOW = timedelta(minutes=2)


def project_what_began(*, actor: Actor = System("scheduler")) -> bool:  # noqa: B008
    """Grants and team places that began or ended in the last two minutes reach guardian's rows.

    A projection of what is recorded elsewhere: no audit entry. The whole is compared once in ten
    minutes besides (accounts.project_grants). Answers whether there was anything to do.
    """
    at = clock.now()
    recently = Q(since__range=(at - _JUST_NOW, at)) | Q(until__range=(at - _JUST_NOW, at))
    if not (Grant.objects.filter(recently).exists() or Membership.objects.filter(recently).exists()):
        return False
    project_grants()
    return True


@action
def project_grants(*, actor: Actor = System("scheduler")) -> None:  # noqa: B008
    """Bring guardian's rows into line with the grants that are live now.

    A few hundred people by a hundred accounts: the whole projection is compared and only
    differences are written. Stands or falls with the caller's transaction.
    """
    queries.forget_authority()
    permissions = {
        p.codename: p.pk
        for p in Permission.objects.filter(
            content_type__app_label="accounts", content_type__model="officialaccount"
        )
    }
    register = list(OfficialAccount.objects.values_list("id", "neighbourhood_id"))
    wanted: set[tuple[int, int, int]] = set()
    instant = clock.now()
    for grant in queries.live_grants(at=instant).select_related("person", "team"):
        people = _holders(grant, instant)
        for power in POWERS[grant.role] - FORCE_WIDE:
            wanted |= {
                (person, account, permissions[power])
                for person in people
                for account in queries.covered(grant, register)
                if power in permissions
            }
    present = {
        (row.user_id, row.content_object_id, row.permission_id): row.pk
        for row in AccountPermission.objects.all()
    }
    AccountPermission.objects.filter(pk__in=[pk for key, pk in present.items() if key not in wanted]).delete()
    AccountPermission.objects.bulk_create(
        [
            AccountPermission(user_id=person, content_object_id=account, permission_id=permission)
            for person, account, permission in sorted(wanted - present.keys())
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )


def _holders(grant: Grant, instant: datetime) -> list[int]:
    if grant.person is not None:
        return [grant.person.pk] if grant.person.active else []
    memberships = Membership.objects.filter(team=grant.team, since__lte=instant, member__active=True)
    return [m.member_id for m in memberships if m.until is None or m.until > instant]


def _require(actor: Actor, power: str, official_account_id: int | None = None) -> None:
    """System actors (seed, scheduler) act for the platform; people and services need the power."""
    if isinstance(actor, StaffMember):
        queries.require(actor, power, official_account_id)


def _require_over_all(actor: Actor, power: str) -> None:
    if isinstance(actor, StaffMember):
        queries.require_over_all(actor, power)
