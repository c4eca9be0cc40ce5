"""What an operation costs, beforehand and after, and what an account may spend."""

from collections.abc import AsyncIterator
from itertools import repeat
from typing import Any

import pytest
from graphql import parse
from hypothesis import given
from hypothesis import strategies as some

from auth.budget import MAX_ACCOUNTS, Bill, Budgets
from models.account import Role
from resolvers.selection import Same
from schema.cost import COUNT, LIST, LONG_LIST, MAX_COST, STATEMENT, price
from schema.root import schema
from settings import Settings
from tests import factories as make
from tests.client import Client, asking

SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
QUERY, MUTATION = list(STATEMENT.values())[:2]
F = "fragment F on ReviewConnection { nodes { id title } } "
PRICES: dict[str, tuple[str, dict[str, Any], int]] = {
    "a value": ("{ viewer { label } }", {}, QUERY + 2),
    "a page": ("{ reviews(first: 7) { nodes { id title } } }", {}, QUERY + 2 + 7 * 2),
    "a last page": ("{ reviews(last: 7) { nodes { id title } } }", {}, QUERY + 2 + 7 * 2),
    "edges": ("{ reviews(first: 7) { edges { node { id } } } }", {}, QUERY + 2 + 7 * 2),
    "the usual page": ("{ reviews { nodes { id } } }", {}, QUERY + 2 + 20),
    "a page of a variable": (
        "query ($n: Int) { reviews(first: $n) { nodes { id } } }",
        {"n": 9},
        QUERY + 2 + 9,
    ),
    "a variable that is not given": (
        "query ($n: Int = 3) { reviews(first: $n) { nodes { id } } }",
        {},
        QUERY + 2 + 3,
    ),
    "a variable that is null": (
        "query ($n: Int = 3) { reviews(first: $n) { nodes { id } } }",
        {"n": None},
        QUERY + 2 + 20,
    ),
    "a variable that can't be": (
        "query ($n: Int) { reviews(first: $n) { nodes { id } } }",
        {"n": "x"},
        QUERY + 2 + 100,
    ),
    "a size that can't be": ("{ reviews(first: 9999) { nodes { id } } }", {}, QUERY + 2 + 100),
    "a count": ("{ reviews { totalCount } }", {}, QUERY + 2 + COUNT),
    "a list in a page": (
        "{ reviews(first: 2) { nodes { structures { id } } } }",
        {},
        QUERY + 2 + 2 * (1 + LIST),
    ),
    "a list at the root": ("{ networks { code } }", {}, QUERY + 1 + LONG_LIST),
    "a change": (
        'mutation { reviewReply(id: "a", body: "b") { reply { id } } }',
        {},
        MUTATION + 3,
    ),
    "a fragment": (
        f"{F} {{ reviews(first: 7) {{ ...F }} }}",
        {},
        QUERY + 2 + 7 * 2,
    ),
    "a fragment on pages of two sizes": (
        f"{F} {{ reviews(first: 7) {{ ...F }} b: reviews(first: 1) {{ ...F }} }}",
        {},
        2 * QUERY + 4 + 8 * 2,
    ),
    "a fragment in place": (
        "{ ... on Query { reviews(first: 7) { ... { nodes { id } } } } }",
        {},
        QUERY + 2 + 7,
    ),
}


@pytest.mark.parametrize(("query", "variables", "cost"), PRICES.values(), ids=PRICES)
def test_an_operation_costs_the_values_that_it_can_give(
    query: str, variables: dict[str, Any], cost: int
) -> None:
    assert price(schema._schema, Same(parse(query)), None).of(variables) == cost


def test_fragments_that_double_at_each_level_are_priced_in_a_sum_each() -> None:
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200))
    document = parse(f"{{ ...F0 }} {doubling} fragment F200 on Query {{ __typename }}")

    found = price(schema._schema, Same(document), None)

    assert (len(found.sums), found.of({})) == (202, 2**31 - 1)


OF_THE_SCHEMA = {
    "{ __schema { types { name } } __typename }": True,
    "query A($n: String!) { __type(name: $n) { name } }": True,
    "{ __schema { types { name } } viewer { label } }": False,
    "query __schema { ... on Query { viewer { label } } }": False,
    "{ ...__schema } fragment __schema on Query { viewer { label } }": False,
}


@pytest.mark.parametrize(("query", "alone"), OF_THE_SCHEMA.items())
def test_what_asks_for_nothing_but_the_schema_is_known(query: str, alone: bool) -> None:
    assert price(schema._schema, Same(parse(query)), None).introspection is alone


# --- Over HTTP -------------------------------------------------------------------------------

ASKED = "query ($n: Int) { reviews(first: $n) { nodes { id title } } }"


@pytest.fixture
async def poor(config: Settings) -> AsyncIterator[Client]:
    """A service at which an account may spend 1,000 at once, and gets back 1 in a second."""
    budget = {"cost_budget": 1_000, "cost_restored": 1}
    async with asking(config.model_copy(update=budget)) as client:
        yield client


async def reader() -> str:
    office = await make.office()
    for _ in range(3):
        await make.review(office)
    return await make.person(Role.READER, network="caf")


