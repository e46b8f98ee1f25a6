"""Pictures: what is kept, what is stripped, who may see it, and what is refused."""

from __future__ import annotations

import io
import stat
import struct
import zlib
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid
from media import pictures, queries, storage
from media.actions import store_image
from media.models import File


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_STORE = tmp_path / "store"
    return settings.MEDIA_STORE


def encoded(kind="JPEG", size=(40, 20), mode="RGB", colour="red", **options):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def upload(content, name="place.jpg"):
    return SimpleUploadedFile(name, content)


def keep(actor, content, name="place.jpg"):
    return store_image(actor=actor, upload=upload(content, name), name=name)


def photograph_with_a_place():
    """A picture taken sideways by a telephone that wrote where it was."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Telephone"
    exif.get_ifd(0x8825)[1] = "N"
    return encoded(exif=exif.tobytes(), comment=b"at home", icc_profile=b"profile")


def test_the_copy_is_upright_and_says_nothing_of_where_it_was_taken(leah_brandt, store):
    copy = keep(leah_brandt, photograph_with_a_place())
    shown = Image.open(io.BytesIO(queries.content(copy)))
    assert shown.size == (20, 40)
    assert dict(shown.getexif()) == {}
    assert not {"exif", "icc_profile", "comment"} & set(shown.info)
    assert b"Telephone" not in queries.content(copy)
    assert (copy.kind, copy.content_type, copy.width, copy.height) == ("copy", "image/jpeg", 20, 40)
    sealed = copy.original
    assert storage.get(sealed.sha256) == photograph_with_a_place()
    with pytest.raises(ValueError, match="sealed"):
        queries.content(sealed)
    entry = Entry.objects.get(event="file.stored")
    assert entry.subject_name == f"file {copy.sha256[:12]}"
    assert entry.details["original_sha256"] == sealed.sha256


def test_files_are_kept_once_and_for_us_alone(leah_brandt, store):
    first, second = keep(leah_brandt, encoded()), keep(leah_brandt, encoded())
    assert first.sha256 == second.sha256
    kept = [path for path in store.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert all(path.name.startswith(path.parent.parent.name + path.parent.name) for path in kept)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (encoded("PNG"), "image/jpeg"),
        (encoded("PNG", mode="RGBA", colour=(255, 0, 0, 90)), "image/png"),
        (encoded("WEBP"), "image/jpeg"),
        (encoded("GIF"), "image/jpeg"),
        (encoded("JPEG", mode="CMYK", colour=(0, 0, 0, 0)), "image/jpeg"),
        (encoded("PNG", mode="I;16", colour=9), "image/jpeg"),
    ],
)
def test_every_accepted_kind_becomes_a_plain_one(content, kind):
    assert pictures.reencode(content).content_type == kind


def test_a_large_picture_is_made_smaller():
    made = pictures.reencode(encoded(size=(5000, 100)))
    assert max(made.width, made.height) == pictures.LONGEST_SIDE_PX


def bomb():
    """A PNG of a few bytes that says it is 50,000 by 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", 0)
        + b"IEND"
        + struct.pack(">I", zlib.crc32(b"IEND"))
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"GIF89a", "not a picture|broken"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "not a picture"),
        (b"%PDF-1.7", "not a picture"),
        (encoded("BMP"), "not a picture"),
        (encoded()[:200], "not a picture|broken"),
        (encoded("PNG")[:60], "broken"),
        (bomb(), "million pixels|unpacks"),
        (b"x" * (pictures.MOST_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(leah_brandt, content, sentence):
    with pytest.raises(NotValid, match=sentence):
        keep(leah_brandt, content)
    assert not File.objects.exists()


def test_only_those_who_write_posts_store_pictures(joan_pritchard):
    with pytest.raises(NotPermitted):
        keep(joan_pritchard, encoded())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\photos\\town hall.png", "town hall.jpg"),
        ("\u202egpj.exe", "gpj.jpg"),
        ("", "picture.jpg"),
        ("x" * 300, "x" * 120 + ".jpg"),
    ],
)
def test_a_name_is_only_a_name(leah_brandt, given, kept):
    out = SimpleUploadedFile("x.jpg", encoded())
    assert store_image(actor=leah_brandt, upload=out, name=given).name == kept


