"""How fast the audit trail takes entries while it is sealed, and how fast a million of them are verified.

Everything happens on a scratch database (smmp.local.scratch) with a key of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections, transaction

from audit import verifier
from audit.actions import record
from audit.seal import export, keys, queries, sealer
from core.actors import System
from smmp.local import scratch
from smmp.local.children import BASE_DIR

WRITERS = 32
PROCESSES = 4
OTHER_WORK_S = 0.005
SECONDS = 20.0
MILLION = 1_000_000
AT_ONCE = 50_000
CHILD = "import django; django.setup(); from smmp.benches.audit import main; main()"


def writers(threads: int, seconds: float) -> int:
    """So many threads write entries for so long, each in a transaction with other work. Answers how many."""
    written: list[int] = []
    until = time.monotonic() + seconds

    def write(number: int) -> None:
        actor, count = System(f"writer {number}"), 0
        while time.monotonic() < until:
            with transaction.atomic():
                time.sleep(OTHER_WORK_S)
                record(
                    actor=actor,
                    event="comment.viewed",
                    shown_ids=[count, count + 1],
                    details={"page": "conversation", "number": count},
                )
            count += 1
        written.append(count)
        connections.close_all()

    running = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(written)


def measure(*, entries: int = MILLION, seconds: float = SECONDS) -> dict[str, float]:
    """Entries a second, how long the last of them waited for its seal, and seconds to verify a million."""
    with scratch.database() as made, tempfile.TemporaryDirectory() as folder, _own_key(Path(folder)):
        rate, behind_s = _write_and_seal(made, seconds)
        _fill(entries)
        out = Path(folder) / "export"
        export.write_folder(export.whole(), out)
        began = time.monotonic()
        answer = _verify(out)
        return {
            "rate": rate,
            "behind_s": behind_s,
            "verify_s": time.monotonic() - began,
            "verified": float(str(answer["entries"])),
        }


def _write_and_seal(made: scratch.Scratch, seconds: float) -> tuple[float, float]:
    stopping = threading.Event()
    threads = sealer.start(stopping)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(WRITERS // PROCESSES), str(seconds)],
            cwd=BASE_DIR,
            env=made.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    answers = [json.loads(child.communicate()[0]) for child in children]
    ended = time.monotonic()
    while queries.state().unsealed:
        time.sleep(0.1)
    behind_s = time.monotonic() - ended
    stopping.set()
    for thread in threads:
        thread.join()
    # Starting Python is not counted, writing is.
    return sum(answer["written"] for answer in answers) / max(
        answer["seconds"] for answer in answers
    ), behind_s


def _fill(count: int) -> None:
    """So many more entries, sealed; how long that takes is not measured."""
    for begins in range(0, count, AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_entry (at, event, operation, actor_kind, actor_id, actor_name, subject_type, "
                "subject_id, subject_name, official_account_id, shown_ids, details, reason, request_id) "
                "SELECT clock_timestamp(), 'comments.listed', 'consultation', 'staff', n %% 400, 'Officer ' || n %% 400, "
                "'moderation.comment', n::text, '', n %% 100, ARRAY[n, n + 1, n + 2], "
                "jsonb_build_object('page', 'desk', 'queue', 'new'), '', md5(n::text) "
                "FROM generate_series(%s::bigint, %s::bigint) n",
                [begins, min(begins + AT_ONCE, count) - 1],
            )
        while sealer.seal_due():
            pass


def _verify(folder: Path) -> dict[str, object]:
    """By the verifier alone, as a stranger would run it."""
    done = subprocess.run(
        [sys.executable, "-I", verifier.__file__, str(folder), "--json"], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"The export did not verify: {done.stdout or done.stderr}")
    return json.loads(done.stdout)


@contextmanager
def _own_key(folder: Path) -> Iterator[None]:
    before = settings.SEAL_KEYS, settings.SEAL_FOLDER, settings.SEAL_SYSLOG, settings.SEAL_HTTPS
    settings.SEAL_KEYS, settings.SEAL_FOLDER = folder / "keys", str(folder / "checkpoints")
    settings.SEAL_SYSLOG = settings.SEAL_HTTPS = ""
    try:
        keys.make(settings.SEAL_KEYS, settings.SEAL_NAME)
        yield
    finally:
        settings.SEAL_KEYS, settings.SEAL_FOLDER, settings.SEAL_SYSLOG, settings.SEAL_HTTPS = before


def main() -> None:
    """One process of writers: THREADS SECONDS on its command line."""
    began = time.monotonic()
    written = writers(int(sys.argv[1]), float(sys.argv[2]))
    sys.stdout.write(json.dumps({"written": written, "seconds": time.monotonic() - began}))
