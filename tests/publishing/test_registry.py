"""Every check of the registry: a post that it must find, and one that it must leave alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from publishing.checks import registry
from publishing.checks.prepared import Filmed, Pictured, Policy, Prepared, Said
from publishing.checks.registry import ADVICE, GROUPS, LEVELS, REGISTRY, SECOND, STOP

TODAY = date(2026, 3, 2)
POLICY = Policy(
    domains=frozenset({"wealdshire.example"}),
    numbers=frozenset({"+441632960123", "+447700900999"}),
    handles=frozenset({"wealdshirepolice", "wealdshirefire"}),
    places=frozenset({"Harrowfield", "Saltmere", "Wealdshire Police"}),
    periods=(("County council", date(2026, 3, 20), date(2026, 5, 7)),),
)
PICTURE = (Pictured("a" * 64, "The viaduct at Saltmere from the east, with no people."),)
SETTLED = {"proceedings": "no", "offence": "none", "child": "no", "names": "no"}
ACTIVE = {**SETTLED, "proceedings": "yes", "case": "24/1234, arrest on 1 March at 06:10"}
DECIDED = {
    "naming_role": "gold",
    "naming_by": "Supt Owen Price",
    "naming_on": "2026-03-01",
    "naming_why": "Threat to life, log 12",
}
SHOWN = {
    "shows": "may",
    "shows_why": "Decision of the SIO",
    "image_by": "DI Siobhan Kerr",
    "image_why": "To find her",
    "image_risk": "Log 4",
    "image_review": "2026-03-20",
    "image_until": "2026-03-30",
    "custody": "no",
}


def post(words: str = "", **more: Any) -> Prepared:
    said = (Said(1, "Wealdshire Police", words),) if words else ()
    return Prepared(said=said, goes_out_on=more.pop("on", TODAY), **more)


def film(**more: str) -> Filmed:
    given = {
        "sha256": "b" * 64,
        "title": "Patrol",
        "alt_text": "A walk",
        "captions": "",
        "no_captions_why": "",
    }
    return Filmed(**{**given, **more})


@dataclass(frozen=True)
class Case:
    """A post, and the level at which its check must find it; none: it must find nothing."""

    slug: str
    level: str
    post: Prepared
    says: str = ""
    policy: Policy = field(default=POLICY)


def finds(slug: str, level: str, words: str = "", says: str = "", **more: Any) -> Case:
    return Case(slug, level, post(words, **more), says)


def leaves(slug: str, words: str = "", **more: Any) -> Case:
    return Case(slug, "", post(words, **more))


ARREST = "A 34-year-old man from Saltmere was arrested on suspicion of burglary on Sunday. He is in custody."
CASES = [
    finds("alt-text", STOP, "Open", pictures=(Pictured("a", ""),)),
    finds("alt-text", STOP, "Open", "IMG_2041.jpg", pictures=(Pictured("a", "IMG_2041.jpg"),)),
    finds("alt-text", STOP, "Open", pictures=(Pictured("a", "Photo"),)),
    leaves("alt-text", "Open", pictures=PICTURE),
    finds("captions", STOP, "Watch", video=film()),
    finds("captions", ADVICE, "Watch", "No speech", video=film(no_captions_why="No speech in it")),
    leaves("captions", "Watch", video=film(captions="WEBVTT\n\n00:00.000 --> 00:01.000\nHello")),
    finds("hashtag-capitals", ADVICE, "Mind how you go. #roadsafety"),
    leaves(
        "hashtag-capitals",
        "Mind how you go. #RoadSafety #Saltmere https://wealdshire.example/#roadsafetyweek",
    ),
    finds("mention", STOP, "Thank you @Tidewatcher for calling us.", "@Tidewatcher"),
    finds("mention", STOP, "Thank you ＠tidewatcher", answers={"mention": "no"}),
    finds("mention", STOP, "Well put: https://bsky.app/profile/rosa.example/post/3k", "@rosa.example"),
    finds("mention", STOP, "We are @wealdshirepolice@far.example", "@wealdshirepolice@far.example"),
    finds("mention", ADVICE, "Thank you @tidewatcher", "each wrote", answers={"mention": "wrote"}),
    finds("mention", ADVICE, "With @sea_rescue", "no private person", answers={"mention": "organisation"}),
    leaves("mention", "With @WealdshireFire and @wealdshirepolice. Write to front.desk@wealdshire.example"),
    finds("hashtags-at-end", ADVICE, "Our #RoadSafety week begins today."),
    finds("hashtags-at-end", ADVICE, "Come by. #One #Two #Three", "3 hashtags"),
    leaves("hashtags-at-end", "It begins today. #RoadSafety #Saltmere\nhttps://wealdshire.example/week"),
    finds("emoji-number", ADVICE, "Well done 🎉🚓👏🙏", "4 emoji"),
    finds("emoji-number", ADVICE, "Well done 🎉🎉", "twice"),
    leaves("emoji-number", "Well done to the family 👨‍👩‍👧‍👦 and the team 🇬🇧 in 2026 ©"),
    finds("emoji-as-word", ADVICE, "Do not drink and 🚗.", "🚗"),
    finds("emoji-as-word", ADVICE, "Lock your 🏠 when you leave."),
    leaves("emoji-as-word", "Do not drink and drive. 🚗 The road is open 🚓"),
    finds("sentence-length", ADVICE, "word " * 26 + ".", "26 words"),
    leaves("sentence-length", ("word " * 24 + "end. ") * 3),
    finds("all-capitals", ADVICE, "WARNING: the road is shut."),
    finds("all-capitals", ADVICE, "DO NOT GO IN the water"),
    leaves("all-capitals", "CCTV, ANPR and the NHS helped. The A36 is open. #SALTMERE"),
    finds("fancy-letters", STOP, "𝗦𝘁𝗼𝗽 and think", "Stop"),
    finds("fancy-letters", STOP, "Ｃａｌｌ us"),
    leaves("fancy-letters", "Café, naïve, Llŷn, £5, №4 and 5 ℃"),
    finds("kind", STOP, "Adam Sutton, 34, has been arrested over a burglary.", "Adam Sutton"),
    finds("kind", ADVICE, "A man has been arrested over a burglary."),
    leaves("kind", ARREST, kind="arrest"),
    leaves("kind", "The bridge is open again."),
    finds("arrest-fields", STOP, ARREST + " He has previous convictions.", kind="arrest"),
    finds("arrest-fields", STOP, "A man who works as a teacher was arrested.", "works as", kind="arrest"),
    leaves("arrest-fields", ARREST, kind="arrest"),
    leaves("arrest-fields", "She has worked as an officer for 20 years."),
    finds(
        "naming-before-charge",
        STOP,
        "Adam Sutton, 34, was arrested.",
        "no decision",
        kind="arrest",
        answers=SETTLED,
    ),
    finds("naming-before-charge", STOP, ARREST, kind="arrest"),
    finds("naming-before-charge", STOP, "Have you seen Adam Sutton?", kind="wanted", answers=ACTIVE),
    finds(
        "naming-before-charge",
        STOP,
        "Adam Sutton, 34, was arrested.",
        "dated after",
        kind="arrest",
        answers={**SETTLED, **DECIDED, "naming_on": "2026-03-05"},
    ),
    finds(
        "naming-before-charge",
        SECOND,
        "Adam Sutton, 34, was arrested.",
        "Supt Owen Price",
        kind="arrest",
        answers={**SETTLED, **DECIDED},
    ),
    finds(
        "naming-before-charge",
        ADVICE,
        "Officers arrested a man near Burnt Oakley today.",
        kind="arrest",
        answers=SETTLED,
    ),
    leaves("naming-before-charge", ARREST, kind="arrest", answers=SETTLED),
    leaves("naming-before-charge", "Adam Sutton, 34, was charged.", kind="charge", answers=ACTIVE),
    finds("active-proceedings", STOP, ARREST, "whether proceedings", kind="arrest"),
    finds("active-proceedings", STOP, ARREST, kind="arrest", answers={"proceedings": "yes"}),
    finds("active-proceedings", STOP, "We got the culprit off our streets.", kind="charge", answers=ACTIVE),
    finds("active-proceedings", STOP, "A man was charged.", kind="charge", answers=SETTLED),
    finds("active-proceedings", SECOND, ARREST, "active", kind="arrest", answers=ACTIVE),
    leaves("active-proceedings", "Did you see the collision?", kind="witness", answers=SETTLED),
    finds("complainant", STOP, "Did you see anything?", kind="witness"),
    finds(
        "complainant", STOP, "Appeal after a rape in Saltmere.", "declared", kind="witness", answers=SETTLED
    ),
    finds(
        "complainant",
        STOP,
        "The victim, Jane Tarrant, was attacked.",
        "Jane Tarrant",
        kind="witness",
        answers={**SETTLED, "offence": "sexual"},
    ),
    finds(
        "complainant",
        STOP,
        "A man was charged. She is a pupil at a local school.",
        "school",
        kind="charge",
        answers={**ACTIVE, "offence": "sexual"},
    ),
    finds(
        "complainant",
        SECOND,
        "Were you in Quay Street at ten?",
        kind="witness",
        answers={**SETTLED, "offence": "slavery"},
    ),
    leaves("complainant", "Were you in Quay Street at ten?", kind="witness", answers=SETTLED),
    finds("child", STOP, "Did you see anything?", kind="witness"),
    finds("child", STOP, "A 15-year-old was arrested.", "15-year-old", kind="arrest", answers=SETTLED),
    finds(
        "child",
        STOP,
        "Adam Sutton was charged.",
        "Adam Sutton",
        kind="charge",
        answers={**ACTIVE, "child": "yes"},
    ),
    finds(
        "child",
        SECOND,
        "A boy was hurt.",
        kind="witness",
        pictures=PICTURE,
        answers={**SETTLED, "child": "yes"},
    ),
    leaves("child", "A boy was hurt in Saltmere.", kind="witness", answers={**SETTLED, "child": "yes"}),
    leaves("child", "A 34-year-old man was hurt.", kind="witness", answers=SETTLED),
    finds("image-decision", STOP, "Please find Ellie.", "approved", kind="missing", pictures=PICTURE),
    finds(
        "image-decision",
        STOP,
        "Please find Ellie.",
        "before it goes out",
        kind="missing",
        pictures=PICTURE,
        answers={**SHOWN, "image_review": "2026-03-01"},
    ),
    finds(
        "image-decision",
        SECOND,
        "Please find Ellie.",
        "last resort",
        kind="missing",
        pictures=PICTURE,
        answers={**SHOWN, "custody": "yes"},
    ),
    leaves("image-decision", "Please find Ellie.", kind="missing", pictures=PICTURE, answers=SHOWN),
    leaves("image-decision", "The bridge is open.", pictures=PICTURE),
    finds("wanted", STOP, "Have you seen him?", "lacks", kind="wanted", pictures=PICTURE),
    finds(
        "wanted",
        STOP,
        "Have you seen him?",
        "days",
        kind="wanted",
        pictures=PICTURE,
        answers={**SHOWN, "image_review": "2026-06-01"},
    ),
    finds(
        "wanted",
        ADVICE,
        "Have you seen him?",
        "takes it down",
        kind="wanted",
        pictures=PICTURE,
        answers=SHOWN,
    ),
    leaves("wanted", "Please find Ellie.", kind="missing", pictures=PICTURE, answers=SHOWN),
    finds("nationality", STOP, "A Romanian national was arrested.", kind="arrest", answers=SETTLED),
    finds(
        "nationality", STOP, "A Polish man was charged.", "without a decision", kind="charge", answers=ACTIVE
    ),
    finds("nationality", STOP, "He is an asylum seeker.", "Home Office", kind="charge", answers=ACTIVE),
    finds(
        "nationality",
        SECOND,
        "A Polish man was charged.",
        kind="charge",
        answers={**ACTIVE, "nationality_why": "ACC Tessa Rowe: false claims go round"},
    ),
    finds("nationality", ADVICE, "He is a white man of about 40.", kind="identify", answers=SETTLED),
    leaves("nationality", ARREST, kind="arrest", answers=SETTLED),
    leaves("nationality", "A white van was seen near the Polish shop.", kind="witness", answers=SETTLED),
    finds("report-language", ADVICE, "A woman was assaulted in Quay Street.", kind="witness"),
    leaves("report-language", "We have a report that a woman was assaulted.", kind="witness"),
    leaves("report-language", "A woman was assaulted in a film at the cinema."),
    finds("phone", STOP, "Ring Sam on 07700 900123.", "07700 900123"),
    finds("phone", STOP, "Ring +44 7700 900123."),
    finds("phone", ADVICE, "Ring 01632 960456."),
    leaves(
        "phone",
        "Ring 101, 0800 555 111, 01632 960123 or 07700 900999. Log 24*123456 of 02/03/2026, 10:30 to 11:30.",
    ),
    finds("address", STOP, "It was at 14 Mill Lane.", kind="witness"),
    finds("address", STOP, "It was near WX1 2AB.", kind="missing"),
    finds("address", ADVICE, "A fire at 14 Mill Lane is out."),
    leaves("address", "The library at 14 Mill Lane is open. The A36 and Mill Lane are shut."),
    finds("registration", STOP, "Thanks to the driver of AB12 CDE."),
    finds("registration", SECOND, "We look for AB12 CDE.", kind="missing"),
    leaves("registration", "The A36 is shut. Reference AB1234. 24 officers from HMP."),
    finds("birth-date", STOP, "He was born on 3 May 1991."),
    finds("birth-date", STOP, "DOB: 03/05/1991"),
    leaves("birth-date", "He is 34. The force was born in 1841."),
    finds("named-person", ADVICE, "John Miller ran ten miles for charity.", "John Miller"),
    leaves("named-person", "PC Priya Nair met people at Saltmere Viaduct on Mill Lane."),
    leaves("named-person", "John Miller was sentenced.", kind="outcome"),
    finds("pre-election", SECOND, "The road is open.", "County council", on=date(2026, 4, 1)),
    finds("pre-election", STOP, "We met the candidate.", "candidate", on=date(2026, 5, 7)),
    leaves("pre-election", "We met the candidate.", on=date(2026, 5, 8)),
    finds("partner", STOP, "Together for safer roads.", kind="joint"),
    finds("partner", ADVICE, "Gritting is done by the county council.", "county council"),
    leaves(
        "partner",
        "Together for safer roads.",
        kind="joint",
        answers={"partner_by": "Wealdshire Fire, Ann Cole, 1 March"},
    ),
    leaves("partner", "The road is open."),
    finds("live-location", STOP, "Searches go on.", kind="live"),
    finds("live-location", STOP, "Searches go on.", kind="live", answers={"live": "yes"}),
    finds("live-location", STOP, "Searches go on.", "not named", kind="live", answers={"live": "agreed"}),
    finds("live-location", ADVICE, "Officers are currently outside the house."),
    leaves(
        "live-location",
        "Officers are at the viaduct.",
        kind="live",
        answers={"live": "agreed", "live_by": "Insp Calder"},
    ),
    leaves("live-location", "Officers were at the viaduct yesterday."),
    finds("media-shows", STOP, "Open", "blurred", pictures=PICTURE, answers={"shows": "must_not"}),
    finds("media-shows", STOP, "Open", pictures=PICTURE, answers={"shows": "may"}),
    finds("media-shows", STOP, "See", pictures=PICTURE, kind="live"),
    finds("media-shows", ADVICE, "Open", "face", pictures=PICTURE),
    leaves("media-shows", "Open", pictures=PICTURE, answers={"shows": "none"}),
    leaves("media-shows", "Open"),
    finds("collar-number", STOP, "DC 4471 watched the house."),
    finds("collar-number", STOP, "Our undercover officer, PC 4471, was there."),
    finds("collar-number", ADVICE, "PC 4471 ran the race."),
    leaves("collar-number", "PC Nair ran the race in 44 minutes."),
    finds("short-links", STOP, "Read https://bit.ly/3xYz"),
    leaves("short-links", "Read https://wealdshire.example/news"),
    finds("link-site", ADVICE, "Read https://news.example/bridge", "news.example"),
    leaves(
        "link-site", "Read https://www.police.uk/x, https://media.wealdshire.example/y and https://www.gov.uk"
    ),
    finds("link-number", ADVICE, "https://www.gov.uk/a and https://www.gov.uk/b"),
    leaves("link-number", "https://www.gov.uk/a, once more https://www.gov.uk/a"),
]


def names(case: Case) -> str:
    words = case.post.texts[0][0][:30] if case.post.texts else ""
    return f"{case.slug}-{case.level or 'nothing'}-{words}"


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_check_finds_what_it_must_and_nothing_else(case):
    found = [one for one in registry.judge(case.post, case.policy) if one.slug == case.slug]
    if not case.level:
        assert found == []
        return
    assert found[0].level == case.level, [one.sentence for one in found]
    assert any(case.says in one.sentence + one.do for one in found)
    assert found[0].source == REGISTRY[case.slug].source


def test_every_check_has_a_post_that_it_must_find_and_one_that_it_must_not():
    at_its_gravest = {case.slug for case in CASES if case.level == REGISTRY[case.slug].level}
    assert at_its_gravest == set(REGISTRY)
    assert {case.slug for case in CASES if not case.level} == set(REGISTRY)


def test_every_check_says_what_it_is_and_where_it_comes_from():
    assert len(REGISTRY) == 33
    for one in REGISTRY.values():
        assert one.group in GROUPS, one.slug
        assert one.level in LEVELS, one.slug
        assert one.sentence.endswith("."), one.slug
        assert len(one.source) > 10, one.slug


def test_a_check_that_breaks_asks_for_two_people_and_stops_no_other(monkeypatch):
    def broken(post, policy):
        raise KeyError("x")

    monkeypatch.setitem(REGISTRY, "phone", replace(REGISTRY["phone"], rule=broken))
    found = {one.slug: one for one in registry.judge(post("Read https://bit.ly/3xYz"), POLICY)}
    assert found["phone"].level == SECOND
    assert "could not be made" in found["phone"].sentence
    assert found["short-links"].level == STOP


def test_the_forces_policy_makes_a_check_graver_and_never_milder():
    read = post("Read https://news.example/bridge and ring 07700 900123")
    graver = replace(POLICY, levels={"link-site": SECOND, "phone": ADVICE})
    found = {one.slug: one.level for one in registry.judge(read, graver)}
    assert (found["link-site"], found["phone"]) == (SECOND, STOP)


def test_urgent_words_are_not_stopped_for_their_form_but_still_for_the_law():
    words = "𝗦𝘁𝗼𝗽 and ring Sam on 07700 900123"
    urgent = post(words, urgent_why="A child is missing near the river")
    found = {one.slug: one for one in registry.judge(urgent, POLICY)}
    assert (found["fancy-letters"].level, found["fancy-letters"].follow_up) == (ADVICE, True)
    assert (found["phone"].level, found["phone"].follow_up) == (STOP, False)
    assert not any(one.follow_up for one in registry.judge(post(words), POLICY))


def test_the_hash_of_the_content_changes_with_everything_that_goes_out():
    one = post("The road is open.", pictures=PICTURE, answers={"shows": "none"})
    others = [
        replace(one, said=(Said(2, "Saltmere", "The road is open."),)),
        replace(one, said=(Said(1, "Wealdshire Police", "The road is shut."),)),
        replace(one, said=(Said(1, "Wealdshire Police", "The road is open.", ("The road", "is open.")),)),
        replace(one, pictures=()),
        replace(one, pictures=(Pictured("a" * 64, "Another text"),)),
        replace(one, video=film()),
        replace(one, kind="live"),
        replace(one, answers={"shows": "may"}),
        replace(one, urgent_why="Somebody may die"),
        replace(one, language="cy"),
        replace(one, reply_control="nobody"),
        replace(one, publish_at="2026-03-02T10:00:00+00:00"),
    ]
    hashes = {other.content_hash for other in others}
    assert len(hashes) == len(others)
    assert one.content_hash not in hashes
    assert replace(one, goes_out_on=date(2026, 3, 3)).content_hash == one.content_hash
