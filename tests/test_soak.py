"""Servers and workers, killed again and again, lose nothing and put nothing out of order."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tortoise.transactions import in_transaction
from websockets.exceptions import ConnectionClosed

from models import ids
from models.account import Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.office import Office
from models.task import Task
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.follower import socket
from tests.receivers import Receiver, receiving
from tests.test_live import CHANGES
from tests.test_live_processes import process

ROOT = Path(__file__).parent.parent
FOLLOW = "subscription ($after: String) { reviewEvents(after: $after) { cursor facts } }"
KILLS = int(os.environ.get("SOAK_KILLS", "5"))
"""`SOAK_KILLS=50` soaks for longer."""


def worker(config: Settings, folder: Path) -> subprocess.Popen[bytes]:
    """The worker in a process of its own."""
    environ = {
        "PATH": os.environ["PATH"],
        "RELAIS_DATABASE_URL": config.database_url,
        "RELAIS_TOKEN_KEY_FILE": str(config.token_key_file),
        "RELAIS_IMPORT_DIR": str(folder),
        "RELAIS_WEBHOOK_LOOPBACK": "1",
    }
    command = [sys.executable, "-m", "jobs", "work"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)


async def happen(office: Office, chance: Random, count: list[int], ended: asyncio.Event) -> None:
    """Things happen to five items, one after the other."""
    place = Place(office.network_id, office.department_id, office.id)
    while not ended.is_set():
        item = f"item-{chance.randrange(5)}"
        async with in_transaction():
            deeds = [Deed("review.changed", item, place, {"number": count[0]})]
            await Event.add(await AuditEntry.add(deeds[0], Doer(None, "test")), deeds)
        count[0] += 1
        await asyncio.sleep(chance.random() * 0.2)


def firsts(receiver: Receiver) -> dict[str, list[int]]:
    """The numbers that each item was told with, in the order in which each first came."""
    seen: dict[str, list[int]] = {}
    for told in receiver.taken:
        numbers = seen.setdefault(told["data"]["item"], [])
        if told["data"]["facts"]["number"] not in numbers:
            numbers.append(told["data"]["facts"]["number"])
    return seen


async def follow(api: Client, who: str, heard: list[Any]) -> None:
    """Hear what happens after what was heard, until the server is gone."""
    async with socket(str(api.http.base_url).rstrip("/")) as connection:
        await connection.begin(**api.headers(who))
        await connection.follow(FOLLOW, after=heard[-1]["cursor"])
        with suppress(ConnectionClosed):
            while True:
                heard.append(await connection.data())


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_killed_servers_and_workers_lose_no_event_and_put_none_out_of_order(
    config: Settings, tmp_path: Path
) -> None:
    config = config.model_copy(update={"webhook_loopback": True})
    chance, count, ended = Random(7), [0], asyncio.Event()
    create = """mutation ($input: WebhookInput!) { webhookCreate(input: $input) {
      userErrors { code } } }"""
    async with asking(config) as api, receiving() as receiver:
        receiver.answer_to = lambda _: 503 if chance.random() < 0.02 else 200
        office = await make.office()
        boss = await make.person(Role.OFFICE_MANAGER, office=office)
        place = {"office": ids.encode("Office", office.id)}
        given: Any = {"url": receiver.address, "label": "x", "place": place}
        await api.data(boss, create, input=given)
        heard: list[Any] = [{"cursor": (await api.data(boss, CHANGES))["changes"]["endCursor"]}]
        happening = asyncio.create_task(happen(office, chance, count, ended))
        for _ in range(KILLS):
            receiver.news.clear()
            doomed = worker(config, tmp_path)
            async with process(config) as (server, running):
                following = asyncio.create_task(follow(server, boss, heard))
                known = len(heard)
                await asyncio.wait_for(receiver.news.wait(), 30)
                async with asyncio.timeout(30):
                    while len(heard) == known:
                        await asyncio.sleep(0.01)
                for kill in chance.sample((doomed.kill, running.kill), 2):
                    await asyncio.sleep(chance.random() * 0.5)
                    kill()
                await following
            doomed.wait()
            await Task.all().update(leased_until=datetime.now(UTC))  # as if its time had passed
        ended.set()
        await happening
        last = worker(config, tmp_path)
        try:
            async with asyncio.timeout(120):
                while sum(map(len, firsts(receiver).values())) < count[0]:
                    await asyncio.sleep(0.1)
        finally:
            last.terminate()
            last.wait()
        told = firsts(receiver)
        async with process(config) as (server, _):
            following = asyncio.create_task(follow(server, boss, heard))
            async with asyncio.timeout(30):
                while len(heard) <= count[0]:
                    await asyncio.sleep(0.01)
            following.cancel()

    assert [event["facts"]["number"] for event in heard[1:]] == list(range(count[0]))
    assert sorted(number for numbers in told.values() for number in numbers) == list(
        range(count[0])
    )
    assert [numbers for numbers in told.values() if numbers != sorted(numbers)] == []
