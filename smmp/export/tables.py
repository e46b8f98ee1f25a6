"""Which tables an export of everything holds, and which it does not, each with the reason.

A table stands in exactly one of EXPORTED and WITHHELD; tests/smmp/test_export.py holds both against the models
and against the database itself, so that whoever adds a table has to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.apps import apps
from django.db.models import Model

from moderation.models import Comment

RESTRICTED = frozenset(
    {
        "audit.assignment",
        "audit.entry",
        "escalation.intelligencereport",
        "escalation.intelligencesource",
        "escalation.intelligencestep",
        "insights.alert",
        "insights.alertchange",
        "staff.conductmatter",
        "staff.conductrequest",
        "staff.conductspan",
        "staff.departure",
        "staff.handover",
        "accounts.continuitycontact",
        "moderation.tipcontact",
        "retention.restriction",
        "retention.bundle",
        "retention.disclosure",
        "retention.erasure",
        "retention.founditem",
        "retention.requestchange",
        "retention.requestsubject",
        "retention.rightsrequest",
        "escalation.requestcase",
    }
)
"""Of those exported: what few may read. They stand in a folder of their own."""

_OTHERS = """
    accounts.accesspolicy accounts.allowance accounts.apikey accounts.areadetails accounts.breakglass
    accounts.campaign accounts.confirmation accounts.connectedapp accounts.continuityaction
    accounts.continuityplan accounts.continuitytest accounts.continuityversion accounts.course
    accounts.departurestep accounts.grant accounts.grantrequest accounts.hook accounts.hookcall
    accounts.impostor accounts.impostorsearch accounts.impostorstep accounts.mandate accounts.mandatestep
    accounts.namingrule accounts.nativeadministrator accounts.nativeuse accounts.neighbourhood
    accounts.officialaccount accounts.outage accounts.outagerule accounts.platformlink accounts.policypage
    accounts.policyreading accounts.policyversion accounts.profilepicture accounts.proofcheck
    accounts.securitycheck accounts.serviceidentity accounts.staffimport accounts.training
    accounts.unwatchedrisk accounts.watchhours
    audit.place audit.reasonrule audit.savedsearch audit.sealkey audit.segment
    escalation.alert escalation.appealcase escalation.assessment escalation.callout escalation.case
    escalation.casecomment escalation.caselink escalation.casetip escalation.clockchange escalation.grade
    escalation.handover escalation.handoversignature escalation.involved escalation.level escalation.logentry
    escalation.ownpost escalation.pathway escalation.pathwayversion escalation.post escalation.referral
    escalation.referralkind escalation.rota escalation.rotaimport escalation.shift
    exercise.exclusion exercise.line exercise.message exercise.ownscenario exercise.picture exercise.profile
    exercise.run exercise.scenarioversion
    insights.accountreach insights.alertrule insights.commentday insights.commenthour insights.commenttime insights.dutyrecord
    insights.dutywaiver insights.eventday insights.eventhour insights.exercisedebrief insights.meetingaction
    insights.meetingattendance insights.placement insights.postreach insights.report
    insights.reportreceiver insights.scorecardmeeting
    insights.areaday insights.areamood insights.rumour insights.rumourchange insights.rumourevidence
    insights.rumourpost insights.sighting insights.strategy insights.strategychange insights.strategychannel
    media.file media.sealedfile
    moderation.actreview moderation.attachment moderation.automaticanswer moderation.batch moderation.block
    moderation.childseal moderation.clause moderation.comfort moderation.comment moderation.commenter
    moderation.conversation moderation.decision moderation.dipdraw moderation.dipsample moderation.exemplar
    moderation.firstsight
    moderation.guardrule moderation.guidelines moderation.guidelineschange moderation.hourcount
    moderation.ingestgap moderation.ingestsource moderation.inquiry moderation.label moderation.lookup
    moderation.messagingdecision moderation.nativepost moderation.note moderation.paperline moderation.place
    moderation.purpose moderation.quarantined moderation.rawpayload moderation.reconsideration
    moderation.replydraft moderation.replyrequest moderation.revision moderation.savedreply
    moderation.savedreplychange moderation.savedview moderation.skip moderation.surge moderation.surgeact
    moderation.surgegroup moderation.surgeitem moderation.thrive moderation.tip moderation.tipfile
    moderation.triagejob moderation.triagestop moderation.triageswitch moderation.triageversion
    moderation.welfarerule moderation.withholding
    notices.notice notices.noticedelivery
    publishing.afterlook publishing.appeal publishing.appealaccount publishing.appealchange
    publishing.appealpicture publishing.appealpost publishing.approval publishing.asset publishing.campaign
    publishing.campaignaccount publishing.campaignchange publishing.checksetting publishing.concern
    publishing.concernchange publishing.correction publishing.correctionapproval publishing.cover
    publishing.declaration publishing.delivery publishing.deliverychange publishing.duty publishing.engagement
    publishing.followup publishing.incident publishing.incidentupdate publishing.judgement
    publishing.knownvalue publishing.lockdown publishing.lockdownexception publishing.lockdownrelease
    publishing.lockdownstop publishing.logline publishing.logsummary publishing.longershown publishing.meeting
    publishing.meetingofficer publishing.occasion publishing.override publishing.pace publishing.post
    publishing.postchange publishing.postpicture publishing.postquestion publishing.posttag
    publishing.posttemplate publishing.postvideo publishing.question publishing.questionchange
    publishing.requirement publishing.sensitiveperiod publishing.series publishing.steprule
    publishing.stepsversion publishing.tag publishing.takedown publishing.takeover
    publishing.telephoneapproval publishing.tick publishing.trust publishing.variant
    retention.archivedrecord retention.archiveoffer retention.disposal retention.draftrow retention.hold retention.proposal retention.review
    retention.schedulechange retention.scheduledraft retention.schedulerow retention.tombstone
    retention.transfer
    smmp.import smmp.imported smmp.savedmapping
    staff.allowance staff.directorygroup staff.directoryperson staff.lastseen staff.letter staff.membership
    staff.recovery staff.staffmember staff.team
