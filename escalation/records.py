"""What retention must know of cases, and what a case keeps of the rooms below."""

from __future__ import annotations

from core.records import Keep, Part, RecordClass, Subject
from escalation import about
from escalation.models import Case


def snapshot(case: Case) -> list[tuple[str, str]]:
    """What it is about and what stands in its log."""
    log = "\n".join(f"{line.at:%d %B %Y %H:%M}: {line.text}" for line in case.log.all())
    return [("Title", case.title), ("Outcome", case.outcome), ("Log", log)]


CASE = Subject(
    "escalation.case",
    "Case",
    "escalation_case",
    named_by="reference",
    parts=(
        Part("escalation_alert", "case_id", record=False),
        Part("escalation_logentry", "case_id"),
        Part("escalation_caselink", "case_id"),
        Part("escalation_caselink", "other_id"),
        Part("escalation_clockchange", "case_id"),
        Part("escalation_assessment", "case_id"),
        Part("escalation_callout", "case_id"),
        Part("escalation_referral", "case_id"),
        Part("escalation_ownpost", "case_id"),
        Part("escalation_involved", "case_id"),
        Part("escalation_appealcase", "case_id"),
        Part("escalation_requestcase", "case_id"),
        Part("escalation_casetip", "case_id"),
        Part("escalation_casecomment", "case_id"),
    ),
    account="official_account_id",
    since="opened_at",
    words="""EXISTS (SELECT 1 FROM escalation_casecomment k JOIN moderation_comment c ON c.id = k.comment_id
        WHERE k.case_id = {r}.id AND to_tsvector('english', c.text) @@ websearch_to_tsquery('english', {h}.words))""",
    covered={
        "case": "{h}.subject_id = {r}.id",
        "commenter": """EXISTS (SELECT 1 FROM escalation_casecomment k JOIN moderation_comment c
            ON c.id = k.comment_id WHERE k.case_id = {r}.id AND c.commenter_id = {h}.subject_id)""",
    },
    snapshot=snapshot,
)

CLASSES = (
    RecordClass(
        "case",
        "Reviewed by a person when its period is over. Its comments follow their own class again from then on.",
        subject=CASE,
        begins=(("{r}.state = 'closed'", "closed_at"),),
        about=about.cases,
        keeps=(
            Keep(
                "it has an intelligence report",
                """EXISTS (SELECT 1 FROM escalation_intelligencereport i JOIN escalation_referral f
                ON f.id = i.referral_id WHERE f.case_id = {r}.id)""",
            ),
            Keep(
                "another case was merged into it",
                "EXISTS (SELECT 1 FROM escalation_case m WHERE m.merged_into_id = {r}.id)",
            ),
        ),
    ),
    RecordClass(
        "intelligence",
        "Kept until a person decides, by the MoPI group of whom or what it is about.",
        not_searched="The intelligence unit is asked: its reports and their sources are for it alone to search.",
    ),
    RecordClass(
        "handover",
        "Kept until a person decides, as the cases that stood on it.",
        not_searched="A list of cases by their number, which are searched themselves.",
    ),
)

KEEPS = {
    "moderation.comment": (
        Keep("in a case", "EXISTS (SELECT 1 FROM escalation_casecomment e WHERE e.comment_id = {r}.id)"),
    ),
    "retention.rightsrequest": (
        Keep("in a case", "EXISTS (SELECT 1 FROM escalation_requestcase e WHERE e.request_id = {r}.id)"),
    ),
    "publishing.delivery": (
        Keep(
            "it stands in a case",
            """(EXISTS (SELECT 1 FROM escalation_ownpost e WHERE e.delivery_id = {r}.id)
            OR EXISTS (SELECT 1 FROM escalation_appealcase e JOIN publishing_takedown t ON t.id = e.take_down_id
            WHERE t.standing_id = {r}.id))""",
        ),
    ),
    "publishing.post": (
        Keep(
            "it stands in a case",
            """EXISTS (SELECT 1 FROM publishing_variant v JOIN publishing_delivery d ON d.variant_id = v.id
            WHERE v.post_id = {r}.id AND (EXISTS (SELECT 1 FROM escalation_ownpost e WHERE e.delivery_id = d.id)
            OR EXISTS (SELECT 1 FROM escalation_appealcase e JOIN publishing_takedown t ON t.id = e.take_down_id
            WHERE t.standing_id = d.id)))""",
        ),
    ),
    "notices.notice": (
        Keep(
            "it called somebody to a case",
            "EXISTS (SELECT 1 FROM escalation_callout e WHERE e.notice_id = {r}.id)",
        ),
        Keep(
            "it told somebody of a referral",
            "EXISTS (SELECT 1 FROM escalation_referral e WHERE e.notice_id = {r}.id)",
        ),
    ),
}

COVERED = {
    "moderation.comment": {
        "case": """EXISTS (SELECT 1 FROM escalation_casecomment k
            WHERE k.comment_id = {r}.id AND k.case_id = {h}.subject_id)"""
    },
    "notices.notice": {
        "case": """EXISTS (SELECT 1 FROM escalation_callout k
            WHERE k.notice_id = {r}.id AND k.case_id = {h}.subject_id)"""
    },
}
