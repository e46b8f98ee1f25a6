"""manage.py run often and each time afresh: a process that knows Django and forks once for each environment.

Run as a program: reads JSON lines (`environment`, `words`), answers with JSON lines (`returncode`, `stdout`,
`stderr`). No settings are read before the fork, so that what each start says is what a new process would say.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
KNOWN = ("celery", "csp.constants", "django.core.management", "django.core.management.commands.diffsettings")


class Door:
    """Asks the process below; `with Door() as door: door.run(environment, "diffsettings")`."""

    def __enter__(self) -> Door:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.smmp.door"],
            cwd=BASE,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_) -> None:
        self._process.communicate()

    def run(self, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        """One command in this environment and no other."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"environment": environment, "words": words}) + "\n")
        self._process.stdin.flush()
        return subprocess.CompletedProcess(list(words), **json.loads(self._process.stdout.readline()))


def _child(environment: dict[str, str], words: list[str], out: int, err: int) -> None:
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.environ.clear()
    os.environ.update(environment)
    from smmp.commandline import run

    status = 1
    try:
        status = run(["manage.py", *words])
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _serve() -> None:
    for name in KNOWN:
        __import__(name)
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            pid = os.fork()
            if not pid:
                _child(asked["environment"], asked["words"], out.fileno(), err.fileno())
            _, status = os.waitpid(pid, 0)
            said = {"returncode": os.waitstatus_to_exitcode(status)}
            for name, kept in (("stdout", out), ("stderr", err)):
                kept.seek(0)
                said[name] = kept.read().decode()
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
