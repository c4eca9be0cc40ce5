"""What figures cost: to keep them current, and to ask for them.

    RELAIS_DATABASE_URL=sqlite:///tmp/figures.sqlite3 python -m bench.figures --reviews 100000

The database must be new: reviews are made in it by the thousand, then triggers are taken away, to
see what they cost.
"""

import asyncio
import sys
import time
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from functools import partial
from statistics import median

from cryptography.fernet import Fernet, MultiFernet

from auth.permissions import Permission
from auth.viewer import Held, Viewer
from jobs import directory
from jobs.demonstration import OFFICES
from jobs.migrate import migrate
from jobs.rollup import fold_all
from models.account import Role
from models.audit import Doer
from models.cache import Cache
from models.outward import Outward
from models.sql import Sql, connection, database, fetch
from resolvers.context import Context
from schema.root import schema
from settings import settings

YEAR = '{from: "2025-07-01", to: "2026-06-30"}'
ODD = '{from: "2025-07-13", to: "2026-06-17"}'
FIGURES = "count rate { value low high } net { value } score { value }"
QUESTIONS = {
    "country, one year": f"satisfaction(period: {YEAR}) {{ total {{ {FIGURES} }} }}",
    "networks by month": f"satisfaction(period: {YEAR}, groupBy: [NETWORK], by: MONTH)"
    f" {{ cells {{ network {{ code }} {FIGURES} delay {{ medianDays p90Days }} }} }}",
    "departments, change": f"satisfaction(period: {YEAR}, groupBy: [DEPARTMENT])"
    f" {{ cells {{ department {{ code }} {FIGURES} change {{ points significant }} }} }}",
    "channels, odd days": f"satisfaction(period: {ODD}, groupBy: [CHANNEL])"
    f" {{ cells {{ channel {FIGURES} }} }}",
    "a network by days": f'satisfaction(period: {YEAR}, by: DAY, where: {{networks: ["caf"]}})'
    " { cells { from count } }",
    "overdue by network": f"satisfaction(period: {YEAR}, groupBy: [NETWORK])"
    " { cells { network { code } overdue } }",
    "near me": "offices(where: {near: {latitude: 45.75, longitude: 4.85, km: 30}})"
    " { nodes { name satisfaction { count shrunkRate } } }",
    "barometer": "barometer(from: 2024, to: 2026) { figures { count rate { value } } }",
}
ANALYST = Viewer(1, "bench", grants=(Held(Role.ANALYST, frozenset({Permission.READ_AGGREGATES})),))


def show(name: str, value: str) -> None:
    """A line of the table."""
    sys.stdout.write(f"{name:44} {value}\n")


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


async def make(first: int, count: int) -> None:
    """Reviews from number `first` on, each of one office, in one statement for each table."""
    last = first + count - 1
    numbers = (
        f"WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers"
        f" WHERE n < {last}), mixed AS (SELECT n, CAST(n AS bigint) * 48271 % 65537 AS a,"
        " CAST(n AS bigint) * 69621 % 65521 AS b"
        " FROM numbers)"
    )
    sqlite = connection().capabilities.dialect == "sqlite"
    at = "TIMESTAMPTZ '2024-01-01 12:00Z' + make_interval(days => (a % 900)::int)"
    later = f"{at} + make_interval(hours => (b % 900)::int)"
    if sqlite:
        at = "datetime('2024-01-01 12:00:00', (a % 900) || ' days') || '+00:00'"
        later = f"datetime({at}, (b % 900) || ' hours') || '+00:00'"
    mood = "CASE WHEN b % 100 < 70 THEN 1 WHEN b % 100 < 80 THEN 0 ELSE -1 END"
    await fetch(
        Sql(
            f"INSERT INTO review (id, source, source_id, title, description, sentiment,"
            f" published_at, relation, search, version) {numbers} SELECT n, 'bench',"
            f" CAST(n AS text), 'x', 'x', {mood}, {at}, {mood}, '', 1 FROM mixed"
        )
    )
    await fetch(
        Sql(
            "INSERT INTO review_structure (review_id, position, network_id, department_id,"
            " office_id, channels, sentiment, published_at, answered, replied_at, version)"
            f" {numbers},"
            " places AS (SELECT row_number() OVER (ORDER BY id) - 1 AS at, id, network_id,"
            " department_id FROM office) SELECT n, 1, o.network_id, o.department_id, o.id,"
            f" CASE WHEN b % 3 = 0 THEN 1 WHEN b % 3 = 1 THEN 2 ELSE 4 END, {mood}, {at},"
            f" b % 10 < 6, CASE WHEN b % 10 < 6 THEN {later} END, 1 FROM mixed"
            " JOIN places o ON o.at = a % (SELECT count(*) FROM office)"
        )
    )


async def answer(numbers: range) -> None:
    """As many replies, each in a transaction of its own."""
    text = "UPDATE review_structure SET answered = TRUE, replied_at = published_at"
    for number in numbers:
        await fetch(Sql(f"{text} WHERE review_id = ? AND NOT answered", (number,)))


async def drop_triggers() -> None:
    """Nothing is counted any more."""
    sqlite = connection().capabilities.dialect == "sqlite"
    names = ["structure_told", "structure_changed", *(["structure_gone"] if sqlite else [])]
    for name in names:
        on = "" if sqlite else " ON review_structure"
        await fetch(Sql(f"DROP TRIGGER rollup_{name}{on}"))


async def ask(query: str, cache: Cache) -> None:
    """One answer, without the way to it."""
    outward = Outward(MultiFernet([Fernet(Fernet.generate_key())]))
    context = Context(ANALYST, cache, Doer(None, "bench"), lambda text: text, outward)
    found = await schema.execute(f"{{ {query} }}", context_value=context)
    assert found.errors is None, found.errors  # noqa: S101  (a benchmark of errors says nothing)


async def main(count: int, batch: int) -> None:
    """Measure, and show."""
    await migrate()
    await directory.load(OFFICES)
    made = 1
    while made < count:
        await make(made, min(batch, count + 1 - made))
        await fold_all()
        made += batch
    await connection().execute_script("ANALYZE")
    with_them = await timed(lambda: make(count + 1, batch))
    folding = await timed(fold_all)
    replying = await timed(lambda: answer(range(1, 2_001)))
    for name, query in QUESTIONS.items():
        cold = [await timed(partial(ask, query, Cache(""))) for _ in range(7)]
        cache = Cache("")
        warm = [await timed(partial(ask, query, cache)) for _ in range(7)]
        show(name, f"{median(cold) * 1e3:8.1f} ms, remembered {median(warm) * 1e3:6.1f} ms")
    for level, cells in await fetch(
        Sql("SELECT level, count(*) FROM rollup GROUP BY 1 ORDER BY 1")
    ):
        show(f"cells of level {level}", f"{cells:8}")
    await drop_triggers()
    without = await timed(lambda: make(count + batch + 1, batch))
    bare = await timed(lambda: answer(range(2_001, 4_001)))
    show("a review imported, its delta", f"{(with_them - without) / batch * 1e6:8.1f} us more")
    show("folding a delta", f"{folding / batch * 1e6:8.1f} us")
    show("a reply, with and without", f"{replying / 2:.3f} and {bare / 2:.3f} ms")


async def run() -> None:
    """As the command line says."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=20_000)
    args = parser.parse_args()
    async with database(settings().tortoise(system=True)):
        await main(args.reviews, args.batch)


if __name__ == "__main__":
    asyncio.run(run())
