"""Reading the desk: queues, their counts, and conversations. Every list is scoped to the viewer."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.db import models
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Left
from django.urls import reverse

from accounts.connections import limits_of
from accounts.models import OfficialAccount, PlatformLink
from accounts.queries import authority_of, people_with
from core import clock
from core.errors import NotFound
from moderation.attachments import Came, with_comments
from moderation.categories import Category, Priority
from moderation.models import Clause, Comment, Decision, Note, ReplyDraft, Revision
from moderation.native import made_natively
from moderation.workflow import DESK
from platforms import registry
from platforms.contract import Capability, Connector, Login
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power, Role

ORDER = ("priority", "received_at", "id")
"""By risk, then by age. The partial index comment_open_queue is in this order per official account."""

PAGE = 30
COUNT_TO = 1000
GROUPS_FROM = 10_000
"""Counts by category and official account look at this many of the most urgent open comments."""
DUE_SOON = timedelta(minutes=30)
SETTLED = (Delivery.State.SENT, Delivery.State.REJECTED, Delivery.State.WITHDRAWN)
FIRST_LINE = 200


# Queues


@dataclass(frozen=True)
class Queue:
    """One way to look at open comments. `slug` stands in the address (?queue=...)."""

    slug: str
    title: str
    where: Q = field(repr=False)
    risk: int | None = None


@dataclass(frozen=True)
class Counted:
    """A queue with how many it holds. `more` says that the count stopped before the end."""

    queue: Queue
    count: int
    more: bool = False


@dataclass(frozen=True)
class Queues:
    """The left pane: the four main queues, categories with something in them, official accounts."""

    main: list[Counted]
    risks: list[Counted]
    others: list[Counted]
    accounts: list[Counted]
    by_hand: list[OfficialAccount] = field(default_factory=list)
    """On platforms that nobody can read from here: their comments are pasted."""


@dataclass(frozen=True)
class Row:
    """One line of the list. `done` says in words why it no longer belongs to the queue, if so."""

    comment: Comment
    first_line: str
    why: str
    holder: StaffMember | None
    mine: bool
    overdue: bool
    done: str = ""


@dataclass(frozen=True)
class ListPage:
    """One keyset page of a queue, and where the next one starts."""

    queue: Queue
    rows: list[Row]
    after: str
    next_after: str

    @property
    def ids(self) -> list[int]:
        return [row.comment.pk for row in self.rows]


def scope(viewer: StaffMember) -> list[int]:
    """Ids of the official accounts whose comments the viewer may see."""
    return sorted(authority_of(viewer).account_ids(Power.SEE_COMMENTS))


def free(now: datetime) -> Q:
    """Comments that nobody has; a lease that ran out counts as nobody's."""
    return Q(claimed_by=None) | Q(claimed_until__lte=now)


def queue(viewer: StaffMember, slug: str) -> Queue:
    """The queue of that name. Raises NotFound for one that does not exist or is out of scope."""
    now = clock.now()
    mine = Q(claimed_by=viewer, claimed_until__gt=now)
    pressing = Q(priority__lte=Priority.HIGH) | Q(answer_by__lte=now + DUE_SOON) | Q(triage_broken=True)
    if slug in ("", "now"):
        return Queue("now", "Needs me now", mine | (free(now) & pressing))
    if slug == "mine":
        return Queue("mine", "Mine", mine)
    if slug == "unclaimed":
        return Queue("unclaimed", "Unclaimed", free(now))
    if slug == "open":
        return Queue("open", "All open", Q())
    if slug == "held":
        return Queue("held", "Held by the platform", ~Q(held_why=""))
    kind, _, name = slug.partition("-")
    if kind == "category" and name in Category.values:
        return _of_category(name)
    if kind == "account" and name.isdecimal() and len(name) < 10 and int(name) in scope(viewer):
        return _of_account(OfficialAccount.objects.get(pk=int(name)))
    raise NotFound("There is no such queue, or it is not one that you may see.")


def _of_category(slug: str, highest: int | None = None) -> Queue:
    """highest: the most urgent priority in it now, which is the mark that it bears."""
    category = Category(slug)
    risk = highest if highest is not None and highest <= Priority.HIGH else None
    return Queue(f"category-{slug}", category.label, Q(category=slug), risk)


def _of_account(account: OfficialAccount) -> Queue:
    return Queue(f"account-{account.pk}", account.name, Q(official_account=account))


