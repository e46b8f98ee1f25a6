"""The scorecard of the APP "Social media": every duty with its live state, and the ten minimums of each official account.

Two may speak of a duty: the product's figures (insights.evidence) and what somebody recorded of it. The worse counts, so
that nobody can record away what the figures say. A waiver that holds stands above both, and says until when.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts import minimums
from accounts.minimums import Cell
from accounts.models import OfficialAccount
from accounts.queries import account_ids, authority_of, may, people_with, require
from core import clock, sheets
from core.errors import NotFound
from insights import duties, evidence
from insights.duties import Duty
from insights.evidence import STRICTEST, Facts, Found, State
from insights.models import DutyRecord, DutyWaiver, MeetingAction, ScorecardMeeting
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power

HISTORY_SHOWN = 50
MEETINGS_SHOWN = 100
SHOWN = {
    "all": "All",
    "gaps": "Gaps",
    "unjudged": "Not yet judged",
    "waived": "Waived",
    "met": "Met",
}
_OF_SHELF: dict[str, frozenset[State]] = {
    "all": frozenset(State),
    "gaps": frozenset({State.NOT_MET, State.PARTLY, State.UNREAD}),
    "unjudged": frozenset({State.UNJUDGED}),
    "waived": frozenset({State.WAIVED}),
    "met": frozenset({State.MET}),
}


@dataclass(frozen=True)
class Row:
    """One duty as it stands."""

    duty: Duty
    state: State
    found: Found | None
    record: DutyRecord | None
    waiver: DutyWaiver | None
    """The one that holds, or that waits for a second person."""

    @property
    def owner(self) -> StaffMember | None:
        return self.record.owner if self.record is not None else None

    @property
    def says(self) -> str:
        """Why it stands so: what the figures say, else what somebody recorded."""
        if self.found is not None:
            return self.found.says
        return self.record.words if self.record is not None else ""

    @property
    def gap(self) -> str:
        """What is lacking, where something is."""
        if self.state in (State.MET, State.WAIVED):
            return ""
        if self.record is not None and self.record.gap:
            return self.record.gap
        if self.record is not None and self.record.is_due and self.record.says == DutyRecord.Says.MET:
            return "What was recorded was to be looked at again, and was not."
        if self.found is not None:
            return self.found.says
        return "Nobody has recorded where it stands."


@dataclass(frozen=True)
class Sheet:
    """The whole scorecard at one moment."""

    made_at: datetime
    rows: tuple[Row, ...]
    matrix: tuple[tuple[OfficialAccount, tuple[Cell, ...]], ...]
    matrix_fault: str = ""
    """Why there is no matrix, where it could not be read."""

    @property
    def counts(self) -> dict[State, int]:
        """How many duties stand where, the best first."""
        found = Counter(row.state for row in self.rows)
        return {state: found.get(state, 0) for state in State}

    def as_data(self) -> dict[str, Any]:
        """The same as plain data: what a meeting keeps, what `manage.py scorecard --json` prints. No ids of people."""
        return {
            "edition": duties.EDITION,
            "force": settings.FORCE_NAME,
            "made_at": self.made_at.isoformat(),
            "counts": {state.value: count for state, count in self.counts.items()},
            "duties": [_row_data(row) for row in self.rows],
            "minimums": [{"id": one.slug, "head": one.head, "says": one.says} for one in minimums.MINIMUMS],
            "accounts": [
                {
                    "id": account.pk,
                    "name": account.name,
                    "platform": registry.NAMES.get(account.platform, account.platform),
                    "handle": account.handle,
                    "cells": [
                        {"id": cell.slug, "state": cell.state, "why": cell.why, "page": cell.address}
                        for cell in cells
                    ],
                }
                for account, cells in self.matrix
            ],
            "accounts_fault": self.matrix_fault,
        }


def _row_data(row: Row) -> dict[str, Any]:
    found, kept, waiver = row.found, row.record, row.waiver
    return {
        "id": row.duty.slug,
        "section": row.duty.section,
        "force": row.duty.force,
        "bearer": row.duty.bearer,
        "says": row.duty.says,
        "state": row.state.value,
        "evidence": row.duty.evidence,
        "found": found.says if found else "",
        "figures": [{"label": label, "value": value} for label, value in found.figures] if found else [],
        "page": found.where.address if found and found.where else "",
        "owner": kept.owner.called if kept else "",
        "words": kept.words if kept else "",
        "gap": row.gap,
        "document": kept.document if kept else "",
        "review_on": kept.review_on.isoformat() if kept and kept.review_on else "",
        "waiver": {
            "reason": waiver.reason,
            "until": waiver.until.isoformat(),
            "asked_by": waiver.asked_by.called,
            "agreed_by": waiver.agreed_by.called if waiver.agreed_by else "",
        }
        if waiver is not None and waiver.is_live
        else None,
    }


# Reading


def sheet(viewer: StaffMember) -> Sheet:
    """The scorecard as it stands now, with those official accounts whose entry in the register the viewer may see.

    Raises NotPermitted.
    """
    require(viewer, Power.SEE_SCORECARD)
    whole = read()
    ids = set(account_ids(viewer, Power.SEE_REGISTER))
    return replace(whole, matrix=tuple(pair for pair in whole.matrix if pair[0].pk in ids))


def read() -> Sheet:
    """The same for the platform itself: a meeting's snapshot, and the command. The reads do not grow with the accounts."""
    facts = Facts()
    kept: dict[str, Found] = {}
    records, waivers = _records(), _waivers()
    rows = tuple(
        _row(duty, evidence.read(duty, facts, kept), records.get(duty.slug), waivers.get(duty.slug))
        for duty in duties.every()
    )
    cells, fault = evidence.matrix(facts)
    return Sheet(facts.now, rows, tuple(cells), fault)


