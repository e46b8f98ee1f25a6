"""Who may open what: one line for every address of the platform and every way to ask it.

The table says what shall be. `tests/access` asks each address in fact, as each role within and beyond its
official accounts, and fails where an answer differs or an address has no line; `manage.py access-matrix`
writes the table out role by role as docs/access-matrix.md. A new address needs one line under its route name:

    "moderation:hide": [post(Power.HIDE_COMMENTS, of="comment", gives={"revision": 1, "clause": "{clause}"})],

A line without powers is for anyone signed in with both factors. Where no record stands ready for `of`,
write of="no record": the page is then asked for one that does not exist, which still tells refused from let in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from insights import queries_reports
from insights.dashboards import DASHBOARDS
from publishing.actions.outbox import POWER as POWER_TO_SEND
from staff.roles import FORCE_WIDE, POWERS, Power, Role

OF_AN_ACCOUNT = frozenset(
    {
        "account",
        "comment",
        "commenter",
        "claimed comment",
        "hidden comment",
        "decided comment",
        "alert",
        "waiting case",
        "acknowledged case",
        "closed case",
        "draft",
        "submitted post",
        "held reply",
        "appeal",
        "tip",
    }
)
"""Records of one official account: beyond one's own official accounts there are none of them."""

OF_A_PERSON = frozenset({"notice"})
"""Records that are somebody's own: nobody else has them, whatever their role."""


class Answer(Enum):
    """What somebody gets. The words are those of docs/access-matrix.md."""

    LET_IN = "yes"
    REFUSED = "refused"
    NOT_THERE = "not there"


@dataclass(frozen=True)
class Line:
    """One way to ask one address, and who is let in.

    needs: any one of these powers opens it; none: anyone signed in.
    of: which record it is about. sees: the powers by which that record is found, where other than `needs`.
    does: the powers, one of them on that record, by which it is done, where other than `needs`.
    over_all: the power must be held over all official accounts.
    gives: what the form or the query says; "{clause}" and its like stand for numbers of records.
    answers: statuses from 400 up that mean "let in" here.
    """

    method: str
    needs: tuple[str, ...] = ()
    of: str = ""
    sees: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    over_all: bool = False
    public: bool = False
    key: bool = False
    """A key of a service identity opens it, and no session."""
    ends_session: bool = False
    gives: Mapping[str, Any] = field(default_factory=dict)
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[int, ...] = ()

    @property
    def names_an_account(self) -> bool:
        """Whether the form says which official account is meant."""
        return "{account}" in self.gives.values() or ["{account}"] in self.gives.values()


def get(*needs: str, **more: Any) -> Line:
    return Line("GET", tuple(needs), **more)


def post(*needs: str, **more: Any) -> Line:
    return Line("POST", tuple(needs), **more)


def by_key(method: str, *needs: str, **more: Any) -> Line:
    return Line(method, tuple(needs), key=True, **more)


NEVER = "nobody"
"""A power that there is not: what no grant opens."""

_SEES_COMMENTS = (Power.SEE_COMMENTS,)
_SEES_CASES = (Power.SEE_CASES,)
_LADDERS = (Power.SEE_CASES, Power.SET_PATHWAYS)
_SEES_POSTS = (Power.SEE_POSTS,)
_SENDS = tuple(sorted({*POWER_TO_SEND.values(), Power.LOCK_DOWN}))
_WHY = {"why": "Because of the matrix"}
_RETENTION = (Power.SEE_RETENTION, Power.PLACE_HOLDS)
_TRAIL = (Power.SEE_AUDIT, Power.SEE_ASSIGNED_AUDIT)
_MOVES_IN = (Power.MANAGE_STAFF, Power.SET_REPLIES, Power.PLAN_POSTS, Power.MANAGE_REGISTER)
_FIGURES = tuple(sorted({power for one in DASHBOARDS.values() for power in one.opens}))
_WORDS = {"handle": "jo_harrow", "text": "Is the bridge open?"}


_REPORTS = queries_reports.OPENS


def _on_comment(power: str, of: str = "comment", **gives: Any) -> list[Line]:
    return [post(power, of=of, sees=_SEES_COMMENTS, gives=gives)]


def _token(*methods: str, **more: Any) -> list[Line]:
    """Addresses of the exercise network's connectors and of the directory: a token, no session, opens them."""
    return [Line(method, public=True, answers=(401,), **more) for method in methods]


TABLE: dict[str, list[Line]] = {
    "home": [get()],
    "home_changed": [get()],
    "go": [get()],
    # Signing in, and oneself
    "staff:sign_in": [get(public=True), post(public=True, answers=(422,))],
    "staff:second_factor": [get(), post()],
    "staff:set_up_second_factor": [get(), post()],
    "staff:authenticator_picture": [get(answers=(404,))],
    "staff:passkey_options": [post()],
    "staff:forgotten": [get(public=True), post(public=True, gives={"email": "nobody@wealdshire.example"})],
    "staff:new_password": [
        get(public=True, kwargs={"token": "spent"}, answers=(422,)),
        post(public=True, kwargs={"token": "spent"}, answers=(422,)),
    ],
    "staff:sign_on": [get(public=True, answers=(404,))],
    "staff:sign_on_back": [get(public=True, answers=(404,))],
    "staff:sign_on_again": [get(answers=(404,))],
    "staff:signed_out_there": [post(public=True, answers=(404,))],
    "staff:sign_out_there": [get(public=True, answers=(404,))],
    "staff:step_up": [get(), post(answers=(422,))],
    "staff:sign_out": [post(public=True, ends_session=True)],
    "staff:enrol": [
        get(public=True, kwargs={"token": "spent"}, answers=(422,)),
        post(public=True, kwargs={"token": "spent"}, answers=(422,)),
    ],
    "staff:profile": [get(), post(gives={"theme": "system"})],
    "staff:change_password": [get(), post(answers=(422,))],
    "staff:renew_recovery_codes": [post()],
    "staff:factors": [get()],
    "staff:add_app": [get(), post(answers=(422,))],
    "staff:remove_app": [post(answers=(409,))],
    "staff:new_passkey_options": [post()],
    "staff:enrol_passkey": [post(answers=(422,))],
    "staff:rename_passkey": [post(of="no record", answers=(404,))],
    "staff:remove_passkey": [post(of="no record", answers=(404, 422))],
    "staff:sign_out_everywhere": [post(ends_session=True)],
    "staff:sessions": [get()],
    "staff:end_session": [post(of="no record")],
    "staff:sessions_of": [get(Power.MANAGE_STAFF, of="member")],
    "staff:note_use": [post()],
    "staff:lock_screen": [post(ends_session=True)],
    "staff:change_person": [post(public=True, ends_session=True)],
    "staff:allowances": [get(Power.MANAGE_STAFF), post(Power.MANAGE_STAFF, answers=(422,))],
    "staff:end_allowance": [post(Power.MANAGE_STAFF, of="no record")],
    "notices:list": [get()],
    "notices:bell": [get()],
    "notices:alarm": [get()],
    "notices:see_all": [post()],
    "notices:see": [post(of="notice")],
    "media:show": [get(of="no record")],
    "media:fetch": [get(public=True, kwargs={"token": "forged"}, answers=(404,))],
    # The trail
    "audit:trail": [get(*_TRAIL)],
    "audit:who_saw": [get(*_TRAIL, gives={"comment": "{comment}"})],
    "audit:record": [get(*_TRAIL, of="comment", kwargs={"kind": "comment"})],
    "audit:person": [get(*_TRAIL, of="member", sees=(Power.SEE_AUDIT,))],
    "audit:person_span": [
        get(*_TRAIL, of="member", sees=(Power.SEE_AUDIT,), kwargs={"span": "night-2026-11-22"})
    ],
    "audit:export": [
        get(*_TRAIL),
        post(*_TRAIL, gives={"format": "csv", "to": "DI S. Kerr", "reason": "Matrix"}),
    ],
    "audit:give_reason": [post(*_TRAIL, gives={"reason": "PSD-0418"})],
    "audit:save_search": [post(*_TRAIL, gives={"name": "Tonight"}, answers=(422,))],
    "audit:delete_search": [post(*_TRAIL, of="no record")],
    "audit:assignments": [get(*_TRAIL)],
    "audit:assign": [get(Power.SEE_AUDIT), post(Power.SEE_AUDIT, answers=(422,))],
    "audit:end_assignment": [post(Power.SEE_AUDIT, of="no record")],
    "audit:safeguards": [
        get(Power.SET_SAFEGUARDS),
        post(Power.SET_SAFEGUARDS, gives={"of": "audit.view", "mode": "optional"}),
    ],
    "audit:events": [get(*_TRAIL, Power.SET_SAFEGUARDS)],
    "audit:seal": [get(Power.SEE_AUDIT)],
    "audit:sealed_export": [get(Power.SEE_AUDIT), post(Power.SEE_AUDIT, answers=(422,))],
    "audit:proof": [get(Power.SEE_AUDIT, of="no record")],
    "audit:proof_file": [get(Power.SEE_AUDIT, of="no record")],
    # The register, grants and people
    "accounts:register": [get(Power.SEE_REGISTER)],
    "accounts:mandates": [get(Power.SEE_REGISTER)],
    "accounts:request_account": [
        get(Power.SEE_REGISTER),
        post(
            Power.SEE_REGISTER,
            gives={
                "kind": "team",
                "platform": "mastodon",
                "handle": "wanted@social.example",
                "name": "Wanted",
                "purpose": "News",
                "audience": "Everybody",
                "reasons": "None there",
                "content_plan": "Weekly",
                "trained": "All",
                "owner": "{member}",
            },
        ),
    ],
    "accounts:mandate": [
        get(Power.SEE_REGISTER, of="no record"),
        post(Power.SEE_REGISTER, of="no record", gives={"do": "review", "words": "Seen"}),
    ],
    "accounts:particulars": [
        get(Power.MANAGE_REGISTER, of="no record"),
        post(Power.MANAGE_REGISTER, of="no record"),
    ],
    "accounts:begin_particulars": [post(Power.MANAGE_REGISTER, of="account", sees=(Power.SEE_REGISTER,))],
    "accounts:administrators": [
        get(Power.SEE_REGISTER, of="account"),
        post(Power.SEE_REGISTER, of="account", answers=(422,)),
    ],
    "accounts:impostors": [get(Power.SEE_REGISTER), post(Power.SEE_REGISTER, answers=(422,))],
    "accounts:impostor": [
        get(Power.SEE_REGISTER, of="no record"),
        post(Power.SEE_REGISTER, of="no record", gives={"do": "warn", "words": "There"}),
    ],
    "accounts:naming_rules": [get(Power.SEE_REGISTER), post(Power.SEE_REGISTER, answers=(422,))],
    "accounts:policies": [get()],
    "accounts:policy": [get(of="no record"), post(of="no record", gives={"seen": 1})],
    "accounts:write_page": [get(Power.SET_POLICIES), post(Power.SET_POLICIES, answers=(422,))],
    "accounts:write_version": [
        get(Power.SET_POLICIES, of="no record"),
        post(Power.SET_POLICIES, of="no record"),
    ],
    "accounts:training": [get(Power.SET_POLICIES), post(Power.SET_POLICIES, answers=(422,))],
    "accounts:training_list": [get(Power.SET_POLICIES), post(Power.SET_POLICIES, answers=(422,))],
    "accounts:training_template": [get(Power.SET_POLICIES)],
    "accounts:faults": [get(Power.SEE_REGISTER)],
    "accounts:coverage": [get(Power.SEE_REGISTER)],
    "accounts:coverage_of": [
        get(Power.SEE_REGISTER, of="account"),
        post(Power.SEE_REGISTER, of="account", answers=(422,)),
    ],
    "accounts:security_of": [
        get(Power.SEE_REGISTER, of="account"),
        post(Power.SEE_REGISTER, of="account", answers=(422,)),
    ],
    "accounts:continuity": [
        get(Power.SEE_REGISTER),
        post(Power.SEE_REGISTER, does=(Power.SET_POLICIES,), gives={"accounts": 2, "minutes": 15}),
    ],
    "accounts:continuity_contacts": [
        get(Power.LOCK_DOWN, Power.SET_POLICIES),
        post(Power.LOCK_DOWN, Power.SET_POLICIES, answers=(422,)),
    ],
    "accounts:continuity_sheet": [get(Power.LOCK_DOWN, Power.SET_POLICIES)],
    "accounts:continuity_plan": [
        get(Power.SEE_REGISTER, kwargs={"what": "exercise"}),
        post(
            Power.SEE_REGISTER,
            does=(Power.LOCK_DOWN, Power.SET_POLICIES),
            kwargs={"what": "exercise"},
            gives={"do": "raise", **_WHY},
        ),
    ],
    "accounts:continuity_write": [
        get(Power.SET_POLICIES, kwargs={"what": "exercise"}),
        post(Power.SET_POLICIES, kwargs={"what": "exercise"}, answers=(422,)),
    ],
    "accounts:continuity_test": [
        get(Power.SEE_REGISTER, kwargs={"what": "exercise"}, answers=(404,)),
        post(Power.SEE_REGISTER, kwargs={"what": "exercise"}, answers=(404,)),
    ],
    "accounts:continuity_history": [get(Power.SEE_REGISTER, kwargs={"what": "exercise"}, answers=(404,))],
    "accounts:continuity_paper_log": [get(Power.SEE_REGISTER, kwargs={"what": "product"})],
    "accounts:register_new": [
        get(Power.MANAGE_REGISTER),
        post(
            Power.MANAGE_REGISTER,
            over_all=True,
            gives={"platform": "bluesky", "handle": "new.example", "name": "New", "owner": "{member}"},
        ),
    ],
    "accounts:account": [get(Power.SEE_REGISTER, of="account")],
    "accounts:store_credential": [
        post(Power.MANAGE_REGISTER, of="account", sees=(Power.SEE_REGISTER,), gives={"secret": "a token"})
    ],
    "insights:costs": [get(Power.SEE_POSTS)],
    "insights:figures": [get(*_FIGURES)],
    "insights:dashboard": [get(*_FIGURES, does=(Power.CHECK_DECISIONS,), kwargs={"slug": "desk"})],
    "insights:picture": [
        get(*_FIGURES, does=_SEES_COMMENTS, kwargs={"slug": "neighbourhood", "name": "categories"})
    ],
    "moderation:paper_logs": [get(Power.REPLY)],
    "moderation:paper_log": [get(Power.REPLY), post(Power.REPLY, answers=(422,))],
    "moderation:paper_log_template": [get(Power.REPLY)],
    "moderation:paper_line": [post(Power.REPLY, of="no record", gives={"do": "leave", **_WHY})],
    "moderation:add_by_hand": [
        get(Power.REPLY, of="no record"),
        post(Power.REPLY, of="no record", gives={"what": "pasted"}),
    ],
    "accounts:connect": [
        post(Power.MANAGE_REGISTER, of="account", sees=(Power.SEE_REGISTER,), answers=(422,))
    ],
    "accounts:connected": [get(Power.MANAGE_REGISTER, kwargs={"platform": "x"}, answers=(422,))],
    "accounts:check_connection": [post(Power.MANAGE_REGISTER, of="account", sees=(Power.SEE_REGISTER,))],
    "accounts:declare_native": [
        get(Power.MANAGE_REGISTER, of="account", sees=(Power.SEE_REGISTER,)),
        post(
            Power.MANAGE_REGISTER,
            of="account",
            sees=(Power.SEE_REGISTER,),
            gives={"person": "{member}"},
            answers=(422,),
        ),
    ],
    "accounts:end_native": [post(Power.MANAGE_REGISTER, of="no record")],
    "accounts:note_app": [
        get(Power.MANAGE_REGISTER, of="account", sees=(Power.SEE_REGISTER,)),
        post(
            Power.MANAGE_REGISTER,
            of="account",
            sees=(Power.SEE_REGISTER,),
            gives={"name": "Scheduler for all", "need": "None"},
        ),
    ],
    "accounts:change_app": [
        get(Power.MANAGE_REGISTER, of="no record"),
        post(Power.MANAGE_REGISTER, of="no record"),
    ],
    "accounts:remove_app": [post(Power.MANAGE_REGISTER, of="no record")],
    "accounts:set_pace": [
        post(
            Power.APPROVE_POSTS,
            of="account",
            sees=(Power.SEE_REGISTER,),
            gives={"posts_apart_s": 30, "replies_apart_s": 2},
        )
    ],
    "accounts:change_status": [
        post(
            Power.MANAGE_REGISTER,
            of="account",
            sees=(Power.SEE_REGISTER,),
            gives={"status": "suspended", **_WHY},
        )
    ],
    "moving": [get(*_MOVES_IN), post(*_MOVES_IN, answers=(422,))],
    "moving_one": [get(*_MOVES_IN, of="no record"), post(*_MOVES_IN, of="no record", gives={"do": "back"})],
    "moving_report": [get(*_MOVES_IN, of="no record")],
    "side_by_side": [get(*_MOVES_IN)],
    "accounts:proof": [
        get(Power.SEE_REGISTER, of="account"),
        post(
            Power.SEE_REGISTER,
            of="account",
            sees=(Power.SEE_REGISTER,),
            does=(Power.MANAGE_REGISTER,),
            gives={"kind": "rel_me"},
            answers=(422,),
        ),
    ],
    "accounts:hooks": [
        get(Power.MANAGE_STAFF, of="service"),
        post(Power.MANAGE_STAFF, of="service", answers=(422,)),
    ],
    "accounts:hook": [
        get(Power.MANAGE_STAFF, of="no record"),
        post(Power.MANAGE_STAFF, of="no record", gives={"do": "test"}),
    ],
    "accounts:enter_accounts": [
        get(Power.MANAGE_REGISTER, over_all=True),
        post(Power.MANAGE_REGISTER, over_all=True, answers=(422,)),
    ],
    "accounts:accounts_template": [get(Power.MANAGE_REGISTER)],
    "accounts:import_areas": [
        get(Power.MANAGE_REGISTER, over_all=True),
        post(Power.MANAGE_REGISTER, over_all=True, answers=(422,)),
    ],
    "accounts:neighbourhoods": [
        get(Power.MANAGE_REGISTER, over_all=True),
        post(Power.MANAGE_REGISTER, over_all=True, gives={"name": "Northmoor"}),
    ],
    "accounts:grants": [get(Power.GIVE_GRANTS, Power.SEE_AUDIT)],
    "accounts:give_grant": [
        get(Power.GIVE_GRANTS),
        post(Power.GIVE_GRANTS, gives={"person": "{member}", "role": Role.COMMS_OFFICER, **_WHY}),
    ],
    "accounts:end_grant": [
        get(Power.GIVE_GRANTS, of="grant"),
        post(Power.GIVE_GRANTS, of="grant", gives=_WHY),
    ],
    "accounts:powers": [get()],
    "accounts:staff": [get(Power.MANAGE_STAFF)],
    "accounts:add_member": [
        get(Power.MANAGE_STAFF),
        post(Power.MANAGE_STAFF, gives={"name": "Nia New", "email": "nia.new@wealdshire.example"}),
    ],
    "accounts:member": [get(Power.MANAGE_STAFF, of="member")],
    "accounts:release_sign_on": [post(Power.MANAGE_STAFF, of="member")],
    "accounts:staff_lists": [get(Power.MANAGE_STAFF), post(Power.MANAGE_STAFF, answers=(422,))],
    "accounts:staff_list_template": [get(Power.MANAGE_STAFF)],
    "accounts:staff_list": [get(Power.MANAGE_STAFF, of="no record")],
    "accounts:apply_staff_list": [post(Power.MANAGE_STAFF, of="no record")],
    "accounts:directory": [get(Power.MANAGE_STAFF)],
    "accounts:make_directory_key": [
        get(Power.MANAGE_STAFF),
        post(Power.MANAGE_STAFF, gives={"name": "Entra ID", "days": "90"}),
    ],
    "accounts:renew_directory_key": [post(Power.MANAGE_STAFF, of="no record")],
    "accounts:revoke_directory_key": [
        get(Power.MANAGE_STAFF, of="no record"),
        post(Power.MANAGE_STAFF, of="no record", gives=_WHY),
    ],
    "accounts:hand_over_team": [get(Power.MANAGE_STAFF), post(Power.MANAGE_STAFF, answers=(422,))],
    "accounts:send_link": [post(Power.MANAGE_STAFF, of="member")],
    "accounts:renew_sign_in": [
        post(Power.MANAGE_STAFF, of="member", gives={"renewal-why": "Lost the phone"})
    ],
    "accounts:agree_renewal": [post(Power.MANAGE_STAFF, of="member", answers=(404,))],
    "accounts:refuse_renewal": [
        post(Power.MANAGE_STAFF, of="member", gives={"refusal-why": "Found it"}, answers=(404,))
    ],
    "accounts:change_email": [
        post(Power.MANAGE_STAFF, of="member", gives={"email": "moved@wealdshire.example"})
    ],
    "accounts:record_leaver": [
        get(Power.MANAGE_STAFF, of="member"),
        post(Power.MANAGE_STAFF, of="member", gives={"kind": "resigned", **_WHY}),
    ],
    "accounts:bring_back": [
        get(Power.MANAGE_STAFF, of="no record"),
        post(Power.MANAGE_STAFF, of="no record", gives=_WHY),
    ],
    "accounts:record_move": [
        get(Power.MANAGE_STAFF, of="member"),
        post(Power.MANAGE_STAFF, of="member", gives=_WHY),
    ],
    "accounts:departures": [get(Power.MANAGE_STAFF)],
    "accounts:departure": [get(Power.MANAGE_STAFF, of="no record")],
    "accounts:call_off_departure": [post(Power.MANAGE_STAFF, of="no record", gives=_WHY)],
    "accounts:sign_step": [post(Power.MANAGE_STAFF, of="no record")],
    "accounts:taken_over": [get(of="no record")],
    "accounts:teams": [get(Power.MANAGE_STAFF), post(Power.MANAGE_STAFF, gives={"name": "Night desk"})],
    "accounts:team": [get(Power.MANAGE_STAFF, of="no record")],
    "accounts:change_place": [post(Power.MANAGE_STAFF, of="no record")],
    "accounts:ask": [get(), post(gives={"role": Role.COMMS_OFFICER, **_WHY})],
    "accounts:requests": [get(Power.GIVE_GRANTS)],
    "accounts:answer_request": [post(Power.GIVE_GRANTS, of="no record", gives={"do": "give"})],
    "accounts:glasses": [get()],
    "accounts:ask_glass": [
        get(),
        post(gives={"role": Role.COMMS_APPROVER, "hours": "1", **_WHY}, answers=(409, 422)),
    ],
    "accounts:glass": [get(of="no record")],
    "accounts:agree_glass": [post(Power.GIVE_GRANTS, Power.LOCK_DOWN, of="no record")],
    "accounts:refuse_glass": [post(of="no record", gives=_WHY)],
    "accounts:close_glass": [post(of="no record", gives=_WHY)],
    "accounts:review_glass": [post(Power.SEE_AUDIT, of="no record")],
    "accounts:review": [get(Power.GIVE_GRANTS)],
    "accounts:change_policy": [post(Power.GIVE_GRANTS, answers=(422,))],
    "accounts:open_campaign": [post(Power.GIVE_GRANTS, gives={"campaign-title": "Matrix"})],
    "accounts:campaign": [get(Power.GIVE_GRANTS, of="no record")],
    "accounts:confirm": [get()],
    "accounts:decide_confirmation": [post(of="no record", gives={"verdict": "keep"})],
    "accounts:conduct": [get(Power.HANDLE_CONDUCT)],
    "accounts:decide_matter": [
        get(Power.HANDLE_CONDUCT),
        post(Power.HANDLE_CONDUCT, gives={"member": "{member}", "kind": "covert", **_WHY}),
    ],
    "accounts:matter": [get(Power.HANDLE_CONDUCT, of="no record")],
    "accounts:end_matter": [post(Power.HANDLE_CONDUCT, of="no record", gives=_WHY)],
    "accounts:close_matter": [post(Power.HANDLE_CONDUCT, of="no record", gives=_WHY)],
    "accounts:take_trail": [post(Power.HANDLE_CONDUCT, of="no record", gives=_WHY)],
    "accounts:export_matter": [get(Power.HANDLE_CONDUCT, of="no record")],
    "accounts:services": [get(Power.MANAGE_STAFF)],
    "accounts:add_service": [
        get(Power.MANAGE_STAFF),
        post(
            Power.MANAGE_STAFF,
            gives={"name": "Telephony", "purpose": "Logs", "owner": "{member}", "networks": "192.0.2.0/24"},
        ),
    ],
    "accounts:service": [get(Power.MANAGE_STAFF, of="service")],
    "accounts:change_service": [
        post(
            Power.MANAGE_STAFF,
            of="service",
            gives={"change-owner": "{member}", "change-networks": "192.0.2.0/24"},
        )
    ],
    "accounts:make_key": [post(Power.MANAGE_STAFF, of="service", answers=(422,))],
    "accounts:retire_service": [post(Power.MANAGE_STAFF, of="service", gives={"retire-why": "Replaced"})],
    "accounts:give_service_grant": [post(Power.GIVE_GRANTS, of="service", answers=(422,))],
    "accounts:revoke_key": [post(Power.MANAGE_STAFF, of="key", gives={"revoke-why": "Leaked"})],
    # The API: a key opens it, whoever sits before a browser
    "api:schema": [get(public=True)],
    "api:docs": [get()],
    "api:health": [by_key("GET", Power.SEE_HEALTH)],
    "api:whoami": [by_key("GET")],
    "api:accounts": [by_key("GET", Power.SEE_REGISTER)],
    "api:account": [by_key("GET", Power.SEE_REGISTER, of="account")],
    "api:grants": [by_key("GET", Power.GIVE_GRANTS, Power.SEE_AUDIT)],
    "api:comments": [by_key("GET", Power.SEE_COMMENTS)],
    "api:comment": [by_key("GET", Power.SEE_COMMENTS, of="comment")],
    "api:claim": [by_key("POST", Power.WORK_COMMENTS, of="comment", sees=_SEES_COMMENTS)],
    "api:release": [by_key("POST", Power.WORK_COMMENTS, of="comment", sees=_SEES_COMMENTS)],
    "api:decisions": [
        by_key(
            "POST",
            Power.REPLY,
            Power.HIDE_COMMENTS,
            Power.WORK_COMMENTS,
            of="comment",
            sees=_SEES_COMMENTS,
            does=(Power.REPLY,),
            gives={"kind": "reply", "revision": 1, "text": "Thank you for telling us."},
        )
    ],
    "api:cases": [
        by_key("GET", Power.SEE_CASES),
        by_key(
            "POST",
            Power.ESCALATE,
            gives={
                "official_account": "{account}",
                "pathway": "threat_to_life",
                "title": "Saltmere viaduct",
                "why": "A caller rang",
            },
        ),
    ],
    "api:case": [by_key("GET", Power.SEE_CASES, of="waiting case")],
    "api:acknowledge": [by_key("POST", Power.SEE_CASES, of="waiting case", does=(NEVER,))],
    "api:calls": [by_key("GET", Power.RECORD_INCIDENTS)],
    "api:call": [by_key("GET", Power.RECORD_INCIDENTS, of="no record")],
    "api:call_send": [by_key("POST", Power.RECORD_INCIDENTS, of="no record")],
    "api:call_numbers": [
        by_key(
            "POST",
            Power.RECORD_INCIDENTS,
            of="no record",
            gives={"incident_number": "0412", "incident_on": "2026-11-29"},
        )
    ],
    "api:posts": [
        by_key("GET", Power.SEE_POSTS),
        by_key(
            "POST",
            Power.WRITE_POSTS,
            gives={"official_accounts": ["{account}"], "words": "The bridge is open."},
        ),
    ],
    "api:lines": [
        by_key("POST", Power.PLAN_POSTS, of="no record", gives={"lines": [{"words": "Sheep on the A41"}]})
    ],
    "api:post": [by_key("GET", Power.SEE_POSTS, of="draft")],
    "api:submit_post": [
        by_key("POST", Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS, gives={"version": 1})
    ],
    "api:appeals": [by_key("GET", Power.SEE_POSTS)],
    "api:appeal": [by_key("GET", Power.SEE_POSTS, of="appeal")],
    "api:tips": [by_key("GET", Power.SEE_COMMENTS, of="appeal")],
    "api:tip": [by_key("GET", Power.SEE_COMMENTS, of="tip")],
    "api:lockdowns": [
        by_key("GET", Power.LOCK_DOWN, Power.SEE_POSTS),
        by_key("POST", Power.LOCK_DOWN, gives={"kind": "pause", "exercise": True, **_WHY}),
    ],
    "api:lockdown": [by_key("GET", Power.LOCK_DOWN, Power.SEE_POSTS, of="no record")],
    "api:release_lockdown": [by_key("POST", Power.LOCK_DOWN, of="no record")],
    "api:figures": [by_key("GET", *_FIGURES)],
    "api:figure": [
        by_key(
            "GET", *_FIGURES, does=_SEES_COMMENTS, kwargs={"group": "neighbourhood", "table": "categories"}
        )
    ],
    "api:entries": [by_key("GET", Power.SEE_AUDIT)],
    "api:requests": [
        by_key("GET", Power.HANDLE_REQUESTS),
        by_key(
            "POST",
            Power.TAKE_IN_REQUESTS,
            gives={
                "kind": "foi",
                "received_on": "2026-01-05",
                "outside_reference": "FOI/26/1",
                "requester": "Jo Harrow",
                "wanted": "How many messages came in?",
            },
        ),
    ],
    "api:request": [by_key("GET", Power.HANDLE_REQUESTS, of="request")],
    "api:nowhere": [by_key(method, kwargs={"rest": "nowhere"}, answers=(404,)) for method in ("GET", "POST")],
    # Retention
    "retention:schedule": [get(*_RETENTION)],
    "retention:row": [
        get(Power.MANAGE_RETENTION, of="schedule row"),
        post(
            Power.MANAGE_RETENTION,
            of="schedule row",
            gives={
                "number": 3,
                "unit": "years",
                "starts_with": "closed",
                "trigger": "decided",
                "outcome": "dispose",
                "quiet_days": 2,
                "regime": "both",
                "source": "National schedule",
                "version": 1,
            },
        ),
    ],
    "retention:confirm": [post(Power.MANAGE_RETENTION, of="schedule row", gives={"version": 1})],
    "retention:drafts": [get(*_RETENTION)],
    "retention:draft": [get(*_RETENTION, of="schedule change")],
    "retention:put_forward": [
        post(Power.MANAGE_RETENTION, of="no record", gives={"effective_on": "2099-01-01", **_WHY})
    ],
    "retention:approve_draft": [post(Power.MANAGE_RETENTION, of="schedule change")],
    "retention:withdraw_draft": [post(Power.MANAGE_RETENTION, of="schedule change", gives=_WHY)],
    "retention:leave_out": [post(Power.MANAGE_RETENTION, of="no record", kwargs={"row_pk": 1})],
    "retention:holds": [get(*_RETENTION)],
    "retention:place_hold": [
        get(Power.PLACE_HOLDS),
        post(
            Power.PLACE_HOLDS,
            gives={
                "kind": "record",
                "subject_type": "moderation.comment",
                "subject_id": "{comment}",
                "for_what": "foi",
                "reason": "FOI 2026/118",
                "review_on": "2099-01-01",
            },
        ),
    ],
    "retention:hold": [get(*_RETENTION, of="hold")],
    "retention:review_hold": [
        post(
            Power.PLACE_HOLDS,
            Power.MANAGE_RETENTION,
            of="hold",
            does=(Power.MANAGE_RETENTION,),
            gives={"reason": "Still open", "review_on": "2099-01-01"},
        )
    ],
    "retention:ask_to_lift": [
        post(
            Power.PLACE_HOLDS,
            Power.MANAGE_RETENTION,
            of="hold",
            does=(Power.MANAGE_RETENTION,),
            gives={"reason": "Closed"},
        )
    ],
    "retention:lift_hold": [post(Power.PLACE_HOLDS, Power.MANAGE_RETENTION, of="hold to lift")],
    "retention:proposals": [get(*_RETENTION)],
    "retention:proposal": [get(*_RETENTION, of="proposal")],
    "retention:stop_proposal": [post(Power.MANAGE_RETENTION, of="proposal", gives=_WHY)],
    "retention:let_go_on": [post(Power.MANAGE_RETENTION, of="stopped proposal")],
    "retention:stand_for": [post(Power.MANAGE_RETENTION, of="large proposal")],
    "retention:reviews": [get(*_RETENTION)],
    "retention:review": [get(*_RETENTION, of="retention review")],
    "retention:open_review": [post(Power.MANAGE_RETENTION, of="retention review")],
    "retention:decide_review": [
        post(
            Power.MANAGE_RETENTION,
            of="retention review",
            gives={
                **dict.fromkeys(("harm", "vulnerable", "trust", "links", "substances", "mind"), "no"),
                "decision": "keep",
                "next_on": "2099-01-01",
                **_WHY,
            },
        )
    ],
    "retention:agree_review": [post(Power.MANAGE_RETENTION, of="decided review")],
    "retention:send_back_review": [post(Power.MANAGE_RETENTION, of="decided review", gives=_WHY)],
    "retention:restricted": [get(*_RETENTION)],
    "retention:restrict": [
        get(Power.MANAGE_RETENTION),
        post(
            Power.MANAGE_RETENTION,
            gives={
                "subject_type": "moderation.comment",
                "subject_id": 10**12,
                "ground": "evidence",
                **_WHY,
            },
            answers=(422,),
        ),
    ],
    "retention:restriction": [get(*_RETENTION, of="restriction")],
    "retention:open_restricted": [post(Power.MANAGE_RETENTION, of="restriction", gives=_WHY)],
    "retention:lift_restriction": [post(Power.MANAGE_RETENTION, of="restriction", gives=_WHY)],
    "retention:transfers": [get(*_RETENTION)],
    "retention:record_transfer": [
        get(Power.MANAGE_RETENTION),
        post(
            Power.MANAGE_RETENTION,
            gives={
                "subject_type": "moderation.comment",
                "subject_id": "{comment}",
                "system": "rms",
                "receiver": "Crime bureau",
                "reference": "W/1",
                **_WHY,
            },
        ),
    ],
    "retention:requests": [get(Power.HANDLE_REQUESTS)],
    "retention:take_in": [
        get(Power.TAKE_IN_REQUESTS),
        post(
            Power.TAKE_IN_REQUESTS,
            gives={
                "kind": "foi",
                "received_on": "2026-01-05",
                "channel": "letter",
                "requester": "Jo Harrow",
                "wanted": "How many messages came in?",
                "regime": "both",
            },
        ),
    ],
    "retention:request": [get(Power.HANDLE_REQUESTS, of="request")],
    "retention:take_request": [post(Power.HANDLE_REQUESTS, of="request")],
    "retention:add_subject": [
        post(Power.HANDLE_REQUESTS, of="request", gives={"words": "Jo Harrow of Saltmere", **_WHY})
    ],
    "retention:leave_out_subject": [
        post(Power.HANDLE_REQUESTS, of="no record", kwargs={"subject_pk": 1}, gives=_WHY)
    ],
    "retention:who_asks": [
        post(
            Power.HANDLE_REQUESTS,
            of="request",
            gives={"state": "proved", "how": "Passport seen", "on": "2026-01-06"},
        )
    ],
    "retention:ask_clearer": [
        post(Power.HANDLE_REQUESTS, of="request to ask about", gives={"on": "2026-01-06", **_WHY})
    ],
    "retention:made_clear": [
        post(Power.HANDLE_REQUESTS, of="request that waits", gives={"on": "2026-01-07"})
    ],
    "retention:take_longer": [post(Power.HANDLE_REQUESTS, of="request in time", gives=_WHY)],
    "retention:search_request": [post(Power.HANDLE_REQUESTS, of="request", answers=(422,))],
    "retention:request_items": [get(Power.HANDLE_REQUESTS, of="request")],
    "retention:request_item": [
        get(Power.HANDLE_REQUESTS, of="request", kwargs={"item_pk": 1}, answers=(404,)),
        post(Power.HANDLE_REQUESTS, of="request", kwargs={"item_pk": 1}, answers=(404,)),
    ],
    "retention:request_picture": [
        get(Power.HANDLE_REQUESTS, of="request", kwargs={"item_pk": 1, "number": 0}, answers=(404,)),
    ],
    "retention:make_bundle": [post(Power.HANDLE_REQUESTS, of="request", answers=(422,))],
    "retention:bundle": [get(Power.HANDLE_REQUESTS, of="request", kwargs={"number": 1}, answers=(404,))],
    "retention:put_forward_answer": [
        post(
            Power.HANDLE_REQUESTS,
            of="request to answer",
            gives={"outcome": "withdrawn", "words": "As you asked, we closed it.", **_WHY},
        )
    ],
    "retention:agree_answer": [post(Power.HANDLE_REQUESTS, of="put request")],
    "retention:send_back_answer": [post(Power.HANDLE_REQUESTS, of="put request", gives=_WHY)],
    "retention:answered": [
        post(
            Power.HANDLE_REQUESTS,
            of="agreed request",
            gives={"to": "Jo Harrow", "how": "by letter", "on": "2026-01-08"},
        )
    ],
    "insights:request_figures": [get(Power.SEE_RETENTION, Power.HANDLE_REQUESTS)],
    "retention:archive": [get(*_RETENTION)],
    "retention:make_offer": [
        post(
            Power.MANAGE_RETENTION,
            gives={"reviews": ["1"], "archive": "County record office", "why": "The flood of 2019"},
            answers=(422,),
        ),
    ],
    "retention:archive_offer": [get(*_RETENTION, of="archive offer")],
    "retention:archive_answer": [
        post(Power.MANAGE_RETENTION, of="archive offer", gives={"said": "declined", "reference": ""})
    ],
    "retention:archive_zip": [post(Power.MANAGE_RETENTION, of="archive offer")],
    "retention:disposals": [get(*_RETENTION)],
    "retention:certificate": [get(*_RETENTION, of="disposal")],
    "retention:certificate_json": [get(*_RETENTION, of="disposal")],
    # Publishing
    "publishing:posts": [get(Power.SEE_POSTS, Power.WRITE_POSTS)],
    "publishing:post": [get(Power.SEE_POSTS, Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS)],
    "publishing:compose": [
        get(Power.WRITE_POSTS),
        post(
            Power.WRITE_POSTS, gives={"accounts": "{account}", "words": "The bridge is open.", "do": "keep"}
        ),
    ],
    "publishing:compose_post": [
        get(Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS),
        post(
            Power.WRITE_POSTS,
            of="draft",
            sees=_SEES_POSTS,
            gives={"version": 1, "accounts": "{account}", "words": "The bridge is shut.", "do": "keep"},
        ),
    ],
    "publishing:withdraw": [post(Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS, gives=_WHY)],
    "publishing:correct": [
        post(
            Power.WRITE_POSTS,
            of="held reply",
            sees=_SEES_COMMENTS,
            gives={"kind": "delete", "standing": "", **_WHY},
            answers=(409,),
        )
    ],
    "publishing:correction_step": [
        post(Power.WRITE_POSTS, Power.APPROVE_POSTS, of="no record", gives={"do": "approve"})
    ],
    "publishing:approvals": [get(Power.APPROVE_POSTS)],
    "publishing:expired": [get(Power.WRITE_POSTS, Power.APPROVE_POSTS)],
    "publishing:afterwards": [get(Power.APPROVE_POSTS)],
    "publishing:look_step": [post(Power.APPROVE_POSTS, of="no record", gives={"verdict": "fine"})],
    "publishing:covers": [
        get(Power.APPROVE_POSTS, Power.SET_SAFEGUARDS),
        post(Power.APPROVE_POSTS, Power.SET_SAFEGUARDS, answers=(422,)),
    ],
    "publishing:end_cover": [post(Power.APPROVE_POSTS, Power.SET_SAFEGUARDS, of="no record")],
    "publishing:steps": [get(Power.SEE_POSTS, Power.WRITE_POSTS, Power.SET_SAFEGUARDS)],
    "publishing:steps_step": [post(Power.SET_SAFEGUARDS, gives={"do": "begin"})],
    "publishing:record_call": [
        get(Power.SEE_POSTS, of="submitted post", sees=_SEES_POSTS),
        post(Power.SEE_POSTS, of="submitted post", sees=_SEES_POSTS, gives={"version": 1}, answers=(422,)),
    ],
    "publishing:ask": [
        post(Power.APPROVE_POSTS, of="submitted post", sees=_SEES_POSTS, gives={"question": "Where?"})
    ],
    "publishing:answer": [post(Power.WRITE_POSTS, of="no record", gives={"answer": "Here"})],
    "publishing:approve": [
        post(Power.APPROVE_POSTS, of="submitted post", sees=_SEES_POSTS, gives={"version": 1})
    ],
    "publishing:return": [
        post(Power.APPROVE_POSTS, of="submitted post", sees=_SEES_POSTS, gives={"version": 1, **_WHY})
    ],
    "publishing:checks": [get(Power.SEE_POSTS, Power.WRITE_POSTS, Power.SET_SAFEGUARDS)],
    "publishing:check_step": [
        post(Power.SET_SAFEGUARDS, gives={"do": "set", "slug": "phone", "why": "Policy of March"})
    ],
    "publishing:override": [
        post(
            Power.APPROVE_POSTS,
            Power.ACKNOWLEDGE_CASES,
            of="submitted post",
            sees=_SEES_POSTS,
            gives={"version": 1, "slug": "phone", **_WHY},
            answers=(409,),
        )
    ],
    "publishing:put_right": [post(Power.WRITE_POSTS, of="no record")],
    "publishing:appeals": [get(Power.SEE_POSTS)],
    "publishing:open_appeal": [get(Power.PLAN_POSTS), post(Power.PLAN_POSTS, answers=(422,))],
    "publishing:appeal": [get(Power.SEE_POSTS, of="appeal")],
    "publishing:change_appeal": [
        get(Power.PLAN_POSTS, of="appeal", sees=_SEES_POSTS),
        post(Power.PLAN_POSTS, of="appeal", sees=_SEES_POSTS, answers=(422,)),
    ],
    "publishing:appeal_step": [
        post(
            Power.PLAN_POSTS,
            of="appeal",
            sees=_SEES_POSTS,
            gives={"do": "review", "review_on": "", **_WHY},
            answers=(422,),
        )
    ],
    "publishing:look": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:shown": [get(Power.SEE_POSTS)],
    "publishing:show_longer": [post(Power.APPROVE_POSTS, of="no record")],
    "publishing:calendar": [get(Power.SEE_POSTS)],
    "publishing:field": [
        get(Power.WRITE_POSTS),
        post(Power.WRITE_POSTS, gives={"accounts": "{account}", "words": "The bridge is open."}),
    ],
    "publishing:field_draft": [
        get(Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS),
        post(
            Power.WRITE_POSTS,
            of="draft",
            sees=_SEES_POSTS,
            gives={"version": 1, "accounts": "{account}", "words": "The bridge is shut."},
        ),
    ],
    "publishing:versions": [get(Power.SEE_POSTS, Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS)],
    "publishing:repeat": [
        get(Power.PLAN_POSTS, of="draft", sees=_SEES_POSTS),
        post(Power.PLAN_POSTS, of="draft", sees=_SEES_POSTS, answers=(422,)),
    ],
    "publishing:pair": [
        post(Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS, gives={"version": 1, "language": "en"})
    ],
    "publishing:part": [post(Power.WRITE_POSTS, of="draft", sees=_SEES_POSTS, answers=(409,))],
    "publishing:all_series": [get(Power.SEE_POSTS)],
    "publishing:series": [get(Power.SEE_POSTS, of="no record")],
    "publishing:series_step": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:templates": [get(Power.WRITE_POSTS)],
    "publishing:write_template": [get(Power.PLAN_POSTS), post(Power.PLAN_POSTS, answers=(422,))],
    "publishing:template": [
        get(Power.WRITE_POSTS, of="no record"),
        post(Power.WRITE_POSTS, of="no record"),
    ],
    "publishing:template_step": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:tags": [get(Power.PLAN_POSTS), post(Power.PLAN_POSTS, answers=(422,))],
    "publishing:retire_tag": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:campaigns": [get(Power.SEE_POSTS)],
    "publishing:campaign_new": [
        get(Power.PLAN_POSTS, kwargs={"kind": "plain"}),
        post(Power.PLAN_POSTS, kwargs={"kind": "plain"}, answers=(422,)),
    ],
    "publishing:campaign": [get(Power.SEE_POSTS, of="no record")],
    "publishing:campaign_change": [
        get(Power.PLAN_POSTS, of="no record"),
        post(Power.PLAN_POSTS, of="no record"),
    ],
    "publishing:campaign_step": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:campaign_table": [get(Power.SEE_POSTS, of="no record")],
    "publishing:log": [get(Power.SEE_POSTS, of="no record")],
    "publishing:log_add": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:log_file": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:log_read": [post(Power.PLAN_POSTS, of="no record", kwargs={"line": 1})],
    "publishing:log_approve": [post(Power.APPROVE_POSTS, of="no record")],
    "publishing:log_skip": [post(Power.PLAN_POSTS, of="no record", kwargs={"post": 1})],
    "publishing:occasion": [get(Power.SEE_POSTS, of="no record")],
    "publishing:occasion_step": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:engagements": [get(Power.PLAN_POSTS, Power.APPROVE_POSTS)],
    "publishing:engagement_table": [get(Power.PLAN_POSTS, Power.APPROVE_POSTS)],
    "publishing:engagement_new": [
        get(Power.PLAN_POSTS),
        post(Power.PLAN_POSTS, answers=(422,)),
    ],
    "publishing:engagement": [get(Power.PLAN_POSTS, Power.APPROVE_POSTS, of="no record")],
    "publishing:engagement_step": [post(Power.PLAN_POSTS, Power.APPROVE_POSTS, of="no record")],
    "publishing:takeover_rules": [get(of="no record"), post(of="no record")],
    "publishing:concerns": [get(Power.SEE_POSTS)],
    "publishing:concern_new": [
        get(Power.WORK_COMMENTS),
        post(Power.WORK_COMMENTS, answers=(422,)),
    ],
    "publishing:concern": [get(Power.SEE_POSTS, of="no record")],
    "publishing:concern_step": [
        post(Power.WORK_COMMENTS, Power.PLAN_POSTS, Power.APPROVE_POSTS, of="no record")
    ],
    "publishing:library": [get(Power.WRITE_POSTS, Power.SEE_POSTS)],
    "publishing:add_asset": [get(Power.PLAN_POSTS), post(Power.PLAN_POSTS, answers=(422,))],
    "publishing:asset": [get(Power.WRITE_POSTS, Power.SEE_POSTS, of="no record")],
    "publishing:use_asset": [post(Power.WRITE_POSTS, of="no record")],
    "publishing:retire_asset": [post(Power.PLAN_POSTS, of="no record")],
    "publishing:move": [
        post(
            Power.WRITE_POSTS,
            of="draft",
            sees=_SEES_POSTS,
            gives={"version": 1, "publish_at": ""},
        )
    ],
    "publishing:week": [get(Power.SEE_POSTS)],
    "publishing:week_file": [get(Power.SEE_POSTS)],
    "publishing:feeds": [get(Power.SEE_POSTS), post(Power.SEE_POSTS, gives={"name": "Telephone"})],
    "publishing:revoke_feed": [post(Power.SEE_POSTS, of="no record")],
    "publishing:feed": [get(public=True, kwargs={"token": "x"}, answers=(404,))],
    "publishing:outbox": [get(Power.SEE_POSTS, Power.SEE_COMMENTS, Power.SEE_HEALTH)],
    "publishing:release_held": [post(*_SENDS)],
    "publishing:delivery_step": [
        post(
            *_SENDS,
            of="held reply",
            sees=_SEES_COMMENTS,
            does=(Power.REPLY, Power.LOCK_DOWN),
            gives={"do": "withdraw", **_WHY},
        )
    ],
    "publishing:lockdown": [
        get(Power.LOCK_DOWN, Power.SEE_POSTS),
        post(Power.LOCK_DOWN, Power.SEE_POSTS, does=(Power.LOCK_DOWN,), gives={"kind": "pause", **_WHY}),
    ],
    "publishing:one_lockdown": [
        get(Power.LOCK_DOWN, Power.SEE_POSTS, kwargs={"pk": 0}, answers=(404,)),
    ],
    "publishing:lockdowns": [get(Power.LOCK_DOWN, Power.SEE_POSTS)],
    "publishing:let_pass": [post(Power.LOCK_DOWN, kwargs={"pk": 0}, answers=(404,))],
    "publishing:lift_lockdown": [post(Power.LOCK_DOWN, gives=_WHY, answers=(404,))],
    "publishing:stops": [get(*_SENDS)],
    "publishing:decide_stop": [post(*_SENDS, of="no record", gives={"do": "drop", **_WHY})],
    # The desk
    "moderation:desk": [get(Power.SEE_COMMENTS)],
    "moderation:refresh": [get(Power.SEE_COMMENTS, answers=(422,))],
    "moderation:pull_next": [post(Power.WORK_COMMENTS)],
    "moderation:raise_concern": [
        post(Power.WORK_COMMENTS, of="comment", sees=_SEES_COMMENTS, gives={"revision": 1}, answers=(422,))
    ],
    "moderation:meeting": [get(Power.SEE_POSTS, of="no record")],
    "moderation:meeting_news": [get(Power.SEE_POSTS, of="no record")],
    "moderation:meeting_set_up": [post(Power.PLAN_POSTS, of="no record")],
    "moderation:meeting_step": [post(Power.PLAN_POSTS, of="no record")],
    "moderation:meeting_by_hand": [post(Power.WORK_COMMENTS, of="no record")],
    "moderation:meeting_take": [post(Power.WORK_COMMENTS, of="no record", kwargs={"comment": 1})],
    "moderation:meeting_transcript": [post(Power.APPROVE_POSTS, of="no record")],
    "moderation:question": [post(Power.WORK_COMMENTS, Power.REPLY, of="no record")],
    "moderation:guidelines": [get(public=True)],
    "accounts_public:list": [get(public=True)],
    "accounts_public:data": [get(public=True)],
    "accounts_public:table": [get(public=True)],
    "accounts_public:embedded": [get(public=True)],
    "accounts_public:check": [get(public=True, gives={"account": "wealdshirepolice"})],
    "accounts_public:report": [get(public=True), post(public=True, answers=(422,))],
    "accounts_public:reported": [get(public=True)],
    "publishing_public:appeals": [get(public=True)],
    "publishing_public:appeal": [get(public=True, kwargs={"key": "none"}, answers=(404,))],
    "publishing_public:appeal_picture": [get(public=True, kwargs={"key": "none", "pk": 1}, answers=(410,))],
    "moderation_public:tell": [
        get(public=True, kwargs={"key": "none"}, answers=(404,)),
        post(public=True, kwargs={"key": "none"}, answers=(404,)),
    ],
    "moderation_public:told": [get(public=True, kwargs={"key": "none"})],
    "publishing_public:area": [get(public=True, kwargs={"slug": "harrowfield"})],
    "publishing_public:you_said": [get(public=True, kwargs={"slug": "harrowfield"})],
    "publishing_public:meeting": [get(public=True, kwargs={"slug": "no-such"}, answers=(404,))],
    "publishing_public:ask": [
        get(public=True, kwargs={"slug": "no-such"}, answers=(404,)),
        post(public=True, kwargs={"slug": "no-such"}, answers=(404,)),
    ],
    "publishing_public:asked": [get(public=True, kwargs={"slug": "no-such"}, answers=(404,))],
    "publishing_public:transcript": [get(public=True, kwargs={"slug": "no-such"}, answers=(404,))],
    "publishing_public:feed": [get(public=True, kwargs={"slug": "harrowfield"})],
    "publishing_public:updates": [get(public=True)],
    "publishing_public:updates_feed": [get(public=True)],
    "publishing:incidents": [
        get(*_SEES_POSTS),
        post(*_SEES_POSTS, answers=(422,)),
    ],
    "publishing:incident": [
        get(*_SEES_POSTS, of="no record"),
        post(*_SEES_POSTS, of="no record", gives={"do": "end"}),
    ],
    "accessibility": [get(public=True)],
    "privacy": [get(public=True)],
    "public_retention": [get(public=True)],
    "papers": [get(Power.SEE_RETENTION)],
    "paper": [get(Power.SEE_RETENTION, kwargs={"slug": "dpia"})],
    "paper_file": [get(Power.SEE_RETENTION, kwargs={"slug": "dpia", "kind": "md"})],
    "security_txt": [get(public=True, answers=(404,))],
    "moderation:guidelines_version": [get(public=True, kwargs={"number": 1})],
    "moderation_public:guidelines_embedded": [get(public=True)],
    "moderation_public:guidelines_data": [get(public=True)],
    "moderation:guidelines_versions": [get(Power.WRITE_GUIDELINES)],
    "moderation:begin_guidelines": [post(Power.WRITE_GUIDELINES)],
    "moderation:guidelines_draft": [get(Power.WRITE_GUIDELINES, kwargs={"number": 1})],
    "moderation:new_clause": [
        get(Power.WRITE_GUIDELINES, kwargs={"number": 1}),
        post(Power.WRITE_GUIDELINES, kwargs={"number": 1}, answers=(422,)),
    ],
    "moderation:clause": [
        get(Power.WRITE_GUIDELINES, kwargs={"number": 1, "pk": 0}, answers=(404,)),
        post(Power.WRITE_GUIDELINES, kwargs={"number": 1, "pk": 0}, answers=(404,)),
    ],
    "moderation:leave_out_clause": [
        post(Power.WRITE_GUIDELINES, kwargs={"number": 1, "pk": 0}, answers=(404,))
    ],
    "moderation:put_back_clause": [
        post(Power.WRITE_GUIDELINES, kwargs={"number": 1, "pk": 0}, answers=(404,))
    ],
    "moderation:describe_guidelines": [post(Power.WRITE_GUIDELINES, kwargs={"number": 1}, answers=(422,))],
    "moderation:approve_guidelines": [post(Power.APPROVE_GUIDELINES, kwargs={"number": 1}, answers=(422,))],
    "moderation:take_back_guidelines": [post(Power.WRITE_GUIDELINES, kwargs={"number": 1}, answers=(409,))],
    "moderation:give_up_guidelines": [post(Power.WRITE_GUIDELINES, kwargs={"number": 1}, answers=(409,))],
    "moderation:how_triage_works": [get(Power.SEE_COMMENTS)],
    "moderation:triage_record": [get(public=True)],
    "moderation_public:why_hidden": [get(public=True), post(public=True, answers=(422,))],
    "moderation_public:figures": [get(public=True)],
    "moderation_public:inquiry": [get(public=True, kwargs={"secret": "none"}, answers=(404,))],
    "moderation_public:proved": [post(public=True, kwargs={"secret": "none"}, answers=(404,))],
    "moderation_public:ask_again": [post(public=True, kwargs={"secret": "none"}, answers=(404,))],
    "moderation:tip_inboxes": [get(Power.SEE_COMMENTS)],
    "moderation:tips": [get(Power.SEE_COMMENTS, of="appeal")],
    "moderation:take_tip": [
        post(Power.WORK_COMMENTS, of="appeal", sees=_SEES_COMMENTS, gives={"comment": 0}, answers=(422,))
    ],
    "moderation:tip": [get(Power.SEE_COMMENTS, of="tip")],
    "moderation:tip_step": [
        post(
            Power.WORK_COMMENTS,
            Power.ESCALATE,
            of="tip",
            sees=_SEES_COMMENTS,
            does=(Power.WORK_COMMENTS,),
            gives={"do": "settle", **_WHY},
        )
    ],
    "moderation:many": [post(Power.WORK_COMMENTS, gives={"do": "no_action", "comment": 1})],
    "moderation:decide_many": [post(Power.WORK_COMMENTS, answers=(422,))],
    "moderation:many_done": [get(Power.WORK_COMMENTS, of="no record")],
    "moderation:undo_many": [post(Power.WORK_COMMENTS, of="no record")],
    "moderation:act_reviews": [get(Power.LOOK_AGAIN)],
    "moderation:act_review": [
        get(Power.LOOK_AGAIN, of="no record"),
        post(Power.LOOK_AGAIN, of="no record", gives={"do": "agree"}),
    ],
    "moderation:blocks": [
        get(Power.RESTRICT_COMMENTERS),
        post(Power.RESTRICT_COMMENTERS, gives={"block": 0}, answers=(404,)),
    ],
    "moderation:saved_replies": [get(Power.REPLY)],
    "moderation:new_saved_reply": [get(Power.REPLY), post(Power.REPLY, answers=(422,))],
    "moderation:saved_reply": [get(Power.REPLY, of="no record"), post(Power.REPLY, of="no record")],
    "moderation:withdraw_saved_reply": [post(Power.REPLY, of="no record")],
    "moderation:private_messages": [get(Power.SEE_REGISTER)],
    "moderation:messaging": [
        get(Power.SEE_REGISTER, of="account"),
        post(
            Power.SEE_REGISTER,
            of="account",
            does=(Power.APPROVE_POSTS,),
            gives={"run": "yes"},
            answers=(422,),
        ),
    ],
    "moderation:surges": [get(Power.SEE_COMMENTS), post(Power.SEE_COMMENTS, answers=(422,))],
    "moderation:surge": [
        get(Power.SEE_COMMENTS, of="no record"),
        post(Power.SEE_COMMENTS, of="no record"),
    ],
    "moderation:surge_group": [
        get(Power.WORK_COMMENTS, of="no record"),
        post(Power.WORK_COMMENTS, of="no record"),
    ],
    "moderation:surge_act": [
        get(Power.WORK_COMMENTS, of="no record"),
        post(Power.WORK_COMMENTS, of="no record"),
    ],
    "moderation:samples": [get(Power.CHECK_DECISIONS)],
    "moderation:sample": [
        get(Power.CHECK_DECISIONS, of="no record"),
        post(Power.CHECK_DECISIONS, of="no record"),
    ],
    "moderation:feedback": [get(Power.WORK_COMMENTS), post(Power.WORK_COMMENTS, answers=(404,))],
    "moderation:welfare": [get(Power.SEE_COMMENTS), post(Power.SEE_COMMENTS, answers=(422,))],
    "moderation:second_looks": [get(Power.LOOK_AGAIN)],
    "moderation:second_look": [
        get(Power.LOOK_AGAIN, of="second look"),
        post(Power.LOOK_AGAIN, of="second look", gives={"do": "uphold", "answer": "It names a child."}),
    ],
    "moderation:withhold": [
        post(Power.LOOK_AGAIN, of="second look", gives={"do": "withhold", **_WHY}),
    ],
    "moderation:switch_triage": [post(Power.WORK_COMMENTS, answers=(422,))],
    "moderation:examples": [get(Power.WORK_COMMENTS)],
    "moderation:examples_of": [
        get(Power.WORK_COMMENTS, kwargs={"slug": "praise"}),
        post(Power.WORK_COMMENTS, kwargs={"slug": "praise"}, answers=(422,)),
    ],
    "moderation:withdraw_example": [post(Power.WORK_COMMENTS, of="no record")],
    "moderation:restore_example": [post(Power.WORK_COMMENTS, of="no record")],
    "moderation:try_rules": [get(Power.WORK_COMMENTS), post(Power.WORK_COMMENTS, answers=(422,))],
    "moderation:triage_versions": [get(Power.WORK_COMMENTS), post(Power.WORK_COMMENTS, answers=(422,))],
    "moderation:triage_version": [
        get(Power.WORK_COMMENTS, of="no record"),
        post(Power.WORK_COMMENTS, of="no record", gives={"why": "It finds more"}),
    ],
    "moderation:triage_job": [get(Power.WORK_COMMENTS, of="no record")],
    "moderation:make_example": _on_comment(
        Power.WORK_COMMENTS, category="praise", text="Well done all", counter="no"
    ),
    "moderation:conversation": [get(Power.SEE_COMMENTS, of="comment")],
    "moderation:news": [get(Power.SEE_COMMENTS, of="comment")],
    "moderation:look_again": [post(Power.SEE_COMMENTS, of="comment")],
    "moderation:claim": _on_comment(Power.WORK_COMMENTS),
    "moderation:skip": _on_comment(Power.WORK_COMMENTS, reason="conflict"),
    "moderation:here": [post(Power.SEE_COMMENTS, of="comment")],
    "moderation:search": [get(Power.SEE_COMMENTS)],
    "moderation:narrow": [get(Power.SEE_COMMENTS)],
    "moderation:views": [
        get(Power.SEE_COMMENTS),
        post(Power.SEE_COMMENTS, gives={"queue": "open", "name": "All", "shared": "nobody"}),
    ],
    "moderation:view": [
        get(Power.SEE_COMMENTS, of="no record"),
        post(Power.SEE_COMMENTS, of="no record", gives={"name": "All", "shared": "nobody"}),
    ],
    "moderation:remove_view": [post(Power.SEE_COMMENTS, of="no record")],
    "moderation:places": [get(Power.MANAGE_REGISTER, over_all=True)],
    "moderation:places_of": [
        get(Power.MANAGE_REGISTER, of="no record", over_all=True),
        post(Power.MANAGE_REGISTER, of="no record", over_all=True, gives={"names": "Market Street"}),
    ],
    "moderation:withdraw_place": [post(Power.MANAGE_REGISTER, of="no record", over_all=True)],
    "moderation:release": _on_comment(Power.WORK_COMMENTS, of="claimed comment"),
    "moderation:reply": _on_comment(Power.REPLY, revision=1, reply_text="Thank you for telling us."),
    "moderation:draft": _on_comment(Power.REPLY, reply_text="Thank you"),
    "moderation:hide": _on_comment(Power.HIDE_COMMENTS, revision=1, clause="{clause}"),
    "moderation:unhide": _on_comment(Power.HIDE_COMMENTS, of="hidden comment", revision=1),
    "moderation:restrict": [
        post(
            Power.RESTRICT_COMMENTERS,
            of="comment",
            sees=_SEES_COMMENTS,
            gives={"revision": 1, "do": "block", "clause": "{clause}"},
            answers=(422,),
        )
    ],
    "moderation:lift": [
        post(
            Power.RESTRICT_COMMENTERS,
            of="comment",
            sees=_SEES_COMMENTS,
            gives={"do": "unblock"},
            answers=(409,),
        )
    ],
    "moderation:elsewhere": _on_comment(Power.WORK_COMMENTS, revision=1, where="By telephone"),
    "moderation:take_in": [
        post(Power.TAKE_IN_REQUESTS, of="comment", sees=_SEES_COMMENTS, gives={"kind": "foi"})
    ],
    "moderation:hand_over": [
        post(Power.WORK_COMMENTS, of="comment", sees=_SEES_COMMENTS, gives={"revision": 1}, answers=(409,))
    ],
    "moderation:assess": _on_comment(Power.WORK_COMMENTS, revision=1, threat="Says that he will come back"),
    "moderation:preview": _on_comment(Power.REPLY, reply_text="Thank you for telling us."),
    "moderation:put_in": [
        post(Power.REPLY, of="comment", sees=_SEES_COMMENTS, gives={"saved": 0}, answers=(422,))
    ],
    "moderation:ask": _on_comment(Power.REPLY, revision=1, reply_text="Thank you for telling us."),
    "moderation:approve_reply": [
        post(Power.LOOK_AGAIN, of="comment", sees=_SEES_COMMENTS, gives={"words": "0"}, answers=(409,))
    ],
    "moderation:send_back": [
        post(Power.LOOK_AGAIN, of="comment", sees=_SEES_COMMENTS, gives={"answer": "Softer"}, answers=(409,))
    ],
    "moderation:take_back": [post(Power.REPLY, of="comment", sees=_SEES_COMMENTS, answers=(409,))],
    "moderation:keep_reason": _on_comment(
        Power.HIDE_COMMENTS, of="hidden comment", why="Used in an investigation"
    ),
    "moderation:no_action": _on_comment(Power.WORK_COMMENTS, revision=1),
    "moderation:escalate": _on_comment(
        Power.ESCALATE, revision=1, category="suicide_self_harm", why="Says goodbye"
    ),
    "moderation:sort": _on_comment(
        Power.WORK_COMMENTS, revision=1, category="none", priority=4, why="A joke"
    ),
    "moderation:note": _on_comment(Power.WORK_COMMENTS, note_text="Rang the control room"),
    "moderation:reopen": _on_comment(Power.WORK_COMMENTS, of="decided comment"),
    "moderation:history": [
        get(Power.SEE_COMMENTS, of="commenter"),
        post(Power.SEE_COMMENTS, of="commenter", gives={"reason": "Incident 412"}),
    ],
    "moderation_hooks:hook": [
        get(public=True, kwargs={"platform": "x"}, answers=(403, 404)),
        post(public=True, kwargs={"platform": "x"}, answers=(403, 404)),
    ],
    "moderation:channels": [get(Power.SEE_REGISTER)],
    "moderation:channel": [get(Power.SEE_REGISTER, of="account")],
    "moderation:set_aside": [get(Power.WORK_COMMENTS)],
    "moderation:set_aside_one": [
        get(Power.WORK_COMMENTS, of="no record"),
        post(Power.WORK_COMMENTS, of="no record", gives={"payload": "[]"}),
    ],
    "moderation:attachment": [get(Power.SEE_COMMENTS, of="no record")],
    "moderation:exhibit": [
        get(Power.ACKNOWLEDGE_CASES, of="no record"),
        post(Power.ACKNOWLEDGE_CASES, of="no record", gives={"to": "DC Lowe"}),
    ],
    "moderation:seal": [post(Power.SEE_COMMENTS, of="comment")],
    "moderation:sealed": [get(Power.OPEN_SEALED)],
    "moderation:sealed_one": [get(Power.OPEN_SEALED, of="no record")],
    "moderation:open_sealed": [post(Power.OPEN_SEALED, of="no record", gives=_WHY)],
    "moderation:lift_seal": [post(Power.OPEN_SEALED, of="no record", gives={"lift_why": "No child"})],
    "moderation:purposes": [get(Power.ACKNOWLEDGE_CASES)],
    "moderation:guard": [get(Power.SET_SAFEGUARDS), post(Power.SET_SAFEGUARDS, answers=(422,))],
    # Security alerts
    "insights:alerts": [get(Power.SEE_AUDIT)],
    "insights:rules": [
        get(Power.SET_SAFEGUARDS),
        post(Power.SET_SAFEGUARDS, gives={"kind": "export_spike"}, answers=(422,)),
    ],
    "insights:alert": [get(Power.SEE_AUDIT, of="no record")],
    "insights:claim": [post(Power.SEE_AUDIT, of="no record")],
    "insights:release": [post(Power.SEE_AUDIT, of="no record")],
    "insights:close": [
        post(Power.SEE_AUDIT, of="no record", gives={"outcome": "explained", "note": "Asked by the SIO"})
    ],
    "insights:reopen": [post(Power.SEE_AUDIT, of="no record", gives=_WHY)],
    # Rumours, and what neighbourhoods raise
    "insights:rumours": [get(Power.SEE_COMMENTS)],
    "insights:rumour_new": [get(Power.ESCALATE), post(Power.ESCALATE, answers=(422,))],
    "insights:rumour_from": [post(Power.ESCALATE, of="comment", sees=_SEES_COMMENTS)],
    "insights:rumour": [get(Power.SEE_COMMENTS, of="no record")],
    "insights:rumour_step": [
        post(
            Power.ESCALATE,
            Power.WRITE_POSTS,
            Power.ACKNOWLEDGE_CASES,
            Power.REPLY,
            of="no record",
            gives={"do": "close"},
        )
    ],
    "insights:rumour_file": [get(Power.SEE_COMMENTS, of="no record")],
    "insights:areas": [get(Power.SEE_COMMENTS)],
    "insights:area": [get(Power.SEE_COMMENTS, kwargs={"slug": "harrowfield"})],
    "insights:area_file": [get(Power.SEE_COMMENTS, kwargs={"slug": "harrowfield"})],
    "insights:map": [get(Power.SEE_COMMENTS)],
    "insights:map_file": [get(Power.SEE_COMMENTS)],
    # The scorecard of the APP, and the strategy
    "insights:scorecard": [get(Power.SEE_SCORECARD)],
    "insights:scorecard_file": [get(Power.SEE_SCORECARD, kwargs={"form": "csv"})],
    "insights:minimums": [get(Power.SEE_SCORECARD)],
    "insights:duty": [
        get(Power.SEE_SCORECARD, kwargs={"slug": "policy.breaches"}),
        post(Power.SEE_SCORECARD, kwargs={"slug": "policy.breaches"}, answers=(422,)),
    ],
    "insights:meetings": [get(Power.SEE_SCORECARD)],
    "insights:new_meeting": [get(Power.KEEP_SCORECARD), post(Power.KEEP_SCORECARD, answers=(422,))],
    "insights:meeting": [
        get(Power.SEE_SCORECARD, of="no record"),
        post(Power.SEE_SCORECARD, of="no record"),
    ],
    "insights:meeting_file": [get(Power.SEE_SCORECARD, of="no record", kwargs={"form": "pdf"})],
    "insights:strategy": [get()],
    "insights:begin_strategy": [post(Power.WRITE_STRATEGY)],
    "insights:strategy_version": [get(of="no record")],
    "insights:strategy_file": [get(of="no record")],
    "insights:strategy_draft": [get(Power.WRITE_STRATEGY, Power.APPROVE_STRATEGY, of="no record")],
    "insights:strategy_write": [
        get(Power.WRITE_STRATEGY, of="no record"),
        post(Power.WRITE_STRATEGY, of="no record"),
    ],
    "insights:strategy_new_channel": [
        get(Power.WRITE_STRATEGY, of="no record"),
        post(Power.WRITE_STRATEGY, of="no record"),
    ],
    "insights:strategy_channel": [
        get(Power.WRITE_STRATEGY, of="no record", kwargs={"number": 1}),
        post(Power.WRITE_STRATEGY, of="no record", kwargs={"number": 1}),
    ],
    "insights:strategy_decide": [
        post(Power.WRITE_STRATEGY, Power.APPROVE_STRATEGY, of="no record", gives={"do": "approve"})
    ],
    # Cases
    "escalation:cases": [get(Power.SEE_CASES)],
    "escalation:changed": [get(Power.SEE_CASES)],
    "escalation:handovers": [get(Power.SEE_CASES), post(Power.SEE_CASES, answers=(422,))],
    "escalation:handover": [
        get(Power.SEE_CASES, of="no record"),
        post(Power.SEE_CASES, of="no record"),
    ],
    "escalation:open": [
        get(Power.ESCALATE),
        post(
            Power.ESCALATE,
            gives={
                "official_account": "{account}",
                "pathway": "{pathway}",
                "title": "Concern for safety, Saltmere viaduct",
                "why": "A caller rang the desk",
            },
        ),
    ],
    "escalation:for_comment": [get(Power.SEE_COMMENTS, of="comment")],
    "escalation:brief": [get(Power.SEE_COMMENTS, of="comment")],
    "escalation:for_tip": [get(Power.SEE_COMMENTS, of="tip")],
    "escalation:case": [get(Power.SEE_CASES, of="waiting case")],
    "escalation:live": [get(Power.SEE_CASES, of="waiting case")],
    "escalation:acknowledge": [post(Power.ACKNOWLEDGE_CASES, of="waiting case", sees=_SEES_CASES)],
    "escalation:cannot_take": [post(Power.ACKNOWLEDGE_CASES, of="waiting case", sees=_SEES_CASES)],
    "escalation:log": [post(Power.SEE_CASES, of="waiting case", gives={"text": "Rang the control room"})],
    "escalation:add_comment": [
        post(Power.ESCALATE, of="waiting case", sees=_SEES_CASES, gives={"comment": "{comment}"})
    ],
    "escalation:close": [
        post(
            Power.ACKNOWLEDGE_CASES,
            of="acknowledged case",
            sees=_SEES_CASES,
            gives={"outcome": "Safe"},
            answers=(422,),
        )
    ],
    "escalation:reopen": [post(Power.ESCALATE, of="closed case", sees=_SEES_CASES, gives=_WHY)],
    "escalation:telephone": [
        post(Power.ESCALATE, of="waiting case", sees=_SEES_CASES, gives={"name": "Insp Max Matrix"})
    ],
    "escalation:assess": [
        get(Power.SEE_CASES, of="waiting case"),
        post(
            Power.SEE_CASES,
            of="waiting case",
            gives={"threat": "None", "grade": "{grade}", "rationale": "A matrix"},
        ),
    ],
    "escalation:record": [
        post(
            Power.SEE_CASES,
            of="waiting case",
            gives={"item": "What was done and whether the person is safe", "text": "Safe"},
        )
    ],
    "escalation:decide": [
        post(Power.SEE_CASES, of="waiting case", gives={"what": "Ring them", "why": "Because of the matrix"})
    ],
    "escalation:place": [post(Power.SEE_CASES, of="waiting case", gives={"place": "Saltmere viaduct"})],
    "escalation:person": [
        post(
            Power.SEE_CASES,
            of="waiting case",
            gives={"name": "The author", "category": "victim", "facts": "Wrote it"},
        )
    ],
    "escalation:pause_clock": [post(Power.SEE_CASES, of="waiting case", gives=_WHY, answers=(409,))],
    "escalation:resume_clock": [post(Power.SEE_CASES, of="waiting case", gives=_WHY, answers=(409,))],
    "escalation:tie": [
        post(
            Power.SEE_CASES,
            of="waiting case",
            gives={"other": "999999999", "how": "link", **_WHY},
            answers=(422,),
        )
    ],
    "escalation:split": [post(Power.ESCALATE, of="waiting case", sees=_SEES_CASES, answers=(422,))],
    "escalation:review": [post(Power.ACKNOWLEDGE_CASES, of="no record", gives={"says": "Agreed"})],
    "escalation:refer": [
        get(Power.SEE_CASES, of="waiting case", kwargs={"slug": "safeguarding"}),
        post(Power.SEE_CASES, of="waiting case", kwargs={"slug": "safeguarding"}, answers=(422,)),
    ],
    "escalation:threat_sheet": [
        post(Power.SEE_CASES, of="waiting case", gives={"to": "Communications data SPoC", "how": "txt"})
    ],
    "escalation:exhibit_pack": [
        post(
            Power.ACKNOWLEDGE_CASES,
            of="waiting case",
            sees=_SEES_CASES,
            gives={"to": "Exhibits officer", "mark": "MM"},
        )
    ],
    "escalation:keep_post": [post(Power.SEE_CASES, of="waiting case", answers=(422,))],
    "escalation:offer_reply": [post(Power.REPLY, of="waiting case", sees=_SEES_CASES, answers=(422,))],
    "escalation:grades": [get(Power.SEE_CASES, Power.SET_PATHWAYS)],
    "escalation:add_grade": [get(Power.SET_PATHWAYS), post(Power.SET_PATHWAYS, answers=(422,))],
    "escalation:grade": [get(Power.SET_PATHWAYS, of="no record"), post(Power.SET_PATHWAYS, of="no record")],
    "escalation:write_intelligence": [
        get(Power.SEE_CASES, of="waiting case"),
        post(Power.SEE_CASES, of="waiting case", answers=(422,)),
    ],
    "escalation:intelligence_reports": [get()],
    "escalation:intelligence": [get(of="no record")],
    "escalation:grade_intelligence": [post(of="no record")],
    "escalation:return_intelligence": [post(of="no record")],
    "escalation:correct_intelligence": [post(Power.SEE_CASES, of="no record")],
    "escalation:link_intelligence": [post(of="no record")],
    "escalation:dismiss_intelligence": [post(of="no record")],
    "escalation:disclose_intelligence": [post(of="no record")],
    "escalation:intelligence_source": [post(of="no record")],
    "escalation:refer_source": [post(of="no record")],
    "escalation:referrals": [get()],
    "escalation:referral": [get(of="no record")],
    "escalation:take_referral": [post(of="no record")],
    "escalation:take_in_referral": [post(of="no record")],
    "escalation:answer_referral": [post(of="no record", gives={"outcome": "Seen"})],
    "escalation:number_referral": [post(of="no record", gives={"incident_number": "0412"})],
    "escalation:send_referral": [post(Power.SEE_CASES, of="no record")],
    "escalation:board": [get(Power.SEE_CASES)],
    "escalation:drills": [
        get(Power.RUN_EXERCISES),
        post(Power.RUN_EXERCISES, answers=(422,)),
    ],
    # Alerts of the desk
    "escalation:alerts": [get(Power.WORK_COMMENTS)],
    "escalation:strip": [get(Power.WORK_COMMENTS)],
    "escalation:alarm": [get()],
    "escalation:alert": [get(Power.WORK_COMMENTS, of="alert")],
    "escalation:confirm": [
        post(
            Power.ESCALATE,
            of="alert",
            sees=(Power.WORK_COMMENTS,),
            gives={"category": "suicide_self_harm", **_WHY},
        )
    ],
    "escalation:stand_down": [post(Power.WORK_COMMENTS, of="alert", gives=_WHY)],
    "escalation_hooks:text_back": [post(public=True, answers=(404,))],
    # Rotas, posts and pathways
    "escalation:rotas": [get(*_LADDERS)],
    "escalation:add_rota": [post(Power.SET_PATHWAYS, gives={"name": "Silver"})],
    "escalation:rota": [get(*_LADDERS, of="rota")],
    "escalation:read_rota": [post(Power.SET_PATHWAYS, of="rota", answers=(422,))],
    "escalation:rota_file": [
        get(Power.SET_PATHWAYS, of="rota", kwargs={"number": 10**12}, answers=(404,)),
        post(Power.SET_PATHWAYS, of="rota", kwargs={"number": 10**12}, answers=(404,)),
    ],
    "escalation:cover": [
        post(Power.SET_PATHWAYS, Power.ACKNOWLEDGE_CASES, of="rota", gives={"person": ""}, answers=(422,))
    ],
    "escalation:withdraw_shift": [
        post(Power.SET_PATHWAYS, Power.ACKNOWLEDGE_CASES, of="no record"),
    ],
    "escalation:add_post": [get(Power.SET_PATHWAYS), post(Power.SET_PATHWAYS, answers=(422,))],
    "escalation:post": [
        get(Power.SET_PATHWAYS, of="on-call post"),
        post(Power.SET_PATHWAYS, of="on-call post", answers=(422,)),
    ],
    "escalation:pathways": [get(*_LADDERS)],
    "escalation:add_pathway": [post(Power.SET_PATHWAYS, gives={"title": "A kind of its own"})],
    "escalation:pathway": [get(*_LADDERS, of="pathway")],
    "escalation:pathway_draft": [
        get(Power.SET_PATHWAYS, of="pathway"),
        post(Power.SET_PATHWAYS, of="pathway", answers=(422,)),
    ],
    "escalation:switch_pathway": [post(Power.SET_PATHWAYS, of="pathway", answers=(404,))],
    "escalation:drop_draft": [post(Power.SET_PATHWAYS, of="pathway", answers=(404,))],
    # Exercises
    "exercise:home": [get(public=True)],
    "exercise:profile": [get(public=True, of="official profile")],
    "exercise:thread": [get(public=True, of="exercise post")],
    "exercise:picture": [get(public=True, of="no record", answers=(404,))],
    "exercise:write": [post(Power.RUN_EXERCISES, of="exercise post", gives=_WORDS)],
    "exercise:write_privately": [post(Power.RUN_EXERCISES, of="official profile", gives=_WORDS)],
    "exercise:control": [get(Power.RUN_EXERCISES)],
    "exercise:start": [post(Power.RUN_EXERCISES, gives={"scenario": "ordinary-saturday", "speed": "1"})],
    "exercise:weather": [
        post(Power.RUN_EXERCISES, gives={"handle": "harrowfield-police", "weather": "slow"})
    ],
    "exercise:stop": [post(Power.RUN_EXERCISES, of="exercise run")],
    "exercise:progress": [get(Power.RUN_EXERCISES, of="exercise run")],
    "exercise:library": [get(Power.RUN_EXERCISES), post(Power.RUN_EXERCISES, answers=(422,))],
    "exercise:file_format": [get(Power.RUN_EXERCISES)],
    "exercise:scenario": [
        get(Power.RUN_EXERCISES, kwargs={"name": "market-street"}),
        post(Power.RUN_EXERCISES, kwargs={"name": "nowhere"}, answers=(404,)),
    ],
    "exercise:scenario_head": [
        get(Power.RUN_EXERCISES, kwargs={"name": "nowhere"}, answers=(404,)),
        post(Power.RUN_EXERCISES, kwargs={"name": "nowhere"}, answers=(404,)),
    ],
    "exercise:scenario_preview": [get(Power.RUN_EXERCISES, kwargs={"name": "market-street"})],
    "exercise:scenario_file": [get(Power.RUN_EXERCISES, kwargs={"name": "market-street"})],
    "exercise:new_line": [
        get(Power.RUN_EXERCISES, kwargs={"name": "nowhere", "section": "posts"}, answers=(404,)),
        post(Power.RUN_EXERCISES, kwargs={"name": "nowhere", "section": "posts"}, answers=(404,)),
    ],
    "exercise:line": [
        get(Power.RUN_EXERCISES, kwargs={"name": "nowhere", "section": "posts", "key": "p1"}, answers=(404,)),
        post(
            Power.RUN_EXERCISES, kwargs={"name": "nowhere", "section": "posts", "key": "p1"}, answers=(404,)
        ),
    ],
    "insights:reports": [get(*_REPORTS), post(*_REPORTS, answers=(422,))],
    "insights:report": [get(*_REPORTS, of="no record", answers=(404,))],
    "insights:report_file": [get(*_REPORTS, of="no record", answers=(404,))],
    "insights:publish_report": [post(Power.APPROVE_GUIDELINES, of="no record", answers=(404,))],
    "insights:report_receivers": [get(Power.SET_POLICIES), post(Power.SET_POLICIES, answers=(404,))],
    "insights:incident_report": [
        get(Power.SEE_CASES, Power.SEE_COMMENTS, kwargs={"of": "case", "pk": 10**12}, answers=(404,)),
        post(Power.SEE_CASES, Power.SEE_COMMENTS, kwargs={"of": "case", "pk": 10**12}, answers=(404,)),
    ],
    "insights_public:figures": [get(public=True)],
    "insights:marked_sheet": [
        get(Power.RUN_EXERCISES, of="exercise run"),
        post(Power.RUN_EXERCISES, of="exercise run", answers=(409, 422)),
    ],
    "insights:marked_sheet_file": [get(Power.RUN_EXERCISES, of="exercise run", kwargs={"form": "csv"})],
    "scim:service_provider_config": _token("GET"),
    "scim:resource_types": _token("GET"),
    "scim:resource_type": _token("GET", kwargs={"name": "User"}),
    "scim:schemas": _token("GET"),
    "scim:schema": _token("GET", kwargs={"name": "User"}),
    "scim:users": _token("GET", "POST"),
    "scim:search_users": _token("POST"),
    "scim:user": _token("GET", "PUT", "PATCH", "DELETE", kwargs={"pk": "1"}),
    "scim:groups": _token("GET", "POST"),
    "scim:search_groups": _token("POST"),
    "scim:group": _token("GET", "PUT", "PATCH", "DELETE", kwargs={"pk": "1"}),
    "scim:search_all": _token("POST"),
    "scim:nowhere": _token("GET", "POST", "PUT", "PATCH", "DELETE", kwargs={"rest": "Bulk"}),
    "exercise:api_me": _token("GET"),
    "exercise:api_posts": _token("GET", "POST"),
    "exercise:api_post": _token("GET", "DELETE", of="exercise post"),
    "exercise:api_thread": _token("GET", of="exercise post"),
    "exercise:api_hidden": _token("PUT", of="exercise post"),
    "exercise:api_blocked": _token("GET", "PUT", kwargs={"pk": 1}),
    "exercise:api_muted": _token("GET", "PUT", kwargs={"pk": 1}),
    "exercise:api_inbox": _token("GET"),
    # The platform itself
    "healthz": [get(public=True)],
    "readyz": [get(public=True, answers=(503,))],
    "metrics": [get(public=True, answers=(404,))],
    # In a demonstration only
    "demo": [get(public=True), post(public=True, gives={"persona": "amira_hussain"})],
    "demo_prove": [post(answers=(404,))],
    "components": [get()],
}
"""Route name -> its lines. What a method that has no line is asked, it answers with 405."""

