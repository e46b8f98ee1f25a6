"""Messages that are not in English: nobody at the desk has read them yet, so they must not sink.

A small list of urgent words per language, without accents as normalised text has none. The lists hold words of danger and of children and sightings. It is no
translation: it only says that somebody who reads the language should look, and how soon.
"""

from __future__ import annotations

import re
import unicodedata

from moderation.categories import Category
from moderation.triage.rule import Rule
from moderation.triage.text import Reading, plain

URGENT: dict[str, tuple[str, ...]] = {
    "Polish": (
        "dziewczyn",
        "dziecko",
        "widzial",
        "plakala",
        "zaginion",
        "corka",
        "syn nie",
        "pomocy",
        "ratunku",
        "pomozcie",
        "zabic",
        "zabije",
        "zabije sie",
        "samobojstwo",
        "nie chce zyc",
        "chce umrzec",
        "noz",
        "nozem",
        "pozar",
        "pali sie",
        "bije mnie",
        "pobil",
        "pobili",
        "krew",
        "zgwalcil",
        "porwali",
        "zaginela",
        "zaginal",
        "grozi",
        "umiera",
        "boje sie",
        "bron",
    ),
    "Romanian": (
        "fata",
        "copil",
        "am vazut",
        "baiat",
        "plangea",
        "dispar",
        "ajutor",
        "ajutati ma",
        "ma omoara",
        "omor",
        "sa mor",
        "vreau sa mor",
        "sinucid",
        "sinucidere",
        "cutit",
        "incendiu",
        "arde",
        "ma bate",
        "sange",
        "violat",
        "rapit",
        "disparut",
        "disparuta",
        "ameninta",
        "moare",
        "mi e frica",
        "arma",
    ),
    "Ukrainian or Russian": (
        "допоможіть",
        "помогите",
        "рятуйте",
        "спасите",
        "вбити",
        "убить",
        "убьет",
        "убью",
        "вбє",
        "самогубство",
        "самоубийство",
        "хочу померти",
        "хочу умереть",
        "не хочу жити",
        "не хочу жить",
        "ніж",
        "нож",
        "пожежа",
        "пожар",
        "горить",
        "горит",
        "бє мене",
        "бьет",
        "кров",
        "кровь",
        "викрали",
        "похитили",
        "зникла",
        "пропала",
        "погрожує",
        "угрожает",
        "зброя",
        "оружие",
        "боюся",
        "боюсь",
    ),
    "Urdu, Hindi or Punjabi in Latin letters": (
        "bachao",
        "bachalo",
        "bacha lo",
        "madad karo",
        "meri madad",
        "madad chahiye",
        "mar dega",
        "maar dega",
        "mar denge",
        "maar denge",
        "maar dalega",
        "jaan se",
        "khudkushi",
        "marna chahta",
        "marna chahti",
        "chaku",
        "chaqu",
        "chura mara",
        "aag lagi",
        "aag lag",
        "khoon",
        "maar raha",
        "maar rahe",
        "mar raha hai",
        "agwa",
        "lapata",
        "gum ho gayi",
        "gum ho gaya",
        "dar lag raha",
        "bandook",
        "mainu bachao",
        "madad kar",
        "maar ditta",
        "maar deyga",
        "aatmahatya",
    ),
    "Urdu": (
        "مدد",
        "بچاؤ",
        "قتل",
        "خودکشی",
        "مرنا",
        "چاقو",
        "آگ",
        "خون",
        "مار رہا",
        "اغوا",
        "لاپتہ",
        "دھمکی",
        "بندوق",
        "ڈر",
    ),
    "Hindi": (
        "मदद",
        "बचाओ",
        "मार",
        "हत्या",
        "आत्महत्या",
        "मरना",
        "चाकू",
        "आग",
        "खून",
        "अपहरण",
        "लापता",
        "धमकी",
        "बंदूक",
        "डर",
    ),
    "Punjabi": (
        "ਮਦਦ",
        "ਬਚਾਓ",
        "ਮਾਰ",
        "ਕਤਲ",
        "ਖੁਦਕੁਸ਼ੀ",
        "ਮਰਨਾ",
        "ਚਾਕੂ",
        "ਅੱਗ",
        "ਖੂਨ",
        "ਅਗਵਾ",
        "ਲਾਪਤਾ",
        "ਧਮਕੀ",
        "ਡਰ",
    ),
    "Bengali": (
        "সাহায্য",
        "বাঁচাও",
        "মেরে",
        "খুন",
        "আত্মহত্যা",
        "মরতে",
        "ছুরি",
        "আগুন",
        "রক্ত",
        "অপহরণ",
        "নিখোঁজ",
        "হুমকি",
        "ভয়",
        "বন্দুক",
    ),
    "Arabic": (
        "النجدة",
        "ساعدوني",
        "مساعدة",
        "انقذوني",
        "يقتل",
        "سيقتل",
        "قتل",
        "انتحار",
        "اموت",
        "الموت",
        "سكين",
        "حريق",
        "النار",
        "دم",
        "يضرب",
        "خطف",
        "مفقود",
        "مفقودة",
        "تهديد",
        "سلاح",
        "خائف",
        "خائفة",
    ),
    "Persian or Kurdish": (
        "کمک",
        "کشتن",
        "میکشد",
        "میکشه",
        "چاقو",
        "اتش",
        "خودکشی",
        "بمیرم",
        "گم شده",
        "تهدید",
        "یارمەتی",
    ),
    "Welsh": (
        "help fi",
        "helpwch",
        "lladd",
        "hunanladdiad",
        "eisiau marw",
        "cyllell",
        "tan yn",
        "ar dan",
        "gwaed",
        "ymosod",
        "ar goll",
        "bygwth",
        "ofn arna",
    ),
    "Portuguese or Spanish": (
        "socorro",
        "ajuda me",
        "ayuda",
        "ayudame",
        "matar",
        "matarme",
        "suicidio",
        "quiero morir",
        "quero morrer",
        "cuchillo",
        "faca",
        "incendio",
        "sangre",
        "sangue",
        "secuestr",
        "sequestr",
        "desaparecida",
        "desaparecido",
    ),
    "French": (
        "au secours",
        "aidez moi",
        "me tuer",
        "tuer",
        "suicide",
        "mourir",
        "couteau",
        "incendie",
        "sang",
        "enleve",
        "disparue",
        "menace",
    ),
    "Turkish": (
        "imdat",
        "yardim edin",
        "oldurecek",
        "oldur",
        "intihar",
        "olmek istiyorum",
        "bicak",
        "yangin",
        "kan",
        "kayip",
        "tehdit",
        "silah",
    ),
    "Lithuanian": (
        "padekite",
        "gelbekit",
        "nuzudys",
        "nusizudyti",
        "peilis",
        "gaisras",
        "kraujas",
        "dingo",
        "grasina",
    ),
    "Somali": ("i caawi", "caawimaad", "dil", "dilaya", "mindi", "dab", "dhiig"),
    "Chinese": ("救命", "救我", "杀", "自杀", "刀", "火", "血", "失踪", "绑架"),
    "Vietnamese": ("cuu toi", "cuu voi", "giup toi", "giet", "tu tu", "dao", "chay", "mau", "mat tich"),
    "Tamil": ("உதவி", "காப்பாத்துங்க", "கொலை", "தற்கொலை", "கத்தி", "தீ", "இரத்தம்"),
}
_COMMON: dict[str, frozenset[str]] = {
    "Polish": frozenset(
        "jest nie sie ze na do to jak czy ale dla tego mam jestem prosze dzien dobry bardzo tylko juz moj moja ktos gdzie policja przez tam tak mnie co wy".split()
    ),
    "Romanian": frozenset(
        "este nu si la cu pe ca din sunt am care pentru mai buna va rog imi sa fi unde cineva politia foarte mea meu de ce acum aici".split()
    ),
    "Urdu, Hindi or Punjabi in Latin letters": frozenset(
        "hai hain nahi nahin kya ko ka ki ke se mein mujhe mera meri aap yeh woh hum kar karo raha rahi bhai ji koi bahut wala jao ghar tha thi hun hoon mainu tusi assi nu da di".split()
    ),
    "Welsh": frozenset(
        "mae yn yr ar ac wedi oes eisiau gyda ddim diolch bore da heddlu dwi rydw chi ni beth sut ble nos wrth fy ein eich hynny iawn am".split()
    ),
    "Portuguese or Spanish": frozenset(
        "que nao para uma com por favor el los las una esta por es mi muy donde policia obrigado gracias estou ele ela meu minha hay pero".split()
    ),
    "French": frozenset(
        "je les des est pas une pour dans que qui vous nous mon ma avec sur bonjour merci ou quelqu chez il elle suis".split()
    ),
    "Turkish": frozenset(
        "bir ve bu icin cok var ben sen ne mi polis lutfen burada evet hayir degil nerede benim".split()
    ),
    "Lithuanian": frozenset("yra ir ne kad su labas prasau kur mano policija aciu labai cia".split()),
    "Somali": frozenset("waa iyo ma ku ka aan waxaan fadlan halkan booliska mahadsanid".split()),
}
_ENGLISH = frozenset(
    "the a to is and of in it you that for on are was with this have be they my at i im not what all your so we there he she do "
    "just about from out get if will has can no up police please where when who would how been were dont any people know one like an or but me them his her".split()
)
_SCRIPTS = re.compile("[\u0370-\u1fff\u2c00-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufeff]")
_TOKENS = re.compile(r"[^\W\d_]+")


