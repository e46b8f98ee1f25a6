"""Closed decisions are drawn, marked without knowing whose they are, and answered; and what people meet is theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import queries_quality, queries_welfare, tasks
from moderation.actions import desk, quality, welfare
from moderation.models import Comment, Decision, DipDraw, DipSample, Exposure
from notices.models import Notice
from tests.moderation.comments import a_comment


@pytest.fixture
def drawn(settings, able_platform, force_account, amira_hussain, tom_beckett, sergeant_okafor):
    """Three decisions of Amira's five, two of Tom's, one of the sergeant's own, of last month."""
    settings.DEMO = True
    for person, many in ((amira_hussain, 5), (tom_beckett, 2), (sergeant_okafor, 1)):
        for _ in range(many):
            comment = a_comment(force_account, "You are all useless clowns")
            desk.no_action(actor=person, comment=comment, revision_number=1, why="Opinion")
    last_month = clock.now().replace(day=1, hour=12) - timedelta(days=3)
    Decision.objects.update(at=last_month)
    tasks.draw_samples()
    return DipSample.objects.all()


def test_a_few_of_each_person_are_drawn_once_a_month(drawn, amira_hussain, tom_beckett):
    assert sorted(drawn.values_list("person__name", flat=True)) == [
        *["Amira Hussain"] * 3,
        "Daniel Okafor",
        *["Tom Beckett"] * 2,
    ]
    assert tasks.draw_samples() == 0
    assert DipDraw.objects.get().samples == 6
    assert Entry.objects.filter(event="quality.drawn").count() == 1


def test_exercises_are_not_drawn_where_the_force_is_real(settings, drawn):
    settings.DEMO = False
    with time_machine.travel(clock.now() + timedelta(days=32), tick=False):
        Decision.objects.update(at=clock.now().replace(day=1, hour=12) - timedelta(days=3))
        assert tasks.draw_samples() == 0


def test_whose_it_is_shows_once_it_is_marked_and_they_answer(
    client, drawn, amira_hussain, sergeant_okafor, tom_beckett
):
    sample = drawn.filter(person=amira_hussain).first()
    address = reverse("moderation:sample", args=[sample.pk])
    client.force_login(sergeant_okafor)
    listed = client.get(reverse("moderation:samples")).content.decode()
    assert listed.count("Look it over") == 5
    assert "closed decisions to look over" in client.get(reverse("home")).content.decode()
    page = client.get(address).content.decode()
    assert "useless clowns" in page
    assert "Amira" not in page
    assert client.post(address, {"mark": "right", "sentence": " "}).status_code == 422
    said = client.post(address, {"mark": "arguable", "sentence": "I would have hidden it"}, follow=True)
    assert "a decision of Amira Hussain" in said.content.decode()
    with pytest.raises(TransitionNotAllowed, match="already"):
        quality.mark(actor=sergeant_okafor, sample=sample, mark="right", sentence="Again")
    own = drawn.get(person=sergeant_okafor)
    with pytest.raises(NotPermitted):
        quality.mark(actor=sergeant_okafor, sample=own, mark="right", sentence="Mine")
    assert client.get(reverse("moderation:sample", args=[own.pk])).status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        DipSample.objects.filter(pk=own.pk).update(
            mark="right", sentence="x", marked_by=sergeant_okafor, marked_at=clock.now()
        )
    client.force_login(amira_hussain)
    feedback = reverse("moderation:feedback")
    assert "I would have hidden it" in client.get(feedback).content.decode()
    assert client.post(feedback, {"sample": sample.pk, "answer": " "}).status_code == 422
    assert client.post(feedback, {"sample": sample.pk, "answer": "It is an opinion"}).status_code == 302
    assert client.post(feedback, {"sample": sample.pk, "answer": "Twice"}).status_code == 409
    assert client.post(feedback, {"sample": own.pk, "answer": "Not mine"}).status_code == 404
    assert client.get(address).status_code == 403
    assert Notice.objects.filter(to=sergeant_okafor, key=f"dip-answer-{sample.pk}").count() == 1
    assert {e.event for e in Entry.objects.filter(event__startswith="quality.")} == {
        "quality.drawn",
        "quality.viewed",
        "quality.marked",
        "quality.answered",
    }


def test_figures_name_nobody_and_small_ones_say_only_that(drawn, sergeant_okafor):
    for sample in drawn.exclude(person=sergeant_okafor):
        quality.mark(actor=sergeant_okafor, sample=sample, mark="right", sentence="Yes")
    by_kind, by_clause = queries_quality.figures(sergeant_okafor)
    assert [(one.what, one.right, one.total, one.shown) for one in by_kind] == [("No action", 5, 5, True)]
    assert by_clause == []
    DipSample.objects.filter(pk=drawn.filter(mark="right").first().pk).update(
        marked_at=clock.now() - timedelta(days=400)
    )
    assert [one.shown for one in queries_quality.figures(sergeant_okafor)[0]] == [False]


# Welfare


def test_what_somebody_met_counts_once_a_day_for_them_alone_and_a_word_is_said_once(
    client, able_platform, force_account, amira_hussain, tom_beckett, sergeant_okafor
):
    welfare.set_rule(actor=sergeant_okafor, per_day=2, sentence="Take a break.", turn_to="Ring Oscar Kilo.")
    with pytest.raises(NotPermitted):
        welfare.set_rule(actor=tom_beckett, per_day=9, sentence="x", turn_to="y")
    with pytest.raises(NotValid):
        welfare.set_rule(actor=sergeant_okafor, per_day=9, sentence=" ", turn_to="y")
    cries = [
        a_comment(force_account, "Help", priority=1, category="suicide_self_harm"),
        a_comment(force_account, "Clowns", category="abuse_of_staff"),
        a_comment(force_account, "Is the road open?"),
    ]
    client.force_login(amira_hussain)
    for comment in [*cries, *cries]:
        assert client.get(reverse("moderation:conversation", args=[comment.pk])).status_code == 200
    assert queries_welfare.met_on(amira_hussain, clock.today()) == 2
    told = Notice.objects.get(to=amira_hussain, key__startswith="welfare-")
    assert told.body == "Take a break. Ring Oscar Kilo."
    page = client.get(reverse("moderation:welfare")).content.decode()
    assert "Ring Oscar Kilo." in page
    assert "What the desk met" not in page
    client.force_login(sergeant_okafor)
    assert "fewer than three people" in client.get(reverse("moderation:welfare")).content.decode()
    for person in (tom_beckett, sergeant_okafor):
        welfare.note_comments(actor=person, comments=Comment.objects.all())
    today = queries_welfare.of_the_desk(sergeant_okafor)[0]
    assert (today.comments, today.people, today.shown) == (6, 3, True)
    with time_machine.travel(clock.now() + timedelta(days=94), tick=False):
        assert tasks.sweep_exposures() == 6
    assert not Exposure.objects.exists()


def test_everybody_chooses_for_themselves_and_all_is_on_before_they_do(client, amira_hussain):
    mine = queries_welfare.comfort_of(amira_hussain)
    assert (mine.blur, mine.grey, mine.tell_me) == (True, True, True)
    client.force_login(amira_hussain)
    assert client.post(reverse("moderation:welfare"), {"do": "mine", "grey": "on"}).status_code == 302
    mine = queries_welfare.comfort_of(amira_hussain)
    assert (mine.blur, mine.grey, mine.tell_me) == (False, True, False)
    assert Entry.objects.get(event="welfare.chosen").details == {}
    assert client.post(reverse("moderation:welfare"), {"do": "rule", "per_day": 1}).status_code == 422
