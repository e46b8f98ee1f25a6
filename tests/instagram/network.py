"""A stand-in for Instagram: one professional account, the Page that it hangs on, and its public."""

from __future__ import annotations

import json
from typing import Any

from tests.meta.graph import APP_ID, GraphStandIn, Refused

PAGE = "1001"
TOKEN = "EAAPageToken0123456789"
ACCOUNT = "17841400000000001"
SCOPES = [
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_messages",
    "pages_manage_metadata",
]


class Instagram(GraphStandIn):
    def __init__(self) -> None:
        super().__init__()
        self.nodes[PAGE] = {
            "kind": "page",
            "name": "Wealdshire Police",
            "instagram_business_account": {"id": ACCOUNT},
        }
        self.tokens[TOKEN] = PAGE
        self.nodes[ACCOUNT] = {"kind": "ig", "username": "wealdshirepolice", "name": "Wealdshire Police"}
        self.quota = (0, 100)
        self.ready_after = 0
        """How often the state of a container is asked for until it is ready."""
        self.container_state = "FINISHED"
        self.used_replies: set[str] = set()

    # The public

    def comment(self, under: str, text: str, *, author: str, **more: Any) -> str:
        """Somebody writes under a post or a comment; there is one level of answers."""
        top = self.nodes[under]
        medium = under if top["kind"] == "media" else top["media_id"]
        parent = "" if under == medium else top.get("parent_id") or under
        made = f"1790{self.new_id()}"
        self.nodes[made] = {
            "kind": "igcomment",
            "media_id": medium,
            "text": text,
            "timestamp": self.now(),
            "hidden": False,
            "username": self.name_of(author),
            "from": {"id": author, "username": self.name_of(author)},
            **({"parent_id": parent} if parent else {}),
            **more,
        }
        return made

    def tag(self, caption: str, *, author: str) -> str:
        """Somebody tags the account in a post of their own."""
        made = f"1800{self.new_id()}"
        self.nodes[made] = {
            "kind": "media",
            "on": "tags",
            "caption": caption,
            "timestamp": self.now(),
            "username": self.name_of(author),
            "media_type": "IMAGE",
            "media_url": "https://cdn.example/tagged.jpg",
        }
        return made

    def write(self, text: str, *, author: str, by_us: bool = False) -> str:
        """A private message."""
        conversation = f"aWdf{author}"
        self.nodes.setdefault(conversation, {"kind": "conversation", "with": author})
        made = f"aWdfZAG1f{self.new_id()}"
        at = self.now()
        self.nodes[conversation]["updated_time"] = at
        here, there = (ACCOUNT, author) if by_us else (author, ACCOUNT)
        self.nodes[made] = {
            "kind": "message",
            "conversation": conversation,
            "message": text,
            "created_time": at,
            "from": {"id": here, "username": self.name_of(here)},
            "to": {"data": [{"id": there, "username": self.name_of(there)}]},
        }
        return made

    def name_of(self, author: str) -> str:
        return (
            "wealdshirepolice" if author == ACCOUNT else {"3003": "jo_h", "3004": "sam_w"}.get(author, "pat")
        )

    # Graph

    def edges(self, kind: str) -> set[str]:
        return {"media": {"comments"}, "igcomment": {"replies"}, "conversation": {"messages"}}.get(
            kind, set()
        )

    def edge(self, node: str, edge: str, params: dict[str, str]) -> list[str]:
        newest = list(reversed(self.nodes))
        if edge == "conversations":
            if "instagram_manage_messages" in self.without:
                raise Refused(10, "Requires instagram_manage_messages permission", status=403)
            assert params["platform"] == "instagram"
            found = [i for i in newest if self.nodes[i]["kind"] == "conversation"]
            found = [i for i in found if params.get("user_id") in (None, self.nodes[i]["with"])]
            return sorted(found, key=lambda i: self.nodes[i]["updated_time"], reverse=True)
        if edge == "messages":
            return [i for i in newest if self.nodes[i].get("conversation") == node][:20]
        if edge in ("media", "tags"):
            return [i for i in newest if self.nodes[i].get("on") == edge]
        if edge == "comments":
            return [
                i
                for i in newest
                if self.nodes[i].get("media_id") == node and "parent_id" not in self.nodes[i]
            ]
        if edge == "replies":
            return [i for i in self.nodes if self.nodes[i].get("parent_id") == node]
        if edge == "content_publishing_limit":
            used, most = self.quota
            self.nodes["limit"] = {
                "kind": "setting",
                "quota_usage": used,
                "config": {"quota_total": most, "quota_duration": 86400},
            }
            return ["limit"]
        raise Refused(100, f"Unknown path components: /{edge}", subcode=2500)

    def render(self, node: str, fields: str) -> dict[str, Any]:
        found = self.nodes.get(node, {})
        if found.get("kind") == "container":
            found["asked"] = found.get("asked", 0) + 1
            if found["asked"] > self.ready_after and found["status_code"] == "IN_PROGRESS":
                found["status_code"] = self.container_state
        return super().render(node, fields)

    def post(self, node: str, edge: str, params: dict[str, str], files: dict[str, bytes]) -> Any:
        if edge == "media":
            return {"id": self._contain(params)}
        if edge == "media_publish":
            return {"id": self._publish(params["creation_id"])}
        if edge == "replies":
            if "parent_id" in self.nodes[node]:
                raise Refused(100, "Only top-level comments can be replied to")
            return {"id": self.comment(node, params["message"], author=ACCOUNT)}
        if edge == "mentions":
            return {"id": self.comment(params["media_id"], params["message"], author=ACCOUNT)}
        if edge == "messages":
            return self._message(params)
        if edge:
            raise Refused(100, f"Unknown path components: /{edge}", subcode=2500)
        self.nodes[node]["hidden"] = params["hide"] == "true"
        return {"success": True}

    def _contain(self, params: dict[str, str]) -> str:
        made = f"1778{self.new_id()}"
        if len(params.get("caption", "")) > 2200:
            raise Refused(36004, "The caption was too long.", subcode=2207010)
        children = json.loads(params.get("children", "[]"))
        if params.get("media_type") == "CAROUSEL":
            assert 2 <= len(children) <= 10
            assert all(self.nodes[c]["status_code"] == "FINISHED" for c in children)
            assert all(self.nodes[c]["params"]["is_carousel_item"] == "true" for c in children)
        else:
            assert params.get("image_url", params.get("video_url", "")).startswith("https://")
        self.nodes[made] = {"kind": "container", "status_code": "IN_PROGRESS", "params": params}
        return made

    def _publish(self, container_id: str) -> str:
        container = self.nodes[container_id]
        if container["status_code"] == "PUBLISHED":
            raise Refused(24, "The media container is gone.", subcode=2207006)
        if container["status_code"] != "FINISHED":
            raise Refused(9007, "The media is not ready for publishing.", subcode=2207027)
        container["status_code"] = "PUBLISHED"
        made = f"1800{self.new_id()}"
        self.nodes[made] = {
            "kind": "media",
            "on": "media",
            "caption": container["params"].get("caption", ""),
            "timestamp": self.now(),
            "username": "wealdshirepolice",
            "permalink": f"https://www.instagram.com/p/{made}/",
            "container": container_id,
        }
        return made

    def _message(self, params: dict[str, str]) -> dict[str, Any]:
        recipient, words = json.loads(params["recipient"]), json.loads(params["message"])["text"]
        comment = recipient.get("comment_id")
        if comment:
            if comment in self.used_replies:
                raise Refused(10900, "Activity already replied to")
            self.used_replies.add(comment)
            author = self.nodes[comment]["from"]["id"]
        else:
            author = recipient["id"]
            if f"aWdf{author}" not in self.nodes:
                raise Refused(
                    10, "This message is sent outside of allowed window.", subcode=2534022, status=403
                )
        return {"recipient_id": author, "message_id": self.write(words, author=author, by_us=True)}

    def delete(self, node: str, edge: str, params: dict[str, str], files: dict[str, bytes]) -> Any:
        for child in [i for i, n in self.nodes.items() if node in (n.get("media_id"), n.get("parent_id"))]:
            del self.nodes[child]
        del self.nodes[node]
        return {"success": True}

    def about(self, token: str) -> dict[str, Any]:
        return {"app_id": APP_ID, "is_valid": True, "scopes": [s for s in SCOPES if s not in self.without]}


class PublicVoice:
    """Jo, who writes on Instagram."""

    def __init__(self, instagram: Instagram) -> None:
        self.instagram = instagram

    def reply(self, under, text):
        return self.instagram.comment(under.external_id, text, author="3003")

    def write_privately(self, text):
        return self.instagram.write(text, author="3003")

    def edit(self, external_id, text):
        self.instagram.nodes[external_id]["text"] = text

    def delete(self, external_id):
        del self.instagram.nodes[external_id]

    def sees(self, external_id, *, under):
        found = self.instagram.nodes.get(external_id)
        return found is not None and not found["hidden"]
