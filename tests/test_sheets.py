"""Files of rows: what a spreadsheet can't run, and what comes back as it was."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as some

from jobs.sheets import Sink, sheet
from models.export import ExportFormat
from models.sheet import plain, safe
from resolvers.exporting import Field, Value

FIELDS = (
    Field("text"),
    Field("number", Value.NUMBER),
    Field("told", Value.BOOLEAN),
    Field("at", Value.MOMENT),
    Field("day", Value.DAY),
)
AT, DAY = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC), date(2026, 1, 2)
ROW = {"text": "=1+1", "number": 3, "told": True, "at": AT, "day": DAY}
NONE = dict.fromkeys(ROW)


def written(form: ExportFormat, folder: Path, *pages: list[dict[str, Any]]) -> Path:
    path = folder / f"sheet.{form.value}"
    with Sink(path) as sink:
        made = sheet(form, sink, FIELDS)
        for rows in pages:
            made.write(rows)
        made.end()
        sink.settle()
    return path


@given(some.text() | some.from_regex("'{0,3}[=+@\t\r\n＝-].{0,3}", fullmatch=True))
def test_a_cell_made_safe_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert plain(safe(cell)) == cell
    assert safe(cell)[:1] not in set("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize("cell", ["'tis", "l'accueil", "", "''", "a=1"])
def test_a_cell_that_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert safe(cell) == cell == plain(cell)


def test_csv_holds_what_was_written_with_formulas_made_safe(tmp_path: Path) -> None:
    path = written(ExportFormat.CSV, tmp_path, [ROW], [ROW | {"text": 'a;"b"\r\nc'}, NONE])
    raw = path.read_bytes()

    assert raw.startswith(b"\xef\xbb\xbftext;number;told;at;day\r\n")
    rest = ["3", "true", AT.isoformat(), "2026-01-02"]
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))[
        1:
    ] == [
        ["'=1+1", *rest],
        ['a;"b"\r\nc', *rest],
        [""] * 5,
    ]


def test_json_lines_hold_what_was_written(tmp_path: Path) -> None:
    path = written(ExportFormat.JSONL, tmp_path, [ROW], [NONE])
    shown = {"text": "=1+1", "number": 3, "told": True, "at": AT.isoformat(), "day": "2026-01-02"}

    assert [orjson.loads(line) for line in path.read_bytes().splitlines()] == [shown, NONE]


@pytest.mark.parametrize("pages", [(), ([ROW], [NONE]), tuple([[ROW] * 500] * 50)])
def test_parquet_holds_what_was_written_with_its_types(tmp_path: Path, pages: Any) -> None:
    table = pyarrow.parquet.read_table(written(ExportFormat.PARQUET, tmp_path, *pages))

    assert table.to_pylist() == [row for page in pages for row in page]
    assert table.schema.names == [field.name for field in FIELDS]


def test_a_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    assert written(ExportFormat.CSV, tmp_path, []).stat().st_mode & 0o777 == 0o600
