"""Checks of law and policy by what kind of post it is: arrests, proceedings, anonymity, pictures, nationality."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import regex

from publishing.checks import names, questions
from publishing.checks.prepared import Policy, Prepared
from publishing.checks.registry import ADVICE, LAW, SECOND, STOP, Found, check

_ARRESTS = "College of Policing APP, Arrests, charges and judicial outcomes"
_IMAGES = "College of Policing APP, Images and footage"
_CONTEMPT = "Contempt of Court Act 1981, ss.1-3 and Schedule 1, paras 3-5"
_COMPLAINANTS = "Sexual Offences (Amendment) Act 1992, s.1; Modern Slavery Act 2015; College of Policing APP, Legal considerations"
_CHILDREN = "Children and Young Persons Act 1933, s.49; Youth Justice and Criminal Evidence Act 1999, s.45"
_NATIONALITY = "NPCC and College of Policing, interim guidance on releasing the ethnicity and nationality of suspects, 13 August 2025"

LONGEST_WANTED = timedelta(days=31)
LONGEST_SHOWN = timedelta(days=366)
_CASE = questions.ABOUT_A_CASE


def _words(pattern: str) -> regex.Pattern[str]:
    return regex.compile(rf"\b(?:{pattern})\b", regex.IGNORECASE)


_ARREST_WORDS = _words(r"arrest(?:ed|s)?|in custody|under investigation|released on bail")
_KIND_WORDS = (
    (
        "arrest",
        _words(r"(?:has|have|was|were|been) arrested|arrested (?:on|in|over|for)|in (?:police )?custody"),
    ),
    (
        "charge",
        _words(
            r"(?:has|have|been|was|were) charged with|charged with|appear(?:s|ed)? (?:at|before) .{0,30}court"
        ),
    ),
    ("outcome", _words(r"sentenced|jailed|found guilty|convicted of|pleaded guilty|life imprisonment")),
    (
        "missing",
        _words(
            r"missing (?:person|man|woman|boy|girl|teenager)|(?:is|gone|reported|went) missing|missing from"
        ),
    ),
    (
        "wanted",
        _words(r"wanted (?:in connection|for|on|over|by)|wanted (?:man|woman|person)|on recall to prison"),
    ),
)
_BEYOND_ARREST = (
    (
        "what they work as",
        _words(
            r"(?:works|worked|working|employed) (?:as|at|for)|by profession|(?:teacher|nurse|doctor|footballer|councillor|vicar|taxi driver|police officer|soldier) (?:aged|was|has been|from)"
        ),
    ),
    (
        "earlier convictions",
        _words(
            r"previous(?:ly)? convict\w*|criminal record|known to (?:the )?police|history of (?:violence|offending)|repeat offender|on licence"
        ),
    ),
    (
        "what they have said",
        _words(
            r"confess\w*|admitted|admits|denied|denies|told (?:officers|police|us) (?:that )?(?:he|she|they)"
        ),
    ),
    (
        "a relation to somebody else in it",
        _words(
            r"(?:ex-?|former )?(?:husband|wife|partner|boyfriend|girlfriend|son|daughter|brother|sister|neighbour) of"
        ),
    ),
    (
        "what may come of it",
        _words(r"will be charged|expect(?:ed)? to be charged|faces? (?:a )?(?:charge|prison|jail)"),
    ),
)
_PREJUDICE = _words(
    r"guilty|culprits?|the (?:murderer|rapist|killer|attacker|thief|burglar|paedophile|dealer)|perpetrators?|confess\w*|"
    r"previous convictions|criminal record|known to (?:the )?police|repeat offender|thugs?|monsters?|predators?|evil|"
    r"off (?:the|our) streets|red-handed|justice (?:has been|was|will be) (?:done|served)|no doubt (?:that )?(?:he|she|they)"
)
_ANONYMOUS = _words(
    r"rap(?:e|ed|ing)|sexual(?:ly)? (?:assault\w*|offences?|abuse\w*|activity|touching|exploit\w*)|indecent\w*|voyeurism|upskirting|"
    r"grooming|trafficked|trafficking|modern slavery|forced labour|genital mutilation|FGM|forced marriage|forced to marry"
)
_VICTIM = r"(?:victim|complainant|survivor|she|the (?:woman|girl|boy|man|teenager|child)|her|him)"
_VICTIM_NAMED = regex.compile(
    r"\b(?:victim|complainant|survivor|woman|girl|boy|teenager|child),? (?:is |was |has been )?(?:named |called |identified )?(?:as |locally as )?$",
    regex.IGNORECASE,
)
_POINTS_AT = _words(
    r"(?:pupil|student|teacher|goes|went) (?:at|of|to)|(?:her|his|their|a local|the) school|\p{L}+ (?:primary|high|secondary|grammar) school|"
    r"(?:works|worked|employed|employee) (?:at|of|for|as)|(?:his|her|their) (?:own )?(?:step)?(?:daughter|son|child|sister|niece|nephew|wife|"
    r"girlfriend|ex-?(?:partner|wife|girlfriend)|pupil|student|patient|foster child)"
)
_UNDER_18 = _words(
    r"(?:1[0-7]|[1-9])[- ]year[- ]olds?|aged? (?:1[0-7]|[1-9])(?! ?(?:months|weeks))|(?:boy|girl|teenager|youth|child) (?:of|aged) \d+|"
    r"(?:a|the|two|three) (?:teenage |young )?(?:boys?|girls?|child|children|schoolboys?|schoolgirls?|toddler|baby)"
)
_ETHNICITY = _words(
    r"(?:white|black|asian|south asian|east asian|mixed[- ]race|arab|brown|afro-?caribbean|african|romany|gypsy|chinese|middle eastern)[- ]"
    r"(?:british |skinned )?(?:man|men|woman|women|male|males|female|females|teenager|teenagers|youth|youths|boy|boys|girl|girls|suspect|suspects|driver|person|people)|"
    r"of (?:white|black|asian|mixed|arab|african|chinese|middle eastern|mediterranean) (?:british )?(?:appearance|heritage|origin|background|ethnicity|descent)|"
    r"\p{L}+(?:ese|ish|ian|an|i|ch) nationals?|(?:a|an|the) (?:afghan|albanian|algerian|british|bulgarian|chinese|eritrean|ethiopian|french|german|"
    r"ghanaian|indian|iranian|iraqi|irish|italian|jamaican|kurdish|lithuanian|moroccan|nigerian|pakistani|polish|portuguese|romanian|russian|"
    r"somali|spanish|sudanese|syrian|turkish|ukrainian|vietnamese) (?:man|woman|citizen|national|suspect|driver|teenager|youth)|"
    r"(?:his|her|their) (?:nationality|ethnicity)|born in (?!\d)\p{L}+"
)
_IMMIGRATION = _words(
    r"asylum[- ]seekers?|(?:illegal |economic )?(?:im)?migrants?|refugees?|immigration status|visa|overstay\w*|small boats?"
)
_STATED = _words(
    r"(?:was|were|been) (?:raped|sexually assaulted|assaulted|attacked|stabbed|robbed|burgled|groomed|abducted|followed|grabbed)"
)
_REPORTED = _words(r"report(?:s|ed|ing)?|alleg\w+|suspected|it is believed|said (?:that )?(?:she|he|they)")


def called_for(post: Prepared, policy: Policy) -> frozenset[str]:
    """What the words call for an answer to, among publishing.checks.questions."""
    from_words = set()
    if post.kind in ("charge", "arrest") and _ETHNICITY.search(post.everything_said):
        from_words.add("nationality")
    if post.kind == "arrest" and any(name.sure for name in _named(post, policy)):
        from_words.add("name")
    return frozenset(from_words)


def _named(post: Prepared, policy: Policy) -> list[names.Name]:
    return names.people_in(post.everything_said, policy.places)


def _listed(found: list[names.Name], most: int = 3) -> str:
    return ", ".join(f"“{one.text}”" for one in found[:most])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@check(
    slug="kind",
    name="What kind of post it is",
    group=LAW,
    level=STOP,
    source=f"{_ARRESTS}; {_IMAGES}",
    sentence="A post about an arrest, a charge, a verdict, a missing or a wanted person is declared as one, so that the checks for it run.",
)
def kind(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in ("general", "live", "joint"):
        return
    for chosen, pattern in _KIND_WORDS:
        hit = pattern.search(post.everything_said)
        if hit is None:
            continue
        sure = [name for name in _named(post, policy) if name.sure]
        yield Found(
            f"“{hit[0]}” reads as if it were about {_ABOUT[chosen]}"
            + (f", and it names {_listed(sure)}." if sure else "."),
            "Say of what kind it is, and answer what is then asked.",
            level=STOP if sure else ADVICE,
        )
        return


_ABOUT = {
    "arrest": "an arrest",
    "charge": "a charge",
    "outcome": "an outcome at court",
    "missing": "a missing person",
    "wanted": "a wanted person",
}


@check(
    slug="arrest-fields",
    name="What may be said of an arrest",
    group=LAW,
    level=STOP,
    source=f"{_ARRESTS}: what may be released on arrest",
    sentence="Of an arrest only this is said: gender, age, town; what, when and roughly where; date of arrest; custody, bail, release or no further action.",
)
def arrest_fields(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind != "arrest":
        return
    for text, where in post.texts:
        for what, pattern in _BEYOND_ARREST:
            if hit := pattern.search(text):
                yield Found(
                    f"“{hit[0]}” says {what}, which is not released on arrest.",
                    "Leave it out: gender, age, town, nature, date and general place of the offence, date of arrest, and whether in custody, on bail or released.",
                    where=where,
                )


@check(
    slug="naming-before-charge",
    name="Naming before charge",
    group=LAW,
    level=STOP,
    source=f"{_ARRESTS}: naming before charge",
    sentence="Nobody is named before charge but by a recorded decision of the SIO, gold or the most senior operational lead, for a policing purpose.",
)
def naming_before_charge(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in ("arrest", "wanted", "witness"):
        return
    found = _named(post, policy) if post.kind in ("arrest", "wanted") else []
    sure = [name for name in found if name.sure]
    said_so = post.answer("names") == "yes"
    if post.kind == "arrest" and not post.answer("names"):
        yield Found(
            "Say whether it names or points at a suspect.",
            "Answer the question under “What kind of post”.",
            asks=("names",),
        )
    if not (sure or said_so or post.kind == "wanted"):
        if found:
            yield Found(
                f"{_listed(found)} reads like the name of a person.",
                "Nobody is named before charge without a decision.",
                level=ADVICE,
            )
        return
    what = f"It names {_listed(sure)}" if sure else "It names or points at a person"
    needed = ("naming_role", "naming_by", "naming_on", "naming_why")
    missing = [slug for slug in needed if not post.answer(slug)]
    decided = _day(post.answer("naming_on"))
    if missing:
        yield Found(
            f"{what} before charge, and no decision is recorded for it.",
            "Take the name out, or record who decided (SIO, gold or the most senior operational lead), when and why.",
            asks=tuple(missing),
        )
    elif decided is not None and decided > post.goes_out_on:
        yield Found(
            "The decision to name is dated after the post goes out.",
            "Give the day on which it was decided.",
            asks=("naming_on",),
        )
    else:
        role = questions.in_words(questions.BY_SLUG["naming_role"], post.answer("naming_role"))
        yield Found(
            f"{what} before charge, decided by {post.answer('naming_by')} ({role[:1].lower()}{role[1:]}).",
            "Two approvers read the reason and whether the words keep to it.",
            level=SECOND,
        )


@check(
    slug="active-proceedings",
    name="Active proceedings",
    group=LAW,
    level=STOP,
    source=_CONTEMPT,
    sentence="Where a case is active it is said since when, and nothing in the post might prejudice a trial.",
)
def active_proceedings(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in _CASE:
        return
    active = post.answer("proceedings")
    if not active:
        yield Found(
            "Say whether proceedings are active.",
            "Answer the question under “What kind of post”.",
            asks=("proceedings",),
        )
        return
    if active != "yes":
        if post.kind == "charge":
            yield Found(
                "It is about a charge, and its case is declared as not active.",
                "A charge makes it active: answer yes, with the case.",
                asks=("proceedings",),
            )
        return
    if not post.answer("case"):
        yield Found(
            "The case and since when it is active are missing.",
            "Give its number, and the day and hour of the arrest, warrant, summons or charge.",
            asks=("case",),
        )
    stopped = False
    for text, where in post.texts:
        if hit := _PREJUDICE.search(text):
            stopped = True
            yield Found(
                f"“{hit[0]}” takes as proved what a court has still to decide, or tells a jury what it must not know.",
                "Take it out while the case is active.",
                where=where,
            )
    if not stopped:
        yield Found("The case is active.", "Two approvers read it with a jury in mind.", level=SECOND)


@check(
    slug="complainant",
    name="Complainants with lifelong anonymity",
    group=LAW,
    level=STOP,
    source=_COMPLAINANTS,
    sentence="Nothing in a post is likely to lead to who complained of a sexual offence, modern slavery, FGM or a forced marriage.",
)
def complainant(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in _CASE:
        return
    offence = post.answer("offence")
    hit = _ANONYMOUS.search(post.everything_said)
    if not offence:
        yield Found(
            "Say whether it is an offence whose complainants are never identified.",
            "Answer the question under “What kind of post”.",
            asks=("offence",),
        )
    elif offence == "none" and hit:
        yield Found(
            f"The words speak of “{hit[0]}”, and the offence is declared as none of those with anonymity.",
            "Choose the right offence, or other words.",
            asks=("offence",),
        )
    if offence in ("", "none") and not hit:
        return
    stopped = False
    for text, where in post.texts:
        named = [
            name
            for name in names.people_in(text, policy.places)
            if _VICTIM_NAMED.search(text[max(0, name.at - 60) : name.at])
            or (post.kind == "witness" and name.sure)
        ]
        if named:
            stopped = True
            yield Found(
                f"{_listed(named)} may be who complained.", "Take the name out, for good.", where=where
            )
        if pointer := _POINTS_AT.search(text):
            stopped = True
            yield Found(
                f"“{pointer[0]}” may lead to who complained: a school, a place of work or a relation is enough.",
                "Leave it out.",
                where=where,
            )
    if not stopped:
        yield Found(
            "Its complainant is never to be identified.",
            "Two approvers ask themselves whether somebody who knows a little would now know who it is, with what others have published.",
            level=SECOND,
        )


@check(
    slug="child",
    name="Anonymity of children",
    group=LAW,
    level=STOP,
    source=_CHILDREN,
    sentence="Nobody under 18 in a case is named, shown or pointed at, whether suspect, victim or witness.",
)
def child(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in _CASE:
        return
    declared = post.answer("child")
    hit = _UNDER_18.search(post.everything_said)
    if not declared:
        yield Found(
            "Say whether anybody in it is under 18.",
            "Answer the question under “What kind of post”.",
            asks=("child",),
        )
    elif declared == "no" and hit:
        yield Found(
            f"“{hit[0]}” reads as if somebody in it were under 18, and nobody is declared to be.",
            "Answer yes, or write how old they are.",
            asks=("child",),
        )
    if declared != "yes":
        return
    sure = [name for name in _named(post, policy) if name.sure]
    if sure:
        yield Found(
            f"It names {_listed(sure)}, and somebody in it is under 18.",
            "Take the name out. Where a court allowed it, have it overridden with the order.",
        )
    if pointer := _POINTS_AT.search(post.everything_said):
        yield Found(f"“{pointer[0]}” may lead to who is under 18.", "Leave out schools, relations and work.")
    if post.has_media and post.kind != "identify":
        yield Found(
            "It has a picture or a video, and somebody in it is under 18.",
            "Two approvers make sure that no child is shown.",
            level=SECOND,
        )


_IMAGE = ("image_by", "image_why", "image_risk", "image_review", "image_until")
_IMAGE_WORDS = {
    "image_by": "who approved it",
    "image_why": "the reason",
    "image_risk": "the risk assessment",
    "image_review": "when it is looked at again",
    "image_until": "when it is taken down",
}


def _decided(post: Prepared, longest: timedelta) -> Iterator[Found]:
    missing = [slug for slug in _IMAGE if not post.answer(slug)]
    if missing:
        yield Found(
            f"The decision to show the person lacks {', '.join(_IMAGE_WORDS[slug] for slug in missing)}.",
            "The SIO or the officer in the case approves and verifies it; write down what is missing.",
            asks=tuple(missing),
        )
        return
    review = _day(post.answer("image_review"))
    if review is None or review <= post.goes_out_on:
        yield Found(
            "The picture would be looked at again before it goes out.",
            "Give a day after that.",
            asks=("image_review",),
        )
    elif review > post.goes_out_on + longest:
        yield Found(
            f"The picture would be looked at again only after {(review - post.goes_out_on).days} days.",
            f"Choose a day within {longest.days} days.",
            asks=("image_review",),
        )
    until = _day(post.answer("image_until"))
    if until is None or until <= post.goes_out_on:
        yield Found(
            "The picture would be taken down before it goes out.",
            "Give a day after that.",
            asks=("image_until",),
        )
    elif until > post.goes_out_on + longest:
        yield Found(
            f"The picture would be taken down only after {(until - post.goes_out_on).days} days.",
            f"Choose a day within {longest.days} days; it can be extended with a reason.",
            asks=("image_until",),
        )


@check(
    slug="image-decision",
    name="Pictures of a person",
    group=LAW,
    level=STOP,
    source=f"{_IMAGES}: approval, reasons, risk assessment, review; social media: removed in a timely way",
    sentence="A picture of a missing, sought, charged or convicted person has an approver, a reason, a risk assessment, a day of review and one on which it is taken down; one from custody is a last resort.",
)
def image_decision(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in ("missing", "identify", "charge", "outcome") or not post.has_media:
        return
    yield from _decided(post, LONGEST_SHOWN)
    custody = post.answer("custody")
    if not custody:
        yield Found(
            "Say whether it is a picture from custody.",
            "Answer the question under “What kind of post”.",
            asks=("custody",),
        )
    elif custody == "yes" and post.kind == "missing":
        yield Found(
            "It shows a missing person by a picture from custody, which is a last resort.",
            "Ask the family for another one; else two approvers weigh the risk.",
            level=SECOND,
        )
    elif custody == "yes" and post.kind in ("charge", "identify"):
        yield Found(
            "It shows somebody in custody who is not convicted.",
            "Two approvers weigh whether identification is at issue.",
            level=SECOND,
        )


@check(
    slug="wanted",
    name="Wanted people",
    group=LAW,
    level=STOP,
    source=f"{_IMAGES}; {_ARRESTS}: a warning about a wanted person",
    sentence="A picture of a wanted person has the same decision, is looked at again within a month, and is taken down as soon as they are found.",
)
def wanted(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind != "wanted":
        return
    if post.has_media:
        yield from _decided(post, LONGEST_WANTED)
    yield Found(
        "It stands on every channel until somebody takes it down.",
        "Take it down as soon as the person is found, and tell the media.",
        level=ADVICE,
    )


@check(
    slug="nationality",
    name="Nationality and ethnicity",
    group=LAW,
    level=STOP,
    source=_NATIONALITY,
    sentence="Nationality and ethnicity are given of people who are charged, by a decision, and in descriptions that help to find somebody; immigration status is for the Home Office.",
)
def nationality(post: Prepared, policy: Policy) -> Iterator[Found]:
    said = post.everything_said
    if post.kind in _CASE and (hit := _IMMIGRATION.search(said)):
        yield Found(
            f"“{hit[0]}” speaks of somebody’s immigration status, which is for the Home Office to confirm.",
            "Leave it out, and send questions there.",
        )
    hit = _ETHNICITY.search(said)
    if hit is None:
        return
    if post.kind == "arrest":
        yield Found(
            f"“{hit[0]}”: nationality and ethnicity are given once somebody is charged.",
            "Leave it out until then.",
        )
    elif post.kind == "charge":
        why = post.answer("nationality_why")
        if why:
            yield Found(
                f"“{hit[0]}” is given by a decision: {why}",
                "Two approvers read whether the case is one of high profile or where false claims go round.",
                level=SECOND,
            )
        else:
            yield Found(
                f"“{hit[0]}” is given without a decision.",
                "Write down who decided and why, or leave it out.",
                asks=("nationality_why",),
            )
    else:
        yield Found(
            f"“{hit[0]}”: is it needed?",
            "Give it where it helps to find somebody or answers false claims; else leave it out.",
            level=ADVICE,
        )


@check(
    slug="report-language",
    name="“Report of”",
    group=LAW,
    level=ADVICE,
    source=f"{_ARRESTS}: correct terms",
    sentence="What is not proved is called a report.",
)
def report_language(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind not in ("witness", "arrest", "charge", "identify", "wanted"):
        return
    for text, where in post.texts:
        hit = _STATED.search(text)
        if hit and not _REPORTED.search(text):
            yield Found(
                f"“{hit[0]}” says as a fact what was reported.",
                "Write “report of”, or record why not.",
                where=where,
            )
