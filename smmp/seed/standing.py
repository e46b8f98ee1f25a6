"""Where the demonstration force stands to the APP: looks at how accounts are secured, records of duties, waivers, a meeting
with what came of it, and a strategy in versions. Fictional, made once.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts.actions import security
from accounts.models import OfficialAccount, SecurityCheck
from core import clock
from insights.actions import meetings, strategy
from insights.actions import scorecard as duties
from insights.models import Strategy
from notices.actions import see
from notices.models import Notice
from smmp.seed.force import Force
from staff.models import StaffMember

WELL = {
    "password": "yes",
    "factor": "key",
    "alerts": "yes",
    "apps": "yes",
    "personal": "none",
    "elsewhere": "never",
    "devices": "yes",
}
# handle -> what was seen there, and who looked at it together
LOOKS: tuple[tuple[str, dict[str, str], str, bool], ...] = (
    (
        "wealdshirepolice",
        WELL,
        "Keys 4 and 7 are in the safe; the vault entry is as the register says.",
        True,
    ),
    (
        "wealdshire-police",
        {**WELL, "factor": "message", "devices": "unknown"},
        "Codes go to the shared telephone. The list of devices was not shown to an editor.",
        False,
    ),
    (
        "wealdshire-harrowfield",
        {**WELL, "factor": "none", "personal": "named", "elsewhere": "clean"},
        "PC Nair uses her force telephone on patrol.",
        False,
    ),
)
# duty, who answers for it, says, words, gap, document, days until it is looked at again
RECORDS: tuple[tuple[str, str, str, str, str, str, int], ...] = (
    (
        "comms.product_owner",
        "victoria_lang",
        "met",
        "The head of communications is business owner; the deputy acts in her absence.",
        "",
        "Terms of reference, COM-3",
        150,
    ),
    (
        "investigations.manage",
        "inspector_kerr",
        "partly",
        "",
        "The policy for investigators is being rewritten with the source unit; due in spring.",
        "Investigations online, draft 4",
        60,
    ),
    (
        "policy.conduct",
        "inspector_kerr",
        "met",
        "Chapters 2 and 3: use at work and in private, with examples.",
        "",
        "Social media policy, COM-12, chapters 2 and 3",
        200,
    ),
    (
        "policy.breaches",
        "inspector_kerr",
        "met",
        "Chapter 9: who is told, who decides, and how learning is shared.",
        "",
        "Social media policy, COM-12, chapter 9",
        200,
    ),
    (
        "policy.delineation",
        "inspector_kerr",
        "not_met",
        "",
        "Nothing says when a look at a profile becomes an investigation. Wording is asked of the legal team.",
        "",
        30,
    ),
    (
        "policy.removal",
        "graham_ellis",
        "partly",
        "",
        "Appeals are taken down by hand; a list is checked on Mondays.",
        "",
        45,
    ),
    (
        "guidelines.removing",
        "helen_achebe",
        "met",
        "Clauses 1 to 9 say what is taken away and why.",
        "",
        "Community guidelines, present version",
        120,
    ),
    (
        "guidelines.blocking",
        "helen_achebe",
        "met",
        "A block has an end and is looked at by somebody else; the page says so.",
        "",
        "Community guidelines, present version",
        120,
    ),
    (
        "officers.algorithms",
        "leah_brandt",
        "partly",
        "",
        "Two of five officers took the course; the others are booked for January.",
        "",
        60,
    ),
    ("information.mopi", "graham_ellis", "figures", "", "", "Retention plan, IM-7", 90),
    ("officers.coverage", "sergeant_okafor", "figures", "", "", "", 90),
    ("minimum.two_factor", "joan_pritchard", "figures", "", "", "Security standard SEC-21", 60),
)
STRATEGY = {
    "aims": (
        "People in Wealdshire hear from us where they are, are answered when they write, and are led to 999 when they "
        "are in danger.\n\nWe are there for those whom the website and the newspaper do not reach."
    ),
    "roadmap": (
        "By spring: one account for each neighbourhood that has somebody to run it, and no other.\n\nBy summer: "
        "WhatsApp channels for flood warnings on the coast, tried for half a year and then judged."
    ),
    "content": (
        "Plain words, at most 25 to a sentence. Captions on every film, alternative text on every picture, two "
        "hashtags at most and at the end.\n\nNothing that could spoil a trial, and no joke about somebody’s misfortune."
    ),
    "engagement": (
        "Whoever asks is answered in the desk’s own time for what they ask. We do not argue; whoever breaks the "
        "guidelines is shown the clause.\n\nNobody is written to privately who has not written to us there first."
    ),
    "collaboration": (
        "We pay for recruitment and for warnings in an emergency, never for praise. Local broadcasters and parish "
        "pages carry our appeals.\n\nSomebody with a following who works with us is checked by professional standards, "
        "and says openly that they do."
    ),
    "tools": (
        "Everything leaves from this platform. Four force telephones for neighbourhood teams, two security keys for "
        "each account, and nothing on personal devices."
    ),
    "skills": "Writing for the web, film on a telephone, reading figures, and staying calm when shouted at.",
    "cpd": "A half day a year on new platforms; desk and communications sit in for each other twice a year.",
    "law": "Social media and the law every two years: contempt, anonymity, data protection, elections, copyright.",
}
# platform, purpose, audience, rhythm, course, words, days since somebody asked about it
CHANNELS: tuple[tuple[str, str, str, str, str, str, int], ...] = (
    (
        "exercise",
        "Practice for the desk, with the same words and rules as in earnest",
        "Our own staff",
        "A scenario each month",
        "keep",
        "",
        40,
    ),
    (
        "threads",
        "News, appeals and warnings for the whole county",
        "Everybody in Wealdshire",
        "Three to six posts a day; warnings at once",
        "keep",
        "",
        70,
    ),
    (
        "linkedin",
        "Working for the force",
        "People who think of joining",
        "Two posts a week",
        "grow",
        "Before the intake in May",
        70,
    ),
    (
        "nextdoor",
        "What a neighbourhood team is doing",
        "People of that neighbourhood",
        "One post a week",
        "try",
        "Harrowfield until July, then judged",
        20,
    ),
    (
        "whatsapp",
        "Warnings for one area",
        "People along the coast",
        "Only warnings",
        "try",
        "Half a year from March",
        20,
    ),
)


@transaction.atomic
def make(force: Force) -> None:
    """All of it. Safe to run twice."""
    if Strategy.objects.exists():
        return
    people = force.people
    _looks(people)
    _strategy(people)
    _records(people)
    _meeting(people)
    # All of it lies back a while: nobody is told of it today.
    for person in people.values():
        see(actor=person, notices=Notice.objects.filter(to=person, link__startswith="/insights/"))


def _looks(people: dict[str, StaffMember]) -> None:
    for handle, seen, words, together in LOOKS:
        account = OfficialAccount.objects.filter(handle=handle, exercise=False).first()
        if account is None or SecurityCheck.objects.filter(official_account=account).exists():
            continue
        security.check_security(
            actor=people["joan_pritchard"],
            official_account=account,
            words=words,
            together_with=people["helen_achebe"] if together else None,
            **seen,
        )


def _strategy(people: dict[str, StaffMember]) -> None:
    leah = people["leah_brandt"]
    row = strategy.begin(actor=leah)
    for platform, purpose, audience, rhythm, course, words, days in CHANNELS:
        strategy.write_channel(
            actor=leah,
            version=row,
            platform=platform,
            purpose=purpose,
            audience=audience,
            rhythm=rhythm,
            course=course,
            course_words=words,
            reviewed_on=clock.today() - timedelta(days=days),
        )
    row = strategy.write(
        actor=leah,
        version=row,
        owner=people["helen_achebe"],
        review_on=clock.today() + timedelta(days=170),
        changes="The first version in the platform itself.",
        **STRATEGY,
    )
    strategy.approve(actor=people["victoria_lang"], version=row, seen=row.changed_at.isoformat())
    draft = strategy.begin(actor=leah)
    strategy.write(
        actor=leah,
        version=draft,
        owner=people["helen_achebe"],
        review_on=clock.today() + timedelta(days=350),
        changes="The young: short films by the cadets.",
        **{
            **STRATEGY,
            "roadmap": STRATEGY["roadmap"]
            + "\n\nBy autumn: short films by the cadets, for a year, then judged.",
        },
    )
    strategy.write_channel(
        actor=leah,
        version=draft,
        platform="tiktok",
        purpose="Short films by the cadets about staying safe",
        audience="People of school age",
        rhythm="One film a week",
        course="try",
        course_words="For a year, then judged",
    )


def _records(people: dict[str, StaffMember]) -> None:
    helen, joan = people["helen_achebe"], people["joan_pritchard"]
    for duty, owner, says, words, gap, document, days in RECORDS:
        duties.record_duty(
            actor=helen,
            duty=duty,
            owner=people[owner],
            says=says,
            words=words,
            gap=gap,
            document=document,
            review_on=clock.today() + timedelta(days=days),
        )
    waived = duties.ask_waiver(
        actor=helen,
        duty="officers.native_controls",
        reason="The platforms run by hand offer none to a program; the desk hides by hand and records it.",
        until=clock.today() + timedelta(days=120),
    )
    duties.agree_waiver(actor=joan, waiver=waived)
    duties.ask_waiver(
        actor=helen,
        duty="security.verification",
        reason="Two platforms verify no public bodies in Britain yet; asked anew in spring.",
        until=clock.today() + timedelta(days=90),
    )


def _meeting(people: dict[str, StaffMember]) -> None:
    helen, joan = people["helen_achebe"], people["joan_pritchard"]
    held = meetings.record_meeting(
        actor=joan,
        held_on=clock.today() - timedelta(days=12),
        next_on=clock.today() + timedelta(days=78),
        infosec=[joan],
        comms=[helen, people["leah_brandt"]],
        others="Graham Ellis, information management",
        looked_at="Every gap of the scorecard, the ten minimums account by account, and who administers what.",
        decisions="Security keys for every account by March. The account that nobody runs is closed.",
    )
    for what, owner, days, duty in (
        ("Security keys for Harrowfield on Nextdoor", "leah_brandt", 40, "minimum.two_factor"),
        (
            "Close “Cutler’s Cross Cops”, or find somebody who runs it",
            "helen_achebe",
            21,
            "policy.governance",
        ),
        ("Confirm the periods of the schedule", "graham_ellis", 60, "information.mopi"),
    ):
        meetings.add_action(
            actor=helen,
            meeting=held,
            what=what,
            owner=people[owner],
            due_on=clock.today() + timedelta(days=days),
            duty=duty,
        )
    done = meetings.add_action(
        actor=joan,
        meeting=held,
        what="Take “Weald Media Ltd” off the force account on Threads",
        owner=joan,
        due_on=clock.today() + timedelta(days=5),
        duty="minimum.leavers",
    )
    meetings.finish_action(
        actor=joan, action_row=done, words="Asked the agency; they handed their role back."
    )
