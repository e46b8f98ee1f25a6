"""What retention must know of posts and of the outbox."""

from __future__ import annotations

from typing import Any

from core.records import Keep, Part, RecordClass, Subject, says
from publishing import about
from publishing.models import Appeal, Asset, Concern, Delivery, Engagement, Post, Question


def snapshot(post: Post) -> list[tuple[str, str]]:
    """Its title, its author and its words."""
    return [("Title", post.title), ("Author", post.author.called), ("Words", post.words)]


def archived(post: Post) -> dict[str, Any]:
    """What an archive gets of a post: its words in every version that went out, where and when, and its pictures."""
    versions = post.variants.select_related("official_account").order_by("pk")
    return {
        "title": post.title,
        "language": post.language or "en",
        "words": post.words,
        "published_at": post.published_at.isoformat() if post.published_at else "",
        "author": post.author.called,
        "published_on": [
            {
                "platform": one.official_account.platform,
                "official_account": one.official_account.name,
                "handle": one.official_account.handle,
                "words": one.text,
                "sent": [
                    {"at": sent.sent_at.isoformat() if sent.sent_at else "", "address": sent.external_url}
                    for sent in one.deliveries.filter(state=Delivery.State.SENT).order_by("pk")
                ],
            }
            for one in versions
        ],
        "files": [
            {"sha256": picture.file.sha256, "words_instead": picture.alt_text}
            for picture in post.pictures.all()
        ],
    }


def snapshot_of_appeal(appeal: Appeal) -> list[tuple[str, str]]:
    """The matter, who answers for it, and what it rests on."""
    return [
        ("Title", appeal.title),
        ("Reference", appeal.force_reference),
        ("Owner", appeal.owner.called),
        ("Why it is necessary", appeal.basis_note),
        ("Risk assessment", appeal.risk_assessment),
    ]


def snapshot_of_asset(asset: Asset) -> list[tuple[str, str]]:
    """What it shows, whose it is and who agreed to be in it."""
    return [
        ("Title", asset.title),
        ("What it shows", asset.alt_text),
        ("Rights", f"{asset.get_rights_display()} {asset.credit}".strip()),
        ("Consent", f"{asset.get_consent_display()} {asset.consent_note}".strip()),
        ("Taken out because", asset.retired_why),
    ]


def snapshot_of_delivery(delivery: Delivery) -> list[tuple[str, str]]:
    """What went out, where and when."""
    return [
        ("Kind", delivery.get_kind_display()),
        ("On", delivery.official_account.name),
        ("Sent", f"{delivery.sent_at:%d %B %Y %H:%M} UTC" if delivery.sent_at else "never"),
        ("Words", delivery.text),
    ]


_OF_A_DELIVERY = ("publishing_deliverychange", "publishing_lockdownstop", "publishing_lockdownexception")
_UNSETTLED = "d.state NOT IN ('sent', 'rejected', 'withdrawn')"

POST = Subject(
    "publishing.post",
    "Post",
    "publishing_post",
    named_by="title",
    first=(
        "UPDATE publishing_post SET pair_id = NULL WHERE pair_id = ANY(gone)",
        "UPDATE publishing_logline SET post_id = NULL WHERE post_id = ANY(gone)",
    ),
    parts=(
        *(Part(table, "delivery_id", of="publishing_delivery") for table in _OF_A_DELIVERY),
        Part("publishing_takedown", "standing_id", of="publishing_delivery"),
        Part("publishing_correctionapproval", "correction_id", of="publishing_correction"),
        Part("publishing_requirement", "post_id"),
        Part("publishing_correction", "post_id"),
        Part("publishing_delivery", "variant_id", of="publishing_variant"),
        Part("publishing_variant", "post_id"),
        Part("publishing_approval", "post_id"),
        Part("publishing_telephoneapproval", "post_id"),
        Part("publishing_judgement", "post_id"),
        Part("publishing_override", "post_id"),
        Part("publishing_declaration", "post_id"),
        Part("publishing_followup", "post_id"),
        Part("publishing_afterlook", "post_id"),
        Part("publishing_longershown", "post_id"),
        Part("publishing_postquestion", "post_id"),
        Part("publishing_posttag", "post_id"),
        Part("publishing_postvideo", "post_id"),
        Part("publishing_postpicture", "post_id"),
        Part("publishing_postchange", "post_id"),
    ),
    on_account="EXISTS (SELECT 1 FROM publishing_variant v WHERE v.post_id = {r}.id AND v.official_account_id = {a})",
    since="created_at",
    words=f"""({says("{r}.title || ' ' || {r}.words")} OR EXISTS (SELECT 1 FROM publishing_variant v
        WHERE v.post_id = {{r}}.id AND {says("v.text")}))""",  # noqa: S608 # nosec B608 - our own words
    snapshot=snapshot,
    archive=archived,
)

