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
    """What to hide along with `place`: the least that does, and the total of all last.

    There always is something: with no totals of its row, of its column and of the whole, a count
    has no upper bound.
    """
    best: tuple[bool, float, Sequence[_Place]] = (True, inf, ())
    for moved, width in _moves(table, place):
        if width >= k - 1:
            new = [one for one in moved if one not in hidden]
            lost = sum(1 + table[row][column] for row, column in new)
            if not lost:
                return ()
            best = min(best, ((TOTAL, TOTAL) in new, lost, new))
    return best[-1]


def _moves(table: Table, place: _Place) -> Iterator[tuple[Sequence[_Place], float]]:
    """Sets of counts and totals, of which `place` is one, and how far they can move together.

    Some grow by as much as the others shrink, all else and all sums stay as they are, and nothing
    becomes negative. So each of them could be anything on that way.
    """
    row, column = place
    others = (
        (other, across)
        for other, across in product(range(len(table)), range(len(table[TOTAL])))
        if other != row and across != column
    )
    for other, across in others:
        # The corners of a rectangle.
        grow, shrink = [place], list[_Place]()
        against_row, against_column = _against(row, other), _against(column, across)
        (shrink if against_row else grow).append((other, column))
        (shrink if against_column else grow).append((row, across))
        (shrink if against_row != against_column else grow).append((other, across))
        yield _together(table, grow, shrink)
        if TOTAL not in {row, column, other, across}:
            # One for another, with the totals of their rows and columns: the whole stays.
            grow = [place, (row, TOTAL), (TOTAL, column)]
            shrink = [(other, across), (other, TOTAL), (TOTAL, across)]
            yield _together(table, grow, shrink)


def _together(
    table: Table, grow: Sequence[_Place], shrink: Sequence[_Place]
) -> tuple[Sequence[_Place], float]:
    down = min(table[row][column] for row, column in grow)
    up = min((table[row][column] for row, column in shrink), default=inf)
    return (*grow, *shrink), down + up


def _against(one: int, other: int) -> bool:
    """Whether one line shrinks as the other grows; a line and the totals grow together."""
    return TOTAL not in {one, other}
