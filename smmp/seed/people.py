"""Joiners, movers and leavers of the demonstration force: a departure, a guest, a request, a recertification,
what the force's directory keeps, and a list of staff that was applied.

Invented people. Made once: what is there already stays as it is.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import actions as accounts
from accounts.actions import directory as syncing
from accounts.actions import imports, requests, returns, reviews
from accounts.models import Campaign, StaffImport
from core import clock
from publishing.actions import posts
from smmp.seed.force import SEED, Force, make_seconds
from staff.actions import conduct, departures, directory, leading, members, teams
from staff.models import DirectoryKey, Membership, StaffMember
from staff.roles import Role
from staff.scim.known import Details

_DIRECTORY_PEOPLE = (("Gwen Parry", "PC"), ("Femi Adeyemi", "PC"), ("Rosa Lindqvist", ""))
_JOINERS = """email,name,rank,team,role,neighbourhood,until,leaves
owen.tredwell@wealdshire.example,Owen Tredwell,PCSO,Harrowfield neighbourhood team,,,,
lena.fairbrother@wealdshire.example,Lena Fairbrother,,Digital desk,,,,
"""

LEAVER = "marcus.webb@wealdshire.example"
GUEST = "dylan.frost@wealdshire.example"


@transaction.atomic
def make(force: Force) -> None:
    """Somebody has left with work open, somebody is here for three weeks, and leaders are asked to confirm.

    A second administrator and a second records manager stand beside the cast.
    """
    make_seconds(force)
    _directory(force)
    _list(force)
    if StaffMember.objects.filter(email=LEAVER).exists():
        return
    people = force.people
    for slug in ("sergeant_okafor", "helen_achebe"):
        place = Membership.objects.filter(member=people[slug], until=None).select_related("team").first()
        if place is not None:
            leading.lead_team(actor=SEED, team=place.team, member=people[slug], leads=True)
    _guest(force)
    requests.ask_for_grant(
        actor=people["pc_nair"],
        person=people["pc_nair"],
        wanted=requests.Wanted(
            Role.NEIGHBOURHOOD_OFFICER,
            neighbourhood=force.neighbourhoods["Saltmere"],
            until=clock.now() + timedelta(weeks=3),
        ),
        why="Cover for the Saltmere team until its new officer starts",
    )
    if not Campaign.objects.exists():
        today = clock.today()
        reviews.open_campaign(actor=SEED, title=f"Quarter {(today.month - 1) // 3 + 1} of {today.year}")
    _leaver(force)


def _directory(force: Force) -> None:
    """The force's directory has a key, keeps one group with a role, let one person go and took one back.

    The key's own secret was thrown away as it was made: nobody can use it, and it can be renewed.
    """
    if DirectoryKey.objects.exists():
        return
    ben = force.people["ben_osei"]
    key, token = directory.make_key(actor=ben, name="Wealdshire directory", days=180)
    directory.prove_key(token=token, source="192.0.2.30")
    people = [
        directory.add_person(actor=key, details=_details(name, rank)) for name, rank in _DIRECTORY_PEOPLE
    ]
    team = directory.add_group(actor=key, name="Roads policing contact team", external_id="group-roads")
    directory.change_group(
        actor=key,
        team=team,
        name=team.name,
        external_id="group-roads",
        member_ids=[person.pk for person in people],
    )
    accounts.give_grant(
        actor=ben,
        team=team,
        role=Role.DESK_OPERATOR,
        why="Winter roads: the team answers what is asked of it",
    )
    switched = syncing.let_go(actor=key, member=people[1])
    returns.have_back(actor=key, member=switched, why=syncing.WHY_BACK, keep_groups=True)
    syncing.let_go(actor=key, member=people[2])


def _details(name: str, rank: str) -> Details:
    email = f"{name.lower().replace(' ', '.')}@wealdshire.example"
    return Details(email, f"person-{email.partition('@')[0]}", name, rank, email, "", True)


def _list(force: Force) -> None:
    """A list of joiners was read, looked at and applied by an administrator."""
    if StaffImport.objects.exists():
        return
    ben = force.people["ben_osei"]
    kept = imports.read_list(actor=ben, name="joiners-of-the-month.csv", content=_JOINERS.encode())
    imports.apply_list(actor=ben, kept=kept)


def _leaver(force: Force) -> None:
    """A communications officer resigned; their draft and the checklist wait for others."""
    marcus = members.add_member(actor=SEED, email=LEAVER, name="Marcus Webb")
    teams.join_team(actor=SEED, team=force.teams["Corporate communications"], member=marcus)
    accounts.give_grant(actor=SEED, person=marcus, role=Role.COMMS_OFFICER, why="Demonstration force")
    account = force.accounts["wealdshire-police"]
    posts.draft_post(
        actor=marcus,
        account_ids=[account.pk],
        words="Winter driving: clear every window before you set off, and leave more room.",
        title="Winter driving",
    )
    departures.record_leaver(
        actor=SEED,
        member=marcus,
        why="Resigned, last day today",
        kind="resigned",
        heir=force.people["helen_achebe"],
    )


def _guest(force: Force) -> None:
    """An officer of another force helps at the desk for three weeks; professional standards watch quietly."""
    dylan = members.add_member(actor=SEED, email=GUEST, name="Dylan Frost", rank="PC")
    teams.join_team(actor=SEED, team=force.teams["Digital desk"], member=dylan)
    ends = clock.now() + timedelta(weeks=3)
    accounts.give_grant(
        actor=SEED, person=dylan, role=Role.DESK_OPERATOR, until=ends, why="Mutual aid from another force"
    )
    departures.announce_leaver(
        actor=SEED,
        member=dylan,
        leaves_at=ends,
        why="Mutual aid ends",
        kind="ended",
        heir=force.people["sergeant_okafor"],
    )
    conduct.decide(
        actor=force.people["inspector_kerr"],
        member=dylan,
        kind="covert",
        why="Demonstration: an allegation, passed on by the home force, of looking up a former partner.",
    )
