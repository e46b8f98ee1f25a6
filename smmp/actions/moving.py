"""Files of another product: read, mapped and shown; brought in whole or not at all; taken back while nothing was built on it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts.actions import imports as staff_lists
from accounts.actions import project_grants
from accounts.imports import Step as StaffStep
from audit.actions import record
from core import clock, sheets
from core.acting import action
from core.actors import System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, Refused, TransitionNotAllowed
from media.actions import store_image, store_video
from media.models import File
from moderation.actions import importing, saved_replies
from moderation.models import SavedReply
from publishing.actions.media import add_asset, retire_asset
from publishing.actions.posts import draft_post, withdraw_post
from publishing.models import Asset, Post, PostPicture, PostVideo
from smmp.models import Import, Imported, SavedMapping
from smmp.moving import fields, kinds
from smmp.moving.fields import Step
from smmp.moving.queries import plan_of, require_kind
from staff.actions import departures
from staff.models import LastSeen, StaffMember

Kind = Import.Kind
KEPT_FOR = staff_lists.KEPT_FOR
"""How long a file that was read waits. Its rows are emptied then, or when it is brought in."""
MOST_FILES = 200
LARGEST_ZIP = 300 * 1024 * 1024
SHAPE = sheets.Shape("lines", 5000, 8 * 1024 * 1024)
BACK = "An import was taken back"


@dataclass(frozen=True)
class Came:
    """One file that came with a form: its name, and what opens it."""

    name: str
    size: int
    open: Callable[[], Any]


def read_files(*, actor: StaffMember, kind: str, product: str, came: Sequence[Came]) -> Import:
    """A CSV, alone or with pictures beside it or in a ZIP file with them, is read; nothing else happens yet.

    Columns are guessed from a mapping that was saved for this product, or from their names.
    Raises NotPermitted, NotValid with what to mend. Audits import.read, and file.stored for each picture.
    """
    require_kind(actor, kind)
    product = " ".join(product.split())
    if not product:
        raise NotValid("Name the product that the file comes from.", field="product")
    came = _unpacked(came)
    tables = [one for one in came if one.name.lower().endswith(".csv")]
    others = [one for one in came if one not in tables]
    if len(tables) != 1:
        raise NotValid(
            "Choose one CSV file, with pictures beside it only where they are brought in.", field="files"
        )
    if others and kind != Kind.MEDIA:
        raise NotValid(
            "Only pictures and videos come with further files. Choose the CSV alone.", field="files"
        )
    if len(others) > MOST_FILES:
        raise NotValid(f"Bring in at most {MOST_FILES} files at once.", field="files")
    with tables[0].open() as file:
        sheet = sheets.open_sheet(file.read(SHAPE.largest_bytes + 1), SHAPE)
    if not sheet.rows:
        raise NotValid("The file has its first line and nothing below it.", field="files")
    stored = {_basename(one.name).lower(): _stored(actor, one) for one in others}
    return _keep(
        actor=actor, kind=kind, product=product, name=_basename(tables[0].name), sheet=sheet, stored=stored
    )


@action
def _keep(
    *,
    actor: StaffMember,
    kind: str,
    product: str,
    name: str,
    sheet: sheets.Sheet,
    stored: Mapping[str, Any],
) -> Import:
    known = SavedMapping.objects.filter(kind=kind, product__iexact=product[:60]).first()
    mapping = fields.guess(kinds.KINDS[kind].fields, sheet.columns)
    if known is not None:
        mapping |= {
            field: chosen
            for field, chosen in known.mapping.items()
            if chosen.get("column", sheet.columns[0]) in sheet.columns
        }
    kept = Import.objects.create(
        kind=kind,
        product=product[:60],
        name=name[:120],
        by=actor,
        read_at=clock.now(),
        columns=list(sheet.columns),
        rows=list(sheet.rows),
        files=dict(stored),
        mapping=mapping,
    )
    record(
        actor=actor,
        event="import.read",
        subject=kept,
        subject_name=kept.get_kind_display(),
        details={"product": kept.product, "rows": len(sheet.rows)},
    )
    return kept


@action
def map_columns(*, actor: StaffMember, kept: Import, mapping: Mapping[str, Mapping[str, str]]) -> Import:
    """Which column is what, and what each row comes to by it; kept for the next file of this product.

    Raises NotPermitted, NotValid (something needed has no column), TransitionNotAllowed. Audits import.mapped.
    """
    with connection.cursor() as cursor:
        # Two people who map the same product at once keep one mapping, the later one.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('smmp.mappings'))")
    row = _locked(actor, kept)
    kind = kinds.KINDS[row.kind]
    chosen = {
        one.name: dict(mapping[one.name])
        for one in kind.fields
        if mapping.get(one.name, {}) not in ({}, None)
    }
    for name, one in chosen.items():
        if "column" in one and one["column"] not in row.columns:
            raise NotValid("There is no such column in the file. Choose it anew.", field=name)
    if lacking := next((one for one in kind.fields if one.needed and one.name not in chosen), None):
        raise NotValid(
            f"Say which column is “{lacking.label}”, or what it is for all rows.", field=lacking.name
        )
    row.mapping = chosen
    steps = plan_of(row, actor)
    row.steps, row.fingerprint = fields.as_data(steps), fields.fingerprint(steps)
    row.counts = {
        outcome: sum(step.outcome == outcome for step in steps)
        for outcome in ("new", "missing", "known", "refused")
    }
    row.save(update_fields=["mapping", "steps", "fingerprint", "counts"])
    SavedMapping.objects.filter(kind=row.kind, product__iexact=row.product).update(
        mapping=chosen, saved_by=actor, saved_at=clock.now()
    ) or SavedMapping.objects.create(
        kind=row.kind, product=row.product, mapping=chosen, saved_by=actor, saved_at=clock.now()
    )
    record(
        actor=actor,
        event="import.mapped",
        subject=row,
        subject_name=row.get_kind_display(),
        details={"product": row.product, **row.counts},
    )
    return row


@action
def bring_in(*, actor: StaffMember, kept: Import) -> Import:
    """What was shown happens, all of it or nothing; each row once, however often its file is read.

    Raises NotPermitted, NotValid (a row is refused, nothing is new), TransitionNotAllowed (in already, emptied, a
    comparison), ChangedSinceSeen where the same rows come to something else by now.
    Audits import.applied, and each change as if it were made by hand (messages: comments.imported).
    """
    with connection.cursor() as cursor:
        # Two imports at once: the second waits, and is then compared with what the first has done.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('smmp.moving'))")
    row = _locked(actor, kept)
    if row.kind == Kind.COMPARE:
        raise TransitionNotAllowed("A comparison brings nothing in.")
    if not row.fingerprint:
        raise TransitionNotAllowed("Say first which column is what, and look at what the rows come to.")
    if row.counts.get("refused"):
        raise NotValid("Mend the refused rows in the file and read it again. Nothing was brought in.")
    steps = plan_of(row, actor)
    if fields.fingerprint(steps) != row.fingerprint:
        raise ChangedSinceSeen(
            "What the rows come to has changed since it was shown. Nothing was brought in; look at it again."
        )
    new = [step for step in steps if step.outcome == "new"]
    if not new:
        raise NotValid("Everything in this file is here already. There is nothing to bring in.")
    Imported.objects.bulk_create(
        Imported(source=row, kind=row.kind, key=step.key, subject_type=subject_type, subject_id=pk)
        for step, (subject_type, pk) in zip(new, _BRING[row.kind](actor, new), strict=True)
    )
    row.applied_at = clock.now()
    row.rows, row.files = [], {}
    row.save(update_fields=["applied_at", "rows", "files"])
    record(
        actor=actor,
        event="import.applied",
        subject=row,
        subject_name=row.get_kind_display(),
        details={"product": row.product, **row.counts},
    )
    return row


@action
def take_back(*, actor: StaffMember, kept: Import) -> Import:
    """Within 24 hours, and while nothing was built on any of it: nothing of the import is left in use.

    Raises NotPermitted, TransitionNotAllowed (too late, taken back already, something was built on it: the
    sentence says on what). Audits import.undone, and each change as if it were made by hand.
    """
    row = Import.objects.select_for_update().get(pk=kept.pk)
    require_kind(actor, row.kind)
    if row.by_id != actor.pk:
        raise NotPermitted(
            "Somebody else brought this in. Ask them, or take out by hand what should not be here."
        )
    if row.applied_at is None or row.undone_at is not None:
        raise TransitionNotAllowed("There is nothing to take back.")
    if row.undo_until is None or clock.now() > row.undo_until:
        raise TransitionNotAllowed(
            "More than 24 hours have passed. Take out by hand what should not be here."
        )
    rows = list(row.imported.filter(undone_at=None).order_by("id"))
    _TAKE_BACK[row.kind](actor, row, [one.subject_id for one in rows])
    row.imported.filter(undone_at=None).update(undone_at=clock.now())
    row.undone_at, row.undone_by = clock.now(), actor
    row.save(update_fields=["undone_at", "undone_by"])
    record(
        actor=actor,
        event="import.undone",
        subject=row,
        subject_name=row.get_kind_display(),
        details={"product": row.product, "count": len(rows)},
    )
    return row


@action
def empty_imports(*, actor: System = System("scheduler")) -> int:  # noqa: B008
    """Files that nobody brought in within a day, and reports a day old, keep their counts and no row.

    Audits import.emptied where there were any.
    """
    old = Import.objects.filter(read_at__lt=clock.now() - KEPT_FOR)
    emptied = old.exclude(rows=[], steps=[]).update(rows=[], files={}, steps=[])
    if emptied:
        record(actor=actor, event="import.emptied", details={"count": emptied})
    return emptied


def _locked(actor: StaffMember, kept: Import) -> Import:
    row = Import.objects.select_for_update().get(pk=kept.pk)
    require_kind(actor, row.kind)
    if row.by_id != actor.pk:
        raise NotPermitted("Somebody else read this file. Read it yourself, and look at what it comes to.")
    if row.applied_at is not None:
        raise TransitionNotAllowed("This file has been brought in already.")
    if not row.rows:
        raise TransitionNotAllowed("This file was read more than a day ago. Read it again.")
    return row


# What came


def _basename(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _unpacked(came: Sequence[Came]) -> list[Came]:
    """The files of a ZIP in place of itself. Names are only names: nothing is ever written under them."""
    if len(came) != 1 or not came[0].name.lower().endswith(".zip"):
        return list(came)
    if came[0].size > LARGEST_ZIP:
        raise NotValid("The ZIP file is larger than 300 MB. Split it.", field="files")
    try:
        packed = zipfile.ZipFile(came[0].open())
        inside = [
            one
            for one in packed.infolist()
            if not one.is_dir()
            and not _basename(one.filename).startswith(".")
            and "__MACOSX" not in one.filename
        ]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NotValid("That is no ZIP file that can be read.", field="files") from None
    if len(inside) > MOST_FILES + 1:
        raise NotValid(f"Bring in at most {MOST_FILES} files at once.", field="files")
    if any(one.flag_bits & 1 for one in inside):
        raise NotValid("The ZIP file is locked with a password. Pack it without one.", field="files")
    return [Came(one.filename, one.file_size, lambda one=one: packed.open(one)) for one in inside]  # type: ignore[misc]


class _Upload:
    """A file of a ZIP as the store takes it: read to a bound, whatever its head says of its size."""

    def __init__(self, came: Came) -> None:
        self.came = came
        self.size: int | None = came.size

    def read(self, num_bytes: int = -1) -> bytes:
        with self.came.open() as file:
            return file.read(num_bytes)


def _stored(actor: StaffMember, came: Came) -> dict[str, Any]:
    name = _basename(came.name)
    store = store_video if name.lower().endswith((".mp4", ".mov")) else store_image
    try:
        return {"file": store(actor=actor, upload=_Upload(came), name=name).pk}
    except NotPermitted:
        raise
    except Refused as refusal:
        return {"wrong": refusal.sentence}
    except (zipfile.BadZipFile, OSError, EOFError):
        return {"wrong": "The file is damaged."}


# By kind


def _bring_staff(actor: StaffMember, steps: Sequence[Step]) -> list[tuple[str, int]]:
    found = []
    for step in steps:
        member = staff_lists.apply_step(actor, StaffStep(**step.given))
        assert member is not None
        found.append(("staff.staffmember", member.pk))
    project_grants(actor=actor)
    return found


def _back_staff(actor: StaffMember, source: Import, ids: Sequence[int]) -> None:
    people = StaffMember.objects.filter(pk__in=ids).order_by("pk")
    here = set(LastSeen.objects.filter(member__in=ids).values_list("member_id", flat=True))
    if busy := [one for one in people if one.last_login or one.pk in here]:
        raise _built_on(f"{busy[0].called} has signed in", len(busy))
    for person in people:
        if person.active:
            departures.record_leaver(actor=actor, member=person, why=BACK)


def _bring_replies(actor: StaffMember, steps: Sequence[Step]) -> list[tuple[str, int]]:
    return [
        (
            "moderation.savedreply",
            saved_replies.add(actor=actor, level=SavedReply.Level.FORCE, **step.given).pk,
        )
        for step in steps
    ]


def _back_replies(actor: StaffMember, source: Import, ids: Sequence[int]) -> None:
    rows = list(SavedReply.objects.filter(pk__in=ids).order_by("pk"))
    if changed := [one for one in rows if one.version != 1]:
        raise _built_on(f"the saved reply “{changed[0].title}” was changed", len(changed))
    for row in rows:
        saved_replies.withdraw(actor=actor, reply=row)


def _bring_media(actor: StaffMember, steps: Sequence[Step]) -> list[tuple[str, int]]:
    stored = File.objects.in_bulk([step.given["file"] for step in steps])
    found = []
    for step in steps:
        given = dict(step.given)
        file, expires = stored[given.pop("file")], given.pop("expires_on")
        asset = add_asset(
            actor=actor,
            file=file,
            expires_on=date.fromisoformat(expires) if expires else None,
            **given,
        )
        found.append(("publishing.asset", asset.pk))
    return found


def _back_media(actor: StaffMember, source: Import, ids: Sequence[int]) -> None:
    rows = list(Asset.objects.filter(pk__in=ids).order_by("pk"))
    used = set(PostPicture.objects.filter(asset__in=ids).values_list("asset_id", flat=True))
    used |= set(PostVideo.objects.filter(asset__in=ids).values_list("asset_id", flat=True))
    if busy := [one for one in rows if one.pk in used]:
        raise _built_on(f"“{busy[0].title}” stands on a post", len(busy))
    for row in rows:
        if row.retired_at is None:
            retire_asset(actor=actor, asset=row, why=BACK)


def _bring_posts(actor: StaffMember, steps: Sequence[Step]) -> list[tuple[str, int]]:
    return [
        (
            "publishing.post",
            draft_post(
                actor=actor,
                account_ids=step.given["accounts"],
                words=step.given["words"],
                title=step.given["title"],
                publish_at=datetime.fromisoformat(step.given["at"]) if step.given["at"] else None,
            ).pk,
        )
        for step in steps
    ]


def _back_posts(actor: StaffMember, source: Import, ids: Sequence[int]) -> None:
    rows = list(Post.objects.filter(pk__in=ids).order_by("pk"))
    if busy := [one for one in rows if one.version != 1 or one.state != Post.State.DRAFT]:
        raise _built_on(f"“{busy[0].title}” was worked on", len(busy))
    for row in rows:
        withdraw_post(actor=actor, post=row, why=BACK)


def _bring_messages(actor: StaffMember, steps: Sequence[Step]) -> list[tuple[str, int]]:
    taken = importing.take_past(actor=actor, messages=[step.given for step in steps])
    return [("moderation.comment", comment.pk) for comment in taken]


def _back_messages(actor: StaffMember, source: Import, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT smmp_take_back_messages(%s)", [source.pk])
        kept = cursor.fetchone()[0]
    if kept:
        raise _built_on(f"a colleague worked on message {kept[0]}, or it is held", len(kept))


_BRING: dict[str, Callable[[StaffMember, Sequence[Step]], list[tuple[str, int]]]] = {
    Kind.STAFF: _bring_staff,
    Kind.REPLIES: _bring_replies,
    Kind.MEDIA: _bring_media,
    Kind.POSTS: _bring_posts,
    Kind.MESSAGES: _bring_messages,
}
_TAKE_BACK: dict[str, Callable[[StaffMember, Import, Sequence[int]], None]] = {
    Kind.STAFF: _back_staff,
    Kind.REPLIES: _back_replies,
    Kind.MEDIA: _back_media,
    Kind.POSTS: _back_posts,
    Kind.MESSAGES: _back_messages,
}


def _built_on(why: str, count: int) -> TransitionNotAllowed:
    more = f", and {count - 1} more like it" if count > 1 else ""
    return TransitionNotAllowed(
        f"It cannot be taken back: {why}{more}. Nothing was taken back; take out by hand what should not be here."
    )
