"""Which language a comment is in, by its ISO 639-1 code, so that people see what needs a translator.

py3langid knows the languages most written to a British force; very short texts are not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from moderation.triage.verdict import Finding

LANGUAGES = {
    "en": "English",
    "cy": "Welsh",
    "pl": "Polish",
    "ro": "Romanian",
    "pa": "Punjabi",
    "ur": "Urdu",
    "hi": "Hindi",
    "bn": "Bengali",
    "gu": "Gujarati",
    "ta": "Tamil",
    "ar": "Arabic",
    "fa": "Persian",
    "ku": "Kurdish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ru": "Russian",
    "pt": "Portuguese",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "de": "German",
    "lt": "Lithuanian",
    "bg": "Bulgarian",
    "sq": "Albanian",
    "so": "Somali",
    "zh": "Chinese",
    "vi": "Vietnamese",
}
ENGLISH, UNDERSTOOD, UNREAD = "", "understood", "unread"
"""How the model stands to a comment's language: what it was taught in, one that its encoder was made with, another one."""
_ENCODED = frozenset({"ar", "de", "es", "fr", "it", "pl", "pt", "ru", "tr", "zh"})
"""Those of LANGUAGES among the encoder's sixteen. Source: Google's model card of Universal Sentence Encoder Multilingual 3."""
SURE_FROM = 20
"""Letters of a Latin text from which the guess is believed; other scripts speak for themselves."""
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|[\W\d_]+")
_ENGLISH = frozenset(
    "the and you is it to of for that this was are with have not they my what on be at so if your can will me he she we "
    "just get who how why when there all out up from about police please thanks thank no do dont been but an".split()
)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    made = LanguageIdentifier.from_model_file(MODEL_FILE)
    made.set_languages([code for code in LANGUAGES if code in set(made.labels)])
    return made


def heard(text: str, findings: Iterable[Finding]) -> tuple[str, bool]:
    """The code of the likely language, and whether the rules found it not to be English."""
    foreign = any(finding.rule == "languages.not_english" for finding in findings)
    return detect(text, foreign=foreign), foreign


def tongue(code: str, foreign: bool) -> str:
    """ENGLISH, UNDERSTOOD or UNREAD, of what was heard. What the rules take for English is so unless the encoder knows better."""
    if code in _ENCODED:
        return UNDERSTOOD
    return UNREAD if foreign and code != "en" else ENGLISH


def detect(text: str, *, foreign: bool = False) -> str:
    """The code of the likely language, "" where the text is too short to tell.

    foreign: whether the rules found it not to be English; they know the public's own spellings. Where they did
    not, English words in a row are believed over statistics.
    """
    words = _NOT_WORDS.sub(" ", text[:1500]).strip()
    if not words:
        return ""
    if words.isascii():
        low = words.casefold().split()
        if not foreign and sum(word in _ENGLISH for word in low) * 3 >= len(low):
            return "en"
        if not foreign and len(words) < SURE_FROM:
            return ""
    try:
        return str(_identifier().classify(words)[0])
    except Exception:  # a guess that fails is no reason to hold a comment up
        return ""
