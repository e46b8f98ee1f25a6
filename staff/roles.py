"""Every role and every power, readable on one page.

A power is something that may be done; a role is a named set of powers; a grant
(accounts.models.Grant) gives a person or a team one role over some official accounts for a
time. Powers in FORCE_WIDE are not about one official account: holding them anywhere is enough.
"""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    COMMS_OFFICER = "comms_officer", "Communications officer"
    COMMS_APPROVER = "comms_approver", "Communications approver"
    DESK_OPERATOR = "desk_operator", "Digital desk operator"
    DESK_SUPERVISOR = "desk_supervisor", "Digital desk supervisor"
    SURGE_HELPER = "surge_helper", "Surge helper"
    NEIGHBOURHOOD_OFFICER = "neighbourhood_officer", "Neighbourhood officer"
    GUEST_WRITER = "guest_writer", "Guest writer"
    DUTY_COMMAND = "duty_command", "Duty command"
    INFOSEC_AUDITOR = "infosec_auditor", "Information security auditor"
    RECORDS_MANAGER = "records_manager", "Records manager"
    INFORMATION_RIGHTS_OFFICER = "information_rights_officer", "Information rights officer"
    INTELLIGENCE_RECEIVER = "intelligence_receiver", "Intelligence receiver"
    SOURCE_UNIT = "source_unit", "Dedicated source unit"
    PROFESSIONAL_STANDARDS = "professional_standards", "Professional standards"
    ONLINE_CHILD_ABUSE = "online_child_abuse", "Online child abuse team"
    SAFEGUARDING = "safeguarding", "Safeguarding team"
    CONTROL_ROOM = "control_room", "Control room"
    ASSET_OWNER = "asset_owner", "Information asset owner"
    SERVICE_ADMINISTRATOR = "service_administrator", "Service administrator"


class Power(models.TextChoices):
    """What may be done. The words are those of the grants page."""

    SEE_COMMENTS = "see_comments", "See comments and conversations"
    WORK_COMMENTS = "work_comments", "Claim comments and decide on them"
    HIDE_COMMENTS = "hide_comments", "Hide comments with a reason"
    LOOK_AGAIN = "look_again", "Look again at what a colleague has hidden, when its author asks"
    CHECK_DECISIONS = "check_decisions", "Dip-sample colleagues’ closed decisions and say how they were"
    RESTRICT_COMMENTERS = "restrict_commenters", "Delete others’ comments, block and mute, with a reason"
    REPLY = "reply", "Reply as the official account"
    ESCALATE = "escalate", "Escalate a comment to a case"
    SEE_CASES = "see_cases", "See cases"
    ACKNOWLEDGE_CASES = "acknowledge_cases", "Say “I have it” for a case and close it"
    RECORD_INCIDENTS = "record_incidents", "See calls for service and send back their incident numbers"
    SEE_POSTS = "see_posts", "See posts, drafts included"
    WRITE_POSTS = "write_posts", "Write posts and send them for approval"
    PLAN_POSTS = "plan_posts", "Plan appeals, campaigns, incidents, series, templates and media"
    APPROVE_POSTS = "approve_posts", "Approve posts of others"
    SEE_REGISTER = "see_register", "See the register of official accounts"
    MANAGE_REGISTER = "manage_register", "Register and change official accounts"
    # Force-wide
    LOCK_DOWN = "lock_down", "Stop everything that goes out, and lift it"
    GIVE_GRANTS = "give_grants", "Give and end grants"
    MANAGE_STAFF = "manage_staff", "Add staff members and record leavers"
    SEE_AUDIT = "see_audit", "Read the whole audit trail, and assign parts of it"
    SEE_ASSIGNED_AUDIT = "see_assigned_audit", "Read what is assigned to them of the audit trail"
    SET_SAFEGUARDS = "set_safeguards", "Set where a reason is asked, and when an alert is raised"
    SEE_RETENTION = "see_retention", "See the retention schedule, holds and disposals"
    MANAGE_RETENTION = "manage_retention", "Change the schedule, place and lift holds"
    PLACE_HOLDS = "place_holds", "Place a hold on a record"
    TAKE_IN_REQUESTS = "take_in_requests", "Take in requests under information law"
    HANDLE_REQUESTS = "handle_requests", "Search, review and give out what is held about somebody who asks"
    WRITE_GUIDELINES = "write_guidelines", "Write the community guidelines"
    APPROVE_GUIDELINES = "approve_guidelines", "Approve community guidelines that others wrote"
    RUN_EXERCISES = "run_exercises", "Start and stop exercises"
    SET_PATHWAYS = "set_pathways", "Edit pathways, rotas and posts, and switch versions live"
    SEE_HEALTH = "see_health", "See the health of the platform"
    HANDLE_CONDUCT = "handle_conduct", "Decide how somebody leaves for professional standards, and see why"
    SET_REPLIES = "set_replies", "Write the force’s saved replies"
    ASSESS_ACCOUNTS = "assess_accounts", "Assess for communications which official accounts are opened"
    SECURE_ACCOUNTS = "secure_accounts", "Assess for security which official accounts are opened"
    APPROVE_ACCOUNTS = "approve_accounts", "Approve that an official account is opened, and its closure"
    SET_POLICIES = "set_policies", "Write policies and playbooks, and keep who is trained"
    SEE_SCORECARD = "see_scorecard", "See the APP scorecard"
    KEEP_SCORECARD = "keep_scorecard", "Judge and waive duties of the APP, and record its review"
    WRITE_STRATEGY = "write_strategy", "Write the social media strategy"
    APPROVE_STRATEGY = "approve_strategy", "Approve a social media strategy that others wrote"
    OPEN_SEALED = "open_sealed", "Open pictures sealed as suspected child abuse, and lift the seal"


