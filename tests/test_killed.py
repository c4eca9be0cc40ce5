"""A change that is asked for again and again has one effect, though the server is killed."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.tokens import Keys
from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.event import Event
from models.network import Network
from models.reply import Reply
from models.review import ReviewStructure
from models.sql import database
from settings import Settings
from tests import factories as make
from tests.servers import free_port

ROOT = Path(__file__).parent.parent
REPLY = """mutation ($id: ID!) { done: reviewReply(id: $id, body: "Bonjour.", idempotencyKey: "k") {
  reply { id version } userErrors { code } } }"""


def server(config: Settings, port: int) -> subprocess.Popen[bytes]:
    """The service in a process of its own."""
    environ = {
        "PATH": os.environ["PATH"],
        "RELAIS_DATABASE_URL": config.database_url,
        "RELAIS_TOKEN_KEY_FILE": str(config.token_key_file),
        "RELAIS_PORT": str(port),
        "RELAIS_LOG_LEVEL": "error",
    }
    return subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=environ)


async def ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(httpx.TransportError):
                if (await http.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def insist(http: httpx.AsyncClient, headers: dict[str, str], body: dict[str, Any]) -> Any:
    """Ask until there is an answer; how often that was."""
    async with asyncio.timeout(60):
        for attempt in range(10_000):
            with suppress(httpx.TransportError):
                answer = await http.post("/graphql", json=body, headers=headers)
                if answer.status_code == 200:
                    return attempt, answer.json()["data"]["done"]
            await asyncio.sleep(0.05)
    raise AssertionError


async def any_of(asked: list[asyncio.Task[Any]], answered: int) -> None:
    """Wait until so many of them have their answer."""
    for _, task in zip(range(answered), asyncio.as_completed(asked), strict=False):
        await task
    await asyncio.sleep(0.02 * (answered == 0))  # they are on their way


@pytest.mark.parametrize("answered", [0, 1, 3])
async def test_fifty_who_insist_while_the_server_is_killed_have_one_effect(
    config: Settings, answered: int
) -> None:
    async with database(config.tortoise(system=True)):
        office = await make.office()
        await Network.all().update(validates_replies=False)
        agent = await make.person(Role.OFFICE_AGENT, office=office)
        structure = await ReviewStructure.get(review=await make.review(office))
    body = {"query": REPLY, "variables": {"id": ids.encode("ReviewStructure", structure.id)}}
    headers = {"authorization": f"Bearer {Keys(config.token_key_file).issue(agent, 600)}"}
    port = free_port()
    limits = httpx.Limits(max_connections=50)
    address = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=address, timeout=30, limits=limits) as http:
        doomed = server(config, port)
        try:
            await ready(http)
            insisting = [asyncio.create_task(insist(http, headers, body)) for _ in range(50)]
            await any_of(insisting, answered)
        finally:
            doomed.kill()
            doomed.wait()
        restarted = server(config, port)
        try:
            answers = await asyncio.gather(*insisting)
        finally:
            restarted.terminate()
            restarted.wait()

    async with database(config.tortoise(system=True)):
        (reply,) = await Reply.all()
        effects = [await model.all().count() for model in (AuditEntry, Event)]
    done = {"reply": {"id": ids.encode("Reply", reply.id), "version": 2}, "userErrors": []}
    assert [answer for _, answer in answers] == [done] * 50
    assert effects == [1, 1]
    assert max(attempt for attempt, _ in answers) > 0  # some were cut off
