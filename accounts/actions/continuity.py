"""Plans for the loss of a platform or of this product, their tests, and whom to ring when nothing else works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import continuity, queries
from accounts.actions.handing_over import HANDOVER, hand_over
from accounts.models import (
    ContinuityAction,
    ContinuityContact,
    ContinuityPlan,
    ContinuityTest,
    ContinuityVersion,
)
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from notices import ways
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.queries import departure_of
from staff.roles import Power

REMINDER = System("continuity")
FIRST = "The first version."
MOST_MESSAGES = 8
WRITTEN_MEANWHILE = (
    "Somebody has written this plan since you opened it. Copy your words, read it, then write yours."
)
PASSWORDS = "Write no password here: say where the vault keeps it."  # nosec B105


@action
def write_plan(
    *,
    actor: Actor,
    platform: str,
    seen: int,
    owner: StaffMember,
    first: str,
    alternative: str,
    native: str,
    afterwards: str,
    messages: Sequence[Mapping[str, str]],
    changes: str,
    review_on: date,
    next_test_on: date,
) -> ContinuityPlan:
    """The plan says this from now on; what it said before is kept.

    platform: a slug, or PRODUCT for the loss of this product. seen: the number of the version that the writer
    had before them, 0 for none. messages: each with who, where and words. review_on, next_test_on: London days
    to come, a year off at most. Raises NotPermitted, NotValid, ChangedSinceSeen. Audits continuity.plan_written.
    """
    _require(actor)
    given = {
        "first": (first.strip(), "Say what to do first."),
        "alternative": (alternative.strip(), "Say which channel is used instead."),
    }
    for field, (words, sentence) in given.items():
        if not words:
            raise NotValid(sentence, field=field)
    native, afterwards = native.strip(), afterwards.strip()
    for field, words in (("native", native), ("first", first), ("afterwards", afterwards)):
        if _holds_password(words):
            raise NotValid(PASSWORDS, field=field)
    if not owner.active:
        raise NotValid("This person has left. Choose somebody who works here.", field="owner")
    for field, day in (("review_on", review_on), ("next_test_on", next_test_on)):
        _to_come(field, day)
    kept = _messages(messages)
    plan = ContinuityPlan.objects.select_for_update().filter(platform=platform).first()
    if (plan.version if plan else 0) != seen:
        raise ChangedSinceSeen(WRITTEN_MEANWHILE)
    changes = changes.strip()[:300] if plan else FIRST
    if not changes:
        raise NotValid("Say what is new, so that nobody has to search for it.", field="changes")
    now = clock.now()
    if plan is None:
        plan = ContinuityPlan(platform=platform, version=0)
    plan.owner, plan.review_on, plan.next_test_on = owner, review_on, next_test_on
    plan.version, plan.changed_at = plan.version + 1, now
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError:
        raise ChangedSinceSeen(WRITTEN_MEANWHILE) from None
    ContinuityVersion.objects.create(
        plan=plan,
        number=plan.version,
        owner=owner,
        first=given["first"][0],
        alternative=given["alternative"][0],
        native=native,
        afterwards=afterwards,
        messages=kept,
        changes=changes,
        written_by=actor if isinstance(actor, StaffMember) else None,
        written_at=now,
    )
    _note(actor, plan, "continuity.plan_written", changes, version=plan.version, owner=owner.called)
    return plan


@action
def review_plan(*, actor: StaffMember, plan: ContinuityPlan, review_on: date) -> ContinuityPlan:
    """It was read and still holds; it is read anew by that day. Raises NotPermitted, NotValid. Audits continuity.plan_reviewed."""
    row = _locked(actor, plan)
    _to_come("review_on", review_on)
    row.review_on, row.changed_at = review_on, clock.now()
    row.save(update_fields=["review_on", "changed_at"])
    _note(actor, row, "continuity.plan_reviewed", review_on=review_on.isoformat())
    return row


@action
def record_test(
    *,
    actor: Actor,
    plan: ContinuityPlan,
    held_on: date,
    how: str,
    scenario: str,
    people: str,
    worked: str,
    failed: str,
    actions: Sequence[Mapping[str, Any]],
    next_test_on: date,
) -> ContinuityTest:
    """The plan was tried: who took part, what worked, what did not, and who does what about it by when.

    actions: each with words, owner and due_on. Each owner is told. Raises NotPermitted, NotValid.
    Audits continuity.tested, notice.given.
    """
    if isinstance(actor, StaffMember):
        row = _locked(actor, plan)
    else:
        _require(actor)
        row = ContinuityPlan.objects.select_for_update().get(pk=plan.pk)
    if how not in ContinuityTest.How.values:
        raise NotValid("Choose how it was tried.", field="how")
    if held_on > clock.today():
        raise NotValid("A test is recorded when it has been held.", field="held_on")
    given = {
        "scenario": (scenario.strip(), "Say what was played."),
        "people": (people.strip(), "Say who took part."),
        "worked": (worked.strip(), "Say what worked."),
    }
    for field, (words, sentence) in given.items():
        if not words:
            raise NotValid(sentence, field=field)
    _to_come("next_test_on", next_test_on)
    for one in actions:
        if not one["words"].strip():
            raise NotValid("Say what is to be done, or leave the line empty.", field="actions")
        if not one["owner"].active:
            raise NotValid(
                f"{one['owner'].called} has left. Choose somebody who works here.", field="actions"
            )
    test = ContinuityTest.objects.create(
        plan=row,
        held_on=held_on,
        how=how,
        failed=failed.strip(),
        recorded_by=actor if isinstance(actor, StaffMember) else None,
        recorded_at=clock.now(),
        **{field: words for field, (words, _) in given.items()},
    )
    for one in actions:
        made = ContinuityAction.objects.create(
            test=test, words=one["words"].strip()[:300], owner=one["owner"], due_on=one["due_on"]
        )
        notify(
            actor=actor,
            to=[made.owner] if not isinstance(actor, StaffMember) or made.owner_id != actor.pk else [],
            urgency=Notice.Urgency.FYI,
            title=f"After a test of the {row}: yours until {made.due_on:%-d %B %Y}",
            body=made.words,
            link=_address(row),
            key=f"continuity action {made.pk}",
        )
    row.next_test_on = next_test_on
    row.save(update_fields=["next_test_on"])
    _note(
        actor,
        row,
        "continuity.tested",
        how=test.get_how_display(),
        held_on=held_on.isoformat(),
        count=len(actions),
    )
    return test


@action
def settle_action(*, actor: StaffMember, row: ContinuityAction, outcome: str) -> ContinuityAction:
    """What came out of a test is done, by whoever was to do it or whoever keeps the plans.

    Raises NotPermitted, NotValid (no words), TransitionNotAllowed (it is done). Audits continuity.action_done.
    """
    held = (
        ContinuityAction.objects.select_for_update(of=("self",)).select_related("test__plan").get(pk=row.pk)
    )
    if held.owner_id != actor.pk:
        queries.require(actor, Power.SET_POLICIES)
    if held.done_at is not None:
        raise TransitionNotAllowed("It is done already. Reload the page.")
    outcome = outcome.strip()
    if not outcome:
        raise NotValid("Say what came of it, in a few words.", field="outcome")
    held.done_at, held.done_by, held.outcome = clock.now(), actor, outcome[:300]
    held.save(update_fields=["done_at", "done_by", "outcome"])
    _note(actor, held.test.plan, "continuity.action_done", held.outcome, what=held.words)
    return held


# Whom to ring


@action
def note_contact(
    *, actor: Actor, duty: str, phone: str, person: StaffMember | None = None, name: str = ""
) -> ContinuityContact:
    """Somebody can be rung when nothing else works. The number is recorded for that, and for nothing else.

    name: of somebody outside the force, where no staff member is named. Raises NotPermitted, NotValid.
    Audits continuity.contact_noted, without the number.
    """
    _require(actor)
    duty, name = " ".join(duty.split()), " ".join(name.split())
    if not duty:
        raise NotValid("Say what they are rung for.", field="duty")
    if (person is None) == (not name):
        raise NotValid(
            "Choose a member of staff, or name somebody outside the force; one of the two.", field="person"
        )
    if person is not None and not person.active:
        raise NotValid("This person has left. Choose somebody who works here.", field="person")
    number = ways.number(phone)
    if not number:
        raise NotValid("Give a telephone number, such as 07700 900123 or +44 7700 900123.", field="phone")
    row = ContinuityContact.objects.create(
        duty=duty[:120],
        name=(person.called if person else name)[:120],
        person=person,
        phone=phone.strip()[:30],
        noted_by=actor if isinstance(actor, StaffMember) else None,
        noted_at=clock.now(),
    )
    record(
        actor=actor,
        event="continuity.contact_noted",
        subject=row,
        subject_name=row.name,
        details={"duty": row.duty},
    )
    return row


@action
def strike_contact(*, actor: Actor, contact: ContinuityContact) -> ContinuityContact:
    """They are not rung any more, and the number is gone. Struck off already changes nothing.

    Raises NotPermitted. Audits continuity.contact_struck.
    """
    _require(actor)
    row = ContinuityContact.objects.select_for_update().get(pk=contact.pk)
    if row.struck_at is None:
        row.struck_at, row.phone = clock.now(), ""
        row.struck_by = actor if isinstance(actor, StaffMember) else None
        row.save(update_fields=["struck_at", "struck_by", "phone"])
        record(
            actor=actor,
            event="continuity.contact_struck",
            subject=row,
            subject_name=row.name,
            details={"duty": row.duty},
        )
    return row


@action
def note_sheet(*, actor: StaffMember, contacts: int) -> None:
    """Somebody took the contact sheet: with how many people on it. Raises NotPermitted. Audits contacts.exported."""
    if not continuity.may_raise(actor):
        queries.require(actor, Power.SET_POLICIES)
    record(
        actor=actor, event="contacts.exported", subject_name="the contact sheet", details={"count": contacts}
    )


# By the clock


@action
def remind(*, actor: Actor = REMINDER, plan: ContinuityPlan) -> int:
    """The owner of a plan that is overdue is told, once for each day that was missed. Answers how many. Audits notice.given."""
    told = 0
    for due, what, on in (
        (plan.review_is_due, "read anew", plan.review_on),
        (plan.test_is_due, "tried", plan.next_test_on),
    ):
        if due:
            told += len(
                notify(
                    actor=actor,
                    to=[plan.owner],
                    urgency=Notice.Urgency.SOON,
                    title=f"The {plan} was to be {what} by {on:%-d %B %Y}",
                    body="Open it, do it, and say by when it is done next.",
                    link=_address(plan),
                    key=f"continuity {plan.pk} {what} {on.isoformat()}",
                )
            )
    return told


@action
def remind_of_action(*, actor: Actor = REMINDER, row: ContinuityAction) -> int:
    """Whoever was to do something after a test and has not is told, once. Audits notice.given."""
    return len(
        notify(
            actor=actor,
            to=[row.owner],
            urgency=Notice.Urgency.SOON,
            title=f"After a test of the {row.test.plan}: overdue since {row.due_on:%-d %B %Y}",
            body=row.words,
            link=_address(row.test.plan),
            key=f"continuity action {row.pk} overdue",
        )
    )


@action
def rehome_plan(*, actor: Actor = HANDOVER, plan: ContinuityPlan) -> bool:
    """A plan whose owner has left goes to the heir. Safe to run twice. Audits continuity.rehomed, staff.work_handed_over."""
    row = (
        ContinuityPlan.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("owner")
        .filter(pk=plan.pk, owner__active=False)
        .first()
    )
    return row is not None and _rehome(
        actor, row, row, f"The {row}", "You own it now: read it and see when it is tried next."
    )


@action
def rehome_action(*, actor: Actor = HANDOVER, row: ContinuityAction) -> bool:
    """Something to be done after a test whose owner has left goes to the heir. Audits continuity.rehomed, staff.work_handed_over."""
    held = (
        ContinuityAction.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("owner", "test__plan")
        .filter(pk=row.pk, owner__active=False, done_at=None)
        .first()
    )
    return held is not None and _rehome(
        actor, held, held.test.plan, held.words, f"Do it by {held.due_on:%-d %B %Y}."
    )


def _rehome(actor: Actor, row: Any, plan: ContinuityPlan, named: str, next_step: str) -> bool:
    departure = departure_of(row.owner)
    candidates = queries.heirs(departure) if departure is not None else []
    if departure is None or not candidates:
        return False
    row.owner = candidates[0]
    row.save(update_fields=["owner"])
    _note(actor, plan, "continuity.rehomed", owner=row.owner.called, what=named)
    hand_over(
        actor=actor,
        departure=departure,
        heir=row.owner,
        subject=row,
        subject_name=named,
        what_next=next_step,
        link=_address(plan),
    )
    return True


# What they share


def _require(actor: Actor) -> None:
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.SET_POLICIES)
    elif actor.actor_kind != "system":
        raise NotPermitted("Plans are written by people.")


def _locked(actor: StaffMember, plan: ContinuityPlan) -> ContinuityPlan:
    row = ContinuityPlan.objects.select_for_update(of=("self",)).select_related("owner").get(pk=plan.pk)
    if not continuity.may_record(actor, row):
        queries.require(actor, Power.SET_POLICIES)
    return row


def _to_come(field: str, day: date) -> None:
    latest = clock.today() + timedelta(days=continuity.MOST_DAYS)
    if not clock.today() < day <= latest:
        raise NotValid(f"Choose a day to come, by {latest:%-d %B %Y} at the latest.", field=field)


def _messages(given: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    kept = []
    for one in given:
        row = {key: one.get(key, "").strip() for key in ("who", "where", "words")}
        if not any(row.values()):
            continue
        if not all(row.values()):
            raise NotValid("Each message needs who says it, where, and the words.", field="messages")
        kept.append(row)
    if len(kept) > MOST_MESSAGES:
        raise NotValid(f"Keep at most {MOST_MESSAGES} ready messages.", field="messages")
    return kept


def _holds_password(words: str) -> bool:
    """“Password: hunter2” and its like. A safeguard against a slip, not a search."""
    for line in words.casefold().splitlines():
        for word in ("password", "passwort", "passphrase", "pin"):
            _, found, rest = line.partition(f"{word}:")
            if found and len(rest.split()) == 1:
                return True
    return False


def _address(plan: ContinuityPlan) -> str:
    return reverse("accounts:continuity_plan", args=[plan.slug])


def _note(actor: Actor, plan: ContinuityPlan, event: str, reason: str = "", **details: object) -> None:
    record(
        actor=actor, event=event, subject=plan, subject_name=str(plan), reason=reason[:500], details=details
    )