def open_comments(viewer: StaffMember, ids: Sequence[int] | None = None) -> QuerySet[Comment]:
    """Everything open that the viewer may see: the predicate of every queue and every count."""
    return Comment.objects.filter(
        state=Comment.State.OPEN, official_account_id__in=scope(viewer) if ids is None else ids
    )


def queues(viewer: StaffMember) -> Queues:
    """Every queue with its count, from the predicate of its list; counting stops at 1,000."""
    ids = scope(viewer)
    main = [
        _counted(open_comments(viewer, ids), queue(viewer, slug))
        for slug in ("now", "mine", "unclaimed", "open", "held")
    ]
    looked_at = open_comments(viewer, ids).order_by(*ORDER)[: GROUPS_FROM + 1]
    groups = list(
        Comment.objects.filter(pk__in=looked_at.values("pk"))
        .values_list("category", "official_account_id")
        .annotate(n=Count("pk"), highest=Min("priority"))
    )
    capped = sum(n for *_, n, _ in groups) > GROUPS_FROM
    by_category: dict[str, int] = {}
    highest: dict[str, int] = {}
    by_account: dict[int, int] = dict.fromkeys(ids, 0)
    for category, account, n, priority in groups:
        by_category[category] = by_category.get(category, 0) + n
        highest[category] = min(priority, highest.get(category, priority))
        by_account[account] = by_account.get(account, 0) + n
    categories = [
        _group(_of_category(c, highest[c]), by_category[c], capped)
        for c in Category.values
        if c in by_category
    ]
    seen = list(OfficialAccount.objects.filter(pk__in=ids).order_by("name", "id"))
    accounts = [_group(_of_account(account), by_account[account.pk], capped) for account in seen]
    answered = authority_of(viewer).account_ids(Power.REPLY)
    by_hand = [account for account in seen if account.by_hand and account.pk in answered]
    risks = sorted((c for c in categories if c.queue.risk), key=lambda c: c.queue.risk or 9)
    others = [c for c in categories if not c.queue.risk]
    return Queues(main, risks, others, accounts, by_hand)


def _counted(comments: QuerySet[Comment], chosen: Queue) -> Counted:
    n = comments.filter(chosen.where)[: COUNT_TO + 1].count()
    return Counted(chosen, min(n, COUNT_TO), n > COUNT_TO)


def _group(chosen: Queue, n: int, capped: bool) -> Counted:
    return Counted(chosen, min(n, COUNT_TO), capped or n > COUNT_TO)


def page(viewer: StaffMember, chosen: Queue, after: str = "") -> ListPage:
    """One page of a queue, most urgent first. A comment that arrives meanwhile moves no later page.

    after: where the page before it ended; one that cannot be read starts from the top.
    """
    start = _position(after)
    comments = _for_list(open_comments(viewer).filter(chosen.where))
    if start is not None:
        comments = comments.filter(_beyond(*start))
    found = list(comments.order_by(*ORDER)[: PAGE + 1])
    rows = [_row(viewer, comment) for comment in found[:PAGE]]
    next_after = _mark(found[PAGE - 1]) if len(found) > PAGE else ""
    return ListPage(chosen, rows, after if start is not None else "", next_after)


def newest(
    viewer: StaffMember, *, state: str, account_id: int | None = None, before: int | None = None
) -> list[Comment]:
    """PAGE comments in that state and one more, the latest taken in first: for lists by state alone."""
    ids = scope(viewer)
    if account_id is not None:
        ids = [pk for pk in ids if pk == account_id]
    found = Comment.objects.filter(official_account_id__in=ids, state=state).select_related(
        "official_account", "commenter", "claimed_by"
    )
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: PAGE + 1])


def several(viewer: StaffMember, ids: Sequence[int]) -> list[Comment]:
    """These comments with their surroundings, in that order, as far as the viewer may see them."""
    found = (
        Comment.objects.filter(pk__in=ids, official_account_id__in=scope(viewer))
        .select_related("official_account", "commenter", "claimed_by")
        .in_bulk()
    )
    return [found[pk] for pk in ids if pk in found]


