"""What people type on the pages of cases."""

from __future__ import annotations

from django import forms

from accounts.models import OfficialAccount
from escalation.models import Grade, Involved, Pathway, PathwayVersion
from moderation.categories import Category
from moderation.forms import ESCALATE_AS
from moderation.thrive import LONGEST, elements
from notices.models import NoticeDelivery
from retention import statutory
from staff.forms import LondonTime
from staff.models import StaffMember
from staff.roles import Role


class OpenCase(forms.Form):
    """A case without a comment."""

    official_account = forms.ModelChoiceField(OfficialAccount.objects.none(), label="Official account")
    pathway = forms.ModelChoiceField(Pathway.objects.none(), label="Kind of risk")
    title = forms.CharField(
        max_length=160,
        label="Title",
        help_text="The kind of risk and the place, e.g. “Concern for safety, Saltmere viaduct”. "
        "No words of members of the public: the title travels in notices.",
    )
    place = forms.CharField(required=False, max_length=160, label="Where it is")
    why = forms.CharField(
        max_length=4000,
        label="What you know and what worries you",
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args, accounts, pathways, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["official_account"].queryset = accounts
        self.fields["pathway"].queryset = pathways


class AddLogEntry(forms.Form):
    text = forms.CharField(
        label="Add to the log",
        error_messages={"required": "Write what was done, said or learned."},
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What was done, said or learned. It stays as you write it.",
    )


class AddComment(forms.Form):
    comment = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        label="Number of the comment",
        help_text="It stands at the top of its conversation.",
    )
    why = forms.CharField(max_length=300, required=False, label="Why it belongs here")


class CloseCase(forms.Form):
    outcome = forms.CharField(
        label="How it ended",
        error_messages={"required": "Say how it ended: what was done, and that the person is safe."},
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What was done, and whether the person is safe. The log keeps it.",
    )

    def __init__(self, *args, missing=(), **kwargs):
        super().__init__(*args, **kwargs)
        asked = {
            f"item{number}": forms.CharField(
                max_length=1000,
                label=item,
                error_messages={"required": f"Record it first: {item[0].lower()}{item[1:]}."},
            )
            for number, item in enumerate(missing)
        }
        self.fields = {**asked, **self.fields}


class ReopenCase(forms.Form):
    why = forms.CharField(
        max_length=500,
        label="Why it is needed again",
        error_messages={"required": "Say why it is needed again."},
    )


class CannotTake(forms.Form):
    why = forms.CharField(max_length=300, required=False, label="Why, if you can say")


class TakenByTelephone(forms.Form):
    """An operator rang somebody, and they took it."""

    person = forms.ModelChoiceField(
        StaffMember.objects.none(),
        required=False,
        label="Who took it",
        empty_label="Somebody without a sign-in",
    )
    name = forms.CharField(
        max_length=120,
        required=False,
        label="Or their rank and name",
        help_text="For a post such as the force incident manager.",
    )
    said = forms.CharField(max_length=500, required=False, label="What they said they will do")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = StaffMember.objects.filter(pk__in=[p.pk for p in people])


class RecordItem(forms.Form):
    item = forms.ChoiceField(label="What")
    text = forms.CharField(max_length=1000, label="What there is to record")

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [(item, item) for item in items]


class Decide(forms.Form):
    what = forms.CharField(max_length=500, label="What is decided")
    why = forms.CharField(
        max_length=3000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="National Decision Model: Code of Ethics; information and intelligence; threat, risk and working "
        "strategy; powers and policy; options and contingencies; action and review.",
    )


