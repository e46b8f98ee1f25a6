"""Two official accounts with one of everything each, and one person per role, for tests/access.

Words, names and handles carry a mark that says whose they are, so that a page that shows something of the
other official account is found by its text alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client

from accounts.actions import services
from accounts.models import Grant, OfficialAccount, ServiceIdentity
from core import clock
from core.actors import System
from escalation.actions import cases
from escalation.models import Alert, Case, Grade, Pathway, Rota
from escalation.models import Post as OnCallPost
from exercise.models import Message, Profile, Run
from moderation.models import (
    Clause,
    Comment,
    Commenter,
    Conversation,
    Decision,
    Inquiry,
    Note,
    Reconsideration,
    Revision,
    Tip,
)
from notices.models import Notice
from publishing.models import Appeal, AppealAccount, Delivery, Post, Variant
from retention.models import (
    ArchiveOffer,
    Disposal,
    Hold,
    Proposal,
    Restriction,
    Review,
    RightsRequest,
    ScheduleDraft,
    ScheduleRow,
)
from smmp.access import SEEN_OF_A_COMMENTER
from smmp.seed import force
from staff import sessions
from staff.models import StaffMember
from staff.roles import ENDS, Role
from tests.browser import Browser

MARKS = dict(
    zip(
        SEEN_OF_A_COMMENTER,
        ["name", "handle", "public", "private", "earlier", "note", "reply", "evidence"],
        strict=True,
    )
)
"""What is seen of a commenter -> the word that marks it."""


def mark(what: str, side: str) -> str:
    """A word that stands nowhere else, e.g. "zqearlierother"."""
    return f"zq{what}{side}"


@dataclass
class World:
    """The people by role, and the numbers of the records by kind and side ("own" or "other")."""

    people: dict[tuple[str, str], StaffMember] = field(default_factory=dict)
    """(role, "own" or "all") -> somebody with that one grant."""
    expired: StaffMember | None = None
    """Held every role over all official accounts, until a second ago."""
    everything: StaffMember | None = None
    """Holds every role over all official accounts."""
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    """(role, "own" or "all") -> a key of a service identity with that one grant; ("", "expired")."""
    pages_with_a_commenter: list[tuple[str, Any]] = field(default_factory=list)
    browsers: dict[int, tuple[Client, datetime]] = field(default_factory=dict)

    def browser(self, person: StaffMember) -> Client:
        """The person's browser, signed in with both factors a moment ago.

        Signed in anew where that was a while ago, however slowly these tests run: some pages want the
        second factor proved within `sessions.FRESH`.
        """
        browser, at = self.browsers.get(person.pk, (None, clock.now()))
        if browser is None or clock.now() - at > sessions.FRESH / 5:
            browser, at = Browser(raise_request_exception=True).force_login(person), clock.now()
            self.browsers[person.pk] = browser, at
        return browser

    def number(self, kind: str, side: str, person: StaffMember | None) -> Any:
        """The number, or what else stands in the address, of a record for this person to ask for."""
        if kind in READY:
            return READY[kind](self, side, person)
        if kind not in self.records:
            raise KeyError(
                f"tests/access/world.py has no record of the kind “{kind}”. Make one in `build`, or write "
                'of="no record" in smmp/access.py.'
            )
        return self.records[kind][side]


def _notice(world: World, side: str, person: StaffMember | None) -> int:
    to = person if person is not None and side == "own" else world.people[(Role.ASSET_OWNER, "all")]
    return Notice.objects.create(to=to, title="Something waits", created_at=clock.now()).pk


def _claimed(world: World, side: str, person: StaffMember | None) -> int:
    pk = world.records["claimed comment"][side]
    if person is not None:
        until = clock.now() + timedelta(minutes=5)
        Comment.objects.filter(pk=pk).update(claimed_by=person, claimed_until=until)
    return pk


READY: dict[str, Callable[[World, str, StaffMember | None], Any]] = {
    "notice": _notice,
    "claimed comment": _claimed,
    "no record": lambda world, side, person: 10**12,
}
"""Records that are made for the person who asks."""


def build() -> World:
    """Everything once, in the caller's transaction."""
    wealdshire = force.make()
    sides = {
        "own": wealdshire.accounts["harrowfield-police"],
        "other": wealdshire.accounts["saltmere-police"],
    }
    world = World()
    _people(world, sides["own"])
    for role in Role.values:
        for scope, over in (("own", sides["own"]), ("all", None)):
            _, world.keys[(role, scope)] = _service(
                f"Program {role}", wealdshire.people["ben_osei"], role=role, over=over
            )
    _, world.keys[("", "expired")] = _service(
        "Expired program", wealdshire.people["ben_osei"], role=None, over=None, ended=True
    )
    target = StaffMember.objects.create(
        email="target@wealdshire.example", name="Tara Target", joined_at=clock.now()
    )
    target.set_unusable_password()
    target.save()
    grant = Grant.objects.create(person=target, role=Role.DESK_OPERATOR, since=clock.now(), why="Matrix")
    row = ScheduleRow.objects.get(slug="routine_comment")
    hold = Hold.objects.create(
        subject_type="publishing.post",
        subject_id=1,
        subject_name="Post of nobody",
        why="FOI 2026/1",
        review_on=clock.today() + timedelta(days=30),
        placed_by=wealdshire.people["graham_ellis"],
        placed_at=clock.now(),
    )
    graham, now = wealdshire.people["graham_ellis"], clock.now()
    asked = Hold.objects.create(
        subject_type="publishing.post",
        subject_id=2,
        subject_name="Post of nobody",
        why="FOI 2026/2",
        review_on=clock.today() + timedelta(days=30),
        placed_by=graham,
        placed_at=now,
        lift_asked_by=graham,
        lift_asked_at=now,
        lifted_why="Answered",
    )
    draft = ScheduleDraft.objects.create(
        made_by=graham, made_at=now, state="put", put_at=now, effective_on=clock.today() + timedelta(days=9)
    )
    proposed = {
        "row_version": 1,
        "on": clock.today(),
        "made_at": now,
        "goes_at": now,
        "due_count": 1,
        "held_count": 0,
    }
    proposal = Proposal.objects.create(row=row, **proposed)
    stopped = Proposal.objects.create(
        row=ScheduleRow.objects.get(slug="call_for_service"),
        state="stopped",
        stopped_by=graham,
        stopped_at=now,
        stopped_why="Matrix",
        **proposed,
    )
    large = Proposal.objects.create(
        row=ScheduleRow.objects.get(slug="abuse_of_staff"), needs_two=True, **proposed
    )
    reviewed = {
        "row": ScheduleRow.objects.get(slug="case"),
        "subject_type": "escalation.case",
        "made_at": now,
    }
    review = Review.objects.create(
        subject_id=1, subject_name="Case of nobody", due_on=clock.today(), **reviewed
    )
    decided = Review.objects.create(
        subject_id=2,
        subject_name="Case of nobody",
        due_on=clock.today(),
        state="second",
        two_people=True,
        decision="dispose",
        why="Matrix",
        decided_by=graham,
        decided_at=now,
        **reviewed,
    )
    nobodys = Post.objects.create(title="Post of nobody", author=graham, created_at=now, changed_at=now)
    restriction = Restriction.objects.create(
        subject_type="publishing.post",
        subject_id=nobodys.pk,
        subject_name=nobodys.title,
        ground="evidence",
        why="Matrix",
        at=now,
    )
    disposal = Disposal.objects.create(
        row=row, row_version=1, run_on=clock.today(), due_before=clock.now(), finished_at=clock.now()
    )
    requests = _requests(graham)
    archive_offer = ArchiveOffer.objects.create(
        archive="County record office", why="The flood", made_at=now, made_by=target, digest="0" * 64
    )
    profile = Profile.objects.get(handle="harrowfield-police")
    message = Message.objects.create(author=profile, text="The bridge is open.", created_at=clock.now())
    run = Run.objects.create(scenario="missing-ellie", title="Missing Ellie", speed=1, started_at=clock.now())
    service, _ = _service("Telephony", wealdshire.people["ben_osei"], role=None, over=None)
    key = service.keys.get()
    everywhere = {
        "service": service.pk,
        "key": key.pk,
        "member": target.pk,
        "grant": grant.pk,
        "schedule row": row.pk,
        "hold": hold.pk,
        "hold to lift": asked.pk,
        "schedule change": draft.pk,
        "proposal": proposal.pk,
        "stopped proposal": stopped.pk,
        "large proposal": large.pk,
        "decided review": decided.pk,
        "retention review": review.pk,
        "restriction": restriction.pk,
        "disposal": disposal.pk,
        **requests,
        "archive offer": archive_offer.pk,
        "official profile": profile.handle,
        "exercise post": message.pk,
        "exercise run": run.pk,
        "clause": Clause.objects.filter(published=True).values_list("pk", flat=True)[0],
        "pathway": Pathway.objects.get(slug="threat_to_life").pk,
        "grade": Grade.objects.get(slug="priority").pk,
        "rota": Rota.objects.values_list("pk", flat=True)[0],
        "on-call post": OnCallPost.objects.values_list("pk", flat=True)[0],
    }
    world.records = {kind: {"own": pk, "other": pk} for kind, pk in everywhere.items()}
    for side, account in sides.items():
        for kind, pk in _of_account(side, account, wealdshire).items():
            world.records.setdefault(kind, {})[side] = pk
    # Whatever numbers the database gives out: the reviews are of cases that are there.
    Review.objects.filter(pk=decided.pk).update(subject_id=world.records["closed case"]["own"])
    Review.objects.filter(pk=review.pk).update(subject_id=world.records["waiting case"]["own"])
    return world


