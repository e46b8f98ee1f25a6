"""The register of official accounts, and grants: who may do what on which of them, until when."""

from accounts.models.areas import AreaDetails
from accounts.models.connections import Allowance, ConnectAttempt, Credential, PlatformLink, Spending
from accounts.models.continuity import (
    ContinuityAction,
    ContinuityContact,
    ContinuityPlan,
    ContinuityTest,
    ContinuityVersion,
    Outage,
    OutageRule,
)
from accounts.models.glass import BreakGlass
from accounts.models.grants import AccountPermission, Grant, GrantRequest
from accounts.models.hooks import Hook, HookCall, RegisterState
from accounts.models.imports import StaffImport
from accounts.models.impostors import Impostor, ImpostorSearch, ImpostorStep, ProfilePicture
from accounts.models.leaving import DepartureStep
from accounts.models.mandates import Mandate, MandateStep, NamingRule, NativeAdministrator
from accounts.models.posting import Course, PolicyPage, PolicyReading, PolicyVersion, Training
from accounts.models.proofs import ProofCheck
from accounts.models.register import ConnectedApp, NativeUse, Neighbourhood, OfficialAccount
from accounts.models.reviews import AccessPolicy, Campaign, Confirmation
from accounts.models.security import SecurityCheck
from accounts.models.services import KEY_DOOR, ApiKey, KeptAnswer, KeyUse, ServiceActor, ServiceIdentity
from accounts.models.watching import UnwatchedRisk, WatchHours

__all__ = (
    "KEY_DOOR",
    "AccessPolicy",
    "AccountPermission",
    "Allowance",
    "ApiKey",
    "AreaDetails",
    "BreakGlass",
    "Campaign",
    "Confirmation",
    "ConnectAttempt",
    "ConnectedApp",
    "ContinuityAction",
    "ContinuityContact",
    "ContinuityPlan",
    "ContinuityTest",
    "ContinuityVersion",
    "Course",
    "Credential",
    "DepartureStep",
    "Grant",
    "GrantRequest",
    "Hook",
    "HookCall",
    "Impostor",
    "ImpostorSearch",
    "ImpostorStep",
    "KeptAnswer",
    "KeyUse",
    "Mandate",
    "MandateStep",
    "NamingRule",
    "NativeAdministrator",
    "NativeUse",
    "Neighbourhood",
    "OfficialAccount",
    "Outage",
    "OutageRule",
    "PlatformLink",
    "PolicyPage",
    "PolicyReading",
    "PolicyVersion",
    "ProfilePicture",
    "ProofCheck",
    "RegisterState",
    "SecurityCheck",
    "ServiceActor",
    "ServiceIdentity",
    "Spending",
    "StaffImport",
    "Training",
    "UnwatchedRisk",
    "WatchHours",
)
