"""What retention must know of comments and of what the desk makes of them.

A comment falls into its class by how it was decided: by the category under which it stood then, which the
desk corrects. A case lifts the class of all that it holds (escalation.records): while a comment is in a case, it
goes by no class of its own.
"""

from __future__ import annotations

from core.records import Keep, Months, Part, RecordClass, Subject, says
from moderation import about
from moderation.categories import HIGH_RISK, Category
from moderation.models import Block, Comment, Inquiry, Reconsideration, Tip


def snapshot(comment: Comment) -> list[tuple[str, str]]:
    """Who wrote it, when, and its words as they stood and stand."""
    words = [(f"Revision {one.number}", one.text) for one in comment.revisions.all()]
    return [
        ("Written by", str(comment.commenter)),
        ("On", f"{comment.official_account.name}, {comment.posted_at:%d %B %Y %H:%M} UTC"),
        *(words or [("Words", comment.text)]),
    ]


def restrict(comment: Comment) -> str:
    """The desk sees it no longer: nobody has it, and no clock runs on it. Answers the state that it was in."""
    was, comment.state = comment.state, Comment.State.RESTRICTED
    comment.claimed_by = comment.claimed_until = comment.model_due_at = None
    comment.save(update_fields=["state", "claimed_by", "claimed_until", "model_due_at"])
    return was


def restore(comment: Comment, was: str) -> None:
    """It stands where it stood."""
    comment.state = was
    comment.save(update_fields=["state"])


COMMENT = Subject(
    "moderation.comment",
    "Comment",
    "moderation_comment",
    parts=(
        Part("moderation_replydraft", "comment_id", record=False),
        Part("moderation_firstsight", "comment_id"),
        Part("moderation_note", "comment_id"),
        Part("moderation_decision", "comment_id"),
        Part("moderation_revision", "comment_id"),
    ),
    gather={"authors": "{r}.commenter_id", "threads": "{r}.conversation_id"},
    first=(
        """DELETE FROM moderation_rawpayload p USING moderation_comment c WHERE c.id = ANY(gone)
            AND p.official_account_id = c.official_account_id AND p.external_id = c.external_id""",
        """DELETE FROM moderation_quarantined p USING moderation_comment c WHERE c.id = ANY(gone)
            AND p.official_account_id = c.official_account_id AND p.external_id = c.external_id""",
        """DELETE FROM moderation_withholding w WHERE EXISTS (SELECT 1 FROM moderation_decision d
            WHERE d.id = w.decision_id AND d.comment_id = ANY(gone))""",
    ),
    last=(
        "PERFORM id FROM moderation_commenter WHERE id = ANY(authors) ORDER BY id FOR UPDATE",
        """DELETE FROM moderation_commenter r WHERE r.id = ANY(authors)
            AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.commenter_id = r.id)
            AND NOT EXISTS (SELECT 1 FROM retention_hold h WHERE h.kind = 'commenter' AND h.subject_id = r.id
                            AND h.lifted_at IS NULL)""",
        "PERFORM id FROM moderation_conversation WHERE id = ANY(threads) ORDER BY id FOR UPDATE",
        """DELETE FROM moderation_conversation v WHERE v.id = ANY(threads)
            AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.conversation_id = v.id)""",
    ),
    remote="{r}.platform || ':' || {r}.external_id",
    account="official_account_id",
    since="received_at",
    words=f"""({says("{r}.text")} OR EXISTS (SELECT 1 FROM moderation_revision v
        WHERE v.comment_id = {{r}}.id AND {says("v.text")}))""",  # noqa: S608 # nosec B608 - our own words
    covered={"commenter": "{r}.commenter_id = {h}.subject_id"},
    snapshot=snapshot,
    restrict=restrict,
    restore=restore,
)


def snapshot_of_tip(tip: Tip) -> list[tuple[str, str]]:
    """What was told, when and where. How to reach whoever told it stands apart and is not shown."""
    return [("Appeal", tip.appeal.reference), ("Words", tip.words), ("When", tip.when), ("Where", tip.place)]


_OF_ITS_COMMENT = {
    "commenter": """EXISTS (SELECT 1 FROM moderation_comment c
        WHERE c.id = {r}.comment_id AND c.commenter_id = {h}.subject_id)"""
}
_TOLD = "({told} OR EXISTS (SELECT 1 FROM moderation_tipcontact k WHERE k.tip_id = {r}.id AND {reached}))".replace(
    "{told}", says("""concat_ws(' ', {r}.words, {r}."when", {r}.place)""")
).replace("{reached}", says("concat_ws(' ', k.name, k.telephone, k.email)"))
TIP = Subject(
    "moderation.tip",
    "Tip",
    "moderation_tip",
    named_by="reference",
    first=("UPDATE moderation_tip SET like_id = NULL WHERE like_id = ANY(gone)",),
    parts=(Part("moderation_tipcontact", "tip_id"), Part("moderation_tipfile", "tip_id")),
    on_account="""({r}.official_account_id = {a} OR EXISTS (SELECT 1 FROM publishing_appealaccount k
        WHERE {r}.official_account_id IS NULL AND k.appeal_id = {r}.appeal_id AND k.official_account_id = {a}))""",
    since="received_at",
    words=_TOLD,
    covered=_OF_ITS_COMMENT,
    snapshot=snapshot_of_tip,
)


