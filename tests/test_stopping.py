"""Starting and stopping: nothing that was taken is lost, and no wrong database is served."""

import asyncio
import json
import signal
import socket as stdlib
import subprocess
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from models.account import Role
from models.sql import connection, database
from models.task import Task
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.follower import socket, stream
from tests.servers import as_owner
from tests.test_commands import half_sent
from tests.test_live import EVENTS
from tests.watched import ROOT, program, server

POSTGRES = pytest.mark.parametrize("databases", ["postgres"], indirect=True)
SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
ASKED = {"query": "{ reviews { totalCount } }"}


async def gone(api: Client, left: asyncio.Event) -> None:
    """A load balancer's probe: set `left` once the server says that it is not ready."""
    async with httpx.AsyncClient(base_url=api.http.base_url) as probe:
        while (await probe.get("/readyz")).status_code == 200:
            await asyncio.sleep(0.02)
        left.set()


async def load(api: Client, headers: dict[str, str], left: asyncio.Event) -> list[Any]:
    """Ask as long as the balancer sends something: the statuses, and what went wrong."""
    heard: list[Any] = []
    async with httpx.AsyncClient(base_url=api.http.base_url) as http:
        while not left.is_set():
            try:
                answer = await http.post("/graphql", json=ASKED, headers=headers)
                heard.append(answer.status_code)
            except httpx.TransportError as error:
                heard.append(repr(error))
    return heard


@pytest.fixture
async def boss(config: Settings) -> str:
    async with database(as_owner(config).tortoise(system=True)):
        return await make.person(Role.OFFICE_MANAGER, office=await make.office())


async def test_a_server_that_is_told_to_stop_leaves_nobody_without_an_answer(
    config: Settings, boss: str, tmp_path: Path
) -> None:
    left = asyncio.Event()
    async with (
        server(config, tmp_path, RELAIS_DRAIN_SECONDS="2") as (api, one),
        AsyncExitStack() as s,
    ):
        headers = api.headers(boss)
        follower = await s.enter_async_context(socket(str(api.http.base_url).rstrip("/")))
        await follower.begin(**headers)
        await follower.follow(EVENTS)
        events = await s.enter_async_context(stream(api.http, headers, EVENTS))
        body = json.dumps(ASKED).encode()
        token = headers["authorization"].removeprefix("Bearer ")
        slow = await asyncio.to_thread(half_sent, one.port, token, body)
        asking_ = [asyncio.create_task(load(api, headers, left)) for _ in range(8)]
        probing = asyncio.create_task(gone(api, left))
        await asyncio.sleep(0.5)

        one.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(probing, 2)
        still = await api.http.post("/graphql", json=ASKED, headers=headers)
        heard = await asyncio.gather(*asking_)
        assert (await follower.closed())[0] == 1012
        assert await events.next() == ("end", None)
        answer = await asyncio.to_thread(_finished, slow, body)
        assert await asyncio.wait_for(one.process.wait(), 20) == 0

    assert (still.status_code, still.headers["connection"]) == (200, "close")
    assert {status for statuses in heard for status in statuses} == {200}
    assert answer.startswith(b"HTTP/1.1 200")
    assert [line["event"] for line in one.lines("stopping")] == ["stopping"]


def _finished(client: stdlib.socket, body: bytes) -> bytes:
    """The answer to what was half sent, once the rest is."""
    with client:
        client.sendall(body)
        return b"".join(iter(lambda: client.recv(65536), b""))


@SQLITE
@pytest.mark.parametrize("signals", [["SIGINT"], ["SIGTERM", "SIGTERM"]])
async def test_who_can_not_wait_says_so(
    config: Settings, tmp_path: Path, signals: list[str]
) -> None:
    async with server(config, tmp_path, RELAIS_DRAIN_SECONDS="120") as (_, one):
        for name in signals:
            one.process.send_signal(signal.Signals[name])
            await asyncio.sleep(0.3)

        assert await asyncio.wait_for(one.process.wait(), 20) in {0, -signal.SIGINT}


@POSTGRES
async def test_a_worker_that_is_told_to_stop_breaks_an_import_off_and_leaves_the_file(
    config: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "imports" / "procedures"
    folder.mkdir(parents=True)
    (folder / "x.csv").write_text("code;name;networks;url\nX;X;caf;\n")
    owner = as_owner(config).tortoise()["connections"]["postgres"]["credentials"]
    admin = await asyncpg.connect(
        host=owner["host"], user=owner["user"], database=owner["database"]
    )
    async with program(config, tmp_path, "jobs", "work") as one, admin.transaction():
        await admin.execute("LOCK TABLE procedure IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(30):
            while "importing x.csv" not in one.told():
                await asyncio.sleep(0.05)
        one.process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(one.process.wait(), 15) == 0
    await admin.close()
    assert [str(path.relative_to(folder)) for path in folder.rglob("*.csv")] == ["x.csv"]


async def later(config: Settings) -> None:
    """The database is of a later release."""
    async with database(as_owner(config).tortoise(system=True), shared=False):
        await connection().execute_script(
            "INSERT INTO tortoise_migrations (app, name, applied_at)"
            " VALUES ('models', '9999_later', '2026-01-01')"
        )


async def test_a_worker_does_not_work_on_a_later_release(config: Settings, tmp_path: Path) -> None:
    await later(config)
    environ = {
        "RELAIS_DATABASE_URL": config.database_url,
        "RELAIS_TOKEN_KEY_FILE": str(config.token_key_file),
        "RELAIS_IMPORT_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "jobs", "work"]
    ended = await asyncio.to_thread(
        lambda: subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
        )
    )

    problem = "is of a later release: start that one, or migrate back with it"
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[1:] == [f"RELAIS_DATABASE_URL: the database {problem}."]


async def test_a_server_whose_database_is_of_a_later_release_is_not_ready(config: Settings) -> None:
    await later(config)
    async with asking(config) as api:
        ready = await api.http.get("/readyz")

    problem = "the database is of a later release: start that one, or migrate back with it"
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready", "reason": problem})


async def test_that_work_waits_is_told_by_a_server_that_is_ready(api: Client) -> None:
    await Task.ask("nobody's", 1, due=datetime.now(UTC) - timedelta(hours=1))

    ready = await api.http.get("/readyz")

    reason = "work waits for longer than it should"
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "reason": reason})


LOGS = """
import asyncio, logging, warnings
from jobs import log
log.begin("debug")

def fail():
    try:
        raise KeyError("hush")
    except KeyError as cause:
        raise ValueError("hush") from cause

async def forgotten():
    task = asyncio.create_task(asyncio.to_thread(fail))
    await asyncio.sleep(0.2)
    del task

asyncio.run(forgotten())
logging.getLogger("tortoise.db_client").debug("SELECT %s", "hush")
logging.getLogger("httpx").info("GET https://hush")
logging.getLogger("uvicorn.error").info('"WebSocket /graphql?hush" [accepted]')
warnings.warn("old")
try:
    fail()
except ValueError:
    logging.getLogger("relais").exception("it failed")
"""


def test_an_exception_is_told_by_its_class_and_its_place_not_by_its_words() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOGS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    (failed,) = [line for line in lines if line["event"] == "it failed"]

    assert [line["logger"] for line in lines] == ["asyncio", "py.warnings", "relais"]
    assert [error["type"] for error in failed["errors"]] == [
        "builtins.ValueError",
        "builtins.KeyError",
    ]
    assert failed["errors"][0]["frames"][-1].endswith("fail")
    assert "hush" not in ended.stderr
