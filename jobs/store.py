"""Imported experiences, written in batches: what is new, what changed, and nothing else.

What was typed in here is never overwritten: a structure whose reply was written or edited by an
account keeps it, and one that was moved, assigned or otherwise worked on stays where it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple, Self

from tortoise.models import Model

from jobs.experience import Experience, Part
from jobs.reference import name_key
from jobs.telling import Telling
from models.audit import Place
from models.erasure import REVIEW
from models.improvement import Improvement
from models.office import Office
from models.reply import Reply
from models.review import Review, ReviewOriginal, ReviewStructure
from models.routing import Move, Transfer
from models.sql import Sql, connection, fetch
from models.tombstone import Marks, Tombstone, Trace

SOURCE = "services-publics-plus"
BATCH = 2_000


@dataclass
class Summary:
    """What an import did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    erased: int = 0
    """Left out, for they were erased here."""
    unplaced: int = 0
    """Structures whose office the directory does not tell."""

    def lines(self) -> Iterator[str]:
        """The summary for people."""
        yield (
            f"reviews: {self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.rejected} rejected"
        )
        if self.erased:
            yield f"  {self.erased} were erased here, and stay out"
        if self.unplaced:
            yield f"  {self.unplaced} structures are of an office that the directory does not tell"


class Found(NamedTuple):
    """An office that a name stands for, and where it is."""

    office: int | None = None
    department: str | None = None


class Finder:
    """Finds offices by the names that reviews give them."""

    def __init__(self, offices: Sequence[tuple[int, int, str, str | None, str | None]]) -> None:
        self._found: dict[tuple[int, str], list[Found]] = {}
        for key, network, name, pivot, department in offices:
            for called in {name_key(name), name_key(pivot or "")} - {""}:
                found = self._found.setdefault((network, called), [])
                found.append(Found(key, department))

    @classmethod
    async def load(cls) -> Self:
        """A finder of all offices that are known."""
        columns = ("id", "network_id", "name", "pivot_code", "department_id")
        return cls(await Office.all().values_list(*columns))

    def find(self, part: Part, postal_code: str | None) -> Found:
        """The office of `part`; of several by one name, the one in the user's department."""
        if part.name is None:
            return Found()
        named = self._found.get((part.network, name_key(part.name)), [])
        if len(named) > 1 and postal_code:
            department = _department(postal_code)
            named = [one for one in named if one.department == department]
        return named[0] if len(named) == 1 else Found()


def _department(postal_code: str) -> str:
    """The department of a postal code; those of Corsica share the 20 of old."""
    if postal_code.startswith("20"):
        return "2A" if postal_code[2:3] in {"0", "1"} else "2B"
    return postal_code[: 3 if postal_code.startswith(("97", "98")) else 2]


