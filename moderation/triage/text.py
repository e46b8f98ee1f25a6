"""The public's words as rules read them: plain small letters, without disguise. The original is never changed.

Undone here: compatibility letters, accents and stacked marks, invisible signs, look-alike letters
of other alphabets, digits and signs for letters (k1ll), letters set apart (k.i.l.l), masked
letters (k*ll), drawn-out letters (heeelp), typographic apostrophes,
one word said over and over. Every expression here is bounded: a hostile text must not hold up the others. The few emoji that carry
meaning become words. Sentence ends stay as " . ", question marks as " ? ".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

WINDOW = 700
"""Characters of normalised text that rules look at together; a longer text is read in windows."""
OVERLAP = 200
LONGEST = 200_000
"""Characters of the original that are read at all; longer ones never reach triage whole."""

_EMOJI_WORDS = {
    "🔪": "knife",
    "🗡": "knife",
    "🔫": "gun",
    "💣": "bomb",
    "🔥": "emojifire",
    "🩸": "blood",
    "🆘": "sos",
    "💊": "pills",
    "🪦": "grave",
    "⚰": "coffin",
    "💀": "emojiskull",
    "☠": "emojiskull",
    "😂": "emojilaugh",
    "🤣": "emojilaugh",
    "😹": "emojilaugh",
    "😆": "emojilaugh",
    "👍": "emojithumb",
    "👏": "emojithumb",
    "❤": "emojiheart",
    "💙": "emojiheart",
    "🙏": "emojithanks",
}
_LOOK_ALIKES = str.maketrans("авгеікмнорстухѕјԁοαερτυνιʟɪᴋ", "abreikmhopctyxsjdoaeptuvilik")
_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "i"}
)
_MASKED = [
    (re.compile(r"\bk[*#]+ll"), "kill"),
    (re.compile(r"\bk[*#]{2}l"), "kil"),
    (re.compile(r"\bsu[*#]+c[i*#]de"), "suicide"),
    (re.compile(r"\bs[*#]+icide"), "suicide"),
    (re.compile(r"\br[*#]+pe"), "rape"),
    (re.compile(r"\bd[*#]+e\b"), "die"),
    (re.compile(r"\bst[*#]+b"), "stab"),
    (re.compile(r"\bf[*#]+k"), "fuck"),
    (re.compile(r"\bf[*#]+ck"), "fuck"),
    (re.compile(r"\bsh[*#]+t"), "shit"),
    (re.compile(r"\bc[*#]+nt"), "cunt"),
    (re.compile(r"\bw[*#]+nker"), "wanker"),
    (re.compile(r"\bb[*#]+stard"), "bastard"),
]
_DOUBLED = frozenset(
    "kill killed killing killer kills will all call called calling calls hell tell still well pill pills feel "
    "feeling need needs bleed bleeding see seen been soon too off stuff street door shoot look looking took been "
    "happy happened happening attack beat school happen moon bottle suffer terrorist bullying bully grooming "
    "missing pass miss kiss boss class press kissed address blood flood food good wood mood root keep sleep weep "
    "deep week speed green free three tree agree bee baddie bedroom bathroom room upstairs better letter letters "
    "matter little hitting getting letting cutting putting running dinner funny penny money rubbish worry sorry "
    "hurry carry marry tomorrow arrest arrived terrible horrible hopeless hello bye yell bell fell sell wall ball "
    "fall hall small bullet village people arrange coffee officer office offer difficult different".split()
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_APOSTROPHES = re.compile("[’‘‛ʼ′`´']")
_QUOTE_MARKS = re.compile("[“”„‟«»＂]")
_APART = re.compile(r"(?<![^\W_])[^\W\d_]([ .\-_*/])(?:[^\W\d_]\1){2,}[^\W\d_](?![^\W_])")
_NOT_LETTER = re.compile(r"[\W_]+")
_LEET_TOKEN = re.compile(
    r"(?<![\w@$])[a-z@$]{0,20}(?:[a-z][013457@$!|]{1,2}|[@$])[a-z][a-z013457@$!|]{0,20}(?![\w@$])"
)
_DRAWN_OUT = re.compile(r"\b[a-z]{0,30}?([a-z])\1\1[a-z]{0,60}")
_LEET_WITHIN = re.compile(r"[013457@$!|][a-z]")
"""Stands in every text that _LEET_TOKEN finds something in, and is found sooner."""
_THREE_ALIKE = tuple(letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz")
_LONG_RUN = re.compile(r"([^\W\d_])\1{3,}")
_SAID_AGAIN = re.compile(r"(?<!\S)(\S{1,40})(?: \1(?!\S)){2,}")
_RUN = re.compile(r"([a-z])\1{2,}")
_ENDS = re.compile(r"[.!;:…\n\r]+|[—–]")
_OTHER = re.compile(r"[^\w\s.?#@/£&\"+%-]|_")
_OTHER_ASCII = {code: " " for code in range(128) if chr(code) in "-/" or _OTHER.match(chr(code))}
_PLUS = re.compile(r"\+(?!\d)")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@([\w.]{2,60})")
_LATIN = re.compile(r"[a-z]")
_MIXED = re.compile(
    r"[a-z][\u0370-\u052f\u1d00-\u1d2b\u026a\u029f]|[\u0370-\u052f\u1d00-\u1d2b\u026a\u029f][a-z]"
)
_WORDS = re.compile(r"\w+")


def _joined(found: re.Match[str]) -> str:
    return _NOT_LETTER.sub("", found.group())


def _unleet(found: re.Match[str]) -> str:
    return found.group().translate(_LEET)


def _shortened(found: re.Match[str]) -> str:
    word = found.group()
    doubled = _RUN.sub(r"\1\1", word)
    return doubled if doubled in _DOUBLED else _RUN.sub(r"\1", word)


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """The words in small plain letters, one space between them, as every rule reads them.

    The latest are kept: rules and model read the same comment one after the other.
    """
    text = text[:LONGEST]
    if not text.isascii():
        text = _latin(text)
    text = text.casefold().replace("'", "").replace("`", "")
    ascii_only = text.isascii()
    if not ascii_only and _MIXED.search(text):
        text = _WORDS.sub(
            lambda w: w.group().translate(_LOOK_ALIKES) if _LATIN.search(w.group()) else w.group(), text
        )
        ascii_only = text.isascii()
    if "http" in text or "www." in text:
        text = _LINK.sub(" weblink ", text)
    if "@" in text:
        text = _HANDLE.sub(r" handle\1 ", text)
    if "*" in text or "#" in text:
        for masked, word in _MASKED:
            text = masked.sub(word, text)
    text = _APART.sub(_joined, text)
    if _LEET_WITHIN.search(text):
        text = _LEET_TOKEN.sub(_unleet, text)
    if not ascii_only or any(three in text for three in _THREE_ALIKE):
        text = _DRAWN_OUT.sub(_shortened, _LONG_RUN.sub(r"\1\1\1", text))
    text = _ENDS.sub(" . ", text)
    if ascii_only:
        text = text.translate(_OTHER_ASCII)
    else:
        text = _OTHER.sub(" ", text).replace("-", " ").replace("/", " ")
    if "+" in text:
        text = _PLUS.sub(" ", text)
    words = text.replace("?", " ? ").replace('"', ' " ').split()
    text = " ".join(words)
    return _SAID_AGAIN.sub(r"\1 \1", text) if len(set(words)) < len(words) - 1 else text


def _latin(text: str) -> str:
    """Emoji that mean something as words, other alphabets' variants as plain letters, no invisible signs."""
    for sign, word in _EMOJI_WORDS.items():
        if sign in text:
            text = text.replace(sign, f" {word} ")
    text = _QUOTE_MARKS.sub('"', _APOSTROPHES.sub("'", text))
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    return "".join(c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Mn")


@lru_cache(maxsize=512)
def _own_name(name: str) -> str:
    return plain(name) if name else ""


@dataclass(frozen=True)
class Reading:
    """One comment as rules see it."""

    original: str
    account_name: str = ""
    _found: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, asker: object, work: Callable[[Reading], Any]) -> Any:
        """What `work` says of this comment, worked out at the first asking; several rules may ask."""
        if asker not in self._found:
            self._found[asker] = work(self)
        return self._found[asker]

    @cached_property
    def words(self) -> str:
        """The whole text, normalised; the official account's own name is taken out (it may be called anything)."""
        words = plain(self.original)
        name = _own_name(self.account_name)
        return words.replace(name, "police") if len(name) > 3 else words

    @cached_property
    def windows(self) -> list[str]:
        """The text in overlapping stretches, so that one risk at the end of a long message still counts."""
        words = self.words
        if len(words) <= WINDOW:
            return [words]
        found, start = [], 0
        while start < len(words):
            end = min(start + WINDOW, len(words))
            found.append(words[start:end])
            if end == len(words):
                break
            cut = words.rfind(" ", start + WINDOW - OVERLAP - 60, start + WINDOW - OVERLAP)
            start = cut + 1 if cut > start else start + WINDOW - OVERLAP
        return found
