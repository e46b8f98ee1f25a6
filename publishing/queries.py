"""Reading posts and the outbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import Combinable

from accounts.connections import abilities
from accounts.models import OfficialAccount, PlatformLink
from accounts.queries import account_ids, authority_of, may, people_with
from core import clock
from core.errors import NotFound
from notices.models import Notice
from platforms.contract import Capability
from publishing.models import (
    Approval,
    Correction,
    Delivery,
    Post,
    PostChange,
    PostPicture,
    PostVideo,
    Variant,
)
from staff.models import Handover, StaffMember
from staff.roles import Power

OPEN_CORRECTION = (Correction.State.ASKED, Correction.State.APPROVED)
PAGE_LENGTH = 50
MOST_SHOWN = 100

_OF_POSTS = (Delivery.Kind.POST, Delivery.Kind.EDIT, Delivery.Kind.DELETE)
WRITING = ("drafted", "edited", "change asked")
"""Changes of a post that somebody wrote."""
PUBLISHED = (Delivery.Kind.POST, Delivery.Kind.REPLY)
"""Kinds that the platform gives an id of its own, which one delivery alone can have."""
ON_ITS_WAY = (Delivery.State.CLAIMED, Delivery.State.SENDING)


# Posts


def posts(viewer: StaffMember, *, state: str = "", before: Post | None = None) -> QuerySet[Post]:
    """Posts that the viewer may see, the latest changed first; drafts that go nowhere are their author's."""
    ids = account_ids(viewer, Power.SEE_POSTS)
    seen = Variant.objects.filter(official_account_id__in=ids, removed_at=None).values("post_id")
    found = Post.objects.filter(Q(pk__in=seen) | Q(author=viewer)).select_related("author")
    if state in Post.State.values:
        found = found.filter(state=state)
    if before is not None:
        found = found.filter(
            Q(changed_at__lt=before.changed_at) | Q(changed_at=before.changed_at, pk__lt=before.pk)
        )
    in_sight = Variant.objects.filter(
        official_account_id__in=where_theirs_may_go(viewer), removed_at=None
    ).select_related("official_account")
    return found.order_by("-changed_at", "-pk").prefetch_related(
        Prefetch("variants", queryset=in_sight, to_attr="shown_variants")
    )


def where_theirs_may_go(viewer: StaffMember) -> set[int]:
    """Official accounts of which the viewer sees what a post that they may see says there.

    Who writes there without seeing what others write, such as a guest, sees where their own goes.
    """
    return {*account_ids(viewer, Power.SEE_POSTS), *account_ids(viewer, Power.WRITE_POSTS)}


def page_of_posts(viewer: StaffMember, *, state: str = "", before: int | None = None) -> list[Post]:
    """At most PAGE_LENGTH posts and one more, which says that there is another page."""
    anchor = posts(viewer).filter(pk=before).first() if before else None
    return list(posts(viewer, state=state, before=anchor)[: PAGE_LENGTH + 1])


def post(viewer: StaffMember, pk: int) -> Post:
    """One post with the variants that the viewer may see. Raises NotFound."""
    try:
        return posts(viewer).get(pk=pk)
    except Post.DoesNotExist:
        raise NotFound("There is no such post, or it is not one that you may see.") from None


def live_variants(post: Post) -> QuerySet[Variant]:
    """Every variant that the post has now, for actions and checks."""
    return (
        Variant.objects.filter(post=post, removed_at=None)
        .select_related("official_account")
        .order_by("official_account__name", "id")
    )


def pictures(post: Post) -> list[PostPicture]:
    """The pictures on the post now, in their order. The caller has checked that the post may be seen."""
    return list(PostPicture.objects.filter(post=post, removed_at=None).select_related("file"))


def video(post: Post) -> PostVideo | None:
    """The video that is on the post now. The caller has checked that the post may be seen."""
    if post.pk is None:
        return None
    return PostVideo.objects.filter(post=post, removed_at=None).select_related("file", "asset").first()


