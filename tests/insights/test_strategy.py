"""The social media strategy: written in versions, approved by another, read by all staff, with figures beside each channel."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions as register
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid, TransitionNotAllowed
from insights import costs, strategy
from insights.actions import strategy as actions
from insights.models import Strategy, StrategyChannel
from publishing.models import Delivery
from smmp.seed.force import SEED

WORDS = {
    "aims": "Reach those whom nothing else reaches.",
    "roadmap": "Fewer accounts, better run.",
    "content": "Plain words; captions on every film.",
    "engagement": "Answers in the desk’s own time.",
    "collaboration": "Paid only for recruitment.",
    "tools": "This platform, on force devices.",
}


def _write(actor, row, **given):
    full = {
        **WORDS,
        "owner": given.pop("owner", None),
        "review_on": clock.today() + timedelta(days=180),
        "changes": "The first one.",
        **given,
    }
    return actions.write(actor=actor, version=row, **full)


@pytest.fixture
def drafted(wealdshire, leah_brandt, helen_achebe):
    """A whole draft by Leah Brandt, with one channel."""
    row = actions.begin(actor=leah_brandt)
    _write(leah_brandt, row, owner=helen_achebe)
    actions.write_channel(
        actor=leah_brandt, version=row, platform="bluesky", purpose="News for the county", course="grow"
    )
    row.refresh_from_db()
    return row


@pytest.fixture
def live(drafted, helen_achebe):
    return actions.approve(actor=helen_achebe, version=drafted, seen=drafted.changed_at.isoformat())


def test_whoever_wrote_some_of_it_does_not_approve_it(
    drafted, helen_achebe, leah_brandt, victoria_lang, pc_nair
):
    seen = drafted.changed_at.isoformat()
    for person in (leah_brandt, pc_nair):
        with pytest.raises(NotPermitted):
            actions.approve(actor=person, version=drafted, seen=seen)
    actions.write_channel(
        actor=helen_achebe, version=drafted, platform="threads", purpose="News", course="keep"
    )
    drafted.refresh_from_db()
    seen = drafted.changed_at.isoformat()
    with pytest.raises(NotPermitted, match="written some of it"):
        actions.approve(actor=helen_achebe, version=drafted, seen=seen)
    assert actions.approve(actor=victoria_lang, version=drafted, seen=seen).state == "live"
    assert strategy.live() == drafted
    assert Entry.objects.filter(event="strategy.approved").count() == 1


def test_an_approval_is_for_what_was_seen(drafted, helen_achebe, leah_brandt):
    seen = drafted.changed_at.isoformat()
    _write(leah_brandt, drafted, owner=helen_achebe, aims="Something else.")
    with pytest.raises(ChangedSinceSeen):
        actions.approve(actor=helen_achebe, version=drafted, seen=seen)
    with pytest.raises(ChangedSinceSeen):
        _write(leah_brandt, drafted, owner=helen_achebe, seen=seen, aims="A third.")


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"content": ""}, "standards for content"),
        ({"collaboration": ""}, "paid, earned"),
        ({"tools": ""}, "applications"),
        ({"roadmap": ""}, "roadmap"),
        ({"owner": None}, "an owner"),
        ({"review_on": None}, "a review day"),
        ({"changes": ""}, "what is new"),
    ],
)
def test_what_the_app_asks_for_is_asked_for(drafted, helen_achebe, leah_brandt, lacking, words):
    _write(leah_brandt, drafted, **{"owner": helen_achebe, **lacking})
    drafted.refresh_from_db()
    with pytest.raises(NotValid, match=words):
        actions.approve(actor=helen_achebe, version=drafted, seen=drafted.changed_at.isoformat())


def test_without_a_channel_nothing_is_approved(drafted, helen_achebe, leah_brandt):
    actions.leave_out(actor=leah_brandt, channel=drafted.channels.get())
    drafted.refresh_from_db()
    with pytest.raises(NotValid, match="at least one channel"):
        actions.approve(actor=helen_achebe, version=drafted, seen=drafted.changed_at.isoformat())
    actions.write_channel(
        actor=leah_brandt, version=drafted, platform="bluesky", purpose="News again", course="keep"
    )
    assert StrategyChannel.objects.get().left_out is False


def test_the_next_version_begins_as_a_copy_and_takes_the_place_of_the_one_before(
    live, leah_brandt, helen_achebe
):
    second = actions.begin(actor=leah_brandt)
    with pytest.raises(TransitionNotAllowed):
        actions.begin(actor=helen_achebe)
    assert not strategy.differences(second, live)
    with pytest.raises(NotValid, match="Nothing was changed"):
        _write(leah_brandt, second, owner=helen_achebe, changes="")
    _write(leah_brandt, second, owner=helen_achebe, aims="Reach the young.", changes="The young.")
    actions.write_channel(
        actor=leah_brandt, version=second, platform="bluesky", purpose="Warnings", course="keep"
    )
    second.refresh_from_db()
    assert [one.title for one in strategy.differences(second, live)] == ["What it is for", "Channel: Bluesky"]
    second.refresh_from_db()
    actions.approve(actor=helen_achebe, version=second, seen=second.changed_at.isoformat())
    live.refresh_from_db()
    assert (live.state, live.live_until is None) == ("past", False)
    assert live.channels.get().purpose == "News for the county"
    with pytest.raises(TransitionNotAllowed):
        _write(leah_brandt, live, owner=helen_achebe, aims="Rewriting history.")
    with pytest.raises(TransitionNotAllowed):
        actions.give_up(actor=leah_brandt, version=second)


def test_bad_words_are_refused(drafted, leah_brandt, pc_nair):
    for given, field in (
        ({"aims": "x" * 6001}, "aims"),
        ({"tools": "The password is harrow"}, "tools"),
        ({"review_on": clock.today()}, "review_on"),
    ):
        with pytest.raises(NotValid) as refused:
            _write(leah_brandt, drafted, **given)
        assert refused.value.field == field
    for given, field in (
        ({"platform": "myspace"}, "platform"),
        ({"purpose": " "}, "purpose"),
        ({"course": "sideways"}, "course"),
        ({"reviewed_on": clock.today() + timedelta(days=1)}, "reviewed_on"),
    ):
        with pytest.raises(NotValid) as refused:
            actions.write_channel(
                actor=leah_brandt,
                version=drafted,
                **{"platform": "threads", "purpose": "News", "course": "keep", **given},
            )
        assert refused.value.field == field
    with pytest.raises(NotPermitted):
        actions.begin(actor=pc_nair)


def test_two_who_begin_at_once_have_one_draft(committed_db, wealdshire, leah_brandt, helen_achebe):
    outcome: list[str] = []
    start = threading.Barrier(2)

    def begin(person):
        try:
            start.wait(timeout=30)
            actions.begin(actor=person)
            outcome.append("begun")
        except TransitionNotAllowed:
            outcome.append("refused")
        finally:
            connections.close_all()

    both = [threading.Thread(target=begin, args=(one,)) for one in (leah_brandt, helen_achebe)]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=60)
    assert sorted(outcome) == ["begun", "refused"]
    assert Strategy.objects.filter(state="draft").count() == 1


def test_all_staff_read_what_holds_and_drafts_are_not_there_for_them(
    client, live, leah_brandt, amira_hussain, sergeant_mayhew
):
    draft = actions.begin(actor=leah_brandt)
    for person in (amira_hussain, sergeant_mayhew):
        client.force_login(person)
        page = client.get(reverse("insights:strategy")).text
        assert "News for the county" in page
        assert "The draft" not in page
        assert client.get(reverse("insights:strategy_version", args=[live.number])).status_code == 200
        assert client.get(reverse("insights:strategy_version", args=[draft.number])).status_code == 404
        assert client.get(reverse("insights:strategy_draft", args=[draft.number])).status_code == 403
    with pytest.raises(NotFound):
        strategy.version(amira_hussain, 10**6)


def test_it_is_written_and_approved_in_the_browser(client, wealdshire, leah_brandt, helen_achebe):
    client.force_login(leah_brandt)
    empty = client.get(reverse("insights:strategy")).text
    assert "No strategy is approved yet" in empty
    assert "Write the first version" in empty
    draft = client.post(reverse("insights:begin_strategy"))["Location"]
    number = Strategy.objects.get().number
    write = reverse("insights:strategy_write", args=[number])
    assert "Roadmap" in client.get(write).text
    wrong = client.post(write, {**WORDS, "review_on": "2020-01-01", "changes": "First"})
    assert wrong.status_code == 422
    assert "Give a day to come" in wrong.text
    assert "Plain words; captions" in wrong.text
    given = {
        **WORDS,
        "owner": helen_achebe.pk,
        "review_on": (clock.today() + timedelta(days=100)).isoformat(),
        "changes": "First",
    }
    assert client.post(write, given)["Location"] == draft
    channel = reverse("insights:strategy_new_channel", args=[number])
    assert client.post(channel, {"platform": "x"}).status_code == 422
    client.post(channel, {"platform": "x", "purpose": "Fast news", "course": "shrink"})
    decide = reverse("insights:strategy_decide", args=[number])
    assert client.post(decide, {"do": "nonsense"}).status_code == 404
    refused = client.post(decide, {"do": "approve", "seen": "x"}, follow=True).text
    assert "needs the right" in refused
    client.force_login(helen_achebe)
    page = client.get(draft).text
    assert "Approve it as it stands" in page
    seen = Strategy.objects.get().changed_at.isoformat()
    done = client.post(decide, {"do": "approve", "seen": seen}, follow=True).text
    assert "holds now, for everybody" in done
    assert "Fast news" in done


def test_a_draft_is_given_up_and_a_channel_left_out_in_the_browser(client, live, leah_brandt):
    client.force_login(leah_brandt)
    client.post(reverse("insights:begin_strategy"))
    row = Strategy.objects.get(state="draft")
    decide = reverse("insights:strategy_decide", args=[row.number])
    page = client.post(decide, {"do": "leave_out", "channel": row.channels.get().pk}, follow=True).text
    assert "Put it back" in page
    assert client.post(decide, {"do": "leave_out", "channel": 10**12}).status_code == 404
    client.post(decide, {"do": "give_up"})
    row.refresh_from_db()
    assert row.state == "dropped"
    assert strategy.live() == live


def test_what_is_measured_stands_beside_each_channel_and_what_is_not_named_is_said(
    client, live, helen_achebe, leah_brandt, settings
):
    settings.DEMO = False
    here = register.register_account(
        actor=SEED, platform="bluesky", handle="weald.example", name="News", owner=helen_achebe
    )
    register.register_account(actor=SEED, platform="x", handle="wealdshire", name="On X", owner=helen_achebe)
    at = clock.now()
    for n, days in enumerate((1, 89, 91)):
        Delivery.objects.create(
            official_account=here,
            kind="post",
            state="sent",
            author=leah_brandt,
            text="x",
            due_at=at,
            created_at=at,
            sent_at=at - timedelta(days=days),
            external_id=f"p{n}",
        )
    figures = strategy.measured()
    assert figures["bluesky"].posts_90_days == 2
    assert (figures["bluesky"].accounts, figures["bluesky"].dollars_last_month) == (1, None)
    assert figures["x"].dollars_last_month == Decimal(0)
    client.force_login(leah_brandt)
    page = client.get(reverse("insights:strategy")).text
    assert "The strategy says nothing of it, and we are there." in page
    assert "exercise" not in figures


def test_the_figures_cost_the_same_for_a_hundred_accounts(wealdshire, helen_achebe):
    def add(first: int, last: int) -> None:
        for n in range(first, last):
            register.register_account(
                actor=SEED,
                platform="mastodon",
                handle=f"a{n}@weald.example",
                name=f"A{n}",
                owner=helen_achebe,
            )

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            strategy.measured()
        return len(caught)

    add(0, 2)
    few = count()
    add(2, 100)
    assert count() == few


def test_costs_of_a_platform_are_those_of_its_accounts(wealdshire, helen_achebe, leah_brandt):
    made = [
        register.register_account(actor=SEED, platform="x", handle=f"w{n}", name=f"W{n}", owner=helen_achebe)
        for n in range(2)
    ]
    at = clock.now()
    for n, account in enumerate(made):
        Delivery.objects.create(
            official_account=account,
            kind="reply",
            state="sent",
            author=leah_brandt,
            text="Thank you.",
            target_external_id="1",
            due_at=at,
            created_at=at,
            sent_at=at,
            external_id=f"r{n}",
        )
    month = clock.today().replace(day=1)
    by_account = sum(one.dollars for one in costs.of_month(leah_brandt, month))
    assert costs.dollars_by_platform(month, {"x", "bluesky"}) == {"x": by_account}
    assert by_account > 0


def test_everybody_who_works_here_can_print_what_holds_and_drafts_stay_with_their_writers(
    client, live, leah_brandt, amira_hussain
):
    client.force_login(amira_hussain)
    address = reverse("insights:strategy_file", args=[live.number])
    assert address in client.get(reverse("insights:strategy")).text
    paper = client.get(address)
    assert paper.content.startswith(b"%PDF")
    assert paper["Content-Disposition"] == f'attachment; filename="strategy-{live.number}.pdf"'
    assert Entry.objects.filter(event="strategy.exported", actor_id=amira_hussain.pk).count() == 1
    draft = actions.begin(actor=leah_brandt)
    secret = reverse("insights:strategy_file", args=[draft.number])
    assert client.get(secret).status_code == 404
    client.force_login(leah_brandt)
    assert client.get(secret).content.startswith(b"%PDF")
