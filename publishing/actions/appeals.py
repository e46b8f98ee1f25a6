"""A public appeal from its first draft to the moment at which the last of it is seen to be gone.

Its posts are written, checked and approved like all others; what stands here decides when they may be asked for,
who answers for them, and that nothing of it outlives its purpose.
Source: College of Policing APP, Engagement and communication, social media ("how relevant content, such as public
appeals, will be removed or archived in a timely way") and images and footage.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date

from accounts.models import OfficialAccount
from accounts.queries import people_with, require
from core import clock
from core.acting import action
from core.errors import ChangedSinceSeen, NotFound, NotValid, TransitionNotAllowed
from core.typed import reason
from media.models import File
from publishing import queries_appeals
from publishing.actions import judging, posts
from publishing.actions.appeal_course import go_live, keep_back, note_change
from publishing.appeal_facts import Facts, checked, facts_of, must_be_agreed, picture_day, review_day
from publishing.models import Appeal, AppealAccount, AppealPicture, AppealPost, Declaration, Post
from publishing.workflow import APPEAL
from staff.models import StaffMember
from staff.roles import Power

MOST_PICTURES = 4
DECLARED: dict[str, str] = {
    Appeal.Kind.MISSING: Declaration.Kind.MISSING,
    Appeal.Kind.WANTED: Declaration.Kind.WANTED,
    Appeal.Kind.WITNESS: Declaration.Kind.WITNESS,
    Appeal.Kind.IDENTIFY: Declaration.Kind.IDENTIFY,
    Appeal.Kind.PROPERTY: Declaration.Kind.WITNESS,
}
"""As what the posts of an appeal are checked."""


@action
def open_appeal(
    *, actor: StaffMember, kind: str, facts: Facts, account_ids: Iterable[int], owner: StaffMember
) -> Appeal:
    """An appeal is there, with whose it is and when it is looked at again. Nothing of it goes out yet.

    Raises NotPermitted, NotValid (the field is named). Audits appeal.opened.
    """
    ids = _allowed(actor, account_ids)
    if kind not in Appeal.Kind.values:
        raise NotValid("Choose what the public is asked about.", field="kind")
    kept = checked(kind, facts)
    appeal = Appeal.objects.create(
        key=secrets.token_hex(8),
        kind=kind,
        owner=_owner(owner, ids),
        made_by=actor,
        made_at=clock.now(),
        **asdict(kept),
    )
    _set_accounts(appeal, ids)
    note_change(appeal, actor=actor, event="opened", audited="appeal.opened")
    return appeal


@action
def change_appeal(
    *,
    actor: StaffMember,
    appeal: Appeal,
    version_seen: int,
    facts: Facts,
    account_ids: Iterable[int],
    owner: StaffMember,
) -> Appeal:
    """What is written down of an appeal is another. Its kind, and what went out already, stay.

    Raises NotPermitted, NotValid, ChangedSinceSeen, TransitionNotAllowed (closed; consent taken away while it is
    live: close it; an official account left out on which it stands). Audits appeal.changed.
    """
    appeal = _locked(actor, appeal)
    _same_version(appeal, version_seen)
    appeal.state = APPEAL.next(appeal.state, "edit")
    ids = _allowed(actor, account_ids)
    asked_for = appeal.state != Appeal.State.DRAFT or AppealPost.objects.filter(appeal=appeal).exists()
    kept = checked(appeal.kind, facts, live=asked_for)
    gone = set(queries_appeals.account_ids_of(appeal)) - set(ids)
    if queries_appeals.standing(appeal).filter(official_account_id__in=gone).exists():
        raise TransitionNotAllowed(
            "It stands on an official account that you left out. Take its post down there first."
        )
    for name, value in asdict(kept).items():
        setattr(appeal, name, value)
    appeal.owner = _owner(owner, ids)
    appeal.version += 1
    appeal.save()
    _set_accounts(appeal, ids)
    note_change(appeal, actor=actor, event="changed", audited="appeal.changed")
    return appeal


@action
def add_picture(
    *, actor: StaffMember, appeal: Appeal, file: File, alt_text: str, down_on: date | None
) -> AppealPicture:
    """A picture for its posts, with the day on which it is gone at the latest.

    Raises NotPermitted, NotValid (no words for it, no day or one too far), TransitionNotAllowed.
    Audits appeal.picture_added.
    """
    appeal = _locked(actor, appeal)
    APPEAL.next(appeal.state, "edit")
    alt_text = alt_text.strip()
    if not alt_text or len(alt_text) > 1000:
        raise NotValid(
            "Describe the picture for people who cannot see it, in up to 1,000 characters.", field="alt_text"
        )
    if file.kind != File.Kind.COPY:
        raise NotValid("This file cannot be shown.", field="picture")
    if queries_appeals.pictures(appeal).count() >= MOST_PICTURES:
        raise NotValid(
            f"An appeal holds at most {MOST_PICTURES} pictures. Remove one first.", field="picture"
        )
    down_on = picture_day(down_on, appeal.kind)
    picture = AppealPicture.objects.create(
        appeal=appeal, file=file, alt_text=alt_text, down_on=down_on, added_by=actor, added_at=clock.now()
    )
    note_change(
        appeal,
        actor=actor,
        event="picture added",
        audited="appeal.picture_added",
        why=f"Down on {down_on:%-d %B %Y}",
    )
    return picture


@action
def remove_picture(*, actor: StaffMember, appeal: Appeal, picture_id: int) -> Appeal:
    """The picture is in no further post of the appeal; posts that have it keep it until they come down.

    Raises NotPermitted, NotFound, TransitionNotAllowed. Audits appeal.picture_removed.
    """
    appeal = _locked(actor, appeal)
    APPEAL.next(appeal.state, "edit")
    picture = queries_appeals.pictures(appeal).filter(pk=picture_id).first()
    if picture is None:
        raise NotFound("This picture is not with the appeal any more.")
    picture.removed_at = clock.now()
    picture.save(update_fields=["removed_at"])
    note_change(appeal, actor=actor, event="picture removed", audited="appeal.picture_removed")
    return appeal


@action
def write_post(*, actor: StaffMember, appeal: Appeal, words: str) -> Post:
    """A draft for every official account of the appeal, with its pictures and what is known for the checks filled in.

    It is finished in compose, checked and approved like every post. Raises NotPermitted, NotValid (no words; consent
    or a risk to life is not recorded), TransitionNotAllowed (closed). Audits post.drafted and appeal.post_written.
    """
    appeal = _locked(actor, appeal)
    APPEAL.next(appeal.state, "edit")
    must_be_agreed(appeal.kind, facts_of(appeal))
    if not words.strip():
        raise NotValid("Write what the public should read.", field="words")
    post = posts.draft_post(
        actor=actor,
        account_ids=queries_appeals.account_ids_of(appeal),
        words=words,
        title=f"{appeal.reference}: {appeal.title}"[:120],
    )
    pictures = list(queries_appeals.pictures(appeal).select_related("file"))
    for picture in pictures:
        posts.add_picture(
            actor=actor,
            post=post,
            version_seen=_version(post),
            file=picture.file,
            alt_text=picture.alt_text,
        )
    judging.declare(
        actor=actor,
        post=post,
        version_seen=_version(post),
        kind=DECLARED[appeal.kind],
        answers=_answers(appeal, pictures),
        urgent_why=appeal.risk_to_life,
    )
    AppealPost.objects.create(appeal=appeal, post=post, added_at=clock.now())
    note_change(appeal, actor=actor, event="post written", audited="appeal.post_written", why=post.title)
    post.refresh_from_db()
    return post


@action
def review(*, actor: StaffMember, appeal: Appeal, review_on: date | None, why: str) -> Appeal:
    """Somebody has looked at the appeal again: it stands until the next review, for a reason.

    Raises NotPermitted, NotValid (no reason, a day that has been or is too far), TransitionNotAllowed.
    Audits appeal.reviewed.
    """
    appeal = _locked(actor, appeal)
    state = APPEAL.next(appeal.state, "review")
    why = reason(why, "Say why it may stand: what has changed, and that the consent still holds.")
    appeal.review_on = review_day(review_on, appeal.kind)
    appeal.state, appeal.needs_case = state, ""
    appeal.version += 1
    appeal.save()
    note_change(appeal, actor=actor, event="reviewed", audited="appeal.reviewed", why=why)
    return appeal


@action
def close_appeal(
    *, actor: StaffMember, appeal: Appeal, outcome: str, note: str, words_after: str = ""
) -> Appeal:
    """It is over: its public page is gone, nothing more of it goes out, and each of its posts comes down.

    One that never went out is closed at once. words_after: what stands afterwards where a post has no picture and
    the platform can change words, which somebody else approves; empty: everything is taken down.
    Raises NotPermitted, NotValid (no outcome, no note), TransitionNotAllowed (closed already).
    Audits appeal.closing, or appeal.abandoned.
    """
    appeal = _locked(actor, appeal)
    if outcome not in Appeal.Outcome.values:
        raise NotValid("Choose how it ended.", field="outcome")
    note = note.strip()
    if not note or len(note) > 500:
        raise NotValid("Say how it ended and who told you, in up to 500 characters.", field="note")
    words_after = words_after.replace("\r\n", "\n").strip()
    if len(words_after) > posts.LONGEST_WORDS:
        raise NotValid("The words for afterwards are too long.", field="words_after")
    live = appeal.live_at is not None or queries_appeals.any_out(appeal)
    if live and appeal.state == Appeal.State.DRAFT:
        go_live(actor=actor, appeal=appeal)
    appeal.state = APPEAL.next(appeal.state, "close" if live else "abandon")
    now = clock.now()
    appeal.outcome, appeal.outcome_note, appeal.words_after = outcome, note, words_after
    appeal.closed_by, appeal.closing_at, appeal.needs_case = actor, now, ""
    appeal.closed_at = None if live else now
    appeal.version += 1
    appeal.save()
    note_change(
        appeal,
        actor=actor,
        event="closing" if live else "given up",
        audited="appeal.closing" if live else "appeal.abandoned",
        why=f"{appeal.get_outcome_display()}: {note}"[:500],
    )
    keep_back(actor, appeal)
    return appeal


@action
def end_appeal(*, actor: StaffMember, appeal: Appeal) -> Appeal:
    """The file is closed: everything is gone and its tips have been dealt with. It is kept under its record class.

    Raises NotPermitted, TransitionNotAllowed (not everything is seen to be gone). Audits appeal.ended.
    """
    appeal = _locked(actor, appeal)
    appeal.state = APPEAL.next(appeal.state, "end")
    appeal.closed_at = clock.now()
    appeal.save(update_fields=["state", "closed_at"])
    note_change(appeal, actor=actor, event="closed", audited="appeal.ended")
    return appeal


# What the steps share.


def _locked(actor: StaffMember, appeal: Appeal) -> Appeal:
    row = (
        Appeal.objects.select_for_update(of=("self",)).select_related("owner", "closed_by").get(pk=appeal.pk)
    )
    for pk in queries_appeals.account_ids_of(row):
        require(actor, Power.PLAN_POSTS, pk)
    return row


def _same_version(appeal: Appeal, seen: int) -> None:
    if appeal.version != seen:
        raise ChangedSinceSeen(
            f"{appeal.reference} was changed after you opened it. Copy what you typed, reload the page and look again."
        )


def _allowed(actor: StaffMember, account_ids: Iterable[int]) -> list[int]:
    ids = sorted(set(account_ids))
    if not ids:
        raise NotValid("Choose the official accounts on which it goes out.", field="accounts")
    for pk in ids:
        require(actor, Power.PLAN_POSTS, pk)
    closed = OfficialAccount.objects.filter(pk__in=ids, status=OfficialAccount.Status.CLOSED).first()
    if closed is not None:
        raise NotValid(f"{closed.name} is closed. Take it out of the choice.", field="accounts")
    return ids


def _owner(owner: StaffMember, ids: list[int]) -> StaffMember:
    for pk in ids:
        if owner.pk not in {person.pk for person in people_with(Power.PLAN_POSTS, official_account_id=pk)}:
            raise NotValid(
                f"{owner.called} may not post on every official account of it, so they cannot own it.",
                field="owner",
            )
    return owner


def _answers(appeal: Appeal, pictures: list[AppealPicture]) -> Mapping[str, str]:
    """What the checks ask and the appeal knows. The rest its author answers in compose."""
    if not pictures or DECLARED[appeal.kind] == Declaration.Kind.WITNESS:
        return {}
    return {
        "image_by": (appeal.officer_consent or appeal.risk_to_life)[:300],
        "image_why": appeal.basis_note[:300],
        "image_risk": appeal.risk_assessment[:300],
        "image_review": appeal.review_on.isoformat(),
        "image_until": min(picture.down_on for picture in pictures).isoformat(),
    }


def _set_accounts(appeal: Appeal, ids: list[int]) -> None:
    present = set(queries_appeals.account_ids_of(appeal))
    AppealAccount.objects.filter(appeal=appeal, removed_at=None).exclude(official_account_id__in=ids).update(
        removed_at=clock.now()
    )
    for pk in ids:
        if pk not in present:
            AppealAccount.objects.create(appeal=appeal, official_account_id=pk)


def _version(post: Post) -> int:
    return Post.objects.values_list("version", flat=True).get(pk=post.pk)
