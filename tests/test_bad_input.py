"""Whatever is given to any mutation: a stable code, nothing of the inside, and nothing changed."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
)

from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.sql import Sql, fetch
from schema.root import schema
from tests import factories as make
from tests.client import Client
from tests.test_rights import ASKED, MODERATES, things

_CORE = schema._schema
assert _CORE.mutation_type
MUTATIONS: dict[str, GraphQLField] = _CORE.mutation_type.fields
OBJECT_FIRST = sorted(name for name, field in MUTATIONS.items() if "id" in field.args)
TABLES = (
    "access_grant",
    "account",
    "audit_entry",
    "contact_request",
    "event",
    "late_edit",
    "network",
    "reply",
    "reply_template",
    "reply_version",
    "review",
    "submission",
)
TEXTS = {
    "too long": "x" * 25_000,
    "nothing": " \u00a0\t\n\x00",
    "nul within": "a\x00b",
    "odd characters": "\x01\x07\x1b[31m\x7f\x9f\u202eabc\u2066&amp;&amp;" + "😀" * 300,
}


def sample(kind: GraphQLInputType, text: str) -> Any:
    """A value of `kind`, with `text` wherever a text is taken."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type, text)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type, text)]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: sample(field.type, text) for name, field in kind.fields.items()}
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    known: dict[str, Any] = {
        "Int": 1,
        "Boolean": True,
        "Date": "2026-01-01",
        "DateTime": "2026-01-01T00:00:00Z",
    }
    return known.get(kind.name, text)


def must(argument: GraphQLArgument) -> bool:
    return isinstance(argument.type, GraphQLNonNull)


def holds_text(kind: GraphQLInputType) -> bool:
    return "strange" in orjson.dumps(sample(kind, "strange")).decode()


def call(mutation: str, given: dict[str, Any]) -> str:
    """A document that calls `mutation` with variables of the names and types of its arguments."""
    field = MUTATIONS[mutation]
    head = ", ".join(f"${name}: {field.args[name].type}" for name in given)
    arguments = ", ".join(f"{name}: ${name}" for name in given)
    return f"mutation ({head}) {{ done: {mutation}({arguments}) {{ userErrors {{ code }} }} }}"


async def kept() -> list[Any]:
    """All that is kept, as it is."""
    rows = [await fetch(Sql(f"SELECT * FROM {table} ORDER BY 1")) for table in TABLES]
    return [[tuple(row) for row in several] for several in rows]


TEAM, MACHINE = MODERATES - {"submissions"}, {"reviewsSubmit", "replyRate"}


async def who(mutation: str) -> str:
    """A person who may do it."""
    if mutation in TEAM:
        return await make.person(Role.MODERATOR)
    if mutation in MACHINE:
        return await make.person(Role.SERVICE, rights="intake")
    return await make.person(Role.NETWORK_MANAGER, network="caf")


def subject(mutation: str) -> str:
    """What ASKED calls the thing that it changes."""
    return ASKED[mutation].partition("id: $")[2].partition(",")[0].partition(")")[0]


def foreign_ids(mutation: str) -> Iterator[tuple[str, str]]:
    """Ids that name nothing of the kind, and what they are refused with."""
    kinds = {
        "review": "Review",
        "structure": "ReviewStructure",
        "network": "Network",
        "grant": "Grant",
        "machine": "Account",
        "account": "Account",
        "shut": "Account",
        "token": "AccessToken",
        "template": "ReplyTemplate",
        "contact": "ContactRequest",
        "called": "ContactRequest",
        **dict.fromkeys(("reply", "draft", "submitted"), "Reply"),
        **dict.fromkeys(("brought", "waiting", "published"), "Submission"),
    }
    kind = kinds[subject(mutation)]
    yield ids.encode(kind, 999_999), "NOT_FOUND"
    yield ids.encode(kind, 10**17), "NOT_FOUND"
    yield ids.encode("Office" if kind != "Office" else "Review", 1), "BAD_ID"
    for garbage in ("", " ", "x" * 10_000, "\x00", "é", f"{kind}:1", ids.encode(kind, 1)[:-2]):
        yield garbage, "BAD_ID"


@pytest.mark.parametrize("mutation", OBJECT_FIRST)
async def test_an_id_of_nothing_is_refused_and_nothing_changes(api: Client, mutation: str) -> None:
    await things(await make.office(), person := await who(mutation))
    before = await kept()
    arguments = MUTATIONS[mutation].args.items()
    rest = {name: sample(one.type, "abc") for name, one in arguments if must(one) and name != "id"}

    told = {}
    for given, code in foreign_ids(mutation):
        values = {"id": given, **rest}
        done = (await api.data(person, call(mutation, values), **values))["done"]
        told[given] = ([error["code"] for error in done["userErrors"]], [code])

    assert [(given, *both) for given, both in told.items() if both[0] != both[1]] == []
    assert await kept() == before


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_no_text_is_too_strange(api: Client, mutation: str) -> None:
    person, office = await who(mutation), await make.office()
    arguments = MUTATIONS[mutation].args
    required = {name: sample(one.type, "abc") for name, one in arguments.items() if must(one)}
    strange = [name for name in arguments if name != "id" and holds_text(arguments[name].type)]
    faults = []
    for name in strange:
        for what, text in TEXTS.items():
            values = {**required, name: sample(arguments[name].type, text)}
            if "id" in arguments:
                values["id"] = (await things(office, person))[subject(mutation)]
            body = {"query": call(mutation, values), "variables": values}
            answer = await api.http.post("/graphql", json=body, headers=api.headers(person))
            if answer.status_code >= 400 or "errors" in answer.json():
                faults.append((name, what, answer.text))

    assert faults == []


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_a_lone_surrogate_is_no_text_anywhere(api: Client, mutation: str) -> None:
    boss = await who(mutation)
    field = MUTATIONS[mutation]
    values = {name: sample(one.type, "SURROGATE") for name, one in field.args.items() if must(one)}
    values["idempotencyKey"] = "SURROGATE"
    body = orjson.dumps({"query": call(mutation, values), "variables": values})
    headers = {**api.headers(boss), "content-type": "application/json"}

    raw = body.replace(b"SURROGATE", b"a\\ud800b")
    answer = await api.http.post("/graphql", content=raw, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert not await AuditEntry.exists()


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_a_change_of_what_exists_asks_for_its_version(mutation: str) -> None:
    """Whoever has a version has it in `expectedVersion`; what is left is done whole, or once."""
    unversioned = {
        "accessTokenRevoke",
        "accountDeactivate",
        "accountReactivate",
        "contactRequestReveal",
        "grantRevoke",
        "networkConfigure",
        "replyDraft",
        "reviewOriginal",
        "reviewReply",
        "serviceAccountRotate",
    }
    arguments = MUTATIONS[mutation].args

    assert ("id" in arguments and "expectedVersion" not in arguments) is (mutation in unversioned)
    assert "idempotencyKey" in arguments
