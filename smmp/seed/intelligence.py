"""Two intelligence reports of the demonstration, one to be assessed and one to be linked. Invented; made once."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import transaction

from core.actors import System
from escalation.actions import cases, intelligence
from escalation.models import Case, IntelligenceReport
from exercise import actions as network
from exercise import api
from exercise.models import Message, Profile
from moderation.actions import desk, ingest
from moderation.models import Comment
from platforms import registry
from platforms.contract import Login, RawMessage
from smmp.seed.force import SEED, Force

INGEST = System("ingest")


@transaction.atomic
def make(force: Force) -> None:
    """Two comments that tell something, their case, and what was made of it. Safe to run twice."""
    if IntelligenceReport.objects.exists():
        return
    amira, okafor, mayhew = (
        force.people[slug] for slug in ("amira_hussain", "sergeant_okafor", "sergeant_mayhew")
    )
    first = _told(
        force, "heron_on_the_quay", "Heron", "them bikes from the station are all in the old boat house"
    )
    case = _case(first, force)
    cases.acknowledge(actor=okafor, case=case)
    intelligence.write_report(
        actor=amira,
        case=case,
        token=uuid4(),
        evidence=case.evidence.get(comment=first),
        words="Bicycles taken from Saltmere station are kept in a disused boat house on the quay.",
        provenance="Seen by the source, when is not known. Came as a public comment under a post about bicycle marking.",
        context="Eleven bicycles were reported taken from the station since September.",
        priority=IntelligenceReport.Priority.MEDIUM,
    )
    second = _told(
        force, "barge_spotter", "Barge Spotter", "a van empties drums into the creek every thursday night"
    )
    case = _case(second, force)
    if case.state == Case.State.WAITING:
        cases.acknowledge(actor=okafor, case=case)
    graded = intelligence.write_report(
        actor=amira,
        case=case,
        token=uuid4(),
        evidence=case.evidence.get(comment=second),
        words="A white van empties drums into the creek below the viaduct on Thursday nights.",
        provenance="Seen from the water by the source. Came as a public comment.",
        anonymous=True,
    )
    intelligence.grade(
        actor=mayhew,
        report=graded,
        source_code="2",
        assessment_code="A",
        handling="C",
        conditions="To the Environment Agency for their own inquiry; not beyond.",
        action_code="A3",
        sanitisation_code="S1",
        sanitised="A van empties drums into the creek below Saltmere viaduct, repeatedly and at night.",
        mopi_group=3,
        looked=True,
    )


def _told(force: Force, handle: str, name: str, text: str) -> Comment:
    account = force.accounts["wealdshire-police"]
    profile = Profile.objects.get(handle=account.handle)
    post, _ = network.publish(
        actor=SEED,
        profile=profile,
        key="run-demonstration-marking",
        text="Have your bicycle marked at Saltmere station on Saturday from 10.",
    )
    message = network.write_as_public(actor=SEED, handle=handle, name=name, text=text, under=post)
    raw = RawMessage(str(message.pk), api.as_read(Message.objects.get(pk=message.pk), profile))
    connector = registry.connect(
        account.platform, Login(base_url=settings.EXERCISE_ADDRESS, handle=account.handle, secret="")
    )
    ingest.take_in(actor=INGEST, official_account=account, messages=[raw], source="poll", connector=connector)
    return Comment.objects.get(official_account=account, external_id=str(message.pk))


def _case(comment: Comment, force: Force) -> Case:
    desk.escalate(
        actor=force.people["amira_hussain"],
        comment=comment,
        revision_number=comment.revision_number,
        category="intelligence",
        why="Tells something that the intelligence unit should have",
    )
    opened = cases.open_for_comment(actor=SEED, comment=comment)
    assert opened is not None
    return opened
