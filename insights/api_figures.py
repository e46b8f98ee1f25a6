"""The figures of the dashboards for programs such as Power BI: each table by a name that stays, as JSON or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.text import slugify
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import LARGEST_ID, Operation, operation
from insights import dashboards, forms_figures
from insights import queries_figures as figures
from insights.charts import Picture
from insights.pictures.reading import Reading
from insights.views_figures import OPENS, as_csv


class CsvRenderer(BaseRenderer):
    """The table of an answer as CSV, for `?format=csv` or `Accept: text/csv`."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return str((renderer_context or {}).get("csv", "")).encode()


class TableShown(serializers.Serializer):
    name = serializers.CharField(help_text="As it stands in the address: group and table. It stays.")
    title = serializers.CharField()
    address = serializers.CharField()


class TablesShown(serializers.Serializer):
    tables = TableShown(many=True)
    definitions = serializers.DictField(
        child=serializers.CharField(), help_text="What the numbers mean: name, and a sentence."
    )


class ColumnShown(serializers.Serializer):
    name = serializers.CharField(help_text="Key in each row. It stays.")
    title = serializers.CharField(help_text="The heading in the CSV.")


class FiguresShown(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    says = serializers.CharField(help_text="What the table shows, as a sentence.")
    note = serializers.CharField(help_text="What was left out, or how it is counted.")
    first = serializers.DateField(help_text="London day.")
    last = serializers.DateField(help_text="London day, counted too.")
    of = serializers.CharField(help_text="Of which official accounts.")
    counted_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the counts last took in what had changed; null before the first time.",
    )
    columns = ColumnShown(many=True)
    rows = serializers.ListField(
        child=serializers.DictField(),
        help_text="One object for each row, by name of column. Counts are whole numbers, shares from 0 to 1; "
        "null: there is nothing to say; “gap”: nothing could be read then.",
    )


class FiguresAsked(serializers.Serializer):
    first = serializers.DateField(
        required=False, help_text="First London day. Without both days: the last seven."
    )
    last = serializers.DateField(
        required=False, help_text="Last London day; at most 366 days after the first."
    )
    neighbourhood = serializers.SlugField(required=False)
    official_account = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    format = serializers.ChoiceField(
        choices=["json", "csv"], required=False, help_text="Or by the header Accept: text/csv."
    )


class Tables(Operation):
    """Which tables of figures there are."""

    needs: ClassVar[Mapping[str, tuple[str, ...]]] = {"GET": OPENS}

    @operation("List the tables of figures that this service may read", TablesShown)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "tables": [
                    {
                        "name": f"{one.slug}/{slug}",
                        "title": f"{one.title}: {slug.replace('-', ' ')}",
                        "address": f"/api/v1/figures/{one.slug}/{slug}",
                    }
                    for one in dashboards.open_to(self.service)
                    for slug in one.pictures
                ],
                "definitions": dict(figures.DEFINITIONS),
            }
        )


class OneTable(Operation):
    """One table of figures over a period."""

    needs: ClassVar[Mapping[str, tuple[str, ...]]] = {"GET": OPENS}
    renderer_classes: ClassVar = [JSONRenderer, CsvRenderer]
    _csv = ""

    @operation(
        "Read one table of figures; with format=csv as CSV",
        FiguresShown,
        query=FiguresAsked,
    )
    def get(self, request: Request, group: str, table: str) -> Response:
        given = self.given(FiguresAsked)
        found = dashboards.dashboard(self.service, group)
        asked = forms_figures.asked(
            self.service,
            {
                "first": str(given.get("first", "")),
                "last": str(given.get("last", "")),
                "place": given.get("neighbourhood", ""),
                "account": str(given.get("official_account", "")),
            },
            power=found.sees,
        )
        reading = Reading(self.service, asked.scope, asked.period, public=found.public)
        drawn = dashboards.picture(found, table, reading)
        if isinstance(request.accepted_renderer, CsvRenderer):
            self._csv = as_csv(drawn)
        names = column_names(drawn)
        return Response(
            {
                "name": f"{found.slug}/{table}",
                "title": drawn.title,
                "says": drawn.says,
                "note": drawn.note,
                "first": asked.period.first,
                "last": asked.period.last,
                "of": asked.scope.name,
                "counted_at": figures.as_of(),
                "columns": [
                    {"name": name, "title": title} for name, title in zip(names, drawn.columns, strict=True)
                ],
                "rows": [dict(zip(names, row, strict=True)) for row in drawn.rows],
            }
        )

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        if request.query_params.get("format") == CsvRenderer.format:
            return CsvRenderer(), CsvRenderer.media_type
        return super().perform_content_negotiation(request, force)

    def get_renderer_context(self) -> dict[str, Any]:
        return {**super().get_renderer_context(), "csv": self._csv}


def column_names(drawn: Picture) -> list[str]:
    """The columns of a table as keys: small letters and underscores."""
    return [slugify(name).replace("-", "_") for name in drawn.columns]
