"""Which pictures stand before whom: a dashboard answers what one role asks, from figures of what they may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.queries import authority_of
from core.errors import NotFound, NotPermitted
from insights import charts
from insights.charts import Picture
from insights.pictures import desk, escalations, published, responses, rumours, standards, volume
from insights.pictures.reading import Reading
from insights.queries_figures import change
from staff.models import StaffMember
from staff.roles import Power

Draw = Callable[[Reading], Picture]


@dataclass(frozen=True)
class Head:
    """One number at the top: what is counted, how many, and how that stands to the period before."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Dashboard:
    """One page of pictures. opens: any of these powers; sees: the power whose official accounts it counts."""

    slug: str
    title: str
    asks: str
    """What it answers, as its readers would ask."""
    opens: tuple[str, ...]
    sees: str
    pictures: dict[str, Draw]
    public: bool = False
    """Its numbers may leave the force: small ones are not told, the others only to the nearest 5."""
    by_place: bool = False
    """It begins with a neighbourhood."""


DASHBOARDS: dict[str, Dashboard] = {
    one.slug: one
    for one in (
        Dashboard(
            "communications",
            "Communications",
            "What do people write, what do we say, and does it reach them?",
            (Power.APPROVE_POSTS, Power.WRITE_STRATEGY, Power.APPROVE_STRATEGY),
            Power.SEE_POSTS,
            {
                "in-and-out": volume.in_and_out,
                "categories": volume.categories,
                "changes": volume.changes,
                "platforms": volume.platforms,
                "responses": responses.by_priority,
                "posts": published.posts,
                "followers": published.followers,
                "appeals": published.appeals,
                "accessibility": published.accessibility,
                "clauses": standards.clauses,
                "accounts": volume.accounts,
                "cost": published.cost,
            },
        ),
        Dashboard(
            "desk",
            "The desk",
            "Are we fast enough, are enough people there, and does triage help?",
            (Power.CHECK_DECISIONS,),
            Power.SEE_COMMENTS,
            {
                "in-and-out": volume.in_and_out,
                "responses": responses.by_priority,
                "waiting": responses.waiting,
                "spread": responses.spread,
                "hours": responses.by_hour,
                "arrivals": desk.arrivals,
                "unwatched": desk.unwatched,
                "done": standards.done,
                "triage": standards.triage,
                "triage-groups": standards.triage_by_group,
                "surges": desk.surges,
                "workload": desk.workload,
                "welfare": desk.welfare,
            },
        ),
        Dashboard(
            "neighbourhood",
            "Neighbourhood",
            "What did people here write about, and what did we do?",
            (Power.SEE_COMMENTS,),
            Power.SEE_COMMENTS,
            {
                "categories": volume.categories,
                "changes": volume.changes,
                "rumours": rumours.going_round,
                "in-and-out": volume.in_and_out,
                "done": standards.done,
                "responses": responses.by_priority,
                "posts": published.posts,
                "appeals": published.appeals,
                "accounts": volume.accounts,
            },
            by_place=True,
        ),
        Dashboard(
            "command",
            "Command",
            "Is somebody at risk, did somebody have it in time, and where are we deaf?",
            (Power.LOCK_DOWN, Power.ACKNOWLEDGE_CASES),
            Power.SEE_COMMENTS,
            {
                "high-risk": volume.high_risk,
                "cases": escalations.cases,
                "acknowledged": escalations.acknowledged,
                "rumours": rumours.going_round,
                "waiting": responses.waiting,
                "responses": responses.by_priority,
                "deaf": escalations.deaf,
                "unwatched": desk.unwatched,
                "arrivals": desk.arrivals,
                "surges": desk.surges,
            },
        ),
        Dashboard(
            "scrutiny",
            "For scrutiny",
            "What can be shown to a scrutiny panel or the public: is it fair, and is it put right?",
            (Power.SEE_SCORECARD,),
            Power.SEE_REGISTER,
            {
                "in-and-out": volume.in_and_out,
                "categories": volume.categories,
                "clauses": standards.clauses,
                "second-looks": standards.second_looks,
                "act-reviews": standards.act_reviews,
                "triage": standards.triage,
                "responses": responses.by_priority,
                "platforms": volume.platforms,
            },
            public=True,
        ),
    )
}


def open_to(viewer: StaffMember) -> list[Dashboard]:
    """Those that the viewer may open, in their order."""
    held = authority_of(viewer)
    return [one for one in DASHBOARDS.values() if any(held.holds(power) for power in one.opens)]


def dashboard(viewer: StaffMember, slug: str) -> Dashboard:
    """One of them. Raises NotFound for one that there is not, NotPermitted for one that is not theirs."""
    found = DASHBOARDS.get(slug)
    if found is None:
        raise NotFound("There is no such page of figures.")
    if found not in open_to(viewer):
        raise NotPermitted("These figures are for another role.", power=found.opens[0])
    return found


def drawn(found: Dashboard, r: Reading) -> list[Picture]:
    """Every picture of a dashboard, in its order."""
    return [draw(r) for draw in found.pictures.values()]


def picture(found: Dashboard, slug: str, r: Reading) -> Picture:
    """One of them. Raises NotFound."""
    draw = found.pictures.get(slug)
    if draw is None:
        raise NotFound("There is no such picture on this page of figures.")
    return draw(r)


def heads(r: Reading) -> list[Head]:
    """What stands at the top of each."""
    now, before = r.now.total, r.before
    share = r.share(now.in_time, now.judged)
    was = r.share(before.in_time, before.judged)
    replies = volume.sent(r.events, *volume.REPLIES)
    replies_before = volume.sent(r.events_before, *volume.REPLIES)
    return [
        Head("Received", r.words(now.received), _against(r, now.received, before.received)),
        Head(
            "Dealt with in time",
            charts.percent(share),
            f"{charts.percent(was)} in the period before"
            if was is not None
            else "no period before to compare",
        ),
        Head("Replies sent", r.words(replies), _against(r, replies, replies_before)),
        Head(
            "Still open of these",
            r.words(now.open),
            f"{r.words(now.dealt)} dealt with",
        ),
    ]


def _against(r: Reading, now: int, before: int) -> str:
    if r.public:
        return f"{r.words(before)} in the period before"
    return (
        f"{change(now, before)}: {before:,} in the period before" if before else "none in the period before"
    )
