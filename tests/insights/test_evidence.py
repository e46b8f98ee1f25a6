"""Each evidence function says met, partly or not by the product's own data, with its figures."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from accounts import actions as register
from accounts import public
from accounts.actions import coverage, impostors, particulars, posting
from accounts.models import Impostor, Mandate, OfficialAccount, UnwatchedRisk
from core import clock
from escalation.models import Case, PathwayVersion
from insights.evidence import EVIDENCE, Facts, State
from insights.evidence.facts import answered_in_time, written_first
from insights.models import Strategy, StrategyChannel
from moderation.actions import messaging
from moderation.models import Comment, Decision, DipSample, Guidelines, Surge
from publishing.models import Delivery, Lockdown
from retention.models import ScheduleRow
from smmp.seed import reference
from smmp.seed.force import SEED
from staff.models import Team
from tests import comments


def _read(name: str, *given: str):
    return EVIDENCE[name](Facts(), *given)


def _figure(found, label: str) -> str:
    return dict(found.figures)[label]


@pytest.fixture
def two(wealdshire, helen_achebe):
    """Two official accounts on a platform of the world, of which only the first is kept well."""
    made = [
        register.register_account(
            actor=SEED,
            platform="bluesky",
            handle=f"{name}.example",
            name=f"Wealdshire {name}",
            owner=helen_achebe,
        )
        for name in ("news", "roads")
    ]
    return made


@pytest.fixture
def mandate(two):
    return Mandate.objects.get(official_account=two[0])


@pytest.mark.parametrize(
    "name",
    [
        "asset_owners",
        "owners_named",
        "device_rules",
        "continuity_plans",
        "coverage",
        "coverage_risk",
        "private_messages",
        "platform_used",
        "naming",
        "verification",
        "public_list",
    ],
)
def test_without_official_accounts_nothing_of_the_register_is_met(wealdshire, name):
    assert _read(name).state == State.UNJUDGED


def test_owners_deputies_and_administrators(two, mandate, ben_osei, leah_brandt, victoria_lang):
    assert _read("asset_owners").state == State.NOT_MET
    particulars.change_particulars(
        actor=ben_osei, mandate=mandate, deputy=leah_brandt, asset_owner=victoria_lang
    )
    assert _read("asset_owners").state == State.PARTLY
    assert _read("owners_named").state == State.NOT_MET
    particulars.note_administrator(actor=ben_osei, official_account=two[0], name="Leah", role="Admin")
    found = _read("owners_named")
    assert (found.state, _figure(found, "With a deputy")) == (State.PARTLY, "1 of 2")
    OfficialAccount.objects.filter(pk=two[1].pk).update(status="closed")
    assert _read("owners_named").state == _read("asset_owners").state == State.MET


def test_reviews_devices_plans_names_and_verification(two, mandate, ben_osei):
    assert _read("account_reviews").state == State.MET
    Mandate.objects.filter(pk=mandate.pk).update(due_on=clock.today() - timedelta(days=1))
    found = _read("account_reviews")
    assert (found.state, _figure(found, "Reviews overdue")) == (State.PARTLY, "1")
    assert _read("device_rules").state == State.MET
    Mandate.objects.update(force_device_only=False)
    assert _read("device_rules").state == State.NOT_MET
    assert _read("continuity_plans").state == State.NOT_MET
    Mandate.objects.filter(pk=mandate.pk).update(continuity="The public list carries every post.")
    assert _read("continuity_plans").state == State.PARTLY
    assert _read("naming").state == State.MET
    particulars.add_rule(actor=ben_osei, kind="name_has", text="news", why="So it is found")
    assert _figure(_read("naming"), "Break a rule") == "1"
    assert _read("verification").state == State.NOT_MET
    Mandate.objects.filter(pk=mandate.pk).update(verified="applied")
    assert _read("verification").state == State.PARTLY
    Mandate.objects.filter(pk=mandate.pk).update(verified="verified")
    Mandate.objects.exclude(pk=mandate.pk).update(verified="not_offered")
    assert _read("verification").state == State.MET


def test_coverage_and_the_recorded_risk(two, ben_osei, victoria_lang):
    assert _read("coverage").state == _read("coverage_risk").state == State.NOT_MET
    team = Team.objects.get(name="Digital desk")
    coverage.add_hours(actor=ben_osei, account=two[0], team=team, days=range(7), from_hour=0, until_hour=24)
    found = _read("coverage")
    assert (found.state, found.figures[1][1]) == (State.PARTLY, "84 of 168")
    coverage.record_risk(
        actor=ben_osei,
        account=two[1],
        risk="A cry at night",
        instead="999",
        borne_by=victoria_lang,
        review_on=clock.today() + timedelta(days=10),
    )
    assert _read("coverage_risk").state == State.MET
    with time_machine.travel(clock.now() + timedelta(days=11), tick=False):
        found = _read("coverage_risk")
        assert (found.state, _figure(found, "Risk to be looked at again")) == (State.PARTLY, "1")
    assert UnwatchedRisk.objects.count() == 1


def test_private_messages_and_the_platform(two, helen_achebe):
    assert _read("private_messages").state == State.NOT_MET
    found = _read("platform_used")
    assert (found.state, _figure(found, "Connected")) == (State.NOT_MET, "0")
    OfficialAccount.objects.filter(pk=two[1].pk).update(platform="threads")
    assert _read("platform_used").state == State.PARTLY
    messaging.decide(
        actor=helen_achebe,
        official_account=two[0],
        run=False,
        reasons="Nobody could read them at night.",
        review_on=clock.today() + timedelta(days=100),
    )
    found = _read("private_messages")
    assert (found.state, _figure(found, "With a decision")) == (State.PARTLY, "1 of 2")


def test_impostors_are_looked_for_and_reported(two, helen_achebe, tom_beckett):
    assert _read("impostor_watch").state == State.UNJUDGED, "none found is no proof that somebody looked"
    assert _read("impostors_reported").state == State.MET
    row = impostors.notice(actor=tom_beckett, what="wealdshire_newz", platform="bluesky", words="Our crest")
    assert _read("impostor_watch").state == State.MET
    assert _read("impostors_reported").state == State.MET
    impostors.confirm(actor=helen_achebe, impostor=row, words="Our crest and name. Seen at 9:40.")
    assert _read("impostors_reported").state == State.NOT_MET
    row.refresh_from_db()
    impostors.report_to_platform(actor=helen_achebe, impostor=row, words="By form", reference="BS-1")
    assert _read("impostors_reported").state == State.MET
    Impostor.objects.update(chase_on=clock.today())
    assert _figure(_read("impostors_reported"), "To be asked about again") == "1"
    assert _read("impostors_reported").state == State.NOT_MET
    with time_machine.travel(clock.now() + timedelta(days=91), tick=False):
        assert _read("impostor_watch").state == State.UNJUDGED


def test_the_public_list(two):

    public.forget()
    found = _read("public_list")
    assert (found.state, _figure(found, "In the public list")) == (State.MET, "2")


def test_training_policies_and_playbooks(wealdshire, helen_achebe, leah_brandt):
    assert _read("training").state == State.MET
    assert _read("policy_published").state == _read("playbook").state == State.NOT_MET
    page = posting.publish_page(actor=helen_achebe, kind="policy", title="Policy", text="Be plain.")
    posting.publish_page(actor=helen_achebe, kind="playbook", title="Weather", text="Roads first.")
    assert _read("playbook").state == State.MET
    assert _read("policy_published").state == State.PARTLY
    assert _read("training").state == State.NOT_MET
    posting.confirm_reading(actor=leah_brandt, page=page, seen=1)
    assert "Confirmed by" in dict(_read("policy_published").figures)


def test_neighbourhood_grants_bound_to_their_area(wealdshire, ben_osei, leah_brandt):
    assert _read("neighbourhood_grants").state == State.MET
    register.give_grant(actor=ben_osei, person=leah_brandt, role="neighbourhood_officer", why="Everywhere")
    found = _read("neighbourhood_grants")
    assert (found.state, _figure(found, "Bound to their own area")) == (State.PARTLY, "1")


def test_pathways_with_owner_and_review_in_date(wealdshire):
    reference.make()
    live = PathwayVersion.objects.filter(state="live")
    assert live.exists()
    live.update(owner="Head of contact", review_on=clock.today() + timedelta(days=5))
    assert _read("pathways").state == State.MET
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        assert _read("pathways").state == State.NOT_MET


@pytest.fixture
def real_account(force_account):
    """The force's own official account as if it were no exercise."""
    OfficialAccount.objects.filter(pk=force_account.pk).update(platform="bluesky", exercise=False)
    force_account.refresh_from_db()
    return force_account


