"""What of a table may be shown without telling of a few (docs/decisions/0020)."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf
from typing import Final, TypeAlias

Table: TypeAlias = Sequence[Sequence[int]]
Shown: TypeAlias = list[list[int | None]]
_Place: TypeAlias = tuple[int, int]

TOTAL: Final = 0
"""The row, and the column, of totals."""


def shown(counts: Table, k: int) -> Shown:
    """`counts` with a first row and a first column of totals, and None in place of what is hidden.

    Counts and totals under `k` are hidden, zeros too. So is what would give one of them back: to
    whoever knows that counts are not negative and add up to their totals, what is hidden may
    still lie anywhere in an interval that is `k - 1` wide at least.
    """
    table = _with_totals(counts)
    places = list(product(range(len(table)), range(len(table[TOTAL]))))
    small = [(row, column) for row, column in places if table[row][column] < k]
    hidden = set(small)
    for place in small:
        hidden.update(_company(table, place, hidden, k))
    return [
        [None if (row, column) in hidden else count for column, count in enumerate(counted)]
        for row, counted in enumerate(table)
    ]


def _with_totals(counts: Table) -> Table:
    rows = [[sum(row), *row] for row in counts]
    return [[sum(column) for column in zip(*rows, strict=True)], *rows]


def _company(table: Table, place: _Place, hidden: set[_Place], k: int) -> Sequence[_Place]:
    """What to hide along with `place`: the least that does.

    There always is something: with no totals of its row, of its column and of the whole, a count
    has no upper bound.
    """

    def lost(corners: Sequence[_Place]) -> int:
        return sum(1 + table[row][column] for row, column in corners if (row, column) not in hidden)

    wide = (corners for corners, width in _rectangles(table, place) if width >= k - 1)
    return min(wide, key=lost)


def _rectangles(table: Table, place: _Place) -> Iterator[tuple[Sequence[_Place], float]]:
    """Rectangles of which `place` is a corner, and how far their corners can be moved together.

    Some corners grow by as much as the others shrink, all else and all sums stay as they are, and
    nothing becomes negative. So the corners could be anything on that way.
    """
    row, column = place
    others = (
        (other, across)
        for other, across in product(range(len(table)), range(len(table[TOTAL])))
        if other != row and across != column
    )
    for other, across in others:
        against_row, against_column = _against(row, other), _against(column, across)
        grow, shrink = [place], []
        for corner, opposed in (
            ((other, column), against_row),
            ((row, across), against_column),
            ((other, across), against_row != against_column),
        ):
            (shrink if opposed else grow).append(corner)
        down = min(table[a][b] for a, b in grow)
        up = min((table[a][b] for a, b in shrink), default=inf)
        yield (*grow, *shrink), down + up


def _against(one: int, other: int) -> bool:
    """Whether one line shrinks as the other grows; a line and the totals grow together."""
    return TOTAL not in {one, other}
