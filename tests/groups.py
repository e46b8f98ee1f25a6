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
    "tests/triage/": "the model",
    "tests/architecture/test_architecture.py": "the source",
    "tests/access/test_matrix.py::test_each_role_sees_of_a_commenter": "the pages with a commenter",
}
"""Which files share a browser, a platform, a server, a trained model, or what was found out once, the longest first."""

FIRST = ("tests/upgrade/", "tests/access/test_trail_closed.py", "tests/smmp/", "tests/retention/")
"""What has tests of half a minute: begun last, one of them would keep a worker busy while the other has nothing left."""


class Grouped(LoadScopeScheduling):
    """Each test for itself, save those that share something.

    What is done is forgotten: xdist's own counts it again whenever a test ends, ten thousand times ten thousand.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), nodeid)

    def mark_test_complete(self, node, item_index, duration=0):
        work = self.assigned_work[node]
        nodeid = self.registered_collections[node][item_index]
        scope = self._split_scope(nodeid)
        work[scope][nodeid] = True
        if all(work[scope].values()):
            del work[scope]
        self._reschedule(node)


def pytest_collection_modifyitems(items):
    """The groups begin first, then the longest of the rest."""
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> int:
    turns = [*GROUPS, FIRST]
    return next((turn for turn, start in enumerate(turns) if nodeid.startswith(start)), len(turns))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """For `--dist loadgroup`, in place of xdist's own."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return Grouped(config, log)
