"""Public appeals of the demonstration: one live with tips, one overdue for review, one closed and seen to be gone.

Invented; made once. What stands on the exercise network was put there by the steps of the outbox.
"""

from __future__ import annotations

import io
from datetime import timedelta

from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import Neighbourhood, OfficialAccount
from core import clock
from exercise.actions import messages as network
from exercise.actions.messages import NewPicture
from exercise.models import Message, Profile
from media.actions import store_image
from media.queries import content
from moderation.actions import tips
from moderation.models import Tip
from publishing.actions import appeal_course, appeals, judging, machinery, outbox, posts, take_downs
from publishing.appeal_facts import Facts
from publishing.models import Appeal, Delivery, Post, PostPicture, TakeDown
from smmp.seed.force import SEED, Force
from staff.models import StaffMember

MISSING = (
    "Have you seen Jonas Peverell? He is 71 and was last seen at Saltmere station on Sunday at 15:20. He has short white "
    "hair and wears a green coat. Ring 101, or 999 if you see him now."
)
WITNESS = (
    "Did you see a grey van near Saltmere viaduct on the evening of the 3rd? Its driver may have seen what happened. "
    "Ring 101."
)
FOUND = (
    "Have you seen Pearl Amberley? She is 34 and was last seen in Cutler’s Cross on Friday evening. She has red "
    "hair and a blue rucksack. Ring 101, or 999 if you see her now."
)
TOLD = (
    (
        "I saw a man like that by the viaduct at about four on Sunday. He walked towards the allotments.",
        "Sunday, about 16:00",
        "Saltmere viaduct",
        "Saltmere",
    ),
    (
        "I saw a man like that by the viaduct at about four on Sunday, he walked towards the allotments!",
        "Sunday",
        "the viaduct",
        "Saltmere",
    ),
    (
        "He used to feed the ducks at Harrowfield mill pond every morning. Look there.",
        "",
        "Harrowfield mill pond",
        "Harrowfield",
    ),
)


@transaction.atomic
def make(force: Force) -> None:
    """One example of each. Safe to run twice."""
    if Appeal.objects.exists():
        return
    leah, helen = force.people["leah_brandt"], force.people["helen_achebe"]
    four = list(force.accounts.values())[:3]
    four += OfficialAccount.objects.filter(platform="nextdoor").order_by("pk")[:1]
    live = _out(
        leah,
        helen,
        four,
        "missing",
        "Jonas Peverell, Saltmere",
        "MP-2026-0318",
        MISSING,
        (96, 120, 84),
        life=True,
    )
    _told(live)
    overdue = _out(
        leah, helen, four[:1], "witness", "Grey van at the viaduct", "WP-2026-11472", WITNESS, None
    )
    Appeal.objects.filter(pk=overdue.pk).update(review_on=clock.today() - timedelta(days=1))
    appeal_course.carry_on(appeal=overdue)
    gone = _out(
        leah,
        helen,
        four[:2],
        "missing",
        "Pearl Amberley, Cutler’s Cross",
        "MP-2026-0307",
        FOUND,
        (120, 96, 84),
    )
    _gone(leah, gone)


def _out(
    leah: StaffMember,
    helen: StaffMember,
    accounts: list[OfficialAccount],
    kind: str,
    title: str,
    reference: str,
    words: str,
    colour: tuple[int, int, int] | None,
    *,
    life: bool = False,
) -> Appeal:
    """Written by Leah Brandt, approved by Helen Achebe, and standing on the exercise network."""
    appeal = appeals.open_appeal(
        actor=leah,
        kind=kind,
        facts=Facts(
            title=title,
            force_reference=reference,
            basis="vital_interests" if kind == "missing" else "law_enforcement",
            basis_note="Somebody of the public may know where to look, and nothing milder has helped so far.",
            risk_assessment="High risk of harm from the cold. Being named may embarrass the person; their family weighed it."
            if kind == "missing"
            else "No suspect is named. What the driver saw may be evidence, so no detail is given.",
            review_on=clock.today() + timedelta(days=5),
            family_consent="Daughter, by telephone at 08:10" if kind == "missing" else "",
            officer_consent="PS D. Okafor, 08:30",
            risk_to_life="Has dementia and is out in frost" if life else "",
            conditions="No picture of the house." if kind == "missing" else "",
        ),
        account_ids=[account.pk for account in accounts],
        owner=leah,
    )
    if colour is not None:
        appeals.add_picture(
            actor=leah,
            appeal=appeal,
            file=store_image(actor=leah, upload=_Bytes(_drawn(colour)), name="portrait.png"),
            alt_text="A drawn portrait, head and shoulders, in front of a plain wall",
            down_on=clock.today() + timedelta(days=28),
        )
    post = appeals.write_post(actor=leah, appeal=appeal, words=words)
    answers = (
        {"custody": "no", "shows": "may", "shows_why": "The family agreed"}
        if kind == "missing"
        else {"proceedings": "no", "offence": "none", "child": "no", "names": "no"}
    )
    judging.declare(
        actor=leah,
        post=post,
        version_seen=post.version,
        kind=post.declaration.kind,
        answers=answers,
        urgent_why=post.declaration.urgent_why,
    )
    post.refresh_from_db()
    posts.submit_post(actor=leah, post=post, version_seen=post.version)
    post.refresh_from_db()
    posts.approve_post(actor=helen, post=post, version_seen=post.version)
    for delivery in Delivery.objects.filter(variant__post=post).select_related("official_account"):
        _stands(post, delivery)
    appeal_course.carry_on(appeal=appeal)
    appeal.refresh_from_db()
    return appeal