def row(viewer: StaffMember, slug: str) -> Row:
    """One duty. Raises NotPermitted, NotFound."""
    require(viewer, Power.SEE_SCORECARD)
    duty = duties.duty(slug)
    found = evidence.read(duty, Facts(), {})
    return _row(duty, found, _records(slug).get(slug), _waivers(slug).get(slug))


def _records(slug: str = "") -> dict[str, DutyRecord]:
    rows = DutyRecord.objects.filter(duty=slug) if slug else DutyRecord.objects.all()
    latest = rows.select_related("owner", "by").order_by("duty", "-at", "-id").distinct("duty")
    return {one.duty: one for one in latest}


def _waivers(slug: str = "") -> dict[str, DutyWaiver]:
    rows = DutyWaiver.objects.filter(duty=slug) if slug else DutyWaiver.objects.all()
    live = rows.filter(ended_at=None, until__gte=clock.today()).select_related("asked_by", "agreed_by")
    return {one.duty: one for one in live}


def _row(duty: Duty, found: Found | None, kept: DutyRecord | None, waiver: DutyWaiver | None) -> Row:
    state = _state(found, kept)
    if waiver is not None and waiver.is_live:
        state = State.WAIVED
    return Row(duty, state, found, kept, waiver)


def _state(found: Found | None, kept: DutyRecord | None) -> State:
    own = None
    if kept is not None and kept.says != DutyRecord.Says.FIGURES:
        own = State(kept.says)
        if own == State.MET and kept.is_due:
            own = State.PARTLY
    if found is None or found.state == State.UNJUDGED:
        return own or State.UNJUDGED
    if own is None:
        return found.state
    return min(own, found.state, key=STRICTEST.index)


def shown(rows: Iterable[Row], shelf: str) -> list[tuple[str, list[Row]]]:
    """The rows of one shelf under the headings of the APP."""
    wanted = _OF_SHELF.get(shelf, _OF_SHELF["all"])
    sections: dict[str, list[Row]] = {}
    for one in rows:
        if one.state in wanted:
            sections.setdefault(one.duty.section, []).append(one)
    return list(sections.items())


