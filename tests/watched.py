"""Servers and workers in processes of their own, and all that they tell whoever runs them."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.outward import authorities
from settings import Settings
from tests.client import Client
from tests.servers import free_port, served

ROOT = Path(__file__).parent.parent


@dataclass
class Program:
    """One that runs: its process, its log, and where it is scraped."""

    process: Process
    log: Path
    metrics: str
    port: int = 0
    scraped: list[str] = field(default_factory=list)

    async def scrape(self) -> str:
        """Its figures, as Prometheus has them."""
        async with httpx.AsyncClient(verify=authorities()) as http:
            answer = await http.get(self.metrics)
        assert answer.status_code == 200
        self.scraped.append(answer.text)
        return answer.text

    def told(self) -> str:
        """Its log."""
        return self.log.read_text()

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log that tell of `event`; every line is JSON."""
        told = [json.loads(line) for line in self.told().splitlines()]
        return [line for line in told if line["event"] == event]


def sample(text: str, series: str) -> float | None:
    """The value of one series in a scrape."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


@asynccontextmanager
async def program(
    config: Settings, folder: Path, *module: str, **environ: str
) -> AsyncIterator[Program]:
    """`python -m MODULE`, which writes its log into `folder`, once it gives figures."""
    port, metrics = int(environ.get("RELAIS_PORT", free_port())), free_port()
    told = {
        "RELAIS_DATABASE_URL": config.database_url,
        "RELAIS_TOKEN_KEY_FILE": str(config.token_key_file),
        "RELAIS_IMPORT_DIR": str(folder / "imports"),
        "RELAIS_EXPORT_DIR": str(folder / "exports"),
        "RELAIS_ATTACHMENT_DIR": str(folder / "attachments"),
        "RELAIS_WEBHOOK_LOOPBACK": "1",
        "RELAIS_PORT": str(port),
        "RELAIS_METRICS_PORT": str(metrics),
        **environ,
    }
    log = folder / f"{module[0]}-{port}.log"
    with log.open("wb") as written:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *module,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **told},
            stdout=DEVNULL,
            stderr=written,
        )
    one = Program(running, log, f"http://127.0.0.1:{metrics}/metrics", port)
    try:
        while True:
            assert running.returncode is None, one.told()
            try:
                await one.scrape()
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        yield one
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


@asynccontextmanager
async def server(
    config: Settings, folder: Path, **environ: str
) -> AsyncIterator[tuple[Client, Program]]:
    """The service, and a client of it."""
    async with program(config, folder, "app", **environ) as one:
        address = f"http://127.0.0.1:{one.port}"
        async with Client(address, config.token_key_file) as client:
            while True:
                try:
                    await client.http.get("/healthz")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
            yield client, one


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Where traces go by OTLP: its address, and what was sent."""
    taken: list[bytes] = []

    async def take(request: Request) -> Response:
        taken.append(await request.body())
        return Response(media_type="application/x-protobuf")

    async with served(Starlette(routes=[Route("/v1/traces", take, methods=["POST"])])) as address:
        yield f"{address}/v1/traces", taken
