"""Bring the database to this release's tables, or back."""

from argparse import ArgumentParser, Namespace

from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from jobs.command import Exit, say, with_database
from models.sql import connection

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
        try:
            await migrate(args.back_to)
        except ValueError as error:
            say(f"{error}; nothing was changed")
            return Exit.USAGE
        return Exit.DONE

    return with_database(work)


async def migrate(back_to: str | None = None) -> None:
    """Bring the open database up to this release, or back. Raises ValueError for no such step."""
    if connection().capabilities.dialect == "sqlite":
        await _steps(back_to)
        return
    async with connection().acquire_connection() as held:
        await held.execute("SELECT pg_advisory_lock($1)", LOCK)
        try:
            await _steps(back_to)
        finally:
            await held.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def misfit() -> str:
    """What keeps this release from using the open database; empty when nothing does."""
    loader = _executor().loader
    await loader.build_graph()
    ours, theirs = set(loader.disk_migrations), loader.applied_migrations
    if ours - theirs:
        return "has not all tables of this release: run `python -m jobs migrate`"
    if theirs - ours:
        return "is of a later release: start that one, or migrate back with it"
    return ""


def _executor() -> MigrationExecutor:
    db = connection()
    app = {"migrations": "models.migrations", "default_connection": db.connection_name}
    return MigrationExecutor(db, {"models": app})


async def _steps(back_to: str | None) -> None:
    name = {None: "__latest__", "zero": "__first__"}.get(back_to, back_to or "")
    await _executor().migrate(
        [MigrationTarget("models", name)],
        direction="backward" if back_to else "forward",
        progress=lambda event, _, step: say(f"{event.replace('_', ' ')}: {step}"),
    )
