"""Teaching triage in the browser: examples, versions, what each would change, and the switch live and back."""

from __future__ import annotations

import numpy as np
import pytest
from django.urls import reverse

from audit.models import Entry
from core import clock
from moderation.actions import triage as actions
from moderation.models import Comment, Exemplar, TriageJob, TriageSwitch, TriageVersion
from moderation.triage.model import Model
from moderation.views_teaching import MOST
from tests.moderation.comments import a_comment

REPORT = {
    "against": "model-old",
    "comments": 120,
    "higher": 7,
    "lower": 2,
    "renamed": 1,
    "surfaced_before": 4,
    "surfaced_after": 9,
    "ordinary_high": 0.031,
    "held_back": 3,
    "examples": [
        {
            "comment": 1,
            "was": ["none", 5, 0.02],
            "now": ["suicide_self_harm", 2, 0.9],
            "because": "model.like",
        }
    ],
    "categories": {"suicide_self_harm": {"labelled": 3, "before": 1, "after": 3}},
    "groups": {"muslims": {"ordinary": 6, "before": 2, "after": 1}},
}


NUMBERS = Model(
    **dict.fromkeys(
        ("directions", "of_category", "counter", "duals", "weights", "bias", "peaks", "mean", "spread"),
        np.zeros((1, 1)),
    ),
    texts=[],
    digest="numbers",
    thresholds={},
    off=frozenset(),
).as_bytes()
"""Of a shape that this release reads; nothing is judged by them here."""


def a_version(name, *, live=False, off=(), report=REPORT):
    return TriageVersion.objects.create(
        name=name,
        kind=TriageVersion.Kind.EXEMPLARS,
        digest=name,
        rules="rules-x",
        exemplars=30,
        ordinary=100,
        off=list(off),
        model=NUMBERS,
        report=report,
        made_by_name="A Supervisor",
        made_at=clock.now(),
        live=live,
    )


@pytest.fixture
def as_(client):
    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def test_every_example_is_reached_by_its_words_or_page_by_page(as_, amira_hussain, force_account):
    client = as_(amira_hussain)
    place = reverse("moderation:examples_of", args=["suicide_self_harm"])
    for number in range(MOST + 3):
        actions.add_exemplar(
            actor=amira_hussain,
            category="suicide_self_harm",
            text=f"The river keeps calling me, night {number:03}",
        )
    first = client.get(place)
    assert f"{MOST + 3} examples, the last added first" in first.content.decode()
    second = client.get(place + first.context["older"])
    seen = [row.pk for page in (first, second) for row in page.context["rows"]]
    assert (
        sorted(seen, reverse=True)
        == seen
        == list(Exemplar.objects.order_by("-pk").values_list("pk", flat=True))
    )
    assert second.context["older"] == ""
    found = client.get(place, {"q": "CALLING ME, night 007"})
    assert [row.text[-3:] for row in found.context["rows"]] == ["007"]
    nothing = client.get(place, {"q": "a tram <b>"}).content.decode()
    assert "No example with these words" in nothing
    assert "<b>" not in nothing.partition("<main")[2].partition("with “")[2][:40]
    for odd in ("x", "-1", "9" * 30, "\x00"):
        assert client.get(place, {"before": odd, "q": odd}).status_code == 200


def test_the_desk_adds_withdraws_and_puts_back_an_example(as_, amira_hussain, force_account):
    client = as_(amira_hussain)
    place = reverse("moderation:examples_of", args=["suicide_self_harm"])
    assert "No examples" in client.get(place).content.decode()
    refused = client.post(place, {"text": " ", "counter": "no"})
    assert refused.status_code == 422
    assert "Write the words of the example first." in refused.content.decode()
    words = "the river <b>keeps</b> calling me"
    page = client.post(
        place, {"text": words, "counter": "no", "language": "en"}, follow=True
    ).content.decode()
    row = Exemplar.objects.get()
    assert (row.text, row.counter, row.added_by) == (words, False, amira_hussain)
    assert "<b>keeps</b>" not in page
    assert amira_hussain.called in page
    assert "1 change" in client.get(reverse("moderation:examples")).content.decode()
    page = client.post(reverse("moderation:withdraw_example", args=[row.pk]), follow=True).content.decode()
    assert "Put it back" in page
    assert amira_hussain.called in client.get(place, {"withdrawn": "1"}).content.decode()
    client.post(reverse("moderation:restore_example", args=[row.pk]))
    row.refresh_from_db()
    assert row.withdrawn_at is None
    actions.withdraw_exemplar(actor=amira_hussain, exemplar=row)
    actions.add_exemplar(actor=amira_hussain, category="suicide_self_harm", text=words)
    page = client.post(reverse("moderation:restore_example", args=[row.pk]), follow=True).content.decode()
    assert "again already" in page
    assert client.get(reverse("moderation:examples_of", args=["nonsense"])).status_code == 404