def words_by_account(post: Post) -> tuple[dict[int, str], dict[int, str]]:
    """The words for each official account, and of them those that differ from what the post says everywhere."""
    texts = {variant.official_account_id: variant.text for variant in live_variants(post)}
    return texts, {pk: text for pk, text in texts.items() if text != post.words}


def writer_ids(post: Post) -> set[int]:
    """Who has written some of it: its author and everyone who edited it."""
    edits = PostChange.objects.filter(post=post, event__in=WRITING, by__isnull=False)
    return {post.author_id, *edits.values_list("by_id", flat=True)}


def approvers(post: Post) -> list[StaffMember]:
    """Who may approve it on every official account it goes to; its writers, and who did so already, left out."""
    ids = [variant.official_account_id for variant in live_variants(post)]
    return approvers_for(ids, excluding=writer_ids(post) | {one.approver_id for one in approvals(post)})


def approvals(post: Post) -> list[Approval]:
    """Who approved the version that there is now, in their order, whether or not they still may."""
    return list(
        Approval.objects.filter(post=post, version=post.version).select_related("approver").order_by("id")
    )


def standing_approvals(post: Post, content_hash: str) -> list[Approval]:
    """The approvals of exactly this content by people who may still approve on every official account it goes to.

    Their grants are read now.
    """
    ids = [variant.official_account_id for variant in live_variants(post)]
    writers = writer_ids(post)
    return [
        one
        for one in approvals(post)
        if one.content_hash == content_hash
        and one.approver_id not in writers
        and one.approver.is_active
        and all(may(one.approver, Power.APPROVE_POSTS, pk) for pk in ids)
    ]


def approvers_for(official_account_ids: list[int], *, excluding: set[int]) -> list[StaffMember]:
    """Who may approve on all of these official accounts; nobody where none is named."""
    common: dict[int, StaffMember] | None = None
    for pk in official_account_ids:
        people = {p.pk: p for p in people_with(Power.APPROVE_POSTS, official_account_id=pk)}
        common = people if common is None else {k: p for k, p in common.items() if k in people}
    return [person for person in (common or {}).values() if person.pk not in excluding]


def writable_accounts(viewer: StaffMember) -> list[OfficialAccount]:
    """Official accounts that the viewer may write posts for, closed ones left out."""
    ids = account_ids(viewer, Power.WRITE_POSTS)
    return list(
        OfficialAccount.objects.filter(pk__in=ids)
        .exclude(status=OfficialAccount.Status.CLOSED)
        .order_by("exercise", "name", "id")
    )


def may_edit(viewer: StaffMember, post: Post) -> bool:
    """Whether to offer the edit: the action decides again."""
    return post.state not in (Post.State.PUBLISHED, Post.State.WITHDRAWN) and may_write(viewer, post)


def may_write(viewer: StaffMember, post: Post) -> bool:
    """Whether they may write on every official account that it goes to; of one that goes nowhere, whether it is theirs."""
    held = authority_of(viewer).account_ids(Power.WRITE_POSTS)
    ids = {variant.official_account_id for variant in live_variants(post)}
    return ids <= held if ids else post.author_id == viewer.pk


def may_approve(viewer: StaffMember, post: Post) -> bool:
    """Whether to offer the approval: the action decides again."""
    held = authority_of(viewer).account_ids(Power.APPROVE_POSTS)
    ids = {variant.official_account_id for variant in live_variants(post)}
    if not ids or not ids <= held or viewer.pk in writer_ids(post):
        return False
    return viewer.pk not in {one.approver_id for one in approvals(post)}


def waiting_for_approval(viewer: StaffMember) -> list[Post]:
    """Submitted posts that the viewer may approve and has not, the one that is due first at the top.

    Those whose time has passed stand apart (`expired`).
    """
    found = _to_approve(viewer).exclude(publish_at__lt=clock.now())
    return sorted(found, key=lambda p: (p.publish_at or p.changed_at, p.pk))


