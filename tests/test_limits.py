import asyncio
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet

from auth.viewer import Viewer
from models.audit import Doer
from models.cache import Cache
from models.outward import Outward
from resolvers.context import Context
from schema.errors import present
from schema.limits import DOCUMENTS, MAX_DEPTH, MAX_TOKENS
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
    documents = [f"{{ {'__typename ' * (count - 2)} }}" for count in (100, MAX_TOKENS + 1)]

    assert [await answered(document) for document in documents] == [
        ({"__typename": "Query"}, []),
        (None, ["PARSE_FAILED"]),
    ]


async def test_fragments_that_double_at_each_level_are_answered_at_once() -> None:
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30))

    found = await answered(f"{{ ...F0 }} {doubling} fragment F30 on Query {{ __typename }}")

    assert found == ({"__typename": "Query"}, [])


async def test_fields_that_double_at_each_level_are_answered_at_once() -> None:
    doubling = " ".join(
        f"fragment F{n} on __Type {{ a: ofType {{ ...F{n + 1} }} b: ofType {{ ...F{n + 1} }} }}"
        for n in range(60)
    )

    found = await answered(
        f"{{ __schema {{ types {{ ...F0 }} }} }} {doubling} fragment F60 on __Type {{ name }}"
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


@pytest.mark.parametrize(
    "document",
    [
        "{ " + "viewer { label } " * 499 + "}",
        "{ " + "viewer { ...A } " * 390 + "} fragment A on Viewer { label }",
        "{ " + " ".join(f"n{n}" for n in range(1990)) + " }",
        "{ __typename " + "@skip(if: true) " * 280 + "}",
    ],
    ids=["fields that merge", "fragments that merge", "unknown fields", "directives"],
)
async def test_a_document_as_long_as_it_may_be_is_judged_at_once(document: str) -> None:
    _, codes = await answered(document)

    assert set(codes) <= {"VALIDATION_FAILED"}


async def test_only_so_many_documents_are_remembered() -> None:
    for number in range(DOCUMENTS + 10):
        await answered(f"query Q{number} {{ __typename }}")

    assert remembered() == [DOCUMENTS, DOCUMENTS]


def remembered() -> list[int]:
    """How many documents are remembered parsed, and how many validated."""
    named = ("cached_parse_document", "cached_validate_document")
    caches = [vars(extension).get(name) for extension in schema.get_extensions() for name in named]
    return [cache.cache_info().currsize for cache in caches if cache]
