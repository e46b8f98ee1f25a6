"""Judging a post as it stands by every check and the force's policy of this moment. Reads; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from accounts.models import Neighbourhood, OfficialAccount
from core import clock
from publishing import queries
from publishing.checks import (  # noqa: F401 - each enters its checks in the registry, in this order
    accessibility,
    governance,
    law,
    people,
    registry,
    security,
)
from publishing.checks.prepared import Filmed, Pictured, Policy, Prepared, Said, digest
from publishing.checks.questions import Question, asked_of
from publishing.checks.registry import Finding
from publishing.models import (
    CheckSetting,
    Declaration,
    KnownValue,
    Override,
    Post,
    PostPicture,
    PostVideo,
    SensitivePeriod,
    Variant,
)


@dataclass(frozen=True)
class Judged:
    """What all checks found in a post exactly as it stands."""

    prepared: Prepared
    policy: Policy
    findings: list[Finding]
    overrides: Mapping[str, Override] = field(default_factory=dict)
    """Check -> who had it overridden for this very content."""

    @property
    def content_hash(self) -> str:
        return self.prepared.content_hash

    @cached_property
    def against(self) -> str:
        """What it was judged by: checks, policy, and the day on which it goes out."""
        return digest(
            [registry.digest_of_checks(), self.policy.digest, self.prepared.goes_out_on.isoformat()]
        )

    @property
    def stopping(self) -> list[Finding]:
        return [one for one in self.findings if one.level == registry.STOP and one.slug not in self.overrides]

    @property
    def needs_two(self) -> bool:
        """What was overridden is looked at by two as well."""
        return bool(self.why_two)

    @property
    def why_two(self) -> list[Finding]:
        return [
            one
            for one in self.findings
            if one.level == registry.SECOND or (one.level == registry.STOP and one.slug in self.overrides)
        ]

    @property
    def follow_ups(self) -> list[Finding]:
        return [one for one in self.findings if one.follow_up]

    @property
    def questions(self) -> list[Question]:
        """What its author is asked."""
        return questions_of(self.prepared, self.policy)


def judge_now(post: Post) -> Judged:
    """Every check of a post as it stands in the database, by the policy of now."""
    return judge(post, list(queries.live_variants(post)), queries.pictures(post), queries.video(post))


def content_hash_of(post: Post) -> str:
    """Of a post as it stands in the database."""
    return prepare(
        post, list(queries.live_variants(post)), queries.pictures(post), queries.video(post)
    ).content_hash


def judge(
    post: Post,
    variants: Sequence[Variant],
    pictures: Sequence[PostPicture],
    video: PostVideo | None,
    *,
    policy: Policy | None = None,
) -> Judged:
    """Every check of a post as it stands, by the policy of now. `variants` with their official accounts."""
    ready = prepare(post, variants, pictures, video)
    by = policy_now() if policy is None else policy
    overrides: dict[str, Override] = {}
    if post.pk is not None:
        rows = Override.objects.filter(post=post, content_hash=ready.content_hash).select_related("by")
        overrides = {row.slug: row for row in rows}
    return Judged(ready, by, registry.judge(ready, by), overrides)


def stops_added(variant: Variant, before: str, words: str) -> list[Finding]:
    """What other words for what stands there would be stopped for, and those that stand were not."""
    post, policy = variant.post, policy_now()
    pictures, video = queries.pictures(post), queries.video(post)

    def stops(text: str) -> dict[tuple[str, str], Finding]:
        said = Variant(post=post, official_account=variant.official_account, text=text)
        found = registry.judge(prepare(post, [said], pictures, video), policy)
        return {(one.slug, one.sentence): one for one in found if one.level == registry.STOP}

    present = stops(before)
    return [finding for key, finding in stops(words).items() if key not in present]


def why_two_of(variant: Variant, words: str) -> list[Finding]:
    """The findings for which other words for what stands there are looked at by two people."""
    post = variant.post
    said = Variant(post=post, official_account=variant.official_account, text=words)
    ready = prepare(post, [said], queries.pictures(post), queries.video(post))
    return [one for one in registry.judge(ready, policy_now()) if one.level == registry.SECOND]


def prepare(
    post: Post, variants: Sequence[Variant], pictures: Sequence[PostPicture], video: PostVideo | None
) -> Prepared:
    """The post as the checks read it. `pictures` and `video` with their files."""
    declared = declaration_of(post)
    return Prepared(
        said=tuple(
            Said(one.official_account_id, one.official_account.name, one.text, tuple(one.parts))
            for one in sorted(variants, key=lambda v: v.official_account_id)
        ),
        pictures=tuple(Pictured(one.file.sha256, one.alt_text) for one in pictures),
        video=Filmed(video.file.sha256, video.title, video.alt_text, video.captions, video.no_captions_why)
        if video is not None
        else None,
        kind=declared.kind,
        answers=declared.answers,
        urgent_why=declared.urgent_why,
        language=post.language,
        reply_control=post.reply_control,
        publish_at=post.publish_at.isoformat() if post.publish_at else "",
        goes_out_on=clock.in_london(post.publish_at or clock.now()).date(),
    )


def declaration_of(post: Post) -> Declaration:
    """What its author declared; of nothing in particular where they declared nothing."""
    found = Declaration.objects.filter(post=post).first() if post.pk is not None else None
    return found or Declaration(kind=Declaration.Kind.GENERAL, answers={})


def questions_of(ready: Prepared, policy: Policy) -> list[Question]:
    """What the author of a post is asked as it stands."""
    called_for = law.called_for(ready, policy)
    if governance.names_partner(ready):
        called_for |= {"partner"}
    if people.strangers(ready, policy):
        called_for |= {"mention"}
    return asked_of(
        kind=ready.kind, has_media=ready.has_media, answers=ready.answers, called_for=frozenset(called_for)
    )


def policy_now() -> Policy:
    """What the force has set, as it stands."""
    settings = list(CheckSetting.objects.filter(replaced_at=None))
    periods = SensitivePeriod.objects.filter(ended_at=None, last_on__gte=clock.today())
    known = list(KnownValue.objects.filter(removed_at=None).values_list("kind", "value"))
    ours = list(OfficialAccount.objects.values_list("name", "handle"))
    places = {
        *Neighbourhood.objects.values_list("name", flat=True),
        *(name for name, _ in ours),
    }
    handles = {handle.casefold() for _, handle in ours}
    handles |= {value.casefold() for kind, value in known if kind == KnownValue.Kind.HANDLE}
    return Policy(
        levels={one.slug: one.level for one in settings if one.level},
        override_by={one.slug: one.override_by for one in settings if one.override_by},
        periods=tuple((one.name, one.first_on, one.last_on) for one in periods),
        domains=frozenset(value for kind, value in known if kind == KnownValue.Kind.DOMAIN),
        numbers=frozenset(value for kind, value in known if kind == KnownValue.Kind.NUMBER),
        places=frozenset(places),
        handles=frozenset(handles | {handle.split("@")[0] for handle in handles}),
    )
