"""Reading public appeals, what pictures somebody and until when, and what is being taken down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts.queries import account_ids, authority_of, people_with
from core import clock
from core.errors import NotFound
from publishing import queries
from publishing.checks.questions import WITH_A_FACE
from publishing.models import (
    Appeal,
    AppealAccount,
    AppealChange,
    AppealPicture,
    Correction,
    Declaration,
    Delivery,
    LongerShown,
    Post,
    PostPicture,
    PostVideo,
    TakeDown,
)
from staff.models import StaffMember
from staff.roles import Power

PAGE_LENGTH = 50
MOST_SHOWN = 200
OPEN = (Appeal.State.LIVE, Appeal.State.REVIEW)


# Appeals


def appeals(viewer: StaffMember) -> QuerySet[Appeal]:
    """Appeals that go out on an official account of which the viewer may see posts, the newest first."""
    seen = AppealAccount.objects.filter(
        official_account_id__in=account_ids(viewer, Power.SEE_POSTS), removed_at=None
    )
    return (
        Appeal.objects.filter(pk__in=seen.values("appeal_id"))
        .select_related("owner", "closed_by", "made_by")
        .order_by("-made_at", "-id")
    )


def page_of_appeals(viewer: StaffMember, *, which: str = "open", before: int | None = None) -> list[Appeal]:
    """PAGE_LENGTH and one more. which: "open", with what is due for review and what still comes down first; or "over"."""
    found = appeals(viewer).annotate(
        channels=Count("on", filter=Q(on__removed_at=None), distinct=True),
        done=Count("take_downs", filter=Q(take_downs__state=TakeDown.State.DONE), distinct=True),
        going=Count("take_downs", distinct=True),
    )
    over = Q(state__in=[Appeal.State.VERIFIED, Appeal.State.CLOSED])
    found = found.filter(over) if which == "over" else found.exclude(over)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: PAGE_LENGTH + 1])


def appeal(viewer: StaffMember, pk: int) -> Appeal:
    """One appeal. Raises NotFound."""
    found = appeals(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such appeal, or it is not one that you may see.")
    return found


def account_ids_of(appeal: Appeal) -> list[int]:
    """The official accounts on which it goes out."""
    return sorted(
        AppealAccount.objects.filter(appeal=appeal, removed_at=None).values_list(
            "official_account_id", flat=True
        )
    )


def may_write(viewer: StaffMember, appeal: Appeal) -> bool:
    """Whether to offer its steps: the action decides again."""
    return set(account_ids_of(appeal)) <= authority_of(viewer).account_ids(Power.PLAN_POSTS)


def accounts_of(appeal: Appeal) -> list[AppealAccount]:
    """Where it goes out, by name."""
    return list(
        AppealAccount.objects.filter(appeal=appeal, removed_at=None)
        .select_related("official_account")
        .order_by("official_account__name")
    )


def pictures(appeal: Appeal) -> QuerySet[AppealPicture]:
    """Its pictures now."""
    return AppealPicture.objects.filter(appeal=appeal, removed_at=None).order_by("id")


def of_post(viewer: StaffMember, post: Post) -> Appeal | None:
    """The appeal that a post belongs to, where it does and the viewer may see it."""
    return appeals(viewer).filter(posts__post=post).first()


def posts_of(viewer: StaffMember, appeal: Appeal) -> list[Post]:
    """Its posts that the viewer may see, the first first."""
    return list(queries.posts(viewer).filter(appeal_post__appeal=appeal).order_by("appeal_post__id"))


def changes(appeal: Appeal) -> list[AppealChange]:
    """Its story, oldest first."""
    return list(appeal.changes.select_related("by"))


def standing(appeal: Appeal) -> QuerySet[Delivery]:
    """The deliveries by which its posts went out, wherever they stand now."""
    return Delivery.objects.filter(
        variant__post__appeal_post__appeal=appeal, kind=Delivery.Kind.POST, state=Delivery.State.SENT
    ).select_related("official_account")


def any_out(appeal: Appeal) -> bool:
    """Whether some of it stands, or has stood, on a platform."""
    return standing(appeal).exists()


def on_its_way(appeal: Appeal) -> QuerySet[Delivery]:
    """Posts of it that may still go out or turn out to have."""
    return Delivery.objects.filter(
        variant__post__appeal_post__appeal=appeal, kind=Delivery.Kind.POST
    ).exclude(state__in=[Delivery.State.SENT, Delivery.State.WITHDRAWN])


def take_downs(appeal: Appeal) -> list[TakeDown]:
    """What comes down of it, by official account."""
    return list(
        TakeDown.objects.filter(standing__variant__post__appeal_post__appeal=appeal)
        .select_related("standing__official_account", "correction__delivery", "looked_by")
        .order_by("standing__official_account__name", "id")
    )


def take_down(viewer: StaffMember, pk: int) -> TakeDown:
    """One take-down on an official account of which the viewer may see posts. Raises NotFound."""
    found = (
        TakeDown.objects.filter(pk=pk, standing__official_account_id__in=account_ids(viewer, Power.SEE_POSTS))
        .select_related("standing__official_account", "appeal")
        .first()
    )
    if found is None:
        raise NotFound("There is nothing taken down here that you may see.")
    return found


def who_answers(appeal: Appeal) -> list[StaffMember]:
    """Its owner; where they have left, whoever may approve posts where it stands."""
    if appeal.owner.active:
        return [appeal.owner]
    people = {
        person.pk: person
        for pk in account_ids_of(appeal)
        for person in people_with(Power.APPROVE_POSTS, official_account_id=pk)
    }
    return list(people.values())


def who_answers_for(post: Post) -> list[StaffMember]:
    """Whoever answers for what a post shows: the owner of its appeal, else its author, else who may approve it."""
    of_appeal = Appeal.objects.filter(posts__post=post).select_related("owner").first()
    if of_appeal is not None:
        return who_answers(of_appeal)
    if post.author.active:
        return [post.author]
    return queries.approvers(post)


def who_answers_for_take_down(row: TakeDown) -> list[StaffMember]:
    """As `who_answers_for`, of the post that comes down."""
    if row.appeal is not None:
        return who_answers(row.appeal)
    variant = row.standing.variant
    return who_answers_for(variant.post) if variant is not None else []


# For the machinery


def to_carry_on() -> list[Appeal]:
    """Appeals for which something may be due: not out yet, live, or coming down; the longest unchanged first."""
    late = Q(posts__post__variants__deliveries__state=Delivery.State.SENT) & Q(
        posts__post__variants__deliveries__take_down=None,
        posts__post__variants__deliveries__kind=Delivery.Kind.POST,
    )
    today = clock.today()
    return list(
        Appeal.objects.filter(
            Q(state=Appeal.State.DRAFT, posts__post__variants__deliveries__state=Delivery.State.SENT)
            | Q(state=Appeal.State.LIVE, review_on__lte=today)
            | Q(state=Appeal.State.REVIEW, review_on__lt=today)
            & (Q(climbed_on=None) | ~Q(climbed_on=F("review_on")))
            | Q(state=Appeal.State.CLOSING)
            | Q(state__in=[Appeal.State.VERIFIED, Appeal.State.CLOSED]) & late
        )
        .distinct()
        .order_by("pk")[:MOST_SHOWN]
    )


def to_check() -> QuerySet[TakeDown]:
    """Take-downs that are due to be read back or moved on."""
    return TakeDown.objects.exclude(state=TakeDown.State.DONE).filter(next_check_at__lte=clock.now())


def reviews_wanting_a_case() -> list[Appeal]:
    """Appeals whose review is overdue and in no case yet: a fact for the room above."""
    return list(Appeal.objects.exclude(needs_case="").select_related("owner").order_by("pk")[:MOST_SHOWN])


def take_downs_wanting_a_case() -> list[TakeDown]:
    """What still stands although it should be gone, and is in no case yet: a fact for the room above."""
    return list(
        TakeDown.objects.exclude(needs_case="")
        .select_related("appeal", "standing__official_account", "standing__variant__post")
        .order_by("pk")[:MOST_SHOWN]
    )


# What pictures somebody, and until when


def until(post: Post) -> date | None:
    """The London day on which a post that pictures somebody comes down; None where none is recorded."""
    longer = LongerShown.objects.filter(post=post).order_by("-id").first()
    if longer is not None:
        return longer.until
    declared = Declaration.objects.filter(post=post).first()
    if declared is None or declared.kind not in WITH_A_FACE:
        return None
    return _day(str(declared.answers.get("image_until", "")))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _picturing() -> QuerySet[Any]:
    """Posts that went out and picture somebody, by what was declared of them; `down_on` is their day in ISO 8601."""
    text = TextField()
    longer = (
        LongerShown.objects.filter(post=OuterRef("pk"))
        .order_by("-id")
        .values(day=Cast("until", output_field=text))[:1]
    )
    declared = NullIf(
        KeyTextTransform("image_until", "declaration__answers"),
        Value("", output_field=text),
        output_field=text,
    )
    here = {"post": OuterRef("pk"), "removed_at": None}
    sent = Delivery.objects.filter(
        variant__post=OuterRef("pk"), kind=Delivery.Kind.POST, state=Delivery.State.SENT
    )
    return (
        Post.objects.filter(declaration__kind__in=WITH_A_FACE)
        .filter(Exists(PostPicture.objects.filter(**here)) | Exists(PostVideo.objects.filter(**here)))
        .filter(Exists(sent))
        .annotate(down_on=Coalesce(Subquery(longer), declared, output_field=text))
        .select_related("author", "declaration", "appeal_post__appeal")
    )


def due_to_come_down() -> list[tuple[Delivery, date]]:
    """What went out, pictures somebody, has reached its day, and is not being taken down yet."""
    days = {post.pk: post.down_on for post in _picturing().filter(down_on__lte=clock.today().isoformat())}
    found = Delivery.objects.filter(
        variant__post__in=days, kind=Delivery.Kind.POST, state=Delivery.State.SENT, take_down=None
    ).select_related("variant")[:MOST_SHOWN]
    return [
        (row, day) for row in found if row.variant is not None and (day := _day(days[row.variant.post_id]))
    ]


def coming_down(within: timedelta) -> list[tuple[Post, date]]:
    """Posts that picture somebody and come down within so long."""
    today = clock.today()
    found = _picturing().filter(down_on__gt=today.isoformat(), down_on__lte=(today + within).isoformat())
    return [(post, day) for post in found[:MOST_SHOWN] if (day := _day(post.down_on))]


@dataclass(frozen=True)
class Shown:
    """One post that pictures somebody, where it stands and until when."""

    post: Post
    until: date | None
    take_downs: list[TakeDown]
    channels: list[str]
    may_extend: bool

    @property
    def over(self) -> bool:
        """Whether all of it is seen to be gone."""
        return bool(self.take_downs) and all(one.state == TakeDown.State.DONE for one in self.take_downs)


def shown(viewer: StaffMember, *, over: bool = False) -> list[Shown]:
    """Posts that picture somebody, the next to come down first; or those that are gone, the latest first."""
    ids = account_ids(viewer, Power.SEE_POSTS)
    seen = queries.posts(viewer).values("pk")
    sent = (
        Delivery.objects.filter(
            kind=Delivery.Kind.POST, state=Delivery.State.SENT, official_account_id__in=ids
        )
        .select_related("official_account", "variant", "take_down__standing__official_account")
        .order_by("official_account__name")
    )
    found = list(_picturing().filter(pk__in=seen).order_by("down_on", "pk")[:MOST_SHOWN])
    by_post: dict[int, list[Delivery]] = {}
    for row in sent.filter(variant__post__in=found):
        if row.variant is not None:
            by_post.setdefault(row.variant.post_id, []).append(row)
    listed = []
    for post in found:
        rows = by_post.get(post.pk, [])
        downs = [row.take_down for row in rows if hasattr(row, "take_down")]
        line = Shown(
            post=post,
            until=_day(post.down_on or ""),
            take_downs=downs,
            channels=[row.official_account.name for row in rows],
            may_extend=not downs and _may_extend(viewer, post),
        )
        if line.over == over:
            listed.append(line)
    return listed[::-1] if over else listed


def _may_extend(viewer: StaffMember, post: Post) -> bool:
    held = authority_of(viewer).account_ids(Power.APPROVE_POSTS)
    ids = {variant.official_account_id for variant in queries.live_variants(post)}
    return bool(ids) and ids <= held and viewer.pk not in queries.writer_ids(post)


def waiting_for(viewer: StaffMember) -> list[Appeal]:
    """Appeals that wait for the viewer: theirs, and due for review; or seen to be gone and not closed."""
    return list(
        appeals(viewer).filter(owner=viewer, state__in=[Appeal.State.REVIEW, Appeal.State.VERIFIED])[
            :PAGE_LENGTH
        ]
    )


def left_to_people(viewer: StaffMember) -> list[TakeDown]:
    """What is to be taken down by hand on official accounts where the viewer writes posts, the latest to begin last."""
    return list(
        TakeDown.objects.filter(
            state=TakeDown.State.BY_HAND,
            standing__official_account_id__in=account_ids(viewer, Power.PLAN_POSTS),
        )
        .select_related("standing__official_account", "appeal")
        .order_by("begun_at", "id")[:PAGE_LENGTH]
    )


# The public


@dataclass(frozen=True)
class PublicAppeal:
    """What the public reads of an appeal: the words that were approved and stand on a platform now."""

    key: str
    heading: str
    words: str
    since: datetime
    changed_at: datetime
    pictures: list[PostPicture]
    links: list[tuple[str, str]]

    @property
    def first_words(self) -> str:
        """For the list."""
        line = next((line for line in self.words.splitlines() if line.strip()), "")
        return line if len(line) <= 200 else line[:198].rsplit(" ", 1)[0] + " …"


def _counted() -> Q:
    """Real official accounts; in a demonstration those of the exercise network too."""
    return Q() if settings.DEMO else Q(official_account__exercise=False)


def public_appeals() -> list[PublicAppeal]:
    """Every appeal that is live, the newest first. Those of which nothing stands are none."""
    rows = Appeal.objects.filter(state__in=OPEN).order_by("-live_at", "-id")[:100]
    return [found for row in rows if (found := _as_public(row)) is not None]


def public_appeal(key: str) -> tuple[Appeal, PublicAppeal | None]:
    """The appeal of this address, and what the public reads of it: None once it is over. Raises NotFound."""
    row = Appeal.objects.filter(key=key).first()
    if row is None or row.live_at is None or not standing(row).filter(_counted()).exists():
        raise NotFound("There is no such appeal.")
    return row, _as_public(row) if row.is_public else None


def _as_public(row: Appeal) -> PublicAppeal | None:
    sent = [
        delivery
        for delivery in standing(row)
        .filter(_counted(), part=1)
        .select_related("variant__post")
        .order_by("-sent_at", "-id")
        if not queries.is_deleted(delivery)
    ]
    if not sent or row.live_at is None:
        return None
    latest = sent[0]
    assert latest.variant is not None
    post = latest.variant.post
    same = [
        delivery for delivery in sent if delivery.variant is not None and delivery.variant.post_id == post.pk
    ]
    return PublicAppeal(
        key=row.key,
        heading=row.get_kind_display(),
        words=_words(latest, post),
        since=row.live_at,
        changed_at=max(delivery.sent_at or row.live_at for delivery in sent),
        pictures=queries.pictures(post),
        links=[
            (f"{delivery.official_account.name} on {delivery.platform_name}", delivery.external_url)
            for delivery in same
            if delivery.external_url.startswith("https://")
        ],
    )


def _words(standing: Delivery, post: Post) -> str:
    """The whole of them also where it is a thread; changed ones where somebody approved others since."""
    assert standing.variant is not None
    corrected = standing.corrections.filter(state=Correction.State.DONE).exists()
    return queries.standing_words(standing) if corrected else post.words or standing.variant.text


def public_picture(key: str, picture_id: int) -> PostPicture:
    """A picture of an appeal that is live. Raises NotFound."""
    _, found = public_appeal(key)
    picture = next((one for one in found.pictures if one.pk == picture_id), None) if found else None
    if picture is None:
        raise NotFound("This picture is not shown any more.")
    return picture
