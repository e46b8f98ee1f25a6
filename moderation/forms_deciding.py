"""What arrives from the forms of decisions, saved replies and private messages. Rules live in the actions, not here."""

from __future__ import annotations

from typing import Any

from django import forms

from moderation import private_messages, saved_replies, thrive, wording
from moderation.bulk import KINDS
from moderation.categories import Category
from moderation.forms import Decided
from moderation.models import Clause, MessagingDecision, SavedReply
from retention.models import RightsRequest
from staff.models import StaffMember, Team

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class TakeIn(forms.Form):
    kind = forms.ChoiceField(
        choices=RightsRequest.Kind, error_messages={"required": "Choose what they ask for."}
    )


class Elsewhere(Decided):
    where = forms.CharField(required=False, max_length=200)


class HandOver(Decided):
    team = forms.ModelChoiceField(
        queryset=Team.objects.all(),
        required=False,
        error_messages={"invalid_choice": "That team is not there any more. Choose another one."},
    )
    to_desk = forms.BooleanField(required=False)


class Assess(Decided):
    """One field for each part of THRIVE."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in thrive.elements():
            self.fields[one.slug] = forms.CharField(required=False, strip=False)

    @property
    def said(self) -> dict[str, str]:
        return {one.slug: self.cleaned_data[one.slug] for one in thrive.elements()}


class Ask(Decided):
    reply_text = forms.CharField(required=False, strip=False, max_length=20_000)


class Approve(forms.Form):
    words = forms.CharField(
        max_length=64, error_messages={"required": "This form had lost its place. Read the words once more."}
    )


class SendBack(forms.Form):
    answer = forms.CharField(
        max_length=300, error_messages={"required": "Say what should be different: its author reads it."}
    )


class Nothing(forms.Form):
    """No fields."""


class PutIn(forms.Form):
    """A saved reply for the box, with what only its writer knows."""

    saved = forms.ModelChoiceField(
        queryset=SavedReply.objects.none(),
        error_messages={
            "required": "Choose a saved reply from the list.",
            "invalid_choice": "That saved reply is not there any more. Choose another one.",
        },
    )
    incident_number = forms.CharField(required=False, max_length=40)
    link = forms.CharField(required=False, max_length=300)

    def __init__(self, *args: Any, viewer: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["saved"].queryset = saved_replies.seen_by(viewer)  # type: ignore[attr-defined]


class Many(forms.Form):
    """Which comments, and what is decided on them."""

    do = forms.ChoiceField(
        choices=[(kind.slug, kind.label) for kind in KINDS.values()],
        error_messages={
            "required": "Choose a decision.",
            "invalid_choice": "Choose a decision from the list.",
        },
    )
    comment = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": "Tick at least one comment first.",
            "invalid_choice": "One of the ticked comments could not be read. Go back and tick them again.",
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        given = data.getlist("comment") if data is not None else []
        ids = [one for one in given if one.isascii() and one.isdecimal() and len(one) < 19]
        self.fields["comment"].choices = [(one, one) for one in dict.fromkeys(ids)]  # type: ignore[attr-defined]


class DecideMany(forms.Form):
    """What one decision on many comments needs."""

    clause = forms.ModelChoiceField(
        queryset=Clause.objects.filter(published=True),
        required=False,
        error_messages={"invalid_choice": "That clause is not published any more. Choose another one."},
    )
    why = forms.CharField(required=False, max_length=500)
    where = forms.CharField(required=False, max_length=200)
    team = forms.ModelChoiceField(queryset=Team.objects.all(), required=False)


class Saved(forms.Form):
    """A saved reply as it is written."""

    level = forms.ChoiceField(
        choices=SavedReply.Level.choices,
        label="Whose it is",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whose it is."},
    )
    team = forms.ModelChoiceField(
        queryset=Team.objects.none(), required=False, label="Team", empty_label="Choose one"
    )
    title = forms.CharField(
        max_length=80,
        label="Title",
        help_text="By which it is found: “Noise at night”, “Where to report a lost phone”.",
        error_messages={"required": "Give it a title by which colleagues find it."},
    )
    text = forms.CharField(
        label="The words",
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="Gaps stand in curly brackets: "
        + ", ".join("{" + gap + "}" for gap in wording.GAPS)
        + ". What is known is filled in; what stays open keeps the reply from being sent.",
        error_messages={"required": "Write the words of the reply."},
    )
    categories = forms.MultipleChoiceField(
        choices=[(c.value, c.label) for c in Category if c != Category.NONE],
        required=False,
        label="Suggested for comments about",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, viewer: StaffMember, levels: list[str], fixed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        teams = saved_replies.teams_of(viewer)
        self.fields["team"].queryset = Team.objects.filter(pk__in=[team.pk for team in teams])  # type: ignore[attr-defined]
        if fixed:
            del self.fields["level"], self.fields["team"]
            return
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            (value, label) for value, label in SavedReply.Level.choices if value in levels
        ]
        if SavedReply.Level.TEAM not in levels:
            del self.fields["team"]


class Version(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class Messaging(forms.Form):
    """Whether private messages are run on an official account, and when somebody reads them."""

    run = forms.ChoiceField(
        choices=[("yes", "Private messages are run"), ("no", "Private messages are not run")],
        label="What is decided",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether private messages are run."},
    )
    reasons = forms.CharField(
        label="Why",
        help_text="Who reads them, what risk unread hours leave, and why you take it. It stands in the record.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why: the reasons stand in the record."},
    )
    review_on = forms.DateField(
        label="Looked at again on",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "Give the day on which this is looked at again.",
            "invalid": "Give a day.",
        },
    )
    days = forms.MultipleChoiceField(
        choices=list(enumerate(DAYS)),
        required=False,
        label="Somebody reads them on",
        widget=forms.CheckboxSelectMultiple,
    )
    from_time = forms.TimeField(
        required=False,
        label="From",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="London time. Leave both empty for the whole day. Hours that end before they begin go on into the next day.",
    )
    until_time = forms.TimeField(
        required=False, label="Until", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    automatic = forms.BooleanField(
        required=False,
        label="Answer automatically in the other hours",
        help_text="Once in each stretch of unread hours, marked as automatic, whatever the message says.",
    )
    answer = forms.CharField(
        required=False,
        max_length=2000,
        label="The automatic answer",
        help_text="“Automatic answer:” is put before it, and {opens} becomes the time from which somebody reads. It has "
        "to name 999 and 101.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @classmethod
    def of(cls, decision: MessagingDecision | None) -> Messaging:
        """As it was decided last, to be decided anew."""
        if decision is None:
            return cls(initial={"days": list(range(7)), "answer": private_messages.STARTING_ANSWER})
        return cls(
            initial={
                "run": "yes" if decision.run else "no",
                "reasons": decision.reasons,
                "days": decision.days,
                "from_time": decision.from_time,
                "until_time": decision.until_time,
                "automatic": decision.automatic,
                "answer": decision.answer or private_messages.STARTING_ANSWER,
            }
        )

    def decided(self) -> dict[str, Any]:
        """What moderation.actions.messaging.decide takes."""
        given = dict(self.cleaned_data)
        given["run"] = given["run"] == "yes"
        given["days"] = [int(day) for day in given["days"]]
        return given


class ActReviewed(forms.Form):
    """What a second person found."""

    do = forms.ChoiceField(
        choices=[("agree", "It was right"), ("overturn", "It was wrong")],
        label="What you find",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it was right."},
    )
    words = forms.CharField(
        required=False,
        max_length=500,
        label="Why",
        help_text="Needed where it was wrong: whoever acted reads it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
