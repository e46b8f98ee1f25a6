"""pytest plugin: what shares something costly runs on one worker, one test after the other.

The mark `xdist_group` does nothing since pytest 9.2 (pytest-xdist 3.8 writes the group into an attribute that is gone), so
the scheduler is told by the file.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "tests/journeys/": "browsers",
    "tests/bringup/": "a platform of its own",
    "tests/deploy/test_production.py": "a server as in production",
}
"""Which files share a browser, a platform or a server."""


class Grouped(LoadScopeScheduling):
    """Each test for itself, save those that share something."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """For `--dist loadgroup`, in place of xdist's own."""
    return Grouped(config, log) if config.getvalue("dist") == "loadgroup" else None
