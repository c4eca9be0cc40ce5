"""Words that were taken out are told by no path there is, to nobody but moderators."""

import asyncio
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    print_ast,
)

import app
from models import ids
from models.account import Role
from models.export import Export, ExportKind
from models.office import Office
from models.review import Review, ReviewOriginal, ReviewStructure
from models.submission import Submission
from schema.root import schema
from settings import Settings
from tests import factories as make
from tests.client import Client
from tests.follower import stream
from tests.test_erasure import CANARY, everything
from tests.test_exports import fetch, idle, made
from tests.test_moderation import APPROVE, REDACT, SUBMIT, change, codes, key, moderator, told
from tests.test_rights import ASKED
from tests.things import things, used

TEXT = f"Madame {CANARY} a crié."
SPAN = {"field": "DESCRIPTION", "start": 0, "end": len(f"Madame {CANARY}")}
TITLE = {"field": "TITLE", "start": 0, "end": len(CANARY)}
RIGHTS = "read_aggregates read_verbatims reply validate transfer read_events export intake"
DEEP = 2
"""Levels of objects below a root field that are asked for."""


@pytest.fixture
def config(config: Settings, tmp_path: Path) -> Settings:
    return config.model_copy(update={"export_dir": tmp_path / "exports", "cost_budget": 0})


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the worker is a process of its own."""
    monkeypatch.setattr(app, "at_work", idle)


def whole(kind: Any, deep: int = DEEP) -> str:
    """Every field of a type that needs no argument, as deep as that."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    told = ["__typename"]
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in named.fields.items():
            its = get_named_type(field.type)
            if any(map(is_required_argument, field.args.values())):
                continue
            if is_leaf_type(its):
                told.append(name)
            elif deep and name not in {"network", "procedure", "department", "region", "type"}:
                told.append(f"{name} {whole(its, deep - (name != 'nodes'))}")
    return f"{{ {' '.join(told)} }}"


def called(asked: str) -> str:
    """A field with its arguments, without what is selected of it."""
    (operation,) = parse(f"{{ {asked} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    return print_ast(replace(field, selection_set=None))


def paths() -> dict[str, str]:
    """Every root field that can be asked, but for `node`, with all that it tells."""
    query = schema._schema.query_type
    assert query
    return {
        name: f"{called(ASKED[name])} {whole(field.type)}"
        for name, field in query.fields.items()
        if name != "node"
    }


def nodes(*types: str) -> str:
    """What `node` tells of these types."""
    return " ".join(f"... on {name} {whole(schema._schema.type_map[name], 2)}" for name in types)


async def redacted(api: Client, way: str) -> tuple[Submission, dict[str, str]]:
    """A published review without its canary, and who may see something of it."""
    office = await make.office()
    machine = await make.person(Role.SERVICE, network="caf", rights=RIGHTS)
    team = await moderator()
    given = [{"sourceId": "1", "review": told(office, title=f"{CANARY}.", description=TEXT)}]
    done = await change(api, machine, SUBMIT, source="spp", reviews=given)
    waiting, passages = done["results"][0]["submissionId"], [SPAN, TITLE]
    taken = passages if way == "approve" else []
    assert codes(await change(api, team, APPROVE, id=waiting, v=1, redactions=taken)) == []
    found = await Submission.get()
    if way == "redact":
        me = ids.encode("Review", found.review_id or 0)
        assert codes(await change(api, team, REDACT, id=me, v=1, passages=passages)) == []
    people = {
        "agent": await make.person(Role.OFFICE_AGENT, office=office),
        "manager": await make.person(Role.NETWORK_MANAGER, network="caf"),
        "validator": await make.person(Role.VALIDATOR, network="caf"),
        "analyst": await make.person(Role.ANALYST),
        "administrator": await make.person(Role.ADMINISTRATOR),
        "machine": machine,
    }
    return await Submission.get(), people


WAYS = pytest.mark.parametrize("way", ["approve", "redact"])


async def known(found: Submission, office: Office, person: str) -> dict[str, str]:
    """The ids that root fields ask for: those of what was redacted, and of what else there is."""
    names = {name for path in paths().values() for name in used(path)}
    given = await things(office, person, *sorted(names))
    review, part = (
        await Review.get(id=found.review_id),
        await ReviewStructure.get(review_id=found.review_id),
    )
    return given | {
        "review": ids.encode("Review", review.id),
        "discussed": ids.encode("Review", review.id),
        "structure": ids.encode("ReviewStructure", part.id),
    }


@WAYS
async def test_no_root_field_tells_it(api: Client, way: str) -> None:
    found, people = await redacted(api, way)
    office, seen = await Office.get(), ""
    given = await known(found, office, people["machine"])
    for who, (name, path) in itertools.product(people.values(), paths().items()):
        its = {one: given[one] for one in used(path)}
        head = ", ".join(f"${one}: ID!" for one in its)
        answer = await api.ask(who, f"query {f'({head})' if head else ''} {{ {path} }}", **its)
        assert "data" in answer, (name, answer)
        seen += str(answer)
    text = f"query ($id: ID!) {{ node(id: $id) {{ {nodes(*NODES)} }} }}"
    for who, one in itertools.product(people.values(), (key(found), given["review"])):
        seen += str(await api.data(who, text, id=one))

    assert seen.count("a crié.") > len(people)
    assert CANARY.lower() not in seen.lower()


NODES = ("Review", "Submission")


@WAYS
async def test_no_table_has_it_but_that_of_originals(api: Client, way: str) -> None:
    await redacted(api, way)

    assert CANARY in str(await ReviewOriginal.all().values())
    assert CANARY.lower() not in (await everything("review_original")).lower()


@WAYS
async def test_no_search_finds_it(api: Client, way: str) -> None:
    _, people = await redacted(api, way)
    query = "query ($t: String!) { reviews(where: {text: $t}) { totalCount } }"

    found = [
        [(await api.data(who, query, t=text))["reviews"]["totalCount"] for text in (CANARY, "crié")]
        for who in (people["agent"], people["manager"], people["machine"])
    ]

    assert found == [[0, 1]] * 3


@WAYS
async def test_no_export_holds_it(api: Client, config: Settings, way: str) -> None:
    _, people = await redacted(api, way)
    who, held = people["machine"], b""
    for kind, form in itertools.product(ExportKind, ("JSONL", "CSV")):
        if kind in {ExportKind.REPLIES, ExportKind.REPORTS}:
            continue  # there is none here
        export = await made(api, config, who, kind.name, form)
        held += (await fetch(api, who, export)).content
        await Export.filter(id=ids.key_of("Export", export["id"])).delete()

    assert "a crié.".encode() in held
    assert CANARY.lower().encode() not in held.lower()


async def test_who_follows_is_told_that_it_changed_and_nothing_of_it(api: Client) -> None:
    team, office = await moderator(), await make.office()
    who = await make.person(Role.NETWORK_MANAGER, network="caf")
    review = ids.encode("Review", (await make.review(office, title=f"{CANARY}.", text=TEXT)).id)
    kind = schema._schema.type_map["Event"]
    query = f"subscription {{ reviewEvents {whole(kind)} }}"
    async with stream(api.http, api.headers(who), query) as live:
        await asyncio.sleep(0.5)
        await change(api, team, REDACT, id=review, v=1, passages=[SPAN, TITLE])
        _, heard = await live.next()

    assert heard["data"]["reviewEvents"]["type"] == "review.changed"
    assert CANARY.lower() not in str(heard).lower()
