"""Import the national directory of offices (DILA, "données locales", version 4)."""

import re
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tortoise.transactions import in_transaction

from jobs import reference
from jobs.command import Exit, say, with_database
from jobs.files import Record, Unusable, json_records, opened, sha256
from jobs.listing import Entry, Skipped, parse
from jobs.operator import audited
from models.audit import Deed
from models.office import DirectoryFile, Office
from models.sql import connection
from models.text import clean

SOURCE = "DILA, base de données locales de Service-Public"
LICENCE = "Licence Ouverte 2.0"
BATCH = 500
LARGE_CLOSING = 0.2
"""Share of the known offices that may close in one import without being asked for."""

DEEPEST = 16
"""Offices that may stand above one another; the country needs four."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, help=".tar.bz2 as published, or the JSON inside")
    parser.add_argument(
        "--close-many",
        action="store_true",
        help=f"let more than {LARGE_CLOSING:.0%}% of the known offices close",
    )


def run(args: Namespace) -> Exit:
    """Import the file, and say what came of it."""

    async def work() -> Exit:
        summary = await load(args.file, close_many=args.close_many)
        for line in summary.lines():
            say(line)
        return Exit.DONE

    return with_database(work)


@dataclass
class Summary:
    """What an import did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    """The line on which each reason was first met."""

    def note(self, kind: Counter[str], reason: str, line: int) -> None:
        """Count `reason`, and remember where it was first met."""
        kind[reason] += 1
        self.first.setdefault(reason, line)

    def lines(self) -> Iterator[str]:
        """The summary for people."""
        yield (
            f"offices: {self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.closed} closed; {self.skipped.total()} entries skipped"
        )
        for title, kind in (("skipped", self.skipped), ("warning", self.warnings)):
            for reason, times in kind.most_common():
                yield f"  {title}: {reason}: {times} (first on line {self.first[reason]})"


async def load(path: Path, *, close_many: bool = False) -> Summary:
    """Import `path`, whole or not at all. Raises Unusable."""
    async with in_transaction():
        known = await reference.load()
        with opened(path, member=".json") as (name, raw):
            file = await _file(path, name)
            importer = _Importer(known, file, await _known_offices())
            for record in json_records(path, raw):
                await importer.take(record)
        await importer.finish(path, close_many=close_many)
        facts = {
            "sha256": file.sha256,
            "new": importer.summary.new,
            "closed": importer.summary.closed,
        }
        await audited(Deed("directory.imported", clean(path.name)[:128], facts=facts))
    return importer.summary


async def _file(path: Path, name: str) -> DirectoryFile:
    values = {
        "name": clean(path.name),
        "published_on": _day(name) or _day(path.name),
        "source": SOURCE,
        "licence": LICENCE,
    }
    return (await DirectoryFile.get_or_create(sha256=sha256(path), defaults=values))[0]


def _day(name: str) -> date | None:
    found = _DAY.search(name)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


@dataclass(slots=True)
class _Known:
    """What is stored of an office."""

    id: int
    fingerprint: str
    type: str
    parent: int | None
    closed: bool


async def _known_offices() -> dict[str, _Known]:
    columns = ("directory_id", "id", "fingerprint", "type_id", "parent_id", "closed_at")
    rows = await Office.all().values_list(*columns)
    return {
        row[0]: _Known(row[1], row[2], row[3], row[4], closed=row[5] is not None) for row in rows
    }


