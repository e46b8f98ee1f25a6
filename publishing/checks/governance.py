"""Checks of when and with whom the force speaks: before elections, and together with partners."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from publishing.checks.prepared import Policy, Prepared
from publishing.checks.registry import ADVICE, LAW, SECOND, STOP, Found, check

_POLITICS = regex.compile(
    r"\b(?:candidates?|MPs?|MSs?|councillors?|mayor|election|hustings|manifesto|Labour|Conservatives?|Tory|Liberal Democrats?|"
    r"Reform UK|Green Party|Plaid Cymru|PCC|Police and Crime Commissioner|(?:Prime|Home|Policing) (?:Minister|Secretary))\b"
)
_PARTNERS = regex.compile(
    r"\b(?:(?:county|borough|city|town|district|parish|local) council|council’s|council's|fire (?:and|&) rescue(?: service)?|ambulance service|"
    r"NHS|hospital trust|Environment Agency|National Highways|Network Rail|British Transport Police|National Crime Agency|"
    r"Crown Prosecution Service|CPS|Home Office|Coastguard|RNLI|RSPCA|Trading Standards|Border Force)\b"
)


def names_partner(post: Prepared) -> bool:
    return post.kind == "joint" or bool(_PARTNERS.search(post.everything_said))


@check(
    slug="pre-election",
    name="Before an election",
    group=LAW,
    level=STOP,
    source="College of Policing APP, Policing elections: the period of heightened sensitivity",
    sentence="In the days before an election two approvers look at every post, and nothing in it helps or hurts a candidate or a party.",
)
def pre_election(post: Prepared, policy: Policy) -> Iterator[Found]:
    for name, first, last in policy.periods:
        if not first <= post.goes_out_on <= last:
            continue
        until = f"{last.day} {last:%B %Y}"
        if hit := _POLITICS.search(post.everything_said):
            yield Found(
                f"It goes out in the period of heightened sensitivity ({name}, until {until}) and speaks of “{hit[0]}”.",
                "Leave it out, or ask the force’s election lead.",
            )
        else:
            yield Found(
                f"It goes out in the period of heightened sensitivity ({name}, until {until}).",
                "Two approvers ask whether it could be read as helping anybody who stands.",
                level=SECOND,
            )


@check(
    slug="partner",
    name="Partners",
    group=LAW,
    level=STOP,
    source="College of Policing APP, Media and communications, Major incidents: coordination between agencies; Civil Contingencies Act 2004",
    sentence="What is said together with a partner, or of a partner’s work, was agreed with the partner.",
)
def partner(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.answer("partner_by"):
        return
    if post.kind == "joint":
        yield Found(
            "It is joint with a partner, and nobody there is named who agreed to it.",
            "Write down who agreed and when.",
            asks=("partner_by",),
        )
    elif hit := _PARTNERS.search(post.everything_said):
        yield Found(
            f"It speaks of “{hit[0]}”. Did they agree to it?",
            "Answer the question under “What kind of post”.",
            level=ADVICE,
            asks=("partner_by",),
        )
