"""The queue narrowed, under a name, by neighbourhood and team, and the places by which comments find their way."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotFound, NotPermitted, NotValid
from moderation import filters, queries, queries_working
from moderation.actions import desk, ingest, saved_views
from moderation.actions import places as naming
from moderation.models import Attachment, Comment, Place, SavedView
from moderation.places import Gazetteer, gazetteer, plain
from tests.moderation.comments import a_comment
from tests.moderation.feed import Feed, message


def listed(viewer, slug: str) -> list[int]:
    return queries.page(viewer, queries.queue(viewer, slug)).ids


# Narrowing


def test_a_queue_is_narrowed_by_its_address_and_counted_by_the_same(
    client, amira_hussain, able_platform, force_account, saltmere_account
):
    hit = a_comment(force_account, category="traffic", priority=2, language="pl", private=True)
    a_comment(force_account, category="traffic", priority=3, language="pl", private=True)
    a_comment(saltmere_account, category="traffic", priority=2, language="en")
    slug = f"open~category.traffic~account.{force_account.pk}~risk.2~language.other~kind.private~who.nobody"
    assert listed(amira_hussain, slug) == [hit.pk]
    chosen = queries.queue(amira_hussain, slug)
    assert queries.queues(amira_hussain, beside=chosen).beside.count == 1
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:desk"), {"queue": slug}).content.decode()
    assert "All open: Traffic, Wealdshire Police, immediate and high, not in English" in page
    given = {"base": "open", "category": "traffic", "risk": "2", "language": ""}
    there = client.get(reverse("moderation:narrow"), given)
    assert there.url == f"{reverse('moderation:desk')}?queue=open~category.traffic~risk.2"
    assert client.get(reverse("moderation:narrow"), {"base": "dragons"}).status_code == 422
    shown = client.get(reverse("moderation:narrow"), {"queue": "category-traffic"}).content.decode()
    assert '<option value="traffic" selected>' in shown


@pytest.mark.parametrize(
    "slug",
    [
        "open~dragon.1",
        "open~category.dragon",
        "open~risk.9",
        "open~account.999",
        "open~risk.1~risk.2",
        "open~risk",
        "x" * 400,
    ],
)
def test_a_queue_narrowed_by_nonsense_is_a_404(amira_hussain, slug):
    with pytest.raises(NotFound):
        queries.queue(amira_hussain, slug)


def test_one_list_has_one_address():
    assert filters.of("open", {"risk": "2", "category": "asb"}).slug == "open~category.asb~risk.2"
    assert filters.read("open~category.asb~risk.2").value("risk") == "2"


# Views


def test_a_view_is_saved_shared_renamed_and_removed(
    client, amira_hussain, tom_beckett, sergeant_okafor, pc_nair, comment
):
    client.force_login(amira_hussain)
    team = queries_working.teams_of(amira_hussain)[0]
    address = reverse("moderation:views")
    saved = client.post(address, {"queue": "open~risk.2", "name": "  At  risk ", "shared": f"team-{team.pk}"})
    assert saved.url == f"{reverse('moderation:desk')}?queue=open~risk.2"
    view = SavedView.objects.get()
    assert (view.name, view.slug, view.team) == ("At risk", "open~risk.2", team)
    assert [one.pk for one in queries_working.saved_views(tom_beckett)] == [view.pk]
    assert queries_working.saved_views(pc_nair) == []
    assert "At risk" in client.get(reverse("moderation:desk")).content.decode()
    again = client.post(address, {"queue": "open", "name": "At risk", "shared": "nobody"})
    assert again.status_code == 422
    assert "a view of that name" in again.content.decode()
    with pytest.raises(NotPermitted):
        saved_views.change_view(actor=tom_beckett, view=view, name="Mine now", shared="nobody")
    with pytest.raises(NotFound):
        saved_views.remove_view(actor=pc_nair, view=view)
    with pytest.raises(NotPermitted, match="desk supervisors"):
        saved_views.change_view(actor=amira_hussain, view=view, name="At risk", shared="force")
    saved_views.change_view(actor=sergeant_okafor, view=view, name="Risk", shared="force")
    assert [one.name for one in queries_working.saved_views(pc_nair)] == ["Risk"]
    client.post(reverse("moderation:remove_view", args=[view.pk]))
    assert queries_working.saved_views(amira_hussain) == []
    assert list(
        Entry.objects.filter(event__startswith="view.").order_by("id").values_list("event", flat=True)
    ) == ["view.saved", "view.changed", "view.removed"]


@pytest.mark.parametrize("shared", ["everybody", "team-", "team-99999", ""])
def test_a_view_is_shared_with_what_there_is(amira_hussain, shared):
    with pytest.raises((NotValid, NotPermitted)):
        saved_views.save_view(actor=amira_hussain, name="All", slug="open", shared=shared)


# Places


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lorry stuck on MARKET-STREET", ["Market Street"]),
        ("off to cutlers cross", ["Cutler’s Cross"]),
        ("Cutler's Cross and market street", ["Cutler’s Cross", "Market Street"]),
        ("marketing streets", []),
        ("Market Street North is fine", ["Market Street North"]),
        ("", []),
    ],
)
def test_a_place_is_found_as_words_of_its_own(text, names):
    known = ["Market Street", "Market Street North", "Cutler’s Cross"]
    looked_for = Gazetteer(tuple((n, plain(name)) for n, name in enumerate(known)))
    assert sorted(known[pk] for pk in looked_for.named_in(text) or []) == names


def test_names_are_added_in_the_browser_and_withdrawn(client, ben_osei, amira_hussain, wealdshire):
    harrowfield = wealdshire.neighbourhoods["Harrowfield"]
    address = reverse("moderation:places_of", args=[harrowfield.pk])
    client.force_login(ben_osei)
    assert client.post(address, {"names": "Old Mint\nold  mint\n\nForge Lane"}).status_code == 302
    assert client.post(address, {"names": "Old Mint"}).status_code == 302
    assert sorted(Place.objects.filter(withdrawn_at=None).values_list("name", flat=True)) == [
        "Forge Lane",
        "Old Mint",
    ]
    short = client.post(address, {"names": "St"})
    assert short.status_code == 422
    assert "too short" in short.content.decode()
    place = Place.objects.get(name="Old Mint")
    client.post(reverse("moderation:withdraw_place", args=[place.pk]))
    assert gazetteer().named_in("at the old mint") is None
    page = client.get(address).content.decode()
    assert "Forge Lane" in page
    assert "Old Mint" not in page.partition("</table>")[0]
    assert Entry.objects.filter(event__in=["places.added", "place.withdrawn"]).count() == 2
    with pytest.raises(NotPermitted):
        naming.add_places(actor=amira_hussain, neighbourhood=harrowfield, names="Somewhere")


def test_what_names_a_place_stands_in_that_neighbourhoods_queue_too(
    client, ben_osei, pc_nair, amira_hussain, force_account, able_platform, wealdshire
):
    harrowfield = wealdshire.neighbourhoods["Harrowfield"]
    (place,) = naming.add_places(actor=ben_osei, neighbourhood=harrowfield, names="Forge Lane")
    there = a_comment(force_account, "Quad bikes on Forge Lane", named_places=[place.pk])
    private = a_comment(force_account, "Forge Lane", named_places=[place.pk], private=True)
    elsewhere = a_comment(force_account, "Quad bikes somewhere")
    area = f"area-{harrowfield.pk}"
    assert listed(pc_nair, "open") == [there.pk]
    assert listed(pc_nair, area) == [there.pk]
    assert listed(amira_hussain, area) == [there.pk, private.pk]
    counted = {c.queue.slug: c.count for c in queries.queues(amira_hussain).areas}
    assert counted[area] == 2
    assert queries.comment(pc_nair, there.pk) == there
    for hidden in (private, elsewhere):
        with pytest.raises(NotFound):
            queries.comment(pc_nair, hidden.pk)
    client.force_login(pc_nair)
    page = client.get(queries.address(there)).content.decode()
    assert "Names Forge Lane" in page
    assert 'id="reply-text"' not in page
    desk.add_note(actor=pc_nair, comment=there, text="We are on our way there.")
    with pytest.raises(NotPermitted):
        desk.add_note(actor=pc_nair, comment=private, text="We are on our way there.")
    with pytest.raises(NotPermitted):
        desk.claim(actor=pc_nair, comment=there)
    Comment.objects.filter(pk=there.pk).update(state="decided")
    assert listed(pc_nair, area) == []


def test_what_comes_in_is_looked_through_for_places_and_again_when_it_is_edited(
    ben_osei, pc_nair, force_account, wealdshire
):
    harrowfield = wealdshire.neighbourhoods["Harrowfield"]
    lane, mint = naming.add_places(actor=ben_osei, neighbourhood=harrowfield, names="Forge Lane\nOld Mint")

    def take_in(*messages):
        ingest.take_in(
            actor=System("ingest"),
            official_account=force_account,
            messages=messages,
            source="poll",
            connector=Feed(),
        )

    take_in(message("c1", "Fire in forge-lane!"), message("c2", "Fire at the forge"))
    named = dict(Comment.objects.values_list("external_id", "named_places"))
    assert named == {"c1": [lane.pk], "c2": None}
    take_in(message("c1", "Fire at the Old Mint, sorry", edited="2026-11-22T17:05:00+00:00"))
    assert Comment.objects.get(external_id="c1").named_places == [mint.pk]
    assert [
        row.comment.external_id for row in queries.page(pc_nair, queries.queue(pc_nair, "open")).rows
    ] == ["c1"]


def test_the_list_says_what_came_with_a_comment(client, amira_hussain, force_account, able_platform):
    comment = a_comment(force_account, "See what they did", priority=1)
    for number, kind in enumerate(["image", "video", "image"], start=1):
        Attachment.objects.create(
            comment=comment,
            number=number,
            kind=kind,
            address="https://example.org/a.jpg",
            state="waiting",
            next_try_at=clock.now(),
        )
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:desk"), {"queue": "open"}).content.decode()
    assert 'aria-label="2 pictures, a video"' in page
