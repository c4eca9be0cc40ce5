"""The worker: imports the files that are dropped into a folder."""

import signal
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from jobs import directory, procedures, reviews
from jobs.command import Exit, say
from settings import WrongSettings, settings

PAUSE = 5.0
"""Seconds between two looks at the folder."""

NAP = 0.1
"""Seconds after which it is seen, at the latest, that the worker was told to stop."""

SETTLED = 2.0
"""Seconds for which a file must not have grown: it may still be on its way."""

KINDS: dict[str, Callable[[Namespace], Exit]] = {
    "directory": directory.run,
    "procedures": procedures.run,
    "reviews": reviews.run,
}


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--once", action="store_true", help="import what is there, and stop")


def run(args: Namespace) -> Exit:
    """Import what is dropped into `directory/`, `procedures/`, `reviews/` until told to stop.

    A file goes to `done/` when all of it was imported, and to `failed/` otherwise, where its
    rejected rows are listed beside it. While the database is away, it waits where it is.
    """
    stopping = False

    def stop(_: int, __: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    root = settings().import_dir
    try:
        for kind in KINDS:
            (root / kind).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"RELAIS_IMPORT_DIR: {root} can't be made ({error.strerror})."
        raise WrongSettings(problem) from None
    say(f"watching {root}: {', '.join(KINDS)}")
    worst = Exit.DONE
    while not stopping:
        for kind, importer in KINDS.items():
            for path in sorted((root / kind).iterdir()):
                if _settled(path, args.once) and not stopping:
                    worst = max(worst, _import(path, importer))
        if args.once:
            return worst
        again = time.monotonic() + PAUSE
        while not stopping and time.monotonic() < again:
            time.sleep(NAP)
    return Exit.DONE


def _settled(path: Path, at_once: bool) -> bool:
    if not path.is_file() or path.name.startswith("."):
        return False
    return at_once or time.time() - path.stat().st_mtime > SETTLED


def _import(path: Path, importer: Callable[[Namespace], Exit]) -> Exit:
    say(f"importing {path}")
    rejects = path.parent / "failed" / f"{path.name}.rejects.csv"
    rejects.parent.mkdir(exist_ok=True)
    ended = importer(Namespace(file=path, rejects=rejects, close_many=False, close_missing=False))
    if ended is Exit.AWAY:
        return ended
    folder = path.parent / ("done" if ended is Exit.DONE else "failed")
    folder.mkdir(exist_ok=True)
    path.rename(folder / path.name)
    return ended
