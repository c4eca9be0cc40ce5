"""The fast path answers what graphql-core answers, whatever the query and whatever it meets."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from cryptography.fernet import Fernet, MultiFernet
from graphql import (
    BooleanValueNode,
    ConstDirectiveNode,
    DirectiveNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    InlineFragmentNode,
    NameNode,
    SelectionSetNode,
    Undefined,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries
from strawberry.extensions import ParserCache
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter

from auth.accounts import held_by
from models.account import Account, Role
from models.audit import Doer
from models.cache import Cache
from models.outward import Outward
from models.sql import database
from resolvers.context import Context
from resolvers.rows import Row
from schema.executor import PATIENCE, FastExecutor
from schema.node import Connection, Node
from schema.review import Review, ReviewStructure
from schema.root import schema as relais
from schema.submission import Submission
from settings import Settings
from tests import factories as make

EXAMPLES = 300


class Odd(int):
    """What its scalar makes nothing of when it is even."""


SCALARS = StrawberryConfig(
    scalar_map={Odd: strawberry.scalar(name="Odd", serialize=lambda value: value % 2 or None)}
)


@strawberry.type
class Numbers:
    whole: int
    maybe: int | None
    real: float
    yes: bool
    anything: JSON
    perhaps: JSON | None
    odd: Odd
    oddly: Odd | None
    words: list[str]
    grid: list[list[int | None]] | None


NOW: dict[str, Any] = {}
"""What the roots answer: each is made anew for each run, for some can be read only once."""


def root(name: str, kind: Any) -> Any:
    return strawberry.field(resolver=lambda: NOW[name], graphql_type=kind)


@strawberry.type
class Query:
    page = root("page", Connection[Review])
    review = root("review", Review | None)
    structures = root("structures", list[ReviewStructure | None] | None)
    submissions = root("submissions", list[Submission])
    things = root("things", list[Node])
    numbers = root("numbers", list[Numbers])
    words = root("words", list[str | None] | None)
    matrix = root("matrix", list[list[int]] | None)


OURS = strawberry.Schema(
    Query,
    types=[Review, Submission],
    config=SCALARS,
    execution_context_class=FastExecutor,
    extensions=[lambda: ParserCache(512)],
)
STOCK = strawberry.Schema(Query, types=[Review, Submission], config=SCALARS)
CLASSES: dict[str, type[Row]] = {}


class Later:
    """Something to await, which complains of nothing when nobody does."""

    def __init__(self, good: Callable[[], Any]) -> None:
        self.good = good

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return self.good()


class Maker:
    """Makes values of any type of the schema; some of them, with chance `p`, can't be right."""

    def __init__(self, seed: int, p: float) -> None:
        self.random, self.p = random.Random(seed), p

    def roots(self) -> dict[str, Any]:
        query = STOCK._schema.query_type
        assert query
        return {name: self.value(field.type) for name, field in query.fields.items()}

    def value(self, kind: Any, depth: int = 0) -> Any:
        odd = self.random.random()
        if odd < self.p:
            return self.hostile(lambda: self.right(kind, depth))
        if not isinstance(kind, GraphQLNonNull) and odd < 0.2:
            return None
        return self.right(kind, depth)

    def right(self, kind: Any, depth: int) -> Any:
        kind = getattr(kind, "of_type", kind) if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(kind, GraphQLList):
            return [self.value(kind.of_type, depth) for _ in range(self.random.randrange(4))]
        if isinstance(kind, GraphQLInterfaceType):
            kind = STOCK._schema.get_type(self.random.choice(["Review", "Submission"]))
        if isinstance(kind, GraphQLObjectType):
            return self.row(kind, depth + 1)
        if isinstance(kind, GraphQLEnumType):
            enum = kind.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].wrapped_cls
            return self.random.choice(list(enum))
        return self.random.choice(GOOD[kind.name])

    def row(self, kind: GraphQLObjectType, depth: int) -> Row:
        made = CLASSES.setdefault(kind.name, type(kind.name, (Row,), {"noun": kind.name}))()
        for field in kind.fields.values():
            name = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].python_name
            value = self.value(field.type, depth) if depth < 6 else None
            if self.random.random() >= self.p / 10:  # or else it lacks the attribute
                setattr(made, name, value)
        return made

    def hostile(self, good: Callable[[], Any]) -> Any:
        return self.random.choice(ODDITIES)(good)


