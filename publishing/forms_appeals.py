"""What is typed about public appeals and about taking down what pictures somebody."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from accounts.models import OfficialAccount
from publishing.appeal_facts import Facts
from publishing.models import Appeal
from staff.models import StaffMember


def _day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _words(
    label: str, longest: int, *, hint: str = "", required: bool = False, rows: int = 3
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=hint,
        strip=False,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class AppealForm(forms.Form):
    """Everything that is written down of an appeal before it goes out."""

    version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="The public is asked about", choices=Appeal.Kind.choices)
    title = forms.CharField(
        label="What it is about",
        max_length=160,
        error_messages={"required": "Say what it is about: the kind and the place are enough."},
        help_text="For staff. The public reads its posts alone.",
    )
    force_reference = forms.CharField(
        label="Force reference",
        max_length=40,
        error_messages={
            "required": "Give the force’s reference, such as the missing person or crime number."
        },
        help_text="Of the missing person or crime record.",
    )
    case_reference = forms.CharField(
        label="Case here", max_length=20, required=False, help_text="Such as W-2041, where there is one."
    )
    basis = forms.ChoiceField(label="Legal basis", choices=Appeal.Basis.choices)
    basis_note = _words("Why asking the public is necessary and proportionate", 300, rows=2)
    officer_consent = forms.CharField(
        label="Officer in the case who agreed",
        max_length=300,
        required=False,
        help_text="Rank, name and when.",
    )
    family_consent = forms.CharField(
        label="Who of the family agreed",
        max_length=300,
        required=False,
        help_text="Name or relation, when, and where it is recorded. Needed for somebody missing.",
    )
    risk_to_life = forms.CharField(
        label="Why a life is at risk",
        max_length=300,
        required=False,
        help_text="Where this is filled in, consent is not waited for, and its posts are urgent.",
    )
    risk_assessment = _words("The risk assessment", 1000)
    conditions = _words(
        "Conditions", 500, hint="Such as: no image of the house, not before the family is told."
    )
    owner = forms.TypedChoiceField(label="Who answers for it", coerce=int)
    review_on = _day("It is looked at again on")
    accounts = forms.TypedMultipleChoiceField(
        label="Goes out on", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data=None,
        *,
        accounts: Sequence[OfficialAccount],
        owners: Sequence[StaffMember],
        of: Appeal | None = None,
        initial=None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["accounts"].choices = [(account.pk, account.name) for account in accounts]
        self.fields["owner"].choices = [(person.pk, person.called) for person in owners]
        self.by_pk = {person.pk: person for person in owners}
        if of is not None:
            # What the public was asked about stays: another matter is another appeal.
            del self.fields["kind"]

    @property
    def facts(self) -> Facts:
        return Facts(**{name: self.cleaned_data[name] for name in Facts.__dataclass_fields__})

    @property
    def chosen_owner(self) -> StaffMember:
        return self.by_pk[self.cleaned_data["owner"]]


class PictureForm(forms.Form):
    """A picture for the posts of an appeal."""

    picture = forms.FileField(
        label="Picture",
        required=False,
        allow_empty_file=True,
        help_text="JPEG, PNG, WebP or GIF up to 20 MB. Where and when it was taken is removed.",
    )
    alt_text = _words("What it shows, for people who cannot see it", 1000, rows=2)
    down_on = _day("Taken down on", "At the latest. It comes down by itself, everywhere, and is read back.")


class WriteForm(forms.Form):
    """The words of a post of the appeal."""

    words = _words(
        "What the public should read",
        10_000,
        rows=6,
        hint="For every official account. You finish it in compose, where the checks and the approval are.",
    )


class ReviewForm(forms.Form):
    """It may stand on, and why."""

    review_on = _day("Looked at again on")
    why = forms.CharField(
        label="Why it may stand",
        max_length=500,
        error_messages={
            "required": "Say why it may stand: what has changed, and that the consent still holds."
        },
    )


class CloseForm(forms.Form):
    """It is over."""

    outcome = forms.ChoiceField(
        label="How it ended",
        choices=Appeal.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it ended."},
    )
    note = forms.CharField(
        label="Who said so, and when",
        max_length=500,
        error_messages={"required": "Say how it ended and who told you, in up to 500 characters."},
        help_text="For the file. The public reads only that the appeal has ended.",
    )
    words_after = _words(
        "Say instead of taking it down",
        10_000,
        rows=2,
        hint="Only for posts without a picture, on platforms that let words be changed. Somebody else approves it. "
        "Do not say that a missing person was found without asking the family.",
    )


class LookForm(forms.Form):
    """Somebody has looked."""

    seen = forms.BooleanField(label="I opened it there, and it is gone", required=False)
    link = forms.CharField(label="Where you looked", max_length=500, required=False)


class LongerForm(forms.Form):
    """A later day, and why."""

    until = _day("Stands until")
    why = forms.CharField(label="Why it is still necessary to show them", max_length=500, required=False)