FORCE_WIDE = frozenset(
    {
        Power.ASSESS_ACCOUNTS,
        Power.SECURE_ACCOUNTS,
        Power.APPROVE_ACCOUNTS,
        Power.SET_POLICIES,
        Power.SEE_SCORECARD,
        Power.KEEP_SCORECARD,
        Power.WRITE_STRATEGY,
        Power.APPROVE_STRATEGY,
        Power.OPEN_SEALED,
        Power.SET_REPLIES,
        Power.LOCK_DOWN,
        Power.GIVE_GRANTS,
        Power.MANAGE_STAFF,
        Power.SEE_AUDIT,
        Power.SEE_ASSIGNED_AUDIT,
        Power.SET_SAFEGUARDS,
        Power.SEE_RETENTION,
        Power.MANAGE_RETENTION,
        Power.PLACE_HOLDS,
        Power.TAKE_IN_REQUESTS,
        Power.HANDLE_REQUESTS,
        Power.WRITE_GUIDELINES,
        Power.APPROVE_GUIDELINES,
        Power.RUN_EXERCISES,
        Power.SET_PATHWAYS,
        Power.SEE_HEALTH,
        Power.HANDLE_CONDUCT,
    }
)

ENDS = frozenset({Role.SURGE_HELPER, Role.GUEST_WRITER})
"""Roles that are never given without an end."""

_DESK = {
    Power.SEE_COMMENTS,
    Power.WORK_COMMENTS,
    Power.HIDE_COMMENTS,
    Power.RESTRICT_COMMENTERS,
    Power.REPLY,
    Power.ESCALATE,
    Power.SEE_CASES,
    Power.SEE_POSTS,
    Power.SEE_REGISTER,
    Power.TAKE_IN_REQUESTS,
}

POWERS: dict[str, frozenset[str]] = {
    Role.COMMS_OFFICER: frozenset(
        {
            Power.SEE_COMMENTS,
            Power.WORK_COMMENTS,
            Power.HIDE_COMMENTS,
            Power.LOOK_AGAIN,
            Power.RESTRICT_COMMENTERS,
            Power.REPLY,
            Power.ESCALATE,
            Power.SEE_CASES,
            Power.SEE_POSTS,
            Power.WRITE_POSTS,
            Power.PLAN_POSTS,
            Power.SEE_REGISTER,
            Power.WRITE_GUIDELINES,
            Power.SEE_SCORECARD,
            Power.WRITE_STRATEGY,
            Power.TAKE_IN_REQUESTS,
        }
    ),
    Role.COMMS_APPROVER: frozenset(
        {
            Power.SEE_COMMENTS,
            Power.WORK_COMMENTS,
            Power.HIDE_COMMENTS,
            Power.LOOK_AGAIN,
            Power.RESTRICT_COMMENTERS,
            Power.REPLY,
            Power.ESCALATE,
            Power.SEE_CASES,
            Power.SEE_POSTS,
            Power.WRITE_POSTS,
            Power.PLAN_POSTS,
            Power.APPROVE_POSTS,
            Power.SEE_REGISTER,
            Power.LOCK_DOWN,
            Power.SET_REPLIES,
            Power.WRITE_GUIDELINES,
            Power.APPROVE_GUIDELINES,
            Power.ASSESS_ACCOUNTS,
            Power.SET_POLICIES,
            Power.SEE_SCORECARD,
            Power.KEEP_SCORECARD,
            Power.WRITE_STRATEGY,
            Power.APPROVE_STRATEGY,
            Power.TAKE_IN_REQUESTS,
        }
    ),
    Role.DESK_OPERATOR: frozenset(_DESK),
    Role.DESK_SUPERVISOR: frozenset(
        _DESK
        | {
            Power.LOOK_AGAIN,
            Power.CHECK_DECISIONS,
            Power.ACKNOWLEDGE_CASES,
            Power.LOCK_DOWN,
            Power.RUN_EXERCISES,
            Power.SET_PATHWAYS,
            Power.SEE_HEALTH,
            Power.SET_REPLIES,
            Power.SEE_SCORECARD,
        }
    ),
    # Reads, sorts, passes on and closes what needs nothing; what the public sees is left to the desk.
    # A grant of it has an end (accounts.models.Grant, grant_helper_ends).
    Role.SURGE_HELPER: frozenset({Power.SEE_COMMENTS, Power.WORK_COMMENTS, Power.ESCALATE}),
    Role.NEIGHBOURHOOD_OFFICER: frozenset(
        {
            Power.SEE_COMMENTS,
            Power.WORK_COMMENTS,
            Power.REPLY,
            Power.ESCALATE,
            Power.SEE_POSTS,
            Power.WRITE_POSTS,
            Power.PLAN_POSTS,
            Power.SEE_REGISTER,
        }
    ),
    # Writes on an official account for a day, by the house rules of a takeover, and sees there what is theirs alone: no
    # drafts of others, no comments, no register. A grant of it has an end (accounts.models.Grant, grant_guest_ends).
    Role.GUEST_WRITER: frozenset({Power.WRITE_POSTS}),
    Role.DUTY_COMMAND: frozenset(
        {
            Power.SEE_COMMENTS,
            Power.ESCALATE,
            Power.SEE_CASES,
            Power.ACKNOWLEDGE_CASES,
            Power.SEE_POSTS,
            Power.SEE_REGISTER,
            Power.LOCK_DOWN,
            Power.SET_PATHWAYS,
        }
    ),
    Role.INFOSEC_AUDITOR: frozenset(
        {
            Power.SEE_AUDIT,
            Power.SET_SAFEGUARDS,
            Power.SEE_REGISTER,
            Power.SEE_HEALTH,
            Power.SECURE_ACCOUNTS,
            Power.SEE_SCORECARD,
            Power.KEEP_SCORECARD,
        }
    ),
    Role.RECORDS_MANAGER: frozenset(
        {
            Power.SEE_RETENTION,
            Power.MANAGE_RETENTION,
            Power.PLACE_HOLDS,
            Power.TAKE_IN_REQUESTS,
            Power.HANDLE_REQUESTS,
            Power.SEE_REGISTER,
            Power.SEE_SCORECARD,
        }
    ),
    Role.INFORMATION_RIGHTS_OFFICER: frozenset(
        {
            Power.SEE_RETENTION,
            Power.PLACE_HOLDS,
            Power.TAKE_IN_REQUESTS,
            Power.HANDLE_REQUESTS,
            Power.SEE_REGISTER,
        }
    ),
    # Sees only what is referred to it: referrals carry their own scope, not this table.
    Role.INTELLIGENCE_RECEIVER: frozenset(),
    # As intelligence, and nobody else sees what is referred to it, nor that it was (RIPA 2000 s.29: the use of a source is
    # looked after by people apart from those who work on what they say).
    Role.SOURCE_UNIT: frozenset(),
    # Information security assigns what they see of the trail (audit.models.Assignment).
    Role.PROFESSIONAL_STANDARDS: frozenset(
        {Power.SEE_ASSIGNED_AUDIT, Power.PLACE_HOLDS, Power.HANDLE_CONDUCT, Power.SEE_SCORECARD}
    ),
    # Opens what the desk sealed, and nothing else here: no comments, no accounts.
    Role.ONLINE_CHILD_ABUSE: frozenset({Power.OPEN_SEALED}),
    # As intelligence: what is referred to it, and nothing else here.
    Role.SAFEGUARDING: frozenset(),
    # For the command and control system, by its key, and for people who type numbers by hand there.
    Role.CONTROL_ROOM: frozenset({Power.RECORD_INCIDENTS}),
    Role.ASSET_OWNER: frozenset(
        {
            Power.SEE_REGISTER,
            Power.SEE_POSTS,
            Power.SEE_RETENTION,
            Power.SEE_HEALTH,
            Power.APPROVE_ACCOUNTS,
            Power.SEE_SCORECARD,
            Power.KEEP_SCORECARD,
            Power.APPROVE_STRATEGY,
        }
    ),
    Role.SERVICE_ADMINISTRATOR: frozenset(
        {
            Power.SEE_REGISTER,
            Power.MANAGE_REGISTER,
            Power.GIVE_GRANTS,
            Power.MANAGE_STAFF,
            Power.SET_POLICIES,
            Power.SET_SAFEGUARDS,
            Power.RUN_EXERCISES,
            Power.SET_PATHWAYS,
            Power.SEE_HEALTH,
            Power.SEE_SCORECARD,
        }
    ),
}
