"""What listening can come to, on the demonstration force's accounts: gaps, a message that nobody could read, comments
that the platform held back or that are gone, a picture, writing past the outbox, another program. Fictional, made once.
"""

from __future__ import annotations

import io
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from PIL import Image, ImageDraw

from accounts import actions as accounts
from accounts.actions import connecting
from accounts.actions import native as uses
from accounts.models import ConnectedApp, OfficialAccount
from core import clock
from core.actors import System
from exercise import actions as network
from exercise import api
from exercise.models import Message, Profile
from moderation.actions import ingest, sources
from moderation.models import IngestGap, IngestSource
from platforms import registry
from platforms.contract import Login, RawMessage
from publishing.models import Delivery
from smmp.seed.force import SEED, Force

INGEST = System("ingest")
DEAF = "wealdshirepolice"
OURS = "run-demonstration-"
"""Keys of what the network itself puts there, as scenarios do: it raises no alert."""


@transaction.atomic
def make(force: Force) -> None:
    """One deaf account on X beside the exercise ones, and an example of each of the above. Safe to run twice.

    Pictures are fetched, and what was written past the outbox is noticed, by the platform itself once it runs.
    """
    if ConnectedApp.objects.exists():
        return
    sources.ensure_sources(actor=SEED)
    _gaps(force)
    account = force.accounts["wealdshire-police"]
    profile = Profile.objects.get(handle=account.handle)
    post, _ = network.publish(
        actor=SEED,
        profile=profile,
        key=OURS + "flood",
        text="Flood warning for the lower Weald: leave now where you are told to, and never drive through water.",
    )
    _unreadable(account)
    _held_and_gone(force, account, profile, post)
    _written_past_the_outbox(force, profile)
    _apps(force, account)


def _gaps(force: Force) -> None:
    """One gap that was read after all, and an account that has been deaf since yesterday and has no token."""
    now = clock.now()
    begins = now - timedelta(days=2, hours=3)
    IngestGap.objects.create(
        official_account=force.accounts["harrowfield-police"],
        begins_at=begins,
        ends_at=begins + timedelta(minutes=41),
        filled_at=begins + timedelta(minutes=44),
        why="Exercise network did not answer (ConnectTimeout).",
    )
    deaf = accounts.register_account(
        actor=SEED,
        platform="x",
        handle=DEAF,
        name="Wealdshire Police on X",
        owner=force.people["victoria_lang"],
        purpose="News, appeals and warnings",
        team=force.teams["Digital desk"],
    )
    sources.ensure_sources(actor=SEED)
    IngestSource.objects.filter(official_account=deaf).update(
        answered_at=now - timedelta(hours=20),
        failures=1,
        fault=f"{deaf.name} has no stored token. Store one in the register.",
    )
    source = IngestSource.objects.select_related("official_account").get(official_account=deaf)
    sources.note_deaf(actor=INGEST, source=source)


def _take_in(account: OfficialAccount, profile: Profile, *messages: Message) -> None:
    read = [
        RawMessage(str(message.pk), api.as_read(Message.objects.get(pk=message.pk), profile))
        for message in messages
    ]
    ingest.take_in(
        actor=INGEST, official_account=account, messages=read, source="poll", connector=_connector(account)
    )


def _connector(account: OfficialAccount):
    """Only reads what it is given: it asks nobody."""
    return registry.connect(
        account.platform, Login(base_url=settings.EXERCISE_ADDRESS, handle=account.handle, secret="")
    )


def _unreadable(account: OfficialAccount) -> None:
    payload = {
        "id": "demonstration-unreadable",
        "text": "Is the bridge at Saltmere still open?",
        "author": "marsh.walker",
        "created_at": "yesterday",
    }
    ingest.take_in(
        actor=INGEST,
        official_account=account,
        messages=[RawMessage("demonstration-unreadable", payload)],
        source="poll",
        connector=_connector(account),
    )


