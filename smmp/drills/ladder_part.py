"""One life of a scheduler or of a worker in the drill of the ladder, and what it tells people.

What it sends goes into a folder, one file for each delivery that left, named by the reference under which a provider or a
mailbox knows it again. While the file `outage` stands there, the notification service is down. The clock of every process
of the drill is moved by the same stretch, so that the night on which clocks change can be lived through.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from core import clock
from core.actors import System
from escalation import tasks as escalation
from notices import tasks as notices
from notices import ways
from notices.models import NoticeDelivery
from smmp.scheduler import Scheduler

DRILL = System("drill")


def move_clock(by_s: float) -> None:
    """Every instant that this process takes from the clock lies so much later."""
    real = clock.now
    clock.now = lambda: real() + timedelta(seconds=by_s)


def send_into(folder: Path) -> None:
    """What is sent stands in the folder; while the service is down nothing is."""

    def send(delivery: NoticeDelivery) -> ways.Left:
        if (folder / "outage").exists():
            raise ways.NotSent("The notification service is down (drill).", for_good=False)
        notice = delivery.notice
        (folder / f"sent-{delivery.pk}").write_text(
            f"{notice.to_id or notice.to_name}|{delivery.channel}|{notice.key}", encoding="utf-8"
        )
        return ways.Left()

    ways.send = send


def at_work(folder: Path) -> bool:
    """Asked before each round whether it is over, which it never is; from the first time on the drill may count on us.

    A scheduler asks when it has loaded everything, seconds after its process began. One that were counted from its
    beginning could be the one left alive, and for as long as it loads nobody would be called by anybody.
    """
    (folder / f"up-{os.getpid()}").touch()
    return False


def main() -> None:
    """KIND MOVED_S FOLDER: work until somebody kills us."""
    kind, moved_s, folder = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    move_clock(moved_s)
    send_into(folder)
    if kind == "scheduler":
        Scheduler().run(stop=lambda: at_work(folder))
    while not at_work(folder):
        escalation.climb()
        notices.send_due()
        time.sleep(0.2)


if __name__ == "__main__":
    main()
