"""The demonstration shows steps in force, a trusted author, a cover, and what is looked at afterwards, made once."""

from __future__ import annotations

from publishing import queries_approval
from publishing.models import AfterLook, Cover, Post, StepsVersion, Trust
from smmp.seed import approving


def test_approval_is_shown_once(wealdshire, helen_achebe, pc_nair):
    approving.make(wealdshire)
    approving.make(wealdshire)
    assert StepsVersion.objects.get().state == "live"
    assert StepsVersion.objects.get().confirmed_by == wealdshire.people["noor_haddad"]
    assert Trust.objects.get().person == pc_nair
    assert Cover.objects.get().approver == helen_achebe
    assert Post.objects.get(title="Gas in Mill Lane").state == "approved"
    assert {look.why for look in queries_approval.looks(helen_achebe)} == {"urgent", "telephone"}
    assert AfterLook.objects.count() == 2
