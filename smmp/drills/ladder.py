"""The ladder while everything that carries it fails: does any case fall silent, is anybody told twice?

Real processes on a scratch database: two schedulers without a broker and two workers, which are killed with -9 and
replaced all the time; the notification service is down for a third of it; and all of it is lived through on the night on
which the clocks go back. Cases are opened while it goes on, some are acknowledged, most are not.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import clock
from core.actors import System
from escalation.actions import cases, pathways
from escalation.models import CallOut, Case, Pathway
from smmp.drills import ladder_part
from smmp.drills.publish import _closed_port
from smmp.local import scratch
from smmp.local.children import BASE_DIR
from smmp.seed import force
from staff.models import StaffMember

DRILL = System("drill")
CASES_A_SECOND = 10
"""So many ladders fall due each second: far more than a force has in a year. A climb takes some 35 ms of a core, the
start of a process that takes the place of a killed one 3 s, and two cores carry it all."""
LEVELS = ("duty_command", "desk_supervisor", "duty_command")
NIGHT = datetime(2027, 10, 31, 0, 59, 30, tzinfo=UTC)
"""Half a minute before the clocks of London go back."""
BETWEEN_KILLS_S = 5.0
LATEST_S = 30.0
"""A deadline is met when the next level is called within so long after it; a killed process costs some of that."""
BEFORE = 10
"""A case is acknowledged when so many more have been opened after it, one in four of them."""
PARTS = ("scheduler", "scheduler", "worker", "worker")


@dataclass
class Told:
    """What came of the cases."""

    wanted: int
    level_s: int = 10
    """How long each level had."""
    opened: int = 0
    silent: int = 0
    """Unacknowledged cases whose next call is long overdue."""
    twice: int = 0
    """People and posts that were told more than once for one step, by the same way."""
    called_after: int = 0
    """Calls after somebody had the case."""
    steps: int = 0
    missed: int = 0
    """Steps that came later than LATEST_S after their time."""
    latest_s: float = 0.0
    killed: int = 0
    acknowledged: int = 0
    sent: int = 0


def ladder(*, number: int, seed: int = 6) -> Told:
    """So many cases, all of that until every ladder has climbed three times, and a quiet stretch at the end."""
    dice, told = random.Random(seed), Told(number, level_s=max(10, number // CASES_A_SECOND))
    run_s = 3.5 * told.level_s + 20
    with scratch.database() as made, tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        people = force.make()
        account = people.accounts["wealdshire-police"]
        moved_s = (NIGHT - datetime.now(UTC)).total_seconds()
        before = clock.now
        ladder_part.move_clock(moved_s)
        try:
            pathway = _pathway(told.level_s, people.people["sergeant_okafor"])
            environment = {
                **made.environment,
                "REDIS_URL": f"redis://127.0.0.1:{_closed_port()}/0",
                "PYTHONWARNINGS": "ignore",
            }
            parts = [_start(kind, moved_s, folder, environment) for kind in PARTS]
            try:
                while not all(_is_up(part, folder) for part in parts):
                    time.sleep(0.2)
                next_kill = time.monotonic() + BETWEEN_KILLS_S
                version = cases.live_version(pathway)
                holder = people.people["inspector_calder"]
                opened: list[Case] = []
                ends = None
                while ends is None or time.monotonic() < ends:
                    if len(opened) < number:
                        opened.append(
                            cases.begin(
                                actor=DRILL,
                                official_account=account,
                                version=version,
                                title=f"Invented case {len(opened)}",
                                priority=1,
                                why="Drill",
                                drill=True,
                            )
                        )
                        if len(opened) % 4 == 0 and len(opened) > BEFORE:
                            told.acknowledged += _acknowledge(opened[-BEFORE], holder)
                    else:
                        ends = ends or time.monotonic() + run_s
                        time.sleep(0.1)
                        left = (ends - time.monotonic()) / run_s
                        _outage(folder, down=0.4 < left < 0.75)
                    up = [place for place, part in enumerate(parts) if _is_up(part, folder)]
                    # Whoever was killed is replaced before the next is: what is asked is what the killed take
                    # with them, not how many processes a machine can start at once.
                    if time.monotonic() >= next_kill and len(up) == len(parts):
                        place = dice.choice(up)
                        parts[place].kill()
                        parts[place].wait()
                        told.killed += 1
                        parts[place] = _start(PARTS[place], moved_s, folder, environment)
                        next_kill = time.monotonic() + BETWEEN_KILLS_S
                _outage(folder, down=False)
                time.sleep(LATEST_S)
            finally:
                for part in parts:
                    part.kill()
                    part.wait()
            _count(told, folder)
        finally:
            clock.now = before
    return told


def _pathway(level_s: int, by: StaffMember) -> Pathway:
    """A pathway of the drill's own, with the shortest times there are."""
    pathway = pathways.add_pathway(actor=by, title="Drill of the ladder")
    draft = pathways.save_draft(
        actor=DRILL,
        pathway=pathway,
        wanted=pathways.Wanted(
            levels=[pathways.Rung(level_s, role=role, ways=["email"]) for role in LEVELS],
            act_within_minutes=60,
        ),
    )
    pathways.switch_live(actor=DRILL, version=draft)
    return pathway


def _acknowledge(case: Case, holder) -> int:
    cases.acknowledge(actor=holder, case=case)
    return 1


def _outage(folder: Path, *, down: bool) -> None:
    flag = folder / "outage"
    if down:
        flag.touch()
    else:
        flag.unlink(missing_ok=True)


def _is_up(part: subprocess.Popen[bytes], folder: Path) -> bool:
    return (folder / f"up-{part.pid}").exists()


def _start(kind: str, moved_s: float, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    code = "import django; django.setup(); from smmp.drills.ladder_part import main; main()"
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, kind, str(moved_s), str(folder)],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _count(told: Told, folder: Path) -> None:
    now = clock.now()
    found = list(Case.objects.filter(title__startswith="Invented case").order_by("number"))
    told.opened = len(found)
    told.silent = sum(
        case.state == Case.State.WAITING
        and (case.acknowledge_by is None or now - case.acknowledge_by > timedelta(seconds=LATEST_S))
        for case in found
    )
    calls = Counter(CallOut.objects.values_list("case_id", "round", "level", "person_id", "post_id"))
    told.twice = sum(count - 1 for count in calls.values() if count > 1)
    sent = Counter(path.read_text(encoding="utf-8") for path in folder.glob("sent-*"))
    told.sent = sum(sent.values())
    told.twice += sum(count - 1 for count in sent.values() if count > 1)
    for case in found:
        steps: dict[tuple[int, int], datetime] = {}
        for call in case.call_outs.order_by("at", "id"):
            steps.setdefault((call.round, call.level), call.at)
        if case.acknowledged_at is not None:
            told.called_after += sum(at > case.acknowledged_at for at in steps.values())
        instants = sorted(steps.values())
        told.steps += len(instants)
        for earlier, later in itertools.pairwise(instants):
            late_s = (later - earlier).total_seconds() - told.level_s
            told.latest_s = max(told.latest_s, late_s)
            told.missed += late_s > LATEST_S