def expired(viewer: StaffMember) -> list[Post]:
    """Posts whose time passed while they waited for approval: the viewer's own, and those that they may approve.

    The one whose time passed last at the top; each is the author's to move, or an approver's to give a new time.
    """
    late = Post.objects.filter(state=Post.State.SUBMITTED, publish_at__lt=clock.now())
    ids = set(_to_approve(viewer).filter(publish_at__lt=clock.now()).values_list("pk", flat=True))
    held = account_ids(viewer, Power.WRITE_POSTS)
    beyond = Variant.objects.filter(removed_at=None).exclude(official_account_id__in=held).values("post_id")
    own = late.filter(author=viewer).exclude(pk__in=beyond)
    found = late.filter(pk__in=ids | set(own.values_list("pk", flat=True)))
    return list(found.select_related("author").order_by("-publish_at", "-pk")[:PAGE_LENGTH])


def _to_approve(viewer: StaffMember) -> QuerySet[Post]:
    held = account_ids(viewer, Power.APPROVE_POSTS)
    beyond = Variant.objects.filter(removed_at=None).exclude(official_account_id__in=held).values("post_id")
    written = PostChange.objects.filter(by=viewer, event__in=WRITING).values("post_id")
    return (
        Post.objects.filter(state=Post.State.SUBMITTED)
        .filter(variants__official_account_id__in=held, variants__removed_at=None)
        .exclude(pk__in=beyond)
        .exclude(pk__in=written)
        .exclude(author=viewer)
        .exclude(
            Exists(Approval.objects.filter(post=OuterRef("pk"), version=OuterRef("version"), approver=viewer))
        )
        .select_related("author")
        .distinct()
    )


def changes(post: Post) -> list[PostChange]:
    """The history of a post, oldest first. The caller has checked that the post may be seen."""
    return list(post.changes.select_related("by"))


@dataclass(frozen=True)
class Compared:
    """The words for one official account, before and now."""

    official_account: OfficialAccount
    before: str
    now: str
    new: bool


def compared(viewer: StaffMember, post: Post) -> tuple[PostChange | None, list[Compared]]:
    """The words beside those last approved or sent for approval in an earlier version, where there are any."""
    earlier = (
        PostChange.objects.filter(post=post, event__in=["approved", "submitted"], version__lt=post.version)
        .order_by("-id")
        .first()
    )
    ids = where_theirs_may_go(viewer)
    lines = []
    for variant in live_variants(post):
        if variant.official_account_id not in ids:
            continue
        before = (earlier.texts if earlier else {}).get(str(variant.official_account_id))
        lines.append(Compared(variant.official_account, before or "", variant.text, new=before is None))
    return earlier, lines


def deliveries_of(viewer: StaffMember, post: Post) -> list[Delivery]:
    """Every delivery of the post that the viewer may see, the newest first; of their own post all of them."""
    found = _deliveries() if post.author_id == viewer.pk else in_sight(viewer)
    return list(found.filter(variant__post=post).order_by("-id"))


# What stands on a platform, and its correction


def standing_posts(viewer: StaffMember, post: Post) -> list[Delivery]:
    """The deliveries by which the post went out, that the viewer may see, by official account.

    Each with `words`, as they stand there, `deleted`, `open_correction`, and why it can be neither changed
    nor deleted there: `why_not_edit`, `why_not_delete` (empty where it can).
    """
    found = list(
        in_sight(viewer)
        .filter(variant__post=post, kind=Delivery.Kind.POST, state=Delivery.State.SENT)
        .order_by("official_account__name", "id")
    )
    held = authority_of(viewer).account_ids(Power.WRITE_POSTS)
    for row in found:
        row.words = standing_words(row)  # type: ignore[attr-defined]
        row.deleted = is_deleted(row)  # type: ignore[attr-defined]
        row.may_correct = row.official_account_id in held  # type: ignore[attr-defined]
        row.open_correction = row.corrections.filter(state__in=OPEN_CORRECTION).first()  # type: ignore[attr-defined]
        row.why_not_edit = why_not_correct(row, Correction.Kind.EDIT)  # type: ignore[attr-defined]
        row.why_not_delete = why_not_correct(row, Correction.Kind.DELETE)  # type: ignore[attr-defined]
    return found