SCOPES = ("own", "other", "all")
"""The record is of an official account of one's grant; it is of another; one's grant is over all."""


def answer_to(line: Line, role: str, scope: str) -> Answer:
    """What somebody gets whose only grant is of that role: over one official account, or over all."""
    powers = POWERS[role]

    def held(wanted: tuple[str, ...], *, here: bool) -> bool:
        return any(power in powers and (here or power in FORCE_WIDE) for power in wanted)

    if line.public:
        return Answer.LET_IN
    if line.needs and not held(line.needs, here=True):
        return Answer.REFUSED
    here = scope != "other"
    if line.of in OF_A_PERSON and scope == "other":
        return Answer.NOT_THERE
    if (line.of in OF_AN_ACCOUNT or line.sees) and not held(line.sees or line.needs, here=here):
        return Answer.NOT_THERE
    bound = line.of in OF_AN_ACCOUNT or line.names_an_account
    if line.needs and not held(line.does or line.needs, here=here or not bound):
        return Answer.REFUSED
    if line.over_all and not held(line.needs, here=scope == "all"):
        return Answer.REFUSED
    return Answer.LET_IN


def scopes_of(line: Line) -> tuple[str, ...]:
    """The scopes in which the line can answer differently: those that are asked in fact."""
    if line.public:
        return ("own",)
    if line.over_all:
        return ("own", "all")
    if line.of in OF_AN_ACCOUNT or line.of in OF_A_PERSON or line.names_an_account:
        return ("own", "other")
    return ("own",)


