"""Requests are cut off at any moment: whoever asked hangs up, or ends what it follows."""

import asyncio
import json
from random import Random
from urllib.parse import urlsplit

import asyncpg
import httpx
from websockets.asyncio.client import connect

from tests.faults.ground import Figure, Service, databases, filled, serving, verdict
from tests.faults.ledger import READ, Ledger
from tests.follower import PROTOCOL, Socket

POOL = 4
AT_ONCE = 20
FOLLOW = "subscription ($after: String) { reviewEvents(after: $after) { cursor } }"
CURSOR = "{ changes(first: 1) { endCursor } }"


async def faults(*, short: bool) -> list[Figure]:
    """Half of them are requests, a third of which change something; half are subscriptions."""
    name, total = "cancelled", 400 if short else 10_000
    with databases("postgres") as made:
        config = await filled(made)
        async with serving(config, database_pool_size=POOL) as service:
            await service.ledger.works()
            each = total // 2 // AT_ONCE
            cutting = [_hang_up(service.ledger, Random(n), each) for n in range(AT_ONCE)]
            await asyncio.gather(*cutting)
            await asyncio.gather(*(_end(service, Random(n), each) for n in range(AT_ONCE)))
            took = await service.ledger.works()
            held = await _held(made._home, urlsplit(config.database_url).path.strip("/"))
            refused = await _all_at_once(service.ledger)
            figures = await verdict(name, service)
    return [
        Figure(name, "requests and subscriptions", f"{2 * each * AT_ONCE:,}"),
        Figure(name, "transactions left open", str(held), not held),
        Figure(
            name, f"answers refused of {POOL * 5} at once, afterwards", str(refused), not refused
        ),
        Figure(name, "until all works again", f"{took:.1f} s", took <= 5),
        *figures,
    ]


async def _hang_up(ledger: Ledger, chance: Random, times: int) -> None:
    """Send requests, and close the connection at any moment."""
    parts = urlsplit(ledger.address)
    for n in range(times):
        body: dict[str, object] = {"query": READ}
        if n % 3 == 0:
            said = ledger.new()
            body = ledger.saying(said)
        sent = json.dumps(body).encode()
        head = [f"{name}: {value}" for name, value in ledger.headers.items()]
        head += ["host: x", "content-type: application/json", f"content-length: {len(sent)}"]
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write("\r\n".join(["POST /graphql HTTP/1.1", *head, "", ""]).encode() + sent)
        await asyncio.sleep(chance.random() * 0.1)
        writer.transport.abort()


async def _end(service: Service, chance: Random, times: int) -> None:
    """Follow what happens, and end that at any moment."""
    url = service.ledger.address.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[PROTOCOL]) as connection:
        follower = Socket(connection)
        await follower.begin(**service.ledger.headers)
        for _ in range(times):
            name = await follower.follow(FOLLOW)
            await asyncio.sleep(chance.random() * 0.05)
            await follower.send(type="complete", id=name)


async def _held(home: object, name: str) -> int:
    admin = await asyncpg.connect(host=str(home), user="postgres")
    left: int = await admin.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND state LIKE 'idle in tran%'",
        name,
    )
    await admin.close()
    return left


async def _all_at_once(ledger: Ledger) -> int:
    async with httpx.AsyncClient(timeout=30) as http:
        asked = await asyncio.gather(*(ledger.read(http) for _ in range(POOL * 5)))
    return sum(one.status != 200 for one in asked)
