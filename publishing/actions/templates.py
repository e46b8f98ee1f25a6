"""Templates and holding statements: words that somebody starts from, with blanks that have to be filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from publishing.actions import posts
from publishing.checks.composing import BLANK
from publishing.models import Post, PostTemplate
from staff.models import StaffMember
from staff.roles import Power

LONGEST_FILL = 500


def blanks_of(words: str) -> list[str]:
    """The blanks in the order in which they come, each once."""
    return list(dict.fromkeys(BLANK.findall(words)))


@action
def write_template(
    *, actor: StaffMember, kind: str, name: str, words: str, use_when: str = ""
) -> PostTemplate:
    """A template is in the library at once; a holding statement waits for the yes of somebody else.

    The same name again is its next version; until a holding statement's next one is approved, the one before
    stays in use. Raises NotPermitted, NotValid. Audits template.written.
    """
    require(actor, Power.PLAN_POSTS)
    name, use_when = " ".join(name.split()), " ".join(use_when.split())
    words = words.replace("\r\n", "\n").strip()
    if kind not in PostTemplate.Kind.values:
        raise NotValid("Choose whether it is a template or a holding statement.", field="kind")
    if not name or len(name) > 120:
        raise NotValid("Give it a name of at most 120 characters.", field="name")
    if len(use_when) > 300:
        raise NotValid("Say when to use it in at most 300 characters.", field="use_when")
    if not words:
        raise NotValid("Write its words.", field="words")
    if len(words) > posts.LONGEST_WORDS:
        raise NotValid(f"The words are longer than {posts.LONGEST_WORDS:,} characters.", field="words")
    bare = BLANK.sub("", words)
    if "[[" in bare or "]]" in bare:
        raise NotValid(
            "A blank is [[what goes there]], with two brackets on each side and at most 80 characters between them.",
            field="words",
        )
    now = clock.now()
    versions = (
        PostTemplate.objects.select_for_update().filter(kind=kind, name__iexact=name).order_by("-version")
    )
    latest = versions.first()
    live_at_once = kind == PostTemplate.Kind.TEMPLATE
    if latest is not None:
        name = latest.name
        superseded = versions.filter(replaced_at=None)
        if not live_at_once:
            superseded = superseded.filter(approved_at=None)
        superseded.update(replaced_at=now)
    made = PostTemplate.objects.create(
        kind=kind,
        name=name,
        version=latest.version + 1 if latest else 1,
        use_when=use_when,
        words=words,
        written_by=actor,
        written_at=now,
        approved_by=actor if live_at_once else None,
        approved_at=now if live_at_once else None,
    )
    record(
        actor=actor,
        event="template.written",
        subject=made,
        subject_name=name,
        details={"version": made.version, "kind": made.get_kind_display().lower()},
    )
    return made


@action
def approve_statement(*, actor: StaffMember, template: PostTemplate) -> PostTemplate:
    """The holding statement may be used from now on, and its version before no more.

    Raises NotPermitted (wrote it; may not approve), TransitionNotAllowed (approved or replaced already).
    Audits template.approved.
    """
    require(actor, Power.APPROVE_POSTS)
    template = PostTemplate.objects.select_for_update().get(pk=template.pk)
    if template.approved_at is not None or template.replaced_at is not None:
        raise TransitionNotAllowed("This version is approved already, or another has taken its place.")
    if template.written_by_id == actor.pk:
        raise NotPermitted("You wrote this holding statement, so somebody else has to approve it.")
    now = clock.now()
    PostTemplate.objects.filter(
        kind=template.kind, name__iexact=template.name, replaced_at=None, approved_at__isnull=False
    ).update(replaced_at=now)
    template.approved_by, template.approved_at = actor, now
    template.save(update_fields=["approved_by", "approved_at"])
    record(
        actor=actor,
        event="template.approved",
        subject=template,
        subject_name=template.name,
        details={"version": template.version},
    )
    return template


@action
def retire_template(*, actor: StaffMember, template: PostTemplate) -> PostTemplate:
    """It is offered no more. Posts made from it stay as they are.

    Raises NotPermitted, TransitionNotAllowed (replaced already). Audits template.retired.
    """
    require(actor, Power.PLAN_POSTS)
    template = PostTemplate.objects.select_for_update().get(pk=template.pk)
    if template.kind == PostTemplate.Kind.HOLDING and template.approved_at is not None:
        require(actor, Power.APPROVE_POSTS)
    if template.replaced_at is not None:
        raise TransitionNotAllowed("It is offered no more already.")
    template.replaced_at = clock.now()
    template.save(update_fields=["replaced_at"])
    record(actor=actor, event="template.retired", subject=template, subject_name=template.name)
    return template


@action
def start_from(
    *, actor: StaffMember, template: PostTemplate, fills: Mapping[str, str], account_ids: Iterable[int]
) -> Post:
    """A draft with the words of the template and every blank filled.

    fills: blank -> what goes there. Raises NotPermitted, NotValid (a blank is empty: `field` is "blank_N"),
    TransitionNotAllowed (not approved, or replaced). Audits post.drafted and template.used.
    """
    template = PostTemplate.objects.get(pk=template.pk)
    if template.approved_at is None or template.replaced_at is not None:
        raise TransitionNotAllowed(
            "This version is not in use. Go back to the list and take the one that is."
        )
    words = template.words
    for number, blank in enumerate(blanks_of(words)):
        fill = fills.get(blank, "").strip()
        if not fill:
            raise NotValid(f"Fill in “{blank}”.", field=f"blank_{number}")
        if len(fill) > LONGEST_FILL or BLANK.search(fill):
            raise NotValid(
                f"Say it in at most {LONGEST_FILL} characters, without blanks.", field=f"blank_{number}"
            )
        words = words.replace(f"[[{blank}]]", fill)
    post = posts.draft_post(actor=actor, account_ids=account_ids, words=words, title=template.name)
    post.template = template
    post.save(update_fields=["template"])
    record(
        actor=actor,
        event="template.used",
        subject=template,
        subject_name=template.name,
        details={"post": post.pk, "version": template.version},
    )
    return post
