"""`manage.py connector SLUG ACTION --credentials FILE`: one act of a connector, and what came of it.

For diagnosis by administrators, and for tests against other people's servers. It passes by approval,
lockdown, holds and the outbox, so acts that change something are made only towards this very machine.
Reading elsewhere is in the trail.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand

from accounts.actions import connecting
from accounts.connections import base_address
from core.actors import System
from core.commands import CommandRefused
from core.errors import Refused
from platforms import registry
from platforms.contract import Connector, Fault, Login, PermanentFault, PostToSend, TemporaryFault

LARGEST_FILE = 100_000
THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})

READING: dict[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "whoami": ((), lambda it: it.check()),
    "messages": (("position?",), lambda it, position="": _page(it, position)),
    "comments": (("post",), lambda it, post: [_read(it, message) for message in it.sweep(post)]),
    "own-posts": ((), lambda it: it.own_posts()),
    "read-back": (("post",), lambda it, post: it.read_back(post)),
    "is-hidden": (
        ("comment", "post"),
        lambda it, comment, post: it.is_hidden(comment_external_id=comment, root_external_id=post),
    ),
    "is-blocked": (("commenter",), lambda it, commenter: it.is_blocked(commenter)),
}
CHANGING: dict[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "publish": (("text", "key"), lambda it, text, key: it.send(PostToSend(key=key, text=text))),
    "reply": (
        ("text", "key", "comment", "post"),
        lambda it, text, key, comment, post: it.send(
            PostToSend(key=key, text=text, reply_to=comment, root=post)
        ),
    ),
    "hide": (
        ("comment", "post"),
        lambda it, comment, post: it.hide(comment_external_id=comment, root_external_id=post),
    ),
    "unhide": (
        ("comment", "post"),
        lambda it, comment, post: it.unhide(comment_external_id=comment, root_external_id=post),
    ),
    "delete": (("post",), lambda it, post: it.delete(post)),
    "delete-comment": (("comment",), lambda it, comment: it.delete_comment(comment)),
    "block": (("commenter",), lambda it, commenter: it.block(commenter)),
    "unblock": (("commenter",), lambda it, commenter: it.unblock(commenter)),
    "mute": (("commenter",), lambda it, commenter: it.mute(commenter)),
    "unmute": (("commenter",), lambda it, commenter: it.unmute(commenter)),
}


class Command(BaseCommand):
    help = (
        "One act of a connector, and what the platform answered. FILE is JSON: handle and secret, and where the "
        "platform wants them base_url, account_id, refresh, client_id, client_secret. Acts that change something "
        "work only towards this machine; publishing in earnest is done in the browser."
    )

    def add_arguments(self, parser):
        parser.add_argument("slug", help=", ".join(registry.CONNECTORS))
        parser.add_argument("act", help=", ".join([*READING, *CHANGING]))
        parser.add_argument("--credentials", required=True, metavar="FILE")
        parser.add_argument("--arg", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")

    def handle(self, *args, slug, act, credentials, arg, as_json, **options):
        try:
            registry.connector_class(slug)
        except Refused as refusal:
            raise CommandRefused(f"{refusal.sentence} There are {', '.join(registry.CONNECTORS)}.") from None
        if act not in READING and act not in CHANGING:
            raise CommandRefused(f"“{act}” is no act. There are {', '.join([*READING, *CHANGING])}.")
        names, call = READING.get(act) or CHANGING.get(act)  # type: ignore[misc]
        given = _arguments(act, names, arg)
        login = _login(slug, credentials)
        here = urlsplit(login.base_url).hostname in THIS_MACHINE
        if act in CHANGING and not here:
            raise CommandRefused(
                f"“{act}” would pass by approval, lockdown and the outbox, so it is done only towards this machine, "
                f"not towards {urlsplit(login.base_url).hostname}. Do it in the browser."
            )
        if not here:
            connecting.note_diagnosis(actor=System("connector command"), platform=slug, act=act)
        outcome = _outcome(lambda: call(registry.connect(slug, login), **given))
        if as_json:
            self.stdout.write(json.dumps(outcome, indent=2, default=_plain, ensure_ascii=False))
        else:
            self.stdout.write(_in_words(outcome))
        if "fault" in outcome:
            raise SystemExit(1)


def _outcome(call: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"result": call()}
    except Fault as fault:
        kind = (
            "permanent"
            if isinstance(fault, PermanentFault)
            else "temporary"
            if isinstance(fault, TemporaryFault)
            else "unknown"
        )
        return {
            "fault": kind,
            "sentence": fault.sentence,
            "retry_after_s": fault.retry_after_s,
            "link": fault.link,
            "raw": fault.raw,
        }


def _in_words(outcome: dict[str, Any]) -> str:
    if "fault" in outcome:
        return f"{outcome['fault']}: {outcome['sentence']}"
    return json.dumps(outcome["result"], indent=2, default=_plain, ensure_ascii=False)


def _page(connector: Connector, position: str) -> dict[str, Any]:
    page = connector.poll(position)
    return {
        "messages": [_read(connector, message) for message in page.messages],
        "position": page.position,
        "more": page.more,
    }


def _read(connector: Connector, message: Any) -> Any:
    try:
        return connector.read(message)
    except ValueError as fault:
        return {"external_id": message.external_id, "unreadable": str(fault)}


def _arguments(act: str, names: tuple[str, ...], given: list[str]) -> dict[str, str]:
    wanted = {name.rstrip("?"): not name.endswith("?") for name in names}
    found: dict[str, str] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or key not in wanted:
            takes = ", ".join(f"--arg {name}=..." for name in wanted) or "no arguments"
            raise CommandRefused(f"“{pair}” does not fit: {act} takes {takes}.")
        found[key] = value
    if missing := [name for name, needed in wanted.items() if needed and not found.get(name)]:
        raise CommandRefused(f"{act} needs " + " ".join(f"--arg {name}=..." for name in missing) + ".")
    return found


def _login(slug: str, path: str) -> Login:
    try:
        with Path(path).open("rb") as opened:
            content = json.loads(opened.read(LARGEST_FILE))
    except OSError as fault:
        raise CommandRefused(f"{path} cannot be read: {fault.strerror}.") from None
    except (ValueError, RecursionError):
        raise CommandRefused(f'{path} is not JSON. Write {{"handle": ..., "secret": ...}}.') from None
    if not isinstance(content, dict) or not all(
        isinstance(value, str) and "\x00" not in value for value in content.values()
    ):
        raise CommandRefused(f"{path} must be one JSON object of texts: handle, secret and so on.")
    if not content.get("handle") or not content.get("secret"):
        raise CommandRefused(f"{path} lacks handle or secret.")
    address = content.get("base_url", "")
    if address and urlsplit(address).scheme not in {"http", "https"}:
        raise CommandRefused(f"base_url in {path} must begin with https:// or http://.")
    try:
        address = address or base_address(slug, content["handle"])
    except Refused as refusal:
        raise CommandRefused(refusal.sentence) from None
    return Login(
        base_url=address.rstrip("/"),
        handle=content["handle"],
        secret=content["secret"],
        account_id=content.get("account_id", ""),
        refresh=content.get("refresh", ""),
        app={key: content[key] for key in ("client_id", "client_secret") if key in content},
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
