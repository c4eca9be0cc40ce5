"""The figures as a Markdown table with ratios, and as a picture."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Self

from bench.load import Heard

OURS = "Relais"
COLOURS = {
    "Relais": "#000091",
    "bare limit": "#929292",
    "plain Strawberry": "#6a6af4",
    "PostGraphile": "#e1000f",
    "PostGraphile, RLS": "#f9a0a6",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one measure showed. Times are in milliseconds, of processors for one request."""

    case: str
    server: str
    connections: int
    rate: float
    p50: float
    p99: float
    server_cpu: float
    database_cpu: float

    @classmethod
    def of(
        cls, case: str, server: str, connections: int, heard: Heard, cpu: float, database: float
    ) -> Self:
        """From what was heard, and the processor seconds that it took."""
        count = len(heard.latencies)
        cuts = quantiles(heard.latencies, n=100) if count > 1 else heard.latencies * 99
        return cls(
            case,
            server,
            connections,
            count / heard.seconds,
            cuts[49] * 1000,
            cuts[98] * 1000,
            cpu / count * 1000,
            database / count * 1000,
        )


def written(figures: Sequence[Figure], memory: dict[str, int], out: Path, reviews: int) -> None:
    """Write results.md and results.svg."""
    table = "\n".join(_table(_medians(figures), memory, reviews))
    (out / "results.md").write_text(f"{table}\n", encoding="utf-8")
    (out / "results.svg").write_text(_picture(_medians(figures)), encoding="utf-8")
    sys.stdout.write(f"{table}\n")


def _medians(figures: Sequence[Figure]) -> list[Figure]:
    """One figure for each case, server and number of connections: the round of median rate."""
    rounds: dict[tuple[str, int, str], list[Figure]] = {}
    for one in figures:
        rounds.setdefault((one.case, one.connections, one.server), []).append(one)
    middle = []
    for some in rounds.values():
        rate = sorted(one.rate for one in some)[len(some) // 2]
        middle.append(next(one for one in some if one.rate == rate))
    return middle


_HEAD = (
    "| case | connections | server | requests/s | Relais is | p50 ms | p99 ms "
    "| server CPU ms | PostgreSQL CPU ms |"
)


def _table(figures: Sequence[Figure], memory: dict[str, int], reviews: int) -> list[str]:
    lines = [
        f"{reviews:,} reviews; client, server and PostgreSQL on one machine, one process each.",
        "",
        _HEAD,
        "|---|---|---|---|---|---|---|---|---|",
    ]
    ours = {(one.case, one.connections): one.rate for one in figures if one.server == OURS}
    for one in figures:
        mine = ours.get((one.case, one.connections))
        ratio = "" if one.server == OURS or mine is None else f"{mine / one.rate:.2f} x"
        lines.append(
            f"| {one.case} | {one.connections} | {one.server} | {one.rate:,.0f} | {ratio}"
            f" | {one.p50:.2f} | {one.p99:.2f} | {one.server_cpu:.2f} | {one.database_cpu:.2f} |"
        )
    lines += ["", "| server | peak memory, MiB |", "|---|---|"]
    return lines + [f"| {name} | {peak / 2**20:.0f} |" for name, peak in memory.items()]


def _picture(figures: Sequence[Figure]) -> str:
    """Bars of requests a second, a group for each case and number of connections."""
    groups: dict[tuple[str, int], list[Figure]] = {}
    for one in figures:
        groups.setdefault((one.case, one.connections), []).append(one)
    rows, y = [], 40
    for (case, connections), some in groups.items():
        rows.append(f'<text x="10" y="{y}" font-weight="bold">{case}, {connections} at once</text>')
        most = max(one.rate for one in some)
        for one in some:
            y += 18
            width = 420 * one.rate / most
            rows.append(f'<text x="10" y="{y}">{one.server}</text>')
            rows.append(
                f'<rect x="150" y="{y - 11}" width="{width:.0f}" height="13"'
                f' fill="{COLOURS[one.server]}"/>'
            )
            rows.append(f'<text x="{156 + width:.0f}" y="{y}">{one.rate:,.0f}/s</text>')
        y += 32
    body = "\n".join(rows)
    style = "font-family='sans-serif' font-size='12'"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="660" height="{y}" {style}>\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )
