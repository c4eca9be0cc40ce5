"""Writes exports: a snapshot, behind the wall as whoever asked has it, in constant memory."""

import asyncio
import errno
import logging
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from auth import scope
from auth.accounts import held_by
from auth.viewer import Viewer
from jobs.sheets import Sheet, Sink, sheet
from jobs.worker import Handler
from models.account import Account
from models.audit import AuditEntry, Doer
from models.export import UNFINISHED, Conditions, Export, ExportFault, ExportState, topic
from models.signal import announce
from models.sql import Sql, database, fetch
from models.task import Lease
from models.wall import snapshot, system
from resolvers.exported import SOURCES
from resolvers.exports import outdated
from settings import Settings

TOLD = 0.5
"""Seconds between two tellings of how far an export is, and looks at whether it was cancelled."""

FORGOTTEN = timedelta(days=30)
"""How long it is known that an export was asked for."""

PATIENCE = 600
"""Seconds that a statement of an export may take: nobody waits for the answer."""

TRIES = 3
"""How often it is tried to write one, when a fault of the service or the database keeps from it."""

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
PARTIAL = ".partial"
_NAME = re.compile(r"([1-9][0-9]{0,17})\.(?:jsonl|csv|parquet)(\.partial)?", re.ASCII)

log = logging.getLogger("relais")


@dataclass(slots=True)
class _Draft:
    """What is being written: how far it is."""

    rows: int = 0
    total: int | None = None
    position: int = 0
    size: int = 0
    sha256: str = ""
    given_up: bool = False
    """Whether it is to be stopped, at the end of a page: never in the middle of a statement."""


def hand(config: Settings) -> Handler:
    """What the worker does for an export that was asked for."""

    async def written(lease: Lease) -> None:
        try:
            await write(int(lease.key), config)
        except Exception:
            if lease.attempts < TRIES:
                raise
            log.exception("export %s", lease.key)
            await _failed(int(lease.key), ExportFault.INTERNAL)

    return written


async def write(key: int, config: Settings) -> None:
    """Write the export of `key`, unless it was cancelled; once more if a worker died over it."""
    export, viewer = await _begun(key)
    if export is None:
        return
    if viewer is None:
        await _failed(key, ExportFault.NOT_FOUND)
        return
    config.export_dir.mkdir(parents=True, exist_ok=True)
    path, draft = config.export_dir / export.file_name, _Draft()
    partial = path.with_name(path.name + PARTIAL)
    # Its own connection, in a task of its own: what is told of it goes another way.
    writing = asyncio.create_task(_written(export, viewer, config, partial, draft))
    try:
        if await _wanted(key, writing, draft):
            os.replace(partial, path)  # noqa: PTH105  (one step, within a folder)
            if not await _finished(key, viewer, draft):
                path.unlink()
    except OSError as error:
        if error.errno not in FULL:
            raise
        await _failed(key, ExportFault.DISK_FULL)
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        partial.unlink(missing_ok=True)


async def purge(config: Settings) -> int:
    """Files that may not be fetched any more, or of exports that came to nothing: how many."""
    now, removed = datetime.now(UTC), 0
    async with system():
        await Export.filter(requested_at__lt=now - FORGOTTEN).delete()
        for export in await Export.filter(state=ExportState.READY).select_for_update():
            if export.over or await _outdated(export):
                await export.expire()
        held = {export.file_name for export in await Export.filter(state=ExportState.READY)}
        running = await Export.filter(state=ExportState.RUNNING)
    held |= {export.file_name + PARTIAL for export in running}
    if config.export_dir.is_dir():
        for path in config.export_dir.iterdir():
            if _NAME.fullmatch(path.name) and path.name not in held:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


async def _outdated(export: Export) -> bool:
    """Whether words were taken out of it since, or nobody may have it any more."""
    account = await Account.get(id=export.account_id)
    return await outdated(await held_by(account), export)


async def _begun(key: int) -> tuple[Export | None, Viewer | None]:
    """The export, running now, and whoever asked for it, as far as they may take data out."""
    async with system():
        export = await Export.filter(id=key).select_for_update().first()
        if export is None or export.state not in UNFINISHED:
            return None, None
        await export.run()
        account = await Account.get(id=export.account_id)
        viewer = scope.taking_out(await held_by(account))
        allowed = account.deactivated_at is None and viewer.grants
    return export, viewer if allowed else None


async def _written(
    export: Export, viewer: Viewer, config: Settings, partial: Path, draft: _Draft
) -> None:
    source, conditions = SOURCES[export.kind], Conditions.of(export.conditions)
    unhurried = {"database_pool_size": 2, "database_statement_timeout": PATIENCE}
    alone = config.direct().model_copy(update=unhurried)
    with Sink(partial) as sink:
        async with database(alone.tortoise(), shared=False), snapshot(scope.reach(viewer)):
            rows = await fetch(Sql("SELECT coalesce(max(id), 0) FROM event"))
            draft.position = int(rows[0][0])
            draft.total = await source.total(viewer, conditions)
            made = await asyncio.to_thread(sheet, export.format, sink, source.fields)
            after = 0
            while not draft.given_up:
                flat, after = await source.page(viewer, conditions, after)
                if not flat:
                    break
                await asyncio.to_thread(made.write, flat)
                draft.rows += len(flat)
        await asyncio.to_thread(_end, made, sink)
    draft.size, draft.sha256 = sink.size, sink.sha256


def _end(made: Sheet, sink: Sink) -> None:
    made.end()
    sink.settle()


async def _wanted(key: int, writing: asyncio.Task[None], draft: _Draft) -> bool:
    """Wait until it is written, and tell how far it is; False when it was cancelled meanwhile."""
    while not writing.done():
        await asyncio.wait({writing}, timeout=TOLD)
        draft.given_up = not await _told(key, draft)
    await writing
    return not draft.given_up


async def _told(key: int, draft: _Draft) -> bool:
    """Tell how far it is; whether it is still wanted."""
    async with system():
        running = Export.filter(id=key, state=ExportState.RUNNING)
        wanted = bool(await running.update(rows=draft.rows, total=draft.total))
        await announce(topic(key))
        return wanted


async def _finished(key: int, viewer: Viewer, draft: _Draft) -> bool:
    reach = orjson.dumps(scope.holdings(viewer)).decode()

    async def finish(export: Export) -> None:
        await export.finish(
            rows=draft.rows,
            size=draft.size,
            sha256=draft.sha256,
            reach=reach,
            position=draft.position,
        )

    return await _ended(key, "export.finished", finish)


async def _failed(key: int, fault: ExportFault) -> None:
    log.error("export %s failed: %s", key, fault.value)

    async def fail(export: Export) -> None:
        await export.fail(fault)

    await _ended(key, "export.failed", fail)


async def _ended(key: int, action: str, step: Callable[[Export], Awaitable[None]]) -> bool:
    """Whether it took the step: one that was cancelled takes none."""
    async with system():
        export = await Export.filter(id=key).select_for_update().first()
        if export is None or export.state not in UNFINISHED:
            return False
        await step(export)
        await AuditEntry.add(export.deed(action), Doer(None, "worker"))
        await announce(topic(key))
        return True
