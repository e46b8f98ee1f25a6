"""From the request of an official account to its closure: each step by the right people, two to open, two to close."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions, governance, naming, queries
from accounts.models import Mandate, MandateStep, Neighbourhood, OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from staff.models import StaffMember, Team
from staff.roles import Power

State = Mandate.State
Status = OfficialAccount.Status


@action
def request(
    *,
    actor: StaffMember,
    kind: str,
    platform: str,
    handle: str,
    name: str,
    purpose: str,
    audience: str,
    owner: StaffMember,
    reasons: str,
    content_plan: str,
    trained: str,
    team: Team | None = None,
    neighbourhood: Neighbourhood | None = None,
    officer: StaffMember | None = None,
    consented_on: date | None = None,
) -> Mandate:
    """Somebody asks for an official account: what for, who runs it, with which content and training.

    Source: APP social media, "Social media policy". Raises NotPermitted, NotValid (words missing, an officer
    without consent, a handle that is registered or asked for). Audits mandate.requested; who judges it is told.
    """
    queries.require(actor, Power.SEE_REGISTER)
    handle = handle.strip().removeprefix("@")
    if platform not in registry.CONNECTORS or platform == "exercise":
        raise NotValid("Choose a platform.", field="platform")
    if kind not in Mandate.Kind.values:
        raise NotValid("Choose what kind of account it is.", field="kind")
    given = {
        "handle": (handle, "Give the handle that it shall have."),
        "name": (name.strip(), "Give the name that the public will see."),
        "purpose": (purpose.strip(), "Say what it is for."),
        "audience": (audience.strip(), "Say for whom it is."),
        "reasons": (reasons.strip(), "Say why the accounts that there are do not do."),
        "content_plan": (content_plan.strip(), "Say what will be posted, and how often."),
        "trained": (trained.strip(), "Say who will run it, and which training they have done."),
    }
    for field, (words, sentence) in given.items():
        if not words:
            raise NotValid(sentence, field=field)
    if kind == Mandate.Kind.OFFICER:
        if officer is None:
            raise NotValid("Choose the officer whose name it will bear.", field="officer")
        if consented_on is None or consented_on > clock.today():
            raise NotValid("Give the day on which the officer agreed in writing.", field="consented_on")
    elif officer is not None:
        raise NotValid("Only the account of a named officer bears one’s name.", field="officer")
    if OfficialAccount.objects.filter(platform=platform, handle__iexact=handle).exists():
        raise NotValid(f"@{handle} on {registry.NAMES[platform]} is registered already.", field="handle")
    now = clock.now()
    mandate = Mandate(
        state=State.REQUESTED,
        due_on=governance.due_on(State.REQUESTED),
        kind=kind,
        platform=platform,
        owner=owner,
        team=team,
        neighbourhood=neighbourhood,
        officer=officer,
        consented_on=consented_on if officer else None,
        requested_by=actor,
        requested_at=now,
        changed_at=now,
        **{field: words for field, (words, _) in given.items()},
    )
    try:
        with transaction.atomic():
            mandate.save(force_insert=True)
    except IntegrityError:
        raise NotValid(f"Somebody has asked for @{handle} already.", field="handle") from None
    _step(actor, mandate, "request", mandate.reasons)
    _note(actor, mandate, "mandate.requested", mandate.reasons)
    _tell(
        actor,
        [*queries.people_with(Power.ASSESS_ACCOUNTS), *queries.people_with(Power.SECURE_ACCOUNTS)],
        mandate,
        f"An official account is asked for: {mandate.name}",
        f"{actor.called} asks for @{handle} on {registry.NAMES[platform]}. Assess it by {mandate.due_on:%-d %B}.",
    )
    return mandate


@action
def assess(*, actor: StaffMember, mandate: Mandate, side: str, words: str) -> Mandate:
    """Communications or information security say that it can be opened, and on which conditions.

    side: "comms" or "infosec". When both have, it waits for an asset owner. Raises NotPermitted (also for whoever
    asked, and one person for both sides), NotValid, TransitionNotAllowed. Audits mandate.assessed.
    """
    if side not in ("comms", "infosec"):
        raise NotValid("Choose for which side you assess it.")
    row = _taken(actor, mandate, f"assess_{side}")
    if getattr(row, f"{side}_by_id") is not None:
        raise TransitionNotAllowed("It has been assessed for that side already.")
    words = _required(words, "Say how you judge it, and on which conditions.")
    setattr(row, f"{side}_by", actor)
    complete = row.comms_by_id is not None and row.infosec_by_id is not None
    _move(row, "complete" if complete else "assess", keep_due=not complete, also=[f"{side}_by"])
    _step(actor, row, f"assess_{side}", words)
    _note(actor, row, "mandate.assessed", words, side=SIDES[side])
    if complete:
        _tell(
            actor,
            queries.people_with(Power.APPROVE_ACCOUNTS),
            row,
            f"{row.name} waits for your approval",
            f"Communications and information security have assessed it. Answer by {row.due_on:%-d %B}.",
        )
    return row


SIDES = {"comms": "communications", "infosec": "information security"}


@action
def approve(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """An information asset owner approves that it is opened. Audits mandate.approved.

    Raises NotPermitted (whoever asked for it or assessed it), NotValid (no words), TransitionNotAllowed.
    """
    row = _taken(actor, mandate, "approve")
    words = _required(words, "Say why it may be opened.")
    row.approved_by = actor
    if row.asset_owner_id is None:
        row.asset_owner = actor
    _move(row, "approve", also=["approved_by", "asset_owner"])
    _step(actor, row, "approve", words)
    _note(actor, row, "mandate.approved", words)
    _tell(
        actor,
        [*_asker(row), *_keepers()],
        row,
        f"{row.name} is approved",
        f"The register’s keepers open it by the checklist by {row.due_on:%-d %B}.",
    )
    return row


@action
def refuse(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """It is not opened; whoever asked reads why. Raises NotPermitted, NotValid, TransitionNotAllowed.

    Audits mandate.refused.
    """
    row = _taken(actor, mandate, "refuse")
    words = _required(words, "Say why it is refused: whoever asked reads it.")
    _move(row, "refuse")
    _step(actor, row, "refuse", words)
    _note(actor, row, "mandate.refused", words)
    _tell(actor, _asker(row), row, f"{row.name} is refused", words[:600])
    return row


@action
def withdraw(*, actor: StaffMember, mandate: Mandate, words: str = "") -> Mandate:
    """Whoever asked takes it back. Raises NotPermitted, TransitionNotAllowed. Audits mandate.withdrawn."""
    row = _taken(actor, mandate, "withdraw")
    _move(row, "withdraw")
    _step(actor, row, "withdraw", words.strip())
    _note(actor, row, "mandate.withdrawn", words.strip())
    return row


@action
def tick(*, actor: StaffMember, mandate: Mandate, point: str, done: bool, words: str = "") -> Mandate:
    """One point of the checklist of opening or closing is done, or was not after all; the person signs for it.

    The point on names is kept by rule: it cannot be ticked while a rule is broken. Raises NotPermitted, NotValid
    (unknown point, a rule broken, a note or a particular missing), TransitionNotAllowed. Audits mandate.ticked.
    """
    row = _taken(actor, mandate, "tick")
    wanted = governance.points(row)
    if point not in wanted:
        raise NotValid("There is no such point on the checklist. Reload the page.")
    stands = next(one for one in governance.checklist(row) if one.slug == point)
    if (stands.done is not None) == done:
        raise TransitionNotAllowed("Somebody has changed that point already. Reload the page.")
    if done:
        _can_tick(row, point, words)
    _step(actor, row, "tick" if done else "untick", words.strip(), point=point)
    _note(actor, row, "mandate.ticked", words.strip(), point=point, done=done)
    return row


def _can_tick(row: Mandate, point: str, words: str) -> None:
    if point in ("naming", "emergency"):
        found = naming.broken(naming.rules(), naming.Face.of(None, row))
        if point == "emergency":
            found = [one for one in found if "profile does not say" in one or "Nobody has noted its" in one]
        if found:
            raise NotValid(f"A rule is broken, so this cannot be ticked: {' '.join(found)}")
    lacking = {
        "mailbox": (row.mailbox, "Write the address among the particulars first."),
        "password": (row.vault_entry, "Write among the particulars where the vault keeps it first."),
        "recovery": (row.recovery, "Write the recovery routes among the particulars first."),
        "safety": (row.safety_checked_on, "Write the day of the safety check among the particulars first."),
    }.get(point)
    if lacking is not None and not lacking[0]:
        raise NotValid(lacking[1])
    if point in governance.NEED_WORDS and not words.strip():
        raise NotValid("Say in the note what was decided.")


@action
def finish(*, actor: StaffMember, mandate: Mandate) -> Mandate:
    """Every point of opening is ticked: a second person can open it now.

    Raises NotPermitted, NotValid (a point is open), TransitionNotAllowed. Audits mandate.finished.
    """
    row = _taken(actor, mandate, "finish")
    _all_ticked(row)
    row.finished_by = actor
    _move(row, "finish", also=["finished_by"])
    _step(actor, row, "finish")
    _note(actor, row, "mandate.finished")
    _tell(
        actor,
        [*queries.people_with(Power.APPROVE_ACCOUNTS), *_keepers()],
        row,
        f"{row.name} is ready to open",
        f"{actor.called} has done its checklist. A second person looks at it and opens it.",
    )
    return row


@action
def send_back(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """The second person finds something: the checklist is gone through again. Audits mandate.sent_back."""
    row = _taken(actor, mandate, "send_back")
    words = _required(words, "Say what is to be mended.")
    finisher, row.finished_by = row.finished_by, None
    _move(row, "send_back", also=["finished_by"])
    _step(actor, row, "send_back", words)
    _note(actor, row, "mandate.sent_back", words)
    _tell(actor, [finisher] if finisher else [], row, f"{row.name} is sent back", words[:600])
    return row


@action
def open_account(*, actor: StaffMember, mandate: Mandate) -> OfficialAccount:
    """A second person opens it: it stands in the register and the public list from now on.

    Raises NotPermitted (who finished the checklist), NotValid (a point is open, the handle is taken),
    TransitionNotAllowed. Audits mandate.opened and account.registered.
    """
    row = _taken(actor, mandate, "open")
    _all_ticked(row)
    account = actions.enter(
        actor=actor,
        platform=row.platform,
        handle=row.handle,
        name=row.name,
        owner=row.owner,
        purpose=row.purpose,
        profile_url=row.profile_url,
        team=row.team,
        neighbourhood=row.neighbourhood,
    )
    row.official_account, row.opened_by = account, actor
    _move(row, "open", also=["official_account", "opened_by"])
    _step(actor, row, "open")
    _note(actor, row, "mandate.opened")
    _tell(actor, _asker(row), row, f"{row.name} is open", "It stands in the register and in the public list.")
    return account


@action
def review(*, actor: StaffMember, mandate: Mandate, words: str, next_on: date | None = None) -> Mandate:
    """It was looked at again: whether it is still needed, run and kept safely. The next day is a year off at most.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits mandate.reviewed.
    """
    row = _taken(actor, mandate, "review")
    words = _required(words, "Say what you found: is it still needed, who runs it, is it kept safely?")
    today = clock.today()
    latest = today + governance.REVIEW_AFTER
    if next_on is not None and not today < next_on <= latest:
        raise NotValid(f"Choose a day to come, by {latest:%-d %B %Y} at the latest.", field="next_on")
    row.reviewed_on = today
    _move(row, "review", also=["reviewed_on"], due=next_on or latest)
    _step(actor, row, "review", words)
    _note(actor, row, "mandate.reviewed", words, due_on=row.due_on.isoformat() if row.due_on else "")
    return row


@action
def suspend(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """Nothing is read from it and nothing leaves it until it is taken up again. Audits account.changed."""
    return _change_status(actor, mandate, "suspend", words)


@action
def resume(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """It is taken up again. Audits account.changed."""
    return _change_status(actor, mandate, "resume", words)


def _change_status(actor: StaffMember, mandate: Mandate, event: str, words: str) -> Mandate:
    row = _taken(actor, mandate, event)
    account = row.official_account
    assert account is not None
    actions.change_status(
        actor=actor,
        official_account=account,
        status=Status.SUSPENDED if event == "suspend" else Status.ACTIVE,
        why=words,
    )
    return Mandate.objects.get(pk=row.pk)


@action
def end(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """It is to be closed: the checklist of closing begins, and a second person closes it at its end.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed. Audits mandate.ending.
    """
    row = _taken(actor, mandate, "end")
    words = _required(words, "Say why it is closed.")
    row.ended_by = actor
    _move(row, "end", also=["ended_by"])
    _step(actor, row, "end", words)
    _note(actor, row, "mandate.ending", words)
    _tell(
        actor,
        [row.owner, *queries.people_with(Power.APPROVE_ACCOUNTS)],
        row,
        f"{row.name} is to be closed",
        f"{actor.called}: {words}"[:600],
    )
    return row


@action
def call_off(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """It is not closed after all: it is suspended, until somebody takes it up again. Audits mandate.called_off."""
    row = _taken(actor, mandate, "call_off")
    words = _required(words, "Say why it is not closed after all.")
    row.ended_by = None
    _move(row, "call_off", also=["ended_by"])
    account = OfficialAccount.objects.select_for_update().get(pk=row.official_account_id or 0)
    if account.status != Status.SUSPENDED:
        account.status = Status.SUSPENDED
        account.save(update_fields=["status"])
    _step(actor, row, "call_off", words)
    _note(actor, row, "mandate.called_off", words)
    return row


@action
def close(*, actor: StaffMember, mandate: Mandate, words: str) -> Mandate:
    """A second person closes it for good: nothing is read from it, nothing leaves it, the public list drops it.

    Raises NotPermitted (who asked for the closure), NotValid (a point is open), TransitionNotAllowed.
    Audits mandate.closed and account.changed.
    """
    row = _taken(actor, mandate, "close")
    _all_ticked(row)
    row.closed_by = actor
    _move(row, "close", also=["closed_by"])
    account = OfficialAccount.objects.select_for_update().get(pk=row.official_account_id or 0)
    actions.set_status(
        actor=actor, account=account, status=Status.CLOSED, why=words.strip() or "Closed by two people"
    )
    _step(actor, row, "close", words.strip())
    _note(actor, row, "mandate.closed", words.strip())
    _tell(actor, [row.owner], row, f"{row.name} is closed", "It has left the public list.")
    return row


# The steps that they share


def _taken(actor: StaffMember, mandate: Mandate, event: str) -> Mandate:
    """The row, locked, where this person may take the step and it may happen now."""
    row = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate.pk)
    governance.mandate(actor, row.pk)
    if not governance.holds_for(actor, row, event):
        wanted = governance.WHO[event]
        if not wanted:
            raise NotPermitted("Only whoever asked for it takes it back.")
        said = " or ".join(f"“{Power(power).label}”" for power in wanted)
        raise NotPermitted(
            f"You may not do this: it needs the right {said}. Ask your service administrator.",
            power=" or ".join(str(Power(power).label) for power in wanted),
        )
    if why := governance.barred(actor, row, event):
        raise NotPermitted(why)
    governance.COURSE.next(row.state, "assess" if event.startswith("assess_") else event)
    return row


def _move(
    row: Mandate,
    event: str,
    *,
    also: list[str] | None = None,
    keep_due: bool = False,
    due: date | None = None,
) -> None:
    row.state = State(governance.COURSE.next(row.state, event))
    if not keep_due:
        row.due_on = due or governance.due_on(row.state)
    row.changed_at = clock.now()
    row.save(update_fields=["state", "due_on", "changed_at", *(also or [])])


def _step(actor: StaffMember, row: Mandate, event: str, words: str = "", *, point: str = "") -> None:
    MandateStep.objects.create(
        mandate=row,
        event=event,
        point=point,
        words=words[:1000],
        state=row.state,
        due_on=row.due_on,
        by=actor,
        at=clock.now(),
    )


def _note(actor: StaffMember, row: Mandate, event: str, reason: str = "", **details: Any) -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=row.name,
        official_account_id=row.official_account_id,
        reason=reason[:500],
        details={"platform": row.platform, "handle": row.handle, **details},
    )


def _required(words: str, sentence: str) -> str:
    words = words.strip()
    if not words:
        raise NotValid(sentence, field="words")
    if len(words) > 1000:
        raise NotValid("That is longer than 1,000 characters.", field="words")
    return words


def _all_ticked(row: Mandate) -> None:
    if still := [point.says for point in governance.checklist(row) if point.done is None]:
        raise NotValid(
            f"{len(still)} of the checklist {'is' if len(still) == 1 else 'are'} not ticked yet, first: {still[0]}."
        )


def _asker(row: Mandate) -> list[StaffMember]:
    return [row.requested_by] if row.requested_by is not None else []


def _keepers() -> list[StaffMember]:
    return queries.people_with(Power.MANAGE_REGISTER)


def _tell(actor: StaffMember, to: list[StaffMember], row: Mandate, title: str, body: str) -> None:
    notify(
        actor=actor,
        to=list({person.pk: person for person in to if person.pk != actor.pk}.values()),
        urgency=Notice.Urgency.FYI,
        title=title[:120],
        body=body,
        link=reverse("accounts:mandate", args=[row.pk]),
        key=f"mandate {row.pk} {row.state} {row.changed_at:%Y%m%d%H%M%S}",
    )
