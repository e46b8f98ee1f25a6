#!/usr/bin/env python
"""The door for commands. Any command works whether or not `make run` is up (see smmp.local)."""

import os
import sys
from pathlib import Path


def main() -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmp.settings.demo")
    try:
        from smmp.commandline import run
    except ModuleNotFoundError as missing:
        sys.stderr.write(
            f"This Python ({sys.executable}) has no {missing.name}. Run make setup once, then "
            ".venv/bin/python manage.py …\n"
        )
        return 2

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
