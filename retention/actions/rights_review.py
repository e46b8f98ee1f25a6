"""What is held about the subject of a request: searched for, looked at record by record, and made into a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from core.records import Found
from core.typed import reason as typed_reason
from media.actions import seal_made
from media.models import SealedFile
from retention import bundle, exemptions, pictures, queries_rights, registry
from retention.actions.rights import COMMENT, locked, note, refuse_unless_open
from retention.models import Bundle, FoundItem, RightsRequest
from retention.pictures import How
from retention.redaction import LONGEST_SPAN, find
from staff.models import StaffMember
from staff.roles import Power

MOST_ITEMS = 5_000
MOST_SPANS = 500
Decision = FoundItem.Decision


@action
def search(*, actor: StaffMember, request: RightsRequest) -> tuple[int, bool]:
    """Everything that any room holds about whom the request is about lies ready for review.

    Source: DPA 2018 s.45(2A), a reasonable and proportionate search. Safe to repeat: what is new comes to it, and what
    says something else than before is to be looked at again. Answers how many records are new or changed, and whether
    a room had more than it may answer with. Raises NotPermitted, NotValid (nobody is named), TransitionNotAllowed.
    Audits request.searched, with the comments that were found.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    refuse_unless_open(request, "search")
    person = queries_rights.person(request)
    if not person.words and not any(person.numbers.values()):
        raise NotValid("Name somebody first: a handle, or words that name them.")
    found, more = registry.about(person)
    new = 0
    standing = {(one.subject_type, one.subject_id): one for one in request.items.select_for_update()}
    more = more or len(found) > MOST_ITEMS
    for one in islice(found, MOST_ITEMS):
        kept = standing.get((one.label, one.pk))
        new += _keep(request, one) if kept is None else _keep_changed(kept, one)
    note(
        actor,
        request,
        f"Searched: {len(found)} found in all rooms, {new} of these new or changed since the last search.",
    )
    record(
        actor=actor,
        event="request.searched",
        subject=request,
        subject_name=request.title,
        reason=request.reference,
        shown_ids=[one.pk for one in found if one.label == COMMENT],
        details={"found": len(found), "new": new},
    )
    return new, more


@action
def note_view(*, actor: StaffMember, request: RightsRequest, items: Sequence[FoundItem]) -> None:
    """That somebody reads what was found stands in the trail before they do. Audits request.items_viewed."""
    record(
        actor=actor,
        event="request.items_viewed",
        subject=request,
        subject_name=request.title,
        shown_ids=[one.subject_id for one in items if one.subject_type == COMMENT],
        details={"records": [f"{one.subject_type} {one.subject_id}" for one in items]},
    )


@action
def note_picture(*, actor: StaffMember, item: FoundItem, number: int) -> None:
    """That somebody opens a picture of a record stands in the trail before they see it. Audits request.picture_viewed."""
    require(actor, Power.HANDLE_REQUESTS)
    record(
        actor=actor,
        event="request.picture_viewed",
        subject=item.request,
        subject_name=item.request.title,
        shown_ids=[item.subject_id] if item.subject_type == COMMENT else [],
        details={"record": f"{item.subject_type} {item.subject_id}", "picture": number + 1},
    )


