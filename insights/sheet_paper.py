"""The scorecard as a PDF for an inspection: from the data of a sheet, live or kept by a meeting."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from core import clock
from core.paper import Paper, utc
from insights.duties import FORCES
from insights.evidence import State


def pdf(data: dict[str, Any], *, of_meeting: date | None = None) -> bytes:
    """Counts, every duty under its heading with state, figures, gap, owner and waiver; then the official accounts."""
    made = datetime.fromisoformat(data["made_at"])
    title = f"APP social media: scorecard of {data['force']}"
    paper = Paper(title, head=f"OFFICIAL   {data['force']}   {clock.in_london(made):%d %B %Y}", at=made)
    paper.facts(
        [
            ("As it stood", utc(made)),
            ("Looked at in", f"the meeting of {of_meeting:%d %B %Y}" if of_meeting else ""),
            ("Source", f"College of Policing, APP Social media, first published {data['edition']}"),
            *((State(slug).label, f"{count:,}") for slug, count in data["counts"].items()),
        ]
    )
    section = ""
    for one in data["duties"]:
        if one["section"] != section:
            section = one["section"]
            paper.heading(section)
        waiver = one["waiver"]
        paper.facts(
            [
                (
                    State(one["state"]).label,
                    f"{one['says']} ({FORCES[one['force']].lower()}; {one['bearer']})",
                ),
                ("Evidence", one["found"]),
                ("Figures", "; ".join(f"{f['label']}: {f['value']}" for f in one["figures"])),
                ("Recorded", one["words"]),
                ("Gap", one["gap"] if one["gap"] != one["found"] else ""),
                ("Owner", one["owner"]),
                ("Document", one["document"]),
                ("Looked at again", one["review_on"]),
                (
                    "Waived",
                    f"until {waiver['until']}: {waiver['reason']} (asked for by {waiver['asked_by']}, agreed by "
                    f"{waiver['agreed_by']})"
                    if waiver
                    else "",
                ),
            ]
        )
        paper.ln(1)
    paper.heading("The ten security minimums of each official account")
    if data["accounts_fault"]:
        paper.text_block(data["accounts_fault"])
    heads = {one["id"]: one["head"] for one in data["minimums"]}
    for account in data["accounts"]:
        gaps = [cell for cell in account["cells"] if cell["state"] != "met"]
        paper.facts(
            [
                (
                    account["name"],
                    f"@{account['handle']} on {account['platform']}: "
                    f"{len(account['cells']) - len(gaps)} of {len(account['cells'])} met",
                ),
                *((heads[cell["id"]], f"{State(cell['state']).label}: {cell['why']}") for cell in gaps),
            ]
        )
        paper.ln(1)
    return paper.whole()
