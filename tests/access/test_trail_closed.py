"""Where the audit trail cannot be written, no address gives away anything of the public: 503, and none of it.

Every line of smmp/access.py is asked, pages and API, reading and changing, by somebody who may do everything.
"""

from __future__ import annotations

import pytest
from django.db import ProgrammingError
from django.test import Client

from smmp.access import Answer, answer_to
from tests.access.test_matrix import BY_KEY, LINES, _marks, _roles_that_tell, ask, bearer, world  # noqa: F401
from tests.access.world import MARKS

MUST_RECORD = {
    "home",
    "publishing:outbox",
    "api:comments",
    "api:comment",
    "api:release",
    "moderation:conversation",
    "moderation:history",
    "escalation:cases",
    "escalation:case",
    "audit:trail",
    "audit:who_saw",
    "audit:record",
    "audit:export",
}
"""Addresses that are known to read personal data, so that the walk itself is seen to work."""


@pytest.fixture
def attempts(monkeypatch):
    """The database refuses every entry; how often one was tried."""
    tried: list[str] = []

    def refuse(self, *args, **kwargs):
        tried.append(self.event)
        raise ProgrammingError("permission denied for table audit_entry")

    monkeypatch.setattr("audit.actions.write_one", refuse)
    return tried


def _asked(world):  # noqa: F811
    """Each address with how it is asked, and a browser that tells faults by their page."""
    browser = world.browser(world.everything)
    browser.raise_request_exception = False
    for name, line in LINES:
        if not line.public:
            yield name, line, browser, world.everything, {}
    for name, line in BY_KEY:
        for role in _roles_that_tell(name, line):
            if answer_to(line, role, "all") is Answer.LET_IN:
                key = world.keys[role, "all"]
                yield name, line, Client(raise_request_exception=False), None, bearer(key)


def test_no_address_shows_anything_that_it_cannot_record(world, attempts):  # noqa: F811
    wrong, recorded = [], set()
    for name, line, browser, person, headers in _asked(world):
        attempts.clear()
        answer = ask(world, browser, name, line, "own", person, **headers)
        shown = _marks(answer, "own") & set(MARKS.values()) | _marks(answer, "other") & set(MARKS.values())
        said = f"{line.method} {name} answered {answer.status_code}"
        if attempts:
            recorded.add(name)
            if answer.status_code != 503:
                wrong.append(f"{said} although {attempts} could not be recorded")
        if shown:
            wrong.append(f"{said} and showed {sorted(shown)}, with {attempts or 'no entry'} tried")
        if "permission denied" in answer.content.decode(errors="replace"):
            wrong.append(f"{said} and told of the database")
    world.browser(world.everything).raise_request_exception = True
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert recorded >= MUST_RECORD, f"not asked so that they record anything: {MUST_RECORD - recorded}"
