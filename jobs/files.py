"""Files to import, read in a stream: each record with its line, whatever is wrong said in words."""

import codecs
import csv
import hashlib
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from tqdm import tqdm

Record: TypeAlias = tuple[int, dict[str, Any]]
"""Line on which a record begins, and the record."""

CHUNK = 1 << 18
MAX_RECORD = 1 << 23
"""Characters that one record may take."""

ROW = ""
"""The one field of a CSV row that has more or fewer fields than there are names: all of it."""

_BLANK = re.compile(r"[ \t\n\r]*")
_FIRST = "an array of objects must come first"
_UNTERMINATED = "Unterminated"
_TOO_LONG = f"a record is longer than {MAX_RECORD} characters"


class Unusable(Exception):
    """A file that can't be imported at all; nothing of it was."""


@contextmanager
def opened(path: Path, member: str = "") -> Iterator[tuple[str, IO[bytes]]]:
    """The name and bytes of `path`, or of what ends in `member` in a `.tar.bz2`, with a bar."""
    with ExitStack() as stack:
        with _reading(path):
            raw = stack.enter_context(path.open("rb"))
            bar = tqdm.wrapattr(
                raw, "read", total=path.stat().st_size, desc=path.name, unit="B", disable=None
            )
            name, found = path.name, cast(IO[bytes], stack.enter_context(bar))
            if path.name.endswith((".tar.bz2", ".tbz2")):
                archive = stack.enter_context(tarfile.open(fileobj=found, mode="r|bz2"))
                name, found = _member(archive, path, member)
        yield name, found


def sha256(path: Path) -> str:
    """The SHA-256 of the bytes of `path`, in hexadecimal."""
    with _reading(path), path.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Errors of reading `path`, and no others, become Unusable."""
    try:
        yield
    except (EOFError, tarfile.TarError) as error:
        raise Unusable(f"{path}: the archive is truncated or damaged ({error})") from error
    except FileNotFoundError as error:
        raise Unusable(f"{path}: there is no such file") from error
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error


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
        with _reading(path):
            chunk = raw.read(CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object.count(b"\n", 0, error.start)
            raise Unusable(f"{path}, line {line}: the file is not UTF-8") from None
        line += text.count("\n")
        if text:
            yield text
        if not chunk:
            return


def json_records(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    """The objects of a JSON array, which may be the one value of an object around it."""
    window = _Window(path, text_of(path, raw))
    wrapped = window.peek() == "{"
    if wrapped:
        window.expect("{", _FIRST)
        if not isinstance(window.value(), str):
            raise Unusable(f"{path}, line {window.line}: {_FIRST}")
        window.expect(":", _FIRST)
    window.expect("[", _FIRST)
    more = window.peek() != "]"
    while more:
        window.peek()
        line, record = window.line, window.value()
        if not isinstance(record, dict):
            raise Unusable(f"{path}, line {line}: an object is expected here")
        yield line, record
        more = window.peek() == ","
        if more:
            window.expect(",", "")
    window.expect("]", "`,` or `]` is expected here")
    if wrapped:
        window.expect("}", "`}` is expected here")
    window.expect("", "the array is over, nothing more is expected")


def json_lines(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    """The objects of a file that has one on each line, or nothing."""
    for number, line in enumerate(_lines(path, text_of(path, raw)), 1):
        try:
            record = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            raise Unusable(f"{path}, line {number}: this is not JSON") from None
        if record is not None:
            if not isinstance(record, dict):
                raise Unusable(f"{path}, line {number}: an object is expected here")
            yield number, record


class _Window:
    """What was read of a JSON text and not used yet, and the line that it is on."""

    def __init__(self, path: Path, chunks: Iterator[str]) -> None:
        self.line = 1
        self._path = path
        self._chunks = chunks
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """Pass white space; the character that comes then, or `""` at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._pass(blank.end() if blank else self._at)
            if self._at < len(self._text) or not self._read():
                return self._text[self._at : self._at + 1]

    def expect(self, char: str, refusal: str) -> None:
        """Pass `char`, which must come after white space; `""` is the end."""
        found = self.peek()
        if found != char:
            raise self._refused(refusal if found else "the file ends too early")
        self._pass(self._at + len(char))

    def value(self) -> Any:
        """Pass the value that comes, and give it."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._grown(error):
                    ended = error.pos == len(self._text) or error.msg.startswith(_UNTERMINATED)
                    why = "the file ends too early" if ended else "this is not JSON"
                    self._pass(error.pos)
                    raise self._refused(f"{why} ({error.msg})") from None
            except RecursionError:
                raise self._refused("this is nested too deep") from None
            except ValueError:  # of all numbers: Python reads none this long
                raise self._refused("a number here is too long") from None
            else:
                self._pass(end)
                return value

    def _grown(self, error: json.JSONDecodeError) -> bool:
        """Whether `error` may come of the window's end, and the window was made longer."""
        # No word, number's end or escape that the end may cut is longer than this.
        cut = error.pos >= len(self._text) - 16 or error.msg.startswith(_UNTERMINATED)
        if cut and len(self._text) - self._at > MAX_RECORD:
            raise self._refused(_TOO_LONG) from None
        return cut and self._read()

    def _read(self) -> bool:
        """Read as much again as is left: a value is tried anew each time, yet in linear time."""
        parts = [self._text[self._at :]]
        wanted = 2 * len(parts[0]) or 1
        while wanted > sum(map(len, parts)) and (chunk := next(self._chunks, "")):
            parts.append(chunk)
        if len(parts) == 1:
            return False
        self._text, self._at = "".join(parts), 0
        return True

    def _pass(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _refused(self, why: str) -> Unusable:
        return Unusable(f"{self._path}, line {self.line}: {why}")


def csv_records(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    """The rows of a CSV whose fields are parted by semicolons, under a line of names."""
    csv.field_size_limit(MAX_RECORD)
    rows = csv.reader(_lines(path, text_of(path, raw)), delimiter=";", strict=True)
    line = 1
    try:
        names = next(rows, [])
        if len(names) < 2:
            raise Unusable(f"{path}, line 1: names of fields, parted by `;`, must come first")
        line = rows.line_num + 1
        for row in rows:
            if row:
                same = len(row) == len(names)
                yield line, dict(zip(names, row, strict=True)) if same else {ROW: row}
            line = rows.line_num + 1
    except csv.Error as error:
        raise Unusable(f"{path}, line {line}: this row is not CSV ({error})") from None


def _lines(path: Path, chunks: Iterator[str]) -> Iterator[str]:
    rest, number = "", 1
    for chunk in chunks:
        *lines, rest = (rest + chunk).split("\n")
        yield from (line + "\n" for line in lines)
        number += len(lines)
        if len(rest) > MAX_RECORD:
            raise Unusable(f"{path}, line {number}: {_TOO_LONG}")
    if rest:
        yield rest
