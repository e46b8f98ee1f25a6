"""Continuity of a force that has thought about it, in a demonstration: plans, trials and what came of them, numbers to
ring, and a paper log with a line that nobody has found. Fictional, made once.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts.actions import continuity
from accounts.models import ContinuityPlan
from core import clock
from moderation import paper_log
from moderation.actions import paper
from smmp.seed.force import SEED, Force

PRODUCT_FIRST = """Ring the service desk, then the name on this sheet that “opens the vault”.
Tell the desk supervisor and the force incident manager: nobody reads the queue from here.
Two people read each channel on the platform itself, in turns of an hour.
Write everything down on the paper log from the first minute."""
EXERCISE_FIRST = """Look whether the platform itself is gone for everybody: its status page, another force, another phone.
Say so here, so that colleagues stop wondering.
Send nothing twice: what is unknown is read back when it answers."""
LOG = """direction,official_account,at,who,words,link,approved_by
out,exercise:wealdshire-police,{out},PC Nair,"Mill Lane is shut at the market after a collision. Please go by Station Road.",,Sgt Okafor
in,exercise:wealdshire-police,{came},marketstall_m,"Can the traders still get to the square from the river side?",,
"""


@transaction.atomic
def make(force: Force) -> None:
    """All of it. Safe to run twice."""
    if ContinuityPlan.objects.exists():
        return
    people, today = force.people, clock.today()
    helen, leah, okafor = people["helen_achebe"], people["leah_brandt"], people["sergeant_okafor"]
    product = continuity.write_plan(
        actor=SEED,
        platform="",
        seen=0,
        owner=helen,
        first=PRODUCT_FIRST,
        alternative="The platforms themselves, from two force laptops that are set up for it in the control room.",
        native="Sealed envelope 4 in the control room safe opens the vault; entries social/… ; security keys 4 and 7.",
        afterwards="Import the paper log; look through what is held; withdraw from the outbox what went out by hand.",
        messages=[
            {
                "who": "Duty communications officer",
                "where": "Each channel, pinned",
                "words": "We are answering more slowly today. In an emergency ring 999, otherwise 101.",
            }
        ],
        changes="",
        review_on=today + timedelta(days=120),
        next_test_on=today + timedelta(days=30),
    )
    exercise = continuity.write_plan(
        actor=SEED,
        platform="exercise",
        seen=0,
        owner=leah,
        first=EXERCISE_FIRST,
        alternative="The public list, the area pages and the force website; the Threads account for warnings.",
        native="Vault entry social/exercise/force.",
        afterwards="Read through the outbox; publish what is still needed.",
        messages=[
            {
                "who": "Duty communications officer",
                "where": "Threads and the website",
                "words": "The network that we mostly use is down. You find our news here. Emergencies: 999.",
            }
        ],
        changes="",
        review_on=today + timedelta(days=60),
        next_test_on=today + timedelta(days=45),
    )
    continuity.write_plan(
        actor=helen,
        platform="exercise",
        seen=exercise.version,
        owner=leah,
        first=EXERCISE_FIRST + "\nAfter an hour: tell the neighbourhood inspectors by telephone.",
        alternative="The public list, the area pages and the force website; the Threads account for warnings.",
        native="Vault entry social/exercise/force.",
        afterwards="Read through the outbox; publish what is still needed.",
        messages=ContinuityPlan.objects.get(pk=exercise.pk).versions.get(number=1).messages,
        changes="Inspectors are rung after an hour: nobody had told them in the last trial.",
        review_on=today + timedelta(days=150),
        next_test_on=today + timedelta(days=45),
    )
    continuity.record_test(
        actor=SEED,
        plan=product,
        held_on=today - timedelta(days=40),
        how="table",
        scenario="The data centre is dark from six in the evening, on the night of a football match.",
        people="Late shift of the digital desk, Helen Achebe, the control room supervisor",
        worked="The vault was open within nine minutes. The paper log was found at once.",
        failed="Nobody knew who may publish without a second person at night.",
        actions=[
            {
                "words": "Write into the plan who approves by telephone at night",
                "owner": helen,
                "due_on": today + timedelta(days=7),
            },
            {
                "words": "Put a printed contact sheet into the grab bag of the control room",
                "owner": okafor,
                "due_on": today + timedelta(days=12),
            },
        ],
        next_test_on=today + timedelta(days=30),
    )
    for duty, name, phone in (
        ("Opens the vault", people["ben_osei"], "07700 900123"),
        ("Speaks for communications at night", helen, "07700 900456"),
        ("Stops what goes out", okafor, "07700 900789"),
    ):
        continuity.note_contact(actor=SEED, duty=duty, person=name, phone=phone)
    continuity.note_contact(
        actor=SEED, duty="Police desk of the hosting company", name="Example Hosting", phone="01632 960018"
    )
    now = clock.now()
    log = LOG.format(
        out=(now - timedelta(hours=20)).isoformat(), came=(now - timedelta(hours=19)).isoformat()
    )
    amira = people["amira_hussain"]
    paper.import_log(actor=amira, rows=paper_log.read(amira, log.encode()))
