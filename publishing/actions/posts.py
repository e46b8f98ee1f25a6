"""Writing posts, and the second pair of eyes: drafts, approval, return, withdrawal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import SystemRandom

from django.urls import reverse

from accounts.models import OfficialAccount
from accounts.queries import may, require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from media.models import File
from notices.actions import notify
from notices.models import Notice
from publishing import checks, history, pairs, queries, queries_campaigns, steps, threads
from publishing.actions import outbox
from publishing.checks import judging
from publishing.checks.judging import Judged
from publishing.models import (
    AfterLook,
    Approval,
    Delivery,
    FollowUp,
    Judgement,
    LockdownStop,
    Post,
    PostChange,
    PostPicture,
    Requirement,
    Variant,
)
from publishing.steps import Need
from publishing.workflow import POST
from staff.models import StaffMember
from staff.roles import Power

LONGEST_WORDS = 10_000
UNTITLED = "Untitled post"
AT_ONCE = "at once"
"""In place of a new time: the approver says that it goes out now."""


@action
def draft_post(
    *,
    actor: StaffMember,
    account_ids: Iterable[int],
    words: str = "",
    own_words: Mapping[int, str] | None = None,
    title: str = "",
    publish_at: datetime | None = None,
) -> Post:
    """A new draft, seen by everyone who may see posts of its official accounts.

    own_words: official account id -> words that differ there from the words for all.
    title: what colleagues call it; by default its first words. Raises NotPermitted, NotValid.
    Audits post.drafted.
    """
    require(actor, Power.WRITE_POSTS)
    ids = _allowed(actor, account_ids)
    now = clock.now()
    post = Post.objects.create(
        title=_title(title, words, own_words or {}),
        author=actor,
        words=_bounded(words),
        publish_at=publish_at,
        created_at=now,
        changed_at=now,
    )
    _set_variants(post, ids, own_words or {})
    _note(post, actor=actor, event="drafted", audited="post.drafted")
    return post


@action
def edit_post(
    *,
    actor: StaffMember,
    post: Post,
    version_seen: int,
    account_ids: Iterable[int],
    words: str,
    own_words: Mapping[int, str] | None = None,
    title: str = "",
    publish_at: datetime | None = None,
    alt_texts: Mapping[int, str] | None = None,
) -> Post:
    """The post says something else now: a new version, a draft again, and what was queued is withdrawn.

    Nothing happens where nothing differs. alt_texts: picture id -> alternative text.
    Raises NotPermitted, NotValid, ChangedSinceSeen (somebody else edited it), TransitionNotAllowed
    (part of it has gone out or is going out). Audits post.edited.
    """
    post = locked(post)
    _may_write(actor, post)
    own = own_words or {}
    ids = _allowed(actor, account_ids)
    new_title = _title(title, words, own)
    texts = {pk: _bounded(own.get(pk, "") if own.get(pk, "").strip() else words) for pk in ids}
    alts = {pk: alt.strip() for pk, alt in (alt_texts or {}).items() if alt.strip()}
    pictures = {picture.pk: picture for picture in _pictures(post)}
    changed_alts = {pk: alt for pk, alt in alts.items() if pk in pictures and pictures[pk].alt_text != alt}
    before = (post.title, post.words, post.publish_at, _texts(post))
    if before == (new_title, _bounded(words), publish_at, texts) and not changed_alts:
        return post
    _same_version(post, version_seen, writer=actor)
    _begin_version(actor, post)
    post.title, post.words, post.publish_at = new_title, _bounded(words), publish_at
    _save(post)
    _set_variants(post, ids, own)
    for pk, alt in changed_alts.items():
        PostPicture.objects.filter(pk=pk).update(alt_text=alt[:1000])
    _note(post, actor=actor, event="edited", audited="post.edited")
    _with_its_pair(actor, post)
    return post


@action
def add_picture(
    *, actor: StaffMember, post: Post, version_seen: int, file: File, alt_text: str
) -> PostPicture:
    """A picture stands on the post, with the words for those who cannot see it: a new version.

    Raises NotPermitted, NotValid (no alt text, more than ten), ChangedSinceSeen,
    TransitionNotAllowed. Audits post.edited.
    """
    alt = alt_text.strip()
    if not alt:
        raise NotValid(
            "Describe the picture for people who cannot see it: what matters in it, in a sentence.",
            field="alt_text",
        )
    if len(alt) > 1000:
        raise NotValid("The description is longer than 1,000 characters.", field="alt_text")
    post = locked(post)
    _may_write(actor, post)
    _same_version(post, version_seen, writer=actor)
    if file.kind != File.Kind.COPY:
        raise NotValid("This file cannot be shown.", field="picture")
    count = _pictures(post).count()
    if count >= 10:
        raise NotValid("A post holds at most ten pictures. Remove one first.", field="picture")
    _begin_version(actor, post)
    picture = PostPicture.objects.create(post=post, file=file, alt_text=alt, position=count)
    _save(post)
    _note(post, actor=actor, event="edited", audited="post.edited", why="Picture added")
    _with_its_pair(actor, post)
    return picture


@action
def remove_picture(*, actor: StaffMember, post: Post, version_seen: int, picture_id: int) -> Post:
    """The picture is no longer on the post: a new version.

    Raises NotPermitted, NotFound, ChangedSinceSeen, TransitionNotAllowed. Audits post.edited.
    """
    post = locked(post)
    _may_write(actor, post)
    _same_version(post, version_seen, writer=actor)
    picture = _pictures(post).filter(pk=picture_id).first()
    if picture is None:
        raise NotFound("This picture is not on the post any more.")
    _begin_version(actor, post)
    picture.removed_at = clock.now()
    picture.save(update_fields=["removed_at"])
    _save(post)
    _note(post, actor=actor, event="edited", audited="post.edited", why="Picture removed")
    _with_its_pair(actor, post)
    return post


@action
def submit_post(*, actor: StaffMember, post: Post, version_seen: int, tell: bool = True) -> Post:
    """The post waits for whoever has to approve it by the force's steps, and they are told.

    Where the steps ask nobody beforehand (a trusted and trained author, nothing found), it goes out at its time, and
    some such posts are drawn to be looked at afterwards.
    tell: False where the action that calls tells them of many posts at once.
    Raises NotPermitted, ChangedSinceSeen, NotValid (a check stops it; those who have to approve it may not or are
    too few), TransitionNotAllowed. Audits post.submitted, or post.let_go.
    """
    post = locked(post)
    _may_write(actor, post)
    _same_version(post, version_seen, writer=actor)
    state = POST.next(post.state, "submit")
    judged = must_pass(post)
    variants = list(queries.live_variants(post))
    need = steps.need_of(post, judged, variants)
    if need.count == 0:
        let_go(actor=actor, post=post, variants=variants, judged=judged, need=need)
        return post
    if queries.approvals(post) or post.telephone_approvals.filter(version=post.version).exists():
        # Somebody had approved it and somebody else returned it: both look at it anew.
        post.version += 1
    approvers = queries.approvers(post)
    if not approvers:
        raise NotValid(
            "Nobody may approve this on all chosen official accounts. Choose fewer of them, or ask your "
            "service administrator for an approver."
        )
    if need.count == 2 and len(approvers) < 2 and not need.groups:
        raise NotValid(
            f"Two people have to approve this ({need.why[0]}), and only {approvers[0].called} may on all "
            "chosen official accounts. Choose fewer of them, or ask your service administrator for an approver."
        )
    if not steps.could_be_met(post, need, approvers):
        raise NotValid(
            f"This needs {need.in_words} ({', '.join(need.why)}), and those who may approve it on all chosen official "
            "accounts are not that. Choose fewer of them, or ask your service administrator."
        )
    post.state = state
    _save(post)
    _note(post, actor=actor, event="submitted", audited="post.submitted")
    pair = pairs.must_agree(post)
    if pair is not None and pair.state == Post.State.DRAFT:
        submit_post(actor=actor, post=pair, version_seen=pair.version)
    notify(
        actor=actor,
        to=steps.told(approvers, barred=queries.writer_ids(post)) if tell else [],
        urgency=Notice.Urgency.SOON,
        title=f"Waits for approval: {post.title}",
        body=f"{actor.called} sent it. It needs {need.in_words}. {_when(post)}",
        link=reverse("publishing:post", args=[post.pk]),
        key=f"post:{post.pk}:submitted:{post.version}:{clock.now():%Y%m%d%H%M%S}",
    )
    return post


@action
def approve_post(
    *,
    actor: StaffMember,
    post: Post,
    version_seen: int,
    pair_version_seen: int | None = None,
    new_time: datetime | str | None = None,
) -> Post:
    """The post goes out at its time, or now, once everybody has approved it whom the steps and the checks ask for.

    Until then it waits for the others; the yes of somebody who may approve no longer, or of other content, counts for
    nothing. An approval that comes after the time of the post never sends by itself: it wants another time.
    pair_version_seen: of its pair in the other language, which is approved with it or neither is.
    new_time: when it goes out instead, or AT_ONCE; a new version, of which nobody else has approved yet.

    Source: ASVS 2.3.5, two people. Raises NotPermitted (no right on one of the official accounts;
    wrote some of it), ChangedSinceSeen, NotValid (a check stops it; its time has passed: the field is new_time),
    TransitionNotAllowed (approved it already). Audits post.approved, or post.approved_by_one while others are
    needed, post.rescheduled for another time, and delivery.queued for each official account.
    """
    post = locked(post)
    variants = list(queries.live_variants(post))
    for variant in variants:
        require(actor, Power.APPROVE_POSTS, variant.official_account_id)
    if actor.pk in queries.writer_ids(post):
        raise NotPermitted("You have written some of this post, so somebody else has to approve it.")
    _same_version(post, version_seen)
    POST.next(post.state, "approve")
    if post.publish_at is not None and post.publish_at < clock.now():
        pair_version_seen = _give_new_time(actor, post, new_time, pair_version_seen)
    elif new_time is not None:
        raise NotValid(
            "Its time has not passed, so it stays as it is. Return it with a word on when it should go.",
            field="new_time",
        )
    judged = must_pass(post, on_approval=True)
    authors_may_still(post, variants)
    if any(one.approver_id == actor.pk for one in queries.approvals(post)):
        raise TransitionNotAllowed("You have approved it already. Somebody else gives the second approval.")
    Approval.objects.create(
        post=post, version=post.version, approver=actor, content_hash=judged.content_hash, at=clock.now()
    )
    pair = pairs.must_agree(post)
    if not go_on(actor=actor, post=post, variants=variants, judged=judged):
        _approve_pair(actor, post, pair, pair_version_seen)
        ask_others(post, actor=actor, by=f"{actor.called} approved it.")
        return post
    _approve_pair(actor, post, pair, pair_version_seen)
    put_right = " Then put right what it was let go with: its page says what." if judged.follow_ups else ""
    _tell_author(post, actor=actor, what="Approved", body=_when(post) + put_right)
    return post


def go_on(*, actor: StaffMember, post: Post, variants: Sequence[Variant], judged: Judged) -> bool:
    """After another yes: let go where there is everything that is needed; else it waits on. A part of the actions here."""
    need = steps.need_of(post, judged, variants)
    there = steps.given(post, judged.content_hash)
    if not steps.meets(need, there):
        post.state = POST.next(post.state, "approve_first")
        _save(post)
        _note(post, actor=actor, event="approved by one", audited="post.approved_by_one")
        return False
    let_go(actor=actor, post=post, variants=variants, judged=judged, need=need)
    return True


def let_go(
    *, actor: StaffMember, post: Post, variants: Sequence[Variant], judged: Judged, need: Need
) -> None:
    """One delivery per official account stands in the outbox, with what was required. A part of the actions here.

    The last approver with a sign-in stands on the deliveries, and before them another where two are needed.
    """
    now = clock.now()
    signed = [one.approver for one in queries.standing_approvals(post, judged.content_hash)]
    approver = signed[-1] if signed else None
    first = signed[-2] if need.count > 1 and len(signed) > 1 else None
    due = post.publish_at or queries_campaigns.paced(post, now)
    post.state = POST.next(post.state, "approve" if need.count else "let_go")
    _save(post)
    Requirement.objects.create(
        post=post,
        version=post.version,
        content_hash=judged.content_hash,
        publish_at=post.publish_at,
        at=now,
        **steps.as_data(need),
    )
    for variant in variants:
        outbox.queue(
            actor=actor,
            official_account=variant.official_account,
            kind=Delivery.Kind.POST,
            author=post.author,
            approver=approver,
            first_approver=first,
            variant=variant,
            subject=post,
            text=variant.parts[0] if variant.parts else variant.text,
            due_at=due,
            cut_off_at=due + outbox.CUT_OFF[Delivery.Kind.POST],
            urgent=judged.prepared.urgent,
        )
    for finding in judged.follow_ups:
        FollowUp.objects.get_or_create(
            post=post,
            slug=finding.slug,
            done_at=None,
            defaults={"sentence": f"{finding.sentence} {finding.do}".strip()[:500], "made_at": now},
        )
    if need.count == 0:
        _note(post, actor=actor, event="let go", audited="post.let_go")
        if SystemRandom().randrange(100) < need.steps.sample_percent:
            _look_later(post, AfterLook.Why.SAMPLE, due + timedelta(hours=need.steps.sample_within_hours))
        return
    _note(post, actor=actor, event="approved", audited="post.approved")
    if need.afterwards:
        _look_later(post, AfterLook.Why.URGENT, due + timedelta(minutes=need.steps.urgent_within_minutes))
        notify(
            actor=actor,
            to=steps.told(queries.approvers(post), barred=queries.writer_ids(post)),
            urgency=Notice.Urgency.SOON,
            title=f"Urgent, second approval afterwards: {post.title}",
            body=f"It goes out with one approval. Look at it within {need.steps.urgent_within_minutes} minutes.",
            link=reverse("publishing:afterwards"),
            key=f"post:{post.pk}:urgent:{post.version}",
        )


@action
def return_post(*, actor: StaffMember, post: Post, version_seen: int, why: str) -> Post:
    """The post goes back to its author as a draft, with the reason.

    Raises NotPermitted, NotValid (no reason), ChangedSinceSeen, TransitionNotAllowed.
    Audits post.returned.
    """
    post = locked(post)
    for variant in queries.live_variants(post):
        require(actor, Power.APPROVE_POSTS, variant.official_account_id)
    why = reason(why, "Say what should change, so that the author can do it.")
    _same_version(post, version_seen)
    post.state = POST.next(post.state, "return")
    _save(post)
    _note(post, actor=actor, event="returned", audited="post.returned", why=why)
    pair = pairs.other(post)
    if pair is not None and pair.state == Post.State.SUBMITTED:
        return_post(actor=actor, post=pair, version_seen=pair.version, why=why)
    _tell_author(post, actor=actor, what="Returned to you", body=why)
    return post


@action
def withdraw_post(*, actor: StaffMember, post: Post, why: str) -> Post:
    """Whatever of the post has not gone out never will.

    Where some of it has gone out already the post stays published there and the rest is withdrawn.
    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (it is going out this moment,
    or everything has gone out). Audits post.withdrawn and delivery.withdrawn.
    """
    post = locked(post)
    _may_write(actor, post)
    why = reason(why, "Say why it is withdrawn, in a few words.")
    state = POST.next(post.state, "withdraw")
    _none_on_its_way(post)
    some_sent = _deliveries(post).filter(state=Delivery.State.SENT).exists()
    if not some_sent:
        post.state = state
        _save(post)
    _note(post, actor=actor, event="withdrawn", audited="post.withdrawn", why=why)
    _withdraw_deliveries(actor, post, why)
    pair = pairs.other(post)
    if pair is not None and not some_sent and POST.allows(pair.state, "withdraw"):
        withdraw_post(actor=actor, post=pair, why=why)
    post.refresh_from_db()
    return post


@action
def take_back_to_draft(*, actor: StaffMember, post: Post, why: str) -> Post:
    """An approved post that a lockdown has kept back is its author's draft again, and its pair with it.

    Nothing of it is written by whoever takes it back. Raises NotPermitted, NotValid (no reason),
    TransitionNotAllowed (some of it has gone out, or is going out). Audits post.returned, delivery.withdrawn.
    """
    post = locked(post)
    variants = list(queries.live_variants(post))
    if not may(actor, Power.LOCK_DOWN):
        for variant in variants:
            require(actor, Power.WRITE_POSTS, variant.official_account_id)
    why = reason(why, "Say why it is a draft again.")
    if post.state != Post.State.APPROVED:
        raise TransitionNotAllowed(f"This post is {post.get_state_display().lower()}. Reload the page.")
    LockdownStop.objects.filter(delivery__variant__post=post, decision="").exclude(
        how=LockdownStop.How.UNDER_WAY
    ).update(decision=LockdownStop.Decision.DRAFT, decided_by=actor, decided_at=clock.now(), why=why)
    _begin_version(actor, post)
    _note(post, actor=actor, event="returned", audited="post.returned", why=why)
    pair = pairs.other(post)
    if pair is not None and pair.state == Post.State.APPROVED:
        take_back_to_draft(actor=actor, post=pair, why=why)
    _tell_author(post, actor=actor, what="A draft again", body=why)
    return post


@action
def note_new_time(*, actor: StaffMember, post: Post, publish_at: datetime) -> Post:
    """A post that a lockdown kept back goes out at another time: the calendar shows it there.

    What was approved stays as it was. Audits post.rescheduled.
    """
    post = locked(post)
    if post.state == Post.State.APPROVED and post.publish_at != publish_at:
        post.publish_at = publish_at
        _save(post)
        pair = pairs.other(post)
        if pair is not None and pair.state == Post.State.APPROVED:
            Post.objects.filter(pk=pair.pk).update(publish_at=publish_at)
    _note(post, actor=actor, event="new time", audited="post.rescheduled")
    return post


# What the actions share.


@contextmanager
def new_version(*, actor: StaffMember, post: Post, version_seen: int, why: str) -> Iterator[Post]:
    """For an action that changes something of a post: locked, allowed, begun as a version; kept and noted after.

    Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed. Audits post.edited.
    """
    post = locked(post)
    _may_write(actor, post)
    _same_version(post, version_seen, writer=actor)
    _begin_version(actor, post)
    yield post
    _save(post)
    _cut_anew(post)
    _note(post, actor=actor, event="edited", audited="post.edited", why=why)
    _with_its_pair(actor, post)


def _approve_pair(actor: StaffMember, post: Post, pair: Post | None, version_seen: int | None) -> None:
    """The pair in the other language is approved by the same person in the same breath."""
    if pair is None or pair.state == Post.State.APPROVED:
        return
    if any(one.approver_id == actor.pk for one in queries.approvals(pair)):
        return
    if pair.state != Post.State.SUBMITTED:
        raise TransitionNotAllowed(
            f"Its pair in {pair.get_language_display()} does not wait for approval, and neither goes alone."
        )
    approve_post(actor=actor, post=pair, version_seen=version_seen or 0, pair_version_seen=post.version)


def tell_approved(post: Post, *, actor: StaffMember) -> None:
    """Its author hears that it is approved. A part of the actions here."""
    _tell_author(post, actor=actor, what="Approved", body=_when(post))


def note(post: Post, *, actor: StaffMember, event: str, audited: str, why: str = "") -> None:
    """A line in the story of a post, and in the trail. A part of the actions on posts."""
    _note(post, actor=actor, event=event, audited=audited, why=why)


def ask_others(post: Post, *, actor: StaffMember, by: str) -> None:
    """Whoever else may approve it hears what is still needed. A part of the actions here. by: a sentence, who has."""
    judged = judging.judge_now(post)
    need = steps.need_of(post, judged, list(queries.live_variants(post)))
    notify(
        actor=actor,
        to=steps.told(queries.approvers(post), barred=queries.writer_ids(post)),
        urgency=Notice.Urgency.SOON,
        title=f"Waits for {'a second' if need.count == 2 else 'another'} approval: {post.title}",
        body=f"{by} It needs {need.in_words}. {_when(post)}",
        link=reverse("publishing:post", args=[post.pk]),
        key=f"post:{post.pk}:second:{post.version}:{clock.now():%Y%m%d%H%M%S}",
    )


def _give_new_time(
    actor: StaffMember, post: Post, new_time: datetime | str | None, pair_version_seen: int | None
) -> int | None:
    """A post whose time passed while it waited gets another before it is approved. Answers the pair's version."""
    now = clock.now()
    if new_time is None:
        raise NotValid(
            f"Its time, {_wall_clock(post.publish_at)}, has passed, so it does not go out by itself. Say when it "
            "goes out instead.",
            field="new_time",
        )
    at = None if isinstance(new_time, str) else new_time
    if at is not None and at <= now:
        raise NotValid(
            "This time has passed as well. Choose a later one, or send it at once.", field="new_time"
        )
    pair = pairs.other(post)
    if pair is not None and pair.state == Post.State.SUBMITTED:
        pair = locked(pair)
        _same_version(pair, pair_version_seen or 0)
    for one in (post, pair) if pair is not None else (post,):
        one.publish_at = at
        one.version += 1
        _save(one)
        _note(one, actor=actor, event="new time", audited="post.rescheduled")
    return pair.version if pair is not None else None


