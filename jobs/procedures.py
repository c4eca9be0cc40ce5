"""Import a list of procedures ("démarches"): a CSV of `code;name;networks;url`."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tortoise.transactions import in_transaction

from jobs import reference
from jobs.command import Exit, say, with_database
from jobs.files import ROW, Unusable, csv_records, opened, sha256
from jobs.operator import audited
from jobs.reference import Reference
from jobs.rejects import Rejects
from models.audit import Deed
from models.procedure import CODE, Procedure, ProcedureNetwork
from models.text import clean, words

COLUMNS = ("code", "name", "networks", "url")
_URL = re.compile(r"https?://[!-~]{1,1000}")


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, help="a .csv: code;name;networks;url")
    parser.add_argument(
        "--close-missing", action="store_true", help="close procedures that the file does not name"
    )
    parser.add_argument(
        "--rejects",
        type=Path,
        help="where rows that can't be imported go, with line and reason (FILE.rejects.csv)",
    )


def run(args: Namespace) -> Exit:
    """Import procedures from a CSV in UTF-8, its fields parted by `;`, under a line of names.

    code      letters, digits, `.`, `_`, `-`: what reviews name it by
    name      what it is called
    networks  codes of the networks that it goes through, parted by commas
    url       where it is done or explained; may be empty

    The file can be imported again: what is the same stays untouched, and a closed one is open
    again. What it no longer names is closed with --close-missing only.
    """
    rejects = args.rejects or args.file.with_name(f"{args.file.name}.rejects.csv")

    async def work() -> Exit:
        summary = await load(args.file, rejects, close_missing=args.close_missing)
        say(summary.line())
        if summary.rejected:
            say(f"  rejected rows, with line and reason: {rejects}")
        return Exit.REJECTED if summary.rejected else Exit.DONE

    return with_database(work)


@dataclass
class Summary:
    """What an import did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    rejected: int = 0

    def line(self) -> str:
        """The summary for people."""
        return (
            f"procedures: {self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.closed} closed, {self.rejected} rejected"
        )


async def load(path: Path, rejects: Path, *, close_missing: bool = False) -> Summary:
    """Import `path`, whole but for rows that are rejected. Raises Unusable."""
    summary = Summary()
    async with in_transaction():
        known, seen = await reference.load(), set[str]()
        stored = {one.code: one for one in await Procedure.all().prefetch_related("networks")}
        with Rejects(rejects, path) as rejected:
            for line, record in _records(path):
                code = (record[ROW][0] if ROW in record else record["code"]).strip()
                try:
                    told = _parsed(code, record, known, seen)
                except ValueError as reason:
                    summary.rejected += 1
                    rejected.add(line, str(reason))
                else:
                    await _take(told, stored.get(code), summary)
                seen.add(code)
        for code, one in stored.items() if close_missing else ():
            if code not in seen and one.closed_at is None:
                summary.closed += 1
                one.closed_at = datetime.now(UTC)
                await one.save(update_fields=["closed_at"])
        facts = {"sha256": sha256(path), **vars(summary)}
        await audited(Deed("procedures.imported", clean(path.name)[:128], facts=facts))
    return summary


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if path.suffix != ".csv":
        raise Unusable(f"{path}: the name must end in .csv")
    with opened(path) as (_, raw):
        for line, record in csv_records(path, raw):
            if ROW not in record and (lacking := [one for one in COLUMNS if one not in record]):
                raise Unusable(f"{path}, line 1: there is no column `{lacking[0]}`")
            yield line, record


def _parsed(
    code: str, record: dict[str, Any], known: Reference, seen: set[str]
) -> tuple[dict[str, Any], frozenset[int]]:
    """The columns of a procedure, and its networks. Raises ValueError, which says what is wrong."""
    if ROW in record:
        message = "the row has more or fewer fields than there are names"
        raise ValueError(message)
    if not CODE.fullmatch(code):
        message = "code: 1 to 64 letters, digits, `.`, `_` or `-` are expected"
        raise ValueError(message)
    if code in seen:
        message = "code: the same as an earlier row's"
        raise ValueError(message)
    name, url = " ".join(clean(record["name"]).split()), record["url"].strip()
    if not 0 < len(name) <= 255:
        message = "name: 1 to 255 characters are expected"
        raise ValueError(message)
    if url and not _URL.fullmatch(url):
        message = "url: an address that begins with http:// or https:// is expected"
        raise ValueError(message)
    networks = [one.strip() for one in record["networks"].split(",") if one.strip()]
    if not networks:
        message = "networks: at least one code is expected"
        raise ValueError(message)
    if unknown := [one for one in networks if one not in known.networks]:
        message = f"networks: there is no network of the code {unknown[0][:64]!r}"
        raise ValueError(message)
    columns = {
        "code": code,
        "name": name,
        "url": url or None,
        "search": f" {' '.join(words(name))}"[:600],
        "closed_at": None,
    }
    return columns, frozenset(known.networks[one] for one in networks)


async def _take(
    told: tuple[dict[str, Any], frozenset[int]], before: Procedure | None, summary: Summary
) -> None:
    columns, networks = told
    if before is None:
        summary.new += 1
        made = await Procedure.create(**columns)
        await _link(made, networks)
        return
    linked = frozenset(link.network_id for link in before.networks)
    if linked == networks and all(getattr(before, name) == columns[name] for name in columns):
        summary.unchanged += 1
        return
    summary.changed += 1
    await before.update_from_dict(columns).save()
    await ProcedureNetwork.filter(procedure=before, network_id__in=linked - networks).delete()
    await _link(before, networks - linked)


async def _link(procedure: Procedure, networks: frozenset[int]) -> None:
    for network in sorted(networks):
        await ProcedureNetwork.create(procedure=procedure, network_id=network)
