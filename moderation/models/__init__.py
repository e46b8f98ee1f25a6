"""What the public writes to the force, how it was sorted, and what people decided."""

from moderation.models.arrivals import IngestGap, IngestSource, NativePost, Quarantined, RawPayload
from moderation.models.comments import Attachment, ChildSeal, Comment, Commenter, Conversation, Revision
from moderation.models.desk import Clause, Decision, GuardRule, LookUp, Note, Purpose, ReplyDraft
from moderation.models.guidelines import Guidelines, GuidelinesChange
from moderation.models.measures import ActReview, Batch, Block
from moderation.models.paper import PaperLine
from moderation.models.private import AutomaticAnswer, MessagingDecision
from moderation.models.quality import DipDraw, DipSample
from moderation.models.second_looks import Inquiry, Reconsideration, Withholding
from moderation.models.sights import FirstSight
from moderation.models.surges import HourCount, Surge, SurgeAct, SurgeGroup, SurgeItem
from moderation.models.teaching import Exemplar, Label, TriageJob, TriageStop, TriageSwitch, TriageVersion
from moderation.models.tips import Tip, TipContact, TipFile
from moderation.models.welfare import Comfort, Exposure, WelfareRule
from moderation.models.working import CommentWords, Place, Presence, SavedView, Skip
from moderation.models.writing import ReplyRequest, SavedReply, SavedReplyChange, Thrive

__all__ = (
    "ActReview",
    "Attachment",
    "AutomaticAnswer",
    "Batch",
    "Block",
    "ChildSeal",
    "Clause",
    "Comfort",
    "Comment",
    "CommentWords",
    "Commenter",
    "Conversation",
    "Decision",
    "DipDraw",
    "DipSample",
    "Exemplar",
    "Exposure",
    "FirstSight",
    "GuardRule",
    "Guidelines",
    "GuidelinesChange",
    "HourCount",
    "IngestGap",
    "IngestSource",
    "Inquiry",
    "Label",
    "LookUp",
    "MessagingDecision",
    "NativePost",
    "Note",
    "PaperLine",
    "Place",
    "Presence",
    "Purpose",
    "Quarantined",
    "RawPayload",
    "Reconsideration",
    "ReplyDraft",
    "ReplyRequest",
    "Revision",
    "SavedReply",
    "SavedReplyChange",
    "SavedView",
    "Skip",
    "Surge",
    "SurgeAct",
    "SurgeGroup",
    "SurgeItem",
    "Thrive",
    "Tip",
    "TipContact",
    "TipFile",
    "TriageJob",
    "TriageStop",
    "TriageSwitch",
    "TriageVersion",
    "WelfareRule",
    "Withholding",
)
