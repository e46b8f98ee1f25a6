"""Thanks, questions, signs only: what most comments are."""

from __future__ import annotations

import re

from moderation.categories import Category
from moderation.triage.rule import Rule
from moderation.triage.text import Reading

_LETTERS = re.compile(r"[^\W\d_]")
_GRAVE_SIGNS = re.compile("[🔪🗡🔫💣🩸🆘🪦⚰🪢]")


def _signs_only(reading: Reading) -> str | None:
    text = reading.original.strip()
    return None if not text or _LETTERS.search(text) else ""


def _grave_signs(reading: Reading) -> str | None:
    found = _GRAVE_SIGNS.findall(reading.original[:2000])
    return "" if found else None


def _empty(reading: Reading) -> str | None:
    return None if reading.original.strip() else ""


RULES = (
    Rule(
        "kind.grave_signs",
        Category.NONE,
        3,
        "Holds emoji of weapons, blood, death or SOS: look at what is meant",
        test=_grave_signs,
    ),
    Rule(
        "kind.question",
        Category.QUESTION,
        4,
        "Asks something",
        words=(
            r"(?:is|are|can|could|do|does|did|will|would|should|has|have|how|what|whats|when|whens|where|wheres|who|whos|why|which|any|anyone|anybody|was|were|am|hows|isnt|arent|cant|dont|shall|so|and|but|if|know) [^.?]{2,160} \?",
            r"(?:any (?:update|updates|news|idea|ideas)|please (?:can|could|tell|advise|confirm|explain)|can (?:someone|anyone|you|i|we|somebody)|could (?:you|someone|anyone|i|we)|does (?:anyone|anybody|this|that|it)|anyone (?:know|else)|is (?:it|there|this|that|the)|are (?:you|there|the|they|we)|when (?:will|is|are|can)|where (?:is|are|can|do|should|did)|how (?:do|can|long|many|much|come|is|are)|what (?:is|are|time|happened|about|do|should|does|if)|whats (?:going on|happening|happened|the|this|that)|who (?:do|is|are|can|should)|why (?:is|are|do|does|was|were|has|have|not|did|cant|dont)|do (?:i|we|you|they) (?:have|need|know)|will (?:the|it|there|you|they|this)|should (?:i|we))(?: .{0,200})?",
            r"\w+ \?",
        ),
    ),
    Rule(
        "kind.praise",
        Category.PRAISE,
        5,
        "Thanks or praise",
        words=(
            r"(?:thank (?:you|u|god|goodness)|thanks|ta|cheers|well done|good (?:work|job|on (?:you|ya)|lads|result|stuff)|great (?:work|job|news|result|stuff|effort|response|team)|fantastic|brilliant|excellent|amazing|superb|nice (?:one|work)|top (?:work|job|man|lads|result)|keep up the good|keep it up|proud (?:of|to)|hats off|respect|heroes|hero|legends?|bless (?:you|them|him|her)|appreciate\w*|grateful|so helpful|very helpful|lovely (?:to see|officers?|people|gesture)|kudos|credit (?:to|where)|stay safe|take care|bravo|doing a (?:great|good|brilliant|fantastic|grand)|safe hands|couldnt have been (?:nicer|kinder|better|more)|emojithumb|emojiheart)",
        ),
        unless=(r"(?:thanks for nothing|thanks a lot for nothing|well done for nothing|no thanks to)",),
    ),
    Rule("kind.signs_only", Category.NONE, 5, "Only emoji or signs", test=_signs_only),
    Rule("kind.empty", Category.NONE, 5, "No words; it may hold a picture", test=_empty),
)
