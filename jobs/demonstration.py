"""Demo reviews in the form of the platform's export, loaded by the importer; demo people."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from tqdm import tqdm

from auth.tokens import signing_keys
from jobs import directory, procedures, reviews
from jobs.command import Exit, say, show, with_database
from jobs.demo import DemoOffice, experiences
from jobs.people import Scope, give
from jobs.reference import DATA, name_key
from models.account import Account, Role
from models.network import Network
from models.office import Office
from models.procedure import Procedure
from models.review import Review, matching
from models.sql import Sql, fetch
from models.text import search_terms
from settings import settings

UNTIL = date(2026, 10, 31)
OFFICES = DATA / "annuaire-4-networks.tar.bz2"
PROCEDURES = DATA / "procedures.csv"
CAF_SEAT = "caf-69383-01"
HOURS = 8
FIRST_QUERY = (
    "{ viewer { label } reviews(first: 2, where: {answered: false, sentiments: [NEGATIVE]})"
    " { totalCount nodes { title publishedAt structures { id office { name } answered } } } }"
)


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--reviews", type=int, default=20_000, help="how many to make (20000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same (1)")
    parser.add_argument(
        "--until", type=date.fromisoformat, default=UNTIL, help=f"the last day ({UNTIL})"
    )
    parser.add_argument(
        "--out", type=Path, help="write them to this .json and load nothing into the database"
    )
    parser.add_argument(
        "--if-empty", action="store_true", help="do nothing when the database has reviews"
    )


def run(args: Namespace) -> Exit:
    """Make demo reviews; load them, with the people of the demo, unless told to write them only."""

    async def work() -> Exit:
        if args.if_empty and await Review.exists():
            return Exit.DONE
        if not await Office.exists():
            say(next((await directory.load(OFFICES)).lines()))
        make = partial(write, offices=await demo_offices(), args=args)
        if args.out:
            make(args.out)
            return Exit.DONE
        with TemporaryDirectory() as folder:
            made = Path(folder) / "demo.json"
            make(made)
            summary = await reviews.load(made, made.with_suffix(".rejects.csv"))
            listed = await procedures.load(PROCEDURES, made.with_suffix(".none"))
        say(next(summary.lines()))
        say(listed.line())
        await name_procedures()
        await people()
        return Exit.DONE

    return with_database(work)


async def demo_offices() -> list[DemoOffice]:
    """Open offices, in an order that any database gives; none whose name another one shares.

    The export tells offices by name: a shared one would be placed nowhere.
    """
    columns = ("network__name", "name", "city", "department_id", "postal_code")
    rows = await Office.filter(closed_at=None).order_by("directory_id").values_list(*columns)
    shared = Counter((row[0], name_key(row[1])) for row in rows)
    alone = (row for row in rows if shared[row[0], name_key(row[1])] == 1)
    return [DemoOffice(*(value or "" for value in row)) for row in alone]


def write(path: Path, offices: list[DemoOffice], args: Namespace) -> None:
    """Write demo experiences to `path`, as the platform exports them: an array, one a line."""
    made = experiences(offices, args.reviews, args.seed, args.until)
    with path.open("wb") as file:
        file.write(b"[")
        for n, experience in enumerate(tqdm(made, "making", args.reviews, disable=None)):
            file.write((b",\n" if n else b"\n") + orjson.dumps(experience))
        file.write(b"\n]\n")


async def name_procedures() -> None:
    """Let demo reviews name the procedure whose words they hold: the export names none."""
    for procedure in await Procedure.all().order_by("code"):
        holding = matching(search_terms(procedure.name))
        text = (
            "UPDATE review SET procedure_id = ? WHERE procedure_id IS NULL AND id IN"
            " (SELECT r.id FROM review r JOIN review_structure s ON s.review_id = r.id"
            " JOIN procedure_network l ON l.network_id = s.network_id"
            f" WHERE l.procedure_id = ? AND {holding.text})"
        )
        await fetch(Sql(text, (procedure.id, procedure.id, *holding.args)))


async def people() -> None:
    """The three people of the demo."""
    seat = await Office.get(pivot_code=CAF_SEAT).prefetch_related("network")
    label, scope = "Caf du Rhône, réponses aux usagers", Scope(seat.network, office=seat)
    await give("demo-caf", label, Role.OFFICE_AGENT, scope)
    gendarmerie = await Network.get(code="gendarmerie")
    label = "Gendarmerie nationale, qualité de service"
    await give("demo-gendarmerie", label, Role.NETWORK_MANAGER, Scope(gendarmerie))
    await give("demo-analyst", "Ministère, analyse", Role.ANALYST, Scope())


def welcome(_: Namespace) -> Exit:
    """Say where the service is, who may ask, and how."""
    config = settings()
    keys = signing_keys(config.token_key_file)
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.host, config.host)  # noqa: S104
    address = f"http://{host}:{config.port}/graphql"

    async def work() -> Exit:
        show(f"\nRelais serves {address}\n\nTokens, good for {HOURS} hours:")
        accounts = await Account.filter(subject__startswith="demo-").order_by("id")
        tokens = {who.subject: keys.issue(who.subject, HOURS * 3600) for who in accounts}
        for who in accounts:
            show(f"\n  {who.label}\n  {tokens[who.subject]}")
        if accounts:
            first = tokens[accounts[0].subject]
            show(f"\nA first query, as the first of them:\n\n{_curl(address, first)}\n")
        return Exit.DONE

    return with_database(work)


def _curl(address: str, token: str) -> str:
    body = orjson.dumps({"query": FIRST_QUERY}).decode()
    return (
        f"curl -s {address} -H 'content-type: application/json' \\\n"
        f"  -H 'authorization: Bearer {token}' \\\n  -d '{body}'"
    )
