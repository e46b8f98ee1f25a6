"""Who has to approve a post: the steps in force, what they ask of one post, and whether what there is meets it.

Every rule that applies holds at once, and so does what the checks ask; where none applies one approver is asked. "Nobody
beforehand" is what is left where no other rule applies and author, post and checks allow it. Reads; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import permutations
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Subquery

from accounts import posting
from accounts.models import OfficialAccount
from accounts.queries import covered, live_grants
from core import clock
from core.prepared import Prepared
from core.working import is_working_day
from platforms.registry import NAMES
from publishing import pairs, queries
from publishing.checks import judging
from publishing.checks.judging import Judged
from publishing.checks.prepared import digest
from publishing.models import (
    Correction,
    CorrectionApproval,
    Cover,
    Post,
    Requirement,
    StepRule,
    StepsVersion,
    TelephoneApproval,
    Trust,
    Variant,
)
from staff.models import Membership, StaffMember, Team
from staff.roles import Role

NEEDS, WHEN = StepRule.Needs, StepRule.When
ROLE, TEAM, TELEPHONE = "role:", "team:", "telephone:"
MOST_PARTIES = 4
"""Named in one rule. Whether people meet it is tried in every order of them."""


@dataclass(frozen=True)
class Rule:
    """One line of the steps."""

    name: str
    needs: str
    parties: tuple[str, ...] = ()
    official_account: int | None = None
    neighbourhood: int | None = None
    platform: str = ""
    kinds: frozenset[str] = frozenset()
    when: frozenset[str] = frozenset()

    def applies(self, account: OfficialAccount, kind: str, when: str) -> bool:
        return (
            self.official_account in (None, account.pk)
            and self.neighbourhood in (None, account.neighbourhood_id)
            and self.platform in ("", account.platform)
            and (not self.kinds or kind in self.kinds)
            and (not self.when or when in self.when)
        )


@dataclass(frozen=True)
class Steps:
    """The force's steps as they stand. `pk` is None where none were ever put in force."""

    pk: int | None = None
    number: int = 0
    rules: tuple[Rule, ...] = ()
    day_begins: time = time(8)
    day_ends: time = time(18)
    sample_percent: int = 20
    sample_within_hours: int = 72
    urgent_within_minutes: int = 60
    telephone_within_hours: int = 24
    two_by_telephone: bool = False
    deletion_by_one: bool = True

    def window(self, at: datetime) -> str:
        """In which part of the week an instant lies: its London wall clock, its bank holidays."""
        return _window(at, self.day_begins, self.day_ends)


def _window(at: datetime, day_begins: time, day_ends: time) -> str:
    london = clock.in_london(at)
    if not is_working_day(london.date()):
        return str(WHEN.WEEKEND)
    return str(WHEN.HOURS if day_begins <= london.time() < day_ends else WHEN.NIGHT)


AS_THEY_CAME = Steps()


def in_force() -> Steps:
    """The steps of this moment."""
    row = StepsVersion.objects.filter(state=StepsVersion.State.LIVE).first()
    return AS_THEY_CAME if row is None else steps_of(row)


def steps_of(row: StepsVersion) -> Steps:
    """One version as it is applied."""
    return Steps(
        pk=row.pk,
        number=row.number,
        rules=tuple(
            rule_of(one) for one in StepRule.objects.filter(version=row, removed_at=None).order_by("id")
        ),
        day_begins=row.day_begins,
        day_ends=row.day_ends,
        sample_percent=row.sample_percent,
        sample_within_hours=row.sample_within_hours,
        urgent_within_minutes=row.urgent_within_minutes,
        telephone_within_hours=row.telephone_within_hours,
        two_by_telephone=row.two_by_telephone,
        deletion_by_one=row.deletion_by_one,
    )


def rule_of(row: StepRule) -> Rule:
    """One row as it is applied."""
    return Rule(
        name=row.name,
        needs=row.needs,
        parties=tuple(row.parties),
        official_account=row.official_account_id,
        neighbourhood=row.neighbourhood_id,
        platform=row.platform,
        kinds=frozenset(row.kinds),
        when=frozenset(row.when),
    )


Group = frozenset[str]


