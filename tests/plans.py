"""How PostgreSQL went about what it was asked: the plans of the service's own statements."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from settings import Settings

EXPLAINED = {
    "random_page_cost": "1.1",  # of a disk without heads
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
}


async def explained(config: Settings, home: Path) -> None:
    """From now on PostgreSQL logs how it went about each statement of the service."""
    name = urlsplit(config.database_url).path.strip("/")
    owner = await asyncpg.connect(host=str(home), user="postgres", database=name)
    try:
        for setting, value in EXPLAINED.items():
            await owner.execute(f"ALTER ROLE relais IN DATABASE {name} SET {setting} = '{value}'")
    finally:
        await owner.close()


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read of one table, or by one index, and how."""

    how: str
    table: str
    index: str
    rows: float
    """Those that were found, and those that were read and thrown away."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement that was run: what it gave and what it read."""

    text: str
    rows: float
    blocks: int
    scans: list[Scan]

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Plan":
        """As PostgreSQL tells it."""
        top = told["Plan"]
        blocks = top.get("Shared Hit Blocks", 0) + top.get("Shared Read Blocks", 0)
        return cls(told["Query Text"], top["Actual Rows"], blocks, list(_scans(top)))


def _scans(node: dict[str, Any]) -> Iterator[Scan]:
    if "Scan" in node["Node Type"]:
        thrown = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        rows = node["Actual Rows"] + sum(node.get(name, 0) for name in thrown)
        table, index = node.get("Relation Name", ""), node.get("Index Name", "")
        yield Scan(node["Node Type"], table, index, rows * node["Actual Loops"])
    for below in node.get("Plans", ()):
        yield from _scans(below)


class Ear:
    """Reads the log of a PostgreSQL on."""

    def __init__(self, home: Path) -> None:
        self._log = home / "log"
        self._read = self._log.stat().st_size

    def heard(self) -> list[Plan]:
        """The plans that were logged since it was last asked."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        logged = re.findall(r"plan:\n((?:\t.*\n)+)", new.decode())
        return [Plan.of(json.loads(one)) for one in logged]
