"""The force's policy on checks: how grave each is, who may override it, days before elections, known sites and numbers.

Set by who sets safeguards, not by who writes or approves posts.
"""

from __future__ import annotations

from datetime import date

import phonenumbers
import regex

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from publishing.checks import registry
from publishing.models import CheckSetting, KnownValue, SensitivePeriod
from staff.models import StaffMember
from staff.roles import Power

_HANDLE = regex.compile(r"^\w[\w.-]{0,63}(?:@[\w.-]{1,60})?$")
_HOST = regex.compile(r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$")


@action
def set_check(
    *, actor: StaffMember, slug: str, level: str = "", override_by: str = "", why: str
) -> CheckSetting:
    """A check is at least as grave as said from now on, and may be overridden by whom is said.

    level: "advice", "second", "stop", or empty for the check's own; no setting makes a finding milder than the check
    has it. Raises NotPermitted, NotValid. Audits check.set.
    """
    require(actor, Power.SET_SAFEGUARDS)
    known = registry.REGISTRY.get(slug)
    if known is None:
        raise NotValid("There is no such check.")
    if level and level not in CheckSetting.Level.values:
        raise NotValid("Choose how grave it is.", field="level")
    if override_by not in CheckSetting.By.values:
        raise NotValid("Choose who may override it.", field="override_by")
    why = _said(why, "Say why, in a few words.", field="why")
    now = clock.now()
    present = CheckSetting.objects.select_for_update().filter(slug=slug, replaced_at=None).first()
    if present is not None:
        if (present.level, present.override_by) == (level, override_by):
            raise NotValid("It is set so already.")
        present.replaced_at = now
        present.save(update_fields=["replaced_at"])
    made = CheckSetting.objects.create(
        slug=slug, level=level, override_by=override_by, set_by=actor, set_at=now, why=why
    )
    record(
        actor=actor,
        event="check.set",
        subject=made,
        subject_name=known.name,
        reason=why,
        details={
            "level": made.get_level_display() or "as it has it",
            "override_by": made.get_override_by_display().lower(),
        },
    )
    return made


@action
def add_period(*, actor: StaffMember, name: str, first_on: date, last_on: date) -> SensitivePeriod:
    """On these London days every post is looked at by two approvers. Posts that are approved already are not held.

    Raises NotPermitted, NotValid. Audits check.period_added.
    """
    require(actor, Power.SET_SAFEGUARDS)
    name = _said(name, "Say which election it is.", field="name", most=120)
    if last_on < first_on:
        raise NotValid("It ends before it begins.", field="last_on")
    if last_on < clock.today():
        raise NotValid("It is over already.", field="last_on")
    made = SensitivePeriod.objects.create(
        name=name, first_on=first_on, last_on=last_on, added_by=actor, added_at=clock.now()
    )
    record(
        actor=actor,
        event="check.period_added",
        subject=made,
        subject_name=name,
        details={"first_on": first_on.isoformat(), "last_on": last_on.isoformat()},
    )
    return made


@action
def end_period(*, actor: StaffMember, period: SensitivePeriod, why: str) -> SensitivePeriod:
    """The days count no longer.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed. Audits check.period_ended.
    """
    require(actor, Power.SET_SAFEGUARDS)
    row = SensitivePeriod.objects.select_for_update().get(pk=period.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("It was taken out already.")
    row.ended_why = _said(why, "Say why it is taken out.", field="why")
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by", "ended_why"])
    record(actor=actor, event="check.period_ended", subject=row, subject_name=row.name, reason=row.ended_why)
    return row


@action
def add_known(*, actor: StaffMember, kind: str, value: str, about: str) -> KnownValue:
    """A site that posts may link to, a number that they may give, or a handle that they may name, is known from now on.

    Raises NotPermitted, NotValid. Audits check.known_added.
    """
    require(actor, Power.SET_SAFEGUARDS)
    value = value.strip()
    if kind == KnownValue.Kind.DOMAIN:
        value = regex.sub(r"^https?://", "", value.casefold()).split("/")[0].removeprefix("www.")
        if not _HOST.match(value):
            raise NotValid("Give the site’s name, such as wealdshire.example.", field="value")
    elif kind == KnownValue.Kind.NUMBER:
        try:
            number = phonenumbers.parse(value, "GB")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise NotValid("Give a telephone number, such as 01632 960123.", field="value")
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    elif kind == KnownValue.Kind.HANDLE:
        value = value.removeprefix("@").casefold()
        if not _HANDLE.match(value):
            raise NotValid(
                "Give the handle as the platform shows it, such as @wealdshirefire.", field="value"
            )
    else:
        raise NotValid("Choose whether it is a website, a telephone number or a handle.", field="kind")
    about = _said(about, "Say whose it is.", field="about", most=200)
    if KnownValue.objects.filter(kind=kind, value__iexact=value, removed_at=None).exists():
        raise NotValid(f"{value} is on the list already.", field="value")
    made = KnownValue.objects.create(
        kind=kind, value=value, about=about, added_by=actor, added_at=clock.now()
    )
    record(actor=actor, event="check.known_added", subject=made, subject_name=value, details={"kind": kind})
    return made


@action
def remove_known(*, actor: StaffMember, known: KnownValue) -> KnownValue:
    """It is on the list no longer.

    Raises NotPermitted, TransitionNotAllowed. Audits check.known_removed.
    """
    require(actor, Power.SET_SAFEGUARDS)
    row = KnownValue.objects.select_for_update().get(pk=known.pk)
    if row.removed_at is not None:
        raise TransitionNotAllowed("It was taken off the list already.")
    row.removed_at, row.removed_by = clock.now(), actor
    row.save(update_fields=["removed_at", "removed_by"])
    record(actor=actor, event="check.known_removed", subject=row, subject_name=row.value)
    return row


def _said(words: str, sentence: str, *, field: str, most: int = 300) -> str:
    words = " ".join(words.split())
    if not words:
        raise NotValid(sentence, field=field)
    if len(words) > most:
        raise NotValid(f"Say it in at most {most} characters.", field=field)
    return words
