"""Is the platform alive and ready? `/healthz`, `/readyz` and `/metrics`. No personal data in any of them."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from redis import Redis, RedisError

from audit import following, stream
from audit.models import Follower
from audit.seal import queries as seal
from core import clock
from core.gate import open_to_all
from escalation.models import Case
from insights.queries import open_count as open_alerts
from insights.queries_figures import as_of as figures_as_of
from insights.queries_figures import differing as figures_differing
from moderation.models import Comment, IngestSource, Quarantined
from notices.models import NoticeDelivery
from publishing.models import Delivery, Lockdown
from smmp import lanes, pulse
from smmp.backups import gate

OLDEST_BEAT_S = {"worker": 30.0, "scheduler": 10.0}
"""A part that has been silent for longer is not ready."""


@open_to_all
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The web server answers. Nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@open_to_all
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker, worker, scheduler and what calls people, each with the age of its last sign of life in seconds."""
    parts: dict[str, dict[str, object]] = {"database": {"ready": False}}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = {"ready": True, "age_s": 0.0}
        ages = pulse.ages_s()
    except DatabaseError:
        ages = {}
        if gate.is_closed():
            parts["database"] = {"ready": False, "note": "a backup is being restored, or was left half way"}
    parts["broker"] = _broker()
    for name, oldest in OLDEST_BEAT_S.items():
        age = ages.get(name)
        parts[name] = {
            "ready": age is not None and age <= oldest,
            "age_s": None if age is None else round(age, 1),
        }
    parts["calls"] = _calls(ages)
    ready = all(part["ready"] for part in parts.values())
    answer = {"ready": ready, "parts": parts, "trail": _trail() if parts["database"]["ready"] else None}
    return JsonResponse(answer, status=200 if ready else 503)


def _calls(ages: Mapping[str, float]) -> dict[str, object]:
    """The lanes of the scheduler that alert the desk, climb and send pages, by the one that is silent for longest."""
    age = lanes.oldest_beat_s(ages)
    return {
        "ready": age is not None and age <= lanes.OLDEST_BEAT_S,
        "age_s": None if age is None else round(age, 1),
    }


def _trail() -> dict[str, object] | None:
    """How the seal of the audit trail fares. Nobody's work stops for it, so it makes nothing unready."""
    try:
        return seal.as_json(seal.state())
    except DatabaseError:
        return None


def _broker() -> dict[str, object]:
    if not settings.REDIS_URL:
        return {"ready": True, "age_s": None, "note": "no broker: the scheduler does the work itself"}
    try:
        address = settings.REDIS_URL.replace("redis+socket://", "unix://", 1)
        with Redis.from_url(address, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except (RedisError, OSError):
        return {"ready": False, "age_s": None}
    return {"ready": True, "age_s": 0.0}


@open_to_all
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, behind the bearer token SMMP_METRICS_TOKEN; without one there is no such page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures:
    """Read at each scrape; counts only, from indexes that follow what is open."""

    def collect(self) -> Iterable[Metric]:
        yield _by(
            "smmp_comments_open",
            "Open comments by priority",
            "priority",
            Comment.objects.filter(state="open").values_list("priority").annotate(n=Count("pk")),
        )
        unsettled = Delivery.objects.filter(state__in=["scheduled", "claimed", "sending", "unknown"])
        yield _by(
            "smmp_deliveries_unsettled",
            "Deliveries on their way by state",
            "state",
            unsettled.values_list("state").annotate(n=Count("pk")),
        )
        yield _one(
            "smmp_cases_waiting",
            "Cases nobody has acknowledged",
            Case.objects.filter(state="waiting").count(),
        )
        yield _one(
            "smmp_lockdown",
            "Pauses and lockdowns in force, exercises left out",
            Lockdown.objects.filter(lifted_at=None, drill=False).count(),
        )
        yield _one(
            "smmp_ingest_failing",
            "Official accounts whose last poll failed",
            IngestSource.objects.filter(failures__gt=0).count(),
        )
        yield _one(
            "smmp_quarantined",
            "Messages nobody could read",
            Quarantined.objects.filter(settled_at=None).count(),
        )
        yield _one(
            "smmp_notices_waiting",
            "Notices on their way",
            NoticeDelivery.objects.filter(state="waiting").count(),
        )
        if (counted := figures_as_of()) is not None:
            age_s = (clock.now() - counted).total_seconds()
            yield _one("smmp_figures_age_seconds", "Since the figures last took in what changed", age_s)
        yield _one(
            "smmp_figures_differing",
            "Rows of figures that the last self-check found to differ from the facts",
            figures_differing(),
        )
        yield _one("smmp_alerts_open", "Security alerts nobody has closed", open_alerts())
        lag = GaugeMetricFamily(
            "smmp_audit_stream_lag_seconds",
            "Age of the oldest audit entry not yet sent on",
            labels=["stream"],
        )
        failures = GaugeMetricFamily(
            "smmp_audit_stream_failures", "Failed tries in a row to send audit entries on", labels=["stream"]
        )
        for way in stream.streams():
            held = Follower.objects.filter(name=way.name).first() or Follower(name=way.name)
            oldest = following.oldest_waiting(following.place_of(held))
            age_s = (clock.now() - oldest).total_seconds() if oldest else 0.0
            lag.add_metric([way.name], max(0.0, age_s))
            failures.add_metric([way.name], held.failures)
        yield lag
        yield failures
        yield from _seal_figures()
        beats = GaugeMetricFamily(
            "smmp_heartbeat_age_seconds", "Age of the last sign of life", labels=["part"]
        )
        for name, age in pulse.ages_s().items():
            beats.add_metric([name], age)
        yield beats


def _seal_figures() -> Iterable[Metric]:
    state = seal.state()
    if state.age_s is not None:
        yield _one("smmp_audit_sealed_age_seconds", "Age of the last seal of the audit trail", state.age_s)
    yield _one("smmp_audit_unsealed", "Audit entries that wait for their seal", state.unsealed)
    yield _one("smmp_audit_seal_late", "1 while the sealer is late", float(state.late))
    for name, words, value in (
        ("smmp_audit_sink_waiting", "Checkpoints that a sink lacks", lambda sink: sink.waiting),
        ("smmp_audit_sink_age_seconds", "Age of the newest checkpoint at a sink", lambda sink: sink.age_s),
        ("smmp_audit_sink_late", "1 while a sink lags", lambda sink: float(sink.late)),
    ):
        family = GaugeMetricFamily(name, words, labels=["sink"])
        for sink in state.sinks:
            if (figure := value(sink)) is not None:
                family.add_metric([sink.name], figure)
        yield family


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _by(name: str, words: str, label: str, rows: Iterable[tuple[object, int]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, count in rows:
        family.add_metric([str(key)], count)
    return family
