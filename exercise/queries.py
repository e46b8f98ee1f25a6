"""Reading the exercise network: what an official profile's connector may read, and what anybody sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Count, Prefetch, Q, QuerySet

from core.actors import Actor
from core.errors import NotFound
from exercise.actions.profiles import hash_of
from exercise.authority import require_trainer
from exercise.models import Exclusion, Message, Picture, Profile, Run

T = TypeVar("T")

PAGE = 100


def _messages() -> QuerySet[Message]:
    return Message.objects.select_related("author", "root").prefetch_related(
        Prefetch("pictures", Picture.objects.defer("content").order_by("pk"))
    )


def profile_of(token: str) -> Profile | None:
    """The official profile that a bearer token belongs to."""
    return Profile.objects.filter(official=True, token_hash=hash_of(token)).first() if token else None


# For the connector of an official profile


def inbox(viewer: Profile, *, since: int, limit: int = PAGE) -> list[Message]:
    """Whatever concerns the profile and changed after number `since`, in the order of the changes:
    replies in its threads, mentions, private messages, and its own answers; deleted ones included."""
    return list(
        _messages()
        .filter(changed_seq__gt=since)
        .filter(
            Q(root__author=viewer, private_to=None)
            | Q(mentions__contains=[viewer.handle], private_to=None)
            | Q(private_to=viewer)
            | Q(author=viewer, parent__isnull=False)
            | Q(author=viewer, private_to__isnull=False)
        )
        .exclude(author__in=_muted(viewer))
        .order_by("changed_seq")[:limit]
    )


def thread(viewer: Profile, pk: int, *, after: int = 0, limit: int = PAGE) -> list[Message]:
    """Public replies that stand under one of the profile's own posts, hidden ones included.
    Raises NotFound for a post that is not its own."""
    if not Message.objects.filter(pk=pk, author=viewer, root=None, private_to=None).exists():
        raise NotFound("There is no such post of yours.")
    return list(
        _messages()
        .filter(root_id=pk, private_to=None, deleted_at=None, pk__gt=after)
        .exclude(author__in=_muted(viewer))
        .order_by("pk")[:limit]
    )


def _muted(viewer: Profile) -> QuerySet[Exclusion, int]:
    """Ids of those whom the profile is shown no more of."""
    return viewer.exclusions.filter(kind=Exclusion.Kind.MUTE, until=None).values_list("person_id", flat=True)


def person(viewer: Profile, pk: int) -> Profile:
    """A member of the public on the network. Raises NotFound."""
    found = Profile.objects.filter(pk=pk, official=False).first()
    if found is None:
        raise NotFound("There is nobody of that id.")
    return found


def is_excluded(viewer: Profile, person: Profile, kind: str) -> bool:
    """Whether the profile has blocked, or muted, somebody."""
    return viewer.exclusions.filter(person=person, kind=kind, until=None).exists()


def message(viewer: Profile, pk: int) -> Message:
    """A message that the profile may read: its own, a public one, or one written to it. Raises NotFound."""
    found = (
        _messages().filter(Q(private_to=None) | Q(private_to=viewer) | Q(author=viewer)).filter(pk=pk).first()
    )
    if found is None:
        raise NotFound("There is no such message.")
    return found


def by_key(viewer: Profile, key: str) -> Message | None:
    """The profile's own message that was sent under a key, if it stands."""
    return _messages().filter(author=viewer, key=key, deleted_at=None).exclude(key="").first()


def newest_posts(viewer: Profile) -> list[Message]:
    """The profile's own newest posts that stand, newest first, one page of them."""
    own = _messages().filter(author=viewer, root=None, private_to=None, deleted_at=None)
    return list(own.order_by("-created_at", "-id")[:PAGE])


# What anybody sees: no hidden reply, nothing deleted, nothing private


def _public() -> QuerySet[Message]:
    return _messages().filter(
        Q(root=None) | Q(root__deleted_at=None), private_to=None, deleted_at=None, hidden_at=None
    )


@dataclass(frozen=True)
class Slice(Generic[T]):
    """Part of a list, and from which id the next part goes on (None at the end)."""

    rows: Sequence[T]
    following: int | None


