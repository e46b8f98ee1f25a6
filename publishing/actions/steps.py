"""The force's approval steps: written as a draft, compared with what is in force, and put in force by two where they weaken.

Set by who sets safeguards, not by who writes or approves posts. Every version is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from django.db.models import Max
from django.urls import reverse

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import may, people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from platforms.registry import NAMES
from publishing import queries, steps, weaker
from publishing.models import AfterLook, Declaration, StepRule, StepsVersion, TelephoneApproval, Trust
from staff.models import StaffMember, Team
from staff.roles import Power, Role

State = StepsVersion.State
MOST_RULES = 60
NUMBERS = (
    "day_begins",
    "day_ends",
    "sample_percent",
    "sample_within_hours",
    "urgent_within_minutes",
    "telephone_within_hours",
    "two_by_telephone",
    "deletion_by_one",
)
WHY = "Say what is different and why: it stands in the history."


@action
def begin_draft(*, actor: StaffMember) -> StepsVersion:
    """The steps in force are copied into a draft that can be changed. Answers the draft that there is, where there is one.

    Raises NotPermitted. Audits steps.begun for a new one.
    """
    require(actor, Power.SET_SAFEGUARDS)
    _alone()
    present = StepsVersion.objects.filter(state__in=[State.DRAFT, State.ASKED]).first()
    if present is not None:
        return present
    live = StepsVersion.objects.filter(state=State.LIVE).first()
    by = steps.in_force()
    last = StepsVersion.objects.aggregate(last=Max("number"))["last"] or 0
    made = StepsVersion.objects.create(
        number=last + 1,
        written_by=actor,
        written_at=clock.now(),
        **{name: getattr(by, name) for name in NUMBERS},
    )
    for rule in StepRule.objects.filter(version=live, removed_at=None).order_by("id") if live else ():
        rule.pk, rule.version = None, made
        rule._state.adding = True
        rule.save()
    record(actor=actor, event="steps.begun", subject=made, subject_name=str(made))
    return made


@action
def set_numbers(
    *,
    actor: StaffMember,
    version: StepsVersion,
    day_begins: time,
    day_ends: time,
    sample_percent: int,
    sample_within_hours: int,
    urgent_within_minutes: int,
    telephone_within_hours: int,
    two_by_telephone: bool,
    deletion_by_one: bool,
) -> StepsVersion:
    """Hours, share of the sample, deadlines and what counts on the telephone, in the draft.

    Raises NotPermitted, NotValid (the field is named), TransitionNotAllowed (it is no draft). Audits steps.changed.
    """
    row = _draft(actor, version)
    if day_ends <= day_begins:
        raise NotValid("The day ends before it begins.", field="day_ends")
    for field, value, least, most in (
        ("sample_percent", sample_percent, 0, 100),
        ("sample_within_hours", sample_within_hours, 1, 720),
        ("urgent_within_minutes", urgent_within_minutes, 5, 1440),
        ("telephone_within_hours", telephone_within_hours, 1, 168),
    ):
        if not least <= value <= most:
            raise NotValid(f"Give a number from {least} to {most}.", field=field)
    row.day_begins, row.day_ends = day_begins, day_ends
    row.sample_percent, row.sample_within_hours = sample_percent, sample_within_hours
    row.urgent_within_minutes, row.telephone_within_hours = urgent_within_minutes, telephone_within_hours
    row.two_by_telephone, row.deletion_by_one = two_by_telephone, deletion_by_one
    _save(row, actor)
    record(actor=actor, event="steps.changed", subject=row, subject_name=str(row))
    return row


@action
def add_rule(
    *,
    actor: StaffMember,
    version: StepsVersion,
    name: str,
    needs: str,
    parties: Iterable[str] = (),
    place: str = "",
    kinds: Iterable[str] = (),
    when: Iterable[str] = (),
) -> StepRule:
    """One more line in the draft: where, for what and when, and who has to approve it then.

    place: "" for everywhere, "account:12", "neighbourhood:3" or "platform:x". parties: as StepRule.parties, for
    "any" and "all". Raises NotPermitted, NotValid (the field is named), TransitionNotAllowed. Audits steps.rule_added.
    """
    row = _draft(actor, version)
    name = " ".join(name.split())
    if not name or len(name) > 120:
        raise NotValid("Say in a few words what the rule is for.", field="name")
    if StepRule.objects.filter(version=row, removed_at=None).count() >= MOST_RULES:
        raise NotValid(f"There are {MOST_RULES} rules already, which nobody can read. Take one out first.")
    if needs not in StepRule.Needs.values:
        raise NotValid("Choose who has to approve it.", field="needs")
    named = _parties(needs, parties)
    chosen = [str(kind) for kind in Declaration.Kind.values if kind in set(kinds)]
    times = [str(one) for one in StepRule.When.values if one in set(when)]
    made = StepRule.objects.create(
        version=row, name=name, needs=needs, parties=named, kinds=chosen, when=times, **_place(place)
    )
    _save(row, actor)
    record(actor=actor, event="steps.rule_added", subject=row, subject_name=str(row), details={"rule": name})
    return made


@action
def remove_rule(*, actor: StaffMember, rule: StepRule) -> StepRule:
    """The draft has this line no longer. Raises NotPermitted, TransitionNotAllowed. Audits steps.rule_removed."""
    row = _draft(actor, StepsVersion.objects.get(pk=rule.version_id))
    found = StepRule.objects.select_for_update().get(pk=rule.pk)
    if found.removed_at is not None:
        raise TransitionNotAllowed("This rule was taken out already.")
    found.removed_at = clock.now()
    found.save(update_fields=["removed_at"])
    _save(row, actor)
    record(
        actor=actor,
        event="steps.rule_removed",
        subject=row,
        subject_name=str(row),
        details={"rule": found.name},
    )
    return found


@action
def put_in_force(*, actor: StaffMember, version: StepsVersion, why: str) -> StepsVersion:
    """The draft holds from now on, also for what waits; where it asks for less anywhere, a second person confirms it first.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (it is no draft). Audits steps.in_force, or
    steps.asked where a second person is needed.
    """
    row = _draft(actor, version)
    row.why = reason(why, WHY, most=300)
    row.asked_by = actor
    row.weakens = weaker.sentences(steps.in_force(), steps.steps_of(row))
    if row.weakens:
        row.state = State.ASKED
        row.save()
        record(
            actor=actor,
            event="steps.asked",
            subject=row,
            subject_name=str(row),
            reason=row.why,
            details={"weaker": len(row.weakens)},
        )
        others = [one for one in people_with(Power.SET_SAFEGUARDS) if one.pk not in _writers(row)]
        notify(
            actor=actor,
            to=others,
            urgency=Notice.Urgency.SOON,
            title=f"Approval steps, version {row.number}: a second person is needed",
            body=f"{actor.called} asks for less than is in force: {row.why}",
            link=reverse("publishing:steps"),
            key=f"steps:{row.pk}:asked:{clock.now():%Y%m%d%H%M%S}",
        )
        return row
    return _live(actor, row)


@action
def confirm(*, actor: StaffMember, version: StepsVersion) -> StepsVersion:
    """A second person puts steps in force that ask for less than those before.

    Raises NotPermitted (wrote some of it), TransitionNotAllowed (it does not wait), ChangedSinceSeen (what it weakens is
    not what was shown). Audits steps.in_force.
    """
    require(actor, Power.SET_SAFEGUARDS)
    _alone()
    row = _waiting(version)
    if actor.pk in _writers(row):
        raise NotPermitted("You have written some of it or asked for it, so somebody else confirms it.")
    if row.weakens != weaker.sentences(steps.in_force(), steps.steps_of(row)):
        row.weakens = weaker.sentences(steps.in_force(), steps.steps_of(row))
        raise ChangedSinceSeen("What it weakens is not what was shown. Make it a draft again, and ask anew.")
    row.confirmed_by = actor
    return _live(actor, row)


@action
def make_draft(*, actor: StaffMember, version: StepsVersion, why: str = "") -> StepsVersion:
    """What waited for a second person is a draft again: nothing changes until it is asked for anew.

    Raises NotPermitted, TransitionNotAllowed. Audits steps.returned.
    """
    require(actor, Power.SET_SAFEGUARDS)
    row = _waiting(version)
    row.state, row.weakens = State.DRAFT, []
    row.save()
    record(actor=actor, event="steps.returned", subject=row, subject_name=str(row), reason=why.strip()[:300])
    return row


@action
def drop_draft(*, actor: StaffMember, version: StepsVersion) -> StepsVersion:
    """The draft is given up; what is in force stays. Raises NotPermitted, TransitionNotAllowed. Audits steps.dropped."""
    require(actor, Power.SET_SAFEGUARDS)
    row = StepsVersion.objects.select_for_update().get(pk=version.pk)
    if row.state not in (State.DRAFT, State.ASKED):
        raise TransitionNotAllowed("This is no draft any more. Reload the page.")
    row.state = State.DROPPED
    row.save(update_fields=["state"])
    record(actor=actor, event="steps.dropped", subject=row, subject_name=str(row))
    return row


# Trust in an author


@action
def give_trust(*, actor: StaffMember, person: StaffMember, why: str) -> Trust:
    """Where the steps ask nobody beforehand, this author's posts may go so. Raises NotPermitted, NotValid. Audits trust.given."""
    require(actor, Power.SET_SAFEGUARDS)
    if person.pk == actor.pk:
        raise NotValid("Nobody gives it to themselves. A colleague who sets safeguards does.", field="person")
    if not may(person, Power.WRITE_POSTS):
        raise NotValid(f"{person.called} may write no posts.", field="person")
    StaffMember.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    if Trust.objects.filter(person=person, withdrawn_at=None).exists():
        raise NotValid(f"{person.called} is trusted already.", field="person")
    why = reason(why, "Say why, in a few words: what they were trained in, who vouches.", most=300)
    made = Trust.objects.create(person=person, given_by=actor, given_at=clock.now(), why=why)
    record(actor=actor, event="trust.given", subject=made, subject_name=person.called, reason=why)
    return made


