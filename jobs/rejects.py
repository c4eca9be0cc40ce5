"""Rows that an import could not take, listed with their line and why."""

import csv
from pathlib import Path
from typing import IO, Self

from jobs.files import Unusable


class Rejects:
    """The file of rejected rows: there is none when none is rejected, or nothing is imported."""

    def __init__(self, path: Path, source: Path) -> None:
        self._path = path
        self._source = source
        self._partial = path.with_name(f"{path.name}.partial")
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path.resolve() == self._source.resolve():
            raise Unusable(f"{self._path}: rejected rows can't go into the file they come from")
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            if failure is None:
                self._partial.replace(self._path)
            else:
                self._partial.unlink()
        elif failure is None:
            self._path.unlink(missing_ok=True)

    def add(self, line: int, reason: str) -> None:
        """The row on `line` was rejected for `reason`."""
        if self._file is None:
            self._file = self._opened()
            csv.writer(self._file).writerow(("line", "reason"))
        csv.writer(self._file).writerow((line, reason))

    def _opened(self) -> IO[str]:
        try:
            return self._partial.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise Unusable(f"{self._path}: {error.strerror or error}") from error
