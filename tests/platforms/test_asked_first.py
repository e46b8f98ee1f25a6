"""Before each request of any platform's session whoever sends is asked: an act of several is stopped between them too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from platforms import http
from platforms.bluesky.session import Session
from platforms.contract import Login, Withheld
from platforms.http import Http, asked_first
from platforms.mastodon.session import Wire
from platforms.meta.graph import _Wire
from platforms.x.session import Calls, Exchange, Ledger
from platforms.youtube.session import Transport

NOWHERE = "http://127.0.0.1:9"
LOGIN = Login(base_url=NOWHERE, handle="wealdshire", secret="hush-hush")


def _x() -> None:
    request = requests.Request("POST", f"{NOWHERE}/2/tweets").prepare()
    Exchange(LOGIN, Ledger()).send(request)


SESSIONS: dict[str, Callable[[], object]] = {
    "http": lambda: Http(name="Chatter", base_url=NOWHERE).send("POST", "/post"),
    "x": _x,
    "x, what the library lacks": lambda: Calls(LOGIN, Ledger()).send("POST", "/2/media"),
    "mastodon": lambda: Wire().request("POST", NOWHERE),
    "meta": lambda: _Wire("Facebook", "", 1.0).request("POST", NOWHERE),
    "youtube": lambda: Transport(LOGIN).request(f"{NOWHERE}/upload", "POST"),
    "bluesky": lambda: Session(LOGIN).request._client.post(f"{NOWHERE}/xrpc/post"),
}


@pytest.mark.parametrize("session", SESSIONS)
def test_no_request_leaves_without_having_asked(session):
    asked: list[bool] = []

    def stop(changing: bool) -> None:
        asked.append(changing)
        raise Withheld("A lockdown.")

    with asked_first(stop), pytest.raises(Withheld):
        SESSIONS[session]()
    assert asked == [True]
    assert http._asked_first.get() is None
