"""Appeals for tests: opened, written, approved and out, through the actions that people use."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from PIL import Image

from core import clock
from media.actions import store_image
from platforms.contract import IncomingPost
from publishing import queries_appeals, sending, taking_down
from publishing.actions import appeals, judging, posts
from publishing.appeal_facts import Facts
from publishing.models import Appeal, Post

WORDS = (
    "Jon Harrow, 71, has been missing from Saltmere since Sunday. He wears a green coat. "
    "Have you seen him? Ring 101, or 999 if you see him now."
)


def facts(**changed: Any) -> Facts:
    given: dict[str, Any] = {
        "title": "Jon Harrow, Saltmere",
        "force_reference": "MP-2026-0318",
        "basis": "vital_interests",
        "basis_note": "He was seen by the quay, and somebody may know where he went.",
        "risk_assessment": "High risk: dementia. His family fears no harm from being named.",
        "review_on": clock.today() + timedelta(days=7),
        "family_consent": "Daughter, by telephone on Monday at 08:10",
        "officer_consent": "PS Okafor, Monday at 08:30",
    }
    return Facts(**{**given, **changed})


def opened(actor, accounts, *, kind="missing", given: Facts | None = None) -> Appeal:
    return appeals.open_appeal(
        actor=actor,
        kind=kind,
        facts=given or facts(),
        account_ids=[account.pk for account in accounts],
        owner=actor,
    )


class Upload(io.BytesIO):
    """A picture as an upload."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.size = len(content)


def picture(colour=(90, 120, 90)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "PNG")
    return out.getvalue()


def pictured(actor, appeal) -> None:
    appeals.add_picture(
        actor=actor,
        appeal=appeal,
        file=store_image(actor=actor, upload=Upload(picture()), name="jon.png"),
        alt_text="A man of about seventy with short white hair and a green coat",
        down_on=clock.today() + timedelta(days=20),
    )


def out(post: Post, author, approver) -> Post:
    """Answered, sent for approval and approved."""
    version = Post.objects.values_list("version", flat=True).get(pk=post.pk)
    answers = {"custody": "no", "shows": "may", "shows_why": "The family agreed"}
    if post.declaration.kind == "witness":
        answers = {"proceedings": "no", "offence": "none", "child": "no", "names": "no"}
    judging.declare(
        actor=author, post=post, version_seen=version, kind=post.declaration.kind, answers=answers
    )
    post.refresh_from_db()
    posts.submit_post(actor=author, post=post, version_seen=post.version)
    post.refresh_from_db()
    return posts.approve_post(actor=approver, post=post, version_seen=post.version)


def live_appeal(author, approver, accounts, platform=None, *, kind="missing") -> Appeal:
    """An appeal that is out; with a picture where it is about a person."""
    appeal = opened(author, accounts, kind=kind)
    words = WORDS
    if kind == "missing":
        pictured(author, appeal)
    else:
        words = "Did you see a grey van by Saltmere viaduct on Sunday between 2 and 4? Ring 101."
    out(appeals.write_post(actor=author, appeal=appeal, words=words), author, approver)
    sending.send_due()
    if platform is not None:
        platform.shown = [
            *platform.shown,
            *(
                IncomingPost(external_id=row.external_id, text=row.text, posted_at=clock.now())
                for row in queries_appeals.standing(appeal)
            ),
        ]
    taking_down.carry_on()
    appeal.refresh_from_db()
    return appeal
