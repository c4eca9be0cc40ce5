"""Import the platform's open-data export of experiences, JSON or CSV."""

import csv
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from tortoise.transactions import in_transaction

from jobs import reference
from jobs.command import Exit, say, with_database
from jobs.experience import Rejected, parse
from jobs.files import Record, Unusable, csv_records, json_records, opened, sha256
from jobs.operator import audited
from jobs.store import Finder, Store, Summary
from models.audit import Deed
from models.sql import connection
from models.text import clean


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, help="the export: .json or .csv")
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


async def load(path: Path, rejects: Path) -> Summary:
    """Import `path`, whole but for rows that are rejected. Raises Unusable."""
    summary, now, seen = Summary(), datetime.now(UTC), set[str]()
    async with in_transaction():
        known = await reference.load()
        store = Store(summary, await Finder.load())
        with opened(path) as (_, raw), _Rejects(rejects, path) as rejected:
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
        await audited(Deed("reviews.imported", clean(path.name)[:128], facts=facts))
    if summary.new:
        await connection().execute_script("ANALYZE")
    return summary


def _records(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    if path.suffix == ".json":
        return json_records(path, raw)
    if path.suffix == ".csv":
        return csv_records(path, raw)
    raise Unusable(f"{path}: the name must end in .json or .csv")


class _Rejects:
    """The file of rejected rows: there is none when none is rejected, or nothing is imported."""

    def __init__(self, path: Path, source: Path) -> None:
        self._path = path
        self._source = source
        self._partial = path.with_name(f"{path.name}.partial")
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path.resolve() == self._source.resolve():
            raise Unusable(f"{self._path}: rejected rows can't go into the file they come from")
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            if failure is None:
                self._partial.replace(self._path)
            else:
                self._partial.unlink()
        elif failure is None:
            self._path.unlink(missing_ok=True)

    def add(self, line: int, reason: str) -> None:
        """The row on `line` was rejected for `reason`."""
        if self._file is None:
            self._file = self._opened()
            csv.writer(self._file).writerow(("line", "reason"))
        csv.writer(self._file).writerow((line, reason))

    def _opened(self) -> IO[str]:
        try:
            return self._partial.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise Unusable(f"{self._path}: {error.strerror or error}") from error
