"""What each database role may do. Applied by the owner after every migration; safe to repeat.

- the owner migrates;
- the application reads and writes, but deletes only from DELETABLE, and on the append-only
  tables it holds INSERT and SELECT alone;
- the disposer deletes, and only inside one SECURITY DEFINER function (retention).
"""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from retention import sql as disposing
from smmp.backups import gate

APP_ROLE = "smmp_app"
DISPOSER_ROLE = "smmp_disposer"

APPEND_ONLY = frozenset(
    {
        "audit_entry",
        "audit_place",
        "audit_segment",
        "audit_sealkey",
        "moderation_rawpayload",
        "moderation_revision",
        "moderation_note",
        "moderation_purpose",
        "moderation_label",
        "moderation_triageswitch",
        "moderation_savedreplychange",
        "moderation_messagingdecision",
        "moderation_automaticanswer",
        "moderation_thrive",
        "accounts_mandatestep",
        "accounts_securitycheck",
        "publishing_postchange",
        "publishing_campaignchange",
        "publishing_logsummary",
        "publishing_questionchange",
        "publishing_concernchange",
        "publishing_approval",
        "publishing_correctionapproval",
        "publishing_judgement",
        "publishing_override",
        "publishing_requirement",
        "publishing_telephoneapproval",
        "publishing_deliverychange",
        "publishing_appealchange",
        "publishing_longershown",
        "escalation_logentry",
        "escalation_caselink",
        "escalation_clockchange",
        "escalation_handoversignature",
        "escalation_intelligencesource",
        "escalation_intelligencestep",
        "retention_schedulechange",
        "retention_tombstone",
        "retention_salt",
        "retention_transfer",
        "retention_bundle",
        "retention_disclosure",
        "retention_erasure",
        "retention_requestchange",
        "retention_archivedrecord",
        "insights_alertchange",
        "insights_dutyrecord",
        "insights_exercisedebrief",
        "insights_meetingattendance",
        "insights_rumourchange",
        "insights_rumourevidence",
        "insights_scorecardmeeting",
        "insights_strategychange",
        "staff_conductrequest",
        "staff_handover",
    }
)
"""History: the application adds and reads, and changes nothing."""

DELETABLE = frozenset(
    {
        "django_session",
        "staff_failedsignin",
        "staff_refusedaccess",
        "staff_knowndevice",
        "staff_signinsession",
        "staff_signonidentity",
        "staff_providerlogout",
        "staff_resetask",
        "otp_static_statictoken",
        "otp_totp_totpdevice",
        "django_otp_webauthn_webauthncredential",
        "django_otp_webauthn_webauthnattestation",
        "staff_ceremony",
        "accounts_accountpermission",
        "accounts_keptanswer",
        "accounts_connectattempt",
        "moderation_replydraft",
        "audit_savedsearch",
        "audit_manifest",
        "moderation_lookup",
        "moderation_presence",
        "escalation_alert",
        "moderation_exposure",
        "insights_commenthour",
        "insights_commentday",
        "insights_commenttime",
        "insights_eventhour",
        "insights_eventday",
        "insights_touched",
        "smmp_period",
        "media_leaving",
    }
)
"""Sessions, one-use codes, throttles, projections, drafts and leases: not records of anything."""

CHANGEABLE = {"media_sealedfile": ("wrapped_key",)}
"""Tables to which the application adds, and of which it changes the named columns and no other: exhibits."""

DISPOSABLE = frozenset(
    {
        "insights_report",
        "moderation_comment",
        "moderation_revision",
        "moderation_firstsight",
        "moderation_note",
        "moderation_decision",
        "moderation_replydraft",
        "moderation_rawpayload",
        "moderation_quarantined",
        "moderation_commenter",
        "moderation_conversation",
        "moderation_attachment",
        "accounts_impostor",
        "accounts_impostorstep",
        "exercise_line",
        "exercise_run",
        "media_file",
        "media_sealedfile",
        "moderation_actreview",
        "moderation_block",
        "moderation_inquiry",
        "moderation_reconsideration",
        "moderation_withholding",
        "moderation_tip",
        "moderation_tipcontact",
        "moderation_tipfile",
        "notices_notice",
        "notices_noticedelivery",
        "retention_bundle",
        "retention_disclosure",
        "retention_erasure",
        "retention_founditem",
        "retention_requestchange",
        "retention_requestsubject",
        "retention_rightsrequest",
        "publishing_post",
        "publishing_variant",
        "publishing_delivery",
        "publishing_deliverychange",
        "publishing_lockdownstop",
        "publishing_lockdownexception",
        "publishing_takedown",
        "publishing_correction",
        "publishing_correctionapproval",
        "publishing_requirement",
        "publishing_approval",
        "publishing_telephoneapproval",
        "publishing_judgement",
        "publishing_override",
        "publishing_declaration",
        "publishing_followup",
        "publishing_afterlook",
        "publishing_longershown",
        "publishing_postquestion",
        "publishing_posttag",
        "publishing_postvideo",
        "publishing_postpicture",
        "publishing_postchange",
        "publishing_logline",
        "publishing_appeal",
        "publishing_appealaccount",
        "publishing_appealpicture",
        "publishing_appealpost",
        "publishing_appealchange",
        "publishing_asset",
        "publishing_concern",
        "publishing_concernchange",
        "publishing_engagement",
        "publishing_question",
        "publishing_questionchange",
        "staff_staffmember",
        "staff_allowance",
        "staff_conductmatter",
        "staff_conductrequest",
        "staff_conductspan",
        "staff_departure",
        "staff_lastseen",
        "staff_directoryperson",
        "staff_signonidentity",
        "audit_savedsearch",
        "escalation_case",
        "escalation_alert",
        "escalation_logentry",
        "escalation_caselink",
        "escalation_clockchange",
        "escalation_assessment",
        "escalation_callout",
        "escalation_referral",
        "escalation_ownpost",
        "escalation_involved",
        "escalation_appealcase",
        "escalation_requestcase",
        "escalation_casetip",
        "escalation_casecomment",
        "escalation_intelligencereport",
        "escalation_intelligencesource",
        "escalation_intelligencestep",
    }
)
"""Tables from which the disposer deletes. Each is reached only through the function of its record class."""

