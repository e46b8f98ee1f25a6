"""What comms plan with, for the demonstration: a filled calendar, a series, a pair in two languages, a library,
templates and holding statements, hashtags and a campaign. Fictional, made once.
"""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta

from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import OfficialAccount
from core import clock
from media.actions import store_image
from media.models import File
from publishing import queries, times
from publishing.actions import judging, media, options, pairing, posts, series, templates
from publishing.models import Asset, Declaration, Post, PostTemplate, Series, Tag
from smmp.seed.force import Force
from staff.models import StaffMember

HOLDING = (
    "We are dealing with an incident at [[place]]. Emergency services are there. Please avoid the area and follow "
    "what officers on the spot say. Please do not share pictures or guesses: they can hurt people. Our next update "
    "is at [[time of the next update]], here and at wealdshire.example/updates."
)
EVACUATION = (
    "People within [[distance]] of [[place]] are asked to leave now and go to [[where to go]]. If you cannot leave "
    "by yourself, call 999. Next update at [[time of the next update]]."
)
ROAD = "[[road]] is closed at [[place]] because of [[reason]]. Please go by [[other way]]. We say here when it opens."


@transaction.atomic
def make(force: Force) -> None:
    """One example of each. Safe to run twice."""
    if PostTemplate.objects.exists():
        return
    leah, helen = force.people["leah_brandt"], force.people["helen_achebe"]
    police = force.accounts["wealdshire-police"]
    harrowfield, saltmere = force.accounts["harrowfield-police"], force.accounts["saltmere-police"]
    _words(leah, helen)
    campaign = options.add_tag(
        actor=leah, kind=Tag.Kind.CAMPAIGN, name="Winter on the roads", about="November to February"
    )
    for name, about in (
        ("#WinterWealdshire", "Weather, ice and floods"),
        ("#SaltmereViaduct", "The collision of this autumn"),
        ("#MeetYourTeam", "Surgeries and events"),
    ):
        options.add_tag(actor=leah, kind=Tag.Kind.HASHTAG, name=name, about=about)
    viaduct = _library(leah)
    _calendar(leah, helen, police, saltmere, campaign, viaduct)
    _series(leah, harrowfield)
    _pair(leah, police)
    _two_approvers(leah, helen, police)


def _two_approvers(leah: StaffMember, helen: StaffMember, police: OfficialAccount) -> None:
    """An arrest in an active case, which Helen Achebe approved as the first of two; and a draft with much to mend."""
    arrest = posts.draft_post(
        actor=leah,
        account_ids=[police.pk],
        words="A 34-year-old man from Saltmere was arrested on Sunday on suspicion of burglary in Quay Street. "
        "He is in custody. Did you see anything between 2 and 4 in the morning? Ring 101.",
        title="Arrest after a burglary in Quay Street",
        publish_at=_at(clock.today() + timedelta(days=1), 11),
    )
    judging.declare(
        actor=leah,
        post=arrest,
        version_seen=1,
        kind=Declaration.Kind.ARREST,
        answers={
            "proceedings": "yes",
            "case": "24/51877, arrest on Sunday at 05:40",
            "offence": "none",
            "child": "no",
            "names": "no",
        },
    )
    posts.submit_post(actor=leah, post=arrest, version_seen=2)
    posts.approve_post(actor=helen, post=arrest, version_seen=2)
    draft = posts.draft_post(
        actor=leah,
        account_ids=[police.pk],
        words="WARNING: Colin Marsh, 41, of 14 Mill Lane has been arrested over a burglary. Seen his van, WX19 ABC? "
        "Ring 07700 900123 or see https://bit.ly/quay-street #burglary",
        title="Burglary, first try",
    )
    judging.declare(
        actor=leah, post=draft, version_seen=1, kind=Declaration.Kind.ARREST, answers={"proceedings": "yes"}
    )


def _words(leah: StaffMember, helen: StaffMember) -> None:
    for name, words, use_when in (
        ("Major incident, first minutes", HOLDING, "Nothing is confirmed but that we are there."),
        ("Evacuation", EVACUATION, "The force incident manager has ordered it."),
    ):
        made = templates.write_template(
            actor=leah, kind=PostTemplate.Kind.HOLDING, name=name, words=words, use_when=use_when
        )
        templates.approve_statement(actor=helen, template=made)
    templates.write_template(
        actor=leah,
        kind=PostTemplate.Kind.HOLDING,
        name="Large fire",
        words="Smoke from [[place]] is harmful. Keep windows and doors closed until [[time of the next update]].",
        use_when="With the fire service, which says the same.",
    )
    templates.write_template(
        actor=leah,
        kind=PostTemplate.Kind.TEMPLATE,
        name="Road closed",
        words=ROAD,
        use_when="Floods and works.",
    )


def _library(leah: StaffMember) -> Asset:
    """Two drawn pictures: one of our own without end, one of a partner whose licence ends soon."""
    viaduct = media.add_asset(
        actor=leah,
        file=_drawn(leah, "viaduct.png", (70, 98, 124)),
        title="Saltmere viaduct by day",
        alt_text="Saltmere viaduct by day, its five stone arches over the river, seen from the east bank",
        rights=Asset.Rights.OURS,
        consent=Asset.Consent.NOT_NEEDED,
    )
    media.add_asset(
        actor=leah,
        file=_drawn(leah, "dusk.png", (96, 96, 108)),
        title="Saltmere viaduct at dusk",
        alt_text="Saltmere viaduct at dusk, its arches dark against a grey sky",
        rights=Asset.Rights.PARTNER,
        credit="Wealdshire County Council",
        consent=Asset.Consent.NOT_NEEDED,
        expires_on=clock.today() + timedelta(days=10),
    )
    return viaduct


