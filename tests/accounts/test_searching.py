"""Platforms are searched for what claims to be us; whoever does not is forgotten at once."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image, ImageDraw

from accounts import connections, likeness_of_pictures, searching, tasks
from accounts.actions import credentials, register_account
from accounts.actions import impostors as following
from accounts.actions import searching as actions
from accounts.models import Allowance, Impostor, ImpostorSearch, PlatformLink, ProfilePicture
from audit.models import Entry
from core import clock
from media.fetching import NotFetched
from notices.models import Notice
from platforms.contract import FoundAccount, TemporaryFault


def crest(size=200, *, tint=(20, 40, 120), kind="PNG", quality=95) -> bytes:
    """A picture with shapes in it."""
    picture = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((size * 0.1, size * 0.1, size * 0.9, size * 0.9), fill=tint)
    draw.rectangle((size * 0.3, size * 0.2, size * 0.5, size * 0.8), fill=(230, 200, 40))
    draw.polygon(
        [(size * 0.55, size * 0.2), (size * 0.85, size * 0.5), (size * 0.55, size * 0.8)], fill="white"
    )
    out = io.BytesIO()
    picture.save(out, kind, **({"quality": quality} if kind == "JPEG" else {}))
    return out.getvalue()


def other() -> bytes:
    picture = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(picture)
    for n in range(8):
        draw.rectangle((n * 32, (n * 37) % 256, n * 32 + 15, 256), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


# Pictures


@pytest.mark.parametrize(
    "copy",
    [
        crest(48, kind="JPEG", quality=30),
        crest(400),
        crest(120, tint=(25, 50, 135), kind="JPEG"),
        crest(90, kind="WEBP"),
    ],
    ids=["small and bad", "large", "tinted", "webp"],
)
def test_a_copied_picture_is_known(copy):
    assert (
        likeness_of_pictures.differs(
            likeness_of_pictures.seen_as(crest()), likeness_of_pictures.seen_as(copy)
        )
        <= likeness_of_pictures.ALIKE
    )


def test_another_picture_is_not_and_what_is_none_says_nothing():
    assert (
        likeness_of_pictures.differs(
            likeness_of_pictures.seen_as(crest()), likeness_of_pictures.seen_as(other())
        )
        > likeness_of_pictures.ALIKE
    )
    flat = io.BytesIO()
    Image.new("RGB", (50, 50), "blue").save(flat, "PNG")
    for content in (b"", b"no picture", crest()[:60], flat.getvalue()):
        assert likeness_of_pictures.seen_as(content) == ""


# Searching


class Shown:
    """A platform whose search shows these accounts."""

    def __init__(self, *accounts: FoundAccount) -> None:
        self.accounts, self.asked = accounts, []

    def search_accounts(self, words):
        self.asked.append(words)
        return list(self.accounts)


PICTURES = {
    "https://p.example/ours": crest(),
    "https://p.example/copy": crest(64, kind="JPEG"),
    "https://p.example/cat": other(),
}


def fetch(address):
    if address not in PICTURES:
        raise NotFetched(NotFetched.GONE, "It is gone from its server.")
    return PICTURES[address]


@pytest.fixture
def sky(ben_osei, wealdshire):
    """Ours on Bluesky, connected."""
    made = register_account(
        actor=ben_osei,
        platform="bluesky",
        handle="wealdshirepolice.example",
        name="Wealdshire Police",
        owner=ben_osei,
    )
    credentials.store_credential(actor=ben_osei, official_account=made, secret="app-pass-word-1234")
    PlatformLink.objects.update_or_create(
        official_account=made,
        defaults={"external_id": "did:plc:ours", "handle": made.handle, "checked_at": clock.now()},
    )
    return made


OURS = FoundAccount("did:plc:ours", "renamed.example", "Wealdshire Police", picture="https://p.example/ours")
CYRILLIC = FoundAccount("did:plc:a", "wealdshirepоl1ce.example", "Help", "https://bsky.app/profile/a")
COPIED = FoundAccount("did:plc:b", "newsdesk.example", "News desk", picture="https://p.example/copy")
PRIVATE = FoundAccount("did:plc:c", "jo.example", "Jo Harrow", picture="https://p.example/cat")
NAMED = FoundAccount("did:plc:d", "help.example", "Wealdshire Police support")


def test_what_claims_to_be_us_is_found_and_nobody_else(sky):
    searched = searching.search(
        "bluesky", Shown(OURS, CYRILLIC, COPIED, PRIVATE, NAMED), ["x", "y"], fetch=fetch
    )
    assert searched.seen == 5
    found = {one.account.external_id: one for one in searched.findings}
    assert found.keys() == {"did:plc:a", "did:plc:b", "did:plc:d"}
    assert "looks like a letter of ours" in found["did:plc:a"].why
    assert found["did:plc:b"].why == "It shows our picture."
    assert found["did:plc:b"].alike == sky
    assert "bears" in found["did:plc:d"].why
    assert searched.pictures.keys() == {sky.pk}


def claim():
    ImpostorSearch.objects.all().update(next_at=clock.now(), lease_until=None)
    return actions.claim_search()


def found_by(*accounts):
    return searching.search("bluesky", Shown(OURS, *accounts), ["x"], fetch=fetch)


def test_each_is_noted_once_and_followers_are_told(sky, helen_achebe):
    made = actions.note_search(search=claim(), searched=found_by(CYRILLIC, PRIVATE))
    [row] = Impostor.objects.all()
    assert (row.found_by, row.alike, row.handle) == ("search", sky, CYRILLIC.handle)
    assert made == [row]
    assert actions.note_search(search=claim(), searched=found_by(CYRILLIC)) == []
    assert Impostor.objects.count() == 1
    assert Notice.objects.filter(to=helen_achebe, title="Does an account pretend to be us?").count() == 1
    entries = Entry.objects.filter(event="impostor.searched")
    assert [one.details for one in entries.order_by("id")] == [
        {"seen": 3, "found": 1},
        {"seen": 2, "found": 0},
    ]
    assert not Entry.objects.filter(details__icontains="jo.example").exists()
    assert ProfilePicture.objects.get().official_account == sky


def test_what_was_dismissed_is_forgotten_and_not_brought_up_again(sky, helen_achebe):
    [row] = actions.note_search(search=claim(), searched=found_by(NAMED))
    following.dismiss(actor=helen_achebe, impostor=row, words="A fan page that says so")
    row.refresh_from_db()
    assert (row.handle, row.name, row.url) == ("", "", "")
    assert actions.note_search(search=claim(), searched=found_by(NAMED)) == []


def test_what_staff_dismissed_after_a_report_is_not_brought_up_either(sky, helen_achebe):
    row = following.notice(actor=helen_achebe, what=NAMED.handle, platform="bluesky")
    following.dismiss(actor=helen_achebe, impostor=row, words="A fan page")
    assert actions.note_search(search=claim(), searched=found_by(NAMED)) == []


def test_the_database_keeps_one_finding_for_an_account(sky):
    actions.note_search(search=claim(), searched=found_by(CYRILLIC))
    row = Impostor.objects.get()
    row.pk = None
    row.handle = "otherwise"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_what_comes_back_after_it_was_taken_down_is_found_anew(sky, helen_achebe):
    [row] = actions.note_search(search=claim(), searched=found_by(CYRILLIC))
    following.confirm(actor=helen_achebe, impostor=row, words="It shows our crest")
    following.take_down(actor=helen_achebe, impostor=row, words="Its page is gone")
    assert len(actions.note_search(search=claim(), searched=found_by(CYRILLIC))) == 1


def test_one_worker_searches_a_platform_once_a_day(sky):
    search = actions.claim_search()
    assert search.platform == "bluesky"
    assert actions.claim_search() is None
    actions.note_search(search=search, searched=found_by())
    assert actions.claim_search() is None
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=False):
        assert actions.claim_search() is not None
    assert searching.next_time("x", clock.now()) > clock.now() + timedelta(days=6), (
        "X charges for what it shows"
    )


def test_a_worker_that_died_leaves_it_to_another(sky):
    actions.claim_search()
    with time_machine.travel(clock.now() + searching.LEASE + timedelta(seconds=1), tick=False):
        assert actions.claim_search() is not None


def test_it_is_put_off_where_the_allowance_is_needed_or_the_platform_refuses(sky, monkeypatch):
    Allowance.objects.create(
        official_account=sky,
        endpoint="all",
        share_used=0.9,
        resets_at=clock.now() + timedelta(minutes=5),
        read_at=clock.now(),
    )
    assert tasks.search_impostors() == 0
    row = ImpostorSearch.objects.get()
    assert "allowance" in row.fault
    assert row.next_at > clock.now() + timedelta(minutes=50)
    Allowance.objects.update(share_used=0.1)
    ImpostorSearch.objects.update(next_at=clock.now())

    class Refusing(Shown):
        def search_accounts(self, words):
            raise TemporaryFault("Bluesky asked us to slow down.")

    monkeypatch.setattr(connections, "connector_for", lambda account: Refusing())
    assert tasks.search_impostors() == 0
    assert ImpostorSearch.objects.get().fault == "Bluesky asked us to slow down."


def test_the_page_says_who_is_looked_for_and_why_not(client, sky, helen_achebe, monkeypatch):
    shown = Shown(OURS, CYRILLIC)
    monkeypatch.setattr(connections, "connector_for", lambda account: shown)
    assert tasks.search_impostors() == 1
    assert shown.asked[0] == "Wealdshire Police"
    client.force_login(helen_achebe)
    page = client.get(reverse("accounts:impostors")).text
    assert "2 accounts compared, 1 new" in page
    assert (
        "found by searching the platform"
        in client.get(reverse("accounts:impostor", args=[Impostor.objects.get().pk])).text
    )