def opens(viewer: StaffMember, found: Found | None) -> str:
    """The address of the page that shows the evidence in full, where the viewer may open it; else empty."""
    if found is None or found.where is None:
        return ""
    held = authority_of(viewer)
    needed = found.where.powers
    return found.where.address if not needed or any(held.holds(power) for power in needed) else ""


def may_record(viewer: StaffMember, of: Row) -> bool:
    """Who keeps the scorecard records of each duty, and its owner of theirs."""
    return may(viewer, Power.KEEP_SCORECARD) or (of.owner is not None and of.owner.pk == viewer.pk)


def owner_of(slug: str) -> StaffMember | None:
    """Who answers for a duty by its latest record."""
    kept = _records(slug).get(slug)
    return kept.owner if kept is not None else None


def owners() -> list[StaffMember]:
    """Who may be given a duty: whoever can read the scorecard."""
    return people_with(Power.SEE_SCORECARD)


def history(viewer: StaffMember, slug: str) -> list[DutyRecord]:
    """What was recorded of one duty, the latest first. Raises NotPermitted."""
    require(viewer, Power.SEE_SCORECARD)
    rows = DutyRecord.objects.filter(duty=slug).select_related("owner", "by")
    return list(rows[:HISTORY_SHOWN])


def waivers(viewer: StaffMember, slug: str) -> list[DutyWaiver]:
    """Every waiver of one duty, the latest first. Raises NotPermitted."""
    require(viewer, Power.SEE_SCORECARD)
    rows = DutyWaiver.objects.filter(duty=slug).select_related("asked_by", "agreed_by", "ended_by")
    return list(rows[:HISTORY_SHOWN])


def waiver(viewer: StaffMember, pk: int) -> DutyWaiver:
    """One of them. Raises NotPermitted, NotFound."""
    require(viewer, Power.SEE_SCORECARD)
    found = DutyWaiver.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such waiver. Reload the page.")
    return found


# Meetings

INFOSEC = (Power.SECURE_ACCOUNTS,)
COMMS = (Power.ASSESS_ACCOUNTS, Power.WRITE_GUIDELINES)
"""Who speaks for which side: by what their role lets them do, not by the name of their team."""


def of_side(side: str) -> list[StaffMember]:
    """Who may speak for a side at a meeting."""
    powers = INFOSEC if side == "infosec" else COMMS
    found = {one.pk: one for power in powers for one in people_with(power)}
    return sorted(found.values(), key=lambda one: one.called)


def meetings(viewer: StaffMember) -> QuerySet[ScorecardMeeting]:
    """Every meeting, the latest first. Raises NotPermitted."""
    require(viewer, Power.SEE_SCORECARD)
    rows = ScorecardMeeting.objects.select_related("recorded_by").prefetch_related(
        "attendances__person", "actions"
    )
    return rows.defer("snapshot")[:MEETINGS_SHOWN]


def meeting(viewer: StaffMember, pk: int) -> ScorecardMeeting:
    """One of them, with what was seen. Raises NotPermitted, NotFound."""
    require(viewer, Power.SEE_SCORECARD)
    found = (
        ScorecardMeeting.objects.select_related("recorded_by")
        .prefetch_related("attendances__person")
        .filter(pk=pk)
        .first()
        if pk < 2**63
        else None
    )
    if found is None:
        raise NotFound("There is no such meeting.")
    return found


def seen_in(viewer: StaffMember, meeting: ScorecardMeeting) -> dict[str, Any]:
    """What a meeting saw, with those official accounts whose entry in the register the viewer may see."""
    ids = set(account_ids(viewer, Power.SEE_REGISTER))
    kept = meeting.snapshot
    return {**kept, "accounts": [one for one in kept["accounts"] if one["id"] in ids]}


