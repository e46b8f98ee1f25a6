"""Pathways are data: drafted, tried on the last 30 days, switched live by a second person; cases keep theirs."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_pathways, tasks
from escalation.actions import pathways
from escalation.models import Case, Pathway, PathwayVersion, Rota
from moderation.categories import HIGH_RISK, Category
from tests import comments


@pytest.fixture
def life(wealdshire):
    return Pathway.objects.get(slug="threat_to_life")


def live(pathway):
    return PathwayVersion.objects.get(pathway=pathway, state="live")


def wanted(**given):
    usual = {
        "levels": [pathways.Rung(60, role="desk_supervisor")],
        "categories": ["suicide_self_harm"],
        "floor": 1,
    }
    return pathways.Wanted(**usual | given)


def form_of(pathway, **changed):
    """What the browser would send of the live version, changed."""
    version = live(pathway)
    data = {
        "owner": version.owner,
        "review_on": "2027-11-29",
        "source": version.source,
        "categories": version.categories,
        "floor": version.floor,
        "desk_minutes": version.desk_minutes,
        "first_team": version.first_team,
        "advice": version.advice,
        "must_record": "\n".join(version.must_record),
        "act_within_minutes": version.act_within_minutes,
        "deadline_clock": "always",
    }
    for number, level in enumerate(version.levels.all(), start=1):
        data[f"level{number}-whom"] = f"{level.kind}:{level.role or level.rota_id or level.post_id}"
        data[f"level{number}-acknowledge_within_s"] = level.acknowledge_within_s
        data[f"level{number}-ways"] = level.ways
    return data | changed


def test_the_set_that_ships_covers_every_risk_once_and_names_sources(life):
    versions = list(PathwayVersion.objects.filter(state="live").prefetch_related("levels"))
    named = [category for version in versions for category in version.categories]
    assert set(named) >= HIGH_RISK
    assert len(named) == len(set(named))
    assert {"press_interest", "platform_outage", "account_compromise", "contempt_risk", "crime_report"} <= {
        version.pathway.slug for version in versions
    }
    for version in versions:
        assert version.levels.all()
        assert version.owner
        assert version.source
        assert version.review_on > clock.today()
    shortest = min(version.desk_minutes for version in versions if version.floor)
    assert live(life).desk_minutes == shortest


def test_a_draft_in_the_browser_is_switched_live_by_somebody_else_and_open_cases_keep_theirs(
    client, life, force_account, amira_hussain, sergeant_okafor, inspector_calder
):
    comments.escalate(comments.write(force_account), amira_hussain)
    tasks.open_cases()
    case = Case.objects.get()
    before = live(life)
    client.force_login(sergeant_okafor)
    draft_page = reverse("escalation:pathway_draft", args=[life.pk])
    shown = client.get(draft_page).content.decode()
    assert "Force incident manager" in shown
    assert f'value="{before.review_on:%Y-%m-%d}"' in shown
    rota = Rota.objects.get(name="Duty command")
    data = form_of(life, **{"level1-whom": f"rota:{rota.pk}", "level2-whom": "", "desk_minutes": 1})
    assert client.post(draft_page, {**data, "level1-acknowledge_within_s": "2"}).status_code == 422
    assert client.post(draft_page, {**data, "review_on": "never"}).status_code == 422
    assert client.post(draft_page, data).status_code == 302
    page = client.get(reverse("escalation:pathway", args=[life.pk])).content.decode()
    assert "You saved this draft: somebody else switches it live" in page
    assert "What each floor would cause" in page
    switch = reverse("escalation:switch_pathway", args=[life.pk])
    assert client.post(switch).status_code == 403
    assert live(life) == before
    client.force_login(inspector_calder)
    draft = PathwayVersion.objects.get(pathway=life, state="draft")
    assert client.post(switch, {"number": draft.number - 1}).status_code == 409
    assert live(life) == before, "somebody saved another draft than the one that was read"
    assert client.post(switch, {"number": draft.number}).status_code == 302
    after = live(life)
    assert (after.desk_minutes, after.levels.count(), after.levels.first().rota) == (1, 3, rota)
    case.refresh_from_db()
    assert case.version == before
    assert case.version.levels.count() == 4
    assert Entry.objects.get(event="pathway.switched").actor_name == inspector_calder.called
    assert client.post(switch).status_code == 404
    listed = client.get(reverse("escalation:pathways")).content.decode()
    assert "Head of contact management" in listed


def test_the_dry_run_counts_what_triage_itself_found(life, force_account, amira_hussain):
    at = clock.now()
    for number, priority in enumerate((1, 1, 2, 3)):
        comments.write(
            force_account,
            f"words {number}",
            by=f"p{number}",
            at=at,
            category="praise",
            priority=5,
            findings=[{"rule": "r", "sentence": "s", "category": "threat_to_life", "priority": priority}],
        )
    comments.write(
        force_account, "long ago", at=at - 31 * (at - at.replace(day=max(1, at.day - 1))), by="old"
    )
    tried = queries_pathways.dry_run(["threat_to_life"], pathway=life)
    assert [(floor.priority, floor.alerts, floor.worst_shift) for floor in tried.floors] == [
        (1, 2, 2),
        (2, 3, 3),
        (3, 4, 4),
        (4, 4, 4),
    ]
    assert tried.shifts == 60
    assert tried.floors[0].beyond is None
    assert queries_pathways.dry_run([]).floors[0].alerts == 0


def test_what_a_pathway_needs(life, sergeant_okafor, inspector_calder, amira_hussain):
    with pytest.raises(NotPermitted):
        pathways.save_draft(actor=amira_hussain, pathway=life, wanted=wanted())
    for wrong in (
        {"levels": []},
        {"levels": [pathways.Rung(60)]},
        {"levels": [pathways.Rung(5, role="duty_command")]},
        {"levels": [pathways.Rung(60, role="duty_command", ways=["pigeon"])]},
        {"levels": [pathways.Rung(60, role="duty_command")] * 9},
        {"categories": ["nonsense"]},
        {"categories": [], "floor": 2},
        {"desk_minutes": 0},
        {"act_within_minutes": 0},
        {"deadline_minutes": 10**6, "deadline_says": "Answered"},
        {"deadline_minutes": 60},
    ):
        with pytest.raises(NotValid):
            pathways.save_draft(actor=sergeant_okafor, pathway=life, wanted=wanted(**wrong))
    first = pathways.save_draft(actor=sergeant_okafor, pathway=life, wanted=wanted())
    with pytest.raises(ChangedSinceSeen, match="Sgt Daniel Okafor has saved a draft"):
        pathways.save_draft(
            actor=inspector_calder, pathway=life, wanted=wanted(), seen_number=first.number - 1
        )
    clash = pathways.save_draft(
        actor=sergeant_okafor,
        pathway=life,
        wanted=wanted(categories=["missing_person"]),
        seen_number=first.number,
    )
    with pytest.raises(NotValid, match="“Missing person” belongs to the pathway “Person at risk” already"):
        pathways.switch_live(actor=inspector_calder, version=clash)
    assert queries_pathways.silenced(clash) == [
        Category(one).label for one in live(life).categories if one != "missing_person"
    ]
    assert queries_pathways.silenced(live(life)) == []
    pathways.drop_draft(actor=sergeant_okafor, version=clash)
    with pytest.raises(TransitionNotAllowed):
        pathways.switch_live(actor=inspector_calder, version=clash)
    with pytest.raises(IntegrityError), transaction.atomic():
        PathwayVersion.objects.filter(pk=clash.pk).update(state="live")


def test_a_new_pathway_begins_as_a_draft(client, sergeant_okafor, amira_hussain, force_account):
    client.force_login(sergeant_okafor)
    add = reverse("escalation:add_pathway")
    assert client.post(add, {"title": ""}).status_code == 422
    assert client.post(add, {"title": "Threat to life"}).status_code == 422
    made = client.post(add, {"title": "Royal visit"})
    pathway = Pathway.objects.get(title="Royal visit")
    assert made.url == reverse("escalation:pathway_draft", args=[pathway.pk])
    assert client.get(made.url).status_code == 200
    assert client.get(reverse("escalation:pathway", args=[pathway.pk])).status_code == 200
    assert pathway not in queries_pathways.choices()
