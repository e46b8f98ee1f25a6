"""What an author says of a post besides its words, as fields: its kind, the checks' questions, whether it is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django import forms

from publishing.checks import questions
from publishing.checks.questions import LONGEST, Question
from publishing.models import CheckSetting, Declaration, KnownValue


class Declared(forms.Form):
    """A part of the forms in which posts are written."""

    declared = forms.BooleanField(required=False)
    """That what follows was on the page."""
    kind = forms.ChoiceField(label="What kind of post", required=False, choices=Declaration.Kind.choices)
    urgent_why = forms.CharField(
        label="Urgent: why somebody’s life may depend on it",
        required=False,
        max_length=300,
        help_text="It then is not stopped for its form, which is put right afterwards. Law and approval stay.",
    )

    def ask(self, asked: Sequence[Question]) -> None:
        """Put the questions on the page. None has to be answered for the draft to be kept."""
        self.asked = list(asked)
        for question in asked:
            self.fields[question.field] = field_of(question)

    @property
    def answers(self) -> dict[str, str]:
        """Question -> what was answered, of those that were on the page."""
        found = {}
        for question in self.asked:
            answer = self.cleaned_data.get(question.field)
            found[question.slug] = answer.isoformat() if isinstance(answer, date) else str(answer or "")
        return found

    @property
    def question_fields(self):
        return [self[question.field] for question in self.asked]

    @property
    def asked_key(self) -> str:
        return ",".join(question.slug for question in self.asked)


def initial_of(declared: Declaration) -> dict[str, object]:
    """What the form shows of what was declared."""
    initial: dict[str, object] = {"kind": declared.kind, "urgent_why": declared.urgent_why}
    for slug, answer in declared.answers.items():
        if slug in questions.BY_SLUG:
            initial[questions.BY_SLUG[slug].field] = answer
    return initial


def field_of(question: Question) -> forms.Field:
    """A question as a field of a form; it can be left open."""
    given = {"label": question.label, "help_text": question.hint, "required": False}
    if question.kind == questions.CHOICE:
        return forms.ChoiceField(choices=[("", "Not answered yet"), *question.choices], **given)
    if question.kind == questions.DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)
    return forms.CharField(max_length=LONGEST, **given)


class SettingForm(forms.Form):
    """The force's policy on one check."""

    level = forms.ChoiceField(
        label="At least", required=False, choices=[("", "As the check has it"), *CheckSetting.Level.choices]
    )
    override_by = forms.ChoiceField(
        label="A stop may be overridden by", required=False, choices=CheckSetting.By.choices
    )
    why = forms.CharField(label="Why", required=False, max_length=300)


class PeriodForm(forms.Form):
    """Days before an election."""

    name = forms.CharField(label="Which election", required=False, max_length=120)
    first_on = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last_on = forms.DateField(label="To, the day of the vote", widget=forms.DateInput(attrs={"type": "date"}))


class KnownForm(forms.Form):
    """A site, a number or a handle that checks know."""

    known_kind = forms.ChoiceField(label="What", choices=KnownValue.Kind.choices)
    value = forms.CharField(label="Site, number or handle", required=False, max_length=120)
    about = forms.CharField(label="Whose it is", required=False, max_length=200)
