"""Start the platform with local state and a port of its own, let the judges at it, and stop it again.

Run by `make judges`. Exit status 1 where a judge finds something, 2 where the platform does not come up.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
BIN = BASE / ".venv-judges" / "bin"
UP_WITHIN_S = 300

SEED = """
from datetime import timedelta
from accounts import actions
from accounts.actions import services
from core import clock
from smmp.seed.force import SEED
from staff.models import StaffMember
from staff.roles import Role
until = clock.now() + timedelta(days=1)
made = services.add_service(actor=SEED, name="Judge", purpose="Attacks the API in a test", networks=["127.0.0.0/8"],
                            owner=StaffMember.objects.filter(active=True)[0])
for role in (Role.DESK_SUPERVISOR, Role.COMMS_OFFICER, Role.INFOSEC_AUDITOR):
    actions.give_grant(actor=SEED, person=made.member, role=role, until=until, why="Judged in a test")
print("key " + services.make_key(actor=SEED, service=made, until=until)[1])
"""


def main():
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "SMMP_VAR": str(BASE / "var" / "judges"), "PORT": str(port)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    print("Starting the platform ...", flush=True)
    log = BASE / "var" / "judges.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as written:
        platform = subprocess.Popen(
            [str(BIN / "python"), "manage.py", "up"],
            cwd=BASE,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            if not answers(f"{address}/readyz", platform):
                print(f"The platform did not come up; {log} says why.", file=sys.stderr)
                return 2
            failed = [name for name, judge in JUDGES if not judge(address, environment)]
        finally:
            platform.send_signal(signal.SIGINT)
            platform.wait(timeout=60)
    print(f"Not passed: {', '.join(failed)}." if failed else "All judges passed.")
    return 1 if failed else 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address, platform):
    until = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < until and platform.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    return False


def manage(code, environment):
    """Run a few lines inside the platform and answer what they print."""
    done = subprocess.run(
        [str(BIN / "python"), "-W", "ignore", "manage.py", "shell", "--no-imports", "-c", code],
        cwd=BASE,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def schemathesis(address, environment):
    """The API: every operation of its schema, with valid and invalid requests, by a key with wide grants."""
    print("schemathesis ...", flush=True)
    key = next(line for line in manage(SEED, environment).splitlines() if line.startswith("key "))[4:]
    command = [
        str(BIN / "schemathesis"),
        "run",
        f"{address}/api/v1/schema",
        "--header",
        f"Authorization: Bearer {key}",
        "--checks",
        "all",
        # A document cannot say that a comment is decided or an Idempotency-Key used: 422 says so.
        "--exclude-checks",
        "positive_data_acceptance",
        "--max-examples",
        os.environ.get("JUDGE_EXAMPLES", "20"),
        "--rate-limit",
        "9/s",
        "--seed",
        "4",
        "--generation-database",
        "none",
        "--request-timeout",
        "30",
        "--no-color",
    ]
    return subprocess.run(command, cwd=BASE, env=environment).returncode == 0


def scim2_tester(address, environment):
    """SCIM: discovery, and people and groups created, read, replaced, patched by attribute, and deleted."""
    print("scim2-tester ...", flush=True)
    command = [str(BIN / "python"), "scripts/judge_scim.py", address]
    return subprocess.run(command, cwd=BASE, env=environment).returncode == 0


JUDGES = [
    ("schemathesis", schemathesis),
    ("scim2-tester", scim2_tester),
    # Further judges of the started product stand here: a name, and a function of its address and environment.
]

if __name__ == "__main__":
    sys.exit(main())
