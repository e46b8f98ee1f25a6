"""Evidence from the daily work: escalation, answers, moderation, surges, drills, retention, meetings and the strategy."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count, Q

from escalation.models import PathwayVersion
from insights.evidence.facts import QUARTER, YEAR, Facts, real, written_first
from insights.evidence.found import Found, State, Where, out_of, share
from moderation.models import Decision, DipSample, Guidelines, Surge
from publishing.models import Lockdown
from retention.models import ScheduleRow
from staff.roles import Power

PATHWAYS = Where("escalation:pathways", (Power.SET_PATHWAYS,))
CASES = Where("escalation:cases", (Power.SEE_CASES,))
DESK = Where("moderation:desk", (Power.SEE_COMMENTS,))
FIGURES = Where("moderation_public:figures")
SURGES = Where("moderation:surges", (Power.SEE_COMMENTS,))
LOCKDOWNS = Where("publishing:lockdowns", (Power.LOCK_DOWN,))
SCHEDULE = Where("retention:schedule", (Power.SEE_RETENTION, Power.PLACE_HOLDS))
STRATEGY = Where("insights:strategy")
MEETINGS = Where("insights:meetings", (Power.SEE_SCORECARD,))

LATEST = 500
IN_TIME = 0.9
"""From this share on the desk's own clocks count as kept: the force's figure, not the APP's, which gives none."""


def pathways(facts: Facts) -> Found:
    """Live escalation pathways, and how many have an owner and a review that is not overdue."""
    rows = list(
        PathwayVersion.objects.filter(state=PathwayVersion.State.LIVE)
        .annotate(rungs=Count("levels"))
        .values_list("owner", "review_on", "rungs")
    )
    reviewed = sum(bool(owner) and day is not None and day >= facts.today for owner, day, _ in rows)
    with_ladder = sum(rungs > 0 for *_, rungs in rows)
    return share(
        reviewed,
        len(rows),
        f"{out_of(reviewed, len(rows))} live pathways have an owner and a review day that is still to come.",
        PATHWAYS,
        ("Live pathways", f"{len(rows):,}"),
        ("With a ladder of people to call", f"{with_ladder:,}"),
        ("With owner and review in date", f"{reviewed:,}"),
    )


def escalation_times(facts: Facts) -> Found:
    """Cases of the last 90 days that somebody acknowledged within their time."""
    kept, of = facts.acknowledged
    return share(
        kept,
        of,
        f"{out_of(kept, of)} cases of the last 90 days were acknowledged in time.",
        CASES,
        ("Acknowledged in time, 90 days", out_of(kept, of)),
        least=IN_TIME,
    )


def response_times(facts: Facts) -> Found:
    """Comments of the last seven days that were dealt with within the desk's clock for their priority."""
    kept = sum(done for done, _ in facts.answered.values())
    of = sum(every for _, every in facts.answered.values())
    return share(
        kept,
        of,
        f"{out_of(kept, of)} comments of the last seven days were dealt with in their time.",
        DESK,
        ("Dealt with in time, 7 days", out_of(kept, of)),
        least=IN_TIME,
    )


def decisions_checked(facts: Facts) -> Found:
    """Whether a supervisor looks over closed decisions, and how they were."""
    rows = real(DipSample.objects.filter(marked_at__gte=facts.now - QUARTER))
    counted = rows.aggregate(all=Count("pk"), wrong=Count("pk", filter=Q(mark="wrong")))
    waiting = real(DipSample.objects.filter(mark="")).count()
    figures = (
        ("Looked over within 90 days", f"{counted['all']:,}"),
        ("Found wrong", f"{counted['wrong']:,}"),
        ("Waiting to be looked over", f"{waiting:,}"),
    )
    state = State.MET if counted["all"] else State.PARTLY if waiting else State.NOT_MET
    return Found(state, f"Decisions looked over within 90 days: {counted['all']:,}.", figures, FIGURES)


