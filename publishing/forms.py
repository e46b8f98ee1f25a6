"""What compose and the smaller forms take in. Rules are in the actions; here is only what was typed."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from accounts.models import OfficialAccount
from publishing.actions.posts import LONGEST_WORDS
from publishing.checks.questions import Question
from publishing.forms_checks import Declared
from publishing.models import Post, PostPicture, Tag
from publishing.times import to_wall_clock


class ComposeForm(Declared):
    """One post: where it goes, its words, words of its own per official account, alt texts, time."""

    version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)
    post = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    title = forms.CharField(
        label="Called",
        required=False,
        max_length=120,
        help_text="For colleagues only. Left empty, its first words are used.",
    )
    accounts = forms.MultipleChoiceField(label="Goes to", required=False)
    words = forms.CharField(
        label="Words",
        required=False,
        max_length=LONGEST_WORDS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    publish_at = forms.CharField(
        label="Goes out at, London time",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
    )
    picture = forms.FileField(label="Picture", required=False, allow_empty_file=True)
    alt_text = forms.CharField(
        label="What it shows",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    options = forms.BooleanField(required=False)
    """That what follows was on the page: an empty choice is then a choice."""
    as_thread = forms.BooleanField(
        label="Where the words are too long for a platform, make a thread of them", required=False
    )
    reply_control = forms.ChoiceField(
        label="Who may reply, where a platform lets us say so",
        required=False,
        choices=[("", "Anybody"), *Post.ReplyControl.choices],
    )
    campaigns = forms.TypedMultipleChoiceField(label="Campaigns", required=False, coerce=int)
    video = forms.FileField(label="Video", required=False, allow_empty_file=True)
    video_title = forms.CharField(label="Its title", required=False, max_length=100)
    video_alt = forms.CharField(
        label="What happens in it",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    captions = forms.FileField(label="Captions", required=False, allow_empty_file=True)
    no_captions_why = forms.CharField(label="Or why it has none", required=False, max_length=300)

    def __init__(
        self,
        data=None,
        files=None,
        *,
        accounts: Sequence[OfficialAccount],
        pictures: Sequence[PostPicture] = (),
        campaigns: Sequence[Tag] = (),
        asked: Sequence[Question] = (),
        **kwargs,
    ) -> None:
        super().__init__(data, files, auto_id="%s", **kwargs)
        self.ask(asked)
        self.fields["campaigns"].choices = [(str(tag.pk), tag.name) for tag in campaigns]
        self.fields["accounts"].choices = [(str(account.pk), account.name) for account in accounts]
        for account in accounts:
            self.fields[f"own_{account.pk}"] = forms.CharField(
                label=f"Words for {account.name} alone",
                required=False,
                max_length=LONGEST_WORDS,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 5}),
            )
        for number, picture in enumerate(pictures, start=1):
            self.fields[f"alt_{picture.pk}"] = forms.CharField(
                label=f"Alt text, picture {number}",
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def chosen_ids(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data.get("accounts", [])]

    @property
    def own_words(self) -> dict[int, str]:
        return self._numbered("own_")

    @property
    def alt_texts(self) -> dict[int, str]:
        return self._numbered("alt_")

    def _numbered(self, prefix: str) -> dict[int, str]:
        return {
            int(name.removeprefix(prefix)): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix) and name.removeprefix(prefix).isdigit()
        }


def initial_of(post: Post, pictures: Sequence[PostPicture], texts: dict[int, str]) -> dict[str, object]:
    """What the compose form shows of a post that is kept. texts: official account id -> words."""
    initial: dict[str, object] = {
        "post": post.pk,
        "version": post.version,
        "title": post.title,
        "words": post.words,
        "publish_at": to_wall_clock(post.publish_at),
        "accounts": [str(pk) for pk in texts],
        "as_thread": post.as_thread,
        "reply_control": post.reply_control,
        "campaigns": [str(tag.tag_id) for tag in post.campaigns.filter(removed_at=None)],
    }
    initial |= {f"own_{pk}": text for pk, text in texts.items() if text != post.words}
    initial |= {f"alt_{picture.pk}": picture.alt_text for picture in pictures}
    return initial


class SeenForm(forms.Form):
    """The version that the person had before their eyes."""

    version = forms.IntegerField(min_value=0, max_value=10**9)


class WhyForm(forms.Form):
    """A reason in a few words; the action says what it wants where it is empty."""

    why = forms.CharField(
        label="Why", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)


class ChosenForm(forms.Form):
    """Deliveries ticked in a list."""

    chosen = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, data=None, *, ids: Sequence[int] = ()) -> None:
        super().__init__(data)
        self.fields["chosen"].choices = [(str(pk), str(pk)) for pk in ids]
