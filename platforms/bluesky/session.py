"""Being signed in to Bluesky: once per official account and server process, never once per call.

Bluesky allows 30 sign-ins in five minutes and 300 a day (com.atproto.server.createSession), and a
connector is made for every poll and every delivery. So the session lives here, is shared by
threads, and is renewed a quarter of an hour before it runs out. Tokens stay in memory alone.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from dataclasses import dataclass, field

import httpx
from atproto import Client
from atproto.exceptions import BadRequestError, UnauthorizedError
from atproto_client.request import Request

from platforms.bluesky.faults import CALL_ERRORS, sign_in_fault
from platforms.contract import Fault, Login, PermanentFault
from platforms.http import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ask_first

REFUSED_FOR_S = 300.0
"""A refused password is not tried again for so long: the tries would use up the day's sign-ins."""


class Session(Client):
    """The library's client with our time-outs, no redirects, and a sign-in that renews itself."""

    def __init__(self, login: Login) -> None:
        request = Request(timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S), trust_env=False)
        # The library always switches redirects on, and takes no argument for it.
        request._client.follow_redirects = False
        request._client.event_hooks = {"request": [lambda one: ask_first(changing=one.method != "GET")]}
        super().__init__(base_url=login.base_url, request=request)
        self._login_details = login

    @property
    def did(self) -> str:
        """The lasting name of the official account on the network."""
        if self._session is None:
            raise PermanentFault("There is no session with Bluesky.")
        return self._session.did

    def sign_in(self) -> None:
        """Sign in with the app password. Raises a Fault; nothing is changed at Bluesky."""
        try:
            self.login(self._login_details.handle, self._login_details.secret, fetch_bsky_profile=False)
        except Fault:
            raise
        except CALL_ERRORS as error:
            raise sign_in_fault(error) from None

    def renew(self) -> None:
        """Get fresh tokens after the present ones were refused."""
        with self._refresh_lock:
            self._refresh_and_set_session()

    def _refresh_and_set_session(self):  # type: ignore[no-untyped-def]
        # Called by the library in the middle of any call whose token runs out soon. Failures are
        # turned into faults here: the call itself has not left yet, so its outcome is not unknown.
        try:
            return super()._refresh_and_set_session()
        except (BadRequestError, UnauthorizedError):
            self.sign_in()
            return None
        except CALL_ERRORS as error:
            raise sign_in_fault(error) from None

    def _update_pds_endpoint(self, pds_endpoint: str) -> None:
        # Signing in at bsky.social answers with the server that holds the account, which is then
        # spoken to. Never go from an encrypted connection to an open one on its word.
        if self._base_url.startswith("https://") and not pds_endpoint.startswith("https://"):
            return
        super()._update_pds_endpoint(pds_endpoint)


@dataclass
class _Seat:
    """The place of one official account: its session, or why it was refused and until when."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    secret_digest: str = ""
    session: Session | None = None
    refused: Fault | None = None
    refused_until: float = 0.0


_seats: dict[tuple[int, str, str], _Seat] = {}
_seats_lock = threading.Lock()


def open_session(login: Login) -> Session:
    """The session of an official account, signed in on first use in this server process.

    A new secret signs in afresh. Raises PermanentFault (refused) or TemporaryFault.
    """
    # Keyed by the process: sockets and locks must not be shared across a fork.
    key = (os.getpid(), login.base_url, login.handle)
    with _seats_lock:
        seat = _seats.setdefault(key, _Seat())
    digest = hashlib.sha256(login.secret.encode()).hexdigest()
    with seat.lock:
        if seat.secret_digest != digest:
            seat.secret_digest, seat.session, seat.refused = digest, None, None
        if seat.session is not None:
            return seat.session
        left_s = seat.refused_until - time.monotonic()
        if seat.refused is not None and left_s > 0:
            raise type(seat.refused)(seat.refused.sentence, retry_after_s=left_s)
        session = Session(login)
        try:
            session.sign_in()
        except Fault as fault:
            # A permanent refusal is remembered for a while, a rate limit until it ends.
            wait_s = REFUSED_FOR_S if isinstance(fault, PermanentFault) else fault.retry_after_s
            if wait_s:
                seat.refused, seat.refused_until = fault, time.monotonic() + wait_s
            raise
        seat.session, seat.refused = session, None
        return session


def forget_sessions() -> None:
    """Sign in afresh everywhere on next use (tests, and after a credential was revoked by hand)."""
    with _seats_lock:
        _seats.clear()