def _requests(graham: StaffMember) -> dict[str, int]:
    """A request under information law in each state in which something can be done to it."""
    now = clock.now()
    made = {
        "kind": "subject_access",
        "regime": "both",
        "channel": "letter",
        "received_on": date(2026, 1, 5),
        "begins_on": date(2026, 1, 5),
        "requester": "Jo Harrow",
        "wanted": "What is held about me",
        "due_at": now + timedelta(days=20),
        "taken_in_at": now,
        "taken_in_by": graham,
        "identity": "proved",
    }
    put = {"state": "put", "outcome": "refused", "why": "Matrix", "put_by": graham, "put_at": now}
    agreed = {**put, "state": "agreed", "agreed_by": StaffMember.objects.exclude(pk=graham.pk).earliest("pk")}
    waits = {"stopped": "clearer", "stopped_on": date(2026, 1, 6)}
    return {
        name: RightsRequest.objects.create(**made, **more).pk
        for name, more in {
            "request": {},
            "request to ask about": {},
            "request that waits": waits,
            "request in time": {},
            "request to answer": {},
            "put request": put,
            "agreed request": agreed,
        }.items()
    }


def _second_look(hidden: Comment, account: OfficialAccount) -> Reconsideration:
    """Its author asks that somebody else looks at a hidden comment again; nobody named had decided."""
    now, decision = clock.now(), hidden.decisions.get()
    inquiry = Inquiry.objects.create(
        code=f"AAAA-{hidden.pk:04}"[-9:],
        secret_hash=f"{hidden.pk:064}",
        link="https://exercise.example/1",
        source_key="0" * 64,
        comment_id=hidden.pk,
        official_account=account,
        asked_at=now,
        proved_at=now,
        until=now + timedelta(days=90),
    )
    return Reconsideration.objects.create(
        inquiry=inquiry,
        official_account=account,
        comment_id=hidden.pk,
        decision_id=decision.pk,
        clause=decision.clause,
        decided_at=now,
        asked_at=now,
        due_on=clock.today() + timedelta(days=28),
    )


