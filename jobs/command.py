"""What every command shares: how it ends, and how it reaches the database."""

import asyncio
import sqlite3
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from enum import IntEnum

import asyncpg
from tortoise.exceptions import BaseORMException
from tortoise.migrations.executor import MigrationExecutor

from jobs.files import Unusable
from models.sql import Sql, connection, database, fetch
from settings import Settings, settings


class Exit(IntEnum):
    """How a command ends: its exit code."""

    DONE = 0
    REJECTED = 1
    """Done, but for rows that were rejected."""
    USAGE = 2
    """Arguments or settings make no sense; nothing was done."""
    UNUSABLE = 3
    """The file can't be imported, or the request can't be met; nothing was changed."""
    AWAY = 4
    """The database does not answer; nothing was changed."""


CODES = (
    "exit codes: 0 done; 1 done but for rejected rows; 2 wrong arguments or settings; "
    "3 refused, nothing was changed; 4 the database does not answer"
)


AWAY = (
    OSError,
    BaseORMException,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    sqlite3.Error,
)
"""What a database raises that does not answer."""


class Away(Exception):
    """The database does not answer."""


def say(line: str) -> None:
    """A line for people."""
    sys.stderr.write(f"{line}\n")


def show(line: str) -> None:
    """A line of the answer itself."""
    sys.stdout.write(f"{line}\n")


def list_settings(_: Namespace) -> Exit:
    """Every setting: its name in the environment, its default, and what it is."""
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        show(f"RELAIS_{name.upper()} ({default})\n    {field.description}")
    return Exit.DONE


def with_database(work: Callable[[], Awaitable[Exit]], *, migrated: bool = True) -> Exit:
    """Run `work` with the database of the settings open, which holds this release's tables."""

    async def run() -> Exit:
        async with database(settings().tortoise(system=True)):
            try:
                await answering()
                if migrated and (wrong := await misfit()):
                    say(f"RELAIS_DATABASE_URL: the database {wrong}.")
                    return Exit.UNUSABLE
                return await work()
            except Unusable as error:
                say(str(error))
                return Exit.UNUSABLE
            except Away as error:
                say(str(error))
                return Exit.AWAY

    return asyncio.run(run())


async def answering() -> None:
    """Return if the open database answers. Raises Away otherwise."""
    try:
        await fetch(Sql("SELECT 1"))
    except AWAY as error:
        raise Away(f"RELAIS_DATABASE_URL: the database does not answer ({error}).") from None


async def misfit() -> str:
    """What keeps this release from using the open database; empty when nothing does."""
    loader = executor().loader
    await loader.build_graph()
    ours, theirs = set(loader.disk_migrations), loader.applied_migrations
    if ours - theirs:
        return "has not all tables of this release: run `python -m jobs migrate`"
    if theirs - ours:
        return "is of a later release: start that one, or migrate back with it"
    return ""


def executor() -> MigrationExecutor:
    """What applies this release's migrations to the open database."""
    db = connection()
    app = {"migrations": "models.migrations", "default_connection": db.connection_name}
    return MigrationExecutor(db, {"models": app})
