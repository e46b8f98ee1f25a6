"""What a rule is: a name, where it sends a comment, a sentence for staff, and the words it looks for.

Patterns are regular expressions over normalised text (moderation.triage.text). Fragments in
angle brackets are shared wording (`<im>` is "im" or "i am"); `<2w>` is up to two words between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from moderation.triage.text import Reading

NEAR = 90
"""Characters on either side of a match in which an exclusion counts."""
SHOWN = 60
"""Characters of the matched words that staff are shown as the reason."""

FRAGMENTS = {
    "im": r"(?:im|i am|ive been|i have been)",
    "ive": r"(?:ive|i have)",
    "id": r"(?:id|i would|i could|i might)",
    "gonna": r"(?:gonna|going to|gunna|goin to|about to|ready to|planning to|want to|wanna|will|ima|gna)",
    "cant": r"(?:cant|cannot|can not|couldnt|can t|carnt)",
    "dont": r"(?:dont|do not|didnt|doesnt|don t)",
    "wont": r"(?:wont|will not|wouldnt)",
    "them": r"(?:him|her|them|you|u|it|these|those|this|that)",
    "person": r"(?:him|her|them|you|u|ya|someone|somebody|people|everyone|everybody|yous|ye)",
    "their": r"(?:his|her|their|your|ur|my|our|the)",
    "kin": r"(?:mum|mam|mother|dad|father|son|daughter|brother|sister|wife|husband|partner|girlfriend|boyfriend|"
    r"nan|gran|grandad|uncle|aunt|auntie|cousin|niece|nephew|mate|friend|neighbour|ex|lad|boy|girl|kid|child|"
    r"grandson|granddaughter|missus|baby|fella|bloke|man|woman|lady|guy|toddler|teenager)",
    "child": r"(?:child|kid|kids|children|boy|girl|baby|toddler|little one|son|daughter|lad|teenager|"
    r"\d{1,2} (?:yr|year|yo|y o)s?(?: old)?|1[0-7]|minor|pupil|schoolgirl|schoolboy|niece|nephew|grandson|granddaughter)",
    "colour": r"(?:blue|light blue|pale blue|dark blue|navy|green|red|black|white|grey|gray|silver|yellow|orange|purple|pink|brown|dark|cream|camouflage)",
    "worn": r"(?:hoodie|hoody|blazer|jacket|coat|puffer|top|jumper|tracksuit|trackies|joggers|jeans|leggings|cap|beanie|hat|scarf|"
    r"rucksack|backpack|bag|trainers|shoes|shoe|tie|uniform|dress|skirt|shirt|hair|beard|glasses|balaclava|hood|hoods|mask|t shirt)",
    "car": r"(?:car|van|hatchback|hatch|estate|saloon|people carrier|taxi|cab|minibus|transit|pick ?up|4x4|suv|lorry|moped|scooter|bike)",
    "road": r"(?:street|road|lane|avenue|close|drive|way|court|crescent|gardens?|terrace|row|place|grove|hill|mews|walk|square|green|view|rise|croft|fold|park|parade|st|rd|ave)",
    "now": r"(?:now|right now|rn|as we speak|at the moment|currently|this minute|still|as i type|as i write)",
    "weapon": r"(?:knife|knives|blade|machete|gun|shotgun|pistol|axe|sword|hammer|bat|crowbar|zombie knife|samurai|"
    r"acid|iron bar|cleaver|crossbow|firearm|baseball bat|metal bar|iron bars|bars|bricks|petrol bomb|screwdriver|golf club)",
    "home": r"(?:house|home|flat|door|address|garden|drive|street|road|place|gaff|window|windows|yard|shop|hotel|hostel)",
}
_FRAGMENT = re.compile(r"<(\w+)>")


_AFTER_SPACE = re.compile(r"(?:^| | \)[?*+]?|\(\?:)$")


def expand(pattern: str) -> str:
    """A pattern with its shared wording written out."""

    def written(found: re.Match[str]) -> str:
        name = found.group(1)
        if not (name[0].isdigit() and name[1:] == "w"):
            return FRAGMENTS[name]
        if found.end() == len(pattern):
            return ""
        if _AFTER_SPACE.search(pattern, 0, found.start()):
            return rf"(?:[^ .?]+ ){{0,{name[0]}}}"
        return rf"(?: [^ .?]+){{0,{name[0]}}}(?: |(?= |$))"

    return _FRAGMENT.sub(written, pattern)


def compiled(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """One expression for all patterns, each at a word's beginning and end."""
    return standing_alone("|".join(expand(p) for p in patterns)) if patterns else None


def standing_alone(pattern: str) -> re.Pattern[str]:
    """The expression where a word begins and one ends."""
    return re.compile(r"(?<![^\W_])(?=[\w+£])(?:" + pattern + r")(?![^\W_])")


@dataclass(frozen=True)
class Rule:
    """Sends a comment to `priority` and `category` where `words` match and nothing in `unless` is near.

    also: a second set of words that must stand in the same window. anywhere_unless: words that
    speak against it wherever they stand in the window. test: a function of the reading in place
    of words. quoted: whether words inside quotation marks count even without somebody reporting them.
    """

    name: str
    category: str
    priority: int
    sentence: str
    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    anywhere_unless: tuple[str, ...] = ()
    test: Callable[[Reading], str | None] | None = None
    quoted: bool = True

    @cached_property
    def _words(self) -> re.Pattern[str] | None:
        return compiled(self.words)

    @cached_property
    def _also(self) -> re.Pattern[str] | None:
        return compiled(self.also)

    @cached_property
    def _unless(self) -> re.Pattern[str] | None:
        return compiled(self.unless)

    @cached_property
    def _anywhere(self) -> re.Pattern[str] | None:
        return compiled(self.anywhere_unless)

    def matches(self, reading: Reading) -> str | None:
        """The words that made it fire, or None."""
        if self.test is not None:
            return self.test(reading)
        if self._words is None:
            return None
        for window in reading.windows:
            found = self.first(window, self._words.finditer(window))
            if found is not None:
                return found
        return None

    def first(self, window: str, matches: Iterable[re.Match[str]]) -> str | None:
        """The first of its matches in the window that nothing speaks against."""
        for match in matches:
            if self._also is not None and not self._also.search(window):
                return None
            if self._anywhere is not None and self._anywhere.search(window):
                return None
            if self._unless is not None and self._unless.search(
                window, max(0, match.start() - NEAR), min(len(window), match.end() + NEAR)
            ):
                continue
            if not self.quoted and _only_quoted(window, match.start()):
                continue
            return match.group()
        return None


_REPORTED = re.compile(
    r"\b(?:texted|messaged|sent me|told me|says he|says she|said he|said shes?|threatened|dmed|wrote to me|"
    r"keeps saying|he said|she said|shouting|shouted|screaming|voicemail|note)\b"
)


def _only_quoted(window: str, at: int) -> bool:
    """Inside quotation marks, with nobody reporting that it was said: a title, a headline, a lyric."""
    return window.count('"', 0, at) % 2 == 1 and '"' in window[at:] and not _REPORTED.search(window)


def shown(words: str) -> str:
    """The matched words as a reason for staff, cut at a word."""
    words = words.replace(" . ", ". ").strip(' ."')
    return words if len(words) <= SHOWN else words[:SHOWN].rpartition(" ")[0] + " …"
