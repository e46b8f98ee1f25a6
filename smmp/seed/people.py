"""Joiners, movers and leavers of the demonstration force: a departure, a guest, a request, a recertification.

Invented people. Made once: what is there already stays as it is.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import actions as accounts
from accounts.actions import requests, reviews
from accounts.models import Campaign
from core import clock
from publishing.actions import posts
from smmp.seed.force import SEED, Force
from staff.actions import conduct, departures, leading, members, teams
from staff.models import Membership, StaffMember
from staff.roles import Role

LEAVER = "marcus.webb@wealdshire.example"
GUEST = "dylan.frost@wealdshire.example"


@transaction.atomic
def make(force: Force) -> None:
    """Somebody has left with work open, somebody is here for three weeks, and leaders are asked to confirm."""
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
