"""What reviews, their structures and replies are read from."""

from datetime import UTC, datetime

from models import ids
from models.paris import due_at
from models.reply import REPLYING
from resolvers import findings, reference
from resolvers.names import Axis, Channel, ReplyState, Sentiment
from resolvers.offices import OFFICE
from resolvers.procedures import NAMED
from resolvers.rows import Column, Noun, One, as_date, as_datetime

AXES = {axis: axis.name.lower() for axis in Axis}
"""The column of each general tag."""

REPLY = Noun(
    name="Reply",
    alias="p",
    source="reply p JOIN review_structure s ON s.id = p.structure_id",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Reply", key)),
        "state": Column("@.state", ReplyState),
        "steps": Column("@.state", lambda state: REPLYING.possible(ReplyState(state))),
        "greeting": Column("@.greeting"),
        "body": Column("@.body"),
        "signature": Column("@.signature"),
        "helpful": Column("@.helpful", bool),
        "findings": Column(
            "@.greeting || '\n' || @.signature || '\n' || @.body", findings.of_reply
        ),
        "published_at": Column("@.published_at", as_datetime),
        "edited_at": Column("@.edited_at", as_datetime),
        "withdrawn_at": Column("@.withdrawn_at", as_datetime),
        "version": Column("@.version"),
        "structure_key": Column("@.structure_id"),
    },
)
REPLY_VERSION = Noun(
    name="ReplyVersion",
    alias="v",
    source="reply_version v JOIN reply p ON p.id = v.reply_id"
    " JOIN review_structure s ON s.id = p.structure_id",
    key="@.id",
    columns={
        "version": Column("@.version"),
        "step": Column("@.step"),
        "state": Column("@.state", ReplyState),
        "greeting": Column("@.greeting"),
        "body": Column("@.body"),
        "signature": Column("@.signature"),
        "note": Column("@.note"),
        "at": Column("@.at", as_datetime),
        "by": Column("@.by_id", lambda key: ids.encode("Account", key)),
    },
)
LATE_EDIT = Noun(
    name="ReplyVersion",
    alias="v",
    source="late_edit v JOIN reply p ON p.id = v.reply_id"
    " JOIN review_structure s ON s.id = p.structure_id",
    key="@.id",
    columns=dict(REPLY_VERSION.columns)
    | {
        "step": Column("'late'"),
        "state": Column("p.state", ReplyState),
        "note": Column("''"),
    },
)
_TARGET = "(SELECT target.reply_days FROM network target WHERE target.id = @.network_id)"


def _due_at(published_and_days: str) -> datetime:
    published, days = published_and_days.rsplit("|", 1)
    return due_at(as_datetime(published), int(days))


def _overdue(published_and_days: str) -> bool:
    answered, published = published_and_days.split("|", 1)
    return answered == "0" and _due_at(published) <= datetime.now(UTC)


def channels_of(sum_of_values: int) -> list[Channel]:
    """The channels whose values add up to this."""
    return [channel for channel in Channel if channel & sum_of_values]


STRUCTURE = Noun(
    name="ReviewStructure",
    alias="s",
    source="review_structure s",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("ReviewStructure", key)),
        "position": Column("@.position"),
        "received_name": Column("@.received_name"),
        "channels": Column("@.channels", channels_of),
        "answered": Column("@.answered", bool),
        "replied_at": Column("@.replied_at", as_datetime),
        "due_at": Column(f"CAST(@.published_at AS text) || '|' || {_TARGET}", _due_at),
        "overdue": Column(
            "CASE WHEN @.answered THEN '1|' ELSE '0|' END || CAST(@.published_at AS text)"
            f" || '|' || {_TARGET}",
            _overdue,
        ),
        "version": Column("@.version"),
        "assignee_of": Column("@.assignee_id", lambda key: ids.encode("Account", key)),
        "review_key": Column("@.review_id"),
        "network_key": Column("@.network_id"),
        "department_key": Column("@.department_id"),
        "office_key": Column("@.office_id"),
    },
    ones={
        "network": One(reference.NETWORK, "JOIN network # ON #.id = @.network_id"),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "reply": One(REPLY, "LEFT JOIN reply # ON #.structure_id = @.id AND #.state = 'published'"),
    },
)
REVIEW = Noun(
    name="Review",
    alias="r",
    source="review_structure s JOIN review r ON r.id = s.review_id",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Review", key)),
        "source": Column("@.source"),
        "source_id": Column("@.source_id"),
        "title": Column("@.title"),
        "description": Column("@.description"),
        "sentiment": Column("@.sentiment", Sentiment),
        "written_on": Column("@.written_on", as_date),
        "published_at": Column("@.published_at", as_datetime),
        "posted_as": Column("@.posted_as"),
        "country": Column("@.country"),
        "postal_code": Column("@.postal_code"),
        "improvement": Column("@.improvement"),
        "action": Column("@.action"),
        "version": Column("@.version"),
        "redacted": Column("@.redacted_at IS NOT NULL", bool),
    },
    ones={
        "procedure": NAMED,
        "axes": One(
            Noun(
                name="ReviewAxes",
                alias="r",
                source="review r",
                key="@.id",
                columns={name: Column(f"@.{name}", Sentiment) for name in AXES.values()},
            )
        ),
    },
    part_of="s.position = 1 OR s.position = (SELECT min(s.position) FROM review_structure s"
    " WHERE s.review_id = r.id AND ({}))",
)
