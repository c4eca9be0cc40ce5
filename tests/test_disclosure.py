"""What of a table may be shown, and the attacker who solves it for what is hidden."""

from collections.abc import Sequence
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from models.disclosure import shown

Told = Sequence[Sequence[int | None]]


def widths(told: Told) -> list[float]:
    """How wide the interval is in which each hidden number must lie: all that can be known.

    The first row and the first column are totals, and no count is negative.
    """
    rows, columns = len(told), len(told[0])
    equations = []
    for row in range(rows):
        equation = np.zeros((rows, columns))
        equation[row, 0], equation[row, 1:] = -1, 1
        equations.append(equation.ravel())
    for column in range(columns):
        equation = np.zeros((rows, columns))
        equation[0, column], equation[1:, column] = -1, 1
        equations.append(equation.ravel())
    cells = [cell for row in told for cell in row]
    bounds = [(cell or 0, cell) for cell in cells]
    equal = {"A_eq": np.array(equations), "b_eq": np.zeros(len(equations)), "bounds": bounds}

    def least(place: int, sign: int) -> float:
        aim = np.zeros(len(cells))
        aim[place] = sign
        found = linprog(aim, **equal)
        assert found.status in {0, 3}, found.message
        return float(found.fun) if found.status == 0 else -inf

    # Rows that tell the same are alike for the attacker: one of them is enough.
    alike = {(bool(row), tuple(told[row])): row for row in range(rows)}.values()
    places = [row * columns + column for row in alike for column in range(columns)]
    hidden = [place for place in places if cells[place] is None]
    return [-least(place, -1) - least(place, 1) for place in hidden]


def test_the_attacker_finds_what_totals_give_back() -> None:
    assert widths([[93, 50, 43], [23, 20, None], [70, 30, 40]]) == [0]
    assert widths([[93, 50, 43], [23, None, None], [70, None, None]]) == [23] * 4
    assert widths([[None, None], [None, None]]) == [inf] * 4


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    columns = draw(st.integers(1, 4))
    counts = st.one_of(st.integers(0, 3), st.integers(0, 15), st.integers(0, 80))
    row = st.lists(counts, min_size=columns, max_size=columns)
    return draw(st.lists(row, min_size=1, max_size=4))


@given(tables(), st.sampled_from([11, 20]))
@settings(max_examples=100, deadline=None)
def test_whatever_is_hidden_may_lie_anywhere_in_a_wide_interval(
    counts: list[list[int]], k: int
) -> None:
    found = widths(shown(counts, k))

    assert all(width >= k - 1 - 1e-6 for width in found), found


@given(tables())
@settings(deadline=None)
def test_what_is_shown_is_right_and_tells_of_no_few(counts: list[list[int]]) -> None:
    rows = [[sum(row), *row] for row in counts]
    whole = [[sum(column) for column in zip(*rows, strict=True)], *rows]

    pairs = [
        (cell, count)
        for told, counted in zip(shown(counts, 11), whole, strict=True)
        for cell, count in zip(told, counted, strict=True)
    ]

    assert all(cell in {None, count} for cell, count in pairs)
    assert all(cell is None for cell, count in pairs if count < 11)
    assert min(count for _, count in pairs) < 11 or None not in [cell for cell, _ in pairs]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[20, 11], [30, 40]], [[101, 50, 51], [31, 20, 11], [70, 30, 40]]),
        ([[20, 3], [30, 40]], [[93, 50, 43], [23, None, None], [70, None, None]]),
        # Moved against each other, 3 and 4 leave 7 to play with: 30 goes with them.
        (
            [[3, 4, 30], [12, 14, 90]],
            [[153, 15, 18, 120], [37, None, None, None], [116, None, None, None]],
        ),
        ([[50], [3]], [[53, 53], [None, None], [None, None]]),
        ([[0, 0]], [[None, None, None], [None, None, None]]),
    ],
)
def test_no_more_is_hidden_than_it_takes(
    counts: list[list[int]], expected: list[list[int | None]]
) -> None:
    assert shown(counts, 11) == expected