def actions_of(meeting: ScorecardMeeting) -> list[MeetingAction]:
    """What is to be done after it, by the day it is due."""
    return list(meeting.actions.select_related("owner", "done_by"))


def meeting_action(viewer: StaffMember, meeting: ScorecardMeeting, pk: int) -> MeetingAction:
    """One of them. Raises NotFound."""
    found = meeting.actions.select_related("owner").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such action. Reload the page.")
    return found


def open_actions(viewer: StaffMember | None = None) -> QuerySet[MeetingAction]:
    """Actions that nobody has done yet; with a viewer, theirs alone."""
    rows = (
        MeetingAction.objects.filter(done_at=None)
        .select_related("owner", "meeting")
        .defer("meeting__snapshot")
        .order_by("due_on", "id")
    )
    return rows.filter(owner=viewer) if viewer is not None else rows


def last_meeting() -> ScorecardMeeting | None:
    """The one by whose next day the review is overdue or not."""
    return ScorecardMeeting.objects.defer("snapshot").first()


def review_overdue_since() -> date | None:
    """The day on which the scorecard was to be looked at; None where that is still to come, or nothing was ever kept.

    Before the first meeting it is due from the day of the first record on: an untouched scorecard nags nobody.
    """
    last = last_meeting()
    if last is not None:
        return last.next_on if last.next_on < clock.today() else None
    first = DutyRecord.objects.order_by("at", "id").values_list("at", flat=True).first()
    return clock.in_london(first).date() if first is not None else None


def waivers_to_agree(viewer: StaffMember) -> list[DutyWaiver]:
    """Those that wait for a second person and that the viewer did not ask for."""
    if not may(viewer, Power.KEEP_SCORECARD):
        return []
    rows = DutyWaiver.objects.filter(ended_at=None, agreed_at=None, until__gte=clock.today())
    return list(rows.exclude(asked_by=viewer).select_related("asked_by").order_by("asked_at"))


def records_due() -> list[DutyRecord]:
    """Latest records whose day to be looked at again has passed, by duties that hold."""
    known = {duty.slug for duty in duties.every()}
    return [one for slug, one in sorted(_records().items()) if one.is_due and slug in known]


# On paper and as a table


def as_csv(data: dict[str, Any]) -> str:
    """The duties and then the minimums of each official account, as one table of cells. `data`: Sheet.as_data."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(
        [
            "what",
            "id",
            "section or account",
            "force of the APP",
            "addressed to",
            "asks for",
            "state",
            "figures",
            "gap",
            "owner",
            "document",
            "looked at again",
            "waived until",
            "waived because",
            "page",
        ]
    )
    for one in data["duties"]:
        waived = one["waiver"] or {"until": "", "reason": ""}
        table.writerow(
            _plain(
                "duty",
                one["id"],
                one["section"],
                one["force"],
                one["bearer"],
                one["says"],
                State(one["state"]).label,
                "; ".join(f"{figure['label']}: {figure['value']}" for figure in one["figures"]),
                one["gap"],
                one["owner"],
                one["document"],
                one["review_on"],
                waived["until"],
                waived["reason"],
                one["page"],
            )
        )
    says = {one["id"]: one["says"] for one in data["minimums"]}
    for account in data["accounts"]:
        for cell in account["cells"]:
            table.writerow(
                _plain(
                    "minimum",
                    cell["id"],
                    f"{account['name']} (@{account['handle']} on {account['platform']})",
                    "should",
                    "Information security",
                    says.get(cell["id"], ""),
                    State(cell["state"]).label,
                    "",
                    cell["why"],
                    "",
                    "",
                    "",
                    "",
                    "",
                    cell["page"],
                )
            )
    return "\ufeff" + out.getvalue()


def _plain(*cells: str) -> list[str]:
    return [sheets.cell(one) for one in cells]
