"""The force's OpenID provider: discovery, code flow with PKCE, keys that rotate, and strict tokens.

Sources: OpenID Connect Core 1.0 (3.1.2, 3.1.3.7), Discovery 1.0, Back-Channel Logout 1.0 (2.6), RFC 7636,
RFC 9207. Signatures are checked by joserfc, claims by authlib and by the lines below.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from django.utils.crypto import constant_time_compare
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from core import clock
from core.errors import Refused

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Signatures with a key pair only: a secret that both sides know proves nothing about who signed."""
LEEWAY_S = 60
"""How far the clocks of provider and platform may be apart."""
TIMEOUT_S = 5.0
LARGEST_ANSWER_BYTES = 512 * 1024
KEPT_S = 600
"""How long discovery and keys are kept; an unknown key is looked for at once, at most every 10 s."""
LOOK_AGAIN_S = 10
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class SignOnRefused(Refused):
    """A sign-on that does not hold. `kind` goes into the trail; the sentence says what to do."""

    status = 403

    def __init__(self, kind: str, sentence: str = "") -> None:
        super().__init__(
            sentence
            or f"{settings.OIDC_NAME} sent an answer that cannot be trusted, so you are not signed in. Begin "
            "again; if that happens twice, tell your service administrator."
        )
        self.kind = kind


class ProviderDown(SignOnRefused):
    """The provider did not answer, or not in its own protocol."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "provider_down",
            f"{settings.OIDC_NAME} does not answer at the moment. Try again in a minute; in an emergency "
            "those who may sign in with a password do so below.",
        )


@dataclass(frozen=True)
class Begun:
    """What the platform remembers of a sign-on that it began: one use, in the person's own session."""

    state: str
    nonce: str
    verifier: str


@dataclass
class _Kept:
    metadata: dict[str, Any]
    keys: KeySet
    at: float


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def is_on() -> bool:
    """Whether this installation signs people on by a provider."""
    return bool(settings.OIDC_ISSUER)


def forget() -> None:
    """Discovery and keys are read anew at the next question."""
    with _lock:
        _kept.clear()


def begin(*, back_to: str, again: bool = False) -> tuple[str, Begun]:
    """Where to send the person, and what to remember. `again`: they prove themselves anew, at the provider.

    Raises ProviderDown.
    """
    metadata = _provider().metadata
    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    asked = {
        "response_type": "code",
        "response_mode": "query",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": back_to,
        "scope": " ".join(settings.OIDC_SCOPES),
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
    }
    if settings.OIDC_MFA_ACR:
        asked["acr_values"] = " ".join(settings.OIDC_MFA_ACR)
    if again:
        asked |= {"prompt": "login", "max_age": "0"}
    return add_params_to_uri(metadata["authorization_endpoint"], list(asked.items())), begun


def claims_for(code: str, *, begun: Begun, back_to: str, issuer_said: str = "") -> dict[str, Any]:
    """What the provider says of the person, from a code that is exchanged and a token that holds.

    issuer_said: the `iss` of the answer, where there is one (RFC 9207). Raises SignOnRefused.
    """
    provider = _provider()
    if issuer_said and issuer_said != settings.OIDC_ISSUER:
        raise SignOnRefused("wrong_issuer")
    answer = _ask(
        "POST",
        provider.metadata["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": begun.verifier,
        },
        auth=httpx.BasicAuth(_form(settings.OIDC_CLIENT_ID), _form(settings.OIDC_CLIENT_SECRET)),
        refused=SignOnRefused("code_refused"),
    )
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise SignOnRefused("no_id_token")
    access = answer.get("access_token")
    return judged(token, nonce=begun.nonce, access_token=access if isinstance(access, str) else "")


def _form(text: str) -> str:
    """As RFC 6749 2.3.1 writes the client's name and secret before they are joined."""
    return str(httpx.QueryParams({"x": text}))[2:]


def judged(token: str, *, nonce: str, access_token: str = "") -> dict[str, Any]:
    """The claims of an ID token that is ours, signed, in time, and for this sign-on. Raises SignOnRefused."""
    header, claims = _verified(token)
    try:
        CodeIDToken(
            claims,
            header,
            {
                "iss": {"essential": True, "value": settings.OIDC_ISSUER},
                "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
            },
            {"nonce": nonce, "client_id": settings.OIDC_CLIENT_ID, "access_token": access_token},
        ).validate(now=int(clock.now().timestamp()), leeway=LEEWAY_S)
    except JoseError as wrong:
        raise SignOnRefused(_kind(wrong)) from None
    except (TypeError, ValueError):
        raise SignOnRefused("claims_unreadable") from None
    if not (isinstance(claims.get("nonce"), str) and constant_time_compare(claims["nonce"], nonce)):
        raise SignOnRefused("wrong_nonce")
    subject = claims.get(settings.OIDC_SUBJECT_CLAIM)
    if not (isinstance(subject, str) and 0 < len(subject) <= 255):
        raise SignOnRefused("no_subject")
    return claims


@dataclass(frozen=True)
class Logout:
    """Whom or which session of theirs the provider signed out, and the token's own name. One of the first two."""

    subject: str
    session: str
    token: str


def session_of(claims: dict[str, Any]) -> str:
    """The provider's own session (`sid`) that an ID token names; empty where it names none."""
    sid = claims.get("sid")
    return sid if isinstance(sid, str) and len(sid) <= 255 else ""