@action
def withdraw_trust(
    *, actor: StaffMember, person: StaffMember, why: str, look: AfterLook | None = None
) -> Trust:
    """From now on every post of this author needs approval beforehand, also what waits to go out.

    By whoever sets safeguards; or by an approver who has looked at one of their posts afterwards (look).
    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (not trusted). Audits trust.withdrawn.
    """
    if look is None:
        require(actor, Power.SET_SAFEGUARDS)
    else:
        for variant in queries.live_variants(look.post):
            require(actor, Power.APPROVE_POSTS, variant.official_account_id)
    why = reason(why, "Say why: the author reads it.")
    row = Trust.objects.select_for_update().filter(person=person, withdrawn_at=None).first()
    if row is None:
        raise TransitionNotAllowed(
            f"{person.called} is not trusted to post without prior approval. Reload the page."
        )
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = clock.now(), actor, why
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    record(actor=actor, event="trust.withdrawn", subject=row, subject_name=person.called, reason=why)
    notify(
        actor=actor,
        to=[person],
        urgency=Notice.Urgency.SOON,
        title="Your posts need approval beforehand from now on",
        body=why,
        link=reverse("publishing:posts"),
        key=f"trust:{row.pk}:withdrawn",
    )
    return row


# What the actions share


def _alone() -> None:
    """One after the other: which version is in force is decided once."""
    list(StepsVersion.objects.select_for_update().filter(state__in=[State.LIVE, State.DRAFT, State.ASKED]))


