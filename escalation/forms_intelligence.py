"""What people type on the pages of intelligence reports."""

from __future__ import annotations

from django import forms

from escalation.actions.intelligence import LONGEST
from escalation.models import IntelligenceReport

_LOOKED = (
    "I have looked: nothing here tells who gave it. No name or handle, no words of their own, nothing that only they "
    "could know"
)


NONE = "none"
"""It came by no comment of the case."""


class _Texts(forms.Form):
    words = forms.CharField(
        max_length=LONGEST,
        label="What is known",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Who, what, where, when, in your own words. Never who told us.",
        error_messages={"required": "Fill in “What is known”."},
    )
    provenance = forms.CharField(
        max_length=LONGEST,
        label="How it is known",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Seen or heard by the source themselves, or from others; how it reached us.",
        error_messages={"required": "Fill in “How it is known”."},
    )
    context = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Context",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What helps to judge it: what is going on there, what was known before.",
    )


class WriteReport(_Texts):
    """One report. `token`: a button pressed twice makes one."""

    evidence = forms.ChoiceField(
        error_messages={"required": "Choose by which comment it came, or that it was none of them."},
        label="By which comment it came",
        help_text="Its author is the source, and is kept apart.",
        widget=forms.RadioSelect,
    )
    priority = forms.ChoiceField(
        label="Priority",
        choices=IntelligenceReport.Priority.choices,
        initial=IntelligenceReport.Priority.LOW,
        widget=forms.RadioSelect,
    )
    sensitive = forms.BooleanField(
        required=False, label="Sensitive: the intelligence unit and I alone read it"
    )
    anonymous = forms.BooleanField(
        required=False, label="They asked to stay unknown: I have told them of Crimestoppers"
    )
    known = forms.CharField(
        required=False,
        max_length=500,
        label="What we know of how far they can be believed",
        help_text="Kept with the source, not in the report.",
    )
    looked = forms.BooleanField(required=False, label=_LOOKED)
    token = forms.UUIDField(widget=forms.HiddenInput)
    field_order = [
        "evidence",
        "words",
        "provenance",
        "context",
        "priority",
        "known",
        "anonymous",
        "sensitive",
        "looked",
        "token",
    ]

    def __init__(self, *args, evidence, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["evidence"].choices = [*evidence, (NONE, "None of them: we were told otherwise")]


class Correct(_Texts):
    looked = forms.BooleanField(required=False, label=_LOOKED)


class Grade(forms.Form):
    """The 3x5x2 codes."""

    source_code = forms.ChoiceField(
        label="Source evaluation",
        choices=IntelligenceReport.Source.choices,
        initial=IntelligenceReport.Source.UNTESTED,
        widget=forms.RadioSelect,
        help_text="What the public tells us on a platform is normally untested.",
    )
    assessment_code = forms.ChoiceField(
        label="Intelligence assessment",
        choices=IntelligenceReport.Assessment.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it is known."},
    )
    handling = forms.ChoiceField(
        label="Handling",
        choices=IntelligenceReport.Handling.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it may be shared."},
    )
    conditions = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Conditions",
        help_text="Needed for handling C.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    action_code = forms.ChoiceField(
        required=False, label="Action code", choices=[("", "None"), *IntelligenceReport.ActionCode.choices]
    )
    sanitisation_code = forms.ChoiceField(
        required=False,
        label="Sanitisation code",
        choices=[("", "None"), *IntelligenceReport.Sanitisation.choices],
    )
    sanitised = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Text that may be shared",
        help_text="Where it is another than what the desk wrote.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    mopi_group = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label="MoPI group",
        choices=[("", "Not set"), *IntelligenceReport.Group.choices],
    )
    next_unit = forms.CharField(required=False, max_length=120, label="Next reviewing unit")
    sensitive = forms.BooleanField(
        required=False, label="Sensitive: the unit and whoever wrote it alone read it"
    )
    looked = forms.BooleanField(required=False, label=_LOOKED)


class Why(forms.Form):
    why = forms.CharField(max_length=500, label="Why")


class ReferSource(forms.Form):
    """Who gave a report, for the dedicated source unit. `token`: a button pressed twice makes one."""

    why = forms.CharField(
        max_length=3000,
        label="Why they may be a source",
        help_text="What they do for us, what was asked of them, what they expect.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)


class Link(forms.Form):
    reference = forms.CharField(max_length=60, label="What the intelligence system calls it")


class Disclose(forms.Form):
    to = forms.CharField(
        max_length=200, label="For whom", help_text="Name and unit; it stands in the audit trail."
    )
    how = forms.ChoiceField(
        label="As", choices=[("pdf", "A sheet (PDF)"), ("json", "A structured file (JSON)")], initial="pdf"
    )
