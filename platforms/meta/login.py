"""From a person's consent at Meta to the access token of one Page.

Sources (stored copies): Facebook Login "Manually Build a Login Flow", "Long-Lived Access Tokens" and
"OIDC Token with PKCE"; User.accounts and User.permissions in facebook-business 26.0.3. A Page's token
that comes from a long-lived token of a person lasts until it is revoked (third parties say so). Meta
documents PKCE for its OpenID flow; here the challenge goes along and the app's secret proves the rest,
so that nothing rests on it. None of this could be tried against Meta itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from platforms.contract import Fault, Login, PermanentFault, TemporaryFault, Token
from platforms.meta.graph import A_PAGE, Graph
from platforms.meta.webhook import FIELDS

DIALOG = "https://www.facebook.com/v26.0/dialog/oauth"


def authorise_url(
    *, app: Mapping[str, str], redirect: str, state: str, challenge: str, scopes: Sequence[str]
) -> str:
    """Where the person who runs the Page agrees, and chooses which Page."""
    if not app.get("client_id") or not app.get("client_secret"):
        raise PermanentFault(
            "The force’s app at Meta is not configured. Ask the administrators to set its id and secret."
        )
    asked = {
        "client_id": app["client_id"],
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": ",".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{DIALOG}?{urlencode(asked)}"


def exchange(
    *,
    name: str,
    base_url: str,
    app: Mapping[str, str],
    code: str,
    verifier: str,
    redirect: str,
    must_have: str = "",
) -> Token:
    """The token of the one Page that the person chose, in exchange for the code that came back.

    must_have: a field that the Page must have ("instagram_business_account"). Everything secret goes in
    the body of a POST and never into an address. Raises PermanentFault where the choice has to be made
    again, and says how.
    """
    us: dict[str, Any] = {
        "client_id": app.get("client_id", ""),
        "client_secret": app.get("client_secret", ""),
    }
    anonymous = Graph(name=name, login=Login(base_url, "", "", app={}))
    answer = anonymous.post(
        "oauth",
        "access_token",
        changing=False,
        **us,
        redirect_uri=redirect,
        code=code,
        code_verifier=verifier,
    )
    answer = anonymous.post(
        "oauth",
        "access_token",
        changing=False,
        **us,
        grant_type="fb_exchange_token",
        fb_exchange_token=_token(name, answer),
    )
    person = Graph(name=name, login=Login(base_url, "", _token(name, answer), app=app))
    page = _the_page(name, person, must_have)
    secret = _token(name, page)
    granted = _granted(person)
    if "pages_manage_metadata" in granted:
        _subscribe(name, Login(base_url, "", secret, app=app))
    return Token(secret=secret, scopes=granted)


def _the_page(name: str, person: Graph, must_have: str) -> dict[str, Any]:
    fields = "id,name,access_token" + (f",{must_have}" if must_have else "")
    pages = [
        page
        for entries, _ in person.pages("me", "accounts", fields=fields, limit=A_PAGE)
        for page in entries
        if isinstance(page, dict) and (not must_have or isinstance(page.get(must_have), dict))
    ]
    if len(pages) == 1:
        return pages[0]
    if not pages:
        raise PermanentFault(
            f"{name}: no Page came with this consent"
            f"{' that an Instagram account hangs on' if must_have else ''}. Connect again, choose the Page in "
            "Meta’s window, and make sure that you may manage it."
        )
    named = ", ".join(str(page.get("name"))[:60] for page in pages[:5])
    raise PermanentFault(
        f"{name}: more than one Page came with this consent ({named}). Connect again and choose only the one "
        "that this official account is: the credential shall reach no further."
    )


def _granted(person: Graph) -> frozenset[str]:
    entries, _ = person.page_of(
        person.get("me", "permissions", fields="permission,status", status="granted", limit=A_PAGE)
    )
    found = [e.get("permission") for e in entries if isinstance(e, dict) and e.get("status") == "granted"]
    return frozenset(p for p in found if isinstance(p, str))


def _subscribe(name: str, login: Login) -> None:
    """Have Meta call when there is news of the Page. Without it the account is polled all the same."""
    try:
        Graph(name=name, login=login).post("me", "subscribed_apps", subscribed_fields=list(FIELDS["page"]))
    except Fault:
        return


def _token(name: str, answer: Mapping[str, Any]) -> str:
    found = answer.get("access_token")
    if not isinstance(found, str) or not found:
        raise TemporaryFault(f"{name} gave no access token. Connect the official account again.")
    return found
