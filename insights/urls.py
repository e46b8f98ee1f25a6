from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from insights import (
    views,
    views_exercises,
    views_figures,
    views_reports,
    views_rights,
    views_scorecard,
    views_strategy,
)

app_name = "insights"
urlpatterns: list[URLPattern | URLResolver] = [
    path("figures/", views_figures.index, name="figures"),
    path("figures/<slug:slug>/", views_figures.dashboard, name="dashboard"),
    path("figures/<slug:slug>/<slug:name>.csv", views_figures.picture, name="picture"),
    path("costs/", views.costs, name="costs"),
    path("requests/", views_rights.request_figures, name="request_figures"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/rules/", views.rules, name="rules"),
    path("alerts/<int:pk>/", views.alert, name="alert"),
    path("alerts/<int:pk>/claim/", views.claim, name="claim"),
    path("alerts/<int:pk>/release/", views.release, name="release"),
    path("alerts/<int:pk>/close/", views.close, name="close"),
    path("alerts/<int:pk>/reopen/", views.reopen, name="reopen"),
    path("scorecard/", views_scorecard.scorecard, name="scorecard"),
    path("scorecard/now.<str:form>", views_scorecard.scorecard_file, name="scorecard_file"),
    path("scorecard/minimums/", views_scorecard.minimums_matrix, name="minimums"),
    path("scorecard/duties/<str:slug>/", views_scorecard.duty, name="duty"),
    path("scorecard/meetings/", views_scorecard.meetings, name="meetings"),
    path("scorecard/meetings/new/", views_scorecard.new_meeting, name="new_meeting"),
    path("scorecard/meetings/<int:pk>/", views_scorecard.meeting, name="meeting"),
    path("scorecard/meetings/<int:pk>/seen.<str:form>", views_scorecard.meeting_file, name="meeting_file"),
    path("reports/", views_reports.reports, name="reports"),
    path("reports/receivers/", views_reports.receivers, name="report_receivers"),
    path("reports/<int:pk>/", views_reports.report, name="report"),
    path("reports/<int:pk>/report.pdf", views_reports.report_file, name="report_file"),
    path("reports/<int:pk>/publish/", views_reports.publish, name="publish_report"),
    path("reports/incident/<slug:of>/<int:pk>/", views_reports.incident, name="incident_report"),
    path("exercises/<int:pk>/", views_exercises.marked_sheet, name="marked_sheet"),
    path("exercises/<int:pk>/sheet.<str:form>", views_exercises.marked_sheet_file, name="marked_sheet_file"),
    path("strategy/", views_strategy.strategy, name="strategy"),
    path("strategy/begin/", views_strategy.begin, name="begin_strategy"),
    path("strategy/<int:number>/", views_strategy.version, name="strategy_version"),
    path("strategy/<int:number>.pdf", views_strategy.version_file, name="strategy_file"),
    path("strategy/<int:number>/draft/", views_strategy.draft, name="strategy_draft"),
    path("strategy/<int:number>/write/", views_strategy.write, name="strategy_write"),
    path("strategy/<int:number>/channels/new/", views_strategy.channel, name="strategy_new_channel"),
    path("strategy/<int:number>/channels/<int:pk>/", views_strategy.channel, name="strategy_channel"),
    path("strategy/<int:number>/decide/", views_strategy.decide, name="strategy_decide"),
]