ODDITIES: list[Callable[[Callable[[], Any]], Any]] = [
    lambda _: None,
    lambda _: ValueError("as a value"),
    lambda _: GraphQLError("as a value", extensions={"code": 1}),
    Later,
    lambda _: Later(lambda: 1 / 0),
    lambda _: 2**31,
    lambda _: -(2**31) - 1,
    lambda _: float("nan"),
    lambda _: float("inf"),
    lambda _: True,
    lambda _: 1,
    lambda _: 2,
    lambda _: "7",
    lambda _: b"x",
    lambda _: 1.5,
    lambda _: Undefined,
    lambda good: iter([good()]),
    lambda good: (good(),),
    lambda good: (one for one in [good()]),
    lambda _: {"a": 1},
    lambda _: SimpleNamespace(noun="Office"),
]
"""What may stand in place of what should, made of that."""


GOOD: dict[str, list[Any]] = {
    "String": ["a", "", "é"],
    "ID": ["1", "x"],
    "Int": [0, 7, 2**31 - 1, -(2**31)],
    "Float": [0.0, 1.5, 3],
    "Boolean": [True, False],
    "DateTime": [datetime(2026, 1, 2, tzinfo=UTC)],
    "Date": [date(2026, 1, 2)],
    "Odd": [1, 3],
    "JSON": [{"a": [1]}, 0, "x", False],
}