def _phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    plainly = sorted({plain(word) for word in words}, key=len, reverse=True)
    return re.compile(r"(?<![^\W_])(?:" + "|".join(re.escape(word) for word in plainly) + ")")


_URGENT_LATIN = {name: _phrases(URGENT[name]) for name in _COMMON}
_URGENT_SCRIPT = {name: _phrases(words) for name, words in URGENT.items() if name not in _COMMON}
_UNMISTAKABLE = _phrases(
    (
        "pomocy",
        "ratunku",
        "zabije mnie",
        "zabije ja",
        "samobojstwo",
        "ajutor",
        "ma omoara",
        "sinucid",
        "bachao",
        "madad karo",
        "meri madad",
        "mar dega",
        "maar dega",
        "khudkushi",
        "helpwch fi",
        "hunanladdiad",
        "socorro",
        "ayudame",
        "au secours",
        "aidez moi",
        "imdat",
        "padekite",
        "i caawi",
        "cuu toi voi",
    )
)


_LANGUAGES = tuple(_COMMON)
_ENGLISH_PLACE = len(_LANGUAGES)
_SPOKEN = {
    word: (
        *(n for n, common in enumerate(_COMMON.values()) if word in common),
        *((_ENGLISH_PLACE,) if word in _ENGLISH else ()),
    )
    for word in _ENGLISH.union(*_COMMON.values())
}
"""Of each common word: the languages that it is common in, by their place."""


