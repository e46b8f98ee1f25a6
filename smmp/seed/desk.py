"""What the desk writes and decides with, for the demonstration: saved replies, how private messages are run, an
assessment, a comment handed to a team, a reply that waits for a yes, a block that waits for a look. Fictional, made once.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from django.db import transaction

from accounts.models import OfficialAccount
from core import clock
from core.actors import System
from moderation import by_hand
from moderation.actions import approving, assessing, ingest, messaging, restricting, saved_replies
from moderation.actions import desk as decisions
from moderation.models import Clause, Comment, SavedReply
from moderation.private_messages import STARTING_ANSWER
from platforms import registry
from platforms.contract import Login
from smmp.seed.force import Force
from smmp.seed.reference import rows

INGEST = System("ingest")
NEXTDOOR = "wealdshire-police"


@transaction.atomic
def make(force: Force) -> None:
    """One example of each. Safe to run twice. After smmp.seed.outbox, which registers the account on Nextdoor."""
    if SavedReply.objects.exists():
        return
    helen, amira = force.people["helen_achebe"], force.people["amira_hussain"]
    for row in rows("saved_replies"):
        saved_replies.add(actor=helen, level=SavedReply.Level.FORCE, **row)
    saved_replies.add(
        actor=amira,
        level=SavedReply.Level.TEAM,
        team=force.teams["Digital desk"],
        title="Handed to the neighbourhood team",
        text="Thanks, {first name}. The {neighbourhood} team has this now and will answer you here.",
        categories=["asb", "question"],
    )
    saved_replies.add(
        actor=amira,
        level=SavedReply.Level.PERSONAL,
        title="Back in a moment",
        text="Thanks, {first name}. We are looking into it and will come back to you here.",
    )
    _messages(force)
    _at_work(force)


def _messages(force: Force) -> None:
    """Run on the main account with an automatic answer at night; not run by a neighbourhood team."""
    helen = force.people["helen_achebe"]
    messaging.decide(
        actor=helen,
        official_account=force.accounts["wealdshire-police"],
        run=True,
        reasons="Victims write here because they cannot be overheard. The desk reads from seven to ten at night; in the "
        "hours between nobody does, which we bear because every message is answered at once with where to turn.",
        review_on=_in_half_a_year(),
        days=list(range(7)),
        from_time=time(7),
        until_time=time(22),
        automatic=True,
        answer=STARTING_ANSWER,
    )
    messaging.decide(
        actor=helen,
        official_account=force.accounts["saltmere-police"],
        run=False,
        reasons="The team is out on patrol and could not read them in time. People are shown where to turn instead.",
        review_on=_in_half_a_year(),
    )


def _in_half_a_year() -> date:
    return clock.today() + timedelta(days=182)


def _at_work(force: Force) -> None:
    nextdoor = OfficialAccount.objects.filter(platform="nextdoor", handle=NEXTDOOR).first()
    if nextdoor is None:
        return
    amira, leah = force.people["amira_hussain"], force.people["leah_brandt"]
    insult = _paste(
        nextdoor, "mill_lane_mick", "I know which car you drive to Saltmere station, be careful tonight"
    )
    clause = Clause.objects.filter(slug="threats").first()
    if clause is not None:
        restricting.restrict(
            actor=amira,
            comment=insult,
            revision_number=insult.revision_number,
            kind="block",
            clause=clause,
            why="Threatens whoever is on duty at Saltmere; seen at 03:10, nobody to ask",
            until=clock.today() + timedelta(days=14),
            by_hand=True,
        )
    assessing.assess(
        actor=amira,
        comment=insult,
        revision_number=insult.revision_number,
        said={
            "threat": "Says that he knows the car and to be careful tonight",
            "risk": "Possible tonight at the end of the late turn",
            "engagement": "Duty inspector told; not answered in public",
        },
    )
    noise = _paste(nextdoor, "weald_walker", "Third night of quad bikes on the common behind Saltmere school")
    decisions.hand_over(
        actor=amira,
        comment=noise,
        revision_number=noise.revision_number,
        team=force.teams["Corporate communications"],
        why="They posted about the quad bikes yesterday and know what to say",
    )
    question = _paste(nextdoor, "tilly_r", "Is the property marking on Saturday free?")
    approving.ask(
        actor=leah,
        comment=question,
        revision_number=question.revision_number,
        text="Yes, it is free, and you can bring as many things as you can carry.",
        why="First answer under this post",
    )


def _paste(account: OfficialAccount, author: str, text: str) -> Comment:
    message = by_hand.message(author=author, text=text, posted_at=clock.now() - timedelta(minutes=20))
    taken = ingest.take_in(
        actor=INGEST,
        official_account=account,
        messages=[message],
        source="poll",
        connector=registry.connect(account.platform, Login(base_url="", handle=account.handle, secret="")),
    )
    return Comment.objects.get(pk=taken.new[0])
