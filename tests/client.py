"""Asks the service as a client would: over a socket, with a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx

from app import build
from auth.tokens import Keys
from models.outward import authorities
from models.sql import database
from settings import Settings
from tests.servers import served


class Client:
    """A client of the service at `address`, which can sign tokens for anyone."""

    def __init__(self, address: str, keys: Path) -> None:
        accept = {"accept": "application/graphql-response+json"}
        self.http = httpx.AsyncClient(
            base_url=address, timeout=30, headers=accept, verify=authorities()
        )
        self.keys = Keys(keys)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    def headers(self, person: str) -> dict[str, str]:
        """What makes a request that of `person`."""
        return {"authorization": f"Bearer {self.keys.issue(person, 60)}"}

    async def ask(self, person: str, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer to `query` as `person`, but for what it cost."""
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers=self.headers(person))
        whole: dict[str, Any] = answer.json()
        whole.pop("extensions", None)
        return whole

    async def data(self, person: str, query: str, **variables: Any) -> Any:
        """The data of an answer that must be free of errors."""
        answer = await self.ask(person, query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]


@asynccontextmanager
async def asking(config: Settings) -> AsyncIterator[Client]:
    """A client of the service that `config` sets; what the test itself does is not walled in."""
    async with (
        served(build(config)) as address,
        Client(address, config.token_key_file) as client,
        beside(config),
    ):
        yield client


@asynccontextmanager
async def beside(config: Settings) -> AsyncIterator[None]:
    """The database of a service that runs, without its wall: for what the test itself does."""
    if config.dialect == "sqlite":  # one connection, and no wall
        yield
        return
    async with database(config.tortoise(system=True), shared=False):
        yield