def test_damage_in_the_store_is_noticed(leah_brandt, store):
    copy = keep(leah_brandt, encoded())
    path = store / copy.sha256[:2] / copy.sha256[2:4] / copy.sha256
    path.write_bytes(b"something else")
    with pytest.raises(storage.Damaged):
        queries.content(copy)
    path.unlink()
    with pytest.raises(storage.Damaged):
        queries.content(copy)


def test_a_picture_is_made_to_fit_a_platform():
    noise = io.BytesIO()
    Image.effect_noise((900, 900), 90).convert("RGB").save(noise, "JPEG", quality=95)
    whole = noise.getvalue()
    assert pictures.within(whole, 0) is whole
    assert pictures.within(whole, len(whole)) is whole
    fitted = pictures.within(whole, 50_000)
    assert len(fitted) <= 50_000
    assert Image.open(io.BytesIO(fitted)).format == "JPEG"


# Serving


def test_a_picture_is_shown_in_a_sandbox_and_the_look_is_recorded(client, leah_brandt):
    copy = keep(leah_brandt, encoded())
    client.force_login(leah_brandt)
    answer = client.get(queries.link_for(copy, leah_brandt))
    assert answer.status_code == 200
    assert answer.content == queries.content(copy)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == "inline"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.get(event="file.viewed").actor_id == leah_brandt.pk


def test_an_address_is_for_one_person_one_file_and_five_minutes(client, leah_brandt, helen_achebe):
    copy, other = keep(leah_brandt, encoded()), keep(leah_brandt, encoded(colour="blue"))
    link = queries.link_for(copy, leah_brandt)
    assert client.get(link).status_code == 302
    client.force_login(helen_achebe)
    assert client.get(link).status_code == 404
    client.force_login(leah_brandt)
    token = link.partition("?")[2]
    assert client.get(f"{reverse('media:show', args=[other.pk])}?{token}").status_code == 404
    assert client.get(f"{reverse('media:show', args=[copy.original_id])}?{token}").status_code == 404
    assert client.get(reverse("media:show", args=[copy.pk])).status_code == 404
    assert client.get(f"{link}x").status_code == 404
    sealed = queries.link_for(copy.original, leah_brandt)
    assert client.get(sealed).status_code == 404
    with time_machine.travel(clock.now() + timedelta(seconds=queries.LINK_LASTS_S + 2), tick=False):
        client.force_login(leah_brandt)
        assert client.get(link).status_code == 404
    assert not Entry.objects.filter(event="file.viewed").exists()


# For a platform that fetches


def path_of(address):
    return address.removeprefix("http://127.0.0.1:8000")


def test_a_platform_fetches_a_picture_as_jpeg_by_a_signed_address(client, leah_brandt, settings):
    settings.PUBLIC_ADDRESS = "http://127.0.0.1:8000"
    copy = keep(leah_brandt, encoded("PNG", mode="RGBA", colour=(1, 2, 3, 128)), "plan.png")
    address = queries.address_to_fetch(copy, 0)
    answer = client.get(path_of(address))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).format == "JPEG"
    assert "no-store" in answer["Cache-Control"]


def test_a_forged_an_old_and_a_lost_address_show_nothing(client, leah_brandt, settings, store):
    settings.PUBLIC_ADDRESS = "http://127.0.0.1:8000"
    copy = keep(leah_brandt, encoded())
    address = path_of(queries.address_to_fetch(copy, 0))
    assert client.get(address[:-2] + "x/").status_code == 404
    shown = queries.link_for(copy, leah_brandt).partition("?t=")[2]
    assert client.get(reverse("media:fetch", args=[shown])).status_code == 404
    with time_machine.travel(clock.now() + timedelta(seconds=queries.FETCH_LASTS_S + 2)):
        assert client.get(address).status_code == 404
    for path in store.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.unlink()
    assert client.get(address).status_code == 404