DELIVERY = Subject(
    "publishing.delivery",
    "Delivery",
    "publishing_delivery",
    parts=(
        *(Part(table, "delivery_id") for table in _OF_A_DELIVERY),
        Part("publishing_takedown", "standing_id"),
    ),
    account="official_account_id",
    since="created_at",
    words=says("{r}.text"),
    snapshot=snapshot_of_delivery,
)

APPEAL = Subject(
    "publishing.appeal",
    "Appeal",
    "publishing_appeal",
    named_by="reference",
    first=("UPDATE publishing_takedown SET appeal_id = NULL WHERE appeal_id = ANY(gone)",),
    parts=(
        Part("publishing_appealaccount", "appeal_id"),
        Part("publishing_appealpicture", "appeal_id"),
        Part("publishing_appealpost", "appeal_id"),
        Part("publishing_appealchange", "appeal_id"),
    ),
    on_account="""EXISTS (SELECT 1 FROM publishing_appealaccount k
        WHERE k.appeal_id = {r}.id AND k.official_account_id = {a})""",
    since="made_at",
    words=says(
        "concat_ws(' ', {r}.title, {r}.force_reference, {r}.basis_note, {r}.family_consent, {r}.officer_consent, "
        "{r}.risk_to_life, {r}.risk_assessment, {r}.conditions, {r}.outcome_note, {r}.words_after)",
    ),
    snapshot=snapshot_of_appeal,
)

ASSET = Subject(
    "publishing.asset",
    "Picture or video of the library",
    "publishing_asset",
    first=(
        "UPDATE publishing_postpicture SET asset_id = NULL WHERE asset_id = ANY(gone)",
        "UPDATE publishing_postvideo SET asset_id = NULL WHERE asset_id = ANY(gone)",
    ),
    since="added_at",
    words=says("concat_ws(' ', {r}.title, {r}.alt_text, {r}.credit, {r}.consent_note, {r}.captions)"),
    snapshot=snapshot_of_asset,
)


def snapshot_of_question(question: Question) -> list[tuple[str, str]]:
    """What was asked and answered."""
    return [("Words", question.words), ("Shown", question.shown), ("Answer", question.answer)]


def snapshot_of_concern(concern: Concern) -> list[tuple[str, str]]:
    """What was said, done and published."""
    return [
        ("What was said", concern.said),
        ("What was done", concern.action),
        ("What came of it", concern.result),
    ]


def snapshot_of_engagement(engagement: Engagement) -> list[tuple[str, str]]:
    """With whom, for what, and what came of it."""
    return [
        ("Who", engagement.who),
        ("What", engagement.what),
        ("Decided", engagement.decided_why),
        ("What came of it", engagement.result),
    ]


QUESTION = Subject(
    "publishing.question",
    "Question at a meeting",
    "publishing_question",
    parts=(Part("publishing_questionchange", "question_id"),),
    account="official_account_id",
    since="asked_at",
    words=says("concat_ws(' ', {r}.words, {r}.name, {r}.shown, {r}.answer)"),
    snapshot=snapshot_of_question,
)

CONCERN = Subject(
    "publishing.concern",
    "Worry of a neighbourhood",
    "publishing_concern",
    parts=(Part("publishing_concernchange", "concern_id"),),
    since="raised_at",
    words=says("concat_ws(' ', {r}.said, {r}.action, {r}.result)"),
    snapshot=snapshot_of_concern,
)