def _held_and_gone(force: Force, account: OfficialAccount, profile: Profile, post: Message) -> None:
    def say(handle: str, name: str, text: str, **more) -> Message:
        return network.write_as_public(actor=SEED, handle=handle, name=name, text=text, under=post, **more)

    say("weald_savings", "Weald Savings", "Sandbags half price today only, write to me", held="likely spam")
    say("tess_marlow", "Tess Marlow", "You lot left us to drown, you useless idiots", held="held for review")
    say(
        "orla_finch",
        "Orla Finch",
        "This is Mill Lane right now, the water is over the kerb",
        pictures=[network.NewPicture(_flooded_lane(), "image/jpeg", "Brown water across a lane at dusk")],
    )
    gone = {
        "author": say("ned_harker", "Ned Harker", "My gran is at number 4 and will not come out"),
        "platform": say("b1gwave", "Big Wave", "Someone should teach the council a lesson tonight"),
        "": say("quiet_reader", "Quiet Reader", "Which roads are shut?"),
    }
    answer, _ = network.publish(
        actor=SEED, profile=profile, key=OURS + "answer", text="All roads are open.", reply_to=gone[""].pk
    )
    author = force.people["amira_hussain"]
    at = clock.now()
    for kind, given in (
        (
            "reply",
            {"external_id": str(answer.pk), "target_external_id": str(gone[""].pk), "text": answer.text},
        ),
        ("delete", {"target_external_id": str(answer.pk)}),
    ):
        Delivery.objects.create(
            official_account=account,
            kind=kind,
            state=Delivery.State.SENT,
            author=author,
            due_at=at,
            created_at=at,
            sent_at=at,
            **given,
        )
    _take_in(account, profile, *gone.values(), answer)
    for removed_by, message in gone.items():
        network.delete(actor=SEED, message=message, removed_by=removed_by)
    network.delete(actor=SEED, message=answer, by=profile)
    _take_in(account, profile, *gone.values(), answer)


def _written_past_the_outbox(force: Force, profile: Profile) -> None:
    """On one account somebody writes without anybody knowing, on another it is declared."""
    saltmere = force.accounts["saltmere-police"]
    uses.declare(
        actor=force.people["ben_osei"],
        official_account=saltmere,
        person=force.people["pc_nair"],
        since=None,
        until=clock.now() + timedelta(days=2),
        why="Live pictures from the flooded quay, where nobody can wait for an approval",
    )
    network.publish(
        actor=SEED,
        profile=Profile.objects.get(handle=saltmere.handle),
        key="by-hand-quay",
        text="The quay is under water. Boats have been moved.",
    )
    network.publish(
        actor=SEED,
        profile=profile,
        key="by-hand-phones",
        text="Win a free phone! Everybody who shares this wins.",
    )


def _apps(force: Force, account: OfficialAccount) -> None:
    ben = force.people["ben_osei"]
    connecting.note_app(
        actor=ben,
        official_account=account,
        name="Weather relay",
        need="Posts severe weather warnings when nobody is on duty",
        approved_by=force.people["victoria_lang"],
        review_on=clock.today() + timedelta(days=90),
    )
    connecting.note_app(actor=ben, official_account=account, name="Pic-a-Prize")


def _flooded_lane() -> bytes:
    """A picture that is plainly drawn: a lane with brown water at dusk."""
    picture = Image.new("RGB", (640, 400), (92, 96, 120))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 190, 640, 400), fill=(104, 84, 58))
    draw.polygon([(250, 190), (390, 190), (600, 400), (40, 400)], fill=(120, 98, 70))
    draw.polygon([(60, 190), (120, 90), (180, 190)], fill=(60, 52, 58))
    draw.rectangle((75, 150, 165, 215), fill=(150, 120, 104))
    for n in range(8):
        draw.line((90 + 50 * n, 250 + 14 * n, 190 + 50 * n, 252 + 14 * n), fill=(150, 130, 104), width=3)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
