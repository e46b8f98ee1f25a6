"""What the pages about approval take in: a call, a cover, a look, the steps."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms

from core import clock
from publishing import times
from publishing.models import AfterLook, Declaration, StepRule, TelephoneApproval
from publishing.queries_approval import Choices
from staff.models import StaffMember


class CallForm(forms.Form):
    """An approval by telephone, as whoever took the call records it."""

    version = forms.IntegerField(min_value=0, max_value=10**9, widget=forms.HiddenInput)
    pair_version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)
    name = forms.CharField(
        label="Who approved it", required=False, max_length=120, help_text="Rank and name."
    )
    function = forms.ChoiceField(
        label="As what", required=False, choices=[("", "Choose"), *TelephoneApproval.Function.choices]
    )
    known_by = forms.ChoiceField(
        label="How you know that it is them",
        required=False,
        choices=[("", "Choose"), *TelephoneApproval.Known.choices],
    )
    known_as = forms.CharField(
        label="That number",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "text"}),
    )
    said = forms.TimeField(
        label="At what time they said so, London",
        required=False,
        help_text="Left empty, just now.",
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"invalid": "Write the time like 21:40."},
    )
    read_out = forms.BooleanField(
        label="I read out the words above as they stand, and they said yes to them", required=False
    )

    @property
    def said_at(self) -> datetime | None:
        """The last time that London's clocks showed it; None where nothing was typed."""
        said = self.cleaned_data["said"]
        if said is None:
            return None
        now = clock.now()
        at = datetime.combine(clock.today(), said, tzinfo=clock.LONDON)
        return (
            at
            if at <= now
            else datetime.combine(clock.today() - timedelta(days=1), said, tzinfo=clock.LONDON)
        )


class CoverForm(forms.Form):
    """Who stands in, from when until when."""

    cover = forms.TypedChoiceField(label="Who stands in for you", required=False, coerce=int, empty_value=0)
    since = forms.CharField(
        label="From, London time",
        required=False,
        max_length=40,
        help_text="Left empty, from now on.",
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
    )
    until = forms.CharField(
        label="Until, London time",
        max_length=40,
        error_messages={"required": "Say until when."},
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
    )
    why = forms.CharField(label="Why", required=False, max_length=300)

    def __init__(self, data=None, *, people: list[StaffMember]) -> None:
        super().__init__(data, auto_id="cover-%s")
        self.fields["cover"].choices = [("", "Choose"), *((str(one.pk), one.called) for one in people)]

    def instants(self, now: datetime) -> tuple[datetime, datetime]:
        """From and until. Raises NotValid where London has no such time, or has it twice."""
        since = times.from_wall_clock(self.cleaned_data["since"], field="since") or now
        return since, times.from_wall_clock(self.cleaned_data["until"], field="until") or now


class LookForm(forms.Form):
    """What an approver thinks of what went out."""

    verdict = forms.ChoiceField(
        label="What you think of it",
        error_messages={"required": "Say what you think of it."},
        choices=AfterLook.Verdict.choices,
        widget=forms.RadioSelect,
    )
    said = forms.CharField(
        label="Why, or how you made sure",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    words = forms.CharField(
        label="To be corrected: the words that should stand there",
        required=False,
        max_length=10_000,
        help_text="Left empty, its author corrects it. Somebody else approves the correction in any case.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    withdraw_trust = forms.BooleanField(
        label="Every post of this author needs approval beforehand from now on", required=False
    )


class NumbersForm(forms.Form):
    """Hours, share and deadlines of the steps."""

    day_begins = forms.TimeField(
        label="“In hours” begins, London", widget=forms.TimeInput(attrs={"type": "time"})
    )
    day_ends = forms.TimeField(label="and ends", widget=forms.TimeInput(attrs={"type": "time"}))
    sample_percent = forms.IntegerField(
        label="Looked at afterwards, of posts without prior approval, in %", min_value=0, max_value=100
    )
    sample_within_hours = forms.IntegerField(label="within hours", min_value=1, max_value=720)
    urgent_within_minutes = forms.IntegerField(
        label="Second approval of urgent posts, within minutes", min_value=5, max_value=1440
    )
    telephone_within_hours = forms.IntegerField(
        label="Calls are confirmed within hours", min_value=1, max_value=168
    )
    two_by_telephone = forms.BooleanField(label="Two people on the telephone count as two", required=False)
    deletion_by_one = forms.BooleanField(
        label="Taking down what stands takes one approver, whatever the rules say", required=False
    )


class RuleForm(forms.Form):
    """One line of the steps."""

    name = forms.CharField(label="What it is for", required=False, max_length=120)
    place = forms.ChoiceField(label="Where", required=False)
    kinds = forms.MultipleChoiceField(
        label="For what kind of post (none ticked: every kind)",
        required=False,
        choices=Declaration.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    when = forms.MultipleChoiceField(
        label="When it goes out (none ticked: at any time)",
        required=False,
        choices=StepRule.When.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    needs = forms.ChoiceField(label="Who approves it", required=False, choices=StepRule.Needs.choices)
    parties = forms.MultipleChoiceField(
        label="Named, for “any one” and “all”", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data=None, *, choices: Choices) -> None:
        super().__init__(data, auto_id="rule-%s")
        self.fields["place"].choices = choices.places
        self.fields["parties"].choices = choices.parties


class TrustForm(forms.Form):
    """Whose posts may go without prior approval."""

    person = forms.TypedChoiceField(label="Author", required=False, coerce=int, empty_value=0)
    why = forms.CharField(label="Why", required=False, max_length=300)

    def __init__(self, data=None, *, people: list[StaffMember]) -> None:
        super().__init__(data, auto_id="trust-%s")
        self.fields["person"].choices = [("", "Choose"), *((str(one.pk), one.called) for one in people)]
