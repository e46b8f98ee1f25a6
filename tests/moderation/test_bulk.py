"""One decision on many comments: what it leaves to people, what comes of each, and taking it back."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.urls import reverse

from audit.models import Entry
from core.errors import NotFound, NotValid
from moderation import bulk
from moderation.actions import bulk as actions
from moderation.actions import desk
from moderation.models import Batch, Comment
from tests.moderation.comments import a_comment, edited


def states(*comments) -> list[str]:
    found = Comment.objects.in_bulk([comment.pk for comment in comments])
    return [found[comment.pk].state for comment in comments]


@pytest.fixture
def spam(able_platform, force_account):
    """Three that say the same."""
    return [a_comment(force_account, f"Buy now {n}", category="spam", priority=5) for n in range(3)]


def test_what_bears_risk_or_is_claimed_is_left_out_by_name_and_the_rest_is_done_one_by_one(
    client, amira_hussain, tom_beckett, force_account, pc_nair, spam, monkeypatch
):
    monkeypatch.setattr(bulk.queries_triage, "live_version", lambda: SimpleNamespace(off=[]))
    cry = a_comment(force_account, "I can’t do this any more", priority=1)
    quiet_cry = a_comment(
        force_account,
        "lol buy now",
        priority=5,
        findings=[{"category": "missing_person", "sentence": "Names somebody who is gone", "priority": 4}],
    )
    unread = a_comment(force_account, "Buy", model_due_at=spam[0].received_at)
    taken = a_comment(force_account, "Buy me")
    desk.claim(actor=tom_beckett, comment=taken)
    waiting = [*spam, cry, quiet_cry, unread, taken]
    client.force_login(amira_hussain)
    address = reverse("moderation:many")
    response = client.post(address, {"do": "hide"}, follow=True)
    assert "Tick at least one comment first." in response.content.decode()
    page = client.post(address, {"do": "hide", "comment": [c.pk for c in waiting]}).content.decode()
    assert "Hide under a clause: 3 comments" in page
    for words in (
        "Marked immediate",
        "A sign of risk: Names somebody who is gone",
        "Triage has not read all of it yet",
        "Tom Beckett has it",
        "4 are left out",
    ):
        assert words in page
    chosen = re.search(r'name="chosen" value="([^"]+)"', page)[1]
    decide = reverse("moderation:decide_many")
    assert client.post(decide, {"chosen": chosen}).status_code == 422
    edited(spam[1], "Actually I need help")
    abuse = desk.Clause.objects.get(slug="spam")
    response = client.post(decide, {"chosen": chosen, "clause": abuse.pk, "why": "Same advert"})
    batch = Batch.objects.get()
    assert response.url == reverse("moderation:many_done", args=[batch.pk])
    assert states(*spam, cry, quiet_cry, unread, taken) == ["decided", "open", "decided", *["open"] * 4]
    page = client.get(response.url).content.decode()
    assert "The author has changed this comment since you read it" in page
    assert "Take all 2 back" in page
    client.post(reverse("moderation:undo_many", args=[batch.pk]))
    assert states(*spam) == ["open"] * 3
    assert Entry.objects.filter(event="comment.hidden").count() == 2
    assert Entry.objects.get(event="batch.decided").details["says"] == "Hide under a clause, 2 of 3"
    assert Entry.objects.get(event="batch.undone").details["comments"] == [spam[0].pk, spam[2].pk]
    client.force_login(tom_beckett)
    assert client.get(response.url).status_code == 404
    client.force_login(pc_nair)
    page = client.post(address, {"do": "no_action", "comment": [spam[0].pk]}).content.decode()
    assert "1 ticked comment is not there any more" in page


@pytest.mark.parametrize(
    ("kind", "given"),
    [("no_action", {}), ("elsewhere", {"where": "By telephone"}), ("hand_over", {"why": "Yours"})],
)
def test_each_decision_is_taken_back_together_but_for_what_was_decided_anew(
    amira_hussain, tom_beckett, wealdshire, spam, kind, given
):
    if kind == "hand_over":
        given = {**given, "team": wealdshire.teams["Corporate communications"]}
    batch = actions.decide_many(
        actor=amira_hussain, kind=kind, revisions={c.pk: c.revision_number for c in spam}, **given
    )
    assert [row["says"] for row in batch.results] == [bulk.KINDS[kind].done] * 3
    if kind != "hand_over":
        desk.reopen(actor=tom_beckett, comment=spam[0])
    else:
        desk.no_action(actor=tom_beckett, comment=spam[0], revision_number=1)
    batch = actions.undo(actor=amira_hussain, batch=batch)
    assert [row["says"][:10] for row in batch.undone] == ["Somebody h", "Taken back", "Taken back"]
    assert not bulk.can_undo(batch)
    assert Comment.objects.filter(pk__in=[c.pk for c in spam[1:]], state="open", handed_to=None).count() == 2


def test_a_cry_that_triage_finds_while_the_batch_runs_is_left_to_a_person(amira_hussain, spam, monkeypatch):
    decide = actions._one

    def slowly(actor, comment, *given):
        Comment.objects.filter(pk=spam[2].pk).update(priority=1)
        return decide(actor, comment, *given)

    monkeypatch.setattr(actions, "_one", slowly)
    batch = actions.decide_many(actor=amira_hussain, kind="no_action", revisions={c.pk: 1 for c in spam})
    assert batch.results[2]["says"] == "Left as it is: Marked immediate"
    assert states(*spam) == ["decided", "decided", "open"]


def test_what_was_with_a_team_is_handed_back_to_that_team(amira_hussain, wealdshire, spam):
    first, second = wealdshire.teams["Digital desk"], wealdshire.teams["Corporate communications"]
    desk.hand_over(actor=amira_hussain, comment=spam[0], revision_number=1, team=first, why="Yours")
    batch = actions.decide_many(
        actor=amira_hussain, kind="hand_over", revisions={c.pk: 1 for c in spam}, team=second, why="Theirs"
    )
    actions.undo(actor=amira_hussain, batch=batch)
    found = Comment.objects.in_bulk([c.pk for c in spam])
    assert [found[c.pk].handed_to for c in spam] == [first, None, None]


def test_what_is_missing_is_said_once_and_nothing_is_done(amira_hussain, spam):
    revisions = {c.pk: 1 for c in spam}
    for kind, field in (("hide", "clause"), ("elsewhere", "where"), ("hand_over", "team")):
        with pytest.raises(NotValid) as refused:
            actions.decide_many(actor=amira_hussain, kind=kind, revisions=revisions)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        actions.decide_many(actor=amira_hussain, kind="delete", revisions=revisions)
    with pytest.raises(NotValid, match="At most 100"):
        actions.decide_many(actor=amira_hussain, kind="no_action", revisions=dict.fromkeys(range(1, 102), 1))
    assert states(*spam) == ["open"] * 3
    assert not Batch.objects.exists()
