"""Papers about the processing, made from the live schedule and configuration: to read, and to take away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.downloads import as_file
from core.errors import NotFound
from core.gate import needs
from smmp.papers import PAPERS, Draft
from staff.roles import Power


@needs(Power.SEE_RETENTION)
@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """Which papers there are."""
    return render(request, "smmp/papers.html", {"papers": [make() for make in PAPERS.values()]})


@needs(Power.SEE_RETENTION)
@require_safe
def paper(request: HttpRequest, slug: str) -> HttpResponse:
    """One of them as it stands now."""
    return render(request, "smmp/paper.html", {"paper": _made(slug)})


@needs(Power.SEE_RETENTION)
@require_safe
def paper_file(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The same as a file: Markdown, HTML or PDF."""
    made = _made(slug)
    if kind == "md":
        return as_file(
            HttpResponse(made.markdown(), content_type="text/markdown; charset=utf-8"), f"{slug}.md"
        )
    if kind == "html":
        return as_file(render(request, "smmp/paper_alone.html", {"paper": made}), f"{slug}.html")
    if kind == "pdf":
        return as_file(HttpResponse(made.pdf(), content_type="application/pdf"), f"{slug}.pdf")
    raise NotFound("Papers come as Markdown (md), HTML (html) or PDF (pdf).")


def _made(slug: str) -> Draft:
    make = PAPERS.get(slug)
    if make is None:
        raise NotFound("There is no such paper.")
    return make()
