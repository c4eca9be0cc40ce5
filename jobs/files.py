"""Files to import, read in a stream: each record with its line, whatever is wrong said in words."""

import codecs
import csv
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from tqdm import tqdm

Record: TypeAlias = tuple[int, dict[str, Any]]
"""Line on which a record begins, and the record."""

CHUNK = 1 << 18
MAX_RECORD = 1 << 24
"""Characters that one record may take."""

_START = re.compile(r'\s*(?:\{\s*"[^"]*"\s*:\s*)?\[')
_BETWEEN = re.compile(r"[\s,]*")


class Unusable(Exception):
    """A file that can't be imported at all; nothing of it was."""


@contextmanager
def opened(path: Path, member: str = "") -> Iterator[tuple[str, IO[bytes]]]:
    """The name and bytes of `path`, or of what ends in `member` in a `.tar.bz2`, with a bar."""
    try:
        with (
            path.open("rb") as raw,
            tqdm.wrapattr(
                raw, "read", total=path.stat().st_size, desc=path.name, unit="B", disable=None
            ) as watched,
        ):
            if path.name.endswith((".tar.bz2", ".tbz2")):
                with tarfile.open(fileobj=cast(IO[bytes], watched), mode="r|bz2") as archive:
                    yield _member(archive, path, member)
            else:
                yield path.name, cast(IO[bytes], watched)
    except (EOFError, tarfile.TarError, OSError) as error:
        raise Unusable(f"{path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, EOFError | tarfile.TarError):
        return f"the archive is truncated or damaged ({error})"
    return str(error)


def _member(archive: tarfile.TarFile, path: Path, ending: str) -> tuple[str, IO[bytes]]:
    for entry in archive:
        found = archive.extractfile(entry) if entry.name.endswith(ending) else None
        if found is not None:
            return entry.name, found
    raise Unusable(f"{path}: the archive holds no file whose name ends in {ending}")


def text_of(path: Path, raw: IO[bytes]) -> Iterator[str]:
    """The text of `raw`, which must be UTF-8, a chunk at a time."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    while True:
        chunk = raw.read(CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += chunk[: error.start].count(b"\n")
            raise Unusable(f"{path}, line {line}: the file is not UTF-8") from None
        line += text.count("\n")
        if text:
            yield text
        if not chunk:
            return


def json_records(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    """The objects of a JSON array, which may be the one value of an object around it."""
    chunks = text_of(path, raw)
    decoder = json.JSONDecoder()
    buffer, at, line = next(chunks, ""), 0, 1
    start = _START.match(buffer)
    if start is None:
        raise Unusable(f"{path}, line 1: an array of objects must come first")
    line, at = 1 + buffer.count("\n", 0, start.end()), start.end()
    while True:
        between = _BETWEEN.match(buffer, at)
        line, at = line + buffer.count("\n", at, between.end()), between.end()  # type: ignore[union-attr]
        if buffer.startswith("]", at):
            return
        try:
            record, end = decoder.raw_decode(buffer, at)
        except json.JSONDecodeError as error:
            unfinished = error.pos >= len(buffer) - 16 or error.msg.startswith("Unterminated")
            more = next(chunks, "") if unfinished and len(buffer) - at < MAX_RECORD else ""
            if not more:
                line += buffer.count("\n", at, error.pos)
                why = "the file ends too early" if unfinished else error.msg
                raise Unusable(f"{path}, line {line}: this is not JSON ({why})") from None
            while len(more) < len(buffer) - at:  # twice as much each time: linear, however long
                further = next(chunks, "")
                if not further:
                    break
                more += further
            buffer, at = buffer[at:] + more, 0
            continue
        if not isinstance(record, dict):
            raise Unusable(f"{path}, line {line}: an object is expected here")
        yield line, record
        line, at = line + buffer.count("\n", at, end), end


def csv_records(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    """The rows of a CSV whose fields are parted by semicolons, under a line of names."""
    csv.field_size_limit(MAX_RECORD)
    rows = csv.reader(_lines(text_of(path, raw)), delimiter=";", strict=True)
    try:
        names = next(rows, [])
        if len(names) < 2:
            raise Unusable(f"{path}, line 1: names of fields, parted by `;`, must come first")
        line = rows.line_num + 1
        for row in rows:
            if row:
                yield line, dict(zip(names, row, strict=False)) | {"": row[len(names) :]}
            line = rows.line_num + 1
    except csv.Error as error:
        raise Unusable(f"{path}, line {rows.line_num}: this is not CSV ({error})") from None


def _lines(chunks: Iterator[str]) -> Iterator[str]:
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split("\n")
        yield from (line + "\n" for line in lines)
    if rest:
        yield rest