ENGAGEMENT = Subject(
    "publishing.engagement",
    "Influencer, paid media or partner",
    "publishing_engagement",
    since="asked_at",
    words=says("concat_ws(' ', {r}.who, {r}.what, {r}.decided_why, {r}.result)"),
    snapshot=snapshot_of_engagement,
)

FILES = (
    ("publishing_appealpicture", "file_id"),
    ("publishing_asset", "file_id"),
    ("publishing_postpicture", "file_id"),
    ("publishing_postvideo", "file_id"),
)

CLASSES = (
    RecordClass(
        "published_post",
        "Reviewed by a person when its period is over, and offered to the archive; disposed of with all versions, "
        "approvals and deliveries. Templates, series and lockdowns stay until a person decides.",
        about=about.posts,
        subject=POST,
        begins=(("{r}.state = 'published'", "published_at"), ("{r}.state = 'withdrawn'", "changed_at")),
        keeps=(
            Keep(
                "it belongs to a public appeal",
                "EXISTS (SELECT 1 FROM publishing_appealpost k WHERE k.post_id = {r}.id)",
            ),
            Keep(
                "a question of the community led to it",
                "EXISTS (SELECT 1 FROM publishing_concern k WHERE k.post_id = {r}.id)",
            ),
            Keep(
                "something of it has not gone out yet, or nobody knows",
                f"""EXISTS (SELECT 1 FROM publishing_variant v JOIN publishing_delivery d ON d.variant_id = v.id
                WHERE v.post_id = {{r}}.id AND {_UNSETTLED})""",  # noqa: S608 # nosec B608 - our own words
            ),
        ),
    ),
    RecordClass(
        "public_appeal",
        "Reviewed by a person when its period is over and its tips are gone; disposed of with its pictures, consents and "
        "history. Its posts follow their own class from then on.",
        about=about.appeals,
        subject=APPEAL,
        begins=(("{r}.state = 'closed'", "closed_at"),),
        keeps=(Keep("wanted for a case", "{r}.needs_case <> ''"),),
    ),
    RecordClass(
        "library_file",
        "Reviewed by a person so long after it was taken out of the library; the file goes with it once no post uses it.",
        subject=ASSET,
        begins=(("{r}.retired_at IS NOT NULL", "retired_at"),),
        not_searched="Pictures and videos of our own, found with the posts that used them; no face is ever searched for.",
    ),
    RecordClass(
        "community_question",
        "Disposed of with its history, so long after it was answered or not shown, once no worry rests on it.",
        about=about.questions,
        subject=QUESTION,
        begins=(
            ("{r}.state = 'answered'", "answered_at"),
            ("{r}.state = 'declined'", "asked_at"),
        ),
        keeps=(
            Keep(
                "a worry of a neighbourhood was made of it",
                "EXISTS (SELECT 1 FROM publishing_concern k WHERE k.question_id = {r}.id)",
            ),
        ),
    ),
    RecordClass(
        "concern",
        "Disposed of with its history, so long after its result was published or it was not taken up.",
        about=about.questions,
        subject=CONCERN,
        begins=(
            ("{r}.state = 'published'", "published_at"),
            (
                "{r}.state = 'dropped'",
                "(SELECT max(k.at) FROM publishing_concernchange k WHERE k.concern_id = {r}.id)",
            ),
        ),
    ),
    RecordClass(
        "engagement",
        "Reviewed by a person so long after it was closed, as a financial record.",
        about=about.engagements,
        subject=ENGAGEMENT,
        begins=(("{r}.closed_at IS NOT NULL", "closed_at"),),
    ),
    RecordClass(
        "delivery",
        "With its post; of an answer or an act on a comment, reviewed by a person when its period is over and the "
        "comment is gone.",
        about=about.deliveries,
        subject=DELIVERY,
        begins=(
            ("{r}.state = 'sent'", "sent_at"),
            ("{r}.state IN ('rejected', 'withdrawn')", "due_at"),
        ),
        where="{r}.variant_id IS NULL",
        keeps=(
            Keep(
                "it is a correction of a post that is kept",
                "EXISTS (SELECT 1 FROM publishing_correction k WHERE {r}.id IN (k.delivery_id, k.standing_id))",
            ),
        ),
    ),
)
