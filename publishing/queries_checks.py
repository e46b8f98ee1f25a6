"""Reading what checks go by: what a post was declared as, what its author is asked, the force's settings."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.queries import authority_of
from core import clock
from core.errors import NotFound
from publishing import queries
from publishing.checks import judging, registry
from publishing.checks.questions import Question
from publishing.checks.registry import Check
from publishing.models import (
    CheckSetting,
    Declaration,
    FollowUp,
    KnownValue,
    Post,
    SensitivePeriod,
)
from staff.models import StaffMember
from staff.roles import Power

OVERRIDES_WITH: dict[str, Power] = {
    CheckSetting.By.APPROVER: Power.APPROVE_POSTS,
    CheckSetting.By.COMMAND: Power.ACKNOWLEDGE_CASES,
}
"""What somebody must hold on every official account of a post to override a check of it, by the force's policy."""


def declared(post: Post | None) -> Declaration:
    """What its author declared. The caller has checked that the post may be seen."""
    return judging.declaration_of(post or Post())


def asked(post: Post | None) -> list[Question]:
    """What its author is asked as it stands; nothing before the first words are kept."""
    if post is None:
        return []
    ready = judging.prepare(
        post, list(queries.live_variants(post)), queries.pictures(post), queries.video(post)
    )
    return judging.questions_of(ready, judging.policy_now())


def may_override(viewer: StaffMember, post: Post, override_by: str) -> bool:
    """Whether to offer the override: the action decides again."""
    power = OVERRIDES_WITH.get(override_by)
    if power is None or post.state not in (Post.State.DRAFT, Post.State.SUBMITTED):
        return False
    held = authority_of(viewer).account_ids(power)
    ids = {variant.official_account_id for variant in queries.live_variants(post)}
    return bool(ids) and ids <= held and viewer.pk not in queries.writer_ids(post)


def follow_ups(post: Post) -> list[FollowUp]:
    """What an urgent post was let go with, what is open first. The caller has checked that it may be seen."""
    return sorted(
        FollowUp.objects.filter(post=post).select_related("done_by"),
        key=lambda f: (f.done_at is not None, f.pk),
    )


def follow_up(viewer: StaffMember, pk: int) -> FollowUp:
    """One of a post that the viewer may see. Raises NotFound."""
    found = FollowUp.objects.filter(pk=pk).select_related("post").first()
    if found is None:
        raise NotFound("There is no such thing to put right, or it is not one that you may see.")
    queries.post(viewer, found.post_id)
    return found


@dataclass(frozen=True)
class Set:
    """A check and what the force has set for it."""

    check: Check
    setting: CheckSetting | None

    @property
    def level(self) -> str:
        """The gravest that it comes to here."""
        least = self.setting.level if self.setting else ""
        return (
            least
            if least and registry.GRAVITY[least] < registry.GRAVITY[self.check.level]
            else self.check.level
        )

    @property
    def level_name(self) -> str:
        return registry.LEVELS[self.level]


def checks_by_group() -> list[tuple[str, list[Set]]]:
    """Every check with what the force has set for it. Known to everybody who sees posts."""
    live = {one.slug: one for one in CheckSetting.objects.filter(replaced_at=None).select_related("set_by")}
    return [
        (
            group,
            [Set(one, live.get(one.slug)) for one in registry.REGISTRY.values() if one.group == group],
        )
        for group in registry.GROUPS
    ]


def periods() -> list[SensitivePeriod]:
    """Days before elections that are not over."""
    return list(
        SensitivePeriod.objects.filter(ended_at=None, last_on__gte=clock.today()).select_related("added_by")
    )


def known() -> list[KnownValue]:
    """Sites and numbers that checks know as the force's own or approved."""
    return list(KnownValue.objects.filter(removed_at=None).select_related("added_by"))


def period(pk: int) -> SensitivePeriod:
    """One that counts. Raises NotFound."""
    found = SensitivePeriod.objects.filter(pk=pk, ended_at=None).first()
    if found is None:
        raise NotFound("There are no such days any more.")
    return found


def known_value(pk: int) -> KnownValue:
    """One on the list. Raises NotFound."""
    found = KnownValue.objects.filter(pk=pk, removed_at=None).first()
    if found is None:
        raise NotFound("It is not on the list any more.")
    return found
