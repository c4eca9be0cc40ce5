"""What exports hold: for each kind its fields, and its rows, a page at a time through the gate."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from enum import Enum, auto
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from auth import scope
from auth.scope import Scoped
from auth.viewer import Viewer
from models import ids
from models.export import Conditions
from models.sql import Sql
from resolvers.events import EVENT
from resolvers.names import Channel, ExportKind, ReplyState, Sentiment
from resolvers.review_rows import AXES, REPLY, REVIEW, STRUCTURE
from resolvers.rows import Noun, Ordering, Row, as_datetime, count, everything, select
from resolvers.selection import NOTHING, Selection

PAGE = 1_000
"""Rows that are in memory at once."""

UNCOUNTED = 1 << 62
PARIS = ZoneInfo("Europe/Paris")
PLATFORM = "services-publics-plus"
OURS = 10**17
"""`id_experience` of what did not come from the platform begins here, beyond all of its own."""


class Value(Enum):
    """What a field holds."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    MOMENT = auto()
    DAY = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """A column of an export."""

    name: str
    value: Value = Value.TEXT


Flat = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a kind come from, in the order of `key`, and how they are made flat."""

    fields: tuple[Field, ...]
    noun: Noun
    key: str
    selection: Selection
    scoped: Callable[[Viewer, Conditions], Scoped[Any]]
    flat: Callable[[Viewer, Sequence[Row]], Awaitable[list[Flat]]]

    async def total(self, viewer: Viewer, conditions: Conditions, cap: int = UNCOUNTED) -> int:
        """How many rows there are, counted up to `cap`."""
        return await count(self.noun, self.scoped(viewer, conditions), cap)

    async def page(
        self, viewer: Viewer, conditions: Conditions, after: int
    ) -> tuple[list[Flat], int]:
        """The rows after the key `after`, and the last key among them; none at the end."""
        beyond = self.scoped(viewer, conditions).narrow(where=[Sql(f"{self.key} > ?", (after,))])
        ordering = Ordering(Sql(self.key), PAGE, Sql(self.key))
        rows = await select(self.noun, beyond, self.selection, ordering)
        return await self.flat(viewer, rows), rows[-1].sort_key if rows else after


def _met(conditions: Conditions, moment: str, alias: str = "s") -> Iterable[Sql]:
    """The conditions on where something is of concern, and on the `moment` that counts."""
    for column, keys in (
        ("network_id", conditions.networks),
        ("office_id", conditions.offices),
        ("department_id", conditions.departments),
    ):
        if keys is not None:
            yield Sql(f"{alias}.{column} IN ??", (list(keys),))
    if conditions.since is not None:
        yield Sql(f"{moment} >= ?", (conditions.since,))
    if conditions.until is not None:
        yield Sql(f"{moment} < ?", (conditions.until,))


def _events(viewer: Viewer, conditions: Conditions) -> Scoped[Any]:
    return scope.events(viewer).narrow(where=_met(conditions, "e.at", alias="e"))


def _reviews(viewer: Viewer, conditions: Conditions) -> Scoped[Any]:
    return scope.reviews(viewer).narrow(parts=_met(conditions, "s.published_at"))


def _replies(viewer: Viewer, conditions: Conditions) -> Scoped[Any]:
    published = Sql("p.state = ?", (ReplyState.PUBLISHED.value,))
    return scope.replies(viewer).narrow(where=[published, *_met(conditions, "p.published_at")])


def _select(*names: str, **inner: Selection) -> Selection:
    return Selection({**dict.fromkeys(names, NOTHING), **inner})


_PART = _select(
    *("position", "receivedName", "channels", "answered", "repliedAt", "reviewKey"),
    network=_select("code", "name"),
    office=_select("id", "name"),
    department=_select("code"),
    reply=_select("greeting", "body", "signature"),
)


async def _parts(viewer: Viewer, reviews: Sequence[Row]) -> dict[int, list[Row]]:
    """The structures of each of `reviews`, in order, three at most."""
    found: dict[int, list[Row]] = {row.key: [] for row in reviews}
    among = Sql("s.review_id IN ??", (list(found),))
    for row in await select(STRUCTURE, scope.structures(viewer).narrow(where=[among]), _PART):
        found[row.review_key].append(row)
    return {key: sorted(rows, key=lambda row: row.position)[:3] for key, rows in found.items()}


_NUMBERS = (1, 2, 3)
_TEXT, _BOOLEAN, _MOMENT, _DAY = Value.TEXT, Value.BOOLEAN, Value.MOMENT, Value.DAY
_REVIEW_FIELDS = (
    *map(Field, ("id", "source", "sourceId", "title", "description", "sentiment")),
    Field("writtenOn", _DAY),
    Field("publishedAt", _MOMENT),
    *map(Field, ("postedAs", "country", "postalCode", "improvement", "action")),
    Field("procedure"),
    Field("version", Value.NUMBER),
    Field("redacted", _BOOLEAN),
    *(Field(axis) for axis in AXES.values()),
)
_PART_FIELDS = (
    *map(Field, ("network", "officeId", "office", "department", "channels")),
    Field("answered", _BOOLEAN),
    Field("repliedAt", _MOMENT),
    Field("reply"),
)


async def _flat_reviews(viewer: Viewer, rows: Sequence[Row]) -> list[Flat]:
    parts = await _parts(viewer, rows)
    return [_flat_review(row, parts[row.key]) for row in rows]


def _flat_review(row: Row, parts: Sequence[Row]) -> Flat:
    flat = {
        "id": row.id,
        "source": row.source,
        "sourceId": row.source_id,
        "title": row.title,
        "description": row.description,
        "sentiment": row.sentiment.name,
        "writtenOn": row.written_on,
        "publishedAt": row.published_at,
        "postedAs": row.posted_as,
        "country": row.country,
        "postalCode": row.postal_code,
        "improvement": row.improvement,
        "action": row.action,
        "procedure": row.procedure and row.procedure.code,
        "version": row.version,
        "redacted": row.redacted,
    }
    for axis in AXES.values():
        said = getattr(row.axes, axis)
        flat[axis] = None if said is None else said.name
    for number in _NUMBERS:
        part = parts[number - 1] if number <= len(parts) else None
        values = dict.fromkeys(field.name for field in _PART_FIELDS) if part is None else _of(part)
        flat.update({f"{name}{number}": value for name, value in values.items()})
    return flat


def _of(part: Row) -> Flat:
    return {
        "network": part.network.code,
        "officeId": part.office and part.office.id,
        "office": part.office.name if part.office else part.received_name,
        "department": part.department and part.department.code,
        "channels": ",".join(channel.name for channel in part.channels),
        "answered": part.answered,
        "repliedAt": part.replied_at,
        "reply": _whole(part.reply),
    }


def _whole(reply: Row | None) -> str | None:
    """A reply as its reader has it."""
    if reply is None:
        return None
    return "\n\n".join(filter(None, (reply.greeting, reply.body, reply.signature)))


_REPLY_FIELDS = (
    *map(Field, ("id", "structureId", "greeting", "body", "signature")),
    Field("publishedAt", _MOMENT),
    Field("editedAt", _MOMENT),
    Field("helpful", _BOOLEAN),
    Field("version", Value.NUMBER),
)


async def _flat_replies(_: Viewer, rows: Sequence[Row]) -> list[Flat]:
    return [
        {
            "id": row.id,
            "structureId": ids.encode("ReviewStructure", row.structure_key),
            "greeting": row.greeting,
            "body": row.body,
            "signature": row.signature,
            "publishedAt": row.published_at,
            "editedAt": row.edited_at,
            "helpful": row.helpful,
            "version": row.version,
        }
        for row in rows
    ]


_EVENT = _select(
    *("id", "at", "type", "subject", "item", "facts"),
    network=_select("code"),
    department=_select("code"),
    office=_select("id"),
)
_EVENT_FIELDS = (
    Field("id"),
    Field("at", _MOMENT),
    *map(Field, ("type", "subject", "item", "network", "department", "officeId", "facts")),
)


async def _flat_events(_: Viewer, rows: Sequence[Row]) -> list[Flat]:
    return [
        {
            "id": row.id,
            "at": row.at,
            "type": row.type,
            "subject": row.subject,
            "item": row.item,
            "network": row.network and row.network.code,
            "department": row.department and row.department.code,
            "officeId": row.office and row.office.id,
            "facts": orjson.dumps(row.facts).decode(),
        }
        for row in rows
    ]


_SAID = {Sentiment.POSITIVE: "Positif", Sentiment.NEUTRAL: "Neutre", Sentiment.NEGATIVE: "Négatif"}
_BY = {
    Channel.COUNTER: "Guichet",
    Channel.PHONE: "Téléphone",
    Channel.ONLINE: "Internet",
    Channel.EMAIL: "Courriel",
    Channel.MAIL: "Courrier",
    Channel.APP: "Application",
    Channel.OTHER: "Autre",
}
_TAGS = dict(
    zip(
        AXES.values(),
        ("accessibilite", "information_explication", "relation", "reactivite", "simplicite"),
        strict=True,
    )
)
_OPEN_FIELDS = (
    *map(Field, ("id_experience", "etat_experience", "ecrit_le", "date_de_publication")),
    *map(Field, ("titre", "description", "poste_comme", "ressenti_usager", "pays")),
    *map(Field, ("code_postal_usager", "amelioration_de_service_a_considerer", "action")),
    *map(Field, _TAGS.values()),
    Field("date_de_premiere_reponse"),
    *(
        Field(f"{name}_{number}")
        for number in _NUMBERS
        for name in (
            "intitule_typologie",
            "intitule_structure",
            "canaux_typologie",
            "reponse_structure",
        )
    ),
)


async def _flat_open_data(viewer: Viewer, rows: Sequence[Row]) -> list[Flat]:
    parts = await _parts(viewer, rows)
    return [_flat_experience(row, parts[row.key]) for row in rows]


def _flat_experience(row: Row, parts: Sequence[Row]) -> Flat:
    own = row.source == PLATFORM and row.source_id.isascii() and row.source_id.isdecimal()
    replied = [part.replied_at for part in parts if part.replied_at is not None]
    flat: Flat = dict.fromkeys(field.name for field in _OPEN_FIELDS)
    flat |= {
        "id_experience": row.source_id if own else str(OURS + row.key),
        "etat_experience": "Traitée" if any(part.answered for part in parts) else None,
        "ecrit_le": row.written_on and row.written_on.isoformat(),
        "date_de_publication": _day_or_moment(row.published_at),
        "titre": row.title,
        "description": row.description,
        "poste_comme": row.posted_as,
        "ressenti_usager": _SAID[row.sentiment],
        "pays": row.country,
        "code_postal_usager": row.postal_code,
        "amelioration_de_service_a_considerer": row.improvement,
        "action": row.action,
        "date_de_premiere_reponse": _day_or_moment(min(replied)) if replied else None,
    }
    for axis, name in _TAGS.items():
        flat[name] = _SAID.get(getattr(row.axes, axis))
    for number, part in enumerate(parts, 1):
        flat |= {
            f"intitule_typologie_{number}": part.network.name,
            f"intitule_structure_{number}": part.office.name if part.office else part.received_name,
            f"canaux_typologie_{number}": ",".join(_BY[one] for one in part.channels) or None,
            f"reponse_structure_{number}": _whole(part.reply),
        }
    return flat


def _day_or_moment(value: Any) -> str:
    """As the platform tells time: the day, where that is all that is known; else the moment."""
    moment = as_datetime(value)
    there = moment.astimezone(PARIS)
    return there.date().isoformat() if there.time() == time() else moment.isoformat()


SOURCES = {
    ExportKind.REVIEWS: Source(
        fields=(
            *_REVIEW_FIELDS,
            *(
                Field(f"{field.name}{number}", field.value)
                for number in _NUMBERS
                for field in _PART_FIELDS
            ),
        ),
        noun=REVIEW,
        key="s.review_id",
        selection=everything(REVIEW),
        scoped=_reviews,
        flat=_flat_reviews,
    ),
    ExportKind.REPLIES: Source(
        fields=_REPLY_FIELDS,
        noun=REPLY,
        key="p.id",
        selection=everything(REPLY),
        scoped=_replies,
        flat=_flat_replies,
    ),
    ExportKind.EVENTS: Source(
        fields=_EVENT_FIELDS,
        noun=EVENT,
        key="e.id",
        selection=_EVENT,
        scoped=_events,
        flat=_flat_events,
    ),
    ExportKind.OPEN_DATA: Source(
        fields=_OPEN_FIELDS,
        noun=REVIEW,
        key="s.review_id",
        selection=everything(REVIEW),
        scoped=_reviews,
        flat=_flat_open_data,
    ),
}
"""What is taken out, by kind."""
