"""What the public tells on an appeal comes together, and goes on as a sighting or as intelligence."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts.models import Neighbourhood
from accounts.queries import may, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, Stranger, System
from core.errors import NotFound, NotPermitted, NotValid, TooMany, TransitionNotAllowed
from core.typed import reason
from media import pictures
from media.actions import Upload, store_image, store_video
from media.models import File
from moderation import alike, tips
from moderation.actions import desk, viewing
from moderation.categories import Category
from moderation.models import Comment, Tip, TipContact, TipFile
from moderation.workflow import TIP
from publishing.models import Appeal
from staff.models import StaffMember
from staff.roles import Power

PUBLIC = Stranger("somebody of the public")
GATHERER = System("appeals")
WORDS_LENGTH = 3000
MOST_PER_HOUR = 8
"""From one source: a household behind one address, and a phone that sends twice."""
MOST_FILES_PER_HOUR = 4
MOST_VIDEO_BYTES = 50 * 1024 * 1024
TWICE = timedelta(minutes=10)
MOST_AT_ONCE = 300
MOST_COMPARED = 2000
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class Told:
    """What somebody filled in."""

    words: str
    when: str = ""
    place: str = ""
    area: Neighbourhood | None = None
    latitude: float | None = None
    longitude: float | None = None
    name: str = ""
    telephone: str = ""
    email: str = ""


def tell(
    *, actor: Stranger, appeal: Appeal, told: Told, source_key: str, upload: Upload | None = None
) -> Tip:
    """Somebody of the public tells something on an appeal that is live. They need no sign-in.

    What they send is read by its content, never by its name: stored sealed as it came, and as a copy without place,
    times and devices for staff. Raises NotValid (the field is named; the appeal is over), TooMany.
    Audits file.stored and tip.received.
    """
    _refuse_too_many(source_key, with_file=upload is not None)
    words = told.words.replace("\x00", "").replace("\r\n", "\n").strip()
    if not words and upload is None:
        raise NotValid("Write what you know, or add a photo or video.", field="words")
    if len(words) > WORDS_LENGTH:
        raise NotValid(f"That is {len(words):,} characters long; {WORDS_LENGTH:,} fit.", field="words")
    if not appeal.is_public:
        raise NotValid("This appeal has ended. Ring 101 with what you know, or 999 in an emergency.")
    if (told.latitude is None) != (told.longitude is None):
        raise NotValid("A place has a latitude and a longitude.", field="point")
    file = _stored(actor, upload) if upload is not None else None
    return _take_in(actor=actor, appeal=appeal, told=told, words=words, source_key=source_key, file=file)


def _stored(actor: Stranger, upload: Upload) -> File:
    """Kept by what its first bytes say that it is. Raises NotValid for anything but a photo or a video."""
    if upload.size is not None and upload.size > max(pictures.MOST_BYTES, MOST_VIDEO_BYTES):
        raise NotValid(
            "The file is larger than 50 MB. Send a shorter video, or tell us that you have one.", field="file"
        )
    content = upload.read(MOST_VIDEO_BYTES + 1)
    whole = _Whole(content)
    try:
        if content[4:8] == b"ftyp" and content[8:12] not in (b"heic", b"heix", b"mif1", b"avif"):
            return store_video(actor=actor, upload=whole, name="tip.mp4")
        return store_image(actor=actor, upload=whole, name="tip.jpg")
    except NotValid as refusal:
        raise NotValid(refusal.sentence, field="file") from None


class _Whole:
    """Bytes that were read already, as an upload."""

    def __init__(self, content: bytes) -> None:
        self.size: int | None = len(content)
        self._content = content

    def read(self, num_bytes: int = -1) -> bytes:
        return self._content if num_bytes < 0 else self._content[:num_bytes]


def _refuse_too_many(source_key: str, *, with_file: bool) -> None:
    since = clock.now() - timedelta(hours=1)
    lately = Tip.objects.filter(source_key=source_key, received_at__gt=since)
    too_many = lately.count() >= MOST_PER_HOUR
    if with_file and not too_many:
        too_many = lately.filter(files__isnull=False).count() >= MOST_FILES_PER_HOUR
    if too_many:
        raise TooMany(
            "Much has come from where you are within the last hour. Try again in an hour, or ring 101. "
            "In an emergency ring 999."
        )


@action
def _take_in(
    *, actor: Stranger, appeal: Appeal, told: Told, words: str, source_key: str, file: File | None
) -> Tip:
    row = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if not row.is_public:
        raise NotValid("This appeal has ended. Ring 101 with what you know, or 999 in an emergency.")
    now = clock.now()
    again = Tip.objects.filter(
        appeal=row, source_key=source_key, words=words, received_at__gt=now - TWICE
    ).first()
    if again is not None and file is None:
        return again
    tip = Tip.objects.create(
        appeal=row,
        way=Tip.Way.FORM,
        reference=_reference(),
        words=words,
        when=_short(told.when),
        place=_short(told.place),
        area=told.area,
        latitude=told.latitude,
        longitude=told.longitude,
        source_key=source_key,
        received_at=now,
    )
    contact = {"name": told.name[:120], "telephone": told.telephone[:40], "email": told.email[:254]}
    if any(value.strip() for value in contact.values()):
        TipContact.objects.create(tip=tip, **{key: value.strip() for key, value in contact.items()})
    if file is not None:
        TipFile.objects.create(tip=tip, file=file)
    _record(actor, "tip.received", tip, way=tip.get_way_display())
    return tip


@action
def gather(*, actor: Actor = GATHERER) -> int:
    """Comments under the posts of appeals stand in their inboxes, each once. They stay in the desk's queue as well.

    Answers how many are new. Audits tip.received.
    """
    taken = 0
    for appeal_id, comment in tips.not_gathered(MOST_AT_ONCE):
        taken += _from_comment(actor, Appeal(pk=appeal_id), comment) is not None
    return taken


@action
def take_comment(*, actor: StaffMember, appeal: Appeal, comment: Comment) -> Tip:
    """A comment or message from elsewhere belongs to this appeal, says a person.

    Raises NotPermitted, NotValid (it is a tip already; we wrote it). Audits tip.received.
    """
    require(actor, Power.WORK_COMMENTS, comment.official_account_id)
    if comment.state == Comment.State.OURS:
        raise NotValid("This was written by us.", field="comment")
    made = _from_comment(actor, appeal, comment)
    if made is None:
        raise NotValid(f"Comment {comment.pk} is a tip already.", field="comment")
    return made


def _from_comment(actor: Actor, appeal: Appeal, comment: Comment) -> Tip | None:
    places = tips.areas_named(comment)
    try:
        with transaction.atomic():
            tip = Tip.objects.create(
                appeal_id=appeal.pk,
                way=Tip.Way.MESSAGE if comment.private else Tip.Way.COMMENT,
                official_account_id=comment.official_account_id,
                comment_id=comment.pk,
                reference=_reference(),
                area=places[0] if places else None,
                received_at=comment.received_at,
            )
    except IntegrityError as fault:
        if "comment_id" not in str(fault):
            raise
        return None
    _record(actor, "tip.received", tip, way=tip.get_way_display())
    return tip


@action
def group_alike(*, actor: Actor = GATHERER) -> int:
    """Tips of one appeal that say nearly the same stand under the first of them. Answers how many were looked at.

    Nothing is left out or settled by it: each is still a tip of its own. Audits tip.grouped.
    """
    found = list(Tip.objects.select_for_update(skip_locked=True).filter(grouped_at=None)[:MOST_AT_ONCE])
    fresh = {tip.pk: tip for tip in found}
    now = clock.now()
    for appeal_id in {tip.appeal_id for tip in found}:
        together = alike.group(tips.words_in_order(appeal_id, MOST_COMPARED))
        first_of = {number: group.first for group in together for number in group.ids}
        for tip in (one for one in found if one.appeal_id == appeal_id):
            first = first_of.get(tip.pk, tip.pk)
            tip.like_id = first if first != tip.pk else None
    for tip in fresh.values():
        tip.grouped_at = now
        tip.save(update_fields=["like", "grouped_at"])
    if joined := [tip.pk for tip in found if tip.like_id is not None]:
        record(actor=actor, event="tip.grouped", shown_ids=joined)
    return len(found)


@action
def place(
    *,
    actor: StaffMember,
    tip: Tip,
    area: Neighbourhood | None,
    latitude: float | None,
    longitude: float | None,
) -> Tip:
    """Staff say where it was. Raises NotPermitted, NotValid (half a point). Audits tip.placed."""
    row = _locked(actor, tip, Power.WORK_COMMENTS)
    if (latitude is None) != (longitude is None):
        raise NotValid("A place has a latitude and a longitude.", field="point")
    row.area, row.latitude, row.longitude = area, latitude, longitude
    row.save(update_fields=["area", "latitude", "longitude"])
    _record(actor, "tip.placed", row)
    return row


@action
def pass_on(*, actor: StaffMember, tip: Tip, passed_as: str, why: str) -> Tip:
    """The tip goes on as a sighting or as intelligence: a case holds it, from which it is referred.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (decided already; its comment is gone), and for
    a comment what escalating it raises. Audits tip.passed_on.
    """
    row = _locked(actor, tip, Power.ESCALATE)
    if passed_as not in Tip.As.values:
        raise NotValid("Choose as what it goes on.", field="passed_as")
    why = reason(why, "Say in a few words what it tells: it is the first thing that is read.")
    state = TIP.next(row.state, "pass_on")
    if row.comment_id is None:
        row.needs_case = passed_as
    else:
        comment = tips.comment_of(row)
        if comment is None:
            raise TransitionNotAllowed("Its comment is not kept any more.")
        desk.escalate(
            actor=actor,
            comment=comment,
            revision_number=comment.revision_number,
            category=category_of(row.appeal, passed_as),
            why=why,
        )
    row.state, row.passed_as = state, passed_as
    _decided(row, actor, why)
    row.save()
    _record(actor, "tip.passed_on", row, why=why, passed_as=row.get_passed_as_display().lower())
    return row


@action
def settle(*, actor: StaffMember, tip: Tip, why: str) -> Tip:
    """There is nothing to do about it, for a reason. Raises NotPermitted, NotValid, TransitionNotAllowed.

    Audits tip.settled.
    """
    row = _locked(actor, tip, Power.WORK_COMMENTS)
    why = reason(why, "Say why there is nothing to do, in a few words.")
    row.state = TIP.next(row.state, "settle")
    _decided(row, actor, why)
    row.save()
    _record(actor, "tip.settled", row, why=why)
    return row


@action
def reopen(*, actor: StaffMember, tip: Tip, why: str) -> Tip:
    """A settled tip is to be looked at again. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits tip.reopened."""
    row = _locked(actor, tip, Power.WORK_COMMENTS)
    why = reason(why, "Say why it is to be looked at again.")
    row.state = TIP.next(row.state, "reopen")
    row.decided_by = row.decided_at = None
    row.decided_why = ""
    row.save()
    _record(actor, "tip.reopened", row, why=why)
    return row


@action
def read_contact(*, actor: StaffMember, tip: Tip) -> TipContact:
    """How to reach whoever told it, with an entry that it was read. Raises NotPermitted, NotFound.

    Audits tip.contact_read.
    """
    row = _locked(actor, tip, Power.WORK_COMMENTS)
    found = TipContact.objects.filter(tip=row).first()
    if found is None:
        raise NotFound("They left nothing by which they could be reached.")
    _record(actor, "tip.contact_read", row)
    return found


@action
def note_listed(*, actor: StaffMember, appeal: Appeal, shown: Iterable[Tip]) -> None:
    """These tips stood in front of this person, with their words. Source: DPA 2018 s.62. Audits tips.listed,
    and comments.listed for those that are comments.
    """
    listed = list(shown)
    if listed:
        record(
            actor=actor,
            event="tips.listed",
            subject=appeal,
            subject_name=appeal.reference,
            shown_ids=[tip.pk for tip in listed],
        )
        viewing.record_listed(
            actor=actor,
            ids=[tip.comment_id for tip in listed if tip.comment_id is not None],
            queue=f"tips on {appeal.reference}",
        )


@action
def case_opened(*, actor: Actor, tip: Tip) -> None:
    """The tip is in a case: the fact is taken back. Audits tip.case_opened."""
    row = Tip.objects.select_for_update().get(pk=tip.pk)
    row.needs_case = ""
    row.save(update_fields=["needs_case"])
    _record(actor, "tip.case_opened", row)


def category_of(appeal: Appeal, passed_as: str) -> str:
    """What a tip is a matter of: somebody missing who was seen, intelligence, or another concern."""
    if passed_as == Tip.As.SIGHTING and appeal.kind == Appeal.Kind.MISSING:
        return Category.MISSING_PERSON
    return Category.NONE if passed_as == Tip.As.SIGHTING else Category.INTELLIGENCE


def _locked(actor: StaffMember, tip: Tip, power: str) -> Tip:
    row = (
        Tip.objects.select_for_update(of=("self",))
        .select_related("appeal", "official_account")
        .get(pk=tip.pk)
    )
    held = [row.official_account_id] if row.official_account_id else tips.account_ids_of(row.appeal)
    if not any(may(actor, power, pk) for pk in held):
        raise NotPermitted(
            f"You may not do this: it needs the right “{Power(power).label}”. Ask your service administrator.",
            power=str(Power(power).label),
        )
    return row


def _decided(row: Tip, actor: StaffMember, why: str) -> None:
    row.decided_by, row.decided_at, row.decided_why = actor, clock.now(), why


def _reference() -> str:
    letters = [secrets.choice(_LETTERS) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def _short(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:200]


def _record(actor: Actor, event: str, tip: Tip, *, why: str = "", **details: object) -> None:
    record(
        actor=actor,
        event=event,
        subject=tip,
        subject_name=tip.reference,
        official_account_id=tip.official_account_id,
        reason=why,
        details={"appeal": f"A-{tip.appeal_id}", **details},
    )
