"""An account that pretends to be the force: noticed, looked at, reported to its platform, gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions as register
from accounts import impostors as queries
from accounts.actions import impostors as actions
from accounts.models import Impostor, ImpostorStep
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice

CYRILLIC = "wеаldshirepo1ice"
"""Two letters of it are Cyrillic, and one is a digit."""


@pytest.fixture
def ours(wealdshire, victoria_lang):
    return register.register_account(
        actor=System("seed"),
        platform="x",
        handle="wealdshirepolice",
        name="Wealdshire Police",
        owner=victoria_lang,
    )


def test_a_look_alike_with_a_cyrillic_letter_and_a_digit_is_followed_to_its_removal(
    ours, amira_hussain, helen_achebe, joan_pritchard
):
    row = actions.notice(actor=amira_hussain, what=f"https://x.com/{CYRILLIC}", words="Asks for money")
    assert row.alike == ours
    assert "cyrillic" in row.alike_why
    assert Notice.objects.filter(to=helen_achebe, title__contains="pretend").exists()
    with pytest.raises(NotPermitted):
        actions.confirm(actor=amira_hussain, impostor=row, words="Crest")
    with pytest.raises(NotValid, match="Write down"):
        actions.confirm(actor=helen_achebe, impostor=row, words=" ")
    with pytest.raises(TransitionNotAllowed):
        actions.take_down(actor=helen_achebe, impostor=row, words="Gone")
    row = actions.confirm(actor=helen_achebe, impostor=row, words="Our crest, three posts")
    with pytest.raises(NotValid, match="a day to come"):
        actions.report_to_platform(
            actor=helen_achebe, impostor=row, words="By form", chase_on=clock.today() - timedelta(days=1)
        )
    row = actions.report_to_platform(actor=helen_achebe, impostor=row, words="By form", reference="X-1")
    assert row.chase_on == clock.today() + timedelta(days=3)
    row = actions.chase(actor=joan_pritchard, impostor=row, words="Asked again")
    row = actions.warn(actor=helen_achebe, impostor=row, words="A post")
    row = actions.take_down(actor=helen_achebe, impostor=row, words="Looked: it is gone")
    assert row.took is not None
    figures = queries.figures(helen_achebe)
    assert (figures.open, figures.taken_down) == (0, 1)
    with pytest.raises(TransitionNotAllowed):
        actions.chase(actor=helen_achebe, impostor=row, words="Once more")
    events = list(ImpostorStep.objects.filter(impostor=row).values_list("event", flat=True))
    assert events == ["found", "confirm", "report", "chase", "warn", "take_down"]
    assert Entry.objects.filter(event="impostor.taken_down").exists()
    assert not Entry.objects.filter(details__icontains=CYRILLIC).exists()


def test_what_does_not_pretend_to_be_us_is_forgotten(ours, amira_hussain, helen_achebe):
    row = actions.notice(
        actor=amira_hussain, what="wealdshire_walkers", platform="x", name="Jo Public", words="Looks odd"
    )
    with pytest.raises(NotValid, match="naming anybody"):
        actions.dismiss(actor=helen_achebe, impostor=row, words="")
    row = actions.dismiss(actor=helen_achebe, impostor=row, words="A club")
    kept = f"{vars(row)} {[vars(step) for step in row.steps.all()]}"
    for gone in ("wealdshire_walkers", "Jo Public", "Looks odd"):
        assert gone not in kept
    with pytest.raises(IntegrityError), transaction.atomic():
        Impostor.objects.filter(pk=row.pk).update(handle="back")


def test_a_list_keeps_only_what_looks_like_ours(ours, amira_hussain, helen_achebe):
    lines = f"jo_harrow\n@{CYRILLIC}\nwealdshirepolice\nwealdshirepolice_uk\nleicspolice\n@{CYRILLIC}\n"
    with pytest.raises(NotPermitted):
        actions.look_through(actor=amira_hussain, platform="x", lines=lines)
    looked = actions.look_through(actor=helen_achebe, platform="x", lines=lines)
    assert looked.lines == 6
    assert {row.handle for row in looked.found} == {CYRILLIC, "wealdshirepolice_uk"}
    assert Impostor.objects.count() == 2
    assert not actions.look_through(actor=helen_achebe, platform="x", lines=lines).found
    for platform, given in (("", lines), ("x", " \n"), ("x", "a\n" * 501)):
        with pytest.raises(NotValid):
            actions.look_through(actor=helen_achebe, platform=platform, lines=given)


def test_one_of_ours_is_none_and_a_second_report_counts(ours, amira_hussain):
    with pytest.raises(NotValid, match="an official account of ours"):
        actions.notice(actor=amira_hussain, what="WealdshirePolice", platform="x")
    with pytest.raises(NotValid, match="handle, or the link"):
        actions.notice(actor=amira_hussain, what="@", platform="x")
    first = actions.notice(actor=amira_hussain, what="wealdshirepolice", platform="tiktok")
    assert "another platform" in first.alike_why
    assert actions.notice(actor=amira_hussain, what="wealdshirepolice", platform="tiktok").reports == 2


def test_the_platform_may_leave_it_and_be_asked_anew(ours, amira_hussain, helen_achebe):
    row = actions.notice(actor=amira_hussain, what=CYRILLIC, platform="x")
    row = actions.confirm(actor=helen_achebe, impostor=row, words="Crest")
    row = actions.report_to_platform(actor=helen_achebe, impostor=row, words="By form")
    row = actions.leave(actor=helen_achebe, impostor=row, words="Parody, they say")
    assert row.state == "stays"
    row = actions.report_to_platform(actor=helen_achebe, impostor=row, words="With a letter")
    assert (row.state, row.ended_at) == ("reported", None)


def test_the_pages_of_impostors(client, ours, amira_hussain, helen_achebe):
    page = reverse("accounts:impostors")
    client.force_login(amira_hussain)
    assert "Nobody pretends to be us" in client.get(page).content.decode()
    assert client.post(page, {"do": "notice", "what": ""}).status_code == 422
    done = client.post(
        page, {"do": "notice", "what": CYRILLIC, "platform": "x", "words": "<script>x</script>"}
    )
    one = done["Location"]
    shown = client.get(one).content.decode()
    assert "Communications and information security follow it." in shown
    assert "<script>x" not in shown
    assert client.post(one, {"do": "confirm", "words": "x"}).status_code == 403
    client.force_login(helen_achebe)
    assert "pretend to be us" in client.get(reverse("home")).content.decode()
    refused = client.post(one, {"do": "confirm", "words": ""})
    assert refused.status_code == 422
    assert "Write down what its page shows" in refused.content.decode()
    assert client.post(one, {"do": "confirm", "words": "Crest"}).status_code == 302
    wrong = client.post(one, {"do": "report", "words": "By form", "chase_on": "soon"})
    assert wrong.status_code == 422
    assert "Give a date" in wrong.content.decode()
    assert client.post(one, {"do": "fly"}).status_code == 404
    listed = client.post(page, {"do": "list", "platform": "x", "lines": "wealdshirepolice_uk"}, follow=True)
    assert "1 compared" in listed.content.decode()