def _look_later(post: Post, why: str, due_at: datetime) -> None:
    AfterLook.objects.get_or_create(
        post=post,
        version=post.version,
        why=why,
        defaults={"asked_at": clock.now(), "due_at": max(due_at, clock.now())},
    )


def authors_may_still(post: Post, variants: Sequence[Variant]) -> None:
    """Raises TransitionNotAllowed where whoever wrote it may post there no longer."""
    for variant in variants:
        if not may(post.author, Power.WRITE_POSTS, variant.official_account_id):
            raise TransitionNotAllowed(
                f"{post.author.called}, who wrote it, may no longer post on {variant.official_account.name}. "
                "Return it, so that a colleague writes it anew."
            )


def _with_its_pair(actor: StaffMember, post: Post) -> None:
    """What was edited takes its pair in the other language along: both drafts again, at the same time."""
    pair = pairs.other(post)
    if pair is None:
        return
    on_its_way = pair.state in (Post.State.SUBMITTED, Post.State.APPROVED)
    if not on_its_way and (pair.publish_at == post.publish_at or pair.state != Post.State.DRAFT):
        return
    pair = locked(pair)
    _may_write(actor, pair)
    _begin_version(actor, pair)
    pair.publish_at = post.publish_at
    _save(pair)
    _note(pair, actor=actor, event="edited", audited="post.edited", why="With its pair in the other language")


