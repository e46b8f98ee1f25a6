"""Two people where it matters, also for whoever speaks to the database itself as the application does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts import actions
from accounts.actions import glass, requests, reviews
from accounts.actions.requests import Wanted
from accounts.models import Confirmation, Grant
from audit.actions import console
from core import clock
from core.errors import NotPermitted
from insights.actions import alerts
from insights.watch import Found
from notices.models import Notice
from publishing import checks
from publishing.actions import posts
from publishing.models import Approval
from retention.actions import disposals, schedule
from retention.models import ScheduleChange, ScheduleRow
from retention.queries import disposable_rows
from smmp.database import APP_ROLE
from smmp.seed.force import SEED
from staff.actions import conduct
from staff.models import Membership
from staff.roles import Role
from tests import comments
from tests.publishing.platform import StubbornPlatform
from tests.retention import going


def refused(statement: str, *values) -> str:
    """The name of the rule by which the database refuses a statement of the application's role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == APP_ROLE
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return refusal.value.__cause__.diag.constraint_name


@pytest.fixture
def submitted(leah_brandt, force_account, monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())
    post = posts.draft_post(
        actor=leah_brandt, account_ids=[force_account.pk], words="Did you see it?", title="Appeal"
    )
    return posts.submit_post(actor=leah_brandt, post=post, version_seen=1)


APPROVE = """INSERT INTO publishing_approval (post_id, version, approver_id, at) VALUES (%s, 1, %s, now())"""


def test_nobody_approves_a_post_of_which_they_wrote_some(submitted, leah_brandt, helen_achebe, wealdshire):
    assert refused(APPROVE, submitted.pk, leah_brandt.pk) == "approval_two_people"
    posts.edit_post(
        actor=helen_achebe,
        post=submitted,
        version_seen=1,
        account_ids=[wealdshire.accounts["wealdshire-police"].pk],
        words="Did you see this?",
    )
    assert refused(APPROVE, submitted.pk, helen_achebe.pk) == "approval_two_people"
    assert not Approval.objects.exists()


def test_author_and_approver_of_what_goes_out_are_two(submitted, helen_achebe):
    posts.approve_post(actor=helen_achebe, post=submitted, version_seen=1)
    assert refused("UPDATE publishing_delivery SET author_id = approver_id") == "delivery_two_people"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Approval.objects.update(approver=submitted.author)


GIVE = """
INSERT INTO accounts_grant (person_id, team_id, role, since, why, given_by_id, ended_why, expiry_recorded)
VALUES (%s, %s, 'desk_supervisor', %s, 'x', %s, '', false)"""


def test_nobody_gives_themselves_a_grant_nor_their_own_team(wealdshire, ben_osei):
    team = wealdshire.teams["Corporate communications"]
    now = clock.now()
    assert refused(GIVE, ben_osei.pk, None, now, ben_osei.pk) == "grant_by_another"
    assert refused(GIVE, None, team.pk, now, ben_osei.pk) == "grant_not_own_team"
    given = actions.give_grant(actor=SEED, team=team, role=Role.DESK_OPERATOR, why="Cover")
    assert refused("UPDATE accounts_grant SET given_by_id = %s WHERE id = %s", ben_osei.pk, given.pk) == (
        "grant_not_own_team"
    )
    with pytest.raises(NotPermitted, match="would be yours"):
        actions.give_grant(actor=ben_osei, team=team, role=Role.DESK_SUPERVISOR, why="Mine")
    with pytest.raises(NotPermitted, match="yourself"):
        actions.give_grant(actor=ben_osei, person=ben_osei, role=Role.DESK_SUPERVISOR, why="Mine")
    Membership.objects.filter(member=ben_osei).update(until=now)
    assert actions.give_grant(actor=ben_osei, team=team, role=Role.DESK_SUPERVISOR, why="Cover").pk


def unconfirmed(row, by, **period):
    """A period as one person alone changed it, in the database itself: no page leaves it so."""
    was = row.period
    for name, number in {"keep_for_years": None, "keep_for_days": None, **period}.items():
        setattr(row, name, number)
    row.version, row.confirmed_at, row.confirmed_by = row.version + 1, None, None
    row.save()
    ScheduleChange.objects.create(
        row=row,
        version=row.version,
        was=was,
        became=row.period,
        why="Tidy",
        changed_by=by,
        changed_at=clock.now(),
    )
    return row


