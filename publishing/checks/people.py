"""Checks that a post gives away nothing about people that it need not: numbers, addresses, names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import phonenumbers
import regex

from publishing.checks import names
from publishing.checks.prepared import Policy, Prepared
from publishing.checks.questions import ABOUT_A_CASE
from publishing.checks.registry import ADVICE, PEOPLE, SECOND, STOP, Found, check
from publishing.mentions import named_people

_DPA = "Data Protection Act 2018, ss.35 and 37: lawful, and not excessive"
MOST_NUMBERS = 50
_CASES = ABOUT_A_CASE | {"missing"}
_APPEALS = frozenset({"witness", "missing", "wanted", "identify"})

_STREET = r"(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Way|Place|Crescent|Terrace|Gardens|Court|Grove|Mews|Row|Square|Hill|Walk|Rise)"
ADDRESS = regex.compile(
    rf"\b(?:Flat \d+[a-z]?,? )?\d{{1,4}}[A-Za-z]?,? (?:\p{{Lu}}[\p{{L}}’']+ ){{1,3}}{_STREET}\b"
)
POSTCODE = regex.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b")
_PUBLIC = regex.compile(
    r"\b(?:station|library|hall|centre|school|church|mosque|temple|court|office|hub|counter|museum|theatre|caf[eé]|club|surgery|market)\b",
    regex.IGNORECASE,
)
REGISTRATION = regex.compile(
    r"\b(?:[A-HJ-PR-Y][A-HJ-PR-Y]\d{2} ?[A-HJ-PR-Z]{3}|[A-HJ-NPR-TV-Y]\d{1,3} ?[A-HJ-PR-Y]{3}|[A-HJ-PR-Y]{3} ?\d{1,3}[A-HJ-NPR-TV-Y])\b"
)
BORN = regex.compile(
    r"\b(?:born(?: on)?|date of birth|d\.?o\.?b\.?)\b[ :]*(?:on |is |the )?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?[ ./-](?:\d{1,2}|\p{L}{3,9})[ ./-]\d{2,4}|\d{4}-\d{2}-\d{2})",
    regex.IGNORECASE,
)


@check(
    slug="phone",
    name="Telephone numbers",
    group=PEOPLE,
    level=STOP,
    source=_DPA,
    sentence="No telephone number of a person is given: a mobile stops the post unless the force lists it as its own.",
)
def phone(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in [*post.texts, (_media_words(post), "")]:
        matches = phonenumbers.PhoneNumberMatcher(text, "GB", phonenumbers.Leniency.POSSIBLE)
        for match in islice(matches, MOST_NUMBERS):
            raw = match.raw_string
            if not raw.startswith(("0", "+")) or sum(c.isdigit() for c in raw) < 10:
                continue
            number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            if number in policy.numbers:
                continue
            if number.startswith("+447"):
                yield Found(
                    f"{raw} is the number of a mobile.",
                    "Take it out, or have it put on the list of the force’s numbers.",
                    where=where,
                )
            elif not number.startswith(("+448", "+443")):
                yield Found(f"{raw}: whose number is it?", "Be sure that it may be public.", ADVICE, where)


def _media_words(post: Prepared) -> str:
    return post.everything_said[sum(len(text) + 1 for text, _ in post.texts) :]


@check(
    slug="address",
    name="Addresses",
    group=PEOPLE,
    level=STOP,
    source=_DPA + "; Sexual Offences (Amendment) Act 1992, s.1 (addresses)",
    sentence="No house of a person is given by its number or postcode.",
)
def address(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        hit = ADDRESS.search(text) or POSTCODE.search(text)
        if hit is None:
            continue
        in_a_case = post.kind in _CASES
        if not in_a_case and _PUBLIC.search(text[max(0, hit.start() - 80) : hit.end() + 40]):
            continue
        yield Found(
            f"“{hit[0]}” is an address.",
            "Give the street or the town alone." if in_a_case else "Be sure that it is nobody’s home.",
            level=STOP if in_a_case else ADVICE,
            where=where,
        )


@check(
    slug="registration",
    name="Number plates",
    group=PEOPLE,
    level=STOP,
    source=_DPA,
    sentence="No vehicle is given by its registration, but in an appeal that two approvers agree to.",
)
def registration(post: Prepared, policy: Policy) -> Iterator[Found]:
    appeal = post.kind in _APPEALS
    for text, where in post.texts:
        if hit := REGISTRATION.search(text):
            yield Found(
                f"“{hit[0]}” is the registration of a vehicle.",
                "Two approvers weigh whether finding it needs the public."
                if appeal
                else "Take it out: its keeper is a person.",
                level=SECOND if appeal else STOP,
                where=where,
            )


@check(
    slug="birth-date",
    name="Dates of birth",
    group=PEOPLE,
    level=STOP,
    source=_DPA + "; College of Policing APP, Arrests, charges and judicial outcomes: age, not date of birth",
    sentence="Nobody’s date of birth is given; their age is enough.",
)
def birth_date(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        if hit := BORN.search(text):
            yield Found(f"“{hit[0]}” is a date of birth.", "Give the age.", where=where)


@check(
    slug="named-person",
    name="Who is named",
    group=PEOPLE,
    level=ADVICE,
    source=_DPA + "; College of Policing APP, Legal considerations: lawful, necessary, proportionate",
    sentence="Whoever is named knows it, or there is a reason.",
)
def named_person(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in ("general", "live", "joint", "witness", "identify"):
        return
    sure = [name for name in names.people_in(post.everything_said, policy.places) if name.sure]
    if sure:
        yield Found(
            f"It names {', '.join(f'“{name.text}”' for name in sure[:3])}.",
            "Do they know of it, or is there a reason why they need not?",
        )


def strangers(post: Prepared, policy: Policy) -> list[str]:
    """Handles that its words name or whose posts they show, which are neither ours nor on the force's list."""
    named = {handle.casefold(): handle for text, _ in post.texts for handle in named_people(text)}
    return [handle for folded, handle in named.items() if folded not in policy.handles]


@check(
    slug="mention",
    name="Who is named with an @",
    group=PEOPLE,
    level=STOP,
    source="College of Policing APP, Social media: victims and witnesses who have not engaged with the force there are not "
    "contacted by it",
    sentence="Nobody is named with an @, or quoted, who has not written to the official account first; organisations may be on "
    "the force’s list.",
)
def mention(post: Prepared, policy: Policy) -> Iterator[Found]:
    found = strangers(post, policy)
    if not found:
        return
    named = ", ".join(f"@{handle}" for handle in found[:3])
    answer = post.answer("mention")
    if answer in ("wrote", "organisation"):
        yield Found(
            f"It names or quotes {named}. Its author says: "
            + (
                "each wrote to the official account first."
                if answer == "wrote"
                else "it is no private person."
            ),
            "Whoever approves it looks whether that is so; being named by somebody else is not writing to us.",
            level=ADVICE,
        )
        return
    yield Found(
        f"It names or quotes {named}, whom the platform then tells.",
        "Leave the @ or the link out, or say under “What kind of post” that each wrote to us first, or is no private person.",
        asks=() if answer else ("mention",),
    )