def snapshot_of_inquiry(inquiry: Inquiry) -> list[tuple[str, str]]:
    """Which comment they asked about, and what became of it."""
    look = Reconsideration.objects.filter(inquiry=inquiry).first()
    return [
        ("Comment", str(inquiry.comment_id or "none was found")),
        ("What they wrote", look.words if look is not None else ""),
        ("What we answered", look.answer if look is not None else ""),
    ]


INQUIRY = Subject(
    "moderation.inquiry",
    "Question why a comment is hidden",
    "moderation_inquiry",
    parts=(Part("moderation_reconsideration", "inquiry_id"),),
    account="official_account_id",
    since="asked_at",
    words="EXISTS (SELECT 1 FROM moderation_reconsideration k WHERE k.inquiry_id = {r}.id AND {says})".replace(
        "{says}", says("concat_ws(' ', k.words, k.answer)")
    ),
    covered=_OF_ITS_COMMENT,
    snapshot=snapshot_of_inquiry,
)


def snapshot_of_block(block: Block) -> list[tuple[str, str]]:
    """Under which clause, for how long, and why it was lifted."""
    return [
        ("On", block.official_account.name),
        ("Under", block.clause.title),
        ("Until", f"{block.until:%d %B %Y}"),
        ("Done by hand because", block.by_hand_why),
        ("Lifted because", block.lifted_why),
    ]


BLOCK = Subject(
    "moderation.block",
    "Block",
    "moderation_block",
    parts=(Part("moderation_actreview", "block_id"),),
    account="official_account_id",
    since="at",
    words=says("concat_ws(' ', {r}.by_hand_why, {r}.lifted_why)"),
    covered={"commenter": "{r}.commenter_id = {h}.subject_id"},
    snapshot=snapshot_of_block,
)

FILES = (("moderation_tipfile", "file_id"),)
BARRED = {
    "media.sealedfile": """EXISTS (SELECT 1 FROM moderation_childseal s LEFT JOIN moderation_attachment a
        ON a.id = s.attachment_id WHERE s.lifted_at IS NULL AND {r}.id IN (s.file_id, a.file_id))"""
}

_KEEPS = (
    Keep("wanted for a case", "{r}.needs_case <> ''"),
    Keep(
        "it came with a picture that was sealed",
        """EXISTS (SELECT 1 FROM moderation_childseal s JOIN moderation_attachment a ON a.id = s.attachment_id
        WHERE a.comment_id = {r}.id)""",
    ),
)
_DECIDED = (("{r}.state = 'decided'", "decided_at"),)
_CALLS = sorted(str(one) for one in (*HIGH_RISK, Category.CRIME_REPORT, Category.ASB, Category.TRAFFIC))
_LIFTED: dict[str, list[str]] = {
    "call_for_service": _CALLS,
    "intelligence_comment": [Category.INTELLIGENCE],
    "complaint_comment": [Category.COMPLAINT_ABOUT_POLICE],
    "abuse_of_staff": [Category.ABUSE_OF_STAFF],
}
"""Class -> the categories whose comments are in it. Every other comment is a routine one."""
_NOT_ROUTINE = sorted(category for categories in _LIFTED.values() for category in categories)


def _listed(categories: list[str]) -> str:
    return ", ".join(f"'{category}'" for category in categories)


def _of_comments(slug: str, categories: list[str]) -> RecordClass:
    return RecordClass(
        slug,
        "Disposed of with all that came and was written with it, so long after it was decided.",
        subject=COMMENT,
        begins=_DECIDED,
        where=f"{{r}}.category IN ({_listed(categories)})",
        keeps=_KEEPS,
        about=about.comments,
    )