@dataclass(frozen=True)
class Need:
    """What one post needs before it goes out."""

    count: int = 1
    """People; 0 where it goes without prior approval."""
    groups: tuple[tuple[Group, ...], ...] = ()
    """For each rule that names people: for each of its groups somebody else who belongs to it."""
    why: tuple[str, ...] = ()
    """Rules and checks that ask for more than one approver, by name."""
    steps: Steps = AS_THEY_CAME
    when: str = WHEN.HOURS
    afterwards: bool = False
    """It is urgent: the second approval comes after it went out."""

    @property
    def in_words(self) -> str:
        """E.g. "two approvers, one of them Duty press office"; for the author before it is sent, and for refusals."""
        if self.count == 0:
            return "nobody’s approval beforehand; some such posts are looked at afterwards"
        number = {1: "one approver", 2: "two approvers", 3: "three approvers"}.get(
            self.count, f"{self.count} approvers"
        )
        names = {party: party_name(party) for rule in self.groups for group in rule for party in group}
        named = []
        for rule in self.groups:
            for group in rule:
                words = " or ".join(sorted(names[party] for party in group))
                if words not in named:
                    named.append(words)
        who = "".join(f", {'one of them' if self.count > 1 else 'namely'} {words}" for words in named)
        later = ", and a second one after it went out" if self.afterwards else ""
        return f"{number}{who}{later}"


@dataclass(frozen=True)
class Yes:
    """One approval that counts. `hand`: the staff member whose sign-in stands behind it."""

    hand: int
    parties: Group
    called: str
    at: datetime
    by_telephone: bool = False


def meets(need: Need, given: Sequence[Yes]) -> bool:
    """Whether these approvals are what is needed.

    Whoever recorded a call has not approved besides it, and one call counts once unless the steps say otherwise.
    """
    signed = [one for one in given if not one.by_telephone]
    calls = [one for one in given if one.by_telephone]
    choices: list[list[Yes]] = [[], *([call] for call in calls)]
    if need.steps.two_by_telephone:
        choices.append(calls)
    for chosen in choices:
        recorders = {call.hand for call in chosen}
        counted = [one for one in signed if one.hand not in recorders] + chosen
        if len(counted) >= need.count and all(_each_by_another(rule, counted) for rule in need.groups):
            return True
    return False


def _each_by_another(rule: Sequence[Group], given: Sequence[Yes]) -> bool:
    if len(given) < len(rule):
        return False
    return any(
        all(one.parties & group for one, group in zip(order, rule, strict=True))
        for order in permutations(given, len(rule))
    )


def demanded(
    steps: Steps, accounts: Iterable[OfficialAccount], kind: str, when: str
) -> tuple[int, tuple[tuple[Group, ...], ...], tuple[str, ...]]:
    """What the rules ask: how many people (0: nobody beforehand), which groups, and the names of the rules that ask it."""
    count, groups, why, nobody = 0, [], [], True
    for account in accounts:
        found = [rule for rule in steps.rules if rule.applies(account, kind, when)]
        asking = [rule for rule in found if rule.needs != NEEDS.NONE]
        if asking or not found:
            nobody = False
        for rule in asking:
            parties: tuple[Group, ...] = ()
            if rule.needs == NEEDS.ANY:
                parties = (frozenset(rule.parties),)
            elif rule.needs == NEEDS.ALL:
                parties = tuple(frozenset({party}) for party in rule.parties)
            count = max(count, 2 if rule.needs == NEEDS.TWO else 1, len(parties))
            if parties and parties not in groups:
                groups.append(parties)
            if (parties or rule.needs == NEEDS.TWO) and rule.name not in why:
                why.append(rule.name)
    return (0 if nobody else max(count, 1)), tuple(groups), tuple(why)


