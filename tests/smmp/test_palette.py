"""Going somewhere by name: only where one may go, as a page and as the palette's list."""

from __future__ import annotations

from django.urls import reverse


def test_the_page_finds_what_the_person_may_open(client, amira_hussain, force_account):
    client.force_login(amira_hussain)
    page = client.get(reverse("go"), {"q": "search comm"}).content.decode()
    assert reverse("moderation:search") in page
    assert "Wealdshire Police" in client.get(reverse("go"), {"q": "WEALDSHIRE police"}).content.decode()
    assert "Nothing of that name" in client.get(reverse("go"), {"q": "grants"}).content.decode()


def test_the_palette_takes_it_as_options(client, amira_hussain, graham_ellis, force_account):
    client.force_login(amira_hussain)
    part = client.get(reverse("go"), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert part.count('role="option"') > 8
    assert "Official accounts" in part
    client.force_login(graham_ellis)
    part = client.get(reverse("go"), HTTP_HX_REQUEST="true").content.decode()
    assert "Official accounts" not in part
    assert reverse("moderation:search") not in part
