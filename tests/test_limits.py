import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from graphql import get_introspection_query

from auth.viewer import Viewer
from models.audit import Doer
from models.cache import Cache
from models.outward import Outward
from resolvers.context import Context
from schema.bounds import (
    MAX_ALIASES,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_LEAVES,
    MAX_OBJECTS,
    MAX_ROOT_FIELDS,
    MAX_SPREADS,
)
from schema.cost import DOCUMENTS, price
from schema.errors import present
from schema.limits import MAX_TOKENS, judged, parsed
from schema.root import schema

pytestmark = [
    pytest.mark.usefixtures("world"),
    pytest.mark.parametrize("databases", ["sqlite"], indirect=True),
]
GUARD = 10
"""Seconds after which a document that should be quick is said to hang; minutes if it would."""

OUTWARD = Outward(MultiFernet([Fernet(Fernet.generate_key())]))


async def answered(query: str) -> tuple[Any, list[str]]:
    """The data of an answer, and the codes of its errors."""
    context = Context(Viewer(1, "Caf du Rhône"), Cache(""), Doer(1, "Caf du Rhône"), str, OUTWARD)
    async with asyncio.timeout(GUARD):
        result = await schema.execute(query, context_value=context)
    errors = present(result.errors or (), executed=False)
    return result.data, [error["extensions"]["code"] for error in errors]


def depth(levels: int) -> str:
    """An operation of so many fields within fields."""
    opening = "{ __schema { types { fields { type " + "{ ofType " * (levels - 5) + "{ name"
    return opening + " }" * opening.count("{")


async def test_an_operation_may_be_as_deep_as_said_and_no_deeper() -> None:
    assert (await answered(depth(MAX_DEPTH)))[1] == []
    assert await answered(depth(MAX_DEPTH + 1)) == (None, ["TOO_DEEP"])


async def test_depth_counts_through_fragments() -> None:
    fields = " ".join(
        f"fragment F{n} on __Type {{ ofType {{ ...F{n + 1} }} }}" for n in range(MAX_DEPTH - 3)
    )
    last = f"fragment F{MAX_DEPTH - 3} on __Type {{ name }}"

    found = await answered(f"{{ __schema {{ types {{ ofType {{ ...F0 }} }} }} }} {fields} {last}")

    assert found == (None, ["TOO_DEEP"])


async def test_a_document_may_have_as_many_tokens_as_said_and_no_more() -> None:
    documents = [f"{{ {'__typename ' * (count - 2)} }}" for count in (MAX_TOKENS, MAX_TOKENS + 1)]

    assert [await answered(document) for document in documents] == [
        (None, ["TOO_COMPLEX"]),
        (None, ["PARSE_FAILED"]),
    ]


async def test_fragments_that_double_at_each_level_are_answered_at_once() -> None:
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(29))

    found = await answered(f"{{ ...F0 }} {doubling} fragment F29 on Query {{ __typename }}")

    assert found == (None, ["TOO_COMPLEX"])


async def test_fields_that_double_at_each_level_are_answered_at_once() -> None:
    doubling = " ".join(
        f"fragment F{n} on __Type {{ a: ofType {{ ...F{n + 1} }} b: ofType {{ ...F{n + 1} }} }}"
        for n in range(29)
    )

    found = await answered(
        f"{{ __schema {{ types {{ ...F0 }} }} }} {doubling} fragment F29 on __Type {{ name }}"
    )

    assert found == (None, ["TOO_DEEP"])


@pytest.mark.parametrize(
    "cycle",
    [
        "fragment A on Query { ...A }",
        "fragment A on Query { ...B } fragment B on Query { ...A }",
        "fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }",
    ],
)
async def test_fragments_in_a_circle_do_not_fit_the_schema(cycle: str) -> None:
    data, codes = await answered(f"{{ ...A }} {cycle}")

    assert (data, set(codes)) == (None, {"VALIDATION_FAILED"})


@pytest.mark.parametrize(
    "document",
    [
        "{" * 2000,
        "{ a " * 600 + "} " * 600,
        "{ ... " * 600 + "{ __typename } " + "} " * 600,
        "{ reviews(after: " + "[" * 900 + "]" * 900 + ") { totalCount } }",
        "{ reviews(after: " + "{a: " * 400 + "1" + "}" * 400 + ") { totalCount } }",
        "query ($a: " + "[" * 900 + "Int" + "]" * 900 + ") { __typename }",
    ],
    ids=["braces", "fields", "fragments", "lists", "objects", "types"],
)
async def test_a_document_nested_beyond_reason_is_not_read(document: str) -> None:
    assert await answered(document) == (None, ["PARSE_FAILED"])


FRAGMENTS = " ".join(f"fragment F{n} on Viewer {{ label }}" for n in range(MAX_SPREADS + 1))
BOUNDS = {
    "aliases": (lambda n: " ".join(f"a{i}: label" for i in range(n)), MAX_ALIASES),
    "directives": (lambda n: "label @skip(if: false) " * n, MAX_DIRECTIVES),
    "fragments": (lambda n: " ".join(f"...F{i}" for i in range(n)), MAX_SPREADS),
    "objects": (lambda n: "grants { role } " * n, MAX_OBJECTS),
    "leaves": (lambda n: "label " * n, MAX_LEAVES),
}


@pytest.mark.parametrize(("part", "most"), BOUNDS.values(), ids=BOUNDS)
async def test_a_document_may_repeat_and_branch_as_often_as_said(
    part: Callable[[int], str], most: int
) -> None:
    asked = [f"{{ viewer {{ {part(n)} }} }}" for n in (most, most + 1)]
    spread = FRAGMENTS if part is BOUNDS["fragments"][0] else ""

    _, within = await answered(f"{asked[0]} {spread.rpartition('fragment')[0]}")
    found = await answered(f"{asked[1]} {spread}")

    assert "TOO_COMPLEX" not in within
    assert found == (None, ["TOO_COMPLEX"])


async def test_fields_at_the_root_are_counted_through_fragments() -> None:
    fields = " ".join(f"f{n}: __typename" for n in range(MAX_ROOT_FIELDS))
    spread = f"fragment F on Query {{ {fields} }}"

    assert (await answered(f"{{ ...F }} {spread}"))[1] == []
    assert await answered(f"{{ ...F __typename }} {spread}") == (None, ["TOO_COMPLEX"])


async def test_the_usual_introspection_is_answered() -> None:
    assert (await answered(get_introspection_query(input_value_deprecation=True)))[1] == []


async def test_only_so_many_documents_are_remembered() -> None:
    for number in range(DOCUMENTS + 10):
        await answered(f"query Q{number} {{ __typename }}")

    sizes = [cache.cache_info().currsize for cache in (parsed, judged, price)]
    assert sizes == [DOCUMENTS, DOCUMENTS, DOCUMENTS]