"""
EXPORTED = RESTRICTED | frozenset(_OTHERS.split())
"""Labels of the models whose rows leave."""

_FACTOR = "Second factors belong to this installation; people set theirs up anew elsewhere."
_SIGN_IN = "Who is signed in here, and what a sign-in needs for minutes: worth nothing elsewhere."
_PROJECTION = "Made from the grants, which are exported."
_DJANGO = "Django’s own, and empty or made anew by a migration."

WITHHELD = {
    "retention.salt": "Salts of the hashes in certificates: with them an identifier could be tried against a hash.",
    "accounts.accountpermission": _PROJECTION,
    "accounts.connectattempt": _SIGN_IN,
    "accounts.credential": "Credentials of platforms: the next product connects to each platform itself.",
    "accounts.keptanswer": "Answers to repeated calls of the API, kept for a day.",
    "accounts.keyuse": "When a key of the API was last used, for its pace.",
    "accounts.registerstate": "What programs were last told of the register, which is exported itself.",
    "accounts.spending": "What is left of platforms’ allowances of the present hour.",
    "audit.manifest": "For restoring a backup of this installation; what it images is exported itself.",
    "audit.follower": "How far a reader of the trail has come.",
    "audit.sink": "How far copies of the seals have come.",
    "auth.group": _DJANGO,
    "auth.group_permissions": _DJANGO,
    "auth.permission": _DJANGO,
    "contenttypes.contenttype": _DJANGO,
    "django_otp_webauthn.webauthnattestation": _FACTOR,
    "django_otp_webauthn.webauthncredential": _FACTOR,
    "django_otp_webauthn.webauthnuserhandle": _FACTOR,
    "guardian.groupobjectpermission": _PROJECTION,
    "guardian.userobjectpermission": _PROJECTION,
    "insights.reachpull": "When a platform is next asked about reach.",
    "insights.rollupstate": "How fresh the figures are at this moment.",
    "insights.touched": "Which hours of the figures are to be counted anew.",
    "media.leaving": "Which bytes of disposed files are still to be removed from this installation’s store.",
    "moderation.commentwords": "An index for search, made from the comments.",
    "moderation.exposure": "What somebody read, for their own welfare: nobody else’s to have, and gone after a quarter.",
    "moderation.presence": "Who has a page open at this moment.",
    "otp_static.staticdevice": _FACTOR,
    "otp_static.statictoken": _FACTOR,
    "otp_totp.totpdevice": _FACTOR,
    "publishing.calendarfeed": "Secret addresses of calendars, which lead here.",
    "sessions.session": _SIGN_IN,
    "smmp.heartbeat": "Which parts of the platform run at this moment.",
    "smmp.period": "Which periodic work has been begun.",
    "staff.ceremony": _SIGN_IN,
    "staff.directorykey": "Secrets of the directory’s door, which lead here.",
    "staff.failedsignin": _SIGN_IN,
    "staff.knowndevice": _SIGN_IN,
    "staff.providerlogout": _SIGN_IN,
    "staff.refusedaccess": _SIGN_IN,
    "staff.resetask": _SIGN_IN,
    "staff.signinsession": _SIGN_IN,
    "staff.signonidentity": _FACTOR,
    "staff.staffmember_groups": _DJANGO,
    "staff.staffmember_user_permissions": _DJANGO,
}
"""Model label -> why no row of it leaves."""

NOT_OF_A_MODEL = {"django_migrations": "The manifest names the last migration of each room."}
"""Tables of the database that no model stands for -> why no row of them leaves."""

_GUESSED = "A secret, or a hash that one could be guessed from."
_CODE = "A code that would still open something."
_SOURCE = "A keyed hash against floods, which means nothing without its key."

WITHHELD_COLUMNS = {
    ("accounts.apikey", "digest"): _GUESSED,
    ("accounts.hook", "former_sealed"): _GUESSED,
    ("accounts.hook", "former_wrapped_key"): _GUESSED,
    ("accounts.hook", "sealed"): _GUESSED,
    ("accounts.hook", "wrapped_key"): _GUESSED,
    ("accounts.impostor", "known_key"): _SOURCE,
    ("accounts.impostor", "source_key"): _SOURCE,
    ("escalation.callout", "code"): _CODE,
    ("exercise.profile", "token_hash"): _GUESSED,
    ("media.sealedfile", "stored_sha256"): "The address of the encrypted file in this installation’s store.",
    ("media.sealedfile", "wrapped_key"): _GUESSED,
    ("moderation.inquiry", "secret_hash"): _GUESSED,
    ("moderation.inquiry", "source_key"): _SOURCE,
    ("notices.noticedelivery", "words"): _CODE,
    ("staff.staffmember", "is_superuser"): "Always false: nobody is (a constraint of the database).",
    ("staff.staffmember", "password"): _GUESSED,
}
"""Model label and column -> why that column of an exported table does not leave."""

SEALED = (
    "Sealed as a suspected indecent image of a child: only the online child abuse team hands it on, by hand."
)


# Rows that stand apart: of comments that are kept from sight (DPA 2018 s.47), of what hangs on them, and of what
# was referred in confidence

_RESTRICTED = f"c.state = '{Comment.State.RESTRICTED.value}'"
_OF_COMMENT = f"EXISTS (SELECT 1 FROM moderation_comment c WHERE c.id = r.comment_id AND {_RESTRICTED})"  # noqa: S608 # nosec B608 - our own words
_BY_ADDRESS = (
    "EXISTS (SELECT 1 FROM moderation_comment c WHERE c.official_account_id = r.official_account_id "  # noqa: S608 # nosec B608
    f"AND c.external_id = r.external_id AND {_RESTRICTED})"
)
_OF_COMMENTER = (
    "EXISTS (SELECT 1 FROM moderation_comment c WHERE c.commenter_id = r.id) "  # noqa: S608 # nosec B608
    f"AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.commenter_id = r.id AND NOT {_RESTRICTED})"
)
_IN_CONFIDENCE = {
    "escalation.referral": "EXISTS (SELECT 1 FROM escalation_referralkind k WHERE k.id = r.kind_id AND k.private)",
    "notices.notice": "r.in_confidence",
    "notices.noticedelivery": "EXISTS (SELECT 1 FROM notices_notice n WHERE n.id = r.notice_id AND n.in_confidence)",
}
"""What is private to one team, and what told that team of it."""
IN_CONFIDENCE = frozenset(_IN_CONFIDENCE)
_APART = {
    "moderation.comment": _RESTRICTED.replace("c.", "r."),
    "moderation.commenter": _OF_COMMENTER,
    "moderation.rawpayload": _BY_ADDRESS,
    "moderation.quarantined": _BY_ADDRESS,
    **_IN_CONFIDENCE,
}
EVIDENCE_APART = (
    "EXISTS (SELECT 1 FROM moderation_attachment a JOIN moderation_comment c ON c.id = a.comment_id "  # noqa: S608 # nosec B608
    f"WHERE a.file_id = media_sealedfile.id AND {_RESTRICTED}) "
    "AND NOT EXISTS (SELECT 1 FROM moderation_attachment a JOIN moderation_comment c ON c.id = a.comment_id "
    f"WHERE a.file_id = media_sealedfile.id AND NOT {_RESTRICTED})"
)
"""Of the files that came with comments: those that came with restricted ones alone."""


def apart(model: type[Model]) -> str:
    """Which rows of a table few may read, as SQL over its row `r`; empty where all rows are read by the same people."""
    label = model._meta.label_lower
    if label in RESTRICTED:
        return ""
    of_comment = any(field.column == "comment_id" for field in model._meta.concrete_fields)
    return _APART.get(label, _OF_COMMENT if of_comment else "")


@dataclass(frozen=True)
class Table:
    """One table that leaves: its rows as JSON Lines in `file`, the columns in this order.

    where: which of its rows, as SQL over the row `r`; empty: all. apart: it is the part that few may read of a table
    whose other rows stand in a file of their own.
    """

    model: type[Model]
    label: str
    name: str
    file: str
    columns: tuple[str, ...]
    order: str
    where: str = ""
    apart: bool = False


def exported() -> Iterator[Table]:
    """Every table that leaves, by label; twice where some of its rows stand apart."""
    for label in sorted(EXPORTED):
        model = apps.get_model(label)
        meta = model._meta
        assert meta.pk is not None
        folder = "restricted" if label in RESTRICTED else "tables"
        columns = tuple(
            field.column for field in meta.concrete_fields if (label, field.column) not in WITHHELD_COLUMNS
        )
        few = apart(model)
        table = Table(
            model,
            label,
            meta.db_table,
            f"{folder}/{label}.jsonl",
            columns,
            meta.pk.column,
            where=f"NOT ({few})" if few else "",
        )
        yield table
        if few:
            yield replace(table, file=f"restricted/{label}.jsonl", where=few, apart=True)