def need_of(
    post: Post,
    judged: Judged,
    variants: Sequence[Variant],
    *,
    steps: Steps | None = None,
) -> Need:
    """What this post needs as it stands, by the steps and the checks, for the time at which it goes out."""
    by = in_force() if steps is None else steps
    when = by.window(max(post.publish_at or clock.now(), clock.now()))
    ready = judged.prepared
    count, groups, why = demanded(by, [one.official_account for one in variants], ready.kind, when)
    pair = pairs.other(post)
    asking = list(judged.why_two)
    if pair is not None:
        # Approved together, so both take what either does.
        its = judging.judge_now(pair)
        there = [one.official_account for one in queries.live_variants(pair)]
        more, its_groups, its_why = demanded(by, there, its.prepared.kind, when)
        count, groups, why = max(count, more), tuple(dict.fromkeys([*groups, *its_groups])), why + its_why
        asking += its.why_two
    if asking:
        count = max(count, 2)
        why += tuple(dict.fromkeys(one.name for one in asking))
    if count == 0 and not (pair is None and variants and may_go_unapproved(post, judged)):
        count = 1
    if ready.urgent:
        # A stop that was overridden is still looked at by two, however urgent it is.
        overridden = any(one.slug in judged.overrides for one in judged.findings)
        count, groups = (2 if overridden else 1), ()
    return Need(count, groups, tuple(dict.fromkeys(why)), by, when, afterwards=ready.urgent and count == 1)


def may_go_unapproved(post: Post, judged: Judged) -> bool:
    """Whether author and post may do without prior approval where the steps say so: trusted, trained, nothing found."""
    return (
        not judged.findings
        and not judged.prepared.urgent
        and trusted(post.author)
        and not posting.lapses(post.author)
    )


def trusted(author: StaffMember) -> bool:
    """Whether somebody has said that this author's posts may go without prior approval, and nobody took it back."""
    return author.is_active and Trust.objects.filter(person=author, withdrawn_at=None).exists()


def need_of_correction(correction: Correction, *, steps: Steps | None = None) -> Need:
    """What other words for what stands, or its deletion, need. Never nobody; nobody speaks for it on the telephone."""
    by = in_force() if steps is None else steps
    standing = correction.standing
    when = by.window(clock.now())
    declared = judging.declaration_of(correction.post)
    if declared.urgent_why or (correction.kind == Correction.Kind.DELETE and by.deletion_by_one):
        return Need(steps=by, when=when)
    count, groups, why = demanded(by, [standing.official_account], declared.kind, when)
    said = tuple(
        kept
        for rule in groups
        if (kept := tuple(group for group in rule if not all(p.startswith(TELEPHONE) for p in group)))
    )
    if correction.kind == Correction.Kind.EDIT and standing.variant is not None:
        asking = judging.why_two_of(standing.variant, correction.text)
        if asking:
            count, why = max(count, 2), why + tuple(dict.fromkeys(one.name for one in asking))
    return Need(max(count, 1), said, tuple(dict.fromkeys(why)), by, when)


# What is there.


def given(post: Post, content_hash: str) -> list[Yes]:
    """The approvals of exactly this content that count now: grants, places in teams and covers are read anew."""
    writers = queries.writer_ids(post)
    accounts = list({one.official_account for one in queries.live_variants(post)})
    found = [
        Yes(one.approver_id, parties_of(one.approver, accounts, writers), one.approver.called, one.at)
        for one in queries.standing_approvals(post, content_hash)
    ]
    calls = TelephoneApproval.objects.filter(post=post, version=post.version, content_hash=content_hash)
    found += [
        Yes(
            one.recorded_by_id,
            frozenset({f"{TELEPHONE}{one.function}"}),
            one.called,
            one.recorded_at,
            by_telephone=True,
        )
        for one in calls.select_related("recorded_by")
        if one.recorded_by_id not in writers and one.recorded_by.is_active
    ]
    return sorted(found, key=lambda one: one.at)


def given_to_correction(correction: Correction) -> list[Yes]:
    """The approvals of a correction, of exactly its words, by people who may still give them."""
    account = correction.standing.official_account
    barred = queries.writer_ids(correction.post) | {correction.asked_by_id}
    allowed = {one.pk for one in queries.approvers_for([account.pk], excluding=barred)}
    rows = CorrectionApproval.objects.filter(
        correction=correction, content_hash=hash_of_correction(correction), approver__in=allowed
    )
    return [
        Yes(one.approver_id, parties_of(one.approver, [account], barred), one.approver.called, one.at)
        for one in rows.select_related("approver")
    ]