def _comment(account, *, minutes_ago: int, priority: int, decided_after: int | None = None) -> Comment:
    row = comments.write(account, "Is the bridge open?", external_id=uuid4().hex)
    at = clock.now() - timedelta(minutes=minutes_ago)
    Comment.objects.filter(pk=row.pk).update(
        platform=account.platform,
        received_at=at,
        priority=priority,
        state="open" if decided_after is None else "decided",
        decided_at=None if decided_after is None else at + timedelta(minutes=decided_after),
    )
    return row


def test_answers_in_time_by_the_desks_own_clock(real_account):
    assert _read("response_times").state == State.UNJUDGED
    _comment(real_account, minutes_ago=200, priority=3, decided_after=119)
    _comment(real_account, minutes_ago=200, priority=3, decided_after=121)
    _comment(real_account, minutes_ago=200, priority=3)  # late, and still open
    _comment(real_account, minutes_ago=10, priority=3)  # still has time
    _comment(real_account, minutes_ago=500, priority=5)  # without a clock
    _comment(real_account, minutes_ago=60 * 24 * 8, priority=1)  # longer ago than looked at
    assert answered_in_time(clock.now()) == {"bluesky": (1, 3)}
    assert _read("response_times").state == State.PARTLY
    Comment.objects.filter(decided_at=None, priority=3).update(received_at=clock.now())
    Comment.objects.filter(decided_at__isnull=False).update(decided_at=clock.now() - timedelta(minutes=190))
    assert answered_in_time(clock.now()) == {"bluesky": (2, 2)}
    assert _read("response_times").state == State.MET


