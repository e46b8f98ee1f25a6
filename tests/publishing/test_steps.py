"""Who has to approve what: the steps as data, the strictest rule, what is read again before anything leaves."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import actions as accounts
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from publishing import checks, queries, sending, steps, weaker
from publishing.actions import corrections, judging, machinery, outbox, posts
from publishing.actions import steps as step_actions
from publishing.models import (
    AfterLook,
    Approval,
    Correction,
    Delivery,
    Post,
    Requirement,
    StepRule,
    StepsVersion,
    Trust,
)
from publishing.steps import Need, Yes, meets
from smmp.seed.force import SEED
from staff.models import Membership, Team
from staff.roles import Role
from tests.publishing.platform import StubbornPlatform

WORDS = "The bridge at Quay Street is open again."


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def second(clock_at, tom_beckett):
    """Tom Beckett, who approves posts as well."""
    return approver(tom_beckett)


def approver(person):
    accounts.give_grant(actor=SEED, person=person, role=Role.COMMS_APPROVER, why="Holiday cover")
    return person


def no_more(person):
    grant = person.grants.get(role=Role.COMMS_APPROVER, until=None)
    accounts.end_grant(actor=SEED, grant=grant, why="Back at the desk")


@pytest.fixture
def in_force(clock_at, ben_osei, joan_pritchard):
    """Puts rules in force: in_force({"needs": "two"}, ...), by Ben Osei, confirmed by Nadia Rahman where they weaken."""

    def put(*rules, **numbers):
        draft = step_actions.begin_draft(actor=ben_osei)
        if numbers:
            present = {name: getattr(draft, name) for name in step_actions.NUMBERS}
            step_actions.set_numbers(actor=ben_osei, version=draft, **{**present, **numbers})
        for number, rule in enumerate(rules, start=1):
            step_actions.add_rule(actor=ben_osei, version=draft, **{"name": f"Rule {number}", **rule})
        made = step_actions.put_in_force(actor=ben_osei, version=draft, why="Head of communications, 1 March")
        return made if made.live_at else step_actions.confirm(actor=joan_pritchard, version=made)

    return put


@pytest.fixture
def draft(clock_at, leah_brandt, force_account):
    return posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Bridge")


def submit(actor, post):
    post.refresh_from_db()
    return posts.submit_post(actor=actor, post=post, version_seen=post.version)


def yes(actor, post, **more):
    post.refresh_from_db()
    return posts.approve_post(actor=actor, post=post, version_seen=post.version, **more)


# What rules ask


def test_where_no_rule_holds_one_approver_is_asked(draft, leah_brandt, helen_achebe):
    submit(leah_brandt, draft)
    assert yes(helen_achebe, draft).state == Post.State.APPROVED
    kept = Requirement.objects.get()
    assert (kept.count, kept.groups, kept.steps, kept.when) == (1, [], None, "hours")


def test_two_are_asked_by_a_rule_and_only_then_it_goes(
    draft, in_force, platform, leah_brandt, helen_achebe, second
):
    in_force({"needs": "two", "kinds": ["general"], "when": ["hours"]})
    submit(leah_brandt, draft)
    assert yes(helen_achebe, draft).state == Post.State.SUBMITTED
    assert not Delivery.objects.exists()
    assert yes(second, draft).state == Post.State.APPROVED
    assert (Requirement.objects.get().count, Requirement.objects.get().why) == (2, ["Rule 1"])
    assert sending.send_due() == 1
    assert platform.acts == 1


@pytest.mark.parametrize(
    ("at", "window"),
    [
        ("2026-03-02T08:00:00Z", "hours"),
        ("2026-03-02T17:59:59Z", "hours"),
        ("2026-03-02T18:00:00Z", "night"),
        ("2026-03-02T07:59:59Z", "night"),
        ("2026-03-01T12:00:00Z", "weekend"),
        ("2026-04-03T12:00:00Z", "weekend"),  # Good Friday
        ("2026-06-01T17:30:00Z", "night"),  # 18:30 in London's summer
        ("2026-06-01T07:30:00Z", "hours"),
        ("2028-02-29T12:00:00Z", "hours"),
    ],
)
def test_the_part_of_the_week_is_that_of_londons_clocks(at, window):
    from datetime import datetime

    assert steps.AS_THEY_CAME.window(datetime.fromisoformat(at)) == window


def test_the_rules_for_when_it_goes_out_hold_not_for_when_it_is_written(
    draft, in_force, leah_brandt, helen_achebe, second
):
    in_force({"needs": "two", "when": ["night"]})
    texts, _ = queries.words_by_account(draft)
    tonight = clock.now().replace(hour=22)
    posts.edit_post(
        actor=leah_brandt, post=draft, version_seen=1, account_ids=texts, words=WORDS, publish_at=tonight
    )
    submit(leah_brandt, draft)
    assert yes(helen_achebe, draft).state == Post.State.SUBMITTED
    assert yes(second, draft).state == Post.State.APPROVED
    assert Requirement.objects.get().when == "night"


def test_every_rule_that_applies_holds_and_the_checks_do_too(
    draft, in_force, leah_brandt, helen_achebe, second, force_account, saltmere_account
):
    team = Team.objects.create(name="Duty press office")
    in_force(
        {"needs": "none", "place": ""},
        {"needs": "any", "parties": [f"team:{team.pk}"], "place": f"account:{force_account.pk}"},
        {"needs": "two", "place": "platform:exercise", "kinds": ["arrest"]},
        {"needs": "two", "place": f"account:{saltmere_account.pk}"},
    )
    judged = steps.judging.judge_now(draft)
    variants = list(queries.live_variants(draft))
    need = steps.need_of(draft, judged, variants)
    assert (need.count, need.in_words) == (1, "one approver, namely Duty press office")
    judging.declare(
        actor=leah_brandt,
        post=draft,
        version_seen=1,
        kind="arrest",
        answers={"proceedings": "yes", "case": "24/1", "offence": "none", "child": "no", "names": "no"},
    )
    need = steps.need_of(draft, steps.judging.judge_now(draft), variants)
    assert need.in_words == "two approvers, one of them Duty press office"
    assert need.why[0] == "Rule 2"
    with pytest.raises(NotValid, match="one of them Duty press office"):
        submit(leah_brandt, draft)
    Membership.objects.create(team=team, member=second, since=clock.now())
    submit(leah_brandt, draft)
    assert yes(helen_achebe, draft).state == Post.State.SUBMITTED
    assert yes(second, draft).state == Post.State.APPROVED


def test_all_of_those_named_are_different_people(
    draft, in_force, leah_brandt, helen_achebe, second, amira_hussain
):
    press, law = (Team.objects.create(name=name) for name in ("Press", "Legal"))
    for team in (press, law):
        Membership.objects.create(team=team, member=helen_achebe, since=clock.now())
    Membership.objects.create(team=law, member=second, since=clock.now())
    in_force({"needs": "all", "parties": [f"team:{press.pk}", f"team:{law.pk}"]})
    approver(amira_hussain)
    submit(leah_brandt, draft)
    assert yes(helen_achebe, draft).state == Post.State.SUBMITTED
    assert yes(amira_hussain, draft).state == Post.State.SUBMITTED, "two people, but nobody else of Legal"
    assert yes(second, draft).state == Post.State.APPROVED


def a_yes(hand, *parties, call=False):
    return Yes(hand, frozenset(parties), "Somebody", clock.now(), by_telephone=call)


def test_what_meets_a_need_and_what_does_not():
    two, gold = Need(2), Need(2, ((frozenset({"telephone:gold"}),),))
    assert meets(two, [a_yes(1), a_yes(2)])
    assert not meets(two, [a_yes(1)])
    assert meets(two, [a_yes(1), a_yes(2, "telephone:gold", call=True)])
    assert not meets(two, [a_yes(1), a_yes(1, "telephone:gold", call=True)]), "one hand behind both"
    calls = [a_yes(1, "telephone:gold", call=True), a_yes(1, "telephone:sio", call=True)]
    assert not meets(two, calls), "never two from one call"
    allowed = steps.replace(two, steps=steps.replace(steps.AS_THEY_CAME, two_by_telephone=True))
    assert meets(allowed, calls)
    assert meets(gold, [a_yes(1), a_yes(2, "telephone:gold", call=True)])
    assert not meets(gold, [a_yes(1), a_yes(2, "telephone:sio", call=True)])
    assert meets(Need(0), [])


# Read again before anything leaves


def test_stricter_steps_hold_what_waits_and_a_second_person_lets_it_go(
    draft, in_force, platform, leah_brandt, helen_achebe, second
):
    submit(leah_brandt, draft)
    yes(helen_achebe, draft)
    in_force({"needs": "two"})
    sending.send_due()
    row = Delivery.objects.get()
    assert platform.acts == 0
    assert "lacks what is required: two approvers" in row.held_why
    with pytest.raises(TransitionNotAllowed, match="lacks"):
        outbox.release(actor=helen_achebe, delivery=row)
    with pytest.raises(TransitionNotAllowed, match="lacks"):
        outbox.release(actor=leah_brandt, delivery=row)
    outbox.release(actor=second, delivery=row)
    row.refresh_from_db()
    assert (row.first_approver, row.approver) == (helen_achebe, second)
    sending.send_due()
    assert platform.acts == 1


def test_an_approver_who_left_the_named_team_counts_no_more(
    draft, in_force, platform, leah_brandt, helen_achebe
):
    team = Team.objects.create(name="Duty press office")
    place = Membership.objects.create(team=team, member=helen_achebe, since=clock.now() - timedelta(days=1))
    in_force({"needs": "any", "parties": [f"team:{team.pk}"]})
    submit(leah_brandt, draft)
    assert yes(helen_achebe, draft).state == Post.State.APPROVED
    Membership.objects.filter(pk=place.pk).update(until=clock.now() - timedelta(seconds=1))
    sending.send_due()
    assert platform.acts == 0
    assert "namely Duty press office" in Delivery.objects.get().held_why


def test_other_content_than_was_approved_never_goes(
    draft, in_force, platform, leah_brandt, helen_achebe, second
):
    in_force({"needs": "two"})
    submit(leah_brandt, draft)
    yes(helen_achebe, draft)
    yes(second, draft)
    from publishing.models import Variant

    Variant.objects.update(text="Other words")
    sending.send_due()
    assert platform.acts == 0
    assert "It is not what was approved" in Delivery.objects.get().held_why


def test_the_database_lets_nothing_leave_that_nobody_approved(draft, leah_brandt, helen_achebe):
    submit(leah_brandt, draft)
    yes(helen_achebe, draft)
    with pytest.raises(IntegrityError, match="nobody approved"), transaction.atomic():
        Delivery.objects.update(state="sending", approver=None)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Requirement.objects.update(count=0)


# Without prior approval


@pytest.fixture
def trusted(in_force, leah_brandt, ben_osei):
    in_force({"needs": "none", "kinds": ["general"]}, sample_percent=100)
    step_actions.give_trust(actor=ben_osei, person=leah_brandt, why="Course of February")
    return leah_brandt


def test_a_trusted_authors_post_goes_without_approval_and_is_drawn(draft, trusted, platform, helen_achebe):
    after = submit(trusted, draft)
    assert after.state == Post.State.APPROVED
    assert Requirement.objects.get().count == 0
    assert sending.send_due() == 1
    assert platform.acts == 1
    draft.refresh_from_db()
    assert draft.state == Post.State.PUBLISHED
    look = AfterLook.objects.get()
    assert (look.why, look.due_at - look.asked_at) == ("sample", timedelta(hours=72))
    entry = Entry.objects.get(event="post.let_go")
    assert entry.actor_id == trusted.pk


@pytest.mark.parametrize("lacking", ["trust", "training", "checks", "kind", "urgent"])
def test_without_trust_training_or_a_clean_post_somebody_approves_it(
    draft, trusted, leah_brandt, ben_osei, force_account, lacking, monkeypatch
):
    from accounts import posting

    kind, words, urgent = "general", WORDS, ""
    if lacking == "trust":
        step_actions.withdraw_trust(actor=ben_osei, person=leah_brandt, why="Moved to another team")
    elif lacking == "training":
        lapse = posting.Lapse("Course", clock.today(), "Take it.", "/", to_read=False, slug="course-1")
        monkeypatch.setattr(posting, "lapses", lambda person: [lapse])
    elif lacking == "checks":
        words = "WE ARE OPEN AGAIN AT THE BRIDGE IN QUAY STREET"
    elif lacking == "kind":
        kind = "live"
    else:
        urgent = "Gas in Quay Street"
    posts.edit_post(
        actor=leah_brandt, post=draft, version_seen=1, account_ids=[force_account.pk], words=words
    )
    draft.refresh_from_db()
    if kind != "general" or urgent:
        judging.declare(
            actor=leah_brandt,
            post=draft,
            version_seen=draft.version,
            kind=kind,
            answers={},
            urgent_why=urgent,
        )
        draft.refresh_from_db()
    judged = steps.judging.judge_now(draft)
    assert steps.need_of(draft, judged, list(queries.live_variants(draft))).count >= 1


def test_trust_that_is_withdrawn_holds_what_waits(draft, trusted, platform, ben_osei, helen_achebe, clock_at):
    submit(trusted, draft)
    step_actions.withdraw_trust(actor=ben_osei, person=trusted, why="A complaint")
    sending.send_due()
    row = Delivery.objects.get()
    assert platform.acts == 0
    assert "one approver" in row.held_why
    outbox.release(actor=helen_achebe, delivery=row)
    sending.send_due()
    assert platform.acts == 1
    assert Approval.objects.get().approver == helen_achebe


def test_trust_is_given_by_another_once_and_withdrawn_with_a_reason(
    clock_at, leah_brandt, ben_osei, helen_achebe
):
    with pytest.raises(NotPermitted):
        step_actions.give_trust(actor=helen_achebe, person=leah_brandt, why="Good")
    with pytest.raises(NotValid, match="themselves"):
        step_actions.give_trust(actor=ben_osei, person=ben_osei, why="Good")
    step_actions.give_trust(actor=ben_osei, person=leah_brandt, why="Course")
    with pytest.raises(NotValid, match="already"):
        step_actions.give_trust(actor=ben_osei, person=leah_brandt, why="Course")
    with pytest.raises(NotValid, match="Say why"):
        step_actions.withdraw_trust(actor=ben_osei, person=leah_brandt, why=" ")
    step_actions.withdraw_trust(actor=ben_osei, person=leah_brandt, why="Complaint")
    with pytest.raises(TransitionNotAllowed):
        step_actions.withdraw_trust(actor=ben_osei, person=leah_brandt, why="Complaint")
    assert Trust.objects.get().withdrawn_by == ben_osei


# Writing the steps


def test_stricter_steps_take_one_person_and_weaker_ones_a_second(
    clock_at, ben_osei, joan_pritchard, helen_achebe
):
    with pytest.raises(NotPermitted):
        step_actions.begin_draft(actor=helen_achebe)
    draft = step_actions.begin_draft(actor=ben_osei)
    assert step_actions.begin_draft(actor=joan_pritchard) == draft, "one draft at a time"
    step_actions.add_rule(actor=ben_osei, version=draft, name="Arrests", needs="two", kinds=["arrest"])
    with pytest.raises(NotValid, match="what is different"):
        step_actions.put_in_force(actor=ben_osei, version=draft, why="")
    live = step_actions.put_in_force(actor=ben_osei, version=draft, why="Inspection of 2025")
    assert (live.state, live.weakens) == ("live", [])
    with pytest.raises(TransitionNotAllowed, match="in force"):
        step_actions.add_rule(actor=ben_osei, version=live, name="More", needs="two")
    second = step_actions.begin_draft(actor=ben_osei)
    rule = second.rules.get()
    step_actions.remove_rule(actor=ben_osei, rule=rule)
    asked = step_actions.put_in_force(actor=ben_osei, version=second, why="Too slow")
    assert asked.state == "asked"
    assert asked.weakens == ["Every official account: Arrest: two approvers before, one approver now"]
    assert steps.in_force().pk == live.pk
    with pytest.raises(NotPermitted, match="somebody else"):
        step_actions.confirm(actor=ben_osei, version=asked)
    step_actions.make_draft(actor=joan_pritchard, version=asked, why="Ask the chief officer")
    again = step_actions.put_in_force(actor=ben_osei, version=asked, why="Chief officer agreed")
    done = step_actions.confirm(actor=joan_pritchard, version=again)
    assert (done.confirmed_by, steps.in_force().pk) == (joan_pritchard, done.pk)
    live.refresh_from_db()
    assert live.state == "replaced"
    told = list(
        Entry.objects.filter(event__startswith="steps.").order_by("id").values_list("event", flat=True)
    )
    assert told.count("steps.in_force") == 2
    with pytest.raises(IntegrityError, match="steps_version_weaker_by_two"), transaction.atomic():
        StepsVersion.objects.filter(pk=done.pk).update(confirmed_by=None)


def test_what_it_weakens_is_what_the_second_person_was_shown(clock_at, ben_osei, joan_pritchard):
    draft = step_actions.begin_draft(actor=ben_osei)
    step_actions.add_rule(actor=ben_osei, version=draft, name="None", needs="none", kinds=["general"])
    asked = step_actions.put_in_force(actor=ben_osei, version=draft, why="Trial")
    StepRule.objects.create(version=asked, name="Slipped in", needs="none", kinds=["arrest"])
    with pytest.raises(ChangedSinceSeen):
        step_actions.confirm(actor=joan_pritchard, version=asked)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"needs": "three"}, "needs"),
        ({"needs": "all"}, "parties"),
        ({"needs": "any", "parties": ["team:0"]}, "parties"),
        ({"place": "account:0"}, "place"),
        ({"place": "moon"}, "place"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_field(clock_at, ben_osei, change, field):
    draft = step_actions.begin_draft(actor=ben_osei)
    with pytest.raises(NotValid) as wrong:
        step_actions.add_rule(actor=ben_osei, version=draft, **{"name": "Rule", "needs": "two", **change})
    assert wrong.value.field == field
    present = {name: getattr(draft, name) for name in step_actions.NUMBERS}
    with pytest.raises(NotValid) as wrong:
        step_actions.set_numbers(actor=ben_osei, version=draft, **{**present, "day_ends": time(7)})
    assert wrong.value.field == "day_ends"


def test_less_is_found_wherever_it_is(clock_at, force_account, saltmere_account):
    rule = steps.Rule
    strict = steps.replace(
        steps.AS_THEY_CAME,
        rules=(rule("Press", "any", ("team:1",), official_account=force_account.pk), rule("Two", "two")),
    )
    assert weaker.sentences(steps.AS_THEY_CAME, strict) == []
    assert weaker.sentences(strict, strict) == []
    wider = steps.replace(
        strict,
        rules=(
            rule("Press", "any", ("team:1", "team:2"), official_account=force_account.pk),
            rule("Two", "two"),
        ),
    )
    found = weaker.sentences(strict, wider)
    assert len(found) == 1
    assert found[0].startswith(f"{force_account.name}: Every kind of post: two approvers, one of them")
    assert weaker.sentences(wider, strict) == []
    narrower = steps.replace(strict, rules=strict.rules[:1])
    found = weaker.sentences(strict, narrower)
    assert len(found) == 2, found
    assert all("two approvers" in line for line in found)
    for change, word in (
        ({"sample_percent": 10}, "Fewer"),
        ({"sample_within_hours": 100}, "looked at later"),
        ({"urgent_within_minutes": 90}, "Urgent"),
        ({"telephone_within_hours": 48}, "Calls"),
        ({"two_by_telephone": True}, "Two people on the telephone"),
    ):
        found = weaker.sentences(strict, steps.replace(strict, **change))
        assert len(found) == 1
        assert word in found[0]


# Corrections


@pytest.fixture
def stands(draft, platform, leah_brandt, helen_achebe, monkeypatch):
    from platforms.contract import Capability
    from platforms.exercise.connector import ExerciseConnector

    monkeypatch.setattr(ExerciseConnector, "capabilities", ExerciseConnector.capabilities | {Capability.EDIT})
    submit(leah_brandt, draft)
    yes(helen_achebe, draft)
    sending.send_due()
    return Delivery.objects.get()


def ask(actor, standing, **more):
    given = {"kind": "edit", "text": "The bridge is shut.", "why": "A letter was wrong", **more}
    return corrections.ask(
        actor=actor, delivery=standing, standing_seen=queries.standing_words(standing), **given
    )


def test_a_correction_takes_what_the_steps_ask(
    stands, in_force, platform, leah_brandt, helen_achebe, second, amira_hussain
):
    in_force({"needs": "two"})
    asked = ask(leah_brandt, stands)
    assert corrections.approve(actor=helen_achebe, correction=asked).state == Correction.State.ASKED
    assert asked not in queries.corrections_waiting(helen_achebe)
    with pytest.raises(TransitionNotAllowed, match="approved it already"):
        corrections.approve(actor=helen_achebe, correction=asked)
    assert corrections.approve(actor=second, correction=asked).state == Correction.State.APPROVED
    row = asked.__class__.objects.get(pk=asked.pk).delivery
    assert (row.first_approver, row.approver) == (helen_achebe, second)
    sending.send_due()
    assert platform.edited
    down = ask(leah_brandt, stands, kind="delete", text="")
    assert corrections.approve(actor=second, correction=down).state == Correction.State.APPROVED, (
        "harm ends sooner"
    )


def test_a_correction_whose_first_approver_may_no_longer_is_held(
    stands, in_force, platform, leah_brandt, helen_achebe, second
):
    in_force({"needs": "two"})
    asked = ask(leah_brandt, stands)
    corrections.approve(actor=second, correction=asked)
    corrections.approve(actor=helen_achebe, correction=asked)
    no_more(second)
    sending.send_due()
    assert not platform.edited
    assert "may no longer approve" in Delivery.objects.get(kind="edit").held_why


def test_the_database_keeps_whoever_asked_from_approving_a_correction(stands, leah_brandt, helen_achebe):
    from publishing.models import CorrectionApproval

    asked = ask(leah_brandt, stands)
    with pytest.raises(IntegrityError, match="correction"), transaction.atomic():
        CorrectionApproval.objects.create(
            correction=asked, approver=leah_brandt, content_hash="x", at=clock.now()
        )


# Without rules a claim pays little


def test_a_claim_of_an_ordinary_post_reads_one_row_more(
    draft, platform, leah_brandt, helen_achebe, monkeypatch
):
    # So that the SQL is asked as it is, and not by the name of its plan.
    monkeypatch.setattr("core.prepared.PLANNED_FROM", 2**31)
    submit(leah_brandt, draft)
    yes(helen_achebe, draft)
    with CaptureQueriesContext(connection) as asked:
        assert machinery.claim_next() is not None
    read = [
        one["sql"] for one in asked if "publishing_requirement" in one["sql"] or "stepsversion" in one["sql"]
    ]
    assert len(read) == 1, read
