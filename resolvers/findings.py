"""Passages that are proposed to be looked at, as plain rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.detection import FoundBy
from models.reply import ReplyText
from resolvers.names import FindingKind
from resolvers.rows import Row


def rows(found: Mapping[str, Iterable[Any]]) -> list[Row]:
    """The findings of each text: kind, start and end, and what found it if not a rule."""
    return [_row(name, *one) for name, several in found.items() for one in several]


def of_reply(texts: str) -> list[Row]:
    """Those in a reply, from its greeting, signature and body, each on a line of its own."""
    greeting, signature, body = texts.split("\n", 2)
    return rows(ReplyText(body, greeting, signature).findings)


def _row(name: str, kind: str, start: int, end: int, by: str = FoundBy.RULE) -> Row:
    row = Row()
    row.field, row.kind, row.start, row.end = name, FindingKind(kind), start, end
    row.by = FoundBy(by)
    return row
