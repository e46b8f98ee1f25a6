"""What retention must know of cases, and what a case keeps of the rooms below."""

from __future__ import annotations

from core.records import Keep, Part, RecordClass, Subject, says
from escalation import about
from escalation.models import Case, IntelligenceReport


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


def snapshot_of_report(report: IntelligenceReport) -> list[tuple[str, str]]:
    """How it was graded and where it went. Of a sensitive one no words, and of none who gave it: the unit is asked."""
    return [
        ("State", report.state_says),
        ("Grading", report.codes),
        ("MoPI group", report.get_mopi_group_display() if report.mopi_group else "not given"),
        ("Its number in the intelligence system", report.system_reference),
        ("Words", "Sensitive: ask the intelligence unit" if report.sensitive else report.shared_words),
    ]


def group_of_report(report: IntelligenceReport) -> int | None:
    """Groups 1 and 2 are reviewed by two people."""
    return report.mopi_group


REPORT = Subject(
    "escalation.intelligencereport",
    "Intelligence report",
    "escalation_intelligencereport",
    named_by="reference",
    parts=(
        Part("escalation_intelligencesource", "report_id"),
        Part("escalation_intelligencestep", "report_id"),
    ),
    on_account="""EXISTS (SELECT 1 FROM escalation_referral f
        WHERE f.id = {r}.referral_id AND f.official_account_id = {a})""",
    since="(SELECT f.at FROM escalation_referral f WHERE f.id = {r}.referral_id)",
    words=f"""({says("concat_ws(' ', {r}.words, {r}.provenance, {r}.context, {r}.sanitised)")}
        OR EXISTS (SELECT 1 FROM escalation_intelligencesource k WHERE k.report_id = {{r}}.id AND
            {says("concat_ws(' ', k.handle, k.name, k.said, k.known)")}))""",  # noqa: S608 # nosec B608 - our own words
    covered={
        "case": """EXISTS (SELECT 1 FROM escalation_referral f
            WHERE f.id = {r}.referral_id AND f.case_id = {h}.subject_id)""",
        "commenter": """EXISTS (SELECT 1 FROM escalation_intelligencesource k JOIN moderation_commenter c
            ON c.platform = k.platform AND c.external_id = k.external_id
            WHERE k.report_id = {r}.id AND c.id = {h}.subject_id)""",
    },
    snapshot=snapshot_of_report,
    mopi_group=group_of_report,
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
        "Reviewed by a person so long after its last step, by two where its MoPI group is 1 or 2; disposed of with its "
        "source and its history.",
        subject=REPORT,
        begins=(
            (
                "{r}.state IN ('linked', 'set_aside')",
                "(SELECT max(s.at) FROM escalation_intelligencestep s WHERE s.report_id = {r}.id)",
            ),
        ),
        keeps=(
            Keep(
                "its MoPI group takes a review by two people, and the class goes without one",
                """{r}.mopi_group IN (1, 2) AND EXISTS (SELECT 1 FROM retention_schedulerow s
                WHERE s.slug = 'intelligence' AND s.outcome = 'dispose')""",
            ),
        ),
        not_searched="The intelligence unit is asked: its reports and their sources are for it alone to search.",
    ),
    RecordClass(
        "handover",
        "Kept until a person decides, as the cases that stood on it.",
        not_searched="A list of cases by their number, which are searched themselves.",
    ),
)

KEEPS = {
    "publishing.appeal": (
        Keep("in a case", "EXISTS (SELECT 1 FROM escalation_appealcase e WHERE e.appeal_id = {r}.id)"),
    ),
    "moderation.tip": (
        Keep("in a case", "EXISTS (SELECT 1 FROM escalation_casetip e WHERE e.tip_id = {r}.id)"),
    ),
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


def _in_case(table: str, column: str) -> dict[str, str]:
    """Held with the case that this table ties it to."""
    return {
        "case": f"EXISTS (SELECT 1 FROM {table} k WHERE k.{column} = {{r}}.id AND k.case_id = {{h}}.subject_id)"  # noqa: S608 # nosec B608 - our own words
    }


COVERED = {
    "publishing.appeal": _in_case("escalation_appealcase", "appeal_id"),
    "moderation.tip": _in_case("escalation_casetip", "tip_id"),
    "moderation.comment": _in_case("escalation_casecomment", "comment_id"),
    "notices.notice": _in_case("escalation_callout", "notice_id"),
}
