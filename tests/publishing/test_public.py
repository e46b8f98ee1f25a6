"""The page and the feed of an area: what was published, also when a platform is down."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from accounts import actions as register
from accounts.models import Neighbourhood
from core import clock
from core.actors import System
from publishing.models import Correction, Delivery, Post

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def accounts(wealdshire, victoria_lang):
    def enter(handle: str, area: str):
        return register.register_account(
            actor=System("seed"),
            platform="nextdoor",
            handle=handle,
            name=handle,
            owner=victoria_lang,
            neighbourhood=Neighbourhood.objects.get(slug=area) if area else None,
        )

    return {area: enter(f"wealdshire-{area or 'force'}", area) for area in ("harrowfield", "saltmere", "")}


def sent(account, author, words: str, *, urgent: bool = False, hours: int = 1, **more) -> Delivery:
    at = clock.now() - timedelta(hours=hours)
    return Delivery.objects.create(
        official_account=account,
        kind="post",
        state="sent",
        author=author,
        text=words,
        urgent=urgent,
        due_at=at,
        created_at=at,
        sent_at=at,
        **more,
    )


def test_an_area_shows_its_own_posts_and_what_is_urgent_for_all(client, accounts, leah_brandt, force_account):
    sent(
        accounts["harrowfield"], leah_brandt, "Mill Lane is open & clear", external_url="https://n.example/1"
    )
    sent(accounts["saltmere"], leah_brandt, "The harbour is closed")
    sent(accounts[""], leah_brandt, "Leave the lower Weald now", urgent=True)
    sent(accounts[""], leah_brandt, "Old flood", urgent=True, hours=24 * 4)
    sent(accounts[""], leah_brandt, "Join the force")
    sent(force_account, leah_brandt, "Of the exercise", urgent=True)
    page = client.get("/public/areas/harrowfield/").content.decode()
    for there in ("Mill Lane is open &amp; clear", "Leave the lower Weald now", "https://n.example/1"):
        assert there in page
    for gone in ("The harbour", "Old flood", "Join the force", "Of the exercise", "Leah"):
        assert gone not in page
    answer = client.get("/public/areas/harrowfield/feed.atom")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Urgent: Leave the lower Weald now", "Mill Lane is open & clear"]
    elsewhere = client.get("/public/areas/cutlers-cross/").content.decode()
    assert "Leave the lower Weald now" in elsewhere
    assert "has no account of its own" in elsewhere
    Delivery.objects.filter(urgent=True).update(urgent=False)
    assert "Nothing has been published" in client.get("/public/areas/cutlers-cross/").content.decode()
    for address in ("/public/areas/nowhere/", "/public/areas/nowhere/feed.atom"):
        missing = client.get(address)
        assert missing.status_code == 404
        assert "There is no such area" in missing.content.decode()


def test_what_was_changed_or_deleted_there_is_so_here(client, accounts, leah_brandt, helen_achebe):
    changed = sent(accounts["harrowfield"], leah_brandt, "Open at 9")
    deleted = sent(accounts["harrowfield"], leah_brandt, "The wrong name")
    post = Post.objects.create(
        title="A post", words="x", author=leah_brandt, created_at=clock.now(), changed_at=clock.now()
    )
    for standing, kind, text in ((changed, "edit", "Open at 10"), (deleted, "delete", "")):
        Correction.objects.create(
            post=post,
            standing=standing,
            kind=kind,
            text=text,
            state="done",
            why="Wrong",
            asked_by=leah_brandt,
            asked_at=clock.now(),
            decided_by=helen_achebe,
            decided_at=clock.now(),
            done_at=clock.now(),
            delivery=Delivery.objects.create(
                official_account=standing.official_account,
                kind=kind,
                state="sent",
                author=leah_brandt,
                text=text,
                due_at=clock.now(),
                created_at=clock.now(),
                sent_at=clock.now(),
            ),
        )
    page = client.get("/public/areas/harrowfield/").content.decode()
    assert "Open at 10" in page
    assert "Open at 9" not in page
    assert "The wrong name" not in page
