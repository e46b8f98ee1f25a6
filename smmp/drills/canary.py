"""A phrase that nobody else wrote is planted in a comment and in an upload, both are disposed of, and it is looked for.

In every column of every table as SQL reads it, in a dump of the database, and in every file that the platform keeps
outside the database server's own directory. What the server has not yet written over there (its write-ahead log, pages not vacuumed) is
bounded by the rotation that docs/operations.md states, and by nothing here.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import psycopg2
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts.models import OfficialAccount
from core import clock
from core.actors import System
from media import actions as media
from media.models import File
from moderation.actions import drafts, ingest
from moderation.models import Comment, Decision, Note, Revision
from platforms.contract import Connector, RawMessage
from platforms.exercise.connector import ExerciseConnector
from retention import tasks
from retention.actions import disposals, proposals
from retention.models import Proposal, ScheduleRow
from smmp.local import scratch
from smmp.local.places import find
from smmp.seed import force
from staff.models import StaffMember

DRILL = System("drill")
PHRASE = "quokkazine-vellichor-{number}"


class _Reader(ExerciseConnector):
    """Reads what has come; it has no login and speaks to nobody."""

    def __init__(self) -> None:
        pass


@dataclass
class Told:
    """Where the phrase was found: by place, before the disposal and after it."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    in_dump: int = 0
    files_before: int = 0
    """Files of the store that held it, in what an upload carried beside its pixels."""
    in_files: list[str] = field(default_factory=list)
    disposed: int = 0
    kept_out: bool = False
    """Whether the platform was kept from bringing it back."""


def canary() -> Told:
    """Plant, dispose, look. Works on a scratch database alone; the files looked at are those of this installation."""
    told = Told()
    phrase = PHRASE.format(number=clock.now().strftime("%H%M%S"))
    with scratch.database() as made:
        world = force.make()
        account, amira = world.accounts["wealdshire-police"], world.people["amira_hussain"]
        comment = _plant(account, amira, phrase)
        _plant_file(phrase)
        told.before = _in_tables(made.owner, phrase)
        told.files_before = len(_in_files(phrase))
        _dispose("routine_comment")
        # The copy first, then the original that it was made of.
        _dispose("file")
        _dispose("file")
        media.remove_left(actor=DRILL, older_than_s=0)
        told.disposed = 1 - Comment.objects.filter(pk=comment.pk).count()
        told.kept_out = not _arrives(account, phrase).new
        told.after = _in_tables(made.owner, phrase)
        told.in_dump = _in_dump(made.owner, phrase)
        told.in_files = _in_files(phrase)
    return told


def _arrives(account: OfficialAccount, phrase: str) -> ingest.TakenIn:
    message = RawMessage(
        external_id="canary",
        payload={
            "id": "canary",
            "text": f"They said {phrase} again",
            "author": {"id": "canary-author", "handle": f"of-{phrase}", "name": f"Of {phrase}"},
            "created_at": clock.now().isoformat(),
            "url": "",
            "private": False,
            "by_us": False,
            "deleted": False,
            "hidden": False,
            "root": "canary-root",
            "reply_to": "canary-root",
        },
    )
    return ingest.take_in(
        actor=DRILL,
        official_account=account,
        messages=[message],
        source="poll",
        connector=cast(Connector, _Reader()),
    )


def _plant(account: OfficialAccount, amira: StaffMember, phrase: str) -> Comment:
    """As it comes in, edited, and with all that the desk writes about it."""
    (pk,) = _arrives(account, phrase).new
    comment = Comment.objects.get(pk=pk)
    now = clock.now()
    Revision.objects.create(comment=comment, number=2, text=f"{phrase}, edited", seen_at=now)
    Note.objects.create(comment=comment, by=amira, at=now, text=f"Says {phrase}")
    drafts.keep_draft(actor=amira, comment=comment, text=f"About {phrase}")
    Decision.objects.create(
        comment=comment,
        revision=comment.revisions.get(number=2),
        kind=Decision.Kind.NO_ACTION,
        by=amira,
        by_name=amira.called,
        at=now,
        why=f"Only {phrase}",
    )
    long_ago = now - timedelta(days=3000)
    Comment.objects.filter(pk=pk).update(
        state=Comment.State.DECIDED,
        decided_at=long_ago,
        category="question",
        revision_number=2,
        needs_case="",
    )
    comment.refresh_from_db()
    return comment


def _plant_file(phrase: str) -> None:
    """An upload that no record uses, whose original says it beside its pixels."""
    out, text = io.BytesIO(), PngInfo()
    text.add_text("Comment", phrase)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=text)
    media.store_image(
        actor=DRILL, upload=SimpleUploadedFile("canary.png", out.getvalue()), name=f"{phrase}.png"
    )
    File.objects.update(stored_at=clock.now() - timedelta(days=3000))


def _dispose(slug: str) -> None:
    proposal = proposals.propose(actor=tasks.RETENTION, row=ScheduleRow.objects.get(slug=slug))
    if proposal is not None:
        Proposal.objects.filter(pk=proposal.pk).update(goes_at=clock.now())
        disposals.carry_out(actor=tasks.RETENTION, proposal=proposal)


def _in_tables(address: str, phrase: str) -> list[str]:
    """Tables in which some row says it in any column, search words and bytes included."""
    found = []
    with psycopg2.connect(address) as server, server.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text ILIKE ANY(%s)",  # noqa: S608 # nosec B608
                [[f"%{one}%" for one in _forms(phrase)]],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def _forms(phrase: str) -> list[str]:
    """The phrase, its rarest word (search words are cut at hyphens), and both as the hexadecimal in which bytes are shown."""
    words = [phrase, phrase.split("-")[0]]
    return [*words, *(word.encode().hex() for word in words)]


def _in_dump(address: str, phrase: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump.sql"
        subprocess.run(
            [find().postgres_bin / "pg_dump", f"--dbname={address}", f"--file={path}"],
            check=True,
            capture_output=True,
        )
        dumped = path.read_bytes()
    return sum(dumped.count(form.encode()) for form in _forms(phrase))


def _in_files(phrase: str) -> list[str]:
    """Files of this installation that hold it: media, logs, exports, caches; not the database server's own."""
    forms, server = [form.encode() for form in _forms(phrase)], find().data
    found = []
    for root in {Path(settings.VAR_DIR), Path(settings.MEDIA_STORE)}:
        for path in root.rglob("*"):
            if path.is_relative_to(server) or not path.is_file():
                continue
            try:
                content = path.read_bytes()
            except OSError:
                continue
            if any(form in content for form in forms):
                found.append(path.as_posix())
    return found