def test_exercises_are_no_evidence(force_account, settings):
    settings.DEMO = False
    _comment(force_account, minutes_ago=200, priority=3, decided_after=1)
    assert answered_in_time(clock.now()) == {}


def test_decisions_looked_over_and_clauses_named(wealdshire):
    assert _read("decisions_checked").state == State.NOT_MET
    assert _read("reasons_given").state == State.MET
    assert not DipSample.objects.exists()
    assert not Decision.objects.exists()


def test_guidelines_are_met_once_somebody_approved_them(wealdshire, helen_achebe):
    reference.make()
    assert _read("guidelines").state == State.PARTLY
    Guidelines.objects.filter(state="in_force").update(approved_by=helen_achebe)
    assert _read("guidelines").state == State.MET


def test_surges_and_drills(force_account, two, mandate, sergeant_okafor):
    assert _read("surges").state == State.PARTLY
    at = clock.now()
    Surge.objects.create(
        official_account=force_account,
        state="running",
        since=at,
        started_by=sergeant_okafor,
        started_at=at,
        why="Fire",
    )
    assert _read("surges").state == State.MET
    assert _read("lockdown_drills").state == State.NOT_MET
    Lockdown.objects.create(
        drill=True, why="Exercise", started_by=sergeant_okafor, started_at=at, kind="pause", lifted_at=at
    )
    assert _read("lockdown_drills").state == State.PARTLY
    Mandate.objects.update(continuity="The area pages carry every post.")
    assert _read("lockdown_drills").state == State.MET
    with time_machine.travel(at + timedelta(days=366), tick=False):
        assert _figure(_read("lockdown_drills"), "Exercises within a year") == "0"


def test_the_retention_schedule_is_met_once_every_period_is_confirmed(wealdshire, graham_ellis):
    reference.make()
    assert _read("retention_schedule").state == State.NOT_MET
    ScheduleRow.objects.filter(slug="notice").update(confirmed_at=clock.now(), confirmed_by=graham_ellis)
    assert _read("retention_schedule").state == State.PARTLY
    ScheduleRow.objects.update(confirmed_at=clock.now(), confirmed_by=graham_ellis)
    assert _read("retention_schedule").state == State.MET


def test_a_private_message_to_somebody_who_never_wrote_is_a_breach(real_account, leah_brandt):
    assert _read("no_first_contact").state == State.MET
    row = _comment(real_account, minutes_ago=60, priority=3)
    known = Comment.objects.get(pk=row.pk).commenter.external_id

    def send(to: str) -> None:
        at = clock.now()
        Delivery.objects.create(
            official_account=real_account,
            kind="reply",
            state="sent",
            author=leah_brandt,
            text="x",
            private_to_external_id=to,
            due_at=at,
            created_at=at,
            sent_at=at,
            external_id=f"m-{to}",
        )

    send(known)
    assert written_first(500) == (1, 1)
    assert _read("no_first_contact").state == State.MET
    send("a stranger")
    assert written_first(500) == (1, 2)
    assert _read("no_first_contact").state == State.NOT_MET


def test_without_a_case_nothing_was_acknowledged_in_time(wealdshire):
    assert not Case.objects.exists()
    assert _read("escalation_times").state == State.UNJUDGED


def test_meetings_and_the_strategy(two, helen_achebe):
    assert _read("meetings").state == State.NOT_MET
    for name in ("strategy", "strategy_mix", "strategy_content", "strategy_law"):
        assert _read(name).state == State.NOT_MET
    assert _read("channels_reviewed").state == State.UNJUDGED
    at = clock.now()
    row = Strategy.objects.create(
        number=1,
        state="live",
        owner=helen_achebe,
        review_on=clock.today() + timedelta(days=10),
        content="Plain words.",
        roadmap="Fewer, better.",
        drafted_at=at,
        changed_at=at,
        live_from=at,
    )
    assert _read("strategy").state == _read("strategy_content").state == State.MET
    assert _read("strategy_law").state == _read("strategy_mix").state == State.NOT_MET
    channel = StrategyChannel.objects.create(strategy=row, platform="threads", purpose="News", course="keep")
    assert _read("strategy_mix").state == State.PARTLY
    StrategyChannel.objects.create(
        strategy=row, platform="bluesky", purpose="News", course="keep", reviewed_on=clock.today()
    )
    assert _read("strategy_mix").state == State.MET
    assert _read("channels_reviewed").state == State.PARTLY
    channel.reviewed_on = clock.today()
    channel.save()
    assert _read("channels_reviewed").state == State.MET
    with time_machine.travel(at + timedelta(days=11), tick=False):
        assert _read("strategy").state == State.PARTLY
