"""Series, templates and holding statements, pairs of languages, hashtags and campaigns."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from publishing import checks, pairs, queries, sending
from publishing.actions import deliveries, options, outbox, pairing, posts, templates
from publishing.models import Delivery, Post, PostTemplate, Series, Tag
from smmp.seed import people, planning
from tests.publishing.platform import StubbornPlatform

State = Post.State


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def draft(clock_at, leah_brandt, force_account):
    return posts.draft_post(
        actor=leah_brandt, account_ids=[force_account.pk], words="Drop-in surgery at six."
    )


def fresh(post):
    return Post.objects.get(pk=post.pk)


# Series


def test_a_series_keeps_its_london_time_when_the_clocks_change(client, draft, leah_brandt, helen_achebe):
    client.force_login(leah_brandt)
    page = reverse("publishing:repeat", args=[draft.pk])
    assert "Make it come again" in client.get(page).content.decode()
    typed = {"version": 1, "every": "week", "at": "18:00", "first_on": "2026-03-16", "last_on": "2026-04-07"}
    assert "Choose the days of the week" in client.post(page, typed).content.decode()
    wrong = {**typed, "weekdays": ["6"], "at": "01:30"}
    assert "01:30 does not exist on 29 March 2026" in client.post(page, wrong).content.decode()
    assert client.post(page, {**typed, "weekdays": ["1"], "last_on": "2026-03-01"}).status_code == 422
    assert (
        client.post(page, {**typed, "weekdays": list("0123456"), "last_on": "2026-12-31"}).status_code == 422
    )
    assert not Series.objects.exists()
    answer = client.post(page, {**typed, "weekdays": ["1"]})
    series = Series.objects.get()
    assert answer["Location"] == reverse("publishing:series", args=[series.pk])
    made = list(Post.objects.filter(series=series).order_by("occurs_on"))
    assert [clock.in_london(post.publish_at).strftime("%d %H:%M") for post in made] == [
        "17 18:00",
        "24 18:00",
        "31 18:00",
        "07 18:00",
    ]
    assert len({post.publish_at.hour for post in made}) == 2
    assert made[0].pk == draft.pk
    step = reverse("publishing:series_step", args=[series.pk])
    client.post(step, {"do": "submit"})
    assert set(Post.objects.values_list("state", flat=True)) == {State.SUBMITTED}
    posts.approve_post(actor=helen_achebe, post=made[1], version_seen=fresh(made[1]).version)
    assert client.post(step, {"do": "end", "why": ""}).status_code == 422
    client.post(step, {"do": "end", "why": "The hall is closed"})
    assert set(Post.objects.values_list("state", flat=True)) == {State.WITHDRAWN}
    assert Delivery.objects.get().state == Delivery.State.WITHDRAWN
    assert client.post(step, {"do": "end", "why": "Again"}).status_code == 409
    assert "The hall is closed" in client.get(answer["Location"]).content.decode()
    assert draft.title in client.get(reverse("publishing:all_series")).content.decode()
    assert Entry.objects.get(event="series.made").details["posts"] == 4


# Templates and holding statements


def test_a_holding_statement_is_approved_beforehand_and_its_blanks_are_filled(
    client, draft, leah_brandt, helen_achebe, force_account, pc_nair
):
    client.force_login(leah_brandt)
    write = reverse("publishing:write_template")
    words = "We are dealing with an incident at [[place]]. Please avoid [[place]]. Next update at [[time]]."
    typed = {"kind": "holding", "name": "Major incident", "words": words, "use_when": "First minutes"}
    assert client.post(write, {**typed, "words": "An [[open bracket"}).status_code == 422
    page = client.post(write, typed)["Location"]
    made = PostTemplate.objects.get()
    fill = {"blank_0": "Saltmere viaduct", "blank_1": "18:30", "accounts": [force_account.pk]}
    assert client.post(page, fill).status_code == 409
    step = reverse("publishing:template_step", args=[made.pk])
    assert client.post(step, {"do": "approve"}).status_code == 403
    client.force_login(helen_achebe)
    assert "Approve version 1 for use" in client.get(page).content.decode()
    assert client.post(step, {"do": "approve"}).status_code == 302
    assert client.post(step, {"do": "approve"}).status_code == 409
    client.force_login(leah_brandt)
    assert client.post(page, {**fill, "blank_1": " "}).status_code == 422
    answer = client.post(page, fill)
    post = Post.objects.exclude(pk=draft.pk).get()
    assert answer["Location"] == reverse("publishing:compose_post", args=[post.pk])
    assert post.words.count("Saltmere viaduct") == 2
    assert "[[" not in post.words
    posts.submit_post(actor=leah_brandt, post=post, version_seen=post.version)
    client.force_login(helen_achebe)
    shown = client.get(reverse("publishing:approvals")).content.decode()
    assert "From the holding statement Major incident" in shown
    # Its next version waits, and the first stays in use until then.
    client.force_login(leah_brandt)
    client.post(write, {**typed, "words": words + " Stay safe."})
    two = PostTemplate.objects.get(version=2)
    templates.start_from(actor=leah_brandt, template=made, fills={"place": "A", "time": "B"}, account_ids=[])
    templates.approve_statement(actor=helen_achebe, template=two)
    with pytest.raises(TransitionNotAllowed):
        templates.start_from(
            actor=leah_brandt, template=made, fills={"place": "A", "time": "B"}, account_ids=[]
        )
    assert (
        client.post(reverse("publishing:template_step", args=[two.pk]), {"do": "retire"}).status_code == 403
    )
    client.get(reverse("publishing:templates"))
    with pytest.raises(IntegrityError), transaction.atomic():
        PostTemplate.objects.filter(pk=two.pk).update(approved_by=leah_brandt)
    left = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="At [[place]] now")
    with pytest.raises(NotValid, match="Blank to fill"):
        posts.submit_post(actor=leah_brandt, post=left, version_seen=1)


# Two languages


@pytest.fixture
def pair(draft, leah_brandt, force_account):
    """An English draft and its Welsh one with words."""
    welsh = pairing.write_pair(actor=leah_brandt, post=draft, version_seen=1, language="en")
    posts.edit_post(
        actor=leah_brandt,
        post=welsh,
        version_seen=fresh(welsh).version,
        account_ids=[force_account.pk],
        words="Sesiwn galw heibio am chwech.",
        title=welsh.title,
    )
    return fresh(draft), fresh(welsh)


def test_a_pair_is_submitted_approved_and_sent_together(
    client, pair, leah_brandt, helen_achebe, platform, clock_at
):
    english, welsh = pair
    client.force_login(leah_brandt)
    assert "neither alone" in client.get(reverse("publishing:post", args=[english.pk])).content.decode()
    posts.submit_post(actor=leah_brandt, post=welsh, version_seen=welsh.version)
    assert {fresh(english).state, fresh(welsh).state} == {State.SUBMITTED}
    with pytest.raises(ChangedSinceSeen):
        posts.approve_post(actor=helen_achebe, post=english, version_seen=english.version)
    assert {fresh(english).state, fresh(welsh).state} == {State.SUBMITTED}
    client.force_login(helen_achebe)
    page = client.get(reverse("publishing:approvals")).content.decode()
    assert "and its Welsh pair" in page
    assert "Sesiwn galw heibio" in page
    approve = reverse("publishing:approve", args=[english.pk])
    assert (
        client.post(approve, {"version": english.version, "pair_version": welsh.version}).status_code == 302
    )
    assert {fresh(english).state, fresh(welsh).state} == {State.APPROVED}
    for _ in range(3):
        clock_at.shift(60)
        sending.send_due()
    assert len(platform.standing) == 2
    assert {fresh(english).state, fresh(welsh).state} == {State.PUBLISHED}


def test_editing_returning_or_withdrawing_one_takes_the_other_along(
    pair, leah_brandt, helen_achebe, force_account
):
    english, welsh = pair

    def approve():
        now = fresh(english)
        posts.submit_post(actor=leah_brandt, post=now, version_seen=now.version)
        posts.approve_post(
            actor=helen_achebe, post=now, version_seen=now.version, pair_version_seen=fresh(welsh).version
        )

    def states():
        return {fresh(english).state, fresh(welsh).state}

    approve()
    posts.edit_post(
        actor=leah_brandt,
        post=english,
        version_seen=fresh(english).version,
        account_ids=[force_account.pk],
        words="Drop-in surgery at seven.",
        title=english.title,
    )
    assert states() == {State.DRAFT}
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.WITHDRAWN}
    now = fresh(english)
    posts.submit_post(actor=leah_brandt, post=now, version_seen=now.version)
    posts.return_post(actor=helen_achebe, post=now, version_seen=now.version, why="Say where")
    assert states() == {State.DRAFT}
    approve()
    # What the code would let through, the database does not.
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=welsh.pk).update(state="draft")
    connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")
    posts.withdraw_post(actor=leah_brandt, post=welsh, why="Cancelled")
    assert states() == {State.WITHDRAWN}


def test_one_waits_while_the_other_is_held_and_goes_with_its_release(
    pair, leah_brandt, helen_achebe, platform, clock_at
):
    english, welsh = pair
    posts.submit_post(actor=leah_brandt, post=english, version_seen=english.version)
    posts.approve_post(
        actor=helen_achebe, post=english, version_seen=english.version, pair_version_seen=welsh.version
    )
    stuck = Delivery.objects.get(variant__post=welsh)
    outbox.hold(stuck, actor=deliveries.OUTBOX, why="A person asked")
    clock_at.shift(60)
    sending.send_due()
    waits = Delivery.objects.get(variant__post=english)
    assert waits.held_why.startswith(pairs.WAITS_FOR_PAIR)
    assert not platform.standing
    outbox.release(actor=helen_achebe, delivery=stuck)
    for _ in range(3):
        clock_at.shift(60)
        sending.send_due()
    assert len(platform.standing) == 2


def test_pairs_are_made_of_drafts_and_parted_as_drafts(client, pair, leah_brandt):
    english, welsh = pair
    with pytest.raises(TransitionNotAllowed):
        pairing.write_pair(actor=leah_brandt, post=english, version_seen=english.version, language="en")
    client.force_login(leah_brandt)
    client.post(reverse("publishing:part", args=[english.pk]), {"version": english.version})
    assert pairs.other(fresh(english)) is None
    assert fresh(welsh).pair_id is None
    posts.submit_post(actor=leah_brandt, post=english, version_seen=fresh(english).version)
    assert fresh(welsh).state == State.DRAFT
    with pytest.raises(TransitionNotAllowed):
        pairing.part_pair(actor=leah_brandt, post=english, version_seen=1)
    wrong = {"version": fresh(welsh).version, "language": "fr"}
    assert client.post(reverse("publishing:pair", args=[welsh.pk]), wrong).status_code in (302, 422)
    right = {"version": fresh(welsh).version, "language": "cy"}
    assert client.post(reverse("publishing:pair", args=[welsh.pk]), right).status_code == 302
    assert pairs.other(fresh(welsh)).language == "en"
    assert Entry.objects.filter(event="post.paired").count() == 2


# Hashtags and campaigns


def test_hashtags_have_capitals_and_campaigns_join_posts(client, draft, leah_brandt, amira_hussain):
    client.force_login(leah_brandt)
    page = reverse("publishing:tags")
    for wrong in ({"name": "saltmereviaduct"}, {"name": "two words"}, {"name": "#"}):
        assert client.post(page, {"kind": "hashtag", **wrong}).status_code == 422
    assert client.post(page, {"kind": "hashtag", "name": "SaltmereViaduct"}).status_code == 302
    assert client.post(page, {"kind": "hashtag", "name": "#saltmereViaduct"}).status_code == 422
    assert client.post(page, {"kind": "campaign", "name": "Safer bridges"}).status_code == 302
    compose = client.get(reverse("publishing:compose_post", args=[draft.pk])).content.decode()
    assert 'data-inserts="#SaltmereViaduct"' in compose
    assert "Safer bridges" in compose
    campaign = Tag.objects.get(kind="campaign")
    options.set_options(actor=leah_brandt, post=draft, version_seen=1, campaign_ids=[campaign.pk])
    with pytest.raises(NotValid):
        options.set_options(actor=leah_brandt, post=draft, version_seen=2, campaign_ids=[999_999])
    assert "Safer bridges" in client.get(page).content.decode()
    assert (
        "Campaign: Safer bridges" in client.get(reverse("publishing:post", args=[draft.pk])).content.decode()
    )
    retire = reverse("publishing:retire_tag", args=[campaign.pk])
    assert client.post(retire).status_code == 302
    assert client.post(retire).status_code == 409
    with pytest.raises(NotPermitted):
        options.add_tag(actor=amira_hussain, kind="campaign", name="Mine")
    assert queries.live_variants(draft).count() == 1


def test_the_demonstration_plans_and_twice_changes_nothing(wealdshire, settings, tmp_path, leah_brandt):
    settings.MEDIA_STORE = tmp_path
    people.make(wealdshire)
    planning.make(wealdshire)
    made = Post.objects.count()
    planning.make(wealdshire)
    assert Post.objects.count() == made
    assert Series.objects.get().posts.count() == 6
    assert set(Post.objects.exclude(language="").values_list("state", flat=True)) == {State.SUBMITTED}
