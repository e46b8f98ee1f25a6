"""A list of staff as CSV: read within bounds, and compared with who works here. No writes here.

One row is one person. Empty cells leave things as they are; nothing is ended but by `leaves`, or where a
role that is held gets another last day.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Grant, Neighbourhood
from accounts.queries import live_grants
from core import clock, sheets
from staff import addresses
from staff.models import Membership, StaffMember, Team
from staff.names import hides_something
from staff.roles import Role

COLUMNS = ("email", "name", "rank", "team", "role", "neighbourhood", "until", "leaves")
EXAMPLES = (
    (
        "nia.new@wealdshire.example",
        "Nia New",
        "PC",
        "Harrowfield neighbourhood team",
        "Neighbourhood officer",
        "Harrowfield",
        "31/12/2026",
        "",
    ),
    ("kit.lane@wealdshire.example", "Kit Lane", "", "Digital desk", "Digital desk operator", "", "", ""),
    ("sam.gone@wealdshire.example", "Sam Gone", "", "", "", "", "", "Resigned, last day today"),
)
MOST_ROWS = 2000
LARGEST_BYTES = 2 * 1024 * 1024
SHAPE = sheets.Shape(
    "people",
    MOST_ROWS,
    LARGEST_BYTES,
    known=COLUMNS,
    needed=COLUMNS,
    also={"e-mail": "email", "e-mail address": "email", "email address": "email"},
    instead="Split it into several, or let the directory bring them in.",
)
_MOST = {
    "email": 254,
    "name": 120,
    "rank": 80,
    "team": 120,
    "role": 60,
    "neighbourhood": 120,
    "until": 10,
    "leaves": 300,
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Step:
    """What one row comes to. `outcome`: join, change, leave, unchanged or refused."""

    line: int
    email: str
    name: str
    outcome: str
    words: list[str] = field(default_factory=list)
    """What will happen, or why it is refused, in sentences."""
    member: int | None = None
    rank: str = ""
    team: int | None = None
    """The team that they are put into."""
    role: str = ""
    """The role that they get."""
    neighbourhood: int | None = None
    until: str = ""
    """The instant until which they hold it, in ISO form; empty for an open end."""
    ends: list[int] = field(default_factory=list)
    """Grants that end first, because their last day changes."""
    leaves: str = ""


def template() -> str:
    """A file to begin from: the columns, and three rows to write over."""
    return sheets.written(COLUMNS, EXAMPLES)


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a file as texts by column, with their `line`. Raises NotValid with what to mend."""
    return sheets.read(content, SHAPE)


class _State:
    """Who works here and what they hold, read once for a whole file."""

    def __init__(self, emails: Iterable[str]) -> None:
        wanted = [email.lower() for email in emails]
        self.people = {
            person.email.lower(): person
            for person in StaffMember.objects.extra(where=["lower(email) = ANY(%s)"], params=[wanted])
        }
        self.teams = {team.name.lower(): team for team in Team.objects.select_related("directory")}
        self.neighbourhoods = {area.name.lower(): area for area in Neighbourhood.objects.all()}
        self.roles = {role.label.lower(): role.value for role in Role} | {
            role.value: role.value for role in Role
        }
        at = clock.now()
        ids = [person.pk for person in self.people.values()]
        places = Membership.objects.filter(member__in=ids, since__lte=at)
        self.places = {
            (place.member_id, place.team_id) for place in places if place.until is None or place.until > at
        }
        self.grants: dict[tuple[int, str, int | None], list[Grant]] = {}
        for grant in live_grants(at=at).filter(person__in=ids, official_account=None):
            key = (grant.person_id or 0, grant.role, grant.neighbourhood_id)
            self.grants.setdefault(key, []).append(grant)


def plan(rows: list[dict[str, str]], *, actor_id: int | None) -> list[Step]:
    """What each row comes to now. `actor_id`: whose list it is; nobody lets themselves go or gives themselves."""
    state = _State(row["email"] for row in rows)
    times = Counter(row["email"].lower() for row in rows)
    return [_step(row, state, times, actor_id) for row in rows]


def _step(row: dict[str, str], state: _State, times: Counter[str], actor_id: int | None) -> Step:
    step = Step(int(row["line"]), row["email"], " ".join(row["name"].split()), "refused")
    member = state.people.get(row["email"].lower())
    step.member = member.pk if member else None
    wrong = _cells(row)
    if times[row["email"].lower()] > 1:
        wrong.append("This e-mail address stands in more than one row.")
    if not wrong:
        if row["leaves"]:
            wrong = _leave(step, row, member, actor_id)
        else:
            wrong = _join_or_change(step, row, member, state, actor_id)
    if wrong:
        return Step(step.line, step.email, step.name, "refused", wrong, member=step.member)
    return step


def _cells(row: dict[str, str]) -> list[str]:
    wrong = []
    for name in COLUMNS:
        if row[name].startswith(_FORMULA):
            wrong.append(
                f"The cell {name} begins with “{row[name][0]}”, as a formula does. Write it without."
            )
        elif name in ("name", "rank") and hides_something(row[name]):
            wrong.append(f"The cell {name} holds a character that cannot be seen. Type it anew.")
        elif len(row[name]) > _MOST[name]:
            wrong.append(f"The cell {name} is longer than {_MOST[name]} characters.")
    try:
        addresses.check(row["email"])
    except ValidationError:
        wrong.append("This is not an e-mail address." if row["email"] else "There is no e-mail address.")
    return wrong


