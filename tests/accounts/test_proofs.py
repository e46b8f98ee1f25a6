"""Whether an account is proved to be ours, as anybody outside can see it."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from accounts import proofs, public
from accounts.actions import register_account
from accounts.models import PlatformLink, ProofCheck
from audit.models import Entry
from core import clock
from media.fetching import NotFetched

DID = "did:plc:abc"


@pytest.fixture
def asked(monkeypatch):
    """What stands outside, by the beginning of its address; what was asked."""
    answers, seen = {}, []

    def read(address, **_):
        seen.append(address)
        for beginning, answer in answers.items():
            if address.startswith(beginning):
                return json.dumps(answer).encode() if not isinstance(answer, bytes) else answer
        raise NotFetched(NotFetched.LATER, "Its server cannot be found.")

    monkeypatch.setattr(proofs.fetching, "read", read)
    answers["seen"] = seen
    return answers


@pytest.fixture
def toot(ben_osei, wealdshire):
    public.forget()
    return register_account(
        actor=ben_osei,
        platform="mastodon",
        handle="wealdshire@police.example",
        name="Wealdshire on Mastodon",
        owner=ben_osei,
        profile_url="https://police.example/@wealdshire",
    )


@pytest.fixture
def sky(ben_osei, wealdshire):
    return register_account(
        actor=ben_osei, platform="bluesky", handle="social.wealdshire.example", name="Sky", owner=ben_osei
    )


def field(value, at="2026-11-01T00:00:00Z"):
    return {"fields": [{"name": "List", "value": value, "verified_at": at}]}


LOOKUP = "https://police.example/api/v1/accounts/lookup?acct=wealdshire"


@pytest.mark.parametrize(
    ("answer", "holds", "says"),
    [
        (lambda: field(f'<a href="{proofs.public_page()}" rel="me">x</a>'), True, "verified"),
        (lambda: field(proofs.public_page()), True, "verified"),
        (lambda: field(f'<a href="{proofs.public_page()}">x</a>', None), False, "has not verified"),
        (lambda: field('<a href="https://elsewhere.example/">x</a>'), False, "no field"),
        (lambda: {"fields": "odd"}, False, "no field"),
        (lambda: b"<html>", False, "no field"),
        (lambda: [1], False, "no field"),
    ],
)
def test_the_link_back_is_looked_at_from_outside(toot, asked, answer, holds, says):
    asked[LOOKUP] = answer()
    found = proofs.look(toot, "rel_me")
    assert (found.holds, says in found.says) == (holds, True)
    assert asked["seen"] == [LOOKUP]


def test_our_own_page_links_with_rel_me(client, toot):
    assert (
        'href="https://police.example/@wealdshire" rel="me noreferrer"'
        in client.get("/public/accounts/").text
    )


def test_what_is_not_on_the_list_or_cannot_be_asked_does_not_hold(toot, asked):
    assert "could not be looked at" in proofs.look(toot, "rel_me").says
    toot.status = "suspended"
    toot.save()
    public.forget()
    assert "does not stand on our public list" in proofs.look(toot, "rel_me").says


def test_a_domain_has_to_name_this_very_account(sky, asked):
    where = (
        "https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle?handle=social.wealdshire.example"
    )
    asked[where] = {"did": DID}
    assert "Connect ours here" in proofs.look(sky, "domain").says
    PlatformLink.objects.create(
        official_account=sky, external_id=DID, handle=sky.handle, checked_at=clock.now()
    )
    assert proofs.look(sky, "domain").holds
    asked[where] = {"did": "did:plc:other"}
    assert "another account" in proofs.look(sky, "domain").says
    asked[where] = {}
    assert "names no account" in proofs.look(sky, "domain").says
    sky.handle = "wealdshire.bsky.social"
    assert "one of Bluesky’s own" in proofs.look(sky, "domain").says


def test_a_look_is_kept_and_shown_and_only_who_manages_the_register_looks(
    client, toot, asked, ben_osei, leah_brandt
):
    asked[LOOKUP] = field(proofs.public_page())
    where = reverse("accounts:proof", args=[toot.pk])
    client.force_login(leah_brandt)
    page = client.get(where)
    assert "Nobody has looked here yet" in page.text
    assert "Look whether it holds now" not in page.text
    assert client.post(where, {"kind": "rel_me"}).status_code == 403
    client.force_login(ben_osei)
    assert client.post(where, {"kind": "domain"}).status_code == 422
    assert client.post(where, {"kind": "rel_me"}, follow=True).status_code == 200
    row = ProofCheck.objects.get()
    assert row.holds
    assert "Holds" in client.get(where).text
    assert Entry.objects.get(event="account.proof_checked").details["outcome"] == "it holds"
    assert "Proof that it is ours" in client.get(reverse("accounts:account", args=[toot.pk])).text


@pytest.mark.parametrize("platform", sorted(proofs.WAYS))
def test_every_way_names_its_source_and_its_steps(platform):
    for way in proofs.WAYS[platform]:
        assert way.source.startswith("https://")
        assert all(step.endswith(".") for step in way.steps)