def hash_of_correction(correction: Correction) -> str:
    """Of what is asked to become of what stands. An approval is for this."""
    return digest([correction.standing_id, correction.kind, correction.text_before, correction.text])


def parties_of(person: StaffMember, accounts: Sequence[OfficialAccount], writers: Iterable[int]) -> Group:
    """What somebody may be counted as on these official accounts: their roles and teams, and those of whom they cover.

    Whoever wrote some of the post is represented by nobody.
    """
    found = _own_parties(person, accounts)
    barred = set(writers)
    for cover in covers_for(person):
        if cover.approver_id not in barred:
            found |= _own_parties(cover.approver, accounts)
    return frozenset(found)


def _own_parties(person: StaffMember, accounts: Sequence[OfficialAccount]) -> set[str]:
    register = [(one.pk, one.neighbourhood_id) for one in accounts]
    reached: dict[str, set[int]] = {}
    for grant in live_grants(person=person):
        reached.setdefault(grant.role, set()).update(covered(grant, register))
    wanted = {one.pk for one in accounts}
    roles = {f"{ROLE}{role}" for role, ids in reached.items() if wanted <= ids}
    now = clock.now()
    places = Membership.objects.filter(member=person, since__lte=now).exclude(until__lte=now)
    return roles | {f"{TEAM}{pk}" for pk in places.values_list("team_id", flat=True)}


def covers_for(person: StaffMember) -> list[Cover]:
    """The covers in force in which somebody stands in."""
    now = clock.now()
    found = Cover.objects.filter(cover=person, since__lte=now, until__gt=now, ended_at=None)
    return list(found.filter(approver__active=True).select_related("approver"))


def covered_by(person: StaffMember) -> Cover | None:
    """The cover in force of somebody who is away."""
    now = clock.now()
    found = Cover.objects.filter(approver=person, since__lte=now, until__gt=now, ended_at=None)
    return found.select_related("cover").first()


def told(people: Iterable[StaffMember], *, barred: Iterable[int] = ()) -> list[StaffMember]:
    """Whom a notice for these people reaches: whoever stands in for somebody away, who may do it too, in their place."""
    listed = list(people)
    present = {one.pk: one for one in listed}
    found: dict[int, StaffMember] = {}
    for person in listed:
        cover = covered_by(person)
        stands_in = cover is not None and cover.cover_id in present and cover.cover_id not in set(barred)
        to = cover.cover if cover is not None and stands_in else person
        found[to.pk] = to
    return list(found.values())


def could_be_met(post: Post, need: Need, approvers: Sequence[StaffMember]) -> bool:
    """Whether these people, and whoever can be telephoned, can give what is needed."""
    writers = queries.writer_ids(post)
    accounts = list({one.official_account for one in queries.live_variants(post)})
    now = clock.now()
    possible = [Yes(one.pk, parties_of(one, accounts, writers), one.called, now) for one in approvers]
    spoken = {p for rule in need.groups for group in rule for p in group if p.startswith(TELEPHONE)}
    possible += [
        Yes(-number, frozenset({party}), party_name(party), now, by_telephone=True)
        for number, party in enumerate(sorted(spoken), start=1)
    ]
    return meets(need, possible)


# What was required, read again before it leaves.


def kept(requirement: Requirement) -> Need:
    """What was required, as it was kept."""
    return Need(
        count=requirement.count,
        groups=tuple(tuple(frozenset(group) for group in rule) for rule in requirement.groups),
        why=tuple(requirement.why),
        steps=replace(AS_THEY_CAME, two_by_telephone=requirement.two_by_telephone),
        when=requirement.when,
    )


def as_data(need: Need) -> dict[str, object]:
    """What of it is kept with a requirement."""
    return {
        "steps_id": need.steps.pk,
        "count": need.count,
        "groups": [[sorted(group) for group in rule] for rule in need.groups],
        "why": list(need.why),
        "two_by_telephone": need.steps.two_by_telephone,
        "when": need.when,
    }


def requirement_of(post: Post) -> Requirement | None:
    """What was required of the version that there is, where it was kept."""
    return Requirement.objects.filter(post=post, version=post.version, correction=None).first()