def test_a_comment_becomes_an_example_from_its_own_page(as_, amira_hussain, force_account, able_platform):
    client, comment = as_(amira_hussain), a_comment(force_account, "nobody would notice if i was gone")
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    place = reverse("moderation:make_example", args=[comment.pk])
    assert place in page
    given = {"text": comment.text, "category": "suicide_self_harm", "counter": "yes", "language": "en"}
    assert client.post(place, {**given, "text": "a" * 601}).status_code == 422
    assert client.post(place, given).status_code == 302
    row = Exemplar.objects.get()
    assert (row.from_comment_id, row.counter, row.category) == (comment.pk, True, "suicide_self_harm")
    entry = Entry.objects.get(event="triage.exemplar_added")
    assert comment.text not in str(entry.details)


def test_a_version_is_asked_for_and_its_progress_and_failure_are_seen(
    as_, amira_hussain, sergeant_okafor, force_account
):
    place = reverse("moderation:triage_versions")
    client = as_(amira_hussain)
    page = client.get(place).content.decode()
    assert "No version of the model is live" in page
    assert "Switched off in it" not in page
    assert client.post(place, {"kind": "learned", "days": 30}).status_code == 422
    assert client.post(place, {"kind": "exemplars", "days": 91}).status_code == 422
    response = client.post(place, {"kind": "exemplars", "days": 30})
    job = TriageJob.objects.get()
    assert response["Location"] == reverse("moderation:triage_job", args=[job.pk])
    assert "Waiting, 0 %" in client.get(response["Location"]).content.decode()
    actions.fail_job(actor=actions.System("triage"), job=job, fault="The language model is not installed.")
    assert "The language model is not installed." in client.get(response["Location"]).content.decode()
    client = as_(sergeant_okafor)
    page = client.get(place).content.decode()
    assert "Switched off in it" in page
    assert "could not be made" in page
    client.post(place, {"kind": "exemplars", "days": 7, "off": ["praise", "spam"]})
    assert TriageJob.objects.latest("id").off == ["praise", "spam"]


def test_a_supervisor_sees_what_a_version_would_change_and_switches_it_live_and_back(
    as_, amira_hussain, sergeant_okafor, force_account
):
    old, new = a_version("model-old", live=True, report={}), a_version("model-new", off=["praise"])
    place = reverse("moderation:triage_version", args=[new.pk])
    page = as_(amira_hussain).get(place).content.decode()
    for words in ("<b>7</b> would stand higher", "<b>2</b> lower", "4 before, 9 after", "muslims", "Praise"):
        assert words in page
    assert "Make model-new live" not in page
    assert as_(amira_hussain).post(place, {"why": "Because"}).status_code == 403
    client = as_(sergeant_okafor)
    assert "Make model-new live" in client.get(place).content.decode()
    for nothing in ({}, {"why": "  "}):
        assert client.post(place, nothing).status_code == 422
    assert client.post(place, {"why": "Finds more cries for help"}).status_code == 302
    page = client.get(reverse("moderation:triage_versions")).content.decode()
    assert "<b>model-new</b> is live, without Praise" in page
    assert "Finds more cries for help" in page
    client.post(reverse("moderation:triage_version", args=[old.pk]), {"why": "Too many alarms"})
    assert TriageVersion.objects.get(live=True) == old
    assert TriageSwitch.objects.count() == 2
    assert (
        "not tried on comments"
        in client.get(reverse("moderation:triage_version", args=[old.pk])).content.decode()
    )


def test_the_desk_says_what_triage_does_without(as_, amira_hussain, force_account, able_platform):
    client = as_(amira_hussain)
    desk = reverse("moderation:desk")
    assert "no version of the model is live yet" in client.get(desk).content.decode()
    version = a_version("model-new", live=True)
    assert "Triage:" not in client.get(desk).content.decode()
    TriageVersion.objects.filter(pk=version.pk).update(off=["praise"])
    assert "praise is switched off" in client.get(desk).content.decode()
    comment = a_comment(force_account, "Nie chcę już żyć")
    Comment.objects.filter(pk=comment.pk).update(language="pl", triage_version="model-new")
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "in Polish" in page
    assert "model-new" in page
