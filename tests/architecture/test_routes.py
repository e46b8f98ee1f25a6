"""Every address has a gate, and what is open stands on one short list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from staff.middleware import HALF_ROUTES, OPEN_ROUTES
from staff.roles import Power


def _routes(resolver=None, namespace: str = "") -> Iterator[tuple[str, str, object]]:
    """Name, address and view of every route."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            for name, address, view in _routes(entry, inner):
                yield name, f"{entry.pattern}{address}", view
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", str(entry.pattern), entry.callback


ROUTES = sorted(_routes(), key=lambda route: route[1])


@pytest.mark.parametrize(
    ("name", "address", "view"), ROUTES, ids=[address or "/" for _, address, _ in ROUTES]
)
def test_every_route_has_a_name_and_a_gate(name, address, view):
    assert not name.endswith("None"), f"{address} has no name"
    gate = getattr(view, "gate", None)
    assert gate, f"{address} carries none of @needs, @signed_in, @open_to_all"
    assert set(gate) <= {*Power.values, "signed in", "public", "key"}


def test_what_is_open_is_exactly_what_is_listed():
    marked = {name for name, _, view in ROUTES if getattr(view, "gate", ()) == ("public",)}
    assert marked == OPEN_ROUTES


def test_pages_and_programs_ask_for_powers_and_never_for_a_role():
    """So that two roles with the same powers get the same answers: tests/access asks one of those that are alike."""
    root = Path(__file__).resolve().parents[2]
    asking = [*root.glob("*/views*.py"), *root.glob("*/api*.py"), root / "accounts/queries.py"]
    assert len(asking) > 50
    named = {
        f"{path.relative_to(root)}: {found}"
        for path in asking
        for found in re.findall(r"\bRole\.[A-Z_]+\b|\.roles?\s*==", path.read_text())
    }
    assert named <= {"accounts/queries.py: Role.DESK_SUPERVISOR"}, named  # whom to tell, not who may


def test_no_two_routes_share_a_name():
    names = [name for name, _, _ in ROUTES]
    assert len(names) == len(set(names))


def test_the_half_open_routes_exist_and_are_not_public():
    gates = {name: getattr(view, "gate", ()) for name, _, view in ROUTES}
    assert {gates[name] for name in HALF_ROUTES} == {("signed in",)}


@pytest.mark.parametrize(
    ("name", "address", "view"),
    [
        route
        for route in ROUTES
        if getattr(route[2], "gate", ()) not in (("public",), ("key",)) and "<" not in route[1]
    ],
    ids=[
        address or "/"
        for _, address, view in ROUTES
        if getattr(view, "gate", ()) not in (("public",), ("key",)) and "<" not in address
    ],
)
def test_nobody_sees_anything_unless_signed_in(client, db, name, address, view):
    for ask in (client.get, client.post):
        answer = ask(f"/{address}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")
    part = client.get(f"/{address}", headers={"HX-Request": "true"})
    assert part.status_code == 204
    assert part["HX-Redirect"].startswith("/sign-in/")


FRESH = {
    # Platform credentials
    "accounts:store_credential",
    "accounts:connect",
    "accounts:connected",
    # What may be written past the approvals
    "accounts:declare_native",
    # Roles and grants
    "accounts:give_grant",
    "accounts:end_grant",
    "accounts:record_move",
    "accounts:bring_back",
    "accounts:answer_request",
    "accounts:change_policy",
    "accounts:open_campaign",
    "accounts:decide_confirmation",
    "accounts:change_place",
    # Emergency access: to open it, not to ask for it or to end it
    "accounts:agree_glass",
    # Conduct
    "accounts:decide_matter",
    "accounts:end_matter",
    "accounts:close_matter",
    "accounts:take_trail",
    "accounts:export_matter",
    # Programs, their keys and grants
    "accounts:add_service",
    "accounts:hook",
    "accounts:hooks",
    "accounts:change_service",
    "accounts:give_service_grant",
    "accounts:make_key",
    "accounts:retire_service",
    "accounts:revoke_key",
    # The directory's keys, and what it may keep
    "accounts:make_directory_key",
    "accounts:renew_directory_key",
    "accounts:revoke_directory_key",
    "accounts:hand_over_team",
    "accounts:apply_staff_list",
    "moving_one",
    # Identities of single sign-on
    "accounts:release_sign_on",
    # Sign-in renewals and one's own factors
    "accounts:renew_sign_in",
    "accounts:agree_renewal",
    "accounts:change_email",
    "staff:change_password",
    "staff:renew_recovery_codes",
    # Personal devices and addresses
    "staff:allowances",
    "staff:factors",
    "staff:add_app",
    "staff:remove_app",
    "staff:new_passkey_options",
    "staff:enrol_passkey",
    "staff:rename_passkey",
    "staff:remove_passkey",
    # Exports, and who may read the trail
    "audit:export",
    "audit:sealed_export",
    "audit:proof_file",
    "insights:meeting_file",
    "insights:scorecard_file",
    "insights:marked_sheet_file",
    "insights:report_file",
    "audit:assign",
    # Holds and disposals
    "retention:row",
    "retention:confirm",
    "retention:place_hold",
    "retention:review_hold",
    "retention:ask_to_lift",
    "retention:lift_hold",
    "retention:put_forward",
    "retention:approve_draft",
    "retention:withdraw_draft",
    "retention:leave_out",
    "retention:stop_proposal",
    "retention:let_go_on",
    "retention:stand_for",
    "retention:open_review",
    "retention:decide_review",
    "retention:agree_review",
    "retention:send_back_review",
    "retention:restrict",
    "retention:open_restricted",
    "retention:lift_restriction",
    "retention:record_transfer",
    "retention:take_in",
    "retention:take_request",
    "retention:add_subject",
    "retention:leave_out_subject",
    "retention:who_asks",
    "retention:ask_clearer",
    "retention:made_clear",
    "retention:take_longer",
    "retention:search_request",
    "retention:request_items",
    "retention:request_item",
    "retention:request_picture",
    "retention:make_bundle",
    "retention:bundle",
    "retention:put_forward_answer",
    "retention:agree_answer",
    "retention:send_back_answer",
    "retention:answered",
    "retention:make_offer",
    "retention:archive_answer",
    "retention:archive_zip",
    # Originals that leave, and what is sealed for the online child abuse team
    "moderation:exhibit",
    "moderation:open_sealed",
    "moderation:lift_seal",
    # Exhibits of a case; intelligence that leaves, and who gave it
    "escalation:exhibit_pack",
    "escalation:disclose_intelligence",
    "escalation:intelligence_source",
    # Releasing a lockdown
    "publishing:lift_lockdown",
}
"""What asks for the second factor again when it is older than five minutes."""

