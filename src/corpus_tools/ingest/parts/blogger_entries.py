"""What the entries of Blogger's feeds say of themselves, in whichever of its schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tools.ingest.markup import one_line
from corpus_tools.ingest.model import COMMENT
from corpus_tools.ingest.parts.atom import child, children
from corpus_tools.ingest.parts.elements import words

if TYPE_CHECKING:
    from lxml.etree import _Element

POST, PAGE = "post", "page"
_ID = re.compile(r"blog-([\w-]{1,64})\.((?:post|page|comment)-[\w.-]{1,128})$")
_COMMENTS_OF = re.compile(r"/(\d{1,32})/comments/default")
_ONE_COMMENT = re.compile(r"/comments/default/(\d{1,32})")
_ONE_POST = re.compile(r"/posts/default/(\d{1,32})")
_NOTICES = {
    "this comment has been removed by the author.": "deleted",
    "this post has been removed by the author.": "deleted",
    "this comment has been removed by a blog administrator.": "removed",
    "this post has been removed by a blog administrator.": "removed",
    "dieser kommentar wurde vom autor entfernt.": "deleted",
    "dieser kommentar wurde von einem blog-administrator entfernt.": "removed",
}
"""What Blogger puts in place of a comment that was taken out, where the export has no other mark of it."""
OTHERS = {"settings": "settings of the blog", "template": "templates of the blog", "layout": "templates of the blog"}

Ref = tuple[str, str]
"""The number of a blog, or the name of a feed, and what is called so in it: `post-17`."""


def kind_of(element: _Element) -> str:
    """What an entry is: `post`, `page`, `comment`, or a word for what is none."""
    for category in children(element, "category"):
        _, sign, kind = (category.get("term") or "").partition("blogger/2008/kind#")
        if sign:
            return kind.casefold()
    if said := words(child(element, "type")):
        return said.casefold()
    name = words(child(element, "id"))
    if other := next((one for one in OTHERS if f".{one}" in name), None):
        return other
    if child(element, "in-reply-to", "parent", "inReplyTo") is not None:
        return COMMENT
    return POST if child(element, "content", "summary") is not None else ""


def ref_of(said: str | None, blog: str) -> Ref | None:
    """What an id names; None where it is none, or looks like a place in the file."""
    said = one_line(said or "")
    if found := _ID.search(said[-256:]):
        return found[1], found[2]
    return None if not said or len(said) > 256 or said.startswith(("/", "row=", "char=")) else (blog, said)


def post_of(element: _Element, own: Ref | None, blog: str) -> Ref | None:
    """The post that a comment stands under."""
    for named in children(element, "in-reply-to"):
        if ref := ref_of(named.get("ref"), blog):
            return ref
        if found := _ONE_POST.search(named.get("source") or ""):
            return blog, f"post-{found[1]}"
    if ref := ref_of(words(child(element, "parent")), blog):
        return ref
    for link in children(element, "link"):
        if link.get("rel") in ("self", "edit") and (found := _COMMENTS_OF.search(link.get("href") or "")):
            return blog, f"post-{found[1]}"
    # What converters write: post-17.comment-8
    post, sign, _ = own[1].partition(".comment-") if own else ("", "", "")
    return (blog, post) if sign and post else None


def answered_by(element: _Element, blog: str) -> Ref | None:
    """The comment that a comment answers; None where it answers the post."""
    if ref := ref_of(words(child(element, "inReplyTo")), blog):
        return ref
    for link in children(element, "link"):
        if link.get("rel") == "related" and (found := _ONE_COMMENT.search(link.get("href") or "")):
            return blog, f"post-{found[1]}"
    return None


def is_draft(element: _Element) -> bool:
    """Whether an entry of the older schema is marked as not published."""
    return words(child(child(element, "control"), "draft")).casefold() == "yes"


def taken_out(element: _Element) -> str | None:
    """The kind of a comment whose words Blogger has replaced by a notice; None for one that has its own."""
    said = words(child(element, "content"))
    notice = one_line(re.sub("<[^<>]*>", "", said)).casefold() if len(said) < 256 else ""
    if kind := _NOTICES.get(notice):
        return kind
    for marked in children(element, "extendedProperty"):
        if marked.get("name") == "blogger.contentRemoved" and (marked.get("value") or "").casefold() != "false":
            return "deleted"
    return None
