"""Campaigns: made, changed, started, stopped, ended. Nothing here publishes: posts go their own way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid, Refused, TransitionNotAllowed
from core.typed import reason
from publishing import queries_campaigns as queries
from publishing import queries_occasions
from publishing.actions import options, outbox, posts
from publishing.models import Campaign, CampaignAccount, CampaignChange, Delivery, LogLine, Post, Tag
from publishing.workflow_campaigns import CAMPAIGN, LINE
from staff.models import StaffMember
from staff.roles import Power

TIMES = System("the end of a campaign")
LONGEST = timedelta(days=366)
LONGEST_LOG = timedelta(hours=48)
LONGEST_RESULT = 5000
STOPPED = "The campaign is stopped"
"""How the sentence begins that a held post of a stopped campaign has."""


@action
def make_campaign(
    *,
    actor: StaffMember,
    kind: str,
    name: str,
    purpose: str,
    account_ids: Iterable[int],
    starts_at: datetime,
    ends_at: datetime,
    audience: str = "",
    neighbourhood: Neighbourhood | None = None,
    hashtag: Tag | None = None,
    pace_s: int | None = None,
) -> Campaign:
    """A campaign is planned, and posts can be put into it. Whoever makes it is its owner.

    pace_s: of a log alone, seconds from one of its posts to the next.
    Raises NotPermitted (no right to write on one of the official accounts), NotValid. Audits campaign.made.
    """
    ids = _accounts(actor, account_ids)
    if kind not in Campaign.Kind.values:
        raise NotValid("Choose what kind of campaign it is.", field="kind")
    purpose, audience = _said(purpose, audience)
    _times(kind, starts_at, ends_at)
    tag = options.add_tag(actor=actor, kind=Tag.Kind.CAMPAIGN, name=name, about=purpose[:300])
    now = clock.now()
    made = Campaign.objects.create(
        kind=kind,
        name=tag.name,
        purpose=purpose,
        audience=audience,
        owner=actor,
        neighbourhood=neighbourhood,
        tag=tag,
        hashtag=hashtag,
        starts_at=starts_at,
        ends_at=ends_at,
        pace_s=_pace(kind, pace_s),
        made_by=actor,
        made_at=now,
        changed_at=now,
    )
    for pk in ids:
        CampaignAccount.objects.create(campaign=made, official_account_id=pk)
    _note(made, actor=actor, event="made", audited="campaign.made", details={"kind": made.kind})
    return made


@action
def change_campaign(
    *,
    actor: StaffMember,
    campaign: Campaign,
    purpose: str,
    audience: str,
    starts_at: datetime,
    ends_at: datetime,
    neighbourhood: Neighbourhood | None = None,
    hashtag: Tag | None = None,
    pace_s: int | None = None,
) -> Campaign:
    """What it is for, when it is and how fast a log goes are other than they were.

    Another pace counts for what is approved from now on; what has its time keeps it.
    Raises NotPermitted, NotValid, TransitionNotAllowed (over). Audits campaign.changed.
    """
    campaign = locked(actor, campaign)
    state = CAMPAIGN.next(campaign.state, "change")
    purpose, audience = _said(purpose, audience)
    _times(campaign.kind, starts_at, ends_at)
    campaign.purpose, campaign.audience, campaign.state = purpose, audience, state
    campaign.starts_at, campaign.ends_at = starts_at, ends_at
    campaign.neighbourhood, campaign.hashtag = neighbourhood, hashtag
    campaign.pace_s = _pace(campaign.kind, pace_s)
    _save(campaign)
    _note(campaign, actor=actor, event="changed", audited="campaign.changed")
    return campaign


@action
def start_campaign(*, actor: StaffMember, campaign: Campaign) -> Campaign:
    """It runs. Of a log, posts may be approved from now on and go out at its pace.

    Raises NotPermitted, TransitionNotAllowed (of a live stream: nobody moderates it now, or something is lacking).
    Audits campaign.started.
    """
    campaign = locked(actor, campaign)
    if lacking := queries_occasions.lacking(campaign):
        raise TransitionNotAllowed("It cannot start yet. " + " ".join(lacking))
    _move(campaign, "start", actor=actor, audited="campaign.started")
    return campaign


@action
def call_off(*, actor: StaffMember, campaign: Campaign, why: str) -> Campaign:
    """It does not take place. Lines of a log are passed over, their words are gone, and its posts are withdrawn.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (it has begun). Audits campaign.called_off.
    """
    why = reason(why, "Say why it is called off.")
    _withdraw_what_waits(actor, campaign)
    campaign = locked(actor, campaign)
    _move(campaign, "call_off", actor=actor, audited="campaign.called_off", why=why)
    _pass_over_what_waits(campaign)
    return campaign


@action
def stop_campaign(*, actor: StaffMember, campaign: Campaign, why: str) -> Campaign:
    """Nothing more of it goes out: what is approved and has not left is held until it goes on.

    What is leaving at this very moment leaves. Each held post goes on at a new time of its own, never in a burst.
    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed. Audits campaign.stopped, delivery.held.
    """
    why = reason(why, "Say why it is stopped.")
    require_run(actor, campaign)
    # Posts before the campaign, as whoever approves one locks them: neither waits for the other in a circle.
    list(
        queries.posts_in(campaign)
        .filter(state=Post.State.APPROVED)
        .order_by("id")
        .select_for_update(of=("self",))
    )
    campaign = locked(actor, campaign)
    _move(campaign, "stop", actor=actor, audited="campaign.stopped", why=why)
    waiting = queries.deliveries_in(campaign).filter(state=Delivery.State.SCHEDULED, held_why="")
    for pk in waiting.order_by("due_at", "id").values_list("pk", flat=True):
        row = outbox.locked_with_post(Delivery(pk=pk))
        if row.state == Delivery.State.SCHEDULED and not row.held_why:
            outbox.hold(row, actor=actor, why=f"{STOPPED}: {why}")
    return campaign


@action
def go_on(*, actor: StaffMember, campaign: Campaign) -> Campaign:
    """A stopped campaign runs again. What the stop held goes out one after another, at the pace of the log.

    What something else holds, a lockdown or a cut-off, stays held for a person, and so does what may not go out
    any more or not yet: the outbox shows it.
    Raises NotPermitted, TransitionNotAllowed. Audits campaign.went_on, delivery.released.
    """
    require_run(actor, campaign)
    held = list(
        queries.deliveries_in(campaign)
        .filter(state=Delivery.State.SCHEDULED, held_why__startswith=STOPPED)
        .order_by("due_at", "variant__post_id", "id")
    )
    campaign = locked(actor, campaign)
    _move(campaign, "go_on", actor=actor, audited="campaign.went_on")
    due, post_id = clock.now() + timedelta(seconds=1), None
    for row in held:
        assert row.variant is not None
        if post_id is not None and row.variant.post_id != post_id:
            due += timedelta(seconds=campaign.pace_s or 0)
        post_id = row.variant.post_id
        try:
            outbox.release(actor=actor, delivery=row, due_at=due, why="The campaign goes on")
        except Refused:
            continue  # it stays held, and the outbox says for whom
    return campaign


@action
def end_campaign(*, actor: StaffMember, campaign: Campaign, result: str) -> Campaign:
    """It is over, and what came of it is written down. A log takes no more lines.

    What is approved and has its time still goes out; of a stopped one it stays held. Lines that nobody has read
    are passed over, and their words are gone; posts of a log that nobody has approved are withdrawn. Raises NotPermitted, NotValid (nothing said), TransitionNotAllowed.
    Audits campaign.ended.
    """
    result = result.strip()
    if not result:
        raise NotValid(
            "Say what came of it: what it reached, what to do otherwise next time.", field="result"
        )
    if len(result) > LONGEST_RESULT:
        raise NotValid(f"Say it in at most {LONGEST_RESULT:,} characters.", field="result")
    _withdraw_what_waits(actor, campaign)
    campaign = locked(actor, campaign)
    campaign.result = result
    _move(campaign, "end", actor=actor, audited="campaign.ended")
    _pass_over_what_waits(campaign)
    return campaign


@action
def note_result(*, actor: StaffMember, campaign: Campaign, result: str) -> Campaign:
    """What came of a campaign that is over is said otherwise. Raises as `end_campaign`. Audits campaign.changed."""
    result = result.strip()
    if not result or len(result) > LONGEST_RESULT:
        raise NotValid(f"Say what came of it, in at most {LONGEST_RESULT:,} characters.", field="result")
    campaign = locked(actor, campaign)
    if campaign.state != Campaign.State.ENDED:
        raise TransitionNotAllowed("It is not over yet. What came of it is written when it ends.")
    campaign.result = result
    _save(campaign)
    _note(campaign, actor=actor, event="result", audited="campaign.changed")
    return campaign


@action
def give_owner(*, actor: StaffMember, campaign: Campaign, owner: StaffMember) -> Campaign:
    """Somebody else answers for it from now on: one who may write on all its official accounts.

    Raises NotPermitted, NotValid, TransitionNotAllowed (over). Audits campaign.changed.
    """
    campaign = locked(actor, campaign)
    state = CAMPAIGN.next(campaign.state, "change")
    if not queries.may_run(owner, campaign):
        raise NotValid(f"{owner.called} may not write on all its official accounts.", field="owner")
    campaign.owner, campaign.state = owner, state
    _save(campaign)
    _note(campaign, actor=actor, event="owner", audited="campaign.changed", details={"owner": owner.called})
    return campaign


@action
def end_overdue(*, actor: Actor = TIMES, campaign: Campaign) -> bool:
    """A running campaign whose time has been up for a day ends by itself; its owner still says what came of it.

    A log that nobody started is called off, so that no words of its lines are kept.
    Answers whether it ended now. Audits campaign.ended or campaign.called_off.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state == Campaign.State.PLANNED and campaign.kind == Campaign.Kind.LOG:
        _move(
            campaign,
            "call_off",
            actor=actor,
            audited="campaign.called_off",
            why="Nobody started it in its time",
        )
        _pass_over_what_waits(campaign)
        return True
    if not CAMPAIGN.allows(campaign.state, "end") or campaign.ends_at + queries.ENDS_AFTER > clock.now():
        return False
    _move(campaign, "end", actor=actor, audited="campaign.ended", why="Its time was up a day ago")
    _pass_over_what_waits(campaign)
    return True


