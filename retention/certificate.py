"""The certificate of a disposal, as JSON and as a PDF. It holds metadata alone: counts and salted hashes, no content.

Anybody can check it without the platform: scripts/verify_certificate.py.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings

from audit.seal import export
from audit.verifier import written
from core import clock
from core.errors import NotFound
from core.paper import Paper
from retention import queries
from retention.models import Disposal, Erasure, Proposal, Review, ScheduleRow
from staff.models import StaffMember

FORMAT = "smmp-disposal-certificate/1"
SHOWN_ON_PAPER = 2_000
"""Hashes that the PDF prints; the JSON has them all."""


def document(disposal: Disposal) -> dict[str, Any]:
    """The certificate as data. The same disposal gives the same bytes, so that its digest can be sealed."""
    return {**(disposal.head or head(disposal)), "records": hashes(disposal)}


def head(disposal: Disposal) -> dict[str, Any]:
    """The certificate but for its hashes, as things stand now; kept with the disposal once that is finished."""
    row = disposal.row
    return {
        "format": FORMAT,
        "force": settings.FORCE_NAME,
        "certificate": disposal.pk,
        "record_class": row.slug,
        "title": row.title,
        "rule": disposal.rule,
        "rule_version": disposal.row_version,
        "approved_by": disposal.approved_by,
        "run_on": disposal.run_on.isoformat(),
        "due_before": written(disposal.due_before),
        "finished_at": written(disposal.finished_at) if disposal.finished_at else "",
        "disposed": disposal.disposed_count,
        "kept_by_a_hold": disposal.held_count,
        "hashed_by": "SHA-256 of salt, colon, number",
        "salt": disposal.salt,
    }


def hashes(disposal: Disposal) -> list[str]:
    """The numbers of what went as salted hashes, sorted, so that they say nothing of the order either."""
    numbers = disposal.tombstones.values_list("subject_id", flat=True).iterator(chunk_size=10_000)
    return sorted(hashlib.sha256(f"{disposal.salt}:{pk}".encode()).hexdigest() for pk in numbers)


def canonical(document: dict[str, Any]) -> bytes:
    """The bytes that the digest is of: JSON with sorted keys and no spaces, in UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of the certificate; the audit entry disposal.finished says the same (certificate_sha256)."""
    return hashlib.sha256(canonical(document)).hexdigest()


def as_json(disposal: Disposal) -> bytes:
    """The certificate as a file: the document, its digest, and the proof that the sealed trail says the same.

    The proof is null until the entry is sealed, which takes seconds, and where its month of the trail is gone.
    """
    made = document(disposal)
    try:
        proof = export.proof(disposal.entry_id) if disposal.entry_id else None
    except NotFound:
        proof = None
    whole = {"document": made, "sha256": digest(made), "proof": proof}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()


def who_stood_for(proposal: Proposal) -> list[str]:
    """Names, and what each stood for: the rule, the proposal where it was large, the reviews that it carries out."""
    said = stood_for_rule(proposal.row)
    for person in (proposal.first_by, proposal.second_by):
        if person is not None:
            said.append(f"{person.called}: this disposal")
    said += _who_granted(proposal.row)
    if proposal.reviewed:
        settled = Review.objects.filter(
            row=proposal.row, state=Review.State.SETTLED, decision=Review.Decision.DISPOSE
        )
        people = StaffMember.objects.filter(
            pk__in=[
                *settled.values_list("decided_by", flat=True),
                *settled.values_list("second_by", flat=True),
            ]
        )
        said += [f"{person.called}: reviews" for person in people.order_by("pk")]
    return said


def _who_granted(row: ScheduleRow) -> list[str]:
    """Of records that go before their time: the requests by which they do, with the two people of each."""
    going = queries.granted(row)
    # As a list: the conditions of the rooms name their table, which a subquery would call otherwise.
    ids = list(going.values_list("pk", flat=True))
    found = (
        Erasure.objects.filter(subject_type=going.model._meta.label_lower, subject_id__in=ids)
        .select_related("request__put_by", "request__agreed_by")
        .order_by("request_id", "id")
    )
    requests = {one.request_id: one.request for one in found}
    return [
        f"{person.called}: erasure granted in {one.reference}"
        for one in requests.values()
        for person in (one.put_by, one.agreed_by)
        if person is not None
    ]


def stood_for_rule(row: ScheduleRow) -> list[str]:
    """Who changed the rule last and who approved or confirmed it; that it is as it came where nobody has yet."""
    change = row.changes.filter(version=row.version).select_related("changed_by").first()
    said = [f"{change.changed_by.called}: drafted the rule"] if change is not None else []
    if row.confirmed_by is not None:
        said.append(f"{row.confirmed_by.called}: {'approved' if change else 'confirmed'} the rule")
    return said or ["The rule as it was installed; not confirmed by the force yet"]


def pdf(disposal: Disposal) -> bytes:
    """The certificate on paper."""
    made = disposal.finished_at or clock.now()
    paper = Paper(
        "Certificate of disposal", head=f"{settings.FORCE_NAME}, certificate {disposal.pk}", at=made
    )
    paper.set_author(settings.FORCE_NAME)
    paper.facts(_lines(disposal))
    paper.heading("Records that went, as salted hashes of their numbers")
    found = hashes(disposal)
    paper.small("\n".join(found[:SHOWN_ON_PAPER]) or "None listed.")
    if len(found) > SHOWN_ON_PAPER:
        paper.text_block(f"{len(found) - SHOWN_ON_PAPER:,} more stand in the certificate as JSON.")
    paper.text_block(
        "The records were deleted from the database and cannot be brought back from it. This certificate holds "
        "metadata only. Its digest is sealed in the audit trail, and scripts/verify_certificate.py checks the "
        "certificate as JSON on any machine with Python."
    )
    return paper.whole()


def _lines(disposal: Disposal) -> list[tuple[str, str]]:
    row = disposal.row
    before = clock.in_london(disposal.due_before)
    finished = clock.in_london(disposal.finished_at) if disposal.finished_at else None
    return [
        ("Certificate", str(disposal.pk)),
        ("Record class", row.title),
        ("Rule", f"version {disposal.row_version}: {disposal.rule or 'see the schedule'}"),
        ("Source of the rule", row.source),
        ("Stood for by", "; ".join(disposal.approved_by) or "see the audit trail"),
        ("Day of the run", f"{disposal.run_on:%d %B %Y}"),
        ("Due", f"whatever began before {before:%d %B %Y %H:%M} (London)"),
        ("Disposed of", f"{disposal.disposed_count:,}"),
        ("Kept by a hold", f"{disposal.held_count:,}"),
        ("Finished", f"{finished:%d %B %Y %H:%M:%S %Z}" if finished else "not yet"),
        ("Digest (SHA-256)", disposal.digest or "none"),
    ]
