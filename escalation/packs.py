"""What leaves with a case in two clicks: the threat-to-life sheet, and the exhibit pack.

The sheet is for the single point of contact who asks a platform for communications data: what identifies an
account and a message beyond doubt, in UTC. The pack holds the originals as they were received, what was kept of the
comments, hashes of everything, how it was kept in between, and a draft statement for whoever produces it.
Everything is read from what the case keeps; nothing of what is sealed as suspected child abuse goes along.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings

from core.errors import NotFound
from core.paper import Paper, utc
from escalation import queries_own_posts, queries_referrals, queries_risk
from escalation.models import Case, CaseComment
from media import queries as media
from moderation.attachments import Came, with_comments
from platforms import registry
from staff.models import StaffMember

VERSION = 1
"""Of the manifest; docs/guide/command.md."""
IN_MEMORY_BYTES = 16 * 1024 * 1024
SEALED = "sealed as suspected child abuse: the online child abuse team alone hands it on"


@dataclass(frozen=True)
class Piece:
    """One comment of the case, with what identifies it."""

    link: CaseComment
    platform: str
    account_number: str
    handle: str
    name: str
    address: str
    number: str
    posted_at: datetime | None
    received_at: datetime | None
    words: str
    attachments: Sequence[Came]

    @property
    def words_sha256(self) -> str:
        """Of the words in UTF-8, as they were kept."""
        return hashlib.sha256(self.words.encode()).hexdigest()

    @property
    def record_sha256(self) -> str:
        """Of the whole snapshot, as JSON with sorted keys and without spaces."""
        return hashlib.sha256(_canonical(self.link.snapshot)).hexdigest()


def pieces(case: Case) -> list[Piece]:
    """The comments of the case, in the order in which they were kept."""
    links = list(case.evidence.select_related("comment__commenter").order_by("added_at", "id"))
    came = with_comments([link.comment_id for link in links])
    return [_piece(link, came.get(link.comment_id, ())) for link in links]


def _piece(link: CaseComment, came: Sequence[Came]) -> Piece:
    kept, comment = link.snapshot, link.comment
    platform = kept.get("platform", comment.platform)
    return Piece(
        link=link,
        platform=registry.NAMES.get(platform, platform),
        account_number=kept.get("author_external_id") or comment.commenter.external_id,
        handle=kept.get("author_handle", ""),
        name=kept.get("author_name", ""),
        address=kept.get("url", ""),
        number=kept.get("external_id", comment.external_id),
        posted_at=_instant(kept.get("posted_at")),
        received_at=_instant(kept.get("received_at")),
        words=kept.get("words", ""),
        attachments=came,
    )


# The threat-to-life sheet


@dataclass(frozen=True)
class Part:
    """A heading with its facts, and words that stand as they were written."""

    heading: str
    facts: Sequence[tuple[str, str]]
    words: str = ""


def sheet_parts(case: Case, *, by: StaffMember, to: str, at: datetime) -> list[Part]:
    """What the sheet says."""
    call, assessment = queries_referrals.call_of(case), queries_risk.latest_assessment(case)
    told = queries_referrals.first_told(case)
    parts = [
        Part(
            "The risk",
            [
                ("For", to),
                ("From", f"{by.called}, {settings.FORCE_NAME}"),
                ("Ring back", by.phone or settings.CONTROL_ROOM_PHONE),
                ("Made", utc(at)),
                (
                    "Case",
                    f"{case.reference}{' (EXERCISE: nothing is to be asked for)' if case.exercise else ''}",
                ),
                ("Kind of risk", case.pathway.title),
                ("Title", case.title),
                ("Where", case.place),
                ("Grade", str(case.grade) if case.grade else "Not graded yet"),
                ("Why", assessment.rationale if assessment else ""),
                ("Incident manager", assessment.incident_manager if assessment else ""),
                ("Incident", call.incident if call else ""),
                ("First told", utc(told)),
            ],
        )
    ]
    for number, piece in enumerate(pieces(case), start=1):
        facts = [
            ("Platform", piece.platform),
            ("Account number", piece.account_number),
            ("Handle", piece.handle),
            ("Name shown", piece.name),
            ("Message number", piece.number),
            ("Address", piece.address),
            (
                "Private",
                "yes, a private message to the force" if piece.link.snapshot.get("private") else "no",
            ),
            ("Written", utc(piece.posted_at)),
            ("Reached us", utc(piece.received_at)),
            ("Kept", f"{utc(piece.link.added_at)}, revision {piece.link.revision_number}"),
            ("SHA-256 of words", piece.words_sha256),
        ]
        for came in piece.attachments:
            one = came.attachment
            said = SEALED if came.sealed else one.file.sha256 if one.file else one.get_state_display()
            facts.append((f"{one.get_kind_display()} {one.number}", said))
        parts.append(Part(f"Message {number}", facts, piece.words))
    return parts


def sheet_pdf(case: Case, parts: Sequence[Part], *, at: datetime) -> bytes:
    """The sheet on paper."""
    mark = f"OFFICIAL-SENSITIVE{' - EXERCISE' if case.exercise else ''}   {case.reference}"
    paper = Paper(f"Threat to life: {case.reference}", head=mark, at=at)
    for part in parts:
        paper.heading(part.heading)
        paper.facts(part.facts)
        if part.words:
            paper.text_block(part.words, exact=True)
    return paper.whole()


def sheet_text(case: Case, parts: Sequence[Part]) -> bytes:
    """The sheet as plain text, from which numbers and words can be copied letter by letter."""
    lines = [f"Threat to life: {case.reference}", "OFFICIAL-SENSITIVE"]
    for part in parts:
        lines += ["", part.heading, "-" * len(part.heading)]
        lines += [f"{name}: {value}" for name, value in part.facts if value]
        if part.words:
            lines += ["Words:", part.words]
    return ("\n".join(lines) + "\n").encode()


# The exhibit pack


@dataclass
class Pack:
    """A ZIP that is being filled, and what its manifest says of it."""

    zipped: zipfile.ZipFile
    at: datetime
    files: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)

    def put(self, path: str, content: bytes, what: str, exhibit: str = "") -> str:
        """One file. Answers its SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        info = zipfile.ZipInfo(path, date_time=self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if path.startswith("media/") else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        self.zipped.writestr(info, content)
        self.files.append(
            {"path": path, "sha256": sha256, "bytes": len(content), "what": what, "exhibit": exhibit}
        )
        return sha256


@dataclass(frozen=True)
class Made:
    """A pack that is whole."""

    content: IO[bytes]
    sha256: str
    size_bytes: int
    exhibits: int
    left_out: int


def exhibit_pack(case: Case, *, by: StaffMember, to: str, mark: str, at: datetime) -> Made:
    """The pack. `mark`: the initials under which its exhibits are numbered, "AH" for AH/1, AH/2.

    What cannot be had is named with the reason in the manifest and the statement, never left out in silence.
    """
    out: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - handed to the caller
    exhibits: list[tuple[str, str]] = []
    held: list[tuple[datetime | None, str]] = []
    with zipfile.ZipFile(out, "w") as zipped:
        pack = Pack(zipped, at)
        for piece in pieces(case):
            _put_piece(pack, piece, mark, exhibits, held)
        for own in queries_own_posts.of_case(case):
            exhibit = f"{mark}/{len(exhibits) + 1}"
            path = f"posts/{own.row.delivery_id}.json"
            kept = {"why": own.row.why, "kept_at": own.row.added_at.isoformat(), "record": own.row.snapshot}
            content = json.dumps(kept, ensure_ascii=False, indent=2).encode() + b"\n"
            sha256 = pack.put(path, content, f"our post on {own.account}", exhibit)
            exhibits.append((exhibit, f"our post on {own.account}, SHA-256 {sha256}"))
            held += [
                (own.sent_at, f"Our post went out on {own.account}."),
                (own.row.added_at, f"Our post was kept with the case by {own.row.added_by_name}."),
            ]
        for name, says in (
            ("continuity.txt", _continuity(case, held, by=by, to=to, at=at)),
            ("statement.txt", _statement(case, exhibits, pack, by=by, to=to, at=at)),
        ):
            pack.put(name, says.encode(), "who had it, and when" if name[0] == "c" else "draft statement")
        manifest = {
            "format": "smmp.exhibit-pack",
            "version": VERSION,
            "case": case.reference,
            "exercise": case.exercise,
            "force": settings.FORCE_NAME,
            "made_at": at.isoformat(),
            "made_by": by.called,
            "for": to,
            "files": pack.files,
            "left_out": pack.left_out,
        }
        listed = "".join(f"{one['sha256']}  {one['path']}\n" for one in pack.files)
        whole = json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n"
        listed += f"{pack.put('manifest.json', whole, 'what is in the pack')}  manifest.json\n"
        pack.put("SHA256SUMS", listed.encode(), "sha256sum -c SHA256SUMS")
    size = out.tell()
    out.seek(0)
    digest = hashlib.sha256()
    while block := out.read(1024 * 1024):
        digest.update(block)
    out.seek(0)
    return Made(out, digest.hexdigest(), size, len(exhibits), len(pack.left_out))


def _put_piece(
    pack: Pack,
    piece: Piece,
    mark: str,
    exhibits: list[tuple[str, str]],
    held: list[tuple[datetime | None, str]],
) -> None:
    comment = piece.link.comment_id
    folder = f"comments/{comment}"
    exhibit = f"{mark}/{len(exhibits) + 1}"
    sha256 = pack.put(f"{folder}/words.txt", piece.words.encode(), "the words as they were kept", exhibit)
    kept = {
        "comment": comment,
        "revision_number": piece.link.revision_number,
        "kept_at": piece.link.added_at.isoformat(),
        "kept_by": piece.link.added_by_name,
        "record_sha256": piece.record_sha256,
        "record": piece.link.snapshot,
        "revisions": [
            {"number": one.number, "seen_at": one.seen_at.isoformat(), "words": one.text}
            for one in piece.link.comment.revisions.order_by("number")
        ],
        "removed_at": _iso(piece.link.comment.removed_at),
    }
    pack.put(
        f"{folder}/record.json",
        json.dumps(kept, ensure_ascii=False, indent=2).encode() + b"\n",
        "everything kept of the comment, with what stood above it",
        exhibit,
    )
    exhibits.append((exhibit, f"comment {comment} on {piece.platform}, SHA-256 of its words {sha256}"))
    held += [
        (piece.posted_at, f"Comment {comment} was written, by the platform’s clock."),
        (piece.received_at, f"Comment {comment} reached this platform."),
        (
            piece.link.added_at,
            f"Comment {comment}, revision {piece.link.revision_number}, was kept with the case by {piece.link.added_by_name}.",
        ),
    ]
    for came in piece.attachments:
        one = came.attachment
        called = f"{one.get_kind_display().lower()} {one.number} of comment {comment}"
        if came.sealed:
            pack.left_out.append({"what": called, "why": SEALED})
            continue
        if one.file is None:
            pack.left_out.append({"what": called, "why": one.why or one.get_state_display()})
            continue
        try:
            content = media.received(one.file)
        except NotFound:
            pack.left_out.append({"what": called, "why": "it cannot be read from the store"})
            continue
        ending = mimetypes.guess_extension(one.file.content_type) or ".bin"
        exhibit = f"{mark}/{len(exhibits) + 1}"
        path = f"media/{comment}-{one.number}-{one.file.sha256[:16]}{ending}"
        sha256 = pack.put(path, content, f"{called}, as it was received", exhibit)
        exhibits.append((exhibit, f"{called}, SHA-256 {sha256}"))
        held.append(
            (
                one.file.received_at,
                f"{called.capitalize()} was fetched, hashed ({one.file.sha256}) and sealed in encrypted storage.",
            )
        )


def _continuity(
    case: Case, held: list[tuple[datetime | None, str]], *, by: StaffMember, to: str, at: datetime
) -> str:
    rows = sorted((when, says) for when, says in held if when is not None)
    rows.append((at, f"Copied from the case into this pack by {by.called}, for {to}."))
    lines = [f"Continuity of the exhibits of case {case.reference}, {settings.FORCE_NAME}", ""]
    lines += [f"{utc(when)}  {says}" for when, says in rows]
    lines += [
        "",
        "Originals are encrypted with a key of their own and cannot be changed by the platform. A copy is proved",
        "against the hash taken at receipt each time it is opened. Who looked at what stands in the audit trail.",
        "From here on, whoever hands the pack on adds name, date, time and place:",
        "",
        "From                      To                        Date and time (UTC)       Place",
        *["______________________    ______________________    ______________________    ______________"] * 4,
    ]
    return "\n".join(lines) + "\n"


def _statement(
    case: Case, exhibits: list[tuple[str, str]], pack: Pack, *, by: StaffMember, to: str, at: datetime
) -> str:
    lines = [
        "DRAFT - to be read, corrected and signed by whoever makes it",
        "",
        "WITNESS STATEMENT",
        "Criminal Procedure Rules, r. 16.2; Criminal Justice Act 1967, s. 9",
        "",
        f"Statement of: {by.called}",
        f"Occupation: [{by.rank or 'role'}], {settings.FORCE_NAME}",
        "",
        "This statement (consisting of ___ page(s) each signed by me) is true to the best of my knowledge and belief",
        "and I make it knowing that, if it is tendered in evidence, I shall be liable to prosecution if I have wilfully",
        "stated in it anything which I know to be false, or do not believe to be true.",
        "",
        "Signature: ______________________    Date: ______________",
        "",
        f"I work with the system on which {settings.FORCE_NAME} receives what the public writes to its accounts on social",
        "media. It takes in each comment with the platform's own time, keeps its words as they stood, fetches what came",
        "with it at once, records the SHA-256 of each file at receipt, and stores it encrypted and unchanged.",
        "",
        f"On {utc(at)} I took from case {case.reference} the following, each of which I produce as an exhibit:",
        "",
        *[f"  {exhibit}: {says}." for exhibit, says in exhibits],
    ]
    if not exhibits:
        lines.append("  [nothing: the case holds no comment]")
    if pack.left_out:
        lines += ["", "The following is not among them:", ""]
        lines += [f"  {one['what']}: {one['why']}." for one in pack.left_out]
    lines += [
        "",
        f"I handed them, as one file with a list of hashes, to {to}.",
        "",
        "[Say here what you yourself saw, did and know. Strike out what you cannot say from your own knowledge.]",
        "",
        "Signature: ______________________    Signature witnessed by: ______________________",
    ]
    return "\n".join(lines) + "\n"


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
