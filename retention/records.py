"""What retention must know of its own records."""

from __future__ import annotations

from core.records import Part, RecordClass, Subject
from retention.models import RightsRequest


def snapshot(request: RightsRequest) -> list[tuple[str, str]]:
    """Who asked what, and what they were told."""
    return [
        ("Asked by", request.requester),
        ("Received", f"{request.received_on:%d %B %Y}"),
        ("What they ask", request.wanted),
        ("What they were told", request.words),
    ]


REQUEST = Subject(
    "retention.rightsrequest",
    "Information request",
    "retention_rightsrequest",
    named_by="reference",
    parts=(
        Part("retention_disclosure", "request_id"),
        Part("retention_founditem", "request_id"),
        Part("retention_requestchange", "request_id"),
        Part("retention_requestsubject", "request_id"),
        Part("retention_erasure", "request_id"),
    ),
    # The bundle and the sealed file that it is: without its row, and so its key, what lies in the store is noise.
    first=(
        "DELETE FROM retention_disclosure d WHERE d.request_id = ANY(gone)",
        """WITH went AS (DELETE FROM retention_bundle b WHERE b.request_id = ANY(gone) RETURNING b.file_id)
        DELETE FROM media_sealedfile f USING went WHERE f.id = went.file_id
            AND NOT EXISTS (SELECT 1 FROM moderation_attachment a WHERE a.file_id = f.id)""",
    ),
    account="official_account_id",
    since="taken_in_at",
    snapshot=snapshot,
)

CLASSES = (
    RecordClass(
        "schedule",
        "Kept until a person decides: it explains why records went or stayed.",
        not_searched="Rules, and holds by the number of what they cover; requests of theirs are known to whoever asks.",
    ),
    RecordClass(
        "disposal",
        "Kept until a person decides: it proves what went, and holds nothing of it.",
        not_searched="Numbers and hashes of what is gone, in which nobody can be looked for.",
    ),
    RecordClass(
        "information_request",
        "Disposed of with what was found and with the bundle that was given out, so long after it was answered.",
        subject=REQUEST,
        begins=(("{r}.state = 'closed'", "closed_at"),),
        not_searched="Requests of theirs, which whoever handles this one finds on the board by their number.",
    ),
)
