"""How a notice leaves: e-mail, texts, the force's own channel in Teams or Slack, and signed webhooks.

Texts, and e-mail where its template is set, go through GOV.UK Notify by its own client. The
demonstration and the tests put texts and channel messages into files instead (settings.TEXTS_FOLDER), one
per delivery, so that a try that is made again writes the same file.
Source: docs.notifications.service.gov.uk, Python client (errors 400 and 403 are not cured by asking again,
429 and 5xx may be) and its statuses. A live service could not be tried here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from notifications_python_client import NotificationsAPIClient
from notifications_python_client.errors import APIError, TokenError

from core import clock
from notices.models import Notice, NoticeDelivery

Channel = NoticeDelivery.Channel
TIMEOUT_S = 10
LONGEST_TEXT = 300
"""Characters: two parts of a text."""


class NotSent(Exception):
    """This try came to nothing. `for_good`: another would end alike. `why`: a sentence for staff."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why)
        self.why, self.for_good = why, for_good


@dataclass(frozen=True)
class Left:
    """It left. `reference`: what the provider calls it, where it is to be asked later."""

    reference: str = ""


def send(delivery: NoticeDelivery) -> Left:
    """One try. Raises NotSent."""
    return _WAYS[delivery.channel](delivery)


def arrived(delivery: NoticeDelivery) -> bool | None:
    """What GOV.UK Notify says of a delivery: arrived, failed (NotSent, for good), or None while it is under way."""
    try:
        status = _client().get_notification_by_id(delivery.reference)["status"]
    except (APIError, TokenError, KeyError) as fault:
        raise NotSent(f"GOV.UK Notify could not be asked ({_name(fault)}).", for_good=False) from fault
    if status in {"delivered", "sent"}:
        return True
    if status in {"permanent-failure", "temporary-failure", "technical-failure", "cancelled"}:
        raise NotSent(_SAYS.get(status, "GOV.UK Notify could not deliver it."), for_good=True)
    return None


_SAYS = {
    "permanent-failure": "The number or address does not exist.",
    "temporary-failure": "The phone was off or the mailbox full for too long.",
    "technical-failure": "The provider broke down over it.",
}


def number(text: str) -> str:
    """A UK or international telephone number as digits with +; empty where it is none."""
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"0[1-9]\d{8,9}", digits):
        return f"+44{digits[1:]}"
    if re.fullmatch(r"(\+|00)[1-9]\d{7,14}", digits):
        return "+" + digits.lstrip("+").removeprefix("00")
    return digits and f"+{digits}" if re.fullmatch(r"44[1-9]\d{8,9}", digits) else ""


def available(channel: str) -> bool:
    """Whether this installation can send by it at all."""
    return {
        Channel.EMAIL: True,
        Channel.SMS: bool(settings.TEXTS_FOLDER or (settings.NOTIFY_KEY and settings.NOTIFY_SMS_TEMPLATE)),
        Channel.TEAMS: bool(settings.TEXTS_FOLDER or settings.TEAMS_WEBHOOK),
        Channel.SLACK: bool(settings.TEXTS_FOLDER or settings.SLACK_WEBHOOK),
        Channel.WEBHOOK: bool(
            settings.TEXTS_FOLDER or (settings.CONTROL_ROOM_WEBHOOK and settings.CONTROL_ROOM_SECRET)
        ),
    }[Channel(channel)]


def by_notify() -> bool:
    """Whether e-mail leaves through GOV.UK Notify, which takes no attachments: the link then stands alone."""
    return bool(settings.NOTIFY_KEY and settings.NOTIFY_EMAIL_TEMPLATE)


def words_of(delivery: NoticeDelivery) -> tuple[str, str]:
    """Its subject and its words, with the link to the page where one acts."""
    notice = delivery.notice
    link = f"{settings.PUBLIC_ADDRESS}{notice.link}" if notice.link and notice.to_id else ""
    mark = "Act now: " if notice.urgency == Notice.Urgency.PAGE else ""
    body = lines_of(delivery.payload) if delivery.payload else delivery.words or notice.body
    return f"{mark}{notice.title}", "\n\n".join(line for line in (body, link) if line) or notice.title


