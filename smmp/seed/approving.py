"""Approval steps in force, a trusted author, a cover, a question and something to look at afterwards. Fictional, made once."""

from __future__ import annotations

from datetime import timedelta

from core import clock
from publishing.actions import asking, covers, judging, posts, telephone
from publishing.actions import steps as step_actions
from publishing.models import Declaration, Post, StepsVersion
from smmp.seed.force import Force, make_seconds


def make(force: Force) -> None:
    """Steps that ask for more at night and for arrests, and what follows from them. Safe to run twice."""
    if StepsVersion.objects.exists():
        return
    make_seconds(force)
    people, police = force.people, force.accounts["wealdshire-police"]
    ben, noor = people["ben_osei"], people["noor_haddad"]
    leah, helen, gwen, priya = (
        people[slug] for slug in ("leah_brandt", "helen_achebe", "gwen_tallis", "pc_nair")
    )
    draft = step_actions.begin_draft(actor=ben)
    step_actions.add_rule(
        actor=ben,
        version=draft,
        name="Naming and pictures of people",
        needs="two",
        kinds=["arrest", "charge", "wanted", "identify"],
    )
    step_actions.add_rule(
        actor=ben,
        version=draft,
        name="News of a neighbourhood, in hours",
        needs="none",
        place=f"neighbourhood:{force.neighbourhoods['Harrowfield'].pk}",
        kinds=["general"],
        when=["hours"],
    )
    asked = step_actions.put_in_force(
        actor=ben, version=draft, why="Policy of November: neighbourhoods post by themselves"
    )
    step_actions.confirm(actor=noor, version=asked)
    step_actions.give_trust(
        actor=ben, person=priya, why="Took the course in October; Inspector Calder vouches for her"
    )
    now = clock.now()
    covers.name_cover(
        actor=helen,
        cover=gwen,
        since=now + timedelta(days=7),
        until=now + timedelta(days=14),
        why="Leave",
    )
    gas = posts.draft_post(
        actor=leah,
        account_ids=[police.pk],
        words="There is a smell of gas in Mill Lane, Saltmere. Please keep away until we say here that it is safe.",
        title="Gas in Mill Lane",
    )
    judging.declare(
        actor=leah,
        post=gas,
        version_seen=1,
        kind=Declaration.Kind.GENERAL,
        answers={},
        urgent_why="People may walk into it",
    )
    posts.submit_post(actor=leah, post=gas, version_seen=2)
    telephone.record_call(
        actor=people["sergeant_okafor"],
        post=gas,
        version_seen=2,
        name="Inspector Gareth Hale",
        function="fim",
        known_by="number",
        known_as="1187",
        read_out=True,
    )
    waiting = Post.objects.filter(
        state=Post.State.SUBMITTED, author=leah, title__startswith="Thank you"
    ).first()
    if waiting is not None:
        asking.ask(actor=helen, post=waiting, question="Did the hall agree that we name it?")