def _cut_anew(post: Post) -> None:
    """The posts of its threads follow from its words and from whether it may be one."""
    for variant in queries.live_variants(post):
        parts = threads.parts_for(variant.official_account, variant.text) if post.as_thread else []
        if parts != variant.parts:
            variant.parts = parts
            variant.save(update_fields=["parts"])


def locked(post: Post) -> Post:
    """The post with its author, for a change. A part of the actions on posts."""
    return Post.objects.select_for_update(of=("self",)).select_related("author").get(pk=post.pk)


def _may_write(actor: StaffMember, post: Post) -> None:
    """Write on every official account that it goes to; a draft that goes nowhere is its author's."""
    ids = [variant.official_account_id for variant in queries.live_variants(post)]
    if not ids:
        require(actor, Power.WRITE_POSTS)
        if post.author_id != actor.pk:
            raise NotPermitted("This draft goes to no official account yet, so it is its author’s alone.")
    for pk in ids:
        require(actor, Power.WRITE_POSTS, pk)


def _allowed(actor: StaffMember, account_ids: Iterable[int]) -> list[int]:
    ids = sorted(set(account_ids))
    for pk in ids:
        require(actor, Power.WRITE_POSTS, pk)
    closed = OfficialAccount.objects.filter(pk__in=ids, status=OfficialAccount.Status.CLOSED).first()
    if closed is not None:
        raise NotValid(f"{closed.name} is closed. Take it out of the choice.", field="accounts")
    return ids


def _same_version(post: Post, seen: int, *, writer: StaffMember | None = None) -> None:
    """Whoever writes has seen their own later saves, which a draft that keeps itself makes while they type."""
    if post.version == seen:
        return
    later = PostChange.objects.filter(post=post, version__gt=seen)
    if writer is None or seen > post.version or later.exclude(by=writer, event="edited").exists():
        raise ChangedSinceSeen(
            f"“{post.title}” was changed after you opened it: it is version {post.version} now and you saw "
            f"version {seen}. Copy what you typed, reload the page and look again."
        )


def _begin_version(actor: StaffMember, post: Post) -> None:
    """Any edit makes it a draft again and takes back what the approval had queued."""
    was_approved = post.state == Post.State.APPROVED
    state = POST.next(post.state, "edit")
    if was_approved:
        _none_on_its_way(post)
        if _deliveries(post).filter(state=Delivery.State.SENT).exists():
            raise TransitionNotAllowed(
                "Part of this post has gone out, so its words stay as they are. Write a new post, or "
                "withdraw what has not gone out yet."
            )
    post.state = state
    post.version += 1
    _save(post)
    if was_approved:
        _withdraw_deliveries(actor, post, "The post was edited after its approval")


def _none_on_its_way(post: Post) -> None:
    on_the_way = (Delivery.State.CLAIMED, Delivery.State.SENDING, Delivery.State.UNKNOWN)
    moving = _deliveries(post).select_for_update(of=("self",)).filter(state__in=on_the_way).first()
    if moving is not None:
        raise TransitionNotAllowed(
            f"It is going out on {moving.official_account.name} at this moment, or its outcome there is not "
            "known yet. Wait until that is settled; the post’s page shows it."
        )


def _deliveries(post: Post):
    of_post = Delivery.objects.filter(variant__post=post, kind=Delivery.Kind.POST)
    return of_post.select_related("official_account").order_by("id")


def _withdraw_deliveries(actor: StaffMember, post: Post, why: str) -> None:
    open_ones = (Delivery.State.SCHEDULED, Delivery.State.REJECTED)
    for delivery in _deliveries(post).filter(state__in=open_ones):
        outbox.withdraw(actor=actor, delivery=delivery, why=why)


def _pictures(post: Post):
    return PostPicture.objects.filter(post=post, removed_at=None)


def _texts(post: Post) -> dict[int, str]:
    return {variant.official_account_id: variant.text for variant in queries.live_variants(post)}


def _set_variants(post: Post, ids: list[int], own: Mapping[int, str]) -> None:
    present = {variant.official_account_id: variant for variant in queries.live_variants(post)}
    for pk, variant in present.items():
        if pk not in ids:
            variant.removed_at = clock.now()
            variant.save(update_fields=["removed_at"])
    for pk in ids:
        text = _bounded(own.get(pk, "")) if own.get(pk, "").strip() else post.words
        standing = present.get(pk)
        if standing is None:
            Variant.objects.create(post=post, official_account_id=pk, text=text)
        elif standing.text != text:
            standing.text = text
            standing.save(update_fields=["text"])
    if post.as_thread:
        _cut_anew(post)


def must_pass(post: Post, *, on_approval: bool = False) -> Judged:
    """A part of the actions on posts. What the checks find, kept with the content that they judged. Raises NotValid where one stops it."""
    judged = judging.judge_now(post)
    found = checks.of_post(
        post,
        list(queries.live_variants(post)),
        queries.pictures(post),
        on_approval=on_approval,
        judged=judged,
    )
    stopping = checks.stops(found)
    if stopping:
        raise NotValid(" ".join(f"{check.title}: {check.sentence}" for check in stopping[:3]))
    Judgement.objects.get_or_create(
        post=post,
        content_hash=judged.content_hash,
        against=judged.against,
        defaults={
            "version": post.version,
            "findings": [one.as_data() for one in judged.findings],
            "at": clock.now(),
        },
    )
    return judged


def _bounded(words: str) -> str:
    words = words.replace("\r\n", "\n").strip()
    if len(words) > LONGEST_WORDS:
        raise NotValid(f"The words are longer than {LONGEST_WORDS:,} characters.", field="words")
    return words


def _title(title: str, words: str, own: Mapping[int, str]) -> str:
    """What colleagues call it: the title given, else the beginning of its words."""
    if title.strip():
        return " ".join(title.split())[:120]
    for text in (words, *own.values()):
        first = " ".join(text.split())
        if first:
            return first if len(first) <= 60 else first[:59].rstrip() + "…"
    return UNTITLED


