"""Bring the database to this release's tables, or back."""

from argparse import ArgumentParser, Namespace

from tortoise.migrations.executor import MigrationTarget

from jobs.command import Exit, executor, say, with_database
from models.sql import Sql, connection, fetch

LOCK = 0x52656C616973
"""Of all that may start at once, one migrates and the others wait: an advisory lock's number."""


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--back-to",
        metavar="NAME",
        help="undo the migrations after this one, such as 0001_initial; `zero` undoes all",
    )
    parser.add_argument(
        "--service",
        metavar="ROLE",
        help="the PostgreSQL role that the service connects as; made if it is missing",
    )


def run(args: Namespace) -> Exit:
    """Migrate, forward unless told otherwise. Connects as the owner of the tables.

    On PostgreSQL the service itself runs as another role, which `--service` lets in: it can be
    held back by row level security, as an owner can't.
    """

    async def work() -> Exit:
        try:
            await migrate(args.back_to)
            if args.service and not args.back_to:
                await admit(args.service)
        except ValueError as error:
            say(f"{error}; nothing was changed")
            return Exit.USAGE
        return Exit.DONE

    return with_database(work, migrated=False)


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


async def admit(role: str) -> None:
    """Let `role` read and write what the service does, and no more. Raises ValueError.

    A role that is missing is made, with the password of the owner.
    """
    if connection().capabilities.dialect == "sqlite":
        message = "SQLite has no roles: leave --service out"
        raise ValueError(message)
    password = str(connection().password or "")  # type: ignore[attr-defined]  # of the owner
    text = (
        "SELECT quote_ident(?), quote_literal(?), EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ?)"
    )
    ((name, secret, known),) = await fetch(Sql(text, (role, password, role)))
    made = () if known else (f"CREATE ROLE {name} LOGIN PASSWORD {secret}",)
    for statement in (
        *made,
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"REVOKE UPDATE, DELETE ON audit_entry FROM {name}",
        f"REVOKE INSERT, UPDATE, DELETE ON tortoise_migrations FROM {name}",
    ):
        await connection().execute_script(statement)


async def exposed() -> str:
    """What would let the open connection past row level security; empty when nothing does."""
    if connection().capabilities.dialect == "sqlite":
        return ""
    ((name, above, owns),) = await fetch(
        Sql(
            "SELECT current_user::text, rolsuper OR rolbypassrls, EXISTS (SELECT 1 FROM pg_tables"
            " WHERE tablename = 'review' AND pg_has_role(tableowner, 'MEMBER'))"
            " FROM pg_roles WHERE rolname = current_user"
        )
    )
    if not (above or owns):
        return ""
    reason = "row level security does not bind it" if above else "it owns the tables"
    return (
        f"role {name!r} can't serve ({reason}): connect as another, which"
        " `python -m jobs migrate --service ROLE` lets in"
    )


async def _steps(back_to: str | None) -> None:
    name = {None: "__latest__", "zero": "__first__"}.get(back_to, back_to or "")
    await executor().migrate(
        [MigrationTarget("models", name)],
        direction="backward" if back_to else "forward",
        progress=lambda event, _, step: say(f"{event.replace('_', ' ')}: {step}"),
    )