def _carried_out(row: Delivery) -> Correction | None:
    """The last correction that was carried out on what went out by this delivery."""
    done = row.corrections.filter(state=Correction.State.DONE)
    return done.select_related("delivery").order_by("-done_at", "-id").first()


def standing_words(row: Delivery) -> str:
    """The words of a post as they stand on the platform by our record."""
    last = _carried_out(row)
    return last.text if last is not None else row.text


def standing_id(row: Delivery) -> str:
    """How the platform calls what stands there: some give changed words another id."""
    last = _carried_out(row)
    return (last.delivery.external_id if last is not None and last.delivery else "") or row.external_id


def is_deleted(row: Delivery) -> bool:
    """Whether it was deleted there from here."""
    return row.corrections.filter(kind=Correction.Kind.DELETE, state=Correction.State.DONE).exists()


def why_not_correct(row: Delivery, kind: str) -> str:
    """Why the platform lets a post be neither changed nor deleted from here, and what to do instead; or nothing.

    Where people do the last step themselves, they do this one as well.
    """
    account = row.official_account
    if account.by_hand:
        return ""
    needed = Capability.EDIT if kind == Correction.Kind.EDIT else Capability.DELETE_OWN
    link = PlatformLink.objects.filter(official_account=account).first()
    able = next(one for one in abilities(account, link) if one.capability == needed)
    if able.can:
        return ""
    return (
        able.why or f"{row.platform_name} offers no way to do this from here. Do it on {row.platform_name}."
    )


def corrections(viewer: StaffMember, post: Post) -> list[Correction]:
    """What was asked to become of the post where it stands, the newest first, as far as the viewer may see it."""
    ids = account_ids(viewer, Power.SEE_POSTS)
    found = Correction.objects.filter(post=post, standing__official_account_id__in=ids)
    return list(
        found.select_related("post", "asked_by", "decided_by", "standing__official_account", "delivery")
    )


def correction(viewer: StaffMember, pk: int) -> Correction:
    """One correction. Raises NotFound."""
    ids = account_ids(viewer, Power.SEE_POSTS)
    found = Correction.objects.filter(pk=pk, standing__official_account_id__in=ids).first()
    if found is None:
        raise NotFound("There is no such correction, or it is not one that you may see.")
    return found


def may_decide(viewer: StaffMember, correction: Correction) -> bool:
    """Whether to offer the yes and the no: the action decides again."""
    held = authority_of(viewer).account_ids(Power.APPROVE_POSTS)
    if correction.standing.official_account_id not in held or viewer.pk == correction.asked_by_id:
        return False
    if correction.approvals.filter(approver=viewer).exists():
        return False
    return viewer.pk not in writer_ids(correction.post)


def may_withdraw(viewer: StaffMember, correction: Correction) -> bool:
    """Whether to offer that it is asked for no longer: the action decides again."""
    return correction.standing.official_account_id in authority_of(viewer).account_ids(Power.WRITE_POSTS)


def approvers_of(row: Delivery, *, excluding: set[int]) -> list[StaffMember]:
    """Who may approve a correction of what went out by this delivery, its writers left out."""
    writers = writer_ids(row.variant.post) if row.variant is not None else set()
    return approvers_for([row.official_account_id], excluding=writers | excluding)


def corrections_waiting(viewer: StaffMember) -> list[Correction]:
    """Corrections that the viewer may approve, the one asked for first at the top."""
    held = account_ids(viewer, Power.APPROVE_POSTS)
    found = Correction.objects.filter(
        state=Correction.State.ASKED, standing__official_account_id__in=held
    ).exclude(asked_by=viewer)
    found = found.exclude(approvals__approver=viewer)
    found = found.exclude(post__author=viewer).exclude(
        post__in=PostChange.objects.filter(by=viewer, event__in=WRITING).values("post_id")
    )
    return list(
        found.select_related("post", "asked_by", "standing__official_account").order_by("asked_at", "id")[
            :PAGE_LENGTH
        ]
    )


