"""Writing the social media strategy anew: a copy of what holds is changed, and somebody who wrote none of it approves it.

Source: APP social media, "Social media strategy".
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from core.no_secrets import refuse_secret
from insights import strategy
from insights.models import Strategy, StrategyChange, StrategyChannel
from insights.workflow import STRATEGY
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power

LONGEST = 6000
LONGEST_REVIEW = timedelta(days=366 * 2)
CARRIED = ("owner", "review_on", *strategy.WORDS)
CARRIED_CHANNEL = ("platform", "purpose", "audience", "rhythm", "course", "course_words", "reviewed_on")


@action
def begin(*, actor: Actor) -> Strategy:
    """A draft stands beside what holds, with the same words; the first one is empty.

    Raises NotPermitted, TransitionNotAllowed (one is being written). Audits strategy.begun.
    """
    _require(actor, Power.WRITE_STRATEGY)
    present = Strategy.objects.select_for_update().filter(state=Strategy.State.LIVE).first()
    if (other := strategy.draft()) is not None:
        raise TransitionNotAllowed(f"Version {other.number} is being written already. Go on with that one.")
    now = clock.now()
    row = Strategy(
        number=(Strategy.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        drafted_by=actor if isinstance(actor, StaffMember) else None,
        drafted_at=now,
        changed_at=now,
        **({name: getattr(present, name) for name in CARRIED} if present is not None else {}),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # While there is no version yet, no row keeps two writers apart.
        raise TransitionNotAllowed("Somebody began a draft a moment ago. Go on with that one.") from None
    if present is not None:
        for channel in strategy.channels_of(present):
            StrategyChannel.objects.create(
                strategy=row, **{name: getattr(channel, name) for name in CARRIED_CHANNEL}
            )
    _note(row, actor=actor, event="strategy.begun")
    return row


@action
def write(
    *,
    actor: Actor,
    version: Strategy,
    seen: str = "",
    owner: StaffMember | None,
    review_on: date | None,
    changes: str,
    **words: str,
) -> Strategy:
    """The draft has these words. seen: `changed_at` in ISO form, as the page showed it; empty: as it stands.

    words: by the fields of insights.strategy.SECTIONS. Raises NotPermitted, NotValid, ChangedSinceSeen,
    TransitionNotAllowed (not a draft any more). Audits strategy.changed with the headings that differ.
    """
    row = _draft(actor, version, seen)
    given: dict[str, object] = {
        name: words.get(name, "").replace("\r\n", "\n").strip() for name in strategy.WORDS
    }
    for name, text in given.items():
        if len(str(text)) > LONGEST:
            raise NotValid(f"Keep it under {LONGEST:,} characters.", field=name)
        refuse_secret(str(text), field=name)
    if review_on is not None and not clock.today() < review_on <= clock.today() + LONGEST_REVIEW:
        raise NotValid("Give a day to come, within two years.", field="review_on")
    changes = " ".join(changes.split())
    if len(changes) > 500:
        raise NotValid("Say what is new in at most 500 characters.", field="changes")
    given |= {"owner": owner, "review_on": review_on, "changes": changes}
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    if not changed:
        raise NotValid("Everything stands as you have it. Nothing was changed.")
    for name in changed:
        setattr(row, name, given[name])
    _touch(row)
    _note(
        row, actor=actor, event="strategy.changed", what=", ".join(name.replace("_", " ") for name in changed)
    )
    return row


@action
def write_channel(
    *,
    actor: Actor,
    version: Strategy,
    platform: str,
    purpose: str,
    course: str,
    audience: str = "",
    rhythm: str = "",
    course_words: str = "",
    reviewed_on: date | None = None,
) -> StrategyChannel:
    """What one platform is for stands in the draft; one that stands there has these words, also if it was left out.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits strategy.changed.
    """
    row = _draft(actor, version, "")
    if platform not in registry.NAMES:
        raise NotValid("Choose a platform of the list.", field="platform")
    purpose = purpose.strip()
    if not purpose:
        raise NotValid("Say what it is for.", field="purpose")
    if course not in StrategyChannel.Course.values:
        raise NotValid("Say where it is going.", field="course")
    if reviewed_on is not None and reviewed_on > clock.today():
        raise NotValid("That day is still to come.", field="reviewed_on")
    for field, text in (("purpose", purpose), ("rhythm", rhythm), ("course_words", course_words)):
        refuse_secret(text, field=field)
    channel, _ = StrategyChannel.objects.update_or_create(
        strategy=row,
        platform=platform,
        defaults={
            "purpose": purpose[:600],
            "audience": " ".join(audience.split())[:300],
            "rhythm": " ".join(rhythm.split())[:300],
            "course": course,
            "course_words": " ".join(course_words.split())[:300],
            "reviewed_on": reviewed_on,
            "left_out": False,
        },
    )
    _touch(row)
    _note(row, actor=actor, event="strategy.changed", what=f"channel {channel.platform_name}")
    return channel


@action
def leave_out(*, actor: Actor, channel: StrategyChannel) -> StrategyChannel:
    """The channel stands in the draft no more. Raises NotPermitted, TransitionNotAllowed. Audits strategy.changed."""
    row = _draft(actor, channel.strategy, "")
    channel.left_out = True
    channel.save(update_fields=["left_out"])
    _touch(row)
    _note(row, actor=actor, event="strategy.changed", what=f"left out {channel.platform_name}")
    return channel


@action
def approve(*, actor: Actor, version: Strategy, seen: str) -> Strategy:
    """The draft as it was seen holds from now on, for all staff; what held is kept as history.

    By somebody who wrote none of it. Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed, NotValid (something
    that the APP asks for is missing, no owner, no review day, nothing said of what is new). Audits strategy.approved.
    """
    _require(actor, Power.APPROVE_STRATEGY)
    row = Strategy.objects.select_for_update(of=("self",)).select_related("owner").get(pk=version.pk)
    STRATEGY.next(row.state, "approve")
    _unchanged(row, seen)
    if isinstance(actor, StaffMember) and actor.pk in strategy.writer_ids(row):
        raise NotPermitted("You have written some of it, so somebody else approves it.")
    _whole(row)
    now = clock.now()
    present = Strategy.objects.select_for_update().filter(state=Strategy.State.LIVE).first()
    if present is not None:
        present.state, present.live_until = STRATEGY.next(present.state, "replace"), now
        present.save(update_fields=["state", "live_until"])
    row.state = STRATEGY.next(row.state, "approve")
    row.approved_by = actor if isinstance(actor, StaffMember) else None
    row.live_from = row.changed_at = now
    row.save()
    _note(row, actor=actor, event="strategy.approved")
    notify(
        actor=actor,
        to=people_with(Power.WRITE_POSTS),
        urgency=Notice.Urgency.FYI,
        title=f"Version {row.number} of the social media strategy holds",
        body=row.changes,
        link=reverse("insights:strategy"),
        key=f"strategy:{row.number}",
    )
    return row


@action
def give_up(*, actor: StaffMember, version: Strategy) -> Strategy:
    """A draft comes to nothing; what holds stays. Raises NotPermitted, TransitionNotAllowed. Audits strategy.given_up."""
    require(actor, Power.WRITE_STRATEGY)
    row = Strategy.objects.select_for_update().get(pk=version.pk)
    row.state = STRATEGY.next(row.state, "give_up")
    row.save(update_fields=["state"])
    _note(row, actor=actor, event="strategy.given_up")
    return row


def _whole(row: Strategy) -> None:
    titles = {section.field: section.title for section in strategy.SECTIONS}
    missing = [titles[name].lower() for name in strategy.NEEDED if not getattr(row, name)]
    if not strategy.channels_of(row):
        missing.append("at least one channel")
    if row.owner is None or not row.owner.active:
        missing.append("an owner who works here")
    if row.review_on is None or row.review_on <= clock.today():
        missing.append("a review day to come")
    if not row.changes:
        missing.append("what is new in it")
    if missing:
        raise NotValid(f"Its writer has something to add first: {', '.join(missing)}.")


def _draft(actor: Actor, version: Strategy, seen: str) -> Strategy:
    _require(actor, Power.WRITE_STRATEGY)
    row = Strategy.objects.select_for_update(of=("self",)).select_related("owner").get(pk=version.pk)
    if row.state != Strategy.State.DRAFT:
        raise TransitionNotAllowed(
            f"Version {row.number} is no draft any more: its words do not change. Begin the next version."
        )
    if seen:
        _unchanged(row, seen)
    return row


def _unchanged(row: Strategy, seen: str) -> None:
    if row.changed_at.isoformat() != seen:
        raise ChangedSinceSeen(
            "Somebody has changed the draft since you opened this page. Nothing was done: copy what you wrote, and "
            "read it once more."
        )


def _touch(row: Strategy) -> None:
    row.changed_at = clock.now()
    row.save()


def _require(actor: Actor, power: str) -> None:
    if isinstance(actor, StaffMember):
        require(actor, power)
    elif actor.actor_kind != "system":
        raise NotPermitted("Sign in first.")


def _note(row: Strategy, *, actor: Actor, event: str, what: str = "") -> None:
    StrategyChange.objects.create(
        strategy=row,
        event=event.partition(".")[2],
        what=what[:200],
        by=actor if isinstance(actor, StaffMember) else None,
        at=clock.now(),
    )
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=str(row),
        details={"what": what[:200]} if what else {},
    )