def routes(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    """Name, address and view of every route of the platform, in the order of the addresses' files."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            for name, address, view in routes(entry, inner):
                yield name, f"{entry.pattern}{address}", view
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", str(entry.pattern), entry.callback


def missing() -> list[str]:
    """Routes without a line, as the line to add."""
    return [f'"{name}": [get(...)],  # /{address}' for name, address, _ in routes() if name not in TABLE]


def stale() -> list[str]:
    """Lines of routes that there are no more."""
    there = {name for name, _, _ in routes()}
    return [name for name in TABLE if name not in there]


# What is seen of a member of the public

SEEN_OF_A_COMMENTER: dict[str, tuple[str, ...]] = {
    "name, or the handle of somebody without one": (Power.SEE_COMMENTS, Power.SEE_CASES),
    "handle beside the name": (Power.SEE_CASES,),
    "words of a public comment": (Power.SEE_COMMENTS, Power.SEE_CASES),
    "words of a private message": (Power.SEE_COMMENTS,),
    "what they wrote before, elsewhere": (Power.SEE_COMMENTS,),
    "colleagues' private note on their comment": (Power.SEE_COMMENTS,),
    "reply to them that has not left yet": (Power.SEE_COMMENTS,),
    "words kept as evidence of a case": (Power.SEE_CASES,),
}
"""What the platform holds of a commenter, and the powers by which somebody sees it on some page. It is seen on
one's own official accounts alone."""


def sees_of_a_commenter(what: str, role: str) -> bool:
    """Whether a role sees it of somebody who wrote to an official account of its grant."""
    return any(power in POWERS[role] for power in SEEN_OF_A_COMMENTER[what])


# As people read it

_SHORT = {
    Role.COMMS_OFFICER: "Comms officer",
    Role.COMMS_APPROVER: "Comms approver",
    Role.DESK_OPERATOR: "Desk operator",
    Role.DESK_SUPERVISOR: "Desk supervisor",
    Role.SURGE_HELPER: "Surge helper",
    Role.NEIGHBOURHOOD_OFFICER: "Neighbour- hood",
    Role.GUEST_WRITER: "Guest writer",
    Role.DUTY_COMMAND: "Duty command",
    Role.INFOSEC_AUDITOR: "Infosec",
    Role.RECORDS_MANAGER: "Records",
    Role.INFORMATION_RIGHTS_OFFICER: "Information rights",
    Role.INTELLIGENCE_RECEIVER: "Intelli- gence",
    Role.SOURCE_UNIT: "Source unit",
    Role.PROFESSIONAL_STANDARDS: "PSD",
    Role.ONLINE_CHILD_ABUSE: "Child abuse team",
    Role.SAFEGUARDING: "Safe- guarding",
    Role.CONTROL_ROOM: "Control room",
    Role.ASSET_OWNER: "Asset owner",
    Role.SERVICE_ADMINISTRATOR: "Service admin",
}

_HEAD = """# Who may open what

Written by `manage.py access-matrix` from `smmp/access.py`; do not edit it by hand. `tests/access` asks every address of
this table in fact, as every role, on an official account of their own, on another, and with a grant that has run out.

- **yes**: let in. **own**: let in for records of the official accounts of one's grant; of others there is nothing to see (404).
- **all**: let in where the grant is over all official accounts, refused (403) where it is over one of them.
- **–**: refused (403), with a sentence that says whom to ask. **not there**: nothing is to be seen (404).
- Somebody whose grants have all run out is answered as somebody who never had one: **–** wherever a role says yes, from
  the second on at which the grant ends. *Everybody* means anyone signed in, whatever their role.
- Nobody who is not signed in is let in anywhere but at the addresses marked *public*.
- Addresses of the API are opened by keys of service identities alone; nobody's sign-in opens them.
- ⟳ asks for the second factor again where it is older than five minutes.
"""

_GROUPS = (
    ("", "The platform itself, and oneself"),
    ("audit", "The trail"),
    ("accounts", "The register, grants and people"),
    ("publishing", "Publishing"),
    ("moderation", "The desk"),
    ("escalation", "Cases"),
    ("retention", "Retention"),
    ("exercise", "Exercises"),
    ("api", "The API, for programs whose only grant is of that role"),
)

_EVERYBODYS = {"staff", "notices", "media"}


def as_page() -> str:
    """The whole table in Markdown."""
    parts = [_HEAD]
    rooms: dict[str, list[tuple[str, str, Any]]] = {}
    for route in routes():
        rooms.setdefault(_room(route[0]), []).append(route)
    titles = dict(_GROUPS)
    for room in sorted(rooms, key=lambda room: (list(titles).index(room) if room in titles else 99, room)):
        parts.append(_section(titles.get(room, room.capitalize()), rooms[room]))
    parts.append(_commenters())
    return "\n".join(parts)


def _room(name: str) -> str:
    room = name.partition(":")[0] if ":" in name else ""
    return "" if room in _EVERYBODYS else room


def _section(title: str, found: list[tuple[str, str, Any]]) -> str:
    everybody, by_role = [], []
    for name, address, view in sorted(found, key=lambda route: route[1]):
        for line in TABLE.get(name, []):
            where = f"{line.method} `/{address}`" + (" ⟳" if getattr(view, "fresh", False) else "")
            if line.public or not line.needs:
                who = "public" if line.public else "any live key" if line.key else "everybody"
                everybody.append(f"| {where} | {who}{', own records' if line.of in OF_A_PERSON else ''} |")
            else:
                cells = " | ".join(_cell(line, role) for role in Role.values)
                by_role.append(f"| {where} | {cells} |")
    text = f"\n## {title}\n"
    if by_role:
        text += "\n| | " + " | ".join(_SHORT[Role(role)] for role in Role.values) + " |\n"
        text += "|---" * (len(Role.values) + 1) + "|\n" + "\n".join(by_role) + "\n"
    if everybody:
        text += "\n| | |\n|---|---|\n" + "\n".join(everybody) + "\n"
    return text


def _cell(line: Line, role: str) -> str:
    own, other, over_all = (answer_to(line, role, scope) for scope in SCOPES)
    if own is Answer.LET_IN:
        return "yes" if other is Answer.LET_IN else "own"
    if over_all is Answer.LET_IN:
        return "all"
    return "not there" if own is Answer.NOT_THERE else "–"


def _commenters() -> str:
    text = (
        "\n## What is seen of a member of the public\n\n"
        "On some page of the platform, of somebody who wrote to an official account of one's own grant. "
        "Of people who wrote to other official accounts nobody sees any of it.\n\n"
    )
    text += "| | " + " | ".join(_SHORT[Role(role)] for role in Role.values) + " |\n"
    text += "|---" * (len(Role.values) + 1) + "|\n"
    for what in SEEN_OF_A_COMMENTER:
        cells = " | ".join("yes" if sees_of_a_commenter(what, role) else "–" for role in Role.values)
        text += f"| {what} | {cells} |\n"
    return text
