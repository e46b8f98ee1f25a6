"""What the rumour desk and the neighbourhoods of a demonstration show: comments that say the same, a rumour that was
judged, what neighbourhoods raised in the weeks before. Fictional, made once.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import OfficialAccount
from core import clock
from insights import counting, gathering
from insights.actions import rollups, rumour_answers, rumours
from insights.models import Rumour
from moderation.categories import ANSWER_WITHIN_MINUTES, USUAL_PRIORITY
from moderation.models import Comment, Commenter, Conversation, Decision, Revision
from smmp.seed.deciding import decision
from smmp.seed.force import Force

_SAID = (
    (
        "ask_me_later",
        "Apparently they are shutting Harrowfield station for good and the cells are going to Saltmere",
        52,
    ),
    (
        "kerry.h.91",
        "apparently they are shutting Harrowfield station for good and the cells are going to Saltmere!!",
        47,
    ),
    (
        "bike_dad_tony",
        "Is it true they are shutting Harrowfield station for good and the cells go to Saltmere?",
        41,
    ),
    ("mo_rides", "I heard they are closing Harrowfield police station for good, cells moved to Saltmere", 33),
)
_JUDGED = (
    ("nan_of_six", "They say the water in Castle Green was poisoned and police are keeping it quiet", 320),
    ("dezza", "heard the water in Castle Green was poisoned and the police are keeping it quiet", 300),
    ("lil_fern", "Is it true the water in Castle Green was poisoned and you are keeping it quiet?", 290),
)
_WEEKS = (
    ("asb", 3, "Off-road bikes on Castle Green again, every evening till late"),
    ("asb", 2, "Bikes tearing across Castle Green, the little ones cannot play there"),
    ("traffic", 2, "Cars parked right across the school gates on Mill Lane"),
    ("crime_report", 1, "Shed broken into on Tanner’s Row, tools gone"),
    ("question", 2, "When is the next surgery at the library?"),
    ("praise", 1, "Thank you to the two officers who helped my neighbour"),
)
_DONE = {
    "asb": (Decision.Kind.ELSEWHERE, "Told the Harrowfield team"),
    "traffic": (Decision.Kind.ELSEWHERE, "Told the parking wardens of the council"),
    "crime_report": (Decision.Kind.ELSEWHERE, "Was told how to report it online"),
}
_DESK = ("amira_hussain", "tom_beckett", "sergeant_okafor")
_TOOK = (6, 11, 14, 19, 23, 31, 38, 44, 57, 72, 95, 140)
"""Minutes from arrival to decision, in turn: one in twelve later than the desk's own clock for routine ones."""


@transaction.atomic
def make(force: Force) -> None:
    """Safe to run twice. After the register, whose boundaries the map draws, and after holding statements."""
    if Rumour.objects.exists():
        return
    harrowfield = force.accounts["harrowfield-police"]
    now = clock.now()
    for days in range(35, 0, -1):
        for number, (category, times, words) in enumerate(_WEEKS):
            # More of the first in the last week, so that there is something to say.
            for more in range((times + (3 if days <= 7 and not number else 0)) if days % 2 else 0):
                at = now - timedelta(days=days, minutes=37 * more + 11 * number)
                comment = _comment(harrowfield, f"neighbour_{(days + more) % 17}", words, at, category)
                _decide(force, comment, turn=days + 3 * number + 5 * more)
    for people, category in ((_SAID, "misinformation"), (_JUDGED, "misinformation")):
        for by, words, minutes in people:
            _comment(harrowfield, by, words, now - timedelta(minutes=minutes), category)
    gathering.gather()
    rollups.refresh()
    counting.count()
    _judge(force)


def _judge(force: Force) -> None:
    """The one about the water is false, and waits for its correction."""
    leah, amira = force.people["leah_brandt"], force.people["amira_hussain"]
    comment = Comment.objects.select_related("official_account").filter(text=_JUDGED[0][1])[0]
    found = Rumour.objects.filter(sightings__comment_id=comment.pk).first() or rumours.raise_rumour(
        actor=amira, official_account=comment.official_account, comment=comment
    )
    rumours.take_up(
        actor=leah, rumour=found, words="The drinking water at Castle Green was poisoned, and we hide it."
    )
    rumours.assess(actor=leah, rumour=found, harm=Rumour.Harm.TRUST, spread=Rumour.Spread.GROWING)
    rumours.add_evidence(
        actor=leah,
        rumour=found,
        says="Wealdshire Water’s duty line, 07700 900188: all samples of this week are clean.",
        speaks="against",
        link="https://water.wealdshire.example/samples",
    )
    rumour_answers.set_authority(
        actor=leah, rumour=found, authority=Rumour.Authority.PARTNER, speaker="Wealdshire Water"
    )
    rumour_answers.set_proceedings(actor=leah, rumour=found, proceedings=Rumour.Proceedings.NO)
    rumours.judge(
        actor=leah,
        rumour=found,
        verdict="false",
        kind=Rumour.Kind.MISINFORMATION,
        truth="The water at Castle Green is clean: Wealdshire Water tests it daily and publishes every result.",
    )


def _decide(force: Force, comment: Comment, *, turn: int) -> None:
    person = force.people[_DESK[turn % len(_DESK)]]
    kind, why = _DONE.get(comment.category, (Decision.Kind.NO_ACTION, ""))
    comment.state = Comment.State.DECIDED
    comment.decided_at = comment.received_at + timedelta(minutes=_TOOK[turn % len(_TOOK)])
    comment.save(update_fields=["state", "decided_at"])
    decision(comment, kind, person, at=comment.decided_at, why=why)


def _comment(account: OfficialAccount, by: str, words: str, at: datetime, category: str) -> Comment:
    commenter, _ = Commenter.objects.get_or_create(
        platform=account.platform,
        external_id=f"seed-{by}",
        defaults={"handle": by, "name": by.replace("_", " ").title(), "first_seen_at": at},
    )
    conversation, _ = Conversation.objects.get_or_create(
        official_account=account,
        root_external_id="seed-rumours",
        defaults={
            "root_text": "Your neighbourhood team is at the library on Thursday.",
            "root_posted_at": at,
            "root_read_at": at,
            "last_comment_at": at,
        },
    )
    priority = USUAL_PRIORITY[category]
    minutes = ANSWER_WITHIN_MINUTES[priority]
    comment = Comment.objects.create(
        platform=account.platform,
        external_id=hashlib.sha256(f"{words}{by}{at}".encode()).hexdigest()[:20],
        official_account=account,
        conversation=conversation,
        commenter=commenter,
        parent_external_id="seed-rumours",
        text=words,
        posted_at=at,
        received_at=at,
        category=category,
        priority=priority,
        answer_by=None if minutes is None else at + timedelta(minutes=minutes),
    )
    Revision.objects.create(comment=comment, number=1, text=words, seen_at=at)
    return comment
