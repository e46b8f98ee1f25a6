"""A comment that a leaver had in hand goes to a named colleague within ten seconds."""

from __future__ import annotations

import pytest

from audit.models import Entry
from core.errors import TakenBySomeoneElse
from moderation import tasks
from moderation.actions import desk, drafts
from moderation.models import ReplyDraft
from smmp.jobs import JOBS
from smmp.seed.force import SEED
from staff.actions import members
from staff.models import Handover
from tests import comments


@pytest.fixture
def claimed(force_account, amira_hussain):
    return desk.claim(actor=amira_hussain, comment=comments.write(force_account))


def test_the_heir_has_the_comment_and_the_words_begun(claimed, amira_hussain, tom_beckett, sergeant_okafor):
    drafts.keep_draft(actor=amira_hussain, comment=claimed, text="Please ring 999")
    members.record_leaver(actor=SEED, member=amira_hussain, why="Resigned", heir=sergeant_okafor)
    with pytest.raises(TakenBySomeoneElse):
        desk.no_action(actor=tom_beckett, comment=claimed, revision_number=1)
    assert tasks.rehome() == 1
    assert tasks.rehome() == 0
    claimed.refresh_from_db()
    assert claimed.claimed_by == sergeant_okafor
    assert claimed.claimed_until is not None
    assert ReplyDraft.objects.get().by == sergeant_okafor
    assert Handover.objects.get().heir == sergeant_okafor
    assert Entry.objects.get(event="staff.work_handed_over").subject_id == str(claimed.pk)
    desk.no_action(actor=sergeant_okafor, comment=claimed, revision_number=1)


def test_where_nobody_else_may_it_is_free_at_once(
    harrowfield_account, amira_hussain, tom_beckett, sergeant_okafor, leah_brandt, helen_achebe, pc_nair
):
    comment = desk.claim(actor=pc_nair, comment=comments.write(harrowfield_account))
    for person in (amira_hussain, tom_beckett, sergeant_okafor, leah_brandt, helen_achebe, pc_nair):
        members.record_leaver(actor=SEED, member=person, why="Resigned")
    assert tasks.rehome() == 1
    comment.refresh_from_db()
    assert comment.claimed_by is None
    assert Handover.objects.get().heir is None


def test_every_room_that_keeps_open_work_is_asked_often_enough():
    every = {job.task: job.every_s for job in JOBS}
    for room in ("accounts", "publishing", "moderation", "escalation"):
        assert every[f"{room}.rehome"] <= 5
    assert every["staff.carry_out_departures"] == 1