# The outbox


def in_sight(viewer: StaffMember) -> QuerySet[Delivery]:
    """Posts for who may see posts; replies and hiding for who may see the comments they answer."""
    of_posts = Q(kind__in=_OF_POSTS, official_account_id__in=account_ids(viewer, Power.SEE_POSTS))
    of_comments = ~Q(kind__in=_OF_POSTS) & Q(official_account_id__in=account_ids(viewer, Power.SEE_COMMENTS))
    return _deliveries().filter(of_posts | of_comments)


def _deliveries() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("official_account", "author", "approver", "variant__post")


def delivery(viewer: StaffMember, pk: int) -> Delivery:
    """One delivery. Raises NotFound."""
    try:
        return in_sight(viewer).get(pk=pk)
    except Delivery.DoesNotExist:
        raise NotFound("There is no such delivery, or it is not one that you may see.") from None


def known_since(delivery: Delivery, since: datetime) -> frozenset[str]:
    """What the platform calls the other posts and replies of the official account that went out since then."""
    others = Delivery.objects.filter(
        official_account_id=delivery.official_account_id, kind__in=PUBLISHED
    ).filter(Q(sent_at__gte=since) | Q(sent_at=None, first_opened_at__gte=since))
    return frozenset(
        others.exclude(external_id="").exclude(pk=delivery.pk).values_list("external_id", flat=True)
    )


@dataclass(frozen=True)
class Outbox:
    """The outbox in the order in which it needs people."""

    held: list[Delivery]
    unknown: list[Delivery]
    rejected: list[Delivery]
    on_their_way: list[Delivery]
    waiting: list[Delivery]
    sent: list[Delivery]


def outbox(viewer: StaffMember) -> Outbox:
    """What is held, unknown, refused (last 7 days), on its way, waiting and sent (last 24 hours)."""
    seen = in_sight(viewer)
    state = Delivery.State
    now = clock.now()
    scheduled = seen.filter(state=state.SCHEDULED)
    return Outbox(
        held=list(scheduled.exclude(held_why="").order_by("due_at", "id")[:MOST_SHOWN]),
        unknown=list(seen.filter(state=state.UNKNOWN).order_by("claimed_at", "id")[:MOST_SHOWN]),
        rejected=list(
            seen.filter(state=state.REJECTED, claimed_at__gte=now - timedelta(days=7)).order_by("-id")[
                :MOST_SHOWN
            ]
        ),
        on_their_way=list(seen.filter(state__in=ON_ITS_WAY).order_by("claimed_at", "id")[:MOST_SHOWN]),
        waiting=list(scheduled.filter(held_why="").order_by("due_at", "id")[:MOST_SHOWN]),
        sent=list(
            seen.filter(state=state.SENT, sent_at__gte=now - timedelta(hours=24)).order_by("-sent_at")[:25]
        ),
    )


@dataclass(frozen=True)
class Diagnosed:
    """A delivery that does not go by itself, for whoever looks after the platform: without the words of anybody."""

    pk: int
    kind: str
    official_account: OfficialAccount
    state: str
    label: str
    since: datetime | None
    attempts: int
    sentence: str
    raw: str


def diagnosis(viewer: StaffMember) -> list[Diagnosed]:
    """What is held, unknown or lately refused on every official account, and what the platforms answered.

    For who sees the health of the platform. What they may read anyway stands in `outbox` and not here; why
    something is held may name people, so only a platform's own answer is shown. At most MOST_SHOWN.
    """
    if not authority_of(viewer).holds(Power.SEE_HEALTH):
        return []
    state = Delivery.State
    week_ago = clock.now() - timedelta(days=7)
    stuck = Delivery.objects.filter(
        (Q(state=state.SCHEDULED) & ~Q(held_why=""))
        | Q(state=state.UNKNOWN)
        | Q(state=state.REJECTED, claimed_at__gte=week_ago)
    ).exclude(pk__in=in_sight(viewer).values("pk"))
    found = []
    for row in stuck.select_related("official_account").order_by("-id")[:MOST_SHOWN]:
        held = row.state == state.SCHEDULED
        sentence = row.fault or ("A person decides; the platform has answered nothing." if held else "")
        found.append(
            Diagnosed(
                pk=row.pk,
                kind=row.get_kind_display(),
                official_account=row.official_account,
                state="held" if held else row.state,
                label="Held for a person" if held else row.get_state_display(),
                since=row.claimed_at or row.due_at,
                attempts=row.attempts,
                sentence=_without(sentence, row.text),
                raw=_without(row.fault_raw, row.text),
            )
        )
    return found


