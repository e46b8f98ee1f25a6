"""Checks in the browser: questions beside the words, findings in groups, overrides, two approvals, the force's settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from accounts import actions as accounts
from publishing import checks, queries
from publishing.actions import judging, posts
from publishing.checks import page
from publishing.checks.registry import REGISTRY
from publishing.models import CheckSetting, Declaration, FollowUp, KnownValue, Override, Post, SensitivePeriod
from smmp.seed.force import SEED
from staff.roles import Role
from tests.publishing.platform import StubbornPlatform

WORDS = "A 34-year-old man from Saltmere was arrested on suspicion of burglary. He is in custody."
ANSWERS = {
    "q_proceedings": "yes",
    "q_case": "24/1234 since 1 March",
    "q_offence": "none",
    "q_child": "no",
    "q_names": "no",
}


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def second(clock_at, tom_beckett):
    accounts.give_grant(actor=SEED, person=tom_beckett, role=Role.COMMS_APPROVER, why="Holiday cover")
    return tom_beckett


@pytest.fixture
def draft(clock_at, leah_brandt, force_account):
    return posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Arrest")


@pytest.fixture
def submitted(draft, leah_brandt, second):
    answers = {name.removeprefix("q_"): answer for name, answer in ANSWERS.items()}
    judging.declare(actor=leah_brandt, post=draft, version_seen=1, kind="arrest", answers=answers)
    return posts.submit_post(actor=leah_brandt, post=draft, version_seen=2)


def typed(post, account, **more):
    return {
        "post": post.pk,
        "version": Post.objects.get(pk=post.pk).version,
        "accounts": [account.pk],
        "words": post.words,
        "title": post.title,
        "declared": "on",
        "kind": "general",
        "asked_for": "",
        **more,
    }


def test_the_kind_brings_its_questions_while_it_is_typed(client, draft, leah_brandt, force_account, second):
    client.force_login(leah_brandt)
    address = reverse("publishing:compose")
    first = client.post(
        address, typed(draft, force_account, kind="arrest"), headers={"HX-Request": "true"}
    ).content.decode()
    assert 'id="declared" hx-swap-oob="true"' in first
    assert "Has anybody been arrested or charged over it" in first
    assert "Which case, and active since when" not in first, "only after a yes"
    assert "Say whether proceedings are active." in first
    key = "proceedings,offence,child,names"
    answered = typed(draft, force_account, kind="arrest", asked_for=key, **ANSWERS)
    again = client.post(address, answered, headers={"HX-Request": "true"}).content.decode()
    assert "Which case, and active since when" in again
    answered["version"] = Post.objects.get().version
    answered["asked_for"] = "proceedings,case,offence,child,names"
    last = client.post(address, answered, headers={"HX-Request": "true"}).content.decode()
    assert 'id="declared"' not in last, "what is being typed in stays as it is"
    assert Declaration.objects.get().answers["case"] == "24/1234 since 1 March"
    assert "Two people approve it" in last
    assert "Send for approval by Helen Achebe and Tom Beckett" in last


def test_without_javascript_the_answers_are_kept_and_a_wrong_one_is_said(
    client, draft, leah_brandt, force_account, second
):
    client.force_login(leah_brandt)
    address = reverse("publishing:compose_post", args=[draft.pk])
    client.post(address, typed(draft, force_account, kind="arrest", do="keep"))
    shown = client.get(address).content.decode()
    assert "Questions for you" in shown
    wrong = client.post(address, typed(draft, force_account, kind="arrest", do="keep", q_child="maybe"))
    assert wrong.status_code == 422
    client.post(address, typed(draft, force_account, kind="arrest", do="keep", **ANSWERS))
    answer = client.post(address, typed(draft, force_account, kind="arrest", do="submit", **ANSWERS))
    assert answer["Location"] == reverse("publishing:post", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.state == Post.State.SUBMITTED


def test_findings_stand_in_groups_with_what_to_do(client, clock_at, leah_brandt, force_account):
    post = posts.draft_post(
        actor=leah_brandt, account_ids=[force_account.pk], words="Ring Sam on 07700 900123. #roadsafety"
    )
    client.force_login(leah_brandt)
    shown = client.get(reverse("publishing:compose_post", args=[post.pk])).content.decode()
    assert shown.index('<h3 class="group">People</h3>') < shown.index(
        '<h3 class="group">For everybody to read</h3>'
    )
    assert "Take it out, or have it put on the list" in shown
    assert "Data Protection Act 2018" in shown
    assert "may override this on the post’s page" in shown


def test_a_neighbourhood_officer_answers_on_the_phone(client, clock_at, pc_nair, harrowfield_account):
    client.force_login(pc_nair)
    address = reverse("publishing:field")
    given = {"accounts": [harrowfield_account.pk], "words": "Searches go on by the river.", "do": "check"}
    answer = client.post(address, {**given, "declared": "on", "kind": "live"})
    page_of = answer["Location"].split("#")[0]
    shown = client.get(page_of).content.decode()
    assert "Does it say where officers are now" in shown
    assert "Say whether it tells where officers are now." in shown
    given |= {"post": Post.objects.get().pk, "version": Post.objects.get().version}
    client.post(page_of, {**given, "declared": "on", "kind": "live", "q_live": "no"})
    assert "Nothing stops this post" in client.get(page_of).content.decode()


def test_approvals_say_what_was_found_who_was_first_and_what_is_needed(
    client, submitted, helen_achebe, second
):
    client.force_login(helen_achebe)
    address = reverse("publishing:approvals")
    shown = client.get(address).content.decode()
    assert "Needs two approvers" in shown
    assert "Asked for by: Active proceedings." in shown
    assert "Nobody has approved it yet" in shown
    assert "Approve version 2 as the first of two" in shown
    assert "waits for approval" in client.get("/").content.decode()
    said = client.post(
        reverse("publishing:approve", args=[submitted.pk]), {"version": 2}, follow=True
    ).content.decode()
    assert "Approved. It needs two approvers, so it waits" in said
    assert "Nothing waits for you" in said
    assert "“Arrest” waits" not in client.get("/").content.decode()
    client.force_login(second)
    assert "“Arrest” waits for a second approval" in client.get("/").content.decode()
    shown = client.get(address).content.decode()
    assert "Helen Achebe approved it" in shown
    assert "More is needed, by somebody else." in shown
    assert "Approve version 2 as the second of two" in shown
    client.post(reverse("publishing:approve", args=[submitted.pk]), {"version": 2})
    submitted.refresh_from_db()
    assert submitted.state == Post.State.APPROVED


def test_an_approver_overrides_on_the_posts_page(client, clock_at, leah_brandt, helen_achebe, force_account):
    post = posts.draft_post(
        actor=leah_brandt, account_ids=[force_account.pk], words="Ring the drop-in on 07700 900123."
    )
    address = reverse("publishing:post", args=[post.pk])
    client.force_login(leah_brandt)
    assert "Override it for these words" not in client.get(address).content.decode()
    client.force_login(helen_achebe)
    assert "Override it for these words" in client.get(address).content.decode()
    form = {"version": 1, "slug": "phone"}
    override = reverse("publishing:override", args=[post.pk])
    assert "Say why" in client.post(override, form, follow=True).content.decode()
    shown = client.post(override, {**form, "why": "The drop-in has no other"}, follow=True).content.decode()
    assert "Overridden by Helen Achebe: The drop-in has no other" in shown
    assert Override.objects.get().slug == "phone"


def test_what_was_urgent_is_put_right_on_its_page(client, clock_at, leah_brandt, helen_achebe, force_account):
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="𝗦𝘁𝗮𝘆 indoors.")
    judging.declare(
        actor=leah_brandt, post=post, version_seen=1, kind="general", answers={}, urgent_why="Gas leak"
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=2)
    post.refresh_from_db()
    posts.approve_post(actor=helen_achebe, post=post, version_seen=2)
    client.force_login(leah_brandt)
    assert "was urgent and is to be put right" in client.get("/").content.decode()
    assert "To be put right" in client.get(reverse("publishing:post", args=[post.pk])).content.decode()
    address = reverse("publishing:put_right", args=[FollowUp.objects.get().pk])
    assert "Say what was done" in client.post(address, follow=True).content.decode()
    client.post(address, {"how": "Posted anew in plain letters"})
    assert FollowUp.objects.get().done_by == leah_brandt


def test_whoever_sets_safeguards_sets_checks_and_others_read_them(client, clock_at, ben_osei, leah_brandt):
    address, step = reverse("publishing:checks"), reverse("publishing:check_step")
    client.force_login(leah_brandt)
    shown = client.get(address).content.decode()
    assert all(one.name.split("“")[0] in shown for one in REGISTRY.values())
    assert "Add days before an election" not in shown
    assert client.post(step, {"do": "set", "slug": "phone", "why": "Mine"}).status_code == 403
    client.force_login(ben_osei)
    assert client.post(step, {"do": "set", "slug": "phone"}).status_code == 422
    client.post(step, {"do": "set", "slug": "link-site", "level": "second", "why": "Policy of March"})
    assert CheckSetting.objects.get(slug="link-site", replaced_at=None).level == "second"
    period = {"do": "add-period", "name": "County", "first_on": "2026-03-20", "last_on": "2026-03-01"}
    assert "ends before it begins" in client.post(step, period).content.decode()
    client.post(step, {**period, "last_on": "2026-05-07"})
    pk = SensitivePeriod.objects.get().pk
    assert client.post(step, {"do": "end-period", "pk": pk}).status_code == 422
    client.post(step, {"do": "end-period", "pk": pk, "why": "Called off"})
    assert SensitivePeriod.objects.get().ended_why == "Called off"
    known = {"do": "add-known", "known_kind": "domain", "value": "no site", "about": "Ours"}
    assert client.post(step, known).status_code == 422
    client.post(step, {**known, "value": "wealdshire.example"})
    client.post(step, {"do": "remove-known", "pk": KnownValue.objects.get().pk})
    assert KnownValue.objects.get().removed_by == ben_osei
    assert client.post(step, {"do": "end-period", "pk": 10**6}).status_code == 404
    assert client.post(step, {"do": "x"}, follow=True).status_code == 200


def test_what_was_declared_stands_in_the_versions(client, submitted, leah_brandt, force_account):
    client.force_login(leah_brandt)
    shown = client.get(reverse("publishing:versions", args=[submitted.pk])).content.decode()
    assert "What kind of post" in shown
    assert queries.approvers(submitted)


def test_the_page_of_checks_says_what_runs():
    written = (Path(settings.BASE_DIR) / "docs" / "checks.md").read_text(encoding="utf-8")
    assert written == page.as_markdown(), "run manage.py checks-page"
