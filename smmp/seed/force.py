"""Wealdshire Police: fictional teams, people, official accounts and grants. Safe to run twice."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.text import slugify

from accounts import actions as accounts
from accounts.actions import credentials
from accounts.models import Neighbourhood, OfficialAccount
from core import clock
from core.actors import System
from exercise.models import Profile
from staff.models import Membership, StaffMember, Team
from staff.roles import Role

SEED = System("the first set-up")


@dataclass(frozen=True)
class Persona:
    """Somebody of the cast: who they are and what they may see, in a sentence for the demo page."""

    slug: str
    name: str
    rank: str
    role: str
    sees: str
    team: str = ""
    neighbourhood: str = ""

    @property
    def email(self) -> str:
        return f"{slugify(self.name).replace('-', '.')}@wealdshire.example"


PERSONAS = [
    Persona(
        "amira_hussain",
        "Amira Hussain",
        "",
        Role.DESK_OPERATOR,
        "Every comment on every official account; replies, hides, escalates",
        "Digital desk",
    ),
    Persona(
        "tom_beckett",
        "Tom Beckett",
        "",
        Role.DESK_OPERATOR,
        "Every comment on every official account; replies, hides, escalates",
        "Digital desk",
    ),
    Persona(
        "sergeant_okafor",
        "Daniel Okafor",
        "Sgt",
        Role.DESK_SUPERVISOR,
        "The whole desk, its cases, exercises and the lockdown switch",
        "Digital desk",
    ),
    Persona(
        "inspector_calder",
        "Ruth Calder",
        "Insp",
        Role.DUTY_COMMAND,
        "Cases that need someone to say “I have it”, and what lies behind them",
        "Duty command",
    ),
    Persona(
        "superintendent_price",
        "Owen Price",
        "Supt",
        Role.DUTY_COMMAND,
        "Cases that need someone to say “I have it”, and what lies behind them",
        "Duty command",
    ),
    Persona(
        "leah_brandt",
        "Leah Brandt",
        "",
        Role.COMMS_OFFICER,
        "Posts and comments on every official account; writes, sends for approval",
        "Corporate communications",
    ),
    Persona(
        "helen_achebe",
        "Helen Achebe",
        "",
        Role.COMMS_APPROVER,
        "Posts waiting for a second pair of eyes; the lockdown switch",
        "Corporate communications",
    ),
    Persona(
        "pc_nair",
        "Priya Nair",
        "PC",
        Role.NEIGHBOURHOOD_OFFICER,
        "Harrowfield only: its posts, its comments",
        "Harrowfield neighbourhood team",
        "Harrowfield",
    ),
    Persona(
        "joan_pritchard",
        "Joan Pritchard",
        "",
        Role.INFOSEC_AUDITOR,
        "The audit trail and who may do what; no comments",
        "Information security",
    ),
    Persona(
        "graham_ellis",
        "Graham Ellis",
        "",
        Role.RECORDS_MANAGER,
        "The retention schedule, holds and disposals; no comments",
        "Information management",
    ),
    Persona(
        "nadia_rahman",
        "Nadia Rahman",
        "",
        Role.INFORMATION_RIGHTS_OFFICER,
        "Holds for requests under information law; no comments",
        "Information management",
    ),
    Persona(
        "sergeant_mayhew",
        "Colin Mayhew",
        "DS",
        Role.INTELLIGENCE_RECEIVER,
        "Only what is referred to intelligence",
        "Force intelligence",
    ),
    Persona(
        "constable_lindqvist",
        "Freya Lindqvist",
        "DC",
        Role.SOURCE_UNIT,
        "Only who is referred to the dedicated source unit",
        "Dedicated source unit",
    ),
    Persona(
        "inspector_kerr",
        "Siobhan Kerr",
        "DI",
        Role.PROFESSIONAL_STANDARDS,
        "How somebody leaves over conduct, covert audits, the part of the trail assigned to her; holds",
        "Professional standards",
    ),
    Persona(
        "constable_whitlock",
        "Imogen Whitlock",
        "DC",
        Role.ONLINE_CHILD_ABUSE,
        "Only pictures that the desk sealed",
        "Online child abuse team",
    ),
    Persona(
        "marta_kowal",
        "Marta Kowal",
        "",
        Role.SAFEGUARDING,
        "Only what is referred to safeguarding",
        "Safeguarding hub",
    ),
    Persona(
        "victoria_lang",
        "Victoria Lang",
        "",
        Role.ASSET_OWNER,
        "The register, posts and retention of what she answers for",
        "Corporate communications",
    ),
    Persona(
        "ben_osei",
        "Ben Osei",
        "",
        Role.SERVICE_ADMINISTRATOR,
        "Staff, grants and the register; no comments",
        "Corporate communications",
    ),
]

SECONDS = [
    Persona(
        "noor_haddad",
        "Noor Haddad",
        "",
        Role.SERVICE_ADMINISTRATOR,
        "As Ben Osei: agrees where a lost sign-in needs two administrators",
        "Corporate communications",
    ),
    Persona(
        "ines_moreau",
        "Ines Moreau",
        "",
        Role.RECORDS_MANAGER,
        "As Graham Ellis: confirms a retention period that he proposed",
        "Information management",
    ),
    Persona(
        "gwen_tallis",
        "Gwen Tallis",
        "",
        Role.COMMS_APPROVER,
        "As Helen Achebe: gives the second yes where a post needs two",
        "Corporate communications",
    ),
]
"""Who stands beside one of the cast, so that what takes two people can be shown."""

CAST = [*PERSONAS, *SECONDS]

NEIGHBOURHOODS = ["Harrowfield", "Saltmere", "Cutler’s Cross"]

EXERCISE_ACCOUNTS = [
    (
        "wealdshire-police",
        "Wealdshire Police",
        "News, appeals and warnings for the whole of Wealdshire",
        "Digital desk",
        "",
    ),
    (
        "harrowfield-police",
        "Harrowfield Neighbourhood Team",
        "What the Harrowfield team is doing",
        "Harrowfield neighbourhood team",
        "Harrowfield",
    ),
    (
        "saltmere-police",
        "Saltmere Neighbourhood Team",
        "What the Saltmere team is doing",
        "Saltmere neighbourhood team",
        "Saltmere",
    ),
]


@dataclass
class Force:
    """What was made, by slug and handle."""

    people: dict[str, StaffMember] = field(default_factory=dict)
    accounts: dict[str, OfficialAccount] = field(default_factory=dict)
    neighbourhoods: dict[str, Neighbourhood] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)


@transaction.atomic
def make() -> Force:
    """The demonstration force stands complete. What is there already stays as it is.

    People have no usable password: the demo page signs them in. Exercise profiles are made
    beside their official accounts, each with a fresh token.
    """
    force = Force()
    for name in NEIGHBOURHOODS:
        force.neighbourhoods[name], _ = Neighbourhood.objects.get_or_create(
            name=name, defaults={"slug": slugify(name.replace("’", ""))}
        )
    team_names = {p.team for p in PERSONAS if p.team} | {team for *_, team, _ in EXERCISE_ACCOUNTS}
    for name in sorted(team_names):
        force.teams[name], _ = Team.objects.get_or_create(name=name)
    for persona in PERSONAS:
        _person(force, persona)
    for handle, name, purpose, team, neighbourhood in EXERCISE_ACCOUNTS:
        force.accounts[handle] = _exercise_account(force, handle, name, purpose, team, neighbourhood)
    for persona in PERSONAS:
        _role(force, persona)
    return force


def find() -> Force:
    """The demonstration force as it stands. KeyError where somebody of it is missing: `make()` it first."""
    people = {person.email: person for person in StaffMember.objects.all()}
    return Force(
        people={persona.slug: people[persona.email] for persona in PERSONAS},
        accounts={account.handle: account for account in OfficialAccount.objects.filter(platform="exercise")},
        neighbourhoods={place.name: place for place in Neighbourhood.objects.all()},
        teams={team.name: team for team in Team.objects.all()},
    )


@transaction.atomic
def make_seconds(force: Force) -> None:
    """A second administrator, records manager and approver of posts work here too. Safe to run twice."""
    for persona in SECONDS:
        _person(force, persona)
        _role(force, persona)


def _person(force: Force, persona: Persona) -> None:
    person = StaffMember.objects.filter(email__iexact=persona.email).first()
    if person is None:
        at = clock.now()
        person = StaffMember(email=persona.email, name=persona.name, rank=persona.rank, joined_at=at)
        person.set_unusable_password()
        person.save()
        Membership.objects.create(team=force.teams[persona.team], member=person, since=at)
    force.people[persona.slug] = person


def _role(force: Force, persona: Persona) -> None:
    person = force.people[persona.slug]
    if not person.grants.exists():
        accounts.give_grant(
            actor=SEED,
            person=person,
            role=persona.role,
            neighbourhood=force.neighbourhoods.get(persona.neighbourhood),
            why="Demonstration force",
        )


def _exercise_account(
    force: Force, handle: str, name: str, purpose: str, team: str, neighbourhood: str
) -> OfficialAccount:
    found = OfficialAccount.objects.filter(platform="exercise", handle=handle).first()
    if found is not None:
        return found
    token = secrets.token_urlsafe(32)
    Profile.objects.update_or_create(
        handle=handle,
        defaults={
            "name": name,
            "official": True,
            "about": purpose,
            "token_hash": hashlib.sha256(token.encode()).hexdigest(),
            "created_at": clock.now(),
        },
    )
    account = accounts.register_account(
        actor=SEED,
        platform="exercise",
        handle=handle,
        name=name,
        owner=force.people["victoria_lang"],
        purpose=purpose,
        team=force.teams[team],
        neighbourhood=force.neighbourhoods.get(neighbourhood),
    )
    credentials.store_credential(actor=SEED, official_account=account, secret=token)
    return account
