"""What was erased and must not come back, known by keyed hashes only (docs/decisions/0031)."""

import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Self

from tortoise import fields
from tortoise.models import Model

from models.sql import Sql, connection, fetch
from models.text import words

DISTINCT = 100
"""Characters of a text, folded, from which on nobody else writes the same by chance."""


class Trace(NamedTuple):
    """By what something that was erased would be known again: its place at a source, or its words.

    Reviews and document reports are apart: `kind` says of which it is.
    """

    kind: str
    words: tuple[str, ...]

    @classmethod
    def at(cls, kind: str, source: str, source_id: str) -> Self:
        """Its identifier at its source."""
        return cls(kind, (source, source_id))

    @classmethod
    def told(cls, kind: str, *texts: str) -> Self | None:
        """Its words, whatever their case, accents and punctuation; None for what is too short."""
        folded = " ".join(words(" ".join(texts)))
        return cls(f"{kind} text", (folded,)) if len(folded) >= DISTINCT else None


class Marks:
    """Turns traces into marks that tell nothing to who lacks the keys: by the first key.

    What any of the keys has marked is known again.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys

    def of(self, trace: Trace) -> list[str]:
        """The marks of `trace`, that of the first key first."""
        told = "\0".join((trace.kind, *trace.words)).encode(errors="surrogatepass")
        return [hmac.new(key, told, "sha256").hexdigest() for key in self._keys]


class Tombstone(Model):
    """That something was erased. `scrubbed_at` is when it went from the files of SQLite too."""

    id = fields.BigIntField(primary_key=True)
    mark = fields.CharField(max_length=64, unique=True)
    at = fields.DatetimeField()
    scrubbed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tombstone"

    @classmethod
    async def lay(cls, marks: Marks, traces: Iterable[Trace]) -> None:
        """Keep `traces` from coming back."""
        now = datetime.now(UTC)
        made = [cls(mark=marks.of(trace)[0], at=now) for trace in set(traces)]
        await cls.bulk_create(made, ignore_conflicts=True)

    @classmethod
    async def met(cls, marks: Marks, traces: Iterable[Trace | None]) -> set[Trace]:
        """Those among `traces` that were erased; none is looked at before anything was."""
        if not await fetch(Sql("SELECT 1 FROM tombstone LIMIT 1")):
            return set()
        asked = {mark: trace for trace in traces if trace for mark in marks.of(trace)}
        found = await fetch(Sql("SELECT mark FROM tombstone WHERE mark IN ??", (list(asked),)))
        return {asked[row[0]] for row in found}


async def scrub() -> int:
    """See that what was erased since is not in the files of SQLite either: how much it was.

    Removed rows are overwritten there; what is left are the words that search keeps until it
    merges them, and the log of what was written. While somebody reads, the log stays as it is.
    On PostgreSQL it is VACUUM's work.
    """
    waiting = Tombstone.filter(scrubbed_at=None)
    found = await waiting.count()
    if not found or connection().capabilities.dialect != "sqlite":
        return 0
    await fetch(Sql("INSERT INTO review_search (review_search) VALUES ('optimize')"))
    ((busy, *_),) = await fetch(Sql("PRAGMA wal_checkpoint(TRUNCATE)"))
    return 0 if busy else await waiting.update(scrubbed_at=datetime.now(UTC))
