"""Those who write and read meanwhile, and the comparison of what they were told with what is."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any

import httpx

from auth.tokens import Keys
from models import ids
from models.account import Role
from models.audit import GENESIS, AuditEntry
from models.comment import Comment
from models.review import Review
from models.sql import database
from settings import Settings
from tests import factories as make

WHO = "boss"
DAY = 24 * 3600
REVIEWS = 12
WRITE = """mutation ($id: ID!, $said: String!) {
  done: commentAdd(id: $id, body: $said, idempotencyKey: $said) { userErrors { code } } }"""
READ = "{ reviews(first: 5) { totalCount nodes { title structures { office { name } } } } }"


async def some_reviews() -> None:
    """Some reviews to talk about, and who does."""
    await make.nothing()
    office = await make.office()
    for _ in range(REVIEWS):
        await make.review(office)
    await make.person(Role.NETWORK_MANAGER, network="caf", name=WHO)


@dataclass(frozen=True)
class Asked:
    """One request: when it was sent, how many seconds it took, and its status; 0 if cut off."""

    at: float
    took: float
    status: int


class Ledger:
    """What is asked of the service at `address`, and what it acknowledged."""

    def __init__(self, config: Settings, address: str) -> None:
        self.config = config
        self.address = address
        token = Keys(config.token_key_file).issue(WHO, DAY)
        accept = "application/graphql-response+json"
        self.headers = {"authorization": f"Bearer {token}", "accept": accept}
        self.told: list[Asked] = []
        self.acknowledged: set[str] = set()
        self._numbers = count(1)

    async def read(self, http: httpx.AsyncClient) -> Asked:
        """Read a page."""
        asked, _ = await self.ask(http, {"query": READ})
        return asked

    async def write(self, http: httpx.AsyncClient, said: str) -> bool:
        """Say something; whether that was acknowledged."""
        _, body = await self.ask(http, self.saying(said))
        done = bool(body) and "errors" not in body and body["data"]["done"] == {"userErrors": []}
        if done:
            self.acknowledged.add(said)
        return done

    def saying(self, said: str) -> dict[str, Any]:
        """The request that says something, always of the same review."""
        review = ids.encode("Review", 1 + int(said.split("-")[1]) % REVIEWS)
        return {"query": WRITE, "variables": {"id": review, "said": said}}

    async def sees(self, http: httpx.AsyncClient) -> bool:
        """Whether any review is in sight."""
        _, body = await self.ask(http, {"query": READ})
        return body is None or "errors" in body or body["data"]["reviews"]["totalCount"] > 0

    def new(self) -> str:
        """Something that nobody said yet, which is its idempotency key too."""
        return f"said-{next(self._numbers)}"

    def since(self, moment: float) -> list[Asked]:
        """What was asked after a moment."""
        return [asked for asked in self.told if asked.at >= moment]

    def wrong(self) -> int:
        """Answers that must not be: neither right, nor that the service is away for now."""
        return sum(asked.status not in {0, 200, 503} for asked in self.told)

    async def ask(self, http: httpx.AsyncClient, body: Any) -> tuple[Asked, Any]:
        """Ask; and the answer, if it is one."""
        begun, status, whole = monotonic(), 0, None
        try:
            answer = await http.post(f"{self.address}/graphql", json=body, headers=self.headers)
            status, whole = answer.status_code, answer.json()
        except (httpx.TransportError, ValueError):
            pass
        asked = Asked(begun, monotonic() - begun, status)
        self.told.append(asked)
        return asked, whole

    @asynccontextmanager
    async def busy(self, people: int = 8) -> AsyncIterator[None]:
        """Meanwhile, so many people read, and write until it is acknowledged."""
        ended = asyncio.Event()
        limits = httpx.Limits(max_connections=people)
        async with httpx.AsyncClient(timeout=30, limits=limits) as http:

            async def work() -> None:
                said = self.new()
                while not ended.is_set():
                    if await self.write(http, said):
                        said = self.new()
                        await self.read(http)
                    else:
                        await asyncio.sleep(0.02)

            working = [asyncio.create_task(work()) for _ in range(people)]
            try:
                yield
            finally:
                ended.set()
                await asyncio.gather(*working)

    async def works(self, within: float = 30.0) -> float:
        """Seconds until a change and a read are answered rightly."""
        begun = monotonic()
        async with asyncio.timeout(within), httpx.AsyncClient(timeout=30) as http:
            said = self.new()
            while not await self.write(http, said) or (await self.read(http)).status != 200:
                await asyncio.sleep(0.02)
        return monotonic() - begun

    async def missing(self) -> list[str]:
        """What is wrong with what is there, against what was acknowledged."""
        async with database(self.config.tortoise(system=True), shared=False):
            said = Counter(await Comment.all().values_list("body", flat=True))
            entries = await AuditEntry.all().order_by("id")
            written = await Review.all().count()
        lost = len(self.acknowledged - said.keys())
        twice = sum(times > 1 for times in said.values())
        seal, broken = GENESIS, 0
        for number, entry in enumerate(entries, 1):
            broken += entry.id != number or entry.seal != entry.sealed(seal)
            seal = entry.seal
        halves = abs(len(entries) - said.total())
        found = {"lost": lost, "done twice": twice, "done by half": halves, "broken seals": broken}
        return [
            f"{number} {what}"
            for what, number in {**found, "gone": REVIEWS - written}.items()
            if number
        ]
