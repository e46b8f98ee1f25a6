"""What the public reads about hidden comments, in English and in Welsh, signed in or not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from moderation.models import Clause
from scripts import compile_messages

WELSH = Path(settings.BASE_DIR) / "locale" / "cy" / "LC_MESSAGES" / "django.po"


def test_anybody_reads_the_guidelines_in_english(client, db):
    response = client.get(reverse("moderation:guidelines"))
    text = response.content.decode()
    assert response.status_code == 200
    assert response["Content-Language"] == "en"
    assert "Wealdshire Police" in text
    assert "999" in text
    assert "101" in text
    for clause in Clause.objects.filter(published=True):
        assert clause.title in text
    assert not re.search(r"cookie", str(response.cookies), re.IGNORECASE)


def test_anybody_reads_the_guidelines_in_welsh(client, db):
    response = client.get(reverse("moderation:guidelines"), {"lang": "cy"})
    text = response.content.decode()
    assert response["Content-Language"] == "cy"
    assert '<html lang="cy"' in text
    assert "Canllawiau cymunedol" in text
    assert "Sarhad a cham-drin" in text
    assert "Why we hide a comment" not in text


def test_a_browser_that_asks_for_welsh_gets_it_and_an_unknown_language_is_english(client, db):
    assert client.get(reverse("moderation:guidelines"), HTTP_ACCEPT_LANGUAGE="cy")["Content-Language"] == "cy"
    assert client.get(reverse("moderation:guidelines"), {"lang": "xx"})["Content-Language"] == "en"


def test_a_clause_without_welsh_is_marked_as_english_and_one_that_was_left_out_is_not_shown(client, db):
    Clause.objects.filter(slug="spam").update(title_cy="", text_cy="")
    Clause.objects.filter(slug="hate").update(published=False, left_out=True)
    text = client.get(reverse("moderation:guidelines"), {"lang": "cy"}).content.decode()
    assert '<dt lang="en-GB">7. Advertising, scams and repeated posts' in text
    assert "Casineb" not in text


def test_the_compiled_welsh_is_that_of_its_source():
    assert WELSH.with_suffix(".mo").read_bytes() == compile_messages.compiled(
        compile_messages.read(WELSH.read_text(encoding="utf-8"))
    )


def test_every_sentence_of_the_page_has_its_welsh():
    page = (Path(settings.BASE_DIR) / "templates/moderation/guidelines.html").read_text(encoding="utf-8")
    wanted = set(re.findall(r'{% translate "([^"]+)" %}', page))
    wanted |= {
        re.sub(r"{{ (\w+) }}", r"%(\1)s", words)
        for words in re.findall(r"trimmed %}(.+?){% endblocktranslate", page)
    }
    assert wanted <= compile_messages.read(WELSH.read_text(encoding="utf-8")).keys()


@pytest.mark.parametrize("line", ["msgctxt nonsense", "hello"])
def test_a_catalogue_with_something_else_in_it_is_refused_with_the_line(line):
    with pytest.raises(ValueError, match="line 1"):
        compile_messages.read(line)
