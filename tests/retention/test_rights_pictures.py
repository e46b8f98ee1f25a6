"""Pictures in what is given out: out unless a person says so, black where they say so, never what is sealed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from django.urls import reverse
from PIL import Image

from audit.models import Entry
from core import clock
from core.errors import NotValid
from media import actions as media
from media import queries
from media.fetching import Fetched
from moderation.models import Attachment, ChildSeal
from retention import bundle
from retention import pictures as of_records
from retention.actions import rights, rights_review
from retention.models import FoundItem
from tests import comments
from tests.retention.test_rights import include, intake, pdf_text

RED, GREEN = (200, 0, 0), (0, 200, 0)


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_STORE = tmp_path / "store"


def photograph() -> bytes:
    """Red on the left, where somebody else stands, and green on the right; taken at home."""
    picture = Image.new("RGB", (160, 120), RED)
    picture.paste(GREEN, (80, 0, 160, 120))
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    out = io.BytesIO()
    picture.save(out, "PNG", exif=exif)
    return out.getvalue()


@pytest.fixture
def item(force_account, nadia_rahman) -> FoundItem:
    """A comment of theirs that came with a picture and a video, found for their request."""
    comment = comments.write(force_account, "That is me on the right", by="jo_h")
    for number, (kind, content, content_type) in enumerate(
        (("image", photograph(), "image/png"), ("video", b"moving pictures", "video/mp4")), start=1
    ):
        Attachment.objects.create(
            comment=comment,
            number=number,
            kind=kind,
            address="https://files.example.org/1",
            alt_text="Jo with Zephyrine Quux",
            state="kept",
            file=media.seal_received(actor=nadia_rahman, received=Fetched(content, content_type)),
        )
    made = rights.receive(actor=nadia_rahman, intake=intake(commenter_id=comment.commenter_id))
    rights_review.search(actor=nadia_rahman, request=made)
    return made.items.get(subject_type="moderation.comment", subject_id=comment.pk)


def bundled(item, actor) -> dict[str, bytes]:
    """The files of the bundle that is made of it."""
    for other in item.request.items.filter(decision=""):
        include(other, actor)
    made = rights_review.make_bundle(actor=actor, request=item.request)
    with zipfile.ZipFile(io.BytesIO(queries.received(made.file))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_nobody_decided_on_stays_out_and_is_told_of_nowhere(item, nadia_rahman):
    include(item, nadia_rahman)
    files = bundled(item, nadia_rahman)
    assert not [name for name in files if name.startswith("pictures/")]
    assert b"/Subtype /Image" not in files[f"{item.request.reference}-records.pdf"]


def test_a_picture_goes_in_black_where_somebody_else_is(client, item, nadia_rahman):
    left = [row * 8 + column for row in range(6) for column in range(1, 5)]
    client.force_login(nadia_rahman)
    page = reverse("retention:request_item", args=[item.request_id, item.pk])
    shown = client.get(page).content.decode()
    assert "Stays out" in shown
    assert 'alt="Picture 1 that came with it: Jo with Zephyrine Quux">' in shown
    sight = reverse("retention:request_picture", args=[item.request_id, item.pk, 0])
    assert client.get(sight).status_code == 200
    assert Entry.objects.get(event="request.picture_viewed").details["picture"] == 1
    given = {"version": item.version, "decision": "include", "picture-0": "covered", "squares-0": left}
    assert client.post(page, {**given, "squares-0": []}).status_code == 422
    assert client.post(page, {**given, "picture-0": "whole"}).status_code == 422
    assert client.post(page, {**given, "picture-1": "covered", "squares-1": [1]}).status_code == 422
    refused = client.post(page, {**given, "picture-0": "others", "squares-0": []})
    assert "Say why picture 1 goes in" in refused.content.decode()
    assert client.post(page, given).status_code == 302
    assert Image.open(io.BytesIO(client.get(f"{sight}?as=given").content)).getpixel((20, 60))[0] < 8
    item.refresh_from_db()
    files = bundled(item, nadia_rahman)
    (name,) = [name for name in files if name.startswith("pictures/")]
    picture = Image.open(io.BytesIO(files[name]))
    assert dict(picture.getexif()) == {}
    for x in range(0, 80, 4):
        for y in range(0, 120, 4):
            assert max(picture.getpixel((x, y))) < 8, (x, y)
    assert picture.getpixel((140, 60))[1] > 180
    manifest = json.loads(files["manifest.json"])
    hashes = {one["name"]: one["sha256"] for one in manifest["files"]}
    assert hashes[name] == hashlib.sha256(files[name]).hexdigest()
    data = json.loads(files[f"{item.request.reference}-records.json"])
    (told,) = [one["pictures"] for one in data["records"] if one["pictures"]]
    assert told == [{"file": name, "type": "image/jpeg", "sha256": hashes[name], "partly_covered": True}]
    pdf = files[f"{item.request.reference}-records.pdf"]
    # The picture that is in the PDF is the one that is in the bundle, byte by byte, and no other.
    assert pdf.count(b"/Subtype /Image") == 1
    assert files[name] in pdf
    for where in (pdf_text(pdf), json.dumps(data), files["manifest.json"].decode()):
        assert "Zephyrine" not in where
        assert "taken at home" not in where


def test_a_picture_with_others_and_a_video_go_in_with_a_reason(item, nadia_rahman):
    include(item, nadia_rahman, shown=[(0, "others", [], "His brother agreed"), (1, "whole", [], "")])
    files = bundled(item, nadia_rahman)
    assert sorted(name.rpartition(".")[2] for name in files if "pictures/" in name) == ["jpg", "mp4"]
    assert (
        Image.open(
            io.BytesIO(next(content for name, content in files.items() if name.endswith(".jpg")))
        ).getpixel((20, 60))[0]
        > 180
    )
    assert item.request.bundles.get().pictures == 2


def test_what_is_sealed_for_the_child_abuse_team_is_opened_by_nobody_and_goes_nowhere(
    client, item, nadia_rahman, sergeant_okafor
):
    include(item, nadia_rahman, shown=[(0, "whole", [], "")])
    item.refresh_from_db()
    came = Attachment.objects.get(number=1)
    ChildSeal.objects.create(attachment=came, file=came.file, by=sergeant_okafor, at=clock.now())
    with pytest.raises(NotValid, match="sealed since"):
        rights_review.make_bundle(actor=nadia_rahman, request=item.request)
    with pytest.raises(NotValid, match="nobody opens it here"):
        include(item, nadia_rahman, shown=[(0, "whole", [], "")])
    client.force_login(nadia_rahman)
    sight = reverse("retention:request_picture", args=[item.request_id, item.pk, 0])
    assert client.get(sight).status_code == 404
    assert (
        "Sealed for the online child abuse team"
        in client.get(reverse("retention:request_item", args=[item.request_id, item.pk])).content.decode()
    )


def test_another_picture_is_looked_at_again_and_a_bundle_of_before_is_not_of_now(item, nadia_rahman):
    include(item, nadia_rahman, shown=[(0, "whole", [], "")])
    item.refresh_from_db()
    before = bundle.digest([item])
    include(item, nadia_rahman)
    item.refresh_from_db()
    assert bundle.digest([item]) != before
    Attachment.objects.create(
        comment_id=item.subject_id,
        number=3,
        kind="image",
        address="https://files.example.org/3",
        state="kept",
        file=Attachment.objects.get(number=1).file,
    )
    rights_review.search(actor=nadia_rahman, request=item.request)
    item.refresh_from_db()
    assert item.decision == ""
    assert len(of_records.of(item)) == 3
