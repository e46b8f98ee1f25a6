"""The page docs/checks.md, made from the registry, so that what people read is what runs."""

from __future__ import annotations

from publishing.checks import judging, questions  # noqa: F401 - judging fills the registry
from publishing.checks.registry import GROUPS, LEVELS, REGISTRY
from publishing.models import Declaration

HEAD = """# What posts are read for

Written by `manage.py checks-page` from the registry (`publishing/checks`); do not edit it by hand. A test compares the two.

All checks run on every post, each time it is kept, sent for approval and approved; what they found is stored with the hash
of the exact content. *Stop*: the post does not go on. *Two approvers*: two different people, neither of whom wrote some of
it, approve it; the first one's grant is read again at the second yes and when the post is sent. *Advice*: to be looked at.
A finding can be milder than its check. The force sets under *Checks* whether a check is graver and who may override its
stop, with a reason, for exactly these words; two people then approve the post. Where somebody's life may depend on a post,
stops of “For everybody to read” become advice and are listed on its page to be put right. A check that breaks asks for two
approvers. Updates of incidents on our own pages are read by the same checks, as something that is happening now; nobody
overrides a stop there. Names of people and addresses are found by how they are written, so none of this takes the place of reading.
"""


def as_markdown() -> str:
    """The whole page."""
    parts = [HEAD]
    for group in GROUPS:
        parts.append(
            f"\n## {group}\n\n| check | what it says | at its gravest | source |\n|---|---|---|---|\n"
        )
        parts += [
            f"| {one.name} (`{one.slug}`) | {one.sentence} | {LEVELS[one.level]} | {one.source} |\n"
            for one in REGISTRY.values()
            if one.group == group
        ]
    kinds = dict(Declaration.Kind.choices)
    parts.append("\n## Questions to the author\n\n| question | asked of |\n|---|---|\n")
    for question in questions.QUESTIONS:
        of = ", ".join(label.lower() for kind, label in kinds.items() if kind in question.kinds) or "any post"
        if question.media:
            of += ", with a picture or a video"
        if question.called_for:
            of += f", where the words call for it ({question.called_for})"
        parts.append(f"| {question.label} | {of} |\n")
    return "".join(parts)
