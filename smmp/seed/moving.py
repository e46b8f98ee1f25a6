"""What the register tells and is told, for the demonstration: a webhook that works and one that stopped, a proof, a search, an
incident that goes on and one that is over, and a file of the former product. Fictional, made once.
"""

from __future__ import annotations

import io
from datetime import timedelta

from django.db import transaction

from accounts import hooks as telling
from accounts import searching
from accounts.actions import hooks, proofs, register_account
from accounts.actions import searching as finding
from accounts.models import Hook, HookCall, ImpostorSearch, OfficialAccount, ServiceIdentity
from accounts.proofs import Found, public_page
from core import clock
from platforms.contract import FoundAccount
from publishing.actions import incidents
from publishing.models import Incident
from smmp.actions import moving
from smmp.seed.force import Force

REPLIES = """Name,Body
Road closed,"The road is closed at the moment. We say here when it opens."
Lost property,"Please report lost property at https://wealdshire.example/lost. Do not send us documents here."
Parking,"The council deals with parking: https://wealdshire.example/parking."
"""
ADDRESS = "https://www.wealdshire.example/hooks/register"


@transaction.atomic
def make(force: Force) -> None:
    """One example of each. Safe to run twice."""
    if Incident.objects.exists():
        return
    _incidents(force)
    _hooks(force)
    account = _mastodon(force)
    _proof(force, account)
    _search(account)
    _import(force)


SAFE = {"live": "no"}
"""It says nothing of where officers are."""


def _incidents(force: Force) -> None:
    leah, helen = force.people["leah_brandt"], force.people["helen_achebe"]
    area = force.accounts["saltmere-police"].neighbourhood
    flood = incidents.begin(
        actor=leah,
        title="Flooding in Saltmere",
        words="Quay Street and Fish Row are under water. Please do not drive or walk through it. Fire crews are there.",
        answers=SAFE,
        neighbourhood=area,
    )
    incidents.approve(actor=helen, update=flood.updates.get())
    incidents.approve(
        actor=helen,
        update=incidents.submit(
            actor=leah,
            incident=flood,
            words="The school hall in Mill Lane is open for anybody who cannot stay at home. High water is at 16:40.",
            answers=SAFE,
        ),
    )
    incidents.submit(
        actor=leah,
        incident=flood,
        words="The water is falling. Fish Row opens again at 19:00, the Environment Agency tells us.",
        answers=SAFE,
    )
    over = incidents.begin(
        actor=leah,
        title="Search for a missing walker",
        words="We are searching the Weald Way. If you walked there on Saturday, please ring 101.",
        answers=SAFE,
        neighbourhood=None,
    )
    incidents.approve(actor=helen, update=over.updates.get())
    incidents.approve(
        actor=helen,
        update=incidents.submit(
            actor=leah,
            incident=over,
            words="The walker was found safe. Thank you to everybody who helped.",
            answers=SAFE,
        ),
    )
    incidents.end(actor=leah, incident=over)


def _hooks(force: Force) -> None:
    ben = force.people["ben_osei"]
    service = ServiceIdentity.objects.order_by("pk").first()
    if service is None:
        return
    hook, _ = hooks.add_hook(actor=ben, service=service, address=ADDRESS)
    account = OfficialAccount.objects.filter(exercise=False).order_by("pk").first()
    now = clock.now()
    for hours, status, why in ((30, 200, ""), (7, 503, "It answered 503."), (2, 200, "")):
        at = now - timedelta(hours=hours)
        HookCall.objects.create(
            hook=hook,
            payload={"event": telling.EVENT, "version": 1, "change": "changed", "changed": ["purpose"]},
            official_account=account,
            state=HookCall.State.FAILED if why else HookCall.State.SENT,
            made_at=at,
            due_at=at,
            tries=8 if why else 1,
            tried_at=at,
            status=status,
            why=why,
            ended_at=at,
        )
    stopped, _ = hooks.add_hook(actor=ben, service=service, address=f"{ADDRESS}-old")
    Hook.objects.filter(pk=stopped.pk).update(
        stopped_at=now - timedelta(days=1), failures=telling.STOPS_AFTER
    )


def _mastodon(force: Force) -> OfficialAccount:
    return register_account(
        actor=force.people["ben_osei"],
        platform="mastodon",
        handle="police@social.wealdshire.example",
        name="Wealdshire Police on Mastodon",
        owner=force.people["victoria_lang"],
        purpose="News of the force for people who left other platforms",
        profile_url="https://social.wealdshire.example/@police",
    )


def _proof(force: Force, account: OfficialAccount) -> None:
    proofs.note_look(
        actor=force.people["ben_osei"],
        official_account=account,
        kind="rel_me",
        found=Found(
            False,
            f"The profile on social.wealdshire.example has no field with the address of our list ({public_page()}).",
        ),
    )


def _search(account: OfficialAccount) -> None:
    search = ImpostorSearch.objects.create(platform="mastodon", next_at=clock.now())
    finding.note_search(
        search=search,
        searched=searching.Searched(
            seen=41,
            findings=[
                searching.Finding(
                    FoundAccount(
                        "demonstration",
                        "wealdshirepo1ice@far.example",
                        "Wealdshire Police News",
                        "https://far.example/@wealdshirepo1ice",
                    ),
                    account,
                    "It bears the name “Wealdshire Police”. It shows our picture.",
                    3,
                )
            ],
            pictures={},
        ),
    )


def _import(force: Force) -> None:
    helen = force.people["helen_achebe"]
    content = REPLIES.encode()
    kept = moving.read_files(
        actor=helen,
        kind="replies",
        product="Hearsay Desk",
        came=[moving.Came("saved-replies.csv", len(content), lambda: io.BytesIO(content))],
    )
    moving.map_columns(actor=helen, kept=kept, mapping=kept.mapping)
    moving.bring_in(actor=helen, kept=kept)