def _leave(step: Step, row: dict[str, str], member: StaffMember | None, actor_id: int | None) -> list[str]:
    if any(row[name] for name in ("team", "role", "neighbourhood", "until")):
        return ["Somebody who leaves gets no team and no role. Empty those cells, or the cell leaves."]
    if member is None:
        return ["Nobody with this e-mail address works here, so they cannot leave."]
    if member.pk == actor_id:
        return ["You cannot record that you left yourself."]
    step.name = member.called
    if not member.active:
        step.outcome, step.words = "unchanged", ["They have left already."]
        return []
    step.outcome, step.leaves = "leave", row["leaves"]
    step.words = [f"They are out at once, everywhere: {row['leaves']}"]
    return []


def _join_or_change(
    step: Step, row: dict[str, str], member: StaffMember | None, state: _State, actor_id: int | None
) -> list[str]:
    wrong: list[str] = []
    if member is not None and not member.active:
        return [
            "Somebody with this e-mail address has left. Each return needs a reason of its own: bring them "
            "back on their page, then read the file again."
        ]
    if not step.name:
        if member is None:
            return ["There is no name."]
        step.name = member.name
    step.rank = row["rank"] or (member.rank if member else "")
    team = state.teams.get(row["team"].lower()) if row["team"] else None
    if row["team"] and team is None:
        wrong.append(f"There is no team “{row['team']}”.")
    elif team is not None and _kept_by_directory(team):
        wrong.append(f"The directory keeps the team {team}. Put them in there.")
    wrong += _role(step, row, state, member, actor_id)
    if wrong:
        return wrong
    if member is None:
        step.outcome = "join"
        step.words.insert(0, f"{step.rank} {step.name}".strip() + " is added.")
    else:
        if (step.name, step.rank) != (member.name, member.rank):
            step.words.insert(0, f"{member.called} becomes {step.rank} {step.name}".rstrip() + ".")
    if team is not None and (member is None or (member.pk, team.pk) not in state.places):
        if member is not None and member.pk == actor_id:
            return ["You cannot put yourself into a team."]
        step.team = team.pk
        step.words.append(f"They are put into {team}.")
    if member is not None:
        step.outcome = "change" if step.words else "unchanged"
    return []


def _kept_by_directory(team: Team) -> bool:
    known = getattr(team, "directory", None)
    return known is not None and known.removed_at is None


def _role(
    step: Step, row: dict[str, str], state: _State, member: StaffMember | None, actor_id: int | None
) -> list[str]:
    if not row["role"]:
        return (
            ["There is a neighbourhood or a last day and no role."]
            if row["neighbourhood"] or row["until"]
            else []
        )
    wrong = []
    role = state.roles.get(row["role"].lower())
    if role is None:
        wrong.append(f"There is no role “{row['role']}”.")
    area = state.neighbourhoods.get(row["neighbourhood"].lower()) if row["neighbourhood"] else None
    if row["neighbourhood"] and area is None:
        wrong.append(f"There is no neighbourhood “{row['neighbourhood']}”.")
    until = _instant(row["until"]) if row["until"] else None
    if row["until"] and until is None:
        wrong.append("The last day is no date to come, such as 31/12/2026.")
    if wrong or role is None:
        return wrong
    held = state.grants.get((member.pk, role, area.pk if area else None), []) if member else []
    if any(until is None or grant.until == until for grant in held):
        return []
    if member is not None and member.pk == actor_id:
        return ["You cannot give yourself a role."]
    step.role, step.neighbourhood = role, area.pk if area else None
    step.until = until.isoformat() if until else ""
    step.ends = sorted(grant.pk for grant in held)
    # `until` is the midnight after the last day.
    last = f", until the end of {clock.in_london(until - timedelta(hours=1)):%-d %B %Y}" if until else ""
    over = area or "all official accounts"
    if held:
        step.words.append(f"Their role {Role(role).label} over {over} gets another end{last}.")
    else:
        step.words.append(f"They get the role {Role(role).label} over {over}{last}.")
    return []


def _instant(text: str) -> datetime | None:
    """The end of a day on London clocks, where that is still to come and not after 2100."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a date, on London's calendar
        except ValueError:
            continue
        if clock.today() <= day < date(2100, 1, 1):
            return clock.midnight(day + timedelta(days=1))
    return None


def counts(steps: Iterable[Step]) -> dict[str, int]:
    """How many rows come to what."""
    found = Counter(step.outcome for step in steps)
    return {outcome: found[outcome] for outcome in ("join", "change", "leave", "unchanged", "refused")}


def as_data(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The steps as JSON keeps them."""
    return [asdict(step) for step in steps]


def fingerprint(steps: Iterable[Step]) -> str:
    """Equal where the same would happen to the same people."""
    return hashlib.sha256(json.dumps(as_data(steps), sort_keys=True).encode()).hexdigest()
