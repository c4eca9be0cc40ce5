"""What one hostile request does to the others: `python -m bench.hostile` serves, and sends each.

Said of each: its status, the longest time for which the event loop answered nobody, and how much
memory the process took beside. Fails beyond 250 ms or 64 MiB.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from graphql import get_introspection_query

from app import build
from models.account import Role
from models.sql import database
from models.tombstone import Marks, Tombstone, Trace
from schema.asked import MAX_BODY, MAX_VALUES
from schema.bounds import MAX_LEAVES, MAX_OBJECTS, MAX_SPREADS
from tests import factories as make
from tests.client import Client
from tests.servers import Databases, served

MAX_BLOCKED = 0.250
MAX_MEMORY = 64 * 2**20
TICK = 0.001


def doubling(levels: int, within: str, on: str, last: str) -> str:
    """Fragments, each of which spreads the next one twice."""
    each = within.replace("%", "...F{n}")
    parts = [f"fragment F{n} on {on} {{ {each.format(n=n + 1)} }}" for n in range(levels)]
    return f"{' '.join(parts)} fragment F{levels} on {on} {{ {last} }}"


def asked(query: str, **variables: Any) -> bytes:
    """The body of a request."""
    return json.dumps({"query": query, "variables": variables}).encode()


SEARCH = "query ($where: ReviewFilter) { reviews(where: $where) { totalCount nodes { id } } }"
LIST = "query ($ids: [ID!]) { reviews(first: 1) { nodes { id } } }"
STRUCTURE = "structures { id answered office { id name } }"
HOSTILE: dict[str, bytes] = {
    "introspection, all of it": asked(get_introspection_query(input_value_deprecation=True)),
    "introspection, thrice": asked(
        "{ __schema { "
        + " ".join(f"t{n}: types {{ fields {{ args {{ name }} }} }}" for n in range(3))
        + " } }"
    ),
    "fragments that double": asked("{ ...F0 } " + doubling(29, "% %", "Query", "viewer { label }")),
    "fields that double": asked(
        "{ __schema { types { ...F0 } } } "
        + doubling(13, "a: ofType {{ % }} b: ofType {{ % }}", "__Type", "name")
    ),
    "2,000 tokens of aliases": asked(
        "{ " + " ".join(f"a{n}: __typename" for n in range(660)) + " }"
    ),
    "1,990 fields that are none": asked("{ " + " ".join(f"n{n}" for n in range(1990)) + " }"),
    "500 fields that merge": asked("{ " + "viewer { label } " * 499 + "}"),
    "as many fields as may merge": asked(
        "{ " + f"reviews {{ nodes {{ {STRUCTURE} }} }} " * MAX_OBJECTS + "}"
    ),
    "as many leaves as may merge": asked(
        "{ viewer { " + "label email advice " * MAX_LEAVES + "} }"
    ),
    "as many fragments as may be": asked(
        f"{{ viewer {{ {' '.join(f'...F{n}' for n in range(MAX_SPREADS))} }} }} "
        + " ".join(f"fragment F{n} on Viewer {{ label email }}" for n in range(MAX_SPREADS))
    ),
    "fragments in a chain": asked(
        "{ viewer { ...F0 } } " + doubling(MAX_SPREADS - 2, "label email %", "Viewer", "label")
    ),
    "as much as may be read": asked(
        "{ "
        + " ".join(f"r{n}: reviews(first: 100) {{ nodes {{ {STRUCTURE} }} }}" for n in range(30))
        + " }"
    ),
    "2,000 braces": asked("{" * 2000),
    "a string of 128 Ki": asked('{ node(id: "' + "x" * (2**17 - 40) + '") { id } }'),
    "blocks of quotes": asked("{ node(id: " + '"""' + '\\"""' * 30_000 + '"""' + ") { id } }"),
    "a comment of 128 Ki": asked("{ __typename } #" + "x" * (2**17 - 40)),
    "deep variables": asked(LIST, ids=json.loads("[" * 900 + "]" * 900)),
    "half a million numbers": asked(LIST, ids=[1] * 340_000),
    "as many numbers as may be": asked(LIST, ids=[1] * (MAX_VALUES - 1)),
    "as many wrong values as may be": asked(SEARCH, where={"axes": ["x"] * (MAX_VALUES - 2)}),
    "an id of a mebibyte": asked("query ($id: ID!) { node(id: $id) { id } }", id="x" * 1_000_000),
    "a cursor of a mebibyte": asked(
        "query ($c: String) { reviews(after: $c) { totalCount } }", c="A" * 1_000_000
    ),
    "a search of a mebibyte": asked(SEARCH, where={"text": "réponse " * 60_000}),
    "a search of one long word": asked(SEARCH, where={"text": "é" * 150_000}),
    "brackets": b"[" * (MAX_BODY - 1),
    "braces": b'{"a":' * 200_000,
}

