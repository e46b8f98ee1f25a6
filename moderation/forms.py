"""What arrives from the desk's forms, read and typed. Rules live in the actions, not here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms

from moderation.categories import HIGH_RISK, Category, Priority
from moderation.models import Clause
from moderation.triage.language import LANGUAGES
from moderation.triage.rules import RULES
from staff.forms import LondonTime

ESCALATE_AS = [(c.value, c.label) for c in Category if c in HIGH_RISK] + [
    (Category.NONE.value, "Another concern")
]


class Decided(forms.Form):
    """Any decision: bound to the revision that the person read."""

    revision = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        error_messages={
            "required": "This form had lost its place. Read the comment once more and decide again.",
            "invalid": "This form had lost its place. Read the comment once more and decide again.",
        },
    )
    why = forms.CharField(required=False, max_length=500, label="Why")


class Reply(Decided):
    reply_text = forms.CharField(required=False, strip=False, max_length=20_000)
    despite = forms.BooleanField(required=False)
    """Told that a colleague has the comment, the person answers all the same."""


class Hide(Decided):
    clause = forms.ModelChoiceField(
        queryset=Clause.objects.none(),
        error_messages={
            "required": "Choose the clause of the published guidelines that this comment breaks.",
            "invalid_choice": "That clause is not published any more. Choose another one.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].queryset = Clause.objects.filter(published=True)  # type: ignore[attr-defined]


class Restrict(Decided):
    """An act on the platform about somebody or their comment. Which fields it needs, the action says."""

    do = forms.CharField(max_length=20, error_messages={"required": "Choose what to do about it."})
    clause = forms.ModelChoiceField(
        queryset=Clause.objects.none(),
        required=False,
        error_messages={"invalid_choice": "That clause is not published any more. Choose another one."},
    )
    until = forms.DateField(
        required=False, error_messages={"invalid": "Give the day as day, month and year."}
    )
    by_hand = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].queryset = Clause.objects.filter(published=True)  # type: ignore[attr-defined]


class Lift(forms.Form):
    do = forms.CharField(max_length=20)


class Escalate(Decided):
    category = forms.ChoiceField(
        choices=ESCALATE_AS,
        error_messages={"required": "Choose what you fear.", "invalid_choice": "Choose what you fear."},
    )


class Sort(Decided):
    category = forms.ChoiceField(
        choices=Category, error_messages={"invalid_choice": "Choose a category from the list."}
    )
    priority = forms.TypedChoiceField(
        choices=Priority, coerce=int, error_messages={"invalid_choice": "Choose a priority from 1 to 5."}
    )


class Reason(forms.Form):
    why = forms.CharField(required=False, max_length=500)


class Note(forms.Form):
    note_text = forms.CharField(required=False, strip=False, max_length=20_000)


class LookAgain(forms.Form):
    """Why somebody's earlier messages are read: the reason of force policy, or the guard's purpose."""

    reason = forms.CharField(required=False, max_length=300)
    purpose = forms.CharField(required=False, max_length=400)


class Guard(forms.Form):
    """When the surveillance guard asks, and whom it names."""

    own = forms.IntegerField(label="Look-ups by one person before a purpose is asked")
    force = forms.IntegerField(label="Look-ups by the whole force before a purpose is asked")
    days = forms.IntegerField(label="Counted over so many days")
    stands_hours = forms.IntegerField(label="Hours for which a purpose stands")
    ask = forms.CharField(
        label="Whom to ask",
        max_length=200,
        help_text="Stands on the page: who says whether an authorisation is needed.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages |= {"required": "Give a value.", "invalid": "Give a whole number."}


class Pasted(forms.Form):
    """One comment from a platform that is worked by hand."""

    author = forms.CharField(
        label="Written by, as the platform shows it",
        max_length=200,
        error_messages={"required": "Say who wrote it, as the platform shows it."},
    )
    text = forms.CharField(
        label="What it says",
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Paste what it says."},
    )
    posted_at = LondonTime(label="When, on London clocks")
    link = forms.CharField(label="Link to it", required=False, max_length=290)
    under = forms.CharField(label="Link of our post that it stands under", required=False, max_length=290)


class Listed(forms.Form):
    """Many of them, as CSV."""

    file = forms.FileField(
        label="CSV file",
        help_text="First row: author, text, posted_at, and if you have them name, link, under. At most 2,000 rows.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )


class Mend(forms.Form):
    """A message that could not be read, as somebody mended it."""

    payload = forms.CharField(
        label="The message as the platform sent it",
        help_text="Change only what cannot be read. What the platform sent is kept beside it as it came.",
        max_length=1_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "mono"}),
        error_messages={"required": "The message is empty. Put back what was in it."},
    )


class Exhibit(forms.Form):
    """For whom a file leaves the platform."""

    to = forms.CharField(
        label="For whom, and for which case",
        help_text="It stands in the audit trail. Example: DC Lowe, case W-2041",
        max_length=200,
        error_messages={"required": "Say for whom and for which case it is taken."},
    )


class OpenSealed(forms.Form):
    """Why a sealed picture is opened."""

    why = forms.CharField(
        label="Why you open it",
        help_text="The reference of the investigation or of the assessment. Each opening stands in the audit trail.",
        max_length=300,
        error_messages={"required": "Say why you open it."},
    )


class LiftSeal(forms.Form):
    """Why a seal is lifted."""

    lift_why = forms.CharField(
        label="Why it is no such image",
        max_length=300,
        error_messages={"required": "Say why the seal is lifted."},
    )


class AskWhy(forms.Form):
    """What the public gives to learn why a comment is hidden."""

    link = forms.CharField(
        max_length=500,
        label="The link of your comment",
        help_text="On the platform, open your comment and copy its link or the address of its page.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Copy the link of your comment in here first.",
            "max_length": "That is longer than a link can be. Copy the link of one comment.",
        },
    )


class AskAgain(forms.Form):
    """Why somebody thinks that their comment should be seen."""

    words = forms.CharField(
        required=False,
        label="What we should know",
        help_text="Up to 1,000 characters. Whoever looks at it again reads this.",
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
    )


class SecondLook(forms.Form):
    """The answer to somebody who asked for a second look."""

    do = forms.ChoiceField(
        choices=[("uphold", "It stays hidden"), ("overturn", "Show it again")],
        label="What you decide",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the comment stays hidden."},
    )
    answer = forms.CharField(
        label="What its author reads",
        error_messages={"required": "Say in a sentence or two what you found: the author reads it."},
        help_text="A sentence or two in plain words, up to 1,000 characters. No names of colleagues.",
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
    )


class Withhold(forms.Form):
    """Why the author is not told the reason."""

    why = forms.CharField(
        max_length=500,
        label="Why telling it would do harm",
        help_text="For example: it would show that a message is being used in an investigation.",
        error_messages={"required": "Say why telling the reason would do harm."},
    )


class Example(forms.Form):
    """Words that are like a category, or that only look like it."""

    text = forms.CharField(
        max_length=20_000,
        label="The words",
        help_text="600 characters at most. Leave out names and whatever tells who wrote it.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the words of the example first."},
    )
    counter = forms.ChoiceField(
        choices=[("no", "Like this category"), ("yes", "Only looks like it")],
        label="What they are",
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the words are like the category or only look like it."},
    )
    language = forms.ChoiceField(
        choices=list(LANGUAGES.items()), label="Language", required=False, initial="en"
    )

    def taught(self) -> dict[str, Any]:
        """What moderation.actions.triage.add_exemplar takes, but for the category."""
        given = self.cleaned_data
        return {
            "text": given["text"],
            "counter": given["counter"] == "yes",
            "language": given["language"] or "en",
        }


class ExampleOfComment(Example):
    category = forms.ChoiceField(
        choices=Category.choices, error_messages={"required": "Choose a category from the list."}
    )


class SwitchOff(forms.Form):
    """Triage says nothing any more, at once, whole or of some categories."""

    categories = forms.MultipleChoiceField(
        choices=[(c.value, c.label) for c in Category if c != Category.NONE],
        required=False,
        label="Of which categories",
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all of it, and comments stand by time alone.",
    )
    why = forms.CharField(
        max_length=500,
        label="Why",
        help_text="The desk reads it.",
        error_messages={"required": "Say in a sentence why it is switched off: the desk reads it."},
    )


class AskVersion(forms.Form):
    """A version made from what is taught now, and tried on what came lately."""

    kind = forms.ChoiceField(
        choices=[
            ("exemplars", "The examples as they stand now"),
            ("calibrated", "The examples, measured against this force's own ordinary comments"),
            ("learned", "The same, and what the desk corrected (a quarter is held back to measure on)"),
        ],
        label="Made from",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the version is to be made from."},
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=90,
        initial=30,
        label="Tried on the comments of so many days",
        help_text="1 to 90",
    )
    off = forms.MultipleChoiceField(
        choices=[(c.value, c.label) for c in Category if c != Category.NONE],
        required=False,
        label="Switched off in it",
        widget=forms.CheckboxSelectMultiple,
        help_text="What is switched off is not looked for. All of them: everything is simply by time.",
    )

    def __init__(self, *args: Any, supervisor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not supervisor:
            del self.fields["off"]
            self.fields["kind"].choices = self.fields["kind"].choices[:1]  # type: ignore[attr-defined]


class TryRules(forms.Form):
    """Rules and categories that are tried off or on."""

    off = forms.MultipleChoiceField(required=False, label="Left out", widget=forms.CheckboxSelectMultiple)
    on = forms.MultipleChoiceField(
        required=False, label="Switched on again", widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=90,
        initial=30,
        label="Tried on the comments of so many days",
        help_text="1 to 90",
    )

    def __init__(self, *args: Any, gone: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(c.value, c.label) for c in Category if c != Category.NONE]
        rules = [(rule.name, rule.sentence) for rule in RULES if rule.category not in gone]
        self.fields["off"].choices = [*(kind for kind in kinds if kind[0] not in gone), *rules]  # type: ignore[attr-defined]
        self.fields["on"].choices = [kind for kind in kinds if kind[0] in gone]  # type: ignore[attr-defined]
        if not self.fields["on"].choices:  # type: ignore[attr-defined]
            del self.fields["on"]


class WriteClause(forms.Form):
    """A clause of the guidelines, in English and, where the force speaks it, in Welsh."""

    title = forms.CharField(
        max_length=120,
        label="Title",
        help_text="A few words: staff choose by them, and the author of a hidden comment reads them first.",
        error_messages={"required": "Give the clause a title."},
    )
    text = forms.CharField(
        max_length=2000,
        label="What we hide",
        help_text="In plain English, beginning with “We hide”.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what is hidden under this clause."},
    )
    title_cy = forms.CharField(
        max_length=120, required=False, label="Title in Welsh", widget=forms.TextInput(attrs={"lang": "cy"})
    )
    text_cy = forms.CharField(
        max_length=2000,
        required=False,
        label="What we hide, in Welsh",
        widget=forms.Textarea(attrs={"rows": 4, "lang": "cy"}),
    )
    sensitive = forms.BooleanField(
        required=False,
        label="Whoever decides under it adds a note",
        help_text="For what will be asked about: hate, a trial, what is true.",
    )
    position = forms.IntegerField(
        min_value=1, max_value=99, required=False, label="Number", help_text="Empty: the last one."
    )


class DescribeGuidelines(forms.Form):
    changes = forms.CharField(
        max_length=500,
        label="What is different",
        help_text="A sentence or two. The public reads them beside the new version.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a sentence what is different. The public reads it."},
    )


class ApproveGuidelines(forms.Form):
    in_force_from = LondonTime(
        label="In force from", required=False, help_text="London time. Empty: at once."
    )
