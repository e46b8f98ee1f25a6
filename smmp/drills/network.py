"""The outbox and ingest against a real platform's software, while their workers are killed with -9.

Posts go out on one official account while members of the public write under them. Every worker process
sends, reads back what is unknown, and listens; any of them may die at any moment or between two named steps.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from accounts import actions as accounts
from accounts.actions import credentials
from accounts.models import OfficialAccount
from core import clock
from core.actors import System
from moderation.actions import sources
from moderation.models import Comment
from publishing.actions import outbox
from publishing.models import Delivery
from smmp.drills import publish
from smmp.local import scratch
from smmp.seed import force

DRILL = System("drill")
LEASE_S = 15.0
"""A short lease, so that what a dead worker left is found while the drill lasts."""
BETWEEN_LOOKS_S = 1.0
SPREAD_S = 40.0
"""The posts fall due and the workers die over so many seconds."""


@dataclass(frozen=True)
class Account:
    """An official account of the drill on its platform, and where that is."""

    platform: str
    handle: str
    secret: str
    address: str


@dataclass
class Told:
    """What came of it."""

    posts: int
    comments: int
    sent: int = 0
    doubled: int = 0
    lost: int = 0
    unsettled: int = 0
    read_back: int = 0
    comments_lost: int = 0
    comments_doubled: int = 0
    died: dict[str, int] = field(default_factory=dict)
    took_s: float = 0.0

    @property
    def killed(self) -> int:
        return sum(self.died.values())


def run(
    account: Account,
    *,
    posts: int,
    kills: int,
    write: Callable[[str], list[str]],
    standing: Callable[[], Mapping[str, str]],
    comments: int,
    workers: int = 4,
    within_s: float = 600.0,
    seed: int = 7,
) -> Told:
    """So many posts and so many deaths; answers what stands on the platform and what was taken in.

    write: a member of the public writes under the post with this external id; answers the external ids of
    the comments. standing: external id -> words of every post of the official account on the platform, asked
    of the platform itself. comments: how many are written in all.
    """
    told = Told(posts, comments)
    words = [f"Invented post {number} of this drill" for number in range(posts)]
    with scratch.database() as made:
        official = _register(account)
        author, now = force.make().people["leah_brandt"], clock.now()
        queued = [
            outbox.queue(
                actor=DRILL,
                official_account=official,
                kind=Delivery.Kind.POST,
                author=author,
                text=text,
                due_at=now + timedelta(seconds=number * SPREAD_S / posts),
            ).pk
            for number, text in enumerate(words)
        ]
        environment = {
            **made.environment,
            f"SMMP_{account.platform.upper()}_ADDRESS": account.address,
            "SMMP_OUTBOX_PACED": "off",
            "SMMP_READ_BACK_DELAYS_S": f"{account.platform}=2",
        }
        began = time.monotonic()
        written: list[str] = []
        with publish.pool(
            environment,
            workers=workers,
            kills=kills,
            seed=seed,
            lease_s=LEASE_S,
            more=[
                f"--platform={account.platform}",
                "--listen",
                f"--between-kills-s={SPREAD_S / max(1, kills)}",
            ],
        ) as running:
            while time.monotonic() < began + within_s:
                if len(written) < comments:
                    written += _write_under_some(official, write)
                everything_there = len(written) >= comments and not publish.left() and not _missing(written)
                if everything_there and time.monotonic() > began + SPREAD_S * 1.5:
                    break
                time.sleep(BETWEEN_LOOKS_S)
            told.died = publish.deaths_of(running)
        told.took_s = time.monotonic() - began
        _count(told, queued, written, standing())
    return told


def _register(account: Account) -> OfficialAccount:
    made = force.make()
    official = accounts.register_account(
        actor=DRILL,
        platform=account.platform,
        handle=account.handle,
        name="Wealdshire Police",
        owner=made.people["victoria_lang"],
    )
    credentials.store_credential(actor=DRILL, official_account=official, secret=account.secret)
    # Those of the exercise network have nothing to do with it.
    for other in made.accounts.values():
        accounts.change_status(actor=DRILL, official_account=other, status="suspended", why="Drill")
    sources.ensure_sources(actor=DRILL)
    return official


def _write_under_some(official: OfficialAccount, write: Callable[[str], list[str]]) -> list[str]:
    sent = Delivery.objects.filter(official_account=official, state=Delivery.State.SENT).order_by("?").first()
    return write(sent.external_id) if sent is not None else []


def _missing(written: list[str]) -> set[str]:
    return set(written) - set(Comment.objects.values_list("external_id", flat=True))


def _count(told: Told, queued: list[int], written: list[str], standing: Mapping[str, str]) -> None:
    by_words = Counter(standing.values())
    for row in Delivery.objects.filter(pk__in=queued).prefetch_related("changes"):
        told.doubled += max(0, by_words[row.text] - 1)
        told.read_back += any(change.state == Delivery.State.UNKNOWN for change in row.changes.all())
        if row.state == Delivery.State.SENT:
            told.sent += 1
            told.lost += standing.get(row.external_id) != row.text
        else:
            told.unsettled += not (row.held_why or row.unsettled_why)
    told.comments_lost = len(_missing(written))
    stored = Counter(Comment.objects.filter(external_id__in=written).values_list("external_id", flat=True))
    told.comments_doubled = sum(count - 1 for count in stored.values())