SUBMIT = """mutation ($reviews: [ReviewSubmission!]!) {
  reviewsSubmit(source: "h", reviews: $reviews) { results { code field } } }"""


def handed(name: str, text: str) -> bytes:
    """As many reviews of that text as a request may bring."""
    said = (text * 20_000)[: 20_000 // len(text.encode()) * len(text)]
    review = {"sentiment": "NEGATIVE", "structures": [{"network": "caf"}], "description": said}
    count = min(250, (MAX_BODY - 2000) // (len(json.dumps(said)) + 200))
    return asked(
        SUBMIT, reviews=[{"sourceId": f"{name}-{n}", "review": review} for n in range(count)]
    )


TEXTS = {
    "names": "M. DUPONT et Mme Martin-Durand ",
    "numbers": "06 12 34 56 78 ",
    "one number": "1",
    "addresses": "jean.dupont@caf.fr ",
    "dots": ".",
    "at signs": "a@",
    "capitals": "A",
    "single letters": "a ",
    "accents": "e\u0301",
    "words": "attente trop longue au guichet. ",
}
BROUGHT = {f"a mebibyte of {name}": handed(name, text) for name, text in TEXTS.items()}
"""What is worked out of each text that comes in: who it names, how it reads, its words."""


async def world() -> None:
    """Some reviews, something erased, somebody who reads all, and somebody who brings more."""
    office = await make.office()
    for number in range(200):
        await make.review(office, office, office, title=f"Attente {number}")
    await make.person(Role.READER, network="caf", name="reader")
    await make.person(Role.SERVICE, rights="intake", name="platform")
    await Tombstone.lay(Marks([b"key"]), [Trace.at("review", "h", "erased")])


async def blocked(run: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    """The longest time in which nothing else ran while `run` did, and what it gave."""
    longest, done = 0.0, False

    async def watch() -> None:
        nonlocal longest
        last = time.perf_counter()
        while not done:
            await asyncio.sleep(TICK)
            now = time.perf_counter()
            longest, last = max(longest, now - last - TICK), now

    watching = asyncio.create_task(watch())
    await asyncio.sleep(TICK)
    found = await run()
    done = True
    await watching
    return longest, found


def resident() -> int:
    """Bytes of memory that the process holds, at most so far since `forget`."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def forget() -> int:
    """Begin to measure the most memory anew."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return resident()


async def main() -> int:
    """Send each, and say what it did; how many did too much."""
    with TemporaryDirectory() as name:
        databases = Databases("sqlite", Path(name))
        config = databases.settings(await databases.copy(make.nothing), cost_budget=0)
        async with database(config.tortoise(system=True)):
            await world()
        async with served(build(config)) as address, Client(address, config.token_key_file) as api:
            read = [await _send(api, "reader", *one) for one in HOSTILE.items()]
            return sum(read + [await _send(api, "platform", *one) for one in BROUGHT.items()])


async def _send(api: Client, who: str, what: str, body: bytes) -> bool:
    async def send() -> int:
        with suppress(httpx.HTTPError):
            headers = {**api.headers(who), "content-type": "application/json"}
            return (await api.http.post("/graphql", content=body, headers=headers)).status_code
        return 0

    before = forget()
    seconds, status = await blocked(send)
    grown = resident() - before
    bad = seconds > MAX_BLOCKED or grown > MAX_MEMORY or status >= 500
    mark = "BAD" if bad else "ok "
    sys.stdout.write(
        f"{mark} {status:3} {seconds * 1000:5.0f} ms {grown / 2**20:5.1f} MiB  {what}\n"
    )
    return bad


if __name__ == "__main__":
    sys.exit(min(asyncio.run(main()), 1))
