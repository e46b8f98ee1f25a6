"""Whoever publishes is told before a training runs out, when it is lacking, and when it keeps their posts back; so is
whoever answers for them. Each stage once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts import lapses, posting, tasks
from accounts.actions import give_grant
from accounts.actions import posting as actions
from audit.models import Entry
from core import clock
from notices.models import Notice
from staff.models import Membership, StaffMember

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def course(wealdshire, helen_achebe):
    return actions.ask_for_course(
        actor=helen_achebe, name="Social media and the law", counts_for_months=24, renew="Book the half day."
    )


@pytest.fixture
def trained(course, ben_osei):
    """Everybody who publishes took it today."""
    for person in posting.publishers():
        actions.note_training(actor=ben_osei, person=person, course=course, done_on=clock.today())
    return course


def _on(day):
    return time_machine.travel(datetime.combine(day, NOON.timetz()), tick=False)


def _told(person, word: str) -> list[str]:
    return list(
        Notice.objects.filter(to=person, title__contains=word).order_by("id").values_list("title", flat=True)
    )


def _last_day(person):
    return person.trainings.get().counts_until


def test_each_stage_is_told_once_to_the_person_and_to_whoever_leads_them(trained, leah_brandt, amira_hussain):
    team = leah_brandt.membership_set.get().team
    Membership.objects.create(team=team, member=amira_hussain, since=leah_brandt.joined_at, leads=True)
    last = _last_day(leah_brandt)
    with _on(last - timedelta(days=14)):
        tasks.tell_lapses()
        assert not _told(leah_brandt, "Social media and the law")
    with _on(last - timedelta(days=13)):
        tasks.tell_lapses()
        assert tasks.tell_lapses() == 0
        [title] = _told(leah_brandt, "Social media and the law")
        assert title == f"Training “Social media and the law” runs out on {last:%-d %B %Y}"
        notice = Notice.objects.get(to=leah_brandt, title=title)
        assert "Book the half day" in notice.body
        assert notice.link == "/register/policies/"
        assert f"{leah_brandt.called}: {title}" in _told(amira_hussain, "runs out")
    with _on(last + timedelta(days=1)):
        tasks.tell_lapses()
        tasks.tell_lapses()
        assert _told(leah_brandt, "is lacking") == ["Training “Social media and the law” is lacking"]
    with _on(last + timedelta(days=15)):
        tasks.tell_lapses()
        tasks.tell_lapses()
        [title] = _told(leah_brandt, "kept back")
        assert title == "Your posts are kept back: Training “Social media and the law”"
        assert Notice.objects.get(to=leah_brandt, title=title).urgency == "soon"
        assert f"Posts of {leah_brandt.called} are kept back" in _told(amira_hussain, leah_brandt.called)[-1]
    entry = Entry.objects.filter(event="training.lapse_told", subject_id=str(leah_brandt.pk)).first()
    assert entry.details["what"] == "Training “Social media and the law”"


def test_a_renewal_ends_it_and_its_own_end_is_told_anew(trained, leah_brandt, ben_osei):
    last = _last_day(leah_brandt)
    with _on(last - timedelta(days=5)):
        tasks.tell_lapses()
        actions.note_training(actor=ben_osei, person=leah_brandt, course=trained, done_on=clock.today())
    with _on(last + timedelta(days=20)):
        tasks.tell_lapses()
        assert len(_told(leah_brandt, "Social media and the law")) == 1
    with _on(leah_brandt.trainings.first().counts_until):
        tasks.tell_lapses()
        assert len(_told(leah_brandt, "runs out")) == 2


def test_a_policy_is_told_by_its_publication_and_the_keepers_learn_who_has_not_confirmed(
    wealdshire, helen_achebe, leah_brandt, ben_osei
):
    page = actions.publish_page(
        actor=helen_achebe, kind="policy", title="Social media policy", text="Be plain."
    )
    for person in posting.publishers():
        if person != leah_brandt:
            actions.confirm_reading(actor=person, page=page, seen=1)
    tasks.tell_lapses()
    assert len(_told(leah_brandt, "Social media policy")) == 1
    assert len(_told(ben_osei, leah_brandt.called)) == 1
    with time_machine.travel(clock.now() + timedelta(days=14), tick=False):
        tasks.tell_lapses()
        tasks.tell_lapses()
        assert len(_told(leah_brandt, "kept back")) == 1
        assert len(_told(ben_osei, leah_brandt.called)) == 2


def test_nobody_answers_for_themselves_and_who_may_not_publish_is_told_nothing(
    course, helen_achebe, amira_hussain, ben_osei
):
    above = lapses.supervisors([helen_achebe, ben_osei])
    assert helen_achebe not in above[helen_achebe.pk]
    assert ben_osei in above[helen_achebe.pk]
    tasks.tell_lapses()
    assert not _told(amira_hussain, "Social media and the law")


def test_all_and_one_agree(course, trained, leah_brandt, pc_nair, helen_achebe):
    actions.publish_page(actor=helen_achebe, kind="policy", title="Policy", text="Be plain.")
    everybody = posting.lapses_of_all()
    for person in posting.publishers():
        assert everybody[person] == posting.lapses(person)


def test_the_owner_of_their_official_account_answers_where_nobody_leads(
    course, wealdshire, victoria_lang, ben_osei
):
    person = StaffMember.objects.create(
        email="solo@wealdshire.example", name="Sol Solo", joined_at=clock.now()
    )
    account = wealdshire.accounts["saltmere-police"]
    give_grant(actor=ben_osei, person=person, role="comms_officer", official_account=account, why="Alone")
    assert lapses.supervisors([person])[person.pk] == (account.owner,)
