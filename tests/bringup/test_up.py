"""`manage.py up`, which is `make run`: started as a child, reaching ready, stopping clean."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from moderation.triage import exemplars, shipped
from moderation.triage.encoder import encoder
from moderation.triage.model import train
from smmp.local.places import BASE_DIR
from tests.running import Running


def _keep_a_small_model(folder: Path) -> None:
    """Where the model that ships is kept: a minute of the machine is not spent on one at each start of a worker."""
    examples = [one for one in exemplars.shipped() if one.language == "en"][::40]
    digest = shipped.digest_of(exemplars.lessons())
    small = train(encoder(), exemplars.Lessons(tuple(examples), exemplars.ordinary()[:60]), digest=digest)
    shipped.keep(small, folder)


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    running = Running(tmp_path_factory.mktemp("up") / "var")
    _keep_a_small_model(running.var / "triage")
    running.start()
    yield running
    running.end()


@pytest.fixture
def up(platform):
    """The platform, up and ready; started again if a test before took it down."""
    if platform.process.poll() is not None:
        platform.start()
    platform.wait_until_ready()
    return platform


def test_every_part_is_ready_and_the_block_says_where(up):
    parts = up.wait_until_ready()["parts"]
    assert set(parts) == {"database", "broker", "worker", "scheduler", "calls"}
    deadline = time.monotonic() + 60
    while "is up." not in up.said() and time.monotonic() < deadline:
        time.sleep(0.1)
    said = up.said()
    assert f"http://127.0.0.1:{up.port}/" in said
    assert "Ctrl-C" in said


def test_a_second_one_in_the_same_checkout_says_where_it_is_up(up):
    second = up.command("up")
    assert second.returncode == 2
    assert f"already up at http://127.0.0.1:{up.port}" in second.stderr


def test_another_command_joins_the_running_database(up):
    result = up.command("exercise", "list")
    assert result.returncode == 0, result.stderr
    assert "playing now" in result.stdout
    assert up.process.poll() is None


def test_reset_refuses_while_it_is_up(up):
    result = up.command("reset", "--yes")
    assert result.returncode == 2
    assert "Stop it first" in result.stderr


def test_reset_removes_everything_after_a_yes_and_nothing_without_one(tmp_path):
    state = tmp_path / "var"
    state.mkdir()
    (state / "secrets.json").write_text("{}")
    environment = os.environ | {"SMMP_VAR": str(state)}

    def reset(answer: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "reset"],
            input=answer,
            env=environment,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            timeout=300,
        )

    for answer in ("no\n", ""):
        kept = reset(answer)
        assert (kept.returncode, kept.stderr) == (0, "")
        assert "Nothing was removed" in kept.stdout
        assert (state / "secrets.json").exists()
    gone = reset("yes\n")
    assert (gone.returncode, gone.stderr) == (0, "")
    assert not state.exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("celery", "worker ended"),
        ("valkey-server", "embedded valkey ended"),
        ("bin/postgres -D", "embedded postgres ended"),
    ],
)
def test_a_part_that_is_killed_is_started_again(up, command, said):
    os.kill(_process(up, command), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while said not in up.said() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert f"{said} with status -9; starting it again" in up.said()
    up.wait_until_ready()


def _process(up, command: str) -> int:
    """A child of the supervisor by its command."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == up.process.pid and command in _words(folder):
                return int(folder.name)
    raise AssertionError(f"no child runs {command}")


def _words(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux only")
def test_after_kill_9_nothing_is_left_and_the_next_start_finds_the_data(up):
    secrets = (up.var / "secrets.json").read_text()
    up.process.kill()
    up.process.wait()
    assert up.wait_until_gone(20) == []
    up.start()
    up.wait_until_ready()
    assert (up.var / "secrets.json").read_text() == secrets


def test_ctrl_c_stops_everything(up):
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(timeout=120) == 0
    assert up.left_over() == []


def test_reset_removes_everything_and_says_so(tmp_path):
    running = Running(tmp_path / "var")
    result = running.command("reset", "--yes")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Removed" in result.stdout
    assert not running.var.exists()


def test_a_busy_port_gets_one_sentence(tmp_path):
    running = Running(tmp_path / "var")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", running.port))
        taken.listen()
        result = running.command("up")
    assert result.returncode == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert f"make run PORT={running.port + 1}" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "PORT is 'eighty'; it must be a whole number"),
        ("PORT", "70000", "it must be from 1 to 65535"),
        ("SMMP_SMTP_TLS", "perhaps", "SMMP_SMTP_TLS is 'perhaps'; it may be on or off"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must begin with postgresql://"),
    ],
)
def test_a_wrong_environment_value_is_refused_by_name(tmp_path, name, value, words):
    running = Running(tmp_path / "var")
    running.environment[name] = value
    result = running.command("up" if name == "PORT" else "check")
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_gets_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    running = Running(blocked / "var")
    result = running.command("up")
    assert result.returncode == 2
    assert "cannot be written" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