WRITTEN_BY_DISPOSAL = frozenset({"retention_tombstone", "retention_salt"})
"""Which the application reads alone: what went, and the salt of its hashes."""

DISPOSER_READS = (
    "retention_archivedrecord",
    "retention_archiveoffer",
    "retention_hold",
    "retention_restriction",
    "retention_review",
    "retention_schedulerow",
    "retention_disposal",
    "retention_salt",
    "moderation_automaticanswer",
    "insights_exercisedebrief",
    "insights_rumourpost",
    "moderation_childseal",
    "smmp_import",
    "smmp_imported",
)
"""What the disposer reads to know whether a record may go."""

DISPOSER_FUNCTIONS = (disposing.DISPOSE, "smmp_take_back_messages(bigint)")
"""What runs with the disposer's rights: disposal, and taking back messages that came in by mistake."""

OWNER_FUNCTIONS = (
    "smmp_ensure_months(text, date, int)",
    "retention_drop_months()",
    "retention_drop_audit_months()",
)
"""Partitions come and go only through these, which run with the owner's rights."""


def apply_grants() -> None:
    """Give each role exactly its rights. Run as the owner; raises ProgrammingError otherwise."""
    tables = set(connection.introspection.table_names())
    append_only = {
        t for t in tables if t in APPEND_ONLY or t.startswith(("audit_entry_", "moderation_rawpayload_"))
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[APP_ROLE, DISPOSER_ROLE]])
        roles = {name for (name,) in cursor.fetchall()}
        missing = {APP_ROLE, DISPOSER_ROLE} - roles
        if missing:
            raise LookupError(
                f"The database has no role {' and no role '.join(sorted(missing))}. "
                "Create them as docs/operations.md says, then migrate again."
            )
        quote = connection.ops.quote_name
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {DISPOSER_ROLE}")
        if not gate.is_closed():
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
        for table in sorted(tables):
            name = quote(table)
            cursor.execute(f"REVOKE ALL ON {name} FROM {APP_ROLE}")
            if table == "django_migrations":
                rights = "SELECT"
            elif table in append_only:
                rights = "SELECT" if table in WRITTEN_BY_DISPOSAL else "SELECT, INSERT"
            elif table in CHANGEABLE:
                rights = f"SELECT, INSERT, UPDATE ({', '.join(CHANGEABLE[table])})"
            else:
                rights = "SELECT, INSERT, UPDATE" + (", DELETE" if table in DELETABLE else "")
            cursor.execute(f"GRANT {rights} ON {name} TO {APP_ROLE}")
            cursor.execute(f"REVOKE ALL ON {name} FROM {DISPOSER_ROLE}")
            if table in DISPOSABLE:
                cursor.execute(f"GRANT SELECT, DELETE, UPDATE ON {name} TO {DISPOSER_ROLE}")
        for table in DISPOSER_READS:
            cursor.execute(f"GRANT SELECT ON {table} TO {DISPOSER_ROLE}")
        cursor.execute(f"GRANT SELECT, INSERT ON retention_tombstone TO {DISPOSER_ROLE}")
        cursor.execute(f"GRANT SELECT, INSERT ON media_leaving TO {DISPOSER_ROLE}")
        for table in ("retention_tombstone", "media_leaving"):
            cursor.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {DISPOSER_ROLE}")
        for statement in disposing.statements():
            cursor.execute(statement)
        cursor.execute(f"GRANT CREATE ON SCHEMA public TO {DISPOSER_ROLE}")
        for function in DISPOSER_FUNCTIONS:
            cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
            cursor.execute(f"ALTER FUNCTION {function} OWNER TO {DISPOSER_ROLE}")
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP_ROLE}")
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {DISPOSER_ROLE}")
        for function in OWNER_FUNCTIONS:
            cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP_ROLE}")


def record_classes() -> dict[str, str]:
    """Every model of ours and the record class it declares."""
    ours = {
        config.label
        for config in apps.get_app_configs()
        if not config.name.startswith(("django", "guardian"))
    }
    return {
        model._meta.label_lower: getattr(model, "record_class", "")
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours
    }