FRESH_THIS_SHIFT = {
    "publishing:compose",
    "publishing:compose_post",
    "publishing:approve",
    "publishing:log_approve",
}
"""What asks for it once a shift, where several official accounts are meant."""

NEVER_FRESH = {
    # What the public waits for
    "moderation:reply",
    "moderation:hide",
    "moderation:unhide",
    "moderation:restrict",
    "moderation:lift",
    "moderation:blocks",
    "moderation:many",
    "moderation:decide_many",
    "moderation:elsewhere",
    "moderation:hand_over",
    "moderation:assess",
    "moderation:ask",
    "moderation:approve_reply",
    "moderation:act_review",
    "moderation:claim",
    "moderation:skip",
    "moderation:here",
    "moderation:escalate",
    "moderation:seal",
    # What protects a life
    "escalation:open",
    "escalation:acknowledge",
    "escalation:cannot_take",
    "escalation:add_comment",
    "escalation:reopen",
    "escalation:confirm",
    "escalation:telephone",
    "escalation:assess",
    "escalation:refer",
    "escalation:write_intelligence",
    "escalation:threat_sheet",
    "escalation:offer_reply",
    "escalation:number_referral",
    "escalation:send_referral",
    "escalation:cover",
    "publishing:lockdown",
    "publishing:let_pass",
    "accounts:continuity_plan",
    "accounts:continuity_sheet",
    "publishing:week",
    "publishing:week_file",
    "publishing:withdraw",
    "publishing:correct",
    "publishing:correction_step",
    # Out is always open
    "staff:sign_out",
    "staff:sign_out_everywhere",
    "accounts:record_leaver",
    # Asking costs nothing and opens nothing; ending takes power away
    "accounts:ask_glass",
    "accounts:refuse_glass",
    "accounts:close_glass",
}
"""What must never wait for a second factor once somebody is signed in with both."""


def _marked(*marks: str) -> set[str]:
    return {name for name, _, view in ROUTES if any(getattr(view, mark, False) for mark in marks)}


def test_what_asks_for_the_second_factor_again_is_exactly_what_is_listed():
    assert _marked("fresh", "fresh_to_change") == FRESH
    assert _marked("fresh_this_shift") == FRESH_THIS_SHIFT


def test_what_protects_a_life_never_waits_for_a_second_factor():
    names = {name for name, _, _ in ROUTES}
    assert names >= NEVER_FRESH
    assert not _marked("fresh", "fresh_to_change", "fresh_this_shift") & NEVER_FRESH


STAYS_INSIDE = {
    # Exports
    "audit:export",
    "retention:certificate",
    "retention:certificate_json",
    "retention:bundle",
    "retention:archive_zip",
    "accounts:continuity_sheet",
    "moderation:exhibit",
    "moderation:open_sealed",
    "escalation:exhibit_pack",
    "escalation:disclose_intelligence",
    "escalation:intelligence_source",
    # Secrets shown or enrolled
    "accounts:hook",
    "accounts:hooks",
    "staff:set_up_second_factor",
    "staff:authenticator_picture",
    "staff:renew_recovery_codes",
    "staff:add_app",
    "staff:new_passkey_options",
    "staff:enrol_passkey",
}
"""What is refused on a device off the force network."""


def test_what_stays_inside_is_exactly_what_is_listed():
    assert _marked("stays_inside") == STAYS_INSIDE
