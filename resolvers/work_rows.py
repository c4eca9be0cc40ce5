"""What is read of where reviews go, and of what those who work on them keep beside them."""

import orjson

from models import ids
from models.flag import FLAGGING
from models.improvement import IMPROVING
from models.routing import TRANSFERRING
from resolvers import reference
from resolvers.names import FlagState, ImprovementState, RejectReason, Sentiment, TransferState
from resolvers.offices import OFFICE
from resolvers.rows import Column, Noun, One, as_date, as_datetime


def _account(column: str) -> Column:
    return Column(f"@.{column}", lambda key: ids.encode("Account", key))


def _place(alias: str, prefix: str = "") -> One:
    """Where something is of concern: three columns of the same table."""
    joins = {
        "network": One(reference.NETWORK, f"JOIN network # ON #.id = @.{prefix}network_id"),
        "department": One(
            reference.DEPARTMENT, f"LEFT JOIN department # ON #.code = @.{prefix}department_id"
        ),
        "office": One(OFFICE, f"LEFT JOIN office # ON #.id = @.{prefix}office_id"),
    }
    return One(Noun("ConcernedPlace", alias=alias, source="", key="@.id", columns={}, ones=joins))


MOVE = Noun(
    name="StructureMove",
    alias="m",
    source="structure_move m JOIN review_structure s ON s.id = m.structure_id",
    key="@.id",
    columns={
        "reason": Column("@.reason"),
        "at": Column("@.at", as_datetime),
        "by": _account("by_id"),
    },
    ones={"origin": _place("m", "from_"), "target": _place("m", "to_")},
)
TRANSFER = Noun(
    name="Transfer",
    alias="x",
    source="transfer x",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Transfer", key)),
        "state": Column("@.state", TransferState),
        "steps": Column("@.state", lambda state: TRANSFERRING.possible(TransferState(state))),
        "reason": Column("@.reason"),
        "note": Column("@.note"),
        "asked_at": Column("@.asked_at", as_datetime),
        "asked_by": _account("asked_by_id"),
        "decided_at": Column("@.decided_at", as_datetime),
        "decided_by": _account("decided_by_id"),
        "version": Column("@.version"),
        "structure_id": Column("@.structure_id", lambda key: ids.encode("ReviewStructure", key)),
        "structure_key": Column("@.structure_id"),
        "review": Column("@.review_id"),
    },
    ones={"origin": _place("x"), "target": _place("x", "to_")},
)
FLAG = Noun(
    name="ReviewFlag",
    alias="y",
    source="review_flag y",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("ReviewFlag", key)),
        "state": Column("@.state", FlagState),
        "steps": Column("@.state", lambda state: FLAGGING.possible(FlagState(state))),
        "reason": Column("@.reason", RejectReason),
        "note": Column("@.note"),
        "answer": Column("@.answer"),
        "flagged_at": Column("@.flagged_at", as_datetime),
        "flagged_by": _account("flagged_by_id"),
        "decided_at": Column("@.decided_at", as_datetime),
        "version": Column("@.version"),
        "review": Column("@.review_id"),
    },
)
COMMENT = Noun(
    name="Comment",
    alias="c",
    source="review_comment c",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Comment", key)),
        "body": Column("@.body"),
        "at": Column("@.at", as_datetime),
        "edited_at": Column("@.edited_at", as_datetime),
        "author": _account("author_id"),
        "version": Column("@.version"),
        "review": Column("@.review_id"),
    },
    blank={"mentions": ()},
)
MENTION = Noun(
    name="Mention",
    alias="i",
    source="mention i JOIN review_comment c ON c.id = i.comment_id",
    key="@.id",
    columns={"account": _account("account_id"), "comment_key": Column("@.comment_id")},
)
BUSINESS_TAG = Noun(
    name="BusinessTag",
    alias="b",
    source="business_tag b JOIN network n ON n.id = b.network_id",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("BusinessTag", key)),
        "name": Column("@.name"),
        "folded": Column("@.folded"),
        "active": Column("@.active", bool),
        "version": Column("@.version"),
    },
    ones={"network": One(reference.NETWORK, "JOIN network # ON #.id = @.network_id")},
)
STRUCTURE_TAG = Noun(
    name="StructureTag",
    alias="h",
    source="structure_tag h JOIN review_structure s ON s.id = h.structure_id"
    " JOIN business_tag b ON b.id = h.tag_id",
    key="@.id",
    columns={
        "polarity": Column("@.polarity", Sentiment),
        "structure_key": Column("@.structure_id"),
    },
    ones={"tag": One(BUSINESS_TAG, "JOIN business_tag # ON #.id = @.tag_id")},
)
IMPROVEMENT = Noun(
    name="Improvement",
    alias="w",
    source="improvement w JOIN review_structure s ON s.id = w.structure_id",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Improvement", key)),
        "state": Column("@.state", ImprovementState),
        "steps": Column("@.state", lambda state: IMPROVING.possible(ImprovementState(state))),
        "need": Column("@.need"),
        "plan": Column("@.plan"),
        "planned_for": Column("@.planned_for", as_date),
        "change": Column("@.change"),
        "made_on": Column("@.made_on", as_date),
        "why_dropped": Column("@.why_dropped"),
        "flagged_at": Column("@.flagged_at", as_datetime),
        "flagged_by": _account("flagged_by_id"),
        "version": Column("@.version"),
        "structure_id": Column("@.structure_id", lambda key: ids.encode("ReviewStructure", key)),
        "structure_key": Column("@.structure_id"),
        "review": Column("s.review_id"),
    },
)
SAVED_FILTER = Noun(
    name="SavedFilter",
    alias="l",
    source="saved_filter l",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("SavedFilter", key)),
        "name": Column("@.name"),
        "where": Column("@.conditions", orjson.loads),
        "version": Column("@.version"),
    },
)