class Store:
    """Takes experiences one by one, and writes them in batches."""

    def __init__(self, summary: Summary, finder: Finder, marks: Marks) -> None:
        self._summary = summary
        self._finder = finder
        self._marks = marks
        self._waiting: list[Experience] = []
        self.telling = Telling()

    async def take(self, experience: Experience) -> None:
        """One more; it is written at the latest by `flush`."""
        self._waiting.append(experience)
        if len(self._waiting) >= BATCH:
            await self.flush()

    async def flush(self) -> None:
        """Write those that wait."""
        known = await self._known()
        fresh = []
        gone = await Tombstone.met(self._marks, self._traces(known))
        for experience in self._waiting:
            key, fingerprint = known.get(experience.source_id, (None, None))
            if key is None and gone.intersection(_traces(experience)):
                self._summary.erased += 1
            elif key is None:
                fresh.append(experience)
            elif fingerprint != experience.fingerprint:
                await self._change(key, experience)
            else:
                self._summary.unchanged += 1
        self._waiting.clear()
        await self._add(fresh)

    def _traces(self, known: Mapping[str, Any]) -> Iterator[Trace | None]:
        new = (one for one in self._waiting if one.source_id not in known)
        return (trace for one in new for trace in _traces(one))

    async def _known(self) -> dict[str, tuple[int, str]]:
        text = (
            "SELECT r.source_id, r.id, o.fingerprint FROM review r"
            " JOIN review_original o ON o.review_id = r.id"
            " WHERE r.source = ? AND r.source_id IN ??"
        )
        ids = [experience.source_id for experience in self._waiting]
        return {row[0]: (row[1], row[2]) for row in await fetch(Sql(text, (SOURCE, ids)))}

    async def _add(self, fresh: list[Experience]) -> None:
        if not fresh:
            return
        self._summary.new += len(fresh)
        reviews, originals, structures, replies = [], [], [], []
        parts = sum(len(experience.parts) for experience in fresh)
        structure_keys = iter(await _reserve(ReviewStructure, parts))
        for key, experience in zip(await _reserve(Review, len(fresh)), fresh, strict=True):
            told = experience.columns | _REVIEW
            reviews.append((key, SOURCE, experience.source_id, *told.values()))
            originals.append((key, experience.received, experience.fingerprint))
            places = {}
            for position, part in enumerate(experience.parts, 1):
                row, structure = self._structure(experience, part), next(structure_keys)
                structures.append((structure, key, position, *row.values(), *_NEW.values()))
                places[structure] = _place(row)
                if part.reply:
                    replies.append((structure, part.reply, experience.replied_at, *_REPLY.values()))
            self.telling.published(key, places)
        columns = ("id", "source", "source_id", *fresh[0].columns, *_REVIEW)
        await _insert(Review, columns, reviews)
        await _insert(ReviewOriginal, ("review_id", "received", "fingerprint"), originals)
        of_structures = ("id", "review_id", "position", *_STRUCTURE, *_NEW)
        await _insert(ReviewStructure, of_structures, structures)
        await _insert(Reply, ("structure_id", "body", "published_at", *_REPLY), replies)

    def _structure(self, experience: Experience, part: Part) -> dict[str, Any]:
        found = self._finder.find(part, experience.postal_code)
        self._summary.unplaced += part.name is not None and found.office is None
        return {
            "network_id": part.network,
            "office_id": found.office,
            "department_id": found.department,
            "received_name": part.name,
            "channels": part.channels,
            "sentiment": experience.columns["sentiment"],
            "published_at": experience.columns["published_at"],
            "answered": part.answered,
            "replied_at": experience.replied_at if part.answered else None,
        }

    async def _change(self, key: int, experience: Experience) -> None:
        self._summary.changed += 1
        await Review.filter(id=key).update(**experience.columns | await _redacted(key))
        original = {"received": experience.received, "fingerprint": experience.fingerprint}
        await ReviewOriginal.filter(review_id=key).update(**original)
        before = await _places(key)
        await self._change_parts(key, experience)
        self.telling.changed(key, before, await _places(key))

    async def _change_parts(self, key: int, experience: Experience) -> None:
        """Structures that were worked on here stay, and stand for the parts of their network."""
        of_review = ReviewStructure.filter(review_id=key)
        # Held against what is being typed in at this moment.
        held = await of_review.order_by("position").select_for_update()
        origins = await _origins(held)
        worked = [row for row in held if row.id in origins or await _worked(row)]
        kept, free = list(worked), [row for row in held if row not in worked]
        positions = count(1 + max((row.position for row in held), default=0))
        for part in experience.parts:
            row = self._structure(experience, part)
            stands = _standing(kept, part, origins)
            if stands is not None:
                kept.remove(stands)
                if stands.id not in origins and not await _replied(stands):
                    await _update(stands, {name: row[name] for name in _TOLD}, part, experience)
                continue
            if row["office_id"] in {one.office_id for one in worked} - {None}:
                continue  # it was moved there: a review does not concern an office twice
            if free:
                await _update(free.pop(0), row, part, experience)
            else:
                at = next(positions)
                made = await ReviewStructure.create(review_id=key, position=at, **row)
                await _set_reply(made.id, part.reply, experience.replied_at)
        await ReviewStructure.filter(id__in=[row.id for row in free]).delete()
        shown = {name: experience.columns[name] for name in ("sentiment", "published_at")}
        await of_review.update(**shown)