class Decorate(Visitor):
    """Sprinkles aliases, `__typename`, @skip, @include and fragments over a document."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode:
        directives: list[Any] = list(node.directives or ())
        if self.random.random() < 0.15:
            directives.append(self._directive())
        alias = node.alias
        if alias is None and self.random.random() < 0.1:
            alias = NameNode(value=f"other_{node.name.value}")
        return FieldNode(
            name=node.name,
            alias=alias,
            arguments=node.arguments,
            directives=tuple(directives),
            selection_set=node.selection_set,
        )

    def _directive(self) -> DirectiveNode | ConstDirectiveNode:
        given: Any = VariableNode(name=NameNode(value=self.random.choice("pq")))
        if self.random.random() < 0.3:
            given = BooleanValueNode(value=self.random.random() < 0.5)
        text = print_ast(given)
        name = self.random.choice(["skip", "include"])
        document: Any = parse(f"query ($p: Boolean!, $q: Boolean) {{ a @{name}(if: {text}) }}")
        directive: DirectiveNode = document.definitions[0].selection_set.selections[0].directives[0]
        return directive

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        chosen: list[Any] = list(node.selections)
        if self.random.random() < 0.2:
            chosen.insert(
                self.random.randrange(len(chosen) + 1), FieldNode(name=NameNode(value="__typename"))
            )
        if self.random.random() < 0.2:
            within = SelectionSetNode(selections=tuple(chosen))
            chosen.append(InlineFragmentNode(selection_set=within))
        return SelectionSetNode(selections=tuple(chosen))


def decorated(query: str, seed: int) -> str:
    text = print_ast(visit(parse(query), Decorate(seed))).rstrip()
    both = "  known: __typename @include(if: $p) @skip(if: $q)\n}"
    return re.sub(
        r"^(query[^{]*)?\{",
        "query Q($p: Boolean!, $q: Boolean! = true) {",
        text[:-1] + both,
        count=1,
    )


def plainly(result: Any) -> tuple[str, list[str]]:
    """An answer as text, without addresses of objects; errors in any order."""

    def told(value: Any) -> str:
        return re.sub(r"0x[0-9a-f]+", "0x", json.dumps(value, default=str))

    return told(result.data), sorted(told(error.formatted) for error in result.errors or [])


def numbers(field: str, oddity: int, others: bool) -> Row:
    maker = Maker(1, 0)
    kind = STOCK._schema.get_type("Numbers")
    assert isinstance(kind, GraphQLObjectType)
    made = maker.row(kind, 1)
    name = kind.fields[field].extensions[GraphQLCoreConverter.DEFINITION_BACKREF].python_name
    if others:
        setattr(made, name, ODDITIES[oddity](lambda: maker.right(kind.fields[field].type, 1)))
    return made


@pytest.mark.parametrize("field", ["whole", "maybe", "real", "yes", "anything", "perhaps", "odd"])
def test_whatever_stands_in_a_field_is_told_as_the_library_tells_it(field: str) -> None:
    for oddity in range(len(ODDITIES)):
        text, told = f"query Q{oddity} {{ numbers {{ {field} }} }}", []
        for schema in (STOCK, OURS):
            NOW["numbers"] = [numbers(field, oddity, others) for others in (False, True)]
            told.append(plainly(asyncio.run(schema.execute(text))))
        assert told[0] == told[1]


def answers(schema: Any, text: str, variables: dict[str, Any], seed: int, p: float) -> Any:
    NOW.clear()
    NOW.update(Maker(seed, p).roots())
    return plainly(asyncio.run(schema.execute(text, variable_values=variables)))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    query=queries(STOCK.as_str(), allow_x00=False),
    seed=st.integers(0, 2**32),
    p=st.sampled_from([0, 0, 0.01, 0.05, 0.2]),
    skips=st.booleans(),
)
def test_fast_or_not_the_answer_is_the_same(query: str, seed: int, p: float, skips: bool) -> None:
    text = decorated(query, seed)
    for given_p in (skips, not skips):
        variables = {"p": given_p, "q": True}
        expected = answers(STOCK, text, variables, seed, p)
        # The second time by a plan that is known.
        assert answers(OURS, text, variables, seed, p) == expected
        assert answers(OURS, text, variables, seed, p) == expected


def test_a_row_of_another_type_is_not_taken_for_one_of_this() -> None:
    text, told = "{ submissions { id } }", []
    for schema in (STOCK, OURS):
        kind = STOCK._schema.get_type("Review")
        assert isinstance(kind, GraphQLObjectType)
        NOW["submissions"] = [Maker(1, 0).row(kind, 1)]
        told.append(plainly(asyncio.run(schema.execute(text))))

    assert told[0] == told[1]
    assert "Expected value of type" in told[0][1][0]


class Watched(FastExecutor):
    """Counts the attempts by whether they went well."""

    attempts: Counter[bool]

    def _fast(self, *asked: Any) -> Any:
        done = super()._fast(*asked)
        self.attempts[done is not None] += 1
        return done


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    counted: Counter[bool] = Counter()
    monkeypatch.setattr(Watched, "attempts", counted, raising=False)
    for schema in (relais, OURS):
        monkeypatch.setattr(schema, "execution_context_class", Watched)
    return counted


def test_a_list_is_never_the_resolvers_own() -> None:
    NOW["words"] = kept = ["a", "b"]

    result: Any = asyncio.run(OURS.execute("{ words }"))

    assert result.data["words"] == kept
    assert result.data["words"] is not kept


def test_a_plan_that_keeps_failing_is_no_longer_tried() -> None:
    class Reads(Row):
        noun, reads = "Review", 0

        @property
        def title(self) -> None:
            Reads.reads += 1

    def read() -> int:
        NOW["review"], Reads.reads = Reads(), 0
        asyncio.run(OURS.execute("query Failing { review { title } }"))
        return Reads.reads

    assert [read() for _ in range(PATIENCE + 2)] == [2] * PATIENCE + [1, 1]


def test_a_plan_that_mostly_goes_well_is_kept(attempts: Counter[bool]) -> None:
    good, bad = CLASSES.setdefault("Review", type("Review", (Row,), {"noun": "Review"}))(), None
    for _ in range(PATIENCE):
        for title in (bad, "x"):
            good.title, NOW["review"] = title, good
            asyncio.run(OURS.execute("query Mostly { review { title } }"))

    assert attempts == {True: PATIENCE, False: PATIENCE}


REPLY = "reply { id state greeting body signature helpful publishedAt editedAt version steps }"
STRUCTURE = f"""id position receivedName channels answered repliedAt dueAt overdue {REPLY}
  network {{ id code name }} department {{ code name region {{ name }} }} viewerCan {{ reply }}
  office {{ id name city latitude longitude }}"""
REVIEW = f"""id source sourceId title description sentiment writtenOn publishedAt postedAs country
  postalCode improvement action version redacted axes {{ accessibility relation }}
  structures {{ {STRUCTURE} }}"""
PAGE = "pageInfo { hasNextPage endCursor } totalCount"
HOT = {
    "inbox": f"{{ reviews(first: 50) {{ nodes {{ {REVIEW} }} {PAGE} }} }}",
    "inbox by edges": f"{{ reviews(first: 50) {{ edges {{ cursor node {{ {REVIEW} }} }} }} }}",
    "offices": f"{{ offices(first: 50) {{ nodes {{ id name city network {{ name }} }} {PAGE} }} }}",
    "networks": "{ networks { id code name level } }",
}


@pytest.mark.parametrize("operation", HOT)
async def test_each_hot_operation_is_answered_fast(
    config: Settings, attempts: Counter[bool], operation: str
) -> None:
    async with database(config.tortoise(system=True)):
        office = await make.office()
        await make.review(office, replied=1)
        manager = await make.person(Role.NETWORK_MANAGER, network="caf")
        viewer = await held_by(await Account.get(subject=manager))
    async with database(config.tortoise()):
        outward = Outward(MultiFernet([Fernet(Fernet.generate_key())]))
        context = Context(viewer, Cache(""), Doer(None, "test"), str, outward)
        result = await relais.execute(HOT[operation], context_value=context)

    assert result.errors is None
    assert attempts == {True: 1}
