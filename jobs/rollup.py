"""Figures: deltas folded into cells, and cells compared with a recount."""

import asyncio
import logging
from argparse import ArgumentParser, Namespace

from tqdm import tqdm

from jobs.command import AWAY, Exit, say, with_database
from models import rollup

log = logging.getLogger("relais")

PAUSE = 2.0
"""Seconds between two looks for deltas, in a process that serves."""

SERVING, ALONE = 1_000, 50_000
"""Deltas that are folded in one transaction: few beside requests, many in a command."""


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--repair", action="store_true", help="count anew what is wrong")


def verify(args: Namespace) -> Exit:
    """Count everything again, month by month, and compare. Ends with 1 if a figure is wrong.

    With --repair, what is wrong is counted anew, and the end is 0. The service may run meanwhile.
    """

    async def work() -> Exit:
        months, cells, bad = await rollup.months(), 0, 0
        for month in tqdm(months, "recounting", disable=None):
            wrong = await rollup.wrong(month)
            if wrong:
                cells, bad = cells + wrong, bad + 1
                say(f"{month}: {wrong} cells are wrong{', counted anew' if args.repair else ''}")
                if args.repair:
                    await rollup.recount(month)
        say(f"rollups: {len(months)} months recounted, {cells} cells wrong in {bad} months")
        return Exit.REJECTED if bad and not args.repair else Exit.DONE

    return with_database(work)


async def fold_all() -> None:
    """Fold all deltas there are."""
    while await rollup.waiting():
        await rollup.fold(ALONE)


async def keep_folding() -> None:
    """Fold deltas as they come, until cancelled; while the database is away, wait for it."""
    while True:
        try:
            while await rollup.waiting():
                await rollup.fold(SERVING)
        except AWAY as error:
            log.warning("figures are not folded: %s", type(error).__name__)
        await asyncio.sleep(PAUSE)
