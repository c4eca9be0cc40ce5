"""Sends what nobody would: `make fuzz`, against a service on PostgreSQL, over a socket.

Half of the requests are made from the schema by schemathesis, half here: every operation with
arguments right and wrong, and bodies that are none. None may be answered with 5xx, tell of the
inside, or leave a fault in the log.
"""

import asyncio
import json
import logging
import os
import re
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from random import randrange
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from graphql import GraphQLField, get_named_type, is_composite_type, is_required_argument
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as some

from app import build
from auth.tokens import Keys
from models.account import Role
from models.sql import database
from schema.errors import CODES
from schema.root import schema
from tests import factories as make
from tests.fuzz.values import JUNK, value
from tests.servers import Databases, served

HERE = Path(__file__).parent
SCHEMATHESIS = HERE.parent.parent / ".tools/bin/schemathesis"
PEOPLE = {
    "manager": (Role.NETWORK_MANAGER, "caf"),
    "moderator": (Role.MODERATOR, None),
    "administrator": (Role.ADMINISTRATOR, None),
}
INSIDE = re.compile(
    r"Traceback|File \"|asyncpg|tortoise|SELECT |INSERT |\.py\b|<object|0x[0-9a-f]{8}"
)
OPERATIONS: list[tuple[str, str, GraphQLField]] = [
    (root.name.lower(), name, field)
    for root in (schema._schema.query_type, schema._schema.mutation_type)
    if root
    for name, field in root.fields.items()
]


async def world() -> None:
    """Some offices and reviews, and those who ask."""
    for _ in range(3):
        office = await make.office()
        await make.review(office)
        await make.review(office, replied=1)
        await make.submission(office)
    for name, (role, network) in PEOPLE.items():
        await make.person(role, network=network, name=name)


class Faults(logging.Handler):
    """Keeps what the service logs of faults of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, with where it happened."""
        self.found.append(self.format(record))


@some.composite
def requests(draw: some.DrawFn) -> Any:
    """A request of one operation, or a body that may be anything."""
    if draw(some.integers(0, 9)) == 0:
        return draw(JUNK | some.fixed_dictionaries({"query": JUNK}, optional={"variables": JUNK}))
    kind, name, field = draw(some.sampled_from(OPERATIONS))
    arguments = {
        key: argument
        for key, argument in field.args.items()
        if is_required_argument(argument) or draw(some.booleans())
    }
    said = ", ".join(f"${key}: {argument.type}" for key, argument in arguments.items())
    given_to = ", ".join(f"{key}: ${key}" for key in arguments)
    below = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    call = f"{name}({given_to})" if arguments else name
    variables = {key: draw(value(argument.type)) for key, argument in arguments.items()}
    return {
        "query": f"{kind}{f'({said})' if said else ''} {{ {call}{below} }}",
        "variables": variables,
    }


def bad(answer: httpx.Response) -> bool:
    """Whether an answer is one that a client must never get."""
    if answer.status_code >= 500 or INSIDE.search(answer.text):
        return True
    errors = answer.json().get("errors", [])
    return any(error["extensions"]["code"] not in CODES for error in errors)


def ours(address: str, keys: Keys, count: int, start: int) -> tuple[Counter[int], list[str]]:
    """Send `count` requests of our own; the statuses, and those that were answered badly."""
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    headers = [
        {
            "authorization": f"Bearer {keys.issue(name, 24 * 3600)}",
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
        }
        for name in PEOPLE
    ]

    with httpx.Client(base_url=address, timeout=30) as http:

        @seed(start)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests(), some.sampled_from(headers))
        def send(body: Any, who: dict[str, str]) -> None:
            answer = http.post("/graphql", content=json.dumps(body).encode(), headers=who)
            statuses[answer.status_code] += 1
            if bad(answer):
                wrong.append(f"{answer.status_code} {answer.text[:300]}\n    {str(body)[:600]}")

        send()
    return statuses, wrong


async def theirs(address: str, token: str, count: int, start: int) -> bool:
    """Have schemathesis send about `count` requests; whether it is content."""
    each = max(count // len(OPERATIONS), 1)
    process = await asyncio.create_subprocess_exec(
        *(SCHEMATHESIS, "run", f"{address}/graphql", "--header", f"Authorization: Bearer {token}"),
        *("--header", "Accept: application/graphql-response+json"),
        *("--checks", "no_fault", "--max-examples", str(each), "--no-color"),
        *("--seed", str(start)),
        *("--phases", "fuzzing", "--generation-database", "none"),
        *("--suppress-health-check", "all", "--continue-on-failure"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=HERE,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks"},
    )
    said, _ = await process.communicate()
    lines = said.decode().strip().splitlines()
    sys.stdout.writelines(
        f"  {line}\n" for line in lines[-12 if process.returncode == 0 else -60 :]
    )
    return process.returncode == 0


async def main() -> int:
    """Send them all, and say what came; 1 if anything was bad."""
    parser = ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=50_000, help="requests to send")
    parser.add_argument("--seed", type=int, default=randrange(2**32), help="the same again")
    args = parser.parse_args()
    count, start = args.count, args.seed
    sys.stdout.write(f"{count} requests, --seed {start}\n")
    faults = Faults()
    logging.getLogger("relais").addHandler(faults)
    with TemporaryDirectory() as name:
        databases = Databases("postgres", Path(name))
        config = databases.settings(await databases.copy(make.nothing), cost_budget=0)
        async with database(config.tortoise(system=True)):
            await world()
        keys = Keys(config.token_key_file)
        async with served(build(config)) as address:
            content = await theirs(address, keys.issue("manager", 24 * 3600), count // 2, start)
            statuses, wrong = await asyncio.to_thread(
                ours, address, keys, count - count // 2, start
            )
        databases.stop()
    sys.stdout.write(f"statuses of ours: {dict(sorted(statuses.items()))}\n")
    sys.stdout.writelines(f"BAD {one}\n" for one in wrong[:10])
    sys.stdout.writelines(f"FAULT {one}\n" for one in faults.found[:10])
    sys.stdout.write(f"{len(wrong)} bad answers, {len(faults.found)} faults in the log\n")
    return int(bool(wrong or faults.found or not content))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