def _until(role: str) -> datetime | None:
    """No end, but for those whose roles have one."""
    return clock.now() + timedelta(hours=9) if role in ENDS else None


def _service(
    name: str, owner: StaffMember, *, role: str | None, over: OfficialAccount | None, ended: bool = False
) -> tuple[ServiceIdentity, str]:
    """A service identity with a live key, and the one grant."""
    actor = System("matrix")
    service = services.add_service(
        actor=actor, name=name, purpose="Matrix", owner=owner, networks=["127.0.0.0/8"]
    )
    _, key = services.make_key(actor=actor, service=service, until=clock.now() + timedelta(days=1))
    roles = [role] if role else list(Role.values) if ended else []
    for held in roles:
        Grant.objects.create(
            person=service.member,
            role=held,
            official_account=over,
            since=clock.now() - timedelta(hours=2),
            until=clock.now() - timedelta(seconds=1) if ended else _until(held),
            why="Matrix",
        )
    return service, key


def _people(world: World, own: OfficialAccount) -> None:
    now = clock.now()

    def person(slug: str, **more: Any) -> StaffMember:
        return StaffMember.objects.create(
            email=f"{slug}@matrix.wealdshire.example", name=f"Max {slug}", joined_at=now, **more
        )

    def grant(holder: StaffMember, role: str, **more: Any) -> None:
        given = {"since": now - timedelta(hours=2), "why": "Matrix", "until": _until(role), **more}
        Grant.objects.create(person=holder, role=role, **given)

    for role in Role.values:
        for scope, where in (("own", own), ("all", None)):
            holder = world.people[(role, scope)] = person(f"{role}.{scope}")
            grant(holder, role, official_account=where)
    world.everything, world.expired = person("everything"), person("expired")
    for role in Role.values:
        grant(world.everything, role)
        grant(world.expired, role, until=now - timedelta(seconds=1))