class _Importer:
    """Takes the entries of one file, and writes what differs from what is known."""

    def __init__(
        self, known: reference.Reference, file: DirectoryFile, offices: dict[str, _Known]
    ) -> None:
        self.summary = Summary()
        self._reference = known
        self._file = file
        self._offices = offices
        self._seen: dict[str, Entry] = {}
        self._fresh: list[Office] = []

    async def take(self, record: Record) -> None:
        """One entry of the file."""
        line, received = record
        entry = parse(received, self._reference)
        if isinstance(entry, Skipped):
            self.summary.note(self.summary.skipped, entry.reason, line)
            return
        if entry.directory_id in self._seen:
            self.summary.note(self.summary.skipped, "id: the same as an earlier entry's", line)
            return
        for warning in entry.warnings:
            self.summary.note(self.summary.warnings, warning, line)
        await self._write(entry)
        self._seen[entry.directory_id] = entry.placed(line)

    async def finish(self, path: Path, *, close_many: bool) -> None:
        """Close what the file no longer lists, and set who is above whom."""
        await self._flush()
        if not self._seen:
            raise Unusable(f"{path}: it lists no office of a known type; nothing was imported")
        await self._close_missing(path, close_many=close_many)
        await self._set_parents()

    async def _write(self, entry: Entry) -> None:
        stored = self._offices.get(entry.directory_id)
        if stored is None:
            self.summary.new += 1
            self._fresh.append(Office(**entry.values, file=self._file))
            if len(self._fresh) >= BATCH:
                await self._flush()
        elif stored.fingerprint != entry.values["fingerprint"] or stored.closed:
            self.summary.changed += 1
            changed = {**entry.values, "file_id": self._file.id, "closed_at": None}
            await Office.filter(id=stored.id).update(**changed)
        else:
            self.summary.unchanged += 1

    async def _flush(self) -> None:
        await Office.bulk_create(self._fresh, batch_size=BATCH)
        self._fresh.clear()

    async def _close_missing(self, path: Path, *, close_many: bool) -> None:
        """Only types that the file speaks of: an extract says nothing of the others."""
        types = {entry.values["type_id"] for entry in self._seen.values()}
        open_ones = {
            key: office.id
            for key, office in self._offices.items()
            if office.type in types and not office.closed
        }
        missing = [office for key, office in open_ones.items() if key not in self._seen]
        if len(missing) > LARGE_CLOSING * len(open_ones) and not close_many:
            raise Unusable(
                f"{path}: {len(missing)} of {len(open_ones)} known offices are not in it; "
                "nothing was imported. Use --close-many if they did close."
            )
        now = datetime.now(UTC)
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            await Office.filter(id__in=batch).update(closed_at=now)
        self.summary.closed = len(missing)

    async def _set_parents(self) -> None:
        ids = dict(await Office.all().values_list("directory_id", "id"))
        above = self._above()
        moves = []
        for key in self._seen:
            parent = ids.get(above.get(key, ""))
            stored = self._offices.get(key)
            if parent != (stored.parent if stored else None):
                moves.append([parent, ids[key]])
        if moves:
            db = connection()
            mark = ("?", "?") if db.capabilities.dialect == "sqlite" else ("$1", "$2")
            text = f"UPDATE office SET parent_id = {mark[0]} WHERE id = {mark[1]}"
            await db.execute_many(text, moves)

    def _above(self) -> dict[str, str]:
        """Of each office that has one, the office above it; none is above itself."""
        told = self._seats()
        for key, entry in self._seen.items():
            told.update((child, key) for child in entry.children if child in self._seen)
        above: dict[str, str] = {}
        for child, parent in told.items():
            at: str | None = parent
            for _ in range(DEEPEST):
                at = above.get(at) if at and at != child else at
            if at is None:
                above[child] = parent
            else:
                reason = "hierarchie: an office is under itself, or too deep, placed nowhere"
                self.summary.note(self.summary.warnings, reason, self._seen[child].line)
        return above

    def _seats(self) -> dict[str, str]:
        """Of each body with one seat, the seat above each of its other offices."""
        seats: dict[Any, list[str]] = {}
        for key, entry in self._seen.items():
            if entry.is_seat:
                seats.setdefault(entry.body, []).append(key)
        return {
            key: seats[entry.body][0]
            for key, entry in self._seen.items()
            if len(seats.get(entry.body, ())) == 1 and not entry.is_seat
        }
