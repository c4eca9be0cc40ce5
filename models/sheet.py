"""Rows as CSV that no spreadsheet runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff".encode()
"""What tells spreadsheets that the text is UTF-8; readers of `utf-8-sig` pass over it."""

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_SAFE = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")


def safe(cell: str) -> str:
    """`cell` with an apostrophe before it where a spreadsheet could take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """What `safe` was given: the apostrophe that stands before what looks like a formula goes."""
    return cell[1:] if _SAFE.match(cell) else cell


def lines(rows: Iterable[Sequence[str]]) -> bytes:
    """`rows` with `;` between their cells, each on a line that ends with CRLF."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
