"""How long it takes to find what says the same in a surge, what that holds in memory, and whether a cry is swept along.

A scratch database with so many open comments on one official account: copies of a few texts, each with small
changes, among what the public writes in the scenarios. Into the copies are planted those that no decision for a
group may ever touch: the copied text with a cry for help behind it (as rules know them, and in words that no
rule knows), comments that a person put among the grave ones, claimed, wanted or held in a case, by an author about
whom a case is open, unread by the model. What is measured is the whole of the job: read, compare, write.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from resource import getpagesize

from django.conf import settings

from accounts.models import OfficialAccount
from core import clock
from core.actors import System
from escalation.models import Case, CaseComment, PathwayVersion
from moderation import queries_surges as queries
from moderation import surging
from moderation.actions import surges as actions
from moderation.models import Comment, Commenter, Conversation, Revision, Surge, SurgeAct, SurgeGroup
from moderation.triage import judge
from moderation.triage.measure import marked_comments
from smmp.benches import ingest
from smmp.local import scratch
from smmp.seed import force
from staff.models import StaffMember

BENCH = System("bench")
COPIED = (
    "The police did nothing while our town burned and now they tell us to stay calm, shame on every one of them",
    "Share this everywhere before they delete it, they do not want any of you to know what really happened last night",
    "Copy and paste: we want answers from the chief constable and we want them now, not after another inquiry",
    "Another night of sirens and not one officer on the high street, what exactly do we pay our council tax for",
    "Thank you to every officer out there tonight keeping the rest of us safe, do not listen to the keyboard warriors",
)
TAILS = (
    "",
    "!!",
    " 😡",
    " #wealdshire",
    " RT",
    " seriously",
    " tonight",
    " honestly",
    " @wealdshirepolice",
    " ...",
)
CRIES = (
    "i am going to kill myself tonight",
    "i have got a knife and i will stab him when he comes out",
    "my husband is beating me please send someone",
)
QUIET_CRIES = (
    "{who} has not answered the {where} door since {when} and the baby is screaming",
    "{who} took all of the tablets in the {where} at {when}",
    "there is smoke from the {where} and {who} went in at {when}",
    "{who} is on the floor of the {where} and has not moved since {when}",
    "we have not seen {who} since {when} and the phone was left in the {where}",
    "he locked {who} in the {where} at {when} and took the keys",
    "{who} wrote goodbye on the wall of the {where} at {when}",
    "the men came back for {who} at {when} and they know about the {where}",
    "{who} cannot breathe and the {where} has been shut since {when}",
    "they are coming to the {where} for {who} at {when}",
)
WHO = ("grandad", "mum", "Kerry", "Dev", "Tomos", "auntie", "Priya", "Callum", "nan", "Ewan")
WHERE = ("kitchen", "bathroom", "garage", "shed", "attic", "car", "cellar", "stairwell", "garden", "porch")
WHEN = ("breakfast", "lunch", "midnight", "yesterday", "dawn", "tea", "sunset", "noon", "school", "work")
"""Words that may mean danger and that no rule need know: what keeps them out is that they are the author's own. No
two of a hundred are alike."""
SHARE_COPIED = 0.6
DECIDED = 400


@dataclass
class Found:
    """The figures of one run."""

    comments: int
    grouped_s: float
    peak_mib: float
    more_mib: float
    """What the grouping itself added to the process."""
    groups: int
    in_groups: int
    copies_found: float
    """Share of the plain copies that stand in a group."""
    planted: int
    swept: int
    """Planted ones inside a group."""
    shown_after_turning_grave: int
    """Members that turned grave after the grouping and that a preview would still have decided."""
    decided: int
    decided_s: float
    decided_wrongly: int
    """Of the decided: planted, or turned grave between preview and decision."""


def measure(*, comments: int) -> Found:
    """Minutes for 100,000, most of them for writing the comments."""
    with scratch.database() as made:
        person = force.make().people["amira_hussain"]
        account = ingest.official_accounts()[0]
        now = clock.now()
        surge = actions.start(actor=person, account=account, why="Bench", since=now - timedelta(hours=3))
        planted, copies = _fill(account, comments, now - timedelta(hours=2), person)
        ingest.settle(made.owner)
        gc.collect()
        with _memory() as memory:
            began = time.perf_counter()
            looked_at = surging.group_surge(surge)
            grouped_s = time.perf_counter() - began
        del looked_at
        groups = list(SurgeGroup.objects.filter(surge=surge).exclude(ids=[]))
        collapsed = {pk for group in groups for pk in group.ids}
        turned = _turn_grave(groups)
        shown = {pk for group in groups for pk, _ in queries.preview(group).items}
        decided, decided_s, wrongly = _decide(surge, groups, person, planted)
        return Found(
            comments=comments,
            grouped_s=grouped_s,
            peak_mib=memory["peak"],
            more_mib=memory["peak"] - memory["before"],
            groups=len(groups),
            in_groups=len(collapsed),
            copies_found=len(collapsed & copies) / len(copies),
            planted=len(planted),
            swept=len(collapsed & planted),
            shown_after_turning_grave=len(shown & turned),
            decided=decided,
            decided_s=decided_s,
            decided_wrongly=wrongly,
        )


@cache
def _said_of(text: str) -> dict:
    verdict = judge(text)
    return {
        "category": verdict.category,
        "priority": verdict.priority,
        "findings": [finding.as_data() for finding in verdict.findings],
        "triage_version": verdict.version,
    }


def _fill(
    account: OfficialAccount, comments: int, at: datetime, person: StaffMember
) -> tuple[set[int], set[int]]:
    """Write them; answers the numbers of the planted ones and of the plain copies."""
    scenarios = [
        one.text
        for one in marked_comments(Path(settings.BASE_DIR) / "exercise" / "scenarios")
        if not one.private
    ]
    conversation = Conversation.objects.create(
        official_account=account, root_external_id="bench-post", root_text="Please stay calm."
    )
    authors = [
        author.pk
        for author in Commenter.objects.bulk_create(
            (
                Commenter(platform="exercise", external_id=f"bench-{n}", handle=f"bench{n}", first_seen_at=at)
                for n in range(max(10, comments // 3))
            ),
            batch_size=5000,
        )
    ]
    numbers = count()

    def written(text: str, judged: str, author: int | None = None, **more) -> Comment:
        n = next(numbers)
        return Comment(
            platform="exercise",
            external_id=f"bench-comment-{n}",
            official_account=account,
            conversation=conversation,
            commenter_id=author or authors[n % (len(authors) - 5)],
            text=text,
            posted_at=at,
            received_at=at + timedelta(milliseconds=50 * n),
            **{**_said_of(judged), **more},
        )

    plain: list[Comment] = []
    other: list[Comment] = []
    for n in range(comments):
        if n % 100 < SHARE_COPIED * 100:
            text = COPIED[n % len(COPIED)] + TAILS[n // 7 % len(TAILS)]
            plain.append(written(text, text))
        else:
            text = scenarios[n % len(scenarios)]
            other.append(written(f"{text} {n % 9973}", text))
    each = max(2, comments // 1000)
    until = clock.now() + timedelta(hours=1)
    hidden = [
        *(written(f"{COPIED[n % 5]} {CRIES[n % 3]}", f"{COPIED[n % 5]} {CRIES[n % 3]}") for n in range(each)),
        *(written(f"{COPIED[n % 5]} {_quiet_cry(n)}", COPIED[n % 5]) for n in range(each)),
        *(written(COPIED[n % 5], COPIED[n % 5], priority=1, category="threat_to_life") for n in range(each)),
        *(written(COPIED[n % 5], COPIED[n % 5], risk=0.9) for n in range(each)),
        *(written(COPIED[n % 5], COPIED[n % 5], claimed_by=person, claimed_until=until) for n in range(each)),
        *(written(COPIED[n % 5], COPIED[n % 5], needs_case="suicide_self_harm") for n in range(each)),
        *(written(COPIED[n % 5], COPIED[n % 5], model_due_at=at) for n in range(each)),
        *(written(COPIED[n % 5], COPIED[n % 5], author=authors[-1]) for n in range(each)),
    ]
    Comment.objects.bulk_create([*plain, *other, *hidden], batch_size=2000)
    version = PathwayVersion.objects.order_by("pk")[0]
    case = Case.objects.create(
        number=1_000_001,
        title="Bench",
        pathway=version.pathway,
        version=version,
        official_account=account,
        opened_at=at,
        opened_by_name="bench",
        acknowledge_by=until,
    )
    in_case = written("I told you already", "I told you already", author=authors[-1])
    in_case.save()
    CaseComment.objects.create(
        case=case, comment=in_case, revision_number=1, snapshot={}, added_at=at, added_by_name="bench"
    )
    # A copied text in which triage itself finds a danger stands alone every time: it is no plain copy.
    calm = {one.pk for one in plain if one.priority > 2}
    return {one.pk for one in hidden} | {in_case.pk}, calm


def _quiet_cry(n: int) -> str:
    """Another for each of a hundred numbers; two of one sentence differ in three words."""
    detail = n // len(QUIET_CRIES) % len(WHO)
    return QUIET_CRIES[n % len(QUIET_CRIES)].format(who=WHO[detail], where=WHERE[detail], when=WHEN[detail])


def _turn_grave(groups: list[SurgeGroup]) -> set[int]:
    """A person puts some members of each group among the grave ones after it was found."""
    turned = {pk for group in groups for pk in group.ids[5:8]}
    Comment.objects.filter(pk__in=turned).update(priority=1)
    return turned


def _decide(
    surge: Surge, groups: list[SurgeGroup], person: StaffMember, planted: set[int]
) -> tuple[int, float, int]:
    """No action on DECIDED alike, of which some turn grave between preview and decision."""
    if not groups:
        return 0, 0.0, 0
    group = max(groups, key=lambda one: len(one.ids))
    seen = queries.preview(group).items[:DECIDED]
    Revision.objects.bulk_create(
        Revision(comment_id=pk, number=revision, text="", seen_at=clock.now()) for pk, revision in seen
    )
    late = {pk for pk, _ in seen[-3:]}
    Comment.objects.filter(pk__in=late).update(priority=1)
    act = actions.begin(actor=person, group=group, kind=SurgeAct.Kind.NO_ACTION, seen=seen)
    began = time.perf_counter()
    actions.carry_out(actor=person, act=act)
    taken = time.perf_counter() - began
    done = set(act.items.filter(state="done").values_list("comment_id", flat=True))
    return len(done), taken, len(done & (planted | late))


@contextmanager
def _memory() -> Iterator[dict[str, float]]:
    """The memory of this process before the block, and its peak in it, in MiB."""
    held = {"before": _held_mib(), "peak": _held_mib()}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            held["peak"] = max(held["peak"], _held_mib())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield held
    finally:
        stop.set()
        looking.join()
        held["peak"] = max(held["peak"], _held_mib())


def _held_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize() / 2**20
