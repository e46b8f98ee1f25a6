#!/usr/bin/env python
"""The door for commands. Any command works whether or not `make run` is up (see smmp.local)."""

import os
import sys
from pathlib import Path


def main() -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmp.settings.demo")
    from smmp.commandline import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
