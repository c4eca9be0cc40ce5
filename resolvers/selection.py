"""Which fields of which fields a client asked for."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
)


class Selection(Mapping[str, "Selection"]):
    """Fields by their name in the schema, each with its own selection. Hashable.

    Fragments are merged whatever their type or condition: a column too many does no harm.
    """

    __slots__ = ("_fields", "_hash")

    def __init__(self, fields: Mapping[str, "Selection"]) -> None:
        self._fields = dict(fields)
        self._hash = hash(frozenset(self._fields.items()))

    def __getitem__(self, name: str) -> "Selection":
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Selection) and self._fields == other._fields

    def under(self, *path: str) -> "Selection":
        """The selection at `path` from here; empty where nothing was asked for."""
        here = self
        for name in path:
            here = here.get(name, NOTHING)
        return here

    def __or__(self, other: "Selection") -> "Selection":
        merged = dict(self._fields)
        for name, inner in other.items():
            merged[name] = merged[name] | inner if name in merged else inner
        return Selection(merged)


NOTHING = Selection({})


class Same:
    """What is known by which it is: as a key, a document is not walked through to be compared.

    `beside` comes with it, and is not compared.
    """

    __slots__ = ("beside", "it")

    def __init__(self, it: Any, beside: Any = None) -> None:
        self.it, self.beside = it, beside

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.it is other.it

    def __hash__(self) -> int:
        return id(self.it)


def selected(info: Any) -> Selection:
    """What the client asked of the field being resolved."""
    raw: GraphQLResolveInfo[Any] = info._raw_info  # noqa: SLF001  (Strawberry's own info re-walks it)
    merged, *more = (_under(Same(node, raw.fragments)) for node in raw.field_nodes)
    for one in more:
        merged = merged | one
    return merged


@lru_cache(2048)
def _under(field: Same) -> Selection:
    fragments: dict[str, Selection] = {}

    def walk(selections: SelectionSetNode | None) -> Selection:
        found: dict[str, Selection] = {}
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                inner, name = walk(node.selection_set), node.name.value
                found[name] = found[name] | inner if name in found else inner
                continue
            spread = fragment(node.name.value) if isinstance(node, FragmentSpreadNode) else None
            if isinstance(node, InlineFragmentNode):
                spread = walk(node.selection_set)
            for name, inner in (spread or NOTHING).items():
                found[name] = found[name] | inner if name in found else inner
        return Selection(found)

    def fragment(name: str) -> Selection:
        if name not in fragments:
            fragments[name] = walk(field.beside[name].selection_set)
        return fragments[name]

    return walk(field.it.selection_set)
