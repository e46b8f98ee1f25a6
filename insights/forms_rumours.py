"""What is typed on the rumour desk: one small form for each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import OfficialAccount
from insights.models import Rumour, RumourEvidence

_TWO = forms.Textarea(attrs={"rows": 2})
_THREE = forms.Textarea(attrs={"rows": 3})
_CLAIM = "What is claimed, in our words"


class Step(forms.Form):
    """A form that stands beside others: its fields are told apart by its name."""

    def __init__(self, data=None, *, name: str, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"{name}_%s", **kwargs)


class New(forms.Form):
    """A rumour that somebody heard of."""

    official_account = forms.TypedChoiceField(label="For which official account", coerce=int)
    words = forms.CharField(
        label=_CLAIM,
        max_length=500,
        widget=_TWO,
        help_text="Without names and addresses, and not louder than it is.",
    )

    def __init__(self, data=None, *, accounts: Sequence[OfficialAccount]) -> None:
        super().__init__(data)
        self.accounts = {one.pk: one for one in accounts}
        self.fields["official_account"].choices = [(one.pk, one.name) for one in accounts]


class TakeUp(Step):
    words = forms.CharField(
        label=_CLAIM, max_length=500, widget=_TWO, help_text="Without names and addresses."
    )


class Assess(Step):
    harm = forms.ChoiceField(
        label="1. What may come of it, if people believe it?",
        choices=Rumour.Harm.choices,
        widget=forms.RadioSelect,
    )
    spread = forms.ChoiceField(
        label="2. How far does it get?", choices=Rumour.Spread.choices, widget=forms.RadioSelect
    )
    priority = forms.ChoiceField(
        label="3. How soon is it answered?",
        choices=[("", "As the two answers give"), *Rumour.Priority.choices],
        required=False,
    )
    why = forms.CharField(label="Why, where it is another", required=False, max_length=500)


class Evidence(Step):
    says = forms.CharField(
        label="Where you looked, and what it shows",
        max_length=500,
        widget=_TWO,
        help_text="It stays when the page behind the link is gone. Name no member of the public.",
    )
    link = forms.CharField(
        label="Address", required=False, max_length=500, widget=forms.URLInput(attrs={"inputmode": "url"})
    )
    speaks = forms.ChoiceField(label="It", choices=RumourEvidence.Speaks.choices, widget=forms.RadioSelect)


class Judge(Step):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    verdict = forms.ChoiceField(
        label="Is it so?",
        choices=[
            ("false", "False"),
            ("misleading", "Misleading"),
            ("true", "True"),
            ("unclear", "Unclear still"),
        ],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label="Of what kind",
        choices=[("", "None of these"), *Rumour.Kind.choices],
        required=False,
        help_text="The first two for what is false or misleading, the third for what is true.",
    )
    truth = forms.CharField(
        label="What is so, as far as it may be said",
        required=False,
        max_length=1000,
        widget=_THREE,
        help_text="A correction begins with it. Say it without repeating the claim.",
    )


class Authority(Step):
    authority = forms.ChoiceField(
        label="Who may speak on it", choices=Rumour.Authority.choices, widget=forms.RadioSelect
    )
    speaker = forms.CharField(
        label="Name or agency",
        required=False,
        max_length=160,
        help_text="Needed for the senior investigating officer and for an agency.",
    )


class Proceedings(Step):
    proceedings = forms.ChoiceField(
        label="Is somebody arrested or charged, or is a case before a court?",
        choices=Rumour.Proceedings.choices,
        widget=forms.RadioSelect,
    )


class Legal(Step):
    answer = forms.ChoiceField(
        label="May it be said?",
        choices=[(Rumour.Legal.CLEAR, "May be said"), (Rumour.Legal.STOP, "May not be said")],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="What you looked at, and what must not be said", max_length=500, widget=_TWO
    )


class Correction(Step):
    words = forms.CharField(
        label="The correction",
        max_length=10_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Begin with what is so. It goes through publishing’s checks and approval.",
    )
    accounts = forms.TypedMultipleChoiceField(
        label="Goes to", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    urgent_why = forms.CharField(
        label="Urgent: why somebody’s life may depend on it",
        required=False,
        max_length=300,
        help_text="It goes out with one approval then, and a second person looks at it right after.",
    )

    def __init__(self, data=None, *, accounts: Sequence[OfficialAccount], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["accounts"].choices = [(one.pk, one.name) for one in accounts]


class Holding(Step):
    """The blanks of a holding statement, and where it goes."""

    accounts = forms.TypedMultipleChoiceField(
        label="Goes to", coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, data=None, *, blanks: Sequence[str], accounts: Sequence[OfficialAccount], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.blanks = list(blanks)
        self.fields["accounts"].choices = [(one.pk, one.name) for one in accounts]
        for number, blank in enumerate(self.blanks):
            self.fields[f"blank_{number}"] = forms.CharField(label=blank, max_length=500)

    @property
    def fills(self) -> dict[str, str]:
        """Blank -> what goes there."""
        return {blank: self.cleaned_data[f"blank_{number}"] for number, blank in enumerate(self.blanks)}


class Replies(Step):
    words = forms.CharField(
        label="The answer", max_length=2000, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class Why(Step):
    why = forms.CharField(label="Why", max_length=500)


class Reopen(Step):
    words = forms.CharField(label=_CLAIM, max_length=500, widget=_TWO)
    why = forms.CharField(label="Why", max_length=500)


class Tie(Step):
    number = forms.CharField(
        label="Number of the case", max_length=12, help_text="As people say it: W-2041.", required=False
    )
    pathway = forms.ChoiceField(label="Or open one", required=False)

    def __init__(self, data=None, *, pathways: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["pathway"].choices = [("", "No new case"), *((str(p.pk), p.title) for p in pathways)]


class Join(Step):
    into = forms.TypedChoiceField(label="The same as", coerce=int)

    def __init__(self, data=None, *, others: Sequence[Rumour], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["into"].choices = [
            (one.pk, f"{one.reference}: {one.words or 'not in our words yet'}"[:90]) for one in others
        ]
