"""A register that has been kept for a while, in a demonstration: accounts on platforms, requests on their way, rules of
names, areas with their outlines, impostors at each stage, and what the areas published. Fictional, made once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts import actions as accounts
from accounts.actions import bulk, coverage, impostors, mandates, particulars, posting
from accounts.models import Impostor, Mandate, NamingRule, OfficialAccount, PolicyPage
from core import clock
from publishing.models import Delivery
from smmp.seed.force import SEED, Force
from staff.models import StaffMember

BIO = "In an emergency ring 999, otherwise 101. Not read all the time."
RULES: tuple[tuple[str, str, str], ...] = (
    ("name_begins", "Wealdshire", "The public finds us by the county"),
    ("bio_has", "999", "Whoever looks for help there is led to it"),
    ("bio_has", "101", "Whoever looks for help there is led to it"),
    ("forbidden", "confessions", "A word of accounts that mock the force"),
    ("picture", "", "The crest, as the brand guide has it"),
)
# platform, handle, name, purpose, area, particulars
ACCOUNTS: tuple[tuple[str, str, str, str, str, dict[str, Any]], ...] = (
    (
        "threads",
        "wealdshirepolice",
        "Wealdshire Police on Threads",
        "News, appeals and warnings for the whole county",
        "",
        {
            "audience": "Everybody in Wealdshire",
            "mailbox": "social.threads@wealdshire.example",
            "vault_entry": "social/threads/force",
            "recovery": "Security keys 4 and 7 in the safe of communications; codes to the shared mailbox",
            "verified": "verified",
            "verified_route": "Business verification of the parent account",
            "continuity": "The public list and area pages carry every post; the duty officer has the second key.",
            "bio": BIO,
            "has_picture": True,
        },
    ),
    (
        "linkedin",
        "wealdshire-police",
        "Wealdshire Police careers",
        "Working for the force",
        "",
        {
            "audience": "People who think of joining",
            "mailbox": "social.linkedin@wealdshire.example",
            "vault_entry": "social/linkedin/force",
            "recovery": "Three administrators",
            "verified": "applied",
            "verified_route": "Page verification asked for in October",
            "continuity": "Vacancies stand on the force website.",
            "bio": BIO,
            "has_picture": True,
        },
    ),
    (
        "nextdoor",
        "wealdshire-harrowfield",
        "Wealdshire Police, Harrowfield",
        "What the Harrowfield team is doing",
        "Harrowfield",
        {
            "audience": "People of Harrowfield",
            "bio": BIO,
            "has_picture": True,
            "vault_entry": "social/nextdoor/harrowfield",
        },
    ),
    (
        "whatsapp",
        "wealdshire-saltmere",
        "Wealdshire Police, Saltmere",
        "Warnings for Saltmere and the coast road",
        "Saltmere",
        {"audience": "People of Saltmere", "bio": BIO, "has_picture": True},
    ),
    (
        "tiktok",
        "cutlerscrosscops",
        "Cutler’s Cross Cops",
        "",
        "Cutler’s Cross",
        {"run": "nobody", "bio": "Just us", "has_picture": False},
    ),
)
AREAS: dict[str, tuple[str, list[str], tuple[float, float], str]] = {
    "Harrowfield": (
        "HF01",
        ["Mill Green", "Harrowfield market", "WD9"],
        (51.432, -1.205),
        "The market town of Harrowfield with Mill Green and the villages along the Harrow brook.",
    ),
    "Saltmere": (
        "SM02",
        ["Saltmere harbour", "Coast road", "WD12"],
        (51.318, -1.044),
        "Saltmere, its harbour and the coast road as far as the county boundary.",
    ),
    "Cutler’s Cross": (
        "CC03",
        ["Cutler’s Cross station", "WD4"],
        (51.502, -1.311),
        "The junction of the old roads, the railway station and the estates around it.",
    ),
}
POSTS = (
    (
        "wealdshire-harrowfield",
        3,
        "Mill Lane is open again after this morning’s collision. Thank you for your patience.",
    ),
    (
        "wealdshire-harrowfield",
        26,
        "Come and talk to PCSO Lane at the market on Saturday, 10 to 12, beside the clock.",
    ),
    (
        "wealdshire-saltmere",
        5,
        "The coast road is closed between the harbour and the lighthouse because of flooding. Please use the inland road.",
    ),
)


@transaction.atomic
def make(force: Force) -> None:
    """All of it. Safe to run twice."""
    if not PolicyPage.objects.exists():
        _gates(force.people)
    if NamingRule.objects.exists():
        return
    people = force.people
    for kind, text, why in RULES:
        particulars.add_rule(actor=SEED, kind=kind, text=text, why=why)
    bulk.keep_areas(actor=SEED, given=_areas(), source="a file in the shape of data.police.uk (fictional)")
    made = {account[1]: _account(force, *account) for account in ACCOUNTS}
    _kept(force, made)
    _requests(people)
    _impostors(people)
    _posts(people, made)


def _areas() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "id": code,
            "force": "wealdshire",
            "description": words,
            "population": str(8000 + 1700 * len(name)),
            "contact_details": {
                "email": f"{code.lower()}@wealdshire.example",
                "telephone": "101",
                "facebook": f"https://www.facebook.com/Wealdshire{code}.example" if code == "CC03" else "",
            },
            "centre": {"latitude": str(lat), "longitude": str(lng)},
            "places": places,
            "boundary": [
                {"latitude": str(lat + up * 0.02), "longitude": str(lng + right * 0.03)}
                for up, right in (
                    (1, -0.3),
                    (0.9, 0.5),
                    (0.4, 1),
                    (-0.2, 0.9),
                    (-0.9, 0.4),
                    (-1, -0.4),
                    (-0.3, -1),
                    (0.5, -0.8),
                )
            ],
        }
        for name, (code, places, (lat, lng), words) in AREAS.items()
    ]


def _account(
    force: Force, platform: str, handle: str, name: str, purpose: str, area: str, given: dict[str, Any]
) -> OfficialAccount:
    account = accounts.register_account(
        actor=SEED,
        platform=platform,
        handle=handle,
        name=name,
        owner=force.people["helen_achebe"] if given.get("run") != "nobody" else force.people["victoria_lang"],
        purpose=purpose,
        profile_url=f"https://{platform}.example/{handle}",
        neighbourhood=force.neighbourhoods[area] if area else None,
    )
    owners: dict[str, Any] = (
        {}
        if given.get("run") == "nobody"
        else {
            "deputy": force.people["leah_brandt"],
            "asset_owner": force.people["victoria_lang"],
        }
    )
    particulars.change_particulars(
        actor=SEED,
        mandate=Mandate.objects.get(official_account=account),
        seen_on=clock.today(),
        **owners,
        **given,
    )
    return account


def _kept(force: Force, made: dict[str, OfficialAccount]) -> None:
    people, account = force.people, made["wealdshirepolice"]
    for name, role, person in (
        ("Helen Achebe", "Owner", "helen_achebe"),
        ("Leah B", "Editor", "leah_brandt"),
        ("Weald Media Ltd", "Editor", None),
    ):
        particulars.note_administrator(
            actor=SEED,
            official_account=account,
            name=name,
            role=role,
            person=people[person] if person else None,
        )
    for handle in ("wealdshirepolice", "wealdshire-harrowfield"):
        coverage.add_hours(
            actor=SEED,
            account=made[handle],
            team=force.teams["Digital desk"],
            days=range(7),
            from_hour=8,
            until_hour=22,
        )
        coverage.record_risk(
            actor=SEED,
            account=made[handle],
            risk="A cry for help at night is read in the morning.",
            instead="In an emergency ring 999: messages here are read from 8 in the morning.",
            borne_by=people["victoria_lang"],
            review_on=clock.today() + timedelta(days=180),
        )


def _requests(people: dict[str, StaffMember]) -> None:
    def ask(by: str, handle: str, name: str, **more: Any) -> Mandate:
        return mandates.request(
            actor=people[by],
            kind=more.pop("kind", "team"),
            platform=more.pop("platform", "threads"),
            handle=handle,
            name=name,
            purpose=more.pop("purpose", "Closures and road safety"),
            audience="Drivers and people along the main roads",
            reasons="Drivers look there before they set out, and our other accounts do not reach them in time.",
            content_plan="Closures as they happen, one post a week on safety",
            trained="Four of the roads team, course of May 2026",
            owner=people["helen_achebe"],
            **more,
        )

    ask("pc_nair", "wealdshire_rural", "Wealdshire Rural Crime", purpose="Advice for farms and villages")
    roads = ask("leah_brandt", "wealdshire_roads", "Wealdshire Roads Policing")
    mandates.assess(
        actor=people["helen_achebe"], mandate=roads, side="comms", words="Fills a gap; weekly plan is sound."
    )
    mandates.assess(
        actor=people["joan_pritchard"],
        mandate=roads,
        side="infosec",
        words="With two security keys and the shared mailbox.",
    )
    cadets = ask(
        "leah_brandt",
        "wealdshire_cadets",
        "Wealdshire Cadets",
        purpose="What the cadets do",
        platform="tiktok",
    )
    mandates.assess(
        actor=people["helen_achebe"], mandate=cadets, side="comms", words="Young people are there."
    )
    mandates.assess(
        actor=people["joan_pritchard"],
        mandate=cadets,
        side="infosec",
        words="On one force telephone that does nothing else.",
    )
    cadets = mandates.approve(
        actor=people["victoria_lang"], mandate=cadets, words="For a year, then looked at again."
    )
    for point in ("two_factor", "login_alerts"):
        mandates.tick(
            actor=people["ben_osei"],
            mandate=cadets,
            point=point,
            done=True,
            words="Two keys, numbers 11 and 12",
        )
    no = ask("pc_nair", "harrowfield_memes", "Wealdshire Laughs", purpose="Humour", platform="tiktok")
    mandates.refuse(
        actor=people["helen_achebe"], mandate=no, words="The force account can do this with more readers."
    )


def _impostors(people: dict[str, StaffMember]) -> None:
    helen, joan = people["helen_achebe"], people["joan_pritchard"]
    impostors.notice(
        actor=people["amira_hussain"],
        what="wealdshirepo1ice",
        platform="threads",
        name="Wealdshire Police",
        words="Writes to people who commented and asks for a fee to “unlock a case”.",
    )
    cyrillic = impostors.notice(
        actor=people["tom_beckett"], what="wеаldshirepolice", platform="threads", words="Copied crest"
    )
    impostors.confirm(
        actor=helen,
        impostor=cyrillic,
        words="Our crest and name; three posts that ask for gift cards. Seen at 9:40.",
    )
    impostors.report_to_platform(
        actor=helen, impostor=cyrillic, words="By the platform’s form for impersonation", reference="TH-40021"
    )
    impostors.warn(
        actor=helen, impostor=cyrillic, words="Post on the force account, and in the check of accounts"
    )
    gone = impostors.notice(
        actor=people["tom_beckett"],
        what="wealdshire_police_help",
        platform="tiktok",
        words="Streams “live chases”",
    )
    impostors.confirm(actor=joan, impostor=gone, words="Our name, films of another force.")
    impostors.report_to_platform(actor=joan, impostor=gone, words="By form", reference="TT-88")
    impostors.take_down(actor=joan, impostor=gone, words="The page says that there is no such account.")
    Impostor.objects.filter(pk=gone.pk).update(found_at=clock.now() - timedelta(hours=31))
    other = impostors.notice(
        actor=people["tom_beckett"], what="wealdshire_walkers", platform="threads", words="Looks official?"
    )
    impostors.dismiss(actor=helen, impostor=other, words="A walking club that bears the county’s name.")


def _posts(people: dict[str, StaffMember], made: dict[str, OfficialAccount]) -> None:
    for n, (handle, hours, words) in enumerate(POSTS):
        at = clock.now() - timedelta(hours=hours)
        Delivery.objects.create(
            official_account=made[handle],
            kind=Delivery.Kind.POST,
            state=Delivery.State.SENT,
            author=people["leah_brandt"],
            approver=people["helen_achebe"],
            text=words,
            due_at=at,
            created_at=at,
            sent_at=at,
            external_id=f"demonstration-{n}",
        )


POLICY = """Everything we publish is true, lawful and needed. We correct ourselves where everybody can see it.