CLASSES = (
    RecordClass(
        "routine_comment",
        "Disposed of with all that came and was written with it: words, pictures, notes, decisions, search words, "
        "and its author and thread once nothing else is left of them.",
        subject=COMMENT,
        begins=(*_DECIDED, ("{r}.state = 'ours'", "received_at")),
        where=f"({{r}}.state = 'ours' OR {{r}}.category NOT IN ({_listed(_NOT_ROUTINE)}))",
        keeps=_KEEPS,
        about=about.comments,
    ),
    *(_of_comments(slug, categories) for slug, categories in _LIFTED.items()),
    RecordClass(
        "author_deleted",
        "Kept from sight as soon as the platform says that its author deleted it, and disposed of within the "
        "platform’s own period.",
        subject=COMMENT,
        begins=(("{r}.state = 'withheld' AND {r}.removed_by = 'author'", "removed_at"),),
        # Beyond its beginning: what goes because a request was granted goes by its own class.
        where="{r}.state = 'withheld' AND {r}.removed_by = 'author'",
        keeps=_KEEPS,
        about=about.comments,
    ),
    RecordClass(
        "raw_payload",
        "Months go whole, but for what came with a held comment; what belongs to a comment goes with it, whichever is "
        "the sooner.",
        months=Months(
            "moderation_rawpayload",
            "received_at",
            "moderation.comment",
            "{p}.official_account_id = {r}.official_account_id AND {p}.external_id = {r}.external_id",
        ),
        not_searched="It says what the comment that was made of it says, which is searched.",
    ),
    RecordClass(
        "draft",
        "Goes when it is sent or thrown away, and with its comment.",
        not_searched="Unsent words of our own, which nobody has decided on; what was sent is found with its comment.",
    ),
    RecordClass(
        "look_up",
        "Swept when it is a year old.",
        not_searched="It counts what staff looked at, by number alone; the trail, which information security reads, says more.",
    ),
    RecordClass(
        "guideline",
        "Kept until a person decides: it explains decisions made under it.",
        not_searched="Rules and saved replies of our own, which are about nobody.",
    ),
    RecordClass(
        "measure",
        "A block is reviewed by a person so long after it was lifted; one that stands never goes. The look at it "
        "goes with it; other looks at grave acts and decisions made on many at once stay until a person decides.",
        subject=BLOCK,
        begins=(("{r}.lifted_at IS NOT NULL", "lifted_at"),),
        about=about.measures,
    ),
    RecordClass(
        "quality",
        "Kept until a person decides, as the decision that it is about.",
        not_searched="It marks how staff decided; the decision itself is found with its comment.",
    ),
    RecordClass(
        "appeal_tip",
        "Reviewed by a person so long after its appeal was closed; disposed of with its pictures and with how to reach "
        "whoever told it. What a comment told stays with the comment.",
        subject=TIP,
        begins=(("true", "(SELECT a.closed_at FROM publishing_appeal a WHERE a.id = {r}.appeal_id)"),),
        keeps=(Keep("wanted for a case", "{r}.needs_case <> ''"),),
        about=about.tips,
    ),
    RecordClass(
        "inquiry",
        "Disposed of with the second look that came of it, so long after that was answered, or after it ran out. Why a "
        "reason is withheld goes with its comment.",
        subject=INQUIRY,
        begins=(
            (
                "NOT EXISTS (SELECT 1 FROM moderation_reconsideration k WHERE k.inquiry_id = {r}.id "
                "AND k.answered_at IS NULL)",
                "coalesce((SELECT k.answered_at FROM moderation_reconsideration k WHERE k.inquiry_id = {r}.id), "
                "{r}.until)",
            ),
        ),
        about=about.second_looks,
    ),
    RecordClass(
        "surge",
        "Kept until a person decides; its report holds numbers alone.",
        not_searched="It holds numbers, and comments by their number, which are searched themselves.",
    ),
    RecordClass(
        "triage",
        "Kept until a person decides: it explains what software said of a comment.",
        not_searched="Examples without names or handles (moderation.teaching); the comment they were taken from is searched.",
    ),
    RecordClass(
        "welfare",
        "Swept after a quarter.",
        not_searched="What staff read, for their own welfare and for nobody else to see.",
    ),
)

_OF_A_DELIVERY = """(EXISTS (SELECT 1 FROM moderation_decision k WHERE k.delivery_id = {d}.id)
    OR EXISTS (SELECT 1 FROM moderation_automaticanswer k WHERE k.delivery_id = {d}.id)
    OR EXISTS (SELECT 1 FROM moderation_block k WHERE {d}.id IN (k.delivery_id, k.lifting_id)))"""

COVERED = {"publishing.question": _OF_ITS_COMMENT, "publishing.concern": _OF_ITS_COMMENT}

KEEPS = {
    "publishing.appeal": (
        Keep(
            "something that was told on it is kept",
            "EXISTS (SELECT 1 FROM moderation_tip t WHERE t.appeal_id = {r}.id)",
        ),
    ),
    "publishing.delivery": (
        Keep(
            "it carried an answer or an act on a comment that is kept",
            _OF_A_DELIVERY.replace("{d}", "{r}"),
        ),
    ),
    "publishing.post": (
        Keep(
            "a decision on a comment that is kept names it",
            f"""EXISTS (SELECT 1 FROM publishing_variant v JOIN publishing_delivery d ON d.variant_id = v.id
            WHERE v.post_id = {{r}}.id AND {_OF_A_DELIVERY.replace("{d}", "d")})""",  # noqa: S608 # nosec B608 - our own words
        ),
    ),
}
