"""The worker of this service: what it does, and the folder of files to import that it watches."""

import asyncio
import logging
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from auth.tokens import Keys, signing_keys
from jobs import deliveries, exports, log, months, purge
from jobs.command import Away, Exit, answering, misfit, say
from jobs.deliveries import Deliveries
from jobs.scrape import scraped
from jobs.sending import Sender
from jobs.worker import Worker, working
from models.export import WRITE
from models.outward import Outward
from models.retention import PURGE
from models.sql import database
from models.trace import traced
from models.webhook import DELIVER
from settings import Settings, WrongSettings, settings

said = logging.getLogger("relais")

PAUSE = 5.0
"""Seconds between two looks at the folder."""

SETTLED = 2.0
"""Seconds for which a file must not have grown: it may still be on its way."""

KINDS = ("directory", "procedures", "reviews")
"""The folders of files to import; `import-KIND` is the command that does it."""


@asynccontextmanager
async def hands(config: Settings, keys: Keys) -> AsyncIterator[Worker]:
    """A worker that can do all that this service has to do without a request."""
    outward = Outward(keys.seals("webhooks"), config.webhook_loopback)
    sender = Sender(outward)
    handlers = {
        DELIVER: Deliveries(sender, outward).deliver,
        WRITE: exports.hand(config),
        PURGE: purge.hourly(config),
        months.CLOSE: months.hourly(config),
    }
    try:
        yield Worker(handlers, [deliveries.look, purge.look, months.look])
    finally:
        await sender.close()


@asynccontextmanager
async def at_work(config: Settings, keys: Keys) -> AsyncIterator[None]:
    """Such a worker at work while it lasts, on the database that is open."""
    async with hands(config, keys) as worker, working(worker):
        yield


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--once", action="store_true", help="do what there is to do, and stop")


def run(args: Namespace) -> Exit:
    """Send webhooks, purge, close months, import what is dropped into a folder, until told to stop.

    Of the files in `directory/`, `procedures/` and `reviews/`, one goes to `done/` when all of it
    was imported, and to `failed/` otherwise, where its rejected rows are listed beside it. While
    the database is away, it waits where it is. Any number of workers may run; with SQLite the
    server is one.
    """
    config = settings()
    log.begin(config.log_level)
    root = config.import_dir
    try:
        for kind in KINDS:
            (root / kind).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"RELAIS_IMPORT_DIR: {root} can't be made ({error.strerror})."
        raise WrongSettings(problem) from None
    return asyncio.run(_work(config, signing_keys(config.token_key_file), once=args.once))


async def _work(config: Settings, keys: Keys, *, once: bool) -> Exit:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stopping.set)
    said.info("watching %s: %s", config.import_dir, ", ".join(KINDS))
    async with database(config.tortoise(system=True)):
        with traced(config.otlp_endpoint):
            if once:
                return await _once(config, keys, stopping)
            async with scraped(config):
                return await _on(config, keys, stopping)


async def _on(config: Settings, keys: Keys, stopping: asyncio.Event) -> Exit:
    """Work until told to stop; while the database is away, wait for it."""
    while not await _answers() and not stopping.is_set():
        await _pause(stopping)
    if stopping.is_set():
        return Exit.DONE
    if wrong := await misfit():
        say(f"RELAIS_DATABASE_URL: the database {wrong}.")
        return Exit.UNUSABLE
    async with at_work(config, keys):
        while not stopping.is_set():
            await _imported(config.import_dir, stopping, at_once=False)
            await _pause(stopping)
    return Exit.DONE


async def _answers() -> bool:
    try:
        await answering()
    except Away as error:
        said.warning("%s", error)
        return False
    return True


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE):
            await stopping.wait()


async def _once(config: Settings, keys: Keys, stopping: asyncio.Event) -> Exit:
    worst = await _imported(config.import_dir, stopping, at_once=True)
    try:
        await answering()
    except Away as error:
        say(str(error))
        return Exit.AWAY
    if wrong := await misfit():
        say(f"RELAIS_DATABASE_URL: the database {wrong}.")
        return Exit.UNUSABLE
    async with hands(config, keys) as worker:
        await worker.drain()
    return worst


async def _imported(root: Path, stopping: asyncio.Event, *, at_once: bool) -> Exit:
    """Import the files that are there; the worst that came of it."""
    worst = Exit.DONE
    for kind in KINDS:
        for path in sorted((root / kind).iterdir()):
            if _settled(path, at_once=at_once) and not stopping.is_set():
                worst = max(worst, await _import(path, kind, stopping))
    return worst


def _settled(path: Path, *, at_once: bool) -> bool:
    if not path.is_file() or path.name.startswith("."):
        return False
    return at_once or time.time() - path.stat().st_mtime > SETTLED


async def _import(path: Path, kind: str, stopping: asyncio.Event) -> Exit:
    """Import a file, in a process of its own: it takes long, and other work goes on.

    Told to stop, it is broken off, and the file stays where it is: to import it again is no harm.
    """
    said.info("importing %s into %s", path.name, kind)
    command = [sys.executable, "-m", "jobs", f"import-{kind}", str(path)]
    if kind != "directory":
        rejects = path.parent / "failed" / f"{path.name}.rejects.csv"
        rejects.parent.mkdir(exist_ok=True)
        command += ["--rejects", str(rejects)]
    importing = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    telling = asyncio.create_task(importing.communicate())
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({telling, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not telling.done():
        importing.terminate()
    for line in (await telling)[1].decode(errors="replace").splitlines():
        said.info("import-%s: %s", kind, line.strip())
    code = importing.returncode
    if code == -signal.SIGTERM:
        return Exit.AWAY
    ended = Exit(code) if code in set(Exit) else Exit.UNUSABLE
    if ended is not Exit.AWAY:
        _put_away(path, "done" if ended is Exit.DONE else "failed")
    return ended


def _put_away(path: Path, where: str) -> None:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    path.rename(folder / path.name)
