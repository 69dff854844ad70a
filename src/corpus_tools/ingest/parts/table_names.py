"""What the columns of tables of comments are usually called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PAGES = ("thread", "article", "story", "post", "submission", "topic", "video", "news", "link", "page")
"""What people call that which is commented on."""


def _of_page(*words: str) -> tuple[str, ...]:
    return tuple(f"{page}_{word}" for page in _PAGES for word in words)


OF_PAGES: Mapping[str, tuple[str, ...]] = {
    # `link_url` is not here: Reddit calls the linked page so.
    "url": tuple(name for name in _of_page("permalink", "url") if name != "link_url"),
    "title": _of_page("title", "headline"),
}
"""Ours -> names of columns that are the same in all rows of a thread, and so tell threads apart."""
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text",
        "body",
        "content",
        "comment",
        "comment_text",
        "comment_body",
        "message",
        "comment_content",
        "comment_message",
        "text_original",
        "text_display",
        "full_text",
        "contents",
    ),
    "id": ("id", "comment_id", "cid", "object_id"),
    "thread": ("thread", *_of_page("id"), "conversation_id", "asset_id", *_of_page("key", "slug", "shortcode")),
    "parent": (
        "parent",
        "parent_id",
        "parent_comment_id",
        "comment_parent_id",
        "comment_parent",
        "reply_to",
        "in_reply_to",
        "reply_to_id",
        "reply_to_cid",
        "in_reply_to_id",
        "reply_to_comment_id",
        "in_reply_to_comment_id",
    ),
    "author": (
        "author",
        "author_name",
        "comment_author",
        "comment_author_name",
        "author_display_name",
        "user_display_name",
        "display_name",
        "author_username",
        "user",
        "username",
        "user_name",
        "user_username",
        "comment_user",
        "comment_user_name",
        "comment_username",
        "commenter",
        "commenter_name",
        "commenter_username",
        "screen_name",
        "nickname",
        "name",
    ),
    # Numbers of users are not here: those of two platforms would be taken for one.
    "handle": ("handle", "username", "user_name", "author_username", "user_username", "screen_name"),
    # Reddit's `created` is not here: it is shifted by a zone that nobody knows.
    "time": (
        "time",
        "created_at",
        "created_utc",
        "date",
        "timestamp",
        "published_at",
        "created_date",
        "create_date",
        "created_time",
        "create_time",
        "created_on",
        "creation_date",
        "date_created",
        "comment_time",
        "comment_date",
        "comment_timestamp",
        "comment_created_at",
        "comment_created_utc",
        "comment_posted_time",
        "posted_at",
        "posted_on",
        "date_posted",
        "publish_date",
        "published_date",
        "published",
        "datetime",
    ),
    "title": (*OF_PAGES["title"], "title", "headline"),
    "url": (*OF_PAGES["url"], "url", "link", "permalink"),
    "kind": ("kind",),
    "article": ("article", *_of_page("text", "body", "content", "selftext")),
}
"""Ours -> the usual names, of which the first that a table has is taken."""
TYPES = ("type", "data_type", "item_type", "entry_type", "record_type", "comment_type")
"""Names of columns that may say what a row is, or something else: only their values tell."""


def called(columns: Iterable[str]) -> dict[str, str]:
    """Our names -> columns that are called so."""
    known = {plain(column): column for column in reversed([*columns]) if column}
    found: dict[str, str] = {}
    for ours, names in SYNONYMS.items():
        for name in names:
            if name in known and known[name] not in found.values():
                found[ours] = known[name]
                break
    return found


def plain(name: str) -> str:
    """A name in lower case with its words joined by `_`: `commentText` and `Comment Text` are `comment_text`."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