def _of_account(side: str, account: OfficialAccount, wealdshire: force.Force) -> dict[str, Any]:
    """One of everything that belongs to an official account."""
    now = clock.now()
    leah, amira = wealdshire.people["leah_brandt"], wealdshire.people["amira_hussain"]
    commenter = Commenter.objects.create(
        platform="exercise",
        external_id=f"commenter-{side}",
        handle=mark("handle", side),
        name=mark("name", side),
        first_seen_at=now,
    )
    talks = {
        name: Conversation.objects.create(
            official_account=account,
            root_external_id=f"{name}-{side}",
            root_text="The bridge is open.",
            private=name == "private",
            last_comment_at=now,
        )
        for name in ("public", "private", "earlier", "evidence")
    }

    def comment(name: str, word: str = "public", talk: str = "public", **more: Any) -> Comment:
        made = Comment.objects.create(
            platform="exercise",
            external_id=f"{name}-{side}",
            official_account=account,
            conversation=talks[talk],
            commenter=commenter,
            text=f"Can you help me {mark(word, side)}",
            posted_at=more.pop("at", now),
            received_at=now,
            **more,
        )
        Revision.objects.create(comment=made, number=1, text=made.text, seen_at=now)
        return made

    def decided(made: Comment, kind: str = "no_action", **more: Any) -> Comment:
        Decision.objects.create(
            comment=made,
            revision=made.revisions.get(),
            kind=kind,
            by=amira,
            by_name=amira.called,
            at=now,
            **more,
        )
        Comment.objects.filter(pk=made.pk).update(state="decided", decided_at=now)
        return made

    open_one = comment("open")
    comment("private", "private", "private", private=True)
    decided(comment("earlier", "earlier", "earlier", at=now - timedelta(days=3)))
    Note.objects.create(comment=open_one, text=mark("note", side), by=amira, at=now)
    claimed = comment("claimed")
    hidden = decided(comment("hidden", hidden_at=now), "hide", clause=Clause.objects.all()[0])
    made = {
        "account": account.pk,
        "comment": open_one.pk,
        "commenter": commenter.pk,
        "claimed comment": claimed.pk,
        "hidden comment": hidden.pk,
        "decided comment": decided(comment("decided")).pk,
    }
    made["alert"] = Alert.objects.create(
        comment=open_one,
        official_account=account,
        version=cases.version_for("suicide_self_harm"),
        category="suicide_self_harm",
        priority=1,
        likeness="matrix",
        raised_at=now,
        desk_by=now + timedelta(minutes=2),
    ).pk
    made["second look"] = _second_look(hidden, account).pk
    for state in ("waiting", "acknowledged", "closed"):
        asked = comment(f"risk-{state}", "evidence", "evidence", needs_case="suicide_self_harm")
        if state != "waiting":
            # Of another author: the open case of one author takes in their next comment.
            other = Commenter.objects.create(
                platform="exercise",
                external_id=f"{state}-{side}",
                handle=f"{state}.{side}",
                first_seen_at=now,
            )
            Comment.objects.filter(pk=asked.pk).update(commenter=other)
        decided(asked, "escalate", why="Says goodbye")
        case = cases.open_for_comment(actor=System("matrix"), comment=asked)
        assert case is not None
        # Edited since: the words kept are the case's alone from here on.
        Comment.objects.filter(pk=asked.pk).update(text="Never mind", revision_number=2)
        Revision.objects.create(comment=asked, number=2, text="Never mind", seen_at=now)
        if state != "waiting":
            Case.objects.filter(pk=case.pk).update(
                state=state, acknowledged_by=wealdshire.people["inspector_calder"], acknowledged_at=now
            )
        made[f"{state} case"] = case.pk
    for kind, state in (("draft", "draft"), ("submitted post", "submitted")):
        post = Post.objects.create(
            title=f"{kind} {mark('post', side)}",
            author=leah,
            state=state,
            words=mark("post", side),
            created_at=now,
            changed_at=now,
        )
        Variant.objects.create(post=post, official_account=account, text=mark("post", side))
        made[kind] = post.pk
    appeal = Appeal.objects.create(
        key=f"matrix-{side}",
        kind="witness",
        title=f"Appeal {mark('post', side)}",
        force_reference=f"WP-{side}",
        basis="public_task",
        basis_note="Because of the matrix",
        officer_consent="PS Okafor",
        risk_assessment="None",
        owner=leah,
        review_on=clock.today() + timedelta(days=7),
        state="live",
        made_by=leah,
        made_at=now,
        live_at=now,
    )
    AppealAccount.objects.create(appeal=appeal, official_account=account)
    made["appeal"] = appeal.pk
    made["tip"] = Tip.objects.create(
        appeal=appeal,
        way="form",
        reference=f"TIP-{side}"[:9],
        words=f"I saw something {mark('public', side)}",
        source_key="0" * 64,
        received_at=now,
    ).pk
    made["held reply"] = Delivery.objects.create(
        official_account=account,
        kind="reply",
        author=amira,
        text=mark("reply", side),
        subject_type="moderation.comment",
        subject_id=open_one.pk,
        target_external_id=f"open-{side}",
        due_at=now,
        held_why="A lockdown is over",
        created_at=now,
    ).pk
    return made
