"""The rumour desk: found within minutes, told once, judged by people, answered through publishing; claims, never people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, models
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation.models import Case, LogEntry, Pathway
from insights import gathering, hearsay, queries_rumours, tasks
from insights import models as insights
from insights.actions import rumour_answers as answers
from insights.actions import rumours as actions
from insights.models import Rumour, RumourChange, RumourPost, Sighting
from insights.spread import spread
from insights.workflow import RUMOUR
from moderation.models import Block, Clause, Comment, ReplyDraft
from notices.models import Notice
from platforms import registry
from publishing.actions import templates
from publishing.models import Post
from tests.moderation.comments import a_comment
from tests.moderation.conftest import Able

SAID = "Apparently the lad from Mill Lane was stabbed by three men from the hotel and police hide it"
COPIES = (
    SAID,
    SAID.upper() + "!!",
    "apparently the lad from Mill Lane was stabbed by three men from the hotel and police hide it all",
)


@pytest.fixture
def able_platform(monkeypatch):
    monkeypatch.setattr(registry, "connector_class", lambda slug: Able)


@pytest.fixture
def said(able_platform, force_account):
    return [a_comment(force_account, words) for words in COPIES]


@pytest.fixture
def rumour(said):
    gathering.gather()
    return Rumour.objects.get()


@pytest.fixture
def taken(rumour, leah_brandt):
    return actions.take_up(
        actor=leah_brandt, rumour=rumour, words="Three men stabbed somebody and we hide it."
    )


def judged(rumour, leah, proceedings="no"):
    actions.assess(actor=leah, rumour=rumour, harm="disorder", spread="growing")
    actions.add_evidence(actor=leah, rumour=rumour, says="Control room: no such call.", speaks="against")
    answers.set_authority(actor=leah, rumour=rumour, authority="command")
    answers.set_proceedings(actor=leah, rumour=rumour, proceedings=proceedings)
    return actions.judge(
        actor=leah,
        rumour=rumour,
        verdict="false",
        kind="mis",
        truth="Nobody was stabbed in Mill Lane last night.",
    )


def test_the_third_appearance_is_told_once_to_command_communications_and_the_desk(
    said, force_account, inspector_calder, leah_brandt, joan_pritchard, sergeant_okafor, amira_hussain
):
    assert tasks.gather_rumours() == 1
    assert tasks.gather_rumours() == 0
    found = Rumour.objects.get()
    assert found.state == Rumour.State.SEEN
    assert found.found == Rumour.Found.CLUSTER
    assert not found.words
    assert found.told_at - found.third_at < timedelta(minutes=5)
    told = Notice.objects.filter(key=f"rumour-{found.pk}")
    assert {inspector_calder.pk, leah_brandt.pk, sergeant_okafor.pk} <= set(
        told.values_list("to_id", flat=True)
    )
    # The desk's operators are at the screen: theirs sends no e-mail.
    assert told.get(to=amira_hussain).urgency == Notice.Urgency.FYI
    assert not told.get(to=amira_hussain).deliveries.exists()
    assert told.get(to=sergeant_okafor).deliveries.exists()
    assert joan_pritchard.pk not in told.values_list("to_id", flat=True)
    for notice in told:
        assert "Mill Lane" not in notice.title + notice.body
        assert not any(one.commenter.name in notice.title + notice.body for one in said)
    # A fourth, and one that only shares a word.
    a_comment(force_account, COPIES[0].replace("lad", "boy"))
    a_comment(force_account, "Is the hotel car park open on Sunday morning for the fun run then?")
    assert tasks.gather_rumours() == 1
    assert found.sightings.count() == 4
    assert Notice.objects.filter(key=f"rumour-{found.pk}").count() == told.count()
    # Two workers at the same instant would have made one: the first comment of the group names it.
    assert actions.keep_group(actor=gathering.RUMOURS, comment_ids=[one.pk for one in said]) is None
    assert Rumour.objects.count() == 1
    assert Entry.objects.filter(event="rumour.found").count() == 1


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("Thank you so much to everyone who came out to help us last night", "praise"),
        ("Win a new phone today just press the link in my profile now", "spam"),
        ("What time does the front counter open on Saturday please?", "question"),
        ("Thanks!", "none"),
    ],
)
def test_what_is_no_rumour_is_not_suggested(able_platform, force_account, words, category):
    for _ in range(4):
        a_comment(force_account, words, category=category)
    assert gathering.gather() == 0


def test_the_same_in_other_words_is_found_and_another_event_stays_apart(able_platform, force_account):
    same = (
        "I heard they are closing Harrowfield police station for good",
        "Apparently Harrowfield police station is going to be closed permanently",
        "Is it true Harrowfield police station is shutting down for good?",
    )
    other = (
        "Apparently a dog was hit by a bus outside the school",
        "I heard the fireworks are cancelled because of the wind",
    )
    for words in (*same, *other):
        a_comment(force_account, words, category="misinformation")
    gathering.gather()
    found = Rumour.objects.get()
    texts = set(
        Comment.objects.filter(pk__in=found.sightings.values("comment_id")).values_list("text", flat=True)
    )
    assert texts == set(same)


def test_private_and_withheld_comments_carry_no_rumour(able_platform, force_account):
    for number in range(3):
        a_comment(force_account, SAID, private=True)
        a_comment(force_account, SAID, state=Comment.State.RESTRICTED if number else Comment.State.OPEN)
    assert gathering.gather() == 0


def test_what_says_just_the_same_is_quoted_once(said, rumour, force_account, leah_brandt):
    again = [a_comment(force_account, f" {words.upper()} ") for words in COPIES]
    gathering.gather()
    whole = queries_rumours.whole(leah_brandt, rumour.pk)
    assert whole.appearances == 6
    assert [one.pk for one in whole.examples] == [one.pk for one in reversed(again)]


def test_claims_are_followed_and_never_people(said, rumour, leah_brandt):
    tables = [
        model
        for model in vars(insights).values()
        if isinstance(model, type)
        and issubclass(model, models.Model)
        and model.__name__
        in ("Rumour", "Sighting", "RumourEvidence", "RumourPost", "RumourChange", "AreaDay", "AreaMood")
    ]
    assert len(tables) == 7
    for model in tables:
        for field in model._meta.get_fields():
            assert not {"commenter", "handle"} & set(field.name.split("_")), field
            related = getattr(field, "related_model", None)
            assert related is None or related._meta.app_label != "moderation", field
    Comment.objects.filter(pk=said[0].pk).update(state=Comment.State.RESTRICTED)
    before = queries_rumours.whole(leah_brandt, rumour.pk)
    assert said[0].pk not in [one.pk for one in before.examples]
    assert before.gone == 1
    assert tasks.let_go_of_comments() == 1
    assert tasks.let_go_of_comments() == 0
    assert rumour.sightings.count() == 3
    assert rumour.sightings.filter(comment_id=None).count() == 1
    rumour.refresh_from_db()
    assert rumour.first_comment_id is None
    assert Entry.objects.get(event="rumours.let_go").operation == "erasure"
    with connection.cursor() as cursor:
        for table in ("insights_rumourchange", "insights_rumourevidence"):
            cursor.execute(f"SELECT has_table_privilege('smmp_app', '{table}', 'UPDATE')")
            assert cursor.fetchone() == (False,)


def test_by_hand_one_press_from_a_conversation_and_in_ones_own_words(
    client, able_platform, force_account, harrowfield_account, saltmere_account, pc_nair, amira_hussain
):
    comment = a_comment(harrowfield_account, "They say the bridge is cracked")
    client.force_login(pc_nair)
    answer = client.post(reverse("insights:rumour_from", args=[comment.pk]))
    made = Rumour.objects.get()
    assert answer.url == reverse("insights:rumour", args=[made.pk])
    client.post(reverse("insights:rumour_from", args=[comment.pk]))
    assert Rumour.objects.count() == 1
    assert made.told_at is None
    for words in ("the bridge is cracked, I saw it", "anyone know if the bridge is cracked?"):
        actions.add_comment(actor=pc_nair, rumour=made, comment=a_comment(harrowfield_account, words))
    made.refresh_from_db()
    assert made.told_at is not None
    assert made.sightings.filter(asks=True).count() == 1
    with pytest.raises(NotValid):
        actions.raise_rumour(actor=amira_hussain, official_account=force_account)
    private = a_comment(harrowfield_account, "the bridge", private=True)
    with pytest.raises(NotValid):
        actions.raise_rumour(actor=pc_nair, official_account=harrowfield_account, comment=private)
    # Beyond one's own official accounts there is no such rumour, and no such comment.
    other = actions.raise_rumour(
        actor=amira_hussain, official_account=saltmere_account, words="The causeway is sinking."
    )
    with pytest.raises(NotFound):
        queries_rumours.rumour(pc_nair, other.pk)
    far = a_comment(saltmere_account, "the causeway sinks")
    assert client.post(reverse("insights:rumour_from", args=[far.pk])).status_code == 404


def test_the_workflow_pair_by_pair():
    judgements = {"judge_false", "judge_misleading", "judge_true", "judge_unclear"}
    allowed = {
        "seen": {"take_up", "close"},
        "assessing": judgements | {"close"},
        **dict.fromkeys(("false", "misleading", "true", "unclear"), judgements | {"assess_again", "close"}),
        "closed": {"reopen"},
    }
    for state in RUMOUR.states:
        assert {event for event in RUMOUR.events if RUMOUR.allows(state, event)} == allowed[state]


@pytest.mark.parametrize(
    ("harm", "spread", "priority"),
    [
        ("life", "contained", "high"),
        ("disorder", "wide", "high"),
        ("disorder", "contained", "medium"),
        ("justice", "growing", "medium"),
        ("trust", "wide", "high"),
        ("trust", "contained", "low"),
        ("little", "wide", "medium"),
        ("little", "growing", "low"),
    ],
)
def test_two_answers_give_how_soon_it_is_answered(harm, spread, priority):
    assert actions.priority_of(harm, spread) == priority


def test_judged_with_evidence_and_a_correction_only_when_it_may_be_said(
    taken, leah_brandt, helen_achebe, inspector_calder, amira_hussain
):
    with pytest.raises(NotPermitted):
        actions.assess(actor=amira_hussain, rumour=taken, harm="life", spread="wide")
    with pytest.raises(NotValid) as no_reason:
        actions.assess(actor=leah_brandt, rumour=taken, harm="life", spread="wide", priority="low")
    assert no_reason.value.field == "why"
    verdict = {
        "actor": leah_brandt,
        "rumour": taken,
        "verdict": "false",
        "kind": "mis",
        "truth": "It is not so.",
    }
    with pytest.raises(NotValid, match="evidence"):
        actions.judge(**verdict)
    for link in ("http://plain.example", "javascript:alert(1)", "https://", "https://[x"):
        with pytest.raises(NotValid):
            actions.add_evidence(actor=leah_brandt, rumour=taken, says="Seen.", speaks="against", link=link)
    found = judged(taken, leah_brandt, proceedings="unknown")
    assert found.state == Rumour.State.FALSE
    assert found.legal == Rumour.Legal.ASKED
    with pytest.raises(ChangedSinceSeen):
        actions.judge(**{**verdict, "seen": "assessing"})
    with pytest.raises(TransitionNotAllowed, match="second person"):
        answers.draft_correction(
            actor=leah_brandt, rumour=found, words="It is not so.", account_ids=[found.official_account_id]
        )
    with pytest.raises(NotPermitted):
        answers.answer_legal(actor=leah_brandt, rumour=found, answer="clear", words="Fine.")
    assert found in queries_rumours.waiting(helen_achebe)
    answers.answer_legal(actor=helen_achebe, rumour=found, answer="clear", words="No arrest was made.")
    # Nobody needs a holding line any more: what is so is known.
    found.refresh_from_db()
    assert queries_rumours.next_step(found) == "Draft the correction."
    post = answers.draft_correction(
        actor=leah_brandt,
        rumour=found,
        words="Nobody was stabbed in Mill Lane last night.",
        account_ids=[found.official_account_id],
        urgent_why="People are gathering outside a hotel",
    )
    assert post.state == Post.State.DRAFT
    assert post.declaration.urgent_why
    assert RumourPost.objects.get().kind == RumourPost.Kind.CORRECTION
    # Other words need another yes; the same ones do not.
    found.refresh_from_db()
    actions.judge(**{**verdict, "rumour": found, "truth": "Somebody was hurt, and nobody was stabbed."})
    found.refresh_from_db()
    assert found.legal == Rumour.Legal.ASKED
    assert found.legal_by is None
    closed = actions.close(actor=inspector_calder, rumour=found, why="It has stopped.")
    with pytest.raises(TransitionNotAllowed):
        actions.add_evidence(actor=leah_brandt, rumour=closed, says="More.", speaks="for")


def test_the_holding_line_comes_from_the_library_and_the_story_stands_in_the_case(
    taken, leah_brandt, helen_achebe, inspector_calder, pc_nair, amira_hussain
):
    statement = templates.write_template(
        actor=leah_brandt,
        kind="holding",
        name="We are looking into it",
        words="We know what is said about [[where]]. We will say more by [[when]].",
    )
    fill = {"fills": {"where": "Mill Lane", "when": "9 pm"}, "account_ids": [taken.official_account_id]}
    with pytest.raises(TransitionNotAllowed):
        answers.draft_holding(actor=leah_brandt, rumour=taken, template=statement, **fill)
    templates.approve_statement(actor=helen_achebe, template=statement)
    with pytest.raises(NotPermitted):
        answers.draft_holding(actor=inspector_calder, rumour=taken, template=statement, **fill)
    # Command cannot write it: one press calls those who can.
    answers.ask_for_words(actor=inspector_calder, rumour=taken)
    assert Notice.objects.filter(title__startswith="Words are wanted", to=leah_brandt).exists()
    post = answers.draft_holding(actor=leah_brandt, rumour=taken, template=statement, **fill)
    assert "Mill Lane" in post.words
    actions.open_case(actor=inspector_calder, rumour=taken, pathway=Pathway.objects.order_by("pk")[0])
    taken.refresh_from_db()
    case = Case.objects.get(number=taken.case_number)
    log = " ".join(LogEntry.objects.filter(case=case).values_list("text", flat=True))
    assert taken.reference in log
    assert "Holding line drafted" in log
    actions.assess(actor=leah_brandt, rumour=taken, harm="disorder", spread="growing")
    assert LogEntry.objects.filter(case=case, text__contains="Risk:").count() == 1
    assert RumourChange.objects.filter(rumour=taken, event="assessed").count() == 1


def test_who_asked_is_offered_an_answer_and_nobody_else(taken, force_account, leah_brandt, able_platform):
    question = "Is it true the lad from Mill Lane was stabbed by three men from the hotel?"
    asks = [a_comment(force_account, question) for _ in range(4)]
    for one in asks:
        actions.add_comment(actor=leah_brandt, rumour=taken, comment=one)
    with pytest.raises(TransitionNotAllowed):
        answers.offer_replies(actor=leah_brandt, rumour=taken, words="No.")
    found = judged(taken, leah_brandt)
    Block.objects.create(
        comment_id=asks[0].pk,
        official_account=force_account,
        commenter_id=asks[0].commenter_id,
        commenter_external_id=asks[0].commenter.external_id,
        clause=Clause.objects.get(slug="abuse"),
        by=leah_brandt,
        at=clock.now(),
        until=clock.now() + timedelta(days=2),
    )
    Comment.objects.filter(pk=asks[1].pk).update(removed_at=clock.now())
    ReplyDraft.objects.create(comment=asks[2], by=leah_brandt, text="My own words", saved_at=clock.now())
    assert answers.offer_replies(actor=leah_brandt, rumour=found, words="Nobody was stabbed.") == 1
    assert ReplyDraft.objects.get(comment=asks[3], by=leah_brandt).text == "Nobody was stabbed."
    assert ReplyDraft.objects.get(comment=asks[2]).text == "My own words"
    assert answers.offer_replies(actor=leah_brandt, rumour=found, words="Nobody was stabbed.") == 0


def test_two_that_are_one_are_joined(rumour, force_account, leah_brandt):
    other = actions.raise_rumour(
        actor=leah_brandt, official_account=force_account, words="Police hide a stabbing."
    )
    rumour = actions.take_up(actor=leah_brandt, rumour=rumour, words="Three men, one knife.")
    into = actions.join(actor=leah_brandt, rumour=rumour, into=other)
    assert into.sightings.count() == 3
    assert into.told_at is not None
    rumour.refresh_from_db()
    assert rumour.state == Rumour.State.CLOSED
    assert not rumour.sightings.exists()
    with pytest.raises(NotValid):
        actions.join(actor=leah_brandt, rumour=into, into=into)
    # What says the same goes to the one that lives.
    a_comment(force_account, SAID)
    gathering.gather()
    assert into.sightings.count() == 4


def test_its_page_takes_every_step_and_refuses_beside_the_field(
    client, rumour, leah_brandt, inspector_calder, joan_pritchard
):
    client.force_login(inspector_calder)
    assert "The same claim again and again" in client.get("/").text
    client.force_login(leah_brandt)
    address = reverse("insights:rumour", args=[rumour.pk])
    assert "Said: “" in client.get(reverse("insights:rumours")).content.decode()
    assert "Take it up" in client.get(address).content.decode()
    step = reverse("insights:rumour_step", args=[rumour.pk])
    assert client.post(step, {"do": "take_up", "words": ""}).status_code == 422
    assert client.post(step, {"do": "take_up", "words": "<script>alert(1)</script>"}).status_code == 302
    assert "<script>alert(1)" not in client.get(address).content.decode()
    assert client.post(step, {"do": "nothing"}).status_code == 404
    assert client.post(step, {"do": "assess", "harm": "life", "spread": "wide"}).status_code == 302
    assert (
        client.post(step, {"do": "judge", "verdict": "false", "kind": "mis", "truth": "No."}).status_code
        == 422
    )
    assert client.get(reverse("insights:rumour_file", args=[rumour.pk])).content.decode().count("\r\n") >= 2
    assert client.get(reverse("insights:rumour", args=[2**63])).status_code == 404
    entry = Entry.objects.filter(event="rumour.viewed").latest("pk")
    assert set(entry.shown_ids) == set(rumour.sightings.values_list("comment_id", flat=True))
    client.force_login(inspector_calder)
    assert "Call communications for words" in client.get(address).content.decode()
    assert client.post(step, {"do": "words"}).status_code == 302
    client.force_login(joan_pritchard)
    assert client.get(address).status_code == 403


def test_the_spread_by_hour_by_day_over_a_clock_change_and_with_a_gap():
    now = datetime(2026, 10, 26, 12, tzinfo=UTC)
    assert spread([], now=now) is None
    one = spread([now], now=now)
    assert [row[1] for row in one.rows] == [1]
    assert one.columns[0] == "Hour"
    seen = [now - timedelta(hours=h) for h in (40, 40, 3)]
    hourly = spread(
        seen,
        now=now,
        answered_at=now - timedelta(hours=2),
        gaps=[(now - timedelta(hours=10), now - timedelta(hours=9))],
    )
    assert sum(row[1] for row in hourly.rows if row[1] != "gap") == 3
    assert len(hourly.rows) == 41
    # An hour in which we could not read everything is a gap and not nothing; the answer stands two hours before the end.
    assert [row[2] for row in hourly.rows if row[1] == "gap"] == ["not everything"]
    assert hourly.drawing.count('class="gap"') == 1
    assert hourly.drawing.count('class="line-at"') == 1
    assert ("line-at", "our answer went out") in hourly.key
    daily = spread([now - timedelta(days=10), now], now=now)
    assert daily.columns[0] == "Day"
    assert len(daily.rows) == 11
    assert sum(row[1] for row in daily.rows) == 2
    assert "line-at" not in daily.drawing
    old = spread([now - timedelta(days=100), now], now=now)
    assert "before the days shown" in old.says


def test_what_asks_and_what_was_heard():
    assert hearsay.asks("Is it true?")
    assert not hearsay.asks("It is true.")
    assert hearsay.is_hearsay("Apparently so")
    assert not hearsay.is_hearsay("The road is closed")
    assert Sighting._meta.get_field("comment_id").null
