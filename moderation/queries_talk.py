"""Reading a conversation: a comment in focus among what stands around it, and what the viewer may do with it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import Q
from django.db.models.functions import Left

from accounts.queries import authority_of
from moderation import private_messages, queries
from moderation.attachments import Came, with_comments
from moderation.models import Clause, Comment, Decision, Label, Note, ReplyDraft, Revision
from moderation.native import made_natively
from moderation.workflow import DESK
from platforms.contract import Capability
from staff.models import StaffMember
from staff.roles import Power

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
    skip: bool = False
    """Pass it over: it is not offered to the viewer again."""
    elsewhere: bool = False
    hand_over: bool = False
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
    answer: Label | None
    """The viewer's answer to triage, where it is the last thing done and can be taken back."""
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
    focus = queries.comment(viewer, pk)
    has_it = queries.holder(focus)
    mine = has_it is not None and has_it.pk == viewer.pk
    thread, left_out = _thread(focus)
    decisions = list(focus.decisions.select_related("delivery", "clause", "by").order_by("at", "id"))
    escalated = focus.state == Comment.State.DECIDED and queries.is_escalated(focus)
    earlier, earlier_count, earlier_more = _earlier(viewer, focus)
    revisions = list(
        focus.revisions.defer("text")
        .annotate(words=Left("text", COMPARED))
        .order_by("-number")[: REVISIONS + 1]
    )
    compared = [(new, old.words) for new, old in pairwise(revisions)]
    standing = queries.standing_decision(focus) if focus.state == Comment.State.DECIDED else None
    offers = _offers(viewer, focus, has_it, escalated)
    return Talk(
        comment=focus,
        platform=queries.platform_name(focus),
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
        answer=_answer(viewer, focus, decisions) if offers.sort else None,
        longest_reply=queries.longest_reply(focus),
        clauses=list(queries.clauses()),
        post_url=_safe(focus.conversation.root_url),
        comment_url=_safe(focus.url),
        native_top=bool(made_natively(focus.official_account_id, [focus.conversation.root_external_id])),
    )


def news(viewer: StaffMember, pk: int) -> str:
    """A short mark of how a comment stands; it moves when colleagues or its author change something.

    Raises NotFound where the viewer may not see it.
    """
    focus = queries.comment(viewer, pk)
    has_it = queries.holder(focus)
    last_decision = focus.decisions.order_by("-id").values_list("id", flat=True).first()
    last_note = focus.notes.order_by("-id").values_list("id", flat=True).first()
    came = [f"{one.attachment.state}{int(one.sealed)}" for one in with_comments([focus.pk]).get(focus.pk, [])]
    answers = Comment.objects.filter(
        conversation_id=focus.conversation_id, parent_external_id=focus.external_id
    )[: AFTER + 1].count()
    last_thrive = focus.thrive.order_by("-id").values_list("id", flat=True).first()
    asked = focus.reply_requests.filter(state="asked").values_list("id", flat=True).first()
    return (
        f"{focus.revision_number}.{focus.state}.{last_decision or 0}.{last_note or 0}.{answers}.{last_thrive or 0}.{asked or 0}."
        f"{has_it.pk if has_it else 0}.{focus.removal or 0}.{int(bool(focus.hidden_at))}{int(bool(focus.held_why))}.{''.join(came)}"
    )


def _safe(url: str) -> str:
    """An address that a platform gave us, if a browser may follow it; "javascript:" and its like are none."""
    return url if url.startswith(("https://", "http://")) else ""


def own_last_answer(person: StaffMember, comment: Comment) -> Label | None:
    """The person's answer to triage that the comment stands by: it can be taken back. None where there is none."""
    last = Label.objects.filter(comment_id=comment.pk).first()
    if last is None or last.by_id != person.pk:
        return None
    answer = (last.category, last.priority)
    stands = answer == (comment.category, comment.priority)
    return last if stands and answer != (last.was_category, last.was_priority) else None


def _answer(viewer: StaffMember, focus: Comment, decisions: list[Decision]) -> Label | None:
    last = decisions[-1] if decisions else None
    if last is None or last.kind != Decision.Kind.RETRIAGE or last.by_id != viewer.pk:
        return None
    return own_last_answer(viewer, focus)


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
    near = not work and queries.answers_for_place(viewer, Power.WORK_COMMENTS, focus)
    is_open = focus.state == Comment.State.OPEN
    deciding = (is_open or escalated) and not elsewhere
    answering = (is_open or escalated) and (not elsewhere or focus.at_risk)
    gone = focus.removed_at is not None
    no_hide = "" if focus.private else queries.why_not(focus, Capability.HIDE)
    no_reply = queries.why_not(focus, Capability.REPLY)
    if not no_reply and focus.private:
        no_reply = queries.why_not(focus, Capability.PRIVATE_MESSAGES) or private_messages.why_closed(focus)
    hide_sent = queries.hide_under_way(focus) is not None
    hidden = focus.hidden_at is not None or hide_sent
    hidden_by_decision = hide_sent or (hidden and not focus.held_why)
    return Offers(
        claim=work and is_open and has_it is None,
        release=work and mine,
        take_over=elsewhere and is_open and queries.supervises(viewer, focus.official_account_id),
        skip=work and is_open and not elsewhere,
        reply=may(Power.REPLY) and answering and not gone and not no_reply,
        hide=may(Power.HIDE_COMMENTS)
        and deciding
        and not (gone or hidden_by_decision or focus.private or no_hide),
        unhide=may(Power.HIDE_COMMENTS) and hidden and not elsewhere,
        no_action=work and is_open and not elsewhere,
        escalate=(may(Power.ESCALATE) or near) and is_open,
        sort=work and is_open and not elsewhere,
        note=work or near,
        reopen=work and not elsewhere and DESK.allows(focus.state, "reopen"),
        elsewhere=work and is_open and not elsewhere,
        hand_over=work and is_open and not elsewhere,
        why_not_hide=no_hide if may(Power.HIDE_COMMENTS) and deciding else "",
        why_not_reply=no_reply if may(Power.REPLY) and answering else "",
    )


def _thread(focus: Comment) -> tuple[list[Said], int]:
    """The comment in focus with what it answers, what stands around it and what answers it."""
    inside = (
        Comment.objects.filter(queries.UNRESTRICTED, conversation_id=focus.conversation_id)
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
    left_out = max(0, inside[: queries.COUNT_TO + 1].count() + 1 - len(chosen))
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
        Comment.objects.filter(
            queries.UNRESTRICTED,
            commenter_id=focus.commenter_id,
            official_account_id__in=queries.scope(viewer),
        )
        .exclude(conversation_id=focus.conversation_id)
        .filter(posted_at__lte=focus.posted_at)
    )
    n = others[: queries.COUNT_TO + 1].count()
    newest = queries.for_list(others).order_by("-posted_at", "-id")[:EARLIER]
    return list(newest), min(n, queries.COUNT_TO), n > queries.COUNT_TO