def test_nobody_disposes_alone(graham_ellis, nadia_rahman, force_account, amira_hussain):
    row = ScheduleRow.objects.get(slug="routine_comment")
    schedule.confirm(actor=graham_ellis, row=row, version=1)
    row.refresh_from_db()
    row = unconfirmed(row, graham_ellis, keep_for_days=1)
    with pytest.raises(NotPermitted, match="You changed this period"):
        schedule.confirm(actor=graham_ellis, row=row, version=2)
    assert (
        refused(
            "UPDATE retention_schedulerow SET confirmed_by_id = %s, confirmed_at = now() WHERE id = %s",
            graham_ellis.pk,
            row.pk,
        )
        == "schedule_two_people"
    )
    assert row.slug not in [found.slug for found in disposable_rows()]
    comment = comments.decide(comments.write(force_account), amira_hussain)
    opened = going.open_certificate(row)
    assert (
        refused(
            "SELECT retention_dispose('routine_comment', ARRAY[%s]::bigint[], current_date, %s)",
            comment.pk,
            opened.pk,
        )
        == "disposal_two_people"
    )
    actions.give_grant(actor=SEED, person=nadia_rahman, role=Role.RECORDS_MANAGER, why="Deputy")
    schedule.confirm(actor=nadia_rahman, row=row, version=2)
    assert row.slug in [found.slug for found in disposable_rows()]


def test_no_months_go_by_a_period_that_one_person_changed(graham_ellis, nadia_rahman):
    actions.give_grant(actor=SEED, person=nadia_rahman, role=Role.RECORDS_MANAGER, why="Deputy")
    for slug, function in (
        ("raw_payload", "retention_drop_months"),
        ("audit_entry", "retention_drop_audit_months"),
    ):
        row = ScheduleRow.objects.get(slug=slug)
        row = unconfirmed(row, graham_ellis, keep_for_days=(row.keep_for_days or 365) + 400)
        assert refused(f"SELECT * FROM {function}()") == "disposal_two_people"
        assert disposals.drop_months(actor=SEED) == disposals.drop_audit_months(actor=SEED) == []
        schedule.confirm(actor=nadia_rahman, row=row, version=2)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {function}()")


def test_no_statement_changes_a_period_under_the_version_that_two_people_stand_for(
    graham_ellis, nadia_rahman
):
    shorter = "UPDATE retention_schedulerow SET keep_for_days = 1, keep_for_years = NULL"
    mine = f"{shorter}, version = version + 1, confirmed_by_id = %s, confirmed_at = now()"
    for statement, values in (
        (f"{shorter} WHERE slug = 'raw_payload'", ()),
        (f"{mine} WHERE slug = 'raw_payload'", (nadia_rahman.pk,)),
    ):
        assert refused(statement, *values) in {"schedule_change_unconfirmed", "schedule_two_people"}
    with connection.cursor() as cursor:
        cursor.execute(f"{shorter}, version = version + 1, confirmed_by_id = NULL WHERE slug = 'raw_payload'")
    confirm = "UPDATE retention_schedulerow SET confirmed_by_id = %s, confirmed_at = now() WHERE slug = 'raw_payload'"
    assert refused(confirm, nadia_rahman.pk) == "schedule_two_people"
    assert refused("UPDATE retention_schedulerow SET version = 1 WHERE slug = 'raw_payload'") == (
        "schedule_change_unconfirmed"
    )
    assert refused("SELECT * FROM retention_drop_months()") == "disposal_two_people"


