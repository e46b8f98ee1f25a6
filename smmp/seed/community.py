"""Campaigns of the demonstration force: a winter campaign and a 24-hour log. Fictional, made once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from core import clock
from core.actors import Stranger
from publishing.actions import (
    campaigns,
    concerns,
    engagements,
    logs,
    meetings,
    occasions,
    posts,
    questions,
    takeovers,
)
from publishing.models import Campaign, Engagement, LogLine, Post, Tag
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
    _concerns(force)
    _days(force)
    _beside_us(force)


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
        questions.ask_publicly(
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
        questions.show(actor=tom, question=question, words=question.words, name=question.name)
    questions.answer(
        actor=amira,
        question=asked[0],
        words="The county is changing the lamps there. They are on again from Monday, and we walk by each evening until then.",
    )


def _concerns(force: Force) -> None:
    """What Harrowfield said: one published, one done and waiting for a yes, one being done, one that nobody has yet."""
    leah, helen, nair = (force.people[slug] for slug in ("leah_brandt", "helen_achebe", "pc_nair"))
    area, today = force.neighbourhoods["Harrowfield"], clock.today()
    said = (
        (
            "Cars race along Mill Lane in the evening.",
            "Speed checks on six evenings",
            "We checked speeds on six evenings: 31 drivers were reported.",
        ),
        (
            "The path behind the library is not safe after dark.",
            "Ask the council for lamps",
            "The council has put up four lamps, and our officers walk there each evening.",
        ),
        ("Bicycles are stolen at the station.", "Mark bicycles on two Saturdays", ""),
        ("Too much litter in the market after the weekend.", "", ""),
    )
    made = []
    for words, what, result in said:
        one = concerns.raise_concern(actor=nair, neighbourhood=area, said=words)
        if what:
            one = concerns.plan(
                actor=nair, concern=one, said=words, what=what, owner=nair, due_on=today + timedelta(days=12)
            )
        if result:
            one = concerns.report(actor=nair, concern=one, said=words, result=result)
        made.append(one)
    concerns.publish(actor=helen, concern=made[0], result_seen=made[0].result)
    concerns.raise_concern(
        actor=leah, neighbourhood=force.neighbourhoods["Saltmere"], said="When does the viaduct open again?"
    )


def _days(force: Force) -> None:
    """Coffee with an officer next week with its reminders, a day with an officer, and a live stream that lacks something."""
    leah, nair, okafor = (force.people[slug] for slug in ("leah_brandt", "pc_nair", "sergeant_okafor"))
    harrowfield, area = force.accounts["harrowfield-police"], force.neighbourhoods["Harrowfield"]
    now = clock.now()

    def plan(kind: str, name: str, purpose: str, hours: float, lasts: float) -> Campaign:
        return campaigns.make_campaign(
            actor=leah,
            kind=kind,
            name=name,
            purpose=purpose,
            account_ids=[harrowfield.pk],
            starts_at=now + timedelta(hours=hours),
            ends_at=now + timedelta(hours=hours + lasts),
            neighbourhood=area,
        )

    coffee = plan(
        Campaign.Kind.EVENT, "Coffee with an officer", "Hear what worries people, without a queue", 190, 2
    )
    occasions.write_down(actor=leah, campaign=coffee, who="PC Nair", place="Harrowfield library")
    occasions.draft_reminders(actor=leah, campaign=coffee)
    patrol = plan(
        Campaign.Kind.PATROL, "A day with PC Nair", "Show what a neighbourhood officer does all day", -1, 8
    )
    occasions.write_down(actor=leah, campaign=patrol, who="PC Nair", place="Harrowfield and the villages")
    campaigns.start_campaign(actor=nair, campaign=patrol)
    live = plan(Campaign.Kind.LIVE, "Ask the dog section", "Meet the dogs, and those who train them", 24, 1)
    occasions.write_down(
        actor=leah,
        campaign=live,
        who="The dog section",
        link="https://video.wealdshire.example/dogs",
        hold_line="The dogs have been called away. We are back as soon as they are.",
    )
    takeover = plan(Campaign.Kind.TAKEOVER, "A day with the cadets", "Show who the cadets are", 72, 10)
    takeovers.name_guest(actor=leah, campaign=takeover, guest=nair, rules=takeovers.RULES)
    occasions.tick(actor=leah, campaign=live, slug="agreed")
    occasions.put_on_duty(actor=leah, campaign=live, person=okafor, since=live.starts_at, until=live.ends_at)


def _beside_us(force: Force) -> None:
    """An influencer who is approved, an advertisement that waits, and a partner whose work is closed with a result."""
    leah, helen = force.people["leah_brandt"], force.people["helen_achebe"]
    today = clock.today()
    rows = (
        (
            Engagement.Kind.INFLUENCER,
            "@wealdshire_cyclist",
            "Three films about lights in winter",
            45_000,
            "Ad",
        ),
        (
            Engagement.Kind.PAID,
            "Radio Wealdshire",
            "30 spots on scams",
            240_000,
            "Paid for by Wealdshire Police",
        ),
        (Engagement.Kind.PARTNER, "Wealdshire Fire and Rescue", "Shares our winter campaign", 0, ""),
    )
    made = [
        engagements.ask(
            actor=leah,
            kind=kind,
            who=who,
            what=what,
            cost_pence=pence,
            label=label,
            starts_on=today,
            ends_on=today + timedelta(days=60),
        )
        for kind, who, what, pence, label in rows
    ]
    for entry in (made[0], made[2]):
        engagements.decide(actor=helen, entry=entry, approve=True)
    engagements.close(actor=leah, entry=made[2], result="Seen 40,000 times on their channels")
