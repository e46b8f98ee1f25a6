"""How the rooms are built: writes only in actions, every change audited, every record in a class.

Read from the source, so that nothing has to be called to be found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from audit.catalogue import EVENTS
from smmp.database import record_classes

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [
    "core",
    "audit",
    "platforms",
    "staff",
    "notices",
    "media",
    "exercise",
    "accounts",
    "retention",
    "publishing",
    "moderation",
    "escalation",
    "insights",
    "smmp",
]

WRITES = {
    "save",
    "create",
    "acreate",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "write_objects",
    "write_rows",
}

MAY_WRITE = re.compile(
    r"^(\w+/(actions|records)(/.*)?(\.py)?$|\w+/actions\.py$|\w+/records\.py$|\w+/migrations/|smmp/seed/|smmp/local/)"
)

WRITERS_BESIDE: dict[str, str] = {
    "smmp/benches/access.py": "a scratch database that is gone afterwards",
    "smmp/benches/calendar.py": "a scratch database that is gone afterwards",
    "smmp/benches/claims.py": "a scratch database that is gone afterwards",
    "smmp/benches/queue.py": "a scratch database that is gone afterwards",
    "smmp/benches/alike.py": "a scratch database, gone afterwards",
    "smmp/benches/figures.py": "a scratch database, gone afterwards",
    "smmp/benches/ingest.py": "a scratch database, gone afterwards",
    "smmp/benches/triage.py": "lets polls come, on a scratch database alone",
    "smmp/benches/disposal.py": "a scratch database, gone afterwards",
    "smmp/drills/canary.py": "plants a phrase, on a scratch database alone",
    "smmp/drills/disposal.py": "lets quiet times end, on a scratch database alone",
    "smmp/drills/ingest.py": "lets leases run out, on a scratch database alone",
    "smmp/drills/ingest_worker.py": "lets turns come, on a scratch database alone",
    "audit/seal/tail.py": "puts the sealed trail back as it was, before anybody can sign in to a restored database",
    "retention/replay.py": "does again what actions had done, before anybody can sign in to a restored database",
    "smmp/backups/restoring.py": "ends the sessions of a restored database before its gate opens",
    "smmp/scheduler.py": "claims periods; no record of anything",
    "smmp/pulse.py": "heartbeats; no record of anything",
    "smmp/faults.py": "invents comments and a session, on a scratch database alone",
    "smmp/tasks.py": "heartbeats and swept periods; no record of anything",
}
"""Files that write though they hold no actions, each with its reason."""

NOT_ORM = re.compile(
    r"(session|request\.session|messages|picture.*|image.*|ground|drawing|pdf|client|actions|connector|"
    r"self\._?client|self\._http|http|hashlib\..*|segno\..*|super\(\))$"
)
"""What else has a `save`, `create` or `delete`: sessions, pictures, HTTP, and the actions themselves."""

NOT_AUDITED: dict[str, str] = {
    "publishing.actions.take_downs.claim_next": "a lease; what comes of it is audited",
    "publishing.actions.take_down_ways.move": "a part of the actions on take-downs, which audit",
    "publishing.actions.campaigns.require_run": "reads",
    "publishing.actions.campaigns.locked": "a part of the actions on campaigns, which audit: locks and refuses",
    "publishing.actions.stops.note": "a part of the actions that hold or put back a delivery, which audit",
    "publishing.actions.posts.must_pass": "a part of the actions on posts, which audit; keeps what the checks found",
    "publishing.actions.stops.decide": "a part of the actions that release or withdraw a delivery, which audit",
    "moderation.actions.triage.take_job": "a lease; what comes of it is audited when the version is made or fails",
    "moderation.actions.triage.note_progress": "a lease renewed; nothing of a record changes",
    "moderation.actions.triage.take_comments": "a lease; what the model says is audited when it is written",
    "audit.actions.record": "it is the audit",
    "audit.actions.seals.seal": "it seals the trail: an entry about it would want a seal itself",
    "audit.actions.seals.seal_restore": "it seals what record_restore has audited",
    "audit.actions.seals.lease_sink": "a lease of the delivery; holds nothing but numbers",
    "staff.actions.sign_in.spend_try": "a throttle; hashes only",
    "staff.actions.sign_in.forget_failures": "a throttle; hashes only",
    "staff.actions.sign_in.sweep_throttles": "a throttle; hashes only",
    "staff.actions.members.ask_reset": "the same for every address; answer_resets audits for those that are known",
    "staff.actions.sign_on.sweep_logouts": "hashes only, of tokens that are a day old",
    "staff.actions.sign_in.prove_password": "audits what is refused; success is audited with the second factor",
    "staff.actions.directory.prove_key": "audits what is refused; what the key does is audited where it is done",
    "staff.actions.factors.begin_enrolment": "nothing counts until the first code; finish_enrolment audits",
    "staff.actions.factors.recovery_device": "reads",
    "staff.actions.letters.queue": "a part of the actions that change something, which audit",
    "staff.actions.passkeys.begin": "nothing counts until the answer, which is audited either way",
    "staff.actions.factors.kept_form": "computes",
    "staff.actions.factors.remove_factors": "a part of renew_sign_in and record_leaver, which audit",
    "staff.actions.sessions.note_seen": "the time of last use",
    "staff.actions.sessions.sweep_sessions": "sessions over for 90 days; what was done stands in the trail",
    "audit.actions.followers.hold": "how far a reader of the trail has come; no record of anything",
    "audit.actions.followers.lease": "how far a reader of the trail has come; no record of anything",
    "audit.actions.followers.move": "how far a reader of the trail has come; no record of anything",
    "audit.actions.followers.pause": "how far a reader of the trail has come; no record of anything",
    "audit.actions.streaming.send_next": "the whole trail leaves by a standing setting; an entry each time would feed itself",
    "retention.actions.rights.note": "a part of the actions on requests, which audit",
    "retention.actions.disposals.begin": "an empty certificate, opened for a proposal; each batch audits what goes",
    "insights.actions.rollups.refresh": "counts by the hour; no words, no people",
    "insights.actions.rollups.rebuild": "counts by the hour; no words, no people",
    "insights.actions.rollups.check": "compares counts",
    "insights.actions.reach.claim": "a lease",
    "insights.actions.reach.put_off": "when a platform is asked again",
    "insights.actions.reach.keep": "figures that a platform shows; no words, no people",
    "staff.actions.seen.note_seen": "when somebody was here; the sign-in is audited",
    "staff.actions.conduct.note_request": "an entry each time would give the covert audit away; sealed by the hour",
    "staff.actions.conduct.hash_of_requests": "reads",
    "staff.actions.departures.end_access": "a part of the actions on departures, which audit",
    "staff.actions.departures.of_conduct": "computes",
    "staff.actions.departures.check_heir": "reads",
    "staff.actions.departures.coming": "reads",
    "publishing.actions.rehoming.rehome_post": "handing over is audited (accounts.actions.handing_over)",
    "publishing.actions.rehoming.rehome_approval": "handing over is audited (accounts.actions.handing_over)",
    "moderation.actions.rehoming.rehome_claim": "handing over is audited (accounts.actions.handing_over)",
    "escalation.actions.rehoming.rehome_case": "handing over is audited (accounts.actions.handing_over)",
    "publishing.actions.deliveries.locked_with_post": "reads",
    "publishing.actions.deliveries.publish_if_done": "a part of the actions on deliveries; audits what is published or corrected",
    "moderation.actions.sources.ensure_sources": "the poller's own pace; nothing of the public's",
    "moderation.actions.sources.lease_due": "a lease of the poller",
    "moderation.actions.sources.extend_lease": "a lease of the poller",
    "moderation.actions.sources.claim_sweep": "a lease of the poller",
    "moderation.actions.attachments.of": "computes",
    "moderation.actions.attachments.note_again": "a part of taking a comment in, which audits",
    "moderation.actions.attachments.claim_due": "a lease; what comes of it is audited",
    "moderation.actions.native.note_own_read": "the poller's own pace",
    "moderation.actions.sources.note_swept": "the poller's own pace",
    "moderation.actions.sources.put_off_sweep": "the poller's own pace",
    "moderation.actions.sources.fill_roots_from_outbox": "copies our own post, which left audited",
    "moderation.actions.sources.note_unannounced": "a count of calls that did not come",
    "moderation.actions.hooks.take_call": "a hint to poll; what is read then is audited",
    "moderation.actions.sources.put_off": "the poller's own pace",
    "moderation.actions.sources.fill_roots": "copies our own post, which left audited",
    "moderation.actions.working.sweep_presence": "who had a page open an hour ago; no record of anything",
    "moderation.actions.working.note_here": "a lease renewed, and who has a page open; no record of anything",
    "moderation.actions.desk.begin": "a part of the actions that decide, which audit: locks and refuses",
    "moderation.actions.desk.decision_row": "a part of the actions that decide, which audit",
    "moderation.actions.welfare.note_comments": "a part of what notes what was read, which audits; for the person alone",
    "moderation.actions.welfare.note_picture": "a part of what notes what was opened, which audits; for the person alone",
    "moderation.actions.welfare.sweep": "rows of their own welfare, a quarter old; no record of anything",
    "moderation.actions.surges.count_hours": "counts by the hour; no words, no people",
    "insights.actions.rumour_story.require_work": "reads",
    "insights.actions.rumour_story.at_work": "a part of the actions on rumours, which audit: locks and refuses",
    "insights.actions.areas.keep_days": "counts by the day; no words, no people",
    "insights.actions.areas.keep_moods": "counts by the day; no words, no people",
    "moderation.actions.surges.keep_groups": "a projection of open comments, made anew each time; decisions are audited",
    "moderation.actions.surges.carry_out": "decide_one does the work, by the single actions of the desk, which audit",
    "moderation.actions.surges.decide_one": "the single action of the desk that it calls audits",
    "moderation.actions.surges.undo": "begin_undo and the single actions of the desk audit",
    "moderation.actions.surges.undo_one": "the single action of the desk that it calls audits",
    "moderation.actions.desk.keep_words": "a draft of the author’s own words, no record until sent",
    "publishing.actions.machinery.claim_unsettled": "a lease; what the reading decides is audited",
    "publishing.actions.machinery.keep_id": "the platform's answer on disk first; note_sent audits it next",
    "publishing.actions.machinery.belongs_to_another": "reads",
    "notices.actions.claim_checks": "a lease; what the provider says is audited",
    "escalation.actions.evidence.keep": "a part of the actions on cases, which audit",
    "escalation.actions.taking.note_act": "a part of the actions on cases, which audit",
    "escalation.actions.referrals.read": "computes",
    "escalation.actions.referrals.due_at": "computes",
    "escalation.actions.referrals.message": "computes",
    "escalation.actions.referrals.settle": "a part of the actions on referrals, which audit",
    "escalation.actions.referrals.holders": "reads",
    "escalation.actions.referrals.locked_referral": "reads",
    "escalation.actions.referrals.tell_team": "a part of the actions on referrals, which audit",
    "escalation.actions.log.write": "a part of the actions on cases, which audit",
    "accounts.actions.directory.change_team_group": "each who joins or leaves, and a new name, are audited below it",
    "accounts.actions.credentials.open_token": "reads, for a connector",
    "accounts.actions.credentials.claim_renewal": "a lease; what comes of it is audited",
    "accounts.actions.hooks.claim_calls": "a lease; what comes of it is audited",
    "accounts.actions.searching.claim_search": "a lease; what comes of it is audited",
    "accounts.actions.searching.put_off": "when it is tried again; nothing was searched",
    "accounts.actions.connecting.note_usage": "what a platform said of its own rate limits; no record",
    "accounts.actions.connecting.take_answer": "uses up an attempt; the credential stored with it is audited",
    "accounts.actions.connecting.sweep_attempts": "attempts a day old, of which nothing was stored",
    "accounts.actions.services.begin_answer": "a service's own token against doing a thing twice; no record",
    "accounts.actions.services.keep_answer": "the answer to an act that is audited",
    "accounts.actions.services.drop_answer": "nothing was done under the token",
    "accounts.actions.services.sweep_answers": "answers a day old; what was done is audited",
    "accounts.actions.project_grants": "a projection of what is audited as grants",
    "accounts.actions.project_what_began": "a projection of what is audited as grants",
}
"""Public functions of actions modules that record nothing themselves, each with its reason."""

NOT_HELD: dict[str, str] = {
    "publishing.actions.deliveries.note_step": "a part of the actions on deliveries, which are held",
    "publishing.actions.appeal_course.note_change": "a part of the actions on appeals, which are held",
    "moderation.actions.tombstones.mark": "a part of taking in and of note_gone, which are held",
    "staff.actions.departures.leave": "a part of the actions on departures and conduct, which are held",
    "escalation.actions.log.audit": "a part of the actions on cases, which are held",
    "insights.actions.rumour_story.audit": "a part of the actions on rumours, which are held",
}
"""Actions that do not hold their actor, each with its reason."""


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), _tree(path)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def _nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Whatever stands in a part of the source; most tests here ask for it."""
    return tuple(ast.walk(tree))


