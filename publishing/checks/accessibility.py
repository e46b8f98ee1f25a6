"""Checks that everybody can read, hear and see what a post says."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

from publishing.checks.prepared import Policy, Prepared
from publishing.checks.registry import ACCESSIBILITY, ADVICE, STOP, Found, check

_GCS = "GCS, Planning, creating and publishing accessible social media campaigns"
_LAW = "Public Sector Bodies (Websites and Mobile Applications) Accessibility Regulations 2018; WCAG 2.2"

MOST_WORDS = 25
MOST_EMOJI = 3
MOST_HASHTAGS = 2
_FILE_NAME = regex.compile(r"\.(jpe?g|png|gif|webp|heic|mp4|mov)$", regex.IGNORECASE)
_PLACEHOLDER = regex.compile(
    r"^(an? |the )?(image|img|dsc|photo|photograph|picture|pic|screenshot|screen shot|graphic|video|untitled)[\W_\d]*$",
    regex.IGNORECASE,
)
_HASHTAG = regex.compile(r"(?<![\w&/])#(\p{L}[\w]*)")
_LINK = regex.compile(r"https?://\S+")
_EMOJI = regex.compile(
    r"\p{RI}\p{RI}|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[#*0-9]\uFE0F?\u20E3)"
    r"(?:\p{EMod}|\uFE0F|\u200D\p{Extended_Pictographic}\uFE0F?|[\U000E0020-\U000E007F])*"
)
_NEEDS_A_NOUN = regex.compile(
    r"\b(the|an?|your|our|their|his|her|my|this|that|no|by|in|on|with|of|and|or|to|from|for|call|drink|without)\s*$",
    regex.IGNORECASE,
)
_SENTENCE_END = regex.compile(r"(?<=[.!?…])[\"”’)]*\s+|\n+")
_CAPITALS = regex.compile(r"\b\p{Lu}[\p{Lu}’']+\b")
_ABBREVIATIONS = frozenset(
    [
        "ANPR",
        "ASBO",
        "BBC",
        "BWV",
        "CCTV",
        "CPS",
        "DVLA",
        "DVSA",
        "GMT",
        "BST",
        "HGV",
        "HMIC",
        "HMICFRS",
        "IOPC",
        "LGBT",
        "LGBTQ",
        "NASA",
        "NATO",
        "NHS",
        "NPCC",
        "NSPCC",
        "NCA",
        "PCC",
        "PCSO",
        "PCSOS",
        "RNLI",
        "RSPCA",
        "SOCO",
        "UK",
        "USA",
        "VIP",
        "WPC",
        "AED",
        "SMS",
        "PIN",
        "ATM",
        "DNA",
        "ID",
        "IT",
        "TV",
    ]
)
_PSEUDO = regex.compile(
    r"[\U0001D400-\U0001D7FF\u24B6-\u24E9\U0001F110-\U0001F12F\U0001F130-\U0001F149\U0001F150-\U0001F169"
    r"\U0001F170-\U0001F189\uFF21-\uFF3A\uFF41-\uFF5A\u1D00-\u1D2B\u2102\u210A-\u2115\u2119-\u211D\u2124\u2128\u212C-\u2138]"
)


@check(
    slug="alt-text",
    name="Alt text",
    group=ACCESSIBILITY,
    level=STOP,
    source=f"{_LAW}, 1.1.1; GCS, Accessible by default",
    sentence="Every picture has alt text that says what it shows.",
)
def alt_text(post: Prepared, policy: Policy) -> Iterator[Found]:
    for number, picture in enumerate(post.pictures, start=1):
        alt = picture.alt_text.strip()
        if not alt:
            yield Found(
                f"Picture {number} has no alt text: some people hear pictures.", "Say what matters in it."
            )
        elif _FILE_NAME.search(alt) or _PLACEHOLDER.match(alt):
            yield Found(
                f"The alt text of picture {number} is “{alt[:60]}”, which says nothing to who hears it.",
                "Say what matters in it, in a sentence.",
            )


@check(
    slug="captions",
    name="Captions",
    group=ACCESSIBILITY,
    level=STOP,
    source=f"{_LAW}, 1.2.2; GCS, Accessible by default",
    sentence="A video has captions, or the reason why it needs none.",
)
def captions(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.video is None or post.video.captions.strip():
        return
    why = post.video.no_captions_why.strip()
    if why:
        yield Found(f"The video has no captions. The reason given: {why}", level=ADVICE)
    else:
        yield Found(
            "The video has no captions: many people watch without sound.", "Add a file with captions."
        )


@check(
    slug="hashtag-capitals",
    name="Hashtags",
    group=ACCESSIBILITY,
    level=ADVICE,
    source=_GCS,
    sentence="Each word of a hashtag has a capital, so that screen readers say the words.",
)
def hashtag_capitals(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        for tag in dict.fromkeys(_HASHTAG.findall(_LINK.sub(" ", text))):
            letters = [c for c in tag if c.isalpha()]
            if len(letters) >= 8 and (all(c.islower() for c in letters) or all(c.isupper() for c in letters)):
                yield Found(
                    f"#{tag} is read out as one word.",
                    "Give each word of it a capital, such as #SaltmereViaduct.",
                    where=where,
                )


@check(
    slug="hashtags-at-end",
    name="Hashtags at the end",
    group=ACCESSIBILITY,
    level=ADVICE,
    source=_GCS,
    sentence=f"Hashtags stand at the end, at most {MOST_HASHTAGS} of them.",
)
def hashtags_at_end(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        plain = _LINK.sub(" ", text)
        tags = list(_HASHTAG.finditer(plain))
        if not tags:
            continue
        if len(tags) > MOST_HASHTAGS:
            yield Found(
                f"{len(tags)} hashtags: {MOST_HASHTAGS} are the most that people listen to.",
                "Leave out those that nobody looks for.",
                where=where,
            )
        after = _HASHTAG.sub(" ", plain[tags[0].start() :])
        if regex.search(r"\p{L}", after):
            yield Found(
                f"#{tags[0][1]} stands within the words, where it is hard to read and to hear.",
                "Write it as words there, and the hashtag at the end.",
                where=where,
            )


@check(
    slug="emoji-number",
    name="Emoji",
    group=ACCESSIBILITY,
    level=ADVICE,
    source=_GCS,
    sentence=f"At most {MOST_EMOJI} emoji, none twice: each is read out by its name.",
)
def emoji_number(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        found = _EMOJI.findall(text)
        if len(found) > MOST_EMOJI:
            yield Found(
                f"{len(found)} emoji: a screen reader says the name of each.",
                f"Keep at most {MOST_EMOJI}.",
                where=where,
            )
        elif len(set(found)) < len(found):
            yield Found("The same emoji stands there twice, and is read out twice.", "Keep one.", where=where)


@check(
    slug="emoji-as-word",
    name="Emoji in place of a word",
    group=ACCESSIBILITY,
    level=ADVICE,
    source=_GCS,
    sentence="No emoji stands for a word that one has to know to understand the rest.",
)
def emoji_as_word(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        for one in _EMOJI.finditer(text):
            before, after = text[max(0, one.start() - 40) : one.start()], text[one.end() : one.end() + 40]
            goes_on = regex.match(r"[ \u00a0]*\p{Ll}", after) and regex.search(
                r"[\p{L}\d,][ \u00a0]*$", before
            )
            if goes_on or _NEEDS_A_NOUN.search(before):
                yield Found(
                    f"{one[0]} stands in the place of a word.",
                    "Write the word. An emoji may follow the sentence.",
                    where=where,
                )
                break


@check(
    slug="sentence-length",
    name="Long sentences",
    group=ACCESSIBILITY,
    level=ADVICE,
    source=f"{_GCS}: at most 25 words a sentence",
    sentence=f"No sentence has more than {MOST_WORDS} words.",
)
def sentence_length(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        for sentence in _SENTENCE_END.split(_HASHTAG.sub(" ", _LINK.sub(" ", text))):
            words = regex.findall(r"[\p{L}\p{N}][\p{L}\p{N}'’:.,-]*", sentence)
            if len(words) > MOST_WORDS:
                yield Found(
                    f"The sentence “{' '.join(words[:5])} …” has {len(words)} words.",
                    f"Make two of it: at most {MOST_WORDS} words each.",
                    where=where,
                )


@check(
    slug="all-capitals",
    name="Capitals",
    group=ACCESSIBILITY,
    level=ADVICE,
    source="GOV.UK style guide, Capitalisation; " + _GCS,
    sentence="No words are written in capitals alone: they are hard to read, and screen readers may spell them.",
)
def all_capitals(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        words = [
            word
            for word in _CAPITALS.findall(_HASHTAG.sub(" ", _LINK.sub(" ", text)))
            if word not in _ABBREVIATIONS
        ]
        long = [word for word in words if len(word) >= 5]
        if long or len(words) >= 4:
            shown = " ".join((long or words)[:3])
            yield Found(f"“{shown}” is written in capitals.", "Write it in small letters.", where=where)


@check(
    slug="fancy-letters",
    name="Letters that are none",
    group=ACCESSIBILITY,
    level=STOP,
    source=f"{_LAW}, 1.3.1 and 1.4.5; GCS, Accessible by default",
    sentence="Bold, slanted or boxed look-alikes of letters are not used: screen readers skip or spell them.",
)
def fancy_letters(post: Prepared, policy: Policy) -> Iterator[Found]:
    for text, where in post.texts:
        found = _PSEUDO.findall(text)
        if found:
            plain = unicodedata.normalize("NFKC", "".join(found[:12]))
            yield Found(
                f"“{''.join(found[:12])}” is made of signs that look like letters and are none.",
                f"Type it with plain letters{f': {plain}' if plain.isascii() else ''}.",
                where=where,
            )
