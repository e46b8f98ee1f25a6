"""Service identities and their keys: added, given keys, changed, retired."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts import keys, queries
from accounts.actions import end_grant
from accounts.models import KEY_DOOR, ApiKey, Grant, Hook, HookCall, KeptAnswer, ServiceIdentity
from audit.actions import record
from core import clock, doors
from core.acting import action
from core.actors import Actor, Stranger
from core.errors import NotValid, TransitionNotAllowed
from staff.models import StaffMember
from staff.roles import Power

LONGEST = timedelta(days=366)
"""How long a key may last. Source: NCSC, API authentication: short-lived, rotated credentials."""
KEPT_FOR = timedelta(hours=24)


@action
def add_service(
    *, actor: Actor, name: str, purpose: str, owner: StaffMember, networks: Iterable[str]
) -> ServiceIdentity:
    """A program may be given grants and keys; a person answers for it.

    Raises NotPermitted, or NotValid (no name or purpose, a network that cannot be read, none at all).
    Audits service.added.
    """
    _require(actor)
    name, purpose = " ".join(name.split())[:120], " ".join(purpose.split())
    if not name:
        raise NotValid("Give the name by which colleagues know this program.", field="name")
    if not purpose:
        raise NotValid("Say what it is for.", field="purpose")
    if not owner.active:
        raise NotValid(f"{owner.called} has left the force. Choose somebody who is here.", field="owner")
    member = StaffMember(
        kind=StaffMember.Kind.SERVICE,
        # An address that no mail reaches (RFC 6761), so that the column keeps its one meaning: unique.
        email=f"{secrets.token_hex(8)}@service.invalid",
        name=name,
        joined_at=clock.now(),
    )
    member.set_unusable_password()
    member.save(force_insert=True)
    service = ServiceIdentity.objects.create(
        member=member,
        purpose=purpose[:300],
        owner=owner,
        networks=_networks(networks),
        made_by=actor if isinstance(actor, StaffMember) else None,
    )
    record(
        actor=actor,
        event="service.added",
        subject=service,
        subject_name=name,
        details={"owner": owner.called, "networks": service.networks},
    )
    return service


@action
def change_service(
    *, actor: Actor, service: ServiceIdentity, owner: StaffMember, networks: Iterable[str]
) -> ServiceIdentity:
    """Somebody else answers for it, or it comes from elsewhere. Its next request is judged by that.

    Raises NotPermitted, NotValid, TransitionNotAllowed (retired). Audits service.changed.
    """
    _require(actor)
    service = _locked(service)
    if not owner.active:
        raise NotValid(f"{owner.called} has left the force. Choose somebody who is here.", field="owner")
    was = list(service.networks)
    service.owner, service.networks = owner, _networks(networks)
    service.save(update_fields=["owner", "networks"])
    record(
        actor=actor,
        event="service.changed",
        subject=service,
        subject_name=str(service),
        details={"owner": owner.called, "networks_were": was, "networks": service.networks},
    )
    return service


@action
def make_key(*, actor: Actor, service: ServiceIdentity, until: datetime) -> tuple[ApiKey, str]:
    """A key that works until then. Answers it whole, for once: only its hash is kept.

    An older key goes on working until it is revoked or runs out, so that a program can change over.
    Raises NotPermitted, NotValid (no end within a year), TransitionNotAllowed (retired).
    Audits service.key_made, with the prefix alone.
    """
    _require(actor)
    service = _locked(service)
    at = clock.now()
    if not at < until <= at + LONGEST:
        raise NotValid("Choose an end later than now, within a year.", field="until")
    whole, prefix, digest = keys.new()
    key = ApiKey.objects.create(
        service=service,
        prefix=prefix,
        digest=digest,
        made_at=at,
        made_by=actor if isinstance(actor, StaffMember) else None,
        until=until,
    )
    record(
        actor=actor,
        event="service.key_made",
        subject=service,
        subject_name=str(service),
        details={"prefix": prefix, "until": until.isoformat()},
    )
    return key, whole


@action
def revoke_key(*, actor: Actor, key: ApiKey, why: str) -> ApiKey:
    """The key opens nothing from commit on; what it had begun before is waited for.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (revoked already).
    Audits service.key_revoked.
    """
    _require(actor)
    doors.close(KEY_DOOR, [key.pk])
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is not None:
        raise TransitionNotAllowed("This key was revoked already.")
    if not why.strip():
        raise NotValid("Say why the key is revoked.", field="why")
    _revoke(actor, key, why.strip())
    return key


@action
def retire_service(*, actor: Actor, service: ServiceIdentity, why: str) -> ServiceIdentity:
    """The program is out at commit: its keys are revoked and its grants end.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (retired already).
    Audits service.retired, service.key_revoked and grant.ended.
    """
    _require(actor)
    service = _locked(service)
    if not why.strip():
        raise NotValid("Say why it is retired.", field="why")
    member = StaffMember.everyone.alone(service.member_id)
    member.active, member.left_at = False, clock.now()
    member.save(update_fields=["active", "left_at"])
    doors.close(KEY_DOOR, ApiKey.objects.filter(service=service).values_list("pk", flat=True))
    for key in ApiKey.objects.select_for_update().filter(service=service, revoked_at=None):
        _revoke(actor, key, why.strip())
    for grant in Grant.objects.filter(person=member, expiry_recorded=False).exclude(until__lte=clock.now()):
        end_grant(actor=actor, grant=grant, why="The service identity was retired")
    live = Hook.objects.filter(service=service, ended_at=None)
    HookCall.objects.filter(hook__in=live, state=HookCall.State.WAITING).update(
        state=HookCall.State.FAILED, ended_at=clock.now(), why="The service was retired."
    )
    live.update(ended_at=clock.now(), ended_by=actor if isinstance(actor, StaffMember) else None)
    record(
        actor=actor,
        event="service.retired",
        subject=service,
        subject_name=str(service),
        reason=why.strip(),
    )
    return service


@action
def note_refused(*, actor: Actor = Stranger(), key: ApiKey, why: str) -> None:  # noqa: B008
    """A key of ours that may not be used now was tried. Audits service.key_refused."""
    record(
        actor=actor,
        event="service.key_refused",
        subject=key.service,
        subject_name=str(key.service),
        details={"prefix": key.prefix, "why": why},
    )


@action
def note_looked(*, actor: StaffMember, what: str, shown_ids: Iterable[int] = ()) -> None:
    """A service read a list that holds no words of the public: these records. Audits service.looked."""
    record(
        actor=actor,
        event="service.looked",
        shown_ids=shown_ids,
        details={"what": what},
    )


def note_use(*, key: ApiKey, source: str) -> int:
    """When and from where the key was used last; answers how often within the present minute.

    One statement, so that two processes never count the same request as one.
    """
    at = clock.now()
    minute = at.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_keyuse AS used (key_id, last_at, last_from, minute_at, in_minute)
            VALUES (%s, %s, %s, %s, 1)
            ON CONFLICT (key_id) DO UPDATE SET
                last_at = EXCLUDED.last_at, last_from = EXCLUDED.last_from, minute_at = EXCLUDED.minute_at,
                in_minute = CASE WHEN used.minute_at = EXCLUDED.minute_at THEN used.in_minute + 1 ELSE 1 END
            RETURNING in_minute
            """,
            [key.pk, at, source[:45], minute],
        )
        return int(cursor.fetchone()[0])


