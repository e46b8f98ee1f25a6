"""Cases: risk gathered, put in front of a named person, and held there until someone has it."""

from escalation.models.alerts import Alert
from escalation.models.appeals import AppealCase, CaseTip
from escalation.models.assessments import Assessment, Grade
from escalation.models.calls import CallOut
from escalation.models.cases import Case, CaseComment, CaseLink, ClockChange, LogEntry
from escalation.models.handover import Handover, HandoverSignature
from escalation.models.intelligence import IntelligenceReport, IntelligenceSource, IntelligenceStep
from escalation.models.own_posts import OwnPost
from escalation.models.pathways import Level, Pathway, PathwayVersion
from escalation.models.people import Involved
from escalation.models.referrals import Referral, ReferralKind
from escalation.models.requests import RequestCase
from escalation.models.rotas import Post, Rota, RotaImport, Shift

__all__ = [
    "Alert",
    "AppealCase",
    "Assessment",
    "CallOut",
    "Case",
    "CaseComment",
    "CaseLink",
    "CaseTip",
    "ClockChange",
    "Grade",
    "Handover",
    "HandoverSignature",
    "IntelligenceReport",
    "IntelligenceSource",
    "IntelligenceStep",
    "Involved",
    "Level",
    "LogEntry",
    "OwnPost",
    "Pathway",
    "PathwayVersion",
    "Post",
    "Referral",
    "ReferralKind",
    "RequestCase",
    "Rota",
    "RotaImport",
    "Shift",
]
