"""What reviews, their structures and replies are read from."""

from models import ids
from resolvers import reference
from resolvers.names import Axis, Channel, Sentiment
from resolvers.offices import OFFICE
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
        "body": Column("@.body"),
        "published_at": Column("@.published_at", as_datetime),
        "edited_at": Column("@.edited_at", as_datetime),
        "withdrawn_at": Column("@.withdrawn_at", as_datetime),
        "version": Column("@.version"),
    },
)


def _channels(sum_of_values: int) -> list[Channel]:
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
        "channels": Column("@.channels", _channels),
        "answered": Column("@.answered", bool),
        "replied_at": Column("@.replied_at", as_datetime),
        "review_key": Column("@.review_id"),
    },
    ones={
        "network": One(reference.NETWORK, "JOIN network # ON #.id = @.network_id"),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "reply": One(
            REPLY, "LEFT JOIN reply # ON #.structure_id = @.id AND #.withdrawn_at IS NULL"
        ),
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
    },
    ones={
        "axes": One(
            Noun(
                name="ReviewAxes",
                alias="r",
                source="review r",
                key="@.id",
                columns={name: Column(f"@.{name}", Sentiment) for name in AXES.values()},
            )
        )
    },
    part_of="s.position = 1 OR s.position = (SELECT min(s.position) FROM review_structure s"
    " WHERE s.review_id = r.id AND ({}))",
)