def _stands(post: Post, delivery: Delivery) -> None:
    """One delivery goes to the exercise network as the outbox would take it there, or to Nextdoor by hand."""
    claimed = _claimed(delivery)
    if delivery.official_account.by_hand:
        outbox.note_done_by_hand(
            actor=delivery.author, delivery=claimed, link=f"https://nextdoor.example/p/{delivery.pk}"
        )
        return
    pictures = tuple(
        NewPicture(content=content(one.file), content_type=one.file.content_type, alt_text=one.alt_text)
        for one in PostPicture.objects.filter(post=post, removed_at=None).select_related("file")
    )
    message, _ = network.publish(
        actor=SEED,
        profile=Profile.objects.get(handle=delivery.official_account.handle),
        key=str(delivery.key),
        text=delivery.text,
        pictures=pictures,
    )
    machinery.keep_id(delivery=claimed, external_id=str(message.pk), url="")
    machinery.note_sent(delivery=claimed, external_id=str(message.pk), url="")


def _claimed(delivery: Delivery) -> Delivery:
    """In hand before anything else that is due."""
    Delivery.objects.filter(pk=delivery.pk).update(
        due_at=clock.now() - timedelta(minutes=1), undo_until=None, urgent=True
    )
    others = OfficialAccount.objects.exclude(pk=delivery.official_account_id).values_list("pk", flat=True)
    for _ in range(20):
        claimed = machinery.claim_next(skip_accounts=list(others))
        if claimed is not None and claimed.pk == delivery.pk:
            return claimed
        if claimed is not None and claimed.state == Delivery.State.SENDING:
            machinery.put_back(delivery=claimed, why="Made before its time")
    raise RuntimeError("the appeal of the demonstration could not be sent")


def _told(appeal: Appeal) -> None:
    for number, (words, when, place, area) in enumerate(TOLD):
        tips.tell(
            actor=tips.PUBLIC,
            appeal=appeal,
            told=tips.Told(
                words=words,
                when=when,
                place=place,
                area=Neighbourhood.objects.filter(name=area).first(),
                telephone="07700 900123" if number == 0 else "",
            ),
            source_key=f"{number:064}",
        )
    tips.group_alike()
    Tip.objects.filter(appeal=appeal).update(received_at=clock.now() - timedelta(minutes=40))


def _gone(leah: StaffMember, appeal: Appeal) -> None:
    """Closed, deleted on each official account, and read back."""
    appeals.close_appeal(
        actor=leah, appeal=appeal, outcome="found", note="Found safe; PS Okafor rang at 09:40"
    )
    appeal_course.carry_on(appeal=appeal)
    while (taken := take_downs.claim_next()) is not None:
        row, _ = take_downs.advance(take_down=taken)
        deletion = TakeDown.objects.get(pk=row.pk).correction
        assert deletion is not None
        assert deletion.delivery is not None
        claimed = _claimed(deletion.delivery)
        network.delete(
            actor=SEED,
            message=Message.objects.get(pk=int(row.standing.external_id)),
            by=Profile.objects.get(handle=row.standing.official_account.handle),
        )
        machinery.note_sent(delivery=claimed, external_id=row.standing.external_id)
        take_downs.note_done(take_down=row, gone=True)
    appeal_course.carry_on(appeal=appeal)


def _drawn(colour: tuple[int, int, int]) -> bytes:
    picture = Image.new("RGB", (480, 600), (214, 218, 222))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((150, 110, 330, 330), fill=(232, 200, 176))
    draw.pieslice((140, 90, 340, 300), 180, 360, fill=(236, 236, 236))
    draw.rounded_rectangle((90, 350, 390, 640), radius=90, fill=colour)
    for left in (205, 255):
        draw.ellipse((left, 205, left + 18, 220), fill=(60, 60, 66))
    draw.arc((205, 230, 275, 280), 20, 160, fill=(120, 72, 66), width=5)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


class _Bytes:
    """Bytes as an upload."""

    def __init__(self, given: bytes) -> None:
        self.size: int | None = len(given)
        self._content = io.BytesIO(given)

    def read(self, num_bytes: int = -1) -> bytes:
        return self._content.read(num_bytes)
