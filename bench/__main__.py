"""`python -m bench`: measure the service beside its rival and the least that could be done."""

import asyncio
import subprocess
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import orjson
from tqdm import tqdm

from auth import scope
from auth.accounts import held_by
from auth.tokens import Keys
from bench import servers
from bench.cases import Asked, Case, Facts, cases, requests
from bench.cluster import Cluster, cluster
from bench.load import Heard, Load
from bench.report import Figure, written
from bench.servers import PLAIN, WALLED, Server
from jobs.people import Scope, give
from models.account import Account, Role
from models.network import Network
from models.office import Office
from models.sql import Sql, database, fetch
from resolvers.events import cursor
from settings import Settings

EVENTS = """
INSERT INTO event (at, type, catalogue, subject, item, network_id, facts)
SELECT now(), 'review.published', 1, 'Review:' || n, 'Review:' || n, ?, '{}'
FROM generate_series(1, 2000) AS made (n)
WHERE NOT EXISTS (SELECT 1 FROM event WHERE network_id = ?)
"""
"""To follow, where nothing has happened yet."""
WARM_UP = 0.5
ENDS_WITHIN = 60.0
"""Seconds after which a measure is over that should have ended."""
OUT = Path(__file__).parent.parent / "var" / "bench"


def main() -> None:
    """Measure, and write a table and a picture."""
    parser = ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--reviews", type=int, default=1_000_000, help="how many (1,000,000)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measure (5)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts (3)")
    parser.add_argument(
        "--connections", type=int, nargs="+", default=[1, 8, 32], help="at once (1 8 32)"
    )
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--without-rival", action="store_true", help="leave PostGraphile out")
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder of the results ({OUT})")
    args = parser.parse_args()
    with cluster(args.reviews) as made, ExitStack() as running:
        facts, tokens, reach = asyncio.run(_prepared(made))
        asked = [case for case in cases(facts) if args.only in case.name]
        compared = [
            running.enter_context(servers.ours(made)),
            running.enter_context(servers.bare(made)),
            running.enter_context(servers.plain(made)),
        ]
        if not args.without_rival:
            compared.append(running.enter_context(servers.postgraphile(made, None)))
            compared.append(running.enter_context(servers.postgraphile(made, reach)))
        measures = [
            (case, connections, server)
            for case in asked
            for connections in args.connections
            for _ in range(args.rounds)
            for server in compared
            if _said(case, server) is not None
        ]
        changing = sum(case.changes for case, _, _ in measures) or 1
        figures = [
            _measured(made, measure, tokens, args.seconds, slice(turn % changing, None, changing))
            for turn, measure in enumerate(tqdm(measures, "measuring", disable=None))
        ]
        memory = {server.name: server.peak() for server in compared}
    args.out.mkdir(parents=True, exist_ok=True)
    written(figures, memory, args.out, args.reviews)


async def _prepared(made: Cluster) -> tuple[Facts, dict[str, str], dict[str, str]]:
    """What to ask about, tokens of those who ask, and how far the manager's reach goes."""
    facts, keys = await Facts.read(made), Keys(made.keys)
    url = made.environment("postgres")["RELAIS_DATABASE_URL"]
    async with database(Settings(database_url=url).tortoise(system=True)):
        network = await Network.get(id=facts.network)
        office = await Office.get(id=facts.office)
        await give("agent", None, Role.OFFICE_AGENT, Scope(network, office=office))
        await give("manager", None, Role.NETWORK_MANAGER, Scope(network))
        await give("analyst", None, Role.ANALYST, Scope())
        viewer = await held_by(await Account.get(subject="manager"))
        await fetch(Sql(EVENTS, (network.id, network.id)))
    tokens = {name: keys.issue(name, 12 * 3600) for name in ("agent", "manager", "analyst")}
    return replace(facts, since=cursor(viewer, 0)), tokens, scope.reach(viewer).settings()


def _said(case: Case, server: Server) -> Asked | None:
    by_name = {"Relais": case.ours, "bare limit": case.bare, PLAIN: case.plain}
    if server.name == WALLED and not case.walled:
        return None
    return by_name.get(server.name, case.theirs)


def _measured(
    made: Cluster,
    measure: tuple[Case, int, Server],
    tokens: dict[str, str],
    seconds: float,
    share: slice,
) -> Figure:
    """One figure. What changes something is asked of things that no other measure has changed."""
    case, connections, server = measure
    asked = _said(case, server)
    assert asked  # noqa: S101  (those who are not asked are left out)
    headers = {}
    if server.name == "Relais":
        headers["authorization"] = f"Bearer {tokens[case.viewer]}"
    bodies = requests(asked, headers)
    load = Load(
        "127.0.0.1",
        server.port,
        bodies[share] if case.changes else bodies,
        connections,
        seconds,
        once=case.changes,
    )
    if not case.changes:  # pages of the database that were not read yet are no server's doing
        _asked(replace(load, connections=1, seconds=WARM_UP))
    before = server.cpu(), _database(made)
    heard = _asked(load)
    used = server.cpu() - before[0], _database(made) - before[1]
    if heard.failures or not heard.latencies:
        raise SystemExit(f"{server.name}, {case.name}: {heard.failures} failed\n{heard.sample}")
    return Figure.of(case.name, server.name, connections, heard, *used)


def _database(made: Cluster) -> float:
    return sum(map(servers.cpu_of, servers.family(made.postmaster)))


def _asked(load: Load) -> Heard:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=orjson.dumps(asdict(load)),
        stdout=subprocess.PIPE,
        check=True,
        timeout=load.seconds + ENDS_WITHIN,
    )
    return Heard(**orjson.loads(done.stdout))


if __name__ == "__main__":
    main()
