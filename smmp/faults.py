"""Named drills: something goes wrong on purpose, on a scratch database, and what it did is counted.

The figures are of the same kind as those of `manage.py bench`, each beside its target.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, Refused
from moderation.actions import desk
from moderation.models import Comment, Commenter, Conversation, Revision
from smmp.bench import Measured
from smmp.drills import approvals, disposal, ingest, ladder, publish
from smmp.local import scratch
from smmp.seed import force
from staff import sessions
from staff.actions import members
from staff.models import StaffMember

DRILL = System("drill")
IN_FLIGHT = 10_000
THREADS = 16
LEAVES_AFTER = 0.4
"""The share of requests after which the person is recorded as a leaver; those under way go on."""
KEPT_BACK = 0.2
"""The share of requests that begin after the commit in any case, however long it waits for those under way."""


@dataclass(frozen=True)
class Tried:
    """One request: when it began and ended (seconds of one clock), and whether it got through."""

    began_s: float
    ended_s: float
    succeeded: bool


@dataclass
class Outcome:
    """What came of the requests around one leaving."""

    wanted: int
    tried: list[Tried] = field(default_factory=list)
    begins_s: float = 0.0
    committed_s: float = 0.0
    writes_at_commit: int = 0
    writes_at_end: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def under_way(self) -> int:
        """Requests that had begun when the leaving was committed and ended after it began."""
        return sum(one.began_s < self.committed_s and one.ended_s > self.begins_s for one in self.tried)

    @property
    def begun_after(self) -> list[Tried]:
        return [one for one in self.tried if one.began_s > self.committed_s]

    def figures(self) -> list[Measured]:
        """The figures with their targets."""
        before = sum(one.succeeded for one in self.tried if one.ended_s < self.begins_s)
        through = sum(one.succeeded for one in self.begun_after)
        late = self.writes_at_end - self.writes_at_commit
        return [
            Measured("requests made", len(self.tried), "requests", self.wanted),
            Measured("succeeded before the leaving", before, "requests", 1),
            Measured("under way while it was committed", self.under_way, "requests", 1),
            Measured("begun after the commit", len(self.begun_after), "requests", 1),
            Measured("begun after the commit and succeeded", through, "requests", 0, at_least=False),
            Measured("written by the leaver after the commit", late, "entries", 0, at_least=False),
            Measured("broke off with a fault", len(self.faults), "requests", 0, at_least=False),
        ]


def around_a_leaver(
    person: StaffMember, comments: list[Comment], *, requests: int, threads: int = THREADS
) -> Outcome:
    """One person's requests on several connections at once, while they are recorded as a leaver.

    They ask for pages, write notes in the browser, and act from requests that were let in before. Each write of theirs is an entry of the trail in the same transaction. All that were committed
    before the leaving stand in the count taken right after its commit, so any more at the end
    were written after it. Works on committed rows alone.
    """
    outcome, lock, begun = Outcome(requests), threading.Lock(), 0
    halfway, leave_at = threading.Event(), max(1, int(requests * LEAVES_AFTER))
    committed, kept_back = threading.Event(), int(requests * KEPT_BACK)
    key = _session(person)

    def next_one() -> int | None:
        nonlocal begun
        if begun >= requests - kept_back:
            committed.wait()
        with lock:
            if begun >= requests:
                return None
            begun += 1
            if begun >= leave_at:
                halfway.set()
            return begun

    def work() -> None:
        browser = Client(headers={"host": "localhost"})
        browser.cookies[settings.SESSION_COOKIE_NAME] = key
        try:
            while (number := next_one()) is not None:
                began = time.monotonic()
                succeeded = False
                try:
                    succeeded = _one(browser, person.pk, comments[number % len(comments)], number)
                except Exception as fault:
                    with lock:
                        outcome.faults.append(type(fault).__name__)
                with lock:
                    outcome.tried.append(Tried(began, time.monotonic(), succeeded))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    halfway.wait()
    outcome.begins_s = time.monotonic()
    members.record_leaver(actor=DRILL, member=person, why="Drill")
    outcome.committed_s = time.monotonic()
    outcome.writes_at_commit = _written(person)
    committed.set()
    for worker in workers:
        worker.join()
    outcome.writes_at_end = _written(person)
    return outcome


def _one(browser: Client, person_id: int, comment: Comment, number: int) -> bool:
    """One request of one of three kinds; answers whether it got through."""
    kind = number % 3
    if kind == 0:
        return (
            browser.get(reverse("moderation:conversation", args=[comment.pk]), secure=True).status_code == 200
        )
    if kind == 1:
        answer = browser.post(
            reverse("moderation:note", args=[comment.pk]), {"note_text": f"Note {number}"}, secure=True
        )
        return answer.status_code < 400 and "/sign-in/" not in answer.get("Location", "")
    # A request that was let in before: the person as it was read at the door, the action still to come.
    try:
        desk.add_note(actor=_LET_IN[person_id], comment=comment, text=f"Note {number}")
    except NotPermitted:
        return False
    except Refused:
        return True
    return True


_LET_IN: dict[int, StaffMember] = {}


def _session(person: StaffMember) -> str:
    """A signed-in session with both factors behind it, as the sign-in pages leave it."""
    _LET_IN[person.pk] = StaffMember.objects.get(pk=person.pk)
    device, _ = TOTPDevice.objects.get_or_create(user=person, confirmed=True, defaults={"name": "drill"})
    at = clock.now().timestamp()
    store = SessionStore()
    store.update(
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            DEVICE_ID_SESSION_KEY: device.persistent_id,
            sessions.EPOCH: person.authentication_epoch,
            sessions.BEGAN: at,
            sessions.SEEN: at,
            sessions.PROVED: at,
        }
    )
    store.create()
    return store.session_key or ""


def _written(person: StaffMember) -> int:
    return Entry.objects.filter(actor_kind="staff", actor_id=person.pk).count()


def comments_for_a_drill(official_account: OfficialAccount, count: int) -> list[Comment]:
    """Open comments of the public, invented, that wait for the desk."""
    at = clock.now()
    commenter = Commenter.objects.create(
        platform=official_account.platform, external_id="drill", handle="drill", first_seen_at=at
    )
    thread = Conversation.objects.create(
        official_account=official_account, root_external_id="drill", last_comment_at=at
    )
    comments = []
    for number in range(count):
        comment = Comment.objects.create(
            platform=official_account.platform,
            external_id=f"drill-{number}",
            official_account=official_account,
            conversation=thread,
            commenter=commenter,
            parent_external_id="drill",
            text=f"Invented comment {number}",
            posted_at=at,
            received_at=at,
        )
        Revision.objects.create(comment=comment, number=1, text=comment.text, seen_at=at)
        comments.append(comment)
    return comments


def fault_leaver() -> list[Measured]:
    """10,000 requests of one person around the moment at which they are recorded as a leaver."""
    with scratch.database():
        made = force.make()
        comments = comments_for_a_drill(made.accounts["wealdshire-police"], 40)
        outcome = around_a_leaver(made.people["amira_hussain"], comments, requests=IN_FLIGHT)
    return outcome.figures()


def fault_publish(
    *,
    posts: int = 2000,
    kills: int = 200,
    lost_replies: float = 0.1,
    redis_dead: bool = False,
    two_schedulers: bool = False,
) -> list[Measured]:
    """Posts go out while workers are killed with -9 and the platform loses answers. Takes minutes.

    redis_dead, two_schedulers: by schedulers instead, each second, and how late the latest was.
    """
    told = publish.publish(
        posts=posts,
        kills=kills,
        lost_replies=lost_replies,
        redis_dead=redis_dead,
        two_schedulers=two_schedulers,
    )
    return figures_of_publishing(
        told,
        kills=int(two_schedulers) if redis_dead or two_schedulers else kills,
        timed=redis_dead or two_schedulers,
    )


def figures_of_publishing(told: publish.Told, *, kills: int, timed: bool) -> list[Measured]:
    """The figures of a publishing drill with their targets."""
    late = [
        Measured("latest", round(told.latest_s, 1), "s after it was due", publish.LATEST_S, at_least=False)
    ]
    lost_answers = sum(told.happened.get(name, 0) for name in ("lost_replies", "faults_after", "time_outs"))
    return [
        Measured("posts queued", told.wanted, "posts", told.wanted),
        Measured("sent", told.sent, "posts", told.wanted - told.wanted // 100),
        Measured("doubled", told.doubled, "posts", 0, at_least=False),
        Measured("lost", told.lost, "posts", 0, at_least=False),
        Measured("silently unsettled", told.unsettled, "posts", 0, at_least=False),
        Measured(
            "left to a person, with a sentence", told.to_people, "posts", told.wanted // 100, at_least=False
        ),
        Measured("processes killed with -9", publish.deaths(told), "processes", kills),
        Measured("accepted without an answer", lost_answers, "posts", 1),
        Measured("settled by reading back", told.read_back, "posts", 1),
        *(late if timed else []),
    ]


def fault_ingest(*, comments: int = 6000, kills: int = 20) -> list[Measured]:
    """Comments from a platform at its worst, while workers are killed: none lost, none doubled. Takes minutes."""
    return figures_of_ingest(ingest.ingest(comments=comments, kills=kills), kills=kills)


def figures_of_ingest(told: ingest.Told, *, kills: int) -> list[Measured]:
    """The figures of an ingest drill with their targets."""
    return [
        Measured("comments written", told.wanted - told.poison, "comments", told.wanted - told.poison),
        Measured("stored", told.stored, "comments", told.wanted - told.poison),
        Measured("lost", told.lost, "comments", 0, at_least=False),
        Measured("doubled", told.doubled, "comments", 0, at_least=False),
        Measured("unreadable, lost or doubled", told.poison_wrong, "messages", 0, at_least=False),
        Measured("workers killed with -9", told.killed, "processes", kills),
        Measured("calls that the platform failed", told.happened["failed_call"], "calls", 1),
        Measured("messages that it repeated", told.happened["repeated"], "messages", 1),
        Measured("hints that came, late or again", told.happened["hint"], "hints", 1),
    ]


def fault_ladder(*, cases: int = 1200) -> list[Measured]:
    """Over 1,000 cases while schedulers and workers are killed, the broker is dead, the notification service is
    down, and the clocks go back: none falls silent, nobody is told twice. Takes minutes."""
    return figures_of_ladder(ladder.ladder(number=cases))


def figures_of_ladder(told: ladder.Told) -> list[Measured]:
    """The figures of a drill of the ladder with their targets."""
    return [
        Measured("cases opened", told.opened, "cases", told.wanted),
        Measured("unacknowledged cases that stopped climbing", told.silent, "cases", 0, at_least=False),
        Measured("told twice for the same step", told.twice, "people", 0, at_least=False),
        Measured("called after somebody had it", told.called_after, "levels", 0, at_least=False),
        Measured("steps of ladders", told.steps, "levels", told.wanted),
        Measured("deadlines missed", told.missed, "levels", 0, at_least=False),
        Measured("latest call", round(told.latest_s, 1), "s after its time", ladder.LATEST_S, at_least=False),
        Measured("acknowledged meanwhile", told.acknowledged, "cases", 1),
        Measured("messages that left", told.sent, "messages", 1),
        Measured("schedulers and workers killed with -9", told.killed, "processes", 5),
    ]


def fault_approvals(*, steps: int = 10_000, kills: int = 10) -> list[Measured]:
    """Edits, approvals, calls, covers, steps, lockdowns and sends race 10,000 times, and senders are killed. Takes minutes."""
    return figures_of_approvals(approvals.approvals(steps=steps, kills=kills), kills=kills)


def figures_of_approvals(told: approvals.Told, *, kills: int) -> list[Measured]:
    """The figures of a race with their targets."""
    return [
        Measured("steps that raced", told.raced, "steps", told.wanted),
        *(
            Measured(f"of them: {name}", told.tried[name], "steps", 1)
            for name in ("edit", "approve", "call", "cover", "steps", "lock down", "decide")
        ),
        Measured("refused with a sentence", told.refused.total(), "steps", 1),
        Measured("sent", told.sent, "posts", 1),
        Measured("begun in a form that nobody approved", told.not_approved, "requests", 0, at_least=False),
        Measured("begun after an edit had replaced the form", told.after_edit, "requests", 0, at_least=False),
        Measured(
            "begun more than 1 s into a lockdown over it", told.under_lockdown, "requests", 0, at_least=False
        ),
        Measured(
            "begun without somebody whom the steps asked for", told.lacking, "requests", 0, at_least=False
        ),
        Measured("let go late without another time", told.late_by_itself, "posts", 0, at_least=False),
        Measured("doubled", told.doubled, "posts", 0, at_least=False),
        Measured("silently unsettled", told.unsettled, "posts", 0, at_least=False),
        Measured("broke off with a fault", told.faults.total(), "steps", 0, at_least=False),
        Measured("senders killed with -9", told.died, "processes", kills),
    ]


def fault_disposal(*, races: int = 10_000, kills: int = 20) -> list[Measured]:
    """Holds, lifts, late matches and changed periods race with disposing workers that are killed. Takes minutes."""
    return figures_of_disposal(disposal.disposal(races=races, kills=kills), kills=kills)


def figures_of_disposal(told: disposal.Told, *, kills: int) -> list[Measured]:
    """The figures of a race with their targets."""
    return [
        Measured("steps that raced", told.tried.total(), "steps", told.wanted),
        *(Measured(name, number, "steps", 1) for name, number in sorted(told.tried.items())),
        Measured("workers killed with -9", told.killed, "processes", min(kills, 1)),
        Measured("records disposed of", told.gone, "records", 1),
        Measured("held and gone", told.held_and_gone, "records", 0, at_least=False),
        Measured("due and left", told.due_and_left, "records", 0, at_least=False),
        Measured("certificates", told.certificates, "certificates", 1),
        Measured("certificates that do not add up", told.not_adding_up, "certificates", 0, at_least=False),
        Measured("broke off with a fault", told.faults.total(), "steps", 0, at_least=False),
    ]


FAULTS: dict[str, Callable[..., list[Measured]]] = {
    "approvals": fault_approvals,
    "disposal": fault_disposal,
    "ladder": fault_ladder,
    "leaver": fault_leaver,
    "ingest": fault_ingest,
    "publish": fault_publish,
}
"""By the name that `manage.py faults` takes."""
