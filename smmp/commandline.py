"""Running a command: find or start the database first, refuse in one sentence with exit status 2."""

from __future__ import annotations

import os
import sys

from smmp.env import WrongEnvironment, is_set
from smmp.local.places import CannotStart

WITHOUT_DATABASE = {
    "access_matrix",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "help",
    "makemessages",
    "makemigrations",
    "serve",
    "triage",
    "version",
}
WITH_DATABASE_ALL_THE_SAME = {"calibrate", "learn", "seed"}
"""Parts of `triage` that read and write what the desk has taught."""
AT_FIRST_HAND = {"up", "reset"}
"""Commands that make the environment which settings read, so they run before there are settings."""
AS_OWNER = {"backup", "migrate", "restore", "showmigrations", "sqlmigrate"}
NOWHERE = {"DATABASE_URL": "postgresql:///none", "DATABASE_OWNER_URL": "postgresql:///none"}


def run(argv: list[str]) -> int:
    """Run one management command and answer its exit status. `access-matrix` and `access_matrix` are one."""
    if len(argv) > 1 and not argv[1].startswith("-"):
        argv = [argv[0], argv[1].replace("-", "_"), *argv[2:]]
    command = argv[1] if len(argv) > 1 else "help"
    try:
        if command in AT_FIRST_HAND:
            return _without_settings(command, argv[2:])
        if (
            (
                command in WITHOUT_DATABASE
                and not (command == "triage" and WITH_DATABASE_ALL_THE_SAME & set(argv[2:3]))
            )
            or (command == "export_all" and "--verify" in argv[2:])
            or command.startswith("-")
            or {"-h", "--help"} & set(argv[2:])
        ):
            # `serve` hands its environment on, so an address that comes in a file must stay the only one.
            _point_nowhere()
            return _execute(argv)
        from smmp.local import services

        with services.session() as environment:
            for name, value in environment.items():
                os.environ.setdefault(name, value)
            if command in AS_OWNER:
                os.environ["SMMP_DATABASE_ROLE"] = "owner"
            return _execute(argv)
    except (WrongEnvironment, CannotStart) as refusal:
        print(refusal, file=sys.stderr)
        return 2


def _point_nowhere() -> None:
    """Give settings an address to read where nobody named a database; nothing connects to it."""
    for name, value in NOWHERE.items():
        if not is_set(name):
            os.environ[name] = value


def _without_settings(command: str, arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        _point_nowhere()
        return _execute(["manage.py", command, "--help"])
    from smmp.local import supervisor

    unknown = set(arguments) - ({"--yes"} if command == "reset" else set())
    if unknown:
        takes = "--yes alone" if command == "reset" else "no arguments; PORT=… changes the port"
        print(f"manage.py {command} takes {takes}, not {' '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    if command == "reset":
        return supervisor.reset(ask="--yes" not in arguments)
    host, port = supervisor.main_port()
    return supervisor.up(host=host, port=port)


def _execute(argv: list[str]) -> int:
    from django.core.management import CommandError, execute_from_command_line
    from django.db import OperationalError, ProgrammingError
    from psycopg2.errors import UndefinedTable

    from core.errors import Refused

    try:
        execute_from_command_line(argv)
    except Refused as refusal:
        print(refusal.sentence, file=sys.stderr)
        return 2
    except OperationalError:
        print("The database does not answer. Is it running, and is DATABASE_URL right?", file=sys.stderr)
        return 2
    except ProgrammingError as fault:
        if not isinstance(fault.__cause__, UndefinedTable):
            raise
        print(
            "The database is empty or older than this version. Run `manage.py migrate` (or `make run` once) first.",
            file=sys.stderr,
        )
        return 2
    except SystemExit as end:
        # Django ends with 1 for a command that does not exist (a KeyError) and for wrong input to its own.
        # Here that is 2; a command that ends with 1 by itself says that a target was missed.
        if end.code == 1 and isinstance(end.__context__, (CommandError, KeyError)):
            return 2
        return end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        return 130
    return 0
