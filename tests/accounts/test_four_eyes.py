"""Two people where it matters, also for whoever speaks to the database itself as the application does."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts import actions
from accounts.models import Grant
from core import clock
from core.errors import NotPermitted
from notices.models import Notice
from publishing import checks
from publishing.actions import posts
from publishing.models import Approval
from retention.actions import schedule
from retention.models import ScheduleRow
from retention.queries import disposable_rows
from smmp.database import APP_ROLE
from smmp.seed.force import SEED
from staff.models import Membership
from staff.roles import Role
from tests import comments
from tests.publishing.platform import StubbornPlatform


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


def test_nobody_disposes_alone(graham_ellis, nadia_rahman, force_account, amira_hussain):
    row = ScheduleRow.objects.get(slug="routine_comment")
    schedule.confirm(actor=graham_ellis, row=row, version=1)
    row = schedule.change_period(actor=graham_ellis, row=row, number=1, unit="days", why="Tidy", version=1)
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
    assert (
        refused("SELECT retention_dispose('routine_comment', ARRAY[%s]::bigint[], current_date)", comment.pk)
        == "disposal_two_people"
    )
    actions.give_grant(actor=SEED, person=nadia_rahman, role=Role.RECORDS_MANAGER, why="Deputy")
    schedule.confirm(actor=nadia_rahman, row=row, version=2)
    assert row.slug in [found.slug for found in disposable_rows()]


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
