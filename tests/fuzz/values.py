"""Values for the arguments of the schema: right, nearly right, and nothing like it."""

import base64
import json
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from hypothesis import strategies as some

from schema.root import schema

Strategy = some.SearchStrategy[Any]

TEXTS: Strategy = (
    some.text(max_size=40)
    | some.sampled_from(["", " ", "\0", "a\0b", "\ud800", "\udfff", "\u202e", "%", "_", "'", '"'])
    | some.sampled_from(["'; DROP TABLE review; --", "é" * 300, "x" * 30_000, "\U0001f4a9", "{0}"])
)
NUMBERS: Strategy = some.integers(-5, 150) | some.sampled_from(
    [2**31 - 1, 2**31, -(2**31), 2**63, -(2**63), 10**30]
)
JUNK: Strategy = some.recursive(
    some.none() | some.booleans() | NUMBERS | some.floats(allow_nan=False) | TEXTS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
KINDS = [name for name in schema._schema.type_map if name[0] != "_"]


def encoded(said: str) -> str:
    """`said` as ids and cursors are written."""
    return base64.b64encode(said.encode(errors="surrogatepass")).decode()


IDS: Strategy = (
    some.builds(lambda kind, key: encoded(f"{kind}:{key}"), some.sampled_from(KINDS), NUMBERS)
    | some.builds(lambda kind, key: encoded(f"{kind}:{key}"), some.sampled_from(KINDS), TEXTS)
    | TEXTS.map(encoded)
    | TEXTS
)
CURSORS: Strategy = (
    some.lists(JUNK | some.sampled_from(["newest", "published:desc"]), max_size=4).map(
        lambda place: encoded(json.dumps(place)).rstrip("=")
    )
    | TEXTS.map(encoded)
    | TEXTS
)
SCALARS: dict[str, Strategy] = {
    "ID": IDS,
    "Int": NUMBERS,
    "Float": some.floats(allow_nan=False) | NUMBERS,
    "Boolean": some.booleans(),
    "Date": some.dates().map(str) | TEXTS | some.sampled_from(["0000-00-00", "9999-12-31"]),
    "DateTime": some.datetimes().map(lambda at: f"{at.isoformat()}Z") | TEXTS,
    "String": TEXTS | some.sampled_from(["caf", "police", "69", "2A"]) | CURSORS,
}


def value(kind: GraphQLInputType) -> Strategy:
    """What may be given for an input of that type; now and then what may not."""
    return some.integers(0, 19).flatmap(lambda dice: JUNK if dice == 0 else _fit(kind))


def _fit(kind: GraphQLInputType) -> Strategy:
    if not is_non_null_type(kind):
        return some.integers(0, 5).flatmap(lambda dice: some.none() if dice == 0 else _whole(kind))
    return _whole(kind)


def _whole(kind: GraphQLInputType) -> Strategy:
    inner: Any = get_nullable_type(kind)
    if is_list_type(inner):
        of: GraphQLList[Any] = inner
        return some.lists(value(of.of_type), max_size=4)
    named = get_named_type(inner)
    if isinstance(named, GraphQLEnumType):
        return some.sampled_from(list(named.values))
    if isinstance(named, GraphQLInputObjectType):
        needed = {k: value(f.type) for k, f in named.fields.items() if is_required_input_field(f)}
        rest = {k: value(f.type) for k, f in named.fields.items() if k not in needed}
        return some.fixed_dictionaries(needed, optional=rest)
    return SCALARS.get(named.name, JUNK)
