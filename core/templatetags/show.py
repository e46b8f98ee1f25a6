"""Domain-free tags that every template has: glyphs, clocks, the public's words made safe to show."""

from __future__ import annotations

import difflib
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core import clock

register = template.Library()

NOTHING = "–"
"""Shown where there is no value: an en dash, never an empty cell."""

_MARKS_KEPT = 4
"""Combining marks kept on one letter. Living scripts need up to three or four; zalgo has dozens."""

_LONGEST_DIFF = 4000
"""Words compared one by one; longer texts are shown as replaced whole."""


# Glyphs


@cache
def glyph_names() -> frozenset[str]:
    """The names that the sprite holds."""
    source = get_template("sprite.html").template.source  # type: ignore[attr-defined]
    return frozenset(re.findall(r'id="g-([\w-]+)"', source))


@register.simple_tag
def glyph(name: str, kind: str = "", *, label: str = "") -> SafeString:
    """One of our own drawings. With `label` it is a picture with a name, without it is decoration.

    `kind` adds a class, such as "solid". A name that the sprite lacks shows a dot, never an error page.
    """
    return _drawn(name, kind, str(label))


@lru_cache(maxsize=2000)
def _drawn(name: str, kind: str, label: str) -> SafeString:
    """The same few hundred stand on every page, dozens of times each."""
    known = name if name in glyph_names() else "dot"
    css = f"glyph {kind}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="#g-{}"/></svg>', css, label, known
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="#g-{}"/></svg>', css, known)


RISKS = {
    1: ("immediate", "diamond", "Immediate"),
    2: ("high", "triangle", "High"),
    3: ("routine", "ring", "Routine"),
    4: ("routine", "ring", "Routine"),
    5: ("none", "dot", "None"),
}


@register.filter
def risk(priority: Any) -> dict[str, str]:
    """Colour role, shape and word of a priority from 1 to 5; anything else reads as routine."""
    try:
        role, shape, word = RISKS[int(priority)]
    except (KeyError, TypeError, ValueError):
        role, shape, word = RISKS[3]
    return {"role": role, "glyph": shape, "word": word}


PLATFORM_GLYPHS = {
    "x": "bubble",
    "facebook": "page",
    "instagram": "picture",
    "youtube": "film",
    "nextdoor": "house",
    "bluesky": "cloud",
    "mastodon": "people",
    "exercise": "flask",
    "manual": "pen",
}


@register.filter
def platform_glyph(platform: str) -> str:
    """Our own mark for a platform: never its logo."""
    return PLATFORM_GLYPHS.get(str(platform), "page")


STATES = {
    "sent": (
        "check",
        {
            "sent",
            "published",
            "approved",
            "active",
            "done",
            "acknowledged",
            "ok",
            "finished",
            "in_force",
            "settled",
        },
    ),
    "waiting": (
        "clock",
        {
            "waiting",
            "scheduled",
            "submitted",
            "claimed",
            "sending",
            "open",
            "draft",
            "drafting",
            "put",
            "second",
            "going",
            "pending",
            "playing",
        },
    ),
    "held": ("lock", {"held", "suspended", "hidden", "review"}),
    "unknown": ("question", {"unknown"}),
    "failed": ("stop", {"failed", "rejected", "refused", "quarantined"}),
    "over": ("dot", {"closed", "withdrawn", "stopped", "ended", "lifted", "removed", "left", "overtaken"}),
}


@register.filter
def state_role(state: str) -> dict[str, str]:
    """Colour role and glyph of a state of anything that travels or can be closed."""
    for role, (shape, words) in STATES.items():
        if str(state) in words:
            return {"role": role, "glyph": shape}
    return {"role": "waiting", "glyph": "dot"}


# Time


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    return f"{whole // 86_400} d"


@register.filter
def ago(instant: datetime | None) -> str:
    """How long ago: "12 s", "3 min", "1 h 08", "4 d". An instant still to come is "0 s"."""
    if not isinstance(instant, datetime):
        return NOTHING
    return _duration(max(0.0, (clock.now() - instant).total_seconds()))


@register.filter
def left(instant: datetime | None) -> str:
    """How much time is left: "48 s", "2 min", "1 h 36"; once it is over "3 min late"."""
    if not isinstance(instant, datetime):
        return NOTHING
    seconds = (instant - clock.now()).total_seconds()
    return f"{_duration(-seconds)} late" if seconds < 0 else _duration(seconds)


@register.filter
def is_near(instant: datetime | None, minutes: int = 5) -> bool:
    """Whether a deadline is past or less than so many minutes away."""
    return isinstance(instant, datetime) and instant - clock.now() < timedelta(minutes=int(minutes))


@register.filter
def is_past(instant: datetime | None) -> bool:
    """Whether an instant lies behind us."""
    return isinstance(instant, datetime) and instant < clock.now()


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """Seconds, or a timedelta, as "45 s", "12 min", "1 h 08" or "4 d"."""
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    return NOTHING if seconds is None else _duration(max(0.0, float(seconds)))


@register.filter
def minutes(number: float | None) -> str:
    """So many minutes as "12 min", "20 h 00" or "4 d"."""
    return duration(None if number is None else number * 60)


def _zone_if_doubtful(local: datetime) -> str:
    """ " BST" or " GMT" in the one hour of October that London clocks show twice, else nothing."""
    other = local.replace(fold=1 - local.fold)
    back = other.utcoffset() != local.utcoffset() and local.replace(fold=0).utcoffset() != timedelta(0)
    return f" {local.tzname()}" if back else ""


