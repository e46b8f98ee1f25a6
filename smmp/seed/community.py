"""Campaigns of the demonstration force: a winter campaign and a 24-hour log. Fictional, made once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from core import clock
from core.actors import Stranger
from publishing.actions import campaigns, logs, meetings, posts
from publishing.models import Campaign, LogLine, Post, Tag
from smmp.seed.force import Force

_CALLS = (
    (
        "4101",
        -9.0,
        "Caller says that the self-checkout of a supermarket in Harrowfield accuses her of stealing.",
    ),
    (
        "4102",
        -8.5,
        "Colin Marsh, 41, of 14 Mill Lane, Saltmere: blocked sink, asks for a plumber. Ring back 07700 900123.",
    ),
    (
        "4103",
        -7.2,
        "Sheep on the A41 near Harrowfield, about 40 of them. Farmer found, back in their field by midnight.",
    ),
    ("4104", -6.1, "Female aged 82 has fallen at Flat 3, 22 Quay Street. Ambulance with her. Log 1877/26."),
    ("4105", -5.5, "Grey van WX19 ABC parked across two bays at Saltmere market. Not for 999."),
    ("4106", -4.0, "Youths on the roof of the library in Cutler’s Cross. Down again when the officers came."),
    (
        "4107",
        -2.7,
        "Mrs Joan Perry asks what day the bins are emptied. Told kindly that this is for the council.",
    ),
    ("4108", -1.9, "Noise from a party in Harrowfield. Host turned it down and offered the officers cake."),
)


@transaction.atomic
def make(force: Force) -> None:
    """One of each kind, at work. Safe to run twice."""
    if Campaign.objects.exists():
        return
    _log(force)
    _meeting(force)


def _log(force: Force) -> None:
    """A log that began this morning: some lines read, some waiting for approval, one passed over, the rest to be read."""
    leah, helen = force.people["leah_brandt"], force.people["helen_achebe"]
    now = clock.now()
    hashtag = Tag.objects.filter(kind=Tag.Kind.HASHTAG, name="#MeetYourTeam").first()
    log = campaigns.make_campaign(
        actor=leah,
        kind=Campaign.Kind.LOG,
        name="A day of calls",
        purpose="Show what a day of the control room holds, and what 999 is not for",
        audience="Everybody in Wealdshire, and whoever writes about policing",
        account_ids=[force.accounts["wealdshire-police"].pk],
        starts_at=now - timedelta(hours=10),
        ends_at=now + timedelta(hours=14),
        hashtag=hashtag,
        pace_s=600,
    )
    campaigns.start_campaign(actor=leah, campaign=log)
    logs.take_lines(
        actor=leah,
        campaign=log,
        lines=[logs.Line(words, now + timedelta(hours=hours), key) for key, hours, words in _CALLS],
        source=LogLine.Source.CSV,
    )
    lines = {line.key: line for line in log.lines.all()}
    said = {
        "k:4101": "00:40. A self-checkout in Harrowfield accused a caller of stealing. 999 is for emergencies.",
        "k:4103": "About 40 sheep on the A41 near Harrowfield. The farmer was found, and they were back by midnight.",
        "k:4106": "Youths on a roof in Cutler’s Cross. They came down when our officers arrived.",
    }
    made = [logs.read_line(actor=leah, line=lines[key], words=words) for key, words in said.items()]
    logs.skip_line(actor=leah, line=lines["k:4104"], why="A small street: neighbours would know who it is")
    approved = Post.objects.get(pk=made[0].pk)
    posts.approve_post(actor=helen, post=approved, version_seen=approved.version)


def _meeting(force: Force) -> None:
    """A meeting for Harrowfield that runs: one question answered, one shown, three to be read."""
    leah, amira, tom = (force.people[slug] for slug in ("leah_brandt", "amira_hussain", "tom_beckett"))
    now = clock.now()
    campaign = campaigns.make_campaign(
        actor=leah,
        kind=Campaign.Kind.MEETING,
        name="Harrowfield listens",
        purpose="Hear what worries people in Harrowfield, and answer in public",
        audience="Whoever lives, works or goes to school in Harrowfield",
        account_ids=[force.accounts["wealdshire-police"].pk],
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=6),
        neighbourhood=force.neighbourhoods["Harrowfield"],
    )
    meeting = meetings.set_up(
        actor=leah,
        campaign=campaign,
        about="Your neighbourhood team answers here this evening. Ask what you like about safety where you live.",
        hold_line="Our officers have been called to an incident. We are back within the hour.",
        opens_at=now - timedelta(hours=2),
    )
    for person, shown_as in ((amira, "Amira, digital desk"), (leah, "Leah, communications")):
        meetings.name_officer(actor=leah, meeting=meeting, person=person, shown_as=shown_as)
    campaigns.start_campaign(actor=leah, campaign=campaign)
    public = Stranger("somebody of the public")
    asked = [
        meetings.ask_publicly(
            actor=public, meeting=meeting, words=words, name=name, source_key=f"seed-{number}"
        )
        for number, (name, words) in enumerate(
            (
                ("Mo", "Why is it so dark by the market?"),
                ("", "Can somebody look at the speed of cars in Mill Lane?"),
                ("Jo", "When is the next surgery at the library?"),
                ("", "Why has Colin Marsh of 14 Mill Lane not been arrested yet?"),
                ("A neighbour", "Who do I ring about the barking dog?"),
            )
        )
    ]
    for question in asked[:2]:
        meetings.show(actor=tom, question=question, words=question.words)
    meetings.answer(
        actor=amira,
        question=asked[0],
        words="The county is changing the lamps there. They are on again from Monday, and we walk by each evening until then.",
    )