@action
def draft_for(*, actor: StaffMember, campaign: Campaign, words: str, title: str = "") -> Post:
    """A draft on all official accounts of the campaign, which belongs to it.

    Raises NotPermitted, NotValid. Audits post.drafted, post.edited.
    """
    post = posts.draft_post(
        actor=actor, account_ids=queries.account_ids_of(campaign), words=words, title=title
    )
    return options.set_options(
        actor=actor, post=post, version_seen=post.version, campaign_ids=[campaign.tag_id]
    )


# What the actions share


def require_run(actor: StaffMember, campaign: Campaign) -> None:
    """Run it: write on every official account on which it runs. Raises NotPermitted."""
    for pk in queries.account_ids_of(campaign):
        require(actor, Power.PLAN_POSTS, pk)


def locked(actor: StaffMember, campaign: Campaign) -> Campaign:
    """The campaign, locked, for somebody who may run it. Raises NotPermitted."""
    found = (
        Campaign.objects.select_for_update(of=("self",)).select_related("tag", "owner").get(pk=campaign.pk)
    )
    require_run(actor, found)
    return found


def _accounts(actor: StaffMember, account_ids: Iterable[int]) -> list[int]:
    ids = sorted(set(account_ids))
    if not ids:
        raise NotValid("Choose at least one official account.", field="accounts")
    for pk in ids:
        require(actor, Power.PLAN_POSTS, pk)
    rows = list(OfficialAccount.objects.filter(pk__in=ids))
    closed = next((one for one in rows if one.status == OfficialAccount.Status.CLOSED), None)
    if closed is not None:
        raise NotValid(f"{closed.name} is closed. Take it out of the choice.", field="accounts")
    if len({one.exercise for one in rows}) > 1:
        raise NotValid(
            "An exercise and the real thing do not go together. Choose one of them.", field="accounts"
        )
    return ids