def reasons_given(facts: Facts) -> Found:
    """The latest 500 acts against comments (hidden, deleted, author blocked): each names a clause of the guidelines.

    Read from the newest backwards, so that it costs the same however many there are.
    """
    acts = [Decision.Kind.HIDE, Decision.Kind.DELETE, Decision.Kind.BLOCK]
    rows = real(Decision.objects.filter(kind__in=acts), "comment__official_account__").order_by("-pk")
    clauses = list(rows.values_list("clause_id", flat=True)[:LATEST])
    named = sum(clause is not None for clause in clauses)
    figures = ((f"With a clause of the guidelines, latest {LATEST}", out_of(named, len(clauses))),)
    if not clauses:
        return Found(
            State.MET,
            "Nothing was hidden, deleted or blocked; without a clause none can be.",
            figures,
            FIGURES,
        )
    return share(
        named,
        len(clauses),
        f"{out_of(named, len(clauses))} acts against comments name the clause.",
        FIGURES,
        *figures,
    )


def guidelines(facts: Facts) -> Found:
    """Whether guidelines are in force for the public to read, and that somebody approved them."""
    row = (
        Guidelines.objects.filter(state=Guidelines.State.IN_FORCE)
        .annotate(count=Count("clauses", filter=Q(clauses__left_out=False)))
        .first()
    )
    where = Where("moderation:guidelines")
    if row is None:
        return Found(State.NOT_MET, "No guidelines are in force.", (), where)
    figures = (
        ("Version", f"{row.number}"),
        ("Clauses", f"{row.count:,}"),
        ("In force since", f"{row.in_force_from:%-d %B %Y}" if row.in_force_from else "–"),
    )
    if row.approved_by_id is None:
        return Found(
            State.PARTLY,
            "The words that the platform came with are in force; nobody in the force has approved them.",
            figures,
            where,
        )
    return Found(State.MET, f"Version {row.number} is in force for the public.", figures, where)


def surges(facts: Facts) -> Found:
    """Whether surge mode was run, or tried in an exercise, within a year, and how suggestions were met."""
    rows = Surge.objects.filter(since__gte=facts.now - YEAR)
    counted = rows.aggregate(
        all=Count("pk"),
        run=Count("pk", filter=Q(state__in=["running", "ended"])),
        passed=Count("pk", filter=Q(state="lapsed")),
    )
    figures = (
        ("Suggested or begun within a year", f"{counted['all']:,}"),
        ("Run in surge mode", f"{counted['run']:,}"),
        ("Passed without anybody’s answer", f"{counted['passed']:,}"),
    )
    says = (
        f"Times surge mode was run within a year: {counted['run']:,}."
        if counted["run"]
        else "The way is there; it was neither needed nor tried within a year."
    )
    return Found(State.MET if counted["run"] else State.PARTLY, says, figures, SURGES)


def lockdown_drills(facts: Facts) -> Found:
    """Whether a pause or lockdown was practised within a year, and official accounts have plans."""
    rows = Lockdown.objects.filter(started_at__gte=facts.now - YEAR)
    counted = rows.aggregate(
        drills=Count("pk", filter=Q(drill=True)), real=Count("pk", filter=Q(drill=False))
    )
    of = len(facts.accounts)
    planned = facts.planned
    figures = (
        ("Exercises within a year", f"{counted['drills']:,}"),
        ("In earnest within a year", f"{counted['real']:,}"),
        ("Official accounts with a continuity plan", out_of(planned, of)),
    )
    practised = bool(counted["drills"] or counted["real"])
    if practised and planned == of and of:
        state = State.MET
    else:
        state = State.PARTLY if practised or planned else State.NOT_MET
    says = (
        f"Exercises of pause or lockdown within a year: {counted['drills']:,}; "
        f"{out_of(planned, of)} official accounts have a plan."
    )
    return Found(state, says, figures, LOCKDOWNS)


