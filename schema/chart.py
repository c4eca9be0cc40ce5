"""Rates over months, drawn as SVG: the line, and the interval around it."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 76, 36, 14, 40


class Rate(NamedTuple):
    """A share and its interval, each from 0 to 1."""

    value: float
    low: float
    high: float


Rates = Sequence[Rate | None]


def chart(title: str, labels: Sequence[str], lines: Sequence[Rates]) -> str:
    """`lines` over `labels`: the first with its intervals, others dashed."""
    across = (WIDTH - LEFT - RIGHT) / max(1, len(labels) - 1)
    places = [LEFT + across * number for number in range(len(labels))]
    deep = HEIGHT - TOP - BOTTOM
    drawn = [_line(rates, places, TOP, deep, "dashed") for rates in lines[1:]]
    drawn += [_band(lines[0], places, TOP, deep), _line(lines[0], places, TOP, deep, "line")]
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{_y(rate.value, TOP, deep):.1f}" r="4"/>'
        for x, rate in zip(places, lines[0], strict=True)
        if rate
    )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title)}</title>{_scale(deep)}{_months(labels, places)}"
        f"{''.join(drawn)}{marks}</svg>"
    )


def spark(rates: Rates) -> str:
    """A small line in a row of a table, which says the same in numbers elsewhere."""
    places = [4 + 112 * number / max(1, len(rates) - 1) for number in range(len(rates))]
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{_y(rate.value, 2, 28):.1f}" r="1.5"/>'
        for x, rate in zip(places, rates, strict=True)
        if rate
    )
    line = _band(rates, places, 2, 28) + _line(rates, places, 2, 28, "line") + marks
    return f'<svg class="spark" viewBox="0 0 120 32" aria-hidden="true">{line}</svg>'


def _y(value: float, top: float, deep: float) -> float:
    return top + deep * (1 - value)


def _runs(rates: Rates, places: Sequence[float]) -> Iterator[list[tuple[float, Rate]]]:
    """What stands side by side: a month of which nothing is told parts a line."""
    pairs = zip(places, rates, strict=True)
    for known, run in groupby(pairs, key=lambda pair: pair[1] is not None):
        if known:
            yield [(x, rate) for x, rate in run if rate]


def _line(rates: Rates, places: Sequence[float], top: float, deep: float, kind: str) -> str:
    runs = ([(x, rate.value) for x, rate in run] for run in _runs(rates, places))
    return "".join(f'<polyline class="{kind}" points="{_points(run, top, deep)}"/>' for run in runs)


def _points(ends: Iterable[tuple[float, float]], top: float, deep: float) -> str:
    return " ".join(f"{x:.1f},{_y(value, top, deep):.1f}" for x, value in ends)


def _band(rates: Rates, places: Sequence[float], top: float, deep: float) -> str:
    found = []
    for run in _runs(rates, places):
        ends = [(x, r.high) for x, r in run] + [(x, r.low) for x, r in reversed(run)]
        found.append(f'<polygon class="band" points="{_points(ends, top, deep)}"/>')
    return "".join(found)


def _scale(deep: float) -> str:
    return "".join(
        f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{share}\u00a0%</text>'
        for share in range(0, 101, 25)
        for y in [_y(share / 100, TOP, deep)]
    )


def _months(labels: Sequence[str], places: Sequence[float]) -> str:
    return "".join(
        f'<text class="{"odd" if number % 2 else "even"}" x="{x:.1f}" y="{HEIGHT - 12}" '
        f'text-anchor="middle">{escape(label)}</text>'
        for number, (x, label) in enumerate(zip(places, labels, strict=True))
    )