def _without(answer: str, words: str) -> str:
    """A platform's answer without the words that were sent, which some repeat."""
    for form in {words, json.dumps(words)[1:-1], json.dumps(words, ensure_ascii=False)[1:-1]} - {""}:
        answer = answer.replace(form, "[the words]")
    return answer


UNFINISHED = (Post.State.DRAFT, Post.State.SUBMITTED, Post.State.APPROVED)
"""States in which a post still needs somebody."""


def _not_handed_over(person: str, subject_type: str) -> Combinable:
    """That no list of a leaver's open work names the record yet. person: path to the leaver's id."""
    return ~Exists(
        Handover.objects.filter(
            departure__person=OuterRef(person), subject_type=subject_type, subject_id=OuterRef("pk")
        )
    )


def deliveries_of_leavers() -> list[Delivery]:
    """Deliveries still to go out, or refused, whose author or approver has left: to be handed over."""
    waiting = Delivery.objects.filter(state__in=[Delivery.State.SCHEDULED, Delivery.State.REJECTED])
    mark = "publishing.delivery"
    written = Q(author__active=False) & Q(_not_handed_over("author_id", mark))
    approved = Q(approver__active=False) & Q(_not_handed_over("approver_id", mark))
    approved |= Q(first_approver__active=False) & Q(_not_handed_over("first_approver_id", mark))
    return list(waiting.filter(written | approved).order_by("due_at", "id")[:200])


def posts_of_leavers() -> list[Post]:
    """Posts that have not gone out and whose author has left: to be handed over."""
    return list(
        Post.objects.filter(state__in=UNFINISHED, author__active=False)
        .filter(_not_handed_over("author_id", "publishing.post"))
        .order_by("publish_at", "id")[:200]
    )


def approvals_asked_of_leavers() -> list[tuple[Post, StaffMember]]:
    """Posts that wait for approval and of whose approvers one has left in the last day: to be asked anew."""
    lately = StaffMember.objects.filter(active=False, left_at__gte=clock.now() - timedelta(days=1))
    found = []
    for post in Post.objects.filter(state=Post.State.SUBMITTED) if lately.exists() else []:
        asked = Notice.objects.filter(
            key__startswith=f"post:{post.pk}:submitted:{post.version}:", to__in=lately
        ).exclude(
            Exists(
                Handover.objects.filter(
                    departure__person=OuterRef("to_id"), subject_type="publishing.post", subject_id=post.pk
                )
            )
        )
        found += [(post, notice.to) for notice in asked.select_related("to") if notice.to is not None]
    return found


def held_count(viewer: StaffMember) -> int:
    """How many deliveries wait for a person, up to 1,000."""
    return in_sight(viewer).filter(state=Delivery.State.SCHEDULED).exclude(held_why="")[:1000].count()


def needs_attention_count(viewer: StaffMember) -> int:
    """Held, unknown and lately refused together, up to 1,000: for the home page."""
    week_ago = clock.now() - timedelta(days=7)
    return (
        in_sight(viewer)
        .filter(
            (Q(state=Delivery.State.SCHEDULED) & ~Q(held_why=""))
            | Q(state=Delivery.State.UNKNOWN)
            | Q(state=Delivery.State.REJECTED, claimed_at__gte=week_ago)
        )[:1000]
        .count()
    )
