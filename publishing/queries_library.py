"""Reading the media library, templates, tags and series."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.queries import account_ids, may
from core import clock
from core.errors import NotFound
from publishing import queries
from publishing.models import (
    Asset,
    Post,
    PostChange,
    PostPicture,
    PostTemplate,
    PostVideo,
    Series,
    Tag,
    Variant,
)
from staff.models import StaffMember
from staff.roles import Power

PAGE_LENGTH = 24


def assets(
    viewer: StaffMember, *, words: str = "", which: str = "usable", before: int | None = None
) -> list[Asset]:
    """Pictures and videos of the library, the newest first: PAGE_LENGTH and one more. Nothing for who writes no posts.

    which: "usable" on this day, or "ended": expired or taken out.
    """
    if not (may(viewer, Power.WRITE_POSTS) or may(viewer, Power.SEE_POSTS)):
        return []
    today = clock.today()
    found = Asset.objects.select_related("file", "added_by")
    usable = Q(retired_at=None) & (Q(expires_on=None) | Q(expires_on__gte=today))
    found = found.filter(usable) if which == "usable" else found.exclude(usable)
    for word in words.split()[:5]:
        found = found.filter(
            Q(title__icontains=word) | Q(alt_text__icontains=word) | Q(credit__icontains=word)
        )
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: PAGE_LENGTH + 1])


def asset(viewer: StaffMember, pk: int) -> Asset:
    """One of the library. Raises NotFound."""
    found = Asset.objects.select_related("file", "added_by", "retired_by").filter(pk=pk).first()
    if found is None or not (may(viewer, Power.WRITE_POSTS) or may(viewer, Power.SEE_POSTS)):
        raise NotFound("There is no such picture or video in the library.")
    return found


def where_used(viewer: StaffMember, asset: Asset) -> tuple[list[Post], int]:
    """The posts that it is on or was published with, that the viewer may see; and how many more there are."""
    pictures = PostPicture.objects.filter(asset=asset, removed_at=None).values("post_id")
    videos = PostVideo.objects.filter(asset=asset, removed_at=None).values("post_id")
    used = Q(pk__in=pictures) | Q(pk__in=videos)
    seen = list(queries.posts(viewer).filter(used)[:100])
    return seen, Post.objects.filter(used).count() - len(seen)


def ending_soon(viewer: StaffMember, *, days: int = 14) -> int:
    """How many of the library may be used no longer within so many days, up to 1,000."""
    if not may(viewer, Power.PLAN_POSTS):
        return 0
    today = clock.today()
    until = today.fromordinal(today.toordinal() + days)
    return Asset.objects.filter(retired_at=None, expires_on__gte=today, expires_on__lte=until)[:1000].count()


def templates(viewer: StaffMember) -> list[PostTemplate]:
    """What is in use and what waits for approval, holding statements first."""
    if not may(viewer, Power.WRITE_POSTS):
        return []
    return list(
        PostTemplate.objects.filter(replaced_at=None)
        .select_related("written_by", "approved_by")
        .order_by("kind", "name", "-version")
    )


def template(viewer: StaffMember, pk: int) -> PostTemplate:
    """One version. Raises NotFound."""
    found = PostTemplate.objects.select_related("written_by", "approved_by").filter(pk=pk).first()
    if found is None or not may(viewer, Power.WRITE_POSTS):
        raise NotFound("There is no such template.")
    return found


def earlier_version(template: PostTemplate) -> PostTemplate | None:
    """The approved version before this one, to be laid beside it."""
    before = PostTemplate.objects.filter(
        kind=template.kind, name=template.name, version__lt=template.version, approved_at__isnull=False
    )
    return before.order_by("-version").first()


def statements_waiting(viewer: StaffMember) -> QuerySet[PostTemplate]:
    """Holding statements that somebody else wrote and the viewer may approve."""
    if not may(viewer, Power.APPROVE_POSTS):
        return PostTemplate.objects.none()
    waiting = PostTemplate.objects.filter(kind=PostTemplate.Kind.HOLDING, approved_at=None, replaced_at=None)
    return waiting.exclude(written_by=viewer)


def hashtags() -> list[Tag]:
    """The hashtags of the force."""
    return list(Tag.objects.filter(kind=Tag.Kind.HASHTAG, retired_at=None))


def campaigns() -> list[Tag]:
    """The campaigns that posts can belong to now."""
    return list(Tag.objects.filter(kind=Tag.Kind.CAMPAIGN, retired_at=None))


def tags(viewer: StaffMember) -> list[Tag]:
    """Hashtags and campaigns in use; each campaign with `number`, of its posts."""
    if not may(viewer, Power.WRITE_POSTS):
        return []
    number = Count("posts", filter=Q(posts__removed_at=None))
    return list(Tag.objects.filter(retired_at=None).annotate(number=number).order_by("kind", "name"))


def tag(viewer: StaffMember, pk: int) -> Tag:
    """One hashtag or campaign. Raises NotFound."""
    found = Tag.objects.filter(pk=pk).first()
    if found is None or not may(viewer, Power.WRITE_POSTS):
        raise NotFound("There is no such hashtag or campaign.")
    return found


def _series_in_sight(viewer: StaffMember) -> QuerySet[Series]:
    ids = account_ids(viewer, Power.SEE_POSTS)
    live = Variant.objects.filter(post__series=OuterRef("pk"), removed_at=None, official_account_id__in=ids)
    return Series.objects.filter(Exists(live)).select_related("made_by", "ended_by")


def all_series(viewer: StaffMember) -> list[Series]:
    """Series of which the viewer may see a post, the newest first, at most 100; each with `left`, still to go out."""
    now = clock.now()
    left = Count(
        "posts", filter=Q(posts__publish_at__gt=now) & ~Q(posts__state__in=["withdrawn", "published"])
    )
    return list(_series_in_sight(viewer).annotate(left=left).order_by("-pk")[:100])


def series(viewer: StaffMember, pk: int) -> tuple[Series, list[Post]]:
    """One series and those of its posts that the viewer may see, in the order of their days. Raises NotFound."""
    found = _series_in_sight(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such series, or it is not one that you may see.")
    posts = queries.posts(viewer).filter(series=found).order_by("occurs_on")
    return found, list(posts)


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently, or alike."""

    name: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after


def versions(post: Post) -> list[PostChange]:
    """The last change of each version that has words kept, the newest first. The caller has checked the post."""
    found: dict[int, PostChange] = {}
    for change in PostChange.objects.filter(post=post).exclude(texts={}).select_related("by"):
        found[change.version] = change
    return [found[number] for number in sorted(found, reverse=True)]


def differences(viewer: StaffMember, post: Post, before: PostChange, after: PostChange) -> list[Difference]:
    """What two versions say about each thing: words by official account in sight, then everything else."""
    ids = set(account_ids(viewer, Power.SEE_POSTS))
    names = {
        str(pk): name
        for pk, name in Variant.objects.filter(post=post).values_list(
            "official_account_id", "official_account__name"
        )
        if pk in ids
    }
    found = [
        Difference(f"Words for {name}", before.texts.get(pk, ""), after.texts.get(pk, ""))
        for pk, name in sorted(names.items(), key=lambda pair: pair[1])
        if pk in before.texts or pk in after.texts
    ]
    for name in [*after.content, *(key for key in before.content if key not in after.content)]:
        if not before.content:
            break  # kept since a later release: nothing to lay beside it
        found.append(Difference(name, before.content.get(name, ""), after.content.get(name, "")))
    return found