def retention_schedule(facts: Facts) -> Found:
    """Rows of the retention schedule that the records manager has confirmed."""
    counted = ScheduleRow.objects.aggregate(
        all=Count("pk"), confirmed=Count("pk", filter=Q(confirmed_at__isnull=False))
    )
    done, of = counted["confirmed"], counted["all"]
    return share(
        done,
        of,
        f"{out_of(done, of)} periods of the schedule are confirmed.",
        SCHEDULE,
        ("Periods confirmed", out_of(done, of)),
    )


def no_first_contact(facts: Facts) -> Found:
    """Of the latest 500 private messages that were sent, those to somebody who had written there first."""
    first, of = written_first(LATEST)
    figures = ((f"To somebody who had written first, latest {LATEST}", out_of(first, of)),)
    if not of:
        return Found(
            State.MET, "No private message was sent; none can be without one from the person.", figures, None
        )
    # One that was not is a breach, whatever the share of the others.
    state = State.MET if first == of else State.NOT_MET
    return Found(
        state, f"{out_of(first, of)} private messages went to somebody who wrote first.", figures, None
    )


def meetings(facts: Facts) -> Found:
    """Whether information security and communications looked at the standards together, and the next is not overdue."""
    if not facts.meetings:
        return Found(State.NOT_MET, "No meeting is recorded.", (), MEETINGS)
    last = facts.meetings[0]
    overdue = last.next_on < facts.today
    return Found(
        State.PARTLY if overdue else State.MET,
        "The next meeting is overdue."
        if overdue
        else "The standards were looked at, and the next day is set.",
        (("Last held", f"{last.held_on:%-d %B %Y}"), ("Next", f"{last.next_on:%-d %B %Y}")),
        MEETINGS,
    )


def strategy(facts: Facts) -> Found:
    """Whether a strategy holds and its review is not overdue."""
    row = facts.strategy
    if row is None:
        return Found(State.NOT_MET, "No strategy is approved.", (), STRATEGY)
    figures = (
        ("Version", f"{row.number}"),
        ("Owner", row.owner.called if row.owner else "nobody"),
        ("Review", f"{row.review_on:%-d %B %Y}" if row.review_on else "–"),
    )
    left = row.owner is None or not row.owner.active
    if row.is_due or left:
        why = "Its owner has left." if left else "Its review is overdue."
        return Found(State.PARTLY, f"Version {row.number} holds. {why}", figures, STRATEGY)
    return Found(State.MET, f"Version {row.number} holds.", figures, STRATEGY)


def channels_reviewed(facts: Facts) -> Found:
    """Channels of the strategy that somebody asked about within a year."""
    fresh = sum(
        one.reviewed_on is not None and one.reviewed_on >= (facts.now - YEAR).date() for one in facts.channels
    )
    of = len(facts.channels)
    return share(
        fresh,
        of,
        f"{out_of(fresh, of)} channels were looked at within a year.",
        STRATEGY,
        ("Looked at within a year", out_of(fresh, of)),
    )


def strategy_mix(facts: Facts) -> Found:
    """Whether the strategy has a channel for every platform on which there is an official account, and a roadmap."""
    used = {account.platform for account in facts.accounts}
    named = {one.platform for one in facts.channels}
    roadmap = facts.strategy is not None and bool(facts.strategy.roadmap)
    figures = (
        ("Platforms in use that it names", out_of(len(used & named), len(used))),
        ("Roadmap", "written" if roadmap else "not written"),
    )
    if not named:
        return Found(State.NOT_MET, "It names no channel.", figures, STRATEGY)
    whole = used <= named and roadmap
    return Found(
        State.MET if whole else State.PARTLY,
        f"Channels named: {len(named):,}; the roadmap is {'written' if roadmap else 'not written'}.",
        figures,
        STRATEGY,
    )


def says_something(field: str) -> Callable[[Facts], Found]:
    """Whether the strategy that holds has words under one heading."""

    def read(facts: Facts) -> Found:
        words = getattr(facts.strategy, field) if facts.strategy is not None else ""
        return Found(
            State.MET if words else State.NOT_MET,
            f"The strategy has {len(words.split()):,} words on it."
            if words
            else "The strategy says nothing on it.",
            (),
            STRATEGY,
        )

    return read