def foreign_language(reading: Reading) -> str | None:
    """The likely language of a text that is not English, "another language", or None for English."""
    return reading.once(foreign_language, _foreign_language)


def _foreign_language(reading: Reading) -> str | None:
    words = reading.words
    letters = _TOKENS.findall(words[:4000])
    if not letters:
        return None
    if not words.isascii():
        size = sum(map(len, letters))
        if sum(len(run) for run in letters if _SCRIPTS.match(run)) * 3 > size:
            return _script_name(words)
    counts = [0] * (_ENGLISH_PLACE + 1)
    long_enough = 0
    for word in letters:
        if len(word) > 1 or word == "i":
            long_enough += 1
            for place in _SPOKEN.get(word, ()):
                counts[place] += 1
    english = counts.pop()
    best = max(counts)
    if best >= 2 and best > english and best * 7 >= long_enough:
        return _LANGUAGES[counts.index(best)]
    return None


def _script_name(words: str) -> str:
    for sign in words:
        if _SCRIPTS.match(sign):
            block = unicodedata.name(sign, "").split(" ")[0].title()
            return {
                "Cjk": "Chinese",
                "Gurmukhi": "Punjabi",
                "Devanagari": "Hindi",
                "Cyrillic": "Ukrainian or Russian",
                "Arabic": "Arabic, Urdu or Persian",
            }.get(block, block)
    return "another language"


def _urgent(reading: Reading) -> str | None:
    language = foreign_language(reading)
    if language is None:
        found = _UNMISTAKABLE.search(reading.words)
        return found.group() if found else None
    lexicons = [_URGENT_LATIN[language]] if language in _URGENT_LATIN else list(_URGENT_SCRIPT.values())
    for lexicon in lexicons:
        if found := lexicon.search(reading.words):
            return f"{language}, {found.group()}"
    return None


RULES = (
    Rule(
        "languages.urgent_words",
        Category.NONE,
        2,
        "Not in English, with words that may mean danger: nobody has read it yet",
        test=_urgent,
    ),
    Rule(
        "languages.not_english",
        Category.NONE,
        3,
        "Not in English: nobody has read it yet",
        test=foreign_language,
    ),
)