def lines_of(payload: dict[str, Any]) -> str:
    """A structured message as lines that a person reads."""
    lines = []
    for name, value in payload.items():
        shown = (
            value if isinstance(value, str | int | float | None) else json.dumps(value, ensure_ascii=False)
        )
        lines.append(f"{name.replace('_', ' ').capitalize()}: {'' if shown is None else shown}")
    return "\n".join(lines)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=` and the HMAC of "timestamp.body": the receiver works out the same, and refuses old timestamps."""
    made = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={made.hexdigest()}"


def _webhook(delivery: NoticeDelivery) -> Left:
    """Post the payload, signed. The number of the delivery is the same in every try and in what is sent again."""
    payload = delivery.payload or {}
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    if settings.TEXTS_FOLDER:
        return _into_file(delivery, "webhook", body.decode())
    if not available(Channel.WEBHOOK):
        raise NotSent("No webhook of the control room is set up here.", for_good=True)
    timestamp = str(int(clock.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "Smmp-Event": str(payload.get("event", "")),
        "Smmp-Version": str(payload.get("version", "")),
        "Smmp-Delivery": str(delivery.pk),
        "Smmp-Timestamp": timestamp,
        "Smmp-Signature": signature(settings.CONTROL_ROOM_SECRET, timestamp, body),
    }
    try:
        answer = httpx.post(
            settings.CONTROL_ROOM_WEBHOOK,
            content=body,
            headers=headers,
            timeout=TIMEOUT_S,
            follow_redirects=False,
        )
    except httpx.HTTPError as fault:
        raise NotSent(
            f"The control room’s system did not answer ({_name(fault)}).", for_good=False
        ) from fault
    if answer.status_code >= 300:
        gone = 300 <= answer.status_code < 500 and answer.status_code not in {408, 425, 429}
        raise NotSent(f"The control room’s system refused it (status {answer.status_code}).", for_good=gone)
    return Left()


def _email(delivery: NoticeDelivery) -> Left:
    notice = delivery.notice
    to = delivery.address or (notice.to.email if notice.to is not None else "")
    subject, body = words_of(delivery)
    if by_notify():
        return _notify(
            delivery,
            lambda client: client.send_email_notification(
                email_address=to,
                template_id=settings.NOTIFY_EMAIL_TEMPLATE,
                personalisation={"subject": subject, "message": body},
                reference=_reference(delivery),
            ),
        )
    along = delivery.attachment
    if along is not None:
        body = f"{body}\n\nAttached: {delivery.attachment_name}"
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    try:
        EmailMessage(
            subject=subject,
            body=body,
            to=[to],
            # Its type follows from the ending of its name.
            attachments=[(delivery.attachment_name, bytes(along), None)] if along is not None else [],
            # The same in every try: a mailbox shows one that came twice once.
            headers={"Message-ID": f"<{_reference(delivery)}@{host}>"}
            | ({"X-Priority": "1"} if subject.startswith("Act now") else {}),
            connection=get_connection(),
        ).send()
    except smtplib.SMTPRecipientsRefused as fault:
        codes = [code for code, _ in fault.recipients.values()]
        for_good = bool(codes) and all(code >= 500 for code in codes)
        raise NotSent("The mail server refuses this address.", for_good=for_good) from fault
    except (smtplib.SMTPException, OSError) as fault:
        raise NotSent(f"The mail server did not take it ({_name(fault)}).", for_good=False) from fault
    return Left()


def _sms(delivery: NoticeDelivery) -> Left:
    notice = delivery.notice
    to = number(delivery.address or (notice.to.phone if notice.to is not None else ""))
    if not to:
        raise NotSent("There is no number that a text could go to.", for_good=True)
    said = " ".join((delivery.words or f"{notice.title}. {notice.body}").split())[:LONGEST_TEXT]
    if settings.TEXTS_FOLDER:
        return _into_file(delivery, to, said)
    if not available(Channel.SMS):
        raise NotSent("No texts leave this installation: GOV.UK Notify is not set up.", for_good=True)
    return _notify(
        delivery,
        lambda client: client.send_sms_notification(
            phone_number=to,
            template_id=settings.NOTIFY_SMS_TEMPLATE,
            personalisation={"message": said},
            reference=_reference(delivery),
        ),
    )


def _channel(delivery: NoticeDelivery) -> Left:
    subject, body = words_of(delivery)
    said = f"{subject}\n{body}"
    if settings.TEXTS_FOLDER:
        return _into_file(delivery, delivery.channel, said)
    teams = delivery.channel == Channel.TEAMS
    address = settings.TEAMS_WEBHOOK if teams else settings.SLACK_WEBHOOK
    if not address:
        raise NotSent("This channel is not set up here.", for_good=True)
    try:
        answer = httpx.post(
            address, json=_card(said) if teams else {"text": said}, timeout=TIMEOUT_S, follow_redirects=False
        )
    except httpx.HTTPError as fault:
        raise NotSent(f"The channel did not answer ({_name(fault)}).", for_good=False) from fault
    if answer.status_code >= 300:
        gone = answer.status_code in {400, 401, 403, 404, 410}
        raise NotSent(f"The channel refused it (status {answer.status_code}).", for_good=gone)
    return Left()


def _card(said: str) -> dict[str, Any]:
    """What a Teams workflow "when a webhook request is received" posts into its channel."""
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": line, "wrap": True} for line in said.split("\n") if line],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _notify(delivery: NoticeDelivery, ask: Callable[[NotificationsAPIClient], Any]) -> Left:
    client = _client()
    try:
        if delivery.tries > 1:
            # An earlier try may have been taken although nobody heard so.
            known = client.get_all_notifications(reference=_reference(delivery)).get("notifications") or []
            if known:
                return Left(str(known[0]["id"]))
        return Left(str(ask(client)["id"]))
    except APIError as fault:
        for_good = fault.status_code in {400, 401, 403, 404, 410}
        raise NotSent(f"GOV.UK Notify refused it (status {fault.status_code}).", for_good=for_good) from fault
    except (TokenError, AssertionError, KeyError) as fault:
        raise NotSent("The key of GOV.UK Notify cannot be used.", for_good=True) from fault


def _client() -> NotificationsAPIClient:
    try:
        return NotificationsAPIClient(
            settings.NOTIFY_KEY, base_url=settings.NOTIFY_ADDRESS, timeout=TIMEOUT_S
        )
    except AssertionError as fault:
        raise NotSent("The key of GOV.UK Notify cannot be used.", for_good=True) from fault


def _reference(delivery: NoticeDelivery) -> str:
    return f"smmp-notice-{delivery.pk}"


def _into_file(delivery: NoticeDelivery, to: str, said: str) -> Left:
    folder = settings.TEXTS_FOLDER
    assert folder is not None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        whole = folder / f"{delivery.pk}.json"
        part = folder / f".{delivery.pk}.part"
        part.write_text(
            json.dumps({"channel": delivery.channel, "to": to, "words": said}, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )
        part.replace(whole)
    except OSError as fault:
        raise NotSent(f"The folder of texts cannot be written ({_name(fault)}).", for_good=False) from fault
    return Left()


def _name(fault: BaseException) -> str:
    return type(fault).__name__


_WAYS: dict[str, Callable[[NoticeDelivery], Left]] = {
    Channel.EMAIL: _email,
    Channel.SMS: _sms,
    Channel.TEAMS: _channel,
    Channel.SLACK: _channel,
    Channel.WEBHOOK: _webhook,
}
