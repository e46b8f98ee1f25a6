"""What somebody's leaving asks of people's hands: each step is signed by whoever has done it."""

from __future__ import annotations

from django.db.models import Q

from accounts import queries
from accounts.models import Credential, DepartureStep, Grant, NativeAdministrator, OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import TransitionNotAllowed
from platforms import registry
from staff.models import Departure, StaffMember
from staff.roles import POWERS, Power

CHECKLISTS = System("departures")

_BY_HAND = frozenset(
    {Power.WRITE_POSTS, Power.REPLY, Power.HIDE_COMMENTS, Power.APPROVE_POSTS, Power.MANAGE_REGISTER}
)
"""Whoever held one of these on an official account may have been let in on the platform itself."""


@action
def make_checklist(*, actor: Actor = CHECKLISTS, departure: Departure) -> list[DepartureStep]:
    """The steps stand in a list: off each official account they could work on, secrets, devices.

    From the register, every grant they ever held (their teams' too) and the credentials that they
    stored or could replace. Safe to run twice. Audits departure.checklist_made.
    """
    departure = (
        Departure.objects.select_for_update(of=("self",)).select_related("person").get(pk=departure.pk)
    )
    if departure.steps.exists():
        return []
    person = departure.person
    steps = [
        DepartureStep(
            departure=departure,
            kind=DepartureStep.Kind.DEVICES,
            what=f"Take back the devices, telephones and security keys of the force that {person.called} has.",
        )
    ]
    worked_on, kept_secrets = _reached(person)
    for account in OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED):
        where = (
            f"{account.name} (@{account.handle}) on {registry.NAMES.get(account.platform, account.platform)}"
        )
        if account.pk in worked_on or account.owner_id == person.pk:
            steps.append(
                DepartureStep(
                    departure=departure,
                    kind=DepartureStep.Kind.REMOVE,
                    official_account=account,
                    what=f"Remove {person.called} from the people whom the platform itself lets manage {where}.",
                )
            )
        if account.pk in kept_secrets:
            steps.append(
                DepartureStep(
                    departure=departure,
                    kind=DepartureStep.Kind.ROTATE,
                    official_account=account,
                    what=f"Renew the password or token of {where}, and store the new token in the register.",
                )
            )
    DepartureStep.objects.bulk_create(steps)
    record(
        actor=actor,
        event="departure.checklist_made",
        subject=departure,
        subject_name=person.called,
        details={"count": len(steps)},
    )
    return steps


@action
def sign_step(*, actor: StaffMember, step: DepartureStep, note: str = "") -> DepartureStep:
    """The person says with their name that they have done it, or seen that it is done.

    Raises NotPermitted, TransitionNotAllowed (signed already). Audits departure.step_signed.
    """
    queries.require(actor, Power.MANAGE_STAFF)
    step = (
        DepartureStep.objects.select_for_update(of=("self",))
        .select_related("departure__person", "official_account")
        .get(pk=step.pk)
    )
    if step.signed_by_id is not None:
        signer = StaffMember.objects.get(pk=step.signed_by_id)
        raise TransitionNotAllowed(f"{signer.called} has signed this step already.")
    step.signed_by, step.signed_at, step.note = actor, clock.now(), " ".join(note.split())[:300]
    step.save(update_fields=["signed_by", "signed_at", "note"])
    record(
        actor=actor,
        event="departure.step_signed",
        subject=step.departure,
        subject_name=step.departure.person.called,
        official_account_id=step.official_account_id,
        reason=step.note,
        details={"what": step.get_kind_display().lower(), "step": step.pk},
    )
    return step


def _reached(person: StaffMember) -> tuple[set[int], set[int]]:
    """Ids of official accounts that the person could ever work on, and of those whose secret they may know."""
    register = list(OfficialAccount.objects.values_list("id", "neighbourhood_id"))
    worked_on = set(
        NativeAdministrator.objects.filter(person=person, removed_at=None).values_list(
            "official_account_id", flat=True
        )
    )
    secrets = set(Credential.objects.filter(stored_by=person).values_list("official_account_id", flat=True))
    stored = set(Credential.objects.values_list("official_account_id", flat=True))
    teams = person.membership_set.values("team")
    for grant in Grant.objects.filter(Q(person=person) | Q(team__in=teams)):
        if POWERS[grant.role] & _BY_HAND:
            worked_on |= queries.covered(grant, register)
        if Power.MANAGE_REGISTER in POWERS[grant.role]:
            secrets |= queries.covered(grant, register) & stored
    return worked_on, secrets
