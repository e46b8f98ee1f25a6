"""What comes with comments: fetched with care, kept as received, shown anew, sealed where it may show child abuse."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from PIL import Image

from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation.actions.evidence import snapshot
from media import actions as media
from media import fetching, storage, vault
from media.fetching import Fetched, NotFetched, fetch
from media.models import SealedFile
from moderation import attachments as kept
from moderation import tasks
from moderation.actions import attachments, ingest
from moderation.models import Attachment, ChildSeal, Comment
from notices.models import Notice
from platforms import registry
from retention import queries
from retention.actions.restrictions import restrict_deleted
from retention.models import ScheduleRow
from tests.moderation.feed import Feed, message
from tests.retention import going

INGEST = System("ingest")


def a_jpeg(note: str = "") -> bytes:
    """A small picture that says where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = note or "taken at 1 Mill Lane"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (120, 30, 30)).save(out, "JPEG", exif=exif)
    return out.getvalue()


class Place:
    """A server of a stranger. `answers`: what stands under each path, as status, headers and body."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place.asked.append((self.path, dict(self.headers)))
                status, headers, body = place.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_STORE = tmp_path


@pytest.fixture
def came(monkeypatch, settings, place, force_account) -> Callable[..., Comment]:
    """A comment that came with one picture at a path of the place, which stands in for the platform."""
    feed = Feed.able()
    monkeypatch.setattr(registry, "connector_class", lambda slug: feed)
    monkeypatch.setattr(registry, "connect", lambda slug, login: feed(login))
    settings.EXERCISE_ADDRESS = place.base

    def come(external_id: str = "c1", path: str = "/a.jpg", **given) -> Comment:
        given = {"attachments": [{"kind": "image", "address": place.base + path}], **given}
        ingest.take_in(
            actor=INGEST,
            official_account=force_account,
            messages=[message(external_id, **given)],
            source="poll",
            connector=feed(),
        )
        return Comment.objects.get(external_id=external_id)

    return come


@pytest.fixture
def picture(came, place) -> Attachment:
    """A picture that was fetched and kept."""
    place.answers["/a.jpg"] = (200, {"Content-Type": "text/html"}, a_jpeg())
    comment = came()
    tasks.fetch_attachments()
    return comment.attachments.get()


# The fetcher


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a.jpg",
        "https://localhost/a.jpg",
        "http://10.1.2.3/a.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/a.jpg",
        "http://[::ffff:10.0.0.1]/a.jpg",
        "http://[64:ff9b::a00:1]/a.jpg",
        "http://0/a.jpg",
        "http://100.64.0.1/a.jpg",
        "http://203.0.113.5:8080/a.jpg",
        "https://name:word@cdn.example/a.jpg",
        "file:///etc/passwd",
        "gopher://203.0.113.5/a",
        "//cdn.example/a.jpg",
        "http://[::1",
        "http://cdn.example/" + "a" * 2000,
    ],
)
def test_an_address_inside_or_of_another_kind_is_never_asked(address):
    with pytest.raises(NotFetched) as refused:
        fetch(address)
    assert refused.value.kind == NotFetched.REFUSED


def test_only_the_server_that_stands_in_is_asked_among_private_ones(place):
    place.answers["/a"] = (200, {}, a_jpeg())
    assert fetch(place.base + "/a", stand_in=place.base).content_type == "image/jpeg"
    for other in ("", "http://127.0.0.1:1", place.base.replace("http", "https")):
        with pytest.raises(NotFetched):
            fetch(place.base + "/a", stand_in=other)
    (_, headers), *_ = place.asked
    assert not {"Cookie", "Authorization", "Referer"} & headers.keys()
    assert len(place.asked) == 1


def test_a_redirect_is_looked_at_like_a_first_address_and_ends(place):
    place.answers["/a"] = (302, {"Location": "/b"}, b"")
    place.answers["/b"] = (301, {"Location": "http://169.254.169.254/x"}, b"")
    place.answers["/round"] = (302, {"Location": "/round"}, b"")
    place.answers["/ok"] = (302, {"Location": "/c"}, b"")
    place.answers["/c"] = (200, {}, a_jpeg())
    for path in ("/a", "/round"):
        with pytest.raises(NotFetched) as refused:
            fetch(place.base + path, stand_in=place.base)
        assert refused.value.kind == NotFetched.REFUSED
    assert fetch(place.base + "/ok", stand_in=place.base).content == place.answers["/c"][2]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((200, {}, b"<html>a picture</html>"), NotFetched.REFUSED),
        ((200, {"Content-Encoding": "gzip"}, a_jpeg()), NotFetched.REFUSED),
        ((200, {"Content-Length": "99999999999"}, b""), NotFetched.TOO_BIG),
        ((200, {}, a_jpeg() + bytes(2000)), NotFetched.TOO_BIG),
        ((410, {}, b""), NotFetched.GONE),
        ((403, {}, b""), NotFetched.GONE),
        ((500, {}, b""), NotFetched.LATER),
        ((429, {}, b""), NotFetched.LATER),
    ],
)
def test_what_is_no_picture_too_big_gone_or_away_is_told_apart(place, answer, kind):
    place.answers["/a"] = answer
    with pytest.raises(NotFetched) as fault:
        fetch(place.base + "/a", stand_in=place.base, most_bytes=2000)
    assert fault.value.kind == kind
    assert fault.value.sentence.endswith(".")


def test_a_body_that_trickles_keeps_no_worker(place, monkeypatch):
    monkeypatch.setattr(fetching, "WHOLE_WITHIN_S", -1)
    place.answers["/a"] = (200, {}, a_jpeg())
    with pytest.raises(NotFetched) as fault:
        fetch(place.base + "/a", stand_in=place.base)
    assert (fault.value.kind, fault.value.sentence) == (NotFetched.LATER, "It came too slowly.")


# Kept as received


def test_a_picture_is_kept_as_it_came_encrypted_and_hashed(picture, place, tmp_path):
    original = place.answers["/a.jpg"][2]
    file = picture.file
    assert (picture.state, file.content_type, file.size_bytes) == ("kept", "image/jpeg", len(original))
    assert vault.get(sha256=file.sha256, address=file.stored_sha256, wrapped_key=file.wrapped_key) == original
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Mill Lane" not in stored
    entry = Entry.objects.get(event="attachment.kept")
    assert entry.details["sha256"] == file.sha256
    assert tasks.fetch_attachments() == 0, "a second run finds nothing to do"
    assert snapshot(picture.comment)["attachments"][0]["sha256"] == file.sha256


def test_a_changed_byte_in_the_store_is_found(picture):
    file = picture.file
    other = media.seal_received(actor=INGEST, received=Fetched(a_jpeg("other"), "image/jpeg"))
    with pytest.raises(storage.Damaged):
        vault.get(sha256=file.sha256, address=other.stored_sha256, wrapped_key=file.wrapped_key)
    with pytest.raises(storage.Damaged):
        vault.get(sha256=other.sha256, address=file.stored_sha256, wrapped_key=bytes(file.wrapped_key))


def test_the_same_file_twice_is_one_and_its_key_moves_to_a_newer_one(picture, came, settings):
    came("c2")
    tasks.fetch_attachments()
    assert SealedFile.objects.count() == 1
    assert Attachment.objects.filter(file=picture.file).count() == 2
    old = list(settings.CREDENTIAL_KEYS)
    settings.CREDENTIAL_KEYS = ["QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", *old]
    assert media.wrap_anew(actor=INGEST) == 1
    assert media.wrap_anew(actor=INGEST) == 0
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    assert SealedFile.objects.get().sha256 == picture.file.sha256
    settings.CREDENTIAL_KEYS = old
    with pytest.raises(NotValid):
        media.wrap_anew(actor=INGEST)


def test_an_exhibit_is_never_changed(picture):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE media_sealedfile SET sha256 = repeat('a', 64)")
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM media_sealedfile")


def test_what_cannot_be_had_is_tried_again_and_says_how_it_stands(came, place, client, amira_hussain):
    with time_machine.travel(clock.now(), tick=False) as still:
        place.answers["/a.jpg"] = (500, {}, b"")
        comment = came()
        for wait_s in attachments.WAITS_S:
            tasks.fetch_attachments()
            row = comment.attachments.get()
            assert (row.state, row.why) == ("waiting", "Its server answered 500.")
            assert row.next_try_at == clock.now() + timedelta(seconds=wait_s)
            assert tasks.fetch_attachments() == 0
            still.shift(timedelta(seconds=wait_s))
        tasks.fetch_attachments()
        assert comment.attachments.get().state == "gone"
        assert Entry.objects.filter(event="attachment.not_kept").count() == 1
        client.force_login(amira_hussain)
        page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
        assert "gone before it could be fetched. Its server answered 500." in page


def test_what_waits_takes_the_newest_address_and_what_is_new_with_it(came, place):
    comment = came(path="/old")
    place.answers["/new"] = (200, {}, a_jpeg())
    place.answers["/two"] = (200, {}, b"GIF89a not really")
    came(
        attachments=[
            {"kind": "image", "address": place.base + "/new"},
            {"kind": "video", "address": place.base + "/two", "alt_text": "two"},
        ]
    )
    assert [one.address[-4:] for one in comment.attachments.all()] == ["/new", "/two"]
    tasks.fetch_attachments()
    assert {one.state for one in comment.attachments.all()} == {"kept"}


# Shown


def test_people_see_a_copy_made_anew_without_its_metadata(picture, client, amira_hussain, pc_nair):
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:conversation", args=[picture.comment_id])).content.decode()
    address = reverse("moderation:attachment", args=[picture.pk])
    assert f'loading="lazy" src="{address}"' in page
    assert picture.address not in page, "nobody's browser goes to the author's server"
    answer = client.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert (answer["Cache-Control"], answer["Content-Security-Policy"]) == (
        "private, no-store",
        "default-src 'none'; sandbox",
    )
    shown = Image.open(io.BytesIO(answer.content))
    assert (shown.size, dict(shown.getexif())) == ((40, 30), {})
    assert Entry.objects.filter(event="attachment.viewed", subject_id=str(picture.pk)).count() == 1
    client.force_login(pc_nair)
    assert client.get(address).status_code == 404


def test_a_picture_that_cannot_be_opened_and_a_video_are_not_shown(came, place, client, amira_hussain):
    place.answers["/a.jpg"] = (200, {}, b"\xff\xd8\xff broken")
    place.answers["/v"] = (200, {}, b"\x00\x00\x00\x18ftypmp42" + bytes(64))
    came()
    video = came("c2", "/v")
    tasks.fetch_attachments()
    client.force_login(amira_hussain)
    for row in Attachment.objects.all():
        assert client.get(reverse("moderation:attachment", args=[row.pk])).status_code == 404
    page = client.get(reverse("moderation:conversation", args=[video.pk])).content.decode()
    assert "It is not played here." in page


def test_the_original_leaves_only_as_an_exhibit_for_somebody_named(
    picture, place, client, sergeant_okafor, amira_hussain
):
    address = reverse("moderation:exhibit", args=[picture.pk])
    client.force_login(sergeant_okafor)
    assert picture.file.sha256 in client.get(address).content.decode()
    assert client.post(address, {"to": " "}).status_code == 422
    taken = client.post(address, {"to": "DC Lowe, case W-2041"})
    assert taken.content == place.answers["/a.jpg"][2]
    assert taken["Content-Disposition"].startswith("attachment")
    entry = Entry.objects.get(event="attachment.exhibited")
    assert (entry.operation, entry.details["to"]) == ("disclosure", "DC Lowe, case W-2041")
    with pytest.raises(NotPermitted):
        attachments.take_exhibit(actor=amira_hussain, attachment=picture, to="me")


# Sealed


def test_a_picture_of_a_restricted_comment_is_shown_to_nobody(
    picture, client, amira_hussain, sergeant_okafor
):
    restrict_deleted(actor=INGEST, subject_type="moderation.comment", subject_id=picture.comment_id)
    for person, page in ((amira_hussain, "attachment"), (sergeant_okafor, "exhibit")):
        client.force_login(person)
        assert client.get(reverse(f"moderation:{page}", args=[picture.pk])).status_code == 404


def test_one_key_seals_it_for_everybody_at_once_and_tells_the_team(
    picture, came, client, amira_hussain, sergeant_okafor, constable_whitlock
):
    again = came("c2")
    tasks.fetch_attachments()
    client.force_login(amira_hussain)
    conversation = reverse("moderation:conversation", args=[picture.comment_id])
    assert 'data-key="i"' in client.get(conversation).content.decode()
    client.post(reverse("moderation:seal", args=[picture.comment_id]))
    page = client.get(conversation).content.decode()
    assert "Only the online child abuse team can open it" in page
    assert reverse("moderation:attachment", args=[picture.pk]) not in page
    assert 'data-key="i"' not in page
    other = again.attachments.get()
    for row in (picture, other):
        assert client.get(reverse("moderation:attachment", args=[row.pk])).status_code == 404
        assert not kept.with_comments([row.comment_id])[row.comment_id][0].can_be_seen
        with pytest.raises(TransitionNotAllowed):
            attachments.note_viewed(actor=amira_hussain, attachment=row)
        with pytest.raises(TransitionNotAllowed):
            attachments.take_exhibit(actor=sergeant_okafor, attachment=row, to="DC Lowe")
    client.force_login(sergeant_okafor)
    assert client.get(reverse("moderation:exhibit", args=[picture.pk])).status_code == 404
    assert client.get(reverse("moderation:sealed")).status_code == 403
    notice = Notice.objects.get(to=constable_whitlock)
    assert (notice.urgency, notice.link) == ("page", reverse("moderation:sealed"))
    assert Entry.objects.filter(event="attachment.sealed").count() == 1
    with pytest.raises(TransitionNotAllowed, match="sealed already"):
        attachments.seal(actor=amira_hussain, comment=picture.comment)
    assert snapshot(picture.comment)["attachments"][0] == {"kind": "image", "state": "sealed"}


def test_only_the_team_opens_it_for_a_reason_that_stands_in_the_trail_and_lifts_it(
    picture, client, amira_hussain, ben_osei, constable_whitlock
):
    (child_seal,) = attachments.seal(actor=amira_hussain, comment=picture.comment)
    opening = reverse("moderation:open_sealed", args=[child_seal.pk])
    for person in (amira_hussain, ben_osei):
        client.force_login(person)
        assert client.post(opening, {"why": "Curious"}).status_code == 403
    for act in (attachments.open_sealed, attachments.lift_seal):
        with pytest.raises(NotPermitted):
            act(actor=amira_hussain, child_seal=child_seal, why="Curious")
    client.force_login(constable_whitlock)
    listed = client.get(reverse("moderation:sealed")).content.decode()
    assert "Is the road open again?" not in listed
    assert (
        picture.file.sha256
        in client.get(reverse("moderation:sealed_one", args=[child_seal.pk])).content.decode()
    )
    assert client.post(opening, {"why": ""}).status_code == 422
    opened = client.post(opening, {"why": "Assessment OCA-17"})
    assert (opened["Content-Type"], opened["Cache-Control"]) == ("image/jpeg", "private, no-store")
    assert Entry.objects.get(event="attachment.opened").details == {"why": "Assessment OCA-17"}
    lifting = reverse("moderation:lift_seal", args=[child_seal.pk])
    assert client.post(lifting, {"lift_why": ""}).status_code == 422
    client.post(lifting, {"lift_why": "A swimming club, all clothed"})
    assert kept.one(amira_hussain, picture.pk) == picture
    with pytest.raises(TransitionNotAllowed):
        attachments.lift_seal(actor=constable_whitlock, child_seal=child_seal, why="Again")


def test_what_is_sealed_before_it_was_fetched_stays_sealed_when_it_comes(came, place, amira_hussain):
    comment = came()
    (child_seal,) = attachments.seal(actor=amira_hussain, comment=comment)
    place.answers["/a.jpg"] = (200, {}, a_jpeg())
    tasks.fetch_attachments()
    row = comment.attachments.get()
    assert row.state == "kept"
    assert ChildSeal.objects.get().file_id == row.file_id
    with pytest.raises(NotFound):
        kept.one(amira_hussain, row.pk)
    assert child_seal.file_id is None


def test_a_comment_without_a_picture_has_nothing_to_seal(came, amira_hussain, client):
    comment = came(attachments=[])
    with pytest.raises(TransitionNotAllowed, match="Escalate the comment"):
        attachments.seal(actor=amira_hussain, comment=comment)
    client.force_login(amira_hussain)
    page = client.post(reverse("moderation:seal", args=[comment.pk]), follow=True).content.decode()
    assert "there is nothing to seal" in page


def test_a_disposed_comment_takes_its_picture_along_and_a_sealed_one_stays(picture, came, amira_hussain):
    sealed = came("c2", "/b.jpg")
    attachments.seal(actor=amira_hussain, comment=sealed)
    long_ago = clock.now() - timedelta(days=3000)
    Comment.objects.update(state="decided", decided_at=long_ago, category="question")
    row = ScheduleRow.objects.get(slug="routine_comment")
    assert list(queries.due(row, on=clock.today())) == [picture.comment]
    opened = going.open_certificate(row)

    def dispose(pk: int) -> list[int]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT retention_dispose('routine_comment', %s, %s, %s)", [[pk], clock.today(), opened.pk]
            )
            return cursor.fetchone()[0]

    assert dispose(sealed.pk) == []
    assert dispose(picture.comment_id) == [picture.comment_id]
    assert not Attachment.objects.filter(pk=picture.pk).exists()
    assert not SealedFile.objects.exists(), "its key is gone with its row"
    assert Attachment.objects.filter(comment=sealed).exists()
