"""What the author of a post is asked, because no program can read it off the words. Pure.

Answers are part of the content: they stand in the history, and an approval is for them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

TEXT, CHOICE, DATE = "text", "choice", "date"
LONGEST = 300

ABOUT_A_CASE = frozenset({"witness", "wanted", "identify", "arrest", "charge", "outcome"})
WITH_A_FACE = frozenset({"missing", "wanted", "identify", "charge", "outcome"})
EVERY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Question:
    """kinds: of posts that it is asked of; empty: of every post that has media or calls for it."""

    slug: str
    label: str
    kind: str = TEXT
    hint: str = ""
    kinds: frozenset[str] = EVERY
    choices: tuple[tuple[str, str], ...] = ()
    media: bool = False
    """Asked only where it has a picture or a video."""
    after: tuple[str, str] = ("", "")
    """Asked only after this answer to another question."""
    called_for: str = ""
    """Asked only where the words call for it: "partner", "nationality" or "mention"."""

    @property
    def field(self) -> str:
        """How forms call it, and NotValid where an answer cannot be one."""
        return f"q_{self.slug}"


YES_NO = (("no", "No"), ("yes", "Yes"))

QUESTIONS: tuple[Question, ...] = (
    Question(
        "proceedings",
        "Has anybody been arrested or charged over it, or is there a warrant or a summons?",
        CHOICE,
        "From then on until its end the case is active, and what might prejudice a trial is contempt of court.",
        ABOUT_A_CASE,
        YES_NO,
    ),
    Question(
        "case",
        "Which case, and active since when",
        hint="Its number, and day and hour of the arrest, warrant, summons or charge.",
        kinds=ABOUT_A_CASE,
        after=("proceedings", "yes"),
    ),
    Question(
        "offence",
        "Is it an offence whose complainants have lifelong anonymity?",
        CHOICE,
        "From the moment of the allegation nothing may lead to who they are.",
        ABOUT_A_CASE,
        (
            ("none", "None of them"),
            ("sexual", "A sexual offence"),
            ("slavery", "Modern slavery or trafficking"),
            ("fgm", "Female genital mutilation"),
            ("marriage", "Forced marriage"),
        ),
    ),
    Question(
        "child",
        "Is anybody in it under 18: suspect, victim or witness?",
        CHOICE,
        kinds=ABOUT_A_CASE,
        choices=YES_NO,
    ),
    Question(
        "names",
        "Does it name a suspect, or say enough for people to know who it is?",
        CHOICE,
        kinds=frozenset({"arrest", "witness"}),
        choices=YES_NO,
    ),
    Question(
        "naming_role",
        "Who decided that a person is named before charge",
        CHOICE,
        kinds=frozenset({"arrest", "wanted", "witness"}),
        choices=(
            ("sio", "The senior investigating officer"),
            ("gold", "The gold commander"),
            ("lead", "The most senior operational lead"),
        ),
    ),
    Question(
        "naming_by", "Their name", hint="Rank and name.", kinds=frozenset({"arrest", "wanted", "witness"})
    ),
    Question("naming_on", "When they decided", DATE, kinds=frozenset({"arrest", "wanted", "witness"})),
    Question(
        "naming_why",
        "Their reason",
        hint="Threat to life, preventing or detecting crime, or a warning about a wanted person; and where it is recorded.",
        kinds=frozenset({"arrest", "wanted", "witness"}),
    ),
    Question(
        "custody",
        "Is it a picture from custody?",
        CHOICE,
        kinds=WITH_A_FACE,
        choices=YES_NO,
        media=True,
    ),
    Question(
        "image_by",
        "Who approved and verified the picture",
        hint="The SIO or the officer in the case: rank and name.",
        kinds=WITH_A_FACE,
        media=True,
    ),
    Question("image_why", "Why it is necessary and proportionate to show it", kinds=WITH_A_FACE, media=True),
    Question(
        "image_risk",
        "The risk assessment",
        hint="What was weighed, or where it is recorded.",
        kinds=WITH_A_FACE,
        media=True,
    ),
    Question("image_review", "When it is looked at again", DATE, kinds=WITH_A_FACE, media=True),
    Question(
        "image_until",
        "When it is taken down at the latest",
        DATE,
        "On this day it comes down everywhere by itself, and is read back until it is gone. An approver can let it stand longer.",
        kinds=WITH_A_FACE,
        media=True,
    ),
    Question(
        "nationality_why",
        "Who decided to give nationality or ethnicity, and why",
        hint="Rank and name; the public interest, such as false claims that go round.",
        called_for="nationality",
    ),
    Question(
        "partner_by",
        "Who at the partner agreed to it, and when",
        hint="Organisation, name and day; or “named only, nothing of theirs in it”.",
        called_for="partner",
    ),
    Question(
        "mention",
        "Did everybody whom it names with an @, or quotes, write to this official account first?",
        CHOICE,
        "On the same platform. Somebody who was only named by others has not written to us.",
        choices=(
            ("wrote", "Yes, each of them"),
            ("organisation", "It is an organisation or an office, no private person"),
            ("no", "No"),
        ),
        called_for="mention",
    ),
    Question(
        "live",
        "Does it say where officers are now, or how they work there?",
        CHOICE,
        kinds=frozenset({"live"}),
        choices=(("no", "No"), ("agreed", "Yes, and whoever leads it agreed"), ("yes", "Yes")),
    ),
    Question(
        "live_by",
        "Who leads it and agreed",
        hint="Rank and name.",
        kinds=frozenset({"live"}),
        after=("live", "agreed"),
    ),
    Question(
        "shows",
        "Does it show a face, a number plate, a house number, a child, or a collar number of somebody who works covertly?",
        CHOICE,
        choices=(
            ("none", "None of these"),
            ("may", "Yes, and it may be shown"),
            ("must_not", "Yes, and it has to be blurred first"),
        ),
        media=True,
    ),
    Question("shows_why", "Why it may be shown", hint="Consent, or another ground.", after=("shows", "may")),
)

BY_SLUG = {question.slug: question for question in QUESTIONS}


def asked_of(
    *, kind: str, has_media: bool, answers: Mapping[str, str], called_for: frozenset[str] = frozenset()
) -> list[Question]:
    """The questions that a post is asked as it stands."""
    asked: list[Question] = []
    for question in QUESTIONS:
        before, wanted = question.after
        if question.kinds and kind not in question.kinds:
            continue
        if question.media and not has_media:
            continue
        if before and (str(answers.get(before, "")) != wanted or before not in {q.slug for q in asked}):
            continue
        if question.called_for and question.called_for not in called_for:
            continue
        names = kind == "wanted" or answers.get("names") == "yes" or "name" in called_for
        if question.slug.startswith("naming_") and not names:
            continue
        asked.append(question)
    return asked


def what_is_wrong(question: Question, answer: str) -> str:
    """Why an answer cannot be one, as a sentence; empty where it can. An empty answer is none yet."""
    if not answer:
        return ""
    if question.kind == CHOICE and answer not in dict(question.choices):
        return "Choose one of the answers."
    if question.kind == DATE:
        try:
            date.fromisoformat(answer)
        except ValueError:
            return "Give a day, such as 2026-12-01."
    if len(answer) > LONGEST:
        return f"Say it in at most {LONGEST} characters."
    return ""


def in_words(question: Question, answer: str) -> str:
    """An answer as people read it."""
    if question.kind == CHOICE:
        return dict(question.choices).get(answer, answer)
    if question.kind == DATE and answer:
        day = date.fromisoformat(answer)
        return f"{day.day} {day:%B %Y}"
    return answer