def rows_again(viewer: StaffMember, chosen: Queue, ids: Sequence[int]) -> list[Row]:
    """The same rows as before, in the same order, as they stand now; what left the queue says why."""
    found = _for_list(Comment.objects.filter(pk__in=ids, official_account_id__in=scope(viewer))).in_bulk()
    still = set(open_comments(viewer).filter(chosen.where, pk__in=ids).values_list("pk", flat=True))
    outcome: dict[int, Decision] = {}
    left = [pk for pk, comment in found.items() if comment.state == Comment.State.DECIDED]
    for decision in Decision.objects.filter(comment_id__in=left).exclude(kind=Decision.Kind.RETRIAGE):
        outcome[decision.comment_id] = decision
    return [
        _row(viewer, found[pk], done="" if pk in still else _gone(viewer, found[pk], outcome.get(pk)))
        for pk in ids
        if pk in found
    ]


def _gone(viewer: StaffMember, comment: Comment, decision: Decision | None) -> str:
    if comment.state == Comment.State.DECIDED:
        if decision is None:
            return "Decided"
        who = "you" if decision.by_id == viewer.pk else decision.by_name
        return f"{decision.get_kind_display()} by {who}"
    colleague = holder(comment)
    if colleague is not None and colleague.pk != viewer.pk:
        return f"{colleague.called} has it"
    return "No longer in this queue"


@dataclass(frozen=True)
class Waiting:
    """Comments that came since the list was shown and belong on it or above it."""

    count: int
    more: bool
    immediate: int


def waiting_above(
    viewer: StaffMember, chosen: Queue, ids: Sequence[int], end: str, start: str = ""
) -> Waiting:
    """How many would stand between the list's first and last place and are not on the screen."""
    comments = open_comments(viewer).filter(chosen.where).exclude(pk__in=ids)
    first, last = _position(start), _position(end)
    if first is not None:
        comments = comments.filter(_beyond(*first))
    if last is not None:
        comments = comments.exclude(_beyond(*last))
    priorities = list(comments.order_by("priority").values_list("priority", flat=True)[: COUNT_TO + 1])
    return Waiting(
        min(len(priorities), COUNT_TO), len(priorities) > COUNT_TO, priorities.count(Priority.IMMEDIATE)
    )


