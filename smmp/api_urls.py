"""The addresses of /api/v1. Each room's operations stand in its `api.py`."""

from __future__ import annotations

from django.urls import path

from accounts import api as accounts
from escalation import api as escalation
from escalation import api_referrals as referrals
from insights import api as insights
from insights import api_figures as figures
from moderation import api as moderation
from moderation import api_tips as tips
from publishing import api as publishing
from publishing import api_appeals as appeals
from publishing import api_campaigns as campaigns
from publishing import api_lockdown as lockdown
from retention import api as retention
from smmp import api

app_name = "api"
urlpatterns = [
    path("schema", api.schema, name="schema"),
    path("docs", api.docs, name="docs"),
    path("health", api.Health.as_view(), name="health"),
    path("whoami", accounts.WhoAmI.as_view(), name="whoami"),
    path("official-accounts", accounts.Accounts.as_view(), name="accounts"),
    path("official-accounts/<int:pk>", accounts.OneAccount.as_view(), name="account"),
    path("grants", accounts.Grants.as_view(), name="grants"),
    path("comments", moderation.Comments.as_view(), name="comments"),
    path("comments/<int:pk>", moderation.OneComment.as_view(), name="comment"),
    path("comments/<int:pk>/claim", moderation.Claim.as_view(), name="claim"),
    path("comments/<int:pk>/release", moderation.Release.as_view(), name="release"),
    path("comments/<int:pk>/decisions", moderation.Decisions.as_view(), name="decisions"),
    path("cases", escalation.Cases.as_view(), name="cases"),
    path("cases/<int:pk>", escalation.OneCase.as_view(), name="case"),
    path("cases/<int:pk>/acknowledge", escalation.Acknowledge.as_view(), name="acknowledge"),
    path("calls", referrals.Calls.as_view(), name="calls"),
    path("calls/<int:pk>", referrals.OneCall.as_view(), name="call"),
    path("calls/<int:pk>/send", referrals.SendAgain.as_view(), name="call_send"),
    path("calls/<int:pk>/numbers", referrals.Numbers.as_view(), name="call_numbers"),
    path("posts", publishing.Posts.as_view(), name="posts"),
    path("posts/<int:pk>", publishing.OnePost.as_view(), name="post"),
    path("posts/<int:pk>/submit", publishing.SubmitPost.as_view(), name="submit_post"),
    path("appeals", appeals.Appeals.as_view(), name="appeals"),
    path("appeals/<int:pk>", appeals.OneAppeal.as_view(), name="appeal"),
    path("appeals/<int:pk>/tips", tips.Tips.as_view(), name="tips"),
    path("tips/<int:pk>", tips.OneTip.as_view(), name="tip"),
    path("lockdowns", lockdown.Lockdowns.as_view(), name="lockdowns"),
    path("lockdowns/<int:pk>", lockdown.OneLockdown.as_view(), name="lockdown"),
    path("lockdowns/<int:pk>/release", lockdown.Release.as_view(), name="release_lockdown"),
    path("campaigns/<int:pk>/lines", campaigns.Lines.as_view(), name="lines"),
    path("requests", retention.Requests.as_view(), name="requests"),
    path("requests/<int:pk>", retention.OneRequest.as_view(), name="request"),
    path("figures", figures.Tables.as_view(), name="figures"),
    path("figures/<slug:group>/<slug:table>", figures.OneTable.as_view(), name="figure"),
    path("audit/entries", insights.Entries.as_view(), name="entries"),
    path("<path:rest>", api.Nowhere.as_view(), name="nowhere"),
]
