"""pytest plugin: the platform asked by Django's test client, or served over HTTP to a real Chromium and axe.

    def test_something(browser_page, amira_hussain):
        sign_in(browser_page, amira_hussain)
        browser_page.goto("/desk/")
        check_accessibility(browser_page)

The server runs in this process, on this test's own committed database. A page that breaks the
browser policy or throws in a script fails its test, whatever else the test looked at.
"""

from __future__ import annotations

import os
import re
import shutil
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import Client
from django.test import client as test_client
from django.test.testcases import LiveServerThread
from django.test.utils import ContextList
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Page, expect, sync_playwright

from core import clock
from staff import sessions
from staff.devices import DeviceClass
from staff.models import SignInSession

HOST = "127.0.0.1"
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""axe's tags for WCAG 2.2 at levels A and AA."""

PATIENCE_MS = 30_000
"""How long a page may take on a busy machine before its test gives up; speed is measured elsewhere."""
expect.set_options(timeout=PATIENCE_MS)

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1920, "height": 1080}


def _keep_rendered(
    store: dict[str, Any], signal: Any, sender: Any, template: Any, context: Any, **_: Any
) -> None:
    """As Django's own, without copying everything that a page knows for each of its parts."""
    store.setdefault("templates", []).append(template)
    kept = store.setdefault("context", ContextList())
    if not any(context is one for one in kept):
        kept.append(context)


test_client.store_rendered_templates = _keep_rendered


class Browser(Client):
    """`force_login` proves both factors, as the sign-in pages would have."""

    def force_login(self, user, backend=None):
        super().force_login(user, backend)
        session = self.session
        session.update(_both_factors(user))
        session.save()
        return self


@pytest.fixture
def client() -> Browser:
    """A browser without a session; its `force_login` proves both factors."""
    return Browser()


def _both_factors(person: Any) -> dict[str, Any]:
    """What a session holds after the second factor (staff.sessions)."""
    device, _ = TOTPDevice.objects.get_or_create(user=person, confirmed=True, defaults={"name": "test"})
    at = clock.now().timestamp()
    row = SignInSession.objects.create(
        member=person,
        device_class=DeviceClass.MANAGED,
        called="Chrome on Linux",
        network="127.0.0.1",
        epoch=person.authentication_epoch,
        began_at=clock.now(),
        seen_at=clock.now(),
    )
    return {
        sessions.ROW: row.pk,
        DEVICE_ID_SESSION_KEY: device.persistent_id,
        sessions.EPOCH: person.authentication_epoch,
        sessions.BEGAN: at,
        sessions.SEEN: at,
        sessions.PROVED: at,
    }


class _Server(ThreadedWSGIServer):
    """Stops at once; Django's own looks twice a second whether it shall."""

    def serve_forever(self, poll_interval: float = 0.02) -> None:
        super().serve_forever(poll_interval)


class _Files(StaticFilesHandler):
    """Files of the platform, which browsers keep as they do in production."""

    def serve(self, request):
        answer = super().serve(request)
        answer["Cache-Control"] = "max-age=3600"
        return answer


class _ServerThread(LiveServerThread):
    server_class = _Server


@pytest.fixture
def served(committed_db, settings) -> Iterator[str]:
    """The platform at an address of its own, static files included; the exercise network is the same server."""
    server = _ServerThread(HOST, _Files, port=0)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    address = f"http://{HOST}:{server.port}"
    settings.PUBLIC_ADDRESS = settings.EXERCISE_ADDRESS = address
    yield address
    server.terminate()


def _browser_path() -> str | None:
    named = os.environ.get("SMMP_BROWSER")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One Chromium for the session. Without any the test is skipped, but under CI that is a failure."""
    # Playwright's greenlets make Django believe that it is called from async code. It is not.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    playwright = sync_playwright().start()
    try:
        try:
            browser = playwright.chromium.launch(executable_path=_browser_path(), args=["--no-sandbox"])
        except Error as error:
            reason = f"no Chromium could be started: {str(error).splitlines()[0]}"
            if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
                pytest.fail(reason)
            pytest.skip(reason)
        yield browser
        browser.close()
    finally:
        playwright.stop()
        if before is None:
            os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def new_page(chromium, served) -> Iterator[Any]:
    """Makes further pages, each a browser of its own: several people at once. Paths are relative to the server."""
    contexts = []
    faults: list[str] = []

    def make(*, width: int = 1920, height: int = 1080, dark: bool = False, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=served,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/London",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script error at {page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(f"browser policy at {page.url}: {message.text}")
                if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def browser_page(new_page) -> Page:
    """One page in one browser, 1920 px wide and light."""
    return new_page()


def sign_in(page: Page, person: Any) -> None:
    """The person is signed in with both factors in this page's browser, without walking through the pages."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.update(_both_factors(person))
    session.save()
    page.context.clear_cookies()
    page.context.add_cookies(
        [
            {
                "name": django_settings.SESSION_COOKIE_NAME,
                "value": str(session.session_key),
                "domain": HOST,
                "path": "/",
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )


BY_LOOK = [
    "color-contrast",
    "link-in-text-block",
    "target-size",
    "scrollable-region-focusable",
    "meta-viewport",
]
"""Rules of axe whose answer hangs on size and colours. What others find is the same in every look."""


def check_accessibility(page: Page, *, by_look: bool = False) -> None:
    """Fail with every violation of WCAG 2.2 AA that axe finds on the page as it stands.

    by_look: only what hangs on size and colours. Seen from its top: what is half under the header that stays would
    count as too small to touch.
    """
    page.evaluate("scrollTo(0, 0)")
    only = {"type": "rule", "values": BY_LOOK} if by_look else {"type": "tag", "values": RULES}
    asked = {"runOnly": only, "resultTypes": ["violations"]}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("asked => axe.run(asked).then(found => found.violations)", asked)
    lines = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
    assert not lines, f"{page.url}: {len(lines)} accessibility violations\n" + "\n".join(lines)


PHONE_AT_NIGHT, WIDE_BY_DAY = (PHONE, "dark"), (WIDE, "light")


def check_both_looks(page: Page) -> None:
    """axe on the page as a phone shows it at night and as a wide screen shows it by day, without sideways scrolling."""
    _check_look(page, *PHONE_AT_NIGHT, by_look=True)
    _check_look(page, *WIDE_BY_DAY)


def check_one_look(page: Page) -> None:
    """All rules in one of the two looks, which hangs on the address; with SMMP_BOTH_LOOKS=1 (make test-more) both.

    It leaves the page wide and by day, as both do: a walk goes on from there.
    """
    if os.environ.get("SMMP_BOTH_LOOKS"):
        return check_both_looks(page)
    place = re.sub(r"^\w+://[^/]+|\d", "", page.url)
    size, scheme = (PHONE_AT_NIGHT, WIDE_BY_DAY)[zlib.crc32(place.encode()) % 2]
    _check_look(page, size, scheme)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


def _check_look(page: Page, size: dict[str, int], scheme: str, *, by_look: bool = False) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    # As tall as the page: what a sticky bar covers at one place of scrolling is not out of reach.
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], tall)})
    check_accessibility(page, by_look=by_look)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px too wide at {size['width']} px"