def _writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in _nodes(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in WRITES:
            continue
        if NOT_ORM.fullmatch(ast.unparse(node.func.value)):
            continue
        # Django's take keywords alone here; those of sets, dictionaries and hashes take a value.
        if node.func.attr in {"update", "delete"} and node.args:
            continue
        if node.func.attr == "update" and not node.keywords:
            continue
        yield node.lineno, ast.unparse(node.func)


def test_only_actions_records_and_the_seed_write():
    found = [
        f"{name}:{line} {call}"
        for name, tree in _sources()
        if not MAY_WRITE.match(name) and name not in WRITERS_BESIDE
        for line, call in _writes(tree)
    ]
    assert not found, "writes outside actions:\n" + "\n".join(found)


def test_every_model_has_a_record_class_of_the_schedule():
    rows = yaml.safe_load((ROOT / "smmp/seed/data/schedule.yaml").read_text(encoding="utf-8"))
    classes = {row["slug"] for row in rows}
    wrong = {
        model: name
        for model, name in record_classes().items()
        if name not in classes and not model.startswith(("django_otp", "otp_", "auth.", "csp"))
    }
    wrong = {model: name for model, name in wrong.items() if model.split(".")[0] in ROOMS}
    # Django makes the joining tables of groups and permissions, which nobody here fills.
    wrong = {
        m: n
        for m, n in wrong.items()
        if m not in {"staff.staffmember_groups", "staff.staffmember_user_permissions"}
    }
    assert not wrong


def _actions_modules() -> Iterator[tuple[str, ast.Module]]:
    for name, tree in _sources():
        if re.match(r"^\w+/actions(/\w+)?\.py$", name):
            yield name.removesuffix(".py").replace("/", ".").removesuffix(".__init__"), tree


@cache
def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def _called(function: ast.FunctionDef) -> set[str]:
    return {
        ast.unparse(node.func).rpartition(".")[2] for node in _nodes(function) if isinstance(node, ast.Call)
    }


def _audits(name: str, functions: dict[str, ast.FunctionDef], everywhere: set[str], seen: set[str]) -> bool:
    """Whether a function records, itself, through one of its own module, or through another action."""
    called = _called(functions[name])
    if "record" in called or called & everywhere:
        return True
    return any(
        _audits(inner, functions, everywhere, seen | {inner}) for inner in called & functions.keys() - seen
    )


def _record_audited() -> set[str]:
    """Names of functions that record by themselves or through their own module."""
    names: set[str] = set()
    for _, tree in _actions_modules():
        functions = _functions(tree)
        names |= {name for name in functions if _audits(name, functions, set(), {name})}
    return names


def test_every_action_is_audited():
    audited = _record_audited()
    silent = [
        f"{module}.{name}"
        for module, tree in _actions_modules()
        for name, function in _functions(tree).items()
        if not name.startswith("_")
        and any(arg.arg == "actor" for arg in [*function.args.args, *function.args.kwonlyargs])
        and f"{module}.{name}" not in NOT_AUDITED
        and not _audits(name, _functions(tree), audited, {name})
    ]
    assert not silent, "actions without an audit entry:\n" + "\n".join(silent)


def _takes_an_actor(function: ast.FunctionDef) -> bool:
    return any(arg.arg == "actor" for arg in [*function.args.args, *function.args.kwonlyargs])


def test_every_action_runs_in_one_transaction_and_holds_its_actor():
    """`transaction.atomic` alone would let a leaver's last request through (core.acting)."""
    unheld = [
        f"{module}.{name}"
        for module, tree in _actions_modules()
        for name, function in _functions(tree).items()
        if _takes_an_actor(function)
        and f"{module}.{name}" not in NOT_HELD
        and "transaction.atomic" in {ast.unparse(decorator) for decorator in function.decorator_list}
    ]
    assert not unheld, "actions that do not hold their actor:\n" + "\n".join(unheld)


def test_every_public_action_that_audits_by_itself_is_held():
    unheld = [
        f"{module}.{name}"
        for module, tree in _actions_modules()
        for name, function in _functions(tree).items()
        if _takes_an_actor(function)
        and not name.startswith("_")
        and "record" in _called(function)
        and not {"action", "action_on_oneself"} & {ast.unparse(d) for d in function.decorator_list}
        and f"{module}.{name}" not in NOT_HELD
    ]
    assert not unheld, "actions that record without holding their actor:\n" + "\n".join(unheld)


def test_every_action_that_writes_names_its_actor():
    nameless = [
        f"{module}.{name}"
        for module, tree in _actions_modules()
        for name, function in _functions(tree).items()
        if not name.startswith("_")
        and f"{module}.{name}" not in NOT_AUDITED
        and any(True for _ in _writes(ast.Module([function], [])))
        and not any(arg.arg == "actor" for arg in [*function.args.args, *function.args.kwonlyargs])
        and f"{module}.{name}" != "staff.actions.members.choose_first_password"
    ]
    assert not nameless, "actions that do not say who acts:\n" + "\n".join(nameless)


@cache
def _strings() -> set[str]:
    """Every string in the source but the catalogue's own."""
    found: set[str] = set()
    for name, tree in _sources():
        if name == "audit/catalogue.py":
            continue
        found |= {
            node.value
            for node in _nodes(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return found


def test_every_recorded_event_stands_in_the_catalogue():
    unknown = [
        f"{name}:{node.lineno} {keyword.value.value}"
        for name, tree in _sources()
        for node in _nodes(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "record"
        for keyword in node.keywords
        if keyword.arg == "event"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value not in EVENTS
    ]
    assert not unknown


def test_every_exception_from_auditing_is_still_there():
    there = {f"{module}.{name}" for module, tree in _actions_modules() for name in _functions(tree)}
    assert NOT_AUDITED.keys() <= there


def test_every_event_of_the_catalogue_is_used():
    assert not {name for name, event in EVENTS.items() if not event.former} - _strings()


def test_no_function_imports_to_dodge_the_order():
    dodges = [
        f"{name}:{node.lineno}"
        for name, tree in _sources()
        if not name.startswith(("smmp/commandline.py", "smmp/local/", "smmp/management/"))
        for function in _nodes(tree)
        if isinstance(function, ast.FunctionDef)
        for node in _nodes(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            module.split(".")[0] in ROOMS
            for module in (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
        )
    ]
    assert not dodges


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_reads_as_a_sentence(event):
    sentence = EVENTS[event].sentence
    assert sentence[0] in "{ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert not sentence.endswith(".")
    assert EVENTS[event].operation in {
        "",
        "collection",
        "alteration",
        "consultation",
        "disclosure",
        "combination",
        "erasure",
    }
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event)