async def post(api: Client, who: str, n: int, **more: Any) -> tuple[Any, Any]:
    body = {"query": ASKED, "variables": {"n": n}, **more}
    answer = await api.http.post("/graphql", json=body, headers=api.headers(who))
    return answer, answer.json()


@SQLITE
async def test_an_answer_tells_what_it_cost_and_what_is_left(poor: Client) -> None:
    answer, whole = await post(poor, await reader(), 100)

    cost = {"requested": 252, "actual": 8, "available": 992, "restoreRate": 1}
    assert whole["extensions"] == {"cost": cost}
    assert answer.headers["ratelimit-policy"] == '"cost";q=1000;w=1000'
    assert answer.headers["ratelimit"] == '"cost";r=992;t=8'


@SQLITE
async def test_a_preview_prices_and_runs_nothing(poor: Client) -> None:
    who = await reader()
    _, first = await post(poor, who, 100, extensions={"cost": "preview"})
    change = 'mutation { reviewReply(id: "a", body: "b") { reply { id } } }'
    _, second = await post(poor, who, 1, query=change, extensions={"cost": "preview"})

    told = {"actual": 0, "available": 1000, "restoreRate": 1}
    assert first == {"data": None, "extensions": {"cost": {"requested": 252, **told}}}
    assert second == {"data": None, "extensions": {"cost": {"requested": 203, **told}}}


@SQLITE
async def test_who_spent_it_all_has_to_wait_and_others_do_not(poor: Client) -> None:
    spender, other = await reader(), await reader()
    answers = [await post(poor, spender, 3) for _ in repeat(None, 120)]
    refused, whole = answers[-1]
    after, _ = await post(poor, other, 3)

    assert {answer.status_code for answer, _ in answers} == {200, 429}
    assert whole["errors"][0]["extensions"] == {"code": "BUDGET_SPENT"}
    assert 0 < int(refused.headers["retry-after"]) <= 58
    assert after.status_code == 200


@SQLITE
async def test_what_costs_more_than_one_may_is_not_run(api: Client) -> None:
    inner = (
        "id title source sourceId sentiment action structures { id answered office { id name } }"
    )
    every = " ".join(f"r{n}: reviews(first: 100) {{ nodes {{ {inner} }} }}" for n in range(30))
    body = {"query": f"{{ {every} }}"}

    answer = await api.http.post("/graphql", json=body, headers=api.headers(await reader()))

    whole = answer.json()
    assert answer.status_code == 400
    assert [one["extensions"]["code"] for one in whole["errors"]] == ["TOO_COSTLY"]
    assert whole["extensions"]["cost"]["requested"] > MAX_COST
    assert whole["extensions"]["cost"]["actual"] == 0


@SQLITE
@pytest.mark.parametrize("query", OF_THE_SCHEMA)
async def test_the_schema_is_told_alone_and_beside_the_rest(api: Client, query: str) -> None:
    who = await reader()

    data = await api.data(who, query, n="Review")
    _, wrong = await post(api, who, 1, query="query ($n: String!) { __type(name: $n) { name } }")

    assert data.keys() <= {"__schema", "__type", "__typename", "viewer"}
    assert [one["extensions"]["code"] for one in wrong["errors"]] == ["BAD_VARIABLES"]


@SQLITE
async def test_without_a_budget_there_is_no_end_of_it(config: Settings) -> None:
    async with asking(config.model_copy(update={"cost_budget": 0})) as api:
        answer, whole = await post(api, await reader(), 3)

    cost = {"requested": 58, "actual": 8, "available": None, "restoreRate": None}
    assert whole["extensions"] == {"cost": cost}
    assert "ratelimit" not in answer.headers


# --- The bucket ------------------------------------------------------------------------------


@given(some.lists(some.tuples(some.integers(0, 50), some.integers(0, 100))))
def test_nobody_spends_more_than_there_was_and_came_back(asked: list[tuple[int, int]]) -> None:
    now = 0.0
    budgets = Budgets(100, 10, lambda: now)
    spent = at_once = 0
    for seconds, cost in asked:
        now += seconds
        at_once = 0 if seconds else at_once
        if budgets.wait(1, cost) == 0:
            budgets.spend(1, cost)
            spent, at_once = spent + cost, at_once + cost
        assert 0 <= budgets.available(1) <= 100
        assert at_once <= 100

    assert spent <= 100 + 10 * now


def test_after_the_wait_that_was_told_there_is_enough() -> None:
    now = 0.0
    budgets = Budgets(100, 10, lambda: now)
    budgets.spend(1, 100)

    wait = budgets.wait(1, 55)
    now += wait

    assert (wait, budgets.wait(1, 55)) == (6, 0)


def test_a_request_that_is_run_again_is_paid_for_once() -> None:
    budgets = Budgets(100, 1, lambda: 0.0)
    bill = Bill(budgets, 1)
    bill.requested = 60

    assert (bill.pay(), bill.pay(), budgets.available(1)) == (True, True, 40)


def test_only_so_many_accounts_are_remembered() -> None:
    budgets = Budgets(100, 1)
    for account in range(MAX_ACCOUNTS + 1):
        budgets.spend(account, 50)

    assert [budgets.available(account) for account in (0, MAX_ACCOUNTS)] == [100, 50]
