"""Keep the seeded database of a release for the upgrade test: tests/upgrade/VERSION.sql.gz.

Run when a release is tagged, on a database that `make run` has filled and a person has used a
little: `.venv/bin/python scripts/keep_release.py 0.1.0`. Everybody in it is fictional.
"""

import gzip
import re
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BASE))

from smmp.local import places, services  # noqa: E402


def main() -> int:
    if len(sys.argv) != 2 or not re.fullmatch(r"\d+\.\d+\.\d+", sys.argv[1]):
        print("Name the release: keep_release.py 0.1.0", file=sys.stderr)
        return 2
    with services.session() as environment:
        dump = subprocess.run(
            [
                places.find().postgres_bin / "pg_dump",
                "--no-owner",
                "--no-privileges",
                "--restrict-key=smmp",
                environment["DATABASE_OWNER_URL"],
            ],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
    target = BASE / "tests" / "upgrade" / f"{sys.argv[1]}.sql.gz"
    target.write_bytes(gzip.compress(dump, mtime=0))
    print(f"{target.relative_to(BASE)}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
