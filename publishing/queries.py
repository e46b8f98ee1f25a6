"""Reading posts, the outbox and the lockdown switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import Combinable

from accounts.models import OfficialAccount
from accounts.queries import account_ids, authority_of, people_with
from core import clock
from core.errors import NotFound
from notices.models import Notice
from publishing.models import Delivery, Lockdown, Post, PostChange, PostPicture, Variant
from staff.models import Handover, StaffMember
from staff.roles import Power

PAGE_LENGTH = 50
MOST_SHOWN = 100

_OF_POSTS = (Delivery.Kind.POST, Delivery.Kind.DELETE)
ON_ITS_WAY = (Delivery.State.CLAIMED, Delivery.State.SENDING)


def lockdown() -> Lockdown | None:
    """The lockdown in force now, if any. Read again before anything goes out."""
    return Lockdown.objects.select_related("started_by").filter(lifted_at=None).first()


def past_lockdowns() -> list[Lockdown]:
    """The latest lockdowns that were lifted, newest first."""
    return list(Lockdown.objects.select_related("started_by", "lifted_by").exclude(lifted_at=None)[:20])


def what_lockdown_stops() -> dict[str, int]:
    """How many deliveries of each kind wait now, force-wide: numbers only."""
    waiting = Delivery.objects.filter(state=Delivery.State.SCHEDULED, held_why="")
    return {
        "posts": waiting.filter(kind=Delivery.Kind.POST)[:1000].count(),
        "replies": waiting.filter(kind=Delivery.Kind.REPLY)[:1000].count(),
        "changes": waiting.exclude(kind__in=[Delivery.Kind.POST, Delivery.Kind.REPLY])[:1000].count(),
        "on_their_way": Delivery.objects.filter(state__in=ON_ITS_WAY)[:1000].count(),
    }


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
    in_sight = Variant.objects.filter(official_account_id__in=ids, removed_at=None).select_related(
        "official_account"
    )
    return found.order_by("-changed_at", "-pk").prefetch_related(
        Prefetch("variants", queryset=in_sight, to_attr="shown_variants")
    )


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


def writer_ids(post: Post) -> set[int]:
    """Who has written some of it: its author and everyone who edited it."""
    edits = PostChange.objects.filter(post=post, event__in=["drafted", "edited"], by__isnull=False)
    return {post.author_id, *edits.values_list("by_id", flat=True)}


def approvers(post: Post) -> list[StaffMember]:
    """Who may approve it on every official account it goes to, its writers left out."""
    ids = [variant.official_account_id for variant in live_variants(post)]
    return approvers_for(ids, excluding=writer_ids(post))


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
    if post.state in (Post.State.PUBLISHED, Post.State.WITHDRAWN):
        return False
    held = authority_of(viewer).account_ids(Power.WRITE_POSTS)
    ids = {variant.official_account_id for variant in live_variants(post)}
    return ids <= held if ids else post.author_id == viewer.pk


def may_approve(viewer: StaffMember, post: Post) -> bool:
    """Whether to offer the approval: the action decides again."""
    held = authority_of(viewer).account_ids(Power.APPROVE_POSTS)
    ids = {variant.official_account_id for variant in live_variants(post)}
    return bool(ids) and ids <= held and viewer.pk not in writer_ids(post)


def waiting_for_approval(viewer: StaffMember) -> list[Post]:
    """Submitted posts that the viewer may approve, the one that is due first at the top."""
    held = account_ids(viewer, Power.APPROVE_POSTS)
    beyond = Variant.objects.filter(removed_at=None).exclude(official_account_id__in=held).values("post_id")
    written = PostChange.objects.filter(by=viewer, event__in=["drafted", "edited"]).values("post_id")
    found = (
        Post.objects.filter(state=Post.State.SUBMITTED)
        .filter(variants__official_account_id__in=held, variants__removed_at=None)
        .exclude(pk__in=beyond)
        .exclude(pk__in=written)
        .exclude(author=viewer)
        .select_related("author")
        .distinct()
    )
    return sorted(found, key=lambda p: (p.publish_at or p.changed_at, p.pk))


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
    ids = set(account_ids(viewer, Power.SEE_POSTS))
    lines = []
    for variant in live_variants(post):
        if variant.official_account_id not in ids:
            continue
        before = (earlier.texts if earlier else {}).get(str(variant.official_account_id))
        lines.append(Compared(variant.official_account, before or "", variant.text, new=before is None))
    return earlier, lines


def deliveries_of(viewer: StaffMember, post: Post) -> list[Delivery]:
    """Every delivery of the post that the viewer may see, the newest first."""
    return list(_in_sight(viewer).filter(variant__post=post).order_by("-id"))


# The outbox


def _in_sight(viewer: StaffMember) -> QuerySet[Delivery]:
    """Posts for who may see posts; replies and hiding for who may see the comments they answer."""
    of_posts = Q(kind__in=_OF_POSTS, official_account_id__in=account_ids(viewer, Power.SEE_POSTS))
    of_comments = ~Q(kind__in=_OF_POSTS) & Q(official_account_id__in=account_ids(viewer, Power.SEE_COMMENTS))
    return Delivery.objects.filter(of_posts | of_comments).select_related(
        "official_account", "author", "approver", "variant__post"
    )


def delivery(viewer: StaffMember, pk: int) -> Delivery:
    """One delivery. Raises NotFound."""
    try:
        return _in_sight(viewer).get(pk=pk)
    except Delivery.DoesNotExist:
        raise NotFound("There is no such delivery, or it is not one that you may see.") from None


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
    seen = _in_sight(viewer)
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
        found += [(post, notice.to) for notice in asked.select_related("to")]
    return found


def held_count(viewer: StaffMember) -> int:
    """How many deliveries wait for a person, up to 1,000."""
    return _in_sight(viewer).filter(state=Delivery.State.SCHEDULED).exclude(held_why="")[:1000].count()


def needs_attention_count(viewer: StaffMember) -> int:
    """Held, unknown and lately refused together, up to 1,000: for the home page."""
    week_ago = clock.now() - timedelta(days=7)
    return (
        _in_sight(viewer)
        .filter(
            (Q(state=Delivery.State.SCHEDULED) & ~Q(held_why=""))
            | Q(state=Delivery.State.UNKNOWN)
            | Q(state=Delivery.State.REJECTED, claimed_at__gte=week_ago)
        )[:1000]
        .count()
    )
