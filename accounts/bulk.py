"""Official accounts that exist already, as CSV: read within bounds and compared with the register. No writes here.

One row is one account on one platform. A row with a fault is refused and the file with it; what a row only lacks is
listed beside it, and stands in the report of faults once it is entered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from accounts import naming
from accounts.models import Mandate, Neighbourhood, OfficialAccount
from core import sheets
from core.no_secrets import reads_like_a_secret
from platforms import registry
from staff import addresses
from staff.models import StaffMember, Team
from staff.names import hides_something

NEEDED = ("platform", "handle", "name", "owner")
COLUMNS = (
    "platform",
    "handle",
    "name",
    "kind",
    "purpose",
    "audience",
    "link",
    "area",
    "team",
    "owner",
    "deputy",
    "asset owner",
    "mailbox",
    "vault entry",
    "recovery",
    "verified",
    "verification route",
    "run",
    "continuity",
    "profile",
    "picture",
)
EXAMPLES = (
    {
        "platform": "Facebook",
        "handle": "HarrowfieldPolice",
        "name": "Harrowfield Police",
        "kind": "A team",
        "purpose": "News of the Harrowfield team",
        "audience": "People of Harrowfield",
        "link": "https://facebook.example/HarrowfieldPolice",
        "area": "Harrowfield",
        "owner": "victoria.lang@wealdshire.example",
        "mailbox": "social.harrowfield@wealdshire.example",
        "vault entry": "social/facebook/harrowfield",
        "verified": "Not verified",
        "run": "It is run",
        "profile": "Harrowfield Police. In an emergency 999, otherwise 101.",
        "picture": "yes",
    },
    {
        "platform": "X",
        "handle": "OldRuralTeam",
        "name": "Rural team (old)",
        "owner": "victoria.lang@wealdshire.example",
        "run": "Legacy: nobody runs it",
    },
)
MOST_ROWS = 500
LARGEST_BYTES = 1024 * 1024
SHAPE = sheets.Shape("accounts", MOST_ROWS, LARGEST_BYTES, known=COLUMNS, needed=NEEDED)
_LENGTHS = {
    "handle": 120,
    "name": 120,
    "purpose": 300,
    "audience": 300,
    "link": 300,
    "mailbox": 254,
    "vault entry": 120,
    "recovery": 600,
    "verification route": 300,
    "continuity": 1000,
    "profile": 600,
}
_FORMULA = ("=", "+", "-", "\t", "\r")
_FIELDS = {
    "audience": "audience",
    "mailbox": "mailbox",
    "vault entry": "vault_entry",
    "recovery": "recovery",
    "verification route": "verified_route",
    "continuity": "continuity",
    "profile": "bio",
}


@dataclass
class Row:
    """What one row comes to: `wrong` refuses it, `lacks` does not."""

    line: int
    name: str
    platform: str
    handle: str
    wrong: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    account: dict[str, Any] = field(default_factory=dict)
    """For accounts.actions.register_account."""
    particulars: dict[str, Any] = field(default_factory=dict)
    """For accounts.actions.particulars.change_particulars."""


def template() -> str:
    """A file to begin from."""
    return sheets.written(COLUMNS, EXAMPLES)


def read(content: bytes) -> list[dict[str, str]]:
    """The rows as texts by column, each with its `line`. Raises NotValid with what to mend."""
    return sheets.read(content, SHAPE)


def plan(rows: Iterable[dict[str, str]]) -> list[Row]:
    """What each row comes to now. Six reads for however many."""
    rows = list(rows)
    state = _State(rows)
    return [_row(given, state) for given in rows]


def _by_name(choices: Iterable[tuple[str, Any]]) -> dict[str, str]:
    return {str(label).lower(): value for value, label in choices} | {value: value for value, _ in choices}


class _State:
    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.platforms = _by_name(
            [(slug, name) for slug, name in registry.NAMES.items() if slug != "exercise"]
        )
        self.kinds = _by_name(Mandate.Kind.choices)
        self.verified = _by_name(Mandate.Verified.choices)
        self.run = _by_name(Mandate.Run.choices)
        wanted = {row[column].lower() for row in rows for column in ("owner", "deputy", "asset owner")}
        self.people = {
            person.email.lower(): person
            for person in StaffMember.objects.extra(where=["lower(email) = ANY(%s)"], params=[sorted(wanted)])
        }
        self.areas = {area.name.lower(): area for area in Neighbourhood.objects.all()}
        self.teams = {team.name.lower(): team for team in Team.objects.all()}
        self.known = {
            (platform, handle.lower())
            for platform, handle in OfficialAccount.objects.values_list("platform", "handle")
        }
        self.boxes = {
            box.lower() for box in Mandate.objects.exclude(mailbox="").values_list("mailbox", flat=True)
        }
        self.rules = naming.rules()
        self.times = Counter((self.platform(row), _handle(row).lower()) for row in rows)
        self.box_times = Counter(row["mailbox"].lower() for row in rows if row["mailbox"])

    def platform(self, row: dict[str, str]) -> str:
        return self.platforms.get(row["platform"].lower(), "")


def _handle(row: dict[str, str]) -> str:
    return row["handle"].removeprefix("@")


def _row(given: dict[str, str], state: _State) -> Row:
    platform, handle = state.platform(given), _handle(given)
    row = Row(int(given["line"]), " ".join(given["name"].split()), given["platform"], handle)
    wrong = row.wrong
    for column in COLUMNS:
        if given[column].startswith(_FORMULA):
            wrong.append(f"The cell {column} begins with “{given[column][0]}”, as a formula does.")
        elif hides_something(given[column].replace("\n", " ").replace("\r", " ")):
            wrong.append(f"The cell {column} holds a character that cannot be seen. Type it anew.")
        elif len(given[column]) > _LENGTHS.get(column, 300):
            wrong.append(f"The cell {column} is longer than {_LENGTHS.get(column, 300)} characters.")
        elif column in ("vault entry", "recovery", "continuity") and reads_like_a_secret(given[column]):
            wrong.append(
                f"The cell {column} reads like a password: give only what the vault’s entry is called."
            )
    if not platform:
        wrong.append(
            f"There is no platform “{given['platform']}”." if given["platform"] else "There is no platform."
        )
    if not handle:
        wrong.append("There is no handle.")
    if not row.name:
        wrong.append("There is no name.")
    if platform and handle:
        if (platform, handle.lower()) in state.known:
            wrong.append("It stands in the register already.")
        if state.times[(platform, handle.lower())] > 1:
            wrong.append("It stands in more than one row.")
    people = {column: _person(given, column, state, wrong) for column in ("owner", "deputy", "asset owner")}
    if not given["owner"]:
        wrong.append("There is no owner.")
    area = _one(given, "area", state.areas.get, wrong)
    team = _one(given, "team", state.teams.get, wrong)
    kind = _one(given, "kind", state.kinds.get, wrong)
    if kind == Mandate.Kind.OFFICER:
        wrong.append("The account of a named officer needs their consent: enter it by hand.")
    verified = _one(given, "verified", state.verified.get, wrong)
    run = _one(given, "run", state.run.get, wrong)
    picture = given["picture"].lower()
    if picture not in ("", "yes", "no"):
        wrong.append("The cell picture says neither yes nor no.")
    _addresses(given, state, wrong)
    row.account = {
        "platform": platform,
        "handle": handle,
        "name": row.name,
        "owner": people["owner"],
        "purpose": given["purpose"],
        "profile_url": given["link"],
        "team": team,
        "neighbourhood": area,
    }
    row.particulars = {
        **{name: given[column] for column, name in _FIELDS.items() if given[column]},
        **({"deputy": people["deputy"]} if people["deputy"] else {}),
        **({"asset_owner": people["asset owner"]} if people["asset owner"] else {}),
        **({"kind": kind} if kind else {}),
        **({"verified": verified} if verified else {}),
        **({"run": run} if run else {}),
        **({"has_picture": picture == "yes"} if picture else {}),
    }
    if not wrong:
        face = naming.Face(
            platform, handle, row.name, given["profile"], {"yes": True, "no": False}.get(picture)
        )
        row.lacks = [
            f"No {column}."
            for column in (
                "purpose",
                "deputy",
                "asset owner",
                "mailbox",
                "vault entry",
                "recovery",
                "continuity",
            )
            if not given[column]
        ] + naming.broken(state.rules, face)
    return row


def _person(given: dict[str, str], column: str, state: _State, wrong: list[str]) -> StaffMember | None:
    if not given[column]:
        return None
    person = state.people.get(given[column].lower())
    if person is None:
        wrong.append(f"Nobody with the e-mail address “{given[column]}” works here ({column}).")
    elif not person.active:
        wrong.append(f"{person.called} has left ({column}).")
    return person


def _one(given: dict[str, str], column: str, find: Callable[[str], Any], wrong: list[str]) -> Any:
    if not given[column]:
        return None
    found = find(given[column].lower())
    if found is None:
        wrong.append(f"There is no {column} “{given[column]}”.")
    return found


def _addresses(given: dict[str, str], state: _State, wrong: list[str]) -> None:
    if given["link"]:
        try:
            URLValidator(schemes=["https", "http"])(given["link"])
        except ValidationError:
            wrong.append("The link is no address that begins with https://.")
    box = given["mailbox"].lower()
    if box:
        try:
            addresses.check(given["mailbox"])
        except ValidationError:
            wrong.append("The mailbox is no e-mail address.")
        if box in state.boxes:
            wrong.append("The mailbox serves another official account already.")
        if state.box_times[box] > 1:
            wrong.append("The mailbox stands in more than one row.")