def _drawn(leah: StaffMember, name: str, sky: tuple[int, int, int]) -> File:
    picture = Image.new("RGB", (640, 360), sky)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 260, 640, 360), fill=(58, 74, 66))
    for left in range(40, 600, 120):
        draw.rectangle((left, 150, left + 24, 280), fill=(180, 172, 156))
        draw.arc((left + 24, 150, left + 120, 280), 180, 360, fill=(180, 172, 156), width=10)
    draw.rectangle((0, 130, 640, 156), fill=(196, 188, 172))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return store_image(actor=leah, upload=_Bytes(out.getvalue()), name=name)


class _Bytes:
    """Bytes as an upload."""

    def __init__(self, content: bytes) -> None:
        self.size: int | None = len(content)
        self._content = io.BytesIO(content)

    def read(self, num_bytes: int = -1) -> bytes:
        return self._content.read(num_bytes)


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    found = times.from_wall_clock(datetime.combine(day, time(hour, minute)).isoformat(timespec="minutes"))
    if found is None:
        raise ValueError("a time was given")
    return found


def _calendar(
    leah: StaffMember,
    helen: StaffMember,
    police: OfficialAccount,
    saltmere: OfficialAccount,
    campaign: Tag,
    viaduct: Asset,
) -> None:
    """Three weeks: approved, waiting and drafted posts, two of them too close, and a team that is quiet."""
    today = clock.today()
    plan = [
        (
            1,
            7,
            30,
            "Black ice is possible on the hill roads tomorrow morning. Leave more room, and more time.",
            "approved",
        ),
        (
            1,
            17,
            0,
            "A woman of 71 was told to move her savings. We would never ask you that. Ring 101, or 159 for your bank.",
            "approved",
        ),
        (
            2,
            12,
            0,
            "Thank you to the 40 people who came to the road safety evening in Cutler’s Cross.",
            "submitted",
        ),
        (
            2,
            12,
            10,
            "Lost property day at Saltmere front counter on Saturday, 10 to 14. Bring a description.",
            "draft",
        ),
        (
            5,
            18,
            0,
            "Saltmere viaduct: we still look for the driver of a grey van. Dashcam footage helps.",
            "submitted",
        ),
        (9, 9, 0, "Gritting has begun. The routes are on the county’s website.", "draft"),
        (13, 8, 0, "Market in Saltmere today: the car park on Quay Street is closed until 16:00.", "draft"),
    ]
    for days, hour, minute, words, state in plan:
        ids = [police.pk, saltmere.pk] if "Saltmere" in words and days != 5 else [police.pk]
        post = posts.draft_post(
            actor=leah,
            account_ids=ids,
            words=words,
            publish_at=_at(today + timedelta(days=days), hour, minute),
        )
        if days in (1, 9):
            options.set_options(actor=leah, post=post, version_seen=post.version, campaign_ids=[campaign.pk])
        if days == 5:
            media.use_asset(actor=leah, post=post, version_seen=_version(post), asset=viaduct)
        if state != "draft":
            posts.submit_post(actor=leah, post=post, version_seen=_version(post))
        if state == "approved":
            posts.approve_post(actor=helen, post=post, version_seen=_version(post))


def _version(post: Post) -> int:
    return Post.objects.values_list("version", flat=True).get(pk=post.pk)


def _series(leah: StaffMember, harrowfield: OfficialAccount) -> None:
    """The surgery of a neighbourhood team, every Thursday."""
    first = clock.today() + timedelta(days=2 + (3 - clock.today().weekday() - 2) % 7)
    post = posts.draft_post(
        actor=leah,
        account_ids=[harrowfield.pk],
        words="Our surgery is at Harrowfield library today from 18:00. Come by with what worries you. #MeetYourTeam",
        title="Harrowfield surgery",
        publish_at=_at(first, 12),
    )
    series.repeat_post(
        actor=leah,
        post=post,
        version_seen=1,
        every=Series.Every.WEEK,
        weekdays=[3],
        at=time(12),
        first_on=first,
        last_on=first + timedelta(days=35),
    )


def _pair(leah: StaffMember, police: OfficialAccount) -> None:
    """The same in English and Welsh, waiting for approval together."""
    english = posts.draft_post(
        actor=leah,
        account_ids=[police.pk],
        words="Our front counters close at 16:00 on the 24th and open again on the 27th. In an emergency call 999.",
        title="Front counters at the end of the year",
        publish_at=_at(clock.today() + timedelta(days=4), 10),
    )
    welsh = pairing.write_pair(actor=leah, post=english, version_seen=1, language="en")
    texts = {variant.official_account_id: "" for variant in queries.live_variants(welsh)}
    posts.edit_post(
        actor=leah,
        post=welsh,
        version_seen=_version(welsh),
        account_ids=texts,
        words="Mae ein cownteri blaen yn cau am 16:00 ar y 24ain ac yn agor eto ar y 27ain. Mewn argyfwng ffoniwch 999.",
        title=welsh.title,
        publish_at=english.publish_at,
    )
    posts.submit_post(actor=leah, post=english, version_seen=_version(english))