def test_every_other_rule_of_two_people_stands_in_the_database_under_its_name(
    joan_pritchard, inspector_kerr, amira_hussain, ben_osei, superintendent_price, helen_achebe
):
    renew = """INSERT INTO staff_recovery (member_id, why, asked_by_id, asked_at, agreed, answered_by_id, answered_at,
        answered_why) VALUES (%s, 'x', %s, now(), %s, %s, %s, '')"""
    now = clock.now()
    amira, ben = amira_hussain.pk, ben_osei.pk
    assert refused(renew, amira, amira, None, None, None) == "recovery_not_asked_by_oneself"
    for second in (ben, amira, None):
        assert refused(renew, amira, ben, True, second, now) == "recovery_agreed_by_a_second"
    asked = glass.ask(
        actor=amira_hussain, person=helen_achebe, wanted=Wanted(Role.DESK_SUPERVISOR), hours=1, why="Flood"
    )
    opened = glass.agree(actor=superintendent_price, glass=asked)
    for pk in (amira, helen_achebe.pk):
        assert refused("UPDATE accounts_breakglass SET agreed_by_id = %s", pk) == "glass_two_people"
    assert refused("UPDATE accounts_breakglass SET agreed_by_id = NULL") == "glass_opened_whole"
    glass.close(actor=amira_hussain, glass=opened, why="Done")
    review = """UPDATE accounts_breakglass SET reviewed_by_id = %s, reviewed_at = now() + interval '1 minute',
        outcome = 'right', note = 'x'"""
    for pk in (amira, helen_achebe.pk, superintendent_price.pk):
        assert refused(review, pk) == "glass_reviewed_by_another"
    own = requests.ask_for_grant(
        actor=amira_hussain, person=amira_hussain, wanted=Wanted(Role.DESK_SUPERVISOR), why="Cover"
    )
    answer = "UPDATE accounts_grantrequest SET answered_by_id = %s, answered_at = now() WHERE id = %s"
    assert refused(answer, amira, own.pk) == "request_by_another"
    reviews.open_campaign(actor=SEED, title="Quarter 4")
    confirmation = Confirmation.objects.filter(grant__person=amira_hussain).first()
    decide = "UPDATE accounts_confirmation SET verdict = 'keep', decided_by_id = %s, decided_at = now() WHERE id = %s"
    assert refused(decide, amira, confirmation.pk) == "confirmation_by_another"
    assert refused(decide, None, confirmation.pk) == "confirmation_by_someone"
    conduct.decide(actor=inspector_kerr, member=amira_hussain, kind="covert", why="x")
    assert refused("UPDATE staff_conductmatter SET decided_by_id = person_id") == "conduct_by_another"
    console.assign(
        actor=joan_pritchard,
        officer_id=inspector_kerr.pk,
        people_ids=[amira],
        reference="PSD-1",
        why="x",
        since=now - timedelta(days=1),
        until=now,
        ends_at=now + timedelta(days=1),
    )
    assert refused("UPDATE audit_assignment SET made_by_id = officer_id") == "assignment_by_somebody_else"
    assert refused("UPDATE audit_assignment SET people_ids = ARRAY[officer_id]") == "assignment_of_others"
    alert = alerts.raise_alert(
        actor=SEED, found=Found("export_spike", "k", "x", 1, now, now, joan_pritchard.pk, "Joan Pritchard")
    )
    claim = "UPDATE insights_alert SET state = 'claimed', claimed_by_id = %s WHERE id = %s"
    assert refused(claim, joan_pritchard.pk, alert.pk) == "alert_claimed_by_somebody_else"
    end = """UPDATE insights_alert SET state = 'closed', closed_by_id = %s, closed_at = now(), outcome = 'explained',
        note = 'x' WHERE id = %s"""
    assert refused(end, joan_pritchard.pk, alert.pk) == "alert_closed_by_somebody_else"
    assert refused(end, None, alert.pk) == "alert_closed_whole"


def test_whoever_reads_matters_of_conduct_learns_of_a_new_reader(
    inspector_kerr, ben_osei, superintendent_price
):
    grant = actions.give_grant(
        actor=ben_osei,
        person=superintendent_price,
        role=Role.PROFESSIONAL_STANDARDS,
        why="Head of department",
    )
    notice = Notice.objects.get(to=inspector_kerr)
    assert notice.title == "Supt Owen Price can now read matters of conduct"
    assert Grant.objects.get(pk=grant.pk).given_by == ben_osei
    assert not Notice.objects.filter(to=superintendent_price).exists()