def _kept(*, post: int, version: int) -> QuerySet[Requirement, Any]:
    """The last requirement of a version, whether it is one approver and no more, and which steps are in force now."""
    live = StepsVersion.objects.filter(state=StepsVersion.State.LIVE)
    return (
        Requirement.objects.filter(post_id=post, version=version, correction=None)
        .annotate(
            plain=ExpressionWrapper(Q(count=1, groups=[]), output_field=BooleanField()),
            live=Subquery(live.values("pk")),
            begins=Subquery(live.values("day_begins")),
            ends=Subquery(live.values("day_ends")),
        )
        .order_by("-at", "-id")
        .values_list("plain", "steps_id", "when", "live", "begins", "ends")
    )


_KEPT = Prepared(_kept)


def lacking(post: Post, *, due_at: datetime, urgent: bool, approved_by: int | None) -> str:
    """Why a post lacks what was required of it, or what the steps ask since; a sentence for staff, empty where it lacks nothing.

    due_at: when it was to leave. approved_by: who approved it last, whose right there the caller has read.
    """
    found = _KEPT.first(post=post.pk, version=post.version)
    if found is None:
        return "" if approved_by is not None else "Nobody has approved it."
    plain, steps_id, when, live, begins, ends = found
    window = _window(due_at, begins or AS_THEY_CAME.day_begins, ends or AS_THEY_CAME.day_ends)
    changed = not urgent and (live != steps_id or window != when)
    if plain and approved_by is not None and not changed:
        return ""
    row = requirement_of(post)
    if row is None:
        return "Nobody has approved it."
    need = kept(row)
    if content_hash_at(post, row.publish_at) != row.content_hash and not _corrected(post):
        return "It is not what was approved. Edit it, which brings it back for approval."
    if changed:
        kind = judging.declaration_of(post).kind
        accounts = [one.official_account for one in queries.live_variants(post)]
        count, groups, why = demanded(in_force(), accounts, kind, window)
        need = replace(
            need,
            count=max(need.count, count),
            groups=tuple(dict.fromkeys([*need.groups, *groups])),
            why=tuple(dict.fromkeys([*need.why, *why])),
        )
    if need.count == 0:
        if trusted(post.author):
            return ""
        need = replace(need, count=1)
    if meets(need, given(post, row.content_hash)):
        return ""
    return f"It lacks what is required: {need.in_words}. Somebody who may approve it reads it and releases it, or edit it."


def lacking_of_correction(correction: Correction) -> str:
    """The same for other words of what stands, or its deletion."""
    row = Requirement.objects.filter(correction=correction).first()
    if row is None or (row.count == 1 and not row.groups):
        return ""
    if hash_of_correction(correction) != row.content_hash:
        return "It is not what was approved. Withdraw it and ask anew."
    if meets(kept(row), given_to_correction(correction)):
        return ""
    return f"It lacks what is required: {kept(row).in_words}. Withdraw it and ask anew."


def content_hash_at(post: Post, publish_at: datetime | None) -> str:
    """Of a post as it stands, with the time that it had when it was approved."""
    before = post.publish_at
    post.publish_at = publish_at
    try:
        return judging.content_hash_of(post)
    finally:
        post.publish_at = before


def _corrected(post: Post) -> bool:
    """Its words where it stands were changed by a correction, which was approved by itself."""
    return post.corrections.filter(state=Correction.State.DONE).exists()


# In words.


def party_name(party: str) -> str:
    """How people call a role, team or function that a rule names."""
    if party.startswith(ROLE):
        slug = party.removeprefix(ROLE)
        return str(Role(slug).label) if slug in Role.values else slug
    if party.startswith(TELEPHONE):
        slug = party.removeprefix(TELEPHONE)
        function = TelephoneApproval.Function
        return f"{function(slug).label} by telephone" if slug in function.values else slug
    team = Team.objects.filter(pk=party.removeprefix(TEAM)).first()
    return team.name if team is not None else "a team that is gone"


def place_of(rule: StepRule) -> str:
    """Where a rule holds, in words."""
    if rule.official_account is not None:
        return rule.official_account.name
    if rule.neighbourhood is not None:
        return f"All official accounts of {rule.neighbourhood.name}"
    if rule.platform:
        return f"All official accounts on {NAMES.get(rule.platform, rule.platform)}"
    return "Every official account"
