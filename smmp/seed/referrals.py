"""What the demonstration force has referred: one of each kind, from two cases that have ended.

Invented people and numbers. Made once: what is there already stays as it is.
"""

from __future__ import annotations

from uuid import uuid4

from django.db import transaction

from escalation.actions import cases, referrals, risk
from escalation.models import Case, Pathway, Referral, ReferralKind
from smmp.seed.force import Force
from staff.models import StaffMember

GIVEN: dict[str, dict[str, str]] = {
    "safeguarding": {
        "who": "Jordan P, about 17, lives with a grandparent in Saltmere",
        "concern": "Wrote goodbye messages; found safe at the viaduct and taken home by officers",
        "now": "At home with a grandparent",
        "told": "Both know of this referral",
    },
    "partner": {
        "agency": "Wealdshire ambulance service",
        "shared": "The place and that one young person may be hurt",
        "why": "They were closer than any patrol",
    },
    "press": {
        "who": "Saltmere Echo, news desk",
        "question": "Is the viaduct closed?",
        "deadline": "18:00 today",
    },
    "foi": {
        "what": "How many calls to the viaduct there were in each of the last three years",
        "contact": "R. Finch, finch@citizen.example",
    },
    "subject_access": {
        "what": "Everything that is kept of the account saltmere_sam",
        "contact": "Sam Doyle, sam.doyle@citizen.example",
        "identity": "None shown yet",
    },
    "psd_complaint": {
        "what": "An officer at the cordon is said to have been rude",
        "about": "An unnamed officer, Saltmere viaduct",
        "contact": "On the platform, @tidewatcher",
    },
    "source_unit": {
        "who": "heron_on_the_quay (Heron), on the exercise network",
        "why": "Tells the desk about the boat house every week and has begun to ask what we would like to know next",
        "asked": "Nothing so far",
    },
    "policy_breach": {
        "what": "A photograph from inside the cordon was posted on a personal account",
        "policy": "Use of social media",
        "version": "4.1",
    },
}
ANSWERED = {"partner": {"outcome": "A crew went and stood by; duty manager A. Bell"}}


@transaction.atomic
def make(force: Force) -> None:
    """Two ended cases, and what they have handed to other teams."""
    if Referral.objects.exists():
        return
    amira, command = force.people["amira_hussain"], force.people["inspector_calder"]
    viaduct = _case(force, amira, command, "threat_to_life", "Concern for safety, Saltmere viaduct")
    risk.set_place(actor=amira, case=viaduct, place="Saltmere viaduct")
    call = _refer(
        amira,
        viaduct,
        "control_room",
        {
            "what": "Somebody writes goodbye and is near the viaduct",
            "where": "Saltmere viaduct, north side",
            "who": "Jordan P, about 17",
            "risk": "May jump",
            "contact": "Through the digital desk, on the platform",
        },
    )
    referrals.record_numbers(actor=amira, referral=call, incident_number="0412")
    for slug in ("safeguarding", "partner", "press"):
        made = _refer(amira, viaduct, slug, GIVEN[slug])
        if slug in ANSWERED:
            referrals.answer(actor=amira, referral=made, given=ANSWERED[slug])
    _close(command, viaduct, "Found safe at the viaduct and taken home by officers")
    words = _case(force, amira, command, "information_request", "Complaint and requests after the viaduct")
    for slug in ("foi", "subject_access", "psd_complaint", "policy_breach", "source_unit"):
        _refer(amira, words, slug, GIVEN[slug])
    _close(command, words, "Each request is with its team")


def _case(force: Force, by: StaffMember, holder: StaffMember, slug: str, title: str) -> Case:
    made = cases.open_case(
        actor=by,
        official_account=force.accounts["wealdshire-police"],
        pathway=Pathway.objects.get(slug=slug),
        title=title,
        why="Seen at the desk.",
    )
    return cases.acknowledge(actor=holder, case=made)


def _refer(by: StaffMember, case: Case, slug: str, given: dict[str, str]) -> Referral:
    kind = ReferralKind.objects.get(slug=slug)
    return referrals.refer(actor=by, case=case, kind=kind, given=given, token=uuid4())


def _close(by: StaffMember, case: Case, outcome: str) -> None:
    recorded = dict.fromkeys(case.version.must_record, "Written down in the log")
    cases.close(actor=by, case=case, outcome=outcome, recorded=recorded)
