"""More than usual comes: noticed, explained, worked in groups; and nobody's cry for help is swept along."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.actions import give_grant
from accounts.models import Grant
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import tasks as escalation
from moderation import alike, surging
from moderation import queries_surges as queries
from moderation.actions import desk
from moderation.actions import surges as actions
from moderation.models import (
    Attachment,
    Clause,
    Comment,
    Decision,
    HourCount,
    Note,
    Surge,
    SurgeAct,
    SurgeGroup,
    SurgeItem,
    TriageStop,
)
from notices.models import Notice
from platforms import registry
from smmp.seed.force import SEED
from staff.roles import Role
from tests.moderation.comments import a_comment, a_conversation, edited

ME = System("surges")
COPIED = "The police did nothing while our town burned and now they tell us to stay calm, shame on them all"


# What says the same


def test_copies_and_small_changes_are_one_group_and_added_words_stand_apart():
    texts = [
        COPIED,
        COPIED + " 😡😡",
        "RT @someone " + COPIED.upper(),
        COPIED.replace("burned", "burnt"),
        COPIED + " https://example.org/a",
        COPIED + " i am going to kill myself tonight",
        COPIED + " and my daughter has not come home",
        "Is the road open again after the weekend, please?",
        "shame",
        "Shame!",
        "shame on you",
    ]
    found = alike.group(enumerate(texts, 1))
    assert [one.ids for one in found] == [[1, 2, 3, 4, 5], [6], [7], [8], [9, 10], [11]]
    assert [one.ids for one in alike.group(enumerate(texts, 1))] == [one.ids for one in found]
    cry_first = [(1, texts[5]), (2, COPIED), (3, COPIED + "!")]
    assert [one.ids for one in alike.group(cry_first)] == [[1], [2, 3]]


def test_a_group_does_not_drift_from_its_first():
    words = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)]
    texts = [(n, " ".join(words[n : n + 20])) for n in range(40)]
    for one in alike.group(texts):
        assert all(pk - one.first <= 2 for pk in one.ids)


# Usual, and more than that


@time_machine.travel("2026-11-28 20:30Z", tick=False)
def test_usual_is_the_median_of_the_same_hour_and_weekday_on_london_clocks(force_account, db):
    assert queries.usual(force_account, clock.now()).weeks == 0
    # Before the last Sunday of October 20:00 in London is 19:00 UTC.
    for weeks, at in ((1, 20), (2, 20), (3, 20), (4, 20), (5, 19), (6, 19)):
        HourCount.objects.create(
            official_account=force_account,
            begins_at=clock.now().replace(hour=at, minute=0) - timedelta(weeks=weeks),
            comments=500 if weeks == 1 else 10,
        )
    normal = queries.usual(force_account, clock.now())
    assert (normal.per_hour, normal.weeks, normal.by_day) == (10, 6, False)
    assert normal.enough == queries.LEAST


@time_machine.travel("2027-02-27 20:30Z", tick=False)
def test_a_surge_is_suggested_once_with_its_reason_and_lapses_by_itself(force_account, sergeant_okafor):
    known = force_account
    HourCount.objects.bulk_create(
        HourCount(
            official_account=known,
            begins_at=queries.full_hour(clock.now()) - timedelta(weeks=n),
            comments=20,
        )
        for n in range(1, 9)
    )
    assert actions.watch(actor=ME, account=known) is None
    post = a_conversation(known, root_text="Market Street is closed.")
    for n in range(40):
        a_comment(
            known,
            f"Bricks on Marlow Lane {n}",
            conversation=post,
            received_at=clock.now() - timedelta(seconds=15 * n),
        )
    surge = actions.watch(actor=ME, account=known)
    assert surge is not None
    assert actions.watch(actor=ME, account=known) is None
    assert (surge.said["came"], surge.said["usual"], surge.said["weeks"]) == (40, 5.0, 8)
    assert (surge.said["post"], surge.said["share"]) == ("Market Street is closed.", 100)
    assert {"bricks", "marlow"} <= {word for word, _ in surge.said["words"]}
    assert clock.now() - surge.since <= timedelta(minutes=15)
    assert Notice.objects.filter(to=sergeant_okafor, key=f"surge-{surge.pk}").count() == 1
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        actions.watch(actor=ME, account=known)
    surge.refresh_from_db()
    assert surge.state == Surge.State.LAPSED
    assert [e.event for e in Entry.objects.filter(event__startswith="surge.").order_by("pk")] == [
        "surge.suggested",
        "surge.lapsed",
    ]


@time_machine.travel("2026-11-28 20:30Z", tick=False)
def test_hours_are_counted_once_and_again_when_more_came(force_account, db):
    for minutes in (5, 10, 95):
        a_comment(force_account, received_at=clock.now() - timedelta(minutes=minutes))
    a_comment(force_account, state=Comment.State.OURS)
    assert actions.count_hours(actor=ME, account=force_account) == 2
    assert actions.count_hours(actor=ME, account=force_account) == 0
    a_comment(force_account)
    assert actions.count_hours(actor=ME, account=force_account) == 1
    assert list(HourCount.objects.order_by("begins_at").values_list("comments", flat=True)) == [1, 3]


# Surge mode


def test_several_that_are_suggested_share_one_banner(
    client, force_account, harrowfield_account, sergeant_okafor
):
    now = clock.now()
    for number, account in enumerate((force_account, harrowfield_account)):
        Surge.objects.create(
            official_account=account,
            state=Surge.State.SUGGESTED,
            since=now,
            noticed_at=now + timedelta(seconds=number),
        )
    client.force_login(sergeant_okafor)
    page = client.get(reverse("moderation:surges")).text
    names = f"{force_account.name} and {harrowfield_account.name}"
    assert page.count("More than usual: ") == 1
    assert f"More than usual: {names}." in page
    actions.dismiss(
        actor=sergeant_okafor, surge=Surge.objects.get(official_account=force_account), why="A concert"
    )
    page = client.get(reverse("moderation:surges")).text
    assert f"More than usual: {harrowfield_account.name}." in page


@pytest.fixture
def surge(able_platform, force_account, amira_hussain):
    return actions.start(actor=amira_hussain, account=force_account, why="Disorder in Market Street")


@pytest.fixture
def copies(surge, force_account):
    return [a_comment(force_account, COPIED + "!" * n) for n in range(6)]


def grouped(surge) -> SurgeGroup:
    surging.group_surge(surge)
    return SurgeGroup.objects.filter(surge=surge).exclude(ids=[]).get()


def test_surge_mode_is_started_and_ended_by_those_who_may(
    surge, force_account, amira_hussain, tom_beckett, pc_nair, harrowfield_account
):
    with pytest.raises(TransitionNotAllowed, match="on already"):
        actions.start(actor=tom_beckett, account=force_account, why="Again")
    with pytest.raises(NotPermitted):
        actions.start(actor=pc_nair, account=harrowfield_account, why="Mine")
    with pytest.raises(NotValid):
        actions.start(actor=tom_beckett, account=harrowfield_account, why="  ")
    with pytest.raises(NotValid):
        actions.end(actor=tom_beckett, surge=surge, why="")
    ended = actions.end(actor=tom_beckett, surge=surge, why="Quiet again")
    assert ended.report["came"] == 0
    with pytest.raises(TransitionNotAllowed):
        actions.end(actor=tom_beckett, surge=surge, why="Twice")
    assert queries.under_way(amira_hussain) == []


SIGNS = [
    {"priority": 2},
    {"category": "domestic_abuse"},
    {"risk": 0.7},
    {"findings": [{"rule": "life.first_person_suicide", "category": "suicide_self_harm", "priority": 4}]},
    {"findings": [{"rule": "x", "category": "none", "priority": 2}]},
    {"triage_broken": True},
    {"needs_case": "threat_to_life"},
    {"private": True},
    {"model_due_at": clock.now()},
    {"removed_at": clock.now()},
    "claim",
    "attachment",
    "note",
    "cry",
    "author in a case",
]


def show(sign, comment: Comment, person) -> None:
    if sign == "attachment":
        Attachment.objects.create(
            comment=comment, number=1, kind="image", address="https://example.org/a.png", state="gone"
        )
    elif sign == "note":
        Note.objects.create(comment=comment, text="I rang her", by=person, at=clock.now())
    elif sign == "cry":
        edited(comment, COPIED + " i am going to kill myself tonight")
    elif sign == "claim":
        desk.claim(actor=person, comment=comment)
    elif sign == "author in a case":
        other = a_comment(comment.official_account, "Help", commenter=comment.commenter)
        desk.escalate(
            actor=person, comment=other, revision_number=1, category="suicide_self_harm", why="She means it"
        )
        escalation.open_cases()
    else:
        Comment.objects.filter(pk=comment.pk).update(**sign)


def test_what_shows_a_sign_of_risk_is_never_in_a_group_nor_touched_by_its_decision(
    surge, force_account, amira_hussain, tom_beckett
):
    copies = [a_comment(force_account, COPIED + "!" * (n % 3)) for n in range(len(SIGNS) + 3)]
    group = grouped(surge)
    assert len(group.ids) == len(copies)
    seen = queries.preview(group).items
    at_risk = copies[: len(SIGNS)]
    for sign, comment in zip(SIGNS, at_risk, strict=True):
        show(sign, comment, tom_beckett)
    # The stored group is old by now: neither what is offered nor a decision by an older page reaches them.
    calm = {comment.pk for comment in copies[len(SIGNS) :]}
    assert set(dict(queries.preview(group).items)) == calm
    assert [one.now for one in queries.groups(surge)] == [3]
    act = actions.begin(actor=amira_hussain, group=group, kind="no_action", seen=seen)
    actions.carry_out(actor=amira_hussain, act=act)
    assert set(act.items.filter(state="done").values_list("comment_id", flat=True)) == calm
    assert not act.items.filter(state="refused", says="").exists()
    assert not Decision.objects.filter(comment__in=at_risk).exists()
    # And found anew none of them is in a group.
    Comment.objects.filter(pk__in=calm).update(state="open", decided_at=None)
    assert set(grouped(surge).ids) == calm


def test_one_decision_serves_all_is_kept_for_each_and_can_be_undone(
    client, surge, copies, amira_hussain, force_account
):
    group = grouped(surge)
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:surge_group", args=[group.pk])).content.decode()
    assert "6 comments say the same" in page
    assert "Hide 6 comments" in page
    address = reverse("moderation:surge_group", args=[group.pk])
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    desk.claim(actor=amira_hussain, comment=copies[0])
    assert client.post(address, {"seen": seen, "kind": "hide"}).status_code == 422
    assert client.post(address, {"seen": "forged", "kind": "no_action"}).status_code == 422
    clause = Clause.objects.get(slug="abuse").pk
    answer = client.post(address, {"seen": seen, "kind": "hide", "clause": clause}, follow=True)
    result = answer.content.decode()
    assert "Hide, 5 comments" in result
    assert "Somebody has it." in result
    act = SurgeAct.objects.get()
    assert Decision.objects.filter(kind="hide", by=amira_hussain, clause_id=clause).count() == 5
    assert act.finished_at is not None
    again = client.post(answer.redirect_chain[-1][0], {"do": "undo"}, follow=True).content.decode()
    assert "Undone by" in again
    assert act.items.filter(state=SurgeItem.State.UNDONE).count() == 5
    assert set(Comment.objects.values_list("state", flat=True)) == {"open"}
    assert client.post(answer.redirect_chain[-1][0], {"do": "undo"}).status_code == 409
    events = list(Entry.objects.filter(event__startswith="surge.group").order_by("pk"))
    assert [e.event for e in events] == ["surge.group_decided", "surge.group_done", "surge.group_undone"]
    assert sorted(events[0].shown_ids) == [one.pk for one in copies]
    assert Entry.objects.filter(event="comment.hidden").count() == 5


def test_undoing_a_group_leaves_what_somebody_decided_since(surge, copies, amira_hussain, tom_beckett):
    group = grouped(surge)
    act = actions.begin(actor=amira_hussain, group=group, kind="no_action", seen=queries.preview(group).items)
    actions.carry_out(actor=amira_hussain, act=act)
    desk.reopen(actor=tom_beckett, comment=copies[0])
    desk.escalate(
        actor=tom_beckett,
        comment=copies[0],
        revision_number=1,
        category="suicide_self_harm",
        why="Says goodbye",
    )
    actions.undo(actor=amira_hussain, act=act)
    cry = Comment.objects.get(pk=copies[0].pk)
    assert (cry.state, cry.needs_case) == ("decided", "suicide_self_harm")
    stays = act.items.get(state=SurgeItem.State.STAYS)
    assert (stays.comment_id, stays.says[:30]) == (cry.pk, "Somebody has decided on it aga")
    assert act.items.filter(state=SurgeItem.State.UNDONE).count() == 5


def test_a_sensitive_clause_without_a_note_is_refused_once_for_the_whole_group(surge, copies, amira_hussain):
    group = grouped(surge)
    clause = Clause.objects.get(slug="abuse")
    Clause.objects.filter(pk=clause.pk).update(sensitive=True)
    with pytest.raises(NotValid, match="needs a note"):
        actions.begin(
            actor=amira_hussain, group=group, kind="hide", seen=queries.preview(group).items, clause=clause
        )
    assert not SurgeAct.objects.exists()


def test_what_was_broken_off_goes_on_where_it_stopped(surge, copies, amira_hussain, tom_beckett):
    group = grouped(surge)
    act = actions.begin(actor=amira_hussain, group=group, kind="no_action", seen=queries.preview(group).items)
    actions.carry_out(actor=amira_hussain, act=act, for_s=-1.0)
    assert dict(queries.results(act)) == {SurgeItem.State.WAITING: 5, SurgeItem.State.DONE: 1}
    with pytest.raises(TransitionNotAllowed, match="made this decision"):
        actions.carry_out(actor=tom_beckett, act=act)
    actions.carry_out(actor=amira_hussain, act=act)
    actions.carry_out(actor=amira_hussain, act=act)
    assert dict(queries.results(act)) == {SurgeItem.State.DONE: 6}
    assert Decision.objects.count() == 6
    surging.group_surge(surge)
    assert queries.groups(surge) == []
    with pytest.raises(NotValid):
        actions.begin(actor=amira_hussain, group=group, kind="no_action", seen=[(10**9, 1)])
    report = actions.end(actor=tom_beckett, surge=surge, why="Over").report
    assert (report["came"], report["in_groups"], report["open"], report["acts"]) == (6, 6, 0, 1)


@pytest.mark.parametrize(
    ("categories", "grouped_all"), [([], False), (["hate_crime"], False), (["spam"], True)]
)
def test_nothing_is_grouped_while_triage_is_blind_to_a_danger(
    categories, grouped_all, surge, copies, amira_hussain
):
    group = grouped(surge)
    seen = queries.preview(group).items
    TriageStop.objects.create(categories=categories, why="Noisy", by=amira_hussain, at=clock.now())
    if not grouped_all:
        with pytest.raises(TransitionNotAllowed, match="switched off"):
            actions.begin(actor=amira_hussain, group=group, kind="no_action", seen=seen)
    surging.group_surge(surge)
    assert bool(queries.groups(surge)) is grouped_all
    assert bool(queries.grouping_is_off()) is not grouped_all


def test_the_pages_show_it_to_those_concerned(client, surge, copies, amira_hussain, pc_nair, graham_ellis):
    grouped(surge)
    client.force_login(amira_hussain)
    page = client.get(surge.address).content.decode()
    assert "Disorder in Market Street" in page
    assert "Read and decide" in page
    assert "no control of its own" in page
    assert "Surge mode: Wealdshire Police" in client.get(reverse("home")).content.decode()
    listed = client.post(reverse("moderation:surges"), {"why": "x"})
    assert listed.status_code == 422
    assert client.post(surge.address, {"do": "end", "why": ""}).status_code == 422
    assert "Report" in client.post(surge.address, {"do": "end", "why": "Over"}, follow=True).content.decode()
    client.force_login(pc_nair)
    assert client.get(surge.address).status_code == 404
    assert "Surge mode" not in client.get(reverse("home")).content.decode()
    client.force_login(graham_ellis)
    assert client.get(reverse("moderation:surges")).status_code == 403


def test_a_helper_closes_and_escalates_for_a_time_and_hides_nothing(
    surge, copies, joan_pritchard, force_account
):
    def give(until):
        return give_grant(
            actor=SEED,
            role=Role.SURGE_HELPER,
            person=joan_pritchard,
            official_account=force_account,
            why="Surge",
            until=until,
        )

    for until in (None, clock.now() + timedelta(days=4)):
        with pytest.raises(NotValid, match="within three days"):
            give(until)
    give(clock.now() + timedelta(hours=8))
    group = grouped(surge)
    seen = queries.preview(group).items
    with pytest.raises(NotPermitted):
        actions.begin(
            actor=joan_pritchard, group=group, kind="hide", seen=seen, clause=Clause.objects.get(slug="abuse")
        )
    with pytest.raises(NotPermitted):
        desk.reply(actor=joan_pritchard, comment=copies[0], revision_number=1, text="Hello")
    act = actions.begin(actor=joan_pritchard, group=group, kind="no_action", seen=seen)
    actions.carry_out(actor=joan_pritchard, act=act)
    assert dict(queries.results(act)) == {SurgeItem.State.DONE: 6}
    assert [one.person_id for one in queries.helpers(surge)] == [joan_pritchard.pk]
    assert Grant.objects.filter(role=Role.SURGE_HELPER).count() == 1


def test_what_a_platform_offers_itself_is_said_for_each_that_people_comment_on(force_account):
    for platform in set(registry.NAMES) - {"exercise", "manual"}:
        force_account.platform = platform
        sentences = queries.native_controls(force_account)
        assert sentences, platform
        assert not any("that we know of" in one for one in sentences), platform
    force_account.platform = "manual"
    assert "that we know of" in queries.native_controls(force_account)[0]