def _traces(experience: Experience) -> tuple[Trace, Trace | None]:
    """By what it would be known again, if it was erased."""
    told = Trace.told(REVIEW, experience.columns["title"], experience.columns["description"])
    return Trace.at(REVIEW, SOURCE, experience.source_id), told


_REVIEW = {"version": 1}
_NEW = {"version": 1}
_REPLY = {"state": "published", "greeting": "", "signature": "", "version": 1}
_STRUCTURE = (
    "network_id",
    "office_id",
    "department_id",
    "received_name",
    "channels",
    "sentiment",
    "published_at",
    "answered",
    "replied_at",
)
_TOLD = ("received_name", "channels", "answered", "replied_at")
"""What an import says of a structure that was worked on here: all but where it is."""


def _place(row: dict[str, Any]) -> Place:
    return Place(row["network_id"], row["department_id"], row["office_id"])


async def _places(review: int) -> dict[int, Place]:
    """Where a review is of concern, structure by structure."""
    found = await ReviewStructure.filter(review_id=review).order_by("position")
    return {one.id: Place.of(one) for one in found}


async def _redacted(review: int) -> dict[str, str]:
    """The texts of a review, where words were taken out of them here: those stay out."""
    found = await Review.get(id=review)
    if found.redacted_at is None:
        return {}
    return {name: getattr(found, name) for name in ("title", "description", "search")}


async def _set_reply(structure: int, body: str | None, at: datetime | None) -> None:
    """Make `body` the imported reply; one that stays keeps its id."""
    replies = Reply.filter(structure_id=structure)
    if body is None:
        await replies.delete()
    elif not await replies.update(body=body, published_at=at):
        await Reply.create(structure_id=structure, body=body, published_at=at)


async def _update(
    structure: ReviewStructure, row: dict[str, Any], part: Part, experience: Experience
) -> None:
    await ReviewStructure.filter(id=structure.id).update(**row)
    await _set_reply(structure.id, part.reply, experience.replied_at)


async def _origins(structures: Sequence[ReviewStructure]) -> dict[int, int]:
    """The networks of those that were moved here, as they were before."""
    moves = Move.filter(structure_id__in=[one.id for one in structures]).order_by("-id")
    return {move.structure_id: move.from_network_id for move in await moves}


def _standing(
    kept: Sequence[ReviewStructure], part: Part, origins: Mapping[int, int]
) -> ReviewStructure | None:
    """The one that stands for `part`, best by the name that was received."""
    same = [row for row in kept if origins.get(row.id, row.network_id) == part.network]
    named = [row for row in same if row.received_name == part.name]
    return next(iter(named or same), None)


async def _worked(structure: ReviewStructure) -> bool:
    """Whether someone here did anything with it."""
    return (
        structure.version > 1
        or await _replied(structure)
        or await Improvement.exists(structure=structure)
        or await Transfer.exists(structure=structure)
    )


async def _replied(structure: ReviewStructure) -> bool:
    """Whether someone here replied for it, or changed its reply."""
    replies = await Reply.filter(structure_id=structure.id)
    return any(reply.author_id is not None or reply.version > 1 for reply in replies)


async def _reserve(model: type[Model], count: int) -> Sequence[int]:
    """`count` ids, in order, that no one else will be given."""
    table = model._meta.db_table  # noqa: SLF001  (the name Tortoise keeps it by)
    if connection().capabilities.dialect == "sqlite":  # one writer: what follows is free
        rows = await fetch(Sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)))
        last = int(rows[0][0]) if rows else 0
        return range(last + 1, last + 1 + count)
    text = f"SELECT nextval('{table}_id_seq') FROM generate_series(1, ?::int)"
    return [row[0] for row in await fetch(Sql(text, (count,)))]


async def _insert(
    model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    db, table = connection(), model._meta.db_table  # noqa: SLF001  (as above)
    numbered = db.capabilities.dialect != "sqlite"
    marks = ", ".join(f"${n}" if numbered else "?" for n in range(1, len(columns) + 1))
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    await db.execute_many(text, [list(row) for row in rows])