def _said(purpose: str, audience: str) -> tuple[str, str]:
    purpose, audience = " ".join(purpose.split()), " ".join(audience.split())
    if not purpose or len(purpose) > 500:
        raise NotValid("Say what it is for, in at most 500 characters.", field="purpose")
    if len(audience) > 300:
        raise NotValid("Say whom it is for in at most 300 characters.", field="audience")
    return purpose, audience


def _times(kind: str, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise NotValid("It ends before it begins. Choose a later end.", field="ends_at")
    if kind == Campaign.Kind.LOG and ends_at - starts_at > LONGEST_LOG:
        raise NotValid("A log runs for at most 48 hours. Choose an earlier end.", field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise NotValid("A campaign lasts at most a year. Choose an earlier end.", field="ends_at")


def _pace(kind: str, pace_s: int | None) -> int | None:
    if kind != Campaign.Kind.LOG:
        return None
    if pace_s is None or not 30 <= pace_s <= 7200:
        raise NotValid("Say how far apart its posts are: from 30 seconds to two hours.", field="pace_s")
    return pace_s


def _withdraw_what_waits(actor: StaffMember, campaign: Campaign) -> None:
    """Posts of a log that nobody has approved go with it; they are locked before it, as an approval does."""
    require_run(actor, campaign)
    if campaign.kind != Campaign.Kind.LOG:
        return
    unsent = queries.posts_in(campaign).filter(state__in=[Post.State.DRAFT, Post.State.SUBMITTED])
    for post in unsent.order_by("id"):
        posts.withdraw_post(actor=actor, post=post, why="The log is over")


def _pass_over_what_waits(campaign: Campaign) -> None:
    """Lines that nobody has read keep no words."""
    LogLine.objects.filter(campaign=campaign, state=LogLine.State.WAITING).update(
        state=LINE.next("waiting", "skip"), came="", read_at=clock.now(), why="The log was over"
    )


def _move(campaign: Campaign, event: str, *, actor: Actor, audited: str, why: str = "") -> None:
    campaign.state = CAMPAIGN.next(campaign.state, event)
    _save(campaign)
    _note(campaign, actor=actor, event=event, audited=audited, why=why)


def _save(campaign: Campaign) -> None:
    campaign.changed_at = clock.now()
    campaign.save()


def _note(
    campaign: Campaign,
    *,
    actor: Actor,
    event: str,
    audited: str,
    why: str = "",
    details: dict[str, object] | None = None,
) -> None:
    CampaignChange.objects.create(
        campaign=campaign,
        event=event,
        at=clock.now(),
        by=actor if isinstance(actor, StaffMember) else None,
        why=why,
    )
    record(
        actor=actor,
        event=audited,
        subject=campaign,
        subject_name=campaign.name,
        reason=why,
        details=details or {},
    )