def judged_logout(token: str) -> Logout:
    """What a back-channel logout token says that holds. Raises SignOnRefused.

    Source: OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6. `exp` is judged where it is given: older
    providers leave it out, and `iat` bounds a token to minutes anyway. That it comes once is for the caller.
    """
    header, claims = _verified(token)
    now = clock.now().timestamp()
    audience = claims.get("aud")
    issued = claims.get("iat")
    if claims.get("iss") != settings.OIDC_ISSUER:
        raise SignOnRefused("wrong_issuer")
    if settings.OIDC_CLIENT_ID not in (audience if isinstance(audience, list) else [audience]):
        raise SignOnRefused("wrong_audience")
    if not isinstance(issued, int | float) or abs(now - issued) > LEEWAY_S * 2:
        raise SignOnRefused("expired")
    expires = claims.get("exp")
    if expires is not None and (not isinstance(expires, int | float) or expires < now - LEEWAY_S):
        raise SignOnRefused("expired")
    events = claims.get("events")
    if "nonce" in claims or not isinstance(events, dict) or LOGOUT_EVENT not in events:
        raise SignOnRefused("no_logout_token")
    if str(header.get("typ", "JWT")).casefold().removeprefix("application/") not in {"jwt", "logout+jwt"}:
        raise SignOnRefused("no_logout_token")
    said = {}
    for name in ("sub", "sid", "jti"):
        said[name] = claims.get(name) or ""
        if not isinstance(said[name], str) or len(said[name]) > 255:
            raise SignOnRefused("claims_unreadable")
    if not said["sub"] and not said["sid"]:
        raise SignOnRefused("no_subject")
    if not said["jti"]:
        raise SignOnRefused("no_jti")
    return Logout(said["sub"], said["sid"], said["jti"])


def proves_mfa(claims: dict[str, Any]) -> bool:
    """Whether the token says that more than one factor was proved, in the words that are configured."""
    methods = claims.get("amr")
    by_method = isinstance(methods, list) and any(method in settings.OIDC_MFA_AMR for method in methods)
    return by_method or claims.get("acr") in settings.OIDC_MFA_ACR


def proved_at(claims: dict[str, Any]) -> float:
    """When the person proved themselves at the provider, in seconds of the epoch. Raises SignOnRefused."""
    at = claims.get("auth_time")
    if isinstance(at, bool) or not isinstance(at, int | float):
        raise SignOnRefused("no_auth_time")
    return float(at)


def sign_out_address(*, back_to: str) -> str:
    """Where the person signs out of the provider as well; empty where it has no such page or is down."""
    try:
        endpoint = _provider().metadata.get("end_session_endpoint", "")
    except ProviderDown:
        return ""
    if not endpoint:
        return ""
    asked = {"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": back_to}
    return add_params_to_uri(endpoint, list(asked.items()))


def _kind(wrong: JoseError) -> str:
    claim = getattr(wrong, "claim", "") or ""
    if type(wrong).__name__ == "ExpiredTokenError":
        return "expired"
    return {
        "iss": "wrong_issuer",
        "aud": "wrong_audience",
        "azp": "wrong_audience",
        "nonce": "wrong_nonce",
    }.get(str(claim), "claims_refused")


def _verified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(token) > 64 * 1024:
        raise SignOnRefused("token_unreadable")
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    try:
        try:
            found = jwt.decode(token, _provider().keys, registry=registry)
        except (InvalidKeyIdError, ValueError) as unknown:
            # The provider may have changed its keys since they were read.
            fresh = _provider(look_again=True)
            try:
                found = jwt.decode(token, fresh.keys, registry=registry)
            except ValueError:
                raise SignOnRefused("unknown_key") from unknown
    except JoseError as wrong:
        unknown_key = isinstance(wrong, InvalidKeyIdError)
        raise SignOnRefused("unknown_key" if unknown_key else "bad_signature") from None
    except (TypeError, KeyError, UnicodeError):
        raise SignOnRefused("token_unreadable") from None
    if not isinstance(found.claims, dict):
        raise SignOnRefused("token_unreadable")
    return dict(found.header), dict(found.claims)


def _provider(*, look_again: bool = False) -> _Kept:
    now = clock.now().timestamp()
    with _lock:
        kept = _kept.get(settings.OIDC_ISSUER)
    if kept is not None and 0 <= now - kept.at < (LOOK_AGAIN_S if look_again else KEPT_S):
        return kept
    metadata = _ask("GET", settings.OIDC_ISSUER.rstrip("/") + "/.well-known/openid-configuration")
    if metadata.get("issuer") != settings.OIDC_ISSUER:
        raise SignOnRefused("wrong_issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not _may_be_asked(metadata.get(name)):
            raise ProviderDown
    if not _may_be_asked(metadata.get("end_session_endpoint", settings.OIDC_ISSUER)):
        metadata.pop("end_session_endpoint")
    try:
        keys = KeySet.import_key_set(_ask("GET", metadata["jwks_uri"]))  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProviderDown from None
    fresh = _Kept(metadata, keys, now)
    with _lock:
        _kept[settings.OIDC_ISSUER] = fresh
    return fresh


def _may_be_asked(address: Any) -> bool:
    """Over TLS; in the clear only where the issuer itself is, which production refuses."""
    secure = settings.OIDC_ISSUER.startswith("https://")
    return isinstance(address, str) and address.startswith("https://" if secure else ("https://", "http://"))


def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)


def _ask(method: str, address: str, *, refused: SignOnRefused | None = None, **more: Any) -> dict[str, Any]:
    try:
        with _client() as client, client.stream(method, address, **more) as answer:
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > LARGEST_ANSWER_BYTES:
                    raise ProviderDown
            status = answer.status_code
        if status in {400, 401, 403} and refused is not None:
            raise refused
        body = httpx.Response(status, content=content).json() if status == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        raise ProviderDown from None
    if not isinstance(body, dict):
        raise ProviderDown
    return body