We never post where somebody lives, works or learns, nor anything that could spoil a trial. Whoever is arrested is named on charge at the earliest, by communications alone.

Somebody in danger is told to ring 999, and what they wrote goes to the desk at once."""
PLAYBOOK = """Roads first, then schools, then events. Say what is closed, until when it is known, and when the next word comes.

Pictures show the road, never a number plate or a face.

When the Met Office gives a red warning, the duty officer and the desk supervisor agree on every post."""


def _gates(people: dict[str, StaffMember]) -> None:
    """Two pages, a course, and who has done what: most may publish, one is warned of what they lack."""
    policy = posting.publish_page(actor=SEED, kind="policy", title="Social media policy", text=POLICY)
    posting.publish_version(
        actor=SEED,
        page=policy,
        seen=1,
        text=POLICY + "\n\nWe do not argue. Whoever breaks the guidelines is shown the clause.",
        changes="We do not argue, and show the clause instead.",
    )
    playbook = posting.publish_page(actor=SEED, kind="playbook", title="Bad weather", text=PLAYBOOK)
    course = posting.ask_for_course(
        actor=SEED,
        name="Social media and the law",
        counts_for_months=24,
        renew="Book the half day with the training unit.",
    )
    for slug, days in (("helen_achebe", 200), ("leah_brandt", 90), ("pc_nair", 735)):
        posting.note_training(
            actor=SEED, person=people[slug], course=course, done_on=clock.today() - timedelta(days=days)
        )
    for slug in ("helen_achebe", "leah_brandt"):
        posting.confirm_reading(actor=people[slug], page=policy, seen=2)
    posting.confirm_reading(actor=people["helen_achebe"], page=playbook, seen=1)
