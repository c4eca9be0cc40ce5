"""Import the platform's open-data export of experiences, JSON or CSV."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from tortoise.transactions import in_transaction

from jobs import reference
from jobs.command import Exit, say, with_database
from jobs.erase import kept_marks
from jobs.experience import Rejected, parse
from jobs.files import (
    Record,
    Unusable,
    csv_records,
    json_lines,
    json_records,
    opened,
    sha256,
)
from jobs.operator import audited
from jobs.rejects import Rejects
from jobs.rollup import fold_all
from jobs.store import Finder, Store, Summary
from models.audit import Deed
from models.sheet import plain
from models.sql import connection
from models.text import clean
from models.tombstone import Marks


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, help="the export: .json, .jsonl or .csv")
    parser.add_argument(
        "--rejects",
        type=Path,
        help="where rows that can't be imported go, with line and reason (FILE.rejects.csv)",
    )


def run(args: Namespace) -> Exit:
    """Import the file, and say what came of it."""
    rejects = args.rejects or args.file.with_name(f"{args.file.name}.rejects.csv")

    async def work() -> Exit:
        summary = await load(args.file, rejects)
        for line in summary.lines():
            say(line)
        if summary.rejected:
            say(f"  rejected rows, with line and reason: {rejects}")
        return Exit.REJECTED if summary.rejected else Exit.DONE

    return with_database(work)


async def load(path: Path, rejects: Path, marks: Marks | None = None) -> Summary:
    """Import `path`, whole but for rows that are rejected, or were erased. Raises Unusable."""
    summary, now, seen = Summary(), datetime.now(UTC), set[str]()
    async with in_transaction():
        known = await reference.load()
        store = Store(summary, await Finder.load(), marks or await kept_marks())
        with opened(path) as (_, raw), Rejects(rejects, path) as rejected:
            for line, record in _records(path, raw):
                try:
                    experience = parse(record, known, now)
                    if experience.source_id in seen:
                        raise Rejected("id_experience", "the same as an earlier row's")  # noqa: TRY301
                except Rejected as reason:
                    summary.rejected += 1
                    rejected.add(line, str(reason))
                    continue
                seen.add(experience.source_id)
                await store.take(experience)
            await store.flush()
        facts = {"sha256": sha256(path), "new": summary.new, "rejected": summary.rejected}
        entry = await audited(Deed("reviews.imported", clean(path.name)[:128], facts=facts))
        await store.telling.tell(entry)
    await fold_all()
    if summary.new:
        await connection().execute_script("ANALYZE")
    return summary


def _records(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    if path.suffix == ".json":
        return json_records(path, raw)
    if path.suffix == ".jsonl":
        return json_lines(path, raw)
    if path.suffix == ".csv":
        return (
            (
                line,
                {
                    name: plain(value) if isinstance(value, str) else value
                    for name, value in record.items()
                },
            )
            for line, record in csv_records(path, raw)
        )
    raise Unusable(f"{path}: the name must end in .json, .jsonl or .csv")