@action
def decide(
    *,
    actor: StaffMember,
    item: FoundItem,
    version: int,
    decision: str,
    exemption: str = "",
    why: str = "",
    spans: Sequence[tuple[int, int, int, str]] = (),
    words: Sequence[str] = (),
    shown: Sequence[tuple[int, str, Sequence[int], str]] = (),
) -> FoundItem:
    """The record goes in, with what is redacted of it, or is withheld on a ground that stands beside it.

    spans: (part, start, end, what it is). words: whatever else is redacted, wherever it stands in the record.
    shown: (number, how, squares that are black, why) of each picture that goes in; every other stays out, since most show
    somebody else. Source: DPA 2018 s.45(7), the reasons for a restriction are recorded. Raises NotPermitted, NotValid
    (field: decision, exemption, why, words, pictures), TransitionNotAllowed. Audits request.item_decided, without any of
    the words.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(item.request)
    refuse_unless_open(request, "decide on a record")
    item = FoundItem.objects.select_for_update().get(pk=item.pk)
    if item.version != version:
        raise NotValid(
            "Somebody decided on it, or it changed, while you looked. Look again.", field="decision"
        )
    if decision == Decision.WITHHOLD:
        if exemption not in {one.slug for one in exemptions.for_request(request.kind, request.regime)}:
            raise NotValid("Choose on what ground it is withheld.", field="exemption")
        why = typed_reason(why, "Say why that ground holds here.", most=400)
        kept: list[list] = []
        given: list[dict[str, Any]] = []
    elif decision == Decision.INCLUDE:
        exemption, why = "", why.strip()[:400]
        kept = _spans(item, spans, words)
        given = [] if request.changes_records else _given(item, shown)
    else:
        raise NotValid("Choose whether it goes in.", field="decision")
    item.decision, item.exemption, item.why, item.spans = decision, exemption, why, kept
    item.given = given
    item.decided_by, item.decided_at, item.version = actor, clock.now(), item.version + 1
    item.save()
    record(
        actor=actor,
        event="request.item_decided",
        subject=request,
        subject_name=request.title,
        reason=why,
        details={
            "record": f"{item.subject_type} {item.subject_id}",
            "decision": decision,
            "exemption": exemption,
            "redactions": len(kept),
            "pictures": [f"{one['file'] + 1} {one['how']}" for one in given],
        },
    )
    return item


def make_bundle(*, actor: StaffMember, request: RightsRequest) -> Bundle:
    """What goes in is a ZIP, sealed as it was made: a PDF, JSON and a manifest of their hashes.

    The bytes reach the store before the rows that name them. Raises NotPermitted, NotValid (records that nobody looked
    at, or none goes in), TransitionNotAllowed (somebody decided otherwise meanwhile). Audits request.bundle_made.
    """
    require(actor, Power.HANDLE_REQUESTS)
    items = list(request.items.order_by("occurred_at", "id"))
    refuse_unless_open(request, "make a bundle")
    if request.changes_records:
        raise NotValid("Nothing is given out here: its records are acted on when the answer is agreed to.")
    refuse_undecided(items)
    if not any(one.decision == Decision.INCLUDE for one in items):
        raise NotValid("Nothing goes in, so there is no bundle to make.")
    built = bundle.build(request, items, at=clock.now())
    sealed = seal_made(actor=actor, content=built.content, content_type=bundle.CONTENT_TYPE)
    return _record_bundle(actor=actor, request=request, built=built, sealed=sealed, of=bundle.digest(items))


@action
def _record_bundle(
    *, actor: StaffMember, request: RightsRequest, built: bundle.Built, sealed: SealedFile, of: str
) -> Bundle:
    request = locked(request)
    refuse_unless_open(request, "make a bundle")
    items = list(request.items.all())
    if bundle.digest(items) != of:
        raise TransitionNotAllowed("Somebody decided otherwise on a record meanwhile. Make the bundle again.")
    last = request.bundles.order_by("-number").first()
    made = Bundle.objects.create(
        request=request,
        number=last.number + 1 if last is not None else 1,
        file=sealed,
        manifest=built.manifest,
        of=of,
        included=sum(one.decision == Decision.INCLUDE for one in items),
        withheld=sum(one.decision == Decision.WITHHOLD for one in items),
        redactions=built.redactions,
        pictures=built.pictures,
        made_at=clock.now(),
        made_by=actor,
    )
    note(
        actor,
        request,
        f"Bundle {made.number} was made: {made.included} records, {made.redactions} redactions, "
        f"{made.pictures} pictures.",
    )
    record(
        actor=actor,
        event="request.bundle_made",
        subject=request,
        subject_name=request.title,
        details={"number": made.number, "sha256": sealed.sha256, "records": made.included},
    )
    return made


@action
def note_opened(*, actor: StaffMember, made: Bundle) -> None:
    """That somebody takes the bundle out stands in the trail before they have it. Audits request.bundle_opened."""
    require(actor, Power.HANDLE_REQUESTS)
    record(
        actor=actor,
        event="request.bundle_opened",
        subject=made.request,
        subject_name=made.request.title,
        details={"number": made.number, "sha256": made.file.sha256},
    )


def refuse_undecided(items: Sequence[FoundItem]) -> None:
    """Raises NotValid where a record was found that nobody looked at."""
    if left := sum(one.decision == Decision.UNDECIDED for one in items):
        raise NotValid(
            f"{left} {'record waits' if left == 1 else 'records wait'} to be looked at. Decide first."
        )


def _keep(request: RightsRequest, one: Found) -> int:
    FoundItem.objects.create(
        request=request,
        subject_type=one.label,
        subject_id=one.pk,
        noun=one.noun[:60],
        where=one.where[:200],
        occurred_at=one.at,
        parts=[list(part) for part in one.parts],
        others=list(one.others),
        files=_files(one),
        found_at=clock.now(),
    )
    return 1


def _keep_changed(kept: FoundItem, one: Found) -> int:
    parts, files = [list(part) for part in one.parts], _files(one)
    if kept.parts == parts and kept.files == files:
        return 0
    kept.parts, kept.others, kept.files, kept.found_at = parts, list(one.others), files, clock.now()
    kept.decision, kept.exemption, kept.why, kept.spans, kept.given = Decision.UNDECIDED, "", "", [], []
    kept.version += 1
    kept.save()
    return 1


def _files(one: Found) -> list[list]:
    return [[file.label, file.pk, file.sha256, file.content_type, file.says[:300]] for file in one.files]


def _given(item: FoundItem, shown: Sequence[tuple[int, str, Sequence[int], str]]) -> list[dict[str, Any]]:
    kept = {one.number: one for one in pictures.of(item)}
    given = []
    for number, how, squares, why in sorted(shown):
        if not how:
            continue
        one, name = kept.get(number), f"Picture {number + 1}"
        if one is None:
            raise NotValid("The pictures were others when you looked. Look again.", field="pictures")
        if one.barred:
            raise NotValid(f"{name} is sealed, and nobody opens it here.", field="pictures")
        covered = sorted(set(squares))
        if how == How.COVERED:
            if not one.is_picture:
                raise NotValid(f"{name} is a video, of which no part can be made black.", field="pictures")
            if not covered or not set(covered) <= set(range(1, pictures.SQUARES + 1)):
                raise NotValid(f"Choose which squares of picture {number + 1} are black.", field="pictures")
        elif how not in How:
            raise NotValid(f"Choose how picture {number + 1} goes in.", field="pictures")
        elif covered:
            raise NotValid(
                f"Squares of picture {number + 1} are ticked: choose that they are made black, or take the ticks out.",
                field="pictures",
            )
        if how == How.OTHERS and not why.strip():
            raise NotValid(
                f"Say why picture {number + 1} goes in although somebody else is in it.", field="pictures"
            )
        given.append({"file": number, "how": how, "covered": covered, "why": why.strip()[:300]})
    return given


def _spans(item: FoundItem, spans: Sequence[tuple[int, int, int, str]], words: Sequence[str]) -> list[list]:
    kept = {}
    for part, start, end, what in spans:
        text = item.parts[part][1] if 0 <= part < len(item.parts) else ""
        if not 0 <= start < end <= len(text) or end - start > LONGEST_SPAN:
            raise NotValid("The text was another when you looked. Look again.", field="words")
        kept[part, start, end] = what[:60]
    for one in words:
        if not one.strip():
            continue
        here = [(part, span) for part, (_, text) in enumerate(item.parts) for span in find(text, one)]
        if not here:
            raise NotValid(f"“{one.strip()[:60]}” stands nowhere in this record.", field="words")
        kept |= {(part, span.start, span.end): "chosen by hand" for part, span in here}
    if len(kept) > MOST_SPANS:
        raise NotValid(f"More than {MOST_SPANS} redactions: withhold the record instead.", field="words")
    return [[part, start, end, what] for (part, start, end), what in sorted(kept.items())]
