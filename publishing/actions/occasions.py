"""An event in person, a patrol, a live stream: what is written down before, and what has to be there to start."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from publishing import queries_campaigns, times
from publishing import queries_occasions as queries
from publishing.actions import campaigns, posts
from publishing.models import Campaign, Duty, Occasion, Post, Tick
from staff.models import StaffMember

LONGEST = 200
REMINDERS = (timedelta(days=7), timedelta(days=1), timedelta(hours=2))
"""How long before an event the public is reminded of it."""


@action
def write_down(
    *, actor: StaffMember, campaign: Campaign, who: str, place: str = "", link: str = "", hold_line: str = ""
) -> Occasion:
    """Where it is, who is there, and of a live stream where it is watched and what is said if it is interrupted.

    Raises NotPermitted, NotValid, TransitionNotAllowed (another kind, or over). Audits occasion.written.
    """
    campaign = _open(actor, campaign)
    who, place, link, hold_line = (" ".join(one.split()) for one in (who, place, link, hold_line))
    if not who or len(who) > LONGEST:
        raise NotValid(f"Say who is there, in at most {LONGEST} characters.", field="who")
    if campaign.kind == Campaign.Kind.LIVE:
        if urlsplit(link).scheme != "https" or not urlsplit(link).hostname or len(link) > 500:
            raise NotValid("Give the address where it is watched; it begins with https://.", field="link")
        if not hold_line or len(hold_line) > 500:
            raise NotValid(
                "Write what is said if it is interrupted, in at most 500 characters.", field="hold_line"
            )
    elif not place or len(place) > LONGEST:
        raise NotValid(f"Say where it is, in at most {LONGEST} characters.", field="place")
    found, _ = Occasion.objects.update_or_create(
        campaign=campaign, defaults={"who": who, "place": place, "link": link, "hold_line": hold_line}
    )
    _record(campaign, actor=actor, event="occasion.written")
    return found


@action
def put_on_duty(
    *, actor: StaffMember, campaign: Campaign, person: StaffMember, since: datetime, until: datetime
) -> Duty:
    """Somebody moderates the live stream for this time, and is told.

    Raises NotPermitted, NotValid (they may not hide there, times), TransitionNotAllowed. Audits occasion.duty_given.
    """
    campaign = _live(actor, campaign)
    if person.pk not in {one.pk for one in queries.who_could_moderate(campaign)}:
        raise NotValid(f"{person.called} may not hide comments on all its official accounts.", field="person")
    if until <= since or until > campaign.ends_at + timedelta(days=1):
        raise NotValid("Give a time that ends after it begins, around the stream.", field="until")
    Duty.objects.filter(campaign=campaign, person=person, removed_at=None).update(removed_at=clock.now())
    made = Duty.objects.create(campaign=campaign, person=person, since=since, until=until, named_by=actor)
    _record(campaign, actor=actor, event="occasion.duty_given", details={"person": person.called})
    notify(
        actor=actor,
        to=[person],
        urgency=Notice.Urgency.SOON,
        title=f"You moderate “{campaign.name}”",
        body=f"From {times.in_words(since)} until {times.in_words(until)}.",
        link=f"/publishing/campaigns/{campaign.pk}/",
        key=f"duty:{made.pk}",
    )
    return made


@action
def take_off_duty(*, actor: StaffMember, duty: Duty) -> Duty:
    """They do not moderate it after all. Raises NotPermitted, TransitionNotAllowed. Audits occasion.duty_taken."""
    campaign = _live(actor, duty.campaign)
    duty = Duty.objects.select_for_update(of=("self",)).select_related("person").get(pk=duty.pk)
    if duty.removed_at is None:
        duty.removed_at = clock.now()
        duty.save(update_fields=["removed_at"])
        _record(campaign, actor=actor, event="occasion.duty_taken", details={"person": duty.person.called})
    return duty


@action
def tick(*, actor: StaffMember, campaign: Campaign, slug: str, done: bool = True) -> None:
    """A line of the checklist was seen to, or was not after all.

    Raises NotPermitted, NotValid (no such line), TransitionNotAllowed. Audits occasion.ticked.
    """
    campaign = _live(actor, campaign)
    if slug not in queries.CHECKLIST:
        raise NotValid("There is no such line on the checklist.")
    standing = Tick.objects.filter(campaign=campaign, slug=slug, removed_at=None)
    if standing.exists() == done:
        return
    if done:
        Tick.objects.create(campaign=campaign, slug=slug, by=actor, at=clock.now())
    else:
        standing.update(removed_at=clock.now())
    _record(campaign, actor=actor, event="occasion.ticked", details={"line": slug, "done": done})


@action
def draft_reminders(*, actor: StaffMember, campaign: Campaign) -> list[Post]:
    """Drafts remind the public of an event a week, a day and two hours before; what has passed is left out.

    Each goes the way of every post. Raises NotPermitted, NotValid (nothing left to remind of, or where it is is not
    written down), TransitionNotAllowed. Audits post.drafted for each.
    """
    campaign = _open(actor, campaign)
    occasion = queries.occasion_of(campaign)
    if campaign.kind != Campaign.Kind.EVENT or occasion is None:
        raise NotValid("Write down first where it is and who is there.")
    made = []
    for before in REMINDERS:
        at = campaign.starts_at - before
        if at <= clock.now():
            continue
        words = (
            f"{campaign.name}: {times.in_words(campaign.starts_at)}, {occasion.place}. Meet {occasion.who}."
        )
        post = campaigns.draft_for(
            actor=actor, campaign=campaign, words=words, title=f"{campaign.name}, reminder"
        )
        texts = queries_campaigns.account_ids_of(campaign)
        made.append(
            posts.edit_post(
                actor=actor,
                post=post,
                version_seen=post.version,
                account_ids=texts,
                words=post.words,
                title=post.title,
                publish_at=at,
            )
        )
    if not made:
        raise NotValid("It is too near to remind of. Write a post by hand.")
    return made


def _open(actor: StaffMember, campaign: Campaign) -> Campaign:
    campaign = campaigns.locked(actor, campaign)
    if campaign.kind not in queries.KINDS or campaign.state in queries_campaigns.OVER:
        raise TransitionNotAllowed("Only an event, a patrol or a live stream that is not over has this.")
    return campaign


def _live(actor: StaffMember, campaign: Campaign) -> Campaign:
    campaign = _open(actor, campaign)
    if campaign.kind != Campaign.Kind.LIVE:
        raise TransitionNotAllowed("Only a live stream has moderators on duty and a checklist.")
    return campaign


def _record(
    campaign: Campaign, *, actor: StaffMember, event: str, details: dict[str, object] | None = None
) -> None:
    record(actor=actor, event=event, subject=campaign, subject_name=campaign.name, details=details or {})
