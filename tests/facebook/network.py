"""A stand-in for Facebook: one Page, its public and its conversations."""

from __future__ import annotations

import json
from typing import Any

from tests.meta.graph import APP_ID, APP_SECRET, GraphStandIn, Refused, gone

PAGE = "1001"
TOKEN = "EAAPageToken0123456789"
USER = "2002"
USER_TOKEN = "EAAUserToken0123456789"
SCOPES = [
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_messaging",
]
NEEDS = {
    "visitor_posts": "pages_read_user_content",
    "conversations": "pages_messaging",
    "tagged": "pages_read_user_content",
}


class Facebook(GraphStandIn):
    def __init__(self) -> None:
        super().__init__()
        self.nodes[PAGE] = {
            "kind": "page",
            "name": "Wealdshire Police",
            "username": "wealdshirepolice",
            "category": "Police Station",
        }
        self.tokens[TOKEN] = PAGE
        self.nodes[USER] = {"kind": "user", "name": "Dee Officer"}
        self.tokens[USER_TOKEN] = USER
        self.pages = [PAGE]
        """The Pages that the person granted."""
        self.blocked: list[str] = []
        self.settings: dict[str, str] = {"PROFANITY_FILTER": "medium"}
        self.used_replies: set[str] = set()
        self.verifier = ""

    # The public

    def comment(self, under: str, text: str, *, author: str, **more: Any) -> str:
        """Somebody writes under a post or comment. An answer to an answer hangs on the first comment."""
        top = self.nodes[under]
        post = under if top["kind"] in ("post", "video") else top["post"]
        parent = "" if under == post else (top.get("parent") or {"id": under})["id"]
        made = f"{post.rpartition('_')[2]}_{self.new_id()}"
        self.nodes[made] = {
            "kind": "comment",
            "post": post,
            "message": text,
            "created_time": self.now(),
            "is_hidden": False,
            "permalink_url": f"https://www.facebook.com/{made}",
            "from": {"id": author, "name": self.name_of(author)},
            **({"parent": {"id": parent}} if parent else {}),
            **more,
        }
        return made

    def visit(self, text: str, *, author: str, edge: str = "visitor_posts") -> str:
        """Somebody posts on the Page, or names it in a post of their own."""
        made = f"{PAGE if edge == 'visitor_posts' else '9009'}_{self.new_id()}"
        self.nodes[made] = {
            "kind": "post",
            "on": edge,
            "message": text,
            "created_time": self.now(),
            "from": {"id": author, "name": self.name_of(author)},
            "permalink_url": f"https://www.facebook.com/{made}",
        }
        return made

    def write(self, text: str, *, author: str, by_us: bool = False) -> str:
        """A private message."""
        conversation = f"t_{author}"
        self.nodes.setdefault(conversation, {"kind": "conversation", "with": author})
        made = f"m_{self.new_id()}-AbC"
        at = self.now()
        self.nodes[conversation]["updated_time"] = at
        here, there = (PAGE, author) if by_us else (author, PAGE)
        self.nodes[made] = {
            "kind": "message",
            "conversation": conversation,
            "message": text,
            "created_time": at,
            "from": {"id": here, "name": self.name_of(here)},
            "to": {"data": [{"id": there, "name": self.name_of(there)}]},
        }
        return made

    def name_of(self, author: str) -> str:
        return (
            "Wealdshire Police"
            if author == PAGE
            else {"3003": "Jo Harbour", "3004": "Sam Weir"}.get(author, "Pat")
        )

    # Graph

    def edges(self, kind: str) -> set[str]:
        return {"post": {"comments", "likes"}, "comment": {"comments"}, "conversation": {"messages"}}.get(
            kind, set()
        )

    def edge(self, node: str, edge: str, params: dict[str, str]) -> list[str]:
        if NEEDS.get(edge) in self.without:
            raise Refused(
                200 if edge != "conversations" else 10,
                f"Requires {NEEDS[edge]} permission to manage the object",
                status=403,
            )
        if edge == "settings":
            self.nodes.update(
                {k: {"kind": "setting", "setting": k, "value": v} for k, v in self.settings.items()}
            )
            return list(self.settings)
        if edge == "blocked":
            return [b for b in self.blocked if params.get("uid") in (None, b)]
        if edge == "accounts":
            return self.pages
        if edge == "permissions":
            granted = [s for s in [*SCOPES, "email"] if s not in self.without]
            self.nodes.update(
                {f"perm {s}": {"kind": "setting", "permission": s, "status": "granted"} for s in granted}
            )
            return [f"perm {s}" for s in granted]
        newest = list(reversed(self.nodes))
        if edge in ("published_posts", "visitor_posts", "tagged"):
            return [i for i in newest if self.nodes[i].get("on") == edge]
        if edge == "conversations":
            assert params["platform"] == "messenger"
            found = [i for i in newest if self.nodes[i]["kind"] == "conversation"]
            found = [i for i in found if params.get("user_id") in (None, self.nodes[i]["with"])]
            return sorted(found, key=lambda i: self.nodes[i]["updated_time"], reverse=True)
        if edge == "messages":
            return [i for i in newest if self.nodes[i].get("conversation") == node][:20]
        if edge == "comments":
            return self._comments(node, params, newest)
        if edge == "likes":
            return []
        raise Refused(100, f"Unknown path components: /{edge}", subcode=2500)

    def _comments(self, node: str, params: dict[str, str], newest: list[str]) -> list[str]:
        of_post = self.nodes[node]["kind"] == "post"
        found = []
        for i in newest:
            comment = self.nodes[i]
            if comment["kind"] != "comment":
                continue
            parent = comment.get("parent", {}).get("id")
            here = comment["post"] == node if of_post else parent == node
            if here and not (of_post and parent and params.get("filter", "toplevel") == "toplevel"):
                found.append(i)
        return found if params.get("order") == "reverse_chronological" else found[::-1]

    def post(self, node: str, edge: str, params: dict[str, str], files: dict[str, bytes]) -> Any:
        found = self.nodes[node]
        if edge == "feed":
            if "pages_manage_posts" in self.without:
                raise Refused(
                    200,
                    "If posting to a page, requires both pages_read_engagement and pages_manage_posts as an admin "
                    "with sufficient administrative permission",
                    status=403,
                )
            return self._publish(
                params.get("message", ""), json.loads(params.get("attached_media", "[]")), params
            )
        if edge == "photos":
            made = self.new_id()
            assert params["published"] == "false"
            self.nodes[made] = {
                "kind": "photo",
                "alt_text": params["alt_text_custom"],
                "content": files["source"],
            }
            return {"id": made}
        if edge == "videos":
            made = self.new_id()
            post = self._publish(params.get("description", ""), [], params)["id"]
            self.nodes[made] = {
                "kind": "video",
                "post_id": post.rpartition("_")[2],
                "description": params.get("description"),
                "created_time": self.nodes[post]["created_time"],
            }
            return {"id": made}
        if edge == "messages":
            return self._message(params)
        if edge == "blocked":
            people = [str(p) for p in json.loads(params["psid"])]
            self.blocked += [p for p in people if p not in self.blocked]
            return dict.fromkeys(people, True)
        if edge == "subscribed_apps":
            return {"success": True}
        if edge == "comments":
            made = self.comment(node, params.get("message", ""), author=PAGE)
            if "attachment_id" in params:
                self.nodes[made]["attachment_id"] = params["attachment_id"]
            return {"id": made}
        if edge:
            raise Refused(100, f"Unknown path components: /{edge}", subcode=2500)
        if "is_hidden" in params:
            found["is_hidden"] = params["is_hidden"] == "true"
        if "message" in params:
            if found["from"]["id"] != PAGE:
                raise Refused(200, "Permissions error", status=403)
            found["message"] = params["message"]
        return {"success": True}

    def _publish(self, message: str, media: list[dict[str, str]], params: dict[str, str]) -> dict[str, Any]:
        last = next((n for n in reversed(self.nodes.values()) if n.get("on") == "published_posts"), None)
        if last is not None and message and last["message"] == message:
            raise Refused(506, "Duplicate status message")
        if len(message) > 63206:
            raise Refused(100, "Invalid parameter")
        made = f"{PAGE}_{self.new_id()}"
        self.nodes[made] = {
            "kind": "post",
            "on": "published_posts",
            "message": message.rstrip(),
            "created_time": self.now(),
            "from": {"id": PAGE, "name": "Wealdshire Police"},
            "permalink_url": f"https://www.facebook.com/{made}",
            "media": [m["media_fbid"] for m in media],
            "link": params.get("link"),
        }
        return {"id": made, "post_supports_client_mutation_id": True}

    def _message(self, params: dict[str, str]) -> dict[str, Any]:
        recipient, words = json.loads(params["recipient"]), json.loads(params["message"])["text"]
        comment = recipient.get("comment_id") or recipient.get("post_id")
        if comment:
            if comment in self.used_replies:
                raise Refused(10900, "Activity already replied to")
            self.used_replies.add(comment)
            author = self.nodes[comment]["from"]["id"]
        else:
            assert params["messaging_type"] == "RESPONSE"
            author = recipient["id"]
            if f"t_{author}" not in self.nodes:
                raise Refused(
                    10, "This message is sent outside of allowed window.", subcode=2018278, status=403
                )
        return {"recipient_id": author, "message_id": self.write(words, author=author, by_us=True)}

    def delete(self, node: str, edge: str, params: dict[str, str], files: dict[str, bytes]) -> Any:
        if edge == "blocked":
            self.blocked = [b for b in self.blocked if b != params["psid"]]
            return {"success": True}
        found = self.nodes[node]
        if found["kind"] == "post" and found.get("on") == "tagged":
            raise Refused(200, "Permissions error", status=403)
        for child in [
            i for i, n in self.nodes.items() if n.get("post") == node or n.get("parent") == {"id": node}
        ]:
            del self.nodes[child]
        del self.nodes[node]
        return {"success": True}

    def about(self, token: str) -> dict[str, Any]:
        if token not in self.tokens:
            return {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Invalid"}}
        return {
            "app_id": APP_ID,
            "type": "PAGE",
            "is_valid": True,
            "scopes": [s for s in SCOPES if s not in self.without],
            "expires_at": 0,
        }

    def oauth(self, params: dict[str, str]) -> Any:
        if (params.get("client_id"), params.get("client_secret")) != (APP_ID, APP_SECRET):
            raise Refused(1, "Error validating client secret.")
        if params.get("grant_type") == "fb_exchange_token":
            if params["fb_exchange_token"] != "EAAShort":
                raise Refused(190, "Invalid OAuth access token.", status=401)
            return {"access_token": USER_TOKEN, "token_type": "bearer", "expires_in": 5184000}
        if params.get("code") != "the-code" or params.get("code_verifier") != self.verifier:
            raise Refused(100, "This authorization code has been used.", subcode=36009)
        return {"access_token": "EAAShort", "token_type": "bearer", "expires_in": 5000}

    def render(self, node: str, fields: str) -> dict[str, Any]:
        if node not in self.nodes and node in self.blocked:
            return {"id": node, "name": self.name_of(node)}
        if node not in self.nodes:
            raise gone(node)
        answer = super().render(node, fields.replace(",access_token", ""))
        if self.nodes[node]["kind"] == "page" and "access_token" in fields:
            answer["access_token"] = TOKEN if node == PAGE else f"EAA{node}"
        return answer


class PublicVoice:
    """Jo, who writes on the Page."""

    def __init__(self, facebook: Facebook) -> None:
        self.facebook = facebook

    def reply(self, under, text):
        return self.facebook.comment(under.external_id, text, author="3003")

    def write_privately(self, text):
        return self.facebook.write(text, author="3003")

    def edit(self, external_id, text):
        self.facebook.nodes[external_id]["message"] = text

    def delete(self, external_id):
        del self.facebook.nodes[external_id]

    def sees(self, external_id, *, under):
        found = self.facebook.nodes.get(external_id)
        return found is not None and not found["is_hidden"]
