"""`python -m bench.day`: what is remembered while people work, by the service's own figures.

Agents look at their inbox and filter it, and answer now and then; managers look at figures. Each
asks in bursts, as a page of a back-office does, and then reads for a while.
"""

import asyncio
import re
import sys
from argparse import ArgumentParser
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any

import asyncpg
import httpx

from auth.tokens import Keys
from bench import servers
from bench.cluster import Cluster, cluster
from jobs.people import Scope, give
from models.account import Role
from models.network import Network
from models.office import Office
from models.sql import database
from settings import Settings

READS = 15.0
"""Seconds that a person reads for, between two pages."""

INBOX = """{ reviews(first: 20, where: {answered: false}) { nodes { id title structures { id
  network { code } office { name } answered } } } networks { code name } }"""
NETWORK = """query ($codes: [String!]) { reviews(first: 20, where: {networks: $codes,
  sentiments: [NEGATIVE]}) { totalCount nodes { id title } } }"""
REPLY = """mutation ($id: ID!) { reviewReply(id: $id, body: "Bonjour, merci.") {
  userErrors { code } } }"""
YEAR = '{from: "2025-07-01", to: "2026-06-30"}'
FIGURES = [
    f"{{ satisfaction(period: {YEAR}{by}) {{ {wanted} }} }}"
    for by, wanted in (
        ("", "total { count rate { value } }"),
        (", groupBy: [NETWORK], by: MONTH", "cells { from count network { code } }"),
        (", groupBy: [DEPARTMENT]", "cells { count department { code } }"),
    )
]


async def agent(ask: Any, chance: Random, network: str) -> None:
    """Look at the inbox and its filters, and answer now and then."""
    told, _ = await asyncio.gather(ask(INBOX), ask(NETWORK, codes=[network]))
    nodes = told["reviews"]["nodes"]
    if nodes and chance.random() < 0.2:
        open_ = [one["id"] for one in nodes[0]["structures"] if not one["answered"]]
        await ask(REPLY, id=open_[0])


async def manager(ask: Any, _: Random, __: str) -> None:
    """Look at the figures of a year."""
    await asyncio.gather(*map(ask, FIGURES))


async def people(made: Cluster, count: int) -> dict[str, tuple[Any, str]]:
    """Those who work: nine agents of the busiest offices for each manager or analyst."""
    url = made.environment("postgres")["RELAIS_DATABASE_URL"]
    db = await asyncpg.connect(host=str(made.home), user="postgres", database=made.name)
    busy = "SELECT office_id FROM review_structure WHERE office_id IS NOT NULL GROUP BY 1"
    keys = [row[0] for row in await db.fetch(f"{busy} ORDER BY count(*) DESC, 1 LIMIT {count}")]
    await db.close()
    known: dict[str, tuple[Any, str]] = {}
    async with database(Settings(database_url=url).tortoise(system=True)):
        for turn, key in enumerate(keys):
            office = await Office.get(id=key)
            network = await Network.get(id=office.network_id)
            name = f"day-{turn}"
            if turn % 20 == 9:
                await give(name, None, Role.NETWORK_MANAGER, Scope(network))
            elif turn % 20 == 19:
                await give(name, None, Role.ANALYST, Scope())
            else:
                await give(name, None, Role.OFFICE_AGENT, Scope(network, office=office))
            known[name] = (agent if turn % 10 != 9 else manager), network.code
    return known


async def work(made: Cluster, port: int, count: int, seconds: float) -> int:
    """Let so many people work for so long: how often they asked."""
    asked, keys = Counter[str](), Keys(made.keys)
    address = f"http://127.0.0.1:{port}/graphql"
    async with httpx.AsyncClient(timeout=30) as http:

        async def one(name: str, does: Any, network: str) -> None:
            chance = Random(name)  # noqa: S311  (the same day each time)
            token = {"authorization": f"Bearer {keys.issue(name, 3600)}"}

            async def ask(query: str, **variables: Any) -> Any:
                body = {"query": query, "variables": variables}
                answer = (await http.post(address, json=body, headers=token)).json()
                if "errors" in answer:
                    raise SystemExit(f"{name}: {answer['errors']}")
                asked[name] += 1
                return answer["data"]

            await asyncio.sleep(chance.random() * READS)
            while True:
                await does(ask, chance, network)
                await asyncio.sleep(chance.expovariate(1 / READS))

        working = [one(name, *what) for name, what in (await people(made, count)).items()]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*working)
    return asked.total()


def main() -> None:
    """Let people work, and print what was remembered."""
    parser = ArgumentParser(prog="python -m bench.day", description=main.__doc__)
    parser.add_argument("--reviews", type=int, default=20_000, help="how many there are (20,000)")
    parser.add_argument("--people", type=int, default=100, help="who work at once (100)")
    parser.add_argument("--seconds", type=float, default=300, help="for so long (300)")
    args = parser.parse_args()
    with cluster(args.reviews) as made, servers.ours(made) as server:
        count = asyncio.run(work(made, server.port, args.people, args.seconds))
        scraped = httpx.get(f"http://127.0.0.1:{server.metrics}/metrics").text
    sys.stdout.write(f"{count} requests of {args.people} people in {args.seconds:.0f} s\n\n")
    sys.stdout.write("| what | found | not found | found of all |\n|---|---|---|---|\n")
    found = re.findall(
        r'^relais_cache_requests_total{cache="\w+",kind="(\w+)",outcome="(hit|miss)"} (\S+)',
        scraped,
        re.MULTILINE,
    )
    told = {(kind, outcome): float(value) for kind, outcome, value in found}
    for kind in sorted({kind for kind, _ in told}):
        hits, misses = told.get((kind, "hit"), 0), told.get((kind, "miss"), 0)
        rate = hits / (hits + misses) if hits + misses else 0
        sys.stdout.write(f"| {kind} | {hits:.0f} | {misses:.0f} | {rate:.0%} |\n")


if __name__ == "__main__":
    main()