class NotePerson(forms.Form):
    """What is known apart from what is thought: DPA 2018 s.38."""

    replaces = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput())
    name = forms.CharField(
        max_length=200, label="Who", help_text="A name, or what they are called here, e.g. “the author”."
    )
    category = forms.ChoiceField(label="What they are in this case", choices=Involved.Category.choices)
    facts = forms.CharField(
        required=False,
        max_length=4000,
        label="Facts: what is known, and from where",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    assessment = forms.CharField(
        required=False,
        max_length=4000,
        label="Assessment: what somebody thinks",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SetPlace(forms.Form):
    place = forms.CharField(required=False, max_length=160, label="Where it is")


class Together(forms.Form):
    """Another case, and why it belongs with this one."""

    other = forms.CharField(max_length=12, label="The other case", help_text="Its number, e.g. W-2041.")
    how = forms.ChoiceField(
        label="How",
        choices=[
            ("link", "They belong together, each by its own ladder"),
            ("merge", "This one becomes part of the other"),
        ],
    )
    why = forms.CharField(max_length=300, label="Why")

    def clean_other(self) -> str:
        number = self.cleaned_data["other"].strip().upper().removeprefix("W-")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise forms.ValidationError("Write the number of a case, such as W-2041.")
        return number


class Split(forms.Form):
    """What goes into a case of its own."""

    evidence = forms.MultipleChoiceField(
        label="What belongs to the other matter", widget=forms.CheckboxSelectMultiple
    )
    pathway = forms.ModelChoiceField(Pathway.objects.none(), label="Kind of risk")
    title = forms.CharField(max_length=160, label="Title of the new case")
    why = forms.CharField(max_length=300, label="Why")

    def __init__(self, *args, evidence, pathways, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["evidence"].choices = evidence
        self.fields["pathway"].queryset = pathways


class ChangeClock(forms.Form):
    why = forms.CharField(max_length=300, label="Why")


class Assess(forms.Form):
    """THRIVE, the grade and why."""

    grade = forms.ModelChoiceField(Grade.objects.none(), label="Grade", empty_label=None)
    why_changed = forms.CharField(
        required=False,
        max_length=500,
        label="Why the grade changes",
        help_text="Where it is another than before.",
    )
    incident_manager = forms.CharField(
        required=False,
        max_length=120,
        label="Force incident manager",
        help_text="Rank and name. An immediate case names them.",
    )
    rationale = forms.CharField(max_length=4000, label="Rationale", widget=forms.Textarea(attrs={"rows": 4}))
    desk = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args, grades, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["grade"].queryset = grades
        asked = {
            element.slug: forms.CharField(
                required=False,
                max_length=LONGEST,
                label=element.name,
                help_text=element.asks,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            for element in elements()
        }
        self.fields = {**asked, **self.fields}

    @property
    def answers(self) -> dict[str, str]:
        return {element.slug: self.cleaned_data.get(element.slug, "") for element in elements()}


class ReviewLowered(forms.Form):
    says = forms.CharField(max_length=500, label="What you find")


class ConfirmAlert(forms.Form):
    category = forms.ChoiceField(label="What you fear", choices=ESCALATE_AS)
    why = forms.CharField(
        max_length=500,
        label="Why, in a few words: command reads it first",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    alike = forms.BooleanField(required=False, label="Put those of nearly the same words into the case too")


class StandDown(forms.Form):
    why = forms.CharField(max_length=500, label="Why it is no risk")
    alike = forms.BooleanField(required=False, label="Stand down those of nearly the same words with it")


class AddPathway(forms.Form):
    title = forms.CharField(max_length=120, label="Name of the new pathway")


class Lines(forms.CharField):
    """One thing on each line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value):
        text = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()]


class PathwayDraft(forms.Form):
    """One version of a pathway, but its levels."""

    seen_number = forms.IntegerField(required=False, widget=forms.HiddenInput())
    owner = forms.CharField(max_length=120, label="Owner", help_text="The post that answers for it.")
    review_on = forms.DateField(
        label="Review on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    source = forms.CharField(
        max_length=400, label="Source", help_text="Where its rules come from, or “confirm with the force”."
    )
    categories = forms.MultipleChoiceField(
        required=False,
        label="Findings",
        help_text="What triage or a person names a comment, to come here.",
        choices=[(category.value, category.label) for category in Category if category != Category.NONE],
        widget=forms.CheckboxSelectMultiple,
    )
    floor = forms.TypedChoiceField(
        coerce=int,
        label="Floor",
        help_text="Findings at this priority or more urgent alert the desk.",
        choices=[
            (0, "None: only a person opens a case"),
            (1, "Immediate"),
            (2, "High"),
            (3, "Routine"),
            (4, "Routine, can wait"),
        ],
    )
    desk_minutes = forms.IntegerField(
        min_value=1,
        max_value=240,
        label="Minutes at the desk",
        help_text="How long the desk may leave an alert before the first level is called without it.",
    )
    first_team = forms.CharField(max_length=120, label="First team")
    advice = forms.CharField(
        required=False,
        max_length=2000,
        label="What to do meanwhile",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    must_record = Lines(
        required=False,
        max_length=2000,
        label="What must be recorded before a case closes",
        help_text="One thing on each line. A line that names an incident number, a crime number, or the reference of a "
        "team that receives referrals is filled in when the number comes back.",
    )
    told = forms.MultipleChoiceField(
        required=False,
        label="Who is told, without being called",
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    act_within_minutes = forms.IntegerField(
        min_value=1,
        max_value=1440,
        label="Minutes to a first act",
        help_text="Whoever has it records something by then, or the ladder goes on.",
    )
    deadline_minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=527_040,
        label="Service level in minutes",
        help_text="From when the force was first told. Empty: the risk alone counts.",
    )
    deadline_says = forms.CharField(required=False, max_length=120, label="What is due then")
    deadline_clock = forms.ChoiceField(
        label="On which clock", choices=PathwayVersion.Clock.choices, initial=PathwayVersion.Clock.ALWAYS
    )
    deadline_law = forms.ChoiceField(
        required=False,
        label="Or a clock of the law",
        choices=[("", "None: the minutes above count"), *statutory.Law.choices],
    )
    deadline_warn_minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=28_800,
        label="Minutes before the deadline to call whoever has the case",
        help_text="They and the desk supervisors are called again and again until it is recorded, and once it is over "
        "the ladder goes on. Empty: the page alone counts down.",
    )


class LevelForm(forms.Form):
    """One level: whom it calls, for how long, by which ways."""

    whom = forms.ChoiceField(required=False, label="Calls")
    acknowledge_within_s = forms.IntegerField(
        required=False, min_value=10, max_value=86_400, label="Seconds to acknowledge"
    )
    ways = forms.MultipleChoiceField(
        required=False,
        label="Beside the page with its sound, by",
        choices=[
            choice for choice in NoticeDelivery.Channel.choices if choice[0] != NoticeDelivery.Channel.WEBHOOK
        ],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, whom, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["whom"].choices = whom

    def clean(self):
        data = super().clean()
        if (
            data.get("whom")
            and not data.get("acknowledge_within_s")
            and "acknowledge_within_s" not in self.errors
        ):
            self.add_error("acknowledge_within_s", "Say how many seconds they have.")
        return data


class AddRota(forms.Form):
    name = forms.CharField(max_length=120, label="Name of the new rota")
    what_for = forms.CharField(required=False, max_length=300, label="What it is for")


class RotaFile(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="CSV with the columns email, starts, ends (London time, 2026-11-29 19:00), or iCalendar.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )


class Cover(forms.Form):
    person = forms.ModelChoiceField(StaffMember.objects.none(), label="Who covers")
    until = LondonTime(required=False, label="Until", help_text="Empty: until 7 in the morning.")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = StaffMember.objects.filter(pk__in=[p.pk for p in people])


class SavePost(forms.Form):
    name = forms.CharField(max_length=120, label="Name of the post")
    phone = forms.CharField(
        required=False, max_length=30, label="Telephone", help_text="Read out to whoever rings it."
    )
    mobile = forms.CharField(required=False, max_length=30, label="Mobile", help_text="Where its texts go.")
    email = forms.EmailField(required=False, max_length=254, label="E-mail")
    active = forms.BooleanField(required=False, initial=True, label="In use")


class BeginDrill(forms.Form):
    official_account = forms.ModelChoiceField(OfficialAccount.objects.none(), label="Official account")
    pathway = forms.ModelChoiceField(Pathway.objects.none(), label="Pathway")

    def __init__(self, *args, accounts, pathways, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["official_account"].queryset = accounts
        self.fields["pathway"].queryset = pathways


class Fields(forms.Form):
    """The fields of a kind of referral, as its data names them."""

    def __init__(self, *args, fields, **kwargs):
        super().__init__(*args, **kwargs)
        for field in fields:
            long = field.get("long", False)
            self.fields[field["slug"]] = forms.CharField(
                label=field["label"],
                help_text=field.get("hint", ""),
                required=field.get("required", False),
                max_length=4000 if long else 300,
                error_messages={"required": f"Fill in “{field['label']}”."},
                widget=forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput(),
            )


class Refer(Fields):
    """One referral. `token`: a button pressed twice makes one."""

    def __init__(self, *args, kind, **kwargs):
        super().__init__(*args, fields=kind.asks, **kwargs)
        if kind.to_control_room:
            self.fields["crime"] = forms.BooleanField(
                required=False,
                label="A crime is reported",
                help_text="It is to be recorded within 24 hours of the first message.",
            )
        self.fields["token"] = forms.UUIDField(widget=forms.HiddenInput)


class Numbers(forms.Form):
    """What came back from the control room."""

    incident_number = forms.CharField(required=False, max_length=40, label="Incident number")
    incident_on = forms.DateField(
        required=False,
        label="Of which day",
        help_text="Numbers begin anew each day. Empty: today.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    crime_number = forms.CharField(
        required=False, max_length=60, label="Crime number, or why it is not recorded"
    )
    why = forms.CharField(required=False, max_length=300, label="Why a number changes")
