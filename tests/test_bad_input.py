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
from tests.test_rights import ALLOWED, ASKED
from tests.things import things

_CORE = schema._schema
assert _CORE.mutation_type
MUTATIONS: dict[str, GraphQLField] = _CORE.mutation_type.fields
OBJECT_FIRST = sorted(name for name, field in MUTATIONS.items() if "id" in field.args)
TABLES = (
    "access_grant",
    "account",
    "audit_entry",
    "business_tag",
    "review_comment",
    "contact_request",
    "document_report",
    "event",
    "improvement",
    "late_edit",
    "network",
    "reply",
    "reply_template",
    "reply_version",
    "review",
    "review_flag",
    "review_structure",
    "saved_filter",
    "submission",
    "transfer",
    "webhook_endpoint",
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


MACHINE = {"reviewsSubmit", "reportsSubmit", "replyRate"}


async def people() -> dict[str, str]:
    """For each mutation, a person who may do it."""
    team = await make.person(Role.MODERATOR)
    machine = await make.person(Role.SERVICE, rights="intake")
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    does = {
        **dict.fromkeys(MUTATIONS, manager),
        **dict.fromkeys(ALLOWED[Role.MODERATOR] - ALLOWED[Role.NETWORK_MANAGER], team),
        **dict.fromkeys(MACHINE, machine),
    }
    return {name: does[name] for name in sorted(MUTATIONS)}


def subject(mutation: str) -> str:
    """What ASKED calls the thing that it changes."""
    return ASKED[mutation].partition("id: $")[2].partition(",")[0].partition(")")[0]


def foreign_ids(kind: str) -> Iterator[tuple[str, str]]:
    """Ids that name nothing of the kind, and what they are refused with."""
    yield ids.encode(kind, 999_999), "NOT_FOUND"
    yield ids.encode(kind, 10**17), "NOT_FOUND"
    yield ids.encode("Office" if kind != "Office" else "Review", 1), "BAD_ID"
    for garbage in ("", " ", "x" * 10_000, "\x00", "é", f"{kind}:1", ids.encode(kind, 1)[:-2]):
        yield garbage, "BAD_ID"


async def test_an_id_of_nothing_is_refused_and_nothing_changes(api: Client) -> None:
    office, who = await make.office(), await people()
    made = await things(office, who["grantGive"], *{subject(name) for name in OBJECT_FIRST})
    before, wrong = await kept(), []
    for name in OBJECT_FIRST:
        arguments = MUTATIONS[name].args.items()
        rest = {key: sample(one.type, "abc") for key, one in arguments if must(one)}
        for given, code in foreign_ids(ids.decode(made[subject(name)])[0]):
            values = {**rest, "id": given}
            done = (await api.data(who[name], call(name, values), **values))["done"]
            if [error["code"] for error in done["userErrors"]] != [code]:
                wrong.append((name, given, done))

    assert wrong == []
    assert await kept() == before


@pytest.mark.parametrize("what", TEXTS)
async def test_no_text_is_too_strange(api: Client, what: str) -> None:
    office, who, faults = await make.office(), await people(), []
    for name, person in who.items():
        arguments = MUTATIONS[name].args
        required = {key: sample(one.type, "abc") for key, one in arguments.items() if must(one)}
        for strange in arguments:
            if strange == "id" or not holds_text(arguments[strange].type):
                continue
            values = {**required, strange: sample(arguments[strange].type, TEXTS[what])}
            if "id" in arguments:
                values["id"] = (await things(office, person, subject(name)))[subject(name)]
            body = {"query": call(name, values), "variables": values}
            answer = await api.http.post("/graphql", json=body, headers=api.headers(person))
            if answer.status_code >= 400 or "errors" in answer.json():
                faults.append((name, strange, answer.text))

    assert faults == []


async def test_a_lone_surrogate_is_no_text_anywhere(api: Client) -> None:
    who, told = await people(), {}
    for name, person in who.items():
        arguments = MUTATIONS[name].args.items()
        values = {key: sample(one.type, "SURROGATE") for key, one in arguments if must(one)}
        values["idempotencyKey"] = "SURROGATE"
        body = orjson.dumps({"query": call(name, values), "variables": values})
        headers = {**api.headers(person), "content-type": "application/json"}
        raw = body.replace(b"SURROGATE", b"a\\ud800b")
        answer = await api.http.post("/graphql", content=raw, headers=headers)
        told[name] = answer.status_code, answer.json()["errors"][0]["extensions"]["code"]

    assert told == dict.fromkeys(who, (400, "BAD_REQUEST"))
    assert not await AuditEntry.exists()


UNVERSIONED = {
    "accessTokenRevoke",
    "accountDeactivate",
    "accountReactivate",
    "commentAdd",
    "commentRead",
    "contactRequestReveal",
    "grantRevoke",
    "improvementFlag",
    "networkConfigure",
    "replyDraft",
    "reportOriginal",
    "reviewFlag",
    "reviewOriginal",
    "reviewReply",
    "serviceAccountRotate",
    "webhookTest",
}
"""What is done whole, or once, whatever the version."""


def test_a_change_of_what_exists_asks_for_its_version() -> None:
    without = {name for name in OBJECT_FIRST if "expectedVersion" not in MUTATIONS[name].args}

    assert without == UNVERSIONED
    assert all("idempotencyKey" in field.args for field in MUTATIONS.values())
