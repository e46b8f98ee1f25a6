"""What the picture scripts share: a Chromium, people of the demonstration force, and the pages to look at."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


@dataclass(frozen=True)
class Sight:
    """A page: its name, whose it is, where it is. `follow` goes on from there, by the first such link each time."""

    name: str
    persona: str
    path: str
    follow: tuple[str, ...] = ()


POST = "main a[href*='/publishing/posts/']"
REPORT = "main a[href*='/cases/intelligence/']"
CASE = "main a[href^='/cases/']:not([href*='intelligence'])"
NUMBERED_CASE = ", ".join(f"main a[href^='/cases/'][href$='{digit}/']" for digit in range(10))
SIGHTS = [
    Sight("sign-in", "", "/sign-in/"),
    Sight("cast", "", "/demo/"),
    Sight("guidelines", "", "/desk/guidelines/"),
    Sight("exercise-network", "", "/exercise/"),
    Sight("nothing-there", "", "/no-such-page/"),
    Sight("now-desk", "amira_hussain", "/"),
    Sight("now-supervisor", "sergeant_okafor", "/"),
    Sight("now-command", "inspector_calder", "/"),
    Sight("now-approver", "helen_achebe", "/"),
    Sight("now-auditor", "joan_pritchard", "/"),
    Sight("now-records", "graham_ellis", "/"),
    Sight("now-administrator", "ben_osei", "/"),
    Sight("now-intelligence", "sergeant_mayhew", "/"),
    Sight("desk", "amira_hussain", "/desk/"),
    Sight("conversation", "amira_hussain", "/desk/", ("main a[href*='/desk/comment']",)),
    Sight("search", "amira_hussain", "/desk/search/?q=road"),
    Sight("search-nothing", "amira_hussain", "/desk/search/?q=xylophone"),
    Sight(
        "history",
        "amira_hussain",
        "/desk/",
        ("main a[href*='/desk/comment']", "main a[href*='/desk/commenters/']"),
    ),
    Sight("views", "amira_hussain", "/desk/views/"),
    Sight("tips", "amira_hussain", "/desk/tips/", ("main a[href*='/desk/tips/appeals/']",)),
    Sight(
        "tip",
        "amira_hussain",
        "/desk/tips/",
        ("main a[href*='/desk/tips/appeals/']", "main article a[href*='/desk/tips/']"),
    ),
    Sight("appeals", "leah_brandt", "/publishing/appeals/"),
    Sight("appeal", "leah_brandt", "/publishing/appeals/", ("main th a",)),
    Sight("appeal-gone", "leah_brandt", "/publishing/appeals/?which=over", ("main th a",)),
    Sight("who-is-pictured", "helen_achebe", "/publishing/shown/"),
    Sight("public-appeals", "", "/public/appeals/"),
    Sight("public-appeal", "", "/public/appeals/", ("main h3 a",)),
    Sight("figures-communications", "helen_achebe", "/insights/figures/communications/"),
    Sight("figures-desk", "sergeant_okafor", "/insights/figures/desk/"),
    Sight("figures-neighbourhood", "pc_nair", "/insights/figures/neighbourhood/"),
    Sight("figures-command", "superintendent_price", "/insights/figures/command/"),
    Sight("figures-scrutiny", "graham_ellis", "/insights/figures/scrutiny/"),
    Sight("scenarios", "sergeant_okafor", "/exercise/scenarios/?copy=royal-visit"),
    Sight("scenario", "sergeant_okafor", "/exercise/scenarios/silent-saturday/"),
    Sight("scenario-preview", "sergeant_okafor", "/exercise/scenarios/royal-visit/preview/?minute=35"),
    Sight("marked-sheet", "sergeant_okafor", "/exercise/control/", ("main a[href*='/insights/exercises/']",)),
    Sight("reports", "helen_achebe", "/insights/reports/"),
    Sight("report", "helen_achebe", "/insights/reports/", ("main th a",)),
    Sight("report-receivers", "helen_achebe", "/insights/reports/receivers/"),
    Sight("areas", "leah_brandt", "/insights/areas/"),
    Sight("area", "pc_nair", "/insights/areas/harrowfield/"),
    Sight("area-empty", "leah_brandt", "/insights/areas/harrowfield/?month=2026-02"),
    Sight("map", "leah_brandt", "/insights/map/"),
    Sight("rumours", "leah_brandt", "/insights/rumours/"),
    Sight("rumour", "leah_brandt", "/insights/rumours/", ("main h2 a",)),
    Sight("rumour-new", "leah_brandt", "/insights/rumours/new/"),
    Sight("request-figures", "graham_ellis", "/insights/requests/"),
    Sight("public-figures", "", "/public/figures/"),
    Sight("saved-replies", "sergeant_okafor", "/desk/replies/"),
    Sight("acts", "sergeant_okafor", "/desk/acts/"),
    Sight("blocks", "sergeant_okafor", "/desk/blocks/"),
    Sight("second-looks", "sergeant_okafor", "/desk/second-looks/"),
    Sight("how-triage-works", "amira_hussain", "/desk/triage/"),
    Sight("triage-record", "", "/desk/triage/record/"),
    Sight("examples", "sergeant_okafor", "/desk/triage/examples/"),
    Sight("examples-of", "sergeant_okafor", "/desk/triage/examples/suicide_self_harm/"),
    Sight("triage-versions", "sergeant_okafor", "/desk/triage/versions/"),
    Sight("guidelines-versions", "leah_brandt", "/desk/guidelines/versions/"),
    Sight("desk-alerts", "amira_hussain", "/cases/alerts/"),
    Sight("desk-alert", "amira_hussain", "/cases/alerts/", ("main .case-list a.big",)),
    Sight("surges", "sergeant_okafor", "/desk/surges/"),
    Sight("surge", "sergeant_okafor", "/desk/surges/", ("main a[href*='/desk/surges/']",)),
    Sight("looked-over", "sergeant_okafor", "/desk/looked-over/"),
    Sight(
        "look-over", "sergeant_okafor", "/desk/looked-over/", ("main a.button[href*='/desk/looked-over/']",)
    ),
    Sight("feedback", "tom_beckett", "/desk/feedback/"),
    Sight("welfare", "sergeant_okafor", "/desk/welfare/"),
    Sight("handover", "amira_hussain", "/cases/handover/"),
    Sight("handover-signed", "amira_hussain", "/cases/handover/", ("main a[href*='/cases/handover/']",)),
    Sight("cases", "inspector_calder", "/cases/"),
    Sight("case", "inspector_calder", "/cases/", (NUMBERED_CASE,)),
    Sight("board", "inspector_calder", "/cases/board/"),
    Sight("referrals", "amira_hussain", "/cases/referrals/"),
    Sight("referral", "marta_kowal", "/cases/referrals/", ("main a[href*='/cases/referrals/']",)),
    Sight("call", "amira_hussain", "/cases/referrals/", ("main a:has-text('Call for service')",)),
    Sight("intelligence", "sergeant_mayhew", "/cases/intelligence/"),
    Sight("report", "sergeant_mayhew", "/cases/intelligence/", (REPORT,)),
    Sight("told", "amira_hussain", "/cases/intelligence/", (REPORT, CASE)),
    Sight(
        "write-report",
        "amira_hussain",
        "/cases/intelligence/",
        (REPORT, CASE, "main a[href$='/refer/intelligence/']"),
    ),
    Sight(
        "control-room-now",
        "amira_hussain",
        "/cases/intelligence/",
        (REPORT, CASE, "main a[href$='/refer/control_room/']"),
    ),
    Sight("grades", "inspector_calder", "/cases/grades/"),
    Sight("grade", "inspector_calder", "/cases/grades/", ("main th a",)),
    Sight("posts", "leah_brandt", "/publishing/"),
    Sight("compose", "leah_brandt", "/publishing/compose/"),
    Sight("post", "helen_achebe", "/publishing/", (POST,)),
    Sight("edit", "leah_brandt", "/publishing/?state=draft", (POST, "main a[href*='/publishing/compose/']")),
    Sight("approvals", "helen_achebe", "/publishing/approvals/"),
    Sight("second-approval", "gwen_tallis", "/publishing/approvals/"),
    Sight("afterwards", "helen_achebe", "/publishing/approvals/afterwards/"),
    Sight("cover", "helen_achebe", "/publishing/approvals/cover/"),
    Sight("expired", "helen_achebe", "/publishing/approvals/expired/"),
    Sight("approval-steps", "ben_osei", "/publishing/approvals/steps/"),
    Sight("checks", "ben_osei", "/publishing/checks/"),
    Sight("calendar-month", "leah_brandt", "/publishing/calendar/"),
    Sight("calendar-week", "leah_brandt", "/publishing/calendar/?view=week"),
    Sight("calendar-list", "leah_brandt", "/publishing/calendar/?view=list"),
    Sight("calendar-addresses", "leah_brandt", "/publishing/calendar/addresses/"),
    Sight("library", "leah_brandt", "/publishing/library/"),
    Sight("library-one", "leah_brandt", "/publishing/library/", ("main .assets a",)),
    Sight("library-add", "leah_brandt", "/publishing/library/add/"),
    Sight("templates", "leah_brandt", "/publishing/templates/"),
    Sight("template", "helen_achebe", "/publishing/templates/", ("main .lines a",)),
    Sight("template-write", "leah_brandt", "/publishing/templates/write/"),
    Sight("tags", "leah_brandt", "/publishing/tags/"),
    Sight("campaigns", "leah_brandt", "/publishing/campaigns/"),
    Sight("campaign", "leah_brandt", "/publishing/campaigns/", ("main tbody a",)),
    Sight(
        "log",
        "leah_brandt",
        "/publishing/campaigns/",
        ("main a:has-text('A day of calls')", "main header a.button"),
    ),
    Sight(
        "log-approve",
        "helen_achebe",
        "/publishing/campaigns/",
        ("main a:has-text('A day of calls')", "main header a.button"),
    ),
    Sight(
        "meeting",
        "amira_hussain",
        "/publishing/campaigns/",
        ("main a:has-text('Harrowfield listens')", "main header a.button"),
    ),
    Sight("meeting-public", "", "/public/meetings/harrowfield-listens/"),
    Sight("meeting-ask", "", "/public/meetings/harrowfield-listens/ask/"),
    Sight(
        "live",
        "leah_brandt",
        "/publishing/campaigns/",
        ("main a:has-text('Ask the dog section')", "main header a.button"),
    ),
    Sight(
        "patrol",
        "pc_nair",
        "/publishing/campaigns/",
        ("main a:has-text('A day with PC Nair')", "main header a.button"),
    ),
    Sight("you-said", "pc_nair", "/publishing/you-said/"),
    Sight("worry", "helen_achebe", "/publishing/you-said/", ("main a:has-text('The path behind')",)),
    Sight("you-said-public", "", "/public/areas/harrowfield/you-said/"),
    Sight("beside-us", "leah_brandt", "/publishing/beside-us/"),
    Sight("series", "leah_brandt", "/publishing/series/", ("main .lines a",)),
    Sight("field-post", "pc_nair", "/publishing/field/"),
    Sight("outbox", "leah_brandt", "/publishing/outbox/"),
    Sight("lockdown", "sergeant_okafor", "/publishing/lockdown/"),
    Sight("register", "ben_osei", "/register/"),
    Sight(
        "official-account",
        "ben_osei",
        "/register/",
        ("main td a[href^='/register/'], main th a[href^='/register/']",),
    ),
    Sight("wanted", "ben_osei", "/register/wanted/"),
    Sight("wanted-one", "ben_osei", "/register/wanted/", ("main tr:has-text('Cadets') th a",)),
    Sight("wanted-judged", "victoria_lang", "/register/wanted/", ("main tr:has-text('Roads') th a",)),
    Sight("wanted-new", "pc_nair", "/register/wanted/new/"),
    Sight(
        "particulars",
        "ben_osei",
        "/register/wanted/",
        ("main tr:has-text('Cadets') th a", "main a[href$='/particulars/']"),
    ),
    Sight("scorecard", "helen_achebe", "/insights/scorecard/"),
    Sight("scorecard-gaps", "joan_pritchard", "/insights/scorecard/?show=gaps"),
    Sight("minimums", "joan_pritchard", "/insights/scorecard/minimums/"),
    Sight("duty", "joan_pritchard", "/insights/scorecard/duties/minimum.two_factor/"),
    Sight("duty-waiver", "joan_pritchard", "/insights/scorecard/duties/security.verification/"),
    Sight("meetings", "helen_achebe", "/insights/scorecard/meetings/"),
    Sight("meeting", "helen_achebe", "/insights/scorecard/meetings/", ("main th a[href*='/meetings/']",)),
    Sight("meeting-new", "helen_achebe", "/insights/scorecard/meetings/new/"),
    Sight("strategy", "amira_hussain", "/insights/strategy/"),
    Sight("strategy-draft", "helen_achebe", "/insights/strategy/2/draft/"),
    Sight("strategy-write", "leah_brandt", "/insights/strategy/2/write/"),
    Sight(
        "account-security",
        "joan_pritchard",
        "/insights/scorecard/minimums/",
        ("main th a[href$='/security/']",),
    ),
    Sight("policies", "pc_nair", "/register/policies/"),
    Sight("policy", "pc_nair", "/register/policies/", ("main th a[href*='/policies/']",)),
    Sight("training", "ben_osei", "/register/training/"),
    Sight("training-many", "ben_osei", "/register/training/import/"),
    Sight("faults", "ben_osei", "/register/faults/"),
    Sight("naming", "helen_achebe", "/register/naming/"),
    Sight("impostors", "helen_achebe", "/register/impostors/"),
    Sight("impostor", "helen_achebe", "/register/impostors/", ("main th a[href*='/impostors/']",)),
    Sight("continuity", "helen_achebe", "/register/continuity/"),
    Sight("continuity-plan", "helen_achebe", "/register/continuity/exercise/"),
    Sight("continuity-product", "amira_hussain", "/register/continuity/product/"),
    Sight("continuity-none", "helen_achebe", "/register/continuity/youtube/"),
    Sight("continuity-write", "helen_achebe", "/register/continuity/exercise/write/"),
    Sight("continuity-test", "helen_achebe", "/register/continuity/exercise/test/"),
    Sight("continuity-history", "helen_achebe", "/register/continuity/exercise/history/"),
    Sight("continuity-contacts", "helen_achebe", "/register/continuity/contacts/"),
    Sight("paper-log", "amira_hussain", "/desk/paper-log/"),
    Sight("paper-log-import", "amira_hussain", "/desk/paper-log/import/"),
    Sight("posts-by-hand", "leah_brandt", "/publishing/calendar/by-hand/"),
    Sight("enter-many", "ben_osei", "/register/import/"),
    Sight("areas", "ben_osei", "/register/neighbourhoods/"),
    Sight("public-accounts", "", "/public/accounts/"),
    Sight("public-embedded", "", "/public/accounts/embedded/"),
    Sight("public-check", "", "/public/accounts/check/?account=wealdshirepo1ice"),
    Sight("public-report", "", "/public/accounts/report/"),
    Sight("public-area", "", "/public/areas/harrowfield/"),
    Sight("public-area-empty", "", "/public/areas/cutlers-cross/"),
    Sight("public-why-hidden", "", "/public/why-hidden/"),
    Sight("public-why-hidden-figures", "", "/public/why-hidden/figures/"),
    Sight("public-accessibility", "", "/public/accessibility/"),
    Sight("public-privacy", "", "/public/privacy/"),
    Sight("hours", "ben_osei", "/register/hours/"),
    Sight("hours-of-one", "ben_osei", "/register/hours/", ("main th a[href*='/hours/']",)),
    Sight("channels", "leah_brandt", "/desk/channels/"),
    Sight("channel", "sergeant_okafor", "/desk/channels/", ("main a[href*='/desk/channels/']:not(.button)",)),
    Sight("set-aside", "amira_hussain", "/desk/set-aside/"),
    Sight("grants", "ben_osei", "/register/grants/"),
    Sight("schedule", "graham_ellis", "/retention/"),
    Sight("holds", "graham_ellis", "/retention/holds/"),
    Sight(
        "schedule-change", "graham_ellis", "/retention/changes/", ("main th a[href*='/retention/changes/']",)
    ),
    Sight("proposals", "graham_ellis", "/retention/proposals/"),
    Sight("proposal", "graham_ellis", "/retention/proposals/", ("main th a[href*='/retention/proposals/']",)),
    Sight("reviews", "graham_ellis", "/retention/reviews/"),
    Sight("review", "graham_ellis", "/retention/reviews/", ("main th a[href*='/retention/reviews/']",)),
    Sight("hold", "graham_ellis", "/retention/holds/", ("main th a[href*='/retention/holds/']",)),
    Sight("place-hold", "graham_ellis", "/retention/holds/place/"),
    Sight("restricted", "graham_ellis", "/retention/restricted/"),
    Sight("transfers", "graham_ellis", "/retention/transfers/"),
    Sight("disposals", "graham_ellis", "/retention/disposals/"),
    Sight("audit", "joan_pritchard", "/audit/"),
    Sight("audit-person", "joan_pritchard", "/audit/", ("main a[href*='/audit/people/']",)),
    Sight("assignments", "joan_pritchard", "/audit/assignments/"),
    Sight("alerts", "joan_pritchard", "/insights/alerts/"),
    Sight("alert", "joan_pritchard", "/insights/alerts/", ("main th a[href*='/insights/alerts/']",)),
    Sight("safeguards", "joan_pritchard", "/audit/safeguards/"),
    Sight("notices", "inspector_calder", "/notices/"),
    Sight("profile", "amira_hussain", "/profile/"),
    Sight("exercises", "sergeant_okafor", "/exercise/control/"),
    Sight("components", "amira_hussain", "/components/"),
]


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def running_at(address: str) -> str:
    """The address, when the platform answers there. Exits with a sentence when it does not."""
    try:
        if not address.startswith(("http://", "https://")):
            raise SystemExit("The address begins with http:// or https://.")
        with urlopen(address + "/healthz", timeout=5):  # noqa: S310  (scheme checked above)
            return address
    except (URLError, OSError) as error:
        raise SystemExit(
            f"Nothing answers at {address} ({error}). Type `make run` in another window first."
        ) from None


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium of this machine. Exits with a sentence when there is none."""
    path = os.environ.get("SMMP_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as error:
            raise SystemExit(f"No Chromium could be started: {str(error).splitlines()[0]}") from None
        yield browser
        browser.close()


class People:
    """Sessions of the demonstration cast, each signed in once through the demo page."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.states: dict[str, object] = {}

    def context(self, persona: str, **how: object) -> BrowserContext:
        """A browser context in which the persona is signed in; nobody when it is empty."""
        if persona and persona not in self.states:
            context = self.browser.new_context(base_url=self.address)
            page = context.new_page()
            page.goto("/demo/")
            form = page.locator(f"form:has([name=persona][value={persona}])")
            form.locator("button").first.click()
            page.wait_for_load_state()
            self.states[persona] = context.storage_state()
            context.close()
        options: dict[str, object] = {"locale": "en-GB", "timezone_id": "Europe/London", **how}
        if persona:
            options["storage_state"] = self.states[persona]
        return self.browser.new_context(base_url=self.address, **options)  # type: ignore[arg-type]


def open_sight(page: Page, sight: Sight) -> int:
    """Go to a page. The status of the answer; 0 when the list holds no link to follow."""
    response = page.goto(sight.path)
    for step in sight.follow:
        link = page.locator(step).first
        if not link.count():
            return 0
        response = page.goto(link.get_attribute("href") or sight.path)
    page.wait_for_timeout(250)
    return response.status if response else 0