def _save(post: Post) -> None:
    post.changed_at = max(clock.now(), post.changed_at + timedelta(microseconds=1))
    post.save()


def _note(post: Post, *, actor: StaffMember, event: str, audited: str, why: str = "") -> None:
    texts = _texts(post)
    PostChange.objects.create(
        post=post,
        event=event,
        version=post.version,
        by=actor,
        at=clock.now(),
        why=why,
        texts={str(pk): text for pk, text in texts.items()},
        content=history.content_of(post),
    )
    record(
        actor=actor,
        event=audited,
        subject=post,
        subject_name=post.title,
        reason=why,
        details={"version": post.version, "official_accounts": sorted(texts)},
    )


def _tell_author(post: Post, *, actor: StaffMember, what: str, body: str) -> None:
    notify(
        actor=actor,
        to=[post.author],
        urgency=Notice.Urgency.FYI,
        title=f"{what}: {post.title}",
        body=body,
        link=reverse("publishing:post", args=[post.pk]),
        key=f"post:{post.pk}:{what}:{post.version}:{clock.now():%Y%m%d%H%M%S}",
    )


def _when(post: Post) -> str:
    if post.publish_at is None:
        return "It goes out as soon as it is approved."
    return f"It goes out at {_wall_clock(post.publish_at)}."


def _wall_clock(instant: datetime | None) -> str:
    london = clock.in_london(instant or clock.now())
    return f"{london:%H:%M} on {london.day} {london:%B}"