# Answers kept under a service's own Idempotency-Key


@transaction.atomic
def begin_answer(*, key: ApiKey, token: str, request_hash: str) -> tuple[KeptAnswer, bool]:
    """The row under that token, and whether it is new: then the request is to be done now.

    A token is the service's, whichever of its keys it comes with: a program that changes over to a new
    key in the middle of its tries does nothing twice.
    """
    ServiceIdentity.objects.select_for_update().get(pk=key.service_id)
    kept = KeptAnswer.objects.filter(key__service=key.service_id, token=token)
    kept.filter(begun_at__lt=clock.now() - KEPT_FOR).delete()
    if found := kept.first():
        return found, False
    return KeptAnswer.objects.create(
        key=key, token=token, request_hash=request_hash, begun_at=clock.now()
    ), True


def keep_answer(*, kept: KeptAnswer, status: int, body: object) -> None:
    """What was answered stands ready for the same request again."""
    kept.status, kept.body = status, body
    kept.save(update_fields=["status", "body"])


def drop_answer(*, kept: KeptAnswer) -> None:
    """Nothing was done under the token, so it may be tried again."""
    KeptAnswer.objects.filter(pk=kept.pk).delete()


def sweep_answers() -> int:
    """Answers that are a day old go. Safe to repeat."""
    return KeptAnswer.objects.filter(begun_at__lt=clock.now() - KEPT_FOR).delete()[0]


def _require(actor: Actor) -> None:
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.MANAGE_STAFF)


def _locked(service: ServiceIdentity) -> ServiceIdentity:
    found = (
        ServiceIdentity.objects.select_for_update(of=("self",))
        .select_related("member", "owner")
        .get(pk=service.pk)
    )
    if not found.member.active:
        raise TransitionNotAllowed(f"{found} is retired. Add a new service identity if it is needed again.")
    return found


def _revoke(actor: Actor, key: ApiKey, why: str) -> None:
    key.revoked_at, key.revoked_why = clock.now(), why[:300]
    key.revoked_by = actor if isinstance(actor, StaffMember) else None
    key.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
    record(
        actor=actor,
        event="service.key_revoked",
        subject=key.service,
        subject_name=str(key.service),
        reason=why,
        details={"prefix": key.prefix},
    )


def _networks(typed: Iterable[str]) -> list[str]:
    networks = []
    for text in typed:
        try:
            networks.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError:
            raise NotValid(
                f"“{text.strip()[:60]}” is not a network. Write it as 192.0.2.0/24, or one address.",
                field="networks",
            ) from None
    if not networks:
        raise NotValid(
            "Name at least one network from which it comes, such as 192.0.2.0/24.", field="networks"
        )
    return sorted(set(networks))