@register.filter
def london(instant: datetime | date | None) -> str:
    """London wall clock: "22 Nov 17:05", with the year when it is another year: "3 Jan 2024 09:00".

    A date without a time is "22 Nov 2026". In the hour that clocks show twice, BST or GMT is added.
    """
    if isinstance(instant, datetime):
        local = clock.in_london(instant)
        year = "" if local.year == clock.today().year else f" {local.year}"
        return f"{local.day} {local:%b}{year} {local:%H:%M}{_zone_if_doubtful(local)}"
    if isinstance(instant, date):
        return f"{instant.day} {instant:%b %Y}"
    return NOTHING


@register.filter
def london_date(instant: datetime | date | None) -> str:
    """London calendar date: "22 Nov 2026"."""
    return london(clock.in_london(instant).date() if isinstance(instant, datetime) else instant)


@register.filter
def london_clock(instant: datetime | None) -> str:
    """London wall clock of the day: "17:05"."""
    if not isinstance(instant, datetime):
        return NOTHING
    local = clock.in_london(instant)
    return f"{local:%H:%M}{_zone_if_doubtful(local)}"


@register.filter
def wall_clock(instant: datetime | None) -> str:
    """An instant as a datetime-local control takes it, on London wall clocks: "2026-03-28T18:00"."""
    return clock.in_london(instant).strftime("%Y-%m-%dT%H:%M") if isinstance(instant, datetime) else ""


@register.filter
def iso(instant: datetime | date | None) -> str:
    """The instant for machines, as in `<time datetime>`."""
    return instant.isoformat() if isinstance(instant, date) else ""


# Numbers


@register.filter
def capped(number: int | None, most: int = 1000) -> str:
    """A count with thousands marked; at `most` or above it reads "1,000+"."""
    if number is None:
        return NOTHING
    return f"{int(most):,}+" if int(number) >= int(most) else f"{int(number):,}"


@register.filter
def counted(number: int, words: str) -> str:
    """A number with its word: {{ 1|counted:"comment,comments" }} is "1 comment"."""
    one, _, many = words.partition(",")
    return f"{int(number):,} {one if int(number) == 1 else (many or one + 's')}"


# The public's words


def plain_words(text: str | None) -> str:
    """The words without what could deface the page around them.

    Goes: control characters, direction overrides, marks beyond four on one letter, a third empty
    line. Stays: line breaks, every script, joiners and variation selectors (emoji are made of them).
    """
    kept: list[str] = []
    marks = 0
    for character in (text or "").replace("\r\n", "\n").replace("\r", "\n"):
        kind = unicodedata.category(character)
        if kind == "Cc" and character not in "\n\t":
            continue
        if kind == "Cs" or character in _DIRECTION_CONTROLS:
            continue
        if kind in ("Mn", "Me"):
            marks += 1
            if marks > _MARKS_KEPT:
                continue
        elif character != "\u200d":
            marks = 0
        kept.append(character)
    return re.sub(r"\n[^\S\n]*(\n[^\S\n]*){2,}", "\n\n", "".join(kept)).strip()


_DIRECTION_CONTROLS = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb"
)


@register.filter
def opening(text: str | None, longest: int = 1500) -> str:
    """The beginning of a long text with how much is left, for pages that show many of them; else the text itself."""
    text = text or ""
    return (
        text
        if len(text) <= longest
        else f"{text[:longest].rstrip()}… ({len(text) - longest:,} more characters)"
    )


@register.filter
def public_words(text: str | None) -> SafeString:
    """The public's words, escaped and isolated: they can neither style nor turn round the page."""
    return format_html('<bdi class="words" dir="auto">{}</bdi>', plain_words(text))


@register.filter
def first_line(text: str | None, longest: int = 140) -> SafeString:
    """The words on one line, cut at a letter's edge, isolated like public_words."""
    # What comes after many times as much cannot stand on the line; some texts are 200,000 characters long.
    words = " ".join(plain_words((text or "").lstrip()[: 20 * longest]).split())
    if len(words) > longest:
        words = words[: longest - 1].rstrip("\u200d\ufe0f ") + "…"
    return format_html('<bdi dir="auto">{}</bdi>', words or NOTHING)


@register.filter
def differences(before: str, after: str) -> SafeString:
    """Two texts as one, with what went in <del> and what came in <ins>, word by word."""
    old, new = (re.findall(r"\s+|[^\s\w]|\w+", plain_words(text)) for text in (before, after))
    if len(old) + len(new) > _LONGEST_DIFF:
        return format_html("<del>{}</del> <ins>{}</ins>", plain_words(before), plain_words(after))
    parts: list[str] = []
    for act, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        was, becomes = "".join(old[a:b]), "".join(new[c:d])
        if act == "equal":
            parts.append(escape(was))
            continue
        if was:
            parts.append(format_html("<del>{}</del>", was))
        if becomes:
            parts.append(format_html("<ins>{}</ins>", becomes))
    # Every part was escaped above, one by one.
    return mark_safe("".join(parts))  # noqa: S308  # nosec B308 B703


# Forms


@register.filter
def is_choice(field: Any) -> bool:
    """Whether a form field is a single tick box, whose label stands after it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


@register.filter
def percent(share: float) -> str:
    """0.257 as "26 %": whole, and never "0 %" or "100 %" for what is a little more or less than that."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "under 1 %"
    return "over 99 %" if rounded == 100 and share < 1 else f"{rounded} %"