def _draft(actor: StaffMember, version: StepsVersion) -> StepsVersion:
    require(actor, Power.SET_SAFEGUARDS)
    _alone()
    row = StepsVersion.objects.get(pk=version.pk)
    if row.state != State.DRAFT:
        raise TransitionNotAllowed(
            f"Version {row.number} is {row.get_state_display().lower()}, so it is not changed. Reload the page."
        )
    return row


def _waiting(version: StepsVersion) -> StepsVersion:
    row = StepsVersion.objects.select_for_update().get(pk=version.pk)
    if row.state != State.ASKED:
        raise TransitionNotAllowed("It does not wait for a second person any more. Reload the page.")
    return row


def _live(actor: StaffMember, row: StepsVersion) -> StepsVersion:
    now = clock.now()
    for present in StepsVersion.objects.filter(state=State.LIVE):
        present.state, present.replaced_at = State.REPLACED, now
        present.save(update_fields=["state", "replaced_at"])
    row.state, row.live_at = State.LIVE, now
    row.save()
    record(
        actor=actor,
        event="steps.in_force",
        subject=row,
        subject_name=str(row),
        reason=row.why,
        details={"weaker": len(row.weakens), "asked_by": row.asked_by.called if row.asked_by else ""},
    )
    return row


def _save(row: StepsVersion, actor: StaffMember) -> None:
    """Whoever changed it last has written it: the second person is another than whoever asks and them."""
    row.written_by, row.written_at = actor, clock.now()
    row.save()


def _writers(row: StepsVersion) -> set[int]:
    return {pk for pk in (row.written_by_id, row.asked_by_id) if pk is not None}


def _parties(needs: str, parties: Iterable[str]) -> list[str]:
    named = list(dict.fromkeys(parties))
    if needs not in (StepRule.Needs.ANY, StepRule.Needs.ALL):
        return []
    if not named:
        raise NotValid("Name at least one role, team or function.", field="parties")
    if len(named) > steps.MOST_PARTIES and needs == StepRule.Needs.ALL:
        raise NotValid(f"Name at most {steps.MOST_PARTIES}.", field="parties")
    known = {f"{steps.ROLE}{role}" for role in Role.values}
    known |= {f"{steps.TELEPHONE}{one}" for one in TelephoneApproval.Function.values}
    known |= {f"{steps.TEAM}{pk}" for pk in Team.objects.values_list("pk", flat=True)}
    if set(named) - known:
        raise NotValid("Part of what was chosen is not there any more. Choose again.", field="parties")
    return named


def _place(place: str) -> dict[str, object]:
    what, _, which = place.partition(":")
    if not place:
        return {}
    if what == "platform" and which in NAMES:
        return {"platform": which}
    if what == "account" and (account := OfficialAccount.objects.filter(pk=which or 0).first()):
        return {"official_account": account}
    if what == "neighbourhood" and (area := Neighbourhood.objects.filter(pk=which or 0).first()):
        return {"neighbourhood": area}
    raise NotValid("This place is not there any more. Choose again.", field="place")
