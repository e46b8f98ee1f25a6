"""README.md of an export: what each file holds, column by column, written from the models themselves."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.db import connection
from django.db.models import Field, ForeignKey, Model

from smmp.export.tables import IN_CONFIDENCE, RESTRICTED, WITHHELD, WITHHELD_COLUMNS, Table

_TOP = """# Everything that {force} kept in its social media management platform

Written on {day}. Every file is UTF-8. `manifest.json` names each file with its SHA-256 and the number of its rows, says
what was withheld and why, and lists what could not be read. `python3 verify.py` (Python 3.11, nothing else) or
`manage.py export-all --verify DIR` compares all of it with what stands here.

**This folder holds personal data, some of it sensitive (DPA 2018 s.35(8)), unencrypted.** Keep it on encrypted storage,
hand it on as your information asset owner decides, and destroy it when it has arrived.

## How it is written

- `tables/` and `restricted/`: one file a table, as JSON Lines (https://jsonlines.org): one row a line, a JSON object whose
  keys are the columns below, in order of the first column. All files show one and the same moment.
- `restricted/` holds what few may read: {restricted}. It also holds, of {apart}, the rows of comments that are
  restricted (DPA 2018 s.47) and of what hangs on them, and the rows of what was referred to one team alone; the other
  rows of these tables stand in `tables/`. Give it to nobody who reads the rest only.
- `media/`: uploaded files, under the SHA-256 of their bytes (`media/ab/abcd…`); `tables/media.file.jsonl` says what each
  is. An “original” is what was uploaded, with everything that its camera wrote into it; a “copy” is what was published.
- `evidence/`: what members of the public sent or showed, as it was received, byte for byte, under its SHA-256 (in
  `restricted/evidence/` where it came with restricted comments alone);
  `tables/media.sealedfile.jsonl` says what each is, and `tables/moderation.attachment.jsonl` what it came with. Treat
  these files as hostile.
- `files.jsonl`: each stored file with its SHA-256 and size.
- Times are ISO 8601 in UTC. Dates are dates on London's calendar. Bytes are hexadecimal after `\\x`. A column that refers to
  another table holds the value of the column named behind the arrow. Lists and structured values are JSON. What is
  empty is `""`, what is not known is `null`.

## What is not here

{withheld}

Stored files that are sealed as suspected indecent images of children are not here. The manifest counts them.

## Tables

"""


def readme(tables: Iterable[Table], *, day: str) -> str:
    """The whole page."""
    tables = list(tables)
    parts = [
        _TOP.format(
            force=settings.FORCE_NAME,
            day=day,
            restricted=", ".join(sorted(f"`{label}`" for label in RESTRICTED)),
            apart=", ".join(f"`{table.label}`" for table in tables if table.apart),
            withheld="\n".join(
                [f"- `{label}`: {why}" for label, why in sorted(WITHHELD.items())]
                + [
                    f"- `{label}`, column `{column}`: {why}"
                    for (label, column), why in sorted(WITHHELD_COLUMNS.items())
                ]
            ),
        )
    ]
    parts += [_of(table) for table in tables if not table.apart]
    return "\n".join(parts)


def _of(table: Table) -> str:
    model = table.model
    said = inspect.cleandoc(model.__doc__ or "").replace("\n", " ")
    lines = [
        f"### {table.label}",
        "",
        said,
        "",
        f"`{table.file}`{_and(table)}; record class `{getattr(model, 'record_class', '')}`.",
        "",
        "| column | type | meaning |",
        "| --- | --- | --- |",
    ]
    spoken = _spoken(model)
    for field in model._meta.concrete_fields:
        if field.column in table.columns:
            lines.append(f"| {field.column} | {_type(field)} | {_meaning(field, spoken)} |")
    return "\n".join(lines) + "\n"


def _and(table: Table) -> str:
    """Where its other rows stand."""
    if not table.where:
        return ""
    which = "what is in confidence" if table.label in IN_CONFIDENCE else "restricted comments"
    return f", rows of {which} in `restricted/{table.label}.jsonl`"


def _type(field: Field) -> str:
    kind = field.db_type(connection) or ""
    return f"{kind}{' or null' if field.null else ''}".replace("|", "\\|")


def _meaning(field: Field, spoken: dict[str, str]) -> str:
    words = []
    if isinstance(field, ForeignKey):
        words.append(f"→ {field.related_model._meta.label_lower}.{field.target_field.column}")
    if field.choices:
        words.append("; ".join(f"`{value}`: {label}" for value, label in field.flatchoices))
    if said := spoken.get(field.name):
        words.append(said)
    return ". ".join(words).replace("|", "\\|").replace("\n", " ")


@cache
def _spoken(model: type[Model]) -> dict[str, str]:
    """What the model's source says below a column, by its name."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if not (issubclass(one, Model) and one is not Model and one.__module__.split(".")[0] != "django"):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        assert isinstance(body, ast.ClassDef)
        for column, words in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(column, ast.Assign)
                and isinstance(column.targets[0], ast.Name)
                and isinstance(words, ast.Expr)
                and isinstance(words.value, ast.Constant)
                and isinstance(words.value.value, str)
            ):
                found[column.targets[0].id] = " ".join(words.value.value.split())
    return found