def timeline(*, handle: str = "", before: int = 0) -> Slice[Message]:
    """Posts of their own, newest first, of one profile or of all, each with how many replies are shown."""
    posts = _public().filter(root=None)
    if handle:
        posts = posts.filter(author__handle=handle)
    if before:
        posts = posts.filter(pk__lt=before)
    shown = Q(thread__private_to=None, thread__deleted_at=None, thread__hidden_at=None)
    rows = list(posts.annotate(shown_replies=Count("thread", filter=shown)).order_by("-pk")[: PAGE // 4 + 1])
    page = rows[: PAGE // 4]
    return Slice(page, page[-1].pk if len(rows) > len(page) else None)


def public_thread(pk: int, *, after: int = 0) -> tuple[Message, Slice[Message]]:
    """A post and the replies that anybody sees, oldest first. A reply's own address leads to its thread.
    Raises NotFound for what is private, hidden, deleted or never was."""
    message = _public().filter(pk=pk).first()
    if message is None:
        raise NotFound("There is no such post on the exercise network, or it was taken down.")
    post = message if message.root_id is None else _public().get(pk=message.root_id)
    rows = list(
        _public()
        .filter(root=post, pk__gt=after)
        .select_related("parent__author", "author", "root")
        .order_by("pk")[: PAGE + 1]
    )
    page = rows[:PAGE]
    return post, Slice(page, page[-1].pk if len(rows) > len(page) else None)


def public_profile(handle: str) -> Profile:
    """Somebody on the network. Raises NotFound."""
    found = Profile.objects.filter(handle=handle.lower()[:30]).first() if "\x00" not in handle else None
    if found is None:
        raise NotFound("There is nobody of that name on the exercise network.")
    return found


def picture(pk: int) -> Picture:
    """A picture on a message that anybody sees. Raises NotFound."""
    found = Picture.objects.filter(pk=pk, message__in=_public().order_by()).first()
    if found is None:
        raise NotFound("There is no such picture.")
    return found


# For trainers


def official_profiles(viewer: Actor) -> list[Profile]:
    """The official profiles, by name. Raises NotPermitted for anyone but a trainer."""
    require_trainer(viewer)
    return list(Profile.objects.filter(official=True).order_by("name", "pk"))


def official_profile(viewer: Actor, handle: str) -> Profile:
    """One official profile. Raises NotPermitted, NotFound."""
    require_trainer(viewer)
    found = public_profile(handle)
    if not found.official:
        raise NotFound("There is no official profile of that name.")
    return found


def private_messages(viewer: Actor, profile: Profile) -> list[Message]:
    """The newest private messages to and from a profile, oldest first: a trainer plays both ends."""
    require_trainer(viewer)
    newest = (
        _messages()
        .select_related("private_to", "author")
        .filter(Q(private_to=profile) | Q(author=profile, private_to__isnull=False), deleted_at=None)
        .order_by("-pk")[:PAGE]
    )
    return list(reversed(newest))


def message_to_answer(viewer: Actor, pk: int) -> Message:
    """A message that a trainer may answer as a member of the public. Raises NotPermitted, NotFound."""
    require_trainer(viewer)
    found = _public().filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such post on the exercise network, or it was taken down.")
    return found


def runs(viewer: Actor) -> list[Run]:
    """The newest runs with how far each has got (`played` of `total` lines). Raises NotPermitted."""
    require_trainer(viewer)
    return list(_runs().order_by("-started_at", "-pk")[:50])


def _runs() -> QuerySet[Run]:
    return Run.objects.annotate(
        total=Count("lines"), played=Count("lines", filter=Q(lines__played_at__isnull=False))
    )


def run(viewer: Actor, pk: int) -> Run:
    """One run, with how far it has got. Raises NotPermitted, NotFound."""
    require_trainer(viewer)
    found = _runs().filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such run of an exercise.")
    return found


def playing(viewer: Actor, scenario: str) -> Run:
    """The run of a scenario that plays now. Raises NotPermitted, NotFound."""
    require_trainer(viewer)
    found = Run.objects.filter(scenario=scenario, state=Run.State.PLAYING).first()
    if found is None:
        raise NotFound(f"“{scenario[:60]}” is not being played.")
    return found
