"""Evidence from the register of official accounts: who answers for them, how they are kept, watched and listed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max, Q

from accounts import public
from accounts.minimums import MINIMUMS
from accounts.models import Grant, Impostor, Mandate, PolicyPage
from accounts.posting import Lapse
from insights.evidence.facts import QUARTER, Facts
from insights.evidence.found import Found, State, Where, out_of, share
from moderation.models import MessagingDecision
from staff.models import StaffMember
from staff.roles import Power, Role

REGISTER = Where("accounts:register", (Power.SEE_REGISTER,))
LACKING = Where("accounts:faults", (Power.SEE_REGISTER,))
HOURS = Where("accounts:coverage", (Power.SEE_REGISTER,))
NAMES = Where("accounts:naming_rules", (Power.SEE_REGISTER,))
IMPOSTORS = Where("accounts:impostors", (Power.SEE_REGISTER,))
POLICIES = Where("accounts:policies")
TRAINING = Where("accounts:training", (Power.SET_POLICIES,))
MATRIX = Where("insights:minimums", (Power.SEE_SCORECARD,))


def _mandates(facts: Facts) -> list[Mandate]:
    return [of for account in facts.accounts if (of := getattr(account, "mandate", None)) is not None]


def asset_owners(facts: Facts) -> Found:
    """Official accounts with an information asset owner who works here."""
    named = sum(of.asset_owner is not None and of.asset_owner.active for of in _mandates(facts))
    of = len(facts.accounts)
    return share(
        named,
        of,
        f"{out_of(named, of)} official accounts have an information asset owner.",
        LACKING,
        ("With an information asset owner", out_of(named, of)),
    )


def owners_named(facts: Facts) -> Found:
    """Official accounts with owner, deputy and the administrators on the platform, all of whom work here."""
    of = len(facts.accounts)
    deputies = sum(one.deputy is not None and one.deputy.active for one in _mandates(facts))
    owners = sum(account.owner.active for account in facts.accounts)
    administered = sum(bool(sight.administrators) for sight in facts.sights)
    whole = sum(
        sight.account.owner.active
        and sight.mandate is not None
        and sight.mandate.deputy is not None
        and sight.mandate.deputy.active
        and bool(sight.administrators)
        for sight in facts.sights
    )
    return share(
        whole,
        of,
        f"{out_of(whole, of)} official accounts name an owner, a deputy and who administers them.",
        LACKING,
        ("With an owner who works here", out_of(owners, of)),
        ("With a deputy", out_of(deputies, of)),
        ("With administrators noted", out_of(administered, of)),
    )


def account_reviews(facts: Facts) -> Found:
    """Official accounts that have gone through governance and whose review is not overdue."""
    of = len(facts.accounts)
    known = _mandates(facts)
    overdue = sum(one.is_overdue for one in known)
    good = sum(not one.is_overdue for one in known)
    return share(
        good,
        of,
        f"Reviews overdue: {overdue:,}; official accounts without particulars: {of - len(known):,}.",
        LACKING,
        ("Reviews overdue", f"{overdue:,}"),
        ("Without particulars", f"{of - len(known):,}"),
        ("Nobody runs", f"{sum(one.run == Mandate.Run.NOBODY for one in known):,}"),
    )


def device_rules(facts: Facts) -> Found:
    """Official accounts whose rule for devices is set, and a name stands where they are used elsewhere."""
    of = len(facts.accounts)
    ruled = sum(one.force_device_only or bool(one.off_network) for one in _mandates(facts))
    return share(
        ruled,
        of,
        f"For {out_of(ruled, of)} official accounts it is set on which devices they are used, and by whom elsewhere.",
        MATRIX,
        ("With a rule for devices", out_of(ruled, of)),
    )


def continuity_plans(facts: Facts) -> Found:
    """Official accounts with a continuity plan."""
    of = len(facts.accounts)
    planned = facts.planned
    return share(
        planned,
        of,
        f"{out_of(planned, of)} official accounts have a continuity plan.",
        LACKING,
        ("With a continuity plan", out_of(planned, of)),
    )


def coverage(facts: Facts) -> Found:
    """Official accounts that a team watches around the clock, and the hours of the week that are watched."""
    of = len(facts.coverages)
    always = sum(one.always for one in facts.coverages)
    hours = sum(one.watched_hours for one in facts.coverages)
    return share(
        always,
        of,
        f"{out_of(always, of)} official accounts are watched around the clock.",
        HOURS,
        ("Around the clock", out_of(always, of)),
        ("Hours of the week watched, on average", f"{hours / of:.0f} of 168" if of else "–"),
    )


def coverage_risk(facts: Facts) -> Found:
    """Official accounts that are watched around the clock, or whose risk is recorded and its review not overdue."""
    of = len(facts.coverages)
    recorded = sum(one.always or one.risk is not None for one in facts.coverages)
    due = sum(not one.always and one.risk_is_due for one in facts.coverages)
    return share(
        recorded - due,
        of,
        f"{out_of(recorded, of)} are watched around the clock or have the risk recorded; to be looked at again: {due:,}.",
        HOURS,
        ("Without a record", f"{of - recorded:,}"),
        ("Risk to be looked at again", f"{due:,}"),
    )


def private_messages(facts: Facts) -> Found:
    """Official accounts with a decision on private messages whose review is not overdue."""
    ids = [account.pk for account in facts.accounts]
    latest = {
        row.official_account_id: row
        for row in MessagingDecision.objects.filter(official_account__in=ids)
        .order_by("official_account_id", "-at", "-id")
        .distinct("official_account_id")
    }
    fresh = sum(row.review_on >= facts.today for row in latest.values())
    return share(
        fresh,
        len(ids),
        f"{out_of(len(latest), len(ids))} official accounts have a recorded decision; to be looked at "
        f"again: {len(latest) - fresh:,}.",
        REGISTER,
        ("With a decision", out_of(len(latest), len(ids))),
        ("Run private messages", f"{sum(row.run for row in latest.values()):,}"),
        ("Decision to be looked at again", f"{len(latest) - fresh:,}"),
    )


def platform_used(facts: Facts) -> Found:
    """Official accounts that are run from here: connected, or by hand where the platform lets no program in."""
    of = len(facts.sights)
    connected = sum(sight.connected for sight in facts.sights)
    by_hand = sum(sight.account.by_hand for sight in facts.sights)
    used = sum(sight.connected or sight.account.by_hand for sight in facts.sights)
    return share(
        used,
        of,
        f"{out_of(used, of)} official accounts are run from this platform.",
        REGISTER,
        ("Connected", f"{connected:,}"),
        ("Run by hand, and recorded here", f"{by_hand:,}"),
    )


def naming(facts: Facts) -> Found:
    """Official accounts that keep to every rule of names and profiles."""
    of = len(facts.accounts)
    good = of - facts.misnamed
    return share(
        good,
        of,
        f"{out_of(good, of)} official accounts keep to the rules of names and profiles.",
        NAMES,
        ("Break a rule", f"{facts.misnamed:,}"),
    )


def verification(facts: Facts) -> Found:
    """Of the official accounts whose platform offers it, those that are verified; applied for counts as under way."""
    kinds = [one.verified for one in _mandates(facts)]
    offered = len(facts.accounts) - kinds.count(Mandate.Verified.NOT_OFFERED)
    verified, applied = kinds.count(Mandate.Verified.VERIFIED), kinds.count(Mandate.Verified.APPLIED)
    if offered and not verified and applied:
        return Found(
            State.PARTLY,
            f"Applied for: {applied:,}; none is verified yet.",
            (("Verified", out_of(verified, offered)), ("Applied for", f"{applied:,}")),
            LACKING,
        )
    return share(
        verified,
        offered,
        f"{out_of(verified, offered)} official accounts whose platform may offer it are verified.",
        LACKING,
        ("Verified", out_of(verified, offered)),
        ("Applied for", f"{applied:,}"),
    )


def impostor_watch(facts: Facts) -> Found:
    """Whether anybody found, or dealt with, an account that pretends to be the force within 90 days."""
    found = Impostor.objects.filter(found_at__gte=facts.now - QUARTER).count()
    last = Impostor.objects.aggregate(last=Max("found_at"))["last"]
    figures = (
        ("Found within 90 days", f"{found:,}"),
        ("Last found", f"{last:%-d %B %Y}" if last else "never"),
    )
    if found:
        return Found(State.MET, f"Found or reported within 90 days: {found:,}.", figures, IMPOSTORS)
    return Found(
        State.UNJUDGED,
        "None was found within 90 days, which does not prove that somebody looked: record who looks, and how.",
        figures,
        IMPOSTORS,
    )


def impostors_reported(facts: Facts) -> Found:
    """Of those confirmed to pretend, how many were reported to the platform; and whether any is due to be chased."""
    confirmed = Impostor.objects.exclude(state__in=["new", "dismissed"])
    rows = list(confirmed.values_list("state", "reported_at", "chase_on"))
    reported = sum(at is not None or state == "taken_down" for state, at, _ in rows)
    due = sum(state == "reported" and chase is not None and chase <= facts.today for state, _, chase in rows)
    gone = sum(state == "taken_down" for state, _, _ in rows)
    figures = (
        ("Reported", out_of(reported, len(rows))),
        ("Taken down", f"{gone:,}"),
        ("To be asked about again", f"{due:,}"),
    )
    if not rows:
        return Found(State.MET, "None is known that should have been reported.", figures, IMPOSTORS)
    return share(
        reported - due,
        len(rows),
        f"{out_of(reported, len(rows))} were reported; to be asked about again: {due:,}.",
        IMPOSTORS,
        *figures,
    )


def public_list(facts: Facts) -> Found:
    """Official accounts that stand in the public list; a named officer who opted out is rightly not there."""
    listed = {one.pk for one in public.listing().accounts}
    hidden = sum(one.kind == Mandate.Kind.OFFICER and not one.named_publicly for one in _mandates(facts))
    active = [account for account in facts.accounts if account.status == "active"]
    there = sum(account.pk in listed for account in active)
    return share(
        there,
        len(active) - hidden,
        f"{out_of(there, len(active))} active official accounts stand in the public list.",
        Where("accounts_public:list"),
        ("In the public list", f"{there:,}"),
        ("Named officers who opted out", f"{hidden:,}"),
    )


def minimum(facts: Facts, slug: str) -> Found:
    """One of the ten security minimums over every official account."""
    place = next(n for n, one in enumerate(MINIMUMS) if one.slug == slug)
    states = [cells[place].state for _, cells in facts.matrix]
    met, partly = states.count("met"), states.count("partly")
    figures = [
        ("Met", out_of(met, len(states))),
        ("Partly", f"{partly:,}"),
        ("Not met", f"{len(states) - met - partly:,}"),
    ]
    if slug == "consultation":
        last = facts.meetings[0] if facts.meetings else None
        figures.append(("Last meeting of both", f"{last.held_on:%-d %B %Y}" if last else "none recorded"))
        if last is None or last.held_on < facts.today - timedelta(days=366):
            return Found(
                State.PARTLY if met + partly else State.NOT_MET,
                "The two have recorded no meeting within a year.",
                tuple(figures),
                MATRIX,
            )
    found = share(
        met, len(states), f"{out_of(met, len(states))} official accounts meet it.", MATRIX, *figures
    )
    if found.state == State.NOT_MET and partly:
        return Found(State.PARTLY, found.says, found.figures, found.where)
    return found


def training(facts: Facts) -> Found:
    """Everybody who publishes, and how many are trained and have confirmed what holds."""
    of = len(facts.lapses)
    good = sum(not lacking for lacking in facts.lapses.values())
    return share(
        good,
        of,
        f"{out_of(good, of)} people who publish are trained and have confirmed the policies.",
        TRAINING,
        ("Trained and confirmed", out_of(good, of)),
        ("Kept back", f"{_kept_back(facts.lapses):,}"),
    )


def _kept_back(lapses: dict[StaffMember, list[Lapse]]) -> int:
    return sum(any(one.blocks for one in lacking) for lacking in lapses.values())


def policy_published(facts: Facts) -> Found:
    """Whether a policy holds, and how many of those who publish have confirmed all that holds."""
    pages = PolicyPage.objects.filter(kind=PolicyPage.Kind.POLICY, ended_at=None).count()
    unread = sum(any(one.to_read for one in lacking) for lacking in facts.lapses.values())
    of = len(facts.lapses)
    figures = (("Policies that hold", f"{pages:,}"), ("Confirmed by", out_of(of - unread, of)))
    if not pages:
        return Found(State.NOT_MET, "No policy is published here.", figures, POLICIES)
    return Found(
        State.PARTLY if unread else State.MET,
        f"Policies that hold: {pages:,}; {out_of(of - unread, of)} people who publish have confirmed them.",
        figures,
        POLICIES,
    )


def playbook(facts: Facts) -> Found:
    """Whether a playbook holds."""
    pages = PolicyPage.objects.filter(kind=PolicyPage.Kind.PLAYBOOK, ended_at=None).count()
    return Found(
        State.MET if pages else State.NOT_MET,
        f"Playbooks that hold: {pages:,}." if pages else "None is published here.",
        (("Playbooks that hold", f"{pages:,}"),),
        POLICIES,
    )


def neighbourhood_grants(facts: Facts) -> Found:
    """Live grants by which neighbourhood teams run or answer for accounts of their own area."""
    live = Q(since__lte=facts.now) & (Q(until=None) | Q(until__gt=facts.now))
    rows = Grant.objects.filter(live, role=Role.NEIGHBOURHOOD_OFFICER)
    count = rows.count()
    bound = rows.exclude(neighbourhood=None, official_account=None).count()
    return share(
        bound,
        count,
        f"{out_of(bound, count)} grants to neighbourhood teams are bound to their own area.",
        Where("accounts:powers"),
        ("Grants to neighbourhood teams", f"{count:,}"),
        ("Bound to their own area", f"{bound:,}"),
    )