def version(rows: Iterable[Row], counts: Queues, waiting: Waiting) -> str:
    """A short hash of what a list shows. The clocks on it run by themselves; that one is over counts."""
    parts = [f"{waiting.count}/{waiting.immediate}"]
    for row in rows:
        comment = row.comment
        parts.append(
            f"{comment.pk}:{comment.revision_number}:{comment.state}:{comment.priority}:{comment.category}:"
            f"{row.holder.pk if row.holder else ''}:{comment.removal}:{bool(comment.hidden_at)}:{comment.held_why}:"
            f"{row.overdue}:{row.done}"
        )
    for counted in (*counts.main, *counts.risks, *counts.others, *counts.accounts):
        parts.append(f"{counted.queue.slug}={counted.count}{'+' if counted.more else ''}{counted.queue.risk}")
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _for_list(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    return (
        comments.select_related("official_account", "claimed_by")
        .defer("text")
        .annotate(opening=Left("text", 2 * FIRST_LINE))
    )


def _row(viewer: StaffMember, comment: Comment, done: str = "") -> Row:
    lines = [line.strip() for line in getattr(comment, "opening", comment.text).splitlines() if line.strip()]
    first = lines[0] if lines else ""
    if len(first) > FIRST_LINE:
        first = first[:FIRST_LINE].rstrip() + "…"
    has_it = holder(comment)
    return Row(
        comment=comment,
        first_line=first,
        why=_why_here(comment),
        holder=has_it,
        mine=has_it is not None and has_it.pk == viewer.pk,
        overdue=comment.answer_by is not None and comment.answer_by <= clock.now(),
        done=done,
    )


def _why_here(comment: Comment) -> str:
    if comment.triage_broken:
        return "Triage could not read this one: a person must"
    if comment.findings:
        return str(comment.findings[0].get("sentence", ""))
    return comment.get_category_display() if comment.category != Category.NONE else ""


def _mark(comment: Comment) -> str:
    """The place of a comment in a queue, as it stands in addresses."""
    micros = int((comment.received_at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    return base64.urlsafe_b64encode(f"{comment.priority}.{micros}.{comment.pk}".encode()).decode().rstrip("=")


def end_of(rows: Sequence[Row]) -> str:
    """Where a page ends, for waiting_above; empty for an empty page."""
    return _mark(rows[-1].comment) if rows else ""


def _position(mark: str) -> tuple[int, datetime, int] | None:
    if not mark or len(mark) > 100:
        return None
    try:
        text = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode("ascii")
        priority, micros, pk = (int(part) for part in text.split("."))
        received = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except (ValueError, OverflowError, binascii.Error):
        return None
    return (priority, received, pk) if 0 <= priority <= 9 and 0 <= pk < 2**63 else None


def _beyond(priority: int, received: datetime, pk: int) -> Q:
    return Q(priority__gt=priority) | (
        Q(priority=priority) & (Q(received_at__gt=received) | Q(received_at=received, pk__gt=pk))
    )


# One comment


def holder(comment: Comment) -> StaffMember | None:
    """Who has the comment now; a lease that ran out is nobody's."""
    if comment.claimed_by_id is None or comment.claimed_until is None:
        return None
    return comment.claimed_by if comment.claimed_until > clock.now() else None


def claims_of_leavers() -> list[Comment]:
    """Comments in the hands of people who have left, the most urgent first."""
    return list(Comment.objects.filter(claimed_by__active=False).order_by(*ORDER)[:200])


def supervises(person: StaffMember, official_account_id: int | None = None) -> bool:
    """Whether the person is a desk supervisor now: for this official account, or for any where none is named."""
    supervisors = people_with(role=Role.DESK_SUPERVISOR, official_account_id=official_account_id)
    return any(supervisor.pk == person.pk for supervisor in supervisors)


def comment(viewer: StaffMember, pk: int) -> Comment:
    """One comment with its surroundings. Raises NotFound where it is not one that the viewer may see."""
    found = (
        Comment.objects.filter(official_account_id__in=scope(viewer))
        .select_related("official_account", "conversation", "commenter", "claimed_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("There is no such comment, or it is not one that you may see.")
    return found


def address(comment: Comment) -> str:
    """Where staff read and answer it."""
    return reverse("moderation:conversation", args=[comment.pk])


def platform_name(comment: Comment) -> str:
    return registry.NAMES.get(comment.platform, comment.platform)


def _connector(comment: Comment) -> Connector:
    # Only measures and says what the platform can do: it needs no secret and asks nothing.
    return registry.connect(
        comment.platform, Login(base_url="", handle=comment.official_account.handle, secret="")
    )


def reply_length(comment: Comment, text: str) -> tuple[int, int]:
    """How long the platform says a reply is, and how long it may be."""
    connector = _connector(comment)
    return connector.length(text), longest_reply(comment)


def longest_reply(comment: Comment) -> int:
    """How long a reply may be there, for the very official account where they differ."""
    link = PlatformLink.objects.filter(official_account=comment.official_account_id).only("limits").first()
    return (limits_of(link) or registry.connector_class(comment.platform).limits).reply_length


def why_not(comment: Comment, capability: Capability) -> str:
    """Why the platform cannot do it and what staff can do instead; empty where it can."""
    kind = registry.connector_class(comment.platform)
    if capability in kind.capabilities:
        return ""
    return kind.why_not.get(capability, f"{platform_name(comment)} offers no way to do this from here.")


def under_way(comment: Comment) -> list[Decision]:
    """Decisions whose delivery has neither arrived nor been refused yet."""
    return list(
        Decision.objects.select_related("delivery")
        .filter(comment=comment, outcome_noted=False)
        .exclude(delivery__state__in=SETTLED)
        .order_by("id")
    )


def hidden_by_us(comment: Comment) -> bool:
    """Whether the last that we had done about its being seen was to hide it, as far as we know or must expect."""
    last = (
        Delivery.objects.filter(
            official_account_id=comment.official_account_id,
            kind__in=[Delivery.Kind.HIDE, Delivery.Kind.UNHIDE],
            target_external_id=comment.external_id,
        )
        .exclude(state__in=[Delivery.State.SCHEDULED, Delivery.State.REJECTED, Delivery.State.WITHDRAWN])
        .order_by("-id")
        .values_list("kind", flat=True)
        .first()
    )
    return last == Delivery.Kind.HIDE


def unseen_in_thread(account: OfficialAccount, root: str, seen: set[str], since: datetime) -> list[str]:
    """Public comments since then that we hold under a post and that its thread, read whole, no longer shows."""
    held = Comment.objects.filter(
        conversation__official_account=account,
        conversation__root_external_id=root,
        private=False,
        removed_at=None,
        posted_at__gte=since,
    )
    ids = held.order_by("-posted_at").values_list("external_id", flat=True)
    return [one for one in ids if one not in seen]


def hide_under_way(comment: Comment) -> Decision | None:
    return next((d for d in under_way(comment) if d.kind == Decision.Kind.HIDE), None)


def standing_decision(comment: Comment) -> Decision | None:
    """The decision that closed the comment last."""
    kinds = [Decision.Kind.REPLY, Decision.Kind.HIDE, Decision.Kind.NO_ACTION, Decision.Kind.ESCALATE]
    return Decision.objects.filter(comment=comment, kind__in=kinds).order_by("at", "id").last()


def is_escalated(comment: Comment) -> bool:
    """Whether a person escalated it and nobody has reopened it since."""
    escalated = False
    for kind in Decision.objects.filter(comment=comment).order_by("at", "id").values_list("kind", flat=True):
        if kind == Decision.Kind.ESCALATE:
            escalated = True
        elif kind in (Decision.Kind.REOPEN, Decision.Kind.UNHIDE):
            escalated = False
    return escalated


def clauses() -> QuerySet[Clause]:
    """The published guidelines: the only reasons for which a comment is hidden. Public."""
    return Clause.objects.filter(published=True)


# A conversation

BEFORE = 6
AFTER = 12
ANCESTORS = 8
EARLIER = 5
REVISIONS = 10
SHOWN_AT_FIRST = 1500
COMPARED = 4000


@dataclass(frozen=True)
class Said:
    """One contribution to a thread."""

    comment: Comment
    depth: int
    focus: bool
    author: str
    answers: str
    notes: list[Note]
    came: list[Came] = field(default_factory=list)
    """Pictures and videos that came with it."""
    native: bool = False
    """Ours, and written on the platform itself."""

    @property
    def is_long(self) -> bool:
        """Whether only the opening is shown until the rest is asked for."""
        return len(self.comment.text) > SHOWN_AT_FIRST

    @property
    def opening(self) -> str:
        text = self.comment.text
        return text[:SHOWN_AT_FIRST].rstrip() + "…" if self.is_long else text


@dataclass(frozen=True)
class Offers:
    """What the viewer may do with the comment now; a missing capability carries its sentence."""

    claim: bool
    release: bool
    take_over: bool
    reply: bool
    hide: bool
    unhide: bool
    no_action: bool
    escalate: bool
    sort: bool
    note: bool
    reopen: bool
    why_not_hide: str = ""
    why_not_reply: str = ""


@dataclass(frozen=True)
class Talk:
    """Everything that the conversation page shows about one comment."""

    comment: Comment
    platform: str
    holder: StaffMember | None
    mine: bool
    thread: list[Said]
    left_out: int
    revisions: Sequence[tuple[Revision, str]]
    """The latest revisions, each with the words before it, both cut to what can be compared at a glance."""
    decisions: list[Decision]
    earlier: list[Comment]
    earlier_count: int
    earlier_more: bool
    draft: ReplyDraft | None
    offers: Offers
    escalated: bool
    standing: Decision | None
    can_undo: str
    longest_reply: int
    clauses: list[Clause]
    post_url: str
    comment_url: str
    native_top: bool = False
    """Whether our post at the top was written on the platform itself."""

    @property
    def can_seal(self) -> bool:
        """Whether something came with the comment in focus that is under no seal yet."""
        return any(not came.sealed for said in self.thread if said.focus for came in said.came)

    @property
    def shown_ids(self) -> set[int]:
        return {said.comment.pk for said in self.thread} | {c.pk for c in self.earlier} | {self.comment.pk}


def talk(viewer: StaffMember, pk: int) -> Talk:
    """One conversation around one comment. Raises NotFound where the viewer may not see it."""
    focus = comment(viewer, pk)
    has_it = holder(focus)
    mine = has_it is not None and has_it.pk == viewer.pk
    thread, left_out = _thread(focus)
    decisions = list(focus.decisions.select_related("delivery", "clause", "by").order_by("at", "id"))
    escalated = focus.state == Comment.State.DECIDED and is_escalated(focus)
    earlier, earlier_count, earlier_more = _earlier(viewer, focus)
    revisions = list(
        focus.revisions.defer("text")
        .annotate(words=Left("text", COMPARED))
        .order_by("-number")[: REVISIONS + 1]
    )
    compared = [(new, old.words) for new, old in pairwise(revisions)]
    standing = standing_decision(focus) if focus.state == Comment.State.DECIDED else None
    offers = _offers(viewer, focus, has_it, escalated)
    return Talk(
        comment=focus,
        platform=platform_name(focus),
        holder=has_it,
        mine=mine,
        thread=thread,
        left_out=left_out,
        revisions=compared,
        decisions=decisions,
        earlier=earlier,
        earlier_count=earlier_count,
        earlier_more=earlier_more,
        draft=ReplyDraft.objects.filter(comment=focus, by=viewer).first(),
        offers=offers,
        escalated=escalated or bool(focus.needs_case),
        standing=standing,
        can_undo=_undo(viewer, standing, offers),
        longest_reply=longest_reply(focus),
        clauses=list(clauses()),
        post_url=_safe(focus.conversation.root_url),
        comment_url=_safe(focus.url),
        native_top=bool(made_natively(focus.official_account_id, [focus.conversation.root_external_id])),
    )


def news(viewer: StaffMember, pk: int) -> str:
    """A short mark of how a comment stands; it moves when colleagues or its author change something.

    Raises NotFound where the viewer may not see it.
    """
    focus = comment(viewer, pk)
    has_it = holder(focus)
    last_decision = focus.decisions.order_by("-id").values_list("id", flat=True).first()
    last_note = focus.notes.order_by("-id").values_list("id", flat=True).first()
    came = [f"{one.attachment.state}{int(one.sealed)}" for one in with_comments([focus.pk]).get(focus.pk, [])]
    answers = Comment.objects.filter(
        conversation_id=focus.conversation_id, parent_external_id=focus.external_id
    )[: AFTER + 1].count()
    return (
        f"{focus.revision_number}.{focus.state}.{last_decision or 0}.{last_note or 0}.{answers}."
        f"{has_it.pk if has_it else 0}.{focus.removal or 0}.{int(bool(focus.hidden_at))}{int(bool(focus.held_why))}.{''.join(came)}"
    )


def _safe(url: str) -> str:
    """An address that a platform gave us, if a browser may follow it; "javascript:" and its like are none."""
    return url if url.startswith(("https://", "http://")) else ""


def _undo(viewer: StaffMember, standing: Decision | None, offers: Offers) -> str:
    """The event that takes one's own last decision back: "unhide", "reopen", or nothing."""
    if standing is None or standing.by_id != viewer.pk:
        return ""
    if standing.kind == Decision.Kind.HIDE:
        return "unhide" if offers.unhide else ""
    return "reopen" if offers.reopen else ""


def _offers(viewer: StaffMember, focus: Comment, has_it: StaffMember | None, escalated: bool) -> Offers:
    authority = authority_of(viewer)

    def may(power: str) -> bool:
        return authority.holds(power, focus.official_account_id)

    mine = has_it is not None and has_it.pk == viewer.pk
    elsewhere = has_it is not None and not mine
    work = may(Power.WORK_COMMENTS)
    is_open = focus.state == Comment.State.OPEN
    deciding = (is_open or escalated) and not elsewhere
    gone = focus.removed_at is not None
    no_hide = "" if focus.private else why_not(focus, Capability.HIDE)
    no_reply = why_not(focus, Capability.REPLY)
    if not no_reply and focus.private:
        no_reply = why_not(focus, Capability.PRIVATE_MESSAGES)
    hide_sent = hide_under_way(focus) is not None
    hidden = focus.hidden_at is not None or hide_sent
    hidden_by_decision = hide_sent or (hidden and not focus.held_why)
    return Offers(
        claim=work and is_open and has_it is None,
        release=work and mine,
        take_over=elsewhere and is_open and supervises(viewer, focus.official_account_id),
        reply=may(Power.REPLY) and deciding and not gone and not no_reply,
        hide=may(Power.HIDE_COMMENTS)
        and deciding
        and not (gone or hidden_by_decision or focus.private or no_hide),
        unhide=may(Power.HIDE_COMMENTS) and hidden and not elsewhere,
        no_action=work and is_open and not elsewhere,
        escalate=may(Power.ESCALATE) and is_open and not elsewhere,
        sort=work and is_open and not elsewhere,
        note=work,
        reopen=work and not elsewhere and DESK.allows(focus.state, "reopen"),
        why_not_hide=no_hide if may(Power.HIDE_COMMENTS) and deciding else "",
        why_not_reply=no_reply if may(Power.REPLY) and deciding else "",
    )


def _thread(focus: Comment) -> tuple[list[Said], int]:
    """The comment in focus with what it answers, what stands around it and what answers it."""
    inside = (
        Comment.objects.filter(conversation_id=focus.conversation_id)
        .select_related("commenter", "official_account")
        .exclude(pk=focus.pk)
    )
    chosen: dict[int, Comment] = {focus.pk: focus}
    parent = focus.parent_external_id
    for _ in range(ANCESTORS):
        if not parent:
            break
        above = inside.filter(external_id=parent).first()
        if above is None or above.pk in chosen:
            break
        chosen[above.pk] = above
        parent = above.parent_external_id
    earlier = Q(posted_at__lt=focus.posted_at) | Q(posted_at=focus.posted_at, pk__lt=focus.pk)
    answers = inside.filter(parent_external_id=focus.external_id).order_by("posted_at", "id")[:AFTER]
    for near in (
        answers,
        inside.filter(earlier).order_by("-posted_at", "-id")[:BEFORE],
        inside.exclude(earlier).order_by("posted_at", "id")[: AFTER // 2],
    ):
        chosen.update({said.pk: said for said in near})
    left_out = max(0, inside[: COUNT_TO + 1].count() + 1 - len(chosen))
    notes: dict[int, list[Note]] = {}
    for note in Note.objects.filter(comment_id__in=list(chosen)).select_related("by"):
        notes.setdefault(note.comment_id, []).append(note)
    came = with_comments(chosen)
    natively = made_natively(
        focus.official_account_id,
        [said.external_id for said in chosen.values() if said.state == Comment.State.OURS],
    )
    by_external = {said.external_id: said for said in chosen.values()}
    return [
        Said(
            comment=said,
            depth=_depth(said, by_external),
            focus=said.pk == focus.pk,
            author=_author(said),
            answers=_author(by_external[said.parent_external_id])
            if said.parent_external_id in by_external
            else "",
            notes=notes.get(said.pk, []),
            came=came.get(said.pk, []),
            native=said.external_id in natively,
        )
        for said in sorted(chosen.values(), key=lambda s: (s.posted_at, s.pk))
    ], left_out


def _depth(said: Comment, by_external: dict[str, Comment]) -> int:
    depth, seen = 0, {said.external_id}
    above = by_external.get(said.parent_external_id)
    while above is not None and above.external_id not in seen and depth < 2:
        depth += 1
        seen.add(above.external_id)
        above = by_external.get(above.parent_external_id)
    return depth


def _author(said: Comment) -> str:
    return said.official_account.name if said.state == Comment.State.OURS else str(said.commenter)


def _earlier(viewer: StaffMember, focus: Comment) -> tuple[list[Comment], int, bool]:
    """What the same commenter wrote to us before, elsewhere than in this thread, as far as it is in scope."""
    others = (
        Comment.objects.filter(commenter_id=focus.commenter_id, official_account_id__in=scope(viewer))
        .exclude(conversation_id=focus.conversation_id)
        .filter(posted_at__lte=focus.posted_at)
    )
    n = others[: COUNT_TO + 1].count()
    newest = _for_list(others).order_by("-posted_at", "-id")[:EARLIER]
    return list(newest), min(n, COUNT_TO), n > COUNT_TO


def outcomes_due(limit: int = 200) -> list[Decision]:
    """Decisions whose delivery has arrived, was refused or was withdrawn, and that do not show it yet."""
    return list(
        Decision.objects.filter(outcome_noted=False, delivery__state__in=SETTLED).order_by("id")[:limit]
    )


def waiting_for(viewer: StaffMember) -> models.QuerySet[Comment]:
    """What needs this person now, for their home page: the rows of the first queue, most urgent first."""
    return _for_list(open_comments(viewer).filter(queue(viewer, "now").where)).order_by(*ORDER)


def account_to_answer_on(viewer: StaffMember, pk: int) -> OfficialAccount:
    """An official account on which the viewer may answer. Raises NotFound."""
    account = OfficialAccount.objects.filter(
        pk=pk, pk__in=authority_of(viewer).account_ids(Power.REPLY)
    ).first()
    if account is None:
        raise NotFound("There is no such official account, or you do not answer on it.")
    return account
