"""What somebody saw of how an official account is secured on its platform."""

from __future__ import annotations

from accounts import queries
from accounts.models import OfficialAccount, SecurityCheck
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid
from core.no_secrets import refuse_secret
from staff.models import StaffMember
from staff.roles import Power

LONGEST_WORDS = 600


@action
def check_security(
    *,
    actor: Actor,
    official_account: OfficialAccount,
    password: str,
    factor: str,
    alerts: str,
    apps: str,
    personal: str,
    elsewhere: str,
    devices: str,
    words: str = "",
    together_with: StaffMember | None = None,
) -> SecurityCheck:
    """How it is secured stands recorded as the actor saw it now; the ten minimums are judged by it.

    Source: APP social media, "Security". Raises NotPermitted, NotValid (an answer that there is none, words that read
    like a password, oneself as the other side). Audits account.security_checked, without the words.
    """
    if isinstance(actor, StaffMember):
        if not may_check(actor, official_account):
            queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)
    elif actor.actor_kind != "system":
        raise NotPermitted("Sign in first.")
    words = words.strip()
    refuse_secret(words, field="words")
    if len(words) > LONGEST_WORDS:
        raise NotValid(f"Say it in at most {LONGEST_WORDS} characters.", field="words")
    if together_with is not None and isinstance(actor, StaffMember) and together_with.pk == actor.pk:
        raise NotValid("Name somebody else, who looked at it with you.", field="together_with")
    row = SecurityCheck(
        official_account=official_account,
        password=password,
        factor=factor,
        alerts=alerts,
        apps=apps,
        personal=personal,
        elsewhere=elsewhere,
        devices=devices,
        words=words,
        together_with=together_with,
        by=actor if isinstance(actor, StaffMember) else None,
        at=clock.now(),
    )
    for name in ("password", "factor", "alerts", "apps", "personal", "elsewhere", "devices"):
        known = [value for value, _ in SecurityCheck._meta.get_field(name).flatchoices]  # type: ignore[union-attr]
        if getattr(row, name) not in known:
            raise NotValid("Choose one of the answers.", field=name)
    row.save(force_insert=True)
    record(
        actor=actor,
        event="account.security_checked",
        subject=official_account,
        subject_name=official_account.name,
        official_account_id=official_account.pk,
        details={"check": row.pk, "together": together_with is not None},
    )
    return row


def may_check(viewer: StaffMember, account: OfficialAccount) -> bool:
    """Whether they record such looks: who keeps the register of it, and information security."""
    return queries.may(viewer, Power.MANAGE_REGISTER, account.pk) or queries.may(
        viewer, Power.SECURE_ACCOUNTS
    )
