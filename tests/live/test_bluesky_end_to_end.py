"""Outbox and ingest on Bluesky's own server software, end to end, while the workers are killed with -9.

`make test-bluesky` brings the network up and runs this; plain runs leave it out.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import pytest
from atproto_client.exceptions import AtProtocolError

from smmp.drills import network
from tests.live.test_bluesky_network import Person, address  # noqa: F401 - a fixture

pytestmark = pytest.mark.live_bluesky
POSTS, KILLS, COMMENTS = 60, 20, 40
A_PAGE = 100


def records_of(person: Person) -> dict[str, str]:
    """Every post of theirs that the server which holds their records has: address -> words."""
    found: dict[str, str] = {}
    cursor = None
    while True:
        page = person.client.com.atproto.repo.list_records(
            {"repo": person.did, "collection": "app.bsky.feed.post", "limit": A_PAGE, "cursor": cursor}
        )
        found |= {record.uri: record.value.text for record in page.records}
        cursor = page.cursor
        if not cursor or not page.records:
            return found


def test_nothing_is_doubled_or_lost_while_workers_die(address, capsys, committed_db):  # noqa: F811
    police, resident = Person(address, "wealdshire"), Person(address, "resident")
    number = iter(range(10_000))

    def write(under: str) -> list[str]:
        try:
            return [resident.write(f"Is the road open? ({next(number)})", under=under)]
        except AtProtocolError:
            return []  # the network was too busy for this one; another is written

    told = network.run(
        network.Account("bluesky", police.handle, police.secret, address),
        posts=POSTS,
        kills=KILLS,
        comments=COMMENTS,
        write=write,
        standing=lambda: records_of(police),
    )
    with capsys.disabled():
        sys.stdout.write("\n" + json.dumps(asdict(told), indent=2) + "\n")
    assert (told.sent, told.doubled, told.lost, told.unsettled) == (POSTS, 0, 0, 0)
    assert (told.comments_lost, told.comments_doubled) == (0, 0)
    # The work may be done before the last of them has had its turn to die.
    assert told.killed >= KILLS * 3 // 4
