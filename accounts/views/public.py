"""What the public reads of our official accounts. No session is known here; the list is the same for everybody."""

from __future__ import annotations

import csv
from itertools import groupby

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import public
from accounts.actions import impostors as actions
from accounts.forms_impostors import ReportForm
from core.actors import Stranger
from core.crowd import for_the_crowd
from core.errors import Refused
from core.gate import open_to_all
from core.refusals import show_refusal
from staff.throttle import key_for

PUBLIC = Stranger("somebody of the public")
LONGEST_WORDS = 120


def _marked(response: HttpResponse, found: public.Listing, *more: str) -> HttpResponse:
    response["ETag"] = f'"{"-".join([found.version, *more])}"'
    return response


def _groups(accounts: list[public.Listed]) -> list[tuple[str, str, list[public.Listed]]]:
    """The whole force first, then area by area."""
    ordered = sorted(accounts, key=lambda one: (one.area_slug != "", one.area, one.name, one.pk))
    return [
        (slug, rows[0].area, rows)
        for slug, rows in (
            (slug, list(group)) for slug, group in groupby(ordered, key=lambda one: one.area_slug)
        )
    ]


@open_to_all
@require_safe
@for_the_crowd
def listed(request: HttpRequest) -> HttpResponse:
    """Every official account; `?q=` a word, place or postcode, `?platform=`, `?area=`."""
    found = public.listing()
    words = request.GET.get("q", "").strip()[:LONGEST_WORDS]
    platform = request.GET.get("platform", "")
    area = request.GET.get("area", "")
    rows = public.matching(found, platform=platform, area=area, words=words)
    response = render(
        request,
        "accounts/public/list.html",
        {
            "groups": _groups(rows),
            "count": len(rows),
            "total": len(found.accounts),
            "platforms": sorted({(one.platform, one.platform_name) for one in found.accounts}),
            "areas": found.areas,
            "found_areas": public.areas_matching(found, words),
            "words": words,
            "platform": platform,
            "area": area,
            "narrowed": bool(words or platform or area),
        },
    )
    return _marked(response, found)


@open_to_all
@require_safe
@for_the_crowd
def as_json(request: HttpRequest) -> HttpResponse:
    """The same for programs: schema.org with sameAs, and each account."""
    found = public.listing()
    response = JsonResponse(
        public.as_data(found, request.build_absolute_uri(reverse("accounts_public:list")))
    )
    response["Access-Control-Allow-Origin"] = "*"
    return _marked(response, found)


@open_to_all
@require_safe
@for_the_crowd
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table."""
    found = public.listing()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="official-accounts.csv"'
    response["Access-Control-Allow-Origin"] = "*"
    table = csv.writer(response)
    table.writerow(
        ["name", "platform", "handle", "link", "purpose", "area", "read", "verified by the platform"]
    )
    for one in found.accounts:
        table.writerow(
            [
                one.name,
                one.platform_name,
                one.handle,
                one.url,
                one.purpose,
                one.area,
                one.watched,
                "yes" if one.verified else "no",
            ]
        )
    return _marked(response, found)


@open_to_all
@require_safe
@for_the_crowd
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
def embedded(request: HttpRequest) -> HttpResponse:
    """The list alone, for a frame on the force's own website; `?area=` for one area's page."""
    found = public.listing()
    area = request.GET.get("area", "")
    response = render(
        request,
        "accounts/public/embedded.html",
        {"groups": _groups(public.matching(found, area=area))},
    )
    response["Access-Control-Allow-Origin"] = "*"
    return _marked(response, found)


@open_to_all
@require_safe
@for_the_crowd
def check(request: HttpRequest) -> HttpResponse:
    """Whether a handle or a link is one of ours."""
    found = public.listing()
    asked = request.GET.get("account", "").strip()[:300]
    response = render(
        request,
        "accounts/public/check.html",
        {"asked": asked, "verdict": public.check(asked) if asked else None},
    )
    response["X-Robots-Tag"] = "noindex" if asked else "all"
    return _marked(response, found)


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Somebody says that an account pretends to be us."""
    form = ReportForm(
        request.POST if request.method == "POST" else None,
        initial={"what": request.GET.get("account", "")[:300]},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.report_publicly(
                    actor=PUBLIC,
                    source_key=key_for("impostor", "", request.META.get("REMOTE_ADDR", "")),
                    **form.cleaned_data,
                )
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                return redirect("accounts_public:reported")
    return render(request, "accounts/public/report.html", {"form": form}, status=status)


@open_to_all
@require_safe
@for_the_crowd
def reported(request: HttpRequest) -> HttpResponse:
    """What happens with a report."""
    return render(request, "accounts/public/reported.html")
