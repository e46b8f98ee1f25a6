"""The notices page."""

from __future__ import annotations

from django.urls import reverse

from core.actors import System
from notices import actions, queries


def tell(person, **given):
    return actions.notify(
        actor=System("desk"),
        to=[person],
        urgency="page",
        title="Case W-7 needs you",
        link="/cases/7/",
        **given,
    )[0]


def test_what_waits_is_seen_by_opening_it(client, inspector_calder, superintendent_price):
    notice = tell(inspector_calder)
    client.force_login(inspector_calder)
    address = reverse("notices:see", args=[notice.pk])
    assert "Case W-7 needs you" in client.get(reverse("notices:list")).content.decode()
    assert client.post(address, {"open": ""}).url == "/cases/7/"
    assert queries.unseen_count(inspector_calder) == 0
    client.force_login(superintendent_price)
    assert client.post(address).status_code == 404
    assert client.get(address).status_code == 405


def test_all_are_seen_at_once_and_older_ones_are_a_page_away(client, inspector_calder, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_LENGTH", 2)
    ids = [tell(inspector_calder, key=str(number)).pk for number in range(3)]
    client.force_login(inspector_calder)
    assert client.post(reverse("notices:see_all")).status_code == 302
    page = client.get(reverse("notices:list"))
    assert f"?before={ids[1]}" in page.content.decode()
    for before in (ids[1], "x", "9" * 30):
        assert client.get(reverse("notices:list"), {"before": before}).status_code == 200


def test_the_bell_looks_again_and_says_a_new_call_aloud(client, inspector_calder):
    bell = reverse("notices:bell")
    client.force_login(inspector_calder)
    assert client.get(bell, {"v": queries.bell(inspector_calder).version}).status_code == 204
    tell(inspector_calder)
    answer = client.get(bell, {"v": "0.0"})
    assert "You are called. Case W-7 needs you" in answer["HX-Trigger"]
    page = answer.content.decode()
    assert 'href="/cases/7/"' in page
    assert "1 notice you have not seen" in page
    assert client.get(bell, {"v": queries.bell(inspector_calder).version}).status_code == 204
    assert "You are called." in client.get(reverse("notices:list")).content.decode()
    actions.see(actor=inspector_calder)
    answer = client.get(bell, {"v": "1.1"})
    assert "You are called." not in answer.content.decode()
    assert "HX-Trigger" not in answer.headers
