"""Where the trail cannot be written, nothing that would be recorded is shown: 503, and none of the page."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError
from django.urls import reverse

from audit.models import Entry
from escalation import tasks
from escalation.models import Case
from tests import comments
from tests.architecture.test_routes import ROUTES

PEOPLE = ("joan_pritchard", "amira_hussain", "leah_brandt")
"""Of those who audit, answer and publish one each, and each page is settled by the first of them who sees it;
every address is asked in tests/access/test_trail_closed.py."""


@pytest.fixture
def pages(wealdshire, force_account, amira_hussain):
    """Every page without a number in its address, and those of a comment and of a case."""
    comment = comments.escalate(comments.write(force_account, "words of the public"), amira_hussain)
    tasks.open_cases()
    comments.write(force_account, "other words of the public", by="kim")
    case = Case.objects.get()
    found = [f"/{address}" for _, address, view in ROUTES if "<" not in address and view.gate != ("public",)]
    for name, number in (
        ("moderation:conversation", comment.pk),
        ("escalation:case", case.pk),
        ("audit:person", amira_hussain.pk),
    ):
        found.append(reverse(name, args=[number]))
    return [page for page in found if page != reverse("staff:sign_out")]


def test_no_entry_no_page(client, wealdshire, pages, monkeypatch):
    client.raise_request_exception = False
    recorded, settled = set(), set()

    def closed(self, *args, **kwargs):
        raise ProgrammingError("permission denied for table audit_entry")

    for person in PEOPLE:
        client.force_login(wealdshire.people[person])
        for page in [page for page in pages if page not in settled]:
            with monkeypatch.context() as broken:
                broken.setattr("audit.actions.write_one", closed)
                answer = client.get(page)
            assert "permission denied" not in answer.content.decode()
            if answer.status_code == 503:
                recorded.add(page)
                settled.add(page)
                assert "words of the public" not in answer.content.decode()
                continue
            assert answer.status_code != 500, f"{page} as {person}"
            if answer.status_code == 200:
                # It was shown without an entry, so it must be one that needs none.
                settled.add(page)
                before = Entry.objects.count()
                client.get(page)
                assert Entry.objects.count() == before, f"{page} was shown to {person} without its entry"
    wanted = {reverse(name) for name in ("audit:trail", "escalation:cases")}
    assert wanted | set(pages[-3:]) <= recorded
