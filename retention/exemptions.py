"""Exemptions and grounds on which something is withheld, or kept although somebody asks that it goes.

Each with the law that it stands in. `confirm` marks those whose words were not read where these were compiled: the force's
information rights officer confirms them (domain.md section 2 has DPA s.45(4) and s.47 alone).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

ACCESS, FOI, ERASURE = "subject_access", "foi", "erasure"
NOT_ABOUT_THEM = "not_about_them"


@dataclass(frozen=True)
class Exemption:
    """One ground: for which kind of request, under which regime, and in whose words."""

    slug: str
    says: str
    source: str
    kinds: tuple[str, ...]
    regimes: tuple[str, ...] = ()
    """Of retention.models.schedule.Regime; empty: whichever."""
    nation: str = ""
    """ "scotland" or "uk" where it holds in one alone."""
    public_interest: bool = False
    """Whether the public interest has to be weighed as well."""
    confirm: bool = True


_PART3, _GDPR = ("part3", "both"), ("gdpr", "both")

EXEMPTIONS = (
    Exemption(
        NOT_ABOUT_THEM,
        "It is not about them: the search found it by its words alone",
        "DPA 2018 s.3(2): personal data relates to an identified or identifiable person",
        (ACCESS, FOI, ERASURE),
        confirm=False,
    ),
    Exemption(
        "dpa45a", "It would obstruct an inquiry", "DPA 2018 s.45(4)(a)", (ACCESS,), _PART3, confirm=False
    ),
    Exemption(
        "dpa45b",
        "It would prejudice the prevention or detection of crime, or a prosecution",
        "DPA 2018 s.45(4)(b)",
        (ACCESS,),
        _PART3,
        confirm=False,
    ),
    Exemption("dpa45c", "Public security", "DPA 2018 s.45(4)(c)", (ACCESS,), _PART3, confirm=False),
    Exemption("dpa45d", "National security", "DPA 2018 s.45(4)(d)", (ACCESS,), _PART3, confirm=False),
    Exemption(
        "dpa45e", "The rights and freedoms of others", "DPA 2018 s.45(4)(e)", (ACCESS,), _PART3, confirm=False
    ),
    Exemption("sch2p2", "Crime and taxation", "DPA 2018 Sch. 2 para. 2", (ACCESS, ERASURE), _GDPR),
    Exemption("sch2p5", "Legal proceedings", "DPA 2018 Sch. 2 para. 5", (ACCESS, ERASURE), _GDPR),
    Exemption("sch2p16", "Information about somebody else", "DPA 2018 Sch. 2 para. 16", (ACCESS,), _GDPR),
    Exemption("sch2p19", "Legal professional privilege", "DPA 2018 Sch. 2 para. 19", (ACCESS,), _GDPR),
    Exemption(
        "art17_3b", "A public task or a legal duty needs it", "UK GDPR art. 17(3)(b)", (ERASURE,), _GDPR
    ),
    Exemption("art17_3e", "Legal claims need it", "UK GDPR art. 17(3)(e)", (ERASURE,), _GDPR),
    Exemption("dpa47", "It must be kept as evidence", "DPA 2018 s.47(2)", (ERASURE,), _PART3, confirm=False),
    Exemption("foia12", "It would cost more than the limit", "FOIA 2000 s.12", (FOI,), nation="uk"),
    Exemption("foia14", "Vexatious or repeated", "FOIA 2000 s.14", (FOI,), nation="uk"),
    Exemption("foia21", "Published or to be had elsewhere", "FOIA 2000 s.21", (FOI,), nation="uk"),
    Exemption("foia24", "National security", "FOIA 2000 s.24", (FOI,), nation="uk", public_interest=True),
    Exemption("foia30", "Investigations", "FOIA 2000 s.30", (FOI,), nation="uk", public_interest=True),
    Exemption("foia31", "Law enforcement", "FOIA 2000 s.31", (FOI,), nation="uk", public_interest=True),
    Exemption("foia38", "Health and safety", "FOIA 2000 s.38", (FOI,), nation="uk", public_interest=True),
    Exemption("foia40", "Personal information", "FOIA 2000 s.40", (FOI,), nation="uk"),
    Exemption("foia41", "Given in confidence", "FOIA 2000 s.41", (FOI,), nation="uk"),
    Exemption("foisa12", "It would cost more than the limit", "FOISA 2002 s.12", (FOI,), nation="scotland"),
    Exemption("foisa14", "Vexatious or repeated", "FOISA 2002 s.14", (FOI,), nation="scotland"),
    Exemption("foisa25", "To be had elsewhere", "FOISA 2002 s.25", (FOI,), nation="scotland"),
    Exemption(
        "foisa34", "Investigations", "FOISA 2002 s.34", (FOI,), nation="scotland", public_interest=True
    ),
    Exemption(
        "foisa35", "Law enforcement", "FOISA 2002 s.35", (FOI,), nation="scotland", public_interest=True
    ),
    Exemption("foisa38", "Personal information", "FOISA 2002 s.38", (FOI,), nation="scotland"),
)
BY_SLUG = {one.slug: one for one in EXEMPTIONS}


def for_request(kind: str, regime: str) -> list[Exemption]:
    """Those that such a request can be answered with, where the force is."""
    nation = "scotland" if settings.NATION == "scotland" else "uk"
    wanted = kind if kind in (ACCESS, FOI) else ERASURE
    return [
        one
        for one in EXEMPTIONS
        if wanted in one.kinds
        and one.nation in ("", nation)
        and (not one.regimes or kind == FOI or regime in one.regimes)
    ]
