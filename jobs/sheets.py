"""Files of rows: JSON lines, CSV that no spreadsheet runs, and Parquet. None is held in memory."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

import orjson

from models.export import ExportFormat
from models.sheet import BOM, lines, safe
from resolvers.exporting import Field, Value

ROW_GROUP = 5_000
"""Rows that a Parquet file holds together, and that are in memory at once."""


class Sink:
    """A new file, and what was written to it: how much, and its SHA-256."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._file: IO[bytes] = path.open("wb", buffering=1 << 20)
        path.chmod(0o600)

    @property
    def sha256(self) -> str:
        """Of all that was written, in hexadecimal."""
        return self._hash.hexdigest()

    @property
    def closed(self) -> bool:
        """Whether nothing more can be written."""
        return self._file.closed

    def write(self, content: bytes) -> int:
        """Write `content`, whole."""
        self._hash.update(content)
        self.size += len(content)
        return self._file.write(content)

    def flush(self) -> None:
        """Nothing: `settle` writes through what is whole."""

    def settle(self) -> None:
        """Return when all of it is on the disk. Raises OSError when there is no room for it."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self.close()


class Sheet(Protocol):
    """What takes rows and writes them to a sink."""

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Some rows more."""

    def end(self) -> None:
        """There are no more."""


def sheet(form: ExportFormat, sink: Sink, fields: Sequence[Field]) -> Sheet:
    """A sheet of `fields` in `form`."""
    kinds: dict[ExportFormat, Callable[[Sink, Sequence[Field]], Sheet]] = {
        ExportFormat.JSONL: _Lines,
        ExportFormat.CSV: _Csv,
        ExportFormat.PARQUET: _Parquet,
    }
    return kinds[form](sink, fields)


class _Lines:
    def __init__(self, sink: Sink, _: Sequence[Field]) -> None:
        self._sink = sink

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        self._sink.write(b"".join(orjson.dumps(row) + b"\n" for row in rows))

    def end(self) -> None:
        """Nothing ends it."""


class _Csv:
    def __init__(self, sink: Sink, fields: Sequence[Field]) -> None:
        self._sink = sink
        self._fields = fields
        sink.write(BOM)
        self._put([[field.name for field in fields]])

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        self._put([_cell(field, row[field.name]) for field in self._fields] for row in rows)

    def end(self) -> None:
        """Nothing ends it."""

    def _put(self, rows: Iterable[list[str]]) -> None:
        self._sink.write(lines(rows))


def _cell(field: Field, value: Any) -> str:
    if value is None:
        return ""
    if field.value is Value.BOOLEAN:
        return "true" if value else "false"
    if field.value in {Value.MOMENT, Value.DAY}:
        return str(value.isoformat())
    return safe(str(value)) if field.value is Value.TEXT else str(value)


class _Parquet:
    def __init__(self, sink: Sink, fields: Sequence[Field]) -> None:
        import pyarrow as pa  # noqa: PLC0415  (40 MB that only this format needs)
        from pyarrow import parquet  # noqa: PLC0415

        types = {
            Value.TEXT: pa.string(),
            Value.NUMBER: pa.int64(),
            Value.DECIMAL: pa.float64(),
            Value.BOOLEAN: pa.bool_(),
            Value.MOMENT: pa.timestamp("us", tz="UTC"),
            Value.DAY: pa.date32(),
        }
        self._schema = pa.schema([(field.name, types[field.value]) for field in fields])
        self._batch = pa.RecordBatch.from_pylist
        self._table = pa.Table.from_batches
        self._waiting: list[Any] = []
        self._writer = parquet.ParquetWriter(sink, self._schema, compression="zstd")

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        self._waiting.append(self._batch(list(rows), schema=self._schema))
        if sum(batch.num_rows for batch in self._waiting) >= ROW_GROUP:
            self._flush()

    def end(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(self._table(self._waiting, schema=self._schema))
            self._waiting.clear()
