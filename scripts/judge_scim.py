"""scim2-tester against a started demonstration: `judge_scim.py http://127.0.0.1:8000`.

It makes a directory key in the browser's way, as the service administrator of the demonstration force, and
revokes it at the end. The people and groups that the judge adds stay, as leavers and removed groups: use a
demonstration that may be reset. Ends with 1 where a check fails; a search over both kinds at once is not
spoken (501), and the judge skips it.
"""

from __future__ import annotations

import html
import re
import sys
from collections import Counter
from typing import Any

import httpx
from scim2_client.client import BaseSyncSCIMClient
from scim2_client.errors import RequestNetworkException
from scim2_tester import Status, check_server

GOOD = {Status.SUCCESS, Status.COMPLIANT, Status.SKIPPED, Status.ACCEPTABLE}


class Caller(BaseSyncSCIMClient):
    """Asks over httpx, which the platform's own lock holds."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self.client = client

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return "://" not in endpoint or endpoint.startswith(str(self.client.base_url))

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            return self.client.request(method, url, **more)
        except httpx.RequestError as fault:
            raise RequestNetworkException() from fault


class Administrator:
    """The service administrator of the demonstration at their browser."""

    def __init__(self, address: str) -> None:
        self.browser = httpx.Client(base_url=address, follow_redirects=True, headers={"Referer": address})
        self.send("/demo/", "/demo/", persona="ben_osei")

    def send(self, page: str, path: str, **fields: str) -> str:
        """Send a form of a page. Answers the page that comes."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.browser.get(page).text)
        if found is None:
            sys.exit(f"{page} has no form: is this a demonstration that is up?")
        answer = self.browser.post(path, data={**fields, "csrfmiddlewaretoken": found[1]})
        answer.raise_for_status()
        return answer.text

    def make_key(self) -> str:
        page = "/register/staff/directory/keys/new/"
        said = self.send(page, page, name="scim2-tester", days="30")
        return html.unescape(re.search(r"smmp-scim-[\w-]+", said)[0])  # type: ignore[index]

    def revoke_key(self) -> None:
        listed = self.browser.get("/register/staff/directory/").text
        for path in re.findall(
            r'href="(/register/staff/directory/keys/\d+/revoke/)"[^>]*>Revoke<[^>]*> scim2-tester', listed
        ):
            self.send(path, path, why="The judge has judged")


def main(address: str) -> int:
    administrator = Administrator(address)
    token = administrator.make_key()
    try:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{address}/scim/v2", headers=headers, timeout=30) as client:
            results = check_server(Caller(client))
    finally:
        administrator.revoke_key()
    for result in results:
        if result.status not in GOOD:
            print(f"{result.status.name}: {result.title} ({result.resource_type}): {result.reason}")
    counts = Counter(result.status.name.lower() for result in results)
    print("scim2-tester: " + ", ".join(f"{number} {word}" for word, number in sorted(counts.items())))
    return int(any(result.status not in GOOD for result in results))


if __name__ == "__main__":
    sys.exit(main((sys.argv[1:] or ["http://127.0.0.1:8000"])[0].rstrip("/")))
