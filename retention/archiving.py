"""The file that an archive gets: records as JSON, their pictures, and a manifest with a hash of each. The same each time."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from audit.verifier import written
from media import storage
from retention import registry
from retention.models import ArchivedRecord, ArchiveOffer

FORMAT = "smmp-archive-offer/1"
_AT = (1980, 1, 1, 0, 0, 0)
"""Of every file in the ZIP, so that the same records make the same bytes."""


def contents(
    offer: ArchiveOffer, records: Iterable[ArchivedRecord]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and the files by their name in the ZIP. A picture that is not stored any more is said to be missing."""
    files: dict[str, bytes] = {}
    listed = []
    for one in records:
        subject = registry.subject(one.subject_type)
        record = registry.rows_of(one.subject_type).filter(pk=one.subject_id).first()
        if record is None or subject.archive is None:
            continue
        said = subject.archive(record)
        pictures = []
        for picture in said.get("files", []):
            name = f"files/{picture['sha256']}"
            try:
                files[name] = storage.get(picture["sha256"])
            except storage.Damaged:
                picture = {**picture, "missing": True}
            pictures.append(picture)
        name = f"records/{subject.noun.lower()}-{one.subject_id}.json"
        files[name] = _json({**said, "files": pictures})
        listed.append(
            {
                "kind": subject.noun,
                "number": one.subject_id,
                "title": one.subject_name,
                "file": name,
                "sha256": hashlib.sha256(files[name]).hexdigest(),
                "pictures": [picture["sha256"] for picture in pictures],
            }
        )
    manifest = {
        "format": FORMAT,
        "force": settings.FORCE_NAME,
        "offered_to": offer.archive,
        "why": offer.why,
        "made_at": written(offer.made_at),
        "purpose": "Kept for its historical value alone; no policing purpose remains.",
        "records": listed,
    }
    return manifest, files


def digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of the manifest, which names the hash of every file."""
    return hashlib.sha256(_json(manifest)).hexdigest()


def packed(offer: ArchiveOffer) -> bytes:
    """The ZIP of an offer."""
    manifest, files = contents(offer, offer.records.all())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in [("manifest.json", _json(manifest)), *sorted(files.items())]:
            made.writestr(zipfile.ZipInfo(name, _AT), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()
