"""Bring the database to this release's tables, or back."""

from argparse import ArgumentParser, Namespace

from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from jobs.command import Exit, say, with_database
from models.sql import Sql, connection, fetch
from settings import settings

LOCK = 0x52656C616973
"""Of all that may start at once, one migrates and the others wait: an advisory lock's number."""


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--back-to",
        metavar="NAME",
        help="undo the migrations after this one, such as 0001_initial; `zero` undoes all",
    )


def run(args: Namespace) -> Exit:
    """Migrate, forward unless told otherwise."""

    async def work() -> Exit:
        if settings().dialect == "sqlite":
            return await _migrate(args.back_to)
        async with in_transaction():
            await fetch(Sql("SELECT pg_advisory_xact_lock(?)", (LOCK,)))
            return await _migrate(args.back_to)

    return with_database(work)


async def _migrate(back_to: str | None) -> Exit:
    apps = settings().tortoise()["apps"]
    executor = MigrationExecutor(connection(), apps)
    name = {None: "__latest__", "zero": "__first__"}.get(back_to, back_to or "")
    try:
        await executor.migrate(
            [MigrationTarget("models", name)],
            direction="backward" if back_to else "forward",
            progress=lambda event, _, step: say(f"{event.replace('_', ' ')}: {step}"),
        )
    except ValueError as error:
        say(f"{error}; nothing was changed")
        return Exit.USAGE
    return Exit.DONE
